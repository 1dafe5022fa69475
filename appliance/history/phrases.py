"""Sentences of history as a name and parameters, and the catalogues that put them into English and Korean.

A page may translate a `Phrase` by itself; `render` does it for the command line. A parameter is a text, a number, a
size in bytes (its name ends in `_bytes`), a moment in the zone in which it is to be read, another phrase, or several,
which are joined as a list. An English template may have two halves, `one|many`, chosen by `count`. A Korean one names
the pair from which the particle after a parameter is taken, `{who:이/가}`, and puts a name into quotation marks before
that by `{name:‘’을/를}`. It refuses to decide what is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appliance import korean
from appliance.history.catalogue_en import ENGLISH
from appliance.history.catalogue_ko import KOREAN

CATALOGUES = {"en": ENGLISH, "ko": KOREAN}
UNITS = ("bytes", "KB", "MB", "GB", "TB")
QUOTED = "‘’"
LONGEST = 60  # characters of a name or a value within a sentence


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence, or a part of one."""

    id: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


Parameter = str | int | datetime | Phrase | tuple[Phrase, ...]


def render(phrase: Phrase, language: str) -> str:
    """Return the phrase in words, `language` ko or en."""
    template = CATALOGUES[language][phrase.id]
    one, _, many = template.partition("|")
    chosen = many if many and phrase.parameters.get("count") != 1 else one
    return chosen.format_map({name: _Said(_shown(name, value, language)) for name, value in phrase.parameters.items()})


def sentence(phrase: Phrase, language: str) -> str:
    """Return the phrase in words that begin a line."""
    said = render(phrase, language)
    return said[:1].upper() + said[1:]


class _Said(str):
    """A parameter in words, with the particle that a Korean template asks for."""

    __slots__ = ()

    def __format__(self, pair: str) -> str:
        if not pair:
            return str(self)
        if pair.startswith(QUOTED):
            return korean.particle(f"{QUOTED[0]}{self}{QUOTED[1]}", pair.removeprefix(QUOTED))
        return korean.particle(self, pair)


def _shown(name: str, value: Parameter, language: str) -> str:
    if isinstance(value, Phrase):
        return render(value, language)
    if isinstance(value, tuple):
        return _listed([render(each, language) for each in value], language)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, int):
        return size(value, language) if name.endswith("_bytes") else f"{value:,}"
    return shortened(value)


def shortened(text: str) -> str:
    """Return a text on one line, not longer than fits into a sentence; what no terminal should obey is left out."""
    line = " ".join(on_one_line(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def on_one_line(text: str) -> str:
    """Return a text with a blank for each character that ends a line or that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def moment(at: datetime, language: str) -> str:
    """Return a moment as people write it: `20 November 2026, 14:05`."""
    if language == "ko":
        return f"{at.year}년 {at.month}월 {at.day}일 {at:%H:%M}"
    return f"{at.day} {render(Phrase(f'month.{at.month}'), language)} {at.year}, {at:%H:%M}"


def _listed(parts: list[str], language: str) -> str:
    if language == "ko" or len(parts) < 2:
        return ", ".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def size(size_bytes: int, language: str = "en") -> str:
    """Return a size as people say it: `2.3 MB`, `812 bytes`, `812바이트`."""
    if size_bytes < 1000 and language == "ko":
        return f"{size_bytes}바이트"
    if size_bytes == 1:
        return "1 byte"
    amount, unit = float(size_bytes), 0
    while amount >= 999.5 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 9.95 else f"{amount:.1f} {UNITS[unit]}"
