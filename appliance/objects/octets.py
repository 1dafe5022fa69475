"""Parts of a body by the numbers of its lines: what is kept stays byte for byte as it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from appliance.objects.content_lines import Component, ContentLine, octet_lines

LINE_LENGTH = 75  # octets, RFC 5545 3.1

_FOLD = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_HEAD = re.compile(rb'[^:"]*(?:"[^"]*"[^:"]*)*:')


class Octets:
    """The logical lines of one body as sent. What belongs to no line, blank ones say, goes with the line before."""

    def __init__(self, body: bytes, root: Component) -> None:
        self._body = body
        self._root = root

    @cached_property
    def _pieces(self) -> list[bytes]:  # of most versions nobody asks a line
        return octet_lines(self._body)

    def of(self, number: int) -> bytes:
        """Return the line of this number, b"" for -1, the number of a forgotten END."""
        if number < 0:
            return b""
        return b"".join(self._pieces[number : self._ends[number]])

    def line(self, number: int) -> bytes:
        """Return the line of this number alone: of what stands behind it only what vCard 2.1 broke off softly."""
        last = number + 1
        if _is_quoted_printable(self._pieces[number]):
            while last < len(self._pieces) and _is_broken(self._pieces[last - 1]):
                last += 1
        return b"".join(self._pieces[number:last])

    def unfolded(self, number: int) -> bytes:
        """Return the line of this number alone, without folds and the line end."""
        return without_folds(self.line(number))

    def prologue(self) -> bytes:
        """Return what stands before the first line, a byte order mark or blank lines."""
        first = min(self._ends)
        return b"".join(self._pieces[:first])

    def epilogue(self) -> bytes:
        """Return what follows the last line."""
        return b"".join(self._pieces[max(self._ends.values()) :])

    def without_value(self, line: ContentLine) -> bytes:
        """Return name and parameters of a line, and the colon."""
        return folded(self.head(line))

    def head(self, line: ContentLine) -> bytes:
        """Return the line up to its colon, unfolded."""
        unfolded = _FOLD.sub(b"", self.of(line.number))
        found = _HEAD.match(unfolded)
        return found[0] if found else unfolded[: unfolded.find(b":") + 1]

    def joined(self, numbers: Iterable[int], replaced: dict[int, bytes]) -> bytes:
        """Return the lines of these numbers in the order they were sent in, some of them replaced."""
        return b"".join(replaced[number] if number in replaced else self.of(number) for number in sorted(numbers))

    def whole(self, component: Component) -> Iterator[int]:
        """Yield the numbers of all lines of a component, those inside it included."""
        yield component.begin
        yield from (line.number for line in component.lines)
        for inner in component.components:
            yield from self.whole(inner)
        yield component.end

    def numbers(self) -> Iterable[int]:
        """Return the numbers of all lines, in order."""
        return self._ends.keys()

    @cached_property
    def _ends(self) -> dict[int, int]:
        """Return for each line the number of the next one that is a line."""
        numbers = sorted(number for number in self.whole(self._root) if number >= 0)
        return dict(zip(numbers, [*numbers[1:], numbers[-1] + 1], strict=True))


def without_folds(line: bytes) -> bytes:
    """Return a line without its folds and its end."""
    return _FOLD.sub(b"", line).rstrip(b"\r\n")


def ends_softly(line: bytes) -> bool:
    """Return whether a line would swallow what follows: quoted-printable, broken off softly, and nothing behind it."""
    return _is_quoted_printable(line) and _is_broken(line)


def _is_quoted_printable(line: bytes) -> bool:
    return b"QUOTED-PRINTABLE" in _FOLD.sub(b"", line.partition(b":")[0]).upper()


def _is_broken(piece: bytes) -> bool:
    return piece.rstrip(b"\r\n").endswith(b"=")


def folded(line: bytes) -> bytes:
    """Return a line folded at 75 octets, never inside a character, and ended by CRLF (RFC 5545 3.1)."""
    parts = []
    room = LINE_LENGTH
    while len(line) > room:
        cut = room
        while cut > 1 and line[cut] & 0xC0 == 0x80:  # a continuation octet of UTF-8
            cut -= 1
        parts.append(line[:cut])
        line = line[cut:]
        room = LINE_LENGTH - 1
    return b"\r\n ".join([*parts, line]) + b"\r\n"
