"""The one place that appends to the ledger, and keeps the derived tables in step within the same transaction.

`Ledger.write(author)` opens a transaction and gives a `Page`: what one request writes. Each method of `Page` is one
kind of row. Nothing here looks at bodies, properties' meaning, privileges or the disk; callers decide, this writes.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from appliance.clock import Clock, from_micros, to_micros
from appliance.store import epochs
from appliance.store.database import Database, Reading, Row, Writing

CLOCK_TOLERANCE = timedelta(seconds=2)
ROOT_ID = 1
COLLECTION_KINDS = frozenset({"home", "addressbook", "calendar", "folder"})
MEMBER_COLUMNS = "collection_id, name, seq, resource_id, kind, body_seq, content_id, size, modified_at, etag"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: a device of a person, both None: the disk itself; and the batch that everything belongs to."""

    person_id: int | None = None
    device_id: int | None = None
    batch_id: int | None = None


class Member(NamedTuple):
    """What a name means now: one row of `member`. A tuple, because listings make them by the ten thousand."""

    collection_id: int
    name: str
    seq: int
    resource_id: int
    kind: str
    body_seq: int
    content_id: int | None
    size: int | None
    modified_at: int | None
    etag: str | None = None  # only where the disk showed it first; else it is derived from body_seq

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.collection_id, self.name, self.resource_id, self.kind)

    @property
    def body(self) -> Body:
        """What its newest row says about its body."""
        return Body(self.content_id, self.size, self.modified_at, self.etag)


