"""The folder `files/`: paths that cannot escape, signatures, and what a name on disk is.

Every path is opened segment by segment from the folder's own descriptor without following links, so that neither
`..` nor a symbolic link leads out. Links, sockets, devices and other file systems below are not served. Nothing here
knows the ledger.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from appliance import errors

OWN_PREFIX = ".gotgan-"  # our temporary files and the marker: neither served nor accepted
MARKER = ".gotgan-marker"
MAX_NAME_BYTES = 255
SETTLED_NS = 2_000_000_000  # clocks of file systems tick coarsely: a younger change may still go on unseen


class Signature(NamedTuple):
    """What tells two states of a file apart without reading it (protocol B1).

    All files lie on one file system, whose device number changes when it is mounted anew: `fs` is empty and the number
    no part of it. `inode` None: recorded where inodes are not stable, so that any is the same.
    """

    fs: str
    inode: int | None
    size: int
    mtime_ns: int
    ctime_ns: int

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple) or len(other) != len(self):
            return False
        if self[1] is None or other[1] is None:
            return self[2:] == other[2:]
        return tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[2:])

    @property
    def etag(self) -> str:
        """The provisional ETag of this state."""
        text = f"{self.fs}:{self.inode}:{self.size}:{self.mtime_ns}:{self.ctime_ns}"
        return f'"d-{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'

    def is_settled(self, now_ns: int) -> bool:
        """Return whether the last change is old enough that a later one would look different."""
        return abs(now_ns - max(self.mtime_ns, self.ctime_ns)) >= SETTLED_NS


def signature_of(status: os.stat_result) -> Signature:
    """Return the signature of a stat result."""
    return Signature("", status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_segment(name: str) -> bool:
    """Return whether a name stays in its folder: `..` and what has a slash in it lead elsewhere."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def require_name(name: str) -> None:
    """Raise WrongPlace unless a client may use this name for a file or folder."""
    if not is_segment(name):
        raise errors.WrongPlace("This name cannot be used for a file.")
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise errors.WrongPlace("This name is not readable text.") from error
    if size > MAX_NAME_BYTES:
        raise errors.WrongPlace("This name is longer than 255 bytes.")
    if name.startswith(OWN_PREFIX):
        raise errors.WrongPlace(f"Names that begin with {OWN_PREFIX} are reserved.")


def is_served(name: str) -> bool:
    """Return whether a name found on disk is shown: not our own files, nothing that is no UTF-8."""
    if name.startswith(OWN_PREFIX):
        return False
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:  # surrogates: bytes that are no UTF-8
        return False
    return True


class Disk:
    """The household's files on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextlib.contextmanager
    def folder(self, path: tuple[str, ...]) -> Iterator[int]:
        """Give the descriptor of a folder; NotFound when a segment is missing, no folder, or another file system."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        device = os.fstat(descriptor).st_dev
        try:
            for segment in path:
                if not is_segment(segment):
                    raise errors.NotFound("There is no such folder.")
                try:
                    inner = os.open(segment, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
                except (OSError, ValueError) as error:
                    raise errors.NotFound("There is no such folder.") from error
                os.close(descriptor)
                descriptor = inner
                if os.fstat(descriptor).st_dev != device:
                    raise errors.NotFound("There is no such folder.")
            yield descriptor
        finally:
            os.close(descriptor)

    def status(self, path: tuple[str, ...], name: str) -> os.stat_result | None:
        """Return the stat of a served file or folder, None when there is none."""
        try:
            with self.folder(path) as descriptor:
                return status_at(descriptor, name)
        except errors.NotFound:
            return None

    def is_folder(self, path: tuple[str, ...]) -> bool:
        """Return whether a path is a folder."""
        try:
            with self.folder(path):
                return True
        except errors.NotFound:
            return False

    def is_gone(self, path: tuple[str, ...]) -> bool:
        """Return whether nothing at all is at a path, in exactly this spelling: no link, no other file system.

        Some file systems find other spellings as well, so what is found is looked up in the listing. Raises OSError
        when the disk does not answer: that is no deletion.
        """
        place = self.root.joinpath(*path)
        try:
            os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return True
        folder_fd = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return listed_name(folder_fd, path[-1]) != path[-1]
        finally:
            os.close(folder_fd)

    def mark(self) -> None:
        """Make the marker, once: from then on its absence means that the disk is not there."""
        (self.root / MARKER).touch(exist_ok=True)

    def marked(self) -> bool:
        """Return whether the marker is there: an empty mount point is not a deletion of everything."""
        return (self.root / MARKER).exists()

    def require_marked(self) -> None:
        """Raise NotPossible unless the marker is there."""
        if not self.marked():
            raise errors.NotPossible(
                f"The household's files are not there: {self.root} has no {MARKER}. Mount their disk;"
                " until then nothing is taken for deleted."
            )


def status_at(folder_fd: int, name: str) -> os.stat_result | None:
    """Return the stat of a regular file or folder of the same file system, without following links."""
    if not is_segment(name):
        return None
    try:
        status = os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError, ValueError, UnicodeEncodeError):
        return None
    except OSError:
        return None  # a name longer than the file system knows
    if stat.S_ISDIR(status.st_mode):
        return status if status.st_dev == os.fstat(folder_fd).st_dev else None
    return status if stat.S_ISREG(status.st_mode) else None


