"""Giving back in a browser: a rewind, a book to a moment, receipts and their undo, what was kept aside."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright import sync_api

from appliance.history import applying
from appliance.history.restore import Area, Planner, Side
from appliance.household import devices
from appliance.store import past
from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, Phone, card
from tests.serving import House, serving

BOOK = "addressbooks/dad/contacts"
DELETED = 130  # more than a page shows
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happened before the house was opened."""

    phone: Phone
    tablet: Phone
    mina: Phone
    hajun: Phone
    before: datetime  # all was well
    stopped: int  # a batch that was cut off before its first step
    trip: str


@pytest.fixture(scope="module")
def mishap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Mishap]]:
    """Dad's phone deletes nearly all his contacts; what his tablet did later is in the way of some."""
    family = Family(tmp_path_factory.mktemp("mishap") / "data", days_ago=3)
    phone, tablet = family.phone("dad", "Dad's iPhone"), family.phone("dad", "tablet")
    mina, hajun = family.phone("mina", "Mina's Galaxy"), family.phone("hajun", "Hajun's phone")
    for number in range(DELETED):
        phone.put(f"{BOOK}/c{number}.vcf", card(f"c{number}", f"Friend {number}", tel=f"010-{number:04d}"))
    for name in ("aunt", "uncle", "cousin"):
        phone.put(f"{BOOK}/{name}.vcf", card(name, name.title(), tel="010-1"))
    family.clock.forward(days=2)
    before = family.clock.now() - timedelta(minutes=20)
    phone.put(f"{BOOK}/aunt.vcf", card("aunt", "Aunt", tel="010-2"))
    for number in range(DELETED):
        phone.delete(f"{BOOK}/c{number}.vcf")
    phone.delete(f"{BOOK}/uncle.vcf")
    family.clock.forward(minutes=20)
    tablet.put(f"{BOOK}/uncle.vcf", card("uncle", "Uncle", tel="010-9"))
    tablet.put(f"{BOOK}/aunt.vcf", card("aunt", "Aunt", tel="010-3"))
    mine = "addressbooks/mina/contacts/kim.vcf"
    mina.put(mine, card("kim", "Kim", tel="02-1"))
    for told in ("02-555", "02-777"):
        mina.ask("PUT", mine, card("kim", "Kim", tel=told, note="new desk").encode(), {"if-match": '"9-9"'})
    hajun.put("files/hajun/trip.txt", "one")
    stopped = _cut_off(family, hajun)
    family.clock.forward(hours=1)
    family.close()
    with serving(family.data) as house:
        yield house, Mishap(phone, tablet, mina, hajun, before, stopped, "files/hajun/trip.txt")


def _cut_off(family: Family, hajun: Phone) -> int:
    """Plan to bring three contacts back, and lose power before the first of them."""
    places = [f"addressbooks/hajun/contacts/{name}.vcf" for name in "abc"]
    for number, place in enumerate(places):
        hajun.put(place, card(str(number), f"Lost {number}"))
    ledger = family.house.services.ledger
    reading = ledger.database.connection()
    book = past.locate(reading, places[0].split("/")[:3], seq=None)
    then = int(reading.execute("SELECT max(seq) FROM version").fetchone()[0])
    for place in places:
        hajun.delete(place)
    planner = Planner(reading, family.house.bodies)
    plan = planner.restore(Area(collections=(book.resource_id,)), then, Side(everybody=True))
    author = devices.own_author(
        ledger.database, family.people["hajun"].id, "pages", label="Browser", at=family.clock.now()
    )  # fmt: skip
    return applying.begin(ledger, author, "restore", plan)


@pytest.fixture
def told(mishap: tuple[House, Mishap]) -> Mishap:
    return mishap[1]


@pytest.fixture
def browser(chrome: sync_api.Browser, mishap: tuple[House, Mishap]) -> Browser:
    return Browser(chrome, mishap[0].url)


