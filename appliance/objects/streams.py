"""Files of many cards, cut into single ones: any size, in the memory of one card.

Cutting looks at BEGIN and END lines alone. What cannot be cut is told with its line and does not stop the rest: a card
that never ends, one above the limit, text between two cards. A card inside another (AGENT of vCard 2.1) stays inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

CHUNK_BYTES = 1 << 18
PIECE_BYTES = 1 << 20  # longer lines come in pieces

_MARK = re.compile(rb"(BEGIN|END)[ \t]*:[ \t]*([A-Za-z0-9-]+)[ \t\r\n]*", re.IGNORECASE)


class File(Protocol):
    """Octets that can be read from anywhere."""

    def read(self, size_bytes: int, /) -> bytes:
        """Return up to so many octets, b"" at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to an offset."""
        ...

    def tell(self) -> int:
        """Return the offset."""
        ...


class Counted:
    """A file that tells how much was read of it; what is read twice counts twice."""

    def __init__(self, file: File, told: Callable[[int], None]) -> None:
        self._file = file
        self._told = told
        self._read_bytes = 0

    def read(self, size_bytes: int, /) -> bytes:
        """Return up to so many octets, and tell of them."""
        octets = self._file.read(size_bytes)
        self._read_bytes += len(octets)
        self._told(self._read_bytes)
        return octets

    def seek(self, offset: int, /) -> int:
        """Go to an offset."""
        return self._file.seek(offset)

    def tell(self) -> int:
        """Return the offset."""
        return self._file.tell()


class Line(NamedTuple):
    """A physical line with its end, or a piece of one that is too long. `number` counts from 1."""

    number: int
    offset: int
    octets: bytes
    starts: bool  # False: a further piece of the line


class Raw(NamedTuple):
    """One entry as it stands in the file. `line` is where it begins."""

    line: int
    octets: bytes


class Trouble(NamedTuple):
    """What could not be read: where it begins, and why in a sentence."""

    line: int
    reason: str


def lines(file: File) -> Iterator[Line]:
    """Yield the lines of a file from where it stands; LF, CRLF and CR end one. Offsets are those of the file."""
    number, offset, rest, starts = 1, file.tell(), b"", True
    while chunk := file.read(CHUNK_BYTES):
        pieces = (rest + chunk).splitlines(keepends=True)
        last = pieces[-1]
        is_open = last.endswith(b"\r") or (not last.endswith(b"\n") and len(last) < PIECE_BYTES)  # LF may follow a CR
        rest = pieces.pop() if is_open else b""
        for octets in pieces:
            yield Line(number, offset, octets, starts)
            offset, starts = offset + len(octets), octets.endswith((b"\n", b"\r"))
            number += starts
    if rest:
        yield Line(number, offset, rest, starts)


def mark_in(line: Line) -> tuple[str, str] | None:
    """Return ("BEGIN", "VCARD") and its like for a line that begins or ends something, else None."""
    if not line.starts or line.octets[:1] not in b"BbEe":
        return None
    found = _MARK.fullmatch(line.octets)
    return None if found is None else (found[1].upper().decode(), found[2].upper().decode())


def cards(file: File, limit_bytes: int) -> Iterator[Raw | Trouble]:
    """Yield every card of a file, and what is none, in the order of the file."""
    cutter = _Cutter(limit_bytes)
    for line in lines(file):
        yield from cutter.take(line)
    yield from cutter.finish()


class _Cutter:
    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._pieces: list[bytes] = []
        self._size = 0
        self._begin = 0  # the line where the open card began, 0 for none
        self._depth = 0
        self._is_agent = False  # the line before announces a card inside the card
        self._stray = 0  # the first line of text outside of any card

    def take(self, line: Line) -> Iterator[Raw | Trouble]:
        mark = mark_in(line)
        if mark == ("BEGIN", "VCARD"):
            yield from self._begin_at(line)
        elif not self._begin:
            if line.octets.strip() and not self._stray:
                self._stray = line.number
        else:
            self._keep(line.octets)
            if mark == ("END", "VCARD"):
                self._depth -= 1
                if not self._depth:
                    yield self._cut()
        if line.starts:
            self._is_agent = line.octets[:6].upper() in (b"AGENT:", b"AGENT;") and line.octets.strip().endswith(b":")

    def _begin_at(self, line: Line) -> Iterator[Raw | Trouble]:
        if self._begin and not self._is_agent:
            yield self._unfinished()
        if self._stray:
            yield self._strayed()
        if not self._begin:
            self._begin = line.number
        self._depth += 1
        self._keep(line.octets)

    def _keep(self, octets: bytes) -> None:
        self._size += len(octets)
        if self._size <= self._limit_bytes:
            self._pieces.append(octets)
        else:
            self._pieces.clear()

    def _cut(self) -> Raw | Trouble:
        found: Raw | Trouble = Raw(self._begin, b"".join(self._pieces))
        if self._size > self._limit_bytes:
            found = Trouble(self._begin, too_large(self._limit_bytes))
        self._clear()
        return found

    def _unfinished(self) -> Trouble:
        begin = self._begin
        self._clear()
        return Trouble(begin, "The contact that begins here has no END:VCARD; it may be cut off.")

    def _strayed(self) -> Trouble:
        begin, self._stray = self._stray, 0
        return Trouble(begin, "What stands here is in no contact.")

    def _clear(self) -> None:
        self._pieces, self._size, self._begin, self._depth = [], 0, 0, 0

    def finish(self) -> Iterator[Trouble]:
        if self._begin:
            yield self._unfinished()
        if self._stray:
            yield self._strayed()


def too_large(limit_bytes: int) -> str:
    """Return the sentence for an entry above the limit."""
    return f"One entry may have at most {limit_bytes:,} bytes."
