"""COPY and MOVE between two addresses: which kinds go where, and what each end demands (protocol C4, C8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance import errors
from appliance.dav.contracts import Address, Collection, Conditions, Kind, Resource, Upload
from appliance.dav.href import spell, spell_member
from appliance.household import shares
from appliance.store import batches, collections, objects, properties
from appliance.store.database import Reading, Writing
from appliance.store.file_moves import FileTransfer
from appliance.store.files import Entry, Folder
from appliance.store.ledger import Member, Page, Place, find_member, member_of
from appliance.tree import locking
from appliance.tree.access import Access, require_access
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.guard import Guard, state
from appliance.tree.homes import Home
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.object_member import ObjectMember
from appliance.tree.vanished import Vanished, no_parent

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite


@dataclass(frozen=True, slots=True)
class Ends:
    """Where from, where to."""

    source: Address
    destination: Address
    overwrite: bool
    conditions: Conditions


def copy(site: TreeSite, ends: Ends, *, deep: bool) -> bool:
    """Copy; return whether the destination is new."""
    source, (holder, name) = _ends(site, ends)
    if isinstance(source, (FileNode, FolderNode)) and isinstance(holder, FolderNode):
        return _copy_file(site, ends, source, holder, name, deep=deep)
    if isinstance(source, ObjectMember) and isinstance(holder, ObjectCollection):
        return _transfer_object(site, ends, source, holder, name, moving=False)
    if isinstance(source, FileNode) and isinstance(holder, ObjectCollection):
        return _copy_into(ends, source, holder, name)
    if isinstance(source, ObjectCollection) and isinstance(holder, Home):
        return _copy_collection(site, ends, source, holder, name, deep=deep)
    raise _wrong_kind(source)


def move(site: TreeSite, ends: Ends) -> bool:
    """Move; return whether the destination is new."""
    source, (holder, name) = _ends(site, ends)
    if isinstance(source, (FileNode, FolderNode)) and isinstance(holder, FolderNode):
        return _move_file(site, ends, source, holder, name)
    if isinstance(source, ObjectMember) and isinstance(holder, ObjectCollection):
        return _transfer_object(site, ends, source, holder, name, moving=True)
    if isinstance(source, ObjectCollection) and isinstance(holder, Home):
        return _rename(site, ends, source, source.mount.resource_id if source.mount else source.row.id, holder, name)
    raise _wrong_kind(source)


def _ends(site: TreeSite, ends: Ends) -> tuple[Resource, tuple[Collection, str]]:
    source = site.find(ends.source)
    if ends.source == ends.destination:
        raise errors.OntoItself("Source and destination are the same.")
    if ends.destination[: len(ends.source)] == ends.source and not isinstance(source, (FileNode, ObjectMember)):
        raise errors.OntoItself("A folder cannot be put into itself.")
    holder, name = site.place(ends.destination)
    if isinstance(holder, Vanished):
        raise no_parent()
    return source, (holder, name)


def _wrong_kind(source: Resource) -> errors.GotganError:
    if source.kind in (Kind.ADDRESSBOOK, Kind.CALENDAR):
        return errors.WrongPlace(
            "An address book or calendar stays in its home.", condition=f"{source.kind.value}-collection-location-ok"
        )
    if source.kind in (Kind.ROOT, Kind.HOME, Kind.PRINCIPAL):
        return errors.NotPermitted("This belongs to the household.", privilege="unbind", href=source.href)
    return errors.WrongPlace("This kind of entry cannot be kept there.")


# --- files and folders ------------------------------------------------------------------------------


def _files(source: FileNode | FolderNode, holder: FolderNode, name: str, *, overwrite: bool) -> FileTransfer:
    if isinstance(source, FolderNode):
        if source.parent is None:
            raise errors.NotPermitted("A home stays where it is.", privilege="unbind", href=source.href)
        if source.mount is not None:
            raise errors.NotPermitted(
                "A shared folder cannot be moved out of the home.", privilege="unbind", href=source.href
            )
        folder, source_name = source.parent.folder, source.address[-1]
    else:
        folder, source_name = source.parent.folder, source.entry.name
    holder.require_free_name(name)
    return FileTransfer(folder, source_name, holder.folder, name, overwrite)


def _copy_file(
    site: TreeSite, ends: Ends, source: FileNode | FolderNode, holder: FolderNode, name: str, *, deep: bool
) -> bool:
    if isinstance(source, FolderNode) and source.mount is not None:
        path = source.folder.path  # copying out of a share makes a folder of one's own
        holder.require_free_name(name)
        files = FileTransfer(Folder(path[:-1], None), path[-1], holder.folder, name, ends.overwrite)
    else:
        files = _files(source, holder, name, overwrite=ends.overwrite)
    guard = holder.guard(ends.conditions)

    def check(tx: Reading | Writing, from_entry: Entry, target: Entry | None) -> None:
        holder.require("bind")
        guard.require(source.state())
        required = locking.for_writing(holder, None) if target is None else locking.for_removing(holder, target)
        guard.require_unlocked(required, holder.root_of)

    created = site.visit.services.mover.copy(site.visit.author, files, check=check, deep=deep)
    site.swept_later()
    return created


def _move_file(site: TreeSite, ends: Ends, source: FileNode | FolderNode, holder: FolderNode, name: str) -> bool:
    if isinstance(source, FolderNode) and source.mount is not None:
        return _rename_mount(site, ends, source, holder, name)
    files = _files(source, holder, name, overwrite=ends.overwrite)
    guard = holder.guard(ends.conditions)
    from_folder = source.parent
    assert from_folder is not None

    def check(tx: Reading | Writing, from_entry: Entry, target: Entry | None) -> None:
        from_folder.require("unbind")
        holder.require("bind")
        holder.require_free_name(name)
        _require_unshared(tx, source, holder)
        guard.require(source.state())
        required = locking.for_removing(from_folder, from_entry)
        guard.require_unlocked(required, from_folder.root_of)
        required = locking.for_writing(holder, None) if target is None else locking.for_removing(holder, target)
        guard.require_unlocked(required, holder.root_of)

    created = site.visit.services.mover.move(site.visit.author, files, check=check)
    site.swept_later()
    return created


def _require_unshared(reading: Reading | Writing, source: FileNode | FolderNode, holder: FolderNode) -> None:
    """Raise NotPermitted for a folder that would change hands with shares in it: its next owner never gave them."""
    if source.owner == holder.owner or source.resource_id is None or not isinstance(source, FolderNode):
        return
    if shares.are_within(reading, source.resource_id):
        raise errors.NotPermitted(
            "It, or a folder in it, is shared with others; end that before it goes to somebody else.",
            privilege="unbind", href=source.href,
        )  # fmt: skip


def _rename_mount(site: TreeSite, ends: Ends, source: FolderNode, holder: FolderNode, name: str) -> bool:
    """Rename a mount within its home: the owner's folder keeps its name (protocol C4)."""
    if source.parent is None or source.parent.address != holder.address or source.mount is None:
        raise errors.NotPermitted(
            "A shared folder cannot be moved out of the home.", privilege="unbind", href=source.href
        )
    guard = holder.guard(ends.conditions)
    with site.visit.ledger.write(site.visit.author) as page:
        guard.require(source.state())
        holder.require("bind")
        holder.require_free_name(name)
        if site.visit.services.files.entry(site.visit.reading, holder.folder, name) is not None:
            raise errors.PreconditionFailed("There is something at the destination.")
        batches.begin(page, "move")
        member = member_of(page.writing, source.mount.resource_id)
        if member is None:
            raise errors.NotFound("There is nothing at this address.")
        page.move(member, Place(member.collection_id, name, member.resource_id, member.kind), carried_bytes=0)
    return True


