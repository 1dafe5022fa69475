"""The one place where an address becomes an href and an href becomes an address.

One spelling goes out (protocol.md B9: Evolution and Thunderbird use the string as the key of their cache), several
come in: any percent-encoding, raw UTF-8, and absolute URLs of our own host. Used for the request line, Destination,
`If` tags and hrefs in bodies alike. What cannot be a name is refused here, with a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urlsplit

from appliance.dav.contracts import Address
from appliance.errors import BadRequest, ForeignDestination, NotFound

PREFIX = "/dav/"
OBJECT_ROOTS = frozenset({"addressbooks", "calendars"})
OBJECT_DEPTH = 3  # root, home, collection: everything after them is the object's name (protocol.md B3)

AGO_ROOT = "at"  # behind `at/<moment>/` the same trees again, as they were (protocol.md F)
AGO_DEPTH = 2
READ_ONLY_ROOTS = frozenset({AGO_ROOT, "versions"})

_RESERVED = re.compile("[^A-Za-z0-9._~-]")

SEGMENT_LIMIT_BYTES = 255  # what every file system we use takes
OBJECT_NAME_LIMIT_BYTES = 1000
ADDRESS_LIMIT_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request, a Destination or an href points: the address, and whether it was written with a final slash."""

    address: Address
    slash: bool


def within(address: Address) -> Address:
    """Return the address inside the trees: that of the present, for one of the past."""
    return address[AGO_DEPTH:] if address[:1] == (AGO_ROOT,) else address


def is_read_only(address: Address) -> bool:
    """Return whether nothing can ever change at an address and below it."""
    return len(address) > 0 and address[0] in READ_ONLY_ROOTS


def spell(address: Address, *, collection: bool = False) -> str:  # invariant 10
    """Return the one spelling of `address`: path only, UTF-8, upper-case hex, unreserved plain (RFC 3986 2.3)."""
    path = PREFIX + "/".join(map(_encoded, address))
    return path + "/" if collection and address else path


def spell_member(collection_href: str, name: str, *, collection: bool = False) -> str:
    """Return the spelling of the member `name` of a collection whose href is known: for listings of 10,000."""
    path = collection_href + _encoded(name)
    return path + "/" if collection else path


def _encoded(segment: str) -> str:
    """Return one segment percent-encoded; ASCII, the usual case, at a third of the price of `quote`."""
    if segment.isascii():
        if _RESERVED.search(segment) is None:
            return segment
        return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", segment)
    return quote(segment, safe="", errors="surrogateescape")


def read_target(raw: str, *, host: str = "") -> Target:
    """Return where `raw` points. `host` is the Host header: absolute URLs must name it.

    Errors: BadRequest for what cannot be an address, ForeignDestination for another host, NotFound outside `/dav/`.
    """
    path = _own_path(raw.strip(), host)
    if "?" in path or "#" in path:
        raise BadRequest("The address has a query or a fragment, which names nothing here.")
    if path in ("/", "/dav"):
        return Target((), slash=path == "/")
    if not path.startswith(PREFIX):
        raise NotFound("There is nothing at this address.")
    pieces = path.removeprefix(PREFIX).split("/")
    slash = pieces[-1] == ""
    if slash:
        pieces.pop()
    return Target(_address([_decoded(piece) for piece in pieces]), slash)


def locate(raw: str, *, host: str = "") -> Address | None:
    """Return the address that an href of an `If` header or of a request body names; None when it is none of ours."""
    try:
        return read_target(raw, host=host).address
    except (BadRequest, ForeignDestination, NotFound):
        return None


def _own_path(raw: str, host: str) -> str:
    if raw.startswith("/") and not raw.startswith("//"):
        return raw
    try:
        parts = urlsplit(raw)
        named = parts.hostname
    except ValueError as error:
        raise BadRequest("The address is no URL.") from error
    if parts.scheme.lower() not in ("http", "https") or not named:
        raise BadRequest("The address is neither an absolute path nor an http URL.")
    if named != _host_name(host):
        raise ForeignDestination("The address is on another server.")
    return raw.split("//", 1)[1].removeprefix(parts.netloc) or "/"


def _host_name(host: str) -> str | None:
    """Return the name alone: a front may drop or change the port (nginx's `$host`)."""
    try:
        return urlsplit("//" + host).hostname
    except ValueError:
        return None


def _decoded(piece: str) -> str:
    if "%" not in piece and piece.isascii():
        segment = piece
    else:
        try:
            segment = unquote_to_bytes(piece).decode("utf-8")
        except UnicodeError as error:
            raise BadRequest("The address is not encoded as UTF-8.") from error
    if "\0" in segment:
        raise BadRequest("The address has a NUL character in it.")
    return segment


def _address(segments: list[str]) -> Address:
    root = AGO_DEPTH if segments[:1] == [AGO_ROOT] else 0
    depth = root + OBJECT_DEPTH if segments[root : root + 1] and segments[root] in OBJECT_ROOTS else len(segments)
    if len(segments) > depth:
        segments[depth:] = ["/".join(segments[depth:])]
    for position, segment in enumerate(segments):
        _check(segment, is_object=position == depth)
    if len("/".join(segments).encode()) > ADDRESS_LIMIT_BYTES:
        raise BadRequest(f"The address is longer than {ADDRESS_LIMIT_BYTES} bytes.")
    return tuple(segments)


def _check(segment: str, *, is_object: bool) -> None:
    limit_bytes = OBJECT_NAME_LIMIT_BYTES if is_object else SEGMENT_LIMIT_BYTES
    if len(segment) * 4 > limit_bytes and len(segment.encode()) > limit_bytes:
        raise BadRequest(f"A name in the address is longer than {limit_bytes} bytes.")
    if "/" in segment and not is_object:
        raise BadRequest("A name in the address has an encoded slash in it.")
    for part in segment.split("/"):
        if part == "":
            raise BadRequest("The address has an empty name in it.")
        if part in (".", ".."):
            raise BadRequest("The address has a name of dots only in it.")
