"""When one component takes place: the tables of RFC 4791 9.9 as half-open intervals.

The tables compare sometimes with `<` and sometimes with `<=`. An interval that is a microsecond wider says the
same, since requests and objects speak in whole seconds; so one test, `touches`, serves every kind, and the
index of the store gives the very answer that reading the object would give.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from appliance.objects.content_lines import Component
from appliance.objects.values import (
    DAY,
    EARLIEST,
    LATEST,
    FindZone,
    Length,
    Moment,
    instant,
    moment_of,
    moments_of,
    moved,
    read_duration,
)

Span = tuple[int, int]
"""start and end of an interval in microseconds; equal: a point"""

ALWAYS: Span = (EARLIEST, LATEST)

_TYPES = frozenset({"FREE", "BUSY", "BUSY-TENTATIVE", "BUSY-UNAVAILABLE"})


def touches(span: Span, from_at: int, to_at: int) -> bool:
    """Return whether an interval, or a point, lies in the half-open range at least in part."""
    start, end = span
    return start < to_at and (end > from_at or start == end >= from_at)


class Extent(NamedTuple):
    """How long a component takes, from any start: `wall` by the clock on the wall, then `micros` exactly.

    The days of a DURATION and the way to a DTEND in the same zone go by the wall, so that a night shift ends at
    six on every morning; hours of a DURATION are exact (RFC 5545 3.3.6). `before` and `after` widen the
    instance for the range test. Without `start` it takes place in `fixed` only, or never when that is None.
    """

    component: Component
    start: Moment | None
    wall: timedelta = timedelta(0)
    micros: int = 0
    before: int = 0
    after: int = 0
    fixed: Span | None = None
    ends_early: bool = False  # an end that is not after the start, against RFC 5545 3.6.1 and 3.8.2.3

    def instance(self, local: datetime, floating: tzinfo) -> Span:
        """Return start and end of the instance that begins at a local time of this component's zone."""
        zone = (self.start.zone if self.start else None) or floating
        start = instant(local, zone)
        if not self.wall:
            return start, start + self.micros
        return start, instant(moved(local, self.wall), zone) + self.micros

    def widened(self, span: Span) -> Span:
        """Return the interval that the range test looks at for an instance."""
        if not (self.before or self.after):
            return span
        return span[0] - self.before, max(span[1], span[0]) + self.after

    @property
    def longest(self) -> int:
        """An upper bound of an instance's microseconds, an hour of summer time included."""
        wall = max(0, self.wall // timedelta(microseconds=1))
        return wall + max(0, self.micros) + self.before + self.after + (DAY // 24 if wall else 0)


def extent_of(component: Component, zones: FindZone) -> Extent:
    """Return when a VEVENT, VTODO or VJOURNAL takes place. What cannot be read is left out, never an error."""
    match component.name:
        case "VTODO":
            return _todo(component, zones)
        case "VJOURNAL":
            return _journal(component, zones)
        case "VEVENT":
            return _event(component, zones)
    return Extent(component, None, fixed=ALWAYS)


def _event(component: Component, zones: FindZone) -> Extent:
    start = _moment(component, "DTSTART", zones)
    if start is None:
        return Extent(component, None, fixed=ALWAYS)  # broken: better found too often than never
    end, length = _moment(component, "DTEND", zones), _duration(component)
    if end is not None:
        wall, micros = _until_end(start, end)
        if wall > timedelta(0) or micros > 0:
            return Extent(component, start, wall, micros)
        return Extent(component, start, timedelta(days=1 if start.whole_day else 0), ends_early=True)
    if length is not None and length.total > 0:
        return Extent(component, start, timedelta(days=length.days), length.micros)
    return Extent(component, start, timedelta(days=1 if start.whole_day else 0))


def _todo(component: Component, zones: FindZone) -> Extent:
    start, due = _moment(component, "DTSTART", zones), _moment(component, "DUE", zones)
    length = _duration(component)
    if start is None:
        if due is not None:
            return Extent(component, due, before=1)  # start < DUE and end >= DUE
        return Extent(component, None, fixed=_undated_todo(component, zones))
    if due is not None:
        wall, micros = _until_end(start, due)
        late = wall // timedelta(microseconds=1) + micros
        if late > 0:
            return Extent(component, start, wall, micros)
        return Extent(component, start, before=1 - late, after=1, ends_early=late < 0)  # DUE at DTSTART, or before it
    if length is None:
        return Extent(component, start)
    if length.total <= 0:
        return Extent(component, start, before=1, after=1)
    return Extent(component, start, timedelta(days=length.days), length.micros, after=1)  # start <= DTSTART+DURATION


def _undated_todo(component: Component, zones: FindZone) -> Span:
    """A to-do without DTSTART and DUE takes place where it was created and completed, or always."""
    found = [
        moment.at(UTC) for name in ("COMPLETED", "CREATED") if (moment := _moment(component, name, zones)) is not None
    ]
    if not found:
        return ALWAYS
    if component.first("COMPLETED") is None:
        return found[0], LATEST
    return min(found) - 1, max(found) + 1


def _journal(component: Component, zones: FindZone) -> Extent:
    start = _moment(component, "DTSTART", zones)
    if start is None:
        return Extent(component, None)
    return Extent(component, start, timedelta(days=1 if start.whole_day else 0))


def free_busy_spans(component: Component, zones: FindZone, floating: tzinfo) -> list[tuple[int, int, str]]:
    """Return (start, end, FBTYPE) of each period of a VFREEBUSY."""
    found = []
    for line in component.all("FREEBUSY"):
        busy = (line.param("FBTYPE") or "BUSY").upper()
        for start, end in moments_of(line, zones):
            start_at = start.at(floating)
            end_at = period_end(start, end, floating)
            if end_at is not None and end_at > start_at:
                found.append((start_at, end_at, busy if busy in _TYPES else "BUSY"))
    return found


def free_busy_extent(component: Component, zones: FindZone, floating: tzinfo) -> Span | None:
    """Return DTSTART to DTEND of a VFREEBUSY, which win over its periods; None unless both are there."""
    start, end = _moment(component, "DTSTART", zones), _moment(component, "DTEND", zones)
    if start is None or end is None:
        return None
    return start.at(floating), end.at(floating) + 1  # start <= DTEND


def period_end(start: Moment, end: Moment | Length | None, floating: tzinfo) -> int | None:
    """Return the end of a period, None for what is no period."""
    if isinstance(end, Length):
        return end.after(start.local, start.zone or floating)
    return None if end is None else end.at(floating)


def _until_end(start: Moment, end: Moment) -> tuple[timedelta, int]:
    """Return what lies between: wall-clock time within one zone, exact time between two."""
    if start.whole_day or end.whole_day or start.zone is end.zone or start.zone == end.zone:
        return end.local - start.local, 0
    return timedelta(0), end.at(UTC) - start.at(UTC)


def _moment(component: Component, name: str, zones: FindZone) -> Moment | None:
    line = component.first(name)
    return None if line is None else moment_of(line, zones)


def _duration(component: Component) -> Length | None:
    line = component.first("DURATION")
    return None if line is None else read_duration(line.value)
