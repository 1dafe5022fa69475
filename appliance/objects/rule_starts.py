"""The local starts a rule gives in a window, one period after the other (RFC 5545 3.3.10).

python-dateutil knows the same rules, but its loop cannot be stopped from outside: a rule that never matches
costs it seconds, and a window far from DTSTART costs all the periods before it. Here every period is computed
from its number, so a window costs what lies in it, and a `Budget` bounds the work of any rule. The tests
compare with python-dateutil and recurring-ical-events.

Times are naive: wall-clock time of the series' zone. Nothing here knows zones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from appliance.objects.rule_days import candidates, fits, period_number
from appliance.objects.rules import DAILY, HOURLY, MINUTELY, MONTHLY, SECONDLY, WEEKLY, YEARLY, Rule

STEPS = 10_000
"""periods and days looked at before a rule is given up: some milliseconds"""

_UNITS = {
    WEEKLY: timedelta(weeks=1), DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1), MINUTELY: timedelta(minutes=1), SECONDLY: timedelta(seconds=1),
}  # fmt: skip
_DAY = timedelta(days=1)

Window = tuple[datetime, datetime]
"""closed: first and last local time that count"""


class BudgetSpent(Exception):
    """The rule needs more work than we give it: what came before is right, more may follow."""


class Budget:
    """How many periods and days may still be looked at."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take `steps` away; BudgetSpent when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent


def starts(rule: Rule, first: datetime, until: datetime | None, window: Window, budget: Budget) -> Iterator[datetime]:
    """Yield the rule's starts in the window, in order, never before `first`, its DTSTART; BudgetSpent.

    `until` is the rule's UNTIL as local time. DTSTART itself is yielded only where the rule gives it.
    """
    until, count = _ending(rule, first, until)
    after, before = max(window[0], first), window[1] if until is None else min(window[1], until)
    if after > before:
        return
    if rule.plain and rule.freq in _UNITS:
        yield from _equal_distances(rule, first, (after, before), budget)
        return
    counted_from = after if count is None else first  # what is counted must be seen from its begin
    seen = 0
    for found in _periods(_completed(rule, first), first, (counted_from, before), budget):
        for start in found:
            if start < counted_from:
                continue
            if start > before:
                return
            seen += 1
            if start >= after:
                yield start
            if seen == count:
                return


