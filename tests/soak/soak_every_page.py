"""Every page at four widths, light and dark, in both languages: nothing serious for axe, nothing wider than the screen.

Nor does a script complain, and no word is of the other language.

A page is loaded once for each language; widths and themes are turned while it is open. Refuses to stop at the first
fault: all that were found are told together.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright import sync_api

from tests.pages.browsing import Browser, Seen, chromium
from tests.pages.every import GUESTS, lived_in
from tests.pages.speaking import speak
from tests.pages.words_left import left_over
from tests.soak.conftest import Note

WIDTHS = {320: 640, 390: 844, 1280: 900, 3840: 2160}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# axe takes a second: each page, width and theme has its turn once, in one of the languages
ASKED = {"ko": {("light", 390), ("dark", 1280)}, "en": {("dark", 390), ("light", 1280)}}


@pytest.fixture(scope="module")
def chrome() -> Iterator[sync_api.Browser]:
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_is_whole_at_any_width_in_both_themes(
    language: Literal["en", "ko"], chrome: sync_api.Browser, note: Note
) -> None:
    began, faults = time.monotonic(), []
    with lived_in(language) as lived, Browser(chrome, lived.house.url).open(language=language) as seen:
        for name, address in GUESTS.items():
            faults += [f"{name}: {fault}" for fault in _faults(seen.visit(address), language)]
        speak(seen.sign_in("mina"), language)
        for name, address in lived.pages.items():
            faults += [f"{name}: {fault}" for fault in _faults(seen.visit(address), language)]
    assert not faults, "\n".join(faults)
    note(
        f"every page, {language}",
        f"{len(GUESTS) + len(lived.pages)} pages, {len(WIDTHS)} widths, {len(THEMES)} themes",
        f"nothing serious, nothing too wide, no foreign word, {time.monotonic() - began:.0f} s",
    )


def _faults(seen: Seen, language: Literal["en", "ko"]) -> list[str]:
    """Return everything that is wrong with the open page."""
    found = [f"“{said}”" for said in left_over(seen, language)]
    if seen.page.locator("h1").count() != 1:
        found.append(f"{seen.page.locator('h1').count()} headings of the first rank")
    for theme in THEMES:
        seen.page.emulate_media(color_scheme=theme)
        for width, height in WIDTHS.items():
            seen.page.set_viewport_size({"width": width, "height": height})
            beyond = seen.too_wide()
            found += [f"{beyond} px wider than {width} px"] if beyond > 0 else []
            if (theme, width) in ASKED[language]:
                found += [f"{theme}, {width} px: {said}" for said in seen.serious()]
    found += seen.complaints
    seen.complaints.clear()
    return found
