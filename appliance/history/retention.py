"""Which versions of a file stay and when the others leave: a pure function of dates and policy.

A version is judged by the stretch of time in which it was current, from its own date until it was replaced. It stays

- while it is current: the newest never leaves;
- `all_days` days after it was replaced: every state of those days can be brought back;
- `daily_days` days after the last midnight that it saw: the state at the end of each day;
- for good when it saw the end of a month, unless `monthly` is off;
- at least `DELETED_DAYS` days after its file was deleted: the last content of a deleted file is a version that ends
  with the deletion, and follows the rules above by that date.

So the day on which a version leaves depends on nothing but itself: other versions move it neither way, and what a run
let go no later run wants back. Dates that no clock can have meant keep a version for good. Days and months are those
of the household's time zone. Contacts and calendars are never asked about: they are kept for good. Nothing is let go
here; `pruning` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance.clock import from_micros, to_micros

DAY = timedelta(days=1) // timedelta(microseconds=1)
QUARTER = DAY // 96
DELETED_DAYS = 365
FIRST_YEAR = to_micros(datetime(2026, 1, 1, tzinfo=UTC))  # no household is older; an earlier date is an unset clock's
LONGEST_LEAP = 60 * DAY
NIGHT_HOUR = 3


class Dated(NamedTuple):
    """One version of a file, with what decides about it. Times are microseconds since 1970, as in the ledger."""

    seq: int
    at: int
    replaced_at: int | None = None  # None: it is the newest, and its file lives
    deleted: bool = False  # it was replaced by nothing: the file was deleted
    pinned: bool = False  # somebody said: keep
    dated: bool = True  # False: written before the clock was set


@dataclass(frozen=True, slots=True)
class Policy:
    """What the household chose."""

    zone: ZoneInfo
    all_days: int = 30
    daily_days: int = 365
    monthly: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What stays at a moment, and for each version that stays not for good the moment at which it leaves."""

    kept: frozenset[int]
    leaves_at: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Departure:
    """What leaves on one day."""

    day: date
    versions: int
    size_bytes: int


def decide(versions: Sequence[Dated], policy: Policy, now: int) -> Decision:
    """Return which of these versions stay at `now`, by seq, and when each that may leave leaves or should have left."""
    dates = {version.seq: leaves_at(version, policy) for version in versions}
    leaving = {seq: at for seq, at in dates.items() if at is not None}
    return Decision(frozenset(seq for seq in dates if seq not in leaving or leaving[seq] > now), leaving)


def leaves_at(version: Dated, policy: Policy) -> int | None:
    """Return the moment from which the policy does not need the version any more; None: it is kept for good."""
    replaced_at = version.replaced_at
    if replaced_at is None or version.pinned or not version.dated:
        return None
    if replaced_at < version.at or version.at < FIRST_YEAR:
        return None  # the clock stepped back in between, or was not set: the safe side is to keep
    midnight, month = _began(replaced_at // QUARTER, policy.zone)
    if policy.monthly and version.at < month:
        return None
    leaves = replaced_at + policy.all_days * DAY
    if version.at < midnight:
        leaves = max(leaves, midnight + policy.daily_days * DAY)
    if version.deleted:
        leaves = max(leaves, replaced_at + DELETED_DAYS * DAY)
    return leaves


@lru_cache(maxsize=4096)
def _began(quarter: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return when the day and the month began in which a quarter of an hour since 1970 lies.

    Every zone of our time is a whole number of quarters away from UTC; a million versions share few of them.
    """
    here = from_micros(quarter * QUARTER).astimezone(zone)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return to_micros(midnight), to_micros(midnight.replace(day=1))


def forecast(leaving: Iterable[tuple[int, int]], zone: ZoneInfo, now: int) -> list[Departure]:
    """Return what leaves after `now`, a row for each day, the next one first. `leaving` are (moment, size in bytes).

    A day is that on which the last of its moments lies: the night that follows lets go.
    """
    days: dict[date, tuple[int, int]] = {}
    for at, size_bytes in leaving:
        if at > now:
            day = from_micros(at).astimezone(zone).date()
            versions, total = days.get(day, (0, 0))
            days[day] = (versions + 1, total + size_bytes)
    return [Departure(day, *days[day]) for day in sorted(days)]


def leaps(now: int, last_run_at: int | None) -> bool:
    """Return whether the clock cannot be trusted to let anything go by itself: no run before, or one long ago.

    A clock that is set to 2099 by mistake would let everything leave at once. A box that was off for months looks the
    same; then somebody has to say `gotgan prune` once.
    """
    return last_run_at is None or not last_run_at - DAY <= now <= last_run_at + LONGEST_LEAP


def night_is_due(now: int, last_run_at: int, zone: ZoneInfo) -> bool:
    """Return whether the run of this night is still to be made: once a day, from three o'clock on.

    A box that is switched off at night makes it when it is switched on.
    """
    midnight, _ = _began(now // QUARTER, zone)
    begins = midnight + NIGHT_HOUR * DAY // 24
    return now >= begins and not begins <= last_run_at <= now
