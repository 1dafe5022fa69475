"""What is not in a collection any more but was: deleted things, in their place, with when and by whom.

A name that is used again belongs to what has it now; what it named before is a matter of the timeline. What moved away
lives elsewhere and did not end. Nothing is judged here: who may look is asked above.
"""

from __future__ import annotations

from typing import NamedTuple

from appliance.store.database import Reading


class Ended(NamedTuple):
    """One thing that ended. `seq` is the row of its end, `at` microseconds since 1970, `device_id` None: the disk.

    `title` is that of its last body, `size` its length; `place` 'none': its octets are not kept any more.
    """

    name: str
    seq: int
    at: int
    device_id: int | None
    resource_id: int
    kind: str
    content_id: int | None
    size: int | None
    title: str | None
    place: str | None


_ENDED = (
    "SELECT g.name, v.seq, v.at, v.device_id, v.resource_id, r.kind, b.content_id, b.size, f.title, c.place"
    " FROM gone g JOIN version v ON v.seq = g.seq JOIN resource r ON r.id = v.resource_id"
    " LEFT JOIN version b ON b.seq = (SELECT p.seq FROM version p WHERE p.resource_id = v.resource_id"
    " AND p.seq < v.seq AND p.content_id IS NOT NULL ORDER BY p.seq DESC LIMIT 1)"
    " LEFT JOIN fact f ON f.content_id = b.content_id LEFT JOIN content c ON c.id = b.content_id"
    " WHERE g.collection_id = ? AND v.until_seq IS NULL AND v.alive = 0 AND v.op <> 'leave' AND r.kind <> 'mount'"
)


def ended_in(reading: Reading, collection_id: int) -> list[Ended]:
    """Return what ended directly in a collection and has not come back, by name."""
    cursor = reading.cursor()
    cursor.row_factory = None
    return list(map(Ended._make, cursor.execute(_ENDED, (collection_id,)).fetchall()))


def ended_count(reading: Reading, collection_id: int) -> int:
    """Return how many things ended directly in a collection and have not come back."""
    row = reading.execute(
        "SELECT count(*) FROM gone g JOIN version v ON v.seq = g.seq JOIN resource r ON r.id = v.resource_id"
        " WHERE g.collection_id = ? AND v.until_seq IS NULL AND v.alive = 0 AND v.op <> 'leave' AND r.kind <> 'mount'",
        (collection_id,),
    ).fetchone()
    return int(row[0])


def ended_events(reading: Reading, collection_id: int, start_at: int, end_at: int, *, newest: int) -> list[Ended]:
    """Return what ended in a calendar and may have taken place in a range (microseconds), among the newest ends.

    Only the hull is looked at, alarms included: whoever knows the zone reads the bodies.
    """
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT g.name, v.seq, v.at, v.device_id, v.resource_id, r.kind, b.content_id, b.size, f.title, c.place"
        " FROM gone g JOIN version v ON v.seq = g.seq JOIN resource r ON r.id = v.resource_id"
        " JOIN version b ON b.seq = (SELECT p.seq FROM version p WHERE p.resource_id = v.resource_id"
        " AND p.seq < v.seq AND p.content_id IS NOT NULL ORDER BY p.seq DESC LIMIT 1)"
        " JOIN fact f ON f.content_id = b.content_id JOIN content c ON c.id = b.content_id"
        " WHERE g.collection_id = ?1 AND g.seq >= coalesce((SELECT seq FROM gone WHERE collection_id = ?1"
        " ORDER BY seq DESC LIMIT 1 OFFSET ?2), 0)"
        " AND v.until_seq IS NULL AND v.alive = 0 AND v.op <> 'leave'"
        " AND f.first_at < ?4 AND (f.last_at IS NULL OR f.last_at >= ?3)",
        (collection_id, newest, start_at, end_at),
    ).fetchall()
    return list(map(Ended._make, rows))
