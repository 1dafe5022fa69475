"""Everything that was ever written in a collection, for an export with all history: rows as the ledger has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from appliance.store.database import Reading, Row
from appliance.store.ledger import COLLECTION_KINDS

SLICE = 1000


class Span(NamedTuple):
    """A collection, and from which row to which it belongs to an export; `stop` None: to the end."""

    collection_id: int
    start: int
    stop: int | None


class PastRow(NamedTuple):
    """One row of the ledger with what is known of its octets. `place` is none for octets that are not kept."""

    seq: int
    resource_id: int
    kind: str
    collection_id: int
    name: str
    op: str
    alive: int
    content_id: int | None
    size: int | None
    modified_at: int | None
    at: int
    device_id: int | None
    batch_id: int | None
    note: str | None
    digest: bytes | None
    place: str | None


def spans_below(reading: Reading, collection_id: int, last_seq: int) -> list[Span]:
    """Return a collection and all that were ever in it, with the rows in which they were there."""
    found: list[Span] = []
    waiting = [Span(collection_id, 0, None)]
    seen: set[Span] = set()
    while waiting:
        span = waiting.pop()
        if span in seen:
            continue
        seen.add(span)
        found.append(span)
        waiting += _children(reading, span, last_seq)
    return sorted(found)


def _children(reading: Reading, span: Span, last_seq: int) -> Iterator[Span]:
    """Yield the collections in a collection; one that moved away is another's from then on."""
    kinds = ",".join(f"'{kind}'" for kind in sorted(COLLECTION_KINDS))
    rows = reading.execute(
        "SELECT v.seq, v.resource_id, v.op, v.alive FROM version v JOIN resource r ON r.id = v.resource_id"  # noqa: S608
        f" WHERE v.collection_id = ? AND v.seq BETWEEN ? AND ? AND r.kind IN ({kinds}) ORDER BY v.resource_id, v.seq",
        (span.collection_id, span.start, last_seq if span.stop is None else span.stop),
    ).fetchall()
    entered: dict[int, int] = {}
    for row in rows:
        if row["alive"]:
            entered.setdefault(row["resource_id"], row["seq"])
        elif row["op"] == "leave" and row["resource_id"] in entered:
            yield Span(row["resource_id"], entered.pop(row["resource_id"]), row["seq"])
    for resource_id, seq in entered.items():
        yield Span(resource_id, seq, span.stop)


def rows_of(reading: Reading, span: Span, last_seq: int) -> Iterator[PastRow]:
    """Yield the rows of a collection in their order, up to `last_seq`; a thousand are in memory at a time."""
    after = span.start - 1
    stop = last_seq if span.stop is None else min(span.stop, last_seq)
    while True:
        rows: list[Row] = reading.execute(
            "SELECT v.seq, v.resource_id, r.kind, v.collection_id, v.name, v.op, v.alive, v.content_id, v.size,"
            " v.modified_at, v.at, v.device_id, v.batch_id, v.note, c.digest, c.place FROM version v"
            " JOIN resource r ON r.id = v.resource_id LEFT JOIN content c ON c.id = v.content_id"
            " WHERE v.collection_id = ? AND v.seq > ? AND v.seq <= ? ORDER BY v.seq LIMIT ?",
            (span.collection_id, after, stop, SLICE),
        ).fetchall()
        yield from (PastRow(*row) for row in rows)
        if len(rows) < SLICE:
            return
        after = rows[-1]["seq"]


class PastProperty(NamedTuple):
    """A stored property from one row to another; `until_seq` None: it stands. `value` None: it was removed."""

    resource_id: int
    name: str
    seq: int
    until_seq: int | None
    value: str | None


def properties_of(reading: Reading, span: Span, last_seq: int) -> list[PastProperty]:
    """Return every stored property that what was in a collection ever had."""
    rows = reading.execute(
        "SELECT resource_id, name, seq, until_seq, value FROM property WHERE seq <= ?1 AND resource_id IN"
        " (SELECT resource_id FROM version WHERE collection_id = ?2 AND seq >= ?3 AND seq <= ?1)"
        " ORDER BY resource_id, seq, name",
        (last_seq, span.collection_id, span.start),
    ).fetchall()
    return [PastProperty(*row) for row in rows]