# --- cards and events -------------------------------------------------------------------------------


def _transfer_object(
    site: TreeSite, ends: Ends, source: ObjectMember, holder: ObjectCollection, name: str, *, moving: bool
) -> bool:
    if source.collection.kind is not holder.kind:
        raise errors.WrongPlace("A contact cannot become an event, nor an event a contact.")
    holder.require_component(source)
    guard = Guard(site.visit, ends.conditions, site.state_of)
    subject = state(etag=source.etag, modified_at=source.modified_at)

    def check(page: Page, member: Member, target: Member | None) -> None:
        require_access(site.visit, holder.row.id, "bind", holder.href)
        if moving:
            require_access(site.visit, source.collection.row.id, "unbind", source.href)
        guard.require(subject)

    ledger, author = site.visit.ledger, site.visit.author
    what = objects.Transfer(source.collection.row.id, source.member.name, holder.row.id, name, ends.overwrite)
    try:
        return (objects.move if moving else objects.copy)(ledger, author, what, check=check)
    except errors.UidTaken as error:
        raise errors.UidTaken(str(error), href=spell_member(holder.href, error.href)) from error


def _copy_into(ends: Ends, source: FileNode, holder: ObjectCollection, name: str) -> bool:
    """Copy a file into a calendar or address book: as a PUT of its octets."""
    content = source.read(Conditions())
    limit = holder.max_resource_bytes
    if content.size_bytes > limit:
        raise errors.ResourceTooLarge(f"One entry may have at most {limit} bytes.")
    if not ends.overwrite and find_member(holder.visit.reading, holder.row.id, name) is not None:
        raise errors.PreconditionFailed("There is something at the destination, and overwriting was not allowed.")
    octets = _Octets(b"".join(content.chunks(0, content.size_bytes)))
    return holder.put(name, Upload(octets, content.size_bytes), Conditions()).created


