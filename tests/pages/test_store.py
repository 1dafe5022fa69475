"""The store: the disk, what everybody has by size alone, what leaves when and how it is kept, reading all again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from appliance.history.pruning import Pruner, chosen_policy
from appliance.store import alarms
from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family
from tests.pages.speaking import speak
from tests.serving import House, serving


def _write(family: Family, path: str, *, days_ago: int, states: int) -> None:
    """Some states of a file within one morning, which leave thirty days later."""
    phone = family.phone("dad", "Dad’s iPhone")
    family.clock.at = (datetime.now(UTC) - timedelta(days=days_ago)).replace(hour=3, minute=0)  # noon in Seoul
    for state in range(states):
        phone.put(path, (f"{path} {state}\n" * 1000)[:10_000])
        family.clock.forward(minutes=5)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A family with files of several states, counted as at night, and something wrong with the house."""
    data = tmp_path_factory.mktemp("store") / "data"
    family = Family(data, days_ago=30)
    _write(family, "files/dad/budget.txt", days_ago=26, states=4)
    _write(family, "files/dad/plan.txt", days_ago=10, states=3)
    family.clock.at = datetime.now(UTC)
    services = family.house.services
    alarms.sound(
        services.ledger.database, "watches", "", "The kernel watches too few.", at=services.ledger.now_micros()
    )
    Pruner(services.ledger, chosen_policy(services.settings, services.household.time_zone)).prune()
    family.close()
    with serving(data) as running:
        yield running


def _text(seen: Seen) -> str:
    return seen.page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def _days(seen: Seen) -> list[str]:
    """What is said to leave, the next day first."""
    return [each.inner_text() for each in seen.page.locator(".days .what p").all()]


@pytest.mark.parametrize(
    ("size", "language", "theme", "leaves"),
    [
        pytest.param(PHONE, "ko", "dark", r"옛 판 3개가 \d+월\s\d+일에 떠납니다\.", id="phone-ko-dark"),
        pytest.param(DESK, "en", "light", r"3 old versions leave on \d+\s\w+\.", id="desk-en-light"),
    ],
)
def test_an_administrator_sees_sizes_and_what_leaves_next(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"], leaves: str
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("mina")
        speak(seen, language)
        seen.visit("/store").check()
        text = _text(seen)
        assert re.search(r"\d+ [MGT]B", seen.heading.replace("\N{NO-BREAK SPACE}", " "))
        assert "budget" not in text and "plan.txt" not in text
        rows = [each.inner_text().replace("\N{NO-BREAK SPACE}", " ") for each in seen.page.locator(".amounts tr").all()]
        assert any("재호" in row and "20 KB" in row and "50 KB" in row for row in rows), rows
        told = _days(seen)
        assert len(told) == 2
        assert re.fullmatch(leaves, told[0])
        seen.visit("/store/leaving").check()
        assert _days(seen) == told


@pytest.mark.parametrize(
    ("size", "language", "keep", "says"),
    [
        pytest.param(DESK, "en", "Keep them", "3 old versions stay for good.", id="desk-en"),
        pytest.param(PHONE, "ko", "모두 남기기", "옛 판 3개가 언제까지나 남습니다.", id="phone-ko"),
    ],
)
def test_a_member_keeps_what_leaves_with_one_press_and_takes_it_back(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], keep: str, says: str
) -> None:
    with browser.open(script=False, size=size, language=language) as seen:
        seen.sign_in("dad")
        speak(seen, language)
        assert seen.visit("/").page.locator(".aside section").count() == 1, "within a week it stands on Today"
        before = _days(seen.visit("/store"))
        assert len(before) == 2
        assert "하준" not in _text(seen) and "재호" in _text(seen)
        seen.page.get_by_role("button", name=keep).first.click()
        seen.page.wait_for_url(re.compile(r"/store/kept/\d+"))
        assert seen.heading == says
        assert "30 KB" in _text(seen)
        seen.check()
        slip = seen.page.url
        assert len(_days(seen.visit("/store"))) == 1
        assert seen.visit("/").page.locator(".aside").count() == 0, "what is kept is no deadline"
        seen.page.goto(slip)
        seen.page.locator("main form button").click()
        seen.page.wait_for_load_state()
        assert seen.page.locator("main form").count() == 0
        seen.check()
        assert _days(seen.visit("/store")) == before


def test_another_person_neither_sees_nor_keeps_it(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        day = seen.visit("/store").page.locator(".days form").first.get_attribute("action") or ""
        assert re.fullmatch(r"/store/leaving/\d{4}-\d\d-\d\d", day)
    with browser.open(script=False) as seen:
        seen.sign_in("hajun")
        assert _days(seen.visit("/store")) == []
        assert seen.page.locator("#reading").count() == 0
        assert "재호" not in _text(seen)
        token = seen.visit("/you").page.locator("input[name=form_token]").first.input_value()
        ask = seen.page.request.post
        answer = ask(seen.url + day.lstrip("/"), form={"form_token": token})
        assert answer.url.rsplit("/", 1)[0].endswith("/store/kept") and "follow the rules" in answer.text()
        for path in ("store/reading", "store/reading/stop"):
            assert ask(seen.url + path, form={"form_token": token}).status == 403
        assert ask(seen.url + "store/leaving/soon", form={"form_token": token}).status == 400
        assert ask(seen.url + day.lstrip("/"), form={}).status == 403
        assert seen.page.request.get(seen.url + "store/kept/" + "9" * 30).status == 404
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        assert len(_days(seen.visit("/store"))) == 2


def test_an_administrator_lets_all_be_read_again_and_is_told_what_was_found(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        speak(seen, "en")
        reading = seen.visit("/store").page.locator("#reading")
        assert "Nothing has been read again yet" in reading.inner_text()
        reading.get_by_role("button").click()
        seen.page.wait_for_url(re.compile(r"/store#reading"))
        seen.page.locator("#reading", has_text="All of it was as it was written.").wait_for()
        assert "Read last" in reading.inner_text()
        seen.check()
    with browser.open(script=False, language="ko") as seen:
        seen.sign_in("mina")
        speak(seen, "ko")
        assert "모두 쓴 그대로였습니다." in seen.visit("/store").page.locator("#reading").inner_text()
