"""One founded household, copied for each test: anna and ben with a phone each, and what everybody shares.

The copies lie in memory where the machine has such a place: each write waits for the disk, and these tests, which
write thousands of times, pull no plug.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spec.desk import SETTINGS, Desk, TurnedClock

MEMORY = Path("/dev/shm")
ROOM_BYTES = 1 << 30  # containers often have 64 MiB of it, and photos are large


@contextlib.contextmanager
def a_place() -> Iterator[Path]:
    """Give an empty folder, removed afterwards."""
    roomy = os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    parent = MEMORY if roomy else None
    with tempfile.TemporaryDirectory(prefix="gotgan-", dir=parent) as made:
        yield Path(made)


@contextlib.contextmanager
def copied(founded: Desk) -> Iterator[Desk]:
    """Give a server on a copy of a data folder."""
    with a_place() as place:
        shutil.copytree(founded.data, place / "data")
        opened = Desk(place / "data", TurnedClock())
        opened.knows(founded)
        try:
            yield opened
        finally:
            opened.close()


@pytest.fixture(scope="session")
def founded() -> Iterator[Desk]:
    """A closed desk whose data folder is there to be copied."""
    with a_place() as data:
        (data / "gotgan.toml").write_text(SETTINGS, encoding="utf-8")
        made = Desk(data, TurnedClock())
        made.join("anna", "Anna Kim")
        made.join("ben", "김벤")
        made.equip("anna", "tablet", login="anna's tablet")
        made.close()
        yield made


@pytest.fixture
def desk(founded: Desk) -> Iterator[Desk]:
    """A server of one's own."""
    with copied(founded) as opened:
        yield opened


@pytest.fixture(scope="module")
def shelf(founded: Desk) -> Iterator[Desk]:
    """A server that the tests of a module share: for those that only read."""
    with copied(founded) as opened:
        yield opened
