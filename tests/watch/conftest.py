"""Anna's files, watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watch.watching import Watched, watched


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Watched]:
    yield from watched(tmp_path)
