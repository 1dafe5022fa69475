"""Takes the current content of live files into the store, so that a change behind our back cannot lose it.

Small files go into their rows. A larger one is cloned where the file system can, which costs no space; elsewhere it is
cut into chunks up to a limit that the settings name. Above it, and where the disk has no room for a copy, it gets a
guard: safe from our own doors and from a rename over it, not from a change in place. What is taken is verified against
the digest, and the file is looked at again after it was read: another signature means another time. Interrupted
anywhere it goes on where it was, because what is done is in the rows.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.store import clones, content, disk, places
from appliance.store.bodies import digest_of_open, path_of
from appliance.store.chunks import Cut, Cutter
from appliance.store.content import INLINE_BYTES, Staged, disk_trouble
from appliance.store.database import Reading, Writing
from appliance.store.files import Files, open_file, record_signature, recorded_signature
from appliance.store.guards import Guards

ROWS_A_ROUND = 500
BYTES_A_ROUND = 32 << 20
SPARE_BYTES = 256 << 20  # room that copies leave to the household
SOON_NS = 3_000_000_000
LATER_NS = 600_000_000_000


@dataclass(frozen=True, slots=True)
class _Uncovered:
    """A live file whose content may be nowhere else; `is_stored`: it is elsewhere, only not yet said."""

    resource_id: int
    folder_id: int
    name: str
    content_id: int
    digest: bytes
    size: int
    signature: disk.Signature
    is_stored: bool


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of a file: octets for its row, a clone, pieces, or only a guard (all None, with a signature)."""

    file: _Uncovered
    body: bytes | None = None
    clone: Staged | None = None
    cut: Cut | None = None
    guarded: disk.Signature | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many live files there are, and of how many the content is in the store. `large` may never be copied."""

    files: int
    covered: int
    large: int


def coverage(reading: Reading, limit_bytes: int) -> Coverage:
    """Return how far covering has come; `large` are those uncovered above the limit."""
    files = reading.execute(
        "SELECT count(*) FROM disk d JOIN member m ON m.resource_id = d.resource_id WHERE m.kind = 'file'"
    ).fetchone()[0]
    uncovered, large = uncovered_files(reading, limit_bytes)
    return Coverage(files, files - uncovered, large)


def uncovered_files(reading: Reading, limit_bytes: int) -> tuple[int, int]:
    """Return how many live files are not covered, and how many of them are above the limit: asked by these alone."""
    uncovered, large = reading.execute(
        "SELECT count(*), coalesce(sum(m.size > ?), 0) FROM disk d JOIN member m ON m.resource_id = d.resource_id"
        " WHERE d.covered = 0 AND m.kind = 'file'",
        (limit_bytes,),
    ).fetchone()
    return int(uncovered), int(large)


class Coverer:
    """Covers what is not covered, a slice at a time; for one background thread."""

    def __init__(
        self, files: Files, *, limit_bytes: int, now_ns: Callable[[], int] = time.time_ns,
        rest: Callable[[], None] = lambda: None,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:  # fmt: skip
        self._files = files
        self._database = files.ledger.database
        self._limit_bytes = limit_bytes
        self._now_ns = now_ns
        self._free_bytes = free_bytes
        self._cutter = Cutter(self._database, files.blobs, rest=rest)
        self._guards = Guards(files.blobs)
        self._clones: bool | None = None  # found out by the first file that is large enough
        self._after = 0  # the resource that the pass has come to
        self._passed_seq = -1  # what the last whole pass had seen
        self._again_ns = 0
        self._unlike: dict[int, disk.Signature] = {}  # octets that differ or cannot be read: the scrub tells

    def cover_some(self) -> bool:
        """Cover the next slice; False when there is nothing to do now, or no room for it."""
        if not self._files.disk.marked() or (self._after == 0 and not self._is_due()):
            return False
        found = list(self._next())
        try:
            if found:
                self._cover(found)
        except errors.DiskFull:
            found = []  # what lies there is tried again in the next pass
        self._after = found[-1].resource_id if found else 0
        return bool(found)

    def _cover(self, found: list[_Uncovered]) -> None:
        taken: list[_Taken] = []
        try:
            taken.extend(self._take_all(found))
            self._cutter.flush()
            self._files.blobs.install([one.clone for one in taken if one.clone is not None])
        except BaseException:
            self._cutter.discard()
            self._files.blobs.discard([one.clone for one in taken if one.clone is not None])
            raise
        self._record(taken)  # invariant 3: the octets are durable

    def _is_due(self) -> bool:
        """Return whether a new pass may find anything: rows came, or it is time again."""
        seq = int(self._database.connection().execute("SELECT coalesce(max(seq), 0) FROM version").fetchone()[0])
        now_ns = self._now_ns()
        if seq == self._passed_seq and now_ns < self._again_ns:
            return False
        self._passed_seq, self._again_ns = seq, now_ns + LATER_NS
        return True

    def _next(self) -> Iterator[_Uncovered]:
        rows = self._database.connection().execute(
            "SELECT d.resource_id, m.collection_id, m.name, m.content_id, c.digest, c.size, d.fs, d.inode, d.size,"
            " d.mtime_ns, d.ctime_ns, c.place <> 'live' FROM disk d JOIN member m ON m.resource_id = d.resource_id"
            " JOIN content c ON c.id = m.content_id"
            " WHERE d.covered = 0 AND d.resource_id > ? AND m.kind = 'file' ORDER BY d.resource_id LIMIT ?",
            (self._after, ROWS_A_ROUND),
        )  # fmt: skip
        size = 0
        for row in rows.fetchall():
            signature = disk.Signature(*row[6:11])
            found = _Uncovered(row[0], row[1], row[2], row[3], row[4], row[5], signature, is_stored=bool(row[11]))
            size += 0 if found.is_stored else found.size
            yield found
            if size > BYTES_A_ROUND:
                return

    # --- taking -------------------------------------------------------------------------------------

    def _take_all(self, found: Iterable[_Uncovered]) -> Iterator[_Taken]:
        def folder_of(one: _Uncovered) -> int:
            return one.folder_id

        for folder_id, group in itertools.groupby(sorted(found, key=folder_of), key=folder_of):
            path = path_of(self._database.connection(), folder_id)
            if path is None:
                continue  # its folder was deleted: the sweeper takes it
            with contextlib.suppress(errors.NotFound), self._files.disk.folder(path) as folder_fd:
                for one in group:
                    taken = _Taken(one) if one.is_stored else self._take(one, folder_fd)
                    if taken is not None:
                        yield taken

    def _take(self, file: _Uncovered, folder_fd: int) -> _Taken | None:
        """Take one file into the store, not yet named there; None: it is being changed, or cannot be taken."""
        if not file.signature.is_settled(self._now_ns()):
            self._again_ns = min(self._again_ns, self._now_ns() + SOON_NS)
            return None
        if self._unlike.get(file.resource_id) == file.signature:
            return None
        try:
            descriptor = open_file(folder_fd, file.name)
        except errors.NotFound:
            return None
        try:
            if disk.signature_of(os.fstat(descriptor)) != file.signature:
                return None  # whoever watches the disk records it, and then it is another content
            taken = self._taken(file, folder_fd, descriptor)
            if taken is None or taken.guarded is not None or self._is_still(file, descriptor, taken):
                return taken
            return None
        except OSError as error:
            if isinstance(disk_trouble(error), errors.DiskFull):
                raise disk_trouble(error) from error
            self._unlike[file.resource_id] = file.signature  # it cannot be read
            return None
        finally:
            os.close(descriptor)

    def _is_still(self, file: _Uncovered, descriptor: int, taken: _Taken) -> bool:
        if disk.signature_of(os.fstat(descriptor)) == file.signature:
            return True
        if taken.clone is not None:
            self._files.blobs.discard([taken.clone])
        return False

    def _taken(self, file: _Uncovered, folder_fd: int, descriptor: int) -> _Taken | None:
        if file.size <= INLINE_BYTES:
            body = os.pread(descriptor, INLINE_BYTES + 1, 0)
            return _Taken(file, body=body) if self._is_like(file, content.digest_of(body)) else None
        if self._can_clone():
            return self._cloned(file, descriptor)
        if file.size > self._limit_bytes or not self._has_room_for(file):
            return self._guarded(file, folder_fd, descriptor)
        cut = self._cutter.cut(descriptor)
        return _Taken(file, cut=cut) if self._is_like(file, cut.digest) else None

    def _has_room_for(self, file: _Uncovered) -> bool:
        return self._free_bytes(self._files.blobs.folder) >= file.size + SPARE_BYTES

    def _can_clone(self) -> bool:
        if self._clones is None:
            self._clones = clones.can_clone(self._files.disk.root, self._files.blobs.folder)
        return self._clones

    def _cloned(self, file: _Uncovered, descriptor: int) -> _Taken | None:
        staged = self._files.blobs.stage(self._files.blobs.name_for(file.digest))
        try:
            with staged.temporary.open("w+b") as out:
                if clones.clone(descriptor, out.fileno()) and self._is_like(file, digest_of_open(out.fileno())):
                    return _Taken(file, clone=staged)
        except BaseException:
            self._files.blobs.discard([staged])
            raise
        self._files.blobs.discard([staged])
        return None

    def _is_like(self, file: _Uncovered, digest: bytes) -> bool:
        """Return whether octets are the recorded ones; those that are not are not read again until dates change."""
        if digest == file.digest:
            return True
        self._unlike[file.resource_id] = file.signature
        return False

    def _guarded(self, file: _Uncovered, folder_fd: int, descriptor: int) -> _Taken | None:
        """Give a file its guard; that moves its ctime, which is told to the ledger in the same round."""
        if self._guards.holds(file.resource_id, os.fstat(descriptor)):
            return None
        if not self._guards.hold(file.resource_id, folder_fd, file.name):
            return None
        now = disk.signature_of(os.fstat(descriptor))
        if now._replace(ctime_ns=0) != file.signature._replace(ctime_ns=0):
            return None
        return _Taken(file, guarded=now)

    # --- recording ----------------------------------------------------------------------------------

    def _record(self, taken: list[_Taken]) -> None:
        if not taken:
            return
        with self._database.write() as writing:
            for one in taken:
                if recorded_signature(writing, one.file.resource_id) != one.file.signature:
                    continue  # it changed meanwhile; what was taken is in the store for nothing
                if one.guarded is not None:
                    record_signature(writing, one.file.resource_id, one.guarded)
                elif self._put(writing, one):
                    writing.execute(
                        "UPDATE disk SET covered = 1 WHERE resource_id IN"
                        " (SELECT resource_id FROM member WHERE content_id = ?)",
                        (one.file.content_id,),
                    )

    def _put(self, writing: Writing, taken: _Taken) -> bool:
        """Say where the content is now; True: it is in the store."""
        row = content.row_of(writing, taken.file.content_id)
        if row is None or row.place == "none":
            return False
        if row.place != "live":
            return True
        if taken.body is not None:
            places.mark_row(writing, row.id, taken.body)
        elif taken.clone is not None:
            places.mark_blob(writing, row.id, taken.clone.blob_name, place="clone")
        else:
            return taken.cut is not None and places.mark_chunks(writing, row.id, taken.cut.pieces)
        return True
