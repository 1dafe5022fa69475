"""A contact then and now, in a browser: one number back, photos, moments by key, whole, as new; events; strangers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest

from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, event
from tests.pages.test_contacts import png, speaking
from tests.serving import House, serving

BOOK = "addressbooks/mina/contacts"
VIEWS = [
    pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"),
    pytest.param(DESK, "en", "light", id="desk-en-light"),
]
CELL, OTHER_CELL, WORK = "TEL;TYPE=CELL:010-9876-5432", "TEL;TYPE=CELL:010-2222-1111", "TEL;TYPE=WORK:02-555-0100"
PHOTO = f"PHOTO;ENCODING=b;TYPE=PNG:{base64.b64encode(png()).decode()}"
HOME = "ADR;TYPE=HOME:;;월드컵북로 400;마포구;서울특별시;03925;"


def kim(uid: str, *lines: str) -> str:
    """김철수 with some lines."""
    said = "".join(f"{line}\r\n" for line in lines)
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:김철수\r\nN:김;철수;;;\r\n{said}END:VCARD\r\n"


def live(family: Family, uid: str) -> None:
    """Write the life of one contact: a photo comes and goes, a number goes, an address comes, a number changes."""
    galaxy, bird = family.phone("mina", "민아 갤럭시"), family.phone("mina", "Thunderbird")
    path = f"{BOOK}/{uid}.vcf"
    galaxy.put(path, kim(uid, CELL, WORK, PHOTO))
    for phone, lines in (
        (bird, (CELL, WORK)), (galaxy, (CELL,)), (galaxy, (CELL, HOME)), (galaxy, (OTHER_CELL, HOME))
    ):  # fmt: skip
        family.clock.forward(days=2)
        phone.put(path, kim(uid, *lines))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Contacts that lived alike, one for each test that changes something; an event; one of Dad's."""
    data = tmp_path_factory.mktemp("history") / "data"
    family = Family(data)
    for uid in ("look", "number", "plain", "whole", "new", "stale", "keys"):
        live(family, uid)
    galaxy, dad = family.phone("mina", "민아 갤럭시"), family.phone("dad", "재호 아이폰")
    galaxy.put(f"{BOOK}/gone.vcf", kim("gone", CELL)).put(f"{BOOK}/same.vcf", kim("same", CELL))
    family.clock.forward(days=1)
    galaxy.delete(f"{BOOK}/gone.vcf")
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    galaxy.put("calendars/mina/calendar/trip.ics", event("trip", "제주", start))
    family.clock.forward(days=1)
    galaxy.put("calendars/mina/calendar/trip.ics", event("trip", "제주 여행", start))
    dad.put("addressbooks/dad/contacts/secret.vcf", kim("secret", CELL))
    family.close()
    with serving(data) as running:
        yield running


def history(uid: str) -> str:
    return f"/history/{BOOK}/{uid}.vcf"


def rows(seen: Seen) -> dict[str, str]:
    """What differs: the field, and all that its row says."""
    return {
        row.locator("th").inner_text(): row.inner_text() for row in seen.page.locator(".diff tbody tr:has(.use)").all()
    }


def bar(seen: Seen) -> str:
    return seen.page.locator("#bar p").inner_text()


