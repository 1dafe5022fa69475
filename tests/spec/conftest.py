"""One founded household, copied for each test: anna and ben with a phone each, and what everybody shares."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spec.desk import SETTINGS, Desk, TurnedClock


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Desk]:
    """A data folder to copy, and the closed desk that made it: it knows the logins."""
    data = tmp_path_factory.mktemp("founded")
    (data / "gotgan.toml").write_text(SETTINGS, encoding="utf-8")
    made = Desk(data, TurnedClock())
    made.join("anna", "Anna Kim")
    made.join("ben", "김벤")
    made.equip("anna", "tablet", login="anna's tablet")
    made.close()
    return data, made


@pytest.fixture
def desk(founded: tuple[Path, Desk], tmp_path: Path) -> Iterator[Desk]:
    """A server of one's own."""
    data, made = founded
    shutil.copytree(data, tmp_path / "data")
    opened = Desk(tmp_path / "data", TurnedClock())
    opened.knows(made)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shelf(founded: tuple[Path, Desk], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A server that the tests of a module share: for those that only read."""
    data, made = founded
    place = tmp_path_factory.mktemp("shelf") / "data"
    shutil.copytree(data, place)
    opened = Desk(place, TurnedClock())
    opened.knows(made)
    yield opened
    opened.close()
