"""UIDs for what came without one, made of what it says: the same entry gets the same UID in every import.

The digest looks at the lines as they are, but for their order, their folds and what is stamped at every export, and at
nothing that a later reader of ours could see differently: a UID that changed would make a second contact of the first.
"""

from __future__ import annotations

import re
import uuid

from blake3 import blake3

from appliance.objects.content_lines import Component, octet_lines, parse

_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_LEFT_OUT = re.compile(rb"(?:UID|REV|PRODID|DTSTAMP|LAST-MODIFIED|CREATED|SEQUENCE)[;:]", re.IGNORECASE)
_END = re.compile(rb"\r\n|\r|\n")


def meaning_digest(octets: bytes) -> bytes:
    """Return 16 bytes that two entries share when they say the same."""
    said = (line.rstrip() for line in _FOLD.sub(b"", octets).splitlines())
    return blake3(b"\n".join(sorted(line for line in said if line and not _LEFT_OUT.match(line)))).digest(length=16)


def made_uid(octets: bytes) -> str:
    """Return the UID for an entry that has none, or that of another one."""
    return str(uuid.UUID(bytes=meaning_digest(octets), version=5))


def with_uid(octets: bytes, uid: str) -> bytes:
    """Return an entry with this UID in its card, or in every component of its calendar; all else stays as it is."""
    root = parse(octets)
    pieces = octet_lines(octets)
    end = _END.search(pieces[root.begin])
    written = b"UID:" + uid.encode() + (b"\r\n" if end is None else end[0])
    for component in _bearers(root):
        lines = component.all("UID")
        for line in lines:
            pieces[line.number] = b""
        at = lines[0].number if lines else component.end
        if at >= 0:
            pieces[at] = written + pieces[at]
    return b"".join(pieces)


def _bearers(root: Component) -> list[Component]:
    if root.name != "VCALENDAR":
        return [root]
    return [component for component in root.components if component.name != "VTIMEZONE"]
