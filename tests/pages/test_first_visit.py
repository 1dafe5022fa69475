"""From an empty data folder to a phone's settings on screen, and how somebody joins: in a real browser."""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright import sync_api

from tests.pages.browsing import DESK, PASSWORD, PHONE, Browser, Seen
from tests.pages.knocking import Knocker
from tests.serving import House, serving, wait_until

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1"
    " Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """A house at its first start."""
    with serving(tmp_path / "data", env={"LANG": "en_GB.UTF-8", "TZ": "Asia/Seoul"}) as running:
        yield running


def shown_code(house: House) -> str:
    """Return the code that the server printed."""
    said = re.compile(r"type this code: (\S+)")
    wait_until(lambda: said.search(house.running.log.read_text()) is not None, "the code to be shown")
    found = said.search(house.running.log.read_text())
    assert found is not None
    return found[1]


def go_on(seen: Seen, until: str) -> None:
    """Press the one filled act, and wait for the next page."""
    seen.page.locator(".act.main").click()
    seen.page.wait_for_url(until)


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"), pytest.param(DESK, "en", "light", id="desk-en-light")],
)
def test_a_new_house_is_opened_and_its_first_phone_gets_its_settings(
    chrome: sync_api.Browser, empty: House, size: tuple[int, int], language: Literal["en", "ko"],
    theme: Literal["light", "dark"],
) -> None:  # fmt: skip
    browser = Browser(chrome, empty.url)
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.visit("/timeline")
        assert seen.page.url.endswith("/first-visit")
        seen.check()
        seen.page.locator("input[name=code]").fill(shown_code(empty).lower().replace("-", " "))
        for step in ("language", "household", "you", "others", "files"):
            go_on(seen, f"**/first-visit/{step}")
            seen.check()
            if step == "you":
                seen.page.locator("input[name=admin]").fill("민아")
                seen.page.locator("input[name=password]").fill(PASSWORD)
            if step == "others":
                seen.page.locator("input[name=other]").nth(0).fill("재호")
                seen.page.locator("input[name=other]").nth(1).fill("남궁하늘별님구름햇살로")
        assert str(empty.data / "files") in seen.page.locator(".facts").inner_text()
        assert (empty.data / "files" / "mina").exists() is False  # nothing is written before the last answer
        go_on(seen, "**/devices/add?welcome=1")
        assert "민아" in seen.heading
        seen.check()
        go_on(seen, "**/devices/coming/**")
        seen.check()
        on_the_iphone(browser, seen.page.locator(".mono").inner_text(), language)
        sync_api.expect(seen.page.locator(".arrived .name")).to_have_text("iPhone")
        seen.check()
    with browser.open() as other:
        assert other.visit("/first-visit/you").page.url.endswith("/sign-in?next=/")


def test_from_the_first_page_to_settings_that_work_it_takes_nine_clicks_and_a_box_without_a_place_is_in_seoul(
    chrome: sync_api.Browser, tmp_path: Path
) -> None:  # fmt: skip
    clicks = 0
    with (
        serving(tmp_path / "data", env={"LANG": "C.UTF-8", "TZ": "UTC"}) as running,
        Browser(chrome, running.url).open(size=PHONE, language="ko", script=False) as seen,
        Browser(chrome, running.url).open(language="ko", script=False) as computer,
    ):
        seen.visit("/").page.locator("input[name=code]").fill(shown_code(running))
        for step in ("language", "household", "you", "others", "files"):
            go_on(seen, f"**/first-visit/{step}")
            clicks += 1
            if step == "household":
                chosen = seen.page.locator("select option:checked")
                assert (chosen.get_attribute("value"), chosen.inner_text()) == ("Asia/Seoul", "서울, 대한민국")
                assert seen.page.locator("optgroup[label=아시아]").count() == 1
            if step == "you":
                seen.page.locator("input[name=admin]").fill("민아")
                seen.page.locator("input[name=password]").fill(PASSWORD)
        assert "서울" in seen.page.locator(".facts").inner_text()
        go_on(seen, "**/devices/add?welcome=1")
        go_on(seen, "**/devices/coming/**")
        computer.page.goto(seen.page.locator(".mono").inner_text())
        if not computer.page.locator("button[value=plain]").is_visible():
            computer.page.locator("summary").click()
            clicks += 1
        computer.page.locator("button[value=plain]").click()
        clicks += 3
        assert clicks <= 9
        address, user, password = (each.input_value() for each in computer.page.locator(".copies input").all()[:3])
        assert address == f"{running.url}dav/"
        assert Knocker(running.url, user, password).knock() == 207
        assert Knocker(running.url, user, PASSWORD).knock() == 401  # that of the pages opens the pages alone
        seen.page.reload()
        sync_api.expect(seen.page.locator(".ticks > li.done").first).to_be_visible()


def on_the_iphone(browser: Browser, address: str, language: Literal["en", "ko"]) -> None:
    """Scan the code, take the profile that is offered first, and come in with what it says."""
    with browser.open(size=PHONE, language=language, agent=IPHONE) as phone:
        phone.page.goto(address)
        phone.check()
        assert phone.page.locator("input[name=label]").input_value() == "iPhone"
        with phone.page.expect_download() as loading:
            phone.page.locator(".act.main").click()
        phone.check()
        payloads = plistlib.loads(loading.value.path().read_bytes())["PayloadContent"]
        assert {each["PayloadType"] for each in payloads} == {
            "com.apple.caldav.account", "com.apple.carddav.account",
        }  # fmt: skip
        said = payloads[0]
        knocker = Knocker(browser.url, said["CalDAVUsername"], said["CalDAVPassword"])
        assert (knocker.user, knocker.knock()) == ("mina", 207)


def test_answers_stay_when_going_back_without_script(chrome: sync_api.Browser, empty: House) -> None:
    with Browser(chrome, empty.url).open(language="en", script=False) as seen:
        page = seen.visit("/").page
        page.locator("input[name=code]").fill(shown_code(empty))
        go_on(seen, "**/language")
        page.locator("input[value=ko]").check()
        go_on(seen, "**/household")
        assert "집을" in seen.heading  # the chosen language from here on
        assert page.locator("input[name=household_name]").input_value() == "우리 집"
        page.locator("input[name=household_name]").fill("곳간 집")
        page.locator("select").select_option("Europe/Berlin")
        go_on(seen, "**/you")
        page.locator("input[name=admin]").fill("민아")
        page.locator("input[name=password]").fill("aaaaaaaa")
        page.locator(".act.main").click()
        assert "비밀번호" in page.get_by_role("alert").inner_text()
        assert page.locator("input[name=admin]").input_value() == "민아"
        page.locator("input[name=password]").fill(PASSWORD)
        go_on(seen, "**/others")
        for number in range(4):
            page.locator("input[name=other]").nth(number).fill(f"식구 {number}")
        page.locator("button[name=more]").click()
        page.locator("input[name=other]").nth(4).fill("식구 4")
        go_on(seen, "**/files")
        for address in ("others", "you", "household"):
            page.locator(".act.bare").click()
            page.wait_for_url(f"**/{address}")
        assert page.locator("input[name=household_name]").input_value() == "곳간 집"
        assert page.locator("select").input_value() == "Europe/Berlin"
        go_on(seen, "**/you")
        assert page.locator("input[name=admin]").input_value() == "민아"
        assert PASSWORD not in page.content()
        go_on(seen, "**/others")
        assert page.locator("input[name=other]").nth(4).input_value() == "식구 4"
        go_on(seen, "**/files")
        go_on(seen, "**/devices/add?welcome=1")
    known = empty.call("person", "list")
    assert "mina" in known and "식구 4" in known


def test_strangers_guess_the_code_in_vain_and_are_slowed_down(chrome: sync_api.Browser, empty: House) -> None:
    code = shown_code(empty)
    with Browser(chrome, empty.url).open() as seen:
        page = seen.visit("/first-visit/files").page
        assert page.url.endswith("/first-visit")  # no question without the code
        page.locator("input[name=code]").fill("AAAA-AAAA")
        page.locator(".act.main").click()
        assert "not the code" in page.get_by_role("alert").inner_text()
        seen.check()
        for _ in range(25):
            page.locator(".act.main").click()
        assert "Too many attempts" in page.get_by_role("alert").inner_text()
        page.locator("input[name=code]").fill(code)
        page.locator(".act.main").click()
        assert "Too many attempts" in page.get_by_role("alert").inner_text()


def test_who_was_added_before_becomes_the_one_who_looks_after_the_house(
    chrome: sync_api.Browser, empty: House
) -> None:  # fmt: skip
    empty.call("person", "add", "mina", "--display-name", "민아")
    with Browser(chrome, empty.url).open() as seen:
        seen.visit("/").page.locator("input[name=code]").fill(shown_code(empty))
        for step in ("language", "household", "you"):
            go_on(seen, f"**/{step}")
        seen.check()
        seen.page.get_by_label("민아").check()
        seen.page.locator("input[name=password]").fill(PASSWORD)
        go_on(seen, "**/others")
        go_on(seen, "**/files")
        go_on(seen, "**/devices/add?welcome=1")
    assert empty.call("person", "list").count("mina") == 1


# --- joining ----------------------------------------------------------------------------------------


def test_a_link_lets_somebody_choose_a_password_once(browser: Browser, house: House) -> None:
    house.call("person", "add", "sunrye", "--display-name", "박순례")
    link = re.search(r"/join/\S+", house.call("person", "invite", "sunrye"))
    assert link is not None
    with browser.open(size=PHONE, language="ko", theme="dark") as seen:
        seen.visit(link[0])
        assert "박순례" in seen.heading
        seen.check()
        seen.page.locator("input[name=password]").fill("bbbbbbbb")
        seen.page.locator(".act.main").click()
        assert "같은 글자" in seen.page.get_by_role("alert").inner_text()
        seen.page.locator("input[name=password]").fill(PASSWORD)
        go_on(seen, "**/devices/add?welcome=1")
        assert seen.heading.startswith("박순례 님, 들어오셨습니다.")
        seen.check()
    with browser.open() as other:
        other.visit(link[0])
        assert other.heading.startswith("This link does not work any more")
        other.sign_in("박순례")
        assert other.visit("/first-visit").page.url == other.url


def test_a_link_for_a_forgotten_password_leads_to_the_first_page(browser: Browser, house: House) -> None:
    link = re.search(r"/join/\S+", house.call("person", "invite", "hajun"))
    assert link is not None
    with browser.open() as seen, browser.open() as other:
        other.sign_in("hajun")
        seen.visit(link[0])
        assert seen.heading == "A new password, 하준"
        seen.page.locator("input[name=password]").fill("kitchen window 9")
        seen.page.locator(".act.main").click()
        seen.page.wait_for_url(browser.url)
        assert other.visit("/").page.url.endswith("/sign-in?next=/")
