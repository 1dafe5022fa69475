"""People and what they share: adding somebody, shutting out and letting in, who sees what, leaving a share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright import sync_api

from tests.pages.browsing import DESK, PASSWORD, PHONE, Browser, Seen
from tests.pages.choosing import speak_korean
from tests.pages.family import Family, card
from tests.serving import House, serving

VIEWS = [
    pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
    pytest.param(DESK, "en", "light", id="desk-en-light"),
]
CONTACTS = "addressbooks/mina/contacts"
RECEIPT = re.compile(r"/receipt/\d+$")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A family with something to share."""
    data = tmp_path_factory.mktemp("sharing") / "data"
    family = Family(data)
    family.phone("mina", "Mina’s Galaxy").put(f"{CONTACTS}/kim.vcf", card("kim", "김철수"))
    dad = family.phone("dad", "Dad’s iPhone")
    assert dad.ask("MKCOL", "files/dad/trip") == 201
    dad.put("files/dad/trip/plan.txt", "ferry")
    family.add("sora", "소라", admin=True)
    family.add("longest", "남궁하늘별님구름햇살로")
    family.close()
    with serving(data) as running:
        yield running


def _press(seen: Seen, name: str | re.Pattern[str]) -> None:
    seen.page.get_by_role("button", name=name).first.click()


def _show_it(seen: Seen, address: str, person: str, access: str) -> None:
    seen.visit(f"/sharing/{address}")
    seen.page.locator(f"label.choice:has(input[value={person}])").click()
    seen.page.locator(f"label.chip:has(input[value={access}])").click()
    seen.page.locator("form.sheet-form button").click()
    seen.page.wait_for_url(RECEIPT)


@pytest.mark.parametrize(("size", "language", "theme"), VIEWS)
def test_every_page_of_people_and_sharing_can_be_used(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, language=language, theme=theme) as seen:
        who = "sora" if language == "ko" else "mina"  # what one chose, the other tests must not see
        seen.sign_in(who)
        if language == "ko":
            speak_korean(seen)
        for path in (
            "/people", "/people/one/dad", "/people/one/mina", "/people/add", "/people/log",
            "/people/one/hajun/shut-out", "/sharing", f"/sharing/addressbooks/{who}/contacts",
            f"/sharing/addressbooks/{who}/family",
        ):  # fmt: skip
            seen.visit(path).check()


def test_somebody_who_is_added_comes_in_by_the_link_once(browser: Browser) -> None:
    with browser.open(size=PHONE, script=False) as seen, browser.open() as theirs:
        seen.sign_in("mina")
        seen.visit("/people/add")
        seen.page.locator("input[name=name]").fill("새롬")
        _press(seen, "Add, and show the link")
        link = seen.page.locator("input[readonly]").input_value()
        seen.check()
        path = "/join/" + link.rsplit("/", 1)[1]
        theirs.visit(path)
        theirs.page.locator("input[name=password]").fill("morning tea 5")
        theirs.page.locator("form button").click()
        theirs.page.wait_for_url(re.compile(r"/devices/add"))
        assert theirs.visit("/sharing").heading == "Who sees what"
        theirs.visit(path)
        assert "does not work any more" in theirs.heading
        seen.visit("/people/log")
        assert "새롬 chose a password by the link." in seen.page.locator("ol.ledger").inner_text()


def test_who_is_shut_out_is_out_at_once_and_back_with_everything(browser: Browser) -> None:
    with browser.open() as seen, browser.open() as theirs:
        theirs.sign_in("hajun")
        seen.sign_in("mina")
        seen.visit("/people/one/hajun")
        seen.page.get_by_role("link", name="Shut out…").click()
        _press(seen, "Shut out")
        assert "Shut out since" in seen.page.locator(".lede").inner_text()
        assert "/sign-in" in theirs.visit("/sharing").page.url
        _press(seen, "Let 하준 in again")
        theirs.sign_in("hajun")
        assert theirs.visit("/sharing").heading == "Who sees what"


def test_a_share_is_given_changed_and_taken_back_with_receipts(browser: Browser) -> None:
    with browser.open(size=PHONE) as seen, browser.open() as theirs:
        seen.sign_in("mina")
        theirs.sign_in("dad")
        _show_it(seen, CONTACTS, "dad", "read")
        seen.check()
        shown = theirs.visit("/sharing").page.locator("section[aria-labelledby=theirs] .ledger")
        sync_api.expect(shown).to_contain_text("shared by 민아 · you may only look")
        seen.visit(f"/sharing/{CONTACTS}")
        _press(seen, re.compile("Change too.*재호"))
        seen.page.wait_for_url(RECEIPT)
        theirs.page.reload()
        sync_api.expect(shown).to_contain_text("you may change it")
        seen.visit(f"/sharing/{CONTACTS}")
        _press(seen, re.compile("Show it no longer.*재호"))
        seen.page.wait_for_url(RECEIPT)
        theirs.page.reload()
        sync_api.expect(shown.filter(has_text="shared by 민아")).to_have_count(0)
        _press(seen, "Undo this")
        seen.page.wait_for_url(RECEIPT)
        theirs.page.reload()
        sync_api.expect(shown).to_contain_text("shared by 민아")


def test_who_leaves_a_share_sees_it_no_more_and_may_come_back(browser: Browser) -> None:
    with browser.open() as seen, browser.open() as owner:
        owner.sign_in("dad")
        _show_it(owner, "files/dad/trip", "mina", "write")
        seen.sign_in("mina")
        seen.visit("/sharing")
        seen.page.get_by_role("link", name=re.compile("^trip")).click()
        seen.check()
        _press(seen, "Leave it")
        seen.page.wait_for_url(RECEIPT)
        assert seen.page.get_by_role("link", name=re.compile("^trip")).count() == 0
        _press(seen, "Undo this")
        seen.page.wait_for_url(RECEIPT)
        assert seen.visit("/sharing").page.get_by_role("link", name=re.compile("^trip")).count() == 1
        owner.visit("/sharing/files/dad/trip")
        assert owner.page.get_by_text("plan.txt").count() == 0
        sync_api.expect(owner.page.locator(".sharers .name")).to_have_text(["재호", "민아"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"/sharing/{CONTACTS}", 404, id="what-is-not-shared"),
        pytest.param("/sharing/files/hajun", 404, id="a-whole-home"),
        pytest.param("/people/add", 403, id="adding-somebody"),
        pytest.param("/people/log", 403, id="who-let-whom-in"),
        pytest.param("/people/one/dad/shut-out", 403, id="shutting-out"),
        pytest.param("/people/one/household", 404, id="the-household-is-nobody"),
    ],
)
def test_a_member_sees_nothing_that_is_not_theirs(browser: Browser, path: str, status: int) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        answer = seen.page.goto(seen.url + path.lstrip("/"))
        assert answer is not None and answer.status == status


def test_nobody_gives_away_what_is_not_theirs(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        token = seen.visit("/you").page.locator("input[name=form_token]").first.input_value()
        for form, status in (({"form_token": token}, 404), ({}, 403)):
            answer = seen.page.request.post(
                f"{seen.url}share/{CONTACTS}", form={"person": "hajun", "access": "write", **form}
            )
            assert answer.status == status
        answer = seen.page.request.post(f"{seen.url}people/one/dad/let-in", form={"form_token": token})
        assert answer.status == 403
        assert PASSWORD not in seen.page.content()
