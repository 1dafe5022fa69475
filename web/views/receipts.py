"""Receipts: what one press of a button did, who has it already, what was refused, and the way to take it back."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import from_micros
from appliance.history.plans import Plan
from appliance.history.taking_back import Pile
from appliance.store import batches, importing
from appliance.store.batches import Batch
from appliance.store.database import Reading
from web import bringing, ticking
from web.carrying import author_for, carry_out
from web.carrying import go_on as carry_on
from web.piles import chosen, mark, piles, windows
from web.rooms import rooms
from web.routes import Route
from web.slips import require_visible, slip
from web.visitor import visitor


def show(batch_id: int) -> ResponseReturnValue:
    """Show a receipt; what phones asked for a moment ago counts."""
    ticking.look_again(rooms())
    after_seq = request.args.get("after", 0, type=int)
    with rooms().services.ledger.database.read() as reading:
        told = slip(reading, _batch(reading, batch_id), after_seq)
    return render_template("receipt.html", slip=told, at=from_micros(told.batch.at), after=after_seq)


def go_on(batch_id: int) -> ResponseReturnValue:
    """Go on with a batch that was cut off."""
    batch = _batch(visitor().reading, batch_id)
    cut_off = bringing.cut_off(batch)
    if cut_off is not None:
        bringing.bring(cut_off)
        return redirect(url_for("receipts.show", batch_id=batch_id), 303)
    if batch.plan is None or importing.is_asked_again(batch):
        raise errors.NotPossible("There is nothing left to go on with.")
    return carry_on(author_for(batch), batch_id)


def undo(batch_id: int) -> ResponseReturnValue:
    """Take a batch back: at once where nobody has changed anything of it since, else after a look."""
    with rooms().services.ledger.database.read() as reading:
        batch = _batch(reading, batch_id)
        begun = next((each for each in batches.unfinished(reading) if each.undoes == batch_id), None)
        plan = visitor().planner(reading).undo(batch_id, overturn=chosen(request.form).overturn)
    if begun is not None:
        return carry_on(author_for(batch), begun.id)
    seen = request.form.get("seen")
    if seen is not None and seen != mark(plan):
        return preview(batch_id, changed=True), 409
    if seen is None and _has_later_work(plan):
        return redirect(url_for("receipts.preview", batch_id=batch_id), 303)
    return carry_out("undo", plan, undoes=batch_id, author=author_for(batch))


def preview(batch_id: int, *, changed: bool = False) -> str:
    """Show what taking a batch back would do."""
    with rooms().services.ledger.database.read() as reading:
        batch = _batch(reading, batch_id)
        wish = chosen(request.values)
        planner = visitor().planner(reading)
        plan = planner.undo(batch_id)
        wished = planner.undo(batch_id, overturn=wish.overturn) if wish.overturn else plan
        told = piles(reading, plan, wished, wish, windows(request.values))
    address = url_for("receipts.undo", batch_id=batch_id)
    return render_template("undoing.html", piles=told, batch=batch, changed=changed, apply=address)


def _batch(reading: Reading, batch_id: int) -> Batch:
    try:
        batch = batches.of(reading, batch_id)
    except errors.NotFound as error:
        raise errors.NotFound("There is no such receipt.") from error
    require_visible(reading, batch)
    return batch


def _has_later_work(plan: Plan) -> bool:
    counts = plan.counts()
    return bool(counts[Pile.KEEP] or counts[Pile.CHOOSE])


ROUTES = (
    Route("/receipt/<int:batch_id>", show),
    Route("/receipt/<int:batch_id>/go-on", go_on, ("POST",)),
    Route("/receipt/<int:batch_id>/undo", preview),
    Route("/receipt/<int:batch_id>/undo", undo, ("POST",)),
)
