"""When the household's events happen: start, length, rule and exceptions, before a client writes them down.

Times here are local: naive, in the zone beside them; what is in UTC has the zone `UTC`, what floats has none.
`occurrences` is the generator's own word on what its rules mean; the benchmark compares servers with it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from tests.household.zones import HOME, ZONES

UTC_ZONE = "UTC"
FIRST_DAY = date(2023, 1, 1)
DAYS = 1461
"""single events lie in 2023 to 2026"""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Override:
    """One occurrence that was moved: which one it was, and where it is now."""

    instead_of: datetime
    start: datetime


@dataclass(frozen=True)
class Plan:
    """When something happens. `rule` is empty for what happens once; `zone` None is floating, and all-day too."""

    start: datetime
    length: timedelta
    all_day: bool
    zone: str | None
    rule: str = ""
    until: datetime | None = None
    """the last moment of the rule, local; written as UNTIL in the form that the start asks for"""
    left_out: tuple[datetime, ...] = ()
    added: tuple[datetime, ...] = ()
    overrides: tuple[Override, ...] = ()


def plan(chance: random.Random, *, recurring: bool) -> Plan:
    """Return one plan: 20 % all day, 6 % floating, 8 % in UTC, the others in a zone, mostly the home's."""
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    draw = chance.random()
    all_day = draw < 0.20
    start = datetime.combine(day, time() if all_day else time(chance.randint(6, 21), chance.choice((0, 0, 15, 30, 45))))
    days = timedelta(days=1 if chance.random() < 0.8 else chance.randint(2, 9))
    length = days if all_day else timedelta(minutes=chance.choice((30, 45, 60, 60, 90, 120, 480)))
    zone = None if draw < 0.26 else UTC_ZONE if draw < 0.34 else HOME if draw < 0.9 else chance.choice(ZONES)
    once = Plan(start=start, length=length, all_day=all_day, zone=zone)
    return _repeated(chance, once) if recurring else once


def occurrences(event: Plan, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield start and end of each occurrence that begins before `until` (naive and local), overrides included."""
    starts = set(_rule_starts(event, until)) | set(event.added)
    starts -= set(event.left_out)
    starts -= {override.instead_of for override in event.overrides}
    starts |= {override.start for override in event.overrides}
    return ((start, start + event.length) for start in sorted(starts) if start < until)


def in_utc(event: Plan, local: datetime, floats_in: str = HOME) -> datetime:
    """Return a local time of `event` in UTC, naive; floating and all-day times are read in `floats_in`."""
    aware = local.replace(tzinfo=ZoneInfo(event.zone or floats_in))
    return aware.astimezone(ZoneInfo(UTC_ZONE)).replace(tzinfo=None)


def local_rule(event: Plan) -> rrule | rruleset:
    """Return the rule of `event` over its local times."""
    until = f";UNTIL={event.until:%Y%m%dT%H%M%S}" if event.until else ""
    return rrulestr(event.rule + until, dtstart=event.start)


def _rule_starts(event: Plan, until: datetime) -> Iterable[datetime]:
    return local_rule(event).between(event.start, until, inc=True) if event.rule else (event.start,)


def _repeated(chance: random.Random, once: Plan) -> Plan:
    """Return `once` with a rule and, for some, exceptions; birthdays go on for ever, most lessons end."""
    draw = chance.random()
    if draw < 0.30:
        return _with_exceptions(chance, _ending(chance, replace(once, rule="FREQ=YEARLY"), 365, 0.9))
    if draw < 0.75:
        return _with_exceptions(chance, _ending(chance, replace(once, rule=_weekly(chance, once)), 7, 0.1))
    if draw < 0.88:
        short = replace(once, rule=f"FREQ=DAILY{_interval(chance)}", length=min(once.length, timedelta(days=1)))
        return _with_exceptions(chance, _ending(chance, short, 1, 0.15))
    return _with_exceptions(chance, _ending(chance, replace(once, rule=_monthly(chance, once)), 30, 0.3))


def _weekly(chance: random.Random, once: Plan) -> str:
    own = WEEKDAYS[once.start.weekday()]
    other = chance.choice(WEEKDAYS)
    days = own if other == own or chance.random() < 0.6 else ",".join(sorted((own, other), key=WEEKDAYS.index))
    return f"FREQ=WEEKLY{_interval(chance)};BYDAY={days}"


def _monthly(chance: random.Random, once: Plan) -> str:
    if once.start.day > 28 or chance.random() < 0.4:
        return "FREQ=MONTHLY"
    week = (once.start.day - 1) // 7 + 1
    if chance.random() < 0.5:
        return f"FREQ=MONTHLY;BYDAY={week}{WEEKDAYS[once.start.weekday()]}"
    return f"FREQ=MONTHLY;BYMONTHDAY={once.start.day}"


def _interval(chance: random.Random) -> str:
    return f";INTERVAL={chance.choice((2, 2, 3))}" if chance.random() < 0.2 else ""


def _ending(chance: random.Random, event: Plan, step_days: int, for_ever: float) -> Plan:
    """Return `event` as it is (with the probability `for_ever`), or ended by COUNT or UNTIL after 3 to 26 steps."""
    if chance.random() < for_ever:
        return event
    times = chance.randint(3, 26)
    if chance.random() < 0.5:
        return replace(event, rule=f"{event.rule};COUNT={times}")
    last_day = event.start + timedelta(days=step_days * times)
    return replace(event, until=datetime.combine(last_day, time(23, 59, 59)))


def _with_exceptions(chance: random.Random, event: Plan) -> Plan:
    """Return `event` with EXDATEs (30 %), a moved occurrence or three (25 %) and RDATEs (4 %)."""
    first = list(islice(local_rule(event), 12))
    free = first[1:]
    chance.shuffle(free)
    left_out: tuple[datetime, ...] = ()
    overrides: tuple[Override, ...] = ()
    if len(free) > 2 and chance.random() < 0.30:
        left_out = tuple(sorted(free.pop() for _ in range(chance.randint(1, 2))))
    if free and chance.random() < 0.25:
        chosen = sorted(free.pop() for _ in range(min(len(free), chance.randint(1, 3))))
        overrides = tuple(Override(instead_of=start, start=start + _moved_by(chance, event)) for start in chosen)
    added = (event.start + timedelta(days=400),) if not event.overrides and chance.random() < 0.04 else ()
    return replace(event, left_out=left_out, overrides=overrides, added=added)


def _moved_by(chance: random.Random, event: Plan) -> timedelta:
    return timedelta(days=1) if event.all_day else timedelta(hours=chance.choice((1, 2, 20)))
