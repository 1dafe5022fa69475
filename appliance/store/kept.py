"""Versions that somebody said are to stay: which of a file's there are, and the rows that say so.

Retention asks these rows inside the write that lets content go (`thinning`), so a version is kept from the moment its
row is durable. What was let go before cannot be kept any more; that is judged inside the write as well. Which versions
somebody means is decided above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from appliance.store.database import Database, Reading, Writing

SLICE = 1000  # versions to a write: others get their turns


@dataclass(frozen=True, slots=True)
class Changed:
    """The versions that a call changed, with their octets; how many were so before, and how many were let go."""

    versions: int = 0
    size_bytes: int = 0
    before: int = 0
    let_go: int = 0

    def __add__(self, other: Changed) -> Changed:
        return Changed(
            self.versions + other.versions,
            self.size_bytes + other.size_bytes,
            self.before + other.before,
            self.let_go + other.let_go,
        )


class Version(NamedTuple):
    """A version as the write finds it."""

    size_bytes: int
    is_there: bool
    is_kept: bool


def pin(database: Database, seqs: Sequence[int], *, at: int, device_id: int | None) -> Changed:
    """Keep the versions with these seqs for good, whatever retention decides; twice is once.

    A call that is cut off has kept the first of them, and may be made again.
    """
    found = Changed()
    for some in _slices(seqs):
        with database.write() as writing:
            for seq in some:
                found += _pin_one(writing, seq, at, device_id)
    return found


def _pin_one(writing: Writing, seq: int, at: int, device_id: int | None) -> Changed:
    version = _looked_at(writing, seq)
    if version is None or not version.is_there:
        return Changed(let_go=1)
    if version.is_kept:
        return Changed(before=1)
    writing.execute("INSERT INTO kept (seq, at, device_id) VALUES (?, ?, ?)", (seq, at, device_id))
    return Changed(1, version.size_bytes)


def unpin(database: Database, seqs: Sequence[int]) -> Changed:
    """Leave the versions with these seqs to retention again; twice is once."""
    found = Changed()
    for some in _slices(seqs):
        with database.write() as writing:
            for seq in some:
                found += _unpin_one(writing, seq)
    return found


def _unpin_one(writing: Writing, seq: int) -> Changed:
    version = _looked_at(writing, seq)
    if version is None or not version.is_kept:
        return Changed(before=1)
    writing.execute("DELETE FROM kept WHERE seq = ?", (seq,))
    return Changed(1, version.size_bytes)


def _slices(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(seqs), SLICE):
        yield seqs[start : start + SLICE]


def _looked_at(writing: Writing, seq: int) -> Version | None:
    row = writing.execute(
        "SELECT c.size, c.place <> 'none', k.seq IS NOT NULL FROM version v JOIN content c ON c.id = v.content_id"
        " LEFT JOIN kept k ON k.seq = v.seq WHERE v.seq = ?",
        (seq,),
    ).fetchone()
    return None if row is None else Version(row[0], bool(row[1]), bool(row[2]))


def pinned(reading: Reading, seqs: Sequence[int]) -> set[int]:
    """Return which of these versions are kept."""
    found = (reading.execute("SELECT seq FROM kept WHERE seq = ?", (seq,)).fetchone() for seq in seqs)
    return {row["seq"] for row in found if row is not None}


def pinned_at(reading: Reading, at: int, device_id: int) -> list[int]:
    """Return the versions that a device kept at one moment, by seq."""
    rows = reading.execute("SELECT seq FROM kept WHERE at = ? AND device_id = ? ORDER BY seq", (at, device_id))
    return [row["seq"] for row in rows.fetchall()]


def pressed(reading: Reading, at: int, device_id: int) -> tuple[int, int]:
    """Return how many versions a device kept at one moment, as far as they are kept still, and their octets."""
    row = reading.execute(
        "SELECT count(*), coalesce(sum(v.size), 0) FROM kept k JOIN version v ON v.seq = k.seq"
        " WHERE k.at = ? AND k.device_id = ?",
        (at, device_id),
    ).fetchone()
    return int(row[0]), int(row[1])


def how_many(reading: Reading) -> int:
    """Return how many versions somebody said are to stay."""
    return int(reading.execute("SELECT count(*) FROM kept").fetchone()[0])


# --- which versions there are -------------------------------------------------------------------------


def body_seqs(reading: Reading, resource_id: int) -> list[int]:
    """Return the rows that brought each body of a resource, oldest first."""
    rows = reading.execute(
        "SELECT DISTINCT body_seq FROM version WHERE resource_id = ? AND content_id IS NOT NULL ORDER BY body_seq",
        (resource_id,),
    ).fetchall()
    return [row["body_seq"] for row in rows]


def lying_in(reading: Reading, collection_id: int) -> Iterator[tuple[int, str]]:
    """Yield (resource id, kind) of everything that lies in a collection, or lay there when it was deleted."""
    yield from reading.execute(
        "SELECT r.id, r.kind FROM (SELECT DISTINCT resource_id AS id FROM version WHERE collection_id = ?1) here"
        " JOIN resource r ON r.id = here.id WHERE r.collection_id = ?1",
        (collection_id,),
    ).fetchall()
