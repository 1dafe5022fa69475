"""What happened, newest first: rows of the ledger with what stood before them, of one scope.

A scope is some resources with all their names, everything below some collections, some devices, or the whole house.
Each is asked through its index, backwards and a page at a time, so that the newest hundred cost the same in a ledger
of any size. Below a collection the walk opens a folder only when nothing newer is left elsewhere: `subtree_seq` says
what is the newest in it. Folders that were deleted or moved away since are followed as far as they belonged here.

It refuses to judge who may see a row: `visible` is asked with the row's own collection (ledger 7).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from appliance.store.below import Branch, TreeWalk
from appliance.store.database import Reading
from appliance.store.happened import Event, Happened, Refusal

PAGE = 64  # rows to a question at first; four times as many each time, up to
MOST = 1024
NEWEST = (1 << 63) - 1
SKIPPED = 8  # batches whose rows are left out where they are fetched; what is left of others costs time, no more

Visible = Callable[[int], bool]
"""Whether the reader may see rows of the collection with this id."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a timeline is about. All empty: the whole house."""

    resources: tuple[int, ...] = ()  # with everything they were, under all their names
    collections: tuple[int, ...] = ()  # with everything below
    devices: tuple[int, ...] = ()  # what they wrote


_EVENTS = (
    "SELECT v.seq, v.at, v.op, v.alive, v.resource_id, r.kind, v.collection_id, v.name, v.body_seq, v.content_id,"
    " v.size, v.modified_at, v.device_id, v.batch_id, v.note, w.seq, w.op, w.alive, w.collection_id, w.name,"
    " b.body_seq, b.content_id, b.size, b.modified_at, b.at, b.device_id,"
    " CASE WHEN b.size = 0 THEN NOT EXISTS (SELECT 1 FROM version q WHERE"
    " q.resource_id = v.resource_id AND q.seq < b.seq AND q.alive = 1) END, n.collection_id, n.name, c.place,"
    " c.removed_at, f.title, f.fault, g.title"
    " FROM version v JOIN resource r ON r.id = v.resource_id"
    " LEFT JOIN version w ON w.seq = (SELECT p.seq FROM version p WHERE p.resource_id = v.resource_id AND p.seq < v.seq"
    " ORDER BY p.seq DESC LIMIT 1)"
    " LEFT JOIN version b ON b.seq = (SELECT p.seq FROM version p WHERE p.resource_id = v.resource_id AND p.seq < v.seq"
    " AND p.content_id IS NOT NULL ORDER BY p.seq DESC LIMIT 1)"
    " LEFT JOIN version n ON n.seq = v.until_seq AND v.op = 'leave'"
    " LEFT JOIN content c ON c.id = v.content_id"
    " LEFT JOIN fact f ON f.content_id = v.content_id"
    " LEFT JOIN fact g ON g.content_id = b.content_id"
)
_OF_RESOURCE = "v.resource_id = ?3 AND"
_IN_COLLECTION = "v.collection_id = ?3 AND"
_BY_DEVICE = "v.device_id = ?3 AND"
_FOLDERS_NOW = (
    "SELECT id, subtree_seq FROM collection WHERE parent_id = ?1 AND subtree_seq > ?2"
    " AND (subtree_seq, id) < (?3, ?4) ORDER BY subtree_seq DESC, id DESC LIMIT ?5"
)
_FOLDERS_UNTOUCHED = (  # they are still there, and have no row of their own since
    "SELECT k.id, k.subtree_seq FROM collection k WHERE k.parent_id = ?1 AND k.subtree_seq > ?2"
    " AND (SELECT p.seq FROM version p WHERE p.resource_id = k.id ORDER BY p.seq DESC LIMIT 1) < ?3"
)
_FOLDERS_TOUCHED = (
    "SELECT k.id, k.subtree_seq FROM version v JOIN collection k ON k.id = v.resource_id"
    " WHERE v.collection_id = ?1 AND v.alive = 1 AND v.until_seq >= ?3 AND v.seq < ?3 AND k.subtree_seq > ?2"
)
REFUSALS = (
    "SELECT x.id, x.at, x.after_seq, x.device_id, x.collection_id, x.name, x.resource_id, x.method, x.status, x.reason,"
    " x.content_id, c.size, x.times, x.settled_at, f.title, f.fault FROM refused x"
    " LEFT JOIN content c ON c.id = x.content_id LEFT JOIN fact f ON f.content_id = x.content_id"
)


