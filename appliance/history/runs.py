"""From lines to runs: what one device did over and over is told once. Lines in, runs out, newest first; nothing else.

Three lines and more make a run when they follow each other without anybody else in between, within an hour of each
other and on the same day, by the same device, with the same deed on the same kind of thing in the same collection.
What is more than a deed (a batch, a refusal, a malformed entry, a share) stays a line of its own. Nothing is lost,
nothing told twice, and the order is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from appliance.clock import from_micros
from appliance.history.folding import Line
from appliance.store.happened import Event
from appliance.store.tallies import QUARTER

FEWEST = 3
MOST = 2000  # a longer one goes on as another run: a page reads no further
PAUSE = timedelta(hours=1) // timedelta(microseconds=1)

Deed = Literal["added", "changed", "deleted", "moved"]


@dataclass(frozen=True, slots=True)
class Run:
    """One line, or many that say the same. `deed` None: it is one line."""

    lines: tuple[Line, ...]  # the newest first
    deed: Deed | None = None


class _Mark(NamedTuple):
    deed: Deed
    device_id: int | None
    kind: str
    collection_id: int
    day: date


def runs(lines: Iterable[Line], zone: ZoneInfo) -> Iterator[Run]:
    """Yield the runs of lines, both newest first; days are those of `zone`."""
    held: list[Line] = []
    mark: _Mark | None = None
    days = _Days(zone)
    for line in lines:
        marked = _mark(line, days)
        goes_on = marked is not None and marked == mark and held[-1].event.at - line.event.at <= PAUSE
        if not goes_on or len(held) == MOST:
            yield from _released(held, mark)
            held, mark = [], marked
        held.append(line)
    yield from _released(held, mark)


def _released(held: list[Line], mark: _Mark | None) -> Iterator[Run]:
    if mark is not None and len(held) >= FEWEST:
        yield Run(tuple(held), mark.deed)
        return
    yield from (Run((line,)) for line in held)


class _Days:
    """Tells the day of a moment; what follows each other mostly lies within one quarter of an hour."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._quarter = -1
        self._day = date.min

    def of(self, at: int) -> date:
        """Return the day in the zone; zones of our time are whole quarters of an hour away from UTC."""
        if at // QUARTER != self._quarter:
            self._quarter = at // QUARTER
            self._day = from_micros(at).astimezone(self._zone).date()
        return self._day


def _mark(line: Line, days: _Days) -> _Mark | None:
    event, deed = line.event, deed_of(line)
    if deed is None or not isinstance(event, Event):
        return None
    return _Mark(deed, event.device_id, event.kind, event.collection_id, days.of(event.at))


def deed_of(line: Line) -> Deed | None:
    """Return what a line is more of the same of, None where it is to be told by itself."""
    event = line.event
    if not isinstance(event, Event) or line.batch is not None or event.fault or event.kind == "mount":
        return None
    if event.op in ("leave", "move") or event.was_op == "leave":
        return "moved"
    if event.op in ("props", "merged", "announce", "restore", "copy"):
        return None
    if not event.alive:
        return "deleted"
    return "added" if _is_new(event) else "changed"


def _is_new(event: Event) -> bool:
    """Return whether nothing was there before; the empty file that a program fills at once is nothing."""
    return not event.was_alive or bool(event.was_first and event.was_size == 0)
