"""A calendar or task list (RFC 4791). A window query is an index lookup; only what the index cannot decide is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import cast
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.clock import to_micros
from appliance.dav.contracts import Kind, Resource
from appliance.match.calendars import Occurs, calendar_test
from appliance.match.filters import CompFilter
from appliance.objects.content_lines import Component, Malformed, parse
from appliance.objects.extents import touches
from appliance.objects.free_busy import busy_calendar
from appliance.objects.icalendar_facts import EventFacts, Listing, busy_of, kept_components, list_instances, read_event
from appliance.objects.time_range import Occurrences, bounds
from appliance.objects.timezones import zone_named
from appliance.objects.values import instant, local_time
from appliance.store import queries, spans
from appliance.store.ledger import Member
from appliance.store.spans import Candidate
from appliance.tree.address_book import require_type
from appliance.tree.components import COMPONENT_SET, DEFAULT_COMPONENTS
from appliance.tree.lazy import lazy
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.object_member import ObjectMember
from appliance.tree.plain import names_in, text_of

CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_TYPES = frozenset({"text/calendar", "text/x-vcalendar", "text/plain", "application/octet-stream"})
LISTED_BACK = timedelta(days=5 * 366)  # as far as old months are looked at: reading a series costs 0.4 ms
LISTED_BACK_OFTEN = timedelta(days=366)  # of what happens so often that the index would end before today
LISTED_AHEAD = timedelta(days=731)
BUSY_INSTANCES = 10_000  # of one object in one answer about busy times

Period = tuple[int, int, str]


class Calendar(ObjectCollection):
    """Members are calendar objects, kept octet for octet."""

    kind = Kind.CALENDAR
    suffix = ".ics"

    @property
    def max_resource_bytes(self) -> int:
        """The limit of one object."""
        return self.visit.services.settings.event_limit_bytes

    @lazy
    def components(self) -> frozenset[str]:
        """What it holds, chosen when it was made (RFC 4791 5.2.3)."""
        return components_in(self.stored())

    def zone_name(self) -> str:
        """The calendar's own zone, the mount's before the owner's, else the household's (protocol E1)."""
        return zone_in(self.stored()) or self.site.household_zone

    # --- what is kept -------------------------------------------------------------------------------

    def read_facts(self, body: bytes, content_type: str | None) -> spans.Facts:
        """Read what the index keeps; only what is no calendar, or of a kind not kept here, is refused (promise 6)."""
        require_type(content_type, CALENDAR_TYPES, "supported-calendar-data")
        event = read_event(body)
        kinds = {component.name for component in kept_components(event.calendar)}
        self._require_kept(kinds)
        listing = self._listing(event)
        return spans.Facts(
            "event", event.uid, component=event.component, title=event.title, fault=event.fault,
            first_at=event.first_at, last_at=event.last_at, longest=event.longest, recurring=event.recurring,
            floating=event.floating, zoneless=event.zoneless, mixed=len(kinds) > 1, listed_from=listing.listed_from,
            listed_to=listing.listed_to, instances=listing.rows,
        )  # fmt: skip

    def _listing(self, event: EventFacts) -> Listing:
        """Return what the index holds: all of what does not recur, some years of what may go on for ever.

        It says that nothing is missing before or after where the hull ends within the window.
        """
        if not event.recurring and event.last_at is not None:
            return list_instances(event, event.first_at, event.last_at + 1)
        now = self.visit.services.clock.now()
        ahead = to_micros(now + LISTED_AHEAD)
        to_at = ahead if event.last_at is None else min(ahead, event.last_at + 1)
        from_at = max(event.first_at, to_micros(now - LISTED_BACK))
        listing = list_instances(event, from_at, to_at)
        if listing.listed_to < to_at:
            from_at = max(event.first_at, to_micros(now - LISTED_BACK_OFTEN))
            listing = list_instances(event, from_at, to_at)
        ended = event.last_at is not None and listing.listed_to > event.last_at
        return Listing(
            listing.rows,
            -spans.UNBOUNDED if from_at <= event.first_at else listing.listed_from,
            spans.UNBOUNDED if ended else listing.listed_to,
        )

    def _require_kept(self, kinds: Iterable[str]) -> None:
        """Raise ComponentNotKept unless one kind is kept here: by that one clients find it (RFC 4791 5.3.2.1)."""
        if self.components.isdisjoint(kinds):
            raise errors.ComponentNotKept(f"This calendar does not keep {', '.join(sorted(kinds))}.")

    def require_component(self, member: ObjectMember) -> None:
        """Raise ComponentNotKept for an object of a kind that this calendar does not keep."""
        kind = spans.component_of(self.visit.reading, member.member.content_id)
        if kind is not None:
            self._require_kept([kind])

    def content_type_of(self, member: Member) -> str:
        """With the component, as clients expect it (protocol D9)."""
        kind = self._kinds.get(member.content_id) if self._many else None
        kind = kind or spans.component_of(self.visit.reading, member.content_id)
        return calendar_type(kind)

    @lazy
    def _kinds(self) -> dict[int | None, str]:
        return spans.components_in(self.visit.reading, self.row.id)

    # --- queries ------------------------------------------------------------------------------------

    def query(self, wanted: CompFilter, *, timezone: str | None) -> Iterator[Resource]:
        """Yield the objects that match. What the index is certain of is not read; the rest is judged exactly."""
        chosen = self._candidates(wanted)
        zone = timezone or self.zone_name()
        if chosen is None:
            members: list[Resource] = list(self.members())
            certain: frozenset[int] = frozenset()
        else:
            self.expect_many()
            chosen = self._judged(chosen, wanted, zone)
            certain = frozenset(c.resource_id for c in chosen if c.certain)
            epochs = self.visit.ledger.epochs(self.visit.reading)
            found = queries.members_by_id(self.visit.reading, self.row.id, [c.resource_id for c in chosen])
            members = [self.member_resource(member, epochs.etag(member.body_seq)) for member in found]
        unsure: list[Resource] = []
        for member in members:
            if member.resource_id in certain:
                yield member
            else:
                unsure.append(member)
        yield from matching(self.looked_through(unsure), wanted, zone)

    def _candidates(self, wanted: CompFilter) -> list[Candidate] | None:
        """Return the members that can match by the index, None: all. Certain ones match without being read."""
        if wanted.name != "VCALENDAR" or wanted.absent or wanted.time_range is not None or not wanted.comps:
            return None
        # the index keeps no zones
        inner = next((comp for comp in wanted.comps if not comp.absent and comp.name != "VTIMEZONE"), None)
        if inner is None:
            return None
        reading, collection_id = self.visit.reading, self.row.id
        plain = not (wanted.props or inner.props or inner.comps or len(wanted.comps) > 1)
        if inner.time_range is not None:
            start, end = _micros(inner.time_range.start_at), _micros(inner.time_range.end_at)
            found = spans.candidates(reading, collection_id, start, end, inner.name)
        else:
            alarm = next((comp for comp in inner.comps if comp.name == "VALARM" and comp.time_range), None)
            if alarm is not None and alarm.time_range is not None and not alarm.absent:
                start, end = _micros(alarm.time_range.start_at), _micros(alarm.time_range.end_at)
                return spans.hulls_touching(reading, collection_id, start, end)
            found = spans.of_kind(reading, collection_id, inner.name)
        return found if plain else [Candidate(c.resource_id, certain=False) for c in found]

    def _judged(self, found: list[Candidate], wanted: CompFilter, zone: str) -> list[Candidate]:
        """Decide what floats by the zone alone, without reading it."""
        asked = next((comp.time_range for comp in wanted.comps if comp.time_range is not None), None)
        if asked is None:
            return found
        start, end = bounds(asked.start_at, asked.end_at)
        where = ZoneInfo(zone)
        judged: list[Candidate] = []
        for candidate in found:
            if not candidate.local:
                judged.append(candidate)
            elif any(touches(_placed(local, where), start, end) for local in candidate.local):
                judged.append(Candidate(candidate.resource_id, certain=True))
        return judged

    # --- free-busy ----------------------------------------------------------------------------------

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return one VFREEBUSY of this calendar."""
        periods = self.busy_periods(to_micros(start_at), to_micros(end_at))
        return busy_calendar(
            periods, to_micros(start_at), to_micros(end_at), to_micros(self.visit.services.clock.now())
        )

    @property
    def is_opaque(self) -> bool:
        """Whether its events count for free-busy over the home (RFC 6638 9.1); the mount's own choice (protocol C3)."""
        return is_opaque(self.stored())

    def busy_periods(self, start: int, end: int) -> list[Period]:
        """Return (start, end, busy) of everything that makes busy in a range, in no order."""
        reading = self.visit.reading
        indexed = spans.busy_rows(reading, self.row.id, start, end)
        unlisted = set(spans.unlisted(reading, self.row.id, start, end))
        to_read = unlisted | {row.resource_id for row in indexed if row.unsure}
        where = ZoneInfo(self.zone_name())
        periods: list[Period] = []
        for row in indexed:
            if row.resource_id not in to_read:
                placed = (row.start_at, row.end_at)
                periods.append((*(_placed(placed, where) if row.floating else placed), row.busy))
        members = queries.members_by_id(reading, self.row.id, sorted(to_read))
        for _, body in self.looked_through(self.member_resource(member, "") for member in members):
            if body is not None:
                periods.extend(busy_in(body, start, end, self.zone_name()))
        return periods


