"""MKCOL, plain (RFC 4918 9.3) and extended (RFC 5689)."""

from __future__ import annotations

from appliance.dav.changing import read_instructions
from appliance.dav.contracts import Kind
from appliance.dav.live import Call
from appliance.dav.making import make
from appliance.dav.messages import Request, Response
from appliance.dav.names import dav
from appliance.dav.xml import name_of, read_body, read_document
from appliance.errors import UnsupportedMediaType


def mkcol(call: Call) -> Response:
    """Return 201; without a body a folder is made, with one what its resourcetype says."""
    body = read_body(call.request)
    if not body.strip():
        return make(call, Kind.FOLDER, (), answered_as=dav("mkcol-response"))
    _check_type(call.request)
    root = read_document(body)
    if name_of(root) != dav("mkcol"):
        raise UnsupportedMediaType("The body of MKCOL is not a DAV mkcol element.", condition="")  # RFC 5689 3
    return make(call, Kind.FOLDER, read_instructions(root), answered_as=dav("mkcol-response"))


def _check_type(request: Request) -> None:
    media_type = (request.header("content-type") or "text/xml").split(";")[0].strip().lower()
    if media_type not in ("text/xml", "application/xml"):
        raise UnsupportedMediaType("The body of MKCOL is not XML.", condition="")  # RFC 4918 9.3.1
