"""Address books and calendars as they were: listings, multigets, queries and busy times of one state.

The index of instances follows the present, so a query here asks the facts of each body, which belong to the body for
good, and reads what they cannot decide (ledger 7).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import cast

from appliance.clock import to_micros
from appliance.dav.contracts import Address, Changes, Kind, Resource
from appliance.errors import UnsupportedReport
from appliance.match.filters import CardFilter, CompFilter, TimeRange
from appliance.objects.free_busy import busy_calendar
from appliance.store import past as states
from appliance.store import past_bodies, spans
from appliance.store.ledger import Member
from appliance.store.past_bodies import Fact
from appliance.tree import address_book, calendar
from appliance.tree.inner import Inner
from appliance.tree.lazy import lazy
from appliance.tree.past.member import PastMember
from appliance.tree.past.node import Past, PastNode, nothing_there


class PastObject(Inner, PastMember):
    """A card or an event as it was; made by the thousand, so everything that costs is computed when asked for."""

    collection: PastObjects

    def __init__(self, collection: PastObjects, member: Member) -> None:
        super().__init__(collection.past, member)
        self.collection = collection

    @lazy
    def content_type(self) -> str:
        """That of the present."""
        return self.collection.content_type_of(self.member)


class PastObjects(PastNode):
    """An address book or calendar as it was, one's own or mounted."""

    def __init__(
        self, past: Past, address: Address, collection_id: int, *, owner: Address | None, mount_id: int | None = None
    ) -> None:
        super().__init__(past, address, collection_id, mount_id=mount_id)
        self.collection_id = collection_id
        self._owner = owner
        self.fallback_name = address[-1]
        self._listed: list[Member] | None = None

    @property
    def owner(self) -> Address | None:
        """The principal of the owner."""
        return self._owner

    @abstractmethod
    def content_type_of(self, member: Member) -> str:
        """Return the Content-Type of a member."""

    @property
    def max_resource_bytes(self) -> int:
        """The limit of one object today."""
        return self.visit.services.settings.card_limit_bytes

    @property
    def sync_token(self) -> str:
        """There is none: what was does not change (protocol F3)."""
        raise UnsupportedReport("The past does not change, so there is nothing to synchronise.")

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        """Refuse, as `sync_token`."""
        raise UnsupportedReport("The past does not change, so there is nothing to synchronise.")

    # --- members ------------------------------------------------------------------------------------

    @property
    def listed(self) -> list[Member]:
        """All members in name order."""
        if self._listed is None:
            self._listed = self.past.members(self.collection_id)
        return self._listed

    def members(self) -> Iterator[Resource]:
        """Yield all members in name order."""
        for member in self.listed:
            yield PastObject(self, member)

    def find(self, name: str) -> PastObject:
        """Return one member; NotFound."""
        member = states.member_named_at(self.past.reading, self.collection_id, name, self.past.seq)
        if member is None:
            raise nothing_there()
        return PastObject(self, member)

    def stored_of(self, resource_id: int) -> Mapping[str, str]:
        """Return the stored properties of a member."""
        if self._listed is None:
            return states.properties_at(self.past.reading, resource_id, self.past.seq)
        return self._stored_of_all.get(resource_id, {})

    @lazy
    def _stored_of_all(self) -> dict[int, dict[str, str]]:
        ids = [member.resource_id for member in self.listed]
        return states.properties_of(self.past.reading, ids, self.past.seq)

    @lazy
    def facts(self) -> dict[int, Fact]:
        """What is known of the members' bodies, by content id."""
        ids = [member.content_id for member in self.listed if member.content_id is not None]
        return past_bodies.facts_of(self.past.reading, ids)

    def fact_of(self, member: Member) -> Fact | None:
        """Return what is known of a member's body."""
        return self.facts.get(member.content_id or 0)

    def bodies(self, members: Iterable[Resource]) -> Iterator[tuple[Resource, bytes | None]]:
        """Yield members with their octets."""
        asked = [cast("PastObject", member) for member in members]  # they are ours: whoever asks got them here
        found = past_bodies.octets_of(self.past.reading, self.past.bodies, [each.member for each in asked])
        for each, (_, body) in zip(asked, found, strict=True):
            yield each, body

    def named(self, names: Sequence[str]) -> Iterator[tuple[str, Resource | None, bytes | None]]:
        """Yield (name as asked, member, octets) in the order asked; a decomposed name finds its composed member."""
        reading, seq = self.past.reading, self.past.seq
        found = [states.member_named_at(reading, self.collection_id, name, seq) for name in names]
        there = [member for member in found if member is not None]
        octets = past_bodies.octets_of(reading, self.past.bodies, there)
        for name, member in zip(names, found, strict=True):
            if member is None:
                yield name, None, None
            else:
                yield name, PastObject(self, member), next(octets)[1]


