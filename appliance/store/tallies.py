"""How much happened, by collection, device, kind and quarter of an hour: what a graph and a day's sentences count.

Counted are things that came, changed or went; not properties, and of a move only that it arrived. Whoever asks leaves
out the collections that the reader may not know of.
"""

from __future__ import annotations

from typing import NamedTuple

from appliance.store.database import Reading

QUARTER = 15 * 60 * 1_000_000  # microseconds; every zone of our time is a whole number of quarters away from UTC
UNCOUNTED = "'leave', 'merged', 'props', 'announce'"  # ops


class Tally(NamedTuple):
    """How many rows say the same."""

    collection_id: int
    device_id: int | None  # None: the disk
    kind: str
    quarter: int  # since 1970
    alive: int  # 0: it went
    rows: int


def tallies(
    reading: Reading, *, after_seq: int, last_seq: int, resource_id: int | None = None, collection_id: int | None = None
) -> list[Tally]:
    """Return the counts of the rows after `after_seq`, `last_seq` included.

    Of the whole house, or of one resource, or of what lies directly in one collection.
    """
    where, id_ = "", 0
    if resource_id is not None:
        where, id_ = "v.resource_id = ?3 AND", resource_id
    elif collection_id is not None:
        where, id_ = "v.collection_id = ?3 AND", collection_id
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        f"SELECT v.collection_id, v.device_id, r.kind, v.at / {QUARTER} AS quarter, v.alive, count(*)"  # noqa: S608
        f" FROM version v JOIN resource r ON r.id = v.resource_id WHERE {where} v.seq > ?1 AND v.seq <= ?2"
        f" AND v.op NOT IN ({UNCOUNTED})"
        " GROUP BY v.collection_id, v.device_id, r.kind, quarter, v.alive",
        (after_seq, last_seq, id_)[: 3 if where else 2],
    ).fetchall()
    return [Tally._make(row) for row in rows]


def changed_by(reading: Reading, device_id: int, kind: str, *, after_seq: int, last_seq: int) -> int:
    """Return how many things of a kind a device changed that had been there before, in these rows."""
    row = reading.execute(
        "SELECT count(DISTINCT v.resource_id) FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.device_id = ?1 AND v.seq > ?3 AND v.seq <= ?4 AND r.kind = ?2 AND v.alive = 1"
        " AND (SELECT p.alive FROM version p WHERE p.resource_id = v.resource_id AND p.seq < v.seq"
        " ORDER BY p.seq DESC LIMIT 1) = 1",
        (device_id, kind, after_seq, last_seq),
    ).fetchone()
    return int(row[0])


class Began(NamedTuple):
    """The first row of several; microseconds since 1970."""

    seq: int
    at: int


def first_by(reading: Reading, device_id: int, *, after_seq: int, last_seq: int) -> Began | None:
    """Return the first row that a device wrote among these, None: it wrote none."""
    row = reading.execute(
        "SELECT seq, at FROM version WHERE device_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT 1",
        (device_id, after_seq, last_seq),
    ).fetchone()
    return None if row is None else Began(*row)


def last_by(reading: Reading, device_id: int, *, alive: bool, after_seq: int, last_seq: int) -> int | None:
    """Return the last row by which a device left something there, or gone, among these rows; None: there is none."""
    row = reading.execute(
        "SELECT seq FROM version WHERE device_id = ? AND seq > ? AND seq <= ? AND alive = ? ORDER BY seq DESC LIMIT 1",
        (device_id, after_seq, last_seq, alive),
    ).fetchone()
    return None if row is None else int(row["seq"])


def still_gone(reading: Reading, device_id: int, *, after_seq: int, last_seq: int) -> int:
    """Return how many of the things that a device deleted in these rows are not there again."""
    row = reading.execute(
        "SELECT count(DISTINCT v.resource_id) FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.device_id = ? AND v.seq > ? AND v.seq <= ? AND v.op = 'delete' AND v.alive = 0 AND r.alive = 0",
        (device_id, after_seq, last_seq),
    ).fetchone()
    return int(row[0])
