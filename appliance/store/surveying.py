"""The quick look of a scan at one folder: is everything as recorded? One query, one listing, one stat for each file.

What it says is only where to look closer; a scan in which nothing changed does nothing else, 120,000 times.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.store import disk
from appliance.store.database import Reading


@dataclass(slots=True)
class Survey:
    """What a quick look at a folder found."""

    differs: bool = False  # something that is there is not as recorded
    folders: list[tuple[str, int]] = field(default_factory=list)  # name and id of those that are there and known
    missing: list[str] = field(default_factory=list)  # names of members that no listing shows
    unserved: list[str] = field(default_factory=list)  # links, pipes, names that are no text: nobody sees these


class _Recorded(NamedTuple):
    name: str
    kind: str
    resource_id: int
    inode: int | None
    size: int | None
    mtime_ns: int | None
    ctime_ns: int | None


def survey(reading: Reading, folder_id: int, folder_fd: int, is_hidden: Callable[[str], bool]) -> Survey:
    """Return how an open folder compares with what is recorded of it."""
    known = {row.name: row for row in _recorded(reading, folder_id)}
    found = Survey()
    with os.scandir(folder_fd) as entries:
        for entry in entries:
            row = known.pop(entry.name, None)
            if row is None and not _is_served(entry):
                found.unserved += [] if entry.name.startswith(disk.OWN_PREFIX) else [entry.name]
            elif row is None:
                found.differs = found.differs or not is_hidden(entry.name)
            elif row.kind == "file":
                found.differs = found.differs or _is_other_file(entry, row)
            elif entry.is_dir(follow_symlinks=False):
                found.folders.append((row.name, row.resource_id))
                found.differs = found.differs or row.size is None or row.inode not in (None, entry.inode())
            else:
                found.differs = found.differs or entry.is_file(follow_symlinks=False)
    found.missing += known
    return found


def _recorded(reading: Reading, folder_id: int) -> Iterator[_Recorded]:
    cursor = reading.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "SELECT m.name, m.kind, m.resource_id, d.inode, d.size, d.mtime_ns, d.ctime_ns FROM member m"
        " LEFT JOIN disk d ON d.resource_id = m.resource_id WHERE m.collection_id = ? AND m.kind <> 'mount'",
        (folder_id,),
    )
    return map(_Recorded._make, rows)


def _is_served(entry: os.DirEntry[str]) -> bool:
    is_plain = entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
    return is_plain and disk.is_served(entry.name)


def _is_other_file(entry: os.DirEntry[str], row: _Recorded) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return True  # gone between the two looks
    if not stat.S_ISREG(status.st_mode):
        return stat.S_ISDIR(status.st_mode)  # a link at its place is nobody's
    now = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return now != row[4:] or row.inode not in (None, status.st_ino)
