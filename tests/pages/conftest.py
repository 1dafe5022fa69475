"""One Chromium for all tests of pages, and a family's house for each module that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from tests.pages.browsing import Browser, chromium
from tests.pages.family import Family
from tests.serving import House, serving

# A page in a browser costs seconds: these journeys belong to every run, `make pages` walks all of them.
IN_EVERY_RUN = {"test_signing_in.py", "test_hold.py", "test_downloads.py"}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the long journeys out unless `GOTGAN_TEST_PAGES` asks for all."""
    is_long = collection_path.name.startswith("test_") and collection_path.name not in IN_EVERY_RUN
    return True if is_long and os.environ.get("GOTGAN_TEST_PAGES") != "all" else None


@pytest.fixture(scope="session")
def chrome() -> Iterator[sync_api.Browser]:
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of Mina, Dad and Hajun, with nothing in it yet."""
    data = tmp_path_factory.mktemp("family") / "data"
    Family(data).close()
    with serving(data) as running:
        yield running


@pytest.fixture
def browser(chrome: sync_api.Browser, house: House) -> Browser:
    """Somebody's browser at that house."""
    return Browser(chrome, house.url)
