"""Batches: what one press of a button, one MOVE of a tree, one import did, so that it is told and undone as one.

A page that has a batch gives it to every row it writes and widens the batch by them (`Ledger.write`). A restore, a
rewind or an undo is a batch that is planned first and carries its plan until it is done, so that it can go on after a
power cut. Not known here: what a plan says, and who may undo what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from appliance import errors
from appliance.store.database import Reading, Row
from appliance.store.ledger import Author, Ledger, Page

State = Literal["planned", "running", "done", "stopped"]
"""`stopped`: it ended before its end, a full disk say; it can go on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One row. `at` is microseconds since 1970; `plan` is JSON, and gone once it is done."""

    id: int
    kind: str
    at: int
    device_id: int | None
    person_id: int | None
    first_seq: int | None
    last_seq: int | None
    state: State
    undoes: int | None
    plan: str | None


_BATCHES = "SELECT id, kind, at, device_id, person_id, first_seq, last_seq, state, undoes, plan FROM batch"


def plan(ledger: Ledger, author: Author, kind: str, plan: str, *, undoes: int | None = None) -> int:
    """Keep a plan durably before its first step, and return its batch's id."""
    with ledger.write(author) as page:
        cursor = page.writing.execute(
            "INSERT INTO batch (kind, at, device_id, person_id, state, undoes, plan) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, ledger.now_micros(), author.device_id, author.person_id, "planned", undoes, plan),
        )
        return int(cursor.lastrowid or 0)


def become(ledger: Ledger, batch_id: int, state: State) -> None:
    """Say how far a batch is; done, it forgets its plan."""
    with ledger.database.write() as writing:
        writing.execute(
            "UPDATE batch SET state = ?1, plan = CASE ?1 WHEN 'done' THEN NULL ELSE plan END WHERE id = ?2",
            (state, batch_id),
        )


def of(reading: Reading, batch_id: int) -> Batch:
    """Return a batch; NotFound."""
    row = reading.execute(f"{_BATCHES} WHERE id = ?", (batch_id,)).fetchone()
    if row is None:
        raise errors.NotFound(f"There is no batch {batch_id}; gotgan undo without a number lists them.")
    return _batch(row)


def recent(reading: Reading, limit: int) -> list[Batch]:
    """Return the newest batches that wrote something or still want to, the newest first."""
    rows = reading.execute(
        f"{_BATCHES} WHERE first_seq IS NOT NULL OR state <> 'done' ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [_batch(row) for row in rows]


def unfinished(reading: Reading) -> list[Batch]:
    """Return the batches that have a plan and are not done, the oldest first."""
    rows = reading.execute(f"{_BATCHES} WHERE state <> 'done' ORDER BY id").fetchall()
    return [_batch(row) for row in rows]


def _batch(row: Row) -> Batch:
    return Batch(*row)


def begin(page: Page, kind: str) -> int:
    """Let the rows that this page writes from now on be one batch of `kind`, done with its COMMIT; return its id."""
    cursor = page.writing.execute(
        "INSERT INTO batch (kind, at, device_id, person_id, state) VALUES (?, ?, ?, ?, 'done')",
        (kind, page.at, page.author.device_id, page.author.person_id),
    )
    page.batch_id = int(cursor.lastrowid or 0)
    return page.batch_id
