"""A walk through the whole house without script, by every link from the first page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright import sync_api

from tests.pages.browsing import Browser
from tests.pages.every import Lived, lived_in

MOST_PAGES = 150
MOST_OF_A_KIND = 2  # pages that one view shows: of forty contacts two are looked at
# What a page has, judged in the page: a list of what is missing.
JUDGE = """
() => {
  const missing = [];
  const need = (is, said) => { if (!is) missing.push(said); };
  need(document.querySelectorAll("h1").length === 1, "one heading of the first rank");
  need(document.title.trim(), "a title");
  need(document.documentElement.lang, "a language");
  need(document.querySelectorAll("main").length === 1, "one main part");
  const skip = document.querySelector("a.skip");
  need(skip && document.querySelector(skip.getAttribute("href")), "a skip link that leads somewhere");
  document.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((field) => {
    const said = field.getAttribute("aria-label") || [...(field.labels || [])].map((each) => each.textContent).join("");
    need(said.trim(), `a label on ${field.outerHTML.slice(0, 80)}`);
  });
  document.querySelectorAll("a[href], button").forEach((act) => {
    const said = act.getAttribute("aria-label") || act.textContent + [...act.querySelectorAll("img")].map((i) => i.alt);
    need(said.trim(), `a word on ${act.outerHTML.slice(0, 80)}`);
  });
  return missing;
}
"""
LINKS = """
() => [...document.querySelectorAll("main a[href], .rail a[href]")].map(
  (each) => new URL(each.getAttribute("href"), location).href)
"""


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """The family's house after some weeks."""
    with lived_in() as there:
        yield there


@pytest.mark.parametrize("name", ["hajun", "mina"])
def test_every_link_leads_to_a_whole_page_without_script(name: str, lived: Lived, chrome: sync_api.Browser) -> None:
    with Browser(chrome, lived.house.url).open(script=False) as seen:
        seen.sign_in(name)
        wanting, known, kinds = [lived.house.url], {lived.house.url}, dict[str, int]()
        found: list[str] = []
        looked = 0
        while wanting and looked < MOST_PAGES:
            address = wanting.pop(0)
            kind = _kind(address)
            if kinds.get(kind, 0) >= MOST_OF_A_KIND:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            looked += 1
            answer = seen.page.request.get(address)
            if answer.status >= 400:
                found.append(f"{address} answers {answer.status}")
            elif "text/html" in answer.headers["content-type"]:
                seen.page.goto(address)
                found += [f"{address}: {missing}" for missing in seen.page.evaluate(JUDGE)]
                fresh = {urldefrag(link)[0] for link in seen.page.evaluate(LINKS)} - known
                known |= fresh
                wanting += sorted(link for link in fresh if link.startswith(lived.house.url))
        assert not found, "\n".join(found)
        assert looked > 40


def _kind(address: str) -> str:
    """Return what pages have in common that are shown by one view: the first word of the path, and how it is asked."""
    parts = urlsplit(address)
    first, *others = parts.path.strip("/").split("/")
    asked = ",".join(sorted(each.partition("=")[0] for each in parts.query.split("&") if each))
    return f"{first}/{min(len(others), 3)}?{asked}"
