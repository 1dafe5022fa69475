"""The calendar in a browser: a month, its agenda, hidden calendars, what was deleted, one event, its octets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.pages import diaries
from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family
from tests.serving import House, serving

MONTH = datetime(2026, 11, 1)
DAY = "/calendar?day=2026-11-24"
Language = Literal["en", "ko"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of a family with an autumn full of appointments."""
    data = tmp_path_factory.mktemp("calendars") / "data"
    family = Family(data, days_ago=3)
    diaries.fill(family, MONTH)
    family.close()
    with serving(data) as running:
        yield running


def line(seen: Seen, title: str) -> Locator:
    return seen.page.locator(".agenda-lines > li", has_text=title)


def enter(seen: Seen, language: Language = "en") -> None:
    """Come in as Mina, and be spoken to in a language, whatever an earlier test chose."""
    seen.sign_in("mina")
    if seen.page.locator("html").get_attribute("lang") != language:
        seen.visit("/you")
        seen.page.locator(f"input[name=language][value={language}]").check(force=True)
        seen.page.locator("form[action='/you'] button").click()
        seen.page.wait_for_load_state()


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
        pytest.param(DESK, "en", "light", id="desk-en-light"),
    ],
)
def test_a_month_and_the_agenda_of_a_day(
    browser: Browser, size: tuple[int, int], language: Language, theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        enter(seen, language)
        seen.visit(DAY)
        assert seen.heading == {"en": "November 2026", "ko": "2026년 11월"}[language]
        first = seen.page.locator(".weekdays li").first.inner_text()
        assert first == {"en": "Mon", "ko": "일"}[language]  # weeks begin where the reader is at home
        shown = seen.page.locator(".agenda-lines").first.locator(".name").all_inner_texts()
        plain = [
            text.replace("Done:", "").replace("To do:", "").replace("끝냄:", "").replace("할 일:", "") for text in shown
        ]
        assert sorted(map(str.strip, plain[:3])) == ["전기 요금", "하준 생일", "항아리 닦기"]  # whole days first
        assert list(map(str.strip, plain[3:])) == ["치과", "학부모 모임", "온 식구 저녁"]
        assert "깜짝 선물" not in seen.page.content()  # it is Dad's
        seen.check()
        seen.visit("/calendar?as=list&month=2026-11&first=0")
        assert line(seen, "김장").count() == 4  # on each of its days
        seen.check()


def test_a_long_event_is_one_bar_in_each_week_and_what_finds_no_room_is_counted(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        seen.visit(DAY)
        bars = seen.page.locator(".laid-out", has_text="김장").all()
        widths = sorted(round(bar.bounding_box()["width"]) for bar in bars)  # type: ignore[index]  # they are drawn
        cell = seen.page.locator(".day-cell").first.bounding_box()
        assert cell is not None
        assert [round(width / cell["width"]) for width in widths] == [1, 3]  # Friday to Sunday, then Monday
        assert seen.page.locator(".day-cell", has_text="+4").locator(".day-number").inner_text() == "18"


def test_arrows_turn_months_and_the_day_of_another_month_leads_there(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        seen.visit(DAY)
        seen.page.keyboard.press("ArrowRight")
        expect(seen.page.locator("h1")).to_have_text("December 2026")
        seen.page.keyboard.press("ArrowLeft")
        expect(seen.page.locator("h1")).to_have_text("November 2026")
        seen.page.locator(".day-cell.beside").first.click()
        expect(seen.page.locator("h1")).to_have_text("October 2026")
        expect(seen.page.locator(".agenda h2").first).to_contain_text("26 October")


def test_a_hidden_calendar_stays_hidden_by_the_address(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        enter(seen)
        seen.visit(DAY)
        seen.page.locator("a.chip.shows", has_text="Tasks").click()
        assert line(seen, "전기 요금").count() == 0
        assert line(seen, "치과").count() == 1
        assert "without=mina/tasks" in seen.page.url.replace("%2F", "/")
        seen.page.locator("[data-later]").click()
        assert "off" in (seen.page.locator("a.chip.shows", has_text="Tasks").get_attribute("class") or "")
        seen.page.locator("[data-earlier]").click()
        seen.page.locator("a.chip.shows", has_text="Tasks").click()
        assert "without" not in seen.page.url


def test_one_event_says_when_where_who_and_how_often(browser: Browser) -> None:
    with browser.open(size=PHONE, language="ko") as seen:
        enter(seen, "ko")
        seen.visit("/calendar/mina/calendar/violin.ics")
        assert seen.heading == "바이올린"
        text = seen.page.locator(".says").first.inner_text()
        for said in ("매주 월요일, 수요일", "음악실", "재호", "참석", "15분 전", "활과 송진\n악보는 파란 가방"):
            assert said in text
        seen.check()
    with browser.open() as seen:
        enter(seen)
        seen.visit("/calendar/mina/calendar/violin.ics")
        assert "Every week on Monday, Wednesday" in seen.page.locator(".says").first.inner_text()
        seen.page.locator("details.quiet summary").click()
        assert "x-color-hint" in seen.page.locator("details.quiet").inner_text()


def test_an_event_and_a_calendar_are_downloaded_as_they_are(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        seen.visit("/calendar/mina/calendar/dentist.ics")
        with seen.page.expect_download() as download:
            seen.page.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "치과.ics"
        assert "LOCATION:튼튼치과 3층" in download.value.path().read_text(encoding="utf-8")
        seen.visit("/calendar/mina/calendar")
        seen.check()
        seen.page.get_by_text("More…").click()
        with seen.page.expect_download() as download:
            seen.page.get_by_role("link", name="Download all").click()
        whole = download.value.path().read_text(encoding="utf-8")
        assert whole.count("BEGIN:VCALENDAR") == 1
        assert whole.count("UID:busy") == 7


def test_a_deleted_event_comes_back_with_one_click(browser: Browser) -> None:
    with browser.open(size=PHONE) as seen:
        enter(seen)
        seen.visit(DAY)
        gone = line(seen, "학부모 모임")
        assert "laid" in (gone.get_attribute("class") or "")
        assert "Mina’s iPhone" in gone.inner_text()
        gone.get_by_role("button", name="Take back").click()
        seen.page.wait_for_url(re.compile("/receipt/"))
        seen.visit(DAY)
        assert "laid" not in (line(seen, "학부모 모임").get_attribute("class") or "")
        seen.visit("/calendar/mina/calendar/hall.ics")
        assert seen.heading == "학부모 모임"


def test_a_calendar_that_an_iphone_removed_comes_back_in_two_clicks(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        enter(seen)
        seen.visit("/")
        seen.page.locator(".rail a", has_text=re.compile("Calendar")).click()  # 1
        row = seen.page.locator("li.deleted", has_text="합창단")
        assert "3 entries" in row.inner_text()
        row.get_by_role("button", name="Take back").click()  # 2
        seen.page.wait_for_url(re.compile("/receipt/"))
        seen.visit("/calendar/mina/choir")
        assert seen.heading == "합창단"
        seen.visit("/calendar?as=list&month=2026-11&first=0")
        assert line(seen, "합창 연습").count() == 3


def test_what_is_not_theirs_looks_like_nothing(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        for path in (
            "/calendar/dad/calendar", "/calendar/dad/calendar/secret.ics", "/calendar-file/dad/calendar",
            "/calendar-file/dad/calendar/secret.ics", "/calendar/mina/none", "/calendar/nobody/calendar",
        ):  # fmt: skip
            answer = seen.page.goto(seen.url + path.lstrip("/"))
            assert answer is not None
            assert answer.status == 404, path


@pytest.mark.parametrize("asked", ["month=2026-13", "day=2026-02-30", "month=x", "day=99999-01-01", "month=1899-12"])
def test_an_unreadable_day_is_a_sentence(browser: Browser, asked: str) -> None:
    with browser.open() as seen:
        enter(seen)
        answer = seen.page.goto(f"{seen.url}calendar?{asked}")
        assert answer is not None
        assert answer.status == 400
        assert "no such day" in seen.page.locator("main").inner_text()


def test_a_form_without_its_token_takes_nothing_back(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        answer = seen.page.request.post(f"{seen.url}undelete/calendars/mina/choir", form={})
        assert answer.status == 403


def test_events_are_brought_in_after_a_look_and_undone_at_once(browser: Browser) -> None:
    with browser.open() as seen:
        enter(seen)
        seen.visit("/calendar/mina/calendar")
        seen.page.get_by_text("More…").click()
        seen.page.get_by_role("link", name="Bring events in").click()
        brought = "".join(
            diaries.thing(f"brought{number}", f"들여온 일정 {number}", *diaries.hours(datetime(2026, 8, 3 + number, 9)))
            for number in range(3)
        )
        there = diaries.thing("dentist", "치과", *diaries.hours(datetime(2026, 11, 24, 10)))
        file = {"name": "옛 달력.ics", "mimeType": "text/calendar", "buffer": (brought + there).encode()}
        seen.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a file as playwright takes it
        seen.page.get_by_role("button", name="See what would happen").click()
        assert [text.split()[0] for text in seen.page.locator(".counts > div").all_inner_texts()] == [
            "3",
            "1",
            "0",
            "0",
        ]
        assert "Nothing has changed yet" in seen.page.locator(".lede").inner_text()
        seen.check()
        seen.page.get_by_role("button", name="Bring 4 in").click()
        seen.page.wait_for_url(re.compile("/receipt/"))
        receipt = seen.page.url
        seen.visit("/calendar?as=list&month=2026-08")
        assert line(seen, "들여온 일정").count() == 3
        seen.page.goto(receipt)
        seen.page.get_by_role("button", name="Undo this").click()
        seen.page.wait_for_url(lambda url: url != receipt)
        seen.visit("/calendar?as=list&month=2026-08")
        assert line(seen, "들여온 일정").locator("..").locator("li:not(.laid)").count() == 0
