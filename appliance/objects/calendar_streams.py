"""Calendars of any size, cut into one object per UID (RFC 4791 4.1): a series and its changed dates, wherever they lie.

The file is read twice: first its lines, of which only places are kept (about fifty octets an event), then each object
by its places. An object gets the time zones that it names, VERSION, PRODID and CALSCALE; everything in it is as sent.
What stands alone in its VCALENDAR stays as a whole as it was sent, unless that is a message (METHOD, RFC 5546), which
no calendar keeps (RFC 4791 4.1), or says something of the calendar that the file was, its name say.

It refuses to hold more than one object in memory, and to let one that is broken stop the others.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from blake3 import blake3

from appliance.objects.content_lines import MAX_DEPTH, read_line
from appliance.objects.streams import File, Line, Raw, Trouble, lines, mark_in, too_large

_UID = re.compile(rb"(?:[\w-]+\.)?UID[ \t]*[;:]", re.IGNORECASE)
_KEPT = re.compile(rb"(?:VERSION|PRODID|CALSCALE)[ \t]*[;:]", re.IGNORECASE)
_TZID = re.compile(rb';TZID=(?:"([^"\r\n]*)"|([^":;,\r\n]+))', re.IGNORECASE)
_ZONE_NAME = re.compile(rb"^TZID(?:;[^:\r\n]*)?:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_OF_THE_FILE = re.compile(
    rb"^(?:METHOD|NAME|COLOR|REFRESH-INTERVAL|SOURCE|X-WR-[A-Z-]+|X-PUBLISHED-TTL|X-APPLE-CALENDAR-COLOR)[ \t]*[;:]",
    re.IGNORECASE | re.MULTILINE,
)


def calendar_objects(file: File, limit_bytes: int) -> Iterator[Raw | Trouble]:
    """Yield every object of a calendar file in the order in which they begin, after what is broken in it.

    The components of one object stand side by side in its octets. The file must be one that can be read anywhere.
    """
    places = _Places()
    for line in lines(file):
        places.take(line)
    places.finish()
    yield from places.troubles
    assembling = _Assembling(file, places, limit_bytes)
    for together in places.objects():
        yield assembling.object_of(together)


class _Block(NamedTuple):
    """One VCALENDAR: where it begins, where its first component does, its end, and whether nothing in it is broken."""

    begin: int
    inner: int
    end: int
    is_sound: bool


class _Places:
    """Where everything stands: a few numbers for each component."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.blocks: list[_Block] = []
        self.zones: dict[int, list[tuple[int, int]]] = {}  # by block
        self.starts = array("Q")
        self.sizes = array("Q")
        self.line_numbers = array("Q")
        self.block_of = array("Q")
        self._uids = array("Q")  # digests
        self._path: list[str] = []  # what is open, the VCALENDAR first
        self._block = (0, 0, 0)  # line, offset, where the first component begins
        self._is_sound = True
        self._component = (0, 0)  # line, offset
        self._uid: bytes | None = None
        self._in_uid = False
        self._stray = 0

    def take(self, line: Line) -> None:
        mark = mark_in(line)
        if mark is not None:
            self._in_uid = False
            (self._begin if mark[0] == "BEGIN" else self._end)(mark[1], line)
            return
        if not self._path and not self._stray and line.octets.strip():
            self._stray = line.number
        if len(self._path) == 2 and line.starts:
            self._take_uid(line.octets)

    def _take_uid(self, octets: bytes) -> None:
        if self._in_uid and octets[:1] in b" \t":
            self._uid = (self._uid or b"").rstrip(b"\r\n") + octets[1:]
            return
        self._in_uid = not self._uid and _UID.match(octets) is not None
        if self._in_uid:
            self._uid = octets

    def _begin(self, name: str, line: Line) -> None:
        if name == "VCALENDAR":
            self._close_block(line.offset, "The calendar that begins here has no END:VCALENDAR.")
            if self._stray:
                self._complain(self._stray, "What stands here is in no calendar.")
                self._stray = 0
            self._block, self._is_sound = (line.number, line.offset, 0), True
        elif not self._path:
            self._stray = self._stray or line.number
            return
        elif len(self._path) > MAX_DEPTH or name in self._path[1:2]:  # no component is inside another of its kind
            self._break()
        if len(self._path) == 1:
            number, begin, inner = self._block
            self._block = (number, begin, inner or line.offset)
            self._component, self._uid = (line.number, line.offset), None
        self._path.append(name)

    def _end(self, name: str, line: Line) -> None:
        end = line.offset + len(line.octets)
        if name == "VCALENDAR":
            self._close_block(end, None)
        elif len(self._path) > 1 and name == self._path[-1]:
            self._path.pop()
            if len(self._path) == 1:
                self._keep(name, end)
        elif len(self._path) > 1 and name == self._path[1]:  # what is inside forgot to end
            del self._path[1:]
            self._keep(name, end)

    def _keep(self, name: str, end: int) -> None:
        number, begin = self._component
        if name == "VTIMEZONE":
            self.zones.setdefault(len(self.blocks), []).append((begin, end))
            return
        read = None if self._uid is None else read_line(self._uid.decode("utf-8", "replace"))
        uid = "" if read is None else read.value.strip()
        named = uid.encode() if uid else b"\0%d" % begin  # without a UID it belongs to nothing else
        self.starts.append(begin)
        self.sizes.append(end - begin)
        self.line_numbers.append(number)
        self.block_of.append(len(self.blocks))
        self._uids.append(int.from_bytes(blake3(named).digest(length=8), "big"))

    def _break(self) -> None:
        """Give up the component that is open."""
        self._complain(self._component[0], f"The {self._path[1][:40]} that begins here has no end; it may be cut off.")
        self._is_sound = False
        del self._path[1:]

    def _close_block(self, end: int, missing: str | None) -> None:
        if not self._path:
            return
        if len(self._path) > 1:
            self._break()
        elif missing is not None:
            self._complain(self._block[0], missing)
        _, begin, inner = self._block
        self.blocks.append(_Block(begin, inner or end, end, self._is_sound and missing is None))
        self._path.clear()

    def _complain(self, line: int, reason: str) -> None:
        self.troubles.append(Trouble(line, reason))

    def finish(self) -> None:
        self._close_block(0, "The calendar that begins here has no END:VCALENDAR; it may be cut off.")
        if self._stray:
            self._complain(self._stray, "What stands here is in no calendar.")
        self.troubles.sort()

    def objects(self) -> Iterator[list[int]]:
        """Yield the numbers of the components of each object."""
        further: dict[int, list[int]] = {}
        is_further = bytearray(len(self._uids))
        for _, run in groupby(sorted(range(len(self._uids)), key=self._uids.__getitem__), self._uids.__getitem__):
            first, *rest = run
            if rest:
                further[first] = rest
                for number in rest:
                    is_further[number] = 1
        for number, further_one in enumerate(is_further):
            if not further_one:
                yield [number, *further.get(number, ())]


