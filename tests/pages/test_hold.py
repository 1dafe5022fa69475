"""A house that was set back: what its page says, that each choice names its price, and how it is released."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright import sync_api

from appliance.store import hold_rows
from appliance.store.epochs import Lost
from appliance.store.hold_rows import Shown
from appliance.store.past import locate
from appliance.store.queries import newest_seq
from tests.pages.browsing import DESK, PHONE, Browser
from tests.pages.choosing import speak_korean
from tests.pages.family import Family, card
from tests.serving import House, serving

BOOK = "addressbooks/dad/contacts"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A family whose dad has a phone that showed a state of his contacts that is not here any more."""
    data = tmp_path_factory.mktemp("held") / "data"
    family = Family(data)
    phone = family.phone("dad", "Dad’s iPhone")
    phone.put(f"{BOOK}/kim.vcf", card("kim", "김철수"))
    ledger = family.house.services.ledger
    reading = ledger.database.connection()
    newest = newest_seq(reading)
    lost = Lost("zzzzzzzz", newest + 7, newest)
    hold_rows.notice(
        ledger, Shown(lost, "token", phone.device_id, locate(reading, BOOK.split("/"), seq=None).resource_id, BOOK)
    )
    family.clock.forward(minutes=5)
    phone.put(f"{BOOK}/lee.vcf", card("lee", "이영희"))
    family.close()
    with serving(data) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
        pytest.param(DESK, "en", "light", id="desk-en-light"),
    ],
)
def test_a_hold_is_told_and_released_in_three_clicks(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme, script=language == "ko") as seen:
        seen.sign_in("mina")
        if language == "ko":
            speak_korean(seen)
        seen.visit("/hold")
        text = seen.page.locator("main").inner_text()
        assert "Dad’s iPhone (재호)" in text
        assert BOOK not in text
        if language == "en":
            assert "1 change has arrived since." in text
        else:
            seen.check()
        seen.page.locator("a[href*='choice=keep']").click()
        seen.page.locator("form.question button").click()
        seen.page.wait_for_url("**/hold")
        wanted = {"en": "Phones keep what only they have.", "ko": "휴대전화에만 있는 것은 그대로 둡니다."}[language]
        sync_api.expect(seen.page.get_by_role("status")).to_contain_text(wanted)
        assert seen.page.locator("a[href*='choice=accept']").count() == 0
        if language == "ko":
            seen.check()


def test_the_price_of_accepting_is_told_before_and_only_an_administrator_decides(browser: Browser) -> None:
    with browser.open() as seen, browser.open() as other:
        seen.sign_in("mina")
        seen.visit("/hold/decide?choice=accept").check()
        told = seen.page.locator("form.question").inner_text()
        assert "cannot be taken back" in told
        assert "1 device is known to have newer things" in told
        answer = seen.page.goto(seen.url + "hold/decide?choice=everything")
        assert answer is not None and answer.status == 400
        other.sign_in("hajun")
        answer = other.page.goto(other.url + "hold")
        assert answer is not None and answer.status == 403
        token = other.visit("/you").page.locator("input[name=form_token]").first.input_value()
        refused = other.page.request.post(f"{other.url}hold/decide", form={"choice": "accept", "form_token": token})
        assert refused.status == 403
