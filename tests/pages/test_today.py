"""Today: the verdict in one sentence, what deserves a look with its way out, who has arrived."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from appliance.clock import to_micros
from appliance.store import alarms
from tests.pages.browsing import DESK, PHONE, Browser
from tests.pages.family import Family, card
from tests.pages.speaking import speak
from tests.serving import House, serving

HERS, HIS = "addressbooks/mina/contacts", "addressbooks/dad/contacts"
UNSEEN = "No process watches the files."


def _live(family: Family) -> None:
    """Dad's phone deletes much, an edit of Mina's is too late, Hajun's has been quiet, something odd is in the book."""
    mina, dad = family.phone("mina", "민아 갤럭시"), family.phone("dad", "Dad's iPhone")
    hajun = family.phone("hajun", "Galaxy Tab")
    for number in range(40):
        dad.put(f"{HIS}/{number}.vcf", card(f"d{number}", f"김철수 {number}"))
    family.clock.at = datetime.now(UTC) - timedelta(days=6, hours=1)
    hajun.ask("PROPFIND", "addressbooks/hajun/contacts/")
    family.house.sightings.write_all()
    family.clock.at = datetime.now(UTC) - timedelta(minutes=20)
    for number in range(30):
        dad.delete(f"{HIS}/{number}.vcf")
    family.clock.at = datetime.now(UTC)
    mina.put(f"{HERS}/a.vcf", card("a", "이모"))
    mina.ask("PUT", f"{HERS}/a.vcf", card("a", "이모", note="현관 4711").encode(), {"if-match": '"an older one"'})
    mina.put(f"{HERS}/odd.vcf", card("odd", "보건소").replace("FN:", "X-FN:"))
    family.house.sightings.write_all()
    ledger = family.house.services.ledger
    alarms.sound(ledger.database, "unwatched", "", UNSEEN, at=to_micros(family.clock.now()))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house on that evening."""
    data = tmp_path_factory.mktemp("today") / "data"
    family = Family(data)
    _live(family)
    family.close()
    with serving(data) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "language", "theme", "verdict"),
    [
        pytest.param(PHONE, "ko", "light", "한 가지만 살펴봐 주세요. 나머지는 모두 들어왔습니다.", id="phone-ko-light"),
        pytest.param(DESK, "en", "dark", "One thing deserves a look. Everything else has arrived.", id="desk-en-dark"),
    ],
)
def test_the_verdict_is_the_voice(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"],
    verdict: str,
) -> None:  # fmt: skip
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("dad")
        speak(seen, language)
        assert seen.visit("/").heading == verdict
        assert seen.page.locator(".matter > li").count() == 1
        seen.check()


def test_a_burst_is_said_with_what_is_usual_and_leads_to_taking_it_back(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad")
        speak(seen, "en")
        burst = seen.visit("/").page.locator(".matter > li").inner_text()
        assert "Dad's iPhone deleted 30 contacts" in burst
        assert "It usually deletes hardly anything." in burst
        seen.page.locator(".matter .act.return").click()
        seen.page.wait_for_url(re.compile(r"/rewind/\d+\?since=seq-\d+"))
        assert "30" in seen.page.locator("main").inner_text()


def test_an_administrator_sees_devices_and_disk_but_no_names_of_others(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        text = seen.page.locator("main").inner_text()
        assert "Dad's iPhone deleted 30 contacts" in text
        assert "김철수" not in text
        assert "Galaxy Tab has not come by for 6 days" in text
        assert "민아 갤럭시: everything has arrived, 2 contacts today." in text
        assert seen.page.locator(".aside .store").count() == 1
        assert seen.page.locator(".matter .act.return").count() == 1
        assert [link.inner_text() for link in seen.page.locator(".matter a").all()].count("Look at the edit") == 1
        seen.check()


def test_a_member_sees_of_others_only_when_they_were_here(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        text = seen.page.locator("main").inner_text()
        assert seen.heading == "Everything has arrived."
        assert "deleted" not in text
        assert "contacts today" not in text
        assert "민아 갤럭시" in text
        assert seen.page.locator(".aside, .matter").count() == 0


def test_an_alarm_waits_until_somebody_says_that_they_know(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        before = seen.page.locator(".matter > li").count()
        assert UNSEEN in seen.page.locator(".matter").inner_text()
        seen.page.get_by_role("button", name="I know").click()
        seen.page.wait_for_load_state()
        assert seen.page.locator(".matter > li").count() == before - 1
        assert UNSEEN not in seen.page.locator("main").inner_text()


def test_only_who_looks_after_the_house_knows_of_alarms(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("dad")
        seen.visit("/you")
        token = seen.page.locator("input[name=form_token]").first.input_value()
        forms: list[tuple[dict[str, str | float | bool], int]] = [({"form_token": token}, 404), ({}, 403)]
        for form, status in forms:
            answer = seen.page.request.post(f"{seen.url}alarms/1/known", form=form)
            assert answer.status == status
