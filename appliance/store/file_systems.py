"""What can be said of the file system that the household's files lie on: which one it is, and what it keeps.

Asked anew for each look, because disks are unmounted and mounted. Nothing here writes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# Inodes are made up when a file is looked at, and another time are others.
MADE_UP_INODES = frozenset({"exfat", "vfat", "msdos", "cifs", "smb3", "smbfs", "9p"})
MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class FileSystem:
    """The file system below a folder."""

    id: str  # the same after it was mounted anew, for most kinds
    keeps_inodes: bool


def below(root: Path) -> FileSystem:
    """Return what is mounted at `root` now."""
    kind = kind_of(root, MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    return FileSystem(
        f"{kind}-{os.statvfs(root).f_fsid:x}",
        keeps_inodes=not (kind in MADE_UP_INODES or kind.startswith("fuse")),
    )


def kind_of(root: Path, mounts: str) -> str:
    """Return the kind of file system at `root`, `ext4` say, by the lines of mountinfo (proc(5)); empty: not listed."""
    place = os.fsencode(root.resolve())
    found, length = "", -1
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if len(fields) < 5 or not kinds[0]:
            continue
        point = _unescaped(fields[4])
        is_above = place == point or place.startswith(point.rstrip(b"/") + b"/")
        if is_above and len(point) >= length:  # the last one mounted at a place covers those before
            found, length = kinds[0], len(point)
    return found


def _unescaped(field: str) -> bytes:
    """Return a mount point whose blanks and backslashes were written as octal numbers."""
    parts = os.fsencode(field).split(b"\\")
    return parts[0] + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in parts[1:])
