"""What many rows come to: a batch in numbers, rows for each stretch of time; and what one row changed beside a body.

One question each. Words are found elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.store import batches
from appliance.store.database import Reading
from appliance.store.happened import Event
from appliance.store.properties import text_of
from appliance.store.timelines import Scope, Timeline, event_at

DISPLAYNAME = "{DAV:}displayname"
PUTTING = frozenset({"restore", "rewind", "undo", "import"})  # kinds of batches of which it matters what they came to


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the resources of a batch: those that live again or for the first time, live on, ended."""

    came: int = 0
    changed: int = 0
    ended: int = 0


ROOT_OPS = {"share": ("share", "props"), "leave": ("unshare", "unshare")}  # of batches not called after an op


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What one press of a button did. `counts` has (op, kind of resource) to rows; `resources` how many different."""

    id: int
    kind: str
    at: int  # microseconds since 1970
    device_id: int | None
    state: str
    undoes: int | None
    resources: int
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    root: Event | None = None  # the row that says what it was about, where there is one
    about: Mapping[str, object] | None = None  # what was asked for, where that is kept
    outcome: Outcome = Outcome()
    undone_by: int | None = None  # the batch that took it back, and was not taken back itself
    faults: int = 0  # how many of its contacts and events are malformed
    last_seq: int = 0
    tops: int = 0  # of a deletion: how many ended things did not lie in one that ended with them


def batch_summary(reading: Reading, batch_id: int) -> BatchSummary | None:
    """Return a batch in numbers; None: there is no such batch, or it has no rows."""
    row = reading.execute(
        "SELECT kind, at, device_id, state, undoes, first_seq, last_seq, about FROM batch WHERE id = ?", (batch_id,)
    ).fetchone()
    if row is None or row["first_seq"] is None:
        return None
    span = (row["first_seq"], row["last_seq"], batch_id)
    counted = reading.execute(
        "SELECT v.op, r.kind, count(*) AS rows FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.seq BETWEEN ? AND ? AND v.batch_id = ? GROUP BY v.op, r.kind",
        span,
    ).fetchall()
    different, faults = reading.execute(
        "SELECT count(DISTINCT v.resource_id), count(f.fault) FROM version v"
        " LEFT JOIN fact f ON f.content_id = v.content_id AND v.alive = 1 AND v.body_seq = v.seq"
        " WHERE v.seq BETWEEN ? AND ? AND v.batch_id = ?",
        span,
    ).fetchone()
    counts = {(each["op"], each["kind"]): each["rows"] for each in counted}
    kind, at, device_id, state, undoes = (row[name] for name in ("kind", "at", "device_id", "state", "undoes"))
    return BatchSummary(
        batch_id, kind, at, device_id, state, undoes, different, counts, _root(reading, kind, span),
        batches.about_of(row["about"]), _outcome(reading, span) if kind in PUTTING else Outcome(),
        batches.undone_by(reading, batch_id), faults, row["last_seq"],
        _tops(reading, span) if kind == "delete" else 0,
    )  # fmt: skip


def _outcome(reading: Reading, span: tuple[int, int, int]) -> Outcome:
    row = reading.execute(
        "SELECT total(now > was), total(now AND was), total(now < was) FROM (SELECT"
        " coalesce((SELECT p.alive FROM version p WHERE p.resource_id = t.id AND p.seq < t.first"
        " ORDER BY p.seq DESC LIMIT 1), 0) AS was,"
        " (SELECT p.alive FROM version p WHERE p.seq = t.last) AS now"
        " FROM (SELECT resource_id AS id, min(seq) AS first, max(seq) AS last FROM version"
        " WHERE seq BETWEEN ? AND ? AND batch_id = ? GROUP BY resource_id) t)",
        span,
    ).fetchone()
    return Outcome(*(int(number) for number in row))


class Thing(NamedTuple):
    """What a batch made of one resource: where its last row in the batch has it, and whether it lives and lived."""

    seq: int
    resource_id: int
    kind: str
    collection_id: int
    name: str
    alive: int
    was_alive: int


def things_of(
    reading: Reading, batch_id: int, *, first_seq: int, last_seq: int, after_seq: int = 0, limit: int = 100
) -> list[Thing]:
    """Return what a batch did, each resource once, in the order of its rows, from `after_seq` on."""
    rows = reading.execute(
        "SELECT v.seq, v.resource_id, r.kind, v.collection_id, v.name, v.alive, coalesce((SELECT p.alive FROM version p"
        " WHERE p.resource_id = v.resource_id AND p.seq < v.seq AND p.batch_id IS NOT ?3 ORDER BY p.seq DESC LIMIT 1),"
        " 0) FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.seq BETWEEN ?1 AND ?2 AND v.seq > ?4 AND v.batch_id = ?3 AND NOT EXISTS (SELECT 1 FROM version n"
        " WHERE n.resource_id = v.resource_id AND n.seq > v.seq AND n.seq <= ?2 AND n.batch_id = ?3)"
        " ORDER BY v.seq LIMIT ?5",
        (first_seq, last_seq, batch_id, after_seq, limit),
    ).fetchall()
    return [Thing(*row) for row in rows]


def _tops(reading: Reading, span: tuple[int, int, int]) -> int:
    row = reading.execute(
        "SELECT count(*) FROM version v WHERE v.seq BETWEEN ?1 AND ?2 AND v.batch_id = ?3 AND v.op = 'delete'"
        " AND NOT EXISTS (SELECT 1 FROM version k WHERE k.resource_id = v.collection_id AND k.seq BETWEEN ?1 AND ?2"
        " AND k.batch_id = ?3 AND k.op = 'delete')",
        span,
    ).fetchone()
    return int(row[0])


def _root(reading: Reading, kind: str, span: tuple[int, int, int]) -> Event | None:
    """Return the first row of the op that the batch is called after: what was deleted, moved or copied as a whole."""
    row = reading.execute(
        "SELECT seq FROM version WHERE seq BETWEEN ? AND ? AND batch_id = ? AND op IN (?, ?) ORDER BY seq LIMIT 1",
        (*span, *ROOT_OPS.get(kind, (kind, kind))),
    ).fetchone()
    return None if row is None else event_at(reading, row["seq"])


def property_changes(reading: Reading, resource_id: int, seq: int) -> dict[str, str | None]:
    """Return what a row set (XML as sent) or removed (None), `{namespace}local` to value."""
    rows = reading.execute(
        "SELECT name, CASE WHEN seq = ?2 THEN value END AS value FROM property"
        " WHERE resource_id = ?1 AND (seq = ?2 OR until_seq = ?2) ORDER BY name, seq",
        (resource_id, seq),
    ).fetchall()
    return {row["name"]: row["value"] for row in rows}


def access_given(reading: Reading, resource_id: int, seq: int) -> str | None:
    """Return the right, read or write, that a row of a mount gave; None: the row is about something else."""
    row = reading.execute("SELECT access FROM mount WHERE resource_id = ? AND seq = ?", (resource_id, seq)).fetchone()
    return None if row is None else str(row["access"])


def activity(
    reading: Reading, scope: Scope, *, after_seq: int, last_seq: int, since: int, until: int, buckets: int
) -> list[int]:
    """Return how many rows each of `buckets` equal stretches of time from `since` to `until` has, microseconds.

    Only rows after `after_seq`, `last_seq` included, are looked at. What lies outside the time, for a clock that was
    wrong, counts for the nearest stretch.
    """
    width = max(1, -(-(until - since) // buckets))
    counts = [0] * buckets
    if scope.collections:
        found: Sequence[tuple[int, int]] = [
            ((event.at - since) // width, 1)
            for event in Timeline(reading, scope, after_seq=after_seq, before_seq=last_seq + 1)
            if isinstance(event, Event)
        ]
    else:
        span = (after_seq, last_seq, since, width)
        found = [each for where, id_ in _flat(scope) for each in _counted(reading, where, (id_, *span))]
    for bucket, rows in found:
        counts[min(max(bucket, 0), buckets - 1)] += rows
    return counts


def _flat(scope: Scope) -> list[tuple[str, int]]:
    if scope == Scope():
        return [("?1 = 0", 0)]
    return [("resource_id = ?1", id_) for id_ in scope.resources] + [("device_id = ?1", id_) for id_ in scope.devices]


def _counted(reading: Reading, where: str, parameters: tuple[int, ...]) -> list[tuple[int, int]]:
    rows = reading.execute(
        "SELECT (at - ?4) / ?5 AS bucket, count(*) AS rows FROM version"  # noqa: S608 - one of three constants
        f" WHERE {where} AND seq > ?2 AND seq <= ?3 GROUP BY bucket",
        parameters,
    ).fetchall()
    return [(row["bucket"], row["rows"]) for row in rows]


def called(reading: Reading, resource_id: int) -> str | None:
    """Return what people call a resource: the title of its newest body, its display name; None: it only has a name."""
    row = reading.execute(
        "SELECT f.title FROM version v JOIN fact f ON f.content_id = v.content_id"
        " WHERE v.resource_id = ? AND f.title IS NOT NULL ORDER BY v.seq DESC LIMIT 1",
        (resource_id,),
    ).fetchone()
    if row is not None:
        return str(row["title"])
    row = reading.execute(
        "SELECT value FROM property WHERE resource_id = ? AND name = ? AND value IS NOT NULL"
        " ORDER BY until_seq IS NOT NULL, seq DESC LIMIT 1",
        (resource_id, DISPLAYNAME),
    ).fetchone()
    return None if row is None else text_of(row["value"]) or None


def times_of(reading: Reading, seqs: Sequence[int]) -> dict[int, int]:
    """Return when some rows of the ledger were written, microseconds since 1970 by seq."""
    asked = ((seq, reading.execute("SELECT at FROM version WHERE seq = ?", (seq,)).fetchone()) for seq in seqs)
    return {seq: int(row["at"]) for seq, row in asked if row is not None}
