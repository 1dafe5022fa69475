"""Time zones of calendars and of queries: RFC 4791 5.2.2, 9.8, and their references by name of RFC 7809.

A calendar's zone is kept twice, as an iCalendar body and as a name, and setting one sets both (RFC 7809 3.1.5).
A body under a name of its own is kept as sent; floating times are then read in the zone that has its offsets.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from appliance.dav.contracts import Kind, PropertyChange, Resource
from appliance.dav.kinds import calendar
from appliance.dav.live import Context, live
from appliance.dav.names import CALDAV, caldav
from appliance.dav.writer import escape, escape_octets
from appliance.dav.xml import Element, child, read_document, text_of
from appliance.errors import BadRequest, NotACalendar, PropertyRefused, UnknownTimezone
from appliance.objects import timezones
from appliance.objects.content_lines import Malformed, parse

TIMEZONE = caldav("calendar-timezone")
TIMEZONE_ID = caldav("calendar-timezone-id")

RULES_YEAR = 2026
"""Whose rules a VTIMEZONE of ours shows. Nobody computes with it: we resolve the name, and clients know the name."""


def read_query_zone(body: Element) -> str | None:
    """Return the zone that a calendar-query reads floating times in, None for the calendar's own.

    Errors: NotACalendar for what holds no VTIMEZONE (RFC 4791 7.8 valid-calendar-data), UnknownTimezone for a name
    that nobody knows (RFC 7809 3.1.6), BadRequest for both at once.
    """
    by_body, by_name = child(body, caldav("timezone")), child(body, caldav("timezone-id"))
    if by_body is not None and by_name is not None:
        raise BadRequest("A query names its time zone once, by timezone or by timezone-id.")
    if by_body is not None:
        written = text_of(by_body)
        _tzid_of(written)
        return timezones.zone_name_of(written.encode())
    return None if by_name is None else _known(text_of(by_name))


def settle_body(change: PropertyChange) -> Sequence[PropertyChange]:
    """Return the change of calendar-timezone and with it that of the name; PropertyRefused (valid-calendar-data)."""
    if change.xml is None:
        return change, PropertyChange(TIMEZONE_ID, None)
    written = text_of(read_document(change.xml.encode()))
    try:
        tzid = _tzid_of(written)
    except NotACalendar as error:
        raise PropertyRefused(str(error), name=change.name, condition="valid-calendar-data") from error
    return change, _property(TIMEZONE_ID, timezones.zone_name_of(written.encode()) or tzid)


def settle_name(change: PropertyChange) -> Sequence[PropertyChange]:
    """Return the change of calendar-timezone-id and with it that of the body; PropertyRefused (valid-timezone)."""
    if change.xml is None:
        return change, PropertyChange(TIMEZONE, None)
    try:
        name = _known(text_of(read_document(change.xml.encode())))
    except UnknownTimezone as error:
        raise PropertyRefused(str(error), name=change.name, condition="valid-timezone") from error
    return _property(TIMEZONE_ID, name), _property(TIMEZONE, (_body(name) or b"").decode())


@live(TIMEZONE, "RFC 4791 5.2.2", kinds={Kind.CALENDAR}, protected=False, settle=settle_body)
def calendar_timezone(resource: Resource, context: Context) -> str | None:
    """Return an iCalendar object with the VTIMEZONE that floating times here are read in (protocol.md E1, E6)."""
    octets = _body(calendar(resource).zone_name())
    return None if octets is None else escape_octets(octets)


@live(TIMEZONE_ID, "RFC 7809 5.2", kinds={Kind.CALENDAR}, protected=False, settle=settle_name)
def calendar_timezone_id(resource: Resource, context: Context) -> str | None:
    """Return the name of that zone."""
    return escape(calendar(resource).zone_name())


def _known(name: str) -> str:
    known = timezones.iana_name(name)
    if known is None:
        raise UnknownTimezone(f"No time zone is called {name[:100]!r} here.")
    return known


def _body(name: str) -> bytes | None:
    return timezones.vtimezone(name, RULES_YEAR)


def _tzid_of(written: str) -> str:
    """Return the TZID of the one VTIMEZONE in an iCalendar object; NotACalendar."""
    try:
        root = parse(written.encode())
    except Malformed:
        root = None
    zones = [] if root is None else [inner for inner in root.components if inner.name == "VTIMEZONE"]
    named = zones[0].first("TZID") if len(zones) == 1 else None
    if root is None or root.name != "VCALENDAR" or named is None:
        raise NotACalendar("A time zone is an iCalendar object with exactly one VTIMEZONE.")
    return named.value.strip()


def _property(name: str, text: str) -> PropertyChange:
    """Return a change to an element that stands alone."""
    element = etree.Element(name, nsmap={"C": CALDAV})
    element.text = text
    return PropertyChange(name, etree.tostring(element, encoding="unicode"))
