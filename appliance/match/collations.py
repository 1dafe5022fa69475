"""Collations: when two strings count as the same (RFC 4790, RFC 5051).

A collation here folds a string into another one; equality and substring are then those of the folded
strings (code points and UTF-8 octets agree on both, so nothing is encoded). No ordering: no report sorts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from appliance.errors import UnsupportedCollation
from appliance.match.filters import MatchType, TextMatch

ASCII_CASEMAP = "i;ascii-casemap"
OCTET = "i;octet"
UNICODE_CASEMAP = "i;unicode-casemap"

Fold = Callable[[str], str]

_ASCII_UPPER: Mapping[int, int] = MappingProxyType({lower: lower - 32 for lower in range(ord("a"), ord("z") + 1)})

_TITLED_OTHERWISE = re.compile("[\u01c4-\u01cc\u01f1-\u01f3\u10d0-\u10ff]")
"""Latin digraphs and Georgian: their titlecase is not their upper case."""


def resolve(asked: str | None, *, default: str) -> str:
    """Return the collation that a text-match names, `default` for none and for "default" (RFC 4790 3.1).

    UnsupportedCollation for any other, wildcards included (RFC 4791 7.5, RFC 6352 8.3).
    """
    if asked is None or asked == "default":
        return default
    if asked not in _FOLDS:
        raise UnsupportedCollation(f"Text can be compared by {', '.join(_FOLDS)}, not by {asked[:100]!r}.")
    return asked


def supported() -> tuple[str, ...]:
    """Return the names of all collations, as supported-collation-set lists them."""
    return tuple(_FOLDS)


def fold(collation: str, text: str) -> str:
    """Return `text` prepared for comparison; UnsupportedCollation."""
    return _FOLDS[resolve(collation, default=UNICODE_CASEMAP)](text)


def text_test(wanted: TextMatch) -> Callable[[tuple[str, ...]], bool]:
    """Return the test of one property or parameter: whether any of its spellings matches, negated if asked.

    A property may have several spellings to compare with: the value as a whole, and the parts of a list.
    Negation is of all of them together, so that `not PERSON` is not true of `PERSON,FRIEND` for FRIEND's sake.
    """
    folding = _FOLDS[resolve(wanted.collation, default=UNICODE_CASEMAP)]
    compare = _COMPARISONS[wanted.match_type]
    needle = folding(wanted.text)
    negate = wanted.negate

    def holds(spellings: tuple[str, ...]) -> bool:
        return any(compare(folding(spelling), needle) for spelling in spellings) is not negate

    return holds


def column_test(wanted: TextMatch) -> Callable[[Sequence[str]], list[bool]]:
    """Return the same test for many values that have one spelling each, such as the names in an address book.

    They are folded together, between NULs, across which no folding looks: one by one costs three times as much.
    """
    folding = _FOLDS[resolve(wanted.collation, default=UNICODE_CASEMAP)]
    compare = _COMPARISONS[wanted.match_type]
    needle = folding(wanted.text)
    negate = wanted.negate

    def hold(values: Sequence[str]) -> list[bool]:
        folded = folding("\0".join(values)).split("\0")
        if len(folded) != len(values):  # none at all, or a value with a NUL in it
            folded = list(map(folding, values))
        return [compare(value, needle) is not negate for value in folded]

    return hold


def _as_octets(text: str) -> str:
    return text


def _ascii_casemap(text: str) -> str:
    """RFC 4790 9.2: only a to z change; é and É stay different."""
    return text.upper() if text.isascii() else text.translate(_ASCII_UPPER)


def _unicode_casemap(text: str) -> str:
    """RFC 5051 2: the titlecase property of UnicodeData.txt, then decomposed (NFKD).

    That property is one character or none, where Python's `title` also knows the special casings of
    several (ß becomes Ss): those are not meant. Decomposition makes Apple's Hangul equal to everybody's.
    """
    if text.isascii():
        return text.upper()
    titled = text.upper()  # ten times as fast as character by character, and nearly always the same
    if len(titled) != len(text) or _TITLED_OTHERWISE.search(text):
        titled = "".join([title if len(title := character.title()) == 1 else character for character in text])
    return unicodedata.normalize("NFKD", titled)


def _equals(text: str, needle: str) -> bool:
    return text == needle


def _contains(text: str, needle: str) -> bool:
    return needle in text


def _starts_with(text: str, needle: str) -> bool:
    return text.startswith(needle)


def _ends_with(text: str, needle: str) -> bool:
    return text.endswith(needle)


_FOLDS: Mapping[str, Fold] = MappingProxyType(
    {ASCII_CASEMAP: _ascii_casemap, OCTET: _as_octets, UNICODE_CASEMAP: _unicode_casemap}
)

_COMPARISONS: Mapping[MatchType, Callable[[str, str], bool]] = MappingProxyType(
    {"equals": _equals, "contains": _contains, "starts-with": _starts_with, "ends-with": _ends_with}
)
