"""The shapes of answers that methods and reports share. What belongs on every answer is added in `dav/server.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from appliance.dav import writer
from appliance.dav.contracts import Resource
from appliance.dav.kinds import is_collection
from appliance.dav.live import Call
from appliance.dav.messages import Response
from appliance.dav.names import dav

XML_TYPE = "application/xml; charset=utf-8"


def multistatus(rows: Iterable[str], call: Call, *, sync_token: str | None = None) -> Response:
    """Return 207 with `rows`, each a `D:response`: whole when it is small, else streamed.

    The first 64 KiB are made before anything is sent, so that trouble met by then still gets a clean status. Later
    trouble leaves the iterator with an exception, and the door breaks the connection (protocol.md A6).
    """
    tail = "" if sync_token is None else writer.element(dav("sync-token"), writer.escape(sync_token))
    pieces = writer.multistatus(rows, tail=tail)
    first = next(pieces)
    second = next(pieces, None) if len(first) >= writer.PIECE_BYTES else None
    headers = [("Content-Type", XML_TYPE)]
    if call.preferences.applied is not None:
        headers.append(("Preference-Applied", call.preferences.applied))
    if second is None:
        return Response(207, headers, first)
    return Response(207, headers, chain((first, second), pieces))


def xml(status: int, document: bytes, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """Return a small XML document."""
    return Response(status, [("Content-Type", XML_TYPE), *headers], document)


def empty(status: int, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """Return a status without a body."""
    return Response(status, list(headers))


def content_location(call: Call, resource: Resource) -> list[tuple[str, str]]:
    """Return the header that tells a client the slash it left out after a collection (RFC 4918 5.2)."""
    if is_collection(resource) and not call.target.slash:
        return [("Content-Location", resource.href)]
    return []
