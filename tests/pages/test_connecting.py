"""A phone comes in while its page is open: ticks, faults with their remedies, codes that are used up, guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright import sync_api
from playwright.sync_api import expect

from appliance.household import people
from tests.pages.browsing import DESK, PASSWORD, PHONE, Browser, Seen
from tests.pages.family import Family, card, event
from tests.pages.knocking import Knocker
from tests.serving import House, serving

ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; SM-S948N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605"
CONTACTS = 3


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The family's house: Hajun has three contacts and an appointment, written long ago by a phone that went quiet."""
    data = tmp_path_factory.mktemp("family") / "data"
    family = Family(data)
    old = family.phone("hajun", "Old Galaxy")
    for number in range(CONTACTS):
        old.put(f"addressbooks/hajun/contacts/{number}.vcf", card(f"uid-{number}", f"김철수 {number}"))
    old.put("calendars/hajun/calendar/1.ics", event("uid-event", "김장", datetime(2026, 11, 28, 1, tzinfo=UTC)))
    people.choose(family.house.services.ledger.database, family.people["hajun"].id, language="ko", theme=None)
    family.house.sightings.write_all()
    family.close()
    with serving(data) as running:
        yield running


def make_code(seen: Seen, name: str) -> str:
    """Make a code for somebody and return it; the page with it is open then."""
    seen.visit(f"/devices/add?person={name}")
    seen.page.locator("form.sheet-form .act.main").click()
    seen.page.wait_for_url("**/devices/coming/**")
    return seen.page.url.rsplit("/", 1)[1]


def take(browser: Browser, code: str, *, agent: str = WINDOWS, way: str = "plain") -> Knocker:
    """Take the settings of a code as they are shown, and return a device with them."""
    with browser.open(agent=agent) as phone:
        phone.visit(f"/pair/{code}")
        if not phone.page.locator(f"button[value={way}]").is_visible():
            phone.page.locator("summary").click()
        phone.page.locator(f"button[value={way}]").click()
        phone.page.wait_for_url("**/pair/given/**")
        return read_settings(phone)


def read_settings(phone: Seen) -> Knocker:
    """Return a device with the settings that a page shows."""
    _, user, password = (each.input_value() for each in phone.page.locator(".copies input").all()[:3])
    return Knocker(phone.url, user, password)


def states(seen: Seen) -> str:
    """Return the ticks as signs: + done, ~ under way, - waited for, ! a fault."""
    signs = {"done": "+", "doing": "~", "wait": "-", "fault": "!"}
    return "".join(signs[each.get_attribute("class") or ""] for each in seen.page.locator(".ticks > li").all())


def expect_states(seen: Seen, wanted: str) -> None:
    """Wait until the page shows these ticks by itself."""
    signs = {"+": "done", "~": "doing", "-": "wait", "!": "fault"}
    expect(seen.page.locator(".ticks > li")).to_have_class([signs[each] for each in wanted], timeout=20_000)


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [pytest.param(PHONE, "ko", "dark", id="phone-ko-dark"), pytest.param(DESK, "en", "light", id="desk-en-light")],
)
def test_the_ticks_move_while_a_phone_comes_in(
    browser: Browser, size: tuple[int, int], language: Literal["en", "ko"], theme: Literal["light", "dark"]
) -> None:
    book, calendar = "addressbooks/hajun/contacts/", "calendars/hajun/calendar/"
    with browser.open(size=size, language=language, theme=theme) as seen:
        seen.sign_in({"en": "mina", "ko": "hajun"}[language])
        code = make_code(seen, "hajun")
        expect_states(seen, "~-----")
        with browser.open(size=PHONE, language=language, agent=ANDROID) as phone:
            phone.visit(f"/pair/{code}")
            phone.check()
            assert phone.page.locator("input[name=label]").input_value().startswith("SM-S948N")
            expect_states(seen, "+~----")
            phone.page.locator("button[value=davx5]").first.click()
            phone.page.wait_for_url("**/pair/given/**")
            link = phone.page.locator(".act.main").get_attribute("href") or ""
            assert link.startswith("caldav://hajun:")
            phone.page.locator("summary").click()
            phone.check()
            knocker = read_settings(phone)
        expect_states(seen, "++~---")
        assert knocker.knock() == 207
        expect_states(seen, "+++~--")
        names = [name for name in knocker.sync(book) if name]
        expect_states(seen, "++++~-")
        seen.check()
        knocker.fetch(book, names[:1])
        expect(seen.page.locator("progress")).to_have_attribute("value", "1", timeout=20_000)
        knocker.fetch(book, names[1:])
        expect_states(seen, "+++++-")
        knocker.fetch(calendar, [name for name in knocker.sync(calendar) if name])
        expect_states(seen, "++++++")
        expect(seen.page.get_by_role("status")).to_have_text(
            {"en": re.compile("1 appointment has arrived"), "ko": re.compile("일정 1개가 들어왔어요")}[language]
        )
        assert seen.page.locator("#coming").get_attribute("hx-get") is None  # nobody asks any more
        seen.check()


