"""What a deleted folder leaves: its directory waits in `aside/`, its members still have open rows.

The sweeper takes each file's octets into the content store and writes the members' rows, 500 a commit, so that no
phone waits for a DELETE of 100,000 files. The rows are signed by who deleted the folder, in the same batch: history
and undo know them as that one act. It can be interrupted anywhere and goes on at the next start; it stops when the
folder lives again. A directory whose DELETE never committed goes back to where it was. One process sweeps at a time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.store import content, disk, file_rows, places
from appliance.store.content import sync_folder
from appliance.store.database import Reading, Writing
from appliance.store.file_rows import ROWS_A_COMMIT, THE_DISK
from appliance.store.files import Files, hash_file, recorded_signature
from appliance.store.guards import Guards
from appliance.store.ledger import Author, Member, Page, member_at


@dataclass(frozen=True, slots=True)
class _Swept:
    """One file below a deleted folder: its octets, and the member that they belong to."""

    collection_id: int
    name: str
    path: Path
    digest: bytes
    signature: disk.Signature
    resource_id: int | None


@dataclass(frozen=True, slots=True)
class _Deletion:
    """Who deleted which folder, in which batch."""

    folder_id: int
    author: Author
    batch_id: int | None

    @contextlib.contextmanager
    def page(self, files: Files) -> Iterator[Page]:
        """Give a page signed by who deleted; _LivesAgain when the folder was brought back meanwhile."""
        with files.ledger.write(self.author) as page:
            if not _is_dead(page.writing, self.folder_id):
                raise _LivesAgain
            page.batch_id = self.batch_id
            yield page


class _LivesAgain(Exception):
    """The folder that is being swept was restored: what is not swept yet stays."""


class Sweeper:
    """Empties `aside/`."""

    def __init__(self, files: Files, aside: Path) -> None:
        self._files = files
        self._aside = aside

    def sweep(self, folder_id: int | None = None) -> int:
        """Take in everything that waits, or what one folder left, and return how many files that were.

        Waits while another thread or process sweeps.
        """
        count = 0
        with self._alone():
            for top in sorted(self._aside.iterdir()):
                number = top.name.partition(".")[0]
                if number.isdigit() and folder_id in (None, int(number)) and not self._put_back(top, int(number)):
                    count += self._take_in(top, int(number))
            for id_ in _unfinished(self._files.ledger.database.connection()):
                if folder_id in (None, id_):
                    self._finish(id_)
        return count

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self._aside, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _put_back(self, top: Path, folder_id: int) -> bool:
        """Return a folder that lives to its place: a power cut came between the rename and the commit.

        In a turn of its own: a DELETE that has renamed and not yet committed holds the turn.
        """
        with self._files.ledger.write(THE_DISK) as page:
            if _is_dead(page.writing, folder_id):
                return False
            path = folder_path(page.writing.connection, folder_id)
            target = free_path(self._files.disk.root.joinpath(*path))
            top.rename(target)
            sync_folder(target.parent)
        return True

    def _take_in(self, top: Path, folder_id: int) -> int:
        deletion = _deletion_of(self._files.ledger.database.connection(), folder_id)
        count = 0
        with contextlib.suppress(_LivesAgain):
            pending: list[_Swept] = []
            for swept in self._files_below(top, folder_id):
                pending.append(swept)
                if len(pending) == ROWS_A_COMMIT:
                    count += self._commit(deletion, pending)
                    pending = []
            count += self._commit(deletion, pending)
            self._end_members(deletion)
            _clear(top)
        return count

    def _finish(self, folder_id: int) -> None:
        """End what has open rows below a folder that left nothing to sweep: it vanished behind our back."""
        with contextlib.suppress(_LivesAgain):
            self._end_members(_deletion_of(self._files.ledger.database.connection(), folder_id))

    def _commit(self, deletion: _Deletion, pending: list[_Swept]) -> int:
        """Octets first, linked into the store; then the rows of all of them; then their names in `aside/` go."""
        if not pending:
            return 0
        blobs = [self._secured(swept) for swept in pending]
        with deletion.page(self._files) as page:
            for swept, blob_name in zip(pending, blobs, strict=True):
                content_id = content.record_live(page.writing, swept.digest, swept.signature.size)
                row = content.row_of(page.writing, content_id)
                if row is not None and row.place == "live":
                    places.mark_blob(page.writing, content_id, blob_name or self._handed_over(page, swept))
                self._end_file(page, swept)
        for swept in pending:
            swept.path.unlink()
        return len(pending)

    def _secured(self, swept: _Swept) -> str | None:
        """Link a file into the store; None where its content is there, or under a guard that becomes the blob."""
        row = content.row_with(self._files.ledger.database.connection(), swept.digest)
        if row is not None and row.place not in ("live", "none"):
            return None
        guards = Guards(self._files.blobs)
        if swept.resource_id is not None and guards.holds(swept.resource_id, swept.path.lstat()):
            return None
        return self._link_in(swept)

    def _handed_over(self, page: Page, swept: _Swept) -> str:
        """Make a file's guard its blob; link the file itself where there is none."""
        blob_name = None
        if swept.resource_id is not None:
            guards = Guards(self._files.blobs)
            blob_name = guards.hand_over(page.writing, swept.resource_id, swept.signature, swept.digest, other_names=1)
        return blob_name or self._link_in(swept)

    def _link_in(self, swept: _Swept) -> str:
        folder_fd = os.open(swept.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return self._files.blobs.link_in(swept.name, folder_fd=folder_fd, digest=swept.digest)
        finally:
            os.close(folder_fd)

    def _end_file(self, page: Page, swept: _Swept) -> None:
        member = member_at(page.writing, swept.collection_id, swept.name)
        if member is None and _died_with(page.writing, swept.collection_id, swept.name) == swept.digest:
            return  # a power cut came between its row and its name in `aside/`
        known = None if member is None or member.content_id is None else content.row_of(page.writing, member.content_id)
        if member is None or member.kind != "file" or known is None or known.digest != swept.digest:
            with _by_the_disk(page):
                state = file_rows.FileState(swept.digest, swept.signature, swept.signature.etag)
                if member is not None and member.kind != "file":
                    file_rows.end(page, member)
                    member = None
                file_rows.record_file(page, swept.collection_id, swept.name, state, member, op="observe")
            member = member_at(page.writing, swept.collection_id, swept.name)
        if member is not None:
            file_rows.end_file(page, member)

    def _end_members(self, deletion: _Deletion) -> None:
        """End what the ledger still has below: folders, and files that were not on disk any more."""
        while True:
            with deletion.page(self._files) as page:
                members = list(_deepest_members(page.writing.connection, deletion.folder_id))[:ROWS_A_COMMIT]
                for member in members:
                    file_rows.find_octets(page, self._files, member)
                    file_rows.end(page, member)
            if not members:
                return

    def _files_below(self, top: Path, folder_id: int | None) -> Iterator[_Swept]:
        """Yield every regular file that has a place in the ledger."""
        with os.scandir(top) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            status = entry.stat(follow_symlinks=False)
            member = None
            if folder_id is not None and disk.is_served(entry.name):
                member = member_at(self._files.ledger.database.connection(), folder_id, entry.name)
            if stat.S_ISDIR(status.st_mode):
                yield from self._files_below(Path(entry.path), self._inner_id(folder_id, entry.name, member))
            elif stat.S_ISREG(status.st_mode) and folder_id is not None and disk.is_served(entry.name):
                yield self._swept(top, entry.name, folder_id, member, status)

    def _inner_id(self, folder_id: int | None, name: str, member: Member | None) -> int | None:
        if folder_id is None or not disk.is_served(name):
            return None
        if member is not None and member.kind == "folder":
            return member.resource_id
        dead_id = _dead_folder(self._files.ledger.database.connection(), folder_id, name) if member is None else None
        if dead_id is not None:
            return dead_id  # a power cut came between its row and its directory in `aside/`
        with self._files.ledger.write(THE_DISK) as page:  # made behind our back, deleted before anybody looked
            if member is not None:
                file_rows.end(page, member)
            return file_rows.record_folder(page, folder_id, name, owner_id=None)

    def _swept(self, top: Path, name: str, folder_id: int, member: Member | None, status: os.stat_result) -> _Swept:
        signature = disk.signature_of(status)
        connection = self._files.ledger.database.connection()
        if member is not None and recorded_signature(connection, member.resource_id) == signature:
            row = content.row_of(connection, member.content_id or 0)
            if row is not None:
                return _Swept(folder_id, name, top / name, row.digest, signature, member.resource_id)
        folder_fd = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
        try:
            digest, signature = hash_file(folder_fd, name)
        finally:
            os.close(folder_fd)
        return _Swept(folder_id, name, top / name, digest, signature, None if member is None else member.resource_id)


@contextlib.contextmanager
def _by_the_disk(page: Page) -> Iterator[None]:
    """Sign rows as the disk's: what changed behind our back before a DELETE is no part of it, nor of its undo."""
    author, batch_id = page.author, page.batch_id
    page.author, page.batch_id = THE_DISK, None
    yield
    page.author, page.batch_id = author, batch_id


def _is_dead(writing: Writing, folder_id: int) -> bool:
    row = writing.execute("SELECT alive FROM resource WHERE id = ?", (folder_id,)).fetchone()
    return row is None or not row["alive"]


def _deletion_of(reading: Reading, folder_id: int) -> _Deletion:
    row = reading.execute(
        "SELECT device_id, batch_id FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 1", (folder_id,)
    ).fetchone()
    if row is None:
        return _Deletion(folder_id, THE_DISK, None)
    return _Deletion(folder_id, Author(None, row["device_id"]), row["batch_id"])


def dead_above(reading: Reading, collection_id: int) -> int | None:
    """Return the deleted folder that a folder is, or is below: what lies in it waits to be swept."""
    current: int | None = collection_id
    while current is not None:
        row = reading.execute(
            "SELECT c.parent_id, r.alive FROM collection c JOIN resource r ON r.id = c.id WHERE c.id = ?", (current,)
        ).fetchone()
        if row is None or not row["alive"]:
            return None if row is None else current
        current = row["parent_id"]
    return None


def _unfinished(reading: Reading) -> list[int]:
    """Return the dead folders whose members still have open rows."""
    rows = reading.execute(
        "SELECT c.id FROM collection c JOIN resource r ON r.id = c.id WHERE c.parent_id IS NULL AND c.kind = 'folder'"
        " AND r.alive = 0 AND EXISTS (SELECT 1 FROM member m WHERE m.collection_id = c.id)"
    ).fetchall()
    return [row["id"] for row in rows]


def _died_with(writing: Writing, collection_id: int, name: str) -> bytes | None:
    """Return the digest of what last had a name when it ended."""
    row = writing.execute(
        "SELECT c.digest FROM gone g JOIN version v ON v.seq = g.seq"
        " JOIN version b ON b.collection_id = v.collection_id AND b.alive = 1 AND b.until_seq = v.seq"
        " JOIN content c ON c.id = b.content_id"
        " WHERE g.collection_id = ? AND g.name = ?",
        (collection_id, name),
    ).fetchone()
    return None if row is None else row["digest"]


def _dead_folder(reading: Reading, collection_id: int, name: str) -> int | None:
    """Return the folder that last had a name, if it ended there."""
    row = reading.execute(
        "SELECT r.id FROM gone g JOIN version v ON v.seq = g.seq JOIN resource r ON r.id = v.resource_id"
        " WHERE g.collection_id = ? AND g.name = ? AND r.kind = 'folder' AND r.alive = 0",
        (collection_id, name),
    ).fetchone()
    return None if row is None else int(row["id"])


def _clear(top: Path) -> None:
    """Remove what is empty by now. Files that no row can name (no UTF-8) stay, in a folder that is left alone."""
    for folder, _, _ in os.walk(top, topdown=False):
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.rmdir(entry.path)
            elif entry.name.startswith(disk.OWN_PREFIX) or not entry.is_file(follow_symlinks=False):
                os.unlink(entry.path)
    try:
        top.rmdir()
    except OSError:
        top.rename(free_path(top.with_name(f"kept.{top.name}")))
    sync_folder(top.parent)


def _deepest_members(reading: Reading, folder_id: int) -> Iterator[Member]:
    """Yield the live members below a folder, children before their folder."""
    rows = reading.execute("SELECT name FROM member WHERE collection_id = ? ORDER BY name", (folder_id,)).fetchall()
    for row in rows:
        member = member_at(reading, folder_id, row["name"])
        if member is None:
            continue
        if member.kind == "folder":
            yield from _deepest_members(reading, member.resource_id)
        yield member


def free_path(wanted: Path) -> Path:
    """Return `wanted`, or where something is there meanwhile, the first free name beside it."""
    path, number = wanted, 1
    while path.exists() or path.is_symlink():
        number += 1
        path = wanted.with_name(f"{wanted.name} ({number})")
    return path


def folder_path(reading: Reading, folder_id: int) -> tuple[str, ...]:
    """Return a live folder's path below `files/`; NotFound when a parent is dead."""
    segments: list[str] = []
    current = folder_id
    while True:
        row = reading.execute("SELECT collection_id, name FROM member WHERE resource_id = ?", (current,)).fetchone()
        if row is None:
            raise errors.NotFound("There is no such folder.")
        parent = reading.execute("SELECT kind FROM collection WHERE id = ?", (row["collection_id"],)).fetchone()
        segments.append(row["name"])
        if parent is None or parent["kind"] == "node":
            return tuple(reversed(segments))
        current = row["collection_id"]
