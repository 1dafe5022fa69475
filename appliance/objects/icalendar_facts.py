"""What the index keeps of a calendar object (RFC 5545, RFC 4791 4.1), so that a query by time needs no parse.

Refuses only what has no VCALENDAR, no component or no UID; all else is flagged in words (promise 6). Floating
and all-day times are given as if they were UTC: `EventFacts.floating` tells the index to search wider.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC

from appliance.errors import NotACalendar
from appliance.objects.alarms import read_alarm
from appliance.objects.content_lines import Component, Malformed, Parsed, parse_all, text_of
from appliance.objects.extents import Extent, Span, free_busy_extent, free_busy_spans, touches
from appliance.objects.recurrence import Series
from appliance.objects.rule_starts import Budget, BudgetSpent
from appliance.objects.rules import read_rule
from appliance.objects.time_range import RECURRING, recurrence_sets
from appliance.objects.timezones import Zones
from appliance.objects.values import EARLIEST, LATEST, moment_of, moments_of, read_duration

LIMIT = 1_000
TITLE_LENGTH = 200
NEVER: Span = (LATEST, EARLIEST)

_DATES = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
_ALL_DATES = frozenset({*_DATES, "RDATE", "EXDATE"})


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What the index keeps. Times are microseconds in UTC; `last_at` None: for ever.

    The hull, first to last, covers every instance and every alarm; what never happens has an empty one
    (`first_at` after `last_at`). `longest` is an upper bound of the microseconds of the longest instance.
    `zoneless`: all of its times float, so that its instances in any zone are those listed here, placed there.
    """

    uid: str
    component: str
    title: str
    fault: str | None
    recurring: bool
    first_at: int
    last_at: int | None
    longest: int
    floating: bool
    zoneless: bool
    calendar: Component = field(repr=False, compare=False)
    """as parsed, for `list_instances`"""


@dataclass(frozen=True, slots=True)
class Listing:
    """The instances of a range, (start, end, busy) with distinct starts: all that start before `listed_to`."""

    rows: tuple[tuple[int, int, str], ...]
    listed_from: int
    listed_to: int


def read_event(body: bytes) -> EventFacts:
    """Return what the index keeps of the object; NotACalendar without VCALENDAR, component or UID."""
    try:
        parsed = parse_all(body)
    except Malformed as malformed:
        raise NotACalendar(f"This is no calendar. {malformed}") from malformed
    calendar = parsed.roots[0]
    if calendar.name != "VCALENDAR":
        raise NotACalendar("This is no calendar: it does not begin with BEGIN:VCALENDAR.")
    kept = kept_components(calendar)
    if not kept:
        raise NotACalendar("There is no event, task or note in this calendar.")
    uids = [uid for component in kept if (uid := _uid(component))]
    if not uids:
        raise NotACalendar("This calendar object has no UID.")
    zones = Zones(calendar)
    sets = [Series(found, zones, UTC) for found in recurrence_sets(kept) if found[0].name in RECURRING]
    first_at, last_at = _hull(sets, kept, zones)
    floating = _floats(kept, sets, zones)
    return EventFacts(
        uid=uids[0],
        component=next((found.name for found in kept if found.name in RECURRING), kept[0].name),
        title=_title(kept),
        recurring=any(series.recurring for series in sets),
        first_at=first_at,
        last_at=None if last_at >= LATEST else last_at,
        longest=_longest(sets, kept, zones),
        floating=floating,
        zoneless=floating and _is_zoneless(kept, sets, zones),
        fault=" ".join(_faults(parsed, kept, sets, zones)) or None,
        calendar=calendar,
    )


