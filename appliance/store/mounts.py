"""Mounts: a collection of somebody else, shown in a home under a name of its own.

A mount is a resource of the receiver's home, so that it appears, disappears and is renamed like any member; what it
shows and with which right is kept with an interval. Nothing above `tree` needs to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from appliance.store.database import Reading, Writing
from appliance.store.ledger import Body, Member, Page, Place

Access = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Mount:
    """What one mount shows."""

    resource_id: int
    target_id: int
    access: Access


def of(reading: Reading | Writing, resource_id: int) -> Mount | None:
    """Return what the mount shows now."""
    row = reading.execute(
        "SELECT resource_id, target_id, access FROM mount WHERE resource_id = ? AND until_seq IS NULL", (resource_id,)
    ).fetchone()
    return None if row is None else Mount(*row)


def of_home(reading: Reading | Writing, home_id: int) -> dict[int, Mount]:
    """Return all mounts of a home by resource id."""
    rows = reading.execute(
        "SELECT t.resource_id, t.target_id, t.access FROM member m JOIN mount t ON t.resource_id = m.resource_id"
        " WHERE m.collection_id = ? AND m.kind = 'mount' AND t.until_seq IS NULL",
        (home_id,),
    ).fetchall()
    return {row["resource_id"]: Mount(*row) for row in rows}


def rights_in(reading: Reading | Writing, home_ids: Sequence[int], target_ids: Sequence[int]) -> frozenset[str]:
    """Return the rights that mounts in these homes give to any of these collections."""
    rows = reading.execute(
        f"SELECT t.access FROM mount t JOIN member m ON m.resource_id = t.resource_id"  # noqa: S608 - only marks
        f" WHERE t.target_id IN ({','.join('?' * len(target_ids))}) AND t.until_seq IS NULL"
        f" AND m.collection_id IN ({','.join('?' * len(home_ids))})",
        (*target_ids, *home_ids),
    ).fetchall()
    return frozenset(row["access"] for row in rows)


def in_home(reading: Reading | Writing, home_id: int, target_id: int) -> Mount | None:
    """Return the mount of a home that shows a collection now."""
    row = reading.execute(
        "SELECT t.resource_id, t.target_id, t.access FROM mount t JOIN member m ON m.resource_id = t.resource_id"
        " WHERE t.target_id = ? AND t.until_seq IS NULL AND m.collection_id = ?",
        (target_id, home_id),
    ).fetchone()
    return None if row is None else Mount(*row)


def ended_in(reading: Reading | Writing, home_id: int, target_id: int) -> Place | None:
    """Return where a home's mount of a collection was when it was taken out; None: it never was, or it is there."""
    row = reading.execute(
        "SELECT v.collection_id, v.name, v.resource_id FROM mount t JOIN version v ON v.resource_id = t.resource_id"
        " WHERE t.target_id = ? AND v.collection_id = ? AND v.until_seq IS NULL AND v.alive = 0"
        " ORDER BY t.seq DESC LIMIT 1",
        (target_id, home_id),
    ).fetchone()
    return None if row is None else Place(row["collection_id"], row["name"], row["resource_id"], "mount")


def ever_of(reading: Reading | Writing, target_id: int) -> tuple[int, ...]:
    """Return the ids of all mounts that show, or ever showed, a collection."""
    rows = reading.execute(
        "SELECT DISTINCT resource_id FROM mount WHERE target_id = ? ORDER BY resource_id", (target_id,)
    ).fetchall()
    return tuple(row["resource_id"] for row in rows)


def targets(reading: Reading | Writing) -> frozenset[int]:
    """Return the ids of all collections that a mount shows."""
    rows = reading.execute("SELECT DISTINCT target_id FROM mount WHERE until_seq IS NULL").fetchall()
    return frozenset(row["target_id"] for row in rows)


def add(page: Page, home_id: int, name: str, target_id: int, access: Access) -> int:
    """Show `target_id` in the home as `name` and return the mount's resource id."""
    writing = page.writing
    cursor = writing.execute("INSERT INTO resource (kind, collection_id, alive) VALUES ('mount', ?, 1)", (home_id,))
    resource_id = int(cursor.lastrowid or 0)
    seq = page.put(Place(home_id, name, resource_id, "mount"), Body(), op="share")
    show(writing, resource_id, seq, target_id, access)
    return resource_id


def bring_back(page: Page, place: Place, target_id: int, access: Access) -> None:
    """Let a mount that was taken out of its home show `target_id` again, at `place`; its properties were kept."""
    seq = page.bring_back(place, Body(), op="share")
    show(page.writing, place.resource_id, seq, target_id, access)


def change(page: Page, member: Member, target_id: int, access: Access) -> None:
    """Give a mount another right: one row, and no phone need fetch anything (ledger 7)."""
    show(page.writing, member.resource_id, page.props(member), target_id, access)


def show(writing: Writing, resource_id: int, seq: int, target_id: int, access: Access) -> None:
    """Let a mount show `target_id` with a right as of its row `seq`."""
    _stop_showing(writing, resource_id, seq)
    writing.execute(
        "INSERT INTO mount (resource_id, seq, until_seq, target_id, access) VALUES (?, ?, NULL, ?, ?)",
        (resource_id, seq, target_id, access),
    )


def _stop_showing(writing: Writing, resource_id: int, seq: int) -> None:
    writing.execute("UPDATE mount SET until_seq = ? WHERE resource_id = ? AND until_seq IS NULL", (seq, resource_id))


def remove(page: Page, member: Member) -> int:
    """Take the mount out of the home; the owner's things stay untouched."""
    seq = page.delete(member, op="unshare")
    _stop_showing(page.writing, member.resource_id, seq)
    return seq
