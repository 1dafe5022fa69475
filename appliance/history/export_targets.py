"""Where an export goes: a file, a folder, or a zip of one; complete, or not there at all.

Everything is written under another name beside the target and gets its own name last. What is there already stays
unless it is to be replaced, and a folder is replaced only if it is an export itself: nobody loses a folder of photos
to a mistyped name. It refuses names that would lead out of the target.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Protocol

from appliance import errors
from appliance.history.file_names import Names, as_name
from appliance.history.zips import ZipTarget

MARKER = ".gotgan-export"  # in every folder that an export made
UNWRITABLE = frozenset({errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG, errno.EEXIST, errno.EISDIR, errno.ENOTDIR})


class Target(Protocol):
    """What an export is written to."""

    def add(self, path: Names, pieces: Iterable[bytes], modified_at: datetime | None = None) -> None:
        """Write a file. NotPossible when it cannot have this name there; whatever is raised, there is no half of it."""
        ...

    def add_folder(self, path: Names) -> None:
        """Make a folder, with those above."""
        ...


@contextmanager
def opened(path: Path, zone: tzinfo, *, of: str, overwrite: bool) -> Iterator[Target]:
    """Give a folder to export into, or a zip when the name says so; NotPossible where something is in the way."""
    if path.suffix.lower() == ".zip":
        with opened_file(path, overwrite=overwrite) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            yield ZipTarget(archive, zone, file)
        return
    existing = _folder_to_replace(path, overwrite=overwrite)
    folder = _beside(path)
    folder.mkdir()
    try:
        yield _Folder(folder)
        marker = {"gotgan-export": of, "at": datetime.now(UTC).isoformat()}
        (folder / MARKER).write_text(json.dumps(marker, ensure_ascii=False) + "\n", encoding="utf-8")
        os.sync()  # one for all: a sync for each of a hundred thousand cards takes an hour on a USB stick
        _exchange(folder, path, existing=existing)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def opened_file(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """Give a file to write; it gets its name when it is whole and durable. NotPossible where something is there."""
    _require_free(path, overwrite=overwrite)
    temporary = _beside(path)
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _require_free(path, overwrite=overwrite)
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _require_free(path: Path, *, overwrite: bool) -> None:
    if not path.parent.is_dir():
        raise errors.NotPossible(f"There is no folder {path.parent}.")
    if os.path.lexists(path) and (not overwrite or path.is_dir()):
        advice = "choose another name" if path.is_dir() else "choose another name, or say --overwrite"
        raise errors.NotPossible(f"There is something at {path} already; {advice}.")


def _folder_to_replace(path: Path, *, overwrite: bool) -> bool:
    """Return whether there is a folder that may be replaced; NotPossible where something else is in the way."""
    if not path.parent.is_dir():
        raise errors.NotPossible(f"There is no folder {path.parent}.")
    if not os.path.lexists(path):
        return False
    if path.is_symlink() or not path.is_dir():
        raise errors.NotPossible(f"There is something at {path} already; choose another name.")
    if not any(path.iterdir()):
        return True
    if not overwrite:
        raise errors.NotPossible(f"There is something in {path} already; choose another name, or say --overwrite.")
    if not (path / MARKER).is_file():
        raise errors.NotPossible(f"{path} is no export of Gotgan, so it is not replaced; choose another name.")
    return True


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{os.urandom(4).hex()}.part")


def _exchange(folder: Path, path: Path, *, existing: bool) -> None:
    old = _beside(path)
    if existing:
        path.rename(old)
    folder.rename(path)
    _sync_folder(path.parent)
    if existing:
        shutil.rmtree(old, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- a folder ---------------------------------------------------------------------------------------


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, path: Names, pieces: Iterable[bytes], modified_at: datetime | None = None) -> None:
        place = self._root.joinpath(*map(as_name, path))
        self._make(place.parent)
        try:
            with place.open("xb") as file:
                file.writelines(pieces)
            if modified_at is not None:
                os.utime(place, (modified_at.timestamp(), modified_at.timestamp()))
        except OSError as error:
            if error.errno in UNWRITABLE:
                raise _unwritable(error) from error
            raise
        except errors.GotganError:
            place.unlink(missing_ok=True)
            raise

    def add_folder(self, path: Names) -> None:
        self._make(self._root.joinpath(*map(as_name, path)))

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in UNWRITABLE:
                raise _unwritable(error) from error
            raise


def _unwritable(error: OSError) -> errors.NotPossible:
    return errors.NotPossible(f"The disk there does not take this name: {error.strerror}.")
