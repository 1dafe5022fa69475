"""Long lives of a household against the model that keeps every state (`tests/history/lives.py`)."""

from __future__ import annotations

import random
import time

from tests.history.lives import Life
from tests.history.rooms import Rooms
from tests.soak.conftest import Note
from tests.store.shelves import quick_folder

LIVES, STEPS = 40, 120


def test_every_state_of_forty_lives_can_be_seen_and_brought_back(note: Note) -> None:
    began, states, compared, thinned, restores = time.monotonic(), 0, 0, 0, 0
    first = random.randrange(10**6)
    for seed in range(first, first + LIVES):
        with quick_folder() as folder:
            rooms = Rooms(folder)
            life = Life(rooms, random.Random(seed))
            life.live(STEPS, disk=True, back=True)
            rooms.require_sound()
            seen, gone = life.require_every_state()
            states, compared, thinned = states + len(life.states), compared + seen, thinned + gone
            restores += len(life.receipts)
            rooms.close()
    note(
        "every state of a life",
        f"{LIVES} lives of {STEPS} acts by 3 devices and the disk",
        f"{states:,} states, {compared:,} bodies equal, {thinned:,} let go by retention, {restores:,} restores exact;"
        f" {time.monotonic() - began:.0f} s, seeds from {first}",
    )
