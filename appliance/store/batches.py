"""Batches: what one press of a button, one MOVE of a tree, one import did, so that it is told and undone as one.

A page that has a batch gives it to every row it writes and widens the batch by them (`Ledger.write`). Not known here:
what a plan says, and who may undo what.
"""

from __future__ import annotations

from appliance.store.ledger import Page


def begin(page: Page, kind: str) -> int:
    """Let the rows that this page writes from now on be one batch of `kind`, done with its COMMIT; return its id."""
    cursor = page.writing.execute(
        "INSERT INTO batch (kind, at, device_id, person_id, state) VALUES (?, ?, ?, ?, 'done')",
        (kind, page.at, page.author.device_id, page.author.person_id),
    )
    page.batch_id = int(cursor.lastrowid or 0)
    return page.batch_id
