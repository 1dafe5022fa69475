"""A recurrence set as single instances (RFC 4791 9.6.5, protocol E3), written anew only where they differ.

Times with a zone become UTC; floating and all-day ones stay. Every instance of what recurs has a RECURRENCE-ID,
none has rules, and no VTIMEZONE is left. Lines that say no time are byte for byte those that were sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from appliance.errors import TooManyMatches
from appliance.objects.content_lines import Component, ContentLine, parse
from appliance.objects.octets import Octets, folded
from appliance.objects.recurrence import Instance, Series
from appliance.objects.rule_starts import Budget, BudgetSpent
from appliance.objects.selection import Window
from appliance.objects.time_range import RECURRING, bounds, recurrence_sets
from appliance.objects.timezones import Zones
from appliance.objects.values import Moment, line_zone, local_time, moved, read_moment, written_local, written_utc

INSTANCES = 5_000
"""of one object in one answer"""

_RULES = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE"})


def expanded(body: bytes, window: Window, floating: tzinfo) -> bytes:
    """Return the calendar with one component for each instance that touches the window; TooManyMatches, Malformed."""
    root = parse(body)
    octets, zones = Octets(body, root), Zones(root)
    from_at, to_at = bounds(*window)
    parts = [octets.of(root.begin), *(octets.of(line.number) for line in root.lines)]
    for found in recurrence_sets(root.components):
        if found[0].name == "VTIMEZONE":
            continue
        if found[0].name not in RECURRING:
            parts += [octets.of(number) for number in octets.whole(found[0])]
            continue
        for instance in _instances(Series(found, zones, floating), from_at, to_at):
            parts += _written(instance, octets, zones, floating)
    return b"".join([*parts, octets.of(root.end)])


def _instances(series: Series, from_at: int, to_at: int) -> list[Instance]:
    found: list[Instance] = []
    try:
        for instance in series.instances(from_at, to_at, Budget()):
            found.append(instance)
            if len(found) > INSTANCES:
                break
    except BudgetSpent:
        found = []
    else:
        if len(found) <= INSTANCES:
            return sorted(found, key=lambda instance: instance.span)
    raise TooManyMatches(f"An event happens more than {INSTANCES} times in this range; ask for a shorter one.")


def _written(instance: Instance, octets: Octets, zones: Zones, floating: tzinfo) -> Iterator[bytes]:
    """Yield the lines of one instance."""
    component = instance.extent.component
    times = _times(instance, floating)
    yield octets.of(component.begin)
    for line in component.lines:
        if line.name in times:
            yield times.pop(line.name)
        elif line.name not in _RULES and line.name not in ("RECURRENCE-ID", *_dropped(times)):
            yield _without_zone(line, octets, zones)
    yield from times.values()
    for inner in component.components:
        yield from _inner(inner, octets, zones)
    yield octets.of(component.end)


def _dropped(times: dict[str, bytes]) -> tuple[str, ...]:
    return ("DURATION",) if "DTEND" in times else ()


def _inner(component: Component, octets: Octets, zones: Zones) -> Iterator[bytes]:
    yield octets.of(component.begin)
    for line in component.lines:
        yield _without_zone(line, octets, zones)
    for inner in component.components:
        yield from _inner(inner, octets, zones)
    yield octets.of(component.end)


def _times(instance: Instance, floating: tzinfo) -> dict[str, bytes]:
    """Return the lines that differ from instance to instance, by name."""
    times: dict[str, bytes] = {}
    extent, local = instance.extent, instance.local
    if extent.start is not None and local is not None:
        component = extent.component
        if component.first("DTSTART") is not None or component.first("DUE") is None:
            times["DTSTART"] = _line("DTSTART", extent.start._replace(local=local), instance.span[0])
        ends = [name for name in ("DTEND", "DUE") if component.first(name) is not None]
        if instance.span != extent.instance(local, floating) and not ends:
            ends = ["DTEND"]  # an RDATE period has an end of its own
        times.update((name, _line(name, _end(instance, floating), instance.span[1])) for name in ends)
    if instance.original is not None:
        times["RECURRENCE-ID"] = _line("RECURRENCE-ID", instance.original, instance.original.at(floating))
    return times


def _end(instance: Instance, floating: tzinfo) -> Moment:
    extent, local = instance.extent, instance.local
    assert extent.start is not None and local is not None, "asked only of what has a start"
    if extent.start.whole_day:
        return extent.start._replace(local=moved(local, extent.wall))
    return extent.start._replace(local=local_time(instance.span[1], floating))


def _line(name: str, moment: Moment, at: int) -> bytes:
    """Return the line of a moment whose instant is `at`: a day and a floating time stay as they are."""
    if moment.whole_day:
        return f"{name};VALUE=DATE:{written_local(moment.local, whole_day=True)}\r\n".encode()
    written = written_local(moment.local, whole_day=False) if moment.zone is None else written_utc(at)
    return f"{name}:{written}\r\n".encode()


def _without_zone(line: ContentLine, octets: Octets, zones: Zones) -> bytes:
    """Return a line as sent; one that names a zone in UTC, for the zone is no longer there to look at."""
    if line.param("TZID") is None:
        return octets.of(line.number)
    moment = read_moment(line.value, line_zone(line, zones))
    written = line.value if moment is None or moment.zone is None else written_utc(moment.at(UTC))
    rest = [f"{name}={','.join(map(_quoted, values))}" for name, values in line.params if name != "TZID"]
    return folded(f"{';'.join([line.name, *rest])}:{written}".encode())


def _quoted(value: str) -> str:
    return f'"{value}"' if any(sign in value for sign in ":;,") else value
