"""The store: the disk, what everybody has by size and never by name, how long former states stay, what leaves next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from appliance.store import alarms
from tests.pages.browsing import DESK, PHONE, Browser
from tests.pages.choosing import speak_korean
from tests.pages.family import Family
from tests.serving import House, serving


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A family with files of several states, and something wrong with the house."""
    data = tmp_path_factory.mktemp("store") / "data"
    family = Family(data, days_ago=10)
    family.clock.at = family.clock.at.replace(hour=3, minute=0)  # noon in Seoul: no midnight in between
    dad = family.phone("dad", "Dad’s iPhone")
    for state in range(3):
        dad.put("files/dad/budget.txt", f"{state}\n" * 5000)
        family.clock.forward(hours=1)
    ledger = family.house.services.ledger
    alarms.sound(ledger.database, "watches", "", "The kernel watches too few folders.", at=ledger.now_micros())
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
def test_an_administrator_sees_sizes_and_what_leaves_next(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("mina")
        if language == "ko":
            speak_korean(seen)
        seen.visit("/store").check()
        text = seen.page.locator("main").inner_text()
        assert "재호" in text
        assert "10 KB" in text.replace("\N{NO-BREAK SPACE}", " ")
        assert "budget" not in text
        seen.page.locator("a[href='/store/leaving']").click()
        seen.check()
        assert seen.heading.startswith(("2 former states leave on", "옛 판 2개가"))


def test_a_member_sees_their_own_sizes_alone(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        text = seen.visit("/store").page.locator("main .list").first.inner_text()
        assert ("재호" in text, "하준" in text) == (True, False)
        answer = seen.page.goto(seen.url + "store/leaving")
        assert answer is not None and answer.status == 403
