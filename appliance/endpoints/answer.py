"""From a Response to what goes onto the wire: status, checked header lines, and the framing.

Refuses header names and values that could begin another header or another answer (RFC 9110 5.5), and framing
headers of room code: only the door knows how long an answer is and whether the connection stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance.dav.messages import Response
from appliance.endpoints.flow import Flow

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "date"})


class UnfitAnswer(ValueError):
    """An answer that must not be written out: a fault of ours, logged and answered 500."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a thread gives back: the whole answer, or its beginning and the Flow that the rest comes through."""

    status: int
    lines: list[tuple[bytes, bytes]]
    body: bytes
    flow: Flow | None = None
    hides_length: bool = False  # HEAD of something whose length nobody knows


def whole_reply(response: Response, body: bytes, *, method: str) -> Reply:
    """Return the reply of an answer whose body is complete, or that has none; raise UnfitAnswer."""
    length_bytes = _announced_length(response, body, method=method)
    hides_length = length_bytes is None and response.status not in {204, 304}
    shown = b"" if has_no_body(response.status, method) else body
    return Reply(response.status, write_headers(response, length_bytes), shown, hides_length=hides_length)


def plain_reply(status: int, sentence: str, *headers: tuple[str, str]) -> Reply:
    """Return an answer of the door itself: one sentence of text."""
    text = f"{sentence}\n".encode()
    response = Response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], text)
    return Reply(status, write_headers(response, len(text)), text)


def has_no_body(status: int, method: str) -> bool:
    """Return whether this answer ends after its headers (RFC 9110 6.4.1)."""
    return method == "HEAD" or status in {204, 304}


def promised_length(response: Response) -> int | None:
    """Return the length that a streamed answer announces: `length_bytes`, or the Content-Length that a page gave."""
    if response.length_bytes is not None:
        return response.length_bytes
    given = [value for name, value in response.headers if name.lower() == "content-length"]
    return int(given[0]) if given and given[0].isascii() and given[0].isdigit() else None


def write_headers(response: Response, length_bytes: int | None) -> list[tuple[bytes, bytes]]:
    """Return the header lines of an answer, with Content-Length when the length is known; raise UnfitAnswer."""
    lines = []
    for name, value in response.headers:
        lowered = name.lower()
        if lowered in _FRAMING:
            continue
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnfitAnswer(f"the header {name!r} cannot be written out")
        lines.append((lowered.encode("ascii"), value.encode("latin-1")))
    if length_bytes is not None:
        lines.append((b"content-length", b"%d" % length_bytes))
    return lines


def _announced_length(response: Response, body: bytes, *, method: str) -> int | None:
    """Return the Content-Length to announce: that of the GET for HEAD, none for 204 (RFC 9110 8.6, 9.3.2)."""
    bodiless = has_no_body(response.status, method)
    if response.status == 204:
        return None
    if body or not bodiless:
        return len(body)
    length_bytes = promised_length(response)
    if length_bytes is not None:
        return length_bytes
    return len(body) if isinstance(response.body, bytes) and response.status != 304 else None
