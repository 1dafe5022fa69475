"""The report addressbook-multiget (RFC 6352 8.7)."""

from __future__ import annotations

from appliance.dav import answers
from appliance.dav.contracts import Kind, Resource
from appliance.dav.live import Call, report
from appliance.dav.messages import Response
from appliance.dav.names import carddav
from appliance.dav.reports.members import multiget_rows
from appliance.dav.xml import Element


@report(carddav("addressbook-multiget"), "RFC 6352 8.7", kinds={Kind.ADDRESSBOOK, Kind.CARD, Kind.HOME})
def addressbook_multiget(body: Element, resource: Resource, call: Call) -> Response:
    """Answer each card that is asked for by its href; BadRequest, UnsupportedConversion."""
    return answers.multistatus(multiget_rows(body, resource, call, kind=Kind.ADDRESSBOOK), call)
