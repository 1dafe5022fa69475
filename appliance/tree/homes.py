"""The nodes above collections: the DAV root, the roots of the trees, and the homes of address books and calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from appliance import errors
from appliance.clock import to_micros
from appliance.dav.contracts import Address, Conditions, Kind, NewCollection, Resource
from appliance.household.people import Person
from appliance.objects.free_busy import busy_calendar
from appliance.store import collections, mounts, queries
from appliance.store.ledger import Member, find_member
from appliance.store.mounts import Mount
from appliance.tree import kinds
from appliance.tree.access import READING, WRITING, Access, access_to
from appliance.tree.calendar import Calendar
from appliance.tree.components import COMPONENT_SET, DEFAULT_COMPONENTS, component_set
from appliance.tree.guard import Guard
from appliance.tree.lazy import lazy
from appliance.tree.resource import Node

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite


class Root(Node):
    """`/dav/`, or one of the nodes below it: fixed, and only to be looked at."""

    kind = Kind.ROOT

    def __init__(self, site: TreeSite, address: Address, names: tuple[str, ...]) -> None:
        super().__init__(site, address)
        self._names = names
        self.fallback_name = address[-1] if address else "Gotgan"

    def members(self) -> Iterator[Resource]:
        """Yield what the reader may enter."""
        for name in self._names:
            yield self.site.find((*self.address, name))


class Home(Node):
    """The address book home or calendar home of a person: a container, never itself a collection of objects."""

    kind = Kind.HOME

    def __init__(
        self, site: TreeSite, address: Address, home_id: int, owner: Person, holds: Literal["addressbook", "calendar"]
    ) -> None:
        super().__init__(site, address, home_id)
        self.home_id = home_id
        self._owner = owner
        self._holds = holds
        self.fallback_name = owner.display_name

    @property
    def is_own(self) -> bool:
        """Whether the reader owns it."""
        return self._owner.id == self.visit.person.id

    @property
    def owner(self) -> Address | None:
        """Its person."""
        return ("principals", self._owner.name)

    @property
    def privileges(self) -> frozenset[str]:
        """The household's home can be looked at by everybody."""
        return WRITING if self.is_own else READING

    def members(self) -> Iterator[Resource]:
        """Yield the collections in it, one's own and mounted ones; deleted targets are left out."""
        for member in queries.members_named(self.visit.reading, self.home_id):
            found = self._resource(member)
            if found is not None:
                yield found

    def child(self, name: str) -> Resource:
        """Return the collection with this name; NotFound."""
        member = find_member(self.visit.reading, self.home_id, name)
        found = None if member is None else self._resource(member)
        if found is None:
            raise errors.NotFound("There is nothing at this address.")
        return found

    def _resource(self, member: Member) -> Resource | None:
        address = (*self.address, member.name)
        reading = self.visit.reading
        if member.kind != "mount":
            row = collections.row_of(reading, member.resource_id)
            access = Access.OWN if self.is_own else access_to(self.visit, member.resource_id)
            return None if row is None or access is None else kinds.collection(self.site, address, row, access, None)
        mount = self._mount(member)
        row = None if mount is None else collections.row_of(reading, mount.target_id)
        if mount is None or row is None or row.parent_id is None:
            return None
        return kinds.collection(self.site, address, row, Access(mount.access), mount)

    def _mount(self, member: Member) -> Mount | None:
        """Return a mount; in the household's home, where one stands for everybody's, the reader's own."""
        mount = mounts.of(self.visit.reading, member.resource_id)
        if mount is None or self.is_own:
            return mount
        person = self.visit.person
        own_home_id = person.addressbook_home_id if self._holds == "addressbook" else person.calendar_home_id
        return mounts.in_home(self.visit.reading, own_home_id, mount.target_id)

    @lazy
    def components(self) -> frozenset[str]:
        """What a new calendar may hold."""
        return frozenset(DEFAULT_COMPONENTS)

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return one VFREEBUSY over all calendars in here that are opaque (RFC 4791 7.10, protocol E4)."""
        start, end = to_micros(start_at), to_micros(end_at)
        opaque = [member for member in self.members() if isinstance(member, Calendar) and member.is_opaque]
        periods = [period for calendar in opaque for period in calendar.busy_periods(start, end)]
        return busy_calendar(periods, start, end, to_micros(self.visit.services.clock.now()))

    def make(self, name: str, wanted: NewCollection, conditions: Conditions) -> Address:
        """Make an address book or calendar (RFC 5689, RFC 4791 5.3.1)."""
        if wanted.kind.value != self._holds:
            what = "address books" if self._holds == "addressbook" else "calendars"
            kind = self._holds if wanted.kind is Kind.FOLDER else wanted.kind.value
            raise errors.WrongPlace(f"Only {what} can be made in here.", condition=f"{kind}-collection-location-ok")
        if not self.is_own:
            raise errors.NotPermitted("This home belongs to the household.", privilege="bind", href=self.href)
        guard = Guard(self.visit, conditions, self.site.state_of)
        stored = [(change.name, change.xml) for change in wanted.properties if change.xml is not None]
        if wanted.kind is Kind.CALENDAR:
            stored.append((COMPONENT_SET, component_set(wanted.components or frozenset(DEFAULT_COMPONENTS))))
        with self.visit.ledger.write(self.visit.author) as page:
            guard.require(self.site.state_of((*self.address, name)))
            there = find_member(page.writing, self.home_id, name)
            if there is not None and self._resource(there) is None:  # a mount whose collection was deleted
                raise errors.NotPermitted("A shared collection has this name.", privilege="bind", href=self.href)
            if there is not None:
                raise errors.AlreadyThere("There is something at this address already.")
            collections.create(page, self.home_id, name, self._holds, owner_id=self.visit.person.id, stored=stored)
        return (*self.address, name)
