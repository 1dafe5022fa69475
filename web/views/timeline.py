"""The timeline of anything: one thing, a collection, a folder, a person, a device, the household."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.history.timeline import Window
from appliance.store.database import Reading
from appliance.store.timelines import Scope
from appliance.tree.scopes import read_scope
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

LINES = 60  # of one page


def show() -> ResponseReturnValue:
    """Show what happened, the newest first."""
    with rooms().services.ledger.database.read() as reading:
        scope = _scope(reading)
        told = visitor().teller(reading).timeline(reading, scope, Window(limit=LINES), visible=visitor().may_look)
    return render_template("timeline.html", told=told)


def _scope(reading: Reading) -> Scope:
    scope = read_scope(reading, request.args.get("address", ""))
    if not all(visitor().may_look(id_) for id_ in scope.collections):
        raise errors.NotFound("Nothing has ever been there.")
    return scope


ROUTES = (Route("/timeline", show),)
