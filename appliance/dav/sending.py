"""A body on its way out: whole, or the one range that was asked for (RFC 9110 9.3.1, 14.2)."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.dav.contracts import Content
from appliance.dav.headers import http_date
from appliance.dav.messages import Response
from appliance.dav.ranges import Unsatisfiable, is_unchanged, read_range


def sent(content: Content, *, wanted: str | None, if_range: str | None) -> Response:
    """Return the body, or the part of it that Range names; `wanted` and `if_range` are the headers as sent."""
    try:
        span = read_range(wanted, content.size_bytes) if is_unchanged(if_range, content.etag) else None
    except Unsatisfiable:
        return Response(416, [("Content-Range", f"bytes */{content.size_bytes}"), *_headers(content)])
    if span is None:
        return whole(content, content.chunks(0, content.size_bytes))
    content_range = f"bytes {span.start}-{span.stop - 1}/{content.size_bytes}"
    headers = [*_headers(content), ("Content-Type", content.content_type), ("Content-Range", content_range)]
    return Response(206, headers, content.chunks(span.start, span.stop), span.stop - span.start)


def whole(content: Content, body: bytes | Iterator[bytes]) -> Response:
    """Return the whole body, or none of it for a HEAD."""
    headers = [*_headers(content), ("Content-Type", content.content_type)]
    return Response(200, headers, body, content.size_bytes)


def _headers(content: Content) -> list[tuple[str, str]]:
    return [
        ("ETag", content.etag),
        ("Last-Modified", http_date(content.modified_at)),
        ("Accept-Ranges", "bytes"),
    ]
