"""What the pages of calendars show: the calendars of a person, and what takes place on the days of a sheet.

Everything is asked through the visitor's address space, so nothing is shown that was not shared with them. The index
is asked for a whole sheet; titles and places only for what is shown of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from flask import url_for

from appliance import errors
from appliance.clock import from_micros
from appliance.household import people
from appliance.household.people import Person
from appliance.store import queries, summaries
from appliance.store.ended import ended_in
from appliance.tree.actors import actors
from appliance.tree.calendar import Calendar
from appliance.tree.happenings import Departed, Happening, Told, calendars_of, departed, happened, told_of
from web.doers import doer_of
from web.month import Days, Entry, Sheet
from web.rooms import rooms
from web.visitor import visitor

NODE = "calendars"
MARKS = 6  # shapes, as many as there are glazes
MOST_DEPARTED = 300  # deleted times of one calendar on a sheet
TASKS = frozenset({"VTODO"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A calendar or task list as the pages name it. `mark` 1 to 6: its shape and glaze, the same on every page."""

    calendar: Calendar
    key: str  # person/name: how the address of a page names it
    name: str
    mark: int
    owner: Person | None  # None: the visitor
    page: str  # where its own page is

    def page_of(self, name: str) -> str:
        """Return where the page of one of its members is."""
        return f"{self.page}/{quote(name)}"

    @property
    def address(self) -> str:
        """Where it is below /dav/."""
        return f"{NODE}/{self.key}"

    @property
    def holds_tasks_only(self) -> bool:
        """Whether it is a task list."""
        return self.calendar.components == TASKS


@dataclass(frozen=True, slots=True)
class Gone:
    """A calendar that was deleted."""

    address: str
    name: str
    count: int
    at: datetime
    by: str


class Line(NamedTuple):
    """One time of something in a calendar; `gone` is set where it was deleted."""

    shown: Shown
    time: Happening
    gone: Departed | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is on a sheet. `tasks` have no date; `partly` are calendars with more than one page may read."""

    entries: list[Entry[Line]]
    departed: list[Entry[Line]]
    tasks: list[Line]
    partly: list[Shown]


# --- calendars --------------------------------------------------------------------------------------


def every_calendar() -> list[Shown]:
    """Return all calendars that the visitor may look at, each once, in the order in which they were made."""
    site = visitor().site
    homes = (site.home((NODE, slug)) for slug in (visitor().member.name, people.HOUSEHOLD_SLUG))
    found = calendars_of(each for home in homes for each in home.members())
    ordered = sorted(found, key=lambda calendar: calendar.row.id)
    return [_shown(calendar, number) for number, calendar in enumerate(ordered)]


def calendar_at(person: str, name: str) -> Shown:
    """Return a calendar of the visitor's address space; NotFound."""
    found = visitor().site.find((NODE, person, name))
    if not isinstance(found, Calendar):
        raise errors.NotFound("There is nothing at this address.")
    marks = {each.calendar.row.id: each.mark for each in every_calendar()}
    return _shown(found, marks.get(found.row.id, 1) - 1)


def entry_count(shown: Shown) -> int:
    """Return how many entries a calendar holds."""
    return queries.member_count(visitor().reading, shown.calendar.row.id)


def gone_calendars() -> list[Gone]:
    """Return the visitor's own calendars that were deleted, the newest first."""
    reading, slug = visitor().reading, visitor().member.name
    home, known = visitor().site.home((NODE, slug)), actors(visitor().reading)
    ended = sorted(ended_in(reading, home.home_id), key=lambda each: -each.seq)
    return [
        Gone(
            f"{NODE}/{slug}/{each.name}",
            summaries.called(reading, each.resource_id) or each.name,
            queries.member_count(reading, each.resource_id),
            from_micros(each.at), doer_of(known, each.device_id),
        )
        for each in ended
        if each.kind == "calendar"
    ]  # fmt: skip


def _shown(calendar: Calendar, number: int) -> Shown:
    row = calendar.row
    owner = None if row.owner_id == visitor().member.id else calendar.visit.person_of(row.owner_id)
    name = calendar.displayname or calendar.address[-1]
    slug, segment = calendar.address[1:]
    page = url_for("calendars.one", person=slug, calendar=segment)
    return Shown(calendar, f"{slug}/{segment}", name, number % MARKS + 1, owner, page)


# --- a sheet ----------------------------------------------------------------------------------------


def look(calendars: Iterable[Shown], sheet: Sheet) -> Outlook:
    """Return what takes place on the days of a sheet, and what was deleted from them."""
    zone = visitor().zone
    days = Days(sheet, zone)
    found = Outlook([], [], [], [])
    for shown in calendars:
        here = happened(shown.calendar, days.start_at, days.end_at, zone)
        for time in here.times:
            if time.dated:
                found.entries.append(_entry(days, Line(shown, time)))
            else:
                found.tasks.append(Line(shown, time))
        if not here.is_all:
            found.partly.append(shown)
        bodies = rooms().hall.bodies
        for each in departed(shown.calendar, bodies, days.start_at, days.end_at, zone, most=MOST_DEPARTED):
            if each.time.dated:
                found.departed.append(_entry(days, Line(shown, each.time, each)))
    return found


def tell(lines: Collection[Line], *, whole: bool) -> dict[Line, Told]:
    """Return what to say of lines; `whole`: with the place."""
    found: dict[Line, Told] = {line: line.gone.told for line in lines if line.gone is not None}
    of_calendar: dict[str, list[Line]] = {}
    for line in lines:
        if line.gone is None:
            of_calendar.setdefault(line.shown.key, []).append(line)
    for those in of_calendar.values():
        told = told_of(those[0].shown.calendar, [line.time for line in those], visitor().zone, whole=whole)
        found.update({line: told[line.time] for line in those if line.time in told})
    return found


def marks_of(entries: Iterable[Entry[Line]], most: int) -> list[int]:
    """Return the marks of the calendars that have something on a day, at most so many."""
    found: list[int] = []
    for entry in entries:
        mark = entry.shown.shown.mark
        if mark not in found:
            found.append(mark)
            if len(found) == most:
                break
    return found


def _entry(days: Days, line: Line) -> Entry[Line]:
    time = line.time
    return days.entry(time.start_at, time.end_at, whole_day=time.whole_day, shown=line)
