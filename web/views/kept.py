"""What was kept aside: edits that lost, with why and a way in, and what is odd but served all the same."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.clock import to_micros
from appliance.history.acts import Act
from appliance.history.exporting_past import SUFFIXES
from appliance.history.plans import Plan
from appliance.store import refused
from appliance.store.database import Reading
from appliance.tree.as_new import put_as_new
from web import kept_aside
from web.carrying import carry_out
from web.kept_aside import Kept
from web.rooms import rooms
from web.routes import Route
from web.sending import sent_file
from web.visitor import visitor


def show() -> ResponseReturnValue:
    """Show what waits."""
    with rooms().services.ledger.database.read() as reading:
        waiting, before = kept_aside.waiting(reading, request.args.get("before", type=int))
        odd = [] if "before" in request.args else kept_aside.faults(reading)
    return render_template("kept.html", waiting=waiting, before=before, faults=odd)


def edit(refused_id: int) -> ResponseReturnValue:
    """Show one edit beside what is there now."""
    return _page(refused_id)


def _page(refused_id: int, said: str = "") -> str:
    with rooms().services.ledger.database.read() as reading:
        kept = kept_aside.one(reading, refused_id)
        lines = kept_aside.lines(reading, kept)
    return render_template("kept_edit.html", kept=kept, lines=lines, said=said)


def apply(refused_id: int) -> ResponseReturnValue:
    """Take some fields of an edit, or all of it, into what is there now."""
    with rooms().services.ledger.database.read() as reading:
        kept = _here(reading, refused_id)
        plan, keys = _plan(reading, kept)
    if plan is None:
        return _page(refused_id, gettext("Nothing is ticked yet. Tick what you want to take over.")), 409
    if plan.is_empty:
        return _page(refused_id, gettext("It says the same already.")), 409
    answer = carry_out("restore", plan, about=replace(_about(kept), fields=keys))
    refused.settle(rooms().services.ledger, refused_id)
    return answer


def as_new(refused_id: int) -> ResponseReturnValue:
    """Put an edit beside what is there now, as one of its own."""
    with rooms().services.ledger.database.read() as reading:
        kept = _here(reading, refused_id)
        octets = rooms().hall.bodies.whole(reading, kept.content_id or 0)
    if kept.address is None or kept.kind not in ("card", "event"):
        raise errors.NotPossible("There is no place for it any more; its text can be saved.")
    holder = tuple(kept.address.split("/")[:3])
    batch_id = put_as_new(rooms().hall, visitor().author, octets, holder, _about(kept))
    refused.settle(rooms().services.ledger, refused_id)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def let_go(refused_id: int) -> ResponseReturnValue:
    """Let an edit wait no longer; it stays in the timeline."""
    kept_aside.one(visitor().reading, refused_id)
    refused.settle(rooms().services.ledger, refused_id)
    return redirect(url_for("kept.show"), 303)


def text(refused_id: int) -> ResponseReturnValue:
    """Send what the phone sent."""
    with rooms().services.ledger.database.read() as reading:
        kept = _here(reading, refused_id)
        octets = rooms().hall.bodies.whole(reading, kept.content_id or 0)
    kind = "text/plain; charset=utf-8" if kept.kind in ("card", "event") else "application/octet-stream"
    ending = SUFFIXES.get(kept.kind, "")
    return sent_file(iter((octets,)), kept.name.removesuffix(ending) + ending, kind)


def _here(reading: Reading, refused_id: int) -> Kept:
    """Return an edit whose octets are here; NotFound, ContentMissing."""
    kept = kept_aside.one(reading, refused_id)
    if not kept.is_kept or kept.content_id is None:
        raise errors.ContentMissing("What was sent was too much to be kept.")
    return kept


def _plan(reading: Reading, kept: Kept) -> tuple[Plan | None, tuple[str, ...]]:
    """Return the plan of what is asked for, None where nothing is ticked, and the fields."""
    assert kept.content_id is not None
    if kept.now is None:
        raise errors.NotPossible("Nothing is there any more; it can be put there as a new one.")
    planner = visitor().planner(reading)
    if request.form.get("way") == "whole":
        return planner.whole_kept(kept.now.resource_id, kept.content_id), ()
    keys = tuple(request.form.getlist("use"))
    return (planner.fields_kept(kept.now.resource_id, kept.content_id, keys) if keys else None), keys


def _about(kept: Kept) -> Act:
    return Act(
        kind=kept.kind, name=kept.name, address=kept.address, at=to_micros(kept.at), collection_id=kept.collection_id
    )  # fmt: skip


ROUTES = (
    Route("/kept", show),
    Route("/kept/<int:refused_id>", edit),
    Route("/kept/<int:refused_id>/text", text),
    Route("/kept/<int:refused_id>", apply, ("POST",)),
    Route("/kept/<int:refused_id>/as-new", as_new, ("POST",)),
    Route("/kept/<int:refused_id>/let-go", let_go, ("POST",)),
)
