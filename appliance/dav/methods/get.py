"""GET and HEAD: the stored octets, whole or one range; a plain list of names for a collection."""

from __future__ import annotations

from html import escape
from itertools import islice

from appliance.dav.answers import content_location
from appliance.dav.contracts import Resource
from appliance.dav.kinds import collection, is_collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.reading import conditions_of
from appliance.dav.sending import sent, whole

LISTING_LIMIT = 1000


def get(call: Call) -> Response:
    """Return the body, or the part of it that Range names (RFC 9110 9.3.1, 14.2)."""
    resource = call.site.find(call.target.address)
    if is_collection(resource):
        return Response(200, _listing_headers(call, resource), _listing(resource))
    content = resource.read(conditions_of(call.request))
    return sent(content, wanted=call.request.header("range"), if_range=call.request.header("if-range"))


def head(call: Call) -> Response:
    """Return what GET would, without its body; 200 on collections, by which some clients know a folder."""
    resource = call.site.find(call.target.address)
    if is_collection(resource):
        return Response(200, _listing_headers(call, resource))
    return whole(resource.read(conditions_of(call.request)), b"")


def _listing_headers(call: Call, resource: Resource) -> list[tuple[str, str]]:
    return [("Content-Type", "text/html; charset=utf-8"), *content_location(call, resource)]


def _listing(resource: Resource) -> bytes:
    """Return a page for somebody who typed the address into a browser; programs use PROPFIND."""
    members = list(islice(collection(resource).members(), LISTING_LIMIT + 1))
    rows = [
        f'<li><a href="{escape(member.href)}">{escape(member.address[-1])}</a></li>'
        for member in members[:LISTING_LIMIT]
    ]
    if len(members) > LISTING_LIMIT:
        rows.append("<li>…</li>")
    title = escape(resource.displayname or resource.href)
    page = (
        f"<!DOCTYPE html>\n<meta charset=utf-8>\n<title>{title}</title>\n<h1>{title}</h1>\n<ul>{''.join(rows)}</ul>\n"
    )
    return page.encode("utf-8", "replace")
