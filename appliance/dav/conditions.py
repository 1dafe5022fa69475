"""Every error in HTTP and XML: one row each, with its status and its pre- or postcondition element.

The only place where the errors of `appliance.errors` meet a protocol; a test walks the classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from appliance import errors
from appliance.dav import writer
from appliance.dav.answers import xml
from appliance.dav.contracts import Address
from appliance.dav.href import within
from appliance.dav.messages import Response
from appliance.dav.names import CALDAV, CARDDAV, DAV, GOTGAN, dav

CHALLENGE = 'Basic realm="Gotgan", charset="UTF-8"'  # constant: clients file passwords under it (RFC 7617 2.1)

_NAMESPACES = {
    "supported-address-data": CARDDAV,
    "supported-address-data-conversion": CARDDAV,
    "valid-address-data": CARDDAV,
    "addressbook-collection-location-ok": CARDDAV,
    "supported-calendar-data": CALDAV,
    "valid-calendar-data": CALDAV,
    "valid-calendar-object-resource": CALDAV,
    "supported-calendar-component": CALDAV,
    "calendar-collection-location-ok": CALDAV,
    "valid-timezone": CALDAV,
}
_NAMED_ALIKE = frozenset(
    {"no-uid-conflict", "max-resource-size", "valid-filter", "supported-filter", "supported-collation"}
)
"""Both RFC 4791 and RFC 6352 have these, each in its own namespace."""


@dataclass(frozen=True, slots=True)
class Row:
    """The status of an error, and the local name of its condition element (none: empty, or the error's own)."""

    status: int
    condition: str = ""


ROWS: Mapping[type[errors.GotganError], Row] = {
    errors.NotSignedIn: Row(401),
    errors.TooManyAttempts: Row(503),  # not 429, which DAVx5 takes as a hard error (protocol.md A5)
    errors.NotPermitted: Row(403, "need-privileges"),
    errors.ForeignPage: Row(403),
    errors.NotFound: Row(404),
    errors.NoParent: Row(409),
    errors.AlreadyThere: Row(405, "resource-must-be-null"),
    errors.NameTaken: Row(409),  # ledger 7; who makes the parents on a 409 finds them there
    errors.MethodRefused: Row(405),
    errors.UnknownMethod: Row(501),
    errors.PreconditionFailed: Row(412),
    errors.NotModified: Row(304),
    errors.Locked: Row(423, "lock-token-submitted"),
    errors.LockConflict: Row(423, "no-conflicting-lock"),
    errors.LockTokenUnknown: Row(409, "lock-token-matches-request-uri"),
    errors.BadRequest: Row(400),
    errors.UnreadableXml: Row(400),
    errors.BodyTooLarge: Row(413),
    errors.LengthRequired: Row(411),
    errors.BrokenOff: Row(400),
    errors.UnsupportedMediaType: Row(415),
    errors.NotACard: Row(403, "valid-address-data"),
    errors.NotACalendar: Row(403, "valid-calendar-data"),
    errors.ComponentNotKept: Row(403, "supported-calendar-component"),
    errors.UidTaken: Row(409, "no-uid-conflict"),  # 403 would stop DAVx5's collection for ever (protocol.md B6)
    errors.ResourceTooLarge: Row(403, "max-resource-size"),
    errors.WrongPlace: Row(403),
    errors.OntoItself: Row(403),
    errors.ForeignDestination: Row(502),
    errors.PropertyRefused: Row(403),
    errors.UnreadableToken: Row(403, "valid-sync-token"),
    errors.OnHold: Row(503),
    errors.TraversalRefused: Row(403, "sync-traversal-supported"),
    errors.UnreadableFilter: Row(403, "valid-filter"),
    errors.UnsupportedFilter: Row(403, "supported-filter"),
    errors.UnsupportedCollation: Row(403, "supported-collation"),
    errors.UnknownTimezone: Row(403, "valid-timezone"),
    errors.UnsupportedConversion: Row(403),
    errors.TooManyMatches: Row(403, "number-of-matches-within-limits"),
    errors.DepthRefused: Row(403, "propfind-finite-depth"),
    errors.UnsupportedReport: Row(403, "supported-report"),
    errors.AclProtected: Row(403, "no-protected-ace-conflict"),
    errors.OverQuota: Row(507, "quota-not-exceeded"),
    errors.DiskFull: Row(507, "sufficient-disk-space"),
    errors.DiskRefused: Row(403),
    errors.Busy: Row(503),
    errors.ContentMissing: Row(500),
    errors.ContentThinned: Row(410),
    errors.ChangedSince: Row(409),
    errors.SettingsUnreadable: Row(500),
    errors.WrongCall: Row(500),
    errors.NotPossible: Row(500),
    errors.DatabaseTooNew: Row(500),
}


def realm_of(address: Address) -> str:
    """Return the namespace whose conditions hold at an address."""
    inner = within(address)
    return {"addressbooks": CARDDAV, "calendars": CALDAV}.get(inner[0], DAV) if inner else DAV


def condition_of(error: errors.GotganError, realm: str) -> str:
    """Return the content of `D:error` for this error, "" when no RFC names an element. `realm` is a namespace."""
    local = _condition_name(error)
    if not local:
        return ""
    namespace = realm if local in _NAMED_ALIKE else _NAMESPACES.get(local, DAV)
    return writer.element(f"{{{namespace}}}{local}", _content_of(error))


def status_of(error: errors.GotganError) -> int:
    """Return the HTTP status of this error."""
    return ROWS[type(error)].status


def answer(error: errors.GotganError, *, realm: str, status: int | None = None) -> Response:
    """Return the whole answer: status (its row's unless given), headers, and the condition or the sentence."""
    status = status_of(error) if status is None else status
    headers = _headers_of(error)
    if status == 304:
        return Response(304, headers)
    condition = condition_of(error, realm)
    if not condition:
        return Response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], f"{error}\n".encode())
    sentence = writer.element(f"{{{GOTGAN}}}sentence", writer.escape(str(error)))
    return xml(status, writer.document(dav("error"), condition + sentence), headers)


def _condition_name(error: errors.GotganError) -> str:
    match error:
        case (
            errors.UnsupportedMediaType()
            | errors.WrongPlace()
            | errors.PropertyRefused()
            | errors.UnsupportedConversion()
        ):
            return error.condition
    return ROWS[type(error)].condition


def _content_of(error: errors.GotganError) -> str:
    match error:
        case errors.NotPermitted():  # RFC 3744 7.1.1
            namespace = CALDAV if error.privilege == "read-free-busy" else DAV
            privilege = writer.element(f"{{{namespace}}}{error.privilege}")
            return f"<D:resource>{writer.href_element(error.href)}<D:privilege>{privilege}</D:privilege></D:resource>"
        case errors.Locked() | errors.LockConflict():
            return "".join(writer.href_element(root) for root in error.lock_roots)
        case errors.UidTaken():
            return writer.href_element(error.href)
    return ""


def _headers_of(error: errors.GotganError) -> list[tuple[str, str]]:
    match error:
        case errors.NotSignedIn():
            return [("WWW-Authenticate", CHALLENGE)]
        case errors.TooManyAttempts() | errors.OnHold() | errors.Busy():
            return [("Retry-After", str(error.retry_after_seconds))]
        case errors.MethodRefused() if error.allowed:
            return [("Allow", ", ".join(error.allowed))]
        case errors.NotModified():
            return [("ETag", error.etag)]
    return []
