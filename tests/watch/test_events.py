"""What the kernel tells: folders that come, go and change places, an overflow, and too few watches."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import CallbackId, InotifyFD, Mask, WatchCallback, WatchDescriptor

from appliance.store import alarms
from appliance.watch.events import MOST_MOVING, Events
from appliance.watch.settling import FALLBACK_SECONDS
from appliance.watch.watches import too_few_watches
from tests.serving import wait_until
from tests.watch.watching import Watched

QUEUE = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="ascii"))
EVENTS_A_FILE = 3  # made, dated, closed


class Heard:
    """A watched folder, and what was told of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: list[tuple[str, ...]] = []
        self.closed: list[tuple[str, ...]] = []
        self.losses = 0
        self.events = Events(root, changed=self._changed, lost=self._lost)

    def _changed(self, path: tuple[str, ...], is_closed: bool) -> None:
        self.told.append(path)
        if is_closed:
            self.closed.append(path)

    def _lost(self) -> None:
        self.losses += 1

    def hear(self, *names: str) -> None:
        """Wait until a path was told of."""
        wait_until(lambda: names in self.told, f"a word on {names}")

    def hears_of(self, *names: str) -> None:
        """Make a file and wait until it is told of; then everything before it was."""
        self.told.clear()
        self.root.joinpath(*names).write_bytes(b"x")
        self.hear(*names)


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    (tmp_path / "root" / "a" / "b").mkdir(parents=True)
    place = Heard(tmp_path / "root")
    place.events.start()
    place.events.renew()
    yield place
    place.events.close()


def test_what_happens_in_every_folder_is_told(heard: Heard) -> None:
    assert heard.events.watched == 3
    for names in (("x",), ("a", "x"), ("a", "b", "x")):
        heard.hears_of(*names)
    wait_until(lambda: ("a", "b", "x") in heard.closed, "that it was closed")


def test_a_new_folder_is_watched_with_what_is_in_it_already(heard: Heard) -> None:
    (heard.root / "c" / "d" / "e").mkdir(parents=True)
    heard.hear("c")
    wait_until(lambda: heard.events.watched == 6, "the watches of three folders")
    heard.hears_of("c", "d", "e", "x")


def test_a_renamed_folder_is_told_of_by_its_new_name(heard: Heard) -> None:
    (heard.root / "a").rename(heard.root / "z")
    heard.hear("z")
    heard.hears_of("z", "b", "x")
    (heard.root / "z" / "b").rename(heard.root / "b")
    heard.hear("b")
    heard.hears_of("b", "y")
    assert heard.events.watched == 3


def test_folders_that_swap_their_names_are_not_mixed_up(heard: Heard) -> None:
    (heard.root / "c").mkdir()
    for source, target in (("a", "t"), ("c", "a"), ("t", "c")):
        (heard.root / source).rename(heard.root / target)
    heard.hears_of("z")
    heard.hears_of("a", "in the former c")
    heard.hears_of("c", "b", "in the former a")
    assert heard.events.watched == 4


def test_a_removed_folder_is_watched_no_longer(heard: Heard) -> None:
    shutil.rmtree(heard.root / "a")
    wait_until(lambda: heard.events.watched == 1, "the end of two watches")
    heard.told.clear()
    (heard.root / "a").mkdir()
    heard.hear("a")
    heard.hears_of("a", "x")


def test_folders_that_moved_elsewhere_are_forgotten(heard: Heard, tmp_path: Path) -> None:
    (heard.root / "a").rename(tmp_path / "away")
    heard.hears_of("x")
    heard.events.renew()
    assert heard.events.watched == 1
    for number in range(MOST_MOVING + 5):
        (heard.root / str(number) / "in").mkdir(parents=True)
    wait_until(lambda: heard.events.watched == 1 + 2 * (MOST_MOVING + 5), "all the new folders")
    for number in range(MOST_MOVING + 5):
        (heard.root / str(number)).rename(tmp_path / f"away {number}")
    heard.hears_of("y")
    assert heard.events.watched == 1 + 2 * MOST_MOVING, "the second half of a move may still come"


def test_our_own_temporary_names_are_not_told(heard: Heard) -> None:
    (heard.root / ".gotgan-1234.part").write_bytes(b"an upload")
    (heard.root / ".gotgan-5678.part").mkdir()
    heard.hears_of("x")
    assert set(heard.told) == {("x",)}
    assert heard.events.watched == 3


def test_names_that_are_no_text_are_told_and_stop_nothing(heard: Heard) -> None:
    os.mkdir(os.fsencode(heard.root) + b"/caf\xe9")
    heard.hear(os.fsdecode(b"caf\xe9"))
    heard.hears_of("x")
    assert heard.losses == 0


