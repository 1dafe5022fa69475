"""Reflink clones: a second file that shares every block with the first until one of the two is written.

Whether the file system can is found out by cloning, never by its name: Btrfs does, XFS does if it was made so, some
network disks do. Nothing here knows what a clone is for.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

FICLONE = 0x40049409  # ioctl_ficlone(2)
CANNOT = frozenset(
    {
        errno.EOPNOTSUPP, errno.ENOTTY, errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.ETXTBSY,
        errno.EMLINK,
    }
)  # fmt: skip
_PROBE = b"Gotgan asks whether this file system can clone.\n" * 100


def clone(source_fd: int, target_fd: int) -> bool:
    """Make an empty file share all blocks of another; False where the file systems cannot. Nothing is synced."""
    try:
        fcntl.ioctl(target_fd, FICLONE, source_fd)
    except OSError as error:
        if error.errno in CANNOT:
            return False
        raise
    return True


def can_clone(from_folder: Path, to_folder: Path) -> bool:
    """Return whether files of one folder can be cloned into another: two files are made, compared and removed."""
    mark = os.urandom(6).hex()
    source, target = from_folder / f".gotgan-{mark}.part", to_folder / f".gotgan-{mark}.part"
    try:
        source.write_bytes(_PROBE)
        with source.open("rb") as reading, target.open("wb") as out:
            done = clone(reading.fileno(), out.fileno())
        return done and target.read_bytes() == _PROBE
    except OSError:
        return False  # a disk that is full or read-only clones nothing today
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
