"""Which days of one period a rule means: of a year, a month, a week, a day (RFC 5545 3.3.10, the table of BY parts).

First the fewest candidates that can fit, then `fits`, in which all parts must hold.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import MAXYEAR, date

from appliance.objects.rules import DAILY, MONTHLY, WEEKLY, YEARLY, Rule

_LAST_ORDINAL = date.max.toordinal()


def period_number(rule: Rule, day: date) -> int:
    """Return the number of the year, month, week (from WKST) or day that `day` lies in."""
    if rule.freq == YEARLY:
        return day.year
    if rule.freq == MONTHLY:
        return day.year * 12 + day.month - 1
    ordinal = day.toordinal()
    return (ordinal - 1 - rule.wkst) // 7 if rule.freq == WEEKLY else ordinal  # ordinal 1 is a Monday


def candidates(rule: Rule, number: int) -> list[date]:
    """Return days of the period, in order, among them all that fit."""
    if rule.freq == DAILY:
        return [date.fromordinal(number)]
    if rule.freq == WEEKLY:
        return _week(rule, number)
    if rule.freq == MONTHLY:
        return _month(rule, number // 12, number % 12 + 1)
    return _year(rule, number)


def fits(rule: Rule, day: date) -> bool:
    """Return whether every BY part that speaks of days holds for `day`."""
    if rule.months and day.month not in rule.months:
        return False
    if rule.monthdays and not _counts(rule.monthdays, day.day, _month_length(day.year, day.month)):
        return False
    if (rule.weekdays or rule.nth) and day.weekday() not in rule.weekdays and not _is_nth(rule, day):
        return False
    if rule.yeardays and not _counts(rule.yeardays, *_place_in_year(day)):
        return False
    return not rule.weeks or _counts(rule.weeks, *_week_number(day, rule.wkst))


def _counts(wanted: frozenset[int], place: int, of: int) -> bool:
    """Return whether the place, counted from the begin or from the end, is wanted."""
    return place in wanted or place - of - 1 in wanted


def _week(rule: Rule, number: int) -> list[date]:
    monday = number * 7 + 1
    ordinals = [monday + rule.wkst + step for step in range(7)]
    wanted = rule.weekdays
    return [
        date.fromordinal(ordinal)
        for ordinal in ordinals
        if (not wanted or (ordinal - 1) % 7 in wanted) and 1 <= ordinal <= _LAST_ORDINAL
    ]


def _month(rule: Rule, year: int, month: int) -> list[date]:
    first_weekday, length = monthrange(year, month)
    numbers: Iterable[int]
    if rule.monthdays:
        numbers = sorted({day if day > 0 else length + day + 1 for day in rule.monthdays})
    elif rule.nth and not rule.weekdays:
        numbers = sorted({_nth_day(weekday, nth, first_weekday, length) for weekday, nth in rule.nth})
    elif rule.weekdays and not rule.nth:
        numbers = [day for day in range(1, length + 1) if (first_weekday + day - 1) % 7 in rule.weekdays]
    else:
        numbers = range(1, length + 1)
    return [date(year, month, day) for day in numbers if 1 <= day <= length]


def _nth_day(weekday: int, nth: int, first_weekday: int, length: int) -> int:
    """Return the place of the nth weekday in a period of `length` days, or one outside of it."""
    first = (weekday - first_weekday) % 7 + 1
    if nth > 0:
        return first + (nth - 1) * 7
    last = first + (length - first) // 7 * 7
    return last + (nth + 1) * 7


def _year(rule: Rule, year: int) -> list[date]:
    new_year, length = date(year, 1, 1).toordinal(), 366 if monthrange(year, 2)[1] == 29 else 365
    places: Iterable[int] = range(1, length + 1)
    if rule.yeardays:
        places = sorted({day if day > 0 else length + day + 1 for day in rule.yeardays})
    elif rule.weeks:
        pass
    elif rule.months or rule.monthdays:
        return [day for month in sorted(rule.months or range(1, 13)) for day in _month(rule, year, month)]
    elif rule.nth and not rule.weekdays:
        first_weekday = (new_year - 1) % 7
        places = sorted({_nth_day(weekday, nth, first_weekday, length) for weekday, nth in rule.nth})
    return [date.fromordinal(new_year + place - 1) for place in places if 1 <= place <= length]


def _is_nth(rule: Rule, day: date) -> bool:
    """Within the year for a yearly rule without BYMONTH, else within the month."""
    if not rule.nth:
        return False
    if rule.freq == YEARLY and not rule.months:
        place, length = _place_in_year(day)
    else:
        place, length = day.day, _month_length(day.year, day.month)
    weekday = day.weekday()
    return (weekday, (place - 1) // 7 + 1) in rule.nth or (weekday, -((length - place) // 7 + 1)) in rule.nth


def _month_length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _place_in_year(day: date) -> tuple[int, int]:
    new_year = date(day.year, 1, 1).toordinal()
    return day.toordinal() - new_year + 1, 366 if _month_length(day.year, 2) == 29 else 365


def _week_number(day: date, wkst: int) -> tuple[int, int]:
    """Return the week's number and how many weeks its year has: week 1 holds four days of the year at least."""
    week = (day.toordinal() - 1 - wkst) // 7
    year = day.year
    if year < MAXYEAR and week >= _first_week(year + 1, wkst):
        year += 1
    elif week < _first_week(year, wkst):
        year -= 1
    first = _first_week(year, wkst)
    return week - first + 1, (_first_week(year + 1, wkst) if year < MAXYEAR else first + 52) - first


def _first_week(year: int, wkst: int) -> int:
    """Return the number of the week, counted from WKST, that the 4th of January lies in."""
    if year < 1:
        return (-363 - 1 - wkst) // 7
    return (date(year, 1, 4).toordinal() - 1 - wkst) // 7
