"""When an alarm goes off (RFC 5545 3.6.6, 3.8.6): at an instant, or before or after start or end of an instance."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from appliance.objects.content_lines import Component
from appliance.objects.extents import Span
from appliance.objects.recurrence import Instance
from appliance.objects.values import DAY, FindZone, Length, line_zone, local_time, read_duration, read_moment

_REPEATS = 100_000


class Alarm(NamedTuple):
    """A VALARM that can be read. `at` for an absolute trigger, else `offset` from start or end."""

    at: int | None
    offset: Length
    from_end: bool
    repeats: int
    every: int

    @property
    def reach(self) -> int:
        """The most microseconds that lie between an instance and its last or first going off."""
        return abs(self.offset.total) + self.repeats * self.every + DAY

    def times(self, instance: Instance, floating: tzinfo) -> Span | None:
        """Return the first and the last time it goes off for an instance; None when the instance has no time."""
        if self.at is not None:
            return self.at, self.at + self.repeats * self.every
        if instance.local is None or instance.extent.start is None:
            return None
        zone = instance.extent.start.zone or floating
        local = local_time(instance.span[1], zone) if self.from_end else instance.local
        first = self.offset.after(local, zone)
        return first, first + self.repeats * self.every

    def goes_off(self, times: Span, from_at: int, to_at: int) -> bool:
        """Return whether one of its times lies in the half-open range (RFC 4791 9.9)."""
        first, last = times
        if self.every and first < from_at:
            first += -((first - from_at) // self.every) * self.every
        return from_at <= first <= last and first < to_at


def read_alarm(component: Component, zones: FindZone, floating: tzinfo) -> Alarm | None:
    """Return the alarm, None when its TRIGGER cannot be read."""
    trigger = component.first("TRIGGER")
    if trigger is None:
        return None
    repeats, every = _repetition(component)
    offset = read_duration(trigger.value)
    if offset is not None:
        from_end = (trigger.param("RELATED") or "").upper() == "END"
        return Alarm(None, offset, from_end, repeats, every)
    moment = read_moment(trigger.value, line_zone(trigger, zones))
    return (
        None
        if moment is None
        else Alarm(moment.at(floating), Length(0, 0), from_end=False, repeats=repeats, every=every)
    )


def _repetition(component: Component) -> Span:
    """Return how often it is repeated, and every how many microseconds; (0, 0) unless both are said."""
    repeat, duration = component.first("REPEAT"), component.first("DURATION")
    every = read_duration(duration.value) if duration else None
    written = repeat.value.strip() if repeat else ""
    if every is None or every.total <= 0 or not (written.isascii() and written.isdigit() and len(written) < 9):
        return 0, 0
    return min(int(written), _REPEATS), every.total
