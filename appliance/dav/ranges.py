"""The Range and If-Range headers of a GET (RFC 9110 14.1, 13.1.5), as decisions on plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """The octets start ≤ n < stop of a body."""

    start: int
    stop: int


class Unsatisfiable(Exception):  # RFC 9110 15.5.17 calls it so
    """The one range lies outside the body: 416."""


def read_range(value: str | None, size_bytes: int) -> Span | None:
    """Return the span asked for, or None for the whole body: no range, several, another unit, or nonsense.

    Unsatisfiable when it begins at or after the end, or is an empty suffix. Several ranges may be ignored
    (RFC 9110 14.2), and no client of ours needs them.
    """
    found = None if value is None else _ONE_RANGE.fullmatch(value.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        suffix_bytes = int(found[2])
        if suffix_bytes == 0 or size_bytes == 0:
            raise Unsatisfiable
        return Span(max(0, size_bytes - suffix_bytes), size_bytes)
    start = int(found[1])
    last = int(found[2]) if found[2] else size_bytes - 1
    if found[2] and last < start:
        return None  # invalid, so the header is ignored
    if start >= size_bytes:
        raise Unsatisfiable
    return Span(start, min(last + 1, size_bytes))


def is_unchanged(if_range: str | None, etag: str) -> bool:
    """Return whether a range may be served: no If-Range, or the strong tag of the present body.

    A date never counts: our dates are not strong validators, and a wrong mixture of two bodies is worse than a
    whole download (RFC 9110 13.1.5).
    """
    return if_range is None or if_range.strip() == etag
