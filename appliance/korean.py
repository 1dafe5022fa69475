"""What Korean needs beyond a catalogue: particles that follow the last sound, search by initial consonants (초성)."""

from __future__ import annotations

import re
import unicodedata

FIRST, LAST = 0xAC00, 0xD7A3  # 가 to 힣
FINALS = 28
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_RIEUL = 8
_PLAIN = {"ㄲ": "ㄱ", "ㄸ": "ㄷ", "ㅃ": "ㅂ", "ㅆ": "ㅅ", "ㅉ": "ㅈ"}
# How digits and Latin letters end when they are read aloud: 0 영, 1 일, 3 삼, 6 육, 7 칠, 8 팔; L 엘, M 엠, N 엔, R 알.
_CLOSED = frozenset("013678LMNlmn")
_RIEUL_SOUNDS = frozenset("178LRlr")
# How Latin words end: phone 폰, file 파일, ring 링, trip 트립, book 북, tablet 태블릿, but note 노트, folder 폴더.
_LATIN_END = re.compile(r"([A-Za-z]{2,})\W*$")
_LATIN_CLOSED = re.compile(r"(?:[aeiou]ng|[lmn]e?|(?<![aeiou])[aeiou][pkt]|[aeiou]c|ook|ck)$")
_LATIN_RIEUL = re.compile(r"le?$")


def ends_closed(text: str) -> bool:
    """Return whether the last sound of a text has a final consonant."""
    last = _last_sound(text)
    if _is_syllable(last):
        return (ord(last) - FIRST) % FINALS != 0
    if word := _latin_word(text):
        return _LATIN_CLOSED.search(word) is not None
    return last in _CLOSED or last in _RIEUL_SOUNDS


def particle(text: str, pair: str) -> str:
    """Return the text with the particle that fits: `pair` is such as 이/가, 을/를, 은/는, 과/와, 으로/로."""
    closed, _, opened = pair.partition("/")
    if closed.startswith("으로") and _ends_in_rieul(text):
        return text + opened
    return text + (closed if ends_closed(text) else opened)


def initials(text: str) -> str:
    """Return the initial consonants of a text, everything else as it is and lower-case: 김철수 is ㄱㅊㅅ."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        INITIALS[(ord(sign) - FIRST) // (21 * FINALS)] if _is_syllable(sign) else sign.casefold() for sign in composed
    )


def index_letter(text: str) -> str:
    """Return under which letter a list has a text: ㄱ to ㅎ (ㄲ is under ㄱ), A to Z, # for everything else."""
    first = unicodedata.normalize("NFC", text.lstrip()[:4])[:1]
    if _is_syllable(first):
        initial = INITIALS[(ord(first) - FIRST) // (21 * FINALS)]
        return _PLAIN.get(initial, initial)
    base = unicodedata.normalize("NFD", first)[:1].upper()
    return base if "A" <= base <= "Z" else _PLAIN.get(first, first) if first and first in INITIALS else "#"


def is_initials(text: str) -> bool:
    """Return whether a search consists of initial consonants alone."""
    return bool(text) and all(sign in INITIALS or sign.isspace() for sign in text)


def found(sought: str, name: str) -> bool:
    """Return whether a search finds a name: by a part of it, or by initial consonants where it consists of those."""
    wanted = unicodedata.normalize("NFC", sought).casefold().strip()
    if is_initials(wanted):
        return wanted in initials(name)
    return wanted in unicodedata.normalize("NFC", name).casefold()


def _last_sound(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    return next((sign for sign in reversed(composed) if sign.isalnum()), "")


def _latin_word(text: str) -> str:
    """Return the Latin word that a text ends in, in small letters; empty after a lone letter, which is read as one."""
    word = _LATIN_END.search(text)
    return "" if word is None or word[1].isupper() else word[1].casefold()


def _is_syllable(sign: str) -> bool:
    return len(sign) == 1 and FIRST <= ord(sign) <= LAST


def _ends_in_rieul(text: str) -> bool:
    last = _last_sound(text)
    if _is_syllable(last):
        return (ord(last) - FIRST) % FINALS == _RIEUL
    if word := _latin_word(text):
        return _LATIN_RIEUL.search(word) is not None
    return last in _RIEUL_SOUNDS
