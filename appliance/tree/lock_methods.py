"""LOCK, refresh and UNLOCK on files and folders (RFC 4918 9.10, 9.11)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from appliance import errors
from appliance.dav.contracts import ActiveLock, Address, Conditions, LockRequest, Upload
from appliance.dav.href import spell
from appliance.store import locks
from appliance.store.locks import Lock
from appliance.tree import locking
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite

SECOND = 1_000_000
FREE = Conditions()


def lock(site: TreeSite, address: Address, wanted: LockRequest, conditions: Conditions) -> tuple[ActiveLock, bool]:
    """Take a lock; a free name becomes an empty file (RFC 4918 7.3), and stays."""
    node, created = _node(site, address, conditions)
    folder = _folder_of(node)
    resource_id = _identity(node)
    above = _above(node)
    guard = folder.guard(FREE if created else conditions)
    visit = site.visit
    with visit.ledger.write(visit.author) as page:
        folder.require("write-content")
        guard.require(node.state())
        now = visit.ledger.now_micros()
        locks.forget_expired(page.writing, now)
        existing = locks.covering(visit.reading, resource_id, above, now)
        if wanted.depth == "infinity" and isinstance(node, FolderNode):
            existing += locks.below(visit.reading, resource_id, now)
        excluding = locks.conflicting(existing, wanted.scope)
        if excluding:
            roots = [locking.address_of(folder, found.resource_id) for found in excluding]
            raise errors.LockConflict(
                "It is locked already.", lock_roots=[spell(root) for root in roots if root is not None]
            )
        taken = Lock(
            locks.new_token(), resource_id, wanted.depth, wanted.scope, wanted.owner, visit.person.id, visit.device_id,
            now + wanted.timeout_seconds * SECOND,
        )  # fmt: skip
        locks.add(page.writing, taken)
    return locking.shown(folder, taken), created


def _node(site: TreeSite, address: Address, conditions: Conditions) -> tuple[FolderNode | FileNode, bool]:
    try:
        found = site.find(address)
    except errors.NotFound:
        holder, name = site.place(address)
        if not isinstance(holder, FolderNode):
            raise errors.NotPermitted(
                "Only files and folders can be locked.", privilege="write-content", href=spell(address)
            ) from None
        holder.put(name, Upload(io.BytesIO(), 0), conditions)
        found = site.find(address)
        assert isinstance(found, FileNode)
        return found, True
    if not isinstance(found, (FolderNode, FileNode)) or not found.lockable:
        raise errors.NotPermitted(
            "Only files and folders can be locked.", privilege="write-content", href=spell(address)
        )
    return found, False


def _folder_of(node: FolderNode | FileNode) -> FolderNode:
    return node.parent if isinstance(node, FileNode) else node


def _above(node: FolderNode | FileNode) -> tuple[int, ...]:
    return node.parent.chain if isinstance(node, FileNode) else node.above


def _identity(node: FolderNode | FileNode) -> int:
    """Return the resource id, after the ledger has seen a file that it did not know."""
    if isinstance(node, FolderNode):
        return node.adopted_row().id
    if node.resource_id is not None:
        return node.resource_id
    entry = node.visit.services.writer.settle_name(node.parent.folder, node.entry.name)
    if entry is None or entry.resource_id is None:
        raise errors.NotFound("There is nothing at this address.")
    return entry.resource_id


def refresh(site: TreeSite, address: Address, timeout_seconds: int | None, conditions: Conditions) -> ActiveLock:
    """Renew the one lock that `If` names; LockTokenUnknown when it does not cover this resource."""
    node = site.find(address)
    if not isinstance(node, (FolderNode, FileNode)):
        raise errors.LockTokenUnknown("There is no lock here.")
    folder = _folder_of(node)
    guard = folder.guard(conditions)
    visit = site.visit
    with visit.ledger.write(visit.author) as page:
        guard.require(node.state())
        covering = locking.covering(folder, node.resource_id, _above(node))
        named = [found for found in covering if found.token in guard.conditions.submitted_tokens]
        if len(named) != 1 or named[0].person_id != visit.person.id:
            raise errors.LockTokenUnknown("The If header does not name a lock of yours that covers this.")
        held = named[0]
        seconds = timeout_seconds or max(1, (held.expires_at - visit.ledger.now_micros()) // SECOND)
        expires_at = visit.ledger.now_micros() + seconds * SECOND
        locks.renew(page.writing, held.token, expires_at)
    renewed = Lock(
        held.token, held.resource_id, held.depth, held.scope, held.owner, held.person_id, held.device_id, expires_at
    )
    return locking.shown(folder, renewed)


def unlock(site: TreeSite, address: Address, token: str) -> None:
    """Remove a lock of one's own that covers this resource (any of the covered ones may be named)."""
    node = site.find(address)
    if not isinstance(node, (FolderNode, FileNode)):
        raise errors.LockTokenUnknown("There is no lock here.")
    visit = site.visit
    with visit.ledger.write(visit.author) as page:
        covering = locking.covering(_folder_of(node), node.resource_id, _above(node))
        held = next((found for found in covering if found.token == token), None)
        if held is None:
            raise errors.LockTokenUnknown("This lock token does not belong to this resource.")
        if held.person_id != visit.person.id:
            raise errors.NotPermitted("The lock belongs to somebody else.", privilege="write-content", href=node.href)
        locks.remove(page.writing, token)
