"""A zone as a VTIMEZONE describes it (RFC 5545 3.6.5), for names that nobody else knows.

Changes are computed per year and kept for the life of the object; the work per year is bounded, so that a
hostile VTIMEZONE costs milliseconds and at worst means a wrong offset for its own event.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, tzinfo
from typing import NamedTuple

from appliance.objects.content_lines import Component
from appliance.objects.rule_starts import Budget, BudgetSpent, starts
from appliance.objects.rules import Rule, read_rule
from appliance.objects.values import Moment, moved, read_moment, read_offset

_STEPS_A_YEAR = 400
_LIMIT = 1_000
_ZERO = timedelta(0)


class _Observance(NamedTuple):
    """A STANDARD or DAYLIGHT: when it begins, in wall-clock time before the change, and the offsets around it."""

    first: datetime
    rule: Rule | None
    until: datetime | None
    others: tuple[datetime, ...]
    before: timedelta
    after: timedelta


class WrittenZone(tzinfo):
    """The zone of one VTIMEZONE. Daylight saving is not told apart: only the offset is known."""

    def __init__(self, name: str, observances: list[_Observance]) -> None:
        self._name = name
        self._observances = observances
        self._changes: dict[int, list[tuple[datetime, timedelta, timedelta]]] = {}
        self._before_all = min(observances, key=lambda observance: observance.first).before

    @classmethod
    def read(cls, component: Component) -> WrittenZone | None:
        """Return the zone, None when no STANDARD or DAYLIGHT can be read."""
        tzid = component.first("TZID")
        found = [
            observance
            for inner in component.components[:_LIMIT]
            if inner.name in ("STANDARD", "DAYLIGHT") and (observance := _observance(inner)) is not None
        ]
        return cls(tzid.value if tzid else "", found) if found else None

    def utcoffset(self, at: datetime | None) -> timedelta:
        """Return the offset at a wall-clock time, the earlier of two where clocks are set back."""
        if at is None:
            return self._before_all
        local = at.replace(tzinfo=None, fold=0)
        changes = self._around(local.year)
        # inside a gap the offset before it still holds (RFC 5545 3.3.5)
        place = bisect_right(changes, local, key=lambda change: moved(change[0], max(_ZERO, change[2] - change[1]))) - 1
        return changes[place][2] if place >= 0 else self._before_all

    def fromutc(self, at: datetime) -> datetime:
        """Return the wall-clock time of an instant given as UTC fields (the contract of `datetime.astimezone`)."""
        utc = at.replace(tzinfo=None)
        changes = self._around(utc.year)
        place = bisect_right(changes, utc, key=lambda change: moved(change[0], -change[1])) - 1
        return moved(utc, changes[place][2] if place >= 0 else self._before_all).replace(tzinfo=self)

    def dst(self, at: datetime | None) -> None:
        """Return None: not known."""

    def tzname(self, at: datetime | None) -> str:
        """Return the TZID."""
        return self._name

    def _around(self, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
        """Return (wall-clock time, offset before, offset after) of what changes in the year and the one before."""
        if year not in self._changes:
            window = (datetime(max(year - 1, MINYEAR), 1, 1), datetime(min(year + 1, MAXYEAR), 12, 31))
            found: list[tuple[datetime, timedelta, timedelta]] = []
            for observance in self._observances:
                begins = [*_begins(observance, window), *observance.others, observance.first]
                found += [(begin, observance.before, observance.after) for begin in begins]
            self._changes[year] = sorted(found)
        return self._changes[year]


def _begins(observance: _Observance, window: tuple[datetime, datetime]) -> list[datetime]:
    """Return the begins that the rule gives in the window, and the last one of a rule that ended before it."""
    rule, until = observance.rule, observance.until
    if rule is None:
        return []
    if until is not None and until < window[0]:
        window = (moved(until, timedelta(days=-800)), until)
    found: list[datetime] = []
    try:
        for begin in starts(rule, observance.first, until, window, Budget(_STEPS_A_YEAR)):
            found.append(begin)
            if len(found) >= _LIMIT:
                break
    except BudgetSpent:
        pass
    return found


def _observance(component: Component) -> _Observance | None:
    first, before, after = (component.first(name) for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"))
    start = read_moment(first.value) if first else None
    offset_after = read_offset(after.value) if after else None
    offset_before = read_offset(before.value) if before else offset_after
    if start is None or offset_after is None or offset_before is None:
        return None
    line = component.first("RRULE")
    rule = read_rule(line.value) if line else None
    others = [
        moment.local
        for rdate in component.all("RDATE")
        for written in rdate.value.split(",")[:_LIMIT]
        if (moment := read_moment(written)) is not None
    ]
    until = None if rule is None or rule.until is None else _until(rule.until, offset_before)
    return _Observance(start.local, rule, until, tuple(others), offset_before, offset_after)


def _until(until: Moment, before: timedelta) -> datetime:
    """Return UNTIL, which is UTC here, as wall-clock time before the change."""
    return until.local if until.zone is None else moved(until.local, before)
