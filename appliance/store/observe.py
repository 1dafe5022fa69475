"""`observe`: the one idempotent door for "this path may have changed" behind our back, and the scan that calls it.

Events are hints, the scan is the truth. A path that is not quiet yet is left alone: it has its provisional ETag, and
the version that is recorded later keeps it. Whoever is about to replace a file through our own doors calls `settle`
first, quiet or not: the inode is about to lose its name, so nothing can change in it unseen.
"""

from __future__ import annotations

import contextlib
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from appliance import errors
from appliance.store import content, disk, file_rows
from appliance.store.database import Reading, Writing
from appliance.store.file_rows import ROWS_A_COMMIT, THE_DISK
from appliance.store.files import Entry, Files, Folder, hash_file, record_signature, recorded_signature
from appliance.store.ledger import Member, Page, member_at


@dataclass(frozen=True, slots=True)
class Seen:
    """One name as a look at the disk found it; `state` None: a folder, or nothing."""

    name: str
    is_folder: bool
    state: file_rows.FileState | None

    @property
    def is_absent(self) -> bool:
        """Nothing is there."""
        return not self.is_folder and self.state is None


class Observer:
    """Brings the ledger up to what the disk shows."""

    def __init__(
        self, files: Files, *, is_hidden: Callable[[str], bool], now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._files = files
        self._is_hidden = is_hidden
        self._now_ns = now_ns
        self._began_ns = now_ns()  # what was being written before is written no more

    # --- before we replace something ourselves ------------------------------------------------------

    def adopt(self, folder: Folder) -> Folder:
        """Return the folder with its id, recording it and its parents if the ledger has not seen them."""
        if folder.collection_id is not None:
            return folder
        ledger = self._files.ledger
        known, path = self._deepest_known(ledger.database.connection(), folder.path)
        if len(path) == len(folder.path):
            return Folder(folder.path, known)
        with ledger.write(THE_DISK) as page:
            known, path = self._deepest_known(page.writing, folder.path)
            owner_id = page.writing.execute("SELECT owner_id FROM collection WHERE id = ?", (known,)).fetchone()[0]
            for depth in range(len(path), len(folder.path)):
                in_the_way = member_at(page.writing, known, folder.path[depth])
                if in_the_way is not None:
                    file_rows.end(page, in_the_way)  # a file became a folder behind our back
                known = file_rows.record_folder(page, known, folder.path[depth], owner_id=owner_id)
        return Folder(folder.path, known)

    def _deepest_known(self, reading: Reading | Writing, path: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        node = member_at(reading, 1, "files")
        home = None if node is None else member_at(reading, node.resource_id, path[0])
        if home is None:
            raise errors.NotFound("There is no such home.")
        known = home.resource_id
        for depth in range(1, len(path)):
            member = member_at(reading, known, path[depth])
            if member is not None and member.kind == "mount":
                raise errors.NotFound("A shared folder has this name.")  # the ledger's own; the disk cannot take it
            if member is None or member.kind != "folder":
                return known, path[:depth]
            known = member.resource_id
        return known, path

    def settle(self, folder: Folder, folder_fd: int, entry: Entry) -> None:
        """Record the state of a file that the ledger does not know, whole, before it is replaced or removed."""
        seen = self._look(folder_fd, entry.name)
        if seen is None or seen.is_absent or seen.is_folder:
            return
        self._record_all(folder, folder_fd, [seen])

    # --- hints and scans ----------------------------------------------------------------------------

    def observe(self, path: tuple[str, ...]) -> bool:
        """Compare a file, or a folder and all below, with the ledger and record what differs; False: not quiet."""
        try:
            if self._files.disk.is_folder(path):
                self.scan(Folder(path, None))
                return True
            folder = self.adopt(Folder(path[:-1], None))
            with self._files.disk.folder(folder.path) as folder_fd:
                seen = self._look(folder_fd, path[-1], quiet=True)
                if seen is None:
                    return False
                if self._differs(self._files.ledger.database.connection(), folder, seen):
                    return self._record_all(folder, folder_fd, [seen])
        except errors.NotFound:
            pass  # what holds it is gone as well; whoever looks there notices
        return True

    def scan(self, home: Folder) -> int:
        """Compare everything below a home with the ledger; return how many names differed.

        Stops with NotPossible when the marker is missing: an unmounted disk is not a deletion of everything.
        """
        if not self._files.disk.marked():
            raise errors.NotPossible("The folder of the household's files is not mounted (its marker is missing).")
        changed = 0
        pending = [self.adopt(home)]
        while pending:
            folder = pending.pop()
            with contextlib.suppress(errors.NotFound), self._files.disk.folder(folder.path) as folder_fd:
                for name in disk.leftovers(folder_fd, self._began_ns):
                    disk.remove_temporary(name, folder_fd)
                differing = list(self._compare(folder, folder_fd))
                for start in range(0, len(differing), ROWS_A_COMMIT):
                    self._record_all(folder, folder_fd, differing[start : start + ROWS_A_COMMIT])
                changed += len(differing)
                pending.extend(self._folders_in(folder))
        return changed

    def _record_all(self, folder: Folder, folder_fd: int, differing: list[Seen]) -> bool:
        """Record what is still as it was seen, in one commit; False: something is not.

        Our own writers hold the same turn, so nothing they wrote since is taken for the state seen before it.
        """
        with self._files.ledger.write(THE_DISK) as page:
            known, path = self._deepest_known(page.writing, folder.path)
            if known != folder.collection_id or path != folder.path:
                return False  # another folder has this path now
            still = [seen for seen in differing if _is_still(folder_fd, seen)]
            for seen in still:
                self._record(page, folder, seen)
        return len(still) == len(differing)

    def _folders_in(self, folder: Folder) -> Iterator[Folder]:
        with self._files.ledger.database.read() as reading:
            for entry in self._files.entries(reading, folder):
                if entry.is_folder and entry.resource_id is not None:
                    yield folder.child(entry.name, entry.resource_id)

    def _compare(self, folder: Folder, folder_fd: int) -> Iterator[Seen]:
        with self._files.ledger.database.read() as reading:
            entries = {entry.name: entry for entry in self._files.entries(reading, folder)}
            known = self._names_known(reading, folder)
        for name in known - entries.keys():
            yield Seen(name, is_folder=False, state=None)
        for entry in entries.values():
            if entry.is_known or (entry.member is None and self._is_hidden(entry.name)):
                continue
            seen = self._look(folder_fd, entry.name, quiet=True)
            if seen is not None and not seen.is_absent:
                yield seen

    def _names_known(self, reading: Reading, folder: Folder) -> set[str]:
        rows = reading.execute(
            "SELECT name FROM member WHERE collection_id = ? AND kind IN ('file', 'folder')", (folder.collection_id,)
        ).fetchall()
        return {row["name"] for row in rows}

    def _look(self, folder_fd: int, name: str, *, quiet: bool = False) -> Seen | None:
        """Return what is at a name, its octets hashed; None when it is still being changed."""
        status = disk.status_at(folder_fd, name)
        if status is None:
            return Seen(name, is_folder=False, state=None)
        if stat.S_ISDIR(status.st_mode):
            return Seen(name, is_folder=True, state=None)
        if quiet and not disk.signature_of(status).is_settled(self._now_ns()):
            return None
        try:
            digest, signature = hash_file(folder_fd, name)
        except errors.NotFound:
            return Seen(name, is_folder=False, state=None)
        except errors.Busy:
            return None
        return Seen(name, False, file_rows.FileState(digest, signature, signature.etag))

    def _differs(self, reading: Reading, folder: Folder, seen: Seen) -> bool:
        assert folder.collection_id is not None
        member = member_at(reading, folder.collection_id, seen.name)
        if member is None:
            return not seen.is_absent and not self._is_hidden(seen.name)
        if seen.state is not None and member.kind == "file":
            return recorded_signature(reading, member.resource_id) != seen.state.signature
        return not (seen.is_folder and member.kind == "folder")

    def _record(self, page: Page, folder: Folder, seen: Seen) -> None:
        assert folder.collection_id is not None
        before = member_at(page.writing, folder.collection_id, seen.name)  # both forms may lie side by side
        if before is not None and before.kind == "mount":
            return
        if before is not None and before.kind == "file":
            file_rows.keep_blob(page, self._files.blobs, before)
        if before is not None and (seen.is_absent or (before.kind == "folder") is not seen.is_folder):
            file_rows.end(page, before)
            before = None
        if seen.is_folder and before is None:
            owner = page.writing.execute(
                "SELECT owner_id FROM collection WHERE id = ?", (folder.collection_id,)
            ).fetchone()
            file_rows.record_folder(page, folder.collection_id, seen.name, owner_id=owner["owner_id"])
        elif seen.state is not None:
            if before is not None and _only_touched(page, before, seen.state):
                record_signature(page.writing, before.resource_id, seen.state.signature)
                return
            file_rows.record_file(page, folder.collection_id, seen.name, seen.state, before, op="observe")


def _is_still(folder_fd: int, seen: Seen) -> bool:
    status = disk.status_at(folder_fd, seen.name)
    if status is None or seen.is_absent:
        return status is None and seen.is_absent
    if seen.state is None:
        return stat.S_ISDIR(status.st_mode)
    return disk.signature_of(status) == seen.state.signature


def _only_touched(page: Page, before: Member, state: file_rows.FileState) -> bool:
    """Return whether the octets are the recorded ones: touch, chmod and our own link into the store keep the ETag."""
    row = None if before.content_id is None else content.row_of(page.writing, before.content_id)
    return row is not None and row.digest == state.digest
