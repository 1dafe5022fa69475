"""What a deleted folder leaves: its directory waits in `aside/`, its members still have open rows.

The sweeper moves each file's octets into the content store and writes the members' rows, 500 a commit, so that no
phone waits for a DELETE of 100,000 files. It can be interrupted anywhere and goes on at the next start. A directory
whose DELETE never committed goes back to where it was.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.store import content, disk, file_rows
from appliance.store.content import sync_folder
from appliance.store.database import Reading
from appliance.store.files import Files, hash_file, recorded_signature
from appliance.store.ledger import Member, Page, member_at
from appliance.store.observe import ROWS_A_COMMIT, THE_DISK


@dataclass(frozen=True, slots=True)
class _Swept:
    """One file below a deleted folder: its octets, and the member that they belong to."""

    collection_id: int
    name: str
    path: Path
    digest: bytes
    signature: disk.Signature


class Sweeper:
    """Empties `aside/`."""

    def __init__(self, files: Files, aside: Path) -> None:
        self._files = files
        self._aside = aside

    def sweep(self) -> int:
        """Take in everything that waits and return how many files that were."""
        count = 0
        for top in sorted(self._aside.iterdir()):
            number = top.name.partition(".")[0]
            folder_id = int(number) if number.isdigit() else None
            if folder_id is not None and not self._put_back(top, folder_id):
                count += self._take_in(top, folder_id)
        return count

    def _put_back(self, top: Path, folder_id: int) -> bool:
        """Return a folder that lives to its place: a power cut came between the rename and the commit.

        In a turn of its own: a DELETE that has renamed and not yet committed holds the turn.
        """
        with self._files.ledger.write(THE_DISK) as page:
            row = page.writing.execute("SELECT alive FROM resource WHERE id = ?", (folder_id,)).fetchone()
            if row is None or not row["alive"]:
                return False
            path = folder_path(page.writing.connection, folder_id)
            target = free_path(self._files.disk.root.joinpath(*path))
            top.rename(target)
            sync_folder(target.parent)
        return True

    def _take_in(self, top: Path, folder_id: int) -> int:
        count = 0
        pending: list[_Swept] = []
        for swept in self._files_below(top, folder_id):
            pending.append(swept)
            if len(pending) == ROWS_A_COMMIT:
                count += self._commit(pending)
                pending = []
        count += self._commit(pending)
        self._end_members(folder_id)
        _clear(top)
        return count

    def _commit(self, pending: list[_Swept]) -> int:
        """Octets first: each file becomes a blob; then the rows of all of them."""
        if not pending:
            return 0
        blobs = [self._files.blobs.take_in(swept.path, swept.digest) for swept in pending]
        with self._files.ledger.write(THE_DISK) as page:
            for swept, blob_name in zip(pending, blobs, strict=True):
                content_id = content.record_live(page.writing, swept.digest, swept.signature.size)
                row = content.row_of(page.writing, content_id)
                if row is not None and row.place == "live":
                    content.mark_blob(page.writing, content_id, blob_name)
                self._end_file(page, swept)
        return len(pending)

    def _end_file(self, page: Page, swept: _Swept) -> None:
        member = member_at(page.writing, swept.collection_id, swept.name)
        known = None if member is None or member.content_id is None else content.row_of(page.writing, member.content_id)
        if member is None or member.kind != "file" or known is None or known.digest != swept.digest:
            state = file_rows.FileState(swept.digest, swept.signature, swept.signature.etag)
            if member is not None and member.kind != "file":
                file_rows.end(page, member)
                member = None
            before = member
            file_rows.record_file(page, swept.collection_id, swept.name, state, before, op="observe")
            member = member_at(page.writing, swept.collection_id, swept.name)
        if member is not None:
            file_rows.end_file(page, member)

    def _end_members(self, folder_id: int) -> None:
        """End what the ledger still has below: folders, and files that were not on disk any more."""
        while True:
            with self._files.ledger.write(THE_DISK) as page:
                members = list(_deepest_members(page.writing.connection, folder_id))[:ROWS_A_COMMIT]
                for member in members:
                    file_rows.keep_blob(page, self._files.blobs, member)
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
                return _Swept(folder_id, name, top / name, row.digest, signature)
        folder_fd = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
        try:
            digest, signature = hash_file(folder_fd, name)
        finally:
            os.close(folder_fd)
        return _Swept(folder_id, name, top / name, digest, signature)


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
