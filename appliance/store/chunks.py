"""Bodies in pieces: cut by content, so that an edit costs what it changed, each piece kept once and packed.

Where a file system cannot clone, this is how the store holds what a live file may lose. A piece has a digest of its
octets before packing; it is verified whenever it is read. A range opens only the pieces that it touches. Chunks are
durable, rows and all, before a body is made of them; what a power cut leaves is chunks that nothing needs yet, and
the next try finds them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from blake3 import blake3

from appliance import errors
from appliance.store import content
from appliance.store.content import Blobs, Staged, digest_of
from appliance.store.database import Database, Reading, Writing

AVERAGE_BYTES = 262144
PROBE_BYTES = 4096
WORTH_PACKING = 0.95  # what the probe must shrink to
LEVEL = 3
BATCH_BYTES = 8 << 20  # chunks to a sync of shelves and to a commit
RAW, ZSTD = "raw", "zstd"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One row of `chunk`: where a piece lies and how it is packed."""

    id: int
    digest: bytes
    size: int
    stored_bytes: int
    packing: str
    blob_name: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A body that was cut: its digest, and start → chunk id of its pieces, all of them after the next `flush`."""

    digest: bytes
    size: int
    ids: dict[int, int]

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """(start, chunk id) in order."""
        return sorted(self.ids.items())


@dataclass(frozen=True, slots=True)
class _New:
    """A chunk that waits for its batch, and the body's pieces that it will be one of."""

    ids: dict[int, int]
    start: int
    digest: bytes
    size: int
    packing: str
    stored_bytes: int
    staged: Staged


_COLUMNS = "id, digest, size, stored_bytes, packing, blob_name"


def require_compiled() -> None:
    """Raise NotPossible unless the compiled cutter is there: the other one would take two hundred times as long."""
    try:
        from pyfastcdc.cy import FastCDC  # noqa: F401
    except ImportError as error:
        raise errors.NotPossible(
            "pyfastcdc has no compiled part on this machine; install it again from a wheel for its Python."
        ) from error