def test_without_the_topmost_folder_everything_is_looked_at_again(heard: Heard) -> None:
    shutil.rmtree(heard.root)
    wait_until(lambda: heard.losses > 0, "that nothing is heard any more")
    heard.root.mkdir()
    heard.events.renew()
    heard.hears_of("x")


# --- an overflow ------------------------------------------------------------------------------------


def test_an_overflow_asks_for_a_scan_and_the_events_go_on(heard: Heard) -> None:
    """watchdog's own way was to remove and add every watch, which was the next overflow, for ever."""
    for number in range(200):
        (heard.root / f"folder {number}").mkdir()
    wait_until(lambda: heard.events.watched == 203, "the new folders")
    with heard.events._guard:  # nobody takes what the kernel tells meanwhile
        for number in range(2 * QUEUE // EVENTS_A_FILE):
            (heard.root / f"folder {number % 200}" / f"{number}.txt").write_bytes(b"x")
    wait_until(lambda: heard.losses > 0, "that events were lost")
    assert heard.events.overflows == 1
    heard.events.renew()
    assert heard.events.watched == 203
    heard.hears_of("folder 7", "probe")
    before = time.process_time()
    heard.hears_of("folder 8", "probe")
    assert heard.events.overflows == 1
    assert time.process_time() - before < 1.0, "it does not work for ever on what was lost"


def test_what_an_overflow_lost_is_found_by_a_scan(place: Watched) -> None:
    (place.directory / "many").mkdir()
    place.begin()
    place.settle()
    before, count = place.last_seq(), 2 * QUEUE // EVENTS_A_FILE
    events = place.settling._events
    assert events is not None
    with events._guard:
        for number in range(count):
            place.write(f"many/{number}", b"%d" % number)
        (place.directory / "many" / "inner").mkdir()
    wait_until(lambda: place.settling._scan_wanted, "that events were lost")
    place.elapsed += 3.0
    place.settle()
    place.settle()
    assert len(place.rows_since(before)) == count + 1
    place.write("many/inner/after.txt", b"heard of")
    place.settle()
    assert place.octets_of("many", "inner", "after.txt") == b"heard of"


# --- too few watches --------------------------------------------------------------------------------


class FewWatches(InotifyFD):
    """The kernel as it answers when no watch is left: everything else is real."""

    allowed = 3

    def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        if len(self._watch_for_wd) >= self.allowed:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return super().add_callback(path, mask, callback, id_)


@pytest.fixture
def few_watches(place: Watched) -> Watched:
    place.hear_by(FewWatches)
    return place


def kinds(place: Watched) -> list[str]:
    return [alarm.kind for alarm in alarms.alarms(place.reading)]


def test_running_out_of_watches_is_an_alarm_and_scans_go_on(few_watches: Watched) -> None:
    place = few_watches
    for number in range(5):
        (place.directory / str(number)).mkdir()
    place.begin()
    place.settle()
    assert kinds(place) == ["watches"]
    for number in range(5):
        place.write(f"{number}/unheard.txt", b"%d" % number)
    place.settle()
    place.elapsed += FALLBACK_SECONDS
    place.settle()
    assert all(place.octets_of(str(number), "unheard.txt") == b"%d" % number for number in range(5))


def test_a_limit_that_was_raised_ends_the_alarm(few_watches: Watched) -> None:
    place = few_watches
    for number in range(5):
        (place.directory / str(number)).mkdir()
    place.begin()
    assert kinds(place) == ["watches"]
    events = place.settling._events
    assert events is not None and isinstance(events._inotify, FewWatches)
    events._inotify.allowed = 1000
    place.elapsed += FALLBACK_SECONDS
    place.settle()
    assert kinds(place) == []
    place.write("4/heard.txt", b"by the kernel")
    place.settle()
    assert place.octets_of("4", "heard.txt") == b"by the kernel"


def test_a_kernel_that_gives_no_queue_is_an_alarm_and_scans_go_on(place: Watched) -> None:
    def no_queue() -> InotifyFD:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    place.hear_by(no_queue)
    place.begin()
    place.settle()
    assert kinds(place) == ["watches"]
    place.write("unheard.txt", b"x")
    place.elapsed += FALLBACK_SECONDS
    place.settle()
    assert place.octets_of("unheard.txt") == b"x"


@pytest.mark.parametrize(("allowed", "wanted"), [("8192\n", "524288"), ("524288\n", "1048576"), ("what\n", "524288")])
def test_the_alarm_says_which_limit_to_set(tmp_path: Path, allowed: str, wanted: str) -> None:
    limit = tmp_path / "max_user_watches"
    limit.write_text(allowed, encoding="ascii")
    sentence = too_few_watches(4711, limit)
    assert "4,711" in sentence
    assert f"sysctl fs.inotify.max_user_watches={wanted}" in sentence
