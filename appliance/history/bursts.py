"""Bursts: when a device deleted or changed far more at once than it usually does. A pure function of counts.

A device is compared with its own past: with what it did in a week on average, in the four weeks before. The largest
spell of those does not count, because one burst makes no habit. What is new harms nothing and is never a burst. It
refuses to know what was deleted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

FEWEST = 25  # below this nobody needs to look
TIMES = 6  # as much as in a usual week
WEEK = 7 * 24 * 4  # quarters of an hour
WEEKS = 4
PAUSE = 4  # quarters without anything that end a spell


class Pulse(NamedTuple):
    """What a device did in a quarter of an hour since 1970 to one kind of thing."""

    device_id: int
    deed: Literal["changed", "deleted"]
    kind: str
    quarter: int
    things: int


@dataclass(frozen=True, slots=True)
class Burst:
    """A spell of a device; `usual` is how much it does in a week."""

    device_id: int
    deed: Literal["changed", "deleted"]
    counts: tuple[tuple[str, int], ...]  # kind and how many, the most first
    first_quarter: int
    last_quarter: int
    usual: float

    @property
    def count(self) -> int:
        """How many things it was."""
        return sum(number for _, number in self.counts)


def bursts(pulses: Iterable[Pulse]) -> list[Burst]:
    """Return the bursts, the oldest first."""
    by_deed: dict[tuple[int, Literal["changed", "deleted"]], list[Pulse]] = defaultdict(list)
    for pulse in pulses:
        by_deed[pulse.device_id, pulse.deed].append(pulse)
    found = [burst for series in by_deed.values() for burst in _of_one(sorted(series, key=lambda each: each.quarter))]
    return sorted(found, key=lambda burst: (burst.first_quarter, burst.device_id, burst.deed))


def _of_one(series: Sequence[Pulse]) -> list[Burst]:
    found: list[Burst] = []
    before: list[tuple[int, int]] = []  # (quarter, things) of the spells so far
    for spell in _spells(series):
        first, count = spell[0].quarter, sum(pulse.things for pulse in spell)
        if count >= FEWEST:  # asked of those alone: there may be a spell for every hour
            a_week = _a_week(before, first, series[0].quarter)
            if count >= TIMES * a_week:
                found.append(_burst(spell, a_week))
        before.append((first, count))
    return found


def _spells(series: Sequence[Pulse]) -> list[list[Pulse]]:
    spells: list[list[Pulse]] = []
    for pulse in series:
        if not spells or pulse.quarter - spells[-1][-1].quarter > PAUSE:
            spells.append([])
        spells[-1].append(pulse)
    return spells


def _a_week(before: Sequence[tuple[int, int]], first: int, known_since: int) -> float:
    """Return how much is done in a week before `first`; a device that is known for less has the weeks it has."""
    weeks = min(max((first - known_since) / WEEK, 1.0), WEEKS)
    counts = [count for quarter, count in before if quarter >= first - WEEKS * WEEK]
    return (sum(counts) - max(counts, default=0)) / weeks


def _burst(spell: Sequence[Pulse], usual: float) -> Burst:
    counts: Counter[str] = Counter()
    for pulse in spell:
        counts[pulse.kind] += pulse.things
    device_id, deed = spell[0].device_id, spell[0].deed
    return Burst(device_id, deed, tuple(counts.most_common()), spell[0].quarter, spell[-1].quarter, usual)
