"""Files as they are now: the folder on disk, told apart by signature, joined with what the ledger knows of them.

The disk is the truth, the ledger an index of it. An entry whose signature is the recorded one has the recorded ETag;
any other has the provisional ETag of its signature, without being read (protocol B1). Writing is `file_writes.py`,
noticing is `observe.py`.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from blake3 import blake3

from appliance import errors
from appliance.store import content, disk
from appliance.store.database import Reading, Writing
from appliance.store.epochs import Epochs
from appliance.store.file_systems import FileSystem
from appliance.store.ledger import MEMBER_COLUMNS, Ledger, Member, find_member, member_at

Row = tuple[Any, ...]
"""a `member` row, and behind it the signature that its newest version was recorded with, or five times None"""
RESOURCE_ID, KIND, BODY_SEQ, ETAG = (
    Member._fields.index(field) for field in ("resource_id", "kind", "body_seq", "etag")
)
RECORDED = len(Member._fields)

READ_BYTES = 1 << 20
SLICE = 256  # entries of a listing that are looked at together, before the first of them is told
Noticed = Callable[[tuple[str, ...]], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its path below `files/`; `collection_id` None: the ledger has not seen it yet."""

    path: tuple[str, ...]
    collection_id: int | None

    def child(self, name: str, collection_id: int | None) -> Folder:
        """Return the folder below."""
        return Folder((*self.path, name), collection_id)


