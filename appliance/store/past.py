"""The state at a sequence number: what was at an address, in a collection, of a resource (ledger Q5, Q6, Q7).

Everything takes `seq` and answers as of just after that row. Addresses are walked through mounts as they are today,
because a right that was withdrawn opens no past (protocol F4); who may look is judged above.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from appliance import errors
from appliance.store import mounts, queries
from appliance.store.database import Reading, Writing
from appliance.store.ledger import COLLECTION_KINDS, ROOT_ID, Member, find_member, member_of
from appliance.store.mounts import Mount

_NEWEST = 2**63 - 1
SLICE = 200  # ids to a statement
_COLUMNS = (
    "v.collection_id, v.name, v.seq, v.resource_id, r.kind, v.body_seq, v.content_id, v.size, v.modified_at, v.etag"
)
_ROWS = f"SELECT {_COLUMNS} FROM version v JOIN resource r ON r.id = v.resource_id"  # noqa: S608 - a constant


def members_at(reading: Reading, collection_id: int, seq: int) -> list[Member]:
    """Return the members of a collection at `seq`, in name order (Q5, by the half of its rows that `seq` is in)."""
    found = _early_state(reading, collection_id, seq) if _is_early(reading, collection_id, seq) else None
    if found is None:
        found = queries.state_at(reading, collection_id, seq)
    found.sort(key=lambda member: member.name)
    return found


def _is_early(reading: Reading, collection_id: int, seq: int) -> bool:
    """Return whether `seq` lies in the older half of the numbers of a collection's rows."""
    row = reading.execute(
        "SELECT (SELECT seq FROM version WHERE collection_id = ?1 ORDER BY seq LIMIT 1),"
        " (SELECT seq FROM version WHERE collection_id = ?1 ORDER BY seq DESC LIMIT 1)",
        (collection_id,),
    ).fetchone()
    return row[0] is not None and seq - row[0] < row[1] - seq


def _early_state(reading: Reading, collection_id: int, seq: int) -> list[Member]:
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        f"SELECT {_COLUMNS} FROM version v INDEXED BY version_change JOIN resource r ON r.id = v.resource_id"  # noqa: S608
        " WHERE v.collection_id = ?1 AND v.seq <= ?2 AND (v.until_seq IS NULL OR v.until_seq > ?2) AND v.alive = 1",
        (collection_id, seq),
    ).fetchall()
    return list(map(Member._make, rows))


def member_named_at(reading: Reading, collection_id: int, name: str, seq: int) -> Member | None:
    """Return the member with this name at `seq` (Q6b), else the only one whose name is canonically equal."""
    found = _exactly_named_at(reading, collection_id, name, seq)
    if found is not None or name.isascii():
        return found
    composed = unicodedata.normalize("NFC", name)
    equal = [
        member
        for member in members_at(reading, collection_id, seq)
        if unicodedata.normalize("NFC", member.name) == composed
    ]
    return equal[0] if len(equal) == 1 else None


def _exactly_named_at(reading: Reading, collection_id: int, name: str, seq: int) -> Member | None:
    row = reading.execute(
        f"{_ROWS} WHERE v.collection_id = ?1 AND v.name = ?2 AND v.seq <= ?3 AND v.alive = 1"
        " AND (v.until_seq IS NULL OR v.until_seq > ?3) ORDER BY v.seq DESC LIMIT 1",
        (collection_id, name, seq),
    ).fetchone()
    return None if row is None else Member(*row)


def member_of_at(reading: Reading, resource_id: int, seq: int) -> Member | None:
    """Return where a resource was and with which body at `seq` (Q6); None: it was not there."""
    row = reading.execute(
        f"{_ROWS} WHERE v.resource_id = ?1 AND v.seq <= ?2 ORDER BY v.seq DESC LIMIT 1", (resource_id, seq)
    ).fetchone()
    if row is None:
        return None
    alive = reading.execute("SELECT alive FROM version WHERE seq = ?", (row["seq"],)).fetchone()["alive"]
    return Member(*row) if alive else None


def subtree_at(reading: Reading, collection_id: int, seq: int) -> Iterator[Member]:
    """Yield everything below a collection at `seq`, parents first (Q7); what mounts show is not below."""
    for member in members_at(reading, collection_id, seq):
        yield member
        if member.kind in COLLECTION_KINDS:
            yield from subtree_at(reading, member.resource_id, seq)


