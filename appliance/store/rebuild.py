"""The derived tables, computed again from `version`: compared with what is stored, or put in its place.

`member`, `gone`, `collection` and `resource.alive` answer quickly what the ledger says slowly. What is written here is
their definition; `Page` keeps them in step row by row, and a test holds the two against each other. Bodies, facts and
the index of instances are not looked at, nor is the disk: a scan does that.

It is what proves invariant 6.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.database import Reading, Writing
from appliance.store.ledger import COLLECTION_KINDS, MEMBER_COLUMNS, nfc_form

# A name means what its open living row says; the row that sync reports is the last that is no property change.
_MEMBER = (
    "SELECT v.collection_id, v.name, (SELECT max(s.seq) FROM version s WHERE s.resource_id = v.resource_id"
    " AND s.op <> 'props') AS seq, v.resource_id, r.kind, v.body_seq, v.content_id, v.size, v.modified_at, v.etag"
    " FROM version v JOIN resource r ON r.id = v.resource_id WHERE v.until_seq IS NULL AND v.alive = 1"
)
_GONE = (
    "SELECT collection_id, name, max(seq) AS seq FROM version WHERE alive = 0 AND (collection_id, name) NOT IN"
    " (SELECT collection_id, name FROM version WHERE until_seq IS NULL AND alive = 1) GROUP BY collection_id, name"
)
_RESOURCE = "SELECT resource_id, alive, collection_id FROM version WHERE until_seq IS NULL"
_STORED_RESOURCE = "SELECT id, alive, collection_id FROM resource WHERE kind <> 'root'"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a derived table that is stored otherwise than the ledger says; None: there is no such row."""

    table: str
    stored: tuple[object, ...] | None
    derived: tuple[object, ...] | None


@dataclass(slots=True)
class Totals:
    """What a collection's row sums up."""

    parent_id: int | None
    member_seq: int
    subtree_seq: int
    subtree_bytes: int = 0


def differences(reading: Reading | Writing) -> list[Difference]:
    """Return every derived row that is not what the ledger says; none in a sound database."""
    found = _compared(reading, "member", f"SELECT {MEMBER_COLUMNS} FROM member", _MEMBER)  # noqa: S608 - a constant
    found += _compared(reading, "gone", "SELECT collection_id, name, seq FROM gone", _GONE)
    found += _compared(reading, "resource", _STORED_RESOURCE, _RESOURCE)
    for name, nfc in reading.execute("SELECT name, nfc FROM member").fetchall():
        if nfc != nfc_form(name):
            found.append(Difference("member", (name, nfc), (name, nfc_form(name))))
    derived = totals(reading)
    for row in _stored_totals(reading):
        total = derived.get(row[0])
        wanted = None if total is None else _as_row(row[0], total)
        if wanted != row:
            found.append(Difference("collection", row, wanted))
    return found


def rebuild(writing: Writing) -> None:
    """Replace the derived tables by what the ledger says."""
    writing.execute("DELETE FROM member")
    writing.execute(f"INSERT INTO member ({MEMBER_COLUMNS}) {_MEMBER}")
    names = writing.execute("SELECT collection_id, name FROM member").fetchall()
    composed = [(nfc_form(name), collection_id, name) for collection_id, name in names if nfc_form(name) is not None]
    writing.executemany("UPDATE member SET nfc = ? WHERE collection_id = ? AND name = ?", composed)
    writing.execute("DELETE FROM gone")
    writing.execute(f"INSERT INTO gone (collection_id, name, seq) {_GONE}")
    writing.executemany(
        "UPDATE resource SET alive = ?2, collection_id = ?3 WHERE id = ?1",
        [tuple(row) for row in writing.execute(_RESOURCE).fetchall()],
    )
    writing.executemany(
        "UPDATE collection SET parent_id = ?2, member_seq = ?3, subtree_seq = ?4, subtree_bytes = ?5 WHERE id = ?1",
        [_as_row(collection_id, total) for collection_id, total in totals(writing).items()],
    )


def _compared(reading: Reading | Writing, table: str, stored: str, derived: str) -> list[Difference]:
    extra = reading.execute(f"{stored} EXCEPT {derived}").fetchall()
    missing = reading.execute(f"{derived} EXCEPT {stored}").fetchall()
    return [
        *(Difference(table, tuple(row), None) for row in extra),
        *(Difference(table, None, tuple(row)) for row in missing),
    ]


def _stored_totals(reading: Reading | Writing) -> list[tuple[int, int | None, int, int, int]]:
    rows = reading.execute("SELECT id, parent_id, member_seq, subtree_seq, subtree_bytes FROM collection").fetchall()
    return [tuple(row) for row in rows]


def _as_row(collection_id: int, total: Totals) -> tuple[int, int | None, int, int, int]:
    return collection_id, total.parent_id, total.member_seq, total.subtree_seq, total.subtree_bytes


def totals(reading: Reading | Writing) -> dict[int, Totals]:
    """Return what each collection sums up: the ledger read once in its order, for parents change on the way."""
    kinds = {row[0]: row[1] for row in reading.execute("SELECT id, kind FROM collection").fetchall()}
    replayed = _Replay(kinds)
    for row in reading.execute(
        "SELECT seq, resource_id, collection_id, op, alive, coalesce(size, 0) FROM version ORDER BY seq"
    ):
        replayed.take(*row)
    return replayed.totals


class _Replay:
    """The collections as the ledger's rows come by."""

    def __init__(self, kinds: dict[int, str]) -> None:
        self._kinds = kinds
        self._bytes: dict[int, int] = {}  # of each living member that is no collection
        self._living: set[int] = set()  # collections
        self.totals = {id_: Totals(None, 0, 0) for id_, kind in kinds.items() if kind == "root"}

    def take(self, seq: int, resource_id: int, collection_id: int, op: str, alive: int, size: int) -> None:
        """Apply one row."""
        if op == "props":
            self._carry_up(collection_id, seq, 0)
            return
        if resource_id in self._kinds:
            delta = self._collection(seq, resource_id, collection_id, alive=bool(alive), leaves=op == "leave")
        else:
            delta = size * alive - self._bytes.pop(resource_id, 0)
            if alive:
                self._bytes[resource_id] = size
        self.totals[collection_id].member_seq = seq
        self._carry_up(collection_id, seq, delta)

    def _collection(self, seq: int, id_: int, parent_id: int, *, alive: bool, leaves: bool) -> int:
        """Apply a collection's own row and return what it adds to those above."""
        total = self.totals.setdefault(id_, Totals(parent_id, seq, seq))
        counted = total.subtree_bytes if id_ in self._living else 0
        if alive:
            total.parent_id = parent_id
            self._living.add(id_)
            return total.subtree_bytes - counted
        self._living.discard(id_)
        if not leaves and self._kinds[id_] in COLLECTION_KINDS:
            total.parent_id = None  # what ends below a dead collection changes no totals
        return -counted

    def _carry_up(self, collection_id: int, seq: int, delta: int) -> None:
        current: int | None = collection_id
        while current is not None and self._kinds[current] not in ("root", "node"):
            total = self.totals[current]
            total.subtree_seq = seq
            total.subtree_bytes += delta
            current = total.parent_id