class _Octets:
    """Octets in memory as an upload."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def read(self, size_bytes: int) -> bytes:
        """Return the next octets."""
        piece, self._octets = self._octets[:size_bytes], self._octets[size_bytes:]
        return piece


# --- whole address books and calendars --------------------------------------------------------------


def _require_own_home(holder: Home, source: ObjectCollection) -> None:
    condition = f"{source.kind.value}-collection-location-ok"
    if holder.address != source.address[:2] or not holder.is_own:
        raise errors.WrongPlace("An address book or calendar stays in its own home.", condition=condition)


def _rename(site: TreeSite, ends: Ends, source: ObjectCollection, resource_id: int, holder: Home, name: str) -> bool:
    """Rename within the home, a mount as well as one's own."""
    _require_own_home(holder, source)
    if source.mount is None and source.access is not Access.OWN:
        raise errors.NotPermitted("This belongs to the household.", privilege="unbind", href=source.href)
    guard = Guard(site.visit, ends.conditions, site.state_of)
    with site.visit.ledger.write(site.visit.author) as page:
        guard.require(site.state_of(ends.source))
        batches.begin(page, "move")
        replaced = _free(page, ends, holder, name)
        member = member_of(page.writing, resource_id)
        if member is None:
            raise errors.NotFound("There is nothing at this address.")
        row = collections.row_of(page.writing, resource_id)
        page.move(
            member, Place(holder.home_id, name, resource_id, member.kind), carried_bytes=row.subtree_bytes if row else 0
        )
    return not replaced


def _free(page: Page, ends: Ends, holder: Home, name: str) -> bool:
    """Make the destination free, or refuse; return whether something was there."""
    target = find_member(page.writing, holder.home_id, name)
    if target is None:
        return False
    if not ends.overwrite:
        raise errors.PreconditionFailed("There is something at the destination, and overwriting was not allowed.")
    if target.kind == "mount":
        raise errors.NotPermitted(
            "A shared collection has this name.", privilege="unbind", href=spell(ends.destination)
        )
    collections.remove(page, target)
    return True


def _copy_collection(
    site: TreeSite, ends: Ends, source: ObjectCollection, holder: Home, name: str, *, deep: bool
) -> bool:
    """Copy a whole address book or calendar; the copy is a collection of its own."""
    if not holder.is_own or holder.address[0] != source.address[0]:
        raise errors.WrongPlace(
            "It can be copied into one's own home only.", condition=f"{source.kind.value}-collection-location-ok"
        )
    guard = Guard(site.visit, ends.conditions, site.state_of)
    with site.visit.ledger.write(site.visit.author) as page:
        guard.require(site.state_of(ends.source))
        batches.begin(page, "copy")
        replaced = _free(page, ends, holder, name)
        stored = list(properties.of(page.writing, source.row.id).items())
        made_id = collections.create(
            page, holder.home_id, name, source.kind.value, owner_id=site.visit.person.id, stored=stored
        )
        if deep:
            objects.copy_all(page, source.row.id, made_id)
    return not replaced
