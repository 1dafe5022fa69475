"""PUT, MKCOL, DELETE of files and folders on disk: the name changes last, the row is durable before the answer.

Order, always: bytes durable under a temporary name → old octets in the store → rows → the name → COMMIT → the folder's
own sync. A power cut before COMMIT leaves a disk that the next look records; one after it leaves nothing to do. When
COMMIT fails, the name is put back. `check` is called before a body is read and again inside the transaction.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from appliance import errors
from appliance.store import batches, collections, content, disk, file_rows, properties
from appliance.store.arriving import Arrival, Received, copy_file, receive, require_room, write_file
from appliance.store.bodies import Bodies
from appliance.store.content import disk_trouble, sync_folder
from appliance.store.database import Reading, Writing
from appliance.store.files import Entry, Files, Folder, open_file, record_signature
from appliance.store.ledger import Author, Member, Page, member_at
from appliance.store.observe import Observer

Check = Callable[[Reading | Writing, Entry | None], int | None]
"""Raises what forbids the write, else returns the `body_seq` that the writer had seen, None: unconditional."""
Refused = Callable[[errors.GotganError, int, Callable[[], content.Prepared]], None]
"""Told of a whole body that was refused after it was read, of its size, and how to get at its content."""
TRIES = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a write left."""

    created: bool
    etag: str
    modified_ns: int
    name: str


class ChangedMeanwhile(Exception):
    """The disk changed between settling and writing."""


def until_still(attempt: Callable[[], T]) -> T:
    """Return what `attempt` returns; it is made again when the disk changed under it, and in the end Busy."""
    for _ in range(TRIES):
        with contextlib.suppress(ChangedMeanwhile):
            return attempt()
    raise errors.Busy("This is being changed by somebody else; try again in a moment.", retry_after_seconds=5)


