"""What was written since a sequence number, resource by resource: what a restore, a rewind or an undo takes back.

For each resource the state before (its newest row up to the number) and the rows since, with the writes of its
properties and of what it shows as a mount. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from appliance import errors
from appliance.store import mounts, past, queries
from appliance.store.database import Reading
from appliance.store.ledger import COLLECTION_KINDS
from appliance.store.mounts import Mount

_COLUMNS = "seq, op, alive, collection_id, name, body_seq, content_id, modified_at, device_id, batch_id"


class Written(NamedTuple):
    """One row of the ledger. `device_id` None: the disk itself."""

    seq: int
    op: str
    alive: int
    collection_id: int
    name: str
    body_seq: int
    content_id: int | None
    modified_at: int | None
    device_id: int | None
    batch_id: int | None


@dataclass(frozen=True, slots=True)
class Touched:
    """One resource: its newest row before, and the rows since, oldest first. `base` None: it was not there yet.

    `was_unseen`: it lived before, but in an address book or calendar that had been deleted.
    """

    resource_id: int
    kind: str
    base: Written | None
    rows: tuple[Written, ...]
    properties_before: dict[str, str] = field(default_factory=dict)
    property_writes: tuple[tuple[int, str, str | None], ...] = ()  # (seq, name, XML or None for removed)
    shown_before: Mount | None = None
    shown_writes: tuple[tuple[int, Mount], ...] = ()
    was_unseen: bool = False

    @property
    def newest(self) -> Written:
        """Its newest row."""
        return self.rows[-1]


def of(reading: Reading, resource_id: int, since: int) -> Touched | None:
    """Return what was written to a resource after `since`, None when nothing was."""
    return _of(reading, (resource_id,), since).get(resource_id)


def of_many(reading: Reading, resource_ids: Sequence[int], since: int) -> Iterator[tuple[int, Touched | None]]:
    """Yield some different resources in their order, each with what was written to it after `since`."""
    for ids in past.slices_of(resource_ids):
        found = _of(reading, ids, since)
        yield from ((resource_id, found.get(resource_id)) for resource_id in dict.fromkeys(ids))


def _of(reading: Reading, ids: Sequence[int], since: int) -> dict[int, Touched]:
    """Return the same by id, one question for all of them."""
    marks = ",".join("?" * len(ids))
    rows = _by_resource(
        reading,
        f"SELECT {_COLUMNS}, resource_id FROM version WHERE resource_id IN ({marks}) AND seq > ?"  # noqa: S608
        " ORDER BY resource_id, seq",
        (*ids, since),
    )
    bases = _by_resource(
        reading,
        f"SELECT {_COLUMNS}, resource_id FROM version WHERE seq IN (SELECT max(seq) FROM version"  # noqa: S608
        f" WHERE resource_id IN ({marks}) AND seq <= ? GROUP BY resource_id)",
        (*ids, since),
    )
    kinds = dict(map(tuple, reading.execute(f"SELECT id, kind FROM resource WHERE id IN ({marks})", ids)))  # noqa: S608
    stored = past.properties_of(reading, list(rows), since) if len(rows) > 1 else {}
    writes = _property_writes(reading, ids, marks, since)
    before = {id_: found[0] for id_, found in bases.items()}
    holders = {base.collection_id for base in before.values() if base.alive}
    unseen = {holder for holder in holders if past.member_of_at(reading, holder, since) is None}
    return {
        id_: _told(
            reading, id_, kinds[id_], base := before.get(id_), tuple(written),
            stored.get(id_, {}) if len(rows) > 1 else past.properties_at(reading, id_, since),
            tuple(writes.get(id_, ())), since,
            was_unseen=base is not None and bool(base.alive) and base.collection_id in unseen,
        )
        for id_, written in rows.items()
    }  # fmt: skip


def _by_resource(reading: Reading, sql: str, parameters: tuple[int, ...]) -> dict[int, list[Written]]:
    cursor = reading.cursor()
    cursor.row_factory = None
    found: dict[int, list[Written]] = {}
    for row in cursor.execute(sql, parameters):
        found.setdefault(row[-1], []).append(Written._make(row[:-1]))
    return found


def _told(
    reading: Reading, resource_id: int, kind: str, base: Written | None, rows: tuple[Written, ...],
    stored: dict[str, str], writes: tuple[tuple[int, str, str | None], ...],
    since: int, *, was_unseen: bool,
) -> Touched:  # fmt: skip
    is_mount = kind == "mount"
    return Touched(
        resource_id, kind, base, rows, stored, writes,
        past.mount_at(reading, resource_id, since) if is_mount else None,
        _shown_writes(reading, resource_id, since) if is_mount else (),
        was_unseen and kind in ("card", "event"),
    )  # fmt: skip


def _property_writes(
    reading: Reading, ids: Sequence[int], marks: str, since: int
) -> dict[int, list[tuple[int, str, str | None]]]:
    rows = reading.execute(
        "SELECT resource_id, name, seq, until_seq, value FROM property"  # noqa: S608 - only marks
        f" WHERE resource_id IN ({marks}) AND (seq > ? OR until_seq IS NULL OR until_seq > ?)",
        (*ids, since, since),
    ).fetchall()
    found: dict[int, list[tuple[int, str, str | None]]] = {}
    for row in rows:
        if row["seq"] > since:
            found.setdefault(row["resource_id"], []).append((row["seq"], row["name"], row["value"]))
    set_at = {(id_, seq, name) for id_, writes in found.items() for seq, name, _ in writes}
    for row in rows:
        ended = (row["until_seq"], row["name"])
        if row["until_seq"] is not None and (row["resource_id"], *ended) not in set_at:
            found.setdefault(row["resource_id"], []).append((*ended, None))
    return {id_: sorted(writes, key=lambda write: write[0]) for id_, writes in found.items()}


def _shown_writes(reading: Reading, resource_id: int, since: int) -> tuple[tuple[int, Mount], ...]:
    rows = reading.execute(
        "SELECT seq, target_id, access FROM mount WHERE resource_id = ? AND seq > ? ORDER BY seq", (resource_id, since)
    ).fetchall()
    return tuple((row["seq"], Mount(resource_id, row["target_id"], row["access"])) for row in rows)


# --- which resources --------------------------------------------------------------------------------


class Stroke(NamedTuple):
    """One row of a device."""

    seq: int
    at: int  # microseconds since 1970
    op: str
    resource_id: int


def newest_by(reading: Reading, device_id: int, limit: int) -> list[Stroke]:
    """Return the newest rows of a device, the newest first."""
    rows = reading.execute(
        "SELECT seq, at, op, resource_id FROM version WHERE device_id = ? ORDER BY seq DESC LIMIT ?", (device_id, limit)
    ).fetchall()
    return [Stroke(*row) for row in rows]


def by_device(reading: Reading, device_id: int, since: int) -> list[int]:
    """Return the ids of what a device wrote to after `since` (Q13)."""
    rows = reading.execute(
        "SELECT DISTINCT resource_id FROM version WHERE device_id = ? AND seq > ?", (device_id, since)
    ).fetchall()
    return [row["resource_id"] for row in rows]


def by_batch(reading: Reading, batch_id: int, first: int, last: int) -> list[int]:
    """Return the ids of what a batch wrote to; its rows lie between `first` and `last`."""
    rows = reading.execute(
        "SELECT DISTINCT resource_id FROM version WHERE seq BETWEEN ? AND ? AND batch_id = ?", (first, last, batch_id)
    ).fetchall()
    return [row["resource_id"] for row in rows]


def below(reading: Reading, roots: Iterable[int], since: int) -> list[int]:
    """Return the ids of what was written in some collections after `since`: what is in them, or was then.

    A folder that was moved in since keeps what is inside it: only that it came is this scope's.
    """
    found: dict[int, None] = {}
    waiting = list(roots)
    seen: set[int] = set()
    while waiting:
        collection_id = waiting.pop()
        if collection_id in seen:
            continue
        seen.add(collection_id)
        rows = reading.execute(
            "SELECT DISTINCT v.resource_id, r.kind FROM version v JOIN resource r ON r.id = v.resource_id"
            " WHERE v.collection_id = ? AND v.seq > ?",
            (collection_id, since),
        ).fetchall()
        for row in rows:
            found[row["resource_id"]] = None
            if row["kind"] in COLLECTION_KINDS and _belongs(reading, row["resource_id"], collection_id, since):
                waiting.append(row["resource_id"])
        waiting += queries.folders_changed(reading, collection_id, since)
    return list(found)


def _belongs(reading: Reading, resource_id: int, collection_id: int, since: int) -> bool:
    """Return whether a collection was in another at `since`, or has been born in it since."""
    then = past.member_of_at(reading, resource_id, since)
    if then is not None:
        return then.collection_id == collection_id
    row = reading.execute(
        "SELECT seq, collection_id FROM version WHERE resource_id = ? ORDER BY seq LIMIT 1", (resource_id,)
    ).fetchone()
    return bool(row["seq"] <= since or row["collection_id"] == collection_id)


def shown_now(reading: Reading, resource_id: int) -> Mount | None:
    """Return what a mount shows now, or showed last."""
    shown = mounts.of(reading, resource_id)
    if shown is not None:
        return shown
    row = reading.execute(
        "SELECT resource_id, target_id, access FROM mount WHERE resource_id = ? ORDER BY seq DESC LIMIT 1",
        (resource_id,),
    ).fetchone()
    return None if row is None else Mount(*row)


def namesake(reading: Reading, resource_id: int, collection_id: int) -> int | None:
    """Return what else lives in a collection with the UID that a card or event had last; None: nothing."""
    row = reading.execute(
        "SELECT o.id FROM resource r JOIN resource o ON o.collection_id = ?2 AND o.uid = r.uid AND o.alive = 1"
        " WHERE r.id = ?1 AND r.uid IS NOT NULL AND o.id <> r.id",
        (resource_id, collection_id),
    ).fetchone()
    return None if row is None else int(row["id"])


def uid_of(reading: Reading, resource_id: int) -> str | None:
    """Return the UID that a card or event had last, None for what has none."""
    row = reading.execute("SELECT uid FROM resource WHERE id = ?", (resource_id,)).fetchone()
    return None if row is None else row["uid"]


def newest_of_batch(reading: Reading, resource_id: int, since: int, batch_id: int) -> int | None:
    """Return the newest row after `since` that a batch wrote to a resource, None for none."""
    row = reading.execute(
        "SELECT max(seq) AS seq FROM version WHERE resource_id = ? AND seq > ? AND batch_id = ?",
        (resource_id, since, batch_id),
    ).fetchone()
    return None if row["seq"] is None else int(row["seq"])


def first_of_batches(reading: Reading, resource_id: int, batch_ids: Collection[int]) -> dict[int, int]:
    """Return the first row that each of some batches wrote to a resource; without those that wrote nothing to it."""
    rows = reading.execute(
        "SELECT batch_id, min(seq) AS seq FROM version WHERE resource_id = ? AND batch_id IS NOT NULL"
        " GROUP BY batch_id",
        (resource_id,),
    ).fetchall()
    return {row["batch_id"]: row["seq"] for row in rows if row["batch_id"] in batch_ids}


class Stay(NamedTuple):
    """Where a resource was in some row. `uid` is that of a card or event, None for others."""

    resource_id: int
    collection_id: int
    name: str
    uid: str | None


def stays_of_batch(reading: Reading, batch_id: int, first: int, last: int) -> list[Stay]:
    """Return where the rows of a batch say that something is, or left; they lie between `first` and `last`."""
    rows = reading.execute(
        "SELECT DISTINCT v.resource_id, v.collection_id, v.name, r.uid FROM version v"
        " JOIN resource r ON r.id = v.resource_id WHERE v.seq BETWEEN ? AND ? AND v.batch_id = ?",
        (first, last, batch_id),
    ).fetchall()
    return [Stay(*row) for row in rows]


def place_in(reading: Reading, seq: int) -> tuple[int, str]:
    """Return the collection and the name that a row of the ledger says; NotFound."""
    row = reading.execute("SELECT collection_id, name FROM version WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        raise errors.NotFound(f"The ledger has no row {seq}.")
    return row["collection_id"], row["name"]
