"""The report addressbook-query (RFC 6352 8.6)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from appliance.dav import answers
from appliance.dav.contracts import Kind, Resource
from appliance.dav.filters import read_card_filter
from appliance.dav.kinds import address_book
from appliance.dav.live import Call, report
from appliance.dav.messages import Response
from appliance.dav.names import carddav
from appliance.dav.reports.members import rows_of, scope_of, selection_of
from appliance.dav.writer import status_response
from appliance.dav.xml import Element, child, text_of
from appliance.errors import BadRequest, UnreadableFilter
from appliance.match.filters import CardFilter

_LIMIT_DIGITS = 9


@report(carddav("addressbook-query"), "RFC 6352 8.6", kinds={Kind.ADDRESSBOOK, Kind.CARD, Kind.HOME}, lists="members")
def addressbook_query(body: Element, resource: Resource, call: Call) -> Response:
    """Answer the cards that match, at most as many as the client wants; then 507 for the request's own address.

    Errors: UnreadableFilter, UnsupportedFilter, UnsupportedCollation, UnsupportedConversion.
    """
    filter_element = child(body, carddav("filter"))
    if filter_element is None:
        raise UnreadableFilter("An addressbook-query has a filter.")
    wanted = read_card_filter(filter_element)
    limit = read_limit(body)
    selection = selection_of(body, call)
    matches = _matches(wanted, resource, call)
    if limit is None:
        return answers.multistatus(rows_of(matches, selection), call)
    kept = list(islice(matches, limit + 1))
    rows = rows_of(kept[:limit], selection)
    return answers.multistatus(chain([_cut_off(resource)], rows) if len(kept) > limit else rows, call)


def read_limit(body: Element) -> int | None:
    """Return CARDDAV:limit/nresults (RFC 6352 10.6), None without; BadRequest for one that is no number."""
    limit = child(body, carddav("limit"))
    if limit is None:
        return None
    digits = text_of(child(limit, carddav("nresults")))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LIMIT_DIGITS):
        raise BadRequest("The limit of a query is a whole number of results.")
    return int(digits)


def _matches(wanted: CardFilter, resource: Resource, call: Call) -> Iterator[tuple[Resource, Resource]]:
    """Yield (book, card) for the cards that match."""
    for book in scope_of(resource, Kind.ADDRESSBOOK, call):
        for card in address_book(book).query(wanted):
            if resource.kind is not Kind.CARD or card.address == resource.address:
                yield book, card


def _cut_off(resource: Resource) -> str:
    """Return the 507 of RFC 6352 8.6.2 for the request's own address; it does not count as a result."""
    return status_response(resource.href, 507, "<D:number-of-matches-within-limits/>")
