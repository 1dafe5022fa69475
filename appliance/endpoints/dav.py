"""The door to the DAV tree: who is asking, and where a request goes.

`/dav/…`, PROPFIND on `/` and the well-known addresses are DAV; everything else is a page. DAV takes device passwords
only (RFC 7617); a 401 comes before anything else for every path and method but OPTIONS (protocol C1).
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from appliance import errors
from appliance.dav import conditions
from appliance.dav.contracts import Site
from appliance.dav.messages import Request, Response
from appliance.dav.server import Dav
from appliance.household.doorkeeper import Doorkeeper, SignedIn

WELL_KNOWN = frozenset({"/.well-known/caldav", "/.well-known/carddav"})
ON_ROOT = frozenset({"PROPFIND", "OPTIONS", "REPORT", "PROPPATCH"})

Respond = Callable[[Request], Response]


class DavDoor:
    """Answers DAV requests and passes the others on."""

    def __init__(self, dav: Dav, doorkeeper: Doorkeeper, site_for: Callable[[SignedIn], Site], pages: Respond) -> None:
        self._dav = dav
        self._doorkeeper = doorkeeper
        self._site_for = site_for
        self._pages = pages

    def respond(self, request: Request) -> Response:
        """Return the answer to any request. Never raises for what a stranger can send."""
        path = request.target
        if path.rstrip("/") in WELL_KNOWN:
            return _moved_to_dav()
        if not (path == "/dav" or path.startswith("/dav/") or (path in ("/", "*") and request.method in ON_ROOT)):
            return self._pages(request)
        if request.method == "OPTIONS" and request.header("authorization") is None:
            return self._dav.describe(request)  # asked without a login by Windows and browsers
        try:
            signed_in = self._signed_in(request)
        except errors.GotganError as error:
            return conditions.answer(error, realm="")
        return self._dav.respond(request, self._site_for(signed_in))

    def _signed_in(self, request: Request) -> SignedIn:
        # invariant 11
        user, password = read_basic(request.header("authorization"))
        agent = request.header("user-agent") or ""
        told_at = read_date(request.header("date") or "")
        return self._doorkeeper.authenticate(
            user, password, address=request.remote_address, agent=agent, told_at=told_at
        )


def _moved_to_dav() -> Response:
    """RFC 6764 5, without a login, for every method; not kept: a cached 301 outlives the box's name (protocol D9)."""
    return Response(301, [("Location", "/dav/"), ("Cache-Control", "no-cache")], b"")


def read_basic(header: str | None) -> tuple[str, str]:
    """Return user and password of an Authorization header as NFC text (RFC 7617 2); NotSignedIn."""
    if header is None:
        raise errors.NotSignedIn("Please sign in with the user name and password of this device.")
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "basic":
        raise errors.NotSignedIn("This server knows Basic authentication with a device password only.")
    try:
        octets = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.NotSignedIn("The login cannot be read.") from error
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    user, _, password = unicodedata.normalize("NFC", text).partition(":")
    return user, password


def read_date(header: str) -> datetime | None:
    """Return what a device says the time is (RFC 9110 6.6.1); None: it does not, or not so that it can be read."""
    if not header:
        return None
    try:
        told = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told
