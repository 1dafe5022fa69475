"""What pages say of files: which bodies they had, who wrote them, what is not covered, and one step back and forth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from appliance.store import former
from appliance.store.covering import Coverer
from tests.history.rooms import PHONE, TABLET, Rooms
from tests.store.shelves import quick_folder

LARGE = b"x" * 100_000


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def test_each_body_of_a_file_is_told_with_who_wrote_it_and_until_when(rooms: Rooms) -> None:
    rooms.put("files/anna/a.txt", b"one")
    rooms.clock.moment += timedelta(minutes=1)
    rooms.put("files/anna/a.txt", b"two", TABLET)
    resource_id = rooms.at("files/anna/a.txt").resource_id
    newest, oldest = former.bodies_of(rooms.reading, resource_id, 9)
    told = [(each.size, each.device_id, each.place) for each in (newest, oldest)]
    assert told == [(3, TABLET, "live"), (3, PHONE, "blob")]
    assert (newest.ended_at, oldest.ended_at, oldest.was_deleted) == (None, newest.at, False)
    assert former.bodies_of(rooms.reading, resource_id, 1) == [newest]
    assert former.written(rooms.reading, [resource_id]) == {resource_id: former.Written(TABLET, 2)}


def test_a_move_is_no_new_body_and_an_end_ends_the_last(rooms: Rooms) -> None:
    rooms.put("files/anna/a.txt", b"one")
    resource_id = rooms.at("files/anna/a.txt").resource_id
    rooms.move("files/anna/a.txt", "files/anna/b.txt").delete("files/anna/b.txt")
    (only,) = former.bodies_of(rooms.reading, resource_id, 9)
    assert only.was_deleted
    assert only.ended_at is not None
    assert former.written(rooms.reading, [resource_id]) == {}


def test_a_large_file_is_not_covered_until_it_was_taken_in(rooms: Rooms) -> None:
    rooms.put("files/anna/large.bin", LARGE).put("files/anna/small.bin", b"x")
    large, small = (rooms.at(f"files/anna/{name}.bin").resource_id for name in ("large", "small"))
    assert former.uncovered(rooms.reading, [large, small]) == {large, small}
    files = rooms.house.background.duties.files
    coverer = Coverer(files, limit_bytes=1000, now_ns=lambda: time.time_ns() + 10**10, free_bytes=lambda _: 1 << 40)
    while coverer.cover_some():
        pass
    left = former.uncovered(rooms.reading, [large, small])
    assert left <= {large}  # on a disk that clones nothing is left


def test_a_folder_is_as_large_as_what_lies_below(rooms: Rooms) -> None:
    rooms.make("files/anna/trip").make("files/anna/trip/day").put("files/anna/trip/day/a.bin", LARGE)
    trip = rooms.at("files/anna/trip").resource_id
    assert former.below(rooms.reading, [trip]) == {trip: former.Below(len(LARGE), rooms.seq)}


def test_a_step_goes_over_what_one_device_did_at_once(rooms: Rooms) -> None:
    rooms.make("files/anna/trip")
    trip = rooms.at("files/anna/trip").resource_id
    rooms.put("files/anna/trip/a.txt", b"a").put("files/anna/trip/b.txt", b"b").put("files/anna/trip/c.txt", b"c")
    before = rooms.seq
    rooms.clock.moment += timedelta(hours=1)
    rooms.delete("files/anna/trip/a.txt", TABLET).delete("files/anna/trip/b.txt", TABLET)
    after = rooms.seq
    rooms.clock.moment += timedelta(hours=1)
    rooms.put("files/anna/trip/d.txt", b"d", TABLET)
    assert former.step_before(rooms.reading, trip, rooms.seq) == after
    assert former.step_before(rooms.reading, trip, after) == before
    assert former.step_after(rooms.reading, trip, before) == after
    assert former.step_after(rooms.reading, trip, rooms.seq) is None
    first = former.step_before(rooms.reading, trip, before)
    assert first is not None
    assert former.step_before(rooms.reading, trip, first) is None
