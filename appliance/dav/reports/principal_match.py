"""The reports that start from who is signed in, or from an ACL: RFC 3744 9.2 and 9.3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from appliance.dav import answers
from appliance.dav.contracts import Resource
from appliance.dav.kinds import collection, is_collection
from appliance.dav.live import COLLECTIONS, EVERYWHERE, Call, report
from appliance.dav.messages import Response
from appliance.dav.names import dav
from appliance.dav.reports.principal_search import principals_below
from appliance.dav.selection import Selection, Wanted, property_of, read_wanted
from appliance.dav.writer import href_element
from appliance.dav.xml import Element, child, name_of
from appliance.errors import BadRequest, NotFound


@report(dav("principal-match"), "RFC 3744 9.3", kinds=COLLECTIONS, lists="members")
def principal_match(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the reader's own principal and groups, or the members whose property names one of them."""
    selection = _selection(body, call)
    named = child(body, dav("principal-property"))
    if named is not None:
        found = list(_naming_reader(resource, _property_name(named), call))
    elif child(body, dav("self")) is not None:
        mine = {call.site.principal.address, *call.site.principal.memberships}
        found = [principal for principal in principals_below(resource, call) if principal.address in mine]
    else:
        raise BadRequest("A principal-match needs self or principal-property.")
    return answers.multistatus(map(selection.row, found), call)


@report(dav("acl-principal-prop-set"), "RFC 3744 9.2", kinds=EVERYWHERE)
def acl_principal_prop_set(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the principals that the resource's ACL names: the reader, and the owner."""
    selection = _selection(body, call)
    found: list[Resource] = [call.site.principal]
    if resource.owner is not None and resource.owner != call.site.principal.address:
        with suppress(NotFound):  # then the reader need not know
            found.append(call.site.find(resource.owner))
    return answers.multistatus(map(selection.row, found), call)


def _selection(body: Element, call: Call) -> Selection:
    return Selection(read_wanted(body) or Wanted("prop"), call.context, minimal=call.preferences.minimal)


def _property_name(named: Element) -> str:
    for element in named:
        return name_of(element)
    raise BadRequest("The principal-property names no property.")


def _naming_reader(resource: Resource, name: str, call: Call) -> Iterator[Resource]:
    """Yield the direct members whose property holds the reader's href; deeper ones have the same owner here."""
    mine = href_element(call.site.principal.href)
    if is_collection(resource):
        for member in collection(resource).members():
            if mine in (property_of(member, name, call.context) or ""):
                yield member
