"""The graph of a timeline: a bar for each day, what came grows up, what went hangs down, heights by the square root.

Numbers in, places in per cent out; the template draws them. It refuses to ask anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from appliance.clock import from_micros
from appliance.store.tallies import QUARTER, Tally

DAYS = 30
SILL = 38.0  # per cent from the top
UP, DOWN = 34.0, 50.0  # the longest bars
LEAST = 10  # a single change in a quiet month is no tower
BAR = 0.56  # of a day's width
LABELLED = 2  # bursts


@dataclass(frozen=True, slots=True)
class Bar:
    """A day. Places and lengths in per cent of the picture."""

    day: date
    came: int
    went: int
    left: float  # of the day
    width: float
    up: float
    down: float

    @property
    def bar_left(self) -> float:
        """Where the bar itself begins."""
        return self.left + self.width * (1 - BAR) / 2

    @property
    def bar_width(self) -> float:
        """How wide the bar itself is."""
        return self.width * BAR


@dataclass(frozen=True, slots=True)
class Graph:
    """The days, the oldest first."""

    bars: Sequence[Bar]

    @property
    def busy(self) -> list[Bar]:
        """The days on which something happened, the newest first."""
        return [bar for bar in reversed(self.bars) if bar.came or bar.went]

    @property
    def ticks(self) -> list[tuple[Bar, str]]:
        """The days that are named below, and how their names stand: start, middle or end."""
        last = len(self.bars) - 1
        return [
            (self.bars[place], "start" if place == 0 else "end" if place == last else "middle")
            for place in (0, last // 3, 2 * last // 3, last)
        ]

    def bar_of(self, day: date) -> Bar | None:
        """Return the bar of a day, None: it is not in the picture."""
        return next((bar for bar in self.bars if bar.day == day), None)


def graph(tallies: Iterable[Tally], last: date, zone: ZoneInfo) -> Graph:
    """Return the graph of the days up to `last`."""
    came: dict[date, int] = defaultdict(int)
    went: dict[date, int] = defaultdict(int)
    for tally in tallies:
        (came if tally.alive else went)[day_of(tally.quarter, zone).date()] += tally.rows
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    most_came = max(LEAST, *(came[day] for day in days))
    most_went = max(LEAST, *(went[day] for day in days))
    width = 100 / DAYS
    return Graph(tuple(
        Bar(
            day, came[day], went[day], place * width, width,
            UP * sqrt(came[day] / most_came), DOWN * sqrt(went[day] / most_went),
        )
        for place, day in enumerate(days)
    ))  # fmt: skip


def day_of(quarter: int, zone: ZoneInfo) -> datetime:
    """Return the local moment at which a quarter of an hour since 1970 begins."""
    return from_micros(quarter * QUARTER).astimezone(zone)
