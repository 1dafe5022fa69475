"""The reports that look for principals: RFC 3744 9.4 and 9.5. Clients find people to invite with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from appliance.dav import answers
from appliance.dav.contracts import Kind, Resource
from appliance.dav.kinds import principal as as_principal
from appliance.dav.live import COLLECTIONS, Call, Context, report
from appliance.dav.messages import Response
from appliance.dav.names import caldav, calendarserver, dav
from appliance.dav.selection import Selection, Wanted, property_of, read_wanted, read_wanted_beside
from appliance.dav.writer import document, escape, tags
from appliance.dav.xml import Element, child, children, name_of, text_of
from appliance.errors import BadRequest

WHERE = COLLECTIONS | {Kind.PRINCIPAL}

SEARCHABLE = {
    dav("displayname"): "Name",
    calendarserver("email-address-set"): "Mail address",
    caldav("calendar-user-address-set"): "Calendar address",
}

_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "contains": str.__contains__,
    "equals": str.__eq__,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
}
_TAG = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class Search:
    """One property-search: any text of any named property has to match."""

    names: tuple[str, ...]
    text: str  # case-folded
    matches: Callable[[str, str], bool]


@report(dav("principal-property-search"), "RFC 3744 9.4", kinds=WHERE)
def principal_property_search(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the principals below the resource whose properties match, ignoring letter case."""
    searches = [_read(search) for search in children(body, dav("property-search"))]
    loose = call.context.quirks.loose_principal_search
    if not searches and not loose:
        raise BadRequest("A search for principals needs at least one property-search.")
    joined = any if body.get("test") == "anyof" else all  # Apple's attribute; the RFC's own meaning is AND
    wanted = (read_wanted_beside(body) if loose else read_wanted(body)) or Wanted("prop")
    selection = Selection(wanted, call.context, minimal=call.preferences.minimal)
    everywhere = loose or child(body, dav("apply-to-principal-collection-set")) is not None
    found = [
        principal
        for principal in (call.site.principals() if everywhere else principals_below(resource, call))
        if not (loose and as_principal(principal).calendar_home is None)  # it takes a missing home for a broken server
        if joined(_holds(search, principal, call.context) for search in searches)
    ]
    return answers.multistatus(map(selection.row, found), call)


@report(dav("principal-search-property-set"), "RFC 3744 9.5", kinds=WHERE)
def principal_search_property_set(body: Element, resource: Resource, call: Call) -> Response:
    """Answer which properties can be searched."""
    rows = "".join(
        f"<D:principal-search-property><D:prop>{tags(name)[2]}</D:prop>"
        f'<D:description xml:lang="en">{escape(description)}</D:description></D:principal-search-property>'
        for name, description in SEARCHABLE.items()
    )
    return answers.xml(200, document(dav("principal-search-property-set"), rows))


def principals_below(resource: Resource, call: Call) -> Iterator[Resource]:
    """Yield the principals that are, or are below, the resource of the request."""
    if resource.address in ((), ("principals",)):
        yield from call.site.principals()
    elif resource.kind is Kind.PRINCIPAL:
        yield resource


def _read(search: Element) -> Search:
    prop = child(search, dav("prop"))
    match = child(search, dav("match"))
    if prop is None or match is None:
        raise BadRequest("A property-search needs a prop and a match.")
    kind = match.get("match-type", "contains")
    if kind not in _MATCHES:
        raise BadRequest("A match-type is none of contains, equals, starts-with and ends-with.")
    return Search(tuple(name_of(wanted) for wanted in prop), text_of(match).casefold(), _MATCHES[kind])


def _holds(search: Search, principal: Resource, context: Context) -> bool:
    """Return whether every named property has a text that matches (RFC 3744 9.4: AND)."""
    return all(
        any(search.matches(text, search.text) for text in _texts(principal, name, context)) for name in search.names
    )


def _texts(principal: Resource, name: str, context: Context) -> Sequence[str]:
    """Return each contiguous run of characters in a property (RFC 3744 9.4.1), case-folded; none if not searchable."""
    if name not in SEARCHABLE:
        return ()
    xml = property_of(principal, name, context)
    return () if xml is None else [unescape(run).casefold() for run in _TAG.split(xml) if run.strip()]
