"""Folders: plain directories on disk, one's own or mounted, with what the ledger knows of them (RFC 4918)."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.conditions import status_of
from appliance.dav.contracts import (
    ActiveLock,
    Address,
    Changes,
    Conditions,
    Kind,
    NewCollection,
    PropertyChange,
    Resource,
    Upload,
    Written,
)
from appliance.household import people, shares
from appliance.store import collections, mounts, properties, refused, subtree
from appliance.store.arriving import Arrival
from appliance.store.content import Prepared
from appliance.store.database import Reading, Writing
from appliance.store.file_writes import FOLDER_METHODS, Refused
from appliance.store.files import Entry, Folder
from appliance.store.ledger import Member, find_member, member_of
from appliance.store.mounts import Mount
from appliance.store.preconditions import State
from appliance.tree import changes, locking
from appliance.tree.access import PERSONAL, Access, access_to, require_access
from appliance.tree.guard import Guard
from appliance.tree.lazy import lazy
from appliance.tree.resource import Node
from appliance.tree.room import quota_of, room_of

if TYPE_CHECKING:
    from appliance.tree.file import FileNode
    from appliance.tree.site import TreeSite


class FolderNode(Node):
    """A folder. `above` are the ids of the folders that hold it in the ledger, the home first."""

    kind = Kind.FOLDER

    def __init__(
        self, site: TreeSite, address: Address, folder: Folder, access: Access, *,
        above: tuple[int, ...] = (), parent: FolderNode | None = None, mount: Mount | None = None,
        entry: Entry | None = None,
    ) -> None:  # fmt: skip
        super().__init__(site, address, folder.collection_id)
        self.folder = folder
        self.access = access
        self.above = above
        self.parent = parent
        self.mount = mount
        self.entry = entry
        self.fallback_name = address[-1]

    # --- as a resource ------------------------------------------------------------------------------

    @property
    def is_home(self) -> bool:
        """Whether this is a person's, or the household's, whole files."""
        return self.parent is None and self.mount is None

    @property
    def chain(self) -> tuple[int, ...]:
        """The ids of this folder and all above it, the home first; ends early where the ledger has not looked."""
        return self.above if self.folder.collection_id is None else (*self.above, self.folder.collection_id)

    @lazy
    def modified_at(self) -> datetime | None:
        """The directory's own date."""
        if self.entry is not None:
            return from_micros(self.entry.modified_ns // 1000)
        try:
            status = self.visit.services.files.disk.status(self.folder.path[:-1], self.folder.path[-1])
        except errors.NotFound:
            return None
        return None if status is None or not stat.S_ISDIR(status.st_mode) else from_micros(status.st_mtime_ns // 1000)

    @lazy
    def held(self) -> Access:
        """What the reader has to it and the files in it, by the share."""
        if self.access is not Access.READ or self.is_home or self.resource_id is None:
            return self.access
        return access_to(self.visit, self.resource_id) or self.access  # it may be shared once more, by itself

    @property
    def privileges(self) -> frozenset[str]:
        """By the share; a receiver may always set the properties of the mount (protocol C3)."""
        return PERSONAL if self.mount is not None and not self.held.may_write else self.held.privileges

    @lazy
    def owner(self) -> Address | None:
        """The principal of the one whose disk space it is."""
        return ("principals", self.folder.path[0])

    @property
    def quota(self) -> tuple[int, int] | None:
        """Of the owner (RFC 4331)."""
        return quota_of(self.visit, self.owner_id)

    @lazy
    def owner_id(self) -> int | None:
        """The owner's id."""
        owner = people.person_named(self.visit.reading, self.folder.path[0])
        return None if owner is None else owner.id

    @lazy
    def row(self) -> collections.CollectionRow | None:
        """The ledger's row, None where it has not looked yet."""
        known = self.folder.collection_id
        return None if known is None else collections.row_of(self.visit.reading, known)

    @lazy
    def sync_token(self) -> str:
        """One token for both levels: it covers everything below, and so the members as well (RFC 6578 3.3)."""
        row, seq = self.adopted_row(), 0
        if self.is_home:
            seq = max((change.seq for change in subtree.mounts_turned(self.visit.reading, row.id)), default=0)
        return self.visit.ledger.epochs(self.visit.reading).token(row.id, max(row.subtree_seq, seq))

    def adopted_row(self) -> collections.CollectionRow:
        """Return the ledger's row, made now where it has not looked yet."""
        if self.row is None:
            self.folder = self.visit.services.writer.observer.adopt(self.folder)
            self.resource_id = self.folder.collection_id
            self.__dict__.pop("row", None)
        assert self.row is not None
        return self.row

    @lazy
    def _stored(self) -> Mapping[str, str]:
        own = {} if self.resource_id is None else properties.of(self.visit.reading, self.resource_id)
        return own if self.mount is None else {**own, **properties.of(self.visit.reading, self.mount.resource_id)}

    @property
    def lockable(self) -> bool:
        """Not the home (protocol D2)."""
        return not self.is_home

    @property
    def locks(self) -> Sequence[ActiveLock]:
        """The live locks that cover it."""
        return locking.active(self, self.resource_id, self.above)

    def state(self) -> State:
        """What conditions are held against."""
        tokens = locking.tokens(self, self.resource_id, self.above)
        return State(True, frozenset(), tokens | self._sync_tokens(), self.modified_at)

    def _sync_tokens(self) -> frozenset[str]:
        """A sync token is a state token as well (RFC 6578 5); a folder that the ledger has not seen has none."""
        return frozenset() if self.folder.collection_id is None else frozenset({self.sync_token})

    # --- members ------------------------------------------------------------------------------------

    def members(self) -> Iterator[Resource]:
        """Yield what is on disk now, and the mounts of a home, by name."""
        entries = self.visit.services.files.entries(self.folder)
        mounted = {node.address[-1]: node for node in self.mounted()}
        found: Iterator[Resource] = (self.member(entry) for entry in entries if entry.name not in mounted)
        if mounted:
            found = merge(found, sorted(mounted.values(), key=_name), key=_name)
        yield from filter(self._is_visible, found) if self.hides_some else found

    @property
    def hides_some(self) -> bool:
        """Whether this is the household's home, which shows each reader what is shared with them."""
        return self.access is Access.READ and self.is_home

    def _is_visible(self, node: Resource) -> bool:
        return not self.hides_some or self._access_to_child(node.resource_id) is not None

    def _access_to_child(self, resource_id: int | None) -> Access | None:
        return None if resource_id is None else access_to(self.visit, resource_id)

    def member(self, entry: Entry) -> FolderNode | FileNode:
        """Return what is on disk as a resource."""
        from appliance.tree.file import FileNode  # the two know each other

        if not entry.is_folder:
            return FileNode(self, entry)
        access = self.access
        if self.is_home and access is Access.READ:
            access = self._access_to_child(entry.resource_id) or access
        return FolderNode(
            self.site, (*self.address, entry.name), self.folder.child(entry.name, entry.resource_id), access,
            above=self.chain, parent=self, entry=entry,
        )  # fmt: skip

    def mounted(self) -> list[FolderNode]:
        """Return the folders of others that are shown in a home."""
        if self.parent is not None or self.folder.collection_id is None:
            return []
        return list(self._mounted(mounts.of_home(self.visit.reading, self.folder.collection_id)))

    def _mounted(self, shown: dict[int, Mount]) -> Iterator[FolderNode]:
        for resource_id, mount in shown.items():
            member = member_of(self.visit.reading, resource_id)
            own = mount if member is not None and self._is_own else self._readers_own(mount)
            node = None if member is None or own is None else self._mount_node(member, own)
            if node is not None:
                yield node

    def _mount_node(self, member: Member, mount: Mount) -> FolderNode | None:
        try:
            path = locking.path_of(self.visit.reading, mount.target_id)
        except errors.NotFound:
            return None  # the owner deleted it; the mount is dark until it comes back
        above = tuple(reversed(locking.ancestors(self.visit.reading, mount.target_id)))
        return FolderNode(
            self.site, (*self.address, member.name), Folder(path, mount.target_id), Access(mount.access),
            above=above, parent=self, mount=mount,
        )  # fmt: skip

    @property
    def _is_own(self) -> bool:
        return self.access is Access.OWN

    def _readers_own(self, mount: Mount) -> Mount | None:
        """Return, for a mount in the household's home, which stands for everybody's, that of the reader."""
        return mounts.in_home(self.visit.reading, self.visit.person.files_home_id, mount.target_id)

    def _mount_called(self, name: str) -> Member | None:
        """Return the mount with this name, be there something to show or not."""
        if self.parent is not None or self.folder.collection_id is None:
            return None
        found = find_member(self.visit.reading, self.folder.collection_id, name)
        return None if found is None or found.kind != "mount" else found

    def mount_named(self, name: str) -> FolderNode | None:
        """Return the mount with this name: it wins over anything of that name on disk."""
        found = self._mount_called(name)
        mount = None if found is None else mounts.of(self.visit.reading, found.resource_id)
        if mount is not None and not self._is_own:
            mount = self._readers_own(mount)
        return None if found is None or mount is None else self._mount_node(found, mount)

    def child(self, name: str) -> FolderNode | FileNode:
        """Return a member; NotFound."""
        if self._mount_called(name) is not None:
            mounted = self.mount_named(name)
            if mounted is None:
                raise errors.NotFound("There is nothing at this address.")
            return mounted
        entry = self.visit.services.files.entry(self.visit.reading, self.folder, name)
        node = None if entry is None else self.member(entry)
        if node is None or not self._is_visible(node):
            raise errors.NotFound("There is nothing at this address.")
        return node

    def stored_of(self, resource_id: int | None) -> Mapping[str, str]:
        """Return the stored properties of a member, read for all members at once."""
        if resource_id is None:
            return {}
        return self._stored_of_all.get(resource_id, {})

    @lazy
    def _stored_of_all(self) -> dict[int, dict[str, str]]:
        known = self.folder.collection_id
        return {} if known is None else properties.of_members(self.visit.reading, known)

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        """Return what changed since `token`, directly in here or anywhere below."""
        return changes.of_folder(self, token, infinite=infinite, limit=limit)

    # --- writing ------------------------------------------------------------------------------------

    def guard(self, conditions: Conditions) -> Guard:
        """Return the conditions of a request to this folder or a member."""
        return Guard(self.visit, conditions, self.site.state_of)

    def require(self, privilege: str) -> None:
        """Raise unless the reader may do this here, now."""
        looked_at = self.is_home and self.access is Access.READ  # the household's: nobody owns it, nothing mounts it
        if self.folder.collection_id is not None and not looked_at:
            require_access(self.visit, self.folder.collection_id, privilege, self.href)
        elif privilege not in self.privileges:
            raise errors.NotPermitted("You may look at this, but not change it.", privilege=privilege, href=self.href)

    def state_of_name(self, entry: Entry | None) -> State:
        """Return the state of a member, or of a free name in here, whose locks are those of this folder."""
        if entry is None:
            return State(False, tokens=locking.tokens(self, self.folder.collection_id, self.above))
        tokens = locking.tokens(self, entry.resource_id, self.chain)
        return State(True, entry.etags, tokens, from_micros(entry.modified_ns // 1000))

    def require_free_name(self, name: str) -> None:
        """Raise NotPermitted where a mount has the name (protocol C4)."""
        if self._mount_called(name) is not None:
            raise errors.NotPermitted("A shared folder has this name here.", privilege="bind", href=self.href)

    def put(self, name: str, upload: Upload, conditions: Conditions) -> Written:
        """Stream a file onto the disk."""
        self.require_free_name(name)
        guard = self.guard(conditions)

        def check(tx: Reading | Writing, entry: Entry | None) -> int | None:
            self.require("bind" if entry is None else "write-content")
            self.require_free_name(name)
            if entry is not None and entry.is_folder:
                raise errors.MethodRefused("There is a folder at this address.", allowed=FOLDER_METHODS)
            guard.require(self.state_of_name(entry))
            guard.require_unlocked(locking.for_writing(self, entry), self.root_of)
            seen = entry is not None and entry.member is not None and guard.names_a_state
            return entry.member.body_seq if seen and entry is not None and entry.member is not None else None

        room, disk_bound = room_of(self.visit, self.owner_id)
        announced = upload.length_bytes if upload.length_bytes is not None else upload.expected_bytes
        modified_ns = None if upload.modified_at is None else int(upload.modified_at.timestamp() * 1_000_000_000)
        arrival = Arrival(upload.body, upload.length_bytes, upload.expected_bytes, modified_ns, room, disk_bound)
        stored = self.visit.services.writer.put(
            self.visit.author, self.folder, name, arrival, check=check, announced_bytes=announced,
            refused=self._keeper(name),
        )  # fmt: skip
        return Written(
            stored.created, stored.etag, (*self.address, stored.name), from_micros(stored.modified_ns // 1000)
        )

    def _keeper(self, name: str) -> Refused:
        """Return what keeps an upload that was refused when it was complete, up to the limit (promise 5)."""
        visit = self.visit

        def keep(error: errors.GotganError, size_bytes: int, content: Callable[[], Prepared]) -> None:
            if not visit.keeps(error):
                return
            attempt = refused.Attempt(self.adopted_row().id, name, "PUT", status_of(error), str(error))
            small = size_bytes <= visit.services.settings.refused_file_limit_bytes
            small = small and refused.has_room(visit.reading, visit.author, size_bytes)  # before it is in the store
            with contextlib.suppress(errors.DiskFull):
                refused.keep_prepared(visit.ledger, visit.author, attempt, content() if small else None)

        return keep

    def make(self, name: str, wanted: NewCollection, conditions: Conditions) -> Address:
        """Make a folder (MKCOL)."""
        if wanted.kind is not Kind.FOLDER:
            condition = f"{wanted.kind.value}-collection-location-ok"
            raise errors.WrongPlace("Only folders can be made among files.", condition=condition)
        if self.mount_named(name) is not None:
            raise errors.AlreadyThere("A shared folder has this name here.")
        self.require_free_name(name)
        guard = self.guard(conditions)

        def check(tx: Reading | Writing, entry: Entry | None) -> int | None:
            if entry is None:
                self.require("bind")
            self.require_free_name(name)
            guard.require(self.state_of_name(entry))
            guard.require_unlocked(locking.for_writing(self, entry), self.root_of)
            return None

        stored = tuple((change.name, change.xml) for change in wanted.properties)
        self.visit.services.writer.make_folder(self.visit.author, self.folder, name, check=check, stored=stored)
        return (*self.address, name)

    def delete(self, conditions: Conditions) -> None:
        """Delete it with all below, recoverably; a mount only leaves the home."""
        if self.mount is not None:
            self._unmount(conditions, self.mount)
        elif self.parent is None:
            super().delete(conditions)
        else:
            self.parent.delete_member(self.address[-1], conditions)

    def _unmount(self, conditions: Conditions, mount: Mount) -> None:
        self.guard(conditions).require(self.state())
        with self.visit.ledger.write(self.visit.author) as page:
            member = member_of(page.writing, mount.resource_id)
            if member is not None:
                shares.leave(page, member)

    def delete_member(self, name: str, conditions: Conditions) -> None:
        """Delete a file or folder in here."""
        guard = self.guard(conditions)

        def check(tx: Reading | Writing, entry: Entry | None) -> int | None:
            if entry is None:
                raise errors.NotFound("There is nothing at this address.")
            self.require("unbind")
            guard.require(self.state_of_name(entry))
            guard.require_unlocked(locking.for_removing(self, entry), self.root_of)
            return None

        self.visit.services.writer.delete(self.visit.author, self.folder, name, check=check)
        self.site.swept_later()

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Keep properties; those of a mount are the receiver's."""
        self.adopted_row()
        guard = self.guard(conditions)
        guard.require(self.state())
        guard.require_unlocked(locking.covering(self, self.resource_id, self.above), self.root_of)
        if self.mount is not None:
            self._record(self.mount.resource_id, changes)
            return
        self.require("write-properties")
        assert self.resource_id is not None
        self._record(self.resource_id, changes)

    def root_of(self, resource_id: int) -> Address | None:
        """Return the address of a locked resource as the reader sees it."""
        return locking.address_of(self, resource_id)


def _name(node: Resource) -> str:
    return node.address[-1]
