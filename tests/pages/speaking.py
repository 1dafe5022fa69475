"""A member chooses the language of the pages, as a person does. Refuses to write it into the data."""

from __future__ import annotations

from typing import Literal

from tests.pages.browsing import Seen


def speak(seen: Seen, language: Literal["en", "ko"]) -> None:
    """Let the pages speak a language to whoever is signed in."""
    seen.visit("/you")
    seen.page.locator(f"input[name=language][value={language}]").check(force=True)
    seen.page.locator("form[action='/you'] button").click()
    seen.page.wait_for_load_state()
