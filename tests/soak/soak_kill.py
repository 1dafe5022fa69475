"""The journey of `tests/journeys/test_kill.py`, twenty times over on the same data."""

from __future__ import annotations

import random
from pathlib import Path

from tests.journeys.killing import rounds


def test_no_acknowledged_write_is_lost_in_twenty_kills(tmp_path: Path) -> None:
    rounds(tmp_path / "data", 20, seed=random.randrange(10**6))
