"""Where an export goes: a file, a folder, or a zip of one; complete, or not there at all.

Everything is written under another name beside the target and gets its own name last. What is there already stays
unless it is to be replaced, and a folder is replaced only if it is an export itself: nobody loses a folder of photos
to a mistyped name. What an export that was cut off left under such names is removed by the next one to the same target;
one that runs holds its own. It refuses names that would lead out of the target.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Protocol

from appliance import errors
from appliance.history.file_names import Names, as_name
from appliance.history.zips import ZipTarget

MARKER = ".gotgan-export"  # in every folder that an export made
UNWRITABLE = frozenset({errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG, errno.EEXIST, errno.EISDIR, errno.ENOTDIR})


_ENDING = re.compile(r"[0-9a-f]{8}\.part")


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
    if existing:  # else what was cut off may be all there is until this one is whole
        _clear_leftovers(path)
    folder = _beside(path)
    folder.mkdir()
    with _held(folder):
        yield from _filled(path, folder, of=of, existing=existing)
    _clear_leftovers(path)


def _filled(path: Path, folder: Path, *, of: str, existing: bool) -> Iterator[Target]:
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
    _clear_leftovers(path)
    temporary = _beside(path)
    try:
        with temporary.open("xb") as file, _held(temporary):
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
    return path.with_name(f"{_own_beginning(path)}{os.urandom(4).hex()}.part")


def _own_beginning(path: Path) -> str:
    """Return how the passing names begin that an export to `path` uses: as many octets of its name as leave room."""
    return f".{path.name.encode()[:150].decode(errors='ignore')}.gotgan-"


def _exchange(folder: Path, path: Path, *, existing: bool) -> None:
    if not existing:
        folder.rename(path)
        _sync_folder(path.parent)
        return
    old = _beside(path)
    with _held(path):
        path.rename(old)
        try:
            folder.rename(path)
        except OSError:
            old.rename(path)
            raise
        _sync_folder(path.parent)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Keep others from taking a file or folder of ours for left over, whatever it is called meanwhile."""
    descriptor = None
    try:
        with suppress(OSError):  # a file system without locks: then nothing is taken for left over, either
            descriptor = os.open(place, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _clear_leftovers(path: Path) -> None:
    """Remove what exports to `path` left that were cut off; not what one that runs just now writes."""
    beginning = _own_beginning(path)
    for each in sorted(path.parent.iterdir()):
        if each.name.startswith(beginning) and _ENDING.fullmatch(each.name.removeprefix(beginning)):
            with suppress(OSError):
                _remove_left(each)


def _remove_left(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
    finally:
        os.close(descriptor)


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
