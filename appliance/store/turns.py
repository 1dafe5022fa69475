"""Whose turn it is: work of which one process at a time does the whole, by a lock that ends with the process.

The kernel ends it however the process ends, so nothing has to be cleared after a power cut. It refuses to wait.
"""

from __future__ import annotations

import fcntl
from io import TextIOWrapper
from pathlib import Path


def take(path: Path) -> TextIOWrapper | None:
    """Return what holds the turn until it is closed, in a file that stays; None: another has it."""
    held = path.open("a", encoding="ascii")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        return None
    return held
