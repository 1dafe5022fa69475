"""What an event, task or note shows of itself: title, when, where, who, how often, reminders, note.

For people to read, like `faces.py` for cards: values only, no words, and nothing here is kept or compared. What nobody
has a field for is told as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from appliance.objects.alarms import Alarm, read_alarm
from appliance.objects.content_lines import Component, ContentLine, parse, text_of
from appliance.objects.extents import Span, extent_of
from appliance.objects.icalendar_facts import kept_components
from appliance.objects.property_tree import STAMPED
from appliance.objects.recurrence import Series
from appliance.objects.rule_starts import Budget, BudgetSpent
from appliance.objects.rules import Rule, read_rule
from appliance.objects.time_range import RECURRING, recurrence_sets
from appliance.objects.timezones import Zones
from appliance.objects.values import SECOND, moments_of

LONGEST = 20_000  # characters of one field
MOST = 200  # guests, or other lines
_SAID = frozenset({
    "UID", "SUMMARY", "DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "LOCATION",
    "DESCRIPTION", "STATUS", "ATTENDEE", "ORGANIZER", "CATEGORIES", "URL", "COMPLETED", "PERCENT-COMPLETE", "TRANSP",
}) | STAMPED  # fmt: skip


class Guest(NamedTuple):
    """Who takes part: a name, an address, and the answer as written (ACCEPTED, DECLINED, TENTATIVE, …)."""

    name: str
    mail: str
    answer: str
    is_host: bool


class Other(NamedTuple):
    """A line that nobody has a field for: its name and its text."""

    name: str
    text: str


class EventFace(NamedTuple):
    """One component as it is read. `span` in microseconds, the floating read in the zone asked for; None: undated.

    `whole_day`: dates without a time. `zone`: the name of the zone that it was written in, None: it floats, or in UTC.
    """

    component: str
    title: str
    span: Span | None
    whole_day: bool
    zone: str | None
    place: str
    note: str
    link: str
    status: str
    categories: str
    done: bool
    guests: tuple[Guest, ...]
    rules: tuple[Rule, ...]
    repeats: bool
    left_out: tuple[datetime, ...]  # local dates of EXDATE
    changed: int  # single dates that are otherwise
    reminders: tuple[Alarm, ...]
    others: tuple[Other, ...]


class Occurrence(NamedTuple):
    """One time that something takes place; `component` describes it."""

    component: Component
    span: Span
    whole_day: bool
    dated: bool = True  # False: a task without a date


def event_face(body: bytes, floating: tzinfo) -> EventFace:
    """Return what an object shows, by the component that defines it; Malformed for what is no calendar."""
    root = parse(body)
    kept = kept_components(root)
    component = next((each for each in kept if each.first("RECURRENCE-ID") is None), kept[0] if kept else root)
    changed = sum(1 for each in kept if each is not component and each.first("RECURRENCE-ID") is not None)
    return _face(component, Zones(root), floating, changed)


def occurrences(body: bytes, from_at: int, to_at: int, floating: tzinfo, *, most: int) -> list[Occurrence]:
    """Return at most so many times that touch a range; a task without a date is one that is not dated. Malformed."""
    root = parse(body)
    zones = Zones(root)
    found: list[Occurrence] = []
    for each in recurrence_sets(kept_components(root)):
        if each[0].name in RECURRING:
            found += _of_series(each, zones, (from_at, to_at, most - len(found)), floating)
    return found


def is_done(component: Component) -> bool:
    """Return whether a task is done (RFC 5545 3.8.1.11, 3.8.2.1)."""
    return _word(component, "STATUS") == "COMPLETED" or component.first("COMPLETED") is not None


def is_called_off(component: Component) -> bool:
    """Return whether it does not take place."""
    return _word(component, "STATUS") == "CANCELLED"


def text_in(component: Component, name: str) -> str:
    """Return the text of the first property of this name, empty without one."""
    line = component.first(name)
    return "" if line is None else text_of(line)[:LONGEST].strip()


def due_at(span: Span) -> int:
    """Return when a task is due: its end, without the microseconds that the range test adds."""
    return span[1] // SECOND * SECOND


def _of_series(
    components: Sequence[Component], zones: Zones, wanted: tuple[int, int, int], floating: tzinfo
) -> list[Occurrence]:
    from_at, to_at, most = wanted
    found: list[Occurrence] = []
    try:
        for instance in Series(components, zones, floating).instances(from_at, to_at, Budget()):
            if len(found) >= most:
                break
            start = instance.extent.start
            whole_day = start is not None and start.whole_day
            found.append(Occurrence(instance.extent.component, instance.span, whole_day, start is not None))
    except BudgetSpent:
        pass  # what was found so far is shown
    return found


def _face(component: Component, zones: Zones, floating: tzinfo, changed: int) -> EventFace:
    extent = extent_of(component, zones)
    start = extent.start
    span = None if start is None else extent.instance(start.local, floating)
    rules = tuple(rule for line in component.all("RRULE") if (rule := read_rule(line.value)) is not None)
    dates = component.all("RDATE")
    return EventFace(
        component=component.name,
        title=" ".join(text_in(component, "SUMMARY").split()),
        span=span,
        whole_day=start is not None and start.whole_day,
        zone=_zone_name(component),
        place=text_in(component, "LOCATION"),
        note=text_in(component, "DESCRIPTION"),
        link=text_in(component, "URL"),
        status=_word(component, "STATUS"),
        categories=", ".join(text_of(line).strip() for line in component.all("CATEGORIES"))[:LONGEST],
        done=component.name == "VTODO" and is_done(component),
        guests=tuple(_guests(component)),
        rules=rules,
        repeats=bool(component.all("RRULE") or dates),
        left_out=tuple(_left_out(component, zones))[:MOST],
        changed=changed,
        reminders=tuple(_reminders(component, zones, floating))[:MOST],
        others=tuple(_others(component))[:MOST],
    )


def _zone_name(component: Component) -> str | None:
    line = component.first("DTSTART") or component.first("DUE")
    return None if line is None else line.param("TZID")


def _guests(component: Component) -> list[Guest]:
    found = [_guest(line, is_host=True) for line in component.all("ORGANIZER")[:1]]
    return found + [_guest(line, is_host=False) for line in component.all("ATTENDEE")[:MOST]]


def _guest(line: ContentLine, *, is_host: bool) -> Guest:
    mail = line.value.strip()
    mail = mail[7:] if mail.lower().startswith("mailto:") else mail
    return Guest((line.param("CN") or "").strip(), mail, (line.param("PARTSTAT") or "").upper(), is_host)


def _left_out(component: Component, zones: Zones) -> list[datetime]:
    return sorted(moment.local for line in component.all("EXDATE") for moment, _ in moments_of(line, zones))


def _reminders(component: Component, zones: Zones, floating: tzinfo) -> list[Alarm]:
    inner = (each for each in component.components if each.name == "VALARM")
    return [alarm for each in inner if (alarm := read_alarm(each, zones, floating)) is not None]


def _others(component: Component) -> list[Other]:
    return [Other(line.name, text_of(line)[:LONGEST].strip()) for line in component.lines if line.name not in _SAID]


def _word(component: Component, name: str) -> str:
    line = component.first(name)
    return "" if line is None else line.value.strip().upper()
