"""A name for addresses and logins, proposed from what somebody is called: 민아 becomes `mina`, Jürgen becomes `jurgen`.

Hangul is written syllable by syllable in the Revised Romanization of Korean (2000), without the sound changes between
syllables: a family's own spelling may differ, so it is a proposal and never an answer. It refuses to guess at scripts
that it does not know: somebody with such a name is `person`, `person-2`, and may choose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from appliance.household.people import HOUSEHOLD_SLUG, LONGEST_SLUG

NAMELESS = "person"

_FIRST, _LAST = 0xAC00, 0xD7A3  # 가 to 힣
_INITIALS = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
_VOWELS = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
)  # fmt: skip
_FINALS = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t",
    "t", "k", "t", "p", "t",
)  # fmt: skip


def romanized(text: str) -> str:
    """Return a text with its Hangul syllables in Latin letters; everything else stays."""
    return "".join(_syllable(sign) for sign in unicodedata.normalize("NFC", text))


def propose(shown: str, taken: Container[str]) -> str:
    """Return a free name for addresses that resembles `shown`; always one that a login may be."""
    latin = unicodedata.normalize("NFKD", romanized(shown)).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:LONGEST_SLUG].strip("-") or NAMELESS
    number, proposed = 1, base
    while proposed in taken or proposed == HOUSEHOLD_SLUG:
        number += 1
        ending = f"-{number}"
        proposed = base[: LONGEST_SLUG - len(ending)] + ending
    return proposed


def _syllable(sign: str) -> str:
    code = ord(sign)
    if not _FIRST <= code <= _LAST:
        return sign
    initial, rest = divmod(code - _FIRST, len(_VOWELS) * len(_FINALS))
    vowel, final = divmod(rest, len(_FINALS))
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
