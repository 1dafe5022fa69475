"""What is derived from bodies: facts by content, and for live calendar members the index of their instances.

A month of a calendar is then an index lookup (Q16). Everything here can be rebuilt by reading the bodies again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from appliance.store.database import Reading, Writing

DAY = 86_400_000_000
LONG = 31 * DAY  # an instance longer than this is found through `span_long`
FLOATING_SLACK = 26 * 3_600_000_000  # a floating time may mean any zone: asked this much wider, judged exactly
MIXED = "MIXED"
FOREVER = (1 << 62) - 1
UNBOUNDED = (1 << 63) - 1  # more than any end that is asked for, slack included: nothing is missing on this side
PARTLY, WHOLLY = 1, 2  # what `span.floating` holds of times that float
READER = 1  # raise it when `objects` reads bodies differently: older facts are then computed anew


@dataclass(frozen=True, slots=True)
class Facts:
    """What the index needs to know of a body. Times in microseconds UTC; `last_at` None: for ever."""

    kind: str  # card | event
    uid: str | None
    component: str = ""
    title: str | None = None  # what a search by name may trust; None: read the body
    fault: str | None = None
    first_at: int = 0
    last_at: int | None = None
    longest: int = 0
    recurring: bool = False
    floating: bool = False
    zoneless: bool = False  # all of its times float: its instances are the listed ones, placed in whatever zone
    mixed: bool = False  # several kinds of component in one body: judged by reading it
    listed_from: int = 0
    listed_to: int = 0
    instances: Sequence[tuple[int, int, str]] = ()  # (start, end, busy) inside the listed window


@dataclass(frozen=True, slots=True)
class Candidate:
    """A calendar member that a time range may touch. `certain`: its indexed instances do touch it.

    `local` are the instances of a member whose times float, (start, end) as if UTC: whoever knows the zone can judge
    them without reading the body.
    """

    resource_id: int
    certain: bool
    local: tuple[tuple[int, int], ...] = ()


def record_facts(writing: Writing, content_id: int, facts: Facts) -> None:
    """Keep what was read from a body; the same body is never read twice."""
    writing.execute(
        "INSERT INTO fact (content_id, reader, component, uid, title, first_at, last_at, longest, recurring, floating,"
        " fault)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (content_id) DO UPDATE SET reader = excluded.reader,"
        " component = excluded.component, uid = excluded.uid, title = excluded.title, first_at = excluded.first_at,"
        " last_at = excluded.last_at, longest = excluded.longest, recurring = excluded.recurring,"
        " floating = excluded.floating, fault = excluded.fault",
        (
            content_id, READER, facts.component, facts.uid, facts.title, facts.first_at, facts.last_at,
            facts.longest, int(facts.recurring), int(facts.floating), facts.fault,
        ),
    )  # fmt: skip


def index(writing: Writing, collection_id: int, resource_id: int, facts: Facts) -> None:
    """Replace the index rows of one calendar member."""
    forget(writing, resource_id)
    writing.execute(
        "INSERT INTO span (resource_id, collection_id, first_at, last_at, listed_from, listed_to, longest, recurring,"
        " floating, component) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            resource_id, collection_id, facts.first_at, facts.last_at, facts.listed_from, facts.listed_to,
            facts.longest, int(facts.recurring), _floating(facts), MIXED if facts.mixed else facts.component,
        ),
    )  # fmt: skip
    writing.executemany(
        "INSERT OR IGNORE INTO instance (collection_id, start_at, resource_id, end_at, busy) VALUES (?, ?, ?, ?, ?)",
        [(collection_id, start, resource_id, end, busy) for start, end, busy in facts.instances],
    )


def _floating(facts: Facts) -> int:
    return WHOLLY if facts.zoneless else PARTLY if facts.floating else 0


def forget(writing: Writing, resource_id: int) -> None:
    """Remove the index rows of a member that ended or left."""
    writing.execute("DELETE FROM span WHERE resource_id = ?", (resource_id,))
    writing.execute("DELETE FROM instance WHERE resource_id = ?", (resource_id,))


def carry(writing: Writing, from_id: int, to_id: int, to_collection_id: int) -> None:
    """Give `to_id` the index rows of `from_id` (the same resource after a MOVE, or a copy): no parse."""
    span = writing.execute(
        "SELECT first_at, last_at, listed_from, listed_to, longest, recurring, floating, component FROM span"
        " WHERE resource_id = ?",
        (from_id,),
    ).fetchone()
    if span is None:
        return
    rows = writing.execute("SELECT start_at, end_at, busy FROM instance WHERE resource_id = ?", (from_id,)).fetchall()
    forget(writing, to_id)
    writing.execute(
        "INSERT INTO span (resource_id, collection_id, first_at, last_at, listed_from, listed_to, longest, recurring,"
        " floating, component) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (to_id, to_collection_id, *span),
    )
    writing.executemany(
        "INSERT OR IGNORE INTO instance (collection_id, start_at, resource_id, end_at, busy) VALUES (?, ?, ?, ?, ?)",
        [(to_collection_id, row["start_at"], to_id, row["end_at"], row["busy"]) for row in rows],
    )


def candidates(
    reading: Reading, collection_id: int, start_at: int | None, end_at: int | None, component: str
) -> list[Candidate]:
    """Return the members of one component kind that a time range may touch (Q16), certain ones marked.

    None is an open end. Instances that touch decide alone unless the member has floating times; those of one whose
    times all float decide in the zone that the reader knows. A member whose hull touches the range outside what is
    listed is uncertain and must be expanded.
    """
    start = -FOREVER if start_at is None else start_at
    end = FOREVER if end_at is None else end_at
    wide_start, wide_end = start - FLOATING_SLACK, end + FLOATING_SLACK
    cursor = reading.cursor()
    cursor.row_factory = None
    found: dict[int, Candidate] = {}
    for resource_id, first, last, floating, mixed, recurring in cursor.execute(
        "SELECT i.resource_id, i.start_at, i.end_at, s.floating, s.component = 'MIXED', s.recurring FROM instance i"
        " JOIN span s ON s.resource_id = i.resource_id WHERE i.collection_id = ?1 AND i.start_at < ?2"
        " AND i.start_at >= ?3 AND i.end_at >= ?4 AND s.component IN (?5, 'MIXED')",
        (collection_id, wide_end, max(wide_start - LONG, -FOREVER), wide_start, component),
    ):
        if mixed or (floating == PARTLY and (recurring or resource_id in found)):
            found[resource_id] = Candidate(resource_id, certain=False)
        elif floating:
            before = found.get(resource_id)
            local = ((first, last),) if before is None else (*before.local, (first, last))
            found[resource_id] = Candidate(resource_id, certain=False, local=local)
        elif first < end and (last > start or (first == last and first >= start)):
            found[resource_id] = Candidate(resource_id, certain=True)
    for (resource_id,) in cursor.execute(
        "SELECT resource_id FROM span WHERE collection_id = ?1 AND longest > 2678400000000"
        " AND (last_at IS NULL OR last_at >= ?2) AND first_at < ?3 AND component IN (?4, 'MIXED')"
        " UNION SELECT resource_id FROM span WHERE collection_id = ?1 AND recurring = 1 AND first_at < ?3"
        " AND (last_at IS NULL OR last_at >= ?2) AND (listed_to < ?3 OR listed_from > ?2)"
        " AND component IN (?4, 'MIXED')",
        (collection_id, wide_start, wide_end, component),
    ):
        if resource_id not in found or not found[resource_id].certain:
            found[resource_id] = Candidate(resource_id, certain=False)  # what is listed of it is not all
    return list(found.values())


def of_kind(reading: Reading, collection_id: int, component: str) -> list[Candidate]:
    """Return the members of one component kind, without asking when they take place."""
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT m.resource_id, s.component FROM member m JOIN span s ON s.resource_id = m.resource_id"
        " WHERE m.collection_id = ? AND s.component IN (?, 'MIXED')",
        (collection_id, component),
    ).fetchall()
    return [Candidate(resource_id, certain=kind != MIXED) for resource_id, kind in rows]


def hulls_touching(reading: Reading, collection_id: int, start_at: int | None, end_at: int | None) -> list[Candidate]:
    """Return the members whose hull, alarms included, touches a range: each has to be read."""
    start = -FOREVER if start_at is None else start_at - FLOATING_SLACK
    end = FOREVER if end_at is None else end_at + FLOATING_SLACK
    rows = reading.execute(
        "SELECT s.resource_id FROM member m JOIN span s ON s.resource_id = m.resource_id WHERE m.collection_id = ?"
        " AND s.first_at <= ? AND (s.last_at IS NULL OR s.last_at >= ?)",
        (collection_id, end, start),
    ).fetchall()
    return [Candidate(row["resource_id"], certain=False) for row in rows]


class BusyRow(NamedTuple):
    """One indexed instance that makes busy. `floating`: as if UTC. `unsure`: the body has to be read."""

    resource_id: int
    start_at: int
    end_at: int
    busy: str
    floating: int
    unsure: int


def busy_rows(reading: Reading, collection_id: int, start_at: int, end_at: int) -> list[BusyRow]:
    """Return the indexed instances that make busy and may touch a range."""
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT i.resource_id, i.start_at, i.end_at, i.busy, s.floating,"
        " s.component = 'MIXED' OR (s.floating = 1 AND s.recurring) FROM instance i JOIN span s"
        " ON s.resource_id = i.resource_id WHERE i.collection_id = ?1 AND i.start_at < ?2"
        " AND i.start_at >= ?3 AND i.end_at >= ?4 AND i.busy <> 'FREE'",
        (collection_id, end_at + FLOATING_SLACK, start_at - FLOATING_SLACK - LONG, start_at - FLOATING_SLACK),
    ).fetchall()
    return list(map(BusyRow._make, rows))


def unlisted(reading: Reading, collection_id: int, start_at: int, end_at: int) -> list[int]:
    """Return the members that the instance index does not answer for in a range: very long, or beyond the window."""
    rows = reading.execute(
        "SELECT resource_id FROM span WHERE collection_id = ?1 AND longest > 2678400000000"
        " AND (last_at IS NULL OR last_at >= ?2) AND first_at < ?3"
        " UNION SELECT resource_id FROM span WHERE collection_id = ?1 AND recurring = 1 AND first_at < ?3"
        " AND (last_at IS NULL OR last_at >= ?2) AND (listed_to < ?3 OR listed_from > ?2)",
        (collection_id, start_at - FLOATING_SLACK, end_at + FLOATING_SLACK),
    ).fetchall()
    return [row["resource_id"] for row in rows]


def component_of(reading: Reading, content_id: int | None) -> str | None:
    """Return the component kind of a body."""
    row = reading.execute("SELECT component FROM fact WHERE content_id = ?", (content_id,)).fetchone()
    return None if row is None else row["component"]


def components_in(reading: Reading, collection_id: int) -> dict[int | None, str]:
    """Return the component kinds of all bodies in a collection by content id."""
    rows = reading.execute(
        "SELECT m.content_id, f.component FROM member m JOIN fact f ON f.content_id = m.content_id"
        " WHERE m.collection_id = ?",
        (collection_id,),
    ).fetchall()
    return {row["content_id"]: row["component"] for row in rows}


class ListedRow(NamedTuple):
    """One indexed instance of a member. `floating`: as if UTC. `unsure`: the body has to be read."""

    resource_id: int
    start_at: int
    end_at: int
    component: str
    floating: int
    unsure: int


def listed_in(reading: Reading, collection_id: int, start_at: int, end_at: int) -> list[ListedRow]:
    """Return the indexed instances that may touch a range, by start; `unlisted` names the members that it misses."""
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT i.resource_id, i.start_at, i.end_at, s.component, s.floating,"
        " s.component = 'MIXED' OR (s.floating = 1 AND s.recurring) FROM instance i JOIN span s"
        " ON s.resource_id = i.resource_id WHERE i.collection_id = ?1 AND i.start_at < ?2"
        " AND i.start_at >= ?3 AND i.end_at >= ?4 ORDER BY i.start_at",
        (collection_id, end_at + FLOATING_SLACK, start_at - FLOATING_SLACK - LONG, start_at - FLOATING_SLACK),
    ).fetchall()
    return list(map(ListedRow._make, rows))


class Titled(NamedTuple):
    """What a list says of a member. `said_apart`: single dates of it may be called otherwise, or be called off."""

    resource_id: int
    name: str
    title: str | None
    component: str | None
    said_apart: int


def titled(reading: Reading, collection_id: int, resource_ids: Sequence[int]) -> list[Titled]:
    """Return what a list says of these members, without their bodies; in slices of 100."""
    cursor = reading.cursor()
    cursor.row_factory = None
    found: list[Titled] = []
    for start in range(0, len(resource_ids), 100):
        ids = list(resource_ids[start : start + 100])
        rows = cursor.execute(
            "SELECT m.resource_id, m.name, f.title, f.component,"  # noqa: S608
            " c.body IS NULL OR instr(c.body, CAST('RECURRENCE-ID' AS BLOB)) > 0"
            " OR instr(c.body, CAST('CANCELLED' AS BLOB)) > 0"
            " FROM member m LEFT JOIN fact f ON f.content_id = m.content_id LEFT JOIN content c ON c.id = m.content_id"
            f" WHERE m.resource_id IN ({','.join('?' * 100)}) AND m.collection_id = ?",
            (*ids, *[ids[-1]] * (100 - len(ids)), collection_id),
        ).fetchall()
        found.extend(map(Titled._make, rows))
    return found
