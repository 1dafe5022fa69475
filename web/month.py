"""A month as a sheet: its weeks, which days an entry is on, and where it lies in a week when many lie beside it.

Pure: it knows dates, numbers and entries, and neither calendars nor words. A week has as many lanes as the page has
room for; what finds none is counted on its days, so that nothing is shown as if it were all.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

MONDAY, SUNDAY = 0, 6
WEEK = 7
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)  # months that can be looked at
OVERNIGHT = 24 * 3_600_000_000  # microseconds: a shorter entry with times stands on the day on which it begins

E = TypeVar("E")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The days of a month, with those before and after that fill its weeks."""

    month: date  # its first day
    first: date
    weeks: int

    @property
    def days(self) -> list[date]:
        """All days of the sheet."""
        return [self.first + timedelta(days=number) for number in range(self.weeks * WEEK)]

    @property
    def months_days(self) -> range:
        """The numbers of the days that belong to the month itself."""
        before = (self.month - self.first).days
        return range(before, before + calendar.monthrange(self.month.year, self.month.month)[1])


class Entry(NamedTuple, Generic[E]):
    """What lies on a sheet: from one day to another, as numbers of the sheet's days, both included."""

    first: int
    last: int
    whole_day: bool
    start_at: int
    shown: E


class Bar(NamedTuple, Generic[E]):
    """An entry within a week: column 1 to 7, how many days wide, lane from 1. It may begin before, or go on after."""

    entry: Entry[E]
    column: int
    width: int
    lane: int
    begins: bool
    ends: bool


@dataclass(slots=True)
class Week(Generic[E]):
    """A week of a sheet. `hidden` counts for each of its days the entries that found no lane."""

    bars: list[Bar[E]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=lambda: [0] * WEEK)


class Days:
    """The days of a sheet as instants of a zone, in which midnight is not always 24 hours after midnight."""

    def __init__(self, sheet: Sheet, zone: ZoneInfo) -> None:
        self._midnights = [
            int(datetime.combine(sheet.first + timedelta(days=number), time(), zone).timestamp()) * 1_000_000
            for number in range(sheet.weeks * WEEK + 1)
        ]

    @property
    def start_at(self) -> int:
        """The first instant of the sheet, microseconds since 1970."""
        return self._midnights[0]

    @property
    def end_at(self) -> int:
        """The first instant after it."""
        return self._midnights[-1]

    def day_of(self, at: int) -> int:
        """Return the number of the day of an instant: -1 before the sheet, the number of days after it."""
        return bisect_right(self._midnights, at) - 1

    def entry(self, start_at: int, end_at: int, *, whole_day: bool, shown: E) -> Entry[E]:
        """Return what lies from one instant to another; an end at midnight belongs to the day before."""
        first = self.day_of(start_at)
        is_short = not whole_day and end_at - start_at < OVERNIGHT and first >= 0
        last = first if is_short else self.day_of(max(start_at, end_at - 1))
        return Entry(first, last, whole_day, start_at, shown)


def sheet_of(month: date, week_starts: int) -> Sheet:
    """Return the sheet of a month; weeks start on a weekday, Monday is 0."""
    first = month.replace(day=1)
    before = (first.weekday() - week_starts) % WEEK
    length = calendar.monthrange(first.year, first.month)[1]
    return Sheet(first, first - timedelta(days=before), -(-(before + length) // WEEK))


def month_beside(month: date, by: int) -> date:
    """Return the first day of the month so many months later."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def read_month(written: str) -> date | None:
    """Return the first day of a month written as 2026-11; None for what is none that can be looked at."""
    return read_day(f"{written}-01")


def read_day(written: str) -> date | None:
    """Return a day written as 2026-11-24; None for what is none that can be looked at."""
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None
    return day if day is not None and FIRST <= day <= LAST else None


def lay(entries: Sequence[Entry[E]], weeks: int, lanes: int) -> list[Week[E]]:
    """Return the weeks of a sheet with its entries in at most so many lanes.

    Those that take several days lie above, the longest first, then whole days, then the others by their time.
    """
    laid: list[Week[E]] = [Week() for _ in range(weeks)]
    taken = [[0] * WEEK for _ in range(weeks)]  # of each day, the lanes that are taken, as bits
    full = (1 << lanes) - 1
    for entry in sorted(entries, key=_rank):
        first, last = entry.first, entry.last
        if first == last and 0 <= first < weeks * WEEK and taken[first // WEEK][first % WEEK] == full:
            laid[first // WEEK].hidden[first % WEEK] += 1  # as most are where there are many
            continue
        for number in range(max(0, first // WEEK), min(weeks - 1, last // WEEK) + 1):
            start, end = max(first - number * WEEK, 0), min(last - number * WEEK, WEEK - 1)
            lane = _free_lane(taken[number], start, end, lanes)
            if lane is None:
                for day in range(start, end + 1):
                    laid[number].hidden[day] += 1
                continue
            for day in range(start, end + 1):
                taken[number][day] |= 1 << lane
            begins, ends = first >= number * WEEK, last < (number + 1) * WEEK
            laid[number].bars.append(Bar(entry, start + 1, end - start + 1, lane + 1, begins, ends))
    for week in laid:
        week.bars.sort(key=lambda bar: (bar.column, bar.lane))
    return laid


def on_days(entries: Sequence[Entry[E]], days: int) -> list[list[Entry[E]]]:
    """Return what is on each day of a sheet, in no order; `in_agenda` puts a day in order."""
    found: list[list[Entry[E]]] = [[] for _ in range(days)]
    for entry in entries:
        if entry.first == entry.last:
            if 0 <= entry.first < days:
                found[entry.first].append(entry)
        else:
            for day in range(max(entry.first, 0), min(entry.last, days - 1) + 1):
                found[day].append(entry)
    return found


def in_agenda(entries: Sequence[Entry[E]]) -> list[Entry[E]]:
    """Return the entries of a day in the order of an agenda: whole days, then by time."""
    return sorted(entries, key=lambda entry: (not entry.whole_day, entry.start_at))


def _rank(entry: Entry[E]) -> tuple[int, bool, int]:
    return entry.first - entry.last, not entry.whole_day, entry.start_at


def _free_lane(taken: Sequence[int], start: int, end: int, lanes: int) -> int | None:
    bits = 0
    for day in range(start, end + 1):
        bits |= taken[day]
    return next((lane for lane in range(lanes) if not bits >> lane & 1), None)