def put(seen: Seen, phone: Phone, path: str, body: str) -> int:
    """Write something as a phone does while the house is open."""
    basic = base64.b64encode(f"{phone.user}:{phone.password}".encode()).decode()
    answer = seen.page.request.put(
        f"{seen.url}dav/{quote(path)}", data=body, headers={"Authorization": f"Basic {basic}"}
    )  # fmt: skip
    return answer.status


def post(seen: Seen, path: str, **form: str) -> sync_api.APIResponse:
    """Send a form of this visitor without following where it leads."""
    seen.visit("/you")
    token = seen.page.locator("input[name=form_token]").first.get_attribute("value") or ""
    return seen.page.request.post(
        seen.url + path.lstrip("/"), form={"form_token": token, **form}, max_redirects=0
    )  # fmt: skip


def bring_back(seen: Seen) -> None:
    """Press the one filled act, and wait for the receipt."""
    seen.page.locator("#outcome .act.return").click()
    seen.page.wait_for_url("**/receipt/*")


def local(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%Y-%m-%dT%H:%M")


# --- a rewind ---------------------------------------------------------------------------------------


def test_a_device_is_rewound_in_four_steps_and_that_is_undone_and_redone(browser: Browser, told: Mishap) -> None:
    with browser.open(size=DESK) as seen:
        seen.sign_in("dad")
        seen.visit(f"/rewind/{told.phone.device_id}")  # 1: the device
        assert seen.heading == "Since when should Dad's iPhone have done nothing?"
        seen.check()
        seen.page.locator(".moments a.row", has_text="deleted").first.click()  # 2: since when
        assert seen.heading.startswith("If Dad's iPhone had done nothing since")
        outcome = seen.page.locator("#outcome")
        assert f"{DELETED} come back, 1 stays, 1 as you chose." in outcome.inner_text()
        assert "0 disappear." in outcome.inner_text()
        seen.check()
        seen.page.locator(".choice.laid").click()  # the work that only a person can do
        sync_api.expect(outcome).to_contain_text("1 changes")
        seen.page.locator("#comes .tick").first.uncheck()
        sync_api.expect(outcome).to_contain_text(f"{DELETED - 1} come back")
        seen.page.get_by_role("button", name="Show those after these").click()  # what was chosen comes along
        assert f"{DELETED - 1} come back, 1 changes, 1 stays, 1 as you chose." in outcome.inner_text()
        assert seen.page.locator("#comes .tick").count() == DELETED - 100
        bring_back(seen)  # 3: one act
        assert seen.heading == f"{DELETED - 1} contacts are back."  # 4: the receipt
        seen.check()
        seen.page.get_by_role("button", name="Undo this rewind").click()
        sync_api.expect(seen.page.locator("h1")).to_have_text(f"{DELETED - 1} contacts are gone again.")
        seen.page.get_by_role("button", name="Undo this").click()
        sync_api.expect(seen.page.locator("h1")).to_have_text(f"{DELETED - 1} contacts are back.")
        seen.page.get_by_role("button", name="Undo this").click()
        sync_api.expect(seen.page.locator("h1")).to_have_text(f"{DELETED - 1} contacts are gone again.")


def test_without_script_the_windows_carry_what_was_chosen(browser: Browser, told: Mishap) -> None:
    with browser.open(size=PHONE, language="ko", theme="dark", script=False) as seen:
        seen.sign_in("dad")
        seen.visit(f"/rewind/{told.phone.device_id}?since={quote(local(told.before))}")
        seen.page.locator("#comes .tick").first.uncheck()
        seen.page.locator("#comes .others button").click()
        assert f"{DELETED - 1} come back" in seen.page.locator("#outcome").inner_text()
        seen.page.get_by_role("button", name="Back to the first").click()
        assert not seen.page.locator("#comes .tick").first.is_checked()


def test_an_administrator_sees_how_much_and_not_what(browser: Browser, told: Mishap) -> None:
    with browser.open(size=PHONE, theme="dark") as seen:
        seen.sign_in("mina")
        seen.visit(f"/rewind/{told.phone.device_id}?since={quote(local(told.before))}")
        text = seen.page.locator("main").inner_text()
        assert "This device belongs to 재호" in text
        assert "come back" in text
        assert not any(name in seen.page.content() for name in ("Friend", "Aunt", "Uncle", "010-"))
        seen.check()


# --- a book to a moment -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "theme"), [pytest.param(PHONE, "dark", id="phone"), pytest.param(DESK, "light", id="desk")]
)
def test_a_book_is_looked_at_as_it_was_and_left_alone(
    browser: Browser, told: Mishap, size: tuple[int, int], theme: Literal["light", "dark"]
) -> None:
    with browser.open(size=size, theme=theme) as seen:
        seen.sign_in("dad")
        seen.visit(f"/return/{BOOK}?at={quote(local(told.before))}")
        assert seen.heading.startswith("Contacts, as on")
        seen.check()
        assert seen.page.locator(".chip[aria-current]").inner_text() == "Only what I changed"
        seen.page.get_by_role("link", name="Leave it").click()
        seen.page.wait_for_url("**/timeline?**")


