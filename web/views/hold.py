"""The page of a hold: this house was set back to an older state, so phones wait for a decision (protocol A2-A4).

It tells what happened, what goes on working, and each choice with what it costs before it can be made. What was decided
stays here. It refuses to decide anything, and to name other people's things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import from_micros
from appliance.history.timeline import seq_since
from appliance.household import held, people
from appliance.household.held import Report
from appliance.household.release import Part, release
from appliance.store.database import Reading
from appliance.store.holds import Choice
from appliance.store.queries import newest_seq
from appliance.store.tallies import tallies
from web import status_of
from web.confirming import confirm, is_confirmed
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

CHOICES: dict[str, Choice] = {"keep": "keep", "accept": "accept"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be decided: how, and for which device or which address alone; of neither: everything."""

    choice: Choice
    part: Part
    device: str = ""  # as people call it


def show() -> ResponseReturnValue:
    """Show what is on hold, what was decided, and what still waits."""
    _require_administrator()
    with rooms().services.ledger.database.read() as reading:
        reports = held.reports(reading)
        whole = next((each for each in reports if each.hold.device_id is None), None)
        doubts = [each for each in reports if each.hold.device_id is not None and each.is_open]
        edits = 0 if whole is None else _arrived_since(reading, whole)
    return render_template("hold.html", whole=whole, doubts=doubts, edits=edits, when=from_micros)


def ask() -> ResponseReturnValue:
    """Say what a choice means and what it costs, before it is made."""
    _require_administrator()
    return _question(_wish(request.args))


def decide() -> ResponseReturnValue:
    """End a hold, or a part of it, as was chosen."""
    _require_administrator()
    wish, services = _wish(request.form), rooms().services
    try:
        confirm()
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        return _question(wish, said(error)), status_of(error)
    release(services.ledger, visitor().author, wish.choice, wish.part, mark=services.settings.witness)
    return redirect(url_for("hold.show"), 303)


def _question(wish: Wish, trouble: str = "") -> str:
    reports = held.reports(visitor().reading)
    knowers = {each.device_id for report in reports if report.is_open for each in report.knowers}
    return render_template(
        "hold_ask.html", wish=wish, knowers=len(knowers), trouble=trouble, is_confirmed=is_confirmed()
    )  # fmt: skip


def _wish(asked: Mapping[str, str]) -> Wish:
    """Return what is asked to be decided; NotFound for what does not wait."""
    choice = CHOICES.get(asked.get("choice", ""))
    device, missing = asked.get("device", ""), asked.get("missing") or None
    if choice is None or (device and not device.isdigit()):
        raise errors.WrongCall("Choose how it goes on.")
    reports = held.reports(visitor().reading)
    if missing is not None and not any(sign.address == missing for each in reports for sign in each.missing):
        raise errors.NotFound("There is nothing at this address.")
    device_id = int(device) if device else None
    return Wish(choice, Part(device_id, missing=missing), "" if device_id is None else _name(reports, device_id))


def _name(reports: list[Report], device_id: int) -> str:
    """Return what people call a device that showed something, or waits."""
    known = (each for report in reports for each in (*report.knowers, *report.waiting))
    found = next((each.name for each in known if each.device_id == device_id), None)
    if found is None:
        raise errors.NotFound("There is no such device in this house.")
    return found


def _arrived_since(reading: Reading, report: Report) -> int:
    """Return how many contacts and events devices have sent since a hold began."""
    first = seq_since(reading, from_micros(report.hold.since_at), now=visitor().now)
    counted = tallies(reading, after_seq=first, last_seq=newest_seq(reading))
    return sum(each.rows for each in counted if each.kind in ("card", "event") and each.device_id is not None)


def _require_administrator() -> None:
    people.require_administrator(visitor().reading, visitor().author)


ROUTES = (
    Route("/hold", show),
    Route("/hold/decide", ask),
    Route("/hold/decide", decide, ("POST",)),
)
