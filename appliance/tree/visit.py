"""What one request brings along, and the services that the whole tree is built from.

`Services` is made once in `app.py`. `Visit` is one request of one signed-in device; every resource holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from appliance import errors
from appliance.clock import Clock
from appliance.household import people
from appliance.household.opening import Household
from appliance.household.people import Person
from appliance.household.sightings import Sightings
from appliance.settings import Settings
from appliance.store import content, refused
from appliance.store.database import Reading
from appliance.store.file_moves import FileMover
from appliance.store.file_writes import FileWriter
from appliance.store.files import Files
from appliance.store.ledger import Author, Ledger
from appliance.tree.past.words import Words


@dataclass(frozen=True, slots=True)
class Services:
    """Everything below the tree, built once."""

    settings: Settings
    clock: Clock
    ledger: Ledger
    household: Household
    blobs: content.Blobs
    files: Files
    writer: FileWriter
    mover: FileMover
    reserve: refused.Reserve
    free_bytes: Callable[[Path], int]  # what the disk still holds
    words: Words = field(default_factory=Words)  # what devices mean by moments in words
    sightings: Sightings | None = None  # who remembers what devices were told; None: nobody


@dataclass(frozen=True, slots=True)
class Visit:
    """One device's request. `batch_id`: everything that it writes belongs to this batch.

    `keeps_refused` False: what it sends is a copy of what the ledger has, so nothing is lost when it is refused.
    """

    services: Services
    person: Person
    device_id: int
    batch_id: int | None = None
    keeps_refused: bool = True

    @property
    def author(self) -> Author:
        """Who signs the rows."""
        return Author(self.person.id, self.device_id, self.batch_id)

    @property
    def reading(self) -> Reading:
        """This thread's connection: each statement a snapshot of its own."""
        return self.services.ledger.database.connection()

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.services.ledger

    def keeps(self, error: errors.GotganError) -> bool:
        """Return whether what was sent and refused with `error` is a lost edit, which is kept (promise 5).

        Not of a device that was shut out meanwhile: whoever holds it now is not of the household, and a phone that
        is answered 401 keeps its edit and asks for the password.
        """
        return self.keeps_refused and not isinstance(error, errors.NotSignedIn)

    def person_of(self, person_id: int | None) -> Person | None:
        """Return a person whom the reader may know of: members of the household see each other (promise 9)."""
        if person_id is None:
            return None
        if person_id == self.person.id:
            return self.person
        return people.person(self.reading, person_id)

    def told(self, collection_id: int, seq: int | None) -> None:
        """Remember that the device was given a token of this seq; None: a listing without a token."""
        if self.services.sightings is not None:
            self.services.sightings.told(self.device_id, collection_id, seq)

    def took(self, collection_id: int, count: int) -> None:
        """Remember that the device fetched the octets of so many members."""
        if self.services.sightings is not None and count:
            self.services.sightings.took(self.device_id, collection_id, count)