class FileWriter:
    """Changes files and folders through our own doors."""

    def __init__(self, files: Files, observer: Observer, aside: Path) -> None:
        self.files = files
        self.observer = observer
        self.aside = aside  # deleted folders wait here, outside the watched tree, until they are swept
        aside.mkdir(mode=0o700, exist_ok=True)

    def put(
        self, author: Author, folder: Folder, name: str, arrival: Arrival, *,
        check: Check, announced_bytes: int | None, refused: Refused,
    ) -> StoredFile:  # fmt: skip
        """Store a file, new or replaced; NotFound when the folder is missing, MethodRefused over a folder.

        What can be refused from the headers alone is refused before the body is read (protocol B5); what is
        refused afterwards is handed to `refused` as a durable content.
        """
        disk.require_name(name)
        folder = self.observer.adopt(folder)
        with self.files.disk.folder(folder.path) as folder_fd:
            entry = self.settled(folder, folder_fd, name)
            check(self.files.ledger.database.connection(), entry)
            if entry is None:
                disk.require_distinct(folder_fd, name)
            require_room(arrival, announced_bytes)
            with receive(folder_fd, arrival) as received:
                try:
                    return self._installed(author, folder, folder_fd, name, received, check)
                except errors.GotganError as error:
                    refused(error, received.size, lambda: self._secured(folder_fd, received))
                    raise

    def _secured(self, folder_fd: int, received: Received) -> content.Prepared:
        """Return a received file as content: a small one for the database, else linked into the store."""
        if received.size <= content.INLINE_BYTES:
            descriptor = open_file(folder_fd, received.name)
            with contextlib.closing(os.fdopen(descriptor, "rb")) as file:
                return content.Prepared(received.digest, received.size, file.read(), None)
        blob_name = self.files.blobs.link_in(received.name, folder_fd=folder_fd, digest=received.digest)
        return content.Prepared(received.digest, received.size, None, blob_name)

    def _installed(
        self, author: Author, folder: Folder, folder_fd: int, name: str, received: Received, check: Check
    ) -> StoredFile:
        def attempt() -> StoredFile:
            self.settled(folder, folder_fd, name)
            stored = self._install(author, folder, folder_fd, name, received, check)
            os.fsync(folder_fd)
            return stored

        return until_still(attempt)

    def settled(self, folder: Folder, folder_fd: int, name: str) -> Entry | None:
        """Return what is at a name after the ledger has seen it as it is now."""
        entry = self.files.entry_at(self.files.ledger.database.connection(), folder, folder_fd, name)
        if entry is None or entry.is_known:
            return entry
        if entry.is_folder:
            self.observer.adopt(folder.child(entry.name, None))
        else:
            self.observer.settle(folder, folder_fd, entry)
            if not disk.may_read(folder_fd, entry.name):
                raise errors.DiskRefused  # its octets could not be kept
        return self.files.entry_at(self.files.ledger.database.connection(), folder, folder_fd, name)

    def settle_name(self, folder: Folder, name: str) -> Entry | None:
        """Return what is at a name after the ledger has seen it: a lock or a property needs an identity to sit on."""
        folder = self.observer.adopt(folder)
        with self.files.disk.folder(folder.path) as folder_fd:
            return self.settled(folder, folder_fd, name)

    def _install(
        self, author: Author, folder: Folder, folder_fd: int, name: str, received: Received, check: Check
    ) -> StoredFile:
        with self.files.ledger.write(author) as page:
            entry = self.files.entry_at(page.writing, folder, folder_fd, name)
            require_known(entry)
            base_seq = check(page.writing, entry)
            if entry is not None and entry.is_folder:
                raise errors.MethodRefused("There is a folder at this address.", allowed=FOLDER_METHODS)
            if entry is not None and _has_octets(page, entry, received):
                return self._unchanged(page, folder_fd, entry, received)
            return self.install(page, folder, folder_fd, entry, received, name, base_seq=base_seq)

    def _unchanged(self, page: Page, folder_fd: int, entry: Entry, received: Received) -> StoredFile:
        """The very same octets are no new version and keep the ETag (RFC 4918 8.6); a date that was sent counts."""
        assert entry.member is not None
        modified_ns = entry.modified_ns if received.modified_ns is None else received.modified_ns
        if modified_ns != entry.modified_ns:
            page.props(entry.member, modified_at=modified_ns // 1000)
            self._date(page, folder_fd, entry, entry.member.resource_id, modified_ns)
        return StoredFile(False, entry.etag or "", modified_ns, entry.name)

    def install(
        self, page: Page, folder: Folder, folder_fd: int, entry: Entry | None, received: Received, name: str,
        *, base_seq: int | None = None, op: str = "put",
    ) -> StoredFile:  # fmt: skip
        """Give a received file its name, over `entry` if there is one, and record it."""
        assert folder.collection_id is not None
        spelled = name if entry is None else entry.name
        if entry is None:
            disk.require_distinct(folder_fd, name)
        old = None  # invariant 4: secured before the new file takes the name
        if entry is not None and entry.member is not None:
            old = file_rows.secure_old(page, self.files.blobs, entry.member, spelled, folder_fd)
        try:
            os.rename(received.name, spelled, src_dir_fd=folder_fd, dst_dir_fd=folder_fd)
        except OSError as error:
            raise disk_trouble(error) from error
        if entry is None:
            page.writing.on_rollback(lambda: os.unlink(spelled, dir_fd=folder_fd))
        else:
            page.writing.on_rollback(lambda: self.put_back(old, folder_fd, spelled))
        status = os.stat(spelled, dir_fd=folder_fd, follow_symlinks=False)
        state = file_rows.FileState(received.digest, disk.signature_of(status))
        before = None if entry is None else entry.member
        if before is None:
            before = file_rows.vanished(page, self.files, folder.collection_id, spelled)
        _, seq = file_rows.record_file(page, folder.collection_id, spelled, state, before, op=op, base_seq=base_seq)
        etag = before.etag if before is not None and before.body_seq == seq and before.etag else page.etag(seq)
        return StoredFile(entry is None, etag, status.st_mtime_ns, spelled)

    def put_back(self, old: file_rows.Secured | None, folder_fd: int, name: str) -> None:
        """Undo a lost name after a failed COMMIT: the old octets come back under it."""
        if old is None:
            return
        temporary = disk.temporary_name()
        if old.content_id is not None:
            reading = self.files.ledger.database.connection()
            Bodies(self.files).write_to(reading, old.content_id, folder_fd, temporary)
            os.rename(temporary, name, src_dir_fd=folder_fd, dst_dir_fd=folder_fd)
            return
        if old.blob_name is None:
            write_file(old.body or b"", folder_fd, temporary)
            os.rename(temporary, name, src_dir_fd=folder_fd, dst_dir_fd=folder_fd)
            return
        blob = self.files.blobs.path(old.blob_name)
        if old.linked:
            os.rename(blob, name, dst_dir_fd=folder_fd)
            return
        shelf_fd = os.open(blob.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            copy_file(shelf_fd, blob.name, folder_fd, temporary)
        finally:
            os.close(shelf_fd)
        os.rename(temporary, name, src_dir_fd=folder_fd, dst_dir_fd=folder_fd)

    def make_folder(self, author: Author, folder: Folder, name: str, *, check: Check, stored: Properties = ()) -> int:
        """Make a folder and return its id; AlreadyThere."""
        disk.require_name(name)
        folder = self.observer.adopt(folder)
        with self.files.disk.folder(folder.path) as folder_fd:
            with self.files.ledger.write(author) as page:
                entry = self.files.entry_at(page.writing, folder, folder_fd, name)
                check(page.writing, entry)
                if entry is not None:
                    raise errors.AlreadyThere("There is something at this address already.")
                disk.require_distinct(folder_fd, name)
                collection_id = self.record_new_folder(page, folder, name, stored)
                try:
                    os.mkdir(name, dir_fd=folder_fd)
                except OSError as error:
                    raise disk_trouble(error) from error
                page.writing.on_rollback(lambda: os.rmdir(name, dir_fd=folder_fd))
            os.fsync(folder_fd)
        return collection_id

    def record_new_folder(self, page: Page, folder: Folder, name: str, stored: Properties = ()) -> int:
        """Record a folder that is about to appear; a name that the ledger still has from a vanished one ends first."""
        assert folder.collection_id is not None
        stale = member_at(page.writing, folder.collection_id, name)
        if stale is not None:
            file_rows.end(page, stale)
        owner = page.writing.execute("SELECT owner_id FROM collection WHERE id = ?", (folder.collection_id,)).fetchone()
        return collections.create(page, folder.collection_id, name, "folder", owner_id=owner["owner_id"], stored=stored)

    def delete(self, author: Author, folder: Folder, name: str, *, check: Check) -> None:
        """Delete a file, or a folder with all below it, recoverably; NotFound."""
        folder = self.observer.adopt(folder)
        with self.files.disk.folder(folder.path) as folder_fd:
            until_still(lambda: self._delete(author, folder, folder_fd, name, check))

    def _delete(self, author: Author, folder: Folder, folder_fd: int, name: str, check: Check) -> None:
        self.settled(folder, folder_fd, name)
        with self.files.ledger.write(author) as page:
            entry = self.files.entry_at(page.writing, folder, folder_fd, name)
            check(page.writing, entry)
            if entry is None:
                raise errors.NotFound("There is nothing at this address.")
            require_known(entry)
            if entry.is_folder and self.has_members(page, folder_fd, entry):
                batches.begin(page, "delete")  # of the sweeper's rows as well
            self.take_away(page, folder_fd, entry)
        os.fsync(folder_fd)

    def has_members(self, page: Page, folder_fd: int, entry: Entry) -> bool:
        """Return whether anything is in a folder, on disk or in the ledger."""
        row = page.writing.execute(
            "SELECT 1 FROM member WHERE collection_id = ? LIMIT 1", (entry.resource_id,)
        ).fetchone()
        return row is not None or not is_empty_folder(folder_fd, entry.name)

    def take_away(self, page: Page, folder_fd: int, entry: Entry) -> None:
        """Take a known file or folder off its name inside an open page; its octets are safe before."""
        if entry.member is None:
            raise ChangedMeanwhile  # what the ledger has not seen cannot come back
        if entry.is_folder:
            file_rows.end_folder(page, entry.member)
            self._set_aside(page, folder_fd, entry, entry.member)
            return
        self.make_way(page, folder_fd, entry, entry.member)
        os.unlink(entry.name, dir_fd=folder_fd)

    def make_way(self, page: Page, folder_fd: int, entry: Entry, member: Member) -> None:
        """End a file whose name is taken off it next, by unlink or by a rename over it: then the name is never free."""
        old = file_rows.secure_old(page, self.files.blobs, member, entry.name, folder_fd)
        file_rows.end_file(page, member)
        page.writing.on_rollback(lambda: self.put_back(old, folder_fd, entry.name))

    def _set_aside(self, page: Page, folder_fd: int, entry: Entry, member: Member) -> None:
        target = self.aside / f"{member.resource_id}.{os.urandom(6).hex()}"
        try:
            os.rename(entry.name, target, src_dir_fd=folder_fd)
        except OSError as error:
            raise disk_trouble(error) from error
        page.writing.on_rollback(lambda: os.rename(target, entry.name, dst_dir_fd=folder_fd))
        sync_folder(self.aside)

    def patch(
        self, author: Author, folder: Folder, name: str, changes: Sequence[tuple[str, str | None]],
        modified_ns: int | None, *, check: Check,
    ) -> None:  # fmt: skip
        """Keep a file's properties and, unless None, set its date; ETag and octets stay."""
        folder = self.observer.adopt(folder)

        def attempt() -> None:
            self.settled(folder, folder_fd, name)
            with self.files.ledger.write(author) as page:
                entry = self.files.entry_at(page.writing, folder, folder_fd, name)
                check(page.writing, entry)
                if entry is None or entry.member is None:
                    raise errors.NotFound("There is nothing at this address.")
                require_known(entry)
                self.record_patch(page, folder_fd, entry, entry.member, changes, modified_ns)

        with self.files.disk.folder(folder.path) as folder_fd:
            until_still(attempt)

    def record_patch(
        self, page: Page, folder_fd: int, entry: Entry, member: Member, changes: Sequence[tuple[str, str | None]],
        modified_ns: int | None,
    ) -> None:  # fmt: skip
        """Record properties and, unless None, set the date of a known file inside an open page."""
        seq = page.props(member, modified_at=None if modified_ns is None else modified_ns // 1000)
        properties.change(page.writing, member.resource_id, seq, changes)
        if modified_ns is not None:
            self._date(page, folder_fd, entry, member.resource_id, modified_ns)

    def _date(self, page: Page, folder_fd: int, entry: Entry, resource_id: int, modified_ns: int) -> None:
        old_ns = entry.modified_ns
        if disk.signature_of(os.stat(entry.name, dir_fd=folder_fd, follow_symlinks=False)) != entry.signature:
            raise ChangedMeanwhile
        os.utime(entry.name, ns=(modified_ns, modified_ns), dir_fd=folder_fd, follow_symlinks=False)
        page.writing.on_rollback(lambda: os.utime(entry.name, ns=(old_ns, old_ns), dir_fd=folder_fd))
        status = os.stat(entry.name, dir_fd=folder_fd, follow_symlinks=False)
        record_signature(page.writing, resource_id, disk.signature_of(status))


Properties = tuple[tuple[str, str | None], ...]
FOLDER_METHODS = ("GET", "HEAD", "DELETE", "PROPFIND", "PROPPATCH", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT")


def is_empty_folder(parent_fd: int, name: str) -> bool:
    """Return whether a directory has nothing in it."""
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent_fd)
    try:
        with os.scandir(descriptor) as entries:
            return next(entries, None) is None
    finally:
        os.close(descriptor)


def _has_octets(page: Page, entry: Entry, received: Received) -> bool:
    if entry.member is None or entry.member.content_id is None:
        return False
    row = content.row_of(page.writing, entry.member.content_id)
    return row is not None and row.digest == received.digest


def require_known(entry: Entry | None) -> None:
    """Raise ChangedMeanwhile when a file is not in the state that the ledger knows."""
    if entry is not None and not entry.is_folder and not entry.is_known:
        raise ChangedMeanwhile
