"""Collections as such: the roots, homes, address books, calendars, and the rows of folders.

Members' bodies are `store/objects.py`, a folder's directory on disk is `store/files.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from appliance.store import properties
from appliance.store.database import Reading, Writing
from appliance.store.ledger import ROOT_ID, Body, Member, Page, Place, member_at

NODES = ("addressbooks", "calendars", "files")


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """One row of `collection`."""

    id: int
    parent_id: int | None
    owner_id: int | None
    kind: str
    member_seq: int
    subtree_seq: int
    subtree_bytes: int


def row_of(reading: Reading | Writing, collection_id: int) -> CollectionRow | None:
    """Return a collection's row (Q3: `member_seq` is ctag and token, read before the list, in one snapshot)."""
    row = reading.execute(
        "SELECT id, parent_id, owner_id, kind, member_seq, subtree_seq, subtree_bytes FROM collection WHERE id = ?",
        (collection_id,),
    ).fetchone()
    return None if row is None else CollectionRow(*row)


def found(page: Page) -> None:
    """Make the root and its nodes, once in the life of a data folder."""
    if row_of(page.writing, ROOT_ID) is not None:
        return
    page.writing.execute("INSERT INTO resource (id, kind, collection_id) VALUES (?, 'root', NULL)", (ROOT_ID,))
    page.writing.execute(
        "INSERT INTO collection (id, parent_id, owner_id, kind, member_seq, subtree_seq)"
        " VALUES (?, NULL, NULL, 'root', 0, 0)",
        (ROOT_ID,),
    )
    for name in NODES:
        create(page, ROOT_ID, name, "node", owner_id=None)


def node_id(reading: Reading | Writing, name: str) -> int:
    """Return the id of the root's node `addressbooks`, `calendars` or `files`."""
    member = member_at(reading, ROOT_ID, name)
    if member is None:
        raise RuntimeError("the data folder was not founded")
    return member.resource_id


def create(
    page: Page,
    parent_id: int,
    name: str,
    kind: str,
    *,
    owner_id: int | None,
    stored: Iterable[tuple[str, str | None]] = (),
) -> int:
    """Make an empty collection with a new id (an old token at this address names another id) and return the id."""
    writing = page.writing
    cursor = writing.execute("INSERT INTO resource (kind, collection_id) VALUES (?, ?)", (kind, parent_id))
    resource_id = int(cursor.lastrowid or 0)
    writing.execute(
        "INSERT INTO collection (id, parent_id, owner_id, kind, member_seq, subtree_seq) VALUES (?, ?, ?, ?, 0, 0)",
        (resource_id, parent_id, owner_id, kind),
    )
    seq = page.put(Place(parent_id, name, resource_id, kind), Body(), op="make")
    writing.execute("UPDATE collection SET member_seq = ?, subtree_seq = ? WHERE id = ?", (seq, seq, resource_id))
    properties.change(writing, resource_id, seq, stored)
    return resource_id


def remove(page: Page, member: Member) -> int:
    """End a collection: one row for it, none below; its members stay reachable through it for a restore."""
    row = row_of(page.writing, member.resource_id)
    return page.delete(member, freed_bytes=row.subtree_bytes if row else 0)


def set_properties(page: Page, member: Member, changes: Iterable[tuple[str, str | None]]) -> int:
    """Record a property change of any member, in one row (ledger 7: several properties of one request, one seq)."""
    seq = page.props(member)
    properties.change(page.writing, member.resource_id, seq, changes)
    return seq