def list_instances(facts: EventFacts, from_at: int, to_at: int, limit: int = LIMIT) -> Listing:
    """Return at most `limit` instances that touch the range, in order; what is cut off starts at `listed_to` or later.

    `busy` is BUSY, BUSY-TENTATIVE, BUSY-UNAVAILABLE or FREE (RFC 4791 7.10), judged for each instance by the
    component that describes it.
    """
    zones = Zones(facts.calendar)
    rows: list[tuple[int, int, str]] = []
    listed_to = to_at
    for found in recurrence_sets(kept_components(facts.calendar)):
        if found[0].name == "VFREEBUSY":
            rows += [row for row in _free_busy_rows(found[0], zones) if touches(row[:2], from_at, to_at)]
        elif found[0].name in RECURRING:
            series = Series(found, zones, UTC)
            more, complete_to = _rows(series, from_at, to_at, limit)
            rows += more
            listed_to = min(listed_to, complete_to)
    rows = sorted(row for row in rows if row[0] < listed_to)
    if len(rows) > limit:
        listed_to = rows[limit][0]
        rows = rows[:limit]
    return Listing(tuple(_distinct(rows)), from_at, max(listed_to, from_at))


def kept_components(calendar: Component) -> list[Component]:
    """Return the components that make the object: all but the zones."""
    return [component for component in calendar.components if component.name != "VTIMEZONE"]


def busy_of(component: Component) -> str:
    """Return what an instance of a component does to free-busy (RFC 4791 7.10, the table); only events make busy."""
    if component.name != "VEVENT" or _word(component, "TRANSP") == "TRANSPARENT":
        return "FREE"
    status = _word(component, "STATUS")
    if status == "CANCELLED":
        return "FREE"
    if status == "TENTATIVE":
        return "BUSY-TENTATIVE"
    # RFC 5545 cannot say "away"; Outlook's own word for it is the only way an event can
    return "BUSY-UNAVAILABLE" if _word(component, "X-MICROSOFT-CDO-BUSYSTATUS") == "OOF" else "BUSY"


def _rows(series: Series, from_at: int, to_at: int, limit: int) -> tuple[list[tuple[int, int, str]], int]:
    """Return rows of a set, and the instant before whose start none is missing."""
    rows: list[tuple[int, int, str]] = []
    last_start = from_at
    busy = {id(component): busy_of(component) for component in series.components}
    try:
        for instance in series.instances(from_at, to_at, Budget()):
            start, end = instance.extent.widened(instance.span)
            rows.append((start, end, busy[id(instance.extent.component)]))
            if len(rows) > limit + len(series.components):
                return rows, start - series.disorder
            last_start = start
    except BudgetSpent:
        return rows, max(from_at, last_start - series.disorder if rows else from_at)
    return rows, to_at


def _free_busy_rows(component: Component, zones: Zones) -> Iterator[tuple[int, int, str]]:
    """Yield the periods, and as FREE what the time range looks at, begun a microsecond later: starts are distinct."""
    periods = free_busy_spans(component, zones, UTC)
    whole = free_busy_extent(component, zones, UTC)
    if whole is None:
        yield from periods
        return
    # a period outside DTSTART and DTEND is against RFC 5545 3.6.4, and the time range does not look at it
    yield from (row for row in periods if touches(whole, row[0], row[1]))
    yield whole[0] + 1, whole[1], "FREE"


