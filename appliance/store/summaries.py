"""What many rows come to: a batch in numbers, rows for each stretch of time; and what one row changed beside a body.

One question each. Words are found elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.store.database import Reading
from appliance.store.timelines import Event, Scope, Timeline, event_at


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


def batch_summary(reading: Reading, batch_id: int) -> BatchSummary | None:
    """Return a batch in numbers; None: there is no such batch, or it has no rows."""
    row = reading.execute(
        "SELECT kind, at, device_id, state, undoes, first_seq, last_seq FROM batch WHERE id = ?", (batch_id,)
    ).fetchone()
    if row is None or row["first_seq"] is None:
        return None
    span = (row["first_seq"], row["last_seq"], batch_id)
    counted = reading.execute(
        "SELECT v.op, r.kind, count(*) AS rows FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.seq BETWEEN ? AND ? AND v.batch_id = ? GROUP BY v.op, r.kind",
        span,
    ).fetchall()
    different = reading.execute(
        "SELECT count(DISTINCT resource_id) FROM version WHERE seq BETWEEN ? AND ? AND batch_id = ?", span
    ).fetchone()[0]
    counts = {(each["op"], each["kind"]): each["rows"] for each in counted}
    root = _root(reading, row["kind"], span)
    kind, at, device_id, state, undoes = (row[name] for name in ("kind", "at", "device_id", "state", "undoes"))
    return BatchSummary(batch_id, kind, at, device_id, state, undoes, different, counts, root)


def _root(reading: Reading, kind: str, span: tuple[int, int, int]) -> Event | None:
    """Return the first row of the op that the batch is called after: what was deleted, moved or copied as a whole."""
    row = reading.execute(
        "SELECT seq FROM version WHERE seq BETWEEN ? AND ? AND batch_id = ? AND op = ? ORDER BY seq LIMIT 1",
        (*span, kind),
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
