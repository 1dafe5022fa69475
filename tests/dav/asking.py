"""Asking a report of a shelf, and reading its answer."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import cast

from lxml import etree

from appliance.dav import answers, caldav, calendar_data, carddav, contracts, properties, zones
from appliance.dav.headers import Preferences
from appliance.dav.href import Target
from appliance.dav.live import Call, Context, assemble
from appliance.dav.messages import Request, Response
from appliance.dav.quirks import Quirks
from appliance.dav.reports import (
    addressbook_multiget,
    addressbook_query,
    calendar_multiget,
    calendar_query,
    free_busy_query,
)
from tests.dav.shelf import Member, Shelf, Site

NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:L="urn:ietf:params:xml:ns:caldav"'
MODULES: tuple[ModuleType, ...] = (
    properties,
    carddav,
    caldav,
    calendar_data,
    zones,
    addressbook_query,
    addressbook_multiget,
    calendar_query,
    calendar_multiget,
    free_busy_query,
)


@dataclass
class Answered:
    """One `D:response`."""

    href: str
    status: int | None = None
    condition: str | None = None
    found: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def call_of(site: Site, *, host: str = "box.local", minimal: bool = False) -> Call:
    request = Request("REPORT", "/", {}, io.BytesIO(), host=host)
    context = Context(request, cast("contracts.Site", site), assemble(MODULES), Quirks())
    return Call(Target((), slash=True), context, Preferences(minimal=minimal))


def ask(site: Site, resource: Shelf | Member, name: str, inner: str, *, minimal: bool = False) -> Response:
    """Send the report `C:…` or `L:…` with this body."""
    body = etree.fromstring(f"<{name} {NAMESPACES}>{inner}</{name}>")
    call = call_of(site, minimal=minimal)
    return call.context.tables.reports[str(body.tag)].answer(body, cast("contracts.Resource", resource), call)


def octets_of(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def rows(response: Response) -> list[Answered]:
    """Return the responses of a multistatus, in order."""
    assert response.status == 207
    assert ("Content-Type", answers.XML_TYPE) in response.headers
    return [_row(element) for element in etree.fromstring(octets_of(response)).iterchildren("{DAV:}response")]


def by_href(response: Response) -> Mapping[str, Answered]:
    return {answered.href: answered for answered in rows(response)}


def _row(element: etree._Element) -> Answered:
    answered = Answered(element.findtext("{DAV:}href") or "")
    status = element.findtext("{DAV:}status")
    answered.status = None if status is None else int(status.split()[1])
    for condition in element.iterfind("{DAV:}error/*"):
        answered.condition = etree.QName(condition).localname
    for propstat in element.iterchildren("{DAV:}propstat"):
        is_found = " 200 " in (propstat.findtext("{DAV:}status") or "")
        for prop in propstat.iterfind("{DAV:}prop/*"):
            local = etree.QName(prop).localname
            if is_found:
                answered.found[local] = prop.text or ""
            else:
                answered.missing.append(local)
    return answered
