"""Whole lives against the model that keeps every state: nothing that ever was is lost, whatever happens between."""

from __future__ import annotations

import random

import pytest

from tests.history.lives import DEVICES, Life
from tests.history.rooms import EVERYBODY, Rooms
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


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_taken_back_is_taken_back_whole(seed: int) -> None:
    """Three devices and the disk; each device is rewound, then everything restored; each is undone, redone, undone."""
    with quick_folder() as folder:
        rooms = Rooms(folder)
        life = Life(rooms, random.Random(seed))
        life.live(12, disk=True, books=True)
        then, before = rooms.seq, rooms.identities()
        life.live(25, disk=True, books=True)
        for device in (*DEVICES, None):
            now, planner = rooms.identities(), rooms.planner
            plan = planner.restore(rooms.homes, then, EVERYBODY) if device is None else planner.rewind(device, then)
            receipt = rooms.apply(plan)
            after = rooms.state()
            assert receipt.refused == ()
            assert device is not None or rooms.identities() == before
            seq = rooms.seq
            life.look()
            assert rooms.seq == seq, "the disk says nothing new"
            undone = rooms.undo(receipt.batch_id)
            assert (undone.refused, rooms.identities()) == ((), now)
            redone = rooms.undo(undone.batch_id)
            assert rooms.state() == after
            rooms.undo(redone.batch_id)
            rooms.require_sound()
        rooms.close()
