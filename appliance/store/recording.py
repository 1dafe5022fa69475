"""The rows for what a look at the disk found, in one commit: moves, new states, ends.

Everything is compared once more inside the transaction, in the same turn that our own writers take: what is no longer
as it was seen is left to the next look. Ends and moves are recorded only while the disk is certainly there.
"""

from __future__ import annotations

import itertools
import stat
from collections.abc import Callable, Sequence

from appliance import errors
from appliance.store import batches, content, disk, file_rows, renames
from appliance.store.database import Reading, Writing
from appliance.store.file_rows import THE_DISK
from appliance.store.files import Files, Folder, record_place, record_signature, recorded_signature
from appliance.store.ledger import Member, Page, Place, member_at
from appliance.store.seen import Missing, Seen

FRESH_MICROS = 3_600_000_000  # how old a file may be that was only made to replace another


class Recorder:
    """Writes into the ledger what was seen on the disk."""

    def __init__(self, files: Files, *, folder_ended: Callable[[], None]) -> None:
        self._files = files
        self._folder_ended = folder_ended  # what was below it still has open rows: the sweeper ends them

    def adopt(self, folder: Folder) -> Folder:
        """Return the folder with its id, recording it and its parents if the ledger has not seen them; NotFound."""
        if folder.collection_id is not None:
            return folder
        reading = self._files.ledger.database.connection()
        known, path = deepest_known(reading, folder.path)
        while len(path) < len(folder.path):
            with self._files.disk.folder(path) as folder_fd:
                status = disk.status_at(folder_fd, folder.path[len(path)])
            if status is None or not stat.S_ISDIR(status.st_mode):
                raise errors.NotFound("There is no such folder.")
            self.record([Seen(path, folder.path[len(path)], directory=disk.signature_of(status))], Missing())
            known, now = deepest_known(reading, folder.path)
            if len(now) <= len(path):
                raise errors.NotFound("There is no such folder.")  # gone again, or it has no name that a row can have
            path = now
        return Folder(folder.path, known)

    def record(self, seen: Sequence[Seen], missing: Missing, *, batch_id: int | None = None) -> list[Seen]:
        """Record, in one commit, what is still as it was seen, and return what is not."""
        not_still: list[Seen] = []
        with self._files.ledger.write(THE_DISK) as page:
            self._files.disk.require_marked()
            page.batch_id = batch_id
            for path, group in itertools.groupby(seen, key=lambda one: one.folder):
                not_still += self._record_in(page, path, list(group), missing)
        return not_still

    def begin_deletion(self) -> int:
        """Return a batch for the ends that one look found: they are told, and taken back, as one."""
        with self._files.ledger.write(THE_DISK) as page:
            return batches.begin(page, "delete")

    def _record_in(self, page: Page, path: tuple[str, ...], seen: list[Seen], missing: Missing) -> list[Seen]:
        known, found = deepest_known(page.writing, path)
        if found != path:
            return seen
        try:
            with self._files.disk.folder(path) as folder_fd:
                return [one for one in seen if not self._record_still(page, known, folder_fd, one, missing)]
        except errors.NotFound:
            return seen

    def _record_still(self, page: Page, folder_id: int, folder_fd: int, seen: Seen, missing: Missing) -> bool:
        before = member_at(page.writing, folder_id, seen.name)  # both forms may lie side by side
        if before is not None and before.kind == "mount":
            return True  # the ledger's own; the disk cannot take its name
        if seen.is_absent:
            if not self._files.disk.is_gone(seen.path):
                return False
            if before is not None:
                self._end(page, before)
            return True
        if not _is_still(folder_fd, seen):
            return False
        self._record_there(page, folder_id, seen, before, missing)
        return True

    def _record_there(self, page: Page, folder_id: int, seen: Seen, before: Member | None, missing: Missing) -> None:
        if before is not None and (before.kind == "folder") is not seen.is_folder:
            self._end(page, before)
            before = None
        if before is None:
            before = self._moved_here(page, folder_id, seen, missing)
        if seen.state is not None:
            self._record_file(page, folder_id, seen.name, seen.state, before)
        elif seen.directory is not None:
            made_id = before.resource_id if before is not None else self._made(page, folder_id, seen.name)
            record_place(page.writing, made_id, seen.directory)

    def _moved_here(self, page: Page, folder_id: int, seen: Seen, missing: Missing) -> Member | None:
        """Record that something was renamed to here, and return it at its new place; None: it is new."""
        origin = renames.origin(page.writing, self._files.disk, seen, missing)
        if origin is None:
            return None
        try:
            file_rows.record_move(page, origin, Place(folder_id, seen.name, origin.resource_id, origin.kind))
        except errors.OntoItself:
            return None  # by what is recorded so far it would lie in itself: folders changed places
        return member_at(page.writing, folder_id, seen.name)

    def _made(self, page: Page, folder_id: int, name: str) -> int:
        owner = page.writing.execute("SELECT owner_id FROM collection WHERE id = ?", (folder_id,)).fetchone()
        return file_rows.record_folder(page, folder_id, name, owner_id=owner["owner_id"])

    def _record_file(
        self, page: Page, folder_id: int, name: str, state: file_rows.FileState, before: Member | None
    ) -> None:
        if before is not None and _only_touched(page, before, state):
            record_signature(page.writing, before.resource_id, state.signature)
            return
        if before is not None:
            file_rows.find_octets(page, self._files, before)
            if recorded_signature(page.writing, before.resource_id) == state.signature:
                state = file_rows.FileState(state.digest, state.signature)  # its passing ETag was another body's
        file_rows.record_file(page, folder_id, name, state, before, op="observe")

    def _end(self, page: Page, member: Member) -> None:
        if member.kind == "folder":
            takes_others = page.batch_id is None and _has_members(page, member)
            if takes_others:
                batches.begin(page, "delete")  # of the sweeper's rows as well
            file_rows.end_folder(page, member)
            if takes_others:
                page.end_batch()
            page.writing.after_commit(self._folder_ended)
            return
        file_rows.find_octets(page, self._files, member)
        file_rows.end_file(page, member, op="merged" if _was_moved_over(page, member) else "delete")


