"""How values are shown in templates: moments, sizes, counts, persons, in the visitor's zone and language."""

from __future__ import annotations

from datetime import date, datetime

from babel.numbers import format_decimal

from appliance import korean
from appliance.household.people import Person
from web import language
from web.endings import icon_of
from web.visitor import visitor

GLAZES = 6


def full(moment: datetime) -> str:
    """Return date and time as people say them."""
    return language.full(moment, visitor().zone, visitor().language)


def short(moment: datetime) -> str:
    """Return a moment as short as it stays clear."""
    return language.short(moment, visitor().zone, visitor().language, now=visitor().now)


def clock(moment: datetime) -> str:
    """Return the time of day."""
    return language.clock(moment, visitor().zone)


def day(moment: datetime) -> str:
    """Return the date with its weekday."""
    return language.weekday(moment.astimezone(visitor().zone), visitor().language)


def short_day(moment: date) -> str:
    """Return a day as short as below a picture."""
    return language.short_day(moment, visitor().language)


def ago(moment: datetime) -> str:
    """Return how long ago, below a day, and the moment otherwise."""
    return language.ago(moment, visitor().zone, visitor().language, now=visitor().now)


def iso(moment: datetime) -> str:
    """Return what stands in `datetime`, to the second, in the household's zone."""
    return moment.astimezone(visitor().zone).isoformat(timespec="seconds")


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return str(format_decimal(count, locale=visitor().language))


def size(size_bytes: int) -> str:
    """Return a size as disks are sold."""
    return language.size(size_bytes, visitor().language)


def jar_letter(person: Person) -> str:
    """Return what stands on a person's jar: the first syllable of the given name.

    A Korean name of two to four syllables without a space begins with the family's.
    """
    shown = person.display_name.strip()
    syllables = all(0xAC00 <= ord(sign) <= 0xD7A3 for sign in shown)
    if syllables and 2 < len(shown) <= 4:
        return shown[-2]
    return shown[:1].upper()


def glaze(person: Person) -> int:
    """Return which glaze, 1 to 6, a person's jar has: always the same."""
    return person.id % GLAZES + 1


FILTERS = {
    "full": full,
    "short": short,
    "clock": clock,
    "day": day,
    "short_day": short_day,
    "ago": ago,
    "iso": iso,
    "number": number,
    "size": size,
    "particle": korean.particle,
    "file_icon": icon_of,
    "jar_letter": jar_letter,
    "glaze": glaze,
}
