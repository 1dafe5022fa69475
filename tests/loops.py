"""File systems in a file: what clones, what has no clones, and how much of a disk is used, seen on the real thing.

Refuses to run where this user may not mount: the test is skipped with that reason, and in CI it fails.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.programs import missing, require_program

MAKERS = {"btrfs": "mkfs.btrfs", "xfs": "mkfs.xfs", "ext4": "mkfs.ext4"}
CLONING = ("btrfs", "xfs")
MIB = 1 << 20
LOOPS = "/dev/loop-control"


@contextlib.contextmanager
def mounted(kind: str, folder: Path, *, size_bytes: int = 512 * MIB) -> Iterator[Path]:
    """Give an empty file system of a kind, made in a sparse file below `folder`; it is gone on leaving."""
    maker = require_program(MAKERS[kind])
    if os.geteuid() != 0 or not Path(LOOPS).exists():
        missing(LOOPS)
    image, place = folder / f"{kind}.img", folder / f"{kind} mounted"
    with image.open("wb") as out:
        out.truncate(size_bytes)
    place.mkdir()
    run(maker, "-q", str(image))
    if subprocess.run(["mount", "-o", "loop", image, place], check=False, capture_output=True).returncode != 0:
        missing(LOOPS)
    try:
        yield place
    finally:
        run("umount", str(place))
        image.unlink()


def run(*call: str) -> None:
    """Run a program that has to succeed."""
    subprocess.run(call, check=True, capture_output=True)


def used_bytes(place: Path) -> int:
    """Return what is taken on the file system below `place`, once everything is on it."""
    run(require_program("sync"), "--file-system", str(place))
    status = os.statvfs(place)
    return (status.f_blocks - status.f_bfree) * status.f_frsize
