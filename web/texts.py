"""Text files on a page: octets as text, guessed safely, and what differs between two of them, line by line.

Pure, and bounded: what is no text, or differs too much to be told, is None.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from appliance.objects import charsets

SHOWN_BYTES = 65_536
MOST_LINES = 400  # of each side that differ: comparing costs their product
AROUND = 3  # lines that stay the same before and after a difference
ENCODINGS = ("utf-8", "cp949")
WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a comparison; `gap`: lines that are the same were left out, `text` is how many."""

    kind: Literal["same", "was", "now", "gap"]
    text: str


def read_text(octets: bytes, *, is_cut: bool = False) -> str | None:
    """Return octets as text, whatever encoding they are in; None: they are none. `is_cut`: more would follow."""
    text = _decoded(octets, is_cut=is_cut)
    if text is None or sum(sign in CONTROLS for sign in text) > len(text) // 50:
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(octets: bytes, *, is_cut: bool) -> str | None:
    for mark, name in WIDE:
        if octets.startswith(mark):
            return octets.decode(name, "replace")
    if b"\0" in octets:
        return None
    for name in ENCODINGS:
        try:
            return codecs.getincrementaldecoder(name)().decode(octets, final=not is_cut)
        except UnicodeError:
            continue
    return charsets.decoded(octets).octets.decode()


def compared(was: str, now: str) -> list[Line] | None:
    """Return what differs between two texts, with a few lines around it; None: too much differs to be told."""
    before, after = was.splitlines(), now.splitlines()
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    left, right = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(left), len(right)) > MOST_LINES:
        return None
    lines = [Line("same", text) for text in before[:head]]
    lines += _between(left, right)
    lines += [Line("same", text) for text in before[len(before) - tail :]]
    return list(_shortened(lines))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many lines two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _between(left: list[str], right: list[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for tag, start, stop, to_start, to_stop in matcher.get_opcodes():
        if tag == "equal":
            yield from (Line("same", text) for text in left[start:stop])
            continue
        yield from (Line("was", text) for text in left[start:stop])
        yield from (Line("now", text) for text in right[to_start:to_stop])


def _shortened(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines that differ and those around them; a gap tells how many it stands for."""
    differing = [number for number, line in enumerate(lines) if line.kind != "same"]
    near = {each for number in differing for each in range(number - AROUND, number + AROUND + 1)}
    skipped = 0
    for number, line in enumerate(lines):
        if number in near:
            if skipped:
                yield Line("gap", str(skipped))
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped and differing:
        yield Line("gap", str(skipped))
