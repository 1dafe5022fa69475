"""The way into the address space for a door that is no DAV request: the pages and the command line.

Whoever enters is a device of a person, like a phone, and may do what that person may; every row names them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors
from appliance.household import people
from appliance.store.bodies import Bodies
from appliance.store.ledger import Author
from appliance.store.placing_files import FilePlacer
from appliance.tree.restoring import TreeWriter
from appliance.tree.site import TreeSite
from appliance.tree.visit import Services, Visit


@dataclass(frozen=True, slots=True)
class Hall:
    """Lets a device of a person in, to look and to put back."""

    services: Services
    bodies: Bodies
    placer: FilePlacer
    swept_later: Callable[[], None]

    def site(self, author: Author) -> TreeSite:
        """Return the address space as a device of a person sees it; NotFound: nobody."""
        person = None
        if author.person_id is not None:
            person = people.person(self.services.ledger.database.connection(), author.person_id)
        if person is None or author.device_id is None:
            raise errors.NotFound("There is nobody of this name.")
        return TreeSite(Visit(self.services, person, author.device_id, author.batch_id), self.swept_later)

    def writer(self, author: Author) -> TreeWriter:
        """Return who writes the steps of a restore for a device; it may do what its person may. NotFound: nobody."""
        return TreeWriter(self.site(author), self.placer, self.bodies)
