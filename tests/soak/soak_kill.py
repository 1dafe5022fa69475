"""The journey of `tests/journeys/test_kill.py`, twenty times over on the same data, and what it leaves on the disk."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.store import disk
from appliance.store.scrub import Scrub
from tests.history.rooms import Rooms
from tests.journeys.killing import PUTS, WRITERS, rounds
from tests.serving import command
from tests.soak.conftest import Note
from tests.store.shelves import TurnedClock

ROUNDS = 20


def test_no_acknowledged_write_is_lost_in_twenty_kills(tmp_path: Path, note: Note) -> None:
    data, seed, began = tmp_path / "data", random.randrange(10**6), time.monotonic()
    rounds(data, ROUNDS, seed=seed)
    said = json.loads(command("doctor", "--json", data=data))
    assert (said["damage"], said["faulty_objects"], said["refused_edits"]) == ([], 0, 0)
    assert temporary(data, "files", "aside") == []
    copies = len(temporary(data, "store"))
    days_later(data)
    assert temporary(data, "store") == []
    note(
        "kill -9 loses nothing",
        f"{ROUNDS} kills, each within {PUTS:,} PUTs by {WRITERS}",
        f"{puts(data):,} PUTs of cards, events, files; none lost, doctor finds nothing, no temporary file,"
        f" {copies} halves of copies until a scrub days later;"
        f" {time.monotonic() - began:.0f} s, seed {seed}",
    )


def temporary(data: Path, *places: str) -> list[str]:
    """Return what was left behind under a temporary name: our own prefix in files/, a leading dot elsewhere."""
    found = [
        path
        for place in places
        for path in (data / place).rglob(f"{disk.OWN_PREFIX}*" if place == "files" else ".*")
        if path.name != disk.MARKER
    ]
    return sorted(str(path.relative_to(data)) for path in found)


def days_later(data: Path) -> None:
    """Read everything again when what the kills left of copies into the store is older than a day."""
    rooms = Rooms(data, TurnedClock(datetime.now(UTC) + timedelta(days=2)))
    scrubbing = Scrub(rooms.house.services.writer)
    while scrubbing.step():
        pass
    rooms.close()
    assert scrubbing.found == []


def puts(data: Path) -> int:
    """Return how many PUTs the ledger has."""
    with closing(sqlite3.connect(f"file:{data / 'gotgan.db'}?mode=ro", uri=True)) as reading:
        return int(reading.execute("SELECT count(*) FROM version WHERE op = 'put'").fetchone()[0])
