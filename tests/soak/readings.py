"""What Linux says of a server's worker: octets it wrote; and who opens the files of a folder."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
IN_OPEN, IN_ISDIR, IN_Q_OVERFLOW = 0x20, 0x40000000, 0x4000  # inotify(7)
_HEAD = struct.Struct("iIII")


@dataclass(frozen=True, slots=True)
class Written:
    """Octets that a process has written so far: to block devices, and in write calls of any kind (proc(5))."""

    device_bytes: int
    call_bytes: int

    @classmethod
    def by(cls, process: int) -> Written:
        """Return the counters of a process."""
        pairs = (line.split(": ") for line in Path(f"/proc/{process}/io").read_text(encoding="ascii").splitlines())
        counters = {name: int(count) for name, count in pairs}
        return cls(counters["write_bytes"], counters["wchar"])


class Openings:
    """Counts how often files of one folder are opened, by anybody."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.names: list[str] = []

    def count(self) -> int:
        """Return how many openings there were so far."""
        with contextlib.suppress(BlockingIOError):
            while octets := os.read(self._descriptor, MIB):
                self._take(octets)
        return len(self.names)

    def _take(self, octets: bytes) -> None:
        at = 0
        while at < len(octets):
            _, mask, _, length = _HEAD.unpack_from(octets, at)
            at += _HEAD.size + length
            assert not mask & IN_Q_OVERFLOW, "more openings than the kernel remembers"
            if not mask & IN_ISDIR:
                self.names.append(octets[at - length : at].rstrip(b"\0").decode())


@contextlib.contextmanager
def openings(folder: Path) -> Iterator[Openings]:
    """Give what counts the openings of files that lie directly in a folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    try:
        watched = libc.inotify_add_watch(descriptor, os.fsencode(folder), IN_OPEN)
        assert watched >= 0, os.strerror(ctypes.get_errno())
        yield Openings(descriptor)
    finally:
        os.close(descriptor)


def in_mib(count_bytes: int) -> str:
    """Return a number of octets in words."""
    return f"{count_bytes / MIB:,.0f} MiB"
