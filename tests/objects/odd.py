"""Cards and events in a few words, for tests of what differs."""

from __future__ import annotations


def card(*lines: str | bytes, version: str = "3.0") -> bytes:
    """A card with these lines."""
    return _body("BEGIN:VCARD", f"VERSION:{version}", "UID:1", "FN:x", *lines, "END:VCARD")


def event(*lines: str | bytes) -> bytes:
    """A calendar with one event that has these lines."""
    return _body("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR")


def _body(*lines: str | bytes) -> bytes:
    return b"".join((line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines)
