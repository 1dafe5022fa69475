"""Refused edits (promise 5): the body that lost is the last copy of it, so it is kept beside the state.

A phone drops an edit answered 412, 409 or 403. What is kept is bounded per device, and small bodies have a reserve
on the disk that was set aside at the first start, so that a 507 can be kept as well.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.store import content
from appliance.store.database import Reading, Writing
from appliance.store.happened import Refusal
from appliance.store.ledger import Author, Ledger, Member, Page
from appliance.store.timelines import REFUSALS

PER_DEVICE = 1000
PER_DEVICE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried and why it was refused."""

    collection_id: int
    name: str
    method: str
    status: int
    reason: str
    uid: str | None = None
    resource_id: int | None = None
    base_seq: int | None = None


class Reserve:
    """A file of zeros that gives its space back when the disk is full."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self._path = path
        self._size_bytes = size_bytes

    def fill(self) -> None:
        """Set the space aside; quietly leave it smaller where the disk does not hold it."""
        with contextlib.suppress(OSError), self._path.open("ab") as out:
            if out.tell() < self._size_bytes:
                os.posix_fallocate(out.fileno(), 0, self._size_bytes)
                os.fsync(out.fileno())

    def give(self, size_bytes: int) -> bool:
        """Give back `size_bytes` and what the database needs around them; False when nothing is left."""
        try:
            held = self._path.stat().st_size
            if held == 0:
                return False
            os.truncate(self._path, max(0, held - 2 * size_bytes - (1 << 20)))
        except OSError:
            return False
        return True


def keep(
    ledger: Ledger, blobs: content.Blobs, reserve: Reserve, author: Author, attempt: Attempt, body: bytes | None
) -> None:
    """Keep a refused body, or with None only the fact; from the reserve when the disk is full; never DiskFull."""
    if body is not None and not has_room(ledger.database.connection(), author, len(body), content.digest_of(body)):
        body = None  # before it is written: else what nobody leads to would fill the disk
    try:
        keep_prepared(ledger, author, attempt, None if body is None else blobs.prepare(body))
    except errors.DiskFull:
        if not reserve.give(len(body or b"")):
            return
        with contextlib.suppress(errors.DiskFull):
            keep_prepared(ledger, author, attempt, None if body is None else blobs.prepare(body))


def has_room(reading: Reading | Writing, author: Author, size_bytes: int, digest: bytes | None = None) -> bool:
    """Return whether a body of this device may still be kept: within its bounds, or in the store already."""
    if digest is not None and content.row_with(reading, digest) is not None:
        return True
    count, held = _kept(reading, author)
    return count < PER_DEVICE and held + size_bytes <= PER_DEVICE_BYTES


def _kept(reading: Reading | Writing, author: Author) -> tuple[int, int]:
    """Return how many refusals of a device are open, and the bytes of their bodies."""
    row = reading.execute(
        "SELECT count(*), coalesce(sum(c.size), 0) FROM refused r LEFT JOIN content c ON c.id = r.content_id"
        " WHERE r.device_id IS ? AND r.settled_at IS NULL",
        (author.device_id,),
    ).fetchone()
    return int(row[0]), int(row[1])


def keep_prepared(ledger: Ledger, author: Author, attempt: Attempt, prepared: content.Prepared | None) -> None:
    """Keep a refused body that is durable already, or with None only the fact; DiskFull."""
    with ledger.write(author) as page:
        writing = page.writing
        stored = None if prepared is None else content.row_with(writing, prepared.digest)
        if stored is not None and _counted(page, attempt, stored.id):
            return
        count, held = _kept(writing, author)
        if count >= PER_DEVICE:
            return
        if prepared is not None and held + prepared.size > PER_DEVICE_BYTES:
            prepared = None  # the reason is kept all the same, and the page says that the body was too much
        content_id = None if prepared is None else content.record(writing, prepared)
        if not _counted(page, attempt, content_id):
            _record(page, attempt, content_id, ledger.now_micros())


def note(page: Page, attempt: Attempt) -> None:
    """Record a refusal that has no body, a DELETE, inside an open page."""
    if not _counted(page, attempt, None) and _kept(page.writing, page.author)[0] < PER_DEVICE:
        _record(page, attempt, None, page.at)


def keep_overwritten(page: Page, overwritten: Member, digest: bytes, *, device_id: int) -> None:
    """Show a version that a PUT is about to go over unseen among the lost edits of the device that wrote it.

    Not where the octets are the same. Nothing is lost: the version stays in the ledger, its content with this row.
    """
    same = content.row_with(page.writing, digest)
    if same is not None and same.id == overwritten.content_id:
        return
    attempt = Attempt(
        overwritten.collection_id, overwritten.name, "PUT", 409,
        "Another device's edit went over this one while the server was on hold.", resource_id=overwritten.resource_id,
    )  # fmt: skip
    _record(page, attempt, overwritten.content_id, page.at, device_id)


def _counted(page: Page, attempt: Attempt, content_id: int | None) -> bool:
    """Count one more time what the same device tried before; False: it is the first time (protocol A7)."""
    cursor = page.writing.execute(
        "UPDATE refused SET times = times + 1 WHERE device_id IS ? AND collection_id = ? AND name = ? AND method = ?"
        " AND content_id IS ? AND settled_at IS NULL",
        (page.author.device_id, attempt.collection_id, attempt.name, attempt.method, content_id),
    )
    return cursor.rowcount > 0


def _record(page: Page, attempt: Attempt, content_id: int | None, at: int, device_id: int | None = None) -> None:
    newest = page.writing.execute("SELECT coalesce(max(seq), 0) FROM version").fetchone()[0]
    page.writing.execute(
        "INSERT INTO refused (at, after_seq, device_id, collection_id, name, resource_id, uid, method, status,"
        " reason, base_seq, content_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            at, newest, device_id or page.author.device_id, attempt.collection_id, attempt.name, attempt.resource_id,
            attempt.uid, attempt.method, attempt.status, attempt.reason, attempt.base_seq, content_id,
        ),
    )  # fmt: skip


# --- looking at them, and letting go -----------------------------------------------------------------


def waiting(reading: Reading, *, before_id: int | None = None, limit: int) -> list[Refusal]:
    """Return the refused edits that nobody has settled, the newest first; `before_id` ended the page before."""
    rows = reading.execute(
        f"{REFUSALS} WHERE x.settled_at IS NULL AND (?1 IS NULL OR x.id < ?1) ORDER BY x.id DESC LIMIT ?2",
        (before_id, limit),
    ).fetchall()
    return [Refusal(*row) for row in rows]


def one(reading: Reading, refused_id: int) -> Refusal:
    """Return a refused edit, settled or not; NotFound."""
    row = reading.execute(f"{REFUSALS} WHERE x.id = ?", (refused_id,)).fetchone()
    if row is None:
        raise errors.NotFound("There is no such edit.")
    return Refusal(*row)


def settle(ledger: Ledger, refused_id: int) -> None:
    """Say that somebody has decided about a refused edit: it stays in the history, and waits no longer."""
    with ledger.database.write() as writing:
        writing.execute(
            "UPDATE refused SET settled_at = ?, settled_seq = (SELECT coalesce(max(seq), 0) FROM version)"
            " WHERE id = ? AND settled_at IS NULL",
            (ledger.now_micros(), refused_id),
        )


def faulty(reading: Reading, *, after_id: int = 0, limit: int) -> list[tuple[int, Member, str]]:
    """Return (content, member, what is odd about it) of the living contacts and events that are served and flagged."""
    rows = reading.execute(
        "SELECT f.content_id, f.fault, m.collection_id, m.name, m.seq, m.resource_id, m.kind, m.body_seq,"
        " m.content_id, m.size, m.modified_at, m.etag FROM fact f JOIN member m ON m.content_id = f.content_id"
        " WHERE f.fault IS NOT NULL AND f.content_id > ? ORDER BY f.content_id LIMIT ?",
        (after_id, limit),
    ).fetchall()
    return [(row[0], Member(*tuple(row)[2:]), row["fault"]) for row in rows]
