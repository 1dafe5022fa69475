"""The data folder, opened for one command: while the server runs, while it does not, and before its first start.

A command is a process of its own beside the server; SQLite keeps them apart. It refuses to found a household where a
mistyped `--data` would be one: only `serve` and `person add` do.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance import errors, settings
from appliance.cli import folder
from appliance.clock import SystemClock
from appliance.household.devices import own_author
from appliance.household.opening import Household, clear_errors, open_household, open_ledger
from appliance.settings import Settings
from appliance.store.bodies import Bodies
from appliance.store.content import Blobs
from appliance.store.database import Database
from appliance.store.files import Files
from appliance.store.ledger import Author, Ledger


@dataclass(frozen=True, slots=True)
class House:
    """What a command works with."""

    settings: Settings
    ledger: Ledger
    household: Household

    @property
    def database(self) -> Database:
        """The household's database."""
        return self.ledger.database

    def bodies(self) -> Bodies:
        """Return who reads any content, wherever it lies."""
        blobs = Blobs(self.settings.data / "store", self.database)
        return Bodies(Files(self.settings.data / "files", self.ledger, blobs, noticed=lambda _path: None))

    def shell(self) -> Author:
        """Return who signs what this command does to the household: its command line."""
        household = self.household
        return own_author(self.database, household.person.id, "shell", label=household.words.shell, at=self.now())

    def now(self) -> datetime:
        """Return the present moment."""
        return self.ledger.clock.now()

    def shown(self, moment: datetime | None) -> str:
        """Return a moment in the household's time zone, `never` for None."""
        return "never" if moment is None else moment.astimezone(self.household.time_zone).strftime("%Y-%m-%d %H:%M")


@contextlib.contextmanager
def opened(data: Path) -> Iterator[House]:
    """Give the house in a data folder; raises NotPossible where there is none."""
    if not (data / settings.DATABASE_NAME).is_file():
        raise errors.NotPossible(f"There is no household in {data.absolute()} yet; gotgan person add NAME founds one.")
    with founded(data) as house:
        yield house


@contextlib.contextmanager
def founded(data: Path) -> Iterator[House]:
    """Give the house in a data folder, migrated, and founded where that was never done."""
    chosen = settings.load(folder.checked(data), os.environ)
    listening = folder.listening(chosen.data)
    if listening:  # what it was told when it started goes before what the file says
        chosen = settings.load(chosen.data, {"GOTGAN_LISTEN": listening, **os.environ})
    with clear_errors(chosen.database):
        ledger = open_ledger(chosen, SystemClock())
        try:
            yield House(chosen, ledger, open_household(ledger, chosen))
        finally:
            ledger.database.close()
            hand_over(chosen.data)


def hand_over(data: Path) -> None:
    """Give what root made here to the owner of the data folder, as whom the server runs."""
    owner = data.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    for pattern in ("*", "keys/*", "files/*", "files/household/*", "store/*"):
        for path in data.glob(pattern):
            if path.lstat().st_uid == 0:
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
