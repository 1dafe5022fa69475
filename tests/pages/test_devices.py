"""The devices of the house: seen by whom, called what, and what happens when one is lost."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from appliance.household import sessions
from tests.pages.browsing import DESK, PASSWORD, PHONE, Browser
from tests.pages.family import Family, Phone, card
from tests.serving import House, serving


@pytest.fixture
def phones() -> dict[str, Phone]:
    """What `house` fills in: the phones of the family by their label."""
    return {}


@pytest.fixture
def house(tmp_path: Path, phones: dict[str, Phone]) -> Iterator[House]:
    """The family with four phones: one new, one in use, one quiet for six days, one with a slow clock."""
    family = Family(tmp_path / "data", days_ago=6)
    for slug, label in (("mina", "Galaxy S26"), ("dad", "iPhone"), ("hajun", "Galaxy A17"), ("mina", "Laptop")):
        phones[label] = family.phone(slug, label)
    phones["Galaxy A17"].put("addressbooks/hajun/contacts/1.vcf", card("u1", "김철수"))
    family.house.sightings.write_all()
    family.clock.forward(days=6, minutes=-5)
    book = "addressbooks/dad/contacts/"
    phones["iPhone"].put(f"{book}1.vcf", card("u2", "김철수")).put(f"{book}2.vcf", card("u3", "이영희"))
    assert phones["iPhone"].ask("PUT", f"{book}1.vcf", card("u2", "김철수").encode(), {"if-match": '"other"'}) == 412
    phones["Laptop"].ask("OPTIONS", "", headers={"date": "Tue, 01 Jan 2019 00:00:00 GMT", "user-agent": "Thunderbird"})
    family.house.sightings.write_all()
    family.close()
    with serving(tmp_path / "data") as running:
        yield running


def status_of(url: str, phone: Phone) -> int:
    """Return what the running house answers to a phone."""
    address = urlsplit(url)
    basic = base64.b64encode(f"{phone.user}:{phone.password}".encode()).decode()
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    connection.request("PROPFIND", "/dav/", headers={"Authorization": f"Basic {basic}", "Depth": "0"})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("size", "theme"), [pytest.param(PHONE, "dark", id="phone-dark"), pytest.param(DESK, "light", id="desk-light")]
)
def test_an_administrator_sees_every_device_and_a_member_their_own(
    browser: Browser, phones: dict[str, Phone], size: tuple[int, int], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, theme=theme) as mina, browser.open(size=size, theme=theme) as dad:
        mina.sign_in("mina").visit("/devices")
        assert mina.heading == "4 devices may come in"
        lines = mina.page.locator(".device-line").all_inner_texts()
        assert [line.split(" · ")[0] for line in lines] == ["Galaxy S26", "Laptop", "iPhone", "Galaxy A17"]
        for line, said in zip(
            lines,
            ("has not come by yet", "Its clock is 8 years slow", "Came by 5 minutes ago", "for 6 days"),
            strict=True,
        ):
            assert said in line.replace("\n", " ")
        mina.check()
        dad.sign_in("dad").visit("/devices")
        assert dad.heading == "1 device may come in"
        own, other = phones["iPhone"].device_id, phones["Galaxy S26"].device_id
        for path in (f"devices/{other}", f"devices/{other}/lost", "devices/1", "devices/999"):
            answer = dad.page.goto(dad.url + path)
            assert answer is not None and answer.status == 404, path
        dad.visit(f"/devices/{own}")
        link = dad.page.locator("section", has_text="What was kept aside").get_by_role("link", name="김철수")
        assert re.search(r"/kept/\d+$", link.get_attribute("href") or "")  # what was kept aside is told to its person
        dad.check()
        mina.visit(f"/devices/{own}")
        assert "1 edit was kept aside" in mina.page.locator(".ticks").inner_text()
        assert "김철수" not in mina.page.content()  # and to nobody else
        mina.check()


def test_a_device_is_renamed(browser: Browser, phones: dict[str, Phone]) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("dad").visit(f"/devices/{phones['iPhone'].device_id}")
        seen.page.locator("input[name=label]").fill("재호 아이폰")
        seen.page.get_by_role("button", name="Save").click()
        assert seen.heading == "재호 아이폰 of 재호"
        seen.page.locator("input[name=label]").fill(" ")
        seen.page.get_by_role("button", name="Save").click()
        assert seen.page.get_by_role("alert").count() == 1


def test_a_lost_phone_is_shut_out_at_once_and_leads_on_to_what_it_changed(
    browser: Browser, phones: dict[str, Phone]
) -> None:  # fmt: skip
    lost = phones["iPhone"]
    assert status_of(browser.url, lost) == 207
    with browser.open(size=PHONE) as finder, browser.open() as mina, browser.open() as hajun:
        finder.sign_in("dad")
        hajun.sign_in("hajun")
        mina.sign_in("mina").visit("/devices")
        mina.page.locator(".device-line", has_text="iPhone").get_by_role("link", name="It is lost…").click()
        mina.page.wait_for_url("**/lost")
        assert "Nothing is deleted here" in mina.page.locator(".question").inner_text()
        assert status_of(browser.url, lost) == 207  # asking changes nothing
        mina.check()
        mina.page.get_by_role("button", name="Shut it out").click()  # the second click
        mina.page.wait_for_url(re.compile(r"/devices/\d+$"))
        assert mina.heading == "iPhone can’t get in any more"
        mina.check()
        assert status_of(browser.url, lost) == 401
        assert finder.visit("/").page.url.endswith("/sign-in?next=/")  # the browser that may be on it
        assert hajun.visit("/").page.url == hajun.url
        mina.page.get_by_role("link", name="Add its successor").click()
        mina.page.wait_for_url("**/devices/add**")
        mina.page.locator("form.sheet-form .act.main").click()
        expect(mina.page.locator(".code svg")).to_be_visible()
        assert "재호" in mina.heading
        mina.page.go_back()
        mina.page.go_back()
        mina.page.get_by_role("button", name="See what it changed").click()
        mina.page.wait_for_url(re.compile(rf"/rewind/{lost.device_id}\?had="))
        mina.visit("/devices")
        assert mina.heading == "3 devices may come in"
        mina.page.get_by_text("1 device is shut out").click()
        mina.check()


def test_a_new_phone_in_the_place_of_one_shuts_it_out(browser: Browser, phones: dict[str, Phone]) -> None:
    with browser.open() as seen:
        seen.sign_in("dad").visit(f"/devices/{phones['iPhone'].device_id}")
        seen.page.get_by_role("link", name="Connect it anew").click()
        seen.page.locator("form.sheet-form .act.main").click()
        seen.page.wait_for_url("**/devices/coming/**")
        assert status_of(browser.url, phones["iPhone"]) == 207
        with browser.open() as phone:
            phone.visit(f"/pair/{seen.page.url.rsplit('/', 1)[1]}")
            phone.page.locator(".act.main").click()
            phone.page.wait_for_url("**/pair/given/**")
        assert status_of(browser.url, phones["iPhone"]) == 401


def test_a_code_asks_for_the_password_when_it_was_not_typed_for_a_while(
    chrome: sync_api.Browser, tmp_path: Path
) -> None:  # fmt: skip
    family = Family(tmp_path / "data", days_ago=0.01)  # a quarter of an hour
    services = family.house.services
    proven = family.house.entrance.passwords.prove("dad", PASSWORD, address="192.0.2.1")
    begun = sessions.begin(
        services.ledger.database, proven, sessions.Visitor("192.0.2.1", "x"), label="Browser", at=family.clock.now()
    )
    family.close()
    with serving(tmp_path / "data") as running, Browser(chrome, running.url).open() as seen:
        seen.page.context.add_cookies([{"name": "gotgan", "value": begun.token, "url": running.url}])
        seen.visit("/devices/add")
        seen.page.locator("input[name=password]").fill("not this one")
        seen.page.locator("form.sheet-form .act.main").click()
        assert "wrong" in seen.page.get_by_role("alert").inner_text()
        seen.check()
        seen.page.locator("input[name=password]").fill(PASSWORD)
        seen.page.locator("form.sheet-form .act.main").click()
        seen.page.wait_for_url("**/devices/coming/**")
        assert seen.visit("/devices/add").page.locator("input[name=password]").count() == 0
