"""A month as a sheet: weeks by where they start, entries into days and lanes, nothing lost and nothing told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.month import MONDAY, SUNDAY, Days, Entry, in_agenda, lay, month_beside, on_days, read_day, read_month, sheet_of

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("month", "starts", "first", "weeks"),
    [
        pytest.param(date(2026, 11, 1), SUNDAY, date(2026, 11, 1), 5, id="begins-on-the-first-column"),
        pytest.param(date(2026, 11, 1), MONDAY, date(2026, 10, 26), 6, id="the-same-from-monday"),
        pytest.param(date(2027, 2, 1), MONDAY, date(2027, 2, 1), 4, id="exactly-four-weeks"),
        pytest.param(date(2028, 2, 1), SUNDAY, date(2028, 1, 30), 5, id="a-leap-year"),
    ],
)
def test_a_sheet_has_whole_weeks(month: date, starts: int, first: date, weeks: int) -> None:
    sheet = sheet_of(month, starts)
    assert (sheet.first, sheet.weeks) == (first, weeks)
    assert sheet.days[sheet.months_days[0]] == month
    assert sheet.days[sheet.months_days[-1]].month == month.month


def test_months_follow_each_other_over_a_year() -> None:
    assert month_beside(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert month_beside(date(2026, 1, 1), -1) == date(2025, 12, 1)


@pytest.mark.parametrize("written", ["", "2026", "2026-13", "2026-1", "20x6-01", "1100-01", "9999-12", "2026-11-24"])
def test_what_is_no_month_is_none(written: str) -> None:
    assert read_month(written) is None


def test_a_day_is_read_as_it_is_written() -> None:
    assert read_day("2026-02-28") == date(2026, 2, 28)
    assert read_day("2026-02-30") is None


def at(zone: ZoneInfo, *moment: int) -> int:
    return int(datetime(*moment, tzinfo=zone).astimezone(UTC).timestamp()) * 1_000_000  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("start", "end", "whole_day", "days"),
    [
        pytest.param((2026, 11, 2), (2026, 11, 3), True, (1, 1), id="a-whole-day"),
        pytest.param((2026, 11, 2), (2026, 11, 5), True, (1, 3), id="three-whole-days"),
        pytest.param((2026, 11, 2, 23), (2026, 11, 3, 6), False, (1, 1), id="a-night"),
        pytest.param((2026, 11, 2, 23), (2026, 11, 4, 6), False, (1, 3), id="longer-than-a-day"),
        pytest.param((2026, 11, 2, 22), (2026, 11, 3), False, (1, 1), id="until-midnight"),
        pytest.param((2026, 11, 2, 9), (2026, 11, 2, 9), False, (1, 1), id="a-point"),
        pytest.param((2026, 10, 30), (2026, 11, 2), True, (-1, 0), id="from-before"),
        pytest.param((2026, 10, 31, 23), (2026, 11, 1, 2), False, (-1, 0), id="a-night-into-the-sheet"),
    ],
)
def test_an_entry_is_on_its_days(
    start: tuple[int, ...], end: tuple[int, ...], whole_day: bool, days: tuple[int, int]
) -> None:
    sheet = sheet_of(date(2026, 11, 1), SUNDAY)
    entry = Days(sheet, SEOUL).entry(at(SEOUL, *start), at(SEOUL, *end), whole_day=whole_day, shown="x")
    assert (entry.first, entry.last) == days


def test_a_day_of_25_hours_is_one_day() -> None:
    days = Days(sheet_of(date(2026, 10, 1), MONDAY), BERLIN)
    late = at(BERLIN, 2026, 10, 25, 23, 30)
    assert days.day_of(late) == days.day_of(at(BERLIN, 2026, 10, 25)) == 27
    assert days.day_of(late + HOUR) == 28


def test_long_entries_lie_above_and_what_finds_no_lane_is_counted() -> None:
    entries = [
        Entry(2, 2, whole_day=False, start_at=9, shown="tea"),
        Entry(2, 2, whole_day=True, start_at=0, shown="birthday"),
        Entry(1, 8, whole_day=True, start_at=0, shown="journey"),
    ]
    first, second = lay(entries, 2, 2)
    assert [(bar.entry.shown, bar.column, bar.width, bar.lane) for bar in first.bars] == [
        ("journey", 2, 6, 1), ("birthday", 3, 1, 2)
    ]  # fmt: skip
    assert first.hidden == [0, 0, 1, 0, 0, 0, 0]
    assert [(bar.column, bar.width, bar.begins, bar.ends) for bar in second.bars] == [(1, 2, False, True)]
    assert (first.bars[0].begins, first.bars[0].ends) == (True, False)


def test_an_agenda_begins_with_whole_days() -> None:
    entries = [
        Entry(2, 2, whole_day=False, start_at=5, shown="early"),
        Entry(1, 3, whole_day=True, start_at=9, shown="all of it"),
    ]
    assert [entry.shown for entry in in_agenda(on_days(entries, 7)[2])] == ["all of it", "early"]


@st.composite
def some_entries(draw: st.DrawFn) -> list[Entry[int]]:
    found = []
    for number in range(draw(st.integers(0, 40))):
        first = draw(st.integers(-5, 40))
        width = draw(st.integers(0, 12))
        found.append(Entry(first, first + width, draw(st.booleans()), draw(st.integers(0, 99)), number))
    return found


@given(some_entries(), st.integers(1, 5))
def test_every_day_of_every_entry_is_shown_once_or_counted_once(entries: list[Entry[int]], lanes: int) -> None:
    weeks = lay(entries, 5, lanes)
    there = on_days(entries, 35)
    for day in range(35):
        week, column = weeks[day // 7], day % 7 + 1
        shown = [bar for bar in week.bars if bar.column <= column < bar.column + bar.width]
        assert len({bar.lane for bar in shown}) == len(shown) <= lanes  # nothing lies over anything
        assert len(shown) + week.hidden[column - 1] == len(there[day])
        assert there[day] == [entry for entry in entries if entry.first <= day <= entry.last]