@dataclass(slots=True)
class Entry:
    """One file or folder as it is on disk now; made by the thousand, so that what is not always asked is computed."""

    name: str
    is_folder: bool
    etag: str | None
    status: os.stat_result
    row: Row | None  # what the ledger knows of it
    is_known: bool  # the ledger's newest version is exactly this state
    is_placed: bool = True  # False: a folder whose place on disk was not recorded, or is another one by now

    @property
    def size(self) -> int:
        """The bytes of a file, 0 for a folder."""
        return 0 if self.is_folder else self.status.st_size

    @property
    def modified_ns(self) -> int:
        """Its own date, nanoseconds since 1970."""
        return self.status.st_mtime_ns

    @property
    def signature(self) -> disk.Signature:
        """What tells this state from others."""
        return disk.signature_of(self.status)

    @property
    def member(self) -> Member | None:
        """What the ledger knows of it."""
        return None if self.row is None else Member._make(self.row[:RECORDED])

    @property
    def etags(self) -> frozenset[str]:
        """Every ETag that `If-Match` may name for this state (protocol B1, rule 4)."""
        return frozenset() if self.is_folder else frozenset({self.etag or "", self.signature.etag})

    @property
    def resource_id(self) -> int | None:
        """The identity, once the ledger has seen it."""
        return None if self.row is None else self.row[RESOURCE_ID]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a folder: what is in it by name, and the members that no name on disk stands for."""

    entries: list[Entry]
    missing: list[Member]


class Listed(NamedTuple):
    """A name in a folder, and no more than the directory itself says; `status` None: not asked for."""

    name: str
    is_folder: bool
    status: os.stat_result | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file opened for reading: the ETag belongs to exactly these octets."""

    root: disk.Disk
    folder: Folder
    entry: Entry

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield octets; ContentMissing when the file changed since its ETag was told."""
        with self.root.folder(self.folder.path) as folder_fd:
            descriptor = open_file(folder_fd, self.entry.name)
        with contextlib.closing(os.fdopen(descriptor, "rb", buffering=0)):
            if disk.signature_of(os.fstat(descriptor)) != self.entry.signature:
                raise errors.ContentMissing("The file was changed while it was being read; ask again.")
            yield from content.read_range(descriptor, start, stop)


class Files:
    """Reads the household's files."""

    def __init__(self, root: Path, ledger: Ledger, blobs: content.Blobs, *, noticed: Noticed) -> None:
        self.disk = disk.Disk(root)
        self.ledger = ledger
        self.blobs = blobs
        self.noticed = noticed  # told of each path whose state the ledger does not know

    def entry(self, reading: Reading | Writing, folder: Folder, name: str) -> Entry | None:
        """Return what is at a name, in any canonically equal spelling."""
        with self.disk.folder(folder.path) as folder_fd:
            return self.entry_at(reading, folder, folder_fd, name)

    def entry_at(self, reading: Reading | Writing, folder: Folder, folder_fd: int, name: str) -> Entry | None:
        """The same with the folder open already."""
        if name.startswith(disk.OWN_PREFIX):
            return None
        spelled = disk.name_on_disk(folder_fd, name)
        status = disk.status_at(folder_fd, spelled)
        if status is None:
            return None
        member = _member(reading, folder, spelled)
        if member is None or member.name != spelled:  # what nobody recorded may be called otherwise
            listed = disk.listed_name(folder_fd, spelled)
            if listed is None or not disk.is_same_text(listed, spelled):
                return None  # names are exact, also where the file system finds others
            spelled, member = listed, _member(reading, folder, listed)
        entry = _entry(self.ledger.epochs(reading), spelled, status, _row_of(reading, member))
        if not entry.is_known:
            self.noticed((*folder.path, spelled))
        return entry

    def exactly(self, reading: Reading, folder: Folder, folder_fd: int, name: str) -> Entry | None:
        """Return what is in an open folder under exactly this name, if it is served; tells nobody."""
        status = disk.status_at(folder_fd, name) if disk.is_served(name) else None
        if status is None or disk.listed_name(folder_fd, name) != name:
            return None
        member = None if folder.collection_id is None else member_at(reading, folder.collection_id, name)
        return _entry(self.ledger.epochs(reading), name, status, _row_of(reading, member))

    def entries(self, folder: Folder) -> Iterator[Entry]:
        """Yield everything in a folder by name: range queries and one stat each, nothing is read.

        The names are all there before the first is yielded; rows and stats follow in slices, so that the answer to a
        listing of 10,000 begins after 10 ms and not after 100. NotFound. It holds the folder open until it ends.
        """
        with self.disk.folder(folder.path) as folder_fd:
            names = disk.names(folder_fd)
            missing = False
            for start in range(0, max(1, len(names)), SLICE):
                begin = names[start].name if start else ""
                end = names[start + SLICE].name if start + SLICE < len(names) else None
                with self.ledger.database.read() as reading:
                    known = self._known(reading, folder, begin, end)
                    epochs = self.ledger.epochs(reading)
                for name, status in disk.looked_at(names[start : start + SLICE], folder_fd):
                    entry = _entry(epochs, name, status, known.pop(name, None))
                    if not entry.is_known:
                        self.noticed((*folder.path, name))
                    yield entry
                missing = missing or bool(known)
            if missing:
                self.noticed(folder.path)

    def names(self, folder: Folder, *, with_status: bool = False) -> list[Listed]:
        """Return what is in a folder by name, without asking the ledger: 10,000 in 10 ms, twice that with their stats.

        Who shows some of them asks `entries_of` for those. NotFound.
        """
        with self.disk.folder(folder.path) as folder_fd:
            found = disk.names(folder_fd)
            if with_status:
                return [
                    Listed(name, stat.S_ISDIR(status.st_mode), status)
                    for name, status in disk.looked_at(found, folder_fd)
                ]
            return [Listed(name, is_folder) for name, is_folder in disk.kinds(found, folder_fd)]

    def entries_of(self, folder: Folder, names: Sequence[str]) -> list[Entry]:
        """Return what is in a folder under exactly these names, in their order, without what is gone."""
        found = []
        with self.disk.folder(folder.path) as folder_fd, self.ledger.database.read() as reading:
            known, epochs = self._known_of(reading, folder, names), self.ledger.epochs(reading)
            for name in names:
                status = disk.status_at(folder_fd, name)
                if status is None:
                    continue
                entry = _entry(epochs, name, status, known.get(name))
                if not entry.is_known:
                    self.noticed((*folder.path, name))
                found.append(entry)
        return found

    def look(self, reading: Reading, folder: Folder, folder_fd: int) -> Looked:
        """Return what is in an open folder and what the ledger has there and a listing does not; tells nobody."""
        known = self._known(reading, folder)
        epochs = self.ledger.epochs(reading)
        found = []
        for name, status in disk.listing(folder_fd):
            found.append(_entry(epochs, name, status, known.pop(name, None)))
        return Looked(found, [Member._make(row[:RECORDED]) for row in known.values()])

    def open(self, folder: Folder, entry: Entry) -> OpenedFile:
        """Return the file for reading; DiskRefused where the server may not read it."""
        with self.disk.folder(folder.path) as folder_fd:
            if not disk.may_read(folder_fd, entry.name):
                raise errors.DiskRefused
        return OpenedFile(self.disk, folder, entry)

    def _known(self, reading: Reading, folder: Folder, begin: str = "", end: str | None = None) -> dict[str, Row]:
        """Return what the ledger has in a folder by name, from `begin` on and before `end`."""
        if folder.collection_id is None:
            return {}
        bounds = (begin,) if end is None else (begin, end)
        return _rows_where(
            reading, f"m.name >= ?{'' if end is None else ' AND m.name < ?'}", (folder.collection_id, *bounds)
        )

    def _known_of(self, reading: Reading, folder: Folder, names: Sequence[str]) -> dict[str, Row]:
        """Return what the ledger has in a folder under some names."""
        found: dict[str, Row] = {}
        if folder.collection_id is not None:
            for start in range(0, len(names), SLICE):
                some = names[start : start + SLICE]
                marks = ",".join("?" * len(some))
                found |= _rows_where(reading, f"m.name IN ({marks})", (folder.collection_id, *some))
        return found


