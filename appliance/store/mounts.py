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


def add(page: Page, home_id: int, name: str, target_id: int, access: Access) -> int:
    """Show `target_id` in the home as `name` and return the mount's resource id."""
    writing = page.writing
    cursor = writing.execute("INSERT INTO resource (kind, collection_id, alive) VALUES ('mount', ?, 1)", (home_id,))
    resource_id = int(cursor.lastrowid or 0)
    seq = page.put(Place(home_id, name, resource_id, "mount"), Body(), op="share")
    show(writing, resource_id, seq, target_id, access)
    return resource_id


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
