"""What the reports on address books and calendars share: their scope, and a `D:response` per member.

One member that cannot be read or given as asked costs its own response a status and never the report: a phone
that gets 500 for one card keeps it, a phone that gets no report keeps nothing up to date (protocol.md A6).
Rows are made one by one as they are sent, so that a book of 10,000 photos is never in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from unicodedata import normalize

from appliance.dav.conditions import condition_of, status_of
from appliance.dav.contracts import Address, Kind, ObjectCollection, Resource
from appliance.dav.holding import missing_status
from appliance.dav.href import locate, within
from appliance.dav.kinds import collection, object_collection
from appliance.dav.live import Call
from appliance.dav.names import DAV, dav
from appliance.dav.selection import ALLPROP, Selection, read_wanted
from appliance.dav.writer import status_response
from appliance.dav.xml import Element, children, text_of
from appliance.errors import (
    BadRequest,
    ContentMissing,
    NotFound,
    TooManyMatches,
    UnsupportedConversion,
    UnsupportedReport,
)

NOTHING_TO_CONVERT = 415  # the status of RFC 6352 8.7.2

_ROOT_OF = {Kind.ADDRESSBOOK: "addressbooks", Kind.CALENDAR: "calendars"}


def selection_of(body: Element, call: Call) -> Selection:
    """Return what the report asks of each member; without prop, propname or allprop it is allprop."""
    return Selection(read_wanted(body) or ALLPROP, call.context, minimal=call.preferences.minimal)


def scope_of(resource: Resource, kind: Kind, call: Call) -> Sequence[Resource]:
    """Return the collections of `kind` that a query on `resource` goes over: itself, its parent, or a home's members.

    Depth does not matter: Evolution lists with 0 and means the members (protocol.md D5).
    """
    if resource.kind is kind:
        return (resource,)
    if resource.kind is Kind.HOME:
        if within(resource.address)[:1] != (_ROOT_OF[kind],):
            raise UnsupportedReport(f"There is no {kind} in this home that could be asked.")
        return [member for member in collection(resource).members() if member.kind is kind]
    return (call.site.find(resource.address[:-1]),)


def rows_of(found: Iterable[tuple[Resource, Resource]], selection: Selection) -> Iterator[str]:
    """Yield a `D:response` for each (collection, member).

    What is found is listed before the first response is made, so that trouble in searching has a clean status.
    """
    listed = list(found)
    if not selection.needs_octets:
        return (selection.row(member) for _, member in listed)
    return _rows_with_octets(listed, selection)


def rows_in(parent: Resource, members: Iterable[Resource], selection: Selection) -> Iterator[str]:
    """Yield a `D:response` for each member of one collection."""
    if not selection.needs_octets:
        return map(selection.row, members)
    return _rows_with_octets([(parent, member) for member in members], selection)


def _rows_with_octets(listed: Sequence[tuple[Resource, Resource]], selection: Selection) -> Iterator[str]:
    for _, group in groupby(listed, key=lambda pair: pair[0].address):
        pairs = list(group)
        for member, octets in object_collection(pairs[0][0]).bodies(member for _, member in pairs):
            yield _row(selection, member, octets, href=member.href)


def multiget_rows(body: Element, resource: Resource, call: Call, *, kind: Kind) -> Iterator[str]:
    """Yield a `D:response` for each href asked, in the order asked and spelled as asked (RFC 4791 7.9, RFC 6352 8.7).

    An href that is none of ours, lies elsewhere, or names nothing is 404 for itself alone (protocol.md B9).
    BadRequest without any href, unless the report asks the very object (RFC 6352 8.7).
    """
    hrefs = [text_of(asked) for asked in children(body, dav("href"))]
    if not hrefs and resource.kind in (Kind.ADDRESSBOOK, Kind.CALENDAR, Kind.HOME):
        raise BadRequest("A multiget names the objects that it wants.")
    selection = selection_of(body, call)
    asked = [(href, _address_asked(href, resource, call)) for href in hrefs or [resource.href]]
    return _multiget(asked, selection, call, kind)


def _multiget(
    asked: Sequence[tuple[str, Address | None]], selection: Selection, call: Call, kind: Kind
) -> Iterator[str]:
    for parent_address, group in groupby(asked, key=lambda pair: pair[1] and pair[1][:-1]):
        wanted = [(href, address[-1] if address else "") for href, address in group]
        parent = _parent(parent_address, kind, call)
        if parent is None:
            status = missing_status(call, parent_address or call.target.address)
            yield from (status_response(href, status) for href, _ in wanted)
            continue
        members = parent.named([name for _, name in wanted])
        for (href, _), (_, member, octets) in zip(wanted, members, strict=True):
            if member is None:
                yield status_response(href, missing_status(call, parent.address))
            else:
                yield _row(selection, member, octets, href=href)


def _address_asked(href: str, resource: Resource, call: Call) -> Address | None:
    """Return the address of an object at or below `resource`, None for any other.

    The collection may be spelled in another form of Unicode than it is stored in, as in the request (protocol.md B9).
    """
    address = locate(href, host=call.request.host)
    depth = len(resource.address)
    if address is None or len(address) < 2:
        return None
    if address[:depth] == resource.address:
        return address
    return resource.address + address[depth:] if _composed(address[:depth]) == _composed(resource.address) else None


def _composed(address: Address) -> Address:
    return tuple(normalize("NFC", segment) for segment in address)


def _parent(address: Address | None, kind: Kind, call: Call) -> ObjectCollection | None:
    """Return the address book or calendar that holds an object, None where there is none."""
    if not address:
        return None
    try:
        parent = call.site.find(address)
    except NotFound:
        return None
    return object_collection(parent) if parent.kind is kind else None


def _row(selection: Selection, member: Resource, octets: bytes | None, *, href: str) -> str:
    if octets is None and selection.needs_octets:
        return status_response(href, 500)
    try:
        return selection.row(member, href=href, octets=octets)
    except UnsupportedConversion as refused:
        return status_response(href, NOTHING_TO_CONVERT, condition_of(refused, DAV))
    except (TooManyMatches, ContentMissing) as refused:
        return status_response(href, status_of(refused), condition_of(refused, DAV))
