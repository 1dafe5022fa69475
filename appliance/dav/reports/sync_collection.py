"""The report sync-collection (RFC 6578 3.2): what changed since a token, and the next token.

Nothing here guesses: what a token is worth, the tree says. A limit is honoured only when the client sent one
(protocol.md B8), and any Depth is taken as 0 (protocol.md D5: Thunderbird sends 1).
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.dav import answers
from appliance.dav.contracts import Changes, Kind, SyncCollection
from appliance.dav.contracts import Resource as Member
from appliance.dav.headers import read_depth
from appliance.dav.kinds import sync_collection as with_token
from appliance.dav.live import SYNCABLE, Call, report
from appliance.dav.messages import Response
from appliance.dav.names import dav
from appliance.dav.reports.members import rows_in
from appliance.dav.selection import Selection, Wanted, read_wanted
from appliance.dav.writer import element, status_response
from appliance.dav.xml import Element, child, text_of
from appliance.errors import BadRequest

_CUT_OFF = element(dav("number-of-matches-within-limits"))
_NOT_FOLLOWED = element(dav("sync-traversal-supported"))


@report(dav("sync-collection"), "RFC 6578 3.2", kinds=SYNCABLE, lists="difference")
def sync_collection(body: Element, resource: Member, call: Call) -> Response:
    """Answer changed members with properties, removed ones with 404; UnreadableToken, OnHold, TraversalRefused."""
    token = child(body, dav("sync-token"))
    if token is None:
        raise BadRequest("A sync-collection report names a sync-token, an empty one for everything.")
    wanted = read_wanted(body) or Wanted("prop")
    selection = Selection(wanted, call.context, minimal=call.preferences.minimal)
    collection = with_token(resource)
    changes = collection.changes(text_of(token), infinite=_is_infinite(body, call), limit=_limit(body))
    return answers.multistatus(_rows(collection, changes, selection), call, sync_token=changes.token)


def _rows(collection: SyncCollection, changes: Changes, selection: Selection) -> Iterator[str]:
    if collection.kind is Kind.FOLDER:
        yield from map(selection.row, changes.changed)
    else:
        yield from rows_in(collection, changes.changed, selection)
    for href in changes.removed:  # never left out, whatever Prefer says
        yield status_response(href, 404)
    for href in changes.not_followed:
        yield status_response(href, 403, _NOT_FOLLOWED)
    if changes.truncated:
        yield status_response(collection.href, 507, _CUT_OFF)


def _is_infinite(body: Element, call: Call) -> bool:
    """Return what sync-level says; where it is missing, Depth says it (RFC 6578 Appendix A), else it is 1."""
    level = child(body, dav("sync-level"))
    if level is None:
        return read_depth(call.request.header("depth"), default="0").levels == "infinity"
    match text_of(level).lower():
        case "1":
            return False
        case "infinite" | "infinity":
            return True
    raise BadRequest("The sync-level is neither 1 nor infinite.")


def _limit(body: Element) -> int | None:
    """Return the client's limit; 0 and what cannot be read are as if absent (protocol.md B8)."""
    limit = child(body, dav("limit"))
    number = text_of(None if limit is None else child(limit, dav("nresults")))
    return int(number) or None if number.isascii() and number.isdigit() and len(number) < 10 else None
