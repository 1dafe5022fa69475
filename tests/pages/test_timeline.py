"""The timeline: a mass deletion is one line and one shape, and every line leads to the place as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from tests.pages.browsing import DESK, PHONE, Browser
from tests.pages.family import Family, card, event
from tests.pages.speaking import speak
from tests.serving import House, serving

HERS, HIS = "addressbooks/mina/contacts", "addressbooks/dad/contacts"
VIEWS = [
    pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
    pytest.param(DESK, "en", "light", id="desk-en-light"),
]


def _live(family: Family) -> None:
    """Mina writes a little now and then; Dad's phone deletes 212 contacts, and nobody shares anything."""
    mina, dad = family.phone("mina", "민아 갤럭시"), family.phone("dad", "Dad's iPhone")
    for number in range(230):
        dad.put(f"{HIS}/{number}.vcf", card(f"d{number}", f"김철수 {number}"))
    for number in range(60):
        family.clock.forward(hours=12)
        mina.put(f"{HERS}/{number}.vcf", card(f"m{number}", f"이영희 {number}"))
    mina.put(f"{HERS}/0.vcf", card("m0", "이영희 0", note="현관 4711"))
    mina.ask("MKCOL", "files/mina/trip")
    mina.put("files/mina/trip/a.txt", "one").put("files/mina/trip/b.txt", "two").delete("files/mina/trip/")
    mina.put("calendars/mina/calendar/a.ics", event("a", "치과", datetime.now(UTC)))
    mina.ask("PUT", f"{HERS}/1.vcf", card("m1", "늦은 수정").encode(), {"if-match": '"an older one"'})
    family.clock.at = datetime.now(UTC) - timedelta(hours=2)
    for number in range(212):
        dad.delete(f"{HIS}/{number}.vcf")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house after that."""
    data = tmp_path_factory.mktemp("timeline") / "data"
    family = Family(data)
    _live(family)
    family.close()
    with serving(data) as running:
        yield running


@pytest.mark.parametrize(("size", "language", "theme"), VIEWS)
def test_a_mass_deletion_is_one_line_and_one_shape(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("dad")
        speak(seen, language)
        seen.visit("/timeline").check()
        first = seen.page.locator("main .ledger > li").first
        said = {"en": "Dad's iPhone deleted 212 contacts", "ko": "Dad's iPhone이 연락처 212개를 지웠습니다"}[language]
        assert said in first.inner_text()
        assert first.locator(".tag.look").count() == 1
        assert (seen.page.locator("svg text.burst").text_content() or "").startswith("− 212, Dad's iPhone")
        assert seen.page.locator("main .act.return").count() == 1  # one filled act in a view
        first.locator("summary").click()
        assert first.locator("details li").count() == 13  # twelve of them, and how many more
        seen.check()


def test_the_time_in_the_margin_leads_to_the_place_just_before(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("dad").visit(f"/timeline?address={HIS}")
        seen.page.locator(".when a").first.click()
        seen.page.wait_for_url(re.compile(r"/at/seq-\d+/" + HIS))
        assert seen.page.locator("body.then").count() == 1
        assert "212" not in seen.heading


def test_two_clicks_lead_from_the_deletion_to_what_taking_it_back_does(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad").visit("/timeline")
        seen.page.locator("main .act.return").click()
        seen.page.wait_for_url(re.compile(r"/rewind/\d+\?since=seq-\d+"))
        assert "212" in seen.page.locator("main").inner_text()


def test_a_day_of_the_picture_and_the_table_lead_to_that_day(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/timeline")
        seen.page.get_by_text("As a table").click()
        row = seen.page.locator(".plain-table tbody a").nth(3)
        day = re.search(r"day=([\d-]+)", row.get_attribute("href") or "")
        assert day is not None
        row.click()
        seen.page.wait_for_url(re.compile("day="))
        assert seen.page.locator("h2.day").first.get_attribute("id") == f"d{day[1]}"
        seen.check()


def test_pages_follow_each_other_and_nothing_is_told_twice(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/timeline?kind=contacts")
        told: list[str] = []
        while True:
            told += seen.page.locator("main .ledger > li .what p").all_inner_texts()
            earlier = seen.page.locator("a[data-earlier]")
            if not earlier.count():
                break
            seen.visit(earlier.get_attribute("href") or "")
        added = [text for text in told if text.startswith("민아 갤럭시 added the contact 이영희")]
        assert len(added) == len(set(added)) == 60


def test_it_can_be_narrowed_and_widened_again(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/timeline")
        seen.page.get_by_role("link", name="Only files").click()
        seen.page.wait_for_url(re.compile("kind=files"))
        texts = seen.page.locator("main .ledger > li").all_inner_texts()
        assert texts
        assert all("trip" in text or "file" in text for text in texts)
        assert any("deleted the folder trip with 2 files" in text and "Take back…" in text for text in texts)
        seen.page.get_by_role("link", name="Only files").click()
        seen.page.get_by_role("link", name="재호", exact=True).click()
        seen.page.wait_for_url(re.compile("person=dad"))
        assert seen.heading == "What 재호 did"
        seen.check()


def test_a_thing_has_its_own_history(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(f"/timeline?address={HERS}/0.vcf")
        seen.check()
        assert seen.heading == "What happened to 이영희 0"
        lines = seen.page.locator("main .ledger > li").all_inner_texts()
        assert len(lines) == 2
        assert "현관 4711" in lines[0]
        assert seen.page.locator("main .graph").count() == 0


def test_what_others_have_is_not_told(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")  # she administrates the house
        for address in (f"/timeline?address={HIS}", f"/timeline?address={HIS}/0.vcf", "/timeline?address=files/dad"):
            answer = seen.page.goto(seen.url + address.lstrip("/"))
            assert answer is not None
            assert answer.status == 404
        for path in ("/timeline", "/timeline?person=dad", "/timeline?device=2"):
            assert "김철수" not in seen.visit(path).page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param("day=yesterdayish", 400, id="no-day"),
        pytest.param("before=1;drop", 400, id="no-number"),
        pytest.param("kind=everything", 400, id="no-kind"),
        pytest.param("device=99999", 404, id="no-device"),
        pytest.param("device=%F0%9F%98%80", 404, id="no-device-at-all"),
        pytest.param("person=nobody", 404, id="nobody"),
        pytest.param("address=secrets/mina", 404, id="no-tree"),
    ],
)
def test_what_cannot_be_read_never_means_everything(browser: Browser, asked: str, status: int) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        answer = seen.page.goto(f"{seen.url}timeline?{asked}")
        assert answer is not None
        assert answer.status == status
        seen.check()


def test_where_nothing_happened_it_says_what_would_be_here(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun").visit("/timeline?kind=files")
        assert seen.page.locator(".empty .voice").inner_text() == "Nothing happened here yet."
        seen.check()
