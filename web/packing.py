"""Pages and the look of them sent smaller (RFC 9110 8.4.1.3: gzip), where nobody can learn anything from their length.

Who listens to an encrypted connection, and makes a browser ask here for words of theirs, could find out by the length
of the answers what else stands in a page. So what another site's page asked for goes out as it is. It refuses to touch
downloads, pictures and anything that is sent piece by piece.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from flask import Flask, Response, request

TEXTS = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})
FEWEST_BYTES = 500  # below, the packing itself eats the gain
QUICK, THOROUGH = 5, 9  # levels: of a page that is made anew each time, of a file that is packed once


def pack(app: Flask) -> None:
    """Send everything of the pages packed to whom it may be."""
    files = _packed_files(Path(app.static_folder or ""))

    def packed(response: Response) -> Response:
        if response.status_code != 200 or response.mimetype not in TEXTS:
            return response
        name = str((request.view_args or {}).get("filename")) if request.endpoint == "static" else None
        if name is None and not response.is_sequence:
            return response
        response.vary.add("Accept-Encoding")
        if not _may_be_packed() or (response.content_length or 0) < FEWEST_BYTES:
            return response
        if name is None:
            response.set_data(gzip.compress(response.get_data(), QUICK, mtime=0))
        elif name in files:
            _instead(response, files[name])
        else:
            return response
        response.headers["Content-Encoding"] = "gzip"
        return response

    app.after_request(packed)


def _packed_files(folder: Path) -> Mapping[str, bytes]:
    """Return the files of the look, packed, by name; they are read once and belong to the program."""
    return {path.name: gzip.compress(path.read_bytes(), THOROUGH, mtime=0) for path in folder.iterdir()}


def _instead(response: Response, octets: bytes) -> None:
    """Send these octets instead of a file; its ETag then says only that the content is the same (RFC 9110 8.8.1)."""
    response.close()
    response.direct_passthrough = False
    response.set_data(octets)
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)


def _may_be_packed() -> bool:
    if request.accept_encodings["gzip"] <= 0 or "Range" in request.headers:
        return False
    if request.endpoint == "static" or not request.is_secure:
        return True  # nothing of anybody's, or nothing that is hidden from who listens
    return request.headers.get("Sec-Fetch-Site") in ("same-origin", "none")
