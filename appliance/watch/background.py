"""What works behind the doors of one process, built and connected: files, observer, sweeper, and their thread.

The server has one; where the settings say so, `gotgan watch` has the one that watches.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from io import TextIOWrapper
from zoneinfo import ZoneInfo

from appliance.household import people
from appliance.settings import Settings
from appliance.store import alarms, content
from appliance.store.covering import Coverer
from appliance.store.files import Files, Folder
from appliance.store.leaving import unlink_some
from appliance.store.ledger import Ledger
from appliance.store.observe import Observer
from appliance.store.sweep import Sweeper
from appliance.watch import alone
from appliance.watch.settling import Duties, Settling, Step

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Background:
    """The background of one process."""

    settings: Settings
    settling: Settling
    duties: Duties
    held: TextIOWrapper | None = None  # while this process watches

    @property
    def files(self) -> Files:
        """The household's files."""
        return self.duties.files

    @property
    def observer(self) -> Observer:
        """What records changes on the disk."""
        return self.duties.observer

    def also(self, *, idle: Sequence[Step] = (), nightly: Sequence[Step] = ()) -> None:
        """Give the thread more to do: when nothing is due, and once a night."""
        self.duties = replace(
            self.duties, idle=(*self.duties.idle, *idle), nightly=(*self.duties.nightly, *nightly)
        )  # fmt: skip

    def watch(self) -> bool:
        """Begin as the process that watches; False: another one does, and nothing has begun."""
        self.held = held = alone.hold(self.settings.data)
        if held is None:
            return False
        self.duties = replace(self.duties, sign=lambda: alone.sign(held, self.duties.clock.now()))
        self.duties.sign()
        self.settling.start(self.duties, watching=True)
        return True

    def open(self) -> None:
        """Begin as the server: it watches unless that is left to another process."""
        if self.settings.watch == "serve" and self.watch():
            return
        if self.settings.watch == "serve":
            _LOG.warning("Another process watches the files already; this one records what it is asked for.")
        else:
            self.duties = replace(self.duties, sign=self.look_for_watcher(self.duties.clock.now()))
        self.settling.start(self.duties, watching=False)

    def look_for_watcher(self, opened_at: datetime) -> Callable[[], None]:
        """Return what looks whether the other process is there; it has time to start, as this one had."""
        data, clock, database = self.settings.data, self.duties.clock, self.files.ledger.database

        def look() -> None:
            if clock.now() - opened_at > alone.PATIENCE:
                alone.look(data, database, clock.now())

        return look

    def close(self) -> None:
        """Stop it."""
        self.settling.close()
        if self.held is not None:
            with contextlib.suppress(OSError):
                self.held.close()


def furnish(settings: Settings, ledger: Ledger, zone: ZoneInfo) -> Background:
    """Build the background on a data folder. Nothing runs yet."""
    settling = Settling()
    aside = settings.data / "aside"
    aside.mkdir(mode=0o700, exist_ok=True)
    files = Files(
        settings.data / "files",
        ledger,
        content.Blobs(settings.data / "store", ledger.database),
        noticed=settling.notice,
    )
    observer = Observer(
        files, is_hidden=hidden_by(settings.hidden_files), folder_ended=settling.sweep_soon, rest=settling.rest
    )
    coverer = Coverer(files, limit_bytes=settings.covered_file_limit_bytes, rest=settling.rest)
    duties = Duties(
        files, observer, Sweeper(files, aside), ledger.clock, zone, lambda: _homes(ledger),
        idle=(coverer.cover_some,), nightly=(lambda: _unlink_some(files), lambda: _settle_cured(ledger)),
    )  # fmt: skip
    return Background(settings, settling, duties)


def _unlink_some(files: Files) -> bool:
    """Unlink some of what left the store a day ago; whether more waits."""
    return unlink_some(files.ledger.database, files.blobs, files.ledger.now_micros()) is not None


def _settle_cured(ledger: Ledger) -> bool:
    """Take back the alarms whose cause is gone; nothing more waits."""
    alarms.settle_cured(ledger.database)
    return False


def _homes(ledger: Ledger) -> Sequence[Folder]:
    everybody = people.people(ledger.database.connection())
    return [Folder((person.name,), person.files_home_id) for person in everybody]


def hidden_by(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return what says of a name whether it is one of the temporary and hidden files of programs."""
    return lambda name: any(fnmatchcase(name, pattern) for pattern in patterns)
