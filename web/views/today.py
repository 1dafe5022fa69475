"""Today: one sentence for the whole house, what deserves a look, who has arrived, and what leaves within a week."""

from __future__ import annotations

import contextlib

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import to_micros
from appliance.store import alarms
from appliance.tree import bursting
from web import presence, storage
from web.bursts import worth_telling
from web.matters import matters
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor


def show() -> ResponseReturnValue:
    """Show the house as it is now."""
    here = visitor()
    with rooms().services.ledger.database.read() as reading:
        counted = presence.counted(reading)
        told = worth_telling(bursting.found_in(reading, counted, now=here.now))
        bursts = [each for each in told if bursting.wants_look(reading, each)]
        arrivals = presence.arrivals(reading, counted, bursts)
        found, leaving = matters(reading, bursts), storage.leaving_soon(reading)
    disk = presence.disk() if here.member.admin else None
    return render_template("today.html", matters=found, arrivals=arrivals, disk=disk, leaving=leaving)


def know(alarm_id: int) -> ResponseReturnValue:
    """Keep that somebody knows of an alarm; it waits no longer while it stays the same."""
    here = visitor()
    if not here.member.admin:
        raise errors.NotFound("There is no such page in this house.")
    database, author = rooms().services.ledger.database, here.author
    assert author.device_id is not None
    with contextlib.suppress(errors.NotFound):  # it was cured meanwhile: nothing is left to know
        alarms.acknowledge(database, alarm_id, at=to_micros(here.now), device_id=author.device_id)
    return redirect(url_for("today.show"), 303)


ROUTES = (Route("/", show), Route("/alarms/<int:alarm_id>/known", know, ("POST",)))
