"""Coming in, choosing how the pages look, going out: in a browser, with and without script, in both languages."""

from __future__ import annotations

import http.client
import re
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.pages.browsing import DESK, PASSWORD, PHONE, Browser
from tests.serving import House

VIEWS = [
    pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
    pytest.param(DESK, "en", "light", id="desk-en-light"),
]


@pytest.mark.parametrize(("size", "language", "theme"), VIEWS)
def test_a_member_comes_in_and_goes_out(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.visit("/you")
        assert seen.heading == {"en": "Who comes in?", "ko": "누구세요?"}[language]
        seen.check()
        seen.page.locator("input[name=name]").fill("mina")
        seen.page.locator("input[name=password]").fill(PASSWORD)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(lambda url: url.endswith("/you") and "next" not in url)  # where she wanted to go
        assert "민아" in seen.heading
        seen.check()
        seen.page.locator("form[action='/sign-out'] button").click()
        seen.page.wait_for_url(lambda url: url.endswith("/sign-in"))
        assert seen.visit("/").page.url.endswith("/sign-in?next=/")


def test_a_wrong_password_is_said_in_a_sentence_and_the_name_stays(browser: Browser) -> None:
    with browser.open(language="ko") as seen:
        seen.visit("/sign-in")
        seen.page.locator("input[name=name]").fill("dad")
        seen.page.locator("input[name=password]").fill("raindrop 8")
        seen.page.locator("form button").click()
        assert seen.page.get_by_role("alert").inner_text().strip() == "이름이나 비밀번호가 맞지 않습니다."
        assert seen.page.locator("input[name=name]").input_value() == "dad"
        seen.check()


def test_everything_works_without_script(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("hajun")
        seen.visit("/you")
        seen.page.get_by_text("한국어").click()
        seen.page.get_by_text("Night").click()
        seen.page.get_by_role("button", name="Save").click()
        assert "하준 님입니다" in seen.heading
        assert seen.page.locator("html").get_attribute("data-theme") == "dark"


def test_a_new_password_signs_the_other_browsers_out(browser: Browser) -> None:
    with browser.open() as here, browser.open() as there:
        here.sign_in("dad")
        there.sign_in("dad")
        here.visit("/you")
        here.page.locator("input[name=old]").fill(PASSWORD)
        here.page.locator("input[name=new]").fill("kitchen window 9")
        here.page.get_by_role("button", name="Change it").click()
        assert "holds from now on" in here.page.get_by_role("status").inner_text()
        assert there.visit("/you").page.url.endswith("/sign-in?next=/you")
        here.visit("/you")
        here.page.locator("input[name=old]").fill("kitchen window 9")
        here.page.locator("input[name=new]").fill(PASSWORD)
        here.page.get_by_role("button", name="Change it").click()
        assert here.page.get_by_role("status").count() == 1


# --- what strangers send ----------------------------------------------------------------------------


def _post(house: House, path: str, form: str, **headers: str) -> tuple[int, str]:
    address = urlsplit(house.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded", **named})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    heading = re.search(r"<h1>(.*?)</h1>", text, re.S)
    return answer.status, heading[1] if heading else text


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no-token"),
        pytest.param({"Sec_Fetch_Site": "cross-site"}, id="another-site"),
        pytest.param({"Origin": "http://evil.example"}, id="another-origin"),
        pytest.param({"X_Form_Token": "0" * 64}, id="a-made-up-token"),
        pytest.param({"X_Form_Token": "\xff"}, id="a-token-from-another-planet"),
    ],
)
def test_a_form_of_a_stranger_changes_nothing(house: House, headers: dict[str, str]) -> None:
    status, heading = _post(house, "/sign-in", "name=mina&password=x", **headers)
    assert (status, "nothing was changed" in heading) == (403, True)


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(browser: Browser, wanted: str) -> None:
    with browser.open() as seen:
        seen.visit(f"/sign-in?next={wanted}")
        seen.page.locator("input[name=name]").fill("mina")
        seen.page.locator("input[name=password]").fill(PASSWORD)
        seen.page.locator("form button").click()
        seen.page.wait_for_url(re.compile(r"/$"))
        assert seen.page.url == seen.url
