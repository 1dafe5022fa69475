"""Bodies, each kept once: small ones inside the database, large ones as files of the content store.

A content row has a `place`: `row` (inline), `live` (octets that exist only as a live file), `blob` (a file below
`store/`), `clone` (the same, made by a reflink), `chunks` (pieces, `chunks.py`) and `none` (let go, or lost). What
moves from one place to another is `places.py`. Crash order: octets first, durable; then the row. On removal the row
goes first, and the name of its file to `leaving`; only `leaving.py` unlinks, a day later. A name is its digest and a
counter, and not used again while it is in `leaving`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from appliance import errors
from appliance.store.database import Database, Reading, Writing

INLINE_BYTES = 65536
PIECE_BYTES = 262144
FILED = ("blob", "clone")  # places whose octets are one file of the store


@dataclass(frozen=True, slots=True)
class ContentRow:
    """One row of `content` without its body."""

    id: int
    digest: bytes
    size: int
    place: str
    blob_name: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A body that is durable, or small enough to become so with its row."""

    digest: bytes
    size: int
    body: bytes | None
    blob_name: str | None


def digest_of(body: bytes | memoryview) -> bytes:
    """Return the BLAKE3 digest, 32 bytes."""
    return blake3(body).digest()


def row_with(reading: Reading | Writing, digest: bytes) -> ContentRow | None:
    """Return the row of this digest."""
    row = reading.execute(
        "SELECT id, digest, size, place, blob_name FROM content WHERE digest = ?", (digest,)
    ).fetchone()
    return None if row is None else ContentRow(*row)


def row_of(reading: Reading | Writing, content_id: int) -> ContentRow | None:
    """Return the row with this id."""
    row = reading.execute(
        "SELECT id, digest, size, place, blob_name FROM content WHERE id = ?", (content_id,)
    ).fetchone()
    return None if row is None else ContentRow(*row)


def inline_body(reading: Reading | Writing, content_id: int) -> bytes | None:
    """Return the octets kept in the row, None if they are elsewhere."""
    row = reading.execute("SELECT body FROM content WHERE id = ? AND place = 'row'", (content_id,)).fetchone()
    return None if row is None else row[0]


def record(writing: Writing, prepared: Prepared) -> int:
    """Return the content id of a prepared body, new, known, or revived after thinning."""
    known = row_with(writing, prepared.digest)
    place = "row" if prepared.body is not None else "blob"
    claim(writing, prepared.blob_name)
    if known is None:
        cursor = writing.execute(
            "INSERT INTO content (digest, size, place, blob_name, body) VALUES (?, ?, ?, ?, ?)",
            (prepared.digest, prepared.size, place, prepared.blob_name, prepared.body),
        )
        return int(cursor.lastrowid or 0)
    if known.place in ("none", "live", "chunks"):  # what was just made durable is worth more than many pieces
        put_place(writing, known, place, blob_name=prepared.blob_name, body=prepared.body)
    return known.id


def record_live(writing: Writing, digest: bytes, size: int) -> int:
    """Return the content id of a live file's bytes; a row that already has them elsewhere stays as it is."""
    known = row_with(writing, digest)
    if known is None:
        cursor = writing.execute("INSERT INTO content (digest, size, place) VALUES (?, ?, 'live')", (digest, size))
        return int(cursor.lastrowid or 0)
    if known.place == "none":
        writing.execute("UPDATE content SET place = 'live', removed_at = NULL WHERE id = ?", (known.id,))
    return known.id


def leave(writing: Writing, blob_name: str, *, at: int) -> None:
    """Give a file of the store up; it is unlinked after its grace, unless somebody claims the name before."""
    writing.execute(
        "INSERT INTO leaving (blob_name, removed_at) VALUES (?, ?) ON CONFLICT (blob_name) DO NOTHING", (blob_name, at)
    )


def claim(writing: Writing, blob_name: str | None) -> None:
    """Take a file of the store back: a row names it."""
    writing.execute("DELETE FROM leaving WHERE blob_name = ?", (blob_name,))