def test_what_changed_since_it_was_shown_is_shown_again(browser: Browser, told: Mishap) -> None:
    with browser.open() as seen:
        seen.sign_in("dad")
        seen.visit(f"/return/{BOOK}?at={quote(local(told.before))}&whose=all")
        assert put(seen, told.tablet, f"{BOOK}/cousin.vcf", card("cousin", "Cousin", tel="010-77")) == 204
        seen.page.locator("#outcome .act.return").click()
        alert = seen.page.get_by_role("alert")
        assert "Something has changed since you looked" in alert.inner_text()
        assert "/receipt/" not in seen.page.url
        bring_back(seen)
        assert "are back" in seen.heading
        seen.page.locator(".receipt .act.return").click()  # as it was for the other tests
        sync_api.expect(seen.page.locator("h1")).to_contain_text("gone again")


def test_a_deleted_file_is_back_with_one_press(browser: Browser, told: Mishap) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        assert post(seen, f"/undelete/{told.trip}").status == 409  # it is there
        basic = base64.b64encode(f"hajun:{told.hajun.password}".encode()).decode()
        gone = seen.page.request.delete(f"{seen.url}dav/{told.trip}", headers={"Authorization": f"Basic {basic}"})
        assert gone.status == 204
        answer = post(seen, f"/undelete/{told.trip}")
        assert answer.status == 303
        seen.visit(answer.headers["location"])
        assert seen.heading == "1 file is back."
        seen.check()


def test_a_copy_is_put_beside(browser: Browser, told: Mishap) -> None:
    with browser.open() as seen:
        seen.sign_in("dad")
        seen.visit(f"/return/{BOOK}?at={quote(local(told.before))}")
        seen.page.get_by_text("Rather beside what is there now").click()
        seen.page.get_by_label("Name of the copy").fill("as it was")
        seen.page.get_by_role("button", name="Put a copy beside it").click()
        seen.page.wait_for_url("**/receipt/*")
        assert f"{DELETED + 4} came back" in seen.page.locator(".parts").inner_text()
        seen.page.locator(".receipt .act.return").click()
        sync_api.expect(seen.page.locator("h1")).to_contain_text("gone again")


def test_a_contact_as_it_was_is_put_beside_as_one_of_its_own(browser: Browser, told: Mishap) -> None:
    with browser.open(size=PHONE) as seen:
        seen.sign_in("dad")
        seen.visit(f"/return/{BOOK}/aunt.vcf?at={quote(local(told.before))}")
        seen.page.get_by_text("Rather beside what is there now").click()
        seen.page.get_by_role("button", name="Put a copy beside it").click()
        seen.page.wait_for_url("**/receipt/*")
        assert seen.heading == "1 contact is back."
        seen.visit(f"/receipt/{seen.page.url.rpartition('/')[2]}/undo")  # looked at first: it counts
        assert "0 come back" in seen.page.locator("#outcome").inner_text()
        assert "1 disappears." in seen.page.locator("#outcome").inner_text()
        seen.check()
        seen.page.locator("#outcome .act.return").click()
        sync_api.expect(seen.page.locator("h1")).to_have_text("1 contact is gone again.")