def _rows_where(reading: Reading, names: str, parameters: tuple[int | str, ...]) -> dict[str, Row]:
    """Return members of a collection with their signatures by name; `names` are which of them."""
    cursor = reading.cursor()
    cursor.row_factory = None
    columns = ", ".join(f"m.{column}" for column in MEMBER_COLUMNS.split(", "))
    rows = cursor.execute(
        f"SELECT {columns}, d.fs, d.inode, d.size, d.mtime_ns, d.ctime_ns FROM member m"  # noqa: S608
        " LEFT JOIN disk d ON d.resource_id = m.resource_id"
        f" WHERE m.collection_id = ? AND {names} AND m.kind <> 'mount'",
        parameters,
    )
    return {row[1]: row for row in rows}


def _member(reading: Reading | Writing, folder: Folder, name: str) -> Member | None:
    return None if folder.collection_id is None else find_member(reading, folder.collection_id, name)


def _row_of(reading: Reading | Writing, member: Member | None) -> Row | None:
    """Return the row of a member that was found alone."""
    if member is None:
        return None
    return (*member, *(recorded_signature(reading, member.resource_id) or (None,) * len(disk.Signature._fields)))


def _entry(epochs: Epochs, name: str, status: os.stat_result, row: Row | None) -> Entry:
    if stat.S_ISDIR(status.st_mode):
        known = row is not None and row[KIND] == "folder"
        entry = Entry(name, True, None, status, row if known else None, known)
        entry.is_placed = known and row is not None and _is_place(row, status)
        return entry
    if row is None or row[KIND] != "file":
        return Entry(name, False, disk.signature_of(status).etag, status, None, False)
    if _is_recorded(row, status):
        return Entry(name, False, row[ETAG] or epochs.etag(row[BODY_SEQ]), status, row, True)
    # invariant 12: not the recorded state, so the state on disk says the ETag
    return Entry(name, False, disk.signature_of(status).etag, status, row, False)


def _is_recorded(row: Row, status: os.stat_result) -> bool:
    """Return whether the recorded signature is that of a file: `disk.Signature`, without making 10,000 of them."""
    _, inode, size, mtime_ns, ctime_ns = row[RECORDED:]
    return (
        mtime_ns == status.st_mtime_ns
        and ctime_ns == status.st_ctime_ns
        and size == status.st_size
        and inode in (None, status.st_ino)
    )


def _is_place(row: Row, status: os.stat_result) -> bool:
    _, inode, size, *_ = row[RECORDED:]
    return size is not None and inode in (None, status.st_ino)


