"""A burst: what a device did all at once, the way to take it back, and saying that it was meant.

Whose device it is, and who administrates, may say so, and may take that back; then it asks for a look once more.
"""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import from_micros
from appliance.history.actors import Actor
from appliance.store import queries, tallies
from appliance.store.alarms import Alarm
from appliance.store.database import Reading
from appliance.tree import bursting
from appliance.tree.actors import actors
from appliance.tree.bursting import Found
from web import bursts, presence
from web.doers import doer
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

LONGEST = timedelta(days=1)  # that a spell is looked at from its beginning


def show(device_id: int, deed: str, since_seq: int) -> ResponseReturnValue:
    """Show what a device did, and whether somebody said that it was meant."""
    with rooms().services.ledger.database.read() as reading:
        found = _found(reading, device_id, deed, since_seq)
        meant = bursting.said_meant(reading, found)
        return render_template(
            "burst.html", found=found, said=bursts.said(reading, found), usually=bursts.usually(found),
            meant_at=None if meant is None or meant.acknowledged_at is None else from_micros(meant.acknowledged_at),
            meant_by=None if meant is None else doer(meant.acknowledged_by, _actor(reading, meant)),
            is_taken_back=bursting.is_taken_back(reading, found), named=bursts.named(found),
            is_mine=found.device.person_id == visitor().member.id,
            day=found.began_at.astimezone(visitor().zone).date(),
        )  # fmt: skip


def say_meant(device_id: int, deed: str, since_seq: int) -> ResponseReturnValue:
    """Keep that it was meant."""
    here, database = visitor(), rooms().services.ledger.database
    with database.read() as reading:
        found = _found(reading, device_id, deed, since_seq)
    author = here.author
    assert author.device_id is not None
    bursting.say_meant(database, found, at=here.now, device_id=author.device_id)
    return redirect(url_for("bursts.show", **bursts.named(found)), 303)


def ask_again(device_id: int, deed: str, since_seq: int) -> ResponseReturnValue:
    """Take back that it was meant."""
    database = rooms().services.ledger.database
    with database.read() as reading:
        found = _found(reading, device_id, deed, since_seq)
        meant = bursting.said_meant(reading, found)
    if meant is not None:
        bursting.ask_again(database, meant)
    return redirect(url_for("bursts.show", **bursts.named(found)), 303)


def _found(reading: Reading, device_id: int, deed: str, since_seq: int) -> Found:
    """Return the burst of a device that has the row after `since_seq` in it; NotFound, also for who may not judge."""
    began = tallies.first_by(reading, device_id, after_seq=since_seq, last_seq=queries.newest_seq(reading))
    if began is not None:
        counted = presence.counted(reading, from_micros(began.at) + LONGEST)
        for each in bursting.found_in(reading, counted, now=visitor().now):
            is_it = (each.device.id, each.burst.deed) == (device_id, deed)
            if is_it and each.since_seq < began.seq <= each.own_seq and bursts.may_judge(each):
                return each
    raise errors.NotFound("There is nothing at this address.")


def _actor(reading: Reading, meant: Alarm) -> Actor | None:
    return None if meant.acknowledged_by is None else actors(reading)(meant.acknowledged_by)


ROUTES = (
    Route("/bursts/<int:device_id>/<deed>/<int:since_seq>", show),
    Route("/bursts/<int:device_id>/<deed>/<int:since_seq>/meant", say_meant, ("POST",)),
    Route("/bursts/<int:device_id>/<deed>/<int:since_seq>/again", ask_again, ("POST",)),
)
