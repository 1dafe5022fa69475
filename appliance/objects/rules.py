"""RRULE as a value (RFC 5545 3.3.10), read leniently. What it means is `rule_starts`' work."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.objects.values import Moment, read_moment

YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY = range(7)

_NAMES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_FREQUENCIES = {name: number for number, name in enumerate(_NAMES)}
_WEEKDAYS = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_LIST_LENGTH = 400
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written. Monday is 0; `nth` are the days of BYDAY with a number: (weekday, number)."""

    freq: int
    interval: int = 1
    count: int | None = None
    until: Moment | None = None
    wkst: int = 0
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    yeardays: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def endless(self) -> bool:
        """Whether neither COUNT nor UNTIL ends it."""
        return self.count is None and self.until is None

    @property
    def names_days(self) -> bool:
        """Whether it says which days it means, beside the months."""
        return bool(self.weeks or self.yeardays or self.monthdays or self.weekdays or self.nth)

    @property
    def plain(self) -> bool:
        """Whether it has no BY part at all: DTSTART again at every interval."""
        return not (
            self.names_days or self.months or self.hours or self.minutes or self.seconds or self.positions
        )  # fmt: skip


def read_rule(written: str) -> Rule | None:
    """Return the rule; None for one that cannot be read or that counts in another calendar than ours (RFC 7529)."""
    parts: dict[str, str] = {}
    for part in written.strip().upper().split(";"):
        name, _, value = part.partition("=")
        parts[name.strip()] = value.strip()
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("FREQ") not in _FREQUENCIES:
        return None
    try:
        return _rule(parts)
    except (ValueError, KeyError):
        return None


def _rule(parts: dict[str, str]) -> Rule:
    freq = _FREQUENCIES[parts["FREQ"]]
    weekdays, nth = _byday(parts.get("BYDAY", parts.get("BYWEEKDAY", "")))
    if freq > MONTHLY or "BYWEEKNO" in parts:
        # a number makes sense within a month or a year only; python-dateutil ignores it elsewhere, too
        weekdays, nth = weekdays | {weekday for weekday, _ in nth}, frozenset()
    until = parts.get("UNTIL", "")
    return Rule(
        freq=freq,
        interval=max(1, _number(parts.get("INTERVAL", "1"))),
        count=_count(parts.get("COUNT", "")),
        until=read_moment(until) if until else None,
        wkst=_WEEKDAYS.get(parts.get("WKST", "MO"), 0),
        months=frozenset(_numbers(parts, "BYMONTH", 1, 12)),
        weeks=frozenset(_numbers(parts, "BYWEEKNO", -53, 53)),
        yeardays=frozenset(_numbers(parts, "BYYEARDAY", -366, 366)),
        monthdays=frozenset(_numbers(parts, "BYMONTHDAY", -31, 31)),
        weekdays=weekdays,
        nth=nth,
        hours=_numbers(parts, "BYHOUR", 0, 23),
        minutes=_numbers(parts, "BYMINUTE", 0, 59),
        seconds=tuple(sorted({min(second, 59) for second in _numbers(parts, "BYSECOND", 0, 60)})),
        positions=_numbers(parts, "BYSETPOS", -366, 366),
    )


def _count(written: str) -> int | None:
    """Return COUNT, None without one; a number too long to work with is as none: an event too many harms nobody."""
    if not written or written.startswith("-") or (written.isdecimal() and len(written) > _DIGITS):
        return None
    return max(1, _number(written))


def _number(written: str) -> int:
    if len(written) > _DIGITS:
        raise ValueError(written[:20])
    return int(written)


def _numbers(parts: dict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    """Return the numbers of a list in order; ValueError for one outside its bounds, for then nothing is sure."""
    written = parts.get(name, "")
    if not written:
        return ()
    found = {_number(number) for number in written.split(",")[:_LIST_LENGTH]}
    if min(found) < least or max(found) > most or (least < 0 and 0 in found):
        raise ValueError(name)
    return tuple(sorted(found))


def _byday(written: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    weekdays: set[int] = set()
    nth: set[tuple[int, int]] = set()
    for part in written.split(",")[:_LIST_LENGTH] if written else ():
        weekday, number = _WEEKDAYS[part.strip()[-2:]], part.strip()[:-2]
        if number:
            nth.add((weekday, _number(number)))
        else:
            weekdays.add(weekday)
    return frozenset(weekdays), frozenset(nth)
