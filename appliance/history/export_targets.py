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
import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, Protocol

from appliance import errors

MARKER = ".gotgan-export"  # in every folder that an export made
UNWRITABLE = frozenset({errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG, errno.EEXIST, errno.EISDIR, errno.ENOTDIR})
PACKED = frozenset({  # what does not become smaller
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".mp3", ".m4a", ".aac", ".ogg", ".flac", ".mp4", ".mov",
    ".mkv", ".avi", ".zip", ".gz", ".xz", ".zst", ".bz2", ".7z", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".pdf",
    ".apk", ".jar", ".epub",
})  # fmt: skip

Names = tuple[str, ...]


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
            yield _Zip(archive, file, zone)
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


def as_name(name: str) -> str:
    """Return a member's name as one of a file: what would lead elsewhere is spelled as in an address."""
    name = name.replace("/", "%2F").replace("\0", "%00")
    return name if name.strip(".") else name.replace(".", "%2E")


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


# --- a zip ------------------------------------------------------------------------------------------


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, file: IO[bytes], zone: tzinfo) -> None:
        self._archive = archive
        self._file = file
        self._zone = zone
        self._folders: set[Names] = set()

    def add(self, path: Names, pieces: Iterable[bytes], modified_at: datetime | None = None) -> None:
        entry = self._entry("/".join(map(as_name, path)), modified_at)
        begin = self._file.tell()
        try:
            with self._archive.open(entry, "w", force_zip64=True) as out:
                for piece in pieces:
                    out.write(piece)
        except errors.GotganError:
            self._take_back(entry, begin)
            raise

    def add_folder(self, path: Names) -> None:
        entry = self._entry("/".join(map(as_name, path)) + "/", None)
        entry.external_attr = (0o40755 << 16) | 0x10
        entry.compress_type = zipfile.ZIP_STORED
        if path and path not in self._folders:
            self._folders.add(path)
            self._archive.writestr(entry, b"")

    def _entry(self, name: str, modified_at: datetime | None) -> zipfile.ZipInfo:
        moment = modified_at or datetime.now(UTC)
        local = moment.astimezone(self._zone)
        inside = 1980 <= local.year <= 2107  # what MS-DOS could write
        entry = zipfile.ZipInfo(name, local.timetuple()[:6] if inside else (1980, 1, 1, 0, 0, 0))
        seconds = max(-(2**31), min(2**31 - 1, int(moment.timestamp())))
        entry.extra = struct.pack("<HHBl", 0x5455, 5, 1, seconds)  # the same in UTC, for those who read it
        entry.external_attr = 0o100644 << 16
        is_packed = Path(name).suffix.lower() in PACKED
        entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        return entry

    def _take_back(self, entry: zipfile.ZipInfo, begin: int) -> None:
        """Remove the entry that was just written: it is not whole."""
        self._archive.filelist.remove(entry)
        del self._archive.NameToInfo[entry.filename]
        self._file.seek(begin)
        self._file.truncate()
        self._archive.start_dir = begin
