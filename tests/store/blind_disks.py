"""A disk that takes `photo.jpg` and `Photo.JPG` for the same name: real exFAT in a file, driven in user space.

The kernel of a build machine may know neither exFAT nor folders without letter case; FUSE it has. Refuses to run where
this user may not mount: the test is skipped with that reason, and in CI it fails.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.loops import LOOPS, MIB, run
from tests.programs import missing, require_program

FUSE = "/dev/fuse"


@contextlib.contextmanager
def exfat(folder: Path) -> Iterator[Path]:
    """Give an empty exFAT, made in a sparse file below `folder`; it is gone on leaving."""
    maker, mounter = require_program("mkfs.exfat"), require_program("mount.exfat-fuse")
    for needed in (LOOPS, FUSE):
        if os.geteuid() != 0 or not Path(needed).exists():
            missing(needed)
    image, place = folder / "exfat.img", folder / "exfat mounted"
    with image.open("wb") as out:
        out.truncate(64 * MIB)
    place.mkdir()
    run(maker, str(image))
    with _looped(image) as device:
        if subprocess.run([mounter, device, place], check=False, capture_output=True).returncode != 0:
            missing(FUSE)
        try:
            yield place
        finally:
            run("umount", str(place))


@contextlib.contextmanager
def _looped(image: Path) -> Iterator[str]:
    """Give a block device whose blocks are those of a file."""
    found = subprocess.run(["losetup", "--find", "--show", image], check=False, capture_output=True, text=True)
    if found.returncode != 0:
        missing(LOOPS)
    device = found.stdout.strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)
