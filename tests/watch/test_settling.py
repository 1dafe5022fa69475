"""A change behind our back is noticed by whoever looks, recorded when its path is quiet, and a scan finds the rest."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance import errors
from appliance.store import alarms, disk
from appliance.watch import alone
from appliance.watch.settle import MOST_PATHS, QUIET_SECONDS, Settle
from appliance.watch.settling import HEARTBEAT_SECONDS, Duties, Settling, Stopping
from tests.serving import wait_until
from tests.watch.watching import Watched


class Times:
    """A clock whose time is what a test says."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


# --- which paths are quiet --------------------------------------------------------------------------

A, B = ("anna", "a"), ("anna", "b")


def test_a_path_is_due_when_it_was_quiet() -> None:
    settle = Settle()
    settle.hint(A, 0.0)
    assert settle.take(QUIET_SECONDS - 0.01).paths == []
    assert settle.take(QUIET_SECONDS).paths == [A]
    assert settle.take(100.0).paths == []


def test_each_hint_puts_a_path_off_and_a_look_does_not() -> None:
    settle = Settle()
    for tenth in range(50):
        settle.hint(A, tenth / 10)
        settle.notice(B, tenth / 10)
    assert settle.take(4.9).paths == [B]
    assert settle.next_at() == 4.9 + QUIET_SECONDS
    assert settle.take(4.9 + QUIET_SECONDS).paths == [A]


def test_that_a_file_was_closed_is_told_once() -> None:
    settle = Settle()
    settle.hint(A, 0.0, is_closed=True)
    settle.hint(A, 1.0)
    assert settle.take(10.0).closed == {A}
    settle.hint(A, 11.0)
    assert settle.take(20.0).closed == set()


def test_more_paths_than_fit_ask_for_a_scan() -> None:
    settle = Settle()
    assert all(settle.hint(("anna", str(number)), 0.0) for number in range(MOST_PATHS))
    assert not settle.hint(A, 0.0)
    assert not settle.notice(A, 0.0)
    assert settle.hint(("anna", "7"), 1.0), "one that waits already"
    assert len(settle) == MOST_PATHS


# --- what is noticed by a look ----------------------------------------------------------------------


def test_a_noticed_path_keeps_the_etag_it_was_shown_with(place: Watched) -> None:
    place.begin(watching=False)
    place.write_old("photo.jpg", b"jpeg")
    shown = place.entry("photo.jpg")
    assert shown is not None
    assert not shown.is_known
    place.pass_time(QUIET_SECONDS / 2)
    still = place.entry("photo.jpg")
    assert still is not None
    assert not still.is_known
    place.pass_time(QUIET_SECONDS)
    settled = place.entry("photo.jpg")
    assert settled is not None
    assert settled.is_known
    assert settled.etag == shown.etag


def test_a_path_that_is_still_changing_is_looked_at_again(place: Watched) -> None:
    place.begin(watching=False)
    path = place.write("film.mov", b"half")
    place.entry("film.mov")
    place.elapsed += QUIET_SECONDS
    os.utime(path, ns=(disk_now(place), disk_now(place)))  # by the disk's own clock it was changed this moment
    place.settling.work_once()
    again = place.entry("film.mov")
    assert again is not None
    assert not again.is_known
    place.pass_time(QUIET_SECONDS)
    place.pass_time(QUIET_SECONDS)
    assert place.octets_of("film.mov") == b"half"


def disk_now(place: Watched) -> int:
    return place.observer._now_ns()


def test_a_process_that_does_not_watch_records_what_it_is_asked_for_and_nothing_else(place: Watched) -> None:
    place.write_old("before.txt", b"nobody asked")
    place.begin(watching=False)
    place.write_old("asked.txt", b"somebody asked")
    place.settling.notice(("anna", "asked.txt"))
    place.settle()
    assert place.octets_of("asked.txt") == b"somebody asked"
    assert place.octets_of("before.txt") is None


# --- scans ------------------------------------------------------------------------------------------


def test_what_changed_while_nobody_ran_is_found_at_the_start(place: Watched) -> None:
    place.write("before.txt", b"made while nobody ran")
    place.begin()
    place.settle()
    assert place.octets_of("before.txt") == b"made while nobody ran"


def test_more_changes_than_fit_into_the_list_become_a_scan(place: Watched) -> None:
    place.begin()
    (place.directory / "many").mkdir()
    for number in range(MOST_PATHS + 10):
        place.settling.changed(("anna", "many", str(number)), False)
    place.write_old("many/unheard.txt", b"found all the same")
    place.settle()
    assert place.octets_of("many", "unheard.txt") == b"found all the same"