def properties_at(reading: Reading, resource_id: int, seq: int) -> dict[str, str]:
    """Return the stored properties of a resource at `seq`, `{namespace}local` to XML (Q18)."""
    rows = reading.execute(
        "SELECT name, value FROM property WHERE resource_id = ?1 AND seq <= ?2"
        " AND (until_seq IS NULL OR until_seq > ?2)",
        (resource_id, seq),
    ).fetchall()
    return {row["name"]: row["value"] for row in rows}


def properties_of(reading: Reading, resource_ids: Sequence[int], seq: int) -> dict[int, dict[str, str]]:
    """Return the stored properties of many resources at `seq`, by resource id; those without any are left out."""
    found: dict[int, dict[str, str]] = {}
    for ids in slices_of(resource_ids):
        rows = reading.execute(
            "SELECT resource_id, name, value FROM property"  # noqa: S608 - only marks
            f" WHERE resource_id IN ({','.join('?' * SLICE)}) AND seq <= ? AND (until_seq IS NULL OR until_seq > ?)",
            (*ids, seq, seq),
        ).fetchall()
        for row in rows:
            found.setdefault(row["resource_id"], {})[row["name"]] = row["value"]
    return found


def slices_of(ids: Sequence[int]) -> Iterator[list[int]]:
    """Yield ids by `SLICE`, the last ones repeated to fill it: one prepared statement for all of them."""
    for start in range(0, len(ids), SLICE):
        part = list(ids[start : start + SLICE])
        yield part + [part[-1]] * (SLICE - len(part))


def mount_at(reading: Reading, resource_id: int, seq: int) -> Mount | None:
    """Return what a mount showed at `seq`, None when it showed nothing."""
    row = reading.execute(
        "SELECT resource_id, target_id, access FROM mount WHERE resource_id = ?1 AND seq <= ?2"
        " AND (until_seq IS NULL OR until_seq > ?2) ORDER BY seq DESC LIMIT 1",
        (resource_id, seq),
    ).fetchone()
    return None if row is None else Mount(*row)


# --- where a collection belongs ---------------------------------------------------------------------


class Ancestor(NamedTuple):
    """A collection on the way up to its home."""

    id: int
    alive: bool
    owner_id: int | None


def ancestry(reading: Reading | Writing, collection_id: int) -> list[Ancestor]:
    """Return a collection and what holds it up to the home, itself first; of what is dead, what held it last."""
    found: list[Ancestor] = []
    current: int | None = collection_id
    while current is not None:
        row = reading.execute(
            "SELECT c.id, r.alive, c.owner_id, c.kind, r.collection_id FROM collection c JOIN resource r ON r.id = c.id"
            " WHERE c.id = ?",
            (current,),
        ).fetchone()
        if row is None or row["kind"] in ("root", "node"):
            break
        found.append(Ancestor(row["id"], bool(row["alive"]), row["owner_id"]))
        current = row["collection_id"]
    return found


def turned_at(reading: Reading | Writing, collection_id: int) -> int:
    """Return the seq at which a collection, or what holds it, came, went or moved last."""
    newest = 0
    for each in ancestry(reading, collection_id):
        row = reading.execute(
            "SELECT seq FROM version WHERE resource_id = ? AND op <> 'props' ORDER BY seq DESC LIMIT 1", (each.id,)
        ).fetchone()
        newest = max(newest, 0 if row is None else row["seq"])
    return newest


def home_of_at(reading: Reading | Writing, resource_id: int, seq: int) -> int | None:
    """Return the home in which something was at `seq`, or was last before; None: it was not made yet."""
    below, current = None, resource_id
    while True:
        row = reading.execute(
            "SELECT v.collection_id, c.kind FROM version v JOIN collection c ON c.id = v.collection_id"
            " WHERE v.resource_id = ? AND v.seq <= ? ORDER BY v.seq DESC LIMIT 1",
            (current, seq),
        ).fetchone()
        if row is None or row["kind"] in ("root", "node"):
            return below if row is None else current
        below, current = current, row["collection_id"]


def is_there_at(reading: Reading, collection_id: int, seq: int) -> bool:
    """Return whether a collection could be entered at `seq`: it and all that held it were alive."""
    current = collection_id
    while current != ROOT_ID:
        row = reading.execute(
            "SELECT alive, collection_id FROM version WHERE resource_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
            (current, seq),
        ).fetchone()
        if row is None or not row["alive"]:
            return False
        current = row["collection_id"]
    return True


def is_being_swept(reading: Reading, resource_id: int) -> bool:
    """Return whether something lies in a folder that was deleted and is not taken into the store yet."""
    member = member_of(reading, resource_id)
    return member is not None and not all(each.alive for each in ancestry(reading, member.collection_id))