@dataclass(frozen=True, slots=True)
class Place:
    """Which resource is, or will be, where."""

    collection_id: int
    name: str
    resource_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a new row says about a body. `etag` only where the disk showed it first (protocol B1)."""

    content_id: int | None = None
    size: int | None = None
    modified_at: int | None = None
    etag: str | None = None


class Page:
    """The rows that one write appends. Sequence number and time are taken at the first row."""

    def __init__(self, writing: Writing, author: Author, ledger: Ledger) -> None:
        self.writing = writing
        self.author = author
        self.batch_id = author.batch_id
        self._ledger = ledger
        self._last_seq = 0
        self._batch_from = 0  # the first row that this page gave to its batch
        self._at = 0

    @property
    def at(self) -> int:
        """The time of this page's rows, microseconds: never before the last row's within an epoch."""
        if not self._at:
            self._begin()
        return self._at

    def epochs(self) -> epochs.Epochs:
        """Return the epochs, the one of this page included."""
        return epochs.read(self.writing)

    def etag(self, body_seq: int) -> str:
        """Return the ETag of a body written at `body_seq`."""
        return self._ledger.epoch_cache.of_snapshot(self.writing).etag(body_seq)

    def _begin(self) -> None:
        row = self.writing.execute("SELECT seq, at FROM version ORDER BY seq DESC LIMIT 1").fetchone()
        self._last_seq = row["seq"] if row else 0
        self._at = self._ledger.take_time(self.writing, self._last_seq, row["at"] if row else None)

    def next_seq(self) -> int:
        """Return the next free number; it is the caller's to use in this transaction."""
        if not self._at:
            self._begin()
        self._last_seq += 1
        return self._last_seq

    def widen_batch(self) -> None:
        """Say that the batch of this page reaches from its first row to its last; others' rows may lie between."""
        if self.batch_id is not None and self._batch_from:
            self.writing.execute(
                "UPDATE batch SET first_seq = coalesce(first_seq, ?1), last_seq = ?2 WHERE id = ?3",
                (self._batch_from, self._last_seq, self.batch_id),
            )

    def end_batch(self) -> None:
        """Let the rows that this page writes from now on be no part of its batch."""
        self.widen_batch()
        self.batch_id, self._batch_from = None, 0

    # --- rows of the ledger -------------------------------------------------------------------------

    def put(
        self, place: Place, body: Body, *, op: str = "put", base_seq: int | None = None, carried_bytes: int = 0
    ) -> int:
        """Append a new body for the resource at `place`, new or replaced, and return its seq.

        `carried_bytes` are those below a collection that comes back.
        """
        seq = self.next_seq()
        before = member_at(self.writing, place.collection_id, place.name)
        self._append(seq, place, op, body, body_seq=seq, base_seq=base_seq)
        self._show(seq, place, body, body_seq=seq)
        if before is None:
            self._forget_gone(place)
        delta = carried_bytes + (body.size or 0) - ((before.size or 0) if before else 0)
        self._carry_up(place.collection_id, seq, delta)
        return seq

    def bring_back(self, place: Place, body: Body, *, op: str = "restore", carried_bytes: int = 0) -> int:
        """Append the return of an ended resource under its old id; a collection with what it still holds."""
        self.writing.execute(
            "UPDATE resource SET alive = 1, collection_id = ? WHERE id = ?", (place.collection_id, place.resource_id)
        )
        if place.kind in COLLECTION_KINDS:
            self.writing.execute(
                "UPDATE collection SET parent_id = ? WHERE id = ?", (place.collection_id, place.resource_id)
            )
        return self.put(place, body, op=op, carried_bytes=carried_bytes)

    def delete(self, member: Member, *, op: str = "delete", freed_bytes: int | None = None) -> int:
        """Append the end of a member. `freed_bytes` of a collection are those below it."""
        seq = self.next_seq()
        self._append(seq, member.place, op, Body(), body_seq=member.body_seq, alive=False)
        self._hide(seq, member.place)
        self.writing.execute("UPDATE resource SET alive = 0 WHERE id = ?", (member.resource_id,))
        if member.kind in COLLECTION_KINDS:  # a dead collection has no parent: what ends below it changes no totals
            self.writing.execute("UPDATE collection SET parent_id = NULL WHERE id = ?", (member.resource_id,))
        self._carry_up(member.collection_id, seq, -(member.size or 0 if freed_bytes is None else freed_bytes))
        return seq

    def end_again(self, place: Place, *, op: str) -> int:
        """Append one more end of what ended at `place`, so that its newest row says who wants it to be gone."""
        seq = self.next_seq()
        self._append(seq, place, op, Body(), body_seq=seq, alive=False)
        if member_at(self.writing, place.collection_id, place.name) is None:
            self._hide(seq, place)
        self._carry_up(place.collection_id, seq, 0)
        return seq

    def move(self, member: Member, to: Place, *, carried_bytes: int | None = None, body: Body | None = None) -> int:
        """Append the two rows of a move, `leave` and `move`, and return the seq of the second. Body and ETag stay.

        With `body` the second is a `restore`: another place and another body in one.
        """
        carried = (member.size or 0) if carried_bytes is None else carried_bytes
        left, came = self.next_seq(), self.next_seq()
        old, shown, body_seq = member.place, body or member.body, member.body_seq if body is None else came
        self._append(left, old, "leave", Body(), body_seq=member.body_seq, alive=False)
        self._hide(left, old)
        self._append(came, to, "move" if body is None else "restore", shown, body_seq=body_seq)
        self._show(came, to, shown, body_seq=body_seq)
        self._forget_gone(to)
        self.writing.execute(
            "UPDATE resource SET collection_id = ? WHERE id = ?", (to.collection_id, member.resource_id)
        )
        self.writing.execute("UPDATE collection SET parent_id = ? WHERE id = ?", (to.collection_id, member.resource_id))
        self._carry_up(old.collection_id, left, -carried)
        self._carry_up(to.collection_id, came, carried if body is None else body.size or 0)
        return came

    def announce(self, member: Member, *, op: str = "announce") -> int:
        """Append a row that changes nothing and is reported as changed: a refused DELETE heals itself (protocol A7)."""
        seq = self.next_seq()
        self._append(seq, member.place, op, member.body, body_seq=member.body_seq)
        self._show(seq, member.place, member.body, body_seq=member.body_seq)
        self._carry_up(member.collection_id, seq, 0)
        return seq

    def props(self, member: Member, *, modified_at: int | None = None) -> int:
        """Append the row of a property change: neither ETag nor token moves (RFC 6578 3.5.1).

        `modified_at` is a new date of the same octets.
        """
        seq = self.next_seq()
        body = member.body if modified_at is None else replace(member.body, modified_at=modified_at)
        self._append(seq, member.place, "props", body, body_seq=member.body_seq)
        if modified_at is not None:
            self.writing.execute(
                "UPDATE member SET modified_at = ? WHERE collection_id = ? AND name = ?",
                (modified_at, member.collection_id, member.name),
            )
        self._touch_up(member.collection_id, seq)
        return seq

    # --- the derived tables -------------------------------------------------------------------------

    def _append(
        self,
        seq: int,
        place: Place,
        op: str,
        body: Body,
        *,
        body_seq: int,
        alive: bool = True,
        base_seq: int | None = None,
    ) -> None:
        if self.batch_id is not None and not self._batch_from:
            self._batch_from = seq
        # The open row is closed before the next one is inserted: one open row per resource (invariant 2).
        row = self.writing.execute(
            "SELECT seq FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 1", (place.resource_id,)
        ).fetchone()
        if row is not None:
            self.writing.execute("UPDATE version SET until_seq = ? WHERE seq = ?", (seq, row["seq"]))
        self.writing.execute(
            "INSERT INTO version (seq, resource_id, collection_id, name, op, alive, body_seq, base_seq, content_id,"
            " size, modified_at, etag, at, device_id, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                seq, place.resource_id, place.collection_id, place.name, op, int(alive), body_seq, base_seq,
                body.content_id, body.size, body.modified_at, body.etag, self.at, self.author.device_id, self.batch_id,
            ),
        )  # fmt: skip

    def _show(self, seq: int, place: Place, body: Body, *, body_seq: int) -> None:
        self.writing.execute(
            f"INSERT INTO member ({MEMBER_COLUMNS}, nfc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " ON CONFLICT (collection_id, name) DO UPDATE SET seq = excluded.seq,"
            " resource_id = excluded.resource_id, kind = excluded.kind, body_seq = excluded.body_seq,"
            " content_id = excluded.content_id, size = excluded.size, modified_at = excluded.modified_at,"
            " etag = excluded.etag",
            (
                place.collection_id, place.name, seq, place.resource_id, place.kind, body_seq,
                body.content_id, body.size, body.modified_at, body.etag, nfc_form(place.name),
            ),
        )  # fmt: skip

    def _hide(self, seq: int, place: Place) -> None:
        self.writing.execute(
            "DELETE FROM member WHERE collection_id = ? AND name = ?", (place.collection_id, place.name)
        )
        self.writing.execute(
            "INSERT INTO gone (collection_id, name, seq) VALUES (?, ?, ?)"
            " ON CONFLICT (collection_id, name) DO UPDATE SET seq = excluded.seq",
            (place.collection_id, place.name, seq),
        )

    def _forget_gone(self, place: Place) -> None:
        self.writing.execute("DELETE FROM gone WHERE collection_id = ? AND name = ?", (place.collection_id, place.name))

    def _carry_up(self, collection_id: int, seq: int, delta_bytes: int) -> None:
        self.writing.execute("UPDATE collection SET member_seq = ? WHERE id = ?", (seq, collection_id))
        self._touch_up(collection_id, seq, delta_bytes)

    def _touch_up(self, collection_id: int, seq: int, delta_bytes: int = 0) -> None:
        for ancestor_id in chain_up(self.writing, collection_id):
            self.writing.execute(
                "UPDATE collection SET subtree_seq = ?, subtree_bytes = subtree_bytes + ? WHERE id = ?",
                (seq, delta_bytes, ancestor_id),
            )


