"""When a file was made, which tells a file that was renamed and changed from one that got the inode of a removed one.

`os.stat` does not say it before Python 3.15, so the C library is asked: statx(2). Nothing here decides.
"""

from __future__ import annotations

import ctypes
import os
import struct

_BUFFER_BYTES = 256
_BIRTH_AT = 80  # struct statx: its mask first, then `stx_btime` as seconds and nanoseconds
_STATX_BTIME = 0x800
_AT_SYMLINK_NOFOLLOW = 0x100


def born_ns(folder_fd: int, name: str) -> int | None:
    """Return when the file at a name was made, nanoseconds since 1970; None: nothing is there, or nobody knows."""
    statx = getattr(ctypes.CDLL(None), "statx", None)
    if statx is None:
        return None  # an old C library
    buffer = ctypes.create_string_buffer(_BUFFER_BYTES)
    if statx(folder_fd, os.fsencode(name), _AT_SYMLINK_NOFOLLOW, _STATX_BTIME, buffer) != 0:
        return None
    (mask,) = struct.unpack_from("=I", buffer)
    if not mask & _STATX_BTIME:
        return None  # FAT of the kernel's driver has it, most of FUSE has not
    seconds, nanoseconds = struct.unpack_from("=qI", buffer, _BIRTH_AT)
    return int(seconds) * 1_000_000_000 + int(nanoseconds)