def changed_at(reading: Reading, collection_id: int, seq: int) -> int | None:
    """Return when something last happened directly in a collection up to `seq`, microseconds; None: nothing had."""
    row = reading.execute(
        "SELECT at FROM version WHERE collection_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1", (collection_id, seq)
    ).fetchone()
    return None if row is None else int(row["at"])


def version_at(reading: Reading, resource_id: int, seq: int) -> Member | None:
    """Return what exactly the row `seq` says of a resource; None: it is another's row, or that of an end."""
    row = reading.execute(
        f"{_ROWS} WHERE v.seq = ? AND v.resource_id = ? AND v.alive = 1", (seq, resource_id)
    ).fetchone()
    return None if row is None else Member(*row)


# --- addresses --------------------------------------------------------------------------------------


def locate(reading: Reading, path: Sequence[str], *, seq: int | None) -> Member:
    """Return what is, or at `seq` was, at a path below `/dav/`; NotFound.

    In address books and calendars everything after the collection is one name (protocol B3).
    """
    holder_id = ROOT_ID
    found: Member | None = None
    for name in _segments(path):
        found = _child(reading, holder_id, name, seq)
        if found is None:
            address = "/".join(path)
            if seq is None:
                raise errors.NotFound(errors.said("There is nothing at %(address)s.", address=address))
            raise errors.NotFound(errors.said("There is nothing at %(address)s at that moment.", address=address))
        holder_id = _entered(reading, found)
    if found is None:
        raise errors.NotFound("An address begins with addressbooks/, calendars/ or files/.")
    return found


def last_at(reading: Reading, path: Sequence[str]) -> Member:
    """Return what is at a path, else what was the last to be there, whenever that was; NotFound."""
    holder_id = ROOT_ID
    found: Member | None = None
    for name in _segments(path):
        found = find_member(reading, holder_id, name) or _last_named(reading, holder_id, name)
        if found is None:
            raise errors.NotFound(errors.said("Nothing has ever been at %(address)s.", address="/".join(path)))
        holder_id = _entered(reading, found)
    if found is None:
        raise errors.NotFound("An address begins with addressbooks/, calendars/ or files/.")
    return found


def _segments(path: Sequence[str]) -> Sequence[str]:
    return path if len(path) <= 3 or path[0] == "files" else [*path[:3], "/".join(path[3:])]


def _child(reading: Reading, collection_id: int, name: str, seq: int | None) -> Member | None:
    if seq is None:
        return find_member(reading, collection_id, name)
    return member_named_at(reading, collection_id, name, seq)


def _entered(reading: Reading, member: Member) -> int:
    """Return the collection that a step of a path leads into: what a mount shows today, else the member itself."""
    mount = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
    return member.resource_id if mount is None else mount.target_id


def _last_named(reading: Reading, collection_id: int, name: str) -> Member | None:
    row = reading.execute(
        f"{_ROWS} WHERE v.collection_id = ?1 AND v.name = ?2 AND v.alive = 1 ORDER BY v.seq DESC LIMIT 1",
        (collection_id, name),
    ).fetchone()
    if row is not None or name.isascii():
        return None if row is None else Member(*row)
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, name)
        if other != name:
            row = reading.execute(
                f"{_ROWS} WHERE v.collection_id = ?1 AND v.name = ?2 AND v.alive = 1 ORDER BY v.seq DESC LIMIT 1",
                (collection_id, other),
            ).fetchone()
            if row is not None:
                return Member(*row)
    return None


def path_of(reading: Reading | Writing, resource_id: int, *, seq: int | None = None) -> tuple[str, ...]:
    """Return the path below `/dav/` at which a resource is, or was when it and what held it were there last.

    With `seq`, as of just after that row.
    """
    names: list[str] = []
    current = resource_id
    while current != ROOT_ID:
        place = last_place_of(reading, current, seq=seq)
        if place is None:
            break
        current = place[0]
        names.append(place[1])
    return tuple(reversed(names))


def last_place_of(
    reading: Reading | Writing, resource_id: int, *, seq: int | None = None
) -> tuple[int, str] | None:  # fmt: skip
    """Return in which collection a resource is, or was last, and under which name; None: the root, or nothing."""
    if resource_id == ROOT_ID:
        return None
    row = reading.execute(
        "SELECT collection_id, name FROM version WHERE resource_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
        (resource_id, _NEWEST if seq is None else seq),
    ).fetchone()
    return None if row is None else (row["collection_id"], row["name"])
