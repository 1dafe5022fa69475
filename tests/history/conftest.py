"""One data folder for each test, as the store has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.store.shelves import Shelves, TurnedClock, quick_folder


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def shelves(clock: TurnedClock) -> Iterator[Shelves]:
    with quick_folder() as folder:
        opened = Shelves(folder, clock)
        yield opened
        opened.close()
