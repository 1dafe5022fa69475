"""COPY and MOVE of files and folders on disk.

A MOVE of a tree is one rename and two rows, whatever its size. An overwriting MOVE of a fresh upload is a new version
of the *target* (protocol B7): FolderSync, davfs2 and rclone upload under another name and move it over the old file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors
from appliance.store import batches, collections, disk, file_rows, properties
from appliance.store.arriving import Received, copy_file
from appliance.store.content import disk_trouble
from appliance.store.database import Reading, Writing
from appliance.store.file_rows import record_move as record_move
from appliance.store.file_writes import ChangedMeanwhile, FileWriter, require_known, until_still
from appliance.store.files import Entry, Folder, record_signature
from appliance.store.ledger import Author, Member, Page, Place, member_at

CheckBoth = Callable[[Reading | Writing, Entry, Entry | None], None]
FRESH_MICROS = 3_600_000_000


@dataclass(frozen=True, slots=True)
class FileTransfer:
    """From where to where."""

    source: Folder
    source_name: str
    target: Folder
    target_name: str
    overwrite: bool


@dataclass(frozen=True, slots=True)
class _Both:
    """Both ends, looked at inside the transaction."""

    source: Entry
    target: Entry | None


class FileMover:
    """Copies and moves through our own doors."""

    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer
        self._files = writer.files

    def move(self, author: Author, transfer: FileTransfer, *, check: CheckBoth) -> bool:
        """Move a file or folder; return whether the target name is new. Folder into itself: OntoItself."""
        return self._transfer(author, transfer, check, self._move)

    def copy(self, author: Author, transfer: FileTransfer, *, check: CheckBoth, deep: bool) -> bool:
        """Copy a file, a folder, or with `deep` False a folder without its members (RFC 4918 9.8.3)."""
        return self._transfer(author, transfer, check, self._copy_tree if deep else self._copy_flat)

    def _transfer(
        self, author: Author, transfer: FileTransfer, check: CheckBoth,
        act: Callable[[Author, FileTransfer, int, int, CheckBoth], bool],
    ) -> bool:  # fmt: skip
        disk.require_name(transfer.target_name)
        adopt = self._writer.observer.adopt
        transfer = FileTransfer(
            adopt(transfer.source),
            transfer.source_name,
            adopt(transfer.target),
            transfer.target_name,
            transfer.overwrite,
        )
        folder = self._files.disk.folder

        def attempt() -> bool:
            self._writer.settled(transfer.source, source_fd, transfer.source_name)
            self._writer.settled(transfer.target, target_fd, transfer.target_name)
            created = act(author, transfer, source_fd, target_fd, check)
            os.fsync(source_fd)
            os.fsync(target_fd)
            return created

        with folder(transfer.source.path) as source_fd, folder(transfer.target.path) as target_fd:
            return until_still(attempt)

    def _look(self, tx: Reading | Writing, transfer: FileTransfer, fds: tuple[int, int], check: CheckBoth) -> _Both:
        source = self._files.entry_at(tx, transfer.source, fds[0], transfer.source_name)
        target = self._files.entry_at(tx, transfer.target, fds[1], transfer.target_name)
        if source is None:
            raise errors.NotFound("There is nothing at this address.")
        if target is not None and target.name == source.name and transfer.source.path == transfer.target.path:
            raise errors.OntoItself("Source and destination are the same.")
        if source.is_folder and transfer.target.path[: len(transfer.source.path) + 1] == (
            *transfer.source.path,
            source.name,
        ):
            raise errors.OntoItself("A folder cannot be put into itself.")
        check(tx, source, target)
        if target is not None and not transfer.overwrite:
            raise errors.PreconditionFailed("There is something at the destination, and overwriting was not allowed.")
        require_known(source)
        require_known(target)
        return _Both(source, target)

    # --- MOVE ---------------------------------------------------------------------------------------

    def _move(self, author: Author, transfer: FileTransfer, source_fd: int, target_fd: int, check: CheckBoth) -> bool:
        with self._files.ledger.write(author) as page:
            both = self._look(page.writing, transfer, (source_fd, target_fd), check)
            source, target = both.source, both.target
            if source.member is None:
                raise ChangedMeanwhile
            in_other_case = target is None and _is_own_name(transfer, source, target_fd)
            if target is None and not in_other_case:
                disk.require_distinct(target_fd, transfer.target_name)
            if (
                target is not None
                and target.member is not None
                and _is_fresh_upload(page, source.member, target.member)
            ):
                self._merge(page, transfer, both, (source_fd, target_fd))
                return False
            if source.is_folder or target is not None:
                batches.begin(page, "move")
            if target is not None and target.member is not None and not target.is_folder and not source.is_folder:
                self._writer.make_way(page, target_fd, target, target.member)
            elif target is not None:
                self._writer.take_away(page, target_fd, target)
            name = transfer.target_name if target is None else target.name
            self._record_move(page, transfer, source.member, name)
            rename(page, source.name, source_fd, name, target_fd)
            if in_other_case:
                disk.require_distinct(target_fd, name)  # some file systems say yes and keep the old spelling
            record_renamed(page, source.member, target_fd, name)
            return target is None

    def _record_move(self, page: Page, transfer: FileTransfer, member: Member, name: str) -> None:
        target_id = transfer.target.collection_id
        assert target_id is not None
        stale = member_at(page.writing, target_id, name)
        if stale is not None:
            file_rows.end(page, stale)
        record_move(page, member, Place(target_id, name, member.resource_id, member.kind))

    def _merge(self, page: Page, transfer: FileTransfer, both: _Both, fds: tuple[int, int]) -> None:
        """Make a fresh upload a new version of the file that it is moved over; its own resource ends as merged."""
        source, target = both.source.member, both.target
        assert source is not None and target is not None and target.member is not None
        target_id = transfer.target.collection_id
        assert target_id is not None
        old = file_rows.secure_old(page, self._files.blobs, target.member, target.name, fds[1])
        page.writing.on_rollback(lambda: self._writer.put_back(old, fds[1], target.name))
        digest = page.writing.execute("SELECT digest FROM content WHERE id = ?", (source.content_id,)).fetchone()[0]
        file_rows.end_file(page, source, op="merged")
        rename(page, both.source.name, fds[0], target.name, fds[1])
        status = os.stat(target.name, dir_fd=fds[1], follow_symlinks=False)
        state = file_rows.FileState(digest, disk.signature_of(status))
        file_rows.record_file(
            page, target_id, target.name, state, target.member, op="put", base_seq=target.member.body_seq
        )

    # --- COPY ---------------------------------------------------------------------------------------

    def _copy_flat(
        self, author: Author, transfer: FileTransfer, source_fd: int, target_fd: int, check: CheckBoth
    ) -> bool:
        return self._copy(author, transfer, (source_fd, target_fd), check, deep=False)

    def _copy_tree(
        self, author: Author, transfer: FileTransfer, source_fd: int, target_fd: int, check: CheckBoth
    ) -> bool:
        return self._copy(author, transfer, (source_fd, target_fd), check, deep=True)

    def _copy(
        self, author: Author, transfer: FileTransfer, fds: tuple[int, int], check: CheckBoth, *, deep: bool
    ) -> bool:
        both = self._look_for_copy(self._files.ledger.database.connection(), transfer, fds, check)
        temporary = disk.temporary_name()
        try:
            copied = _copy_to(fds, both.source, temporary, deep=deep)
            with self._files.ledger.write(author) as page:
                both = self._look_for_copy(page.writing, transfer, fds, check)
                if isinstance(copied, Received):
                    self._install_copy(page, transfer, both, fds[1], copied)
                else:
                    batches.begin(page, "copy")
                    self._install_tree(page, transfer, both, fds[1], temporary, copied)
            return both.target is None
        except OSError as error:
            raise disk_trouble(error) from error
        finally:
            disk.remove_temporary(temporary, fds[1])

    def _look_for_copy(
        self, tx: Reading | Writing, transfer: FileTransfer, fds: tuple[int, int], check: CheckBoth
    ) -> _Both:
        both = self._look(tx, transfer, fds, check)
        if both.target is None:
            disk.require_distinct(fds[1], transfer.target_name)
        return both

    def _install_copy(self, page: Page, transfer: FileTransfer, both: _Both, target_fd: int, copied: Received) -> None:
        target = both.target
        if target is not None and target.is_folder:
            batches.begin(page, "copy")
            self._writer.take_away(page, target_fd, target)
            target = None
        stored = self._writer.install(page, transfer.target, target_fd, target, copied, transfer.target_name, op="copy")
        assert transfer.target.collection_id is not None
        made = member_at(page.writing, transfer.target.collection_id, stored.name)
        if both.source.member is not None and made is not None:
            properties.copy(page.writing, both.source.member.resource_id, made.resource_id, made.seq)

    def _install_tree(
        self, page: Page, transfer: FileTransfer, both: _Both, target_fd: int, temporary: str, copied: CopiedFolder
    ) -> None:
        if both.target is not None:
            self._writer.take_away(page, target_fd, both.target)
        name = transfer.target_name if both.target is None else both.target.name
        top_id = self._writer.record_new_folder(page, transfer.target, name)
        source_id = both.source.resource_id
        if source_id is not None:
            properties.copy(page.writing, source_id, top_id, _made_at(page, top_id))
        rename(page, temporary, target_fd, name, target_fd)
        with self._files.disk.folder((*transfer.target.path, name)) as folder_fd:
            self._record_tree(page, folder_fd, top_id, source_id, copied)

    def _record_tree(
        self, page: Page, folder_fd: int, folder_id: int, source_id: int | None, copied: CopiedFolder
    ) -> None:
        for name, digest in copied.files:
            state = file_rows.FileState(
                digest, disk.signature_of(os.stat(name, dir_fd=folder_fd, follow_symlinks=False))
            )
            resource_id, seq = file_rows.record_file(page, folder_id, name, state, None, op="copy")
            self._copy_properties(page, source_id, name, resource_id, seq)
        for name, inner in copied.folders:
            owner_id = page.writing.execute("SELECT owner_id FROM collection WHERE id = ?", (folder_id,)).fetchone()[0]
            inner_id = file_rows.record_folder(page, folder_id, name, owner_id=owner_id)
            inner_source = self._copy_properties(page, source_id, name, inner_id, _made_at(page, inner_id))
            inner_fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder_fd)
            try:
                self._record_tree(page, inner_fd, inner_id, inner_source, inner)
            finally:
                os.close(inner_fd)

    def _copy_properties(self, page: Page, source_id: int | None, name: str, to_id: int, seq: int) -> int | None:
        source = None if source_id is None else member_at(page.writing, source_id, name)
        if source is None:
            return None
        properties.copy(page.writing, source.resource_id, to_id, seq)
        return source.resource_id


@dataclass(frozen=True, slots=True)
class CopiedFolder:
    """What was copied under a temporary name: (name, digest) of files, (name, folder) of folders."""

    files: list[tuple[str, bytes]]
    folders: list[tuple[str, CopiedFolder]]


def _copy_to(fds: tuple[int, int], source: Entry, temporary: str, *, deep: bool) -> Received | CopiedFolder:
    if not source.is_folder:
        digest, signature = copy_file(fds[0], source.name, fds[1], temporary)
        return Received(temporary, digest, signature.size)
    return _copy_folder(fds[0], source.name, fds[1], temporary, deep=deep)


def _copy_folder(from_fd: int, from_name: str, to_fd: int, to_name: str, *, deep: bool) -> CopiedFolder:
    os.mkdir(to_name, dir_fd=to_fd)
    copied = CopiedFolder([], [])
    if not deep:
        return copied
    source_fd = os.open(from_name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=from_fd)
    target_fd = os.open(to_name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=to_fd)
    try:
        for name, status in sorted(disk.listing(source_fd)):
            if stat.S_ISDIR(status.st_mode):
                copied.folders.append((name, _copy_folder(source_fd, name, target_fd, name, deep=True)))
            else:
                copied.files.append((name, copy_file(source_fd, name, target_fd, name)[0]))
        os.fsync(target_fd)
    finally:
        os.close(source_fd)
        os.close(target_fd)
    return copied


def _made_at(page: Page, collection_id: int) -> int:
    row = collections.row_of(page.writing, collection_id)
    assert row is not None
    return row.member_seq


def _is_own_name(transfer: FileTransfer, source: Entry, target_fd: int) -> bool:
    """Return whether the new name is the old one in other letters, where the disk takes both for the same."""
    is_here = transfer.source.path == transfer.target.path
    return is_here and disk.listed_name(target_fd, transfer.target_name) == source.name


def _is_fresh_upload(page: Page, source: Member, target: Member) -> bool:
    """Return whether a MOVE over `target` is the second half of an upload (protocol B7)."""
    if source.kind != "file" or target.kind != "file":
        return False
    born = page.writing.execute(
        "SELECT at, device_id FROM version WHERE resource_id = ? ORDER BY seq LIMIT 1", (source.resource_id,)
    ).fetchone()
    target_born = page.writing.execute(
        "SELECT at FROM version WHERE resource_id = ? ORDER BY seq LIMIT 1", (target.resource_id,)
    ).fetchone()
    return (
        born["device_id"] is not None
        and born["device_id"] == page.author.device_id
        and page.at - born["at"] <= FRESH_MICROS
        and bool(born["at"] >= target_born["at"])
    )


def rename(page: Page, name: str, from_fd: int, to_name: str, to_fd: int) -> None:
    """Rename on disk inside an open page, and back when it fails."""
    try:
        os.rename(name, to_name, src_dir_fd=from_fd, dst_dir_fd=to_fd)
    except OSError as error:
        raise disk_trouble(error) from error
    page.writing.on_rollback(lambda: os.rename(to_name, name, src_dir_fd=to_fd, dst_dir_fd=from_fd))


def record_renamed(page: Page, member: Member, folder_fd: int, name: str) -> None:
    """Say that the state of a file that got this name is still the recorded one: a rename changes its ctime."""
    if member.kind == "file":
        status = os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
        record_signature(page.writing, member.resource_id, disk.signature_of(status))
