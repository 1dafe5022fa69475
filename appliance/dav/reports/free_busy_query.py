"""The report free-busy-query (RFC 4791 7.10): its answer is one iCalendar object, not a multistatus."""

from __future__ import annotations

from appliance.dav.contracts import Kind, Resource
from appliance.dav.filters import read_time_range
from appliance.dav.href import within
from appliance.dav.kinds import calendar, calendar_home
from appliance.dav.live import Call, report
from appliance.dav.messages import Response
from appliance.dav.names import caldav
from appliance.dav.xml import Element, children
from appliance.errors import BadRequest, TooManyMatches, UnsupportedReport


@report(caldav("free-busy-query"), "RFC 4791 7.10", kinds={Kind.CALENDAR, Kind.HOME}, lists="members")
def free_busy_query(body: Element, resource: Resource, call: Call) -> Response:
    """Answer when the owner is busy in a time range; any Depth means the members (protocol.md D5).

    Errors: UnreadableFilter for the range, TooManyMatches for one without an end, NotFound without the privilege.
    """
    ranges = children(body, caldav("time-range"))
    if len(ranges) != 1:
        raise BadRequest("A free-busy-query has exactly one time-range.")
    asked = read_time_range(ranges[0])
    if asked.start_at is None or asked.end_at is None:
        raise TooManyMatches("A free-busy-query names the start and the end of its time: for ever is too much.")
    if resource.kind is Kind.CALENDAR:
        octets = calendar(resource).free_busy(asked.start_at, asked.end_at)
    elif within(resource.address)[:1] == ("calendars",):
        octets = calendar_home(resource).free_busy(asked.start_at, asked.end_at)
    else:
        raise UnsupportedReport("There are no calendars in this home.")
    return Response(200, [("Content-Type", "text/calendar; charset=utf-8; component=VFREEBUSY")], octets)
