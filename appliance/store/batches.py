"""Batches: what one press of a button, one MOVE of a tree, one import did, so that it is told and undone as one.

A page that has a batch gives it to every row it writes and widens the batch by them (`Ledger.write`). A restore, a
rewind or an undo is a batch that is planned first and carries its plan until it is done, so that it can go on after a
power cut. Not known here: what a plan says, and who may undo what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from appliance import errors
from appliance.store.database import Reading, Row
from appliance.store.ledger import Author, Ledger, Page

State = Literal["planned", "running", "done", "stopped"]
"""`stopped`: it ended before its end, a full disk say; it can go on."""
MOST_REFUSED = 200  # told one by one; the others are counted


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
    about: Mapping[str, Any] | None = None  # what was asked for (`history.acts`), and what was refused of it


_BATCHES = "SELECT id, kind, at, device_id, person_id, first_seq, last_seq, state, undoes, plan, about FROM batch"


def plan(
    ledger: Ledger, author: Author, kind: str, plan: str, *, undoes: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Keep a plan durably before its first step, and return its batch's id; `about` says what was asked for."""
    with ledger.write(author) as page:
        cursor = page.writing.execute(
            "INSERT INTO batch (kind, at, device_id, person_id, state, undoes, plan, about)"
            " VALUES (?, ?, ?, ?, 'planned', ?, ?, ?)",
            (kind, ledger.now_micros(), author.device_id, author.person_id, undoes, plan, _text_of(about)),
        )
        return int(cursor.lastrowid or 0)


def become(ledger: Ledger, batch_id: int, state: State) -> None:
    """Say how far a batch is; done, it forgets its plan."""
    with ledger.database.write() as writing:
        writing.execute(
            "UPDATE batch SET state = ?1, plan = CASE ?1 WHEN 'done' THEN NULL ELSE plan END WHERE id = ?2",
            (state, batch_id),
        )


def note_refused(ledger: Ledger, batch_id: int, refused: Sequence[tuple[int, str]]) -> None:
    """Keep with a batch which resources it left as they were, and why in a sentence; bounded, nothing for none."""
    if not refused:
        return
    kept = json.dumps([list(each) for each in refused[:MOST_REFUSED]], ensure_ascii=False)
    with ledger.database.write() as writing:
        writing.execute(
            "UPDATE batch SET about = json_set(coalesce(about, '{}'), '$.refused', json(?), '$.refused_count', ?)"
            " WHERE id = ?",
            (kept, len(refused), batch_id),
        )


def refused_of(batch: Batch) -> tuple[Sequence[tuple[int, str]], int]:
    """Return what a batch left as it was, (resource, sentence) for the first of them, and how many there were."""
    told = {} if batch.about is None else batch.about
    return [(each[0], each[1]) for each in told.get("refused", ())], int(told.get("refused_count", 0))


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


def undone(reading: Reading) -> list[tuple[int, int]]:
    """Return (id, what it undoes) of each undo that is done, whether it found something to do or not."""
    rows = reading.execute("SELECT id, undoes FROM batch WHERE undoes IS NOT NULL AND state = 'done'").fetchall()
    return [(row["id"], row["undoes"]) for row in rows]


def undone_by(reading: Reading, batch_id: int) -> int | None:
    """Return the undo that took a batch back and was not taken back itself, None: nothing has taken it back.

    One that found nothing to do is named only where no other has written anything.
    """
    rows = reading.execute(
        "SELECT id, first_seq FROM batch WHERE undoes = ? AND state = 'done' ORDER BY id DESC", (batch_id,)
    ).fetchall()
    wrote = [row for row in rows if row["first_seq"] is not None]
    return next((row["id"] for row in wrote or rows if undone_by(reading, row["id"]) is None), None)


def newest_of(reading: Reading, resource_id: int) -> int | None:
    """Return the batch that the newest row of a resource belongs to, None: to none, or there is no row."""
    row = reading.execute(
        "SELECT batch_id FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 1", (resource_id,)
    ).fetchone()
    return None if row is None else row["batch_id"]


def _batch(row: Row) -> Batch:
    return replace(Batch(*row), about=about_of(row["about"]))


def about_of(text: str | None) -> Mapping[str, Any] | None:
    """Return what was asked for as it was kept, None where that is not known."""
    found = None if text is None else json.loads(text)
    return found if isinstance(found, dict) else None


def _text_of(about: Mapping[str, Any] | None) -> str | None:
    return None if about is None else json.dumps(about, ensure_ascii=False)


def begin(page: Page, kind: str, *, about: Mapping[str, Any] | None = None) -> int:
    """Let the rows that this page writes from now on be one batch of `kind`, done with its COMMIT; return its id."""
    cursor = page.writing.execute(
        "INSERT INTO batch (kind, at, device_id, person_id, state, about) VALUES (?, ?, ?, ?, 'done', ?)",
        (kind, page.at, page.author.device_id, page.author.person_id, _text_of(about)),
    )
    page.batch_id = int(cursor.lastrowid or 0)
    return page.batch_id
