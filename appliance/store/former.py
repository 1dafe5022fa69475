"""What pages say of files beside what is on disk: who wrote them, what they were before, what lies in a folder.

One question each, for as many rows as a page shows. The bodies themselves are read by `bodies`; who may look is
judged above.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from appliance.store.database import Reading
from appliance.store.past import SLICE, slices_of

SAME_ACT = 120_000_000  # microseconds between two rows of a device that belong to one step back or forth
STEP_ROWS = 2000  # rows that are looked at for one step


class Former(NamedTuple):
    """One body that a file has or had. Times are microseconds since 1970; `device_id` None: the disk.

    `ended_at` is when the next body or the end of the file came, None: it is the present one. `place` 'none': its
    octets are not kept any more.
    """

    seq: int
    at: int
    device_id: int | None
    collection_id: int
    name: str
    size: int | None
    content_id: int
    place: str
    note: str | None
    pinned: bool
    ended_at: int | None = None
    was_deleted: bool = False


def bodies_of(reading: Reading, resource_id: int, most: int) -> list[Former]:
    """Return the bodies that a file has and had, the newest first, at most so many."""
    rows = reading.execute(
        "SELECT v.seq, v.at, v.device_id, v.collection_id, v.name, v.size, v.content_id, c.place, v.note,"
        " k.seq IS NOT NULL FROM version v JOIN content c ON c.id = v.content_id LEFT JOIN kept k ON k.seq = v.seq"
        " WHERE v.resource_id = ? AND v.body_seq = v.seq AND v.alive = 1 ORDER BY v.seq DESC LIMIT ?",
        (resource_id, most),
    ).fetchall()
    end = _end_of(reading, resource_id)
    found: list[Former] = []
    ended_at, deleted = end, end is not None
    for seq, at, device_id, holder_id, name, size, content_id, place, note, pinned in map(tuple, rows):
        found.append(
            Former(seq, at, device_id, holder_id, name, size, content_id, place, note, bool(pinned), ended_at, deleted)
        )
        ended_at, deleted = at, False
    return found


def _end_of(reading: Reading, resource_id: int) -> int | None:
    """Return when a file was deleted, None while it lives."""
    row = reading.execute(
        "SELECT at, alive FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 1", (resource_id,)
    ).fetchone()
    return None if row is None or row["alive"] else int(row["at"])


class Written(NamedTuple):
    """Who wrote the present body of a file, and how many bodies it has had."""

    device_id: int | None
    bodies: int


def written(reading: Reading, resource_ids: Sequence[int]) -> dict[int, Written]:
    """Return who wrote the present bodies of some files."""
    found: dict[int, Written] = {}
    for ids in slices_of(resource_ids):
        rows = reading.execute(
            "SELECT m.resource_id AS id, (SELECT device_id FROM version v WHERE v.seq = m.body_seq) AS device_id,"  # noqa: S608
            " (SELECT count(*) FROM version v WHERE v.resource_id = m.resource_id AND v.body_seq = v.seq"
            " AND v.alive = 1) AS bodies"
            f" FROM member m WHERE m.resource_id IN ({','.join('?' * SLICE)})",
            ids,
        ).fetchall()
        found.update({row["id"]: Written(row["device_id"], row["bodies"]) for row in rows})
    return found


def uncovered(reading: Reading, resource_ids: Sequence[int]) -> set[int]:
    """Return those of some files whose octets are nowhere but in the live file."""
    found: set[int] = set()
    for ids in slices_of(resource_ids):
        rows = reading.execute(
            f"SELECT resource_id FROM disk WHERE covered = 0 AND resource_id IN ({','.join('?' * SLICE)})",  # noqa: S608
            ids,
        ).fetchall()
        found.update(row["resource_id"] for row in rows)
    return found


class Below(NamedTuple):
    """What lies below a folder: live octets, and the newest row anywhere in it."""

    size_bytes: int
    seq: int


def below(reading: Reading, folder_ids: Sequence[int]) -> dict[int, Below]:
    """Return what lies below each of some folders."""
    found: dict[int, Below] = {}
    for ids in slices_of(folder_ids):
        rows = reading.execute(
            "SELECT id, subtree_bytes, subtree_seq FROM collection"  # noqa: S608 - only marks
            f" WHERE id IN ({','.join('?' * SLICE)})",
            ids,
        ).fetchall()
        found.update({row["id"]: Below(row["subtree_bytes"], row["subtree_seq"]) for row in rows})
    return found


# --- one change back or forth -------------------------------------------------------------------------


def step_before(reading: Reading, collection_id: int, seq: int) -> int | None:
    """Return the state just before the last thing that happened directly in a collection up to `seq`.

    Rows of one device that follow each other closely are one thing: nobody wants to go back through 212 deletions one
    by one. None: nothing happened before.
    """
    rows = reading.execute(
        "SELECT seq, at, device_id FROM version WHERE collection_id = ? AND seq <= ? ORDER BY seq DESC LIMIT ?",
        (collection_id, seq, STEP_ROWS),
    ).fetchall()
    return None if not rows else _end_of_run(rows) - 1


def step_after(reading: Reading, collection_id: int, seq: int) -> int | None:
    """Return the state just after the next thing that happened directly in a collection; None: nothing did."""
    rows = reading.execute(
        "SELECT seq, at, device_id FROM version WHERE collection_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (collection_id, seq, STEP_ROWS),
    ).fetchall()
    return None if not rows else _end_of_run(rows)


def _end_of_run(rows: Sequence[tuple[int, int, int | None]]) -> int:
    seq, at, device_id = rows[0]
    for row in rows[1:]:
        if row[2] != device_id or abs(row[1] - at) > SAME_ACT:
            break
        seq, at = row[0], row[1]
    return seq