class PastBook(PastObjects):
    """An address book as it was."""

    kind = Kind.ADDRESSBOOK

    def content_type_of(self, member: Member) -> str:
        """All cards alike."""
        return address_book.SENT_AS

    def query(self, wanted: CardFilter) -> Iterator[Resource]:
        """Yield the cards that match; a search by name looks at the known names before any body is read."""
        if not wanted.props:
            yield from self.members()
            return
        may_match = address_book.title_test(wanted)
        chosen: Iterable[Member] = self.listed
        if may_match is not None:
            chosen = compress(chosen, may_match([self._title(member) for member in self.listed]))
        yield from address_book.matching(self.bodies(PastObject(self, member) for member in chosen), wanted)

    def _title(self, member: Member) -> str | None:
        fact = self.fact_of(member)
        return None if fact is None else fact.title


class PastCalendar(PastObjects):
    """A calendar or task list as it was."""

    kind = Kind.CALENDAR

    @property
    def max_resource_bytes(self) -> int:
        """The limit of one object today."""
        return self.visit.services.settings.event_limit_bytes

    @lazy
    def components(self) -> frozenset[str]:
        """What it held."""
        return calendar.components_in(self.stored())

    def zone_name(self) -> str:
        """Its zone then, else the household's of today (protocol E1)."""
        return calendar.zone_in(self.stored()) or self.site.household_zone

    @property
    def is_opaque(self) -> bool:
        """Whether its events counted for free-busy over the home."""
        return calendar.is_opaque(self.stored())

    def content_type_of(self, member: Member) -> str:
        """With the component."""
        if self._listed is None:
            return calendar.calendar_type(spans.component_of(self.past.reading, member.content_id))
        fact = self.fact_of(member)
        return calendar.calendar_type(None if fact is None else fact.component)

    def query(self, wanted: CompFilter, *, timezone: str | None) -> Iterator[Resource]:
        """Yield the objects that match: by their facts where those decide, else by reading them."""
        unsure: list[Resource] = []
        for member in self.listed:
            verdict = judge(wanted, self.fact_of(member))
            if verdict is True:
                yield PastObject(self, member)
            elif verdict is None:
                unsure.append(PastObject(self, member))
        yield from calendar.matching(self.bodies(unsure), wanted, timezone or self.zone_name())

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return one VFREEBUSY of this calendar."""
        start, end = to_micros(start_at), to_micros(end_at)
        now = to_micros(self.visit.services.clock.now())
        return busy_calendar(self.busy_periods(start, end), start, end, now)

    def busy_periods(self, start: int, end: int) -> list[calendar.Period]:
        """Return (start, end, busy) of everything that made busy in a range, in no order."""
        chosen = [PastObject(self, each) for each in self.listed if touches(self.fact_of(each), start, end)]
        zone = self.zone_name()
        return [
            period
            for _, body in self.bodies(chosen)
            if body is not None
            for period in calendar.busy_in(body, start, end, zone)
        ]


def judge(wanted: CompFilter, fact: Fact | None) -> bool | None:
    """Return whether an object matches as far as its facts tell; None: it has to be read.

    Facts name the first component only and know no zones, so they exclude by time alone and admit by kind alone.
    """
    if fact is None or wanted.name != "VCALENDAR" or wanted.absent or wanted.time_range is not None:
        return None
    inner = next((comp for comp in wanted.comps if not comp.absent and comp.name != "VTIMEZONE"), None)
    if inner is None:
        return None
    ranges = [inner.time_range, *(comp.time_range for comp in inner.comps if not comp.absent)]
    if any(asked is not None and not _may_touch(fact, asked) for asked in ranges):
        return False
    plain = not (wanted.props or inner.props or inner.comps or len(wanted.comps) > 1) and inner.time_range is None
    return True if plain and fact.component == inner.name else None


def _may_touch(fact: Fact, asked: TimeRange) -> bool:
    start = -spans.FOREVER if asked.start_at is None else to_micros(asked.start_at)
    end = spans.FOREVER if asked.end_at is None else to_micros(asked.end_at)
    return touches(fact, start, end)


def touches(fact: Fact | None, start: int, end: int) -> bool:
    """Return whether an object can take place, or ring, in a range; floating times may mean any zone."""
    if fact is None or fact.first_at is None:
        return True
    if fact.first_at > end + spans.FLOATING_SLACK:
        return False
    return fact.last_at is None or fact.last_at >= start - spans.FLOATING_SLACK
