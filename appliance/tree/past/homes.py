"""The nodes above address books and calendars as they were: the root of a moment, and the homes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from appliance import errors
from appliance.clock import to_micros
from appliance.dav.contracts import Address, Kind, Resource
from appliance.household.people import Person
from appliance.objects.free_busy import busy_calendar
from appliance.store import collections
from appliance.store import past as states
from appliance.store.ledger import Member
from appliance.tree.past.node import Past, PastNode, nothing_there
from appliance.tree.past.objects import PastBook, PastCalendar, PastObjects

CLASSES: dict[str, type[PastObjects]] = {"addressbook": PastBook, "calendar": PastCalendar}


class PastRoot(PastNode):
    """`/dav/at/<moment>/`, or one of the nodes below it."""

    kind = Kind.ROOT

    def __init__(self, past: Past, address: Address, names: tuple[str, ...]) -> None:
        super().__init__(past, address)
        self._names = names
        self.fallback_name = address[-1]

    def members(self) -> Iterator[Resource]:
        """Yield what the reader may enter and what was there."""
        for name in self._names:
            with contextlib.suppress(errors.NotFound):
                yield self.site.find((*self.address, name))


class PastHome(PastNode):
    """The address book home or calendar home of a person as it was."""

    kind = Kind.HOME

    def __init__(self, past: Past, address: Address, home_id: int, owner: Person) -> None:
        super().__init__(past, address, home_id)
        self.home_id = home_id
        self._owner = owner
        self.fallback_name = owner.display_name

    @property
    def owner(self) -> Address | None:
        """Its person."""
        return ("principals", self._owner.name)

    def members(self) -> Iterator[Resource]:
        """Yield the collections that were in it, one's own and mounted ones."""
        for member in self.past.members(self.home_id):
            found = self._resource(member)
            if found is not None:
                yield found

    def child(self, name: str) -> PastObjects:
        """Return the collection with this name; NotFound."""
        member = states.member_named_at(self.past.reading, self.home_id, name, self.past.seq)
        found = None if member is None else self._resource(member)
        if found is None:
            raise nothing_there()
        return found

    def _resource(self, member: Member) -> PastObjects | None:
        if member.kind == "mount":
            return self._mounted(member)
        if self._owner.id != self.visit.person.id and not self.past.may_look(member.resource_id):
            return None
        return self._collection(member, member.resource_id)

    def _mounted(self, mount: Member) -> PastObjects | None:
        target_id = self.past.target_of(mount)
        return None if target_id is None else self._collection(mount, target_id, mount_id=mount.resource_id)

    def _collection(self, member: Member, collection_id: int, *, mount_id: int | None = None) -> PastObjects | None:
        row = collections.row_of(self.past.reading, collection_id)
        if row is None or row.kind not in CLASSES:
            return None
        person = self.visit.person_of(row.owner_id)
        owner = None if person is None else ("principals", person.name)
        address = (*self.address, member.name)
        return CLASSES[row.kind](self.past, address, collection_id, owner=owner, mount_id=mount_id)

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return one VFREEBUSY over all calendars in here that were opaque (RFC 4791 7.10)."""
        start, end = to_micros(start_at), to_micros(end_at)
        opaque = [member for member in self.members() if isinstance(member, PastCalendar) and member.is_opaque]
        periods = [period for calendar in opaque for period in calendar.busy_periods(start, end)]
        return busy_calendar(periods, start, end, to_micros(self.visit.services.clock.now()))
