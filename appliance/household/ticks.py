"""What the page says that waits for a phone, and a device's own page after that: pure, from facts to ticks.

The order never changes, so that nothing jumps; what is wrong with a step stands in its place, what is wrong beside the
steps follows them. It refuses to guess: what no fact says is still waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

State = Literal["done", "doing", "wait", "fault"]
Key = Literal["reached", "given", "key", "listed", "contacts", "events", "clock", "quiet", "refused"]

CLOCK_OFF = timedelta(minutes=2)
QUIET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A knock that did not open: when last, how often, and why (`password`, `user`, `shut out`)."""

    at: datetime
    times: int
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """The address books, or the calendars, that a device knows of: how much there is and how much it fetched."""

    listed_at: datetime | None = None  # it asked what is in them; None: never
    fetched: int = 0
    fetched_first_at: datetime | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one phone. Moments are None until they came."""

    made_at: datetime
    expires_at: datetime | None = None  # None: the settings went over without a code
    closed_at: datetime | None = None  # the code was ended before it was used
    opened_at: datetime | None = None
    given_at: datetime | None = None
    way: str | None = None
    shut_out_at: datetime | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    ahead_seconds: int | None = None
    wrong: Wrong | None = None  # the newest since the settings went over
    contacts: Part = Part()
    events: Part = Part()
    refused: int = 0  # edits of this device that were kept and nobody has looked at
    refused_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One step or one fault. `values` are for its sentence: counts, seconds, a reason."""

    key: Key
    state: State
    at: datetime | None = None
    values: Mapping[str, int | str] = field(default_factory=dict)


def ticks(facts: Facts, now: datetime) -> tuple[Tick, ...]:
    """Return the six steps in their order, and after them what is wrong beside them."""
    return (
        _reached(facts, now),
        _given(facts, now),
        _key(facts),
        _listed(facts),
        _arrived("contacts", facts.contacts),
        _arrived("events", facts.events),
        *_beside(facts, now),
    )


def is_complete(found: tuple[Tick, ...]) -> bool:
    """Return whether all six steps are done, so that nobody needs to look again."""
    return all(tick.state == "done" for tick in found[:6])


def _reached(facts: Facts, now: datetime) -> Tick:
    reached_at = facts.opened_at or facts.given_at
    if reached_at is not None:
        return Tick("reached", "done", reached_at)
    return _over("reached", facts, now) or Tick("reached", "doing", facts.made_at)


def _given(facts: Facts, now: datetime) -> Tick:
    if facts.given_at is not None:
        return Tick("given", "done", facts.given_at, {"way": facts.way or "plain"})
    if facts.opened_at is None:
        return Tick("given", "wait")
    return _over("given", facts, now) or Tick("given", "doing", facts.opened_at)


def _over(key: Key, facts: Facts, now: datetime) -> Tick | None:
    """Return the fault of a code whose time is over, None while it works."""
    if facts.closed_at is not None:
        return Tick(key, "fault", facts.closed_at, {"reason": "ended"})
    if facts.expires_at is not None and now >= facts.expires_at:
        return Tick(key, "fault", facts.expires_at, {"reason": "too late"})
    return None


def _key(facts: Facts) -> Tick:
    if facts.given_at is None:
        return Tick("key", "wait")
    if facts.shut_out_at is not None:
        return Tick("key", "fault", facts.shut_out_at, {"reason": "shut out"})
    wrong = facts.wrong
    if wrong is not None and (facts.last_seen_at is None or wrong.at > facts.last_seen_at):
        return Tick("key", "fault", wrong.at, {"reason": wrong.reason, "times": wrong.times})
    if facts.first_seen_at is not None:
        return Tick("key", "done", facts.first_seen_at)
    return Tick("key", "doing", facts.given_at)


def _listed(facts: Facts) -> Tick:
    listed = [part.listed_at for part in (facts.contacts, facts.events) if part.listed_at is not None]
    if listed:
        return Tick("listed", "done", min(listed))
    return Tick("listed", "wait" if facts.first_seen_at is None else "doing", facts.first_seen_at)


def _arrived(key: Key, part: Part) -> Tick:
    if part.listed_at is None:
        return Tick(key, "wait")
    values = {"count": min(part.fetched, part.total), "total": part.total}
    if part.fetched >= part.total:
        return Tick(key, "done", part.fetched_first_at or part.listed_at, values)
    return Tick(key, "doing", part.fetched_first_at or part.listed_at, values)


def _beside(facts: Facts, now: datetime) -> list[Tick]:
    found = []
    if facts.ahead_seconds is not None and abs(facts.ahead_seconds) >= CLOCK_OFF.total_seconds():
        found.append(Tick("clock", "fault", facts.last_seen_at, {"seconds": facts.ahead_seconds}))
    since = facts.last_seen_at or facts.given_at
    if since is not None and facts.shut_out_at is None and now - since >= QUIET_AFTER:
        found.append(Tick("quiet", "fault", since, {"days": (now - since).days}))
    if facts.refused:
        found.append(Tick("refused", "fault", facts.refused_at, {"count": facts.refused}))
    return found
