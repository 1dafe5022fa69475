"""From a page to a receipt: the plan becomes a batch, is carried out behind the answer, and its receipt is shown."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from appliance.history import applying
from appliance.history.acts import Act
from appliance.history.plans import Plan
from appliance.store.batches import Batch
from appliance.store.ledger import Author
from web.rooms import rooms
from web.visitor import visitor

PATIENCE_SECONDS = 2.0  # what takes longer goes on while its receipt is looked at


def carry_out(
    kind: str, plan: Plan, *, about: Act | None = None, undoes: int | None = None, author: Author | None = None
) -> ResponseReturnValue:
    """Keep the plan as a batch, carry it out, and lead to the receipt. `author` None: the visitor."""
    signed = author or visitor().author
    batch_id = applying.begin(rooms().services.ledger, signed, kind, plan, undoes=undoes, about=about)
    return go_on(signed, batch_id)


def go_on(author: Author, batch_id: int) -> ResponseReturnValue:
    """Carry out a batch from wherever it is, and lead to the receipt."""
    rooms().carrier.carry_out(author, batch_id, patience_seconds=PATIENCE_SECONDS)
    return redirect(url_for("receipts.show", batch_id=batch_id), 303)


def author_for(batch: Batch) -> Author:
    """Return who goes on with a batch or takes it back: the visitor; for whom they had acted as administrator."""
    here = visitor()
    if here.member.admin and batch.person_id is not None and batch.device_id == here.author.device_id:
        return Author(batch.person_id, here.author.device_id)
    return here.author