class Timeline:
    """The rows of one scope in one snapshot. `skip` leaves out what is still to come of a batch."""

    def __init__(
        self, reading: Reading, scope: Scope, *, after_seq: int = 0, before_seq: int = NEWEST,
        visible: Visible = lambda _: True,
    ) -> None:  # fmt: skip
        self._reading = reading
        self._scope = scope
        self._after = after_seq
        self._before = before_seq
        self._visible = visible
        self._skipped: list[int] = []

    def skip(self, batch_id: int) -> None:
        """Leave out the rows of this batch that were not fetched yet; those that were may still come."""
        self._skipped = [*self._skipped[1 - SKIPPED :], batch_id]

    def __iter__(self) -> Iterator[Happened]:
        """Yield what happened after `after_seq` and before `before_seq`, the newest first."""
        streams: list[Iterator[Happened]] = [self._events(), self._refusals()]
        happened = heapq.merge(*streams, key=_position, reverse=True)
        return (each for each in happened if self._visible(each.collection_id))

    def _events(self) -> Iterator[Event]:
        scope = self._scope
        if scope == Scope():
            return self._rows("", 0, self._before)
        streams = [self._rows(_OF_RESOURCE, id_, self._before) for id_ in (*scope.resources, *scope.collections)]
        streams += [self._rows(_BY_DEVICE, id_, self._before) for id_ in scope.devices]
        if scope.collections:
            streams.append(self._below(scope.collections))
        return _once(heapq.merge(*streams, key=_position, reverse=True))

    def _rows(self, where: str, id_: int, before: int) -> Iterator[Event]:
        limit = PAGE
        while True:
            skipped = ",".join(map(str, self._skipped))
            rest = f" AND (v.batch_id IS NULL OR v.batch_id NOT IN ({skipped}))" if skipped else ""
            parameters = (before, self._after, id_)[: 3 if where else 2]
            cursor = self._reading.cursor()
            cursor.row_factory = None
            rows = cursor.execute(
                f"{_EVENTS} WHERE {where} v.seq < ?1 AND v.seq > ?2{rest} ORDER BY v.seq DESC LIMIT {limit}",
                parameters,
            ).fetchall()
            yield from map(Event._make, rows)
            if len(rows) < limit:
                return
            before, limit = rows[-1][0], min(MOST, 4 * limit)

    # --- below a collection --------------------------------------------------------------------------

    def _below(self, roots: tuple[int, ...]) -> Iterator[Event]:
        return TreeWalk(self._rows_in, self._folders_in).events([Branch(root, self._before, None) for root in roots])

    def _rows_in(self, branch: Branch) -> Iterator[Event]:
        return self._rows(_IN_COLLECTION, branch.id, branch.before)

    def _folders_in(self, branch: Branch) -> Iterator[tuple[int, int]]:
        """Yield (id, newest seq in it) of the collections directly below just before a seq, the newest first."""
        if branch.before == NEWEST:
            yield from self._folders_now(branch.id)
            return
        rows = self._reading.execute(
            f"{_FOLDERS_UNTOUCHED} UNION ALL {_FOLDERS_TOUCHED}", (branch.id, self._after, branch.before)
        ).fetchall()
        found = [(row["id"], min(row["subtree_seq"], branch.before - 1)) for row in rows]
        yield from sorted(found, key=lambda each: each[1], reverse=True)

    def _folders_now(self, collection_id: int) -> Iterator[tuple[int, int]]:
        last = (NEWEST, NEWEST)
        while True:
            rows = self._reading.execute(_FOLDERS_NOW, (collection_id, self._after, *last, PAGE)).fetchall()
            yield from ((row["id"], row["subtree_seq"]) for row in rows)
            if len(rows) < PAGE:
                return
            last = (rows[-1]["subtree_seq"], rows[-1]["id"])

    # --- refused edits -------------------------------------------------------------------------------

    def _refusals(self) -> Iterator[Refusal]:
        scope = self._scope
        if scope.collections or scope == Scope():
            return self._refusals_below(frozenset(scope.collections))
        streams = [self._refusals_of(id_) for id_ in scope.resources]
        streams += [self._refused("x.device_id = ? AND", id_) for id_ in scope.devices]
        return heapq.merge(*streams, key=_position, reverse=True)

    def _refusals_below(self, roots: frozenset[int]) -> Iterator[Refusal]:
        lies_below = _Ancestry(self._reading, roots)
        return (each for each in self._refused("", 0) if not roots or lies_below(each.collection_id))

    def _refusals_of(self, resource_id: int) -> Iterator[Refusal]:
        """Yield what was tried at any address that the resource ever had."""
        rows = self._reading.execute("SELECT collection_id, name FROM version WHERE resource_id = ?", (resource_id,))
        places = {(row["collection_id"], row["name"]) for row in rows.fetchall()}
        streams = [self._refused("x.collection_id = ? AND", id_) for id_ in {id_ for id_, _ in places}]
        found: Iterator[Refusal] = heapq.merge(*streams, key=_position, reverse=True)
        return (each for each in found if (each.collection_id, each.name) in places)

    def _refused(self, where: str, id_: int) -> Iterator[Refusal]:
        before = NEWEST
        while True:
            rows = self._reading.execute(
                f"{REFUSALS} WHERE {where} x.id < ? ORDER BY x.id DESC LIMIT {PAGE}",
                (*([id_] if where else []), before),
            ).fetchall()
            for row in rows:
                refusal = Refusal(*row)
                if refusal.after_seq < self._after:
                    return
                if refusal.after_seq < self._before:
                    yield refusal
            if len(rows) < PAGE:
                return
            before = rows[-1][0]


def _position(each: Happened) -> tuple[int, int, int]:
    return (each.seq, 0, 0) if isinstance(each, Event) else (each.after_seq, 1, each.id)


def _once(events: Iterator[Event]) -> Iterator[Event]:
    """Drop what came twice: a row that belongs to two parts of the scope."""
    last = -1
    for event in events:
        if event.seq != last:
            yield event
        last = event.seq


class _Ancestry:
    """Says whether a collection lies below others, or lay there last."""

    def __init__(self, reading: Reading, roots: frozenset[int]) -> None:
        self._reading = reading
        self._below = dict.fromkeys(roots, True)

    def __call__(self, collection_id: int) -> bool:
        chain: list[int] = []
        current: int | None = collection_id
        while current is not None and current not in self._below:
            chain.append(current)
            row = self._reading.execute("SELECT collection_id FROM resource WHERE id = ?", (current,)).fetchone()
            current = None if row is None else row["collection_id"]
        found = current is not None and self._below[current]
        self._below.update(dict.fromkeys(chain, found))
        return found


def event_at(reading: Reading, seq: int) -> Event | None:
    """Return one row of the ledger and what stood before it."""
    cursor = reading.cursor()
    cursor.row_factory = None
    row = cursor.execute(f"{_EVENTS} WHERE v.seq = ?", (seq,)).fetchone()
    return None if row is None else Event._make(row)
