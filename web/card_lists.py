"""An address book as a list: what is there and what was deleted, in one order, with its index, found by name or number.

Pure but for the reading of bodies that the caller hands in: a list of ten thousand costs their names, and the bodies
of the hundred that are shown. It refuses to know who may look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from appliance import korean
from appliance.store.ended import Ended

WINDOW = 100  # entries of one page
_DIGITS = re.compile(r"[^0-9]")


class Entry(NamedTuple):
    """One contact in the order of a list; `ended`: it was deleted. A tuple, because lists make them by the thousand."""

    resource_id: int
    title: str
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the index, and the number of the first entry under it."""

    letter: str
    first: int


def entries(titles: Iterable[tuple[int, str | None]], ended: Iterable[Ended]) -> Iterator[Entry]:
    """Yield what is there and what was deleted, without order."""
    yield from (Entry(resource_id, title or "") for resource_id, title in titles)
    yield from (Entry(each.resource_id, each.title or "", each) for each in ended if each.kind == "card")


def in_order(found: Iterable[Entry], *, hangul_first: bool) -> list[Entry]:
    """Return entries as people look for them: by name; the reader's own script first, what has no name last."""
    return sorted(found, key=lambda entry: place(entry.title, hangul_first=hangul_first))


def index(ordered: Sequence[Entry]) -> list[Letter]:
    """Return the letters of an ordered list, each with where it begins."""
    letters: dict[str, int] = {}
    before = None  # what a title began with: most begin like the one before them
    for number, entry in enumerate(ordered):
        beginning = entry.title.lstrip()[:2]
        if beginning != before:
            before = beginning
            letters.setdefault(korean.index_letter(entry.title), number)
    return [Letter(*each) for each in letters.items()]


def reach_sought(sought: str) -> str | None:
    """Return what numbers and mail addresses are searched for; None: the search can only mean a name."""
    wanted = sought.strip().casefold()
    digits = _DIGITS.sub("", wanted)
    if len(digits) >= 3 and not any(sign.isalpha() for sign in wanted):
        return digits
    return wanted if wanted.isascii() and len(wanted) >= 3 else None


def is_reached(wanted: str, reaches: Iterable[str]) -> bool:
    """Return whether any number or mail address contains what `reach_sought` returned."""
    if wanted.isdigit():
        return any(wanted in _DIGITS.sub("", reach) for reach in reaches)
    return any(wanted in reach.casefold() for reach in reaches)


def place(title: str, *, hangul_first: bool) -> tuple[int, str]:
    """Return what names are sorted by: the reader's own script first, what has no name last."""
    folded = title.strip().casefold()
    if not folded:
        return (3, "")
    first = folded[0]
    if "\uac00" <= first <= "\ud7a3" or "\u3131" <= first <= "\u318e" or "\u1100" <= first <= "\u11ff":
        return (0 if hangul_first else 1, unicodedata.normalize("NFC", folded))
    if first.isalpha():
        return (1 if hangul_first else 0, folded if folded.isascii() else _plain(folded))
    return (2, folded)


def _plain(text: str) -> str:
    """Return letters without their marks: ä stands with a."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
