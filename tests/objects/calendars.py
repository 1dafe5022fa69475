"""Calendar objects for the tests of `objects`, written as lines, and instants written as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

from appliance.objects.time_range import micros


def calendar(*components: str) -> bytes:
    """Return a VCALENDAR; each component is its name and its lines, one a line."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for component in components:
        name, *inner = [line.strip() for line in component.strip().splitlines()]
        lines += [f"BEGIN:{name}", *inner, f"END:{name}"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def event(lines: str) -> bytes:
    """Return a calendar with one VEVENT of these lines."""
    return calendar("VEVENT\nUID:u-1\n" + lines)


def utc(written: str) -> datetime:
    """Return 20261120T1400 as a time in UTC."""
    return datetime.strptime(written, "%Y%m%dT%H%M").replace(tzinfo=UTC)


def at(written: str) -> int:
    """Return the microseconds of 20261120T1400 in UTC."""
    return micros(utc(written))
