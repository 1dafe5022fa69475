"""Carrying out behind an answer: quick work is waited for, long work goes on, closing stops it between steps."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from appliance import errors
from appliance.history import applying
from appliance.store import batches
from appliance.tree.carrying import MOST, Carrier, Told
from tests.history.rooms import EVERYBODY, Rooms, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def deleted(rooms: Rooms, count: int) -> int:
    """Delete some contacts, and return the batch that is planned to bring them back."""
    for number in range(count):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number)))
    then = rooms.seq
    for number in range(count):
        rooms.delete(f"{BOOK}/{number}.vcf")
    plan = rooms.planner.restore(rooms.homes, then, EVERYBODY)
    return applying.begin(rooms.house.services.ledger, rooms.shell, "restore", plan)


def test_what_is_quick_is_done_with_the_answer(rooms: Rooms) -> None:
    carrier = Carrier(rooms.house.hall)
    batch_id = deleted(rooms, 3)
    carrier.carry_out(rooms.shell, batch_id, patience_seconds=60)
    assert carrier.progress(batch_id) is None
    assert batches.of(rooms.reading, batch_id).state == "done"
    assert f"{BOOK}/2.vcf" in rooms.state()


def test_what_is_long_says_how_far_it_is_and_is_not_begun_twice(rooms: Rooms) -> None:
    carrier, hold, began = Carrier(rooms.house.hall), threading.Event(), []

    def work(told: Told) -> None:
        began.append(1)
        told(1, 3)
        hold.wait(60)

    for _ in range(2):
        carrier.work(7, work, patience_seconds=0.01)
    assert began == [1]
    assert carrier.progress(7) == (1, 3)
    hold.set()
    carrier.close()
    assert carrier.progress(7) is None


def test_a_closing_house_stops_it_after_a_step_and_it_goes_on_later(rooms: Rooms) -> None:
    batch_id = deleted(rooms, 40)
    first = Carrier(rooms.house.hall)
    first.close()
    first.carry_out(rooms.shell, batch_id, patience_seconds=60)
    assert batches.of(rooms.reading, batch_id).state == "stopped"
    assert 0 < len([path for path in rooms.state() if path.endswith(".vcf")]) < 40
    Carrier(rooms.house.hall).carry_out(rooms.shell, batch_id, patience_seconds=60)
    assert batches.of(rooms.reading, batch_id).state == "done"
    assert len([path for path in rooms.state() if path.endswith(".vcf")]) == 40


def test_too_many_at_once_are_said_so(rooms: Rooms) -> None:
    carrier, hold = Carrier(rooms.house.hall), threading.Event()
    for number in range(MOST):
        carrier.work(number, lambda _told: hold.wait(60), patience_seconds=0)
    with pytest.raises(errors.Busy):
        carrier.work(MOST, lambda _told: None, patience_seconds=0)
    hold.set()
    carrier.close()


def test_what_was_refused_is_kept_with_the_batch(rooms: Rooms) -> None:
    batch_id = deleted(rooms, 2)
    gone = rooms.at(f"{BOOK}/0.vcf", seq=batches.of(rooms.reading, batch_id).first_seq or rooms.seq - 2)
    rooms.put(f"{BOOK}/0.vcf", card("0", note="again"))
    Carrier(rooms.house.hall).carry_out(rooms.shell, batch_id, patience_seconds=60)
    refused, count = batches.refused_of(batches.of(rooms.reading, batch_id))
    assert (count, refused[0][0], len(refused[0][1]) > 10) == (1, gone.resource_id, True)
