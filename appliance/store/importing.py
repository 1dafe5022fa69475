"""Many cards or events in one transaction each few hundred, all of them in one batch (ledger 7, import of 10,000).

Bodies are durable before, all of a page with one sync for each shelf. What the decision saw of each entry is looked at
again inside the transaction: an entry that somebody changed meanwhile is handed back and not written.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.store import batches, objects, spans
from appliance.store.content import INLINE_BYTES, Blobs, Prepared, digest_of, digest_of_file
from appliance.store.database import Reading, Writing
from appliance.store.ledger import Author, Ledger, Member, Page, find_member

PAGE_ENTRIES = 500
PAGE_BYTES = 8 << 20

Check = Callable[[Page, int], None]
"""Raises what forbids a page, privileges and room, given the bytes that it adds."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One entry on its way in. `seen_content_id` is the body that has its UID now, None for none."""

    name: str  # for a new one; one that is there keeps its name
    uid: str
    seen_content_id: int | None
    seen_bytes: int
    body: bytes
    facts: spans.Facts


def put_all(
    ledger: Ledger, blobs: Blobs, author: Author, collection_id: int, coming: Sequence[Coming], *, check: Check
) -> list[Coming]:
    """Write a page of entries durably, and return those that somebody changed meanwhile, unwritten."""
    prepared = _prepared(blobs, coming)
    missed: list[Coming] = []
    with ledger.write(author) as page:
        check(page, sum(len(one.body) - one.seen_bytes for one in coming))
        for one, ready in zip(coming, prepared, strict=True):
            holder = objects.holder_of(page.writing, collection_id, one.uid)
            if (None if holder is None else holder.content_id) != one.seen_content_id:
                missed.append(one)
                continue
            name = _free_name(page.writing, collection_id, one.name) if holder is None else holder.name
            objects.put_on(page, collection_id, name, ready, one.facts, check=_seen, op="import")
    return missed


def _seen(_page: Page, before: Member | None) -> int | None:
    return None if before is None else before.body_seq


def _free_name(reading: Reading | Writing, collection_id: int, name: str) -> str:
    """Return the name, or one of our choice where another entry has it."""
    if find_member(reading, collection_id, name) is None:
        return name
    return f"{uuid.uuid4()}.{name.rpartition('.')[2]}"


def _prepared(blobs: Blobs, coming: Sequence[Coming]) -> list[Prepared]:
    """Make the bodies of a page durable, the large ones together (invariant 3)."""
    found, staged = [], {}
    for one in coming:
        digest = digest_of(one.body)
        if len(one.body) <= INLINE_BYTES:
            found.append(Prepared(digest, len(one.body), one.body, None))
            continue
        name = blobs.name_for(digest)
        if name not in staged and digest_of_file(blobs.path(name)) != digest:
            staged[name] = blobs.write(name, one.body)
        found.append(Prepared(digest, len(one.body), None, name))
    blobs.install(list(staged.values()))
    return found


# --- the batch --------------------------------------------------------------------------------------


def begin(
    ledger: Ledger, author: Author, source: str, *, kind: str = "import", about: Mapping[str, Any] | None = None
) -> int:
    """Return the batch of an import or a copy, which `source` tells apart: the one that was cut off, else a new one.

    One that was taken back since is not gone on with.
    """
    reading = ledger.database.connection()
    plan = json.dumps([{"source": source}], ensure_ascii=False)  # a list of objects, as every plan is
    row = reading.execute(
        "SELECT b.id FROM batch b WHERE b.kind = ? AND b.state <> 'done' AND b.plan = ? AND b.device_id IS ?"
        " AND NOT EXISTS (SELECT 1 FROM batch u WHERE u.undoes = b.id) ORDER BY b.id DESC LIMIT 1",
        (kind, plan, author.device_id),
    ).fetchone()
    batch_id = batches.plan(ledger, author, kind, plan, about=about) if row is None else int(row["id"])
    batches.become(ledger, batch_id, "running")
    return batch_id


def is_asked_again(batch: batches.Batch) -> bool:
    """Return whether only the same command goes on with a batch: it names what it was made of, and has no steps."""
    return batch.plan is not None and any("source" in entry for entry in json.loads(batch.plan))


def source_of(batch: batches.Batch) -> str | None:
    """Return what tells an import or a copy apart that is not done; None: it is done, or is none."""
    found = [] if batch.plan is None else json.loads(batch.plan)
    return next((str(entry["source"]) for entry in found if "source" in entry), None)
