"""A download: octets under a name, and never anything that a browser would show in place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

WITHOUT_RIGHTS = "sandbox; default-src 'none'"  # what octets of strangers may do when they are opened alone
LONGEST = 80  # characters of a name, without its ending


def sent_file(octets: Iterator[bytes], called: str, content_type: str) -> Response:
    """Return octets as a file to keep."""
    response = Response(octets, content_type=content_type)
    stem, dot, suffix = called.rpartition(".") if "." in called else (called, "", "")
    response.headers["Content-Disposition"] = attachment(f"{_plain(stem) or 'file'}{dot}{suffix}")
    response.headers["Content-Security-Policy"] = WITHOUT_RIGHTS
    return response


def attachment(name: str) -> str:
    """Return the Content-Disposition of what is to be kept under a name (RFC 6266, RFC 8187)."""
    plain = "".join(sign if " " <= sign <= "~" and sign not in '"\\%' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _plain(name: str) -> str:
    kept = "".join(sign for sign in unicodedata.normalize("NFC", name) if sign.isalnum() or sign in " -_.")
    return kept.strip(" .")[:LONGEST]
