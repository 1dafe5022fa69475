"""The answer of a free-busy-query (RFC 4791 7.10): busy rows merged, clipped, and written as one VFREEBUSY."""

from __future__ import annotations

from collections.abc import Iterable

from appliance.objects.values import written_utc

TYPES = ("BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE")

Busy = tuple[int, int, str]
"""start and end in microseconds UTC, and BUSY, BUSY-TENTATIVE, BUSY-UNAVAILABLE or FREE"""

_SECOND = 1_000_000


def merged(rows: Iterable[Busy], from_at: int, to_at: int) -> list[Busy]:
    """Return periods clipped to the range, those of one type that overlap or follow each other joined, in order.

    FREE rows and points are left out; periods of different types may overlap (RFC 4791 7.10).
    """
    by_type: dict[str, list[list[int]]] = {kind: [] for kind in TYPES}
    for start, end, kind in sorted(rows):
        start, end = max(start, from_at), min(end, to_at)
        if kind not in by_type or end <= start:
            continue
        joined = by_type[kind]
        if joined and start - joined[-1][1] < _SECOND:  # the index tells equal starts apart by a microsecond
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return sorted((start, end, kind) for kind, joined in by_type.items() for start, end in joined)


def busy_calendar(rows: Iterable[Busy], from_at: int, to_at: int, stamp_at: int) -> bytes:
    """Return the VCALENDAR with one VFREEBUSY; without FREEBUSY when nobody is busy. `stamp_at` is the time now."""
    uid = f"free-busy-{from_at:x}-{to_at:x}-{stamp_at:x}"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//EN", "BEGIN:VFREEBUSY", f"UID:{uid}",
        f"DTSTAMP:{written_utc(stamp_at)}", f"DTSTART:{written_utc(from_at)}", f"DTEND:{written_utc(to_at)}",
    ]  # fmt: skip
    for start, end, kind in merged(rows, from_at, to_at):
        name = "FREEBUSY" if kind == "BUSY" else f"FREEBUSY;FBTYPE={kind}"
        lines.append(f"{name}:{written_utc(start)}/{written_utc(end)}")
    return "\r\n".join([*lines, "END:VFREEBUSY", "END:VCALENDAR", ""]).encode()
