"""Where imported files come from: what a source of files is, and the one on a disk of this machine.

A foreign folder is read and nothing else. Links are not followed, neither files nor folders, and what is no file and no
folder is named and skipped: whoever hands a folder over does not hand over what it points at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from appliance import errors
from appliance.store import disk
from appliance.store.arriving import Source as Body


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in a folder of a source. `skipped` is why it is not imported; None where something is not known."""

    path: tuple[str, ...]
    is_folder: bool = False
    size_bytes: int | None = None
    modified_at: datetime | None = None
    skipped: str | None = None

    @property
    def shown(self) -> str:
        """The path as people read it."""
        return "/".join(self.path).encode(errors="replace").decode()


class Source(Protocol):
    """A tree of files."""

    finest_seconds: float
    """How far apart two dates may be and still be the same."""

    def members(self, path: tuple[str, ...]) -> Iterator[Found]:
        """Yield what is in a folder, in name order; NotPossible when it cannot be read, Busy when nothing can."""
        ...

    def open(self, found: Found) -> AbstractContextManager[Body]:
        """Give a file for reading; NotPossible when it cannot be read, also in the middle, Busy when nothing can."""
        ...


class LocalTree:
    """A folder of this machine."""

    finest_seconds = 0.000_005  # what a microsecond and a float leave

    def __init__(self, root: Path) -> None:
        self._root = root

    def members(self, path: tuple[str, ...]) -> Iterator[Found]:
        """Yield what is in a folder."""
        try:
            with os.scandir(self._root.joinpath(*path)) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise errors.NotPossible(f"The folder cannot be read: {error.strerror}.") from error
        for entry in listed:
            yield self._found((*path, entry.name), entry)

    @staticmethod
    def _found(path: tuple[str, ...], entry: os.DirEntry[str]) -> Found:
        if not disk.is_served(entry.name):
            own = entry.name.startswith(disk.OWN_PREFIX)
            return Found(path, skipped="It is one of Gotgan's own." if own else "Its name is no readable text.")
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return Found(path, skipped=f"It cannot be looked at: {error.strerror}.")
        if stat.S_ISDIR(status.st_mode):
            return Found(path, is_folder=True)
        if not stat.S_ISREG(status.st_mode):
            return Found(path, skipped="It is a link." if stat.S_ISLNK(status.st_mode) else "It is no file.")
        return Found(path, size_bytes=status.st_size, modified_at=moment_of(status.st_mtime))

    @contextmanager
    def open(self, found: Found) -> Iterator[Body]:
        """Give a file for reading."""
        with _Body(self._root.joinpath(*found.path)) as body:
            yield body


class _Body:
    """A file that tells when it changed while it was read."""

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise errors.NotPossible(f"It cannot be read: {error.strerror}.") from error
        self._before = disk.signature_of(os.fstat(self._descriptor))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._descriptor)

    def read(self, size_bytes: int) -> bytes:
        try:
            piece = os.read(self._descriptor, size_bytes)
        except OSError as error:
            raise errors.NotPossible(f"It cannot be read: {error.strerror}.") from error
        if not piece and disk.signature_of(os.fstat(self._descriptor)) != self._before:
            raise errors.NotPossible("It changed while it was being read; import it again.")
        return piece


def local_file(path: Path) -> tuple[LocalTree, Found]:
    """Return a single file of this machine as a source and what is to be taken of it; NotPossible."""
    tree = LocalTree(path.parent)
    found = next((one for one in tree.members(()) if one.path == (path.name,)), None)
    if found is None or found.is_folder:
        raise errors.NotPossible(f"There is no file {path}.")
    return tree, found


def total_bytes(source: Source, path: tuple[str, ...] = ()) -> int:
    """Return how many bytes there are in a folder and below, as far as it can be read."""
    total = 0
    try:
        for found in source.members(path):
            total += total_bytes(source, found.path) if found.is_folder else found.size_bytes or 0
    except errors.NotPossible:
        return total  # whoever imports it says why
    return total


def moment_of(seconds: float) -> datetime | None:
    """Return the date of a file as a moment, None for what is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
