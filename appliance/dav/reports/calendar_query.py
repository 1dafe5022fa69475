"""The report calendar-query (RFC 4791 7.8), with the time zone references of RFC 7809."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.dav import answers
from appliance.dav.contracts import Kind, Resource
from appliance.dav.filters import read_calendar_filter
from appliance.dav.kinds import calendar
from appliance.dav.live import Call, report
from appliance.dav.messages import Response
from appliance.dav.names import caldav
from appliance.dav.reports.members import rows_of, scope_of, selection_of
from appliance.dav.xml import Element, child
from appliance.dav.zones import read_query_zone
from appliance.errors import UnreadableFilter
from appliance.match.filters import CompFilter


@report(caldav("calendar-query"), "RFC 4791 7.8", kinds={Kind.CALENDAR, Kind.EVENT, Kind.HOME}, lists="members")
def calendar_query(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the calendar objects that match.

    Errors: UnreadableFilter, UnsupportedFilter, UnsupportedCollation, UnsupportedConversion; NotACalendar and
    UnknownTimezone for the query's own time zone.
    """
    filter_element = child(body, caldav("filter"))
    if filter_element is None:
        raise UnreadableFilter("A calendar-query has a filter.")
    wanted = read_calendar_filter(filter_element)
    zone = read_query_zone(body)
    selection = selection_of(body, call)
    return answers.multistatus(rows_of(_matches(wanted, zone, resource, call), selection), call)


def _matches(
    wanted: CompFilter, zone: str | None, resource: Resource, call: Call
) -> Iterator[tuple[Resource, Resource]]:
    """Yield (calendar, object) for the calendar objects that match."""
    for one in scope_of(resource, Kind.CALENDAR, call):
        for event in calendar(one).query(wanted, timezone=zone):
            if resource.kind is not Kind.EVENT or event.address == resource.address:
                yield one, event
