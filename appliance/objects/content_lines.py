"""Octets to content lines and components, for vCard and iCalendar alike (RFC 5545 3.1, RFC 6350 3.3).

Lenient on purpose, because what a phone sent must be found again whatever it looks like: any line ending,
a byte order mark, folds inside a character, vCard 2.1's bare parameters and soft line breaks, lower-case
names, a forgotten END. It reads and never judges; what was odd is named in `Parsed.faults`. Only what has
no component at all, or exceeds the bounds, is Malformed.

Hot: a contact of 1 KB costs about 20 µs, which is why names are cut with `partition` and not by a grammar.
"""

from __future__ import annotations

import quopri
import re
from typing import NamedTuple

MAX_LINES = 100_000
MAX_DEPTH = 32

Params = tuple[tuple[str, tuple[str, ...]], ...]

_QUOTED_HEAD = re.compile(r'[^:"]*(?:"[^"]*"[^:"]*)*:')
_QUOTED_PART = re.compile(r'((?:[^;"]|"[^"]*"?)*)(?:;|$)')
_QUOTED_VALUE = re.compile(r'((?:[^,"]|"[^"]*"?)*)(?:,|$)')
_FOLD = re.compile(rb"\n[ \t]")
_FOLDED = re.compile(rb"[\r\n][ \t]")
_LINE_BREAK = re.compile(rb"(?:\r(?!\n)|\r?\n)(?![ \t])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^([n^'])")
_CARETS = {"n": "\n", "^": "^", "'": '"'}
_new = tuple.__new__
_BARE_ENCODINGS = frozenset({"BASE64", "QUOTED-PRINTABLE", "8BIT", "7BIT", "B"})


class Malformed(Exception):
    """The octets hold no component, or more than the bounds allow. Callers say it in household words."""


class ContentLine(NamedTuple):
    """One content line, unfolded. Names are upper-case, `value` is as sent; `number` counts logical lines from 0."""

    group: str
    name: str
    params: Params
    value: str
    number: int = -1

    def param(self, name: str) -> str | None:
        """Return the first value of a parameter, or None."""
        for param, values in self.params:
            if param == name:
                return values[0] if values else ""
        return None


class Component:
    """A card, a calendar, or a component of one. `begin` and `end` are line numbers, -1 where END is missing."""

    __slots__ = ("begin", "components", "end", "lines", "name")

    def __init__(self, name: str, begin: int = -1) -> None:
        self.name = name
        self.lines: list[ContentLine] = []
        self.components: list[Component] = []
        self.begin = begin
        self.end = -1

    def first(self, name: str) -> ContentLine | None:
        """Return the first line of this name, or None."""
        for line in self.lines:
            if line.name == name:
                return line
        return None

    def all(self, name: str) -> list[ContentLine]:
        """Return all lines of this name."""
        return [line for line in self.lines if line.name == name]


class Parsed(NamedTuple):
    """All components at the top of a body, at least one, and in words what was odd about their lines."""

    roots: list[Component]
    faults: tuple[str, ...]


def parse(body: bytes) -> Component:
    """Return the first component of the body; Malformed."""
    return parse_all(body).roots[0]


def parse_all(body: bytes) -> Parsed:
    """Return every top-level component of the body; Malformed if there is none, or too much of something."""
    text, faults = _decoded(_unfolded(body))
    pieces = text.split("\n")
    if len(pieces) > MAX_LINES:
        raise Malformed(f"There are more than {MAX_LINES} lines.")
    if "=\n" in text:
        _join_soft_breaks(pieces)
    roots, odd = _nest(pieces)
    if not roots:
        raise Malformed("There is no BEGIN line.")
    return Parsed(roots, (*faults, *odd))


def read_line(piece: str, number: int = -1) -> ContentLine | None:
    """Return one unfolded line in parts; None for what has no colon and so is none."""
    head, colon, value = piece.partition(":")
    if '"' in head:
        return _with_quotes(piece, number)
    if not colon:
        return None
    params: Params = ()
    group = ""
    if ";" in head:
        head, *rest = head.split(";")
        params = tuple([_param(part) for part in rest])
    if "." in head:
        group, _, head = head.rpartition(".")
    # by way of tuple, for the generated constructor costs twice as much
    return _new(ContentLine, (group.strip(), head.strip().upper(), params, value, number))


def octet_lines(body: bytes) -> list[bytes]:
    """Return the logical lines as sent, folds and line ends included; `ContentLine.number` counts them."""
    if not _FOLDED.search(body):
        found = body.splitlines(keepends=True)
        return [*found, b""] if not body or body.endswith((b"\n", b"\r")) else found
    found, start = [], 0
    for line_break in _LINE_BREAK.finditer(body):
        found.append(body[start : line_break.end()])
        start = line_break.end()
    found.append(body[start:])
    return found


def text_of(line: ContentLine) -> str:
    r"""Return the text a value stands for: `\n`, `\,`, `\;`, `\\` resolved, vCard 2.1's quoted-printable decoded."""
    value = line.value
    if line.param("ENCODING") in ("QUOTED-PRINTABLE", "quoted-printable"):
        raw = quopri.decodestring(value.encode("utf-8", "replace"))
        try:
            return raw.decode(line.param("CHARSET") or "utf-8", "replace")
        except (LookupError, ValueError):
            return raw.decode("utf-8", "replace")
    if "\\" not in value:
        return value
    return _ESCAPED.sub(_plain, value)


