"""PUT: one body under one name. The tree decides everything; here are only the words of HTTP around it."""

from __future__ import annotations

from appliance.dav.contracts import Address, Conditions, Written
from appliance.dav.headers import http_date
from appliance.dav.href import OBJECT_ROOTS
from appliance.dav.live import Call
from appliance.dav.messages import Request, Response
from appliance.dav.reading import conditions_of, upload_of
from appliance.errors import GotganError, MethodRefused, NotFound, PreconditionFailed

DRAIN_LIMIT_BYTES = 64 << 20


def put(call: Call) -> Response:
    """Return 201 for something new, 204 for a new version (RFC 9110 9.3.4)."""
    address = call.target.address
    try:
        written = _store(call)
    except PreconditionFailed:
        _drain(call.request, address)
        if not call.preferences.representation:
            raise
        return _current(call, 412)
    except GotganError:
        _drain(call.request, address)
        raise
    headers = written_headers(call.request, written)
    if call.preferences.representation:
        return _current(call, 201 if written.created else 200)
    return Response(201 if written.created else 204, headers)


def written_headers(request: Request, written: Written) -> list[tuple[str, str]]:
    """Return the headers that say what was stored; X-OC-Mtime is confirmed when it was asked for."""
    headers = [("ETag", written.etag), ("Last-Modified", http_date(written.modified_at))]
    if request.header("x-oc-mtime") is not None:
        headers.append(("X-OC-Mtime", "accepted"))
    return headers


def _store(call: Call) -> Written:
    if call.target.slash:
        raise MethodRefused("An address that ends in a slash is a collection's; PUT makes none.", allowed=())
    upload = upload_of(call.request)
    parent, name = call.site.place(call.target.address)
    return parent.put(name, upload, conditions_of(call.request))


def _drain(request: Request, address: Address) -> None:
    """Read on to the end below address books and calendars, so that the answer arrives (protocol.md B5)."""
    if not address or address[0] not in OBJECT_ROOTS:
        return
    left_bytes = DRAIN_LIMIT_BYTES
    try:
        while left_bytes > 0 and (piece := request.body.read(65536)):
            left_bytes -= len(piece)
    except GotganError:  # broken off: the refusal says enough
        return


def _current(call: Call, status: int) -> Response:
    """Return the present body with `status`: `Prefer: return=representation` saves a GET (RFC 8144 3)."""
    try:
        resource = call.site.find(call.target.address)
        content = resource.read(Conditions())
    except NotFound as error:
        raise PreconditionFailed("There is nothing at this address, so no condition on it holds.") from error
    headers = [
        ("ETag", content.etag),
        ("Content-Type", content.content_type),
        ("Last-Modified", http_date(content.modified_at)),
        ("Content-Location", resource.href),
        ("Preference-Applied", "return=representation"),
    ]
    return Response(status, headers, content.chunks(0, content.size_bytes), content.size_bytes)
