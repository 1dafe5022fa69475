"""Reading everything again behind the pages: one at a time, stopped and gone on with, and what it found is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from appliance import errors
from appliance.history.rereading import Rereader
from appliance.store import scrub
from tests.store.shelves import Shelves
from tests.store.test_scrub import rot, stored_path


def nothing() -> None:
    """The files are there."""


@pytest.fixture
def ready(shelves: Shelves) -> Iterator[Callable[..., Rereader]]:
    """Makes who reads again; all are closed in the end."""
    made: list[Rereader] = []

    def make(require_there: Callable[[], None] = nothing) -> Rereader:
        made.append(Rereader(shelves.writer, shelves.data, require_there))
        return made[-1]

    yield make
    for each in made:
        each.close()


def read_to_the_end(rereader: Rereader) -> None:
    assert rereader._thread is not None
    rereader._thread.join(timeout=30)
    assert not rereader.is_going_on()


def test_what_a_pass_found_is_kept_in_numbers(shelves: Shelves, ready: Callable[..., Rereader]) -> None:
    for number in range(20):
        shelves.put_card(f"{number}.vcf", f"card {number}".encode(), str(number))
    shelves.put("a.txt", b"one" * 50_000)
    shelves.put("a.txt", b"two" * 50_000)
    rot(stored_path(shelves, b"one" * 50_000))
    assert scrub.result(shelves.reading) is None
    rereader = ready()
    rereader.start()
    read_to_the_end(rereader)
    found = scrub.result(shelves.reading)
    assert found is not None
    assert (found.repaired, found.damaged) == (0, 1)
    assert found.read_files >= 22 and found.read_bytes >= 300_000
    assert scrub.position(shelves.reading) is None


def test_only_one_reads_at_a_time(shelves: Shelves, ready: Callable[..., Rereader]) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        if threading.current_thread() is not threading.main_thread():
            arrived.set()
            assert go_on.wait(30)

    first, second = ready(wait), ready()
    first.start()
    assert arrived.wait(30)
    assert first.is_going_on() and second.is_going_on(), "the other process knows it as well"
    for each in (first, second):
        with pytest.raises(errors.Busy):
            each.start()
    go_on.set()
    read_to_the_end(first)
    second.start()
    read_to_the_end(second)


def test_what_was_stopped_goes_on_where_it_was(shelves: Shelves, ready: Callable[..., Rereader]) -> None:
    shelves.put_card("a.vcf", b"a card", "A")
    arrived, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        if threading.current_thread() is not threading.main_thread():
            arrived.set()
            assert go_on.wait(30)

    rereader = ready(wait)
    rereader.start()
    assert arrived.wait(30)
    stopping = threading.Thread(target=rereader.stop)
    rereader._stop.set()
    go_on.set()
    stopping.start()
    stopping.join(30)
    assert not rereader.is_going_on()
    stopped = scrub.position(shelves.reading)
    assert stopped is not None
    assert scrub.result(shelves.reading) is None
    rereader.start()
    read_to_the_end(rereader)
    found = scrub.result(shelves.reading)
    assert found is not None and found.began_at == stopped.began_at


def test_without_the_files_nothing_is_read(shelves: Shelves, ready: Callable[..., Rereader]) -> None:
    def gone() -> None:
        raise errors.NotPossible("The files are not there.")

    rereader = ready(gone)
    with pytest.raises(errors.NotPossible):
        rereader.start()
    assert not rereader.is_going_on()
    assert scrub.position(shelves.reading) is None