class Ledger:
    """Opens pages. One per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.epoch_cache = epochs.EpochCache()
        self._started = False  # whether this start has its epoch

    @contextlib.contextmanager
    def write(self, author: Author) -> Iterator[Page]:
        """Give a page; everything on it is durable on leaving, or none of it exists."""
        with self.database.write() as writing:
            page = Page(writing, author, self)
            yield page
            page.widen_batch()

    def take_time(self, writing: Writing, last_seq: int, last_at: int | None) -> int:
        """Return the time of the next row, opening an epoch at the first write of a start and after a clock step back.

        Within an epoch time never runs backwards: less than two seconds are clamped, more opens an epoch
        that takes the clock as it is (ledger 4).
        """
        now = to_micros(self.clock.now())
        stepped = last_at is not None and from_micros(last_at) - from_micros(now) > CLOCK_TOLERANCE
        if not self._started or stepped:
            reason = "new" if last_at is None else "start" if not self._started else "clock"
            epochs.open_epoch(writing, first_seq=last_seq + 1, opened_at=now, reason=reason)
            writing.after_commit(self._has_started)
            return now if stepped or last_at is None else max(now, last_at)
        return max(now, last_at or 0)

    def now_micros(self) -> int:
        """Return the clock's time for rows beside the ledger, which need not be monotone."""
        return to_micros(self.clock.now())

    def _has_started(self) -> None:
        self._started = True

    def epochs(self, reading: Reading | Writing) -> epochs.Epochs:
        """Return the epochs as the snapshot sees them."""
        return self.epoch_cache.of_snapshot(reading)