def may_read(folder_fd: int, name: str) -> bool:
    """Return whether the account of the server may read what has a name; True for what is not there."""
    if os.access(name, os.R_OK, dir_fd=folder_fd, effective_ids=True, follow_symlinks=False):
        return True
    return status_at(folder_fd, name) is None


def name_on_disk(folder_fd: int, name: str) -> str:
    """Return the spelling that exists: the exact one, else the only canonically equal one, else `name` itself."""
    if name.isascii() or status_at(folder_fd, name) is not None:
        return name
    forms = {unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)} - {name}
    there = [form for form in forms if status_at(folder_fd, form) is not None]
    return there[0] if len(there) == 1 else name


def listed_name(folder_fd: int, name: str) -> str | None:
    """Return the spelling in which an open folder lists what it finds at `name`; None: one that has no likeness.

    exFAT, SMB and some folders of ext4 find `photo.jpg` at `Photo.JPG`. Which do is tried out for each name, because it
    may differ from folder to folder: only where other spellings are found as well the listing is read.
    """
    if not any(_finds(folder_fd, other) for other in _other_spellings(name)):
        return name
    listed = os.listdir(folder_fd)
    if name in listed:
        return name
    alike = [other for other in listed if _folded(other) == _folded(name)]
    return alike[0] if alike else None


def is_same_text(name: str, other: str) -> bool:
    """Return whether two names are canonically equal (protocol B9)."""
    return unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other)


def require_distinct(folder_fd: int, name: str) -> None:
    """Raise NameTaken when a name that nothing has is found all the same: whoever takes it would overwrite another."""
    if not _finds(folder_fd, name):
        return
    listed = listed_name(folder_fd, name)
    if listed != name:
        taken = "another name" if listed is None else listed
        raise errors.NameTaken(
            f"This disk takes {name} and {taken} for the same name, and {taken} is there already; choose another name."
        )


def _finds(folder_fd: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
    except (OSError, ValueError):  # nothing there, or no name that the file system could have
        return False
    return True


def _other_spellings(name: str) -> set[str]:
    ascii_only = "".join(letter.swapcase() if letter.isascii() else letter for letter in name)
    forms = {unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)}
    return {ascii_only, "".join(map(_in_other_case, name)), *forms} - {name}


def _in_other_case(letter: str) -> str:
    """Return the other case of a letter that is one of a pair: no file system folds the others alike."""
    other = letter.swapcase()
    return other if len(other) == 1 and other.swapcase() == letter else letter


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def names(folder_fd: int) -> list[os.DirEntry[str]]:
    """Return by name what may be served in a folder, not looked at any closer: 10,000 in 10 ms."""
    with os.scandir(folder_fd) as entries:
        return sorted((entry for entry in entries if is_served(entry.name)), key=attrgetter("name"))


def looked_at(entries: Iterable[os.DirEntry[str]], folder_fd: int) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (name, stat) of the files and folders among `names` of the folder, which is still open."""
    device = os.fstat(folder_fd).st_dev
    for entry in entries:
        try:
            if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
                continue
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone between the two looks
        if status.st_dev == device:
            yield entry.name, status


def kinds(entries: Iterable[os.DirEntry[str]], folder_fd: int) -> Iterator[tuple[str, bool]]:
    """Yield (name, whether it is a folder) of the same, without a look at files: the directory says what they are."""
    device = os.fstat(folder_fd).st_dev
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield entry.name, False
            elif entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_dev == device:
                yield entry.name, True
        except FileNotFoundError:
            continue


def listing(folder_fd: int) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (name, stat) of what is served in a folder, by name."""
    return looked_at(names(folder_fd), folder_fd)


def leftovers(folder_fd: int, before_ns: int) -> list[str]:
    """Return the temporary names in a folder that nothing has touched since `before_ns`, nanoseconds since 1970."""
    with os.scandir(folder_fd) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(OWN_PREFIX) and entry.name.endswith(".part")]
    found = []
    for name in names:
        status = status_at(folder_fd, name)
        if status is not None and status.st_ctime_ns < before_ns:
            found.append(name)
    return found


def remove_temporary(name: str, folder_fd: int) -> None:
    """Remove what a write left under its temporary name, a file or a whole folder; quietly where nothing is."""
    status = status_at(folder_fd, name)
    if status is None:
        return
    if stat.S_ISDIR(status.st_mode):
        shutil.rmtree(name, dir_fd=folder_fd, ignore_errors=True)
        return
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder_fd)


def temporary_name() -> str:
    """Return a name of our own for a file that is being written."""
    return f"{OWN_PREFIX}{os.urandom(8).hex()}.part"
