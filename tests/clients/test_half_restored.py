"""Programs that sync while a restore is half done: nothing goes that nobody ordered, and no edit of theirs is lost.

A sample of the places where it may be cut; `make soak` takes many more.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.clients.half_restoring import Crowd, spoilt, spoilt_and_set_back
from tests.clients.test_set_back import PROGRAMS
from tests.newcomers import command

PLACES = {"a home": spoilt, "a home of a box that was set back": spoilt_and_set_back}


def meet_half_way(crowd: Crowd) -> None:
    """Sync with what the power cut left, press again, sync again."""
    with crowd.lost.serving() as (house, phones):
        crowd.write_offline(phones)
        crowd.sync()
        if crowd.waiting:
            command(house, "doctor", "--release", "keep")
            crowd.sync()
        crowd.go_on(house)
        for _ in range(2):
            crowd.sync()
        crowd.require_alike(house, phones)
        crowd.require_edits()


@pytest.mark.parametrize("place", PLACES)
def test_nobody_loses_anything_to_a_restore_that_stopped_half_way(tmp_path: Path, place: str) -> None:
    with PLACES[place](tmp_path, PROGRAMS) as crowd:
        calls = crowd.calls(tmp_path)
        meet_half_way(crowd.cut(tmp_path / "cut", random.randrange(calls // 4, calls)))
