"""Days, months and times of a calendar as people say them, without the year where the page says it already."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel import dates

from web import language
from web.calendar_pages import Said
from web.visitor import visitor


def month_title(month: date) -> str:
    """Return a month: November 2026, 2026년 11월."""
    spoken = visitor().language
    return str(dates.format_date(month, "yyyy년 M월" if spoken == "ko" else "LLLL yyyy", locale=spoken))


def day_title(day: date) -> str:
    """Return a day of a year that is known: Tuesday 24 November, 11월 24일 화요일."""
    spoken = visitor().language
    return str(dates.format_date(day, "M월 d일 EEEE" if spoken == "ko" else "EEEE d MMMM", locale=spoken))


def short_day(day: date) -> str:
    """Return a day as short as it stays clear: 24 Nov, 11월 24일."""
    spoken = visitor().language
    return str(dates.format_date(day, "M월 d일" if spoken == "ko" else "d MMM", locale=spoken))


def weekdays(first: date) -> list[tuple[str, str]]:
    """Return the days of a week from a day on, short and in full."""
    spoken = visitor().language
    short, wide = (dates.get_day_names(width, "stand-alone", locale=spoken) for width in ("abbreviated", "wide"))
    return [(short[day.weekday()], wide[day.weekday()]) for day in (first + timedelta(days=each) for each in range(7))]


def time_of(moment: datetime) -> str:
    """Return the time of day of a moment of the household."""
    return language.clock(moment, visitor().zone)


def span(said: Said) -> str:
    """Return from when to when a line lasts; empty where its first time says it."""
    if said.is_long and said.line.time.whole_day:
        return f"{short_day(said.starts)} – {short_day(said.ends)}"
    if said.is_long:
        return f"{short_day(said.starts)} {time_of(said.starts)} – {short_day(said.ends)} {time_of(said.ends)}"
    if said.line.time.whole_day or said.starts == said.ends:
        return ""
    return f"{time_of(said.starts)}–{time_of(said.ends)}"
