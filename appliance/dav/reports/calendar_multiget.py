"""The report calendar-multiget (RFC 4791 7.9)."""

from __future__ import annotations

from appliance.dav import answers
from appliance.dav.contracts import Kind, Resource
from appliance.dav.live import Call, report
from appliance.dav.messages import Response
from appliance.dav.names import caldav
from appliance.dav.reports.members import multiget_rows
from appliance.dav.xml import Element


@report(caldav("calendar-multiget"), "RFC 4791 7.9", kinds={Kind.CALENDAR, Kind.EVENT, Kind.HOME})
def calendar_multiget(body: Element, resource: Resource, call: Call) -> Response:
    """Answer each calendar object that is asked for by its href; BadRequest, UnsupportedConversion."""
    return answers.multistatus(multiget_rows(body, resource, call, kind=Kind.CALENDAR), call)
