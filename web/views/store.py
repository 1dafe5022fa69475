"""The store: how full the disk is, what everybody has, what leaves when and how to keep it, and whether all is sound.

Every number is a total that is kept anyway, or one that the nightly work counted, with its date. Keeping is what
`gotgan keep` does, with a slip that takes it back. An administrator learns sizes, never names, and lets everything be
read again.
"""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import from_micros
from appliance.history import keeping
from appliance.household import people
from appliance.store import alarms, hold_rows, kept, scrub
from appliance.store.covering import SPARE_BYTES, uncovered_files
from web import presence, storage
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

LAST_MOMENT = 1 << 53  # the year 2255, in microseconds
FEW_DAYS = 3  # departures that the first page tells


def show() -> ResponseReturnValue:
    """Show the store."""
    here, settings = visitor().member, rooms().services.settings
    with rooms().services.ledger.database.read() as reading:
        limit = settings.covered_file_limit_bytes
        uncovered, large = uncovered_files(reading, limit) if here.admin else (0, 0)
        days = storage.leaving(reading)
        return render_template(
            "store.html", disk=presence.disk(), settings=settings, stock=storage.stock(reading),
            days=days[:FEW_DAYS], more=sum(each.amount.states for each in days[FEW_DAYS:]),
            kept=kept.how_many(reading), waiting=uncovered - large, large=large, spare_bytes=SPARE_BYTES,
            reread=storage.reread(reading) if here.admin else None, damage=len(scrub.damage(reading)),
            alarms=len(alarms.waiting(reading)), is_held=hold_rows.box_is_held(reading),
        )  # fmt: skip


def leaving() -> ResponseReturnValue:
    """Show what leaves within the next month, day by day."""
    with rooms().services.ledger.database.read() as reading:
        return render_template("store_leaving.html", days=storage.leaving(reading), stock=storage.stock(reading))


def keep(day: str) -> ResponseReturnValue:
    """Keep what leaves on a day, of everybody whom the visitor may know of; a slip takes it back."""
    here, ledger = visitor(), rooms().services.ledger
    with ledger.database.read() as reading:
        chosen = storage.leaving_on(reading, _day(day))
    at = ledger.now_micros()
    keeping.keep(ledger.database, chosen, at=at, device_id=here.author.device_id)
    return redirect(url_for("store.stays", at=at), 303)


def stays(at: int) -> ResponseReturnValue:
    """Show what one press kept, as far as it is kept still."""
    with rooms().services.ledger.database.read() as reading:
        states, size_bytes = kept.pressed(reading, _possible(at), _device())
    return render_template("store_stays.html", at=at, when=from_micros(at), states=states, size_bytes=size_bytes)


def forget(at: int) -> ResponseReturnValue:
    """Leave to the rules again what one press kept."""
    database = rooms().services.ledger.database
    with database.read() as reading:
        chosen = keeping.kept_at(reading, _possible(at), _device())
    keeping.forget(database, chosen)
    return redirect(url_for("store.stays", at=at), 303)


def read() -> ResponseReturnValue:
    """Begin to read everything again, or go on."""
    people.require_administrator(visitor().reading, visitor().author)
    rooms().rereader.start()
    return redirect(url_for("store.show", _anchor="reading"), 303)


def stop() -> ResponseReturnValue:
    """Stop reading; it goes on from there when somebody asks again."""
    people.require_administrator(visitor().reading, visitor().author)
    rooms().rereader.stop()
    return redirect(url_for("store.show", _anchor="reading"), 303)


def _device() -> int:
    device_id = visitor().author.device_id
    assert device_id is not None
    return device_id


def _possible(at: int) -> int:
    if at >= LAST_MOMENT:
        raise errors.NotFound("There is no such page in this house.")
    return at


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise errors.WrongCall("This is no day.") from error


ROUTES = (
    Route("/store", show),
    Route("/store/leaving", leaving),
    Route("/store/leaving/<day>", keep, ("POST",)),
    Route("/store/kept/<int:at>", stays),
    Route("/store/kept/<int:at>/forget", forget, ("POST",)),
    Route("/store/reading", read, ("POST",)),
    Route("/store/reading/stop", stop, ("POST",)),
)