class Cutter:
    """Cuts files and keeps their pieces, several files to a batch. For one thread."""

    def __init__(self, database: Database, blobs: Blobs, *, rest: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._blobs = blobs
        self._rest = rest  # between two batches, so that others get at the disk; it may raise to stop
        self._batch: list[_New] = []
        self._batch_bytes = 0

    def cut(self, descriptor: int) -> Cut:
        """Take an open file into the store piece by piece; its last pieces are durable after `flush`. DiskFull."""
        from pyfastcdc.cy import FastCDC

        source, ids = _Source(descriptor), dict[int, int]()
        try:
            for piece in FastCDC(avg_size=AVERAGE_BYTES).cut_stream(source):
                self._take(piece.offset, piece.data, ids)
                if self._batch_bytes >= BATCH_BYTES:
                    self.flush()
                    self._rest()
        except BaseException:
            self._forget(ids)
            raise
        return Cut(source.digest(), source.size, ids)

    def flush(self) -> None:
        """Make all pieces durable, octets first, then their rows (invariant 3). DiskFull."""
        batch = self._batch
        if not batch:
            return
        self._batch, self._batch_bytes = [], 0
        self._blobs.install([new.staged for new in batch])
        with self._database.write() as writing:
            for new in batch:
                new.ids[new.start] = _recorded(writing, new)

    def discard(self) -> None:
        """Forget the pieces that are not durable."""
        self._blobs.discard([new.staged for new in self._batch])
        self._batch, self._batch_bytes = [], 0

    def _forget(self, ids: dict[int, int]) -> None:
        """Drop the waiting pieces of one body; those of others go on."""
        self._blobs.discard([new.staged for new in self._batch if new.ids is ids])
        self._batch = [new for new in self._batch if new.ids is not ids]
        self._batch_bytes = sum(new.stored_bytes for new in self._batch)

    def _take(self, start: int, octets: memoryview, ids: dict[int, int]) -> None:
        digest = digest_of(octets)
        reading = self._database.connection()
        known = chunk_with(reading, digest)
        if known is not None and is_whole(self._blobs, known):
            ids[start] = known.id
            return
        name = content.free_name(reading, digest, kind="c") if known is None else known.blob_name
        packing, stored = pack(octets)
        staged = self._blobs.write(name, stored)
        self._batch.append(_New(ids, start, digest, len(octets), packing, len(stored), staged))
        self._batch_bytes += len(stored)


def _recorded(writing: Writing, new: _New) -> int:
    """Return the id of a chunk whose file is in place, known or new."""
    content.claim(writing, new.staged.blob_name)
    row = writing.execute(
        "INSERT INTO chunk (digest, size, stored_bytes, packing, blob_name) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (digest) DO UPDATE SET stored_bytes = excluded.stored_bytes, packing = excluded.packing,"
        " blob_name = excluded.blob_name RETURNING id",
        (new.digest, new.size, new.stored_bytes, new.packing, new.staged.blob_name),
    ).fetchone()
    return int(row["id"])


class _Source:
    """An open file as the cutter reads it, hashed on the way, always from its beginning."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._hasher = blake3()
        self.size = 0

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as the file goes; 0 at its end."""
        count = os.preadv(self._descriptor, [buffer], self.size)
        self._hasher.update(memoryview(buffer)[:count])
        self.size += count
        return count

    def digest(self) -> bytes:
        """Return the digest of everything that was read."""
        return self._hasher.digest()


# --- reading ----------------------------------------------------------------------------------------


def chunk_with(reading: Reading | Writing, digest: bytes) -> Chunk | None:
    """Return the chunk of this digest."""
    row = reading.execute(f"SELECT {_COLUMNS} FROM chunk WHERE digest = ?", (digest,)).fetchone()  # noqa: S608
    return None if row is None else Chunk(*row)


def chunks_after(reading: Reading, chunk_id: int, limit: int) -> list[Chunk]:
    """Return the next chunks in the order of ids."""
    rows = reading.execute(
        f"SELECT {_COLUMNS} FROM chunk WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 - a constant
        (chunk_id, limit),
    ).fetchall()
    return [Chunk(*row) for row in rows]


def pieces_of(reading: Reading | Writing, content_id: int, start: int, stop: int) -> list[tuple[int, Chunk]]:
    """Return (start, chunk) of the pieces that the octets start ≤ n < stop lie in, in order."""
    columns = ", ".join(f"c.{column}" for column in _COLUMNS.split(", "))
    rows = reading.execute(
        f"SELECT p.start, {columns} FROM piece p JOIN chunk c ON c.id = p.chunk_id"  # noqa: S608 - a constant
        " WHERE p.content_id = ?1 AND p.start < ?3 AND p.start >="
        " (SELECT max(start) FROM piece WHERE content_id = ?1 AND start <= ?2) ORDER BY p.start",
        (content_id, start, stop),
    ).fetchall()
    return [(row[0], Chunk(*row[1:])) for row in rows]


def octets(blobs: Blobs, pieces: Sequence[tuple[int, Chunk]], start: int, stop: int) -> Iterator[bytes]:
    """Yield the octets start ≤ n < stop of a body from its pieces; ContentMissing when one is damaged or missing."""
    position = start
    for begin, chunk in pieces:
        if position >= stop or begin > position:
            break
        piece = open_chunk(blobs, chunk)[position - begin : stop - begin]
        position += len(piece)
        yield piece
    if position < stop:
        raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")


def open_chunk(blobs: Blobs, chunk: Chunk) -> bytes:
    """Return a chunk's octets, verified; ContentMissing."""
    try:
        stored = blobs.path(chunk.blob_name).read_bytes()
    except OSError as error:
        raise errors.ContentMissing("The stored content is missing on the disk.") from error
    whole = unpack(chunk.packing, stored)
    if whole is None or len(whole) != chunk.size or digest_of(whole) != chunk.digest:
        raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")
    return whole


def is_whole(blobs: Blobs, chunk: Chunk) -> bool:
    """Return whether a chunk's file is there in its full length; its octets are not read."""
    try:
        return blobs.path(chunk.blob_name).stat().st_size == chunk.stored_bytes
    except OSError:
        return False


# --- packing ----------------------------------------------------------------------------------------


def pack(octets: bytes | memoryview) -> tuple[str, bytes | memoryview]:
    """Return how a piece is packed and its octets then; one whose beginning does not shrink by 5 % stays raw."""
    compress = _zstd()[0]
    probe = octets[:PROBE_BYTES]
    if len(compress(probe, LEVEL)) > WORTH_PACKING * len(probe):
        return RAW, octets
    packed = compress(octets, LEVEL)
    return (ZSTD, packed) if len(packed) < len(octets) else (RAW, octets)


def unpack(packing: str, stored: bytes) -> bytes | None:
    """Return a piece's octets, None when they are damaged."""
    if packing == RAW:
        return stored
    _, decompress, broken = _zstd()
    try:
        return decompress(stored)
    except broken:
        return None


def _zstd() -> tuple[Callable[..., bytes], Callable[[bytes], bytes], type[Exception]]:
    """Return compress, decompress and their error: of the standard library from Python 3.14."""
    import sys

    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress, zstd.decompress, zstd.ZstdError
