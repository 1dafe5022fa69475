"""What the store's page tells: how full the disk is, what everybody's things and old versions take, what leaves when.

A few rows that the nightly work counted, and totals that are kept anyway: nothing here walks the ledger. A member
learns of their own things and the household's, an administrator the sizes of everybody, and nobody a name of others'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel import dates
from flask_babel import gettext

from appliance.clock import from_micros
from appliance.history import keeping
from appliance.history.keeping import Chosen
from appliance.household import people
from appliance.household.people import Person
from appliance.store import footprints, queries, scrub
from appliance.store.database import Reading
from appliance.store.footprints import COPIES, FORMER, LATER, OBJECTS, Amount
from appliance.store.scrub import Position, Result
from web import language
from web.rooms import rooms
from web.visitor import visitor

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody has here: now, and in old versions."""

    person: Person
    now_bytes: int
    former: Amount


@dataclass(frozen=True, slots=True)
class Stock:
    """What everybody has whom the visitor may know of. `counted_at` None: old versions were never counted."""

    each: Sequence[Has]
    counted_at: datetime | None
    copies: Amount
    later: Amount

    @property
    def now_bytes(self) -> int:
        """What is here now."""
        return sum(has.now_bytes for has in self.each)

    @property
    def former(self) -> Amount:
        """All old versions."""
        return sum((has.former for has in self.each), Amount())


@dataclass(frozen=True, slots=True)
class Day:
    """What leaves on a day: all of it, and for an administrator whose."""

    day: date
    amount: Amount
    shares: Sequence[tuple[str, int]]  # (name, how many), where there is more than one person

    @property
    def on(self) -> str:
        """The day without its year, in one piece."""
        return language.day_of_year(self.day, visitor().language).replace(" ", language.NBSP)

    @property
    def away(self) -> str:
        """How far away it is."""
        days = (self.day - today()).days
        if days <= 0:
            return str(gettext("tonight"))
        return dates.format_timedelta(
            timedelta(days=days), add_direction=True, threshold=1000, granularity="day", locale=visitor().language
        )

    @property
    def is_tonight(self) -> bool:
        """Whether the coming night lets it go."""
        return self.day <= today()


@dataclass(frozen=True, slots=True)
class Reread:
    """How it stands with reading everything again."""

    position: Position | None
    result: Result | None
    is_going_on: bool

    @property
    def began_at(self) -> datetime | None:
        """When the pass began that goes on or was stopped."""
        return None if self.position is None else from_micros(self.position.began_at)

    @property
    def ended_at(self) -> datetime | None:
        """When the last whole pass ended."""
        return None if self.result is None else from_micros(self.result.ended_at)


def today() -> date:
    """Return the day it is in the household."""
    here = visitor()
    return here.now.astimezone(here.zone).date()


def known(reading: Reading) -> list[Person]:
    """Return whom the visitor may know the sizes of: themselves and the household, for an administrator everybody."""
    here = visitor().member
    return [each for each in people.people(reading) if here.admin or each.id == here.id or each.household]


def stock(reading: Reading) -> Stock:
    """Return what everybody has, the largest first, the household last."""
    counted_at, amounts, everybody = footprints.counted_at(reading), footprints.amounts(reading), known(reading)
    each = [
        Has(
            person,
            queries.live_bytes(reading, [person.addressbook_home_id, person.calendar_home_id, person.files_home_id]),
            amounts.get((person.id, FORMER), Amount()) + amounts.get((person.id, OBJECTS), Amount()),
        )
        for person in everybody
    ]
    ids = {person.id for person in everybody}
    return Stock(
        sorted(each, key=lambda has: (has.person.household, -has.now_bytes - has.former.size_bytes)),
        None if counted_at is None else from_micros(counted_at),
        _sum(amount for (id_, kind), amount in amounts.items() if kind == COPIES and id_ in ids),
        _sum(amount for (id_, kind), amount in amounts.items() if kind == LATER and id_ in ids),
    )


def leaving(reading: Reading) -> list[Day]:
    """Return what leaves of all whom the visitor may know of, a row for each day, the next one first."""
    names = {person.id: person.display_name for person in known(reading)}
    days: dict[date, list[tuple[str, Amount]]] = {}
    for each in footprints.forecast(reading):
        if each.person_id in names:
            days.setdefault(max(each.day, today()), []).append((names[each.person_id], each.amount))
    return [
        Day(day, _sum(amount for _, amount in some), [(name, amount.states) for name, amount in some])
        for day, some in sorted(days.items())
    ]


def leaving_soon(reading: Reading) -> Day | None:
    """Return what leaves next, where that is within a week."""
    first = next(iter(leaving(reading)), None)
    return first if first is not None and first.day - today() <= SOON else None


def reread(reading: Reading) -> Reread:
    """Return how it stands with reading everything again."""
    position = scrub.position(reading)
    return Reread(position, scrub.result(reading), rooms().rereader.is_going_on())


def leaving_on(reading: Reading, day: date) -> Chosen:
    """Return the versions that leave on a day, of all whom the visitor may know of; what is overdue leaves tonight."""
    first = date.min if day == today() else day
    return keeping.leaving_between(reading, first, day, [person.id for person in known(reading)])


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())
