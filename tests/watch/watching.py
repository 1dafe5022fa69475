"""A person's files, watched by the kernel as in the server; only the time passes when a test says so.

Refuses to stand in for anything: the folder, the ledger, the events are real. What a test waits for is that the kernel
has told of everything: events come in order, so a file made last, of which it tells last, says so.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from watchdog.observers.inotify_c import InotifyFD

from appliance import settings
from appliance.app import House, furnish
from appliance.clock import SystemClock
from appliance.household import people
from appliance.store import content
from appliance.store.database import Reading
from appliance.store.files import Entry, Folder
from appliance.store.ledger import Author, member_at
from appliance.store.observe import Observer
from appliance.watch.events import Kernel
from appliance.watch.settling import Duties, Settling
from tests.serving import wait_until

LONG_AGO_NS = 1_700_000_000_000_000_000
LAST = "the last one"


@dataclass
class Watched:
    """A household with one person, whose files are watched."""

    house: House
    home: Folder
    directory: Path
    elapsed: float = 0.0
    settling: Settling = field(init=False)
    observer: Observer = field(init=False)

    def __post_init__(self) -> None:
        duties = self.house.background.duties
        self.hear_by(InotifyFD)
        self.observer = Observer(
            duties.files, is_hidden=self.house.background.observer._is_hidden,
            now_ns=lambda: time.time_ns() + int(self.elapsed * 1e9),
            folder_ended=lambda: self.settling.sweep_soon(),
        )  # fmt: skip
        self.duties = Duties(
            duties.files, self.observer, duties.sweeper, duties.clock, duties.zone, lambda: [self.home]
        )  # fmt: skip
        self._numbers = itertools.count()

    def hear_by(self, kernel: Kernel) -> None:
        """Hear from another kernel than the machine's."""
        self.settling = Settling(now=lambda: self.elapsed, inotify=kernel)
        self.house.services.files.noticed = self.settling.notice

    def begin(self, *, watching: bool = True) -> None:
        """Do what the thread does at first: watch every folder, and scan."""
        self.settling.prepare(self.duties, watching=watching)
        self.settling.work_once()
        self.pass_time(3.0)

    def pass_time(self, seconds: float) -> None:
        """Let the kernel tell of all that happened, let so many seconds pass, and do what is due then."""
        if self.settling._events is not None and not self.settling._events.is_exhausted:
            self.hear()
        self.elapsed += seconds
        self.settling.work_once()

    def hear(self) -> None:
        """Wait until the kernel has told of everything that happened so far."""
        name = f"{LAST} {next(self._numbers)}.tmp"  # hidden, so that it makes no row
        path = self.directory / name
        path.touch()
        wait_until(
            lambda: ("anna", name) in self.settling._settle._due_at or self.settling._scan_wanted,  # or it lost count
            "the kernel's word on a new file",
        )
        path.unlink()

    def settle(self) -> None:
        """Let everything become quiet and be recorded."""
        for _ in range(3):
            self.pass_time(3.0)

    # --- what the ledger has ------------------------------------------------------------------------

    def last_seq(self) -> int:
        (seq,) = self.reading.execute("SELECT max(seq) FROM version").fetchone()
        return int(seq)

    def rows_since(self, seq: int) -> list[tuple[str, str]]:
        """(operation, name) of every row since, in order."""
        rows = self.reading.execute("SELECT op, name FROM version WHERE seq > ? ORDER BY seq", (seq,)).fetchall()
        return [(row["op"], row["name"]) for row in rows]

    def octets_of(self, *names: str) -> bytes | None:
        """The octets of the newest version at a path by the ledger's digest, checked against the file; None: none."""
        folder_id = self.home.collection_id or 0
        for name in names[:-1]:
            member = member_at(self.reading, folder_id, name)
            if member is None:
                return None
            folder_id = member.resource_id
        member = member_at(self.reading, folder_id, names[-1])
        if member is None:
            return None
        octets = self.directory.joinpath(*names).read_bytes()
        (digest,) = self.reading.execute("SELECT digest FROM content WHERE id = ?", (member.content_id,)).fetchone()
        assert content.digest_of(octets) == digest
        return octets

    @property
    def reading(self) -> Reading:
        return self.house.services.ledger.database.connection()

    def entry(self, name: str) -> Entry | None:
        return self.duties.files.entry(self.reading, self.home, name)

    def write(self, name: str, octets: bytes) -> Path:
        path = self.directory / name
        path.write_bytes(octets)
        return path

    def write_old(self, name: str, octets: bytes) -> Path:
        path = self.write(name, octets)
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
        return path

    def close(self) -> None:
        self.settling.close()
        self.house.close()


def watched(data: Path) -> Iterator[Watched]:
    """Give anna's watched files in a new data folder."""
    house = furnish(settings.load(data, {}), SystemClock())
    household = house.services.household
    anna = people.add(
        house.services.ledger, data, Author(1, 1), joining=people.NewPerson("anna"), shared=household.shared,
        words=household.words,
    )  # fmt: skip
    with closing(Watched(house, Folder(("anna",), anna.files_home_id), data / "files" / "anna")) as place:
        yield place
