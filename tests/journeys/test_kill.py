"""`kill -9` in the middle of 1,000 PUTs of cards, events and files: no acknowledged one is lost (promise 1)."""

from __future__ import annotations

import random
from pathlib import Path

from tests.journeys.killing import rounds


def test_no_acknowledged_write_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    rounds(tmp_path / "data", 3, seed=random.randrange(10**6))