def split_unescaped(value: str, separator: str) -> list[str]:
    """Return the parts between separators that no backslash stands before, still escaped; in linear time."""
    parts: list[str] = []
    joined: list[str] = []
    for piece in value.split(separator):
        joined.append(piece)
        if (len(piece) - len(piece.rstrip("\\"))) % 2 == 0:
            parts.append(separator.join(joined))
            joined = []
    return [*parts, separator.join(joined)] if joined else parts


def _plain(escaped: re.Match[str]) -> str:
    character = escaped[1]
    if character in "nN":
        return "\n"
    return character if character in "\\,;:" else escaped[0]


def _unfolded(body: bytes) -> bytes:
    """Return logical lines ended by LF. On octets, because some clients fold inside a character (RFC 5545 3.1)."""
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\n\t" in body:
        return _FOLD.sub(b"", body)
    if b"\n " in body:
        return body.replace(b"\n ", b"")
    return body


def _decoded(octets: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return octets.decode("utf-8").removeprefix("\ufeff"), ()
    except UnicodeDecodeError:
        return octets.decode("utf-8", "replace").removeprefix("\ufeff"), ("It is not UTF-8 throughout.",)


def _join_soft_breaks(pieces: list[str]) -> None:
    """Join what vCard 2.1 breaks by `=` at the end of a quoted-printable line; the joined pieces become empty."""
    joining = -1
    for number, piece in enumerate(pieces):
        if joining >= 0:
            pieces[joining] = pieces[joining][:-1] + piece
            pieces[number] = ""
        elif piece.endswith("=") and "QUOTED-PRINTABLE" in piece.partition(":")[0].upper():
            joining = number
        if joining >= 0 and not pieces[joining].endswith("="):
            joining = -1


def _nest(pieces: list[str]) -> tuple[list[Component], tuple[str, ...]]:
    roots: list[Component] = []
    open_ones: list[Component] = []
    odd: dict[str, None] = {}
    for number, piece in enumerate(pieces):
        line = read_line(piece, number)
        if line is None:
            if piece and not piece.isspace() and open_ones:
                odd["A line has no colon."] = None
            continue
        name = line.name
        if name == "BEGIN":
            _begin(line, roots, open_ones)
        elif name == "END":
            _end(line, open_ones, odd)
        elif open_ones:
            open_ones[-1].lines.append(line)
    if open_ones:
        odd[f"END:{open_ones[0].name} is missing."] = None
    return roots, tuple(odd)


def _begin(line: ContentLine, roots: list[Component], open_ones: list[Component]) -> None:
    component = Component(line.value.strip().upper(), line.number)
    if not open_ones:
        roots.append(component)
    elif len(open_ones) >= MAX_DEPTH:
        raise Malformed(f"Components are nested more than {MAX_DEPTH} deep.")
    else:
        open_ones[-1].components.append(component)
    open_ones.append(component)


def _end(line: ContentLine, open_ones: list[Component], odd: dict[str, None]) -> None:
    """Close the innermost open component of this name, and with it those inside that forgot to."""
    name = line.value.strip().upper()
    if all(component.name != name for component in open_ones):
        odd[f"END:{name[:40]} closes nothing."] = None
        return
    while True:
        closed = open_ones.pop()
        if closed.name == name:
            closed.end = line.number
            return
        odd[f"END:{closed.name[:40]} is missing."] = None


def _param(part: str) -> tuple[str, tuple[str, ...]]:
    name, equals, value = part.partition("=")
    if not equals:
        return _bare(name)
    if "^" in value:
        value = _CARET.sub(lambda found: _CARETS[found[1]], value)
    if "," in value:
        return name.strip().upper(), tuple(value.split(","))
    return name.strip().upper(), (value,)


def _bare(word: str) -> tuple[str, tuple[str, ...]]:
    """Return what a parameter without a name means in vCard 2.1: an encoding, else a type."""
    return ("ENCODING" if word.strip().upper() in _BARE_ENCODINGS else "TYPE"), (word.strip(),)


def _with_quotes(piece: str, number: int) -> ContentLine | None:
    """Read a line whose head has quotes: inside them colon, semicolon and comma are text."""
    found = _QUOTED_HEAD.match(piece)
    cut = found.end() - 1 if found else piece.find(":")  # a quote never closed: the first colon must do
    if cut < 0:
        return None
    parts = _QUOTED_PART.findall(piece[:cut])
    group, _, name = parts[0].rpartition(".")
    params = tuple([_quoted_param(part) for part in parts[1:] if part])
    return ContentLine(group.strip(), name.strip().upper(), params, piece[cut + 1 :], number)


def _quoted_param(part: str) -> tuple[str, tuple[str, ...]]:
    name, equals, written = part.partition("=")
    if not equals:
        return _bare(name)
    found = _QUOTED_VALUE.findall(written)
    values = found[:-1] if len(found) > 1 and not written.endswith(",") else found
    return name.strip().upper(), tuple([_unquoted(value) for value in values])


def _unquoted(value: str) -> str:
    value = value.replace('"', "")
    return _CARET.sub(lambda found: _CARETS[found[1]], value) if "^" in value else value