class _Assembling:
    """Reads objects by their places."""

    def __init__(self, file: File, places: _Places, limit_bytes: int) -> None:
        self._file = file
        self._places = places
        self._limit_bytes = limit_bytes
        self._block = -1  # the one whose head and zones are at hand
        self._head: bytes = b""
        self._zones: dict[bytes, bytes] = {}
        self._members = array("L", bytes(array("L").itemsize * len(places.blocks)))
        for block in places.block_of:
            self._members[block] += 1

    def object_of(self, together: Sequence[int]) -> Raw | Trouble:
        places = self._places
        line = places.line_numbers[together[0]]
        if sum(places.sizes[number] for number in together) > self._limit_bytes:
            return Trouble(line, too_large(self._limit_bytes))
        whole = self._whole(together)
        if whole is not None:
            return Raw(line, whole)
        parts: list[bytes] = []
        zones: dict[bytes, bytes] = {}
        for number in together:
            self._enter(places.block_of[number])
            part = self._octets(places.starts[number], places.sizes[number])
            parts.append(part)
            for found in _TZID.finditer(_FOLD.sub(b"", part)):
                name = (found[1] if found[1] is not None else found[2]).strip()
                if name in self._zones:
                    zones.setdefault(name, self._zones[name])
        self._enter(places.block_of[together[0]])
        octets = b"".join([self._head, *zones.values(), *parts, b"END:VCALENDAR\r\n"])
        if len(octets) > self._limit_bytes:
            return Trouble(line, too_large(self._limit_bytes))
        return Raw(line, octets)

    def _whole(self, together: Sequence[int]) -> bytes | None:
        """Return the VCALENDAR that holds these components and no others as it is, None where it cannot stay so."""
        number = self._places.block_of[together[0]]
        block = self._places.blocks[number]
        if not block.is_sound or block.end - block.begin > self._limit_bytes:
            return None
        if self._members[number] != len(together) or any(self._places.block_of[one] != number for one in together):
            return None
        octets = self._octets(block.begin, block.end - block.begin)
        return None if _OF_THE_FILE.search(octets, 0, block.inner - block.begin) else octets

    def _enter(self, number: int) -> None:
        """Have the head and the zones of a VCALENDAR at hand."""
        if number == self._block:
            return
        block = self._places.blocks[number]
        self._block = number
        self._head = _head_in(self._octets(block.begin, min(block.inner - block.begin, self._limit_bytes)))
        self._zones = {}
        for begin, end in self._places.zones.get(number, ()):
            octets = self._octets(begin, min(end - begin, self._limit_bytes))
            name = _ZONE_NAME.search(_FOLD.sub(b"", octets))
            if name is not None:
                self._zones.setdefault(name[1].strip(), octets)

    def _octets(self, begin: int, size: int) -> bytes:
        self._file.seek(begin)
        return self._file.read(size)


def _head_in(octets: bytes) -> bytes:
    """Return the lines with which an object of a calendar begins."""
    kept, keeping, version = [], True, False
    for number, line in enumerate(octets.splitlines(keepends=True)):
        if line[:1] not in b" \t":
            keeping = number == 0 or _KEPT.match(line) is not None
            version = version or (keeping and line[:7].upper() == b"VERSION")
        if keeping:
            kept.append(line)
    if not version:
        kept.insert(1, b"VERSION:2.0\r\n")
    return b"".join(kept)
