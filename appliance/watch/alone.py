"""One process watches a data folder, and shows that it does: a lock that ends with it, and a date that it renews.

The kernel's lock ends with the process, however it ends; the date on the same file tells whoever is not the watcher
that there is one, and that it works. It refuses to say what the watcher has seen.
"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path

from appliance.clock import to_micros
from appliance.store import alarms, turns
from appliance.store.database import Database

WATCHING = "watching"  # held by whoever watches the files
SIGN_SECONDS = 300.0  # between two signs: each is a write to a card that wears out
PATIENCE = timedelta(minutes=30)  # a large file is read in one go
ALARM = "unwatched"
UNWATCHED = (
    "No process watches the files: what changes on the disk itself is recorded late, and what was there before may be"
    ' lost. Start gotgan watch, or write watch = "serve" into gotgan.toml and start the server again.'
)


def hold(data: Path) -> TextIOWrapper | None:
    """Return what holds the watch over a data folder until it is closed, None: another process has it."""
    return turns.take(data / WATCHING)


def sign(held: TextIOWrapper, now: datetime) -> None:
    """Renew the date of the watch; quietly not where the disk does not take it, the work goes before."""
    with contextlib.suppress(OSError):
        os.utime(held.fileno(), (now.timestamp(), now.timestamp()))


def seen_at(data: Path) -> datetime | None:
    """Return when a watcher showed last that it works, None: there never was one."""
    try:
        return datetime.fromtimestamp((data / WATCHING).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def look(data: Path, database: Database, now: datetime) -> None:
    """Raise the alarm that nobody watches, or take it back."""
    seen = seen_at(data)
    if seen is not None and now - seen <= PATIENCE:
        alarms.settle(database, ALARM)
    else:
        alarms.sound(database, ALARM, "", UNWATCHED, at=to_micros(now))