# --- what the past asks as well ---------------------------------------------------------------------


def calendar_type(kind: str | None) -> str:
    """Return the Content-Type of an object: with its component, as clients expect it (protocol D9)."""
    return f"text/calendar; charset=utf-8; component={kind}" if kind else "text/calendar; charset=utf-8"


def components_in(stored: Mapping[str, str]) -> frozenset[str]:
    """Return what a calendar with these properties holds (RFC 4791 5.2.3)."""
    chosen = stored.get(COMPONENT_SET)
    return frozenset(DEFAULT_COMPONENTS) if chosen is None else names_in(chosen)


def zone_in(stored: Mapping[str, str]) -> str | None:
    """Return the IANA name of the zone that a calendar with these properties chose, None without one that is known."""
    chosen = stored.get(f"{CALDAV}calendar-timezone-id")
    name = "" if chosen is None else text_of(chosen).strip()
    return name if zone_named(name) is not None else None


def is_opaque(stored: Mapping[str, str]) -> bool:
    """Return whether the events of a calendar with these properties make busy (RFC 6638 9.1)."""
    return "transparent" not in stored.get(f"{CALDAV}schedule-calendar-transp", "")


def matching(pairs: Iterable[tuple[Resource, bytes | None]], wanted: CompFilter, zone: str) -> Iterator[Resource]:
    """Yield the objects whose octets match; what cannot be read matches nothing."""
    holds = calendar_test(wanted)
    for member, body in pairs:
        try:
            calendar = None if body is None else parse(body)
        except Malformed:
            continue
        if calendar is not None and holds(calendar, _occurs(calendar, zone)):
            yield member


