"""The DAV server without a socket: tables by name, one error boundary, and what belongs on every answer.

A request comes in, a response goes out; whoever calls has already made sure who is asking (`Site`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import ModuleType

from appliance import errors
from appliance.dav import (
    acl,
    addmember,
    caldav,
    calendar_data,
    carddav,
    conditions,
    holding,
    principals,
    properties,
    quota,
    reporting,
    sync,
    zones,
)
from appliance.dav.allowed import methods_at
from appliance.dav.contracts import Address, Site
from appliance.dav.headers import read_preferences
from appliance.dav.href import Target, is_read_only, locate, read_target, spell
from appliance.dav.live import Call, Context, Tables, assemble
from appliance.dav.messages import Request, Response
from appliance.dav.methods import acl as acl_method
from appliance.dav.methods import (
    copy,
    delete,
    get,
    lock,
    mkcalendar,
    mkcol,
    move,
    options,
    post,
    propfind,
    proppatch,
    put,
    report,
    unlock,
)
from appliance.dav.quirks import Quirks, quirks_of
from appliance.dav.reports import (
    addressbook_multiget,
    addressbook_query,
    calendar_multiget,
    calendar_query,
    expand_property,
    free_busy_query,
    principal_match,
    principal_search,
    sync_collection,
)

_LOG = logging.getLogger(__name__)

METHODS: Mapping[str, Callable[[Call], Response]] = {
    "GET": get.get,
    "HEAD": get.head,
    "PUT": put.put,
    "POST": post.post,
    "DELETE": delete.delete,
    "COPY": copy.copy,
    "MOVE": move.move,
    "MKCOL": mkcol.mkcol,
    "MKCALENDAR": mkcalendar.mkcalendar,
    "PROPFIND": propfind.propfind,
    "PROPPATCH": proppatch.proppatch,
    "LOCK": lock.lock,
    "UNLOCK": unlock.unlock,
    "REPORT": report.report,
    "ACL": acl_method.acl,
}

DECLARING: tuple[ModuleType, ...] = (
    properties,
    sync,
    quota,
    principals,
    acl,
    addmember,
    reporting,
    carddav,
    caldav,
    calendar_data,
    zones,
    sync_collection,
    expand_property,
    principal_search,
    principal_match,
    addressbook_query,
    addressbook_multiget,
    calendar_query,
    calendar_multiget,
    free_busy_query,
)

_LISTING = frozenset({"PROPFIND", "REPORT"})
_CACHED_OTHERWISE = frozenset({"GET", "HEAD", "PROPFIND", "REPORT"})
RETRY_AFTER_SECONDS = 60


class Dav:
    """Answers requests. Made once; holds nothing but its tables."""

    def __init__(self) -> None:
        self.tables: Tables = assemble(DECLARING)

    def respond(self, request: Request, site: Site) -> Response:
        """Return the answer to `request` as seen by whoever `site` belongs to. Never raises."""
        quirks = quirks_of(request.header("user-agent"))
        try:
            target = read_target(request.target, host=request.host)
            response = self._answer(request, target, site, quirks)
        except errors.GotganError as error:
            response = _refusal(request, error, quirks)
        except PermissionError as error:
            _LOG.warning("%s %s: %s", request.method, request.target, error)
            response = _refusal(request, errors.DiskRefused(), quirks)
        except Exception:  # noqa: BLE001  # the one boundary: what nobody foresaw is logged and costs this request only
            _LOG.exception("%s %s failed", request.method, request.target)
            response = _trouble(request)
        return _finished(request, response)

    def describe(self, request: Request) -> Response:
        """Return the answer to OPTIONS: the same with and without a login, there or not (protocol.md C1)."""
        if request.target == "*":
            return _finished(request, options.describe(()))
        try:
            return _finished(request, options.describe(read_target(request.target, host=request.host).address))
        except errors.GotganError as error:
            return _finished(request, _refusal(request, error, Quirks()))

    def _answer(self, request: Request, target: Target, site: Site, quirks: Quirks) -> Response:
        if request.method == "OPTIONS":
            return options.describe(target.address)
        method = METHODS.get(request.method)
        if method is None:
            raise errors.UnknownMethod("No address here knows this method.")
        if is_read_only(target.address) and request.method not in methods_at(target.address):
            raise errors.NotPermitted(
                "The past can be looked at, but not changed.", privilege="write", href=spell(target.address)
            )
        preferences = read_preferences(request.header("prefer"), request.header("brief"))
        return holding.answer(Call(target, Context(request, site, self.tables, quirks), preferences), method)


def _refusal(request: Request, error: errors.GotganError, quirks: Quirks) -> Response:
    address: Address = locate(request.target, host=request.host) or ()
    status = quirks.valid_sync_token_status if isinstance(error, errors.UnreadableToken) else None
    response = conditions.answer(error, realm=conditions.realm_of(address), status=status)
    if response.status == 405 and not any(name == "Allow" for name, _ in response.headers):
        response.headers.append(("Allow", ", ".join(methods_at(address))))  # RFC 9110 15.5.6
    return response


def _trouble(request: Request) -> Response:
    """Return 503 where a client would read an error as "all is gone" (protocol.md A5), 500 elsewhere."""
    if request.method in _LISTING:
        return conditions.answer(
            errors.Busy("Something went wrong here. Please try again.", retry_after_seconds=RETRY_AFTER_SECONDS),
            realm="",
        )
    return Response(500, [("Content-Type", "text/plain; charset=utf-8")], b"Something went wrong here.\n")


def _finished(request: Request, response: Response) -> Response:
    """Return the response with the headers of protocol.md D8 and D9, and without a body for HEAD."""
    if request.method in _CACHED_OTHERWISE:  # Apple's and okhttp's caches would invent a lifetime
        response.headers.append(("Cache-Control", "private, no-cache"))
    if request.method in _LISTING:
        response.headers.append(("Vary", "Prefer, Brief"))
    return response