def _distinct(rows: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield rows with distinct starts, for the index keeps one per start: the later one begins a microsecond late."""
    last = EARLIEST - 1
    for start, end, busy in rows:
        start = max(start, last + 1)
        yield start, max(start, end), busy
        last = start


def _hull(sets: list[Series], kept: list[Component], zones: Zones) -> Span:
    spans = [hull for series in sets if (hull := series.hull()) is not None]
    for component in kept:
        if component.name == "VFREEBUSY":
            spans += [(start, end) for start, end, _ in free_busy_spans(component, zones, UTC)]
            whole = free_busy_extent(component, zones, UTC)
            spans += [] if whole is None else [whole]
        elif component.name not in RECURRING:
            spans.append((EARLIEST, LATEST))  # no RFC says when it takes place: VAVAILABILITY, VPOLL, X-
    if not spans:
        return NEVER
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return _with_alarms(first, last, kept, zones)


def _with_alarms(first: int, last: int, kept: list[Component], zones: Zones) -> Span:
    """Return the hull widened so far that every alarm goes off inside it."""
    lows, highs = [first], [last]
    for component in kept:
        for inner in component.components:
            alarm = read_alarm(inner, zones, UTC) if inner.name == "VALARM" else None
            if alarm is None:
                continue
            if alarm.at is not None:
                lows.append(alarm.at)
                highs.append(alarm.at + alarm.repeats * alarm.every + 1)
            elif first <= last:
                lows.append(max(EARLIEST, first - alarm.reach))
                highs.append(min(LATEST, last + alarm.reach))
    return min(lows), max(highs)


def _longest(sets: list[Series], kept: list[Component], zones: Zones) -> int:
    lengths = [series.longest for series in sets]
    for component in kept:
        if component.name == "VFREEBUSY":
            lengths += [end - start for start, end, _ in free_busy_spans(component, zones, UTC)]
            whole = free_busy_extent(component, zones, UTC)
            lengths += [] if whole is None else [whole[1] - whole[0]]
        elif component.name not in RECURRING:
            lengths.append(LATEST - EARLIEST)
    return max(0, *lengths) if lengths else 0


def _floats(kept: list[Component], sets: list[Series], zones: Zones) -> bool:
    """Return whether anything that counts for time has no zone of its own."""
    extents: list[Extent] = [extent for series in sets for extent in series.extents]
    if any(extent.start is not None and extent.start.zone is None for extent in extents):
        return True
    lines = [line for component in kept for name in _DATES for line in component.all(name)]
    return any(moment is not None and moment.zone is None for moment in (moment_of(line, zones) for line in lines))


def _is_zoneless(kept: list[Component], sets: list[Series], zones: Zones) -> bool:
    """Return whether nothing in it knows a zone: no date, no exact length (by the wall it differs), no UNTIL."""
    extents = [extent for series in sets for extent in series.extents]
    if any(component.name not in RECURRING for component in kept):
        return False
    if any(extent.start is None or extent.start.zone is not None or extent.micros for extent in extents):
        return False
    lines = [line for component in kept for line in component.lines]
    if any(
        moment.zone is not None or end is not None
        for line in lines
        if line.name in _ALL_DATES
        for moment, end in moments_of(line, zones)
    ):
        return False
    rules = [read_rule(line.value) for line in lines if line.name == "RRULE"]
    return not any(rule is not None and rule.until is not None and rule.until.zone is not None for rule in rules)


def _title(kept: list[Component]) -> str:
    masters = [component for component in kept if component.first("RECURRENCE-ID") is None]
    for component in (*masters, *kept):
        line = component.first("SUMMARY")
        if line is not None:
            return " ".join(text_of(line).split())[:TITLE_LENGTH]
    return ""


def _faults(parsed: Parsed, kept: list[Component], sets: list[Series], zones: Zones) -> Iterator[str]:
    calendar = parsed.roots[0]
    yield from parsed.faults
    if len(parsed.roots) > 1:
        yield f"There are {len(parsed.roots)} calendars in one; only the first is looked at."
    version = _word(calendar, "VERSION")
    if version != "2.0":
        yield f"It is iCalendar {version[:20]}, not 2.0." if version else "VERSION is missing."
    if calendar.first("METHOD") is not None:
        yield "METHOD is there: this is a message about an event, not an event."
    if len({component.name for component in kept}) > 1:
        yield "There are components of more than one kind."
    if len({_uid(component) for component in kept}) > 1:
        yield "There is more than one UID." if all(map(_uid, kept)) else "A component has no UID."
    for series in sets:
        yield from _time_faults(series)
    for tzid in sorted(zones.unknown)[:3]:
        yield f"The time zone {tzid[:60]!r} is unknown; its times are read in the calendar's own."


def _time_faults(series: Series) -> Iterator[str]:
    for extent in series.extents:
        component = extent.component
        if component.name == "VEVENT" and extent.start is None:
            yield "DTSTART is missing or cannot be read."
        length = component.first("DURATION")
        if length is not None and read_duration(length.value) is None:
            yield "DURATION cannot be read."
        if extent.ends_early:
            yield "The end is not after the start."
        for line in component.all("RRULE"):
            if read_rule(line.value) is None:
                yield "RRULE cannot be read."
        if component.first("EXRULE") is not None:
            yield "EXRULE is not followed."


def _uid(component: Component) -> str:
    line = component.first("UID")
    return "" if line is None else line.value.strip()


def _word(component: Component, name: str) -> str:
    line = component.first(name)
    return "" if line is None else line.value.strip().upper()
