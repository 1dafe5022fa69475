"""A browser as a member of the household uses it, and what must hold on every page that it sees.

`Browser` opens pages as somebody with a phone or a desk, a language and a theme; `Seen` is one open page. Whatever the
browser complains of (a script error, a refused resource) fails the test that saw it. Refuses to wait for a time.
"""

from __future__ import annotations

import contextlib
import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright import sync_api

from tests.programs import require_program

PASSWORD = "가나다 raindrop 7"
PHONE, DESK = (390, 844), (1280, 900)
SERIOUS = ("serious", "critical")
AXE = importlib.resources.files("axe_playwright_python") / "axe.min.js"


@dataclass
class Seen:
    """One open page of a signed-in person or a guest."""

    page: sync_api.Page
    url: str  # of the house, with the slash
    has_script: bool = True
    complaints: list[str] = field(default_factory=list)

    def visit(self, path: str) -> Seen:
        """Go to a path of the house, and wait until it is there."""
        self.page.goto(self.url + path.lstrip("/"))
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> Seen:
        """Come in by the page that asks for name and password."""
        self.visit("/sign-in")
        self.page.locator("input[name=name]").fill(name)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("form button").click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self

    @property
    def heading(self) -> str:
        """The one sentence of the page."""
        return self.page.locator("h1").inner_text()

    def check(self) -> None:
        """Assert what holds on every page: nothing serious for axe, nothing wider than the screen, no complaint."""
        if self.has_script:  # axe waits by timers, and without script none ever ends
            assert self.serious() == [], self.page.url
        assert self.too_wide() <= 0, f"{self.page.url} is {self.too_wide()} px wider than the screen"
        assert self.page.locator("h1").count() == 1, self.page.url
        assert self.complaints == []

    def too_wide(self) -> int:
        """Return by how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def serious(self) -> list[str]:
        """Return what axe-core calls serious or worse about the open page."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {each['help']} {[node['html'][:200] for node in each['nodes']]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
        ]


@dataclass(frozen=True, slots=True)
class Browser:
    """Chromium, and the house that it looks at."""

    chromium: sync_api.Browser
    url: str

    @contextlib.contextmanager
    def open(
        self,
        *,
        size: tuple[int, int] = DESK,
        language: Literal["en", "ko"] = "en",
        theme: Literal["light", "dark"] = "light",
        script: bool = True,
        agent: str | None = None,
    ) -> Iterator[Seen]:
        """Give a window of a new visitor, without cookies."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            color_scheme=theme,
            java_script_enabled=script,
            user_agent=agent,
            reduced_motion="reduce",
        )
        seen = Seen(context.new_page(), self.url, has_script=script)
        seen.page.on("console", lambda message: _listen(seen, message))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        try:
            yield seen
        finally:
            context.close()


def _listen(seen: Seen, message: sync_api.ConsoleMessage) -> None:
    """A status above 400 is told by the console as well, and is the page's own business."""
    if message.type == "error" and "Failed to load resource" not in message.text:
        seen.complaints.append(message.text)


def chromium_path() -> str:
    """Return where Debian's Chromium is, or say that it is missing."""
    return require_program("chromium")


@contextlib.contextmanager
def chromium() -> Iterator[sync_api.Browser]:
    """Give a running Chromium."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def shoot(seen: Seen, into: Path, name: str) -> Path:
    """Write a picture of the whole page and return where it is."""
    into.mkdir(parents=True, exist_ok=True)
    target = into / f"{name}.png"
    seen.page.screenshot(path=target, full_page=True)
    return target
