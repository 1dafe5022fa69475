"""From the headers of a request to the values that the tree takes: conditions and uploads."""

from __future__ import annotations

from functools import partial

from appliance.dav.contracts import Conditions, Upload
from appliance.dav.headers import read_oc_mtime
from appliance.dav.href import Target, locate, read_target
from appliance.dav.messages import Request
from appliance.errors import BadRequest, ForeignDestination, LengthRequired, NotFound


def conditions_of(request: Request) -> Conditions:
    """Return the conditional headers as sent, for whoever holds the transaction to judge."""
    return Conditions(
        if_match=request.header("if-match"),
        if_none_match=request.header("if-none-match"),
        if_modified_since=request.header("if-modified-since"),
        if_unmodified_since=request.header("if-unmodified-since"),
        if_header=request.header("if"),
        locate=partial(locate, host=request.host),
    )


def upload_of(request: Request) -> Upload:
    """Return the body on its way in; LengthRequired when nobody says where it ends."""
    if request.length_bytes is None and not request.chunked:
        raise LengthRequired("The request says neither how long its body is nor that it comes in chunks.")
    if request.header("content-range") is not None:
        raise BadRequest("A part of a body cannot be stored (Content-Range).")  # RFC 9110 14.5
    return Upload(
        body=request.body,
        length_bytes=request.length_bytes,
        expected_bytes=_expected_bytes(request.header("x-expected-entity-length")),
        content_type=request.header("content-type"),
        modified_at=read_oc_mtime(request.header("x-oc-mtime")),
    )


def destination_of(request: Request) -> Target:
    """Return where COPY or MOVE goes (RFC 4918 10.3); ForeignDestination outside our address space."""
    raw = request.header("destination")
    if raw is None:
        raise BadRequest("The Destination header is missing.")
    try:
        return read_target(raw, host=request.host)
    except NotFound as error:
        raise ForeignDestination("The Destination is outside of what this server keeps.") from error


def _expected_bytes(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 20 else None
