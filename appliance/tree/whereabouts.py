"""Where a person finds a collection: in a home of their own, or behind the mount that shows it to them.

The ledger knows where things lie; an address of somebody else's home opens nothing for the reader. It refuses to judge
what was deleted: `past.rights` does.
"""

from __future__ import annotations

from appliance.household.people import Person
from appliance.store import mounts, past
from appliance.store.database import Reading


class Whereabouts:
    """Answers for one reader in one snapshot; what was asked once is remembered."""

    def __init__(self, reading: Reading, reader: Person, household: Person) -> None:
        self._reading = reading
        self._homes = tuple(_homes(reader))
        self._open = (*self._homes, *_homes(household))
        self._known: dict[int, tuple[str, ...] | None] = {}

    def path(self, collection_id: int) -> tuple[str, ...] | None:
        """Return the path below `/dav/` at which the reader finds, or found, a collection; None: nowhere."""
        if collection_id not in self._known:
            self._known[collection_id] = self._found(collection_id)
        return self._known[collection_id]

    def address(self, collection_id: int | None, name: str = "") -> str | None:
        """Return the address of a collection, or of something in it, for the reader; None: nowhere."""
        path = None if collection_id is None else self.path(collection_id)
        return None if path is None else "/".join((*path, name) if name else path)

    def open_to(self) -> tuple[int, ...]:
        """Return the ids of all that the reader's homes hold and show: the homes, and what mounts in them lead to."""
        shown = (mount.target_id for home in self._homes for mount in mounts.of_home(self._reading, home).values())
        return tuple(dict.fromkeys((*self._homes, *shown)))

    def _found(self, collection_id: int) -> tuple[str, ...] | None:
        for home in self._homes:
            mount = mounts.in_home(self._reading, home, collection_id)
            if mount is not None:
                return past.path_of(self._reading, mount.resource_id)
        if collection_id in self._open:
            return past.path_of(self._reading, collection_id)
        where = past.last_place_of(self._reading, collection_id)
        if where is None:
            return None
        above = self.path(where[0])
        return None if above is None else (*above, where[1])


def _homes(person: Person) -> tuple[int, int, int]:
    return person.addressbook_home_id, person.calendar_home_id, person.files_home_id
