"""What a member chooses for their own eyes, as they do it on the pages."""

from __future__ import annotations

import re

from tests.pages.browsing import Seen


def speak_korean(seen: Seen) -> None:
    """Let the pages speak Korean to who is signed in."""
    seen.visit("/you")
    seen.page.get_by_text("한국어").click()
    with seen.page.expect_navigation():
        seen.page.get_by_role("button", name=re.compile("^(Save|저장)$")).first.click()