def test_every_night_everything_is_looked_at_once(place: Watched) -> None:
    seoul, clock = ZoneInfo("Asia/Seoul"), Times(datetime(2026, 11, 24, 3, 10, tzinfo=UTC))
    steps = iter([True, True, False])
    done: list[int] = []

    def nightly() -> bool:
        done.append(1)
        return next(steps)

    duties = place.duties
    place.duties = Duties(
        duties.files, duties.observer, duties.sweeper, clock, seoul, duties.homes, nightly=[nightly]
    )  # fmt: skip
    place.begin()
    place.settle()
    assert done == [], "it is noon in Seoul"
    assert place.settling._events is not None
    place.settling._events.close()  # so that only the scan of the night can find it
    place.settling._events = None
    place.write_old("missed.txt", b"nobody told")
    clock.moment = datetime(2026, 11, 24, 18, 5, tzinfo=UTC)
    place.settle()
    assert len(done) == 3
    assert place.octets_of("missed.txt") == b"nobody told"
    place.settle()
    clock.moment += timedelta(hours=1)
    place.settle()
    assert len(done) == 3, "once a night"


def test_idle_steps_run_after_a_change_until_nothing_waits(place: Watched) -> None:
    waiting = [0]

    def step() -> bool:
        waiting[0] = max(0, waiting[0] - 1)
        return waiting[0] > 0

    duties = place.duties
    place.duties = Duties(
        duties.files, duties.observer, duties.sweeper, duties.clock, duties.zone, duties.homes, idle=[step]
    )  # fmt: skip
    place.begin()
    place.settle()
    waiting[0] = 5
    place.settling.work_once()
    assert waiting[0] == 5, "nothing happened"
    place.write("a.txt", b"one")
    place.settle()
    assert waiting[0] == 0


# --- disks that come and go -------------------------------------------------------------------------


def the_alarms(place: Watched) -> list[str]:
    return [alarm.kind for alarm in alarms.alarms(place.reading)]


def test_an_unmounted_disk_is_an_alarm_and_no_deletion(place: Watched) -> None:
    """The files' folder is empty as under a missing mount; when it is back, what changed meanwhile is found."""
    place.write("a.txt", b"one")
    place.begin()
    place.settle()
    files = place.directory.parent
    before = place.last_seq()
    files.rename(files.with_name("unmounted"))
    files.mkdir()
    (files / "anna").mkdir()
    place.elapsed += HEARTBEAT_SECONDS
    with pytest.raises(errors.NotPossible) as complaint:
        place.settling.work_once()
    place.settling._complain(complaint.value)
    assert the_alarms(place) == ["unmounted"]
    shutil.rmtree(files)
    files.with_name("unmounted").rename(files)
    place.write("meanwhile.txt", b"two")
    place.elapsed += HEARTBEAT_SECONDS
    place.settling.work_once()
    place.settle()
    assert the_alarms(place) == []
    assert place.rows_since(before) == [("observe", "meanwhile.txt")]
    place.write("later.txt", b"heard of")
    place.settle()
    assert place.octets_of("later.txt") == b"heard of"


def test_what_was_due_when_the_disk_went_is_looked_at_when_it_is_back(place: Watched) -> None:
    place.begin(watching=False)
    place.write_old("a.txt", b"one")
    place.settling.notice(("anna", "a.txt"))
    marker = place.directory.parent / disk.MARKER
    marker.rename(marker.with_name("elsewhere"))
    place.elapsed += QUIET_SECONDS
    with pytest.raises(errors.NotPossible):
        place.settling.work_once()
    marker.with_name("elsewhere").rename(marker)
    place.elapsed += HEARTBEAT_SECONDS
    place.settle()
    assert place.octets_of("a.txt") == b"one"


# --- the thread -------------------------------------------------------------------------------------


@pytest.fixture
def running(place: Watched) -> Iterator[Watched]:
    """The same with its own thread and its own time."""
    place.settling = Settling()
    place.duties.files.noticed = place.settling.notice
    place.settling.start(place.duties, watching=True)
    yield place
    place.settling.close()


def test_the_thread_records_what_happens(running: Watched) -> None:
    running.elapsed = 60.0  # everything on the disk is quiet by now
    running.write_old("a.txt", b"one")
    wait_until(lambda: running.octets_of("a.txt") == b"one", "the version")


def test_a_thread_that_is_told_to_stop_stops_between_two_commits(running: Watched) -> None:
    running.settling.close()
    events, thread = running.settling._events, running.settling._thread
    assert thread is not None and not thread.is_alive()
    assert events is not None and events._inotify is not None and not events._inotify.is_alive()
    running.settling._thread = threading.current_thread()
    with pytest.raises(Stopping):
        running.settling.rest()
    running.settling._thread = None


def test_one_process_watches(tmp_path: Path) -> None:
    first = alone.hold(tmp_path)
    assert first is not None
    assert alone.hold(tmp_path) is None
    first.close()
    second = alone.hold(tmp_path)
    assert second is not None
    second.close()
