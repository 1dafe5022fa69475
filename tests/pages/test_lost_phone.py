"""A lost phone, from the button to the receipt: by its person and by an administrator, with later work of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, Phone, card
from tests.pages.knocking import Knocker
from tests.pages.speaking import speak
from tests.serving import House, serving

OWN, SHARED = "addressbooks/dad/contacts", "addressbooks/dad/family"
MINAS = "addressbooks/mina/family"
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Loss:
    """What happened before the house was opened."""

    lost: Phone
    galaxy: Phone
    last_had: datetime
    began: datetime


@pytest.fixture
def loss(tmp_path: Path) -> Iterator[tuple[House, Loss]]:
    """A finder deletes and changes contacts with Dad's iPhone; later Mina works on two of them."""
    family = Family(tmp_path / "data", days_ago=4)
    lost, galaxy = family.phone("dad", "Dad’s iPhone"), family.phone("mina", "Mina’s Galaxy")
    for name in ("one", "two", "three"):
        lost.put(f"{OWN}/{name}.vcf", card(name, f"Friend {name}"))
    for name in ("aunt", "uncle", "cousin"):
        galaxy.put(f"{MINAS}/{name}.vcf", card(name, name.title(), tel="010-1"))
    family.clock.forward(days=3)
    last_had = family.clock.now()
    family.clock.forward(hours=2)
    began = family.clock.now()
    for name in ("one", "two", "three"):
        lost.delete(f"{OWN}/{name}.vcf")
    lost.delete(f"{SHARED}/uncle.vcf")
    lost.put(f"{SHARED}/aunt.vcf", card("aunt", "Aunt", tel="010-2"))
    lost.put(f"{SHARED}/cousin.vcf", card("cousin", "Cousin", tel="010-2"))
    family.clock.forward(hours=1)
    galaxy.put(f"{MINAS}/aunt.vcf", card("aunt", "Aunt", tel="010-3"))
    galaxy.put(f"{MINAS}/cousin.vcf", card("cousin", "Cousin", tel="010-2", note="moved to Busan"))
    family.clock.forward(hours=1)
    family.close()
    with serving(family.data) as house:
        yield house, Loss(lost, galaxy, last_had, began)


@pytest.fixture
def browser(chrome: object, loss: tuple[House, Loss]) -> Browser:
    return Browser(chrome, loss[0].url)  # type: ignore[arg-type]


@pytest.fixture
def told(loss: tuple[House, Loss]) -> Loss:
    return loss[1]


def knocker(browser: Browser, phone: Phone) -> Knocker:
    return Knocker(browser.url, phone.user, phone.password)


def contact(phone: Knocker, path: str) -> str:
    status, octets = phone.ask("GET", path)
    return octets.decode() if status == 200 else f"{status}"


def lose(seen: Seen) -> None:
    """Press the two buttons, from the page of devices on."""
    seen.page.locator(".device-line", has_text="iPhone").get_by_role("link", name="It is lost…").click()
    seen.page.get_by_role("button", name="Shut it out").click()
    seen.page.wait_for_url(re.compile(r"/devices/\d+$"))


