"""Bringing in a file of ten thousand: an answer at once, progress, a browser that is closed, power that is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from tests.journeys.killing import kill
from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, card
from tests.pages.speaking import speak
from tests.serving import House, serving

BOOK = "addressbooks/mina/contacts"
MANY = 20_000
SLOW = 120_000  # milliseconds: others use the machine as well


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The family's house, with nothing in it."""
    Family(tmp_path / "data", days_ago=1).close()
    with serving(tmp_path / "data") as running:
        yield running


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of many contacts."""
    file = tmp_path / "old phone.vcf"
    entries = (card(f"n{number}", f"Friend {number}", tel=f"010-{number:08d}") for number in range(MANY))
    file.write_text("".join(entries), encoding="utf-8")
    return file


def look(seen: Seen, file: Path) -> None:
    """Choose the file, and wait for what would come of it."""
    seen.visit(f"/bring/{BOOK}").page.set_input_files("input[type=file]", file)
    seen.page.locator("form.sheet-form button").click()
    seen.page.wait_for_url("**/brought/**")
    assert seen.heading.startswith("What old phone.vcf would bring into")
    expect(seen.page.locator("progress")).to_have_count(1)  # an answer before it was read
    seen.check()
    expect(seen.page.locator("#look .counts b").first).to_have_text("20,000", timeout=SLOW)  # and the rest by itself
    seen.check()


def test_a_large_file_is_read_and_brought_in_behind_pages_that_tick(browser: Browser, large: Path) -> None:
    with browser.open(size=PHONE) as first:
        first.sign_in("mina")
        look(first, large)
        first.page.get_by_role("button", name="Bring 20,000 in").click()
        first.page.wait_for_url("**/receipt/*")
        assert first.heading == "It is being brought in."
        first.check()
        receipt = first.page.url.removeprefix(first.url)
    with browser.open(size=DESK, theme="dark") as again:  # the browser was closed
        again.sign_in("mina").visit(receipt)
        expect(again.page.locator("h1")).to_have_text("20,000 contacts came in.", timeout=SLOW)
        again.check()
        speak(again, "ko")
        assert again.visit(receipt).heading == "연락처 20,000개가 들어왔습니다."


def test_power_that_is_cut_costs_nothing_and_the_receipt_goes_on(
    chrome: sync_api.Browser, tmp_path: Path, large: Path
) -> None:  # fmt: skip
    Family(tmp_path / "data", days_ago=1).close()
    with serving(tmp_path / "data") as house, Browser(chrome, house.url).open() as seen:
        seen.sign_in("mina")
        look(seen, large)
        seen.page.get_by_role("button", name="Bring 20,000 in").click()
        seen.page.wait_for_url("**/receipt/*")
        receipt = seen.page.url.removeprefix(house.url)
        kill(house)
    with serving(tmp_path / "data") as house, Browser(chrome, house.url).open(size=PHONE) as seen:
        seen.sign_in("mina")
        assert seen.visit(receipt).heading == "It is not all in yet."
        seen.check()
        with Browser(chrome, house.url).open() as dad:
            dad.sign_in("dad")
            token = dad.visit("/you").page.locator("input[name=form_token]").first.input_value()
            forms: list[tuple[dict[str, str | float | bool], int]] = [({"form_token": token}, 404), ({}, 403)]
            for form, status in forms:
                assert dad.page.request.post(f"{house.url}{receipt}/go-on", form=form).status == status
        seen.page.get_by_role("button", name="Go on").click()
        expect(seen.page.locator("h1")).to_have_text("20,000 contacts came in.", timeout=SLOW)  # in one batch, once
        seen.visit("/contacts/mina/contacts")
        assert "20,000" in seen.page.locator("main").inner_text()
        assert list((tmp_path / "data" / "uploads").iterdir()) == []
