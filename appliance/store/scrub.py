"""Reads everything again and compares it with its digest: bodies in rows, files of the store, chunks, live files.

In slices, so that the machine stays usable, and so that it goes on where it was stopped, by a power cut or by somebody.
What is damaged goes to `mending.py`. A live file counts as damaged when its octets changed and its dates did not;
with other dates somebody wrote it, and the watcher has the word. On the way it gives up what nothing leads to, and
unlinks what left a day ago. One process reads at a time: whoever holds `turn`. What the last whole pass came to is kept
beside its position. It refuses to decide what is old enough to go: that is retention.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path

from blake3 import blake3

from appliance import errors
from appliance.store import alarms, chunks, content, disk, leaving, strays, turns
from appliance.store.bodies import LiveFile, path_of
from appliance.store.content import ContentRow
from appliance.store.database import Reading, Writing
from appliance.store.file_writes import FileWriter
from appliance.store.files import open_file
from appliance.store.ledger import Ledger
from appliance.store.mending import REPAIRED, ROT, Found, Mender

READ_BYTES = 1 << 20
SLICE_BYTES = 64 << 20
SLICE_ROWS = 500
READING = "reading"  # held by whoever reads everything again
_POSITION, _RESULT = "scrub", "scrubbed"
PARTS = ("database", "bodies", "chunks", "files", "strays")


@dataclass(slots=True)
class Position:
    """How far a scrub has come. `part` is one of `PARTS`, `after` the last id or name that was done in it."""

    began_at: int
    part: str = PARTS[0]
    after: str = ""
    read_files: int = 0
    read_bytes: int = 0
    strays: int = 0
    whole_bytes: int = 0  # what there was to read when it began


@dataclass(frozen=True, slots=True)
class Result:
    """What the last whole pass came to: how much was read, what was repaired, what stays damaged."""

    began_at: int
    ended_at: int
    read_files: int
    read_bytes: int
    repaired: int
    damaged: int


class Scrub:
    """One pass over everything, or the rest of one that was stopped."""

    def __init__(self, writer: FileWriter, *, rest: Callable[[], None] = lambda: None) -> None:
        self._files = writer.files
        self._ledger: Ledger = writer.files.ledger
        self._mender = Mender(writer)
        self._rest = rest  # between two pieces of a large file; it may raise to stop
        stopped = position(self._reading)
        self.goes_on = stopped is not None
        self.position = stopped or Position(self._ledger.now_micros())
        self.found: list[Found] = []  # by this process
        self._sliced_bytes = 0
        self._parts: dict[str, Callable[[str], str | None]] = {
            "database": self._scrub_database,
            "bodies": self._scrub_bodies,
            "chunks": self._scrub_chunks,
            "files": self._scrub_files,
            "strays": self._scrub_strays,
        }

    @property
    def _reading(self) -> Reading:
        return self._ledger.database.connection()

    def step(self) -> bool:
        """Read a slice; False when the pass has come to its end."""
        self._sliced_bytes = 0
        self.position.whole_bytes = self.position.whole_bytes or self._whole_bytes()
        part = self.position.part
        after = self._parts[part](self.position.after)
        if after is not None:
            self.position.after = after
        else:
            following = PARTS[PARTS.index(part) + 1 :]
            if not following:
                self._end()
                return False
            self.position.part, self.position.after = following[0], ""
        with self._ledger.database.write() as writing:
            _put(writing, _POSITION, asdict(self.position))
        return True

    def share(self) -> float:
        """Return how much of the octets is read, 0 to 1."""
        return min(1.0, self.position.read_bytes / max(1, self.position.whole_bytes))

    def _whole_bytes(self) -> int:
        total = self._reading.execute(
            "SELECT (SELECT coalesce(sum(size), 0) FROM content WHERE place IN ('row', 'blob', 'clone'))"
            " + (SELECT coalesce(sum(stored_bytes), 0) FROM chunk)"
            " + (SELECT coalesce(sum(size), 0) FROM disk)"
        ).fetchone()[0]
        return int(total)

    # --- the parts; each takes what was done last and returns what is done now, None: the part is done -----

    def _scrub_database(self, _after: str) -> str | None:
        """Let SQLite look for damage in its file; about a second for each gigabyte."""
        rows = self._reading.execute("PRAGMA quick_check(20)").fetchall()
        told = [row[0] for row in rows if row[0] != "ok"]
        if told:
            self._tell(Found("", f"The database is damaged: {'; '.join(told)}. Restore it from a copy.", False))
        return None

    def _scrub_bodies(self, after: str) -> str | None:
        rows = self._reading.execute(
            "SELECT id, digest, size, place, blob_name FROM content WHERE id > ? AND place IN ('row', 'blob', 'clone')"
            " ORDER BY id LIMIT ?",
            (int(after or 0), SLICE_ROWS),
        ).fetchall()
        for row in rows:
            body = ContentRow(*row)
            if self._digest_of(body) != body.digest:
                self._add(self._mender.body(body))
            after = str(body.id)
            if self._is_enough():
                break
        return after if rows else None

    def _digest_of(self, body: ContentRow) -> bytes | None:
        if body.blob_name is None:
            octets = content.inline_body(self._reading, body.id) or b""
            self._count(len(octets))
            return content.digest_of(octets)
        try:
            descriptor = os.open(self._files.blobs.path(body.blob_name), os.O_RDONLY)
        except OSError:
            return None
        with contextlib.closing(os.fdopen(descriptor, "rb", buffering=0)):
            return self._hashed(descriptor)

    def _scrub_chunks(self, after: str) -> str | None:
        found = chunks.chunks_after(self._reading, int(after or 0), SLICE_ROWS)
        for chunk in found:
            needed = self._reading.execute("SELECT 1 FROM piece WHERE chunk_id = ?", (chunk.id,)).fetchone() is not None
            if needed:
                try:
                    chunks.open_chunk(self._files.blobs, chunk)
                except errors.ContentMissing:
                    self._add(self._mender.chunk(chunk))
                self._count(chunk.stored_bytes)
            else:
                self.position.strays += strays.drop_unneeded(self._files, chunk, now=self._ledger.now_micros())
            after = str(chunk.id)
            if self._is_enough():
                break
        return after if found else None

    def _scrub_files(self, after: str) -> str | None:
        rows = self._reading.execute(
            "SELECT d.resource_id, m.content_id, c.digest, d.fs, d.inode, d.size, d.mtime_ns, d.ctime_ns FROM disk d"
            " JOIN member m ON m.resource_id = d.resource_id JOIN content c ON c.id = m.content_id"
            " WHERE d.resource_id > ? AND m.kind = 'file' ORDER BY d.resource_id LIMIT ?",
            (int(after or 0), SLICE_ROWS),
        ).fetchall()
        for row in rows:
            self._scrub_file(row[0], disk.Signature(*row[3:8]), content_id=row[1], digest=row[2])
            after = str(row[0])
            if self._is_enough():
                break
        return after if rows else None

    def _scrub_file(self, resource_id: int, signature: disk.Signature, *, content_id: int, digest: bytes) -> None:
        path = path_of(self._reading, resource_id)
        if path is None:
            return
        with contextlib.suppress(errors.NotFound), self._files.disk.folder(path[:-1]) as folder_fd:
            descriptor = open_file(folder_fd, path[-1])
            with contextlib.closing(os.fdopen(descriptor, "rb", buffering=0)):
                if disk.signature_of(os.fstat(descriptor)) != signature:
                    return
                read = self._hashed(descriptor)
                if read == digest or disk.signature_of(os.fstat(descriptor)) != signature:
                    return
            self._add(self._mender.file(LiveFile(resource_id, path, signature), content_id, read))

    def _scrub_strays(self, after: str) -> str | None:
        now = self._ledger.now_micros()
        for shelf in strays.shelves(self._files.blobs.folder):
            if shelf > after:
                self.position.strays += strays.clear_shelf(self._files, shelf, now=now)
                return shelf
        leaving.unlink_left(self._ledger.database, self._files.blobs, now)
        return None

    # --- in common ----------------------------------------------------------------------------------

    def _hashed(self, descriptor: int) -> bytes | None:
        """Return the digest of an open file, None when it cannot be read; the memory it took is given back."""
        hasher, position = blake3(), 0
        try:
            while octets := os.pread(descriptor, READ_BYTES, position):
                hasher.update(octets)
                position += len(octets)
                self.position.read_bytes += len(octets)
                self._sliced_bytes += len(octets)
                if position % SLICE_BYTES == 0:
                    os.posix_fadvise(descriptor, position - SLICE_BYTES, SLICE_BYTES, os.POSIX_FADV_DONTNEED)
                    self._rest()
        except OSError:
            return None
        self.position.read_files += 1
        return hasher.digest()

    def _count(self, size_bytes: int) -> None:
        self.position.read_files += 1
        self.position.read_bytes += size_bytes
        self._sliced_bytes += size_bytes

    def _is_enough(self) -> bool:
        return self._sliced_bytes >= SLICE_BYTES

    def _add(self, found: Found | None) -> None:
        if found is not None:
            self.found.append(found)

    def _tell(self, found: Found) -> None:
        with self._ledger.database.write() as writing:
            self._mender.record(writing, found)
        self._add(found)

    def _end(self) -> None:
        """Put the result in the place of the position, and forget what this pass did not find again.

        A repair is told until somebody has seen it, however many passes find nothing more.
        """
        read = self.position
        with self._ledger.database.write() as writing:
            writing.execute("DELETE FROM setting WHERE name = ?", (_POSITION,))
            writing.execute(
                "DELETE FROM alarm WHERE last_at < ? AND (kind = ? OR kind = ? AND acknowledged_at IS NOT NULL)",
                (read.began_at, ROT, REPAIRED),
            )
            found = dict(
                writing.execute(
                    "SELECT kind, count(*) FROM alarm WHERE kind IN (?, ?) AND last_at >= ? GROUP BY kind",
                    (ROT, REPAIRED, read.began_at),
                ).fetchall()
            )
            result = Result(
                read.began_at, self._ledger.now_micros(), read.read_files, read.read_bytes,
                found.get(REPAIRED, 0), found.get(ROT, 0),
            )  # fmt: skip
            _put(writing, _RESULT, asdict(result))


def _put(writing: Writing, name: str, said: dict[str, object]) -> None:
    writing.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, json.dumps(said)),
    )


def turn(data: Path) -> TextIOWrapper | None:
    """Return what makes us the only ones who read everything of a data folder, until it is closed; None: others do."""
    return turns.take(data / READING)


def position(reading: Reading) -> Position | None:
    """Return how far a scrub that goes on, or was stopped, has come; None when none was begun."""
    row = reading.execute("SELECT value FROM setting WHERE name = ?", (_POSITION,)).fetchone()
    return None if row is None else Position(**json.loads(row["value"]))


def result(reading: Reading) -> Result | None:
    """Return what the last whole pass came to, None: there was none yet."""
    row = reading.execute("SELECT value FROM setting WHERE name = ?", (_RESULT,)).fetchone()
    return None if row is None else Result(**json.loads(row["value"]))


def damage(reading: Reading) -> list[alarms.Alarm]:
    """Return what is damaged and was not repaired, as far as it is known."""
    return [alarm for alarm in alarms.alarms(reading) if alarm.kind == ROT]
