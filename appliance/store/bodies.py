"""The octets of any content, wherever they lie: in the row, in a file of the store, in chunks, or in the live file.

Whoever needs a body asks here and need not know the place. A live file is trusted as long as its signature is the
recorded one; whoever copies verifies the digest as well. It refuses to give less than was asked for: what cannot be
read is ContentMissing, what retention let go is ContentThinned, never fewer octets.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from blake3 import blake3

from appliance import errors
from appliance.store import chunks, clones, content, disk
from appliance.store.content import ContentRow, disk_trouble
from appliance.store.database import Reading, Writing
from appliance.store.files import Files, open_file, recorded_signature
from appliance.store.ledger import member_of

HASH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file whose octets are a content: its path below `files/`, and the signature that proves it."""

    resource_id: int
    path: tuple[str, ...]
    signature: disk.Signature


class Bodies:
    """Reads contents."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._blobs = files.blobs

    def read(
        self, reading: Reading | Writing, content_id: int, *, start: int = 0, stop: int | None = None,
        of: int | None = None,
    ) -> Iterator[bytes]:  # fmt: skip
        """Return the octets start ≤ n < stop in pieces; `stop` None: to the end.

        `of` is the resource that is likely to have them as its live file. Raises ContentMissing and ContentThinned
        at once where that can be known without reading, ContentMissing later when the file changes meanwhile.
        """
        row = self._row(reading, content_id)
        stop = row.size if stop is None else min(stop, row.size)
        start = min(max(start, 0), stop)
        if row.place == "row":
            return iter((self._inline(reading, row)[start:stop],))
        if row.place in content.FILED:
            return self._filed(row, start, stop)
        if row.place == "chunks":
            pieces = chunks.pieces_of(reading, row.id, start, stop)
            return chunks.octets(self._blobs, pieces, start, stop)
        return self._live(self._live_file(reading, row, of), start, stop)

    def whole(self, reading: Reading | Writing, content_id: int, *, of: int | None = None) -> bytes:
        """Return all octets; for bodies that fit into memory. Raises as `read`."""
        return b"".join(self.read(reading, content_id, of=of))

    def write_to(
        self, reading: Reading | Writing, content_id: int, folder_fd: int, name: str, *, of: int | None = None,
        finish: Callable[[int], None] = lambda _descriptor: None,
    ) -> bytes:  # fmt: skip
        """Make a file of a content under a free name, durable and verified, and return its digest.

        `finish` gets the open file before it is synced, for its owner and date.
        The blocks are shared where the file system can. The caller syncs the folder. Raises as `read`, DiskFull, and
        ContentMissing when the octets are not those of the digest; the name is free again then.
        """
        row = self._row(reading, content_id)
        try:
            target = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder_fd)
        except OSError as error:
            raise disk_trouble(error) from error
        try:
            self._pour(reading, row, target, of)
            if digest_of_open(target) != row.digest:
                raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")
            finish(target)
            os.fsync(target)
        except BaseException as error:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder_fd)
            if isinstance(error, OSError):
                raise disk_trouble(error) from error
            raise
        finally:
            os.close(target)
        return row.digest

    def _row(self, reading: Reading | Writing, content_id: int) -> ContentRow:
        row = content.row_of(reading, content_id)
        if row is None:
            raise errors.ContentMissing("The content is not in the database.")
        if row.place == "none":
            raise errors.ContentThinned("This version is remembered, but its content is not kept any more.")
        return row

    def _inline(self, reading: Reading | Writing, row: ContentRow) -> bytes:
        body = content.inline_body(reading, row.id)
        if body is None or len(body) != row.size:
            raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")
        return body

    def _filed(self, row: ContentRow, start: int, stop: int) -> Iterator[bytes]:
        assert row.blob_name is not None
        try:
            found = self._blobs.path(row.blob_name).stat().st_size
        except OSError as error:
            raise errors.ContentMissing("The stored content is missing on the disk.") from error
        if found != row.size:
            raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")
        return self._blobs.chunks(row.blob_name, start, stop)

    def _pour(self, reading: Reading | Writing, row: ContentRow, target: int, of: int | None) -> None:
        if row.place in (*content.FILED, "live"):
            source = self._source(reading, row, of)
            try:
                if clones.clone(source, target):
                    return
            finally:
                os.close(source)
        for piece in self.read(reading, row.id, of=of):
            view = memoryview(piece)
            while view:
                view = view[os.write(target, view) :]

    def _source(self, reading: Reading | Writing, row: ContentRow, of: int | None) -> int:
        """Return a descriptor of the one file that has all octets."""
        if row.place == "live":
            return self.opened(self._live_file(reading, row, of))
        assert row.blob_name is not None
        try:
            return os.open(self._blobs.path(row.blob_name), os.O_RDONLY)
        except OSError as error:
            raise errors.ContentMissing("The stored content is missing on the disk.") from error

    # --- live files ---------------------------------------------------------------------------------

    def live_file(self, reading: Reading | Writing, content_id: int, *, of: int | None = None) -> LiveFile | None:
        """Return a live file that has a content, by its signature; None when there is none."""
        likely = None if of is None else self._unchanged(reading, of, content_id)
        return likely or next(self.live_files(reading, content_id), None)

    def live_files(self, reading: Reading | Writing, content_id: int) -> Iterator[LiveFile]:
        """Yield every live file that has a content, by its signature."""
        rows = reading.execute("SELECT resource_id FROM member WHERE content_id = ? AND kind = 'file'", (content_id,))
        for (resource_id,) in rows.fetchall():
            found = self._unchanged(reading, resource_id, content_id)
            if found is not None:
                yield found

    def _live_file(self, reading: Reading | Writing, row: ContentRow, of: int | None) -> LiveFile:
        found = self.live_file(reading, row.id, of=of)
        if found is None:
            raise errors.ContentMissing("The file was changed on the disk; its former content was not in the store.")
        return found

    def _unchanged(self, reading: Reading | Writing, resource_id: int, content_id: int) -> LiveFile | None:
        member = member_of(reading, resource_id)
        recorded = recorded_signature(reading, resource_id)
        if member is None or member.content_id != content_id or recorded is None:
            return None
        path = path_of(reading, resource_id)
        if path is None:
            return None
        status = self._files.disk.status(path[:-1], path[-1])
        if status is None or disk.signature_of(status) != recorded:
            return None
        return LiveFile(resource_id, path, recorded)

    def opened(self, live: LiveFile) -> int:
        """Return a descriptor of a live file in that state; ContentMissing when it is in another."""
        try:
            with self._files.disk.folder(live.path[:-1]) as folder_fd:
                descriptor = open_file(folder_fd, live.path[-1])
        except errors.NotFound as error:
            raise errors.ContentMissing("The file was removed while it was being read; ask again.") from error
        if disk.signature_of(os.fstat(descriptor)) != live.signature:
            os.close(descriptor)
            raise errors.ContentMissing("The file was changed while it was being read; ask again.")
        return descriptor

    def _live(self, live: LiveFile, start: int, stop: int) -> Iterator[bytes]:
        descriptor = self.opened(live)
        try:
            yield from content.read_range(descriptor, start, stop)
            if disk.signature_of(os.fstat(descriptor)) != live.signature:
                raise errors.ContentMissing("The file was changed while it was being read; ask again.")
        finally:
            os.close(descriptor)


def path_of(reading: Reading | Writing, resource_id: int) -> tuple[str, ...] | None:
    """Return where a live file or folder lies below `files/`; None when it, or a folder above, is not alive."""
    names: list[str] = []
    current = resource_id
    while (member := member_of(reading, current)) is not None:
        names.append(member.name)
        if member.kind == "node":
            return tuple(reversed(names[:-1])) if member.name == "files" else None
        current = member.collection_id
    return None


def digest_of_open(descriptor: int) -> bytes:
    """Return the BLAKE3 digest of an open file, from its beginning."""
    hasher = blake3()
    position = 0
    while piece := os.pread(descriptor, HASH_BYTES, position):
        hasher.update(piece)
        position += len(piece)
    return hasher.digest()
