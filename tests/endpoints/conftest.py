"""One small house behind granian for all tests of the door, and fresh ones for those that stop it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Running, free_port, started


@contextlib.contextmanager
def small_house(marks: Path) -> Iterator[Running]:
    """Give the small house behind a real server; it leaves its marks in the folder `marks`."""
    port = free_port()
    call = [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--http", "1", "--no-ws", "--factory"),
        *("--port", str(port), "tests.endpoints.small_house:build"),
    ]
    marks.mkdir()
    with started(call, port=port, log=marks.with_suffix(".log"), env={"SMALL_HOUSE": str(marks)}) as running:
        yield running


@pytest.fixture(scope="session")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared house leaves its marks."""
    return tmp_path_factory.mktemp("door") / "marks"


@pytest.fixture(scope="session")
def shared(marks: Path) -> Iterator[Running]:
    """The house that tests share."""
    with small_house(marks) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Running, Path]]:
    """A house of one's own, and its marks."""
    with small_house(tmp_path / "marks") as running:
        yield running, tmp_path / "marks"
