"""Locks as the tree sees them: which cover a resource, which a write must name, and where their roots are shown.

RFC 4918 6 and 7; the rows are `store/locks.py`. A lock sits on a resource id, so two people who reach one file by two
addresses meet the same lock (protocol D2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

from appliance.dav.contracts import ActiveLock, Address
from appliance.store import locks
from appliance.store.database import Reading
from appliance.store.files import Entry
from appliance.store.ledger import chain_up, member_of
from appliance.store.locks import Lock
from appliance.store.sweep import folder_path

if TYPE_CHECKING:
    from appliance.tree.folder import FolderNode


def covering(folder: FolderNode, resource_id: int | None, above: Sequence[int]) -> list[Lock]:
    """Return the live locks on a resource and those of depth infinity above it."""
    reading, now = folder.visit.reading, folder.visit.ledger.now_micros()
    return locks.covering(reading, resource_id, above, now) if locks.any_live(reading, now) else []


def tokens(folder: FolderNode, resource_id: int | None, above: Sequence[int]) -> frozenset[str]:
    """Return their tokens."""
    return frozenset(lock.token for lock in covering(folder, resource_id, above))


def for_writing(folder: FolderNode, entry: Entry | None) -> list[Lock]:
    """Return the locks that a PUT must name: the file's, or for a new name the folder's (RFC 4918 7.4, 7.5)."""
    if entry is None:
        return covering(folder, folder.folder.collection_id, folder.above)
    return covering(folder, entry.resource_id, folder.chain)


def for_removing(folder: FolderNode, entry: Entry) -> list[Lock]:
    """Return the locks that DELETE and MOVE must name: on it, below it, and on the folder that loses a member."""
    reading, now = folder.visit.reading, folder.visit.ledger.now_micros()
    if not locks.any_live(reading, now):
        return []
    found = {lock.token: lock for lock in for_writing(folder, entry) + for_writing(folder, None)}
    if entry.is_folder and entry.resource_id is not None:
        found.update({lock.token: lock for lock in locks.below(reading, entry.resource_id, now)})
    return list(found.values())


def active(folder: FolderNode, resource_id: int | None, above: Sequence[int]) -> list[ActiveLock]:
    """Return the covering locks as the reader may see them."""
    return [shown(folder, lock) for lock in covering(folder, resource_id, above)]


def shown(folder: FolderNode, lock: Lock) -> ActiveLock:
    """Return one lock in the reader's address space."""
    remaining = max(0, (lock.expires_at - folder.visit.ledger.now_micros()) // 1_000_000)
    return ActiveLock(
        lock.token,
        cast("Literal['exclusive', 'shared']", lock.scope),  # the table holds these words only
        cast("Literal['0', 'infinity']", lock.depth),
        lock.owner,
        remaining,
        address_of(folder, lock.resource_id) or folder.address,
    )


def address_of(folder: FolderNode, resource_id: int) -> Address | None:
    """Return where the reader sees a resource that covers, or lies below, this folder."""
    reading = folder.visit.reading
    names: list[str] = []
    current: int | None = resource_id
    seen = {node.folder.collection_id: node.address for node in _up(folder)}
    while current is not None:
        if current in seen:
            return (*seen[current], *reversed(names))
        member = member_of(reading, current)
        if member is None:
            return None
        names.append(member.name)
        current = member.collection_id
    return None


def _up(folder: FolderNode) -> list[FolderNode]:
    found: list[FolderNode] = []
    node: FolderNode | None = folder
    while node is not None:
        found.append(node)
        node = node.parent
    return found


def path_of(reading: Reading, folder_id: int) -> tuple[str, ...]:
    """Return a live folder's path below `files/`; NotFound."""
    return folder_path(reading, folder_id)


def ancestors(reading: Reading, folder_id: int) -> list[int]:
    """Return the ids of the folders that hold it, the nearest first."""
    return chain_up(reading, folder_id)[1:]
