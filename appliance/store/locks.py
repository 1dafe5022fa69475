"""Locks (RFC 4918 6, 7): kept by resource id, never by URL, held by a person, beside the ledger.

They survive a restart and are never restored. Which of them a request must name is decided here; whether its token
was submitted is compared by `require`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from appliance.store.database import Reading, Writing

COLUMNS = "token, resource_id, depth, scope, owner, person_id, device_id, expires_at"


@dataclass(frozen=True, slots=True)
class Lock:
    """One row of `lock`; `expires_at` in microseconds."""

    token: str
    resource_id: int
    depth: str
    scope: str
    owner: str | None
    person_id: int
    device_id: int
    expires_at: int


def any_live(reading: Reading | Writing, now: int) -> bool:
    """Return whether there is any lock at all: almost always not, and then nobody need look further."""
    return reading.execute("SELECT 1 FROM lock WHERE expires_at > ? LIMIT 1", (now,)).fetchone() is not None


def on(reading: Reading | Writing, resource_ids: Iterable[int], now: int) -> list[Lock]:
    """Return the live locks that sit on these resources."""
    ids = list(resource_ids)
    marks = ",".join("?" * len(ids))
    rows = reading.execute(
        f"SELECT {COLUMNS} FROM lock WHERE resource_id IN ({marks}) AND expires_at > ?",  # noqa: S608 - only marks
        (*ids, now),
    ).fetchall()
    return [Lock(*row) for row in rows]


def covering(reading: Reading | Writing, resource_id: int | None, ancestor_ids: Sequence[int], now: int) -> list[Lock]:
    """Return the live locks that cover a resource: its own, and those of ancestors with depth infinity (Q19)."""
    ids = [*ancestor_ids, *([] if resource_id is None else [resource_id])]
    found = on(reading, ids, now) if ids else []
    return [lock for lock in found if lock.resource_id == resource_id or lock.depth == "infinity"]


def below(reading: Reading | Writing, collection_id: int, now: int) -> list[Lock]:
    """Return the live locks anywhere below a collection: walked up from each lock, they are few (Q19)."""
    rows = reading.execute(f"SELECT {COLUMNS} FROM lock WHERE expires_at > ?", (now,)).fetchall()  # noqa: S608
    return [lock for lock in (Lock(*row) for row in rows) if collection_id in _ancestors(reading, lock.resource_id)]


def _ancestors(reading: Reading | Writing, resource_id: int) -> list[int]:
    found: list[int] = []
    row = reading.execute("SELECT collection_id FROM resource WHERE id = ? AND alive = 1", (resource_id,)).fetchone()
    while row is not None and row[0] is not None:
        found.append(row[0])
        row = reading.execute("SELECT parent_id FROM collection WHERE id = ?", (row[0],)).fetchone()
    return found


def unmet(required: Sequence[Lock], submitted: frozenset[str], person_id: int) -> list[Lock]:
    """Return the locks that forbid: of shared locks on one resource one submitted token is enough (RFC 4918 7)."""
    held = {lock.token for lock in required if lock.token in submitted and lock.person_id == person_id}
    open_resources = {lock.resource_id for lock in required if lock.token in held}
    return [lock for lock in required if lock.resource_id not in open_resources]


def conflicting(existing: Sequence[Lock], scope: str) -> list[Lock]:
    """Return the locks that exclude a new one of `scope` (RFC 4918 6.1)."""
    return [lock for lock in existing if scope == "exclusive" or lock.scope == "exclusive"]


def add(writing: Writing, lock: Lock) -> None:
    """Keep a new lock."""
    writing.execute(
        f"INSERT INTO lock ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            lock.token,
            lock.resource_id,
            lock.depth,
            lock.scope,
            lock.owner,
            lock.person_id,
            lock.device_id,
            lock.expires_at,
        ),
    )


def new_token() -> str:
    """Return a fresh lock token (RFC 4918 6.5: a UUID URN)."""
    return uuid.uuid4().urn


def renew(writing: Writing, token: str, expires_at: int) -> None:
    """Let a lock live until `expires_at`."""
    writing.execute("UPDATE lock SET expires_at = ? WHERE token = ?", (expires_at, token))


def remove(writing: Writing, token: str) -> None:
    """End one lock."""
    writing.execute("DELETE FROM lock WHERE token = ?", (token,))


def drop_on(writing: Writing, resource_ids: Iterable[int]) -> None:
    """End the locks of resources that were deleted or moved (RFC 4918 7.7, 9.6, 9.9)."""
    writing.executemany("DELETE FROM lock WHERE resource_id = ?", [(resource_id,) for resource_id in resource_ids])


def drop_of(writing: Writing, person_id: int, collection_id: int, now: int) -> None:
    """End the locks that one person holds on a collection and below it."""
    for lock in (*on(writing, [collection_id], now), *below(writing, collection_id, now)):
        if lock.person_id == person_id:
            remove(writing, lock.token)


def forget_expired(writing: Writing, now: int) -> None:
    """Remove what no longer lives."""
    writing.execute("DELETE FROM lock WHERE expires_at <= ?", (now,))