def _equal_distances(rule: Rule, first: datetime, window: Window, budget: Budget) -> Iterator[datetime]:
    """Yield DTSTART again and again: most rules of a household are no more than that."""
    unit = _UNITS[rule.freq]
    elapsed = -((first - window[0]) // unit)
    number = -(-elapsed // rule.interval)
    last = (window[1] - first) // unit // rule.interval
    while number <= last:
        budget.spend()
        yield first + unit * (number * rule.interval)
        number += 1


def _ending(rule: Rule, first: datetime, until: datetime | None) -> tuple[datetime | None, int | None]:
    """Return UNTIL and COUNT; the COUNT of a plain rule as UNTIL, so that nobody has to count."""
    if rule.count is None or not rule.plain or rule.freq not in _UNITS:
        return until, rule.count
    try:
        last = first + _UNITS[rule.freq] * (rule.interval * (rule.count - 1))
    except OverflowError:
        last = datetime.max
    return (last if until is None else min(last, until)), None


def _completed(rule: Rule, first: datetime) -> Rule:
    """Return the rule with what it leaves out taken from DTSTART (RFC 5545 3.3.10)."""
    months, monthdays, weekdays = rule.months, rule.monthdays, rule.weekdays
    if not rule.names_days:
        if rule.freq == YEARLY:
            months = months or frozenset({first.month})
        if rule.freq in (YEARLY, MONTHLY):
            monthdays = frozenset({first.day})
        elif rule.freq == WEEKLY:
            weekdays = frozenset({first.weekday()})
    return replace(
        rule,
        months=months,
        monthdays=monthdays,
        weekdays=weekdays,
        hours=rule.hours or ((first.hour,) if rule.freq < HOURLY else ()),
        minutes=rule.minutes or ((first.minute,) if rule.freq < MINUTELY else ()),
        seconds=rule.seconds or ((first.second,) if rule.freq < SECONDLY else ()),
    )


def _periods(rule: Rule, first: datetime, window: Window, budget: Budget) -> Iterator[list[datetime]]:
    """Yield the starts in each period, from the one that holds the window's begin to the one that holds its end."""
    found = (_short_periods if rule.freq >= HOURLY else _long_periods)(rule, first, window, budget)
    if not rule.positions:
        return found
    return (_chosen(period, rule.positions) for period in found)


def _long_periods(rule: Rule, first: datetime, window: Window, budget: Budget) -> Iterator[list[datetime]]:
    budget.spend(len(rule.hours) * len(rule.minutes) * len(rule.seconds))
    times = [
        time(hour, minute, second) for hour in rule.hours for minute in rule.minutes for second in rule.seconds
    ]  # fmt: skip
    base, begin, end = (period_number(rule, moment.date()) for moment in (first, *window))
    for number in range(base + max(0, begin - base) // rule.interval * rule.interval, end + 1, rule.interval):
        days = candidates(rule, number)
        budget.spend(1 + len(days) * len(times))
        yield [datetime.combine(day, moment) for day in days if fits(rule, day) for moment in times]


def _short_periods(rule: Rule, first: datetime, window: Window, budget: Budget) -> Iterator[list[datetime]]:
    """Hours, minutes or seconds, numbered from the year 1; days and hours that do not fit are leapt over."""
    unit = _UNITS[rule.freq]
    base, begin, end = ((moment - datetime.min) // unit for moment in (first, *window))
    number = base + max(0, begin - base) // rule.interval * rule.interval
    fitting: date | None = None
    while number <= end:
        budget.spend()
        moment = datetime.min + unit * number
        if moment.date() != fitting:
            if not fits(rule, moment.date()):
                number = _leap(moment.replace(hour=0, minute=0, second=0), _DAY, number, base, rule)
                continue
            fitting = moment.date()
        if rule.hours and moment.hour not in rule.hours:
            number = _leap(moment.replace(minute=0, second=0), _UNITS[HOURLY], number, base, rule)
            continue
        if rule.freq == SECONDLY and rule.minutes and moment.minute not in rule.minutes:
            number = _leap(moment.replace(second=0), _UNITS[MINUTELY], number, base, rule)
            continue
        if rule.freq < SECONDLY:
            budget.spend(len(rule.minutes or (0,)) * len(rule.seconds))
        yield _within(rule, moment)
        number += rule.interval


def _leap(begin: datetime, length: timedelta, number: int, base: int, rule: Rule) -> int:
    """Return the number of the first period of the rule that starts `length` after `begin`, or later."""
    if begin > datetime.max - length:
        return (datetime.max - datetime.min) // _UNITS[rule.freq] + 1
    target = -((datetime.min - begin - length) // _UNITS[rule.freq])
    return max(number + rule.interval, base - (base - target) // rule.interval * rule.interval)


def _within(rule: Rule, moment: datetime) -> list[datetime]:
    """Return the starts inside one hour, minute or second whose day and hour fit."""
    if rule.freq == HOURLY:
        return [moment.replace(minute=minute, second=second) for minute in rule.minutes for second in rule.seconds]
    if rule.minutes and moment.minute not in rule.minutes:
        return []
    if rule.freq == MINUTELY:
        return [moment.replace(second=second) for second in rule.seconds]
    return [] if rule.seconds and moment.second not in rule.seconds else [moment]


def _chosen(period: list[datetime], positions: tuple[int, ...]) -> list[datetime]:
    """BYSETPOS: the places in the period, counted from its begin or from its end."""
    length = len(period)
    places = {place - 1 if place > 0 else length + place for place in positions}
    return [period[place] for place in sorted(places) if 0 <= place < length]