def deepest_known(reading: Reading | Writing, path: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Return the id of the deepest folder of a path that the ledger knows, and its path; NotFound: no such home."""
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


def _has_members(page: Page, folder: Member) -> bool:
    row = page.writing.execute("SELECT 1 FROM member WHERE collection_id = ? LIMIT 1", (folder.resource_id,)).fetchone()
    return row is not None


def _is_still(folder_fd: int, seen: Seen) -> bool:
    status = disk.status_at(folder_fd, seen.name)
    if status is None:
        return False
    if seen.state is None:
        return stat.S_ISDIR(status.st_mode)
    return disk.signature_of(status) == seen.state.signature


def _only_touched(page: Page, before: Member, state: file_rows.FileState) -> bool:
    """Return whether the octets are the recorded ones: touch, chmod and our own link into the store keep the ETag."""
    row = None if before.content_id is None else content.row_of(page.writing, before.content_id)
    return row is not None and row.digest == state.digest


def _was_moved_over(page: Page, member: Member) -> bool:
    """Return whether a young file was renamed over an older one: a save-by-rename is the older one's (protocol B7)."""
    row = page.writing.execute(
        "SELECT 1 FROM disk own JOIN disk other ON other.fs = own.fs AND other.inode = own.inode"
        " JOIN member m ON m.resource_id = other.resource_id AND m.body_seq > ?2 AND m.content_id = ?3"
        " WHERE own.resource_id = ?1 AND other.resource_id <> ?1"
        " AND EXISTS (SELECT 1 FROM version v WHERE v.resource_id = m.resource_id AND v.seq < m.body_seq)"
        " AND EXISTS (SELECT 1 FROM version v WHERE v.resource_id = ?1 AND v.seq = ?2 AND v.at >= ?4"
        "   AND NOT EXISTS (SELECT 1 FROM version w WHERE w.resource_id = ?1 AND w.seq < ?2))",
        (member.resource_id, member.body_seq, member.content_id, page.at - FRESH_MICROS),
    ).fetchone()
    return row is not None
