"""Letting go of content that nothing needs any more: one walk over the ledger, then removals in slices (ledger Q15).

The walk tells, version by version, how long each body was current; somebody else says until when it is needed, and
`Needs` remembers the latest moment for each content, because several versions may share one. What a later row, an open
refusal, a pin or an unfinished plan needs is asked again inside the write that removes. Rows of the ledger are never
removed, so that the timeline stays truthful; a content becomes `none`, and its files leave the disk after their grace.

Nothing is counted and kept: a run that breaks off anywhere is begun again from the start.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from appliance.store import places
from appliance.store.database import Database, Reading, Writing

NEVER = (1 << 63) - 1
REFUSED_STAY = timedelta(days=90) // timedelta(microseconds=1)  # after somebody settled them (ledger 7)
CLOCK_NOT_SET = "clock not set"
SLICE = 200  # contents to a statement and to a write
MOVED_AWAY = "leave"  # the row of a move that is followed by the arrival
MERGED = "merged"  # an upload whose content is its target's from now on

_LAST_RUN = "pruned_at"


class Stretch(NamedTuple):
    """How long one body of one resource was current. Times are microseconds since 1970."""

    seq: int
    content_id: int
    at: int
    replaced_at: int | None  # None: it is current, or no file's and never asked about
    deleted: bool  # what replaced it is the end of the resource
    dated: bool  # False: one of the two was written before the clock was set


class Walk:
    """Goes over every row of the ledger up to `scanned_seq` once, in their own order, some rows to a step.

    What is written meanwhile is left to the check inside the write. For each resource it remembers the body that is
    current so far, in 24 bytes: a dictionary of a million files would not fit into a small box.
    """

    def __init__(self, reading: Reading) -> None:
        self.scanned_seq = int(reading.execute("SELECT coalesce(max(seq), 0) FROM version").fetchone()[0])
        self.seq = 0  # how far it came
        newest = int(reading.execute("SELECT coalesce(max(id), 0) FROM resource").fetchone()[0])
        self._is_file = bytearray(newest + 1)
        for (id_,) in reading.execute("SELECT id FROM resource WHERE kind = 'file' AND id <= ?", (newest,)):
            self._is_file[id_] = 1
        empty = bytes(8 * (newest + 1))
        self._body_seq, self._content, self._at = array("q", empty), array("q", empty), array("q", empty)

    @property
    def finished(self) -> bool:
        """Whether every row was looked at."""
        return self.seq >= self.scanned_seq

    def step(self, reading: Reading, rows: int) -> list[Stretch]:
        """Return the stretches that the next `rows` rows end; at the end of the ledger those that are open as well."""
        found: list[Stretch] = []
        cursor = reading.cursor()
        cursor.row_factory = None
        fetched = cursor.execute(
            "SELECT seq, resource_id, op, alive, body_seq, content_id, at, note FROM version"
            " WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
            (self.seq, self.scanned_seq, rows),
        ).fetchall()
        for row in fetched:
            if row[1] < len(self._is_file) and self._is_file[row[1]]:
                self._take(row, found)
            elif row[5] is not None:
                found.append(Stretch(row[0], row[5], row[6], None, deleted=False, dated=True))
        self.seq = fetched[-1][0] if fetched else self.scanned_seq
        if self.finished:
            found += self._open_ones()
        return found

    def _take(self, row: tuple[int, int, str, int, int, int | None, int, str | None], found: list[Stretch]) -> None:
        seq, resource_id, op, alive, body_seq, content_id, at, note = row
        current_seq = self._body_seq[resource_id]
        if op == MOVED_AWAY or (alive and body_seq == current_seq):
            return  # a move, new properties, an announcement: the body goes on
        at_known = 0 if note == CLOCK_NOT_SET else at
        if current_seq:
            began, deleted = self._at[resource_id], not alive and op != MERGED
            dated = bool(began and at_known)
            found.append(Stretch(current_seq, self._content[resource_id], began, at, deleted=deleted, dated=dated))
        self._body_seq[resource_id] = 0 if content_id is None else seq
        self._content[resource_id], self._at[resource_id] = content_id or 0, at_known

    def _open_ones(self) -> Iterator[Stretch]:
        for resource_id, seq in enumerate(self._body_seq):
            if seq:
                content_id, at = self._content[resource_id], self._at[resource_id]
                yield Stretch(seq, content_id, at, None, deleted=False, dated=bool(at))


class Needs:
    """For each content the moment from which nothing needs it, and the newest version that has it.

    Sixteen bytes each, however many versions there are. What nothing at all leads to is left alone.
    """

    def __init__(self, reading: Reading) -> None:
        newest = int(reading.execute("SELECT coalesce(max(id), 0) FROM content").fetchone()[0])
        self._until, self._seq = array("q", bytes(8 * (newest + 1))), array("q", bytes(8 * (newest + 1)))
        for content_id, settled_at in reading.execute(
            "SELECT content_id, settled_at FROM refused WHERE content_id IS NOT NULL"
        ):
            self.need(content_id, None if settled_at is None else settled_at + REFUSED_STAY)
        for (content_id,) in reading.execute(f"{_PINNED} UNION {_PLANNED}").fetchall():
            self.need(content_id, None)

    def need(self, content_id: int, until: int | None, seq: int = 0) -> None:
        """Say that something, a version with its `seq`, needs the content until then; None: for good.

        The latest counts.
        """
        moment = NEVER if until is None else max(until, 1)
        if content_id < len(self._until):  # a newer content is not asked about
            self._until[content_id] = max(self._until[content_id], moment)
            self._seq[content_id] = max(self._seq[content_id], seq)

    def of(self, content_id: int) -> tuple[int, int]:
        """Return (moment, newest seq that has it) of a content: `NEVER` and 0 where nothing was said of either."""
        if content_id >= len(self._until):
            return NEVER, 0
        return self._until[content_id] or NEVER, self._seq[content_id]

    def passing(self) -> Iterator[tuple[int, int]]:
        """Yield (content id, moment) of everything that is not needed for good, in the order of ids."""
        for content_id, moment in enumerate(self._until):
            if 0 < moment < NEVER:
                yield content_id, moment


_PINNED = (  # CROSS: the few pins first, whatever the planner believes
    "SELECT v.content_id FROM kept k CROSS JOIN version v ON v.seq = k.seq WHERE v.content_id IS NOT NULL"
)

_PLANNED = (  # what a restore that was cut off still wants to bring back
    "SELECT json_extract(e.value, '$.wanted.body.content_id') AS content_id FROM batch b, json_each(b.plan) e"
    " WHERE b.state <> 'done' AND b.plan IS NOT NULL"
    " AND json_extract(e.value, '$.wanted.body.content_id') IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Freed:
    """How many contents were let go, and their octets."""

    contents: int = 0
    size_bytes: int = 0

    def __add__(self, other: Freed) -> Freed:
        return Freed(self.contents + other.contents, self.size_bytes + other.size_bytes)


def sizes(reading: Reading | Writing, content_ids: Sequence[int]) -> dict[int, int]:
    """Return the size of each of these contents, at most `SLICE`, that is still there."""
    padded = [*content_ids, *[content_ids[-1]] * (SLICE - len(content_ids))]  # one prepared statement for all
    rows = reading.execute(
        f"SELECT id, size FROM content WHERE id IN ({','.join('?' * SLICE)}) AND place <> 'none'",  # noqa: S608
        padded,
    ).fetchall()
    return {row["id"]: row["size"] for row in rows}


def let_go(database: Database, content_ids: Sequence[int], *, scanned_seq: int, now: int) -> Freed:
    """Let go of at most `SLICE` contents in one write, but for those that were needed since `scanned_seq`."""
    with database.write() as writing:
        needed = _needed_since(writing, scanned_seq, now)
        leaving = {id_: size for id_, size in sizes(writing, content_ids).items() if id_ not in needed}
        freed = [size for id_, size in leaving.items() if places.remove(writing, id_, at=now)]
    return Freed(len(freed), sum(freed))


def _needed_since(writing: Writing, scanned_seq: int, now: int) -> set[int]:
    rows = writing.execute(
        "SELECT content_id FROM version WHERE seq > ?1 AND content_id IS NOT NULL"  # noqa: S608 - a constant
        " UNION SELECT content_id FROM refused WHERE content_id IS NOT NULL"
        f" AND (settled_at IS NULL OR settled_at > ?2) UNION {_PINNED} UNION {_PLANNED}",
        (scanned_seq, now - REFUSED_STAY),
    ).fetchall()
    return {row["content_id"] for row in rows}


def last_run_at(reading: Reading) -> int | None:
    """Return when retention last ran to its end, microseconds; None: never."""
    row = reading.execute("SELECT value FROM setting WHERE name = ?", (_LAST_RUN,)).fetchone()
    return None if row is None else int(row["value"])


def note_run(database: Database, at: int) -> None:
    """Remember that retention ran to its end."""
    with database.write() as writing:
        writing.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_LAST_RUN, str(at)),
        )
