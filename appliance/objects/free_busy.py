"""The answer of a free-busy-query: one VFREEBUSY made of busy rows (RFC 4791 7.10, RFC 5545 3.6.4)."""

from __future__ import annotations

from collections.abc import Iterable

from appliance.objects.values import written_utc

Row = tuple[int, int, str]
"""start, end, and BUSY, BUSY-TENTATIVE or BUSY-UNAVAILABLE"""

ORDER = ("BUSY", "BUSY-UNAVAILABLE", "BUSY-TENTATIVE")
SECOND = 1_000_000


def busy_calendar(rows: Iterable[Row], start_at: int, end_at: int, now_at: int) -> bytes:
    """Return the VCALENDAR octets for a range: periods merged by kind, clipped, in UTC; none found, none written."""
    found = list(rows)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Gotgan//Gotgan//EN",
        "BEGIN:VFREEBUSY",
        f"DTSTAMP:{written_utc(now_at)}",
        f"DTSTART:{written_utc(start_at)}",
        f"DTEND:{written_utc(end_at)}",
    ]
    for kind in ORDER:
        for start, end in merged((row[0], row[1]) for row in found if row[2] == kind):
            start, end = max(start, start_at), min(end, end_at)
            if start < end:
                lines.append(f"FREEBUSY;FBTYPE={kind}:{written_utc(start)}/{written_utc(end)}")
    lines += ["END:VFREEBUSY", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def merged(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return periods in whole seconds, in order, with those that overlap or meet joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((start // SECOND * SECOND, end // SECOND * SECOND) for start, end in periods):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
