"""MKCALENDAR (RFC 4791 5.3.1), with Apple's bodies and with none."""

from __future__ import annotations

from appliance.dav.changing import read_instructions
from appliance.dav.contracts import Kind
from appliance.dav.live import Call
from appliance.dav.making import make
from appliance.dav.messages import Response
from appliance.dav.names import caldav
from appliance.dav.xml import name_of, read_request
from appliance.errors import BadRequest


def mkcalendar(call: Call) -> Response:
    """Return 201."""
    root = read_request(call.request)
    if root is None:
        return make(call, Kind.CALENDAR, (), answered_as=caldav("mkcalendar-response"))
    if name_of(root) != caldav("mkcalendar"):
        raise BadRequest("The body of MKCALENDAR is not a CalDAV mkcalendar element.")
    return make(call, Kind.CALENDAR, read_instructions(root), answered_as=caldav("mkcalendar-response"))
