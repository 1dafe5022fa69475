"""PROPFIND: properties of a resource, its members, or everything below (RFC 4918 9.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from appliance.dav.answers import content_location, multistatus
from appliance.dav.contracts import Kind, Resource
from appliance.dav.headers import read_depth
from appliance.dav.kinds import collection, is_collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import dav
from appliance.dav.selection import ALLPROP, Selection, Wanted, read_wanted
from appliance.dav.xml import name_of, read_request
from appliance.errors import BadRequest, DepthRefused

WALK_LIMIT = 50_000
SITE_ROOT = "/"  # where phones ask first when only a host name was typed


def propfind(call: Call) -> Response:
    """Return 207. What there is to list is known before the first byte, the rows are made while it is sent."""
    wanted = _read_wanted(call)
    depth = read_depth(call.request.header("depth"), default="infinity")
    resource = call.site.find(call.target.address)
    selection = Selection(wanted, call.context, minimal=call.preferences.minimal)
    if call.request.target == SITE_ROOT:
        return multistatus([selection.row(resource, href=SITE_ROOT)], call)
    listed = _listed(resource, depth.levels)
    if depth.levels != "0" and (depth.rootless or call.preferences.rootless):
        listed = islice(listed, 1, None)
    answer = multistatus(map(selection.row, listed), call)
    answer.headers += content_location(call, resource)
    return answer


def walk(resource: Resource, limit: int) -> list[Resource]:
    """Return the collection and everything below it, each collection before its members; DepthRefused above `limit`."""
    found = [resource]
    open_listings = [_members(resource, limit)]  # a stack, for folders may be nested deeper than Python calls
    while open_listings:
        member = next(open_listings[-1], None)
        if member is None:
            open_listings.pop()
            continue
        found.append(member)
        if len(found) > limit:
            raise DepthRefused(f"There are more than {limit} resources below this collection. Ask for Depth 1.")
        if is_collection(member):
            open_listings.append(_members(member, limit))
    return found


def _members(resource: Resource, limit: int) -> Iterator[Resource]:
    """Return the members, none left to be looked for: a listing holds its folder open, and a tree may be deep."""
    return iter(list(islice(collection(resource).members(), limit)))


def _read_wanted(call: Call) -> Wanted:
    root = read_request(call.request)
    if root is None:
        return ALLPROP  # RFC 4918 9.1: Windows sends no body
    wanted = read_wanted(root)
    if name_of(root) != dav("propfind") or wanted is None:
        raise BadRequest("The body is no propfind with prop, propname or allprop in it.")
    return wanted


def _listed(resource: Resource, levels: str) -> Iterable[Resource]:
    if levels == "0" or not is_collection(resource):
        return [resource]
    if levels == "1":
        return chain([resource], collection(resource).members())
    if resource.kind is not Kind.FOLDER:  # roots, homes, books and calendars: protocol.md D4
        raise DepthRefused("This collection is listed with Depth 0 or 1 only.")
    return walk(resource, WALK_LIMIT)