def test_what_was_cut_off_says_how_much_is_left_and_goes_on(browser: Browser, told: Mishap) -> None:
    with browser.open(size=PHONE) as seen:
        seen.sign_in("hajun")
        seen.visit(f"/receipt/{told.stopped}")
        assert seen.heading == "3 of 3 are not back yet."
        assert "Nothing is lost" in seen.page.locator(".receipt").inner_text()
        seen.check()
        seen.page.get_by_role("button", name="Go on").click()
        sync_api.expect(seen.page.locator("h1")).to_have_text("3 contacts are back.")


# --- what was kept aside ----------------------------------------------------------------------------


def test_an_edit_that_lost_is_taken_over_with_three_clicks_and_another_let_go(browser: Browser) -> None:
    with browser.open(size=PHONE, theme="dark") as seen:
        seen.sign_in("mina")
        seen.visit("/kept")  # 1: its door
        assert seen.heading == "2 edits were kept aside."
        seen.check()
        seen.page.locator(".ledger .act").first.click()  # 2: look
        assert "Mina's Galaxy" in seen.heading
        assert "Somebody else had been faster." in seen.page.locator(".lede").inner_text()
        seen.check()
        seen.page.get_by_role("button", name="Take over what is ticked").click()  # 3
        seen.page.wait_for_url("**/receipt/*")
        assert seen.heading == "1 contact is as it was."
        seen.visit("/kept")
        assert seen.heading == "1 edit was kept aside."
        seen.page.locator(".ledger .act").first.click()
        seen.page.get_by_role("button", name="Let it go").click()
        assert seen.heading == "Nothing was kept aside."
        seen.check()


# --- strangers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param(f"/return/{BOOK}?at=yesterday", 404, id="anothers-book"),
        pytest.param("/return/dad?at=yesterday", 404, id="all-of-another"),
        pytest.param("/return/addressbooks/hajun/contacts?at=some+day", 400, id="an-unreadable-moment"),
        pytest.param("/return/addressbooks/hajun/contacts?at=2099-01-01", 404, id="the-future"),
        pytest.param("/return/addressbooks/hajun/contacts", 400, id="no-moment"),
        pytest.param("/return/elsewhere/hajun?at=now", 404, id="no-address"),
        pytest.param("/rewind/1", 404, id="anothers-device"),
        pytest.param("/rewind/99999", 404, id="no-device"),
        pytest.param("/receipt/99999", 404, id="no-receipt"),
        pytest.param("/kept/1", 404, id="anothers-edit"),
        pytest.param("/kept/99999", 404, id="no-edit"),
    ],
)
def test_what_one_may_not_know_of_is_not_there(browser: Browser, path: str, status: int) -> None:
    with browser.open(language="ko") as seen:
        seen.sign_in("hajun")
        answer = seen.page.goto(seen.url + path.lstrip("/"))
        assert answer is not None
        assert answer.status == status
        assert not any(word in seen.page.locator("main").inner_text() for word in ("gotgan", "Traceback", "Friend"))
        seen.check()


@pytest.mark.parametrize("path", [f"/return/{BOOK}", f"/undelete/{BOOK}", f"/beside/{BOOK}", "/kept/1", "/rewind/2"])
def test_nothing_of_anothers_is_changed_and_nothing_without_a_token(browser: Browser, path: str) -> None:
    with browser.open() as seen:
        seen.sign_in("hajun")
        form: dict[str, Any] = {"at": "yesterday", "since": "yesterday", "name": "x"}
        assert seen.page.request.post(seen.url + path.lstrip("/"), form=form).status == 403
        assert post(seen, path, **form).status == 404
