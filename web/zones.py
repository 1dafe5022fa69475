"""The time zones that a household can choose from, by region, each by its city in the reader's language.

Old names of a zone are left out; one that a household has already stays known to it. Refuses to guess from an address.
"""

from __future__ import annotations

import importlib.resources
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask_babel import LazyString, lazy_gettext

REGIONS: Mapping[str, LazyString] = {
    "Africa": lazy_gettext("Africa"),
    "America": lazy_gettext("America"),
    "Antarctica": lazy_gettext("Antarctica"),
    "Asia": lazy_gettext("Asia"),
    "Atlantic": lazy_gettext("Atlantic Ocean"),
    "Australia": lazy_gettext("Australia"),
    "Europe": lazy_gettext("Europe"),
    "Indian": lazy_gettext("Indian Ocean"),
    "Pacific": lazy_gettext("Pacific Ocean"),
}
UNSET = "UTC"  # what a box has that nobody told where it is
MOST_NEAR = 12
_OF_LANGUAGE: Mapping[str, str] = {"ko": "Asia/Seoul"}


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone, and how it is called: its city and its country."""

    name: str
    shown: str


def by_region(language: str) -> list[tuple[LazyString, Sequence[Zone]]]:
    """Return every region with its zones, each in the order of the alphabet."""
    listed = _by_region(language)
    return [(word, listed[region]) for region, word in REGIONS.items()]


def near(known: str, language: str, wanted: Iterable[str]) -> list[Zone]:
    """Return the few zones that are likely: the chosen one, and those of the country that a browser speaks of."""
    names = [known, *(name for name in _in(_country(wanted)) if name != known)]
    return [Zone(name, shown(name, language)) for name in names[:MOST_NEAR]]


def likely(known: str, language: str, wanted: Iterable[str]) -> str:
    """Return the zone to begin with: the box's own, else that of the browser's country, else that of the language."""
    if known != UNSET:
        return known
    there = _in(_country(wanted))
    return there[0] if len(there) == 1 else _OF_LANGUAGE.get(language, known)


@cache
def shown(name: str, language: str) -> str:
    """Return what a zone is called: Asia/Seoul is Seoul, South Korea; 서울, 대한민국."""
    locale = Locale.parse(language)
    known = locale.time_zones
    city = next((known[each]["city"] for each in (name, *_old_names(name)) if "city" in known.get(each, {})), None)
    plain = name.partition("/")[2].replace("_", " ").replace("/", ", ") or name
    country = locale.territories.get(get_global("zone_territories").get(name, ""), "")
    told = str(city or plain)
    return told if country in ("", told) else f"{told}, {country}"


@cache
def _by_region(language: str) -> Mapping[str, Sequence[Zone]]:
    found: dict[str, list[Zone]] = {region: [] for region in REGIONS}
    for name in _names():
        found[name.partition("/")[0]].append(Zone(name, shown(name, language)))
    return {region: tuple(sorted(listed, key=lambda each: each.shown)) for region, listed in found.items()}


@cache
def _names() -> tuple[str, ...]:
    listed = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    old = get_global("zone_aliases")
    return tuple(name for name in listed if name.partition("/")[0] in REGIONS and name not in old)


def _old_names(name: str) -> Sequence[str]:
    return _all_old_names().get(name, ())


@cache
def _all_old_names() -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for old, name in get_global("zone_aliases").items():
        found[name].append(old)
    return found


def _country(wanted: Iterable[str]) -> str:
    """Return the country that a browser's languages name first, empty: none."""
    for each in wanted:
        try:
            territory = Locale.parse(each, sep="-").territory
        except (ValueError, UnknownLocaleError):
            continue
        if territory:
            return str(territory)
    return ""


def _in(country: str) -> list[str]:
    territories = get_global("zone_territories")
    return [name for name in _names() if country and territories.get(name) == country]
