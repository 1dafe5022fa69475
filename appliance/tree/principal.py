"""Principals: the people of the household, and the household itself (RFC 3744 2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from appliance.dav.contracts import Address, Kind
from appliance.household import people
from appliance.household.people import Person
from appliance.tree.resource import Node

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite


class PrincipalNode(Node):
    """A person or the household, as any member may see them (promise 9)."""

    kind = Kind.PRINCIPAL

    def __init__(self, site: TreeSite, person: Person) -> None:
        super().__init__(site, ("principals", person.name))
        self.person = person
        self.fallback_name = person.display_name
        self.created_at = person.created_at

    @property
    def owner(self) -> Address | None:
        """A principal owns itself."""
        return self.address

    @property
    def uuid(self) -> str:
        """Made once, never changed: it ends up in events as ORGANIZER (protocol E5)."""
        return self.person.uuid

    @property
    def mail_addresses(self) -> Sequence[str]:
        """Without `mailto:`, the preferred first; there is always one."""
        box_name = self.visit.services.household.box_name
        uris = people.calendar_user_addresses(self.person, box_name)
        return [uri.removeprefix("mailto:") for uri in uris if uri.startswith("mailto:")]

    @property
    def _is_open(self) -> bool:
        return self.person.id == self.visit.person.id or self.person.household

    @property
    def addressbook_home(self) -> Address | None:
        """Where the address books are; nobody else's."""
        return ("addressbooks", self.person.name) if self._is_open else None

    @property
    def calendar_home(self) -> Address | None:
        """Where the calendars are."""
        return ("calendars", self.person.name) if self._is_open else None

    @property
    def files_home(self) -> Address | None:
        """Where the files are."""
        return ("files", self.person.name) if self._is_open else None

    @property
    def is_group(self) -> bool:
        """Whether this is the household."""
        return self.person.household

    @property
    def group_members(self) -> Sequence[Address]:
        """Everybody, for the household."""
        if not self.person.household:
            return ()
        everybody = people.people(self.visit.reading)
        return [("principals", person.name) for person in everybody if person.active]

    @property
    def memberships(self) -> Sequence[Address]:
        """The household, for everybody."""
        return () if self.person.household else (("principals", people.HOUSEHOLD_SLUG),)
