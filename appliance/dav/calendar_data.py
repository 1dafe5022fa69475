"""The data property calendar-data (RFC 4791 9.6): what a report gives of a calendar object.

Read once per report; a request that asks for no part is answered with the stored octets, unread. The getetag
beside it is always that of the stored object (protocol.md E3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from appliance.dav.contracts import Address, Kind, Resource
from appliance.dav.filters import read_time_range
from appliance.dav.kinds import calendar
from appliance.dav.live import Context, data
from appliance.dav.names import CALDAV, caldav
from appliance.dav.parts import check_size, in_namespace, name_attribute, prop_wanted
from appliance.dav.shaping import shaped
from appliance.dav.writer import escape_octets
from appliance.dav.xml import Element, name_of
from appliance.dav.zones import read_query_zone
from appliance.errors import BadRequest, UnreadableFilter, UnsupportedConversion
from appliance.objects.partial import shape_calendar
from appliance.objects.selection import CalendarWanted, CompWanted, Window

MAX_DEPTH = 5  # as in filters

_PARTS = ("comp", "expand", "limit-recurrence-set", "limit-freebusy-set")


@data(caldav("calendar-data"), "RFC 4791 9.6", kind=Kind.EVENT)
def calendar_data(wanted: Element, context: Context) -> Callable[[Resource, bytes], str]:
    """Return what gives a calendar object as asked for.

    Errors: UnsupportedConversion for what is not iCalendar 2.0, BadRequest for a selection that breaks the grammar.
    """
    _check_type(wanted)
    asked = read_calendar_wanted(wanted, timezones=context.request.header("caldav-timezones") != "F")
    if asked.whole:
        return _stored
    root = wanted.getroottree().getroot()
    query_zone = read_query_zone(root) if name_of(root) == caldav("calendar-query") else None
    zone_of = _zones(query_zone, context)

    def part(event: Resource, octets: bytes) -> str:
        return _stored(event, shaped(lambda: shape_calendar(octets, asked, zone_of(event))))

    return part


def read_calendar_wanted(element: Element, *, timezones: bool) -> CalendarWanted:
    """Return a calendar-data element as a value; BadRequest. `timezones` False is `CalDAV-Timezones: F` (RFC 7809)."""
    check_size(element)
    parts = in_namespace(element, CALDAV, _PARTS)
    names = [name_of(part) for part in parts]
    if len(set(names)) < len(names) or {caldav("expand"), caldav("limit-recurrence-set")} <= set(names):
        raise BadRequest("calendar-data has each part once, and either expand or limit-recurrence-set.")
    found = dict(zip(names, parts, strict=True))
    comp = found.get(caldav("comp"))
    if comp is not None and name_attribute(comp) != "VCALENDAR":
        raise BadRequest("The outermost comp of calendar-data is VCALENDAR.")
    return CalendarWanted(
        comp=None if comp is None else _comp(comp, 1),
        expand=_window(found.get(caldav("expand"))),
        limit_recurrence=_window(found.get(caldav("limit-recurrence-set"))),
        limit_freebusy=_window(found.get(caldav("limit-freebusy-set"))),
        timezones=timezones,
    )


def _check_type(wanted: Element) -> None:
    content_type = wanted.get("content-type", "text/calendar").split(";")[0].strip().lower()
    version = wanted.get("version", "2.0").strip()
    if (content_type, version) != ("text/calendar", "2.0"):
        raise UnsupportedConversion(
            f"Events are given as text/calendar 2.0, not as {content_type[:50]!r} {version[:20]!r}.",
            condition="supported-calendar-data",
        )


def _comp(element: Element, depth: int) -> CompWanted:
    """RFC 4791 9.6.1. A comp that names no part is meant whole, as VTIMEZONE in the example of 7.8.1."""
    if depth > MAX_DEPTH:
        raise BadRequest(f"Components are given down to {MAX_DEPTH} levels.")
    parts = in_namespace(element, CALDAV, ("allprop", "prop", "allcomp", "comp"))
    name = name_attribute(element)
    if not parts:
        return CompWanted(name)
    props = [part for part in parts if name_of(part) == caldav("prop")]
    comps = [part for part in parts if name_of(part) == caldav("comp")]
    all_props, all_comps = (_has(parts, local) for local in ("allprop", "allcomp"))
    if (all_props and props) or (all_comps and comps):
        raise BadRequest("A comp names its parts, or all of them, not both.")
    return CompWanted(
        name,
        None if all_props else tuple(prop_wanted(prop) for prop in props),
        None if all_comps else tuple(_comp(comp, depth + 1) for comp in comps),
    )


def _has(parts: Sequence[Element], local: str) -> bool:
    return any(name_of(part) == caldav(local) for part in parts)


def _window(element: Element | None) -> Window | None:
    """RFC 4791 9.6.5 to 9.6.7: both ends are required."""
    if element is None:
        return None
    try:
        asked = read_time_range(element)
    except UnreadableFilter as error:
        raise BadRequest(str(error)) from error
    if asked.start_at is None or asked.end_at is None:
        raise BadRequest("A range of calendar-data has a start and an end.")
    return asked.start_at, asked.end_at


def _zones(query_zone: str | None, context: Context) -> Callable[[Resource], str]:
    """Return what gives the zone that an object's floating times are read in (protocol.md E1)."""
    known: dict[Address, str] = {}

    def zone_of(event: Resource) -> str:
        if query_zone is not None:
            return query_zone
        parent = event.address[:-1]
        if parent not in known:
            known[parent] = calendar(context.site.find(parent)).zone_name()
        return known[parent]

    return zone_of


def _stored(event: Resource, octets: bytes) -> str:
    return f"<C:calendar-data>{escape_octets(octets)}</C:calendar-data>"
