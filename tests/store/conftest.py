"""One data folder for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.shelves import Shelves, TurnedClock, quick_folder


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def quick_disk() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def shelves(quick_disk: Path, clock: TurnedClock) -> Iterator[Shelves]:
    opened = Shelves(quick_disk, clock)
    yield opened
    opened.close()
