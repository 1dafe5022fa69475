"""A place in the past: a folder, an address book, a calendar as it was at a moment, to be looked at and taken from.

It is unmistakable and read-only: whatever leads to a change leads to the page that says what would happen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.dav.contracts import Address, Kind, Resource
from appliance.history.exporting import Exported, Exporter
from appliance.household import people
from appliance.store import former
from appliance.store.database import Reading
from appliance.tree.past.files import PastFolder
from appliance.tree.past.homes import PastHome
from appliance.tree.past.objects import PastObjects
from web.asked import Moment, copy_name, read_moment
from web.language import day_of_year
from web.rooms import rooms
from web.routes import Route
from web.sending import attachment
from web.then import Fate, Place, then
from web.visitor import visitor

DOORS = {"files": "files.show", "addressbooks": "contacts.books", "calendars": "calendars.show"}


@dataclass(frozen=True, slots=True)
class Step:
    """Where the arrows of the band lead; None: nothing happened before, or since."""

    before: str | None
    after: str | None


def go() -> ResponseReturnValue:
    """Lead from a form with a moment to the page of that moment."""
    address = request.args.get("address", "").strip("/")
    return redirect(url_for("past.show", moment=request.args.get("moment", "").strip() or "now", address=address))


def show(moment: str, address: str) -> ResponseReturnValue:
    """Show a collection as it was; a single thing has a page of its own for that."""
    parts = tuple(part for part in address.split("/") if part)
    with rooms().services.ledger.database.read() as reading:
        at = read_moment(reading, moment)
        place = _found(at, parts)
        if not isinstance(place, (PastFolder, PastObjects, PastHome)):
            return redirect(_page_of(place, parts, at))
        told = then(reading, place, at.seq, _only(), request.args.get("from", 0, type=int))
        step = _step(reading, place, at.seq)
    local_day = day_of_year(at.at.astimezone(visitor().zone), visitor().language)
    return render_template(
        "then.html", at=at, place=place, address=parts, told=told, step=step, only=_only(), name=_name(place, parts),
        now=_now(parts), day=local_day, owner=_owner(parts), door=DOORS[parts[0]],
        copy_name=copy_name(parts[-1], at, is_one=False),
    )  # fmt: skip


def download(moment: str, address: str) -> ResponseReturnValue:
    """Send a collection as it was: a folder as a zip, an address book or a calendar as one file."""
    parts = tuple(part for part in address.split("/") if part)
    reading = visitor().reading
    at = read_moment(reading, moment)
    place = _found(at, parts)
    if isinstance(place, PastFolder):
        return redirect(url_for("previews.folder", address="/".join(place.address)))
    if not isinstance(place, PastObjects):
        raise errors.NotFound("There was nothing at this address at that moment.")
    services = rooms().services
    exporter = Exporter(services.ledger.database, rooms().hall.bodies, at.seq, Exported())
    is_book = place.kind is Kind.ADDRESSBOOK
    octets: Iterator[bytes] = (exporter.cards if is_book else exporter.calendar)(place.collection_id, address)
    called = f"{_name(place, parts)} {at.at.astimezone(visitor().zone):%Y-%m-%d}.{'vcf' if is_book else 'ics'}"
    response = Response(octets, mimetype="text/vcard" if is_book else "text/calendar")
    response.headers["Content-Disposition"] = attachment(called)
    return response


def _found(at: Moment, parts: Address) -> Resource:
    if len(parts) < 2 or parts[0] not in DOORS:
        raise errors.NotFound("There was nothing at this address at that moment.")
    return visitor().site.find(("at", f"seq-{at.seq}", *parts))


def _page_of(found: Resource, parts: Address, at: Moment) -> str:
    if found.kind is Kind.FILE:
        return url_for("files.show", path="/".join(parts[1:]), at=f"seq-{at.seq}")
    return url_for("object_history.show", address="/".join(parts), at=at.text)


def _step(reading: Reading, place: Place, seq: int) -> Step:
    """Return the moments of the changes before and after, in this collection itself."""
    id_ = place.resource_id or 0
    ends = (former.step_before(reading, id_, seq), former.step_after(reading, id_, seq))
    return Step(*(None if each is None or each < 1 else f"seq-{each}" for each in ends))


def _name(place: Place, parts: Address) -> str:
    if len(parts) > 2:
        return place.displayname or parts[-1] if parts[0] != "files" else parts[-1]
    owner = _owner(parts)
    if parts[0] == "files":
        return str(gettext("Files of %(name)s", name=owner))
    if parts[0] == "calendars":
        return str(gettext("Calendars of %(name)s", name=owner))
    return str(gettext("Address books of %(name)s", name=owner))


def _owner(parts: Address) -> str:
    person = people.person_named(visitor().reading, parts[1])
    return parts[1] if person is None else person.display_name


def _now(parts: Address) -> str:
    """Return the page of the same place now; where it is gone, of what is nearest to it."""
    if parts[0] == "files":
        return url_for("files.show", path="/".join(parts[1:]))
    if parts[0] == "addressbooks" and len(parts) > 2:
        return url_for("contacts.book", person=parts[1], book=parts[2])
    return url_for(DOORS[parts[0]])


def _only() -> Fate | None:
    asked = request.args.get("only", "")
    return Fate(asked) if asked in list(Fate) else None


ROUTES = (
    Route("/at", go),
    Route("/at/<moment>/<path:address>", show),
    Route("/taken/<moment>/<path:address>", download),
)
