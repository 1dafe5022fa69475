"""The store: how full the disk is, what everybody has, how long former states stay, and whether all is sound.

Every number is a total that is kept anyway, or one that only what is unusual makes larger. What leaves when is a walk
over the ledger, so it is a page of its own that is asked for. An administrator learns sizes, never names.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from appliance.clock import from_micros
from appliance.history.pruning import Pruner, chosen_policy
from appliance.household import people
from appliance.household.people import Person
from appliance.store import alarms, hold_rows, kept, queries, scrub, thinning
from appliance.store.covering import SPARE_BYTES, uncovered_files
from appliance.store.database import Reading
from web import presence
from web.language import day
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

MOST_DAYS = 31  # departures that are told day by day


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody has here now, by kind."""

    person: Person
    contacts_bytes: int
    calendar_bytes: int
    files_bytes: int

    @property
    def whole_bytes(self) -> int:
        """All of it."""
        return self.contacts_bytes + self.calendar_bytes + self.files_bytes


def show() -> ResponseReturnValue:
    """Show the store."""
    here, settings = visitor().member, rooms().services.settings
    with rooms().services.ledger.database.read() as reading:
        everybody = [each for each in people.people(reading) if here.admin or each.id == here.id or each.household]
        limit = settings.covered_file_limit_bytes
        uncovered, large = uncovered_files(reading, limit) if here.admin else (0, 0)
        ran_at = thinning.last_run_at(reading)
        return render_template(
            "store.html", disk=presence.disk(), settings=settings,
            everybody=sorted((_has(reading, each) for each in everybody), key=_size), kept=kept.how_many(reading),
            ran_at=None if ran_at is None else from_micros(ran_at), waiting=uncovered - large, large=large,
            spare_bytes=SPARE_BYTES, reading_on=scrub.position(reading), damage=len(scrub.damage(reading)),
            alarms=len(alarms.waiting(reading)), is_held=hold_rows.box_is_held(reading), when=from_micros,
        )  # fmt: skip


def leaving() -> ResponseReturnValue:
    """Show what leaves when, as retention would decide now."""
    people.require_administrator(visitor().reading, visitor().author)
    services = rooms().services
    found = Pruner(services.ledger, chosen_policy(services.settings, visitor().zone)).outlook()
    days, rest = found.departures[:MOST_DAYS], found.departures[MOST_DAYS:]
    return render_template(
        "store_leaving.html", due=found.due, days=[(day(each.day, visitor().language), each) for each in days],
        rest=sum(each.versions for each in rest), last=day(rest[-1].day, visitor().language) if rest else "",
    )  # fmt: skip


def _has(reading: Reading, person: Person) -> Has:
    return Has(
        person,
        queries.live_bytes(reading, [person.addressbook_home_id]),
        queries.live_bytes(reading, [person.calendar_home_id]),
        queries.live_bytes(reading, [person.files_home_id]),
    )


def _size(has: Has) -> tuple[bool, int]:
    return has.person.household, -has.whole_bytes


ROUTES = (Route("/store", show), Route("/store/leaving", leaving))
