"""The main pages by keyboard alone: Tab reaches every act and shows it, and the keys do what the pages say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright import sync_api

from tests.pages.browsing import Browser, Seen
from tests.pages.every import Lived, lived_in


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """The family's house after some weeks."""
    with lived_in() as there:
        yield there


@pytest.mark.parametrize("name", ["today", "timeline", "book", "history", "folder"])
def test_every_act_is_reached_by_tab_and_shows_it(name: str, lived: Lived, chrome: sync_api.Browser) -> None:
    with Browser(chrome, lived.house.url).open() as seen:
        seen.sign_in("mina").visit(lived.pages[name])
        wanted = seen.page.locator("main :is(a[href], button, summary, input:not([type=hidden]), select)")
        count = sum(each.is_visible() and each.is_enabled() for each in wanted.all())
        reached = set[str]()
        for _ in range(count + 30):
            seen.page.keyboard.press("Tab")
            where = seen.page.evaluate(FOCUS)
            if where is None:
                break
            assert where["shown"], where
            if where["inside"]:
                reached.add(where["number"])
        assert len(reached) >= count


# Which element has the focus, whether it can be seen there, and whether it is one of the page's own.
FOCUS = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  window.numbered = window.numbered || new Map();
  if (!window.numbered.has(here)) window.numbered.set(here, window.numbered.size);
  const around = here.closest(".chip, .use, .choice") || here;
  const style = [here, around].map((each) => getComputedStyle(each));
  const shown = style.some((each) => each.outlineStyle !== "none" && parseFloat(each.outlineWidth) >= 2);
  return { shown, inside: here.closest("main") !== null && here.tagName !== "MAIN",
           number: window.numbered.get(here), said: here.outerHTML.slice(0, 100) };
}
"""


def test_the_keys_do_what_the_page_says(lived: Lived, chrome: sync_api.Browser) -> None:
    with Browser(chrome, lived.house.url).open() as seen:
        seen.sign_in("mina").visit(lived.pages["book"])
        seen.page.keyboard.press("/")
        assert _focused(seen, "el => el.type") == "search"
        seen.visit(lived.pages["book"]).page.keyboard.press("ArrowDown")
        first = _focused(seen, "el => el.href")
        seen.page.keyboard.press("ArrowDown")
        assert _focused(seen, "el => el.href") not in (first, None)
        seen.page.keyboard.press("ArrowUp")
        assert _focused(seen, "el => el.href") == first
        seen.page.keyboard.press("h")
        seen.page.wait_for_url("**/timeline?**")
        seen.visit(lived.pages["past-book"]).page.keyboard.press("Escape")
        seen.page.wait_for_url(lambda url: "/at/" not in url)
        seen.visit(lived.pages["folder"]).page.get_by_text("More…").click()
        seen.page.keyboard.press("Escape")
        assert seen.page.locator("details[open]").count() == 0
        assert "/files/" in seen.page.url


def _focused(seen: Seen, ask: str) -> str:
    return str(seen.page.evaluate(f"({ask})(document.activeElement)"))
