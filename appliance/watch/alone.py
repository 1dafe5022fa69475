"""One process watches a data folder. The kernel's lock ends with the process, however it ends."""

from __future__ import annotations

import fcntl
from io import TextIOWrapper
from pathlib import Path

WATCHING = "watching"  # held by whoever watches the files


def hold(data: Path) -> TextIOWrapper | None:
    """Return what holds the watch over a data folder until it is closed, None: another process has it."""
    held = (data / WATCHING).open("a", encoding="ascii")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        return None
    return held