def put_place(
    writing: Writing, row: ContentRow, place: str, *, blob_name: str | None = None, body: bytes | None = None
) -> None:
    """Say where a body is now; for `places.py`, which knows what has to come with it."""
    writing.execute(
        "UPDATE content SET place = ?, blob_name = ?, body = ?, removed_at = NULL WHERE id = ?",
        (place, blob_name, body, row.id),
    )
    if row.place == "chunks":
        writing.execute("DELETE FROM piece WHERE content_id = ?", (row.id,))  # chunks that nobody needs: the scrub


def free_name(reading: Reading | Writing, digest: bytes, *, kind: str = "") -> str:
    """Return the name under which octets may lie in the store: one whose removal is pending is not used again."""
    count = 0
    while True:
        name = blob_name_for(digest, count, kind=kind)
        if reading.execute("SELECT 1 FROM leaving WHERE blob_name = ?", (name,)).fetchone() is None:
            return name
        count += 1


@dataclass(frozen=True, slots=True)
class Staged:
    """A file of the store that is written and has no name yet."""

    blob_name: str
    temporary: Path


class Blobs:
    """The folder `store/`: one file per large body or chunk, spread over 256 folders."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database
        folder.mkdir(mode=0o700, exist_ok=True)

    def path(self, blob_name: str) -> Path:
        """Return where a blob lies."""
        return self.folder / blob_name[:2] / blob_name

    def name_for(self, digest: bytes) -> str:
        """Return the name that a body has in the store, or would get."""
        reading = self._database.connection()
        row = row_with(reading, digest)
        if row is not None and row.place in FILED and row.blob_name is not None:
            return row.blob_name
        return free_name(reading, digest)

    def prepare(self, body: bytes) -> Prepared:
        """Make a body durable unless it is small: temporary file, fsync, rename, fsync of the folder."""
        digest = digest_of(body)  # invariant 3: durable here, before any row names it
        if len(body) <= INLINE_BYTES:
            return Prepared(digest, len(body), body, None)
        name = self.name_for(digest)
        if not self._holds(name, digest):
            self.install([self.write(name, body)])
        return Prepared(digest, len(body), None, name)

    def write(self, blob_name: str, octets: bytes | memoryview) -> Staged:
        """Write a file of the store under a temporary name, not yet durable; DiskFull."""
        staged = self.stage(blob_name)
        try:
            with staged.temporary.open("wb") as out:
                out.write(octets)
        except OSError as error:
            staged.temporary.unlink(missing_ok=True)
            raise disk_trouble(error) from error
        return staged

    def stage(self, blob_name: str) -> Staged:
        """Return a temporary name on the blob's own shelf."""
        return Staged(blob_name, self._shelf(blob_name) / f".{blob_name}.{os.getpid()}-{os.urandom(4).hex()}")

    def install(self, staged: Sequence[Staged]) -> None:
        """Make files durable and give them their names: all data first, then all names, then each shelf once."""
        try:
            for one in staged:
                _sync_file(one.temporary)
            for one in staged:
                one.temporary.rename(self.path(one.blob_name))
            for shelf in sorted({one.temporary.parent for one in staged}):
                sync_folder(shelf)
        except OSError as error:
            self.discard(staged)
            raise disk_trouble(error) from error

    def discard(self, staged: Sequence[Staged]) -> None:
        """Remove what has no name yet."""
        for one in staged:
            one.temporary.unlink(missing_ok=True)

    def link_in(self, name: str, *, folder_fd: int, digest: bytes) -> str:
        """Link a live file's inode, which is about to lose its name, into the store; return the blob's name.

        No bytes are copied. An inode with further names is copied instead: whoever has those could change it.
        """
        blob_name = self.name_for(digest)
        target = self._shelf(blob_name) / blob_name
        if self._holds(blob_name, digest):
            return blob_name
        try:
            if os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_nlink > 1:
                self._copy_in(name, folder_fd, target)
            else:
                os.link(name, target, src_dir_fd=folder_fd, follow_symlinks=False)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP):
                raise disk_trouble(error) from error
            self._copy_in(name, folder_fd, target)  # another file system, or one without links
        self.sync_shelf(blob_name)
        return blob_name

    def copy_in(self, name: str, *, folder_fd: int, digest: bytes) -> None:
        """Copy a live file into the store: a link would give its inode another ctime, as a change does."""
        blob_name = self.name_for(digest)
        if not self._holds(blob_name, digest):
            self._copy_in(name, folder_fd, self._shelf(blob_name) / blob_name)
            self.sync_shelf(blob_name)

    def _holds(self, blob_name: str, digest: bytes) -> bool:
        """Return whether the blob is there and sound; an unsound one, left by a power cut, is removed.

        Such a leftover may share its inode with a live file that was changed in place since.
        """
        path = self.path(blob_name)
        if not path.exists():
            return False
        if digest_of_file(path) == digest:
            return True
        path.unlink()
        return False

    def _copy_in(self, name: str, folder_fd: int, target: Path) -> None:
        temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder_fd)
        try:
            with open(source, "rb") as reading, temporary.open("wb") as out:
                shutil.copyfileobj(reading, out, PIECE_BYTES)
                out.flush()
                os.fsync(out.fileno())
            temporary.rename(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise disk_trouble(error) from error

    def _shelf(self, blob_name: str) -> Path:
        shelf = self.folder / blob_name[:2]
        if not shelf.is_dir():
            shelf.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.folder)
        return shelf

    def sync_shelf(self, blob_name: str) -> None:
        """Make the names on a blob's shelf durable."""
        sync_folder(self.folder / blob_name[:2])

    def chunks(self, blob_name: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the octets start ≤ n < stop; ContentMissing when the file is not there or too short."""
        try:
            with self.path(blob_name).open("rb") as blob:
                yield from read_range(blob.fileno(), start, stop)
        except FileNotFoundError as error:
            raise errors.ContentMissing("The stored content is missing on the disk.") from error

    def verify(self, row: ContentRow) -> bool:
        """Return whether a blob's bytes still have their digest."""
        return row.blob_name is not None and digest_of_file(self.path(row.blob_name)) == row.digest


def digest_of_file(path: Path) -> bytes | None:
    """Return the BLAKE3 digest of a file, None when it cannot be read."""
    hasher = blake3()
    try:
        with path.open("rb") as blob:
            while piece := blob.read(1 << 20):
                hasher.update(piece)
    except OSError:
        return None
    return hasher.digest()


def blob_name_for(digest: bytes, count: int = 0, *, kind: str = "") -> str:
    """Return the name of a file of the store; `count` is one more when it is made anew during a removal.

    `kind` is `c` for a chunk, which may be packed and so is no blob of the same digest.
    """
    return f"{digest.hex()}.{kind}{count}"


def digest_in(blob_name: str) -> bytes | None:
    """Return the digest that a name in the store begins with, None for what is no such name."""
    text, dot, count = blob_name.partition(".")
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return None
    return digest if len(digest) == 32 and dot and count.removeprefix("c").isdecimal() else None


def read_range(descriptor: int, start: int, stop: int) -> Iterator[bytes]:
    """Yield a file's octets start ≤ n < stop; ContentMissing when it ends before."""
    position = start
    while position < stop:
        piece = os.pread(descriptor, min(PIECE_BYTES, stop - position), position)
        if not piece:
            raise errors.ContentMissing("The file became shorter while it was being read.")
        position += len(piece)
        yield piece


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path | str) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def refused_in_words() -> Iterator[None]:
    """Raise DiskRefused where the server's account may not do what is done in here."""
    try:
        yield
    except PermissionError as error:
        raise errors.DiskRefused from error


def disk_trouble(error: OSError) -> Exception:
    """Return DiskFull for a full disk or an exhausted quota of the system, else the error itself."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return errors.DiskFull("The disk is full; make room and try again.")
    return error
