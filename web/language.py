"""Words in the reader's language: catalogues read from text when the house opens, dates as people say them, sizes.

Every sentence is English in code and templates; `translations/<language>/*.po` hold the others, a file for each page
or group of pages. There is no build step: the files are read once, at the start.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import dates
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

LANGUAGES = ("en", "ko")
TRANSLATIONS = Path(__file__).parent / "translations"
NBSP = "\N{NO-BREAK SPACE}"


class Catalogues(Domain):  # type: ignore[misc]  # flask_babel has no types
    """The catalogues of all languages; English is what stands in the code."""

    def __init__(self) -> None:
        super().__init__()
        self._of: dict[str, NullTranslations] = {
            language: _translations(read_catalogue(language)) for language in LANGUAGES if language != "en"
        }

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language; Flask-Babel asks for it with each sentence."""
        return self._of.get(language(), _ENGLISH)


_ENGLISH = NullTranslations()


def read_catalogue(language: str) -> Catalog:
    """Return everything that is translated into a language, from all its files; a sentence may stand in one only."""
    whole = Catalog(locale=language)
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    if whole.get(message.id, message.context) is not None:
                        raise ValueError(f"{path.name} translates {message.id!r} a second time")
                    whole[message.id] = message
    return whole


def _translations(catalogue: Catalog) -> Translations:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """Return the language of this request, ko or en."""
    locale = get_locale()
    return str(locale.language) if locale is not None else "en"


# --- moments ----------------------------------------------------------------------------------------


def day(moment: date, language: str) -> str:
    """Return a date as people say it: 2 October 2026, 2026년 10월 2일."""
    return dates.format_date(moment, "yyyy년 M월 d일" if language == "ko" else "d MMMM yyyy", locale=language)


def day_of_year(moment: date, language: str) -> str:
    """Return a day without its year: 2 October, 10월 2일."""
    return dates.format_date(moment, "M월 d일" if language == "ko" else "d MMMM", locale=language)


def short_day(moment: date, language: str) -> str:
    """Return a day as short as below a picture: 2 Oct, 10월 2일."""
    return dates.format_date(moment, "M월 d일" if language == "ko" else "d MMM", locale=language)


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return the time of day: 09:12."""
    return moment.astimezone(zone).strftime("%H:%M")


def full(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Return date and time: 2 October 2026, 09:12; 2026년 10월 2일 09:12."""
    comma = "" if language == "ko" else ","
    return f"{day(moment.astimezone(zone), language)}{comma} {clock(moment, zone)}"


def short(moment: datetime, zone: ZoneInfo, language: str, *, now: datetime) -> str:
    """Return a moment as short as it stays clear: 14:05 today, 9 Nov 20:14 this year, 9 Nov 2024 before."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return clock(moment, zone)
    this_year = local.year == today.year
    if language == "ko":
        pattern = "M월 d일" if this_year else "yyyy년 M월 d일"
    else:
        pattern = "d MMM" if this_year else "d MMM yyyy"
    said = dates.format_date(local, pattern, locale=language)
    return f"{said} {clock(moment, zone)}" if this_year else said


def weekday(moment: date, language: str) -> str:
    """Return a date with its weekday: Monday 23 November 2026, 2026년 11월 23일 월요일."""
    pattern = "yyyy년 M월 d일 EEEE" if language == "ko" else "EEEE d MMMM yyyy"
    return dates.format_date(moment, pattern, locale=language)


def ago(moment: datetime, zone: ZoneInfo, language: str, *, now: datetime) -> str:
    """Return how long ago a moment was when that is less than a day, and the moment itself otherwise."""
    passed = now - moment
    if passed < timedelta(minutes=1) and passed > timedelta(minutes=-1):
        return "방금" if language == "ko" else "just now"
    if timedelta(0) < passed < timedelta(days=1):
        return dates.format_timedelta(-passed, add_direction=True, threshold=1, locale=language)
    return short(moment, zone, language, now=now)


def size(size_bytes: int, language: str = "en") -> str:
    """Return a size as disks are sold: 214 GB, 3.4 MB, 812 bytes, 812바이트."""
    if size_bytes < 1000 and language == "ko":
        return f"{size_bytes}바이트"
    amount = float(size_bytes)
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            shown = f"{amount:.1f}" if amount < 10 and unit != "bytes" and amount != int(amount) else f"{amount:.0f}"
            return f"{shown}{NBSP}{unit}"
        amount /= 1000
    raise AssertionError


def best_language(wanted: Iterable[str], otherwise: str) -> str:
    """Return the first language of ours that a browser wants (RFC 9110 12.5.4), else the household's."""
    for each in wanted:
        spoken = each.partition("-")[0].lower()
        if spoken in LANGUAGES:
            return spoken
    return otherwise
