"""Whole lives against the model that keeps every state: nothing that ever was is lost, whatever happens between."""

from __future__ import annotations

import random

import pytest

from tests.history.lives import Life
from tests.history.rooms import Rooms
from tests.store.shelves import quick_folder


@pytest.mark.parametrize("seed", range(6))
def test_every_state_of_a_life_can_be_seen(seed: int) -> None:
    with quick_folder() as folder:
        rooms = Rooms(folder)
        life = Life(rooms, random.Random(seed))
        life.live(60, disk=True, back=True)
        rooms.require_sound()
        compared, _ = life.require_every_state()
        assert compared > 100
        rooms.close()
