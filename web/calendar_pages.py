"""The calendar's page as its template draws it: a sheet of weeks, and the lines of an agenda with their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from appliance.clock import from_micros
from appliance.tree.actors import actors
from appliance.tree.happenings import Told
from web import month as months
from web.calendar_wishes import Wish
from web.doers import doer_of
from web.month import MONDAY, SUNDAY, Bar, Entry, Sheet
from web.outlook import Line, Outlook, Shown, look, marks_of, tell
from web.visitor import visitor

LANES = 4
DAY_LINES = 25  # of one day below a sheet
LIST_LINES = 60  # of a list
TASK_LINES = 20
DOTS = 4  # marks of one day on a phone


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a sheet."""

    day: date
    is_in_month: bool
    is_today: bool
    is_chosen: bool
    count: int
    hidden: int  # entries that found no lane
    marks: list[int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry within a week, with its words."""

    bar: Bar[Line]
    told: Told
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A week of a sheet."""

    cells: list[Cell]
    drawn: list[Drawn]


@dataclass(frozen=True, slots=True)
class Said:
    """A line of an agenda. `by` and `gone_at` are set where it was deleted."""

    line: Line
    told: Told
    starts: datetime
    ends: datetime
    is_long: bool  # more than one day
    by: str = ""
    gone_at: datetime | None = None
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of a day in an agenda. `more` were left out."""

    day: date
    lines: list[Said]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """All of it. `earlier` and `later` are months, `former` and `next` the first lines of other parts of a list."""

    sheet: Sheet
    today: date
    chosen: date
    rows: list[Row]
    agenda: list[Day]
    tasks: list[Said]
    more_tasks: int
    count: int
    deleted: int
    partly: list[Shown]
    former: int | None = None
    next: int | None = None

    @property
    def earlier(self) -> date | None:
        """The month before; None: there is none to look at."""
        return None if self.sheet.month <= months.FIRST else months.month_beside(self.sheet.month, -1)

    @property
    def later(self) -> date | None:
        """The month after."""
        found = months.month_beside(self.sheet.month, 1)
        return found if found <= months.LAST else None


def page_of(every: Sequence[Shown], wish: Wish) -> Page:
    """Return what the page of a wish shows."""
    today = visitor().now.astimezone(visitor().zone).date()
    month = (wish.month or today).replace(day=1)
    chosen = wish.day or (today if (today.year, today.month) == (month.year, month.month) else month)
    sheet = months.sheet_of(month, SUNDAY if visitor().language == "ko" else MONDAY)
    found = look([each for each in every if each.key not in wish.hidden], sheet)
    here = [entry for entry in found.entries if _is_within(entry, sheet.months_days)]
    gone = [entry for entry in found.departed if _is_within(entry, sheet.months_days)]
    rows = [] if wish.as_list else _rows(found, sheet, today, chosen)
    agenda, former, later = (
        _list(found, sheet, wish, today) if wish.as_list else ([_day(found, sheet, chosen)], None, None)
    )
    tasks, more_tasks = _open_tasks(found.tasks)
    return Page(
        sheet, today, chosen, rows, agenda, tasks, more_tasks, len(here), len(gone), found.partly, former, later
    )  # fmt: skip


# --- a sheet ----------------------------------------------------------------------------------------


def _rows(found: Outlook, sheet: Sheet, today: date, chosen: date) -> list[Row]:
    days = sheet.days
    weeks = months.lay(found.entries, sheet.weeks, LANES)
    on_days = months.on_days(found.entries, len(days))
    told = tell([bar.entry.shown for week in weeks for bar in week.bars], whole=False)
    rows = []
    for number, week in enumerate(weeks):
        cells = []
        for column in range(months.WEEK):
            at = number * months.WEEK + column
            day = days[at]
            is_in = at in sheet.months_days
            cells.append(
                Cell(
                    day,
                    is_in,
                    day == today,
                    day == chosen,
                    len(on_days[at]),
                    week.hidden[column],
                    marks_of(on_days[at], DOTS),
                )
            )
        rows.append(Row(cells, [_drawn(bar, told[bar.entry.shown]) for bar in week.bars if bar.entry.shown in told]))
    return rows


def _drawn(bar: Bar[Line], told: Told) -> Drawn:
    return Drawn(bar, told, from_micros(bar.entry.start_at).astimezone(visitor().zone))


def _is_within(entry: Entry[Line], days: range) -> bool:
    return entry.first < days.stop and entry.last >= days.start


# --- an agenda --------------------------------------------------------------------------------------


def _day(found: Outlook, sheet: Sheet, chosen: date) -> Day:
    number = (chosen - sheet.first).days
    lines = _ordered(months.on_days([*found.entries, *found.departed], number + 1)[number])
    return Day(chosen, _said(lines[:DAY_LINES]), max(0, len(lines) - DAY_LINES))


def _list(found: Outlook, sheet: Sheet, wish: Wish, today: date) -> tuple[list[Day], int | None, int | None]:
    """Return the part of a month's agenda that is asked for, else from its chosen day on, and where others begin."""
    on_days = months.on_days([*found.entries, *found.departed], len(sheet.days))
    numbers = [number for number in sheet.months_days if on_days[number]]
    whole = sum(len(on_days[number]) for number in numbers)
    first = _first_line(on_days, sheet, wish, today) if wish.first is None else max(0, min(wish.first, whole - 1))
    shown: list[Day] = []
    before = 0
    for number in numbers:
        start, end = max(first - before, 0), first + LIST_LINES - before
        before += len(on_days[number])
        if start < len(on_days[number]) and end > 0:
            shown.append(Day(sheet.days[number], _said(_ordered(on_days[number])[start:end])))
    former = max(0, first - LIST_LINES) if first else None
    return shown, former, first + LIST_LINES if first + LIST_LINES < whole else None


def _first_line(on_days: Sequence[Sequence[Entry[Line]]], sheet: Sheet, wish: Wish, today: date) -> int:
    """Return the number of the first line of the chosen day, or of today; 0 where the month has neither."""
    number = ((wish.day or today) - sheet.first).days
    if number not in sheet.months_days:
        return 0
    return sum(len(on_days[before]) for before in range(sheet.months_days.start, number))


def _ordered(entries: Sequence[Entry[Line]]) -> list[Line]:
    return [entry.shown for entry in months.in_agenda(entries)]


def _said(lines: Sequence[Line]) -> list[Said]:
    """Return lines with their words; what went while it was looked at is left out."""
    told = tell(lines, whole=True)
    known = actors(visitor().reading) if any(line.gone is not None for line in lines) else None
    found = []
    for line in lines:
        if line not in told:
            continue
        said = _one(line, told[line], visitor().zone)
        if line.gone is not None and known is not None:
            ended = line.gone.ended
            by = doer_of(known, ended.device_id)
            said = replace(said, by=by, gone_at=from_micros(ended.at), is_kept=ended.place != "none")
        found.append(said)
    return found


def _one(line: Line, told: Told, zone: ZoneInfo) -> Said:
    time = line.time
    starts = from_micros(time.start_at).astimezone(zone)
    ends = from_micros(max(time.start_at, time.end_at - 1 if time.whole_day else time.end_at)).astimezone(zone)
    is_long = (ends.date() - starts.date()).days > 0 and (
        time.whole_day or time.end_at - time.start_at >= months.OVERNIGHT
    )
    return Said(line, told, starts, ends, is_long)


def _open_tasks(tasks: Sequence[Line]) -> tuple[list[Said], int]:
    """Return the tasks without a date that are still to be done, as many as a page has room for."""
    told = tell(tasks, whole=False)
    there = [line for line in tasks if line in told and not (told[line].is_done or told[line].is_off)]
    zone = visitor().zone
    nowhen = [line._replace(time=line.time._replace(start_at=0, end_at=0)) for line in there[:TASK_LINES]]
    said = [_one(line, told[before], zone) for line, before in zip(nowhen, there, strict=False)]
    return said, max(0, len(there) - TASK_LINES)