def busy_in(body: bytes, start: int, end: int, zone_name: str) -> Iterator[Period]:
    """Yield the instances of one object that make busy; floating times are read in the zone.

    One that happens too often to be counted is busy for the rest of the range: a lie about an hour is worse.
    """
    try:
        event = read_event(body)
    except errors.NotACalendar:
        return
    slack = spans.FLOATING_SLACK if event.floating else 0
    zone = ZoneInfo(zone_name) if event.floating else UTC
    listing = list_instances(event, start - slack, end + slack, BUSY_INSTANCES)
    for first, last, busy in listing.rows:
        if busy != "FREE":
            yield (*_placed((first, last), zone), busy)
    kinds = [busy for component in kept_components(event.calendar) if (busy := busy_of(component)) != "FREE"]
    if listing.listed_to < end + slack and kinds:
        yield listing.listed_to, end, kinds[0]


def _placed(local: tuple[int, int], zone: tzinfo) -> tuple[int, int]:
    """Return a floating time, kept as if it were UTC, as instants of a zone."""
    return instant(local_time(local[0]), zone), instant(local_time(local[1]), zone)


def _occurs(calendar: Component, zone: str) -> Occurs:
    # `match` knows components by their shape only, `objects` makes them: what it is asked about is what it parsed
    return cast("Occurs", Occurrences(calendar, zone))


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)
