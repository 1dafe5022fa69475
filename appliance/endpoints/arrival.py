"""From what the server announces to the head of a Request. Refuses a Host that is missing or said twice.

Everything a client sent stays as it was sent: the target is not decoded here (one function of `dav` does that,
for request lines, Destination and bodies alike), header values are Latin-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance import errors
from appliance.endpoints.asgi import Scope


@dataclass(slots=True)  # not frozen: one is made per request, and a frozen one takes twice as long
class Head:
    """The request line and headers of one request; nobody changes it."""

    method: str
    target: str
    query: str
    headers: dict[str, str]
    length_bytes: int | None
    chunked: bool
    scheme: str
    host: str
    remote_address: str
    http_1_0: bool

    @property
    def has_body(self) -> bool:
        """Whether bytes follow the head."""
        return self.chunked or bool(self.length_bytes)


def read_head(scope: Scope) -> Head:
    """Return the head of an HTTP scope; raise BadRequest when it cannot be answered (RFC 9112 3.2, 6.3)."""
    headers = join_headers(scope["headers"])
    host = headers.get("host", "")
    version = scope["http_version"]
    if "," in host or (not host and version == "1.1"):
        raise errors.BadRequest("The request must name exactly one host.")
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    client = scope.get("client")
    return Head(
        method=scope["method"],
        target=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        length_bytes=None if chunked else _read_length(headers.get("content-length")),
        chunked=chunked,
        scheme=scope["scheme"],
        host=host,
        remote_address=client[0] if client else "",
        http_1_0=version in ("1", "1.0"),
    )


def join_headers(pairs: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name; repeated ones are joined with ", " (RFC 9110 5.3), cookies with "; "."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        if name in headers:
            separator = "; " if name == "cookie" else ", "
            value = f"{headers[name]}{separator}{value}"
        headers[name] = value
    return headers


def _read_length(value: str | None) -> int | None:
    """Return Content-Length; the server has refused what is no number or is said twice differently."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 19):
        raise errors.BadRequest("The Content-Length header is no number.")
    return int(value)
