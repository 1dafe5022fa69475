"""A change behind our back is noticed by whoever looks, and recorded when its path is quiet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance import settings
from appliance.app import House, furnish
from appliance.clock import SystemClock
from appliance.household import people
from appliance.store.files import Entry, Folder
from appliance.store.ledger import Author
from appliance.watch.settling import QUIET_SECONDS, Settling

LONG_AGO_NS = 1_700_000_000_000_000_000


@dataclass
class Place:
    """A person's files and a settling thread that only works when a test says so."""

    house: House
    home: Folder
    directory: Path
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.settling = Settling(lambda: [self.home], now=lambda: self.seconds)
        self.settling._observer = self.house.observer
        self.settling._sweeper = self.house.sweeper
        self.house.services.files.noticed = self.settling.notice

    def entry(self, name: str) -> Entry | None:
        services = self.house.services
        return services.files.entry(services.ledger.database.connection(), self.home, name)

    def write(self, name: str, octets: bytes) -> None:
        path = self.directory / name
        path.write_bytes(octets)
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    house = furnish(settings.load(tmp_path, {}), SystemClock())
    household = house.services.household
    anna = people.add(
        house.services.ledger,
        tmp_path,
        Author(1, 1),
        joining=people.NewPerson("anna"),
        shared=household.shared,
        words=household.words,
    )
    yield Place(house, Folder(("anna",), anna.files_home_id), tmp_path / "files" / "anna")
    house.close()


def test_the_first_work_is_a_scan_of_everything(place: Place) -> None:
    place.write("before.txt", b"made while nobody ran")
    place.settling.work_once()
    # its change time is younger than two seconds, so the scan leaves it alone; the look noticed it
    entry = place.entry("before.txt")
    assert entry is not None
    assert entry.etag == entry.signature.etag


def test_a_noticed_path_waits_until_it_is_quiet_and_keeps_the_etag_it_was_shown_with(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.settling.work_once()
    place.write("photo.jpg", b"jpeg")
    shown = place.entry("photo.jpg")
    assert shown is not None
    assert not shown.is_known
    place.seconds += QUIET_SECONDS / 2
    place.settling.work_once()
    still = place.entry("photo.jpg")
    assert still is not None
    assert not still.is_known
    place.seconds += QUIET_SECONDS
    monkeypatch.setattr(place.house.observer, "_now_ns", lambda: shown.signature.ctime_ns + 3_000_000_000)
    place.settling.work_once()
    settled = place.entry("photo.jpg")
    assert settled is not None
    assert settled.is_known
    assert settled.etag == shown.etag


def test_a_path_that_is_still_changing_is_looked_at_again(place: Place) -> None:
    place.settling.work_once()
    place.write("film.mov", b"half")
    assert place.entry("film.mov") is not None
    place.seconds += QUIET_SECONDS
    place.settling.work_once()  # by the disk's own clock it was changed this moment
    assert ("anna", "film.mov") in place.settling._due
    again = place.entry("film.mov")
    assert again is not None
    assert not again.is_known


def test_more_noticed_paths_than_fit_become_a_scan(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.settling.work_once()
    monkeypatch.setattr("appliance.watch.settling.MOST_NOTICED", 3)
    for number in range(5):
        place.settling.notice(("anna", f"{number}.txt"))
    assert len(place.settling._due) == 3
    assert place.settling._scan_wanted