def test_faults_stand_in_their_place_with_a_remedy(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("mina")
        right = take(browser, make_code(seen, "hajun"))
        wrong = Knocker(right.url, right.user, right.password[:-1] + ("a" if right.password[-1] != "a" else "b"))
        assert wrong.knock() == 401
        expect_states(seen, "++!---")
        expect(seen.page.locator(".ticks .fault")).to_contain_text("type the password of its settings again")
        assert Knocker(right.url, "dad", right.password).knock() == 401
        expect(seen.page.locator(".ticks .fault")).to_contain_text("the user name must be hajun", timeout=20_000)
        seen.check()
        assert right.knock() == 207
        expect_states(seen, "+++~--")  # the fault goes with its cause
        slow = format_datetime(datetime.now(UTC) - timedelta(minutes=9), usegmt=True)
        assert right.ask("OPTIONS", "", Date=slow)[0] == 200
        expect_states(seen, "+++~--!")
        expect(seen.page.locator(".ticks .fault")).to_contain_text("Its clock is 9 minutes slow")
        stale = right.put("addressbooks/hajun/contacts/new.vcf", card("new", "새 사람"), If_Match='"nobody"')
        assert stale == 412
        expect_states(seen, "+++~--!!")
        expect(seen.page.locator(".ticks .fault").nth(1)).to_contain_text("1 edit was kept aside")
        seen.check()


def test_without_script_the_page_says_the_same_when_it_is_loaded_again(browser: Browser) -> None:
    with browser.open(script=False, language="ko") as seen:
        seen.sign_in("hajun")
        code = make_code(seen, "hajun")
        assert states(seen) == "~-----"
        knocker = take(browser, code, agent=MAC)
        knocker.knock()
        seen.page.reload()
        assert states(seen) == "+++~--"
        assert "들어오는 중" in seen.heading


def test_a_used_code_gives_nothing_twice(browser: Browser) -> None:
    with browser.open() as seen, browser.open(agent=WINDOWS) as phone, browser.open(agent=WINDOWS) as late:
        seen.sign_in("hajun")
        code = make_code(seen, "hajun")
        phone.visit(f"/pair/{code}")
        late.visit(f"/pair/{code}")
        phone.page.locator(".act.main").click()
        phone.page.wait_for_url("**/pair/given/**")
        password = read_settings(phone).password
        late.page.locator(".act.main").click()
        assert late.heading.startswith("This code was used already")
        assert password not in late.page.content()
        late.visit(f"/pair/{code}")
        assert late.heading == "This code was used already"
        late.check()
        late.visit("/pair/given/made-up/plain")
        assert late.heading.startswith("These settings were told already")
        late.page.goto(phone.page.url.replace("/plain", "/iphone"))
        assert late.heading.startswith("There is no such page")


def test_a_code_can_be_ended(browser: Browser) -> None:
    with browser.open() as seen:
        seen.sign_in("dad")
        code = make_code(seen, "dad")
        address = seen.page.url
        make_code(seen, "dad")
        seen.page.get_by_role("button", name="End this code").click()
        seen.page.wait_for_url("**/devices")
        seen.check()
        with browser.open() as hajun:
            hajun.sign_in("hajun").visit("/devices")
            assert hajun.page.get_by_role("button", name="재호").count() == 0  # another's codes are not shown
        ends = seen.page.get_by_role("button", name="End the code for 재호")
        for left in reversed(range(ends.count())):  # other journeys leave codes of his, too
            ends.first.click()
            expect(ends).to_have_count(left)
        seen.page.goto(address)
        assert seen.heading == "This code is over" and states(seen)[0] == "!"
        with browser.open(agent=ANDROID) as phone:
            phone.visit(f"/pair/{code}")
            assert phone.heading.startswith("This code does not work")


def test_on_the_phone_itself_the_code_is_folded_away(browser: Browser) -> None:
    with browser.open(size=PHONE, agent=ANDROID) as seen:
        seen.sign_in("dad")
        make_code(seen, "dad")
        assert not seen.page.locator(".code svg").is_visible()
        seen.check()
        seen.page.locator("#go-on").click()
        seen.page.wait_for_url("**/pair/**")
        assert "becomes 재호’s phone" in seen.heading


def test_nobody_adds_phones_for_others_or_sees_their_codes(browser: Browser) -> None:
    with browser.open() as mina, browser.open() as dad:
        mina.sign_in("mina")
        dad.sign_in("dad")
        make_code(mina, "mina")
        made = mina.page.url
        for path in (
            made, made + "/news", f"{mina.url}devices/add?person=mina", f"{mina.url}devices/add?person=nobody",
            made.rsplit("/", 1)[0] + "/AAA-AAA",
        ):  # fmt: skip
            answer = dad.page.goto(path)
            assert answer is not None and answer.status == 404, path
        dad.visit("/devices/add")
        assert dad.page.locator("input[type=radio]").count() == 0
        assert dad.page.request.post(f"{mina.url}devices/add", form={"person": "dad"}).status == 403


def test_strangers_guess_codes_in_vain_and_are_slowed_down(chrome: sync_api.Browser, tmp_path: Path) -> None:
    data = tmp_path / "data"
    Family(data).close()
    with serving(data) as running, Browser(chrome, running.url).open() as seen:
        seen.visit("/pair")
        seen.check()
        seen.page.locator("input[name=code]").fill("aaa aaa")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/pair/**")
        assert seen.heading.startswith("This code does not work")
        statuses = [
            seen.page.request.get(f"{running.url}pair/AAA-AA{sign}").status for sign in "BCDEFGHJKLMNPQRSTUVWXYZ"
        ]
        assert set(statuses) == {404, 429} and statuses == sorted(statuses)
        seen.sign_in("hajun", PASSWORD)  # a throttle of its own: the family is not kept out
