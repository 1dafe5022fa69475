"""Opening the household: what the first start founds, once, and what every start reads.

The first start makes the roots of the address space, the household's principal with what everybody shares, and the
device that stands for the command line, in one transaction; a crash leaves all of it or nothing. From then on time
zone, language and the box's name are those of the data, whatever the settings file says.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.clock import Clock
from appliance.household import devices, homes, people
from appliance.settings import Settings
from appliance.store import collections, witness
from appliance.store.database import Database, Reading, Writing, close_to_others
from appliance.store.ledger import Author, Ledger, Page
from appliance.store.migrations import migrate

HOUSEHOLD_ID = 1  # the household is the first person, its command line the first device
FIRST_SHELL_ID = 1


@dataclass(slots=True)
class Household:
    """What is the same for everybody. One value for a process: `refresh` tells it what the first visit chose."""

    person: people.Person  # the household's own principal
    shared: homes.Shared
    time_zone: ZoneInfo
    language: str  # ko | en
    box_name: str  # at the first start; part of calendar addresses for good

    @property
    def words(self) -> homes.Words:
        """The names of default collections in the household's language."""
        return homes.WORDS[self.language]

    def refresh(self, reading: Reading) -> None:
        """Take over what the data say by now; each field is right, whenever a thread reads it.

        Nights and the days of retention were chosen at the start and follow another time zone from the next one on.
        """
        found = read_household(reading)
        if found is not None:
            self.person, self.shared, self.time_zone = found.person, found.shared, found.time_zone
            self.language = found.language


def open_ledger(settings: Settings, clock: Clock) -> Ledger:
    """Migrate the database of the data folder and return its ledger; the caller closes `ledger.database`.

    From then on no other account of the machine can open it.

    Raises DatabaseTooNew, Busy, and NotPossible when the file is damaged or cannot be used.
    """
    with clear_errors(settings.database):
        close_to_others(settings.database)
        migrate(settings.database)
        return Ledger(Database(settings.database), clock)


@contextlib.contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Say in household words what SQLite has against the database at `path`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise errors.Busy("The household's database is busy; try again in a moment.") from error
        raise errors.NotPossible(f"The database {path} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise errors.NotPossible(f"{path} is damaged or is no database: {error}.") from error


def open_household(ledger: Ledger, settings: Settings) -> Household:
    """Return the household of a migrated database, founding it first where that was never done.

    The witness is heard before anything is written: NotPossible where it tells of a household that is not here.
    """
    with ledger.database.read() as reading:
        found = read_household(reading)
    if found is not None:
        witness.compare(ledger, settings.witness)
        return found
    witness.require_none(settings.witness, settings.data)
    folder_name = homes.WORDS[settings.language].family
    homes.make_directory(settings.data, people.HOUSEHOLD_SLUG, folder_name)
    homes.mark_files(settings.data)
    with ledger.write(Author(HOUSEHOLD_ID, FIRST_SHELL_ID)) as page:
        found = read_household(page.writing)  # another process may have been quicker
        if found is None:
            _found(page, settings)
            found = read_household(page.writing)
    assert found is not None
    return found


def read_household(reading: Reading | Writing) -> Household | None:
    """Return the household, None before it was founded."""
    person = people.person(reading, HOUSEHOLD_ID)
    if person is None:
        return None
    chosen = {row["name"]: row["value"] for row in reading.execute("SELECT name, value FROM setting").fetchall()}
    shared = homes.Shared(
        int(chosen["shared_addressbook"]),
        int(chosen["shared_calendar"]),
        int(chosen["shared_folder"]),
        chosen["shared_folder_name"],
    )
    return Household(person, shared, ZoneInfo(chosen["time_zone"]), chosen["language"], chosen["box_name"])


def _found(page: Page, settings: Settings) -> None:
    words = homes.WORDS[settings.language]
    collections.found(page)
    own = homes.make_homes(page, HOUSEHOLD_ID, people.HOUSEHOLD_SLUG)
    shared = homes.make_shared(page, own, HOUSEHOLD_ID, words)
    itself = people.NewPerson(people.HOUSEHOLD_SLUG, words.household)
    people.insert(page.writing, HOUSEHOLD_ID, itself, own, created_at=page.at, household=True)
    devices.insert_own(page.writing, HOUSEHOLD_ID, "shell", words.shell, created_at=page.at)
    chosen = {
        "time_zone": settings.time_zone,
        "language": settings.language,
        "box_name": settings.box_name,
        "shared_addressbook": str(shared.addressbook_id),
        "shared_calendar": str(shared.calendar_id),
        "shared_folder": str(shared.folder_id),
        "shared_folder_name": shared.folder_name,
    }
    page.writing.executemany("INSERT INTO setting (name, value) VALUES (?, ?)", list(chosen.items()))
