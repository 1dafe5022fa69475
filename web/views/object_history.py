"""The history of one thing: a contact or an event then and now, field by field, with "use this" on each.

What is ticked stands in the address, so that it works without script; only the acts change something, and what they do
is what was shown: where somebody wrote meanwhile, it is shown again.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.clock import to_micros
from appliance.history.acts import Act
from appliance.history.plans import Plan
from appliance.history.restore import Area, Side
from appliance.store import former
from appliance.store.database import Reading
from appliance.store.ledger import Member, member_of
from appliance.tree.as_new import put_as_new
from web import cards
from web.asked import last_there
from web.carrying import carry_out
from web.object_states import KINDS, Sheet, sheet
from web.rooms import rooms
from web.routes import Route
from web.sending import WITHOUT_RIGHTS
from web.visitor import visitor


def show(address: str) -> ResponseReturnValue:
    """Show a contact or event then and now; a file has its drawer for that, what holds others a timeline."""
    address = address.strip("/")
    with rooms().services.ledger.database.read() as reading:
        last = last_there(reading, address)
        if last.kind == "file":
            at = request.args.get("at") or _former(reading, last)
            return redirect(url_for("files.show", path=address.removeprefix("files/"), at=at))
        if last.kind not in KINDS:
            return redirect(url_for("timeline.show", address=address))
        return _page(_sheet(reading, address))


def _former(reading: Reading, last: Member) -> str | None:
    """Return the state of a file that is there which was before the present one, None: there is none to compare."""
    states = former.bodies_of(reading, last.resource_id, 2)
    lives = member_of(reading, last.resource_id) is not None
    return f"seq-{states[1].seq}" if lives and len(states) == 2 else None


def give_back(address: str) -> ResponseReturnValue:
    """Give back what is ticked, all of it as it was, or a copy as a new one."""
    with rooms().services.ledger.database.read() as reading:
        told = _sheet(reading, address)
        if request.form.get("seen", str(told.now.seq)) != str(told.now.seq):
            return _page(told, gettext("It was changed meanwhile. Please look again.")), 409
        way = request.args.get("way", "fields")
        plan = None if way == "new" else _plan(reading, told, whole=way == "whole")
        about = _about(reading, told)
    if way == "new":
        return _as_new(told, about)
    if plan is None or plan.is_empty:
        said = gettext("Nothing is different: nothing would change.") if told.ticked or way == "whole" else ""
        return _page(told, said or gettext("Nothing is ticked yet. Tick what you want to have back.")), 409
    keys = () if way == "whole" else tuple(line.key for line in told.ticked)
    return carry_out("restore", plan, about=replace(about, fields=keys))


def text(address: str) -> ResponseReturnValue:
    """Send what a program wrote, as text, now or at a state."""
    octets = cards.octets(cards.member_at(address, request.args.get("at")))
    response = Response(octets, content_type="text/plain; charset=utf-8")
    response.headers["Content-Security-Policy"] = WITHOUT_RIGHTS
    return response


def _page(told: Sheet, said: str = "") -> str:
    return render_template("object_history.html", sheet=told, said=said)


def _sheet(reading: Reading, address: str) -> Sheet:
    return sheet(reading, address.strip("/"), request.values.get("at"), request.values.getlist("use"))


def _plan(reading: Reading, told: Sheet, *, whole: bool) -> Plan | None:
    """Return the plan of what is asked for; None where nothing is."""
    if told.chosen is None or (not whole and not told.ticked):
        return None
    planner = visitor().planner(reading)
    if whole:
        return planner.restore(Area((told.resource_id,)), told.chosen.seq, Side(everybody=True))
    keys = tuple(key for line in told.ticked for key in line.keys)
    return planner.fields(told.resource_id, told.chosen.seq, keys)


def _about(reading: Reading, told: Sheet) -> Act:
    holder = last_there(reading, told.address).collection_id
    at = (told.chosen or told.now).at
    return Act(kind=told.kind, name=told.title, address=told.address, at=to_micros(at), collection_id=holder)


def _as_new(told: Sheet, about: Act) -> ResponseReturnValue:
    if told.chosen is None:
        raise errors.NotPossible("There is no former state to copy.")
    octets = cards.octets(cards.member_at(told.address, told.chosen.name))
    holder = tuple(told.address.split("/")[:3])
    batch_id = put_as_new(rooms().hall, visitor().author, octets, holder, about)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


ROUTES = (
    Route("/history/<path:address>", show),
    Route("/history/<path:address>", give_back, ("POST",)),
    Route("/history-text/<path:address>", text),
)