def local(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%Y-%m-%dT%H:%M")


def test_what_a_finder_did_is_taken_back_and_what_others_did_later_stays(browser: Browser, told: Loss) -> None:
    galaxy = knocker(browser, told.galaxy)
    galaxy.sync(f"{MINAS}/")
    with browser.open(size=PHONE) as seen:
        seen.sign_in("dad").visit("/devices")
        lose(seen)
        assert knocker(browser, told.lost).knock() == 401
        offered = seen.page.locator(".moments .row")
        expect(offered.first).to_contain_text("4 deleted, 2 others changed")
        seen.check()
        seen.page.locator("input[name=had]").fill(local(told.last_had))
        seen.page.get_by_role("button", name="See what it changed").click()
        expect(seen.page.locator(".chip[aria-current]")).to_contain_text("last had")
        outcome = seen.page.locator("#outcome")
        expect(outcome).to_contain_text("4 come back, 1 changes, 1 as you chose. 0 disappear.")
        seen.check()
        seen.page.locator(".chip", has_text="4 deleted").click()  # the other moment, and back again
        expect(outcome).to_contain_text("4 come back, 1 changes")
        seen.page.locator(".chip", has_text="last had").click()
        expect(seen.page.locator(".chip[aria-current]")).to_contain_text("last had")
        seen.page.locator("#outcome .act.return").click()
        seen.page.wait_for_url("**/receipt/*")
        assert seen.heading == "4 contacts are back."
        reached = seen.page.locator(".reached li")
        expect(reached).to_have_text(["Mina’s Galaxy gets it when it next comes by."])
        seen.check()
        assert "010-3" in contact(galaxy, f"{MINAS}/aunt.vcf")  # her number, because it was not chosen otherwise
        cousin = contact(galaxy, f"{MINAS}/cousin.vcf")
        assert "010-1" in cousin and "moved to Busan" in cousin  # his number back, her note kept
        assert "Uncle" in contact(galaxy, f"{MINAS}/uncle.vcf")
        galaxy.sync(f"{MINAS}/")
        seen.page.reload()
        expect(reached).to_have_text(["Mina’s Galaxy has it already."])
        seen.page.get_by_role("button", name="Undo this rewind").click()
        expect(seen.page.locator("h1")).to_have_text("4 contacts are gone again.")
        assert contact(galaxy, f"{MINAS}/uncle.vcf") == "404"


def test_an_administrator_does_it_for_him_and_chooses_nothing(browser: Browser, told: Loss) -> None:
    galaxy = knocker(browser, told.galaxy)
    galaxy.sync(f"{MINAS}/")
    with browser.open(size=DESK, theme="dark") as mina, browser.open(size=PHONE) as dad:
        mina.sign_in("mina").visit("/devices")
        lose(mina)
        mina.page.locator(".moments .row").first.click()
        assert "This device belongs to 재호." in mina.page.locator(".lede").inner_text()
        assert "only 재호 can choose" in mina.page.locator(".lede").inner_text()
        assert not any(name in mina.page.content() for name in ("Friend", "Aunt", "010-"))
        assert mina.page.locator("#choice, [name^=take-]").count() == 0
        before = mina.page.locator("#outcome").inner_text()
        number = re.search(r"/rewind/(\d+)", mina.page.url)
        assert number is not None
        choices = "&".join(f"take={id_}&leave={id_}" for id_ in range(1, 60))
        mina.visit(f"{mina.page.url.removeprefix(mina.url)}&{choices}")  # what nobody shows, nobody chooses
        assert mina.page.locator("#outcome").inner_text() == before
        mina.check()
        mina.page.locator("#outcome .act.return").click()
        mina.page.wait_for_url("**/receipt/*")
        receipt = mina.page.url.removeprefix(mina.url)
        assert mina.heading == "4 contacts are back."
        assert not any(name in mina.page.locator("main").inner_text() for name in ("Friend",))
        expect(mina.page.locator(".reached li").first).to_contain_text("Mina’s Galaxy")
        mina.check()
        assert "010-3" in contact(galaxy, f"{MINAS}/aunt.vcf")
        dad.sign_in("dad")
        speak(dad, "ko")
        dad.visit(receipt)  # he sees what was done for him, and may take it back himself
        assert "Friend one" in dad.page.locator("main").inner_text()
        dad.check()
        log = mina.visit("/people/log").page.locator("main").inner_text()
        assert "took back, for 재호, what Dad’s iPhone had done" in log
        mina.visit(receipt)
        mina.page.get_by_role("button", name="Undo this rewind").click()
        expect(mina.page.locator("h1")).to_have_text("4 contacts are gone again.")


def test_somebody_else_sees_neither_phone_nor_receipt(browser: Browser, told: Loss) -> None:
    with browser.open() as hajun, browser.open() as dad:
        dad.sign_in("dad").visit(f"/rewind/{told.lost.device_id}?had=once+upon")
        assert "moment" in dad.heading.lower()
        dad.visit(f"/rewind/{told.lost.device_id}").page.locator(".moments .row").first.click()
        dad.page.locator("#outcome .act.return").click()
        dad.page.wait_for_url("**/receipt/*")
        hajun.sign_in("hajun")
        for path in (f"rewind/{told.lost.device_id}", f"devices/{told.lost.device_id}"):
            answer = hajun.page.goto(hajun.url + path)
            assert answer is not None and answer.status == 404
        hajun.page.goto(dad.page.url)  # it was about the family's book as well: only that is named
        text = hajun.page.locator("main").inner_text()
        assert "Friend" not in text and "Uncle" in text
        hajun.check()
