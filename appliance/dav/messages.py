"""One request and one response, without a socket: what every method gets and gives back.

The door (`endpoints`) makes a Request from whatever server runs and writes the Response out. Nothing
here knows WSGI, ASGI or Flask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class BodyStream(Protocol):
    """A request body as it arrives."""

    def read(self, size_bytes: int) -> bytes:
        """Return up to `size_bytes`, b"" at the true end; raise BrokenOff when the client vanished before it."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. Header names are lower-case; repeated headers are joined with ", " (RFC 9110 5.3)."""

    method: str
    target: str  # the path as sent: percent-encoded, without query
    headers: Mapping[str, str]
    body: BodyStream
    length_bytes: int | None = None  # Content-Length; None with a chunked body or with none at all
    chunked: bool = False
    scheme: str = "http"
    host: str = ""  # the Host header
    remote_address: str = ""
    query: str = ""  # what follows the question mark, as sent

    def header(self, name: str) -> str | None:
        """Return the header's value, or None."""
        return self.headers.get(name)


@dataclass(slots=True)
class Response:
    """What a client gets. A `bytes` body has a length; an iterator is streamed, and breaks the line if it raises."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | Iterator[bytes] | Iterable[bytes] = b""
    length_bytes: int | None = None  # of a streamed body, when known; HEAD keeps it