@pytest.mark.parametrize(("size", "language", "theme"), VIEWS)
def test_what_differs_is_told_with_who_changed_it(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    words = {
        "en": ("Work number", "Mobile number", "Photo", "Home address", "removed by 민아 갤럭시"),
        "ko": ("직장 전화번호", "휴대 전화번호", "사진", "집 주소", "지움: 민아 갤럭시"),
    }[language]
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in("mina")
        with speaking(seen, language):
            seen.visit(history("look")).check()
            assert list(rows(seen)) == [words[1]]
            seen.page.locator(".terms a.term").last.click()  # the first state of all
            seen.check()
            told = rows(seen)
            assert set(told) == set(words[:4])
            assert "02-555-0100" in told[words[0]]
            assert words[4] in told[words[0]]
            assert "Thunderbird" in told[words[2]]
            assert "월드컵북로 400" in told[words[3]]
            portrait = seen.page.locator(".was img.portrait")
            assert portrait.evaluate("image => image.decode().then(() => image.naturalWidth)") == 16


def test_one_phone_number_comes_back_in_three_clicks(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(f"/contacts/mina/contacts/{'number'}.vcf")
        seen.page.get_by_role("link", name="Was and now").click()
        seen.page.locator(".use", has_text="Mobile number").click()
        seen.page.locator("#bar", has_text="1 field comes back").wait_for()
        assert "Mobile number" in bar(seen)
        assert "0 disappear" in bar(seen)
        seen.page.get_by_role("button", name="Bring back 1 field").click()
        seen.page.wait_for_url("**/receipt/*")
        assert "김철수" in seen.page.locator("main").inner_text()
        seen.visit("/contacts/mina/contacts/number.vcf")
        said = seen.page.locator(".says").inner_text()
        assert "010-9876-5432" in said
        assert "010-2222-1111" not in said
        assert "월드컵북로" in said


def test_several_fields_come_back_without_script_and_what_goes_is_counted(browser: Browser) -> None:
    with browser.open(script=False) as seen:
        seen.sign_in("mina").visit(history("plain"))
        seen.page.locator(".terms a.term").last.click()
        seen.page.locator("button", has_text="Bring back what is ticked").click()
        assert "Nothing is ticked yet" in seen.page.get_by_role("alert").inner_text()
        for field in ("Work number", "Photo", "Home address"):
            seen.page.locator(".use", has_text=field).click()
        seen.page.locator("button", has_text="Bring back what is ticked").click()
        assert "/receipt/" in seen.page.url
        seen.visit("/contacts/mina/contacts/plain.vcf")
        said = seen.page.locator(".says").inner_text()
        assert "02-555-0100" in said
        assert "010-2222-1111" in said
        assert "월드컵북로" not in said
        assert seen.page.locator("img.face").count() == 1


def test_the_bar_says_what_disappears(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(history("look"))
        seen.page.locator(".terms a.term").last.click()
        seen.page.locator(".use", has_text="Home address").click()
        seen.page.locator("#bar", has_text="1 disappears: Home address").wait_for()
        seen.page.locator(".use", has_text="Photo").click()
        seen.page.locator("#bar", has_text="1 field comes back: Photo").wait_for()
        seen.check()


def test_the_whole_contact_comes_back_as_it_was(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(history("whole"))
        seen.page.locator(".terms a.term").last.click()
        seen.page.get_by_text("Other ways").click()
        seen.page.get_by_role("button", name="The whole of it").click()
        seen.page.wait_for_url("**/receipt/*")
        text = seen.page.request.get(f"{seen.url}history-text/{BOOK}/whole.vcf")
        assert text.text() == kim("whole", CELL, WORK, PHOTO)
        assert text.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_former_state_becomes_a_contact_of_its_own(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(history("new"))
        seen.page.get_by_text("Other ways").click()
        seen.page.get_by_role("button", name="As a new contact").click()
        seen.page.wait_for_url("**/receipt/*")
        seen.visit("/contacts/mina/contacts?q=9876")
        copies = [link.get_attribute("href") or "" for link in seen.page.locator("a.row").all()]
        assert "/contacts/mina/contacts/new.vcf" not in copies
        fresh = next(href for href in copies if len(href) > len("/contacts/mina/contacts/1234567890.vcf"))
        octets = seen.page.request.get(f"{seen.url}contact-file/addressbooks{fresh.removeprefix('/contacts')}").text()
        assert "UID:new\r\n" not in octets
        assert CELL in octets


def test_a_deleted_contact_comes_back_from_its_history(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/contacts/mina/contacts/gone.vcf")
        assert seen.page.url.endswith(history("gone"))
        seen.check()
        assert seen.page.locator(".use").count() == 0
        seen.page.get_by_role("button", name="Bring it back").click()
        seen.page.wait_for_url("**/receipt/*")
        assert seen.visit("/contacts/mina/contacts/gone.vcf").heading == "김철수"


def test_keys_lead_from_moment_to_moment_and_back(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(history("keys"))
        first = seen.page.locator(".term[aria-current]").inner_text()
        seen.page.keyboard.press("ArrowLeft")
        seen.page.wait_for_url("**?at=seq-*")
        assert seen.page.locator(".term[aria-current]").inner_text() != first
        seen.page.keyboard.press("ArrowRight")
        seen.page.locator(".term[aria-current]", has_text=first.splitlines()[1]).wait_for()
        seen.page.wait_for_load_state("load")
        seen.page.locator(".use input").first.focus()
        seen.page.keyboard.press("Space")
        seen.page.locator("#bar", has_text="1 field comes back").wait_for()
        seen.page.locator("h1").click()
        seen.page.keyboard.press("Escape")
        seen.page.wait_for_url("**/contacts/mina/contacts/keys.vcf")
        seen.page.keyboard.press("h")
        seen.page.wait_for_url("**/history/**")


def test_what_somebody_wrote_meanwhile_is_shown_before_anything_happens(browser: Browser) -> None:
    with browser.open() as here, browser.open() as there:
        for seen in (here, there):
            seen.sign_in("mina").visit(history("stale"))
            seen.page.locator(".use", has_text="Mobile number").click()
            seen.page.locator("#bar", has_text="1 field comes back").wait_for()
        there.page.get_by_role("button", name="Bring back 1 field").click()
        there.page.wait_for_url("**/receipt/*")
        here.page.get_by_role("button", name="Bring back 1 field").click()
        assert "changed meanwhile" in here.page.get_by_role("alert").inner_text()
        here.check()


def test_an_event_has_fields_as_well(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit("/history/calendars/mina/calendar/trip.ics").check()
        assert list(rows(seen)) == ["Title"]
        seen.page.locator(".use").click()
        seen.page.get_by_role("button", name="Bring back 1 field").click()
        seen.page.wait_for_url("**/receipt/*")
        text = seen.page.request.get(f"{seen.url}history-text/calendars/mina/calendar/trip.ics").text()
        assert "SUMMARY:제주\r\n" in text


def test_what_never_changed_has_nothing_to_choose(browser: Browser) -> None:
    with browser.open(size=PHONE) as seen:
        seen.sign_in("mina").visit(history("same")).check()
        assert seen.page.locator(".empty").count() == 1


def test_a_collection_has_a_timeline_instead(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina").visit(f"/history/{BOOK}")
        assert "/timeline?address=" in seen.page.url


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("history/addressbooks/dad/contacts/secret.vcf", 404),
        ("history-text/addressbooks/dad/contacts/secret.vcf", 404),
        (f"history/{BOOK}/nobody.vcf", 404),
        ("history/nonsense", 404),
        (f"history/{BOOK}/look.vcf?at=the+day+the+cat+came", 400),
        (f"history/{BOOK}/look.vcf?at=2001-01-01", 404),
    ],
)
def test_what_strangers_ask_is_answered_with_a_sentence(browser: Browser, path: str, status: int) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        answer = seen.page.goto(seen.url + path)
        assert answer is not None
        assert answer.status == status
        assert len(seen.heading) > 10


def test_a_form_without_its_key_gives_nothing_back(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        answer = seen.page.request.post(f"{seen.url}history/{BOOK}/look.vcf", form={"use": "tel:01098765432"})
        assert answer.status == 403
