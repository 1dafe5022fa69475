"""What takes place in a range in one calendar: for a page that shows a month, with the cost of a month.

The index answers for nearly everything; only what it cannot decide is read, up to a bound, and the answer says when
that was not all. Titles are looked up for what is shown. What was deleted is told beside it. It refuses to know who
may look: whoever has the `Calendar` found it through the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.objects.content_lines import Component, Malformed, parse
from appliance.objects.event_faces import Occurrence, due_at, is_called_off, is_done, occurrences, text_in
from appliance.objects.icalendar_facts import kept_components
from appliance.objects.values import DAY, SECOND, instant, local_time
from appliance.store import ended, queries, spans
from appliance.store.bodies import Bodies
from appliance.store.ended import Ended
from appliance.store.spans import ListedRow
from appliance.tree.calendar import Calendar

MOST_READ = 300  # bodies that one calendar has read for a range
MOST_TIMES = 400  # of one series in a range
NEWEST_ENDS = 1000  # deletions of a calendar that are looked at


class Happening(NamedTuple):
    """One time that a member takes place, in microseconds. `dated` False: a task without a date."""

    start_at: int
    end_at: int
    whole_day: bool
    resource_id: int
    is_task: bool = False
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Happened:
    """What takes place in a range. `is_all` False: there is more than may be read for one page."""

    times: list[Happening]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a line says of one time of a member."""

    name: str
    title: str
    place: str = ""
    is_done: bool = False
    is_off: bool = False  # called off


@dataclass(frozen=True, slots=True)
class Departed:
    """One time of something that was deleted."""

    time: Happening
    told: Told
    ended: Ended


def happened(calendar: Calendar, start_at: int, end_at: int, zone: ZoneInfo) -> Happened:
    """Return what takes place in a range, in no order; floating times are those of the zone."""
    reading, collection_id = calendar.visit.reading, calendar.row.id
    rows = spans.listed_in(reading, collection_id, start_at, end_at)
    unlisted = spans.unlisted(reading, collection_id, start_at, end_at)
    to_read = {row.resource_id for row in rows if row.unsure}.union(unlisted)
    times = [
        time for row in rows if row.resource_id not in to_read and _is_in(time := _time(row, zone), start_at, end_at)
    ]
    chosen = sorted(to_read, reverse=True)[:MOST_READ]
    members = queries.members_by_id(reading, collection_id, chosen) if chosen else []
    for resource, body in calendar.looked_through(calendar.member_resource(member, "") for member in members):
        if body is not None and resource.resource_id is not None:
            times += _read(resource.resource_id, body, (start_at, end_at), zone)
    return Happened(times, is_all=len(chosen) == len(to_read))


def told_of(calendar: Calendar, shown: Sequence[Happening], zone: ZoneInfo, *, whole: bool) -> dict[Happening, Told]:
    """Return what to say of each time that is shown; `whole`: with what only the bodies say, the place."""
    reading = calendar.visit.reading
    ids = sorted({time.resource_id for time in shown})
    if not ids:
        return {}
    titled = {each.resource_id: each for each in spans.titled(reading, calendar.row.id, ids)}
    tasks = {time.resource_id for time in shown if time.is_task}
    names = [each.name for each in titled.values() if whole or each.said_apart or each.resource_id in tasks]
    bodies: dict[int, bytes] = {}
    for _, resource, body in calendar.named(names):
        if resource is not None and resource.resource_id is not None and body is not None:
            bodies[resource.resource_id] = body
    found: dict[Happening, Told] = {}
    for time in shown:
        entry = titled.get(time.resource_id)
        if entry is not None:
            component = _component(bodies.get(time.resource_id), time, zone)
            found[time] = _told(entry.name, entry.title or "", component)
    return found


def departed(
    calendar: Calendar, bodies: Bodies, start_at: int, end_at: int, zone: ZoneInfo, *, most: int
) -> list[Departed]:
    """Return the times in a range of what was deleted from a calendar, at most so many."""
    reading = calendar.visit.reading
    found: list[Departed] = []
    ends = ended.ended_events(
        reading, calendar.row.id, start_at - spans.FLOATING_SLACK, end_at + spans.FLOATING_SLACK, newest=NEWEST_ENDS
    )
    for each in ends[:MOST_READ]:
        if each.content_id is None or len(found) >= most:
            continue
        try:
            body = bodies.whole(reading, each.content_id, of=each.resource_id)
            read = occurrences(body, start_at - SECOND, end_at, zone, most=MOST_TIMES)
        except (Malformed, errors.ContentMissing, errors.ContentThinned):
            continue
        for occurrence in read:
            time = _of_occurrence(each.resource_id, occurrence)
            if _is_in(time, start_at, end_at):
                found.append(Departed(time, _told(each.name, each.title or "", occurrence.component), each))
    return found[:most]


def calendars_of(collections: Iterable[object]) -> list[Calendar]:
    """Return the calendars among collections, each once: what is shown in two homes is the first."""
    found: dict[int, Calendar] = {}
    for each in collections:
        if isinstance(each, Calendar):
            found.setdefault(each.row.id, each)
    return list(found.values())


def _time(row: ListedRow, zone: ZoneInfo) -> Happening:
    """Return the time of a row of the index, which keeps floating ones as if they were UTC."""
    resource_id, start, end, component, floating, _ = row
    is_task = component == "VTODO"
    if is_task:
        start = end = due_at((start, end))
    whole_day = bool(floating) and start % DAY < SECOND and end % DAY < SECOND and (is_task or end > start)
    if not floating:
        return Happening(start, end, False, resource_id, is_task)
    return Happening(
        instant(local_time(start // SECOND * SECOND), zone), instant(local_time(end), zone), whole_day,
        resource_id, is_task,
    )  # fmt: skip


def _read(resource_id: int, body: bytes, span: tuple[int, int], zone: ZoneInfo) -> list[Happening]:
    try:
        read = occurrences(body, span[0] - SECOND, span[1], zone, most=MOST_TIMES)  # a task ends as it is due
    except Malformed:
        return []
    times = (_of_occurrence(resource_id, occurrence) for occurrence in read)
    return [time for time in times if not time.dated or _is_in(time, *span)]


def _of_occurrence(resource_id: int, occurrence: Occurrence) -> Happening:
    is_task = occurrence.component.name == "VTODO"
    start, end = occurrence.span
    if is_task and occurrence.dated:
        start = end = due_at(occurrence.span)
    return Happening(start, end, occurrence.whole_day, resource_id, is_task, occurrence.dated)


def _is_in(time: Happening, start_at: int, end_at: int) -> bool:
    return time.start_at < end_at and (time.end_at > start_at or time.start_at == time.end_at >= start_at)


def _component(body: bytes | None, time: Happening, zone: ZoneInfo) -> Component | None:
    """Return what describes one time of an object; None where that is its title alone."""
    if body is None:
        return None
    try:
        alone = kept_components(parse(body))
        if len(alone) == 1:
            return alone[0]
        read = occurrences(body, time.start_at - SECOND, time.end_at + SECOND, zone, most=MOST_TIMES)
    except Malformed:
        return None
    fitting = [each for each in read if _of_occurrence(time.resource_id, each)[:2] == time[:2]]
    return (fitting or read)[0].component if read else None


def _told(name: str, title: str, component: Component | None) -> Told:
    if component is None:
        return Told(name, title)
    said = " ".join(text_in(component, "SUMMARY").split())
    done = component.name == "VTODO" and is_done(component)
    return Told(name, said or title, text_in(component, "LOCATION"), done, is_called_off(component))
