"""One Chromium for all tests of pages, and a family's house for each module that asks for one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright import sync_api

from tests.pages.browsing import Browser, chromium
from tests.pages.family import Family
from tests.serving import House, serving

# A page in a browser costs seconds: a sample of them belongs to every run, `make pages` walks them all.
if os.environ.get("GOTGAN_TEST_PAGES") != "all":
    collect_ignore_glob = ["test_[!hs]*.py", "test_st*.py"]


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
