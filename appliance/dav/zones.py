"""Time zones of calendars and of queries: RFC 4791 5.2.2, 9.8, and their references by name of RFC 7809.

A zone is kept twice, as an iCalendar body and as a name, and setting one sets both (RFC 7809 3.1.5).
"""

from __future__ import annotations

from zoneinfo import available_timezones

from appliance.dav.names import caldav
from appliance.dav.xml import Element, child, text_of
from appliance.errors import BadRequest, NotACalendar, UnknownTimezone
from appliance.objects.content_lines import Malformed, parse

TIMEZONE = caldav("timezone")
TIMEZONE_ID = caldav("timezone-id")


def read_query_zone(body: Element) -> str | None:
    """Return the zone that a calendar-query reads floating times in, None for the calendar's own.

    Errors: NotACalendar for what holds no VTIMEZONE (RFC 4791 7.8 valid-calendar-data), UnknownTimezone for a name
    that nobody knows (RFC 7809 3.1.6), BadRequest for both at once.
    """
    by_body, by_name = child(body, TIMEZONE), child(body, TIMEZONE_ID)
    if by_body is not None and by_name is not None:
        raise BadRequest("A query names its time zone once, by timezone or by timezone-id.")
    if by_body is not None:
        return zone_of_body(text_of(by_body))
    return None if by_name is None else zone_of_name(text_of(by_name))


def zone_of_name(name: str) -> str:
    """Return the IANA name that a client's name means; UnknownTimezone."""
    if name not in available_timezones():
        raise UnknownTimezone(f"No time zone is called {name[:100]!r} here.")
    return name


def zone_of_body(body: str) -> str | None:
    """Return the IANA name that a body with one VTIMEZONE means, None for a zone of its own; NotACalendar."""
    try:
        root = parse(body.encode())
    except Malformed:
        root = None
    zones = [inner for inner in root.components if inner.name == "VTIMEZONE"] if root is not None else []
    named = zones[0].first("TZID") if len(zones) == 1 else None
    if named is None:
        raise NotACalendar("A time zone is an iCalendar object with exactly one VTIMEZONE.")
    return named.value if named.value in available_timezones() else None
