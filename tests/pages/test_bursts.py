"""A burst that was meant: said on Today, seen in the timeline, taken back, and asked about again when it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright import sync_api

from appliance.history.timeline import seq_since
from appliance.store import queries, tallies
from appliance.tree import bursting
from appliance.tree.bursting import Found
from tests.pages.browsing import DESK, PHONE, Browser
from tests.pages.family import Family, Phone, card
from tests.pages.speaking import speak
from tests.serving import House, serving

BOOK = "addressbooks/dad/contacts"


def clear_out(family: Family) -> Phone:
    """Dad's phone brings 80 contacts, and deletes 30 of them a month later."""
    phone = family.phone("dad", "Dad’s iPhone")
    for number in range(80):
        phone.put(f"{BOOK}/{number}.vcf", card(f"c{number}", f"Friend {number}"))
    family.clock.forward(days=30)
    delete(phone, range(30))
    return phone


def delete(phone: Phone, numbers: range) -> None:
    for number in numbers:
        phone.delete(f"{BOOK}/{number}.vcf")


def found(family: Family) -> list[Found]:
    reading, now = family.house.services.ledger.database.connection(), family.clock.now()
    after = seq_since(reading, now - timedelta(days=36), now=now)
    counted = tallies.tallies(reading, after_seq=after, last_seq=queries.newest_seq(reading))
    return bursting.found_in(reading, counted, now=now)


def test_what_was_meant_wants_no_look_until_it_goes_on(tmp_path: Path) -> None:
    family = Family(tmp_path / "data")
    phone = clear_out(family)
    family.clock.forward(minutes=5)
    database = family.house.services.ledger.database
    (burst,) = found(family)
    assert bursting.wants_look(database.connection(), burst)
    bursting.say_meant(database, burst, at=family.clock.now(), device_id=1)
    assert not bursting.wants_look(database.connection(), burst)
    phone.put(f"{BOOK}/new.vcf", card("new", "Somebody new"))  # nothing of the kind
    (burst,) = found(family)
    assert not bursting.wants_look(database.connection(), burst)
    delete(phone, range(30, 31))
    (burst,) = found(family)
    assert bursting.wants_look(database.connection(), burst)
    bursting.say_meant(database, burst, at=family.clock.now(), device_id=1)
    meant = bursting.said_meant(database.connection(), burst)
    assert meant is not None
    bursting.ask_again(database, meant)
    assert bursting.wants_look(database.connection(), burst)
    family.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house where Dad has cleared out his contacts an hour ago."""
    family = Family(tmp_path_factory.mktemp("meant") / "data", days_ago=30.1)
    clear_out(family)
    family.close()
    with serving(family.data) as running:
        yield running


def test_a_burst_is_told_that_it_was_meant_and_that_is_taken_back(browser: Browser) -> None:
    with browser.open(size=PHONE, theme="dark") as dad, browser.open(script=False) as mina:
        dad.sign_in("dad")
        assert dad.heading == "One thing deserves a look. Everything else has arrived."
        dad.page.get_by_role("button", name="It was meant").click()  # one click
        dad.page.wait_for_url(re.compile(r"/bursts/\d+/deleted/\d+$"))
        assert dad.heading == "Dad’s iPhone deleted 30 contacts"
        sync_api.expect(dad.page.locator(".slip")).to_contain_text("재호 said that it was meant.")
        dad.check()
        assert dad.visit("/").heading == "Everything has arrived."
        mina.sign_in("mina")
        assert mina.heading == "Everything has arrived."
        line = dad.visit("/timeline").page.locator(".ledger > li", has_text="deleted 30 contacts")
        sync_api.expect(line.locator(".tag")).to_have_text(["meant"])
        dad.check()
        line.get_by_role("link", name="Was it meant?").click()
        dad.page.get_by_role("button", name="It was not meant").click()
        sync_api.expect(dad.page.locator(".slip .act.return")).to_be_visible()
        dad.check()
        assert mina.visit("/").heading.startswith("One thing deserves a look.")
        line = dad.visit("/timeline").page.locator(".ledger > li", has_text="deleted 30 contacts")
        sync_api.expect(line.locator(".tag")).to_have_text(["burst"])


def test_an_administrator_may_say_so_and_is_named(browser: Browser) -> None:
    with browser.open(size=DESK) as mina, browser.open() as dad:
        mina.sign_in("mina")
        mina.page.get_by_role("button", name="It was meant").click()
        mina.page.wait_for_url("**/bursts/**")
        address = mina.page.url
        assert "Friend" not in mina.page.locator("main").inner_text()
        dad.sign_in("dad")
        speak(dad, "ko")
        dad.page.goto(address)
        sync_api.expect(dad.page.locator(".slip")).to_contain_text("민아")
        dad.check()
        dad.page.get_by_role("button", name="일부러 한 일이 아니에요").click()
        dad.page.wait_for_load_state()
        speak(dad, "en")


def test_nobody_else_judges_it(browser: Browser) -> None:
    with browser.open() as hajun, browser.open() as mina:
        mina.sign_in("mina")
        form = mina.page.locator("form[action^='/bursts/']").get_attribute("action") or ""
        hajun.sign_in("hajun")
        token = hajun.visit("/you").page.locator("input[name=form_token]").first.input_value()
        for address in (form, form.replace("/meant", "/again")):
            assert hajun.page.request.post(hajun.url + address[1:], form={"form_token": token}).status == 404
            assert mina.page.request.post(mina.url + address[1:]).status == 403
        own = form.removesuffix("/meant")
        for path, status in ((own, 404), (own.replace("deleted", "eaten"), 404)):
            answer = hajun.page.goto(hajun.url + path[1:])
            assert answer is not None and answer.status == status
        answer = mina.page.goto(mina.url + own.replace("deleted", "eaten")[1:])
        assert answer is not None and answer.status == 404
