"""Files that share a transaction: what becomes of them is what becomes of them one by one, wherever it is cut."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance.store import batches
from tests.cutting import count_calls, cut_at
from tests.history.cut_acts import LARGE, look, opened, sound, then_of
from tests.history.rooms import EVERYBODY, PHONE, TABLET, Rooms, State
from tests.history.test_applying_together import Alone, Counting, carried_out, rows
from tests.store.shelves import quick_folder

FOLDER = "files/anna/trip"
FILES = 18
SAMPLE = 6


def body(number: int, word: str) -> bytes:
    return LARGE + b"%d" % number if number % 6 == 0 else b"%s %d" % (word.encode(), number)


def lived(data: Path) -> State:
    """A folder of files, small and large; return the state."""
    rooms = opened(data)
    rooms.make(FOLDER)
    for number in range(FILES):
        rooms.put(f"{FOLDER}/{number}", body(number, "was"))
    look(rooms)  # half of them are in the store by now
    state = rooms.state()
    rooms.close()
    return state


def spoilt(data: Path) -> None:
    """The phone has changed a file, deleted one and added one in turn."""
    lived(data)
    rooms = opened(data, days=1)
    for number in range(FILES):
        if number % 3 == 0:
            rooms.put(f"{FOLDER}/{number}", body(number + 1, "phone"))
        elif number % 3 == 1:
            rooms.delete(f"{FOLDER}/{number}")
        else:
            rooms.put(f"{FOLDER}/new {number}", body(number, "new"))
    rooms.close()


def rewind(data: Path) -> None:
    rooms = opened(data, days=2)
    carried_out(rooms, rooms.planner.rewind(PHONE, then_of(rooms)), rooms.house.writer(rooms.shell))


# --- others meanwhile ---------------------------------------------------------------------------------


def edit(rooms: Rooms, number: int) -> None:
    if f"{FOLDER}/{number}" in rooms.state():
        rooms.put(f"{FOLDER}/{number}", b"tablet", TABLET)


def take_name(rooms: Rooms, number: int) -> None:
    if f"{FOLDER}/{number}" not in rooms.state():
        rooms.put(f"{FOLDER}/{number}", b"tablet's own", TABLET)


def edit_behind(rooms: Rooms, number: int) -> None:
    (rooms.data / f"{FOLDER}/{number}").write_bytes(b"behind our back")


def remove_behind(rooms: Rooms, number: int) -> None:
    (rooms.data / f"{FOLDER}/new {number}").unlink(missing_ok=True)


MEANWHILE = (edit, take_name, edit_behind, remove_behind)


@settings(max_examples=6, deadline=None)
@given(some.lists(some.tuples(some.sampled_from(MEANWHILE), some.integers(0, FILES - 1)), max_size=4))
def test_files_together_are_what_they_are_one_by_one(acts: list[tuple[Callable[[Rooms, int], None], int]]) -> None:
    with quick_folder() as folder:
        prepared: Path = folder / "together"
        prepared.mkdir()
        spoilt(prepared)
        receipts, states, ledgers = [], [], []
        shutil.copytree(prepared, folder / "alone")
        for data, make in ((prepared, Counting), (folder / "alone", Alone)):
            rooms = opened(data, days=2)
            look(rooms)
            plan, planned_at = rooms.planner.rewind(PHONE, then_of(rooms)), rooms.seq
            for act, number in acts:
                act(rooms, number)
            receipts.append(carried_out(rooms, plan, make(rooms.house.writer(rooms.shell))))
            states.append(rooms.state())
            ledgers.append(sorted(rows(rooms, planned_at), key=repr))
            sound(rooms)
            rooms.close()
        assert receipts[0] == receipts[1]
        assert states[0] == states[1]
        assert ledgers[0] == ledgers[1]


def test_files_in_nobodys_way_share_their_transactions() -> None:
    with quick_folder() as folder:
        before = lived(folder)
        rooms = opened(folder, days=1)
        for number in range(FILES):
            rooms.put(f"{FOLDER}/{number}", b"phone")
        counting = Counting(rooms.house.writer(rooms.shell))
        carried_out(rooms, rooms.planner.rewind(PHONE, then_of(rooms)), counting)
        assert counting.groups == [16, 2]
        assert rooms.state() == before
        sound(rooms)
        rooms.close()


@pytest.mark.parametrize("words", [b"behind", b"much longer than it was"])
def test_what_was_written_behind_our_back_is_kept_and_the_others_are_done(words: bytes) -> None:
    with quick_folder() as folder:
        before = lived(folder)
        rooms = opened(folder, days=1)
        for number in range(FILES):
            rooms.put(f"{FOLDER}/{number}", b"phone")
        plan = rooms.planner.rewind(PHONE, then_of(rooms))
        (rooms.data / f"{FOLDER}/7").write_bytes(words)
        receipt = carried_out(rooms, plan, rooms.house.writer(rooms.shell))
        assert [each.entry.address for each in receipt.refused] == [f"{FOLDER}/7"]
        assert rooms.state() == before | {f"{FOLDER}/7": words}
        sound(rooms)
        rooms.close()


def test_a_name_that_is_taken_leaves_the_others_as_they_would_be_alone() -> None:
    """A folder has a name that a file is to have: the group is taken back as a whole, then each is tried alone."""
    with quick_folder() as folder:
        before = lived(folder)
        rooms = opened(folder, days=1)
        for number in range(FILES):
            rooms.delete(f"{FOLDER}/{number}")
        plan = rooms.planner.rewind(PHONE, then_of(rooms))
        os.mkdir(rooms.data / f"{FOLDER}/9")
        receipt = carried_out(rooms, plan, rooms.house.writer(rooms.shell))
        assert [each.entry.address for each in receipt.refused] == [f"{FOLDER}/9"]
        assert rooms.state() == before | {f"{FOLDER}/9": None}
        sound(rooms)
        rooms.close()


# --- cut off ------------------------------------------------------------------------------------------


def holds(data: Path) -> None:
    rooms = opened(data, days=3)
    look(rooms)
    sound(rooms)
    for batch in batches.unfinished(rooms.reading):
        receipt = rooms.resume(batch.id)
        assert (receipt.stopped, receipt.refused) == (None, ())
    receipt = rooms.apply(rooms.planner.restore(rooms.homes, then_of(rooms), EVERYBODY))
    assert receipt.refused == ()
    expected: State = {FOLDER: None} | {f"{FOLDER}/{number}": body(number, "was") for number in range(FILES)}
    assert {path: octets for path, octets in rooms.state().items() if path.startswith(FOLDER)} == expected
    sound(rooms)
    rooms.close()


def test_a_group_of_files_may_be_cut_off_anywhere() -> None:
    with quick_folder() as folder:
        prepared: Path = folder / "prepared"
        prepared.mkdir()
        spoilt(prepared)
        calls = count_calls(prepared, folder, rewind)
        for _, data in cut_at(prepared, folder, rewind, random.sample(range(calls), min(SAMPLE, calls))):
            holds(data)