def recorded_signature(reading: Reading | Writing, resource_id: int) -> disk.Signature | None:
    """Return the signature that the newest version was recorded with."""
    row = reading.execute(
        "SELECT fs, inode, size, mtime_ns, ctime_ns FROM disk WHERE resource_id = ?", (resource_id,)
    ).fetchone()
    return None if row is None else disk.Signature(*row)


def record_signature(writing: Writing, resource_id: int, signature: disk.Signature, *, scan: int = 0) -> None:
    """Say that the newest version of a file is this state of the disk.

    Where inodes are made up (`record_file_system`) none is kept. It is covered when its content lies in the store.
    """
    writing.execute(
        "INSERT INTO disk (resource_id, fs, inode, size, mtime_ns, ctime_ns, scan, covered)"
        " VALUES (?1, ?2, CASE WHEN EXISTS (SELECT 1 FROM disk d JOIN member m ON m.resource_id = d.resource_id"
        "   WHERE m.collection_id = 1 AND m.name = 'files' AND d.inode IS NULL) THEN NULL ELSE ?3 END,"
        " ?4, ?5, ?6, ?7, EXISTS (SELECT 1 FROM member m JOIN content c ON c.id = m.content_id"
        "   WHERE m.resource_id = ?1 AND c.place NOT IN ('live', 'none')))"
        " ON CONFLICT (resource_id) DO UPDATE SET fs = excluded.fs, inode = excluded.inode, size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, ctime_ns = excluded.ctime_ns, scan = excluded.scan,"
        " covered = excluded.covered",
        (resource_id, signature.fs, signature.inode, signature.size, signature.mtime_ns, signature.ctime_ns, scan),
    )


def record_place(writing: Writing, folder_id: int, signature: disk.Signature) -> None:
    """Say which directory a folder is, so that it is known again after a rename behind our back."""
    record_signature(writing, folder_id, signature)
    writing.execute("UPDATE disk SET covered = 1 WHERE resource_id = ?", (folder_id,))  # there is nothing to cover


def recorded_file_system(reading: Reading | Writing) -> str | None:
    """Return which file system the files lay on when a scan last looked, None before the first."""
    row = reading.execute(
        "SELECT d.fs FROM disk d JOIN member m ON m.resource_id = d.resource_id"
        " WHERE m.collection_id = 1 AND m.name = 'files'"
    ).fetchone()
    return None if row is None else str(row["fs"])


def record_file_system(writing: Writing, found: FileSystem) -> None:
    """Say which file system the files lie on; its `inode` is NULL where inodes are made up."""
    writing.execute(
        "INSERT INTO disk (resource_id, fs, inode, size, mtime_ns, ctime_ns, scan, covered)"
        " SELECT resource_id, ?1, ?2, 0, 0, 0, 0, 1 FROM member WHERE collection_id = 1 AND name = 'files'"
        " ON CONFLICT (resource_id) DO UPDATE SET fs = excluded.fs, inode = excluded.inode",
        (found.id, 0 if found.keeps_inodes else None),
    )


def open_file(folder_fd: int, name: str) -> int:
    """Open a regular file for reading without following links; NotFound."""
    if not disk.is_segment(name):
        raise errors.NotFound("There is no such file.")
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder_fd)
    except OSError as error:
        raise errors.NotFound("There is no such file.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise errors.NotFound("There is no such file.")
    return descriptor


def hash_file(folder_fd: int, name: str) -> tuple[bytes, disk.Signature]:
    """Return a file's BLAKE3 digest and the signature it belongs to; Busy when it changed meanwhile."""
    descriptor = open_file(folder_fd, name)
    try:
        before = disk.signature_of(os.fstat(descriptor))
        hasher = blake3()
        while piece := os.read(descriptor, READ_BYTES):
            hasher.update(piece)
        if disk.signature_of(os.fstat(descriptor)) != before:
            raise errors.Busy(
                "The file is being written by somebody else; try again in a moment.", retry_after_seconds=5
            )
        return hasher.digest(), before
    finally:
        os.close(descriptor)
