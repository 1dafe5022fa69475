"""Programs that sync while a restore is half done, cut at many places (`tests/clients/half_restoring.py`)."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.clients.test_half_restored import PLACES, meet_half_way
from tests.clients.test_set_back import PROGRAMS
from tests.soak.conftest import Note

CUTS = 40


@pytest.mark.parametrize("place", PLACES)
def test_nobody_loses_anything_wherever_it_stops(tmp_path: Path, place: str, note: Note) -> None:
    began, seed = time.monotonic(), random.randrange(10**6)
    chance = random.Random(seed)
    with PLACES[place](tmp_path, PROGRAMS) as crowd:
        calls = crowd.calls(tmp_path)
        for number in range(CUTS):
            data = tmp_path / str(number)
            meet_half_way(crowd.cut(data, chance.randrange(calls + 1)))
            shutil.rmtree(data)
    note(
        f"phones at a half-restored server: {place}",
        f"{CUTS} cuts among {calls:,} calls, {len(PROGRAMS)} programs",
        f"no deletion that nobody ordered, every offline edit kept; seed {seed}; {time.monotonic() - began:.0f} s",
    )
