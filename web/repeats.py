"""How often something takes place, and how long before it somebody is reminded, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from babel import dates
from flask_babel import gettext, ngettext

from appliance.objects.alarms import Alarm
from appliance.objects.rules import DAILY, HOURLY, MINUTELY, MONTHLY, WEEKLY, YEARLY, Rule
from web import language

_UNITS: tuple[tuple[timedelta, Literal["week", "day", "hour", "minute"]], ...] = (
    (timedelta(weeks=1), "week"), (timedelta(days=1), "day"), (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)  # fmt: skip
_WORKDAYS = frozenset(range(5))
_EVER = 10**9  # no larger unit than the one that was asked for


def repeated(rules: Sequence[Rule], spoken: str) -> str:
    """Return how often, for rules that are followed together; empty without any."""
    return "; ".join(_rule(rule, spoken) for rule in rules)


def reminded(alarm: Alarm, spoken: str) -> str:
    """Return when a reminder comes that goes by start or end: 15 minutes before."""
    total = timedelta(microseconds=alarm.offset.total)
    length = _length(abs(total), spoken)
    if not total:
        said = gettext("when it ends") if alarm.from_end else gettext("when it begins")
    elif alarm.from_end and total < timedelta(0):
        said = gettext("%(length)s before it ends", length=length)
    elif alarm.from_end:
        said = gettext("%(length)s after it ended", length=length)
    elif total < timedelta(0):
        said = gettext("%(length)s before", length=length)
    else:
        said = gettext("%(length)s after it began", length=length)
    return str(said)


def _length(length: timedelta, spoken: str) -> str:
    for unit, name in _UNITS:
        if length >= unit and not length % unit:
            return str(dates.format_timedelta(length, granularity=name, threshold=_EVER, locale=spoken))
    return str(dates.format_timedelta(length, granularity="second", locale=spoken))


def _rule(rule: Rule, spoken: str) -> str:
    said, days = _frequency(rule), _days(rule, spoken)
    if days:
        said = str(gettext("%(often)s on %(days)s", often=said, days=days))
    return said + _end(rule, spoken)


def _frequency(rule: Rule) -> str:
    number = rule.interval
    if rule.freq == WEEKLY and rule.weekdays == _WORKDAYS and number == 1:
        said = gettext("every workday")
    elif rule.freq == YEARLY:
        said = gettext("every year") if number == 1 else gettext("every %(number)s years", number=number)
    elif rule.freq == MONTHLY:
        said = gettext("every month") if number == 1 else gettext("every %(number)s months", number=number)
    elif rule.freq == WEEKLY:
        said = gettext("every week") if number == 1 else gettext("every %(number)s weeks", number=number)
    elif rule.freq == DAILY:
        said = gettext("every day") if number == 1 else gettext("every %(number)s days", number=number)
    elif rule.freq == HOURLY:
        said = gettext("every hour") if number == 1 else gettext("every %(number)s hours", number=number)
    elif rule.freq == MINUTELY:
        said = gettext("every minute") if number == 1 else gettext("every %(number)s minutes", number=number)
    else:
        said = gettext("every second") if number == 1 else gettext("every %(number)s seconds", number=number)
    return str(said)


def _days(rule: Rule, spoken: str) -> str:
    """Return the days that a rule names beside its first; what has no short words stays unsaid."""
    names = dates.get_day_names("wide", locale=spoken)
    if rule.freq == WEEKLY:
        told = rule.weekdays if rule.weekdays != _WORKDAYS or rule.interval > 1 else ()
        return ", ".join(names[day] for day in sorted(told))
    if rule.freq not in (MONTHLY, YEARLY):
        return ""
    said = [_nth(number, names[day]) for day, number in sorted(rule.nth, key=lambda each: (each[1], each[0]))]
    if rule.positions and len(rule.weekdays) == 1:
        said += [_nth(number, names[next(iter(rule.weekdays))]) for number in rule.positions]
    said += [_monthday(day) for day in sorted(rule.monthdays, key=lambda day: (day < 0, day))]
    listed = ", ".join(said)
    if rule.freq == YEARLY and rule.months and said:
        months = dates.get_month_names("wide", locale=spoken)
        named = ", ".join(months[month] for month in sorted(rule.months))
        return str(gettext("%(days)s of %(months)s", days=listed, months=named))
    return listed


def _nth(number: int, day: str) -> str:
    words = {
        1: gettext("the first %(day)s", day=day), 2: gettext("the second %(day)s", day=day),
        3: gettext("the third %(day)s", day=day), 4: gettext("the fourth %(day)s", day=day),
        -1: gettext("the last %(day)s", day=day),
    }  # fmt: skip
    otherwise = gettext("%(day)s no. %(number)s", day=day, number=number)
    if number < 0:
        otherwise = gettext("%(day)s no. %(number)s from the end", day=day, number=-number)
    return str(words.get(number, otherwise))


def _monthday(day: int) -> str:
    if day == -1:
        return str(gettext("the last day"))
    return str(
        gettext("day %(number)s from the end", number=-day) if day < 0 else gettext("day %(number)s", number=day)
    )


def _end(rule: Rule, spoken: str) -> str:
    if rule.count is not None:
        return str(ngettext(", %(num)s time", ", %(num)s times", rule.count))
    if rule.until is not None:
        return str(gettext(", until %(day)s", day=language.day(rule.until.local.date(), spoken)))
    return ""
