"""Questions about the present and the recent past of collections. One statement each, scoped by integer id."""

from __future__ import annotations

from typing import NamedTuple

from appliance.store.database import Reading, Writing
from appliance.store.ledger import MEMBER_COLUMNS, Member

UNLIMITED = -1


class Gone(NamedTuple):
    """A name that meant something and does not now."""

    name: str
    seq: int


def member_seq(reading: Reading, collection_id: int) -> int:
    """Return the seq of the last change of a direct member: ctag and token (Q3)."""
    row = reading.execute("SELECT member_seq FROM collection WHERE id = ?", (collection_id,)).fetchone()
    return 0 if row is None else int(row["member_seq"])


def newest_seq(reading: Reading | Writing) -> int:
    """Return the last number that was given out, 0 before the first."""
    return int(reading.execute("SELECT coalesce(max(seq), 0) FROM version").fetchone()[0])


def newest_at(reading: Reading) -> int | None:
    """Return when the newest row was written, microseconds since 1970; None before the first."""
    row = reading.execute("SELECT at FROM version ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else int(row["at"])


def born_at(reading: Reading, resource_id: int) -> int | None:
    """Return when the first row of a resource was written, microseconds."""
    row = reading.execute(
        "SELECT at FROM version WHERE resource_id = ? ORDER BY seq LIMIT 1", (resource_id,)
    ).fetchone()
    return None if row is None else int(row["at"])


def changes(
    reading: Reading, collection_id: int, since_seq: int, limit: int | None, *, with_gone: bool
) -> list[Member | Gone]:
    """Return what changed after `since_seq` in the order of seq, at most `limit` + 1 rows (Q4).

    One more than the limit says that there is more. Without `with_gone` only live members: the first page of an
    empty token must hold the oldest rows of live members, and no removals (RFC 6578 3.4).
    """
    cursor = reading.cursor()
    cursor.row_factory = None
    count = UNLIMITED if limit is None else limit + 1
    if not with_gone:
        order = "" if limit is None else " ORDER BY seq"
        rows = cursor.execute(
            f"SELECT {MEMBER_COLUMNS} FROM member WHERE collection_id = ? AND seq > ?{order} LIMIT ?",  # noqa: S608
            (collection_id, since_seq, count),
        ).fetchall()
        return list(map(Member._make, rows))
    rows = cursor.execute(
        f"SELECT {MEMBER_COLUMNS} FROM member WHERE collection_id = ?1 AND seq > ?2"  # noqa: S608
        " UNION ALL SELECT collection_id, name, seq, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM gone"
        " WHERE collection_id = ?1 AND seq > ?2 ORDER BY 3 LIMIT ?3",
        (collection_id, since_seq, count),
    ).fetchall()
    return [Gone(row[1], row[2]) if row[3] is None else Member._make(row) for row in rows]


def folders_changed(reading: Reading, collection_id: int, since_seq: int) -> list[int]:
    """Return the ids of folders directly below in which something changed after `since_seq`, at any depth (Q8)."""
    rows = reading.execute(
        "SELECT id FROM collection WHERE parent_id = ? AND subtree_seq > ?", (collection_id, since_seq)
    ).fetchall()
    return [row["id"] for row in rows]


def state_at(reading: Reading, collection_id: int, seq: int) -> list[Member]:
    """Return the members of a collection as they were after `seq` (Q5a); kinds are those of the resources."""
    columns = (
        "v.collection_id, v.name, v.seq, v.resource_id, r.kind, v.body_seq, v.content_id, v.size, v.modified_at, v.etag"
    )
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        f"SELECT {columns} FROM version v JOIN resource r ON r.id = v.resource_id"  # noqa: S608
        " WHERE v.collection_id = ?1 AND v.alive = 1 AND v.until_seq IS NULL AND v.seq <= ?2"
        f" UNION ALL SELECT {columns} FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.collection_id = ?1 AND v.alive = 1 AND v.until_seq > ?2 AND v.seq <= ?2",
        (collection_id, seq),
    ).fetchall()
    return list(map(Member._make, rows))


def members_named(reading: Reading, collection_id: int) -> list[Member]:
    """Return all members in name order (Q2)."""
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        f"SELECT {MEMBER_COLUMNS} FROM member WHERE collection_id = ?",  # noqa: S608
        (collection_id,),
    ).fetchall()
    return list(map(Member._make, rows))


def member_count(reading: Reading, collection_id: int) -> int:
    """Return how many members a collection has; of one that ended, how many it still holds."""
    return int(reading.execute("SELECT count(*) FROM member WHERE collection_id = ?", (collection_id,)).fetchone()[0])


def members_by_id(reading: Reading, collection_id: int, resource_ids: list[int]) -> list[Member]:
    """Return the members with these resource ids, in slices of 200."""
    cursor = reading.cursor()
    cursor.row_factory = None
    found: list[Member] = []
    for start in range(0, len(resource_ids), 200):  # one prepared statement for all of them
        ids = resource_ids[start : start + 200]
        padded = ids + [ids[-1]] * (200 - len(ids))
        rows = cursor.execute(
            f"SELECT {MEMBER_COLUMNS} FROM member WHERE resource_id IN ({','.join('?' * 200)})"  # noqa: S608
            " AND collection_id = ?",
            (*padded, collection_id),
        ).fetchall()
        found.extend(map(Member._make, rows))
    return found


def live_bytes(reading: Reading, collection_ids: list[int]) -> int:
    """Return the live bytes below some collections."""
    total = 0
    for collection_id in collection_ids:
        row = reading.execute("SELECT subtree_bytes FROM collection WHERE id = ?", (collection_id,)).fetchone()
        total += 0 if row is None else int(row["subtree_bytes"])
    return total
