"""Which methods and DAV classes an address knows, read off the address alone.

OPTIONS says the same for what exists and what does not, so that nobody learns from it what is there (protocol.md C1).
"""

from __future__ import annotations

from appliance.dav.contracts import Address
from appliance.dav.href import is_read_only

_READING = ("OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT")
_WRITING = (*_READING, "PUT", "DELETE", "COPY", "MOVE", "PROPPATCH", "ACL")
_COLLECTING = (*_READING, "POST", "DELETE", "COPY", "MOVE", "PROPPATCH", "ACL", "MKCOL")
_FILING = (*_WRITING, "MKCOL", "LOCK", "UNLOCK")

_READ_FEATURES = "access-control, calendar-access, addressbook"
_FEATURES = f"{_READ_FEATURES}, extended-mkcol, sync-collection"


def methods_at(address: Address) -> tuple[str, ...]:
    """Return the methods for Allow (RFC 9110 10.2.1)."""
    match address:
        case ("files", _, *_):
            return _FILING
        case (_, _) if address[0] in ("principals", "addressbooks", "calendars"):
            return (*_READING, "PROPPATCH", "ACL")
        case ("calendars", _, _):
            return (*_COLLECTING, "MKCALENDAR")
        case ("addressbooks", _, _):
            return _COLLECTING
        case ("addressbooks" | "calendars", _, _, _):
            return _WRITING
    return _READING


def classes_at(address: Address) -> str:
    """Return the value of the `DAV` header: class 2 for files and the root only (protocol.md D2, RFC 4918 18)."""
    if is_read_only(address):
        return f"1, 3, {_READ_FEATURES}"
    lockable = not address or address[0] == "files"
    return f"1, 2, 3, {_FEATURES}" if lockable else f"1, 3, {_FEATURES}"