# --- one question each, for this floor and the ones above -------------------------------------------


def member_at(reading: Reading | Writing, collection_id: int, name: str) -> Member | None:
    """Return the member with exactly this name (Q1)."""
    row = reading.execute(
        f"SELECT {MEMBER_COLUMNS} FROM member WHERE collection_id = ? AND name = ?",  # noqa: S608 - a constant
        (collection_id, name),
    ).fetchone()
    return None if row is None else Member(*row)


def find_member(reading: Reading | Writing, collection_id: int, name: str) -> Member | None:
    """Return the member with this name, else the only one whose name is canonically equal (protocol B9).

    Apple sends decomposed Hangul; without the second step such a folder cannot be opened from there.
    """
    found = member_at(reading, collection_id, name)
    if found is not None or name.isascii():
        return found
    composed = unicodedata.normalize("NFC", name)
    names = {composed} if composed != name else set()
    rows = reading.execute(
        "SELECT name FROM member WHERE collection_id = ? AND nfc = ?", (collection_id, composed)
    ).fetchall()
    names.update(row["name"] for row in rows)
    found_all = [found for candidate in names if (found := member_at(reading, collection_id, candidate)) is not None]
    return found_all[0] if len(found_all) == 1 else None


def member_of(reading: Reading | Writing, resource_id: int) -> Member | None:
    """Return where a live resource is."""
    row = reading.execute(
        f"SELECT {MEMBER_COLUMNS} FROM member WHERE resource_id = ?",  # noqa: S608 - a constant
        (resource_id,),
    ).fetchone()
    return None if row is None else Member(*row)


def chain_up(reading: Reading | Writing, collection_id: int) -> list[int]:
    """Return `collection_id` and its ancestors up to the home, itself first. The root and its nodes have no totals."""
    chain: list[int] = []
    current: int | None = collection_id
    while current is not None:
        row: Row | None = reading.execute("SELECT parent_id, kind FROM collection WHERE id = ?", (current,)).fetchone()
        if row is None or row["kind"] in ("root", "node"):
            break
        chain.append(current)
        current = row["parent_id"]
    return chain


def nfc_form(name: str) -> str | None:
    """Return the NFC form of a name that is not NFC itself, else None: what `member.nfc` holds."""
    if name.isascii():
        return None
    composed = unicodedata.normalize("NFC", name)
    return None if composed == name else composed
