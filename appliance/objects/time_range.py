"""The time ranges of calendar-query, evaluated exactly (RFC 4791 7.4, 9.9), floating times in the zone of the request.

`Occurrences` is what `match` asks; `occurs` is the same question for a whole object. A rule that exceeds its
budget counts as a match: too much is harmless in a query, a missing event is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from appliance.objects.alarms import read_alarm
from appliance.objects.content_lines import Component, parse
from appliance.objects.extents import free_busy_extent, free_busy_spans, touches
from appliance.objects.recurrence import Instance, Series
from appliance.objects.rule_starts import Budget, BudgetSpent
from appliance.objects.timezones import Zones, zone_named
from appliance.objects.values import EARLIEST, LATEST, instant, moments_of

RECURRING = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
_ENDS = frozenset({"DTEND", "DUE"})


class Range(Protocol):
    """A half-open time range; an open end is None."""

    @property
    def start_at(self) -> datetime | None:
        """The first instant inside."""
        ...

    @property
    def end_at(self) -> datetime | None:
        """The first instant after."""
        ...


class Occurrences:
    """Answers whether parts of one calendar object take place in a range."""

    def __init__(self, calendar: Component, zone: str | tzinfo) -> None:
        self._zones = Zones(calendar)
        self._floating = zone if isinstance(zone, tzinfo) else floating_zone(zone)
        self._series: dict[tuple[int, ...], Series] = {}

    def component(self, recurrence_set: Sequence[Component], wanted: Range) -> bool:
        """Return whether any instance of the set (master and overrides, or one component) overlaps the range."""
        from_at, to_at = bounds(wanted.start_at, wanted.end_at)
        if recurrence_set[0].name == "VFREEBUSY":
            return any(self._free_busy(component, from_at, to_at) for component in recurrence_set)
        return _any(self.series(recurrence_set).instances(from_at, to_at, Budget()))

    def alarm(self, recurrence_set: Sequence[Component], owner: Component, alarm: Component, wanted: Range) -> bool:
        """Return whether `alarm` of `owner`, which is one of the set, goes off in the range for any instance."""
        read = read_alarm(alarm, self._zones, self._floating)
        if read is None:
            return False
        from_at, to_at = bounds(wanted.start_at, wanted.end_at)
        if read.at is not None:
            return read.goes_off((read.at, read.at + read.repeats * read.every), from_at, to_at)
        series = self.series(recurrence_set)
        found = series.instances(max(from_at - read.reach, EARLIEST), min(to_at + read.reach, LATEST), Budget())
        return _any(
            instance
            for instance in found
            if instance.extent.component is owner
            and (times := read.times(instance, self._floating)) is not None
            and read.goes_off(times, from_at, to_at)
        )

    def property(self, recurrence_set: Sequence[Component], owner: Component, name: str, wanted: Range) -> bool:
        """Return whether `owner`'s date property, or the DTEND or DUE that its DURATION implies, lies in the range."""
        from_at, to_at = bounds(wanted.start_at, wanted.end_at)
        present = owner.first(name) is not None
        if owner.name in RECURRING and (name in _ENDS or name == "DTSTART"):
            implied = (
                name == {"VEVENT": "DTEND", "VTODO": "DUE"}.get(owner.name) and owner.first("DURATION") is not None
            )
            return (present or implied) and self._instance_time(recurrence_set, owner, name, from_at, to_at)
        return any(
            touches((at, at), from_at, to_at)
            for line in owner.all(name)
            for moment, _ in moments_of(line, self._zones)
            for at in (moment.at(self._floating),)
        )

    def series(self, recurrence_set: Sequence[Component]) -> Series:
        """Return the set as read for this zone, once."""
        key = tuple(map(id, recurrence_set))
        if key not in self._series:
            self._series[key] = Series(recurrence_set, self._zones, self._floating)
        return self._series[key]

    def _instance_time(
        self, recurrence_set: Sequence[Component], owner: Component, name: str, from_at: int, to_at: int
    ) -> bool:
        side = 1 if name in _ENDS else 0
        series = self.series(recurrence_set)
        # an end on the range's begin belongs to an instance that only touches it
        found = series.instances(max(from_at - 1, EARLIEST), to_at + 1, Budget())
        return _any(
            instance
            for instance in found
            if instance.extent.component is owner
            and instance.local is not None
            and touches((instance.span[side], instance.span[side]), from_at, to_at)
        )

    def _free_busy(self, component: Component, from_at: int, to_at: int) -> bool:
        whole = free_busy_extent(component, self._zones, self._floating)
        if whole is not None:
            return touches(whole, from_at, to_at)
        periods = free_busy_spans(component, self._zones, self._floating)
        return any(touches((start, end), from_at, to_at) for start, end, _ in periods)


def occurs(
    calendar: Component | bytes,
    component: str,
    start_at: datetime | None,
    end_at: datetime | None,
    zone: str,
) -> bool:
    """Return whether a component of this name overlaps the range (RFC 4791 9.9); for VALARM any alarm in any component.

    An open end is None. Raises Malformed for octets that hold no component.
    """
    root = calendar if isinstance(calendar, Component) else parse(calendar)
    wanted = _Bounds(start_at, end_at)
    occurrences = Occurrences(root, zone)
    if component == "VALARM":
        return any(
            occurrences.alarm(found, owner, alarm, wanted)
            for found in recurrence_sets(root.components)
            for owner in found
            for alarm in owner.components
            if alarm.name == "VALARM"
        )
    named = [found for found in root.components if found.name == component]
    return any(occurrences.component(found, wanted) for found in recurrence_sets(named))


def recurrence_sets(components: Iterable[Component]) -> list[tuple[Component, ...]]:
    """Return the components grouped by name and UID; those that cannot recur, or have no UID, stand alone."""
    sets: dict[object, list[Component]] = {}
    for component in components:
        uid = component.first("UID") if component.name in RECURRING else None
        key: object = id(component) if uid is None else (component.name, uid.value.strip())
        sets.setdefault(key, []).append(component)
    return [tuple(members) for members in sets.values()]


def floating_zone(name: str) -> tzinfo:
    """Return the zone to read floating times in; UTC for a name that nobody knows."""
    return UTC if name == "UTC" else zone_named(name) or ZoneInfo("UTC")


def bounds(start_at: datetime | None, end_at: datetime | None) -> tuple[int, int]:
    """Return a range of aware times as instants, open ends as far as can be."""
    return (EARLIEST if start_at is None else micros(start_at)), (LATEST if end_at is None else micros(end_at))


def micros(at: datetime) -> int:
    """Return an aware time as microseconds; a naive one is taken for UTC."""
    return instant(at.replace(tzinfo=None) if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None), UTC)


class _Bounds:
    """A range made here."""

    def __init__(self, start_at: datetime | None, end_at: datetime | None) -> None:
        self.start_at = start_at
        self.end_at = end_at


def _any(found: Iterable[Instance]) -> bool:
    try:
        return any(True for _ in found)
    except BudgetSpent:
        return True
