"""REPORT: find the report by the name of the body's root element (RFC 3253 3.6)."""

from __future__ import annotations

from appliance.dav.answers import content_location
from appliance.dav.contracts import Resource, Standing
from appliance.dav.holding import require_told
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import caldav, carddav, dav
from appliance.dav.reporting import is_offered
from appliance.dav.xml import (
    BODY_LIMIT_BYTES,
    MULTIGET_LIMIT_BYTES,
    Element,
    child,
    name_of,
    read_body,
    read_document,
    text_of,
)
from appliance.errors import BadRequest, BodyTooLarge, NotFound, UnsupportedReport

_LARGE = frozenset({caldav("calendar-multiget"), carddav("addressbook-multiget")})


def report(call: Call) -> Response:
    """Return what the report answers; UnsupportedReport for one that is not declared for this kind of resource."""
    body = read_body(call.request, MULTIGET_LIMIT_BYTES)
    if not body.strip():
        raise BadRequest("A REPORT needs a body that names it.")
    root = read_document(body)
    name = name_of(root)
    if len(body) > BODY_LIMIT_BYTES and name not in _LARGE:
        raise BodyTooLarge(f"The body of this report is larger than {BODY_LIMIT_BYTES} bytes.")
    resource = _found(root, call)
    declared = call.context.tables.reports.get(name)
    if declared is None or not is_offered(declared, resource):
        raise UnsupportedReport("This report is not known here.")
    require_told(call, declared)
    answer = declared.answer(root, resource, call)
    answer.headers += content_location(call, resource)
    return answer


def _found(root: Element, call: Call) -> Resource:
    """Return the resource of the request; for a missing one the token is judged before the 404 (protocol.md A1).

    A collection made after the backup that the box was set back to is missing, and a 404 would delete it on the phone.
    On hold each token is judged: what it shows is what the owner asks for.
    """
    address, token = call.target.address, child(root, dav("sync-token"))
    if token is not None and call.site.standing(address) is Standing.HELD:
        call.site.doubt(address, text_of(token))
    try:
        return call.site.find(address)
    except NotFound:
        if token is not None:
            call.site.doubt(address, text_of(token))
        raise
