"""What is shared, seen from both sides: its owner's pages, its receiver's pages, and the receiver's phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser as Chrome
from playwright.sync_api import expect

from tests.pages.browsing import DESK, PHONE, Browser, Seen
from tests.pages.family import Family, Phone, card, event
from tests.pages.knocking import Knocker
from tests.serving import House, serving

RECEIPT = re.compile(r"/receipt/\d+$")
SOON = datetime.now(UTC) + timedelta(hours=3)
XMLNS = 'xmlns="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav" xmlns:C="urn:ietf:params:xml:ns:caldav"'
BOOK = f"<mkcol {XMLNS}><set><prop><resourcetype><collection/><CR:addressbook/></resourcetype></prop></set></mkcol>"
TASKS = (
    f'<C:mkcalendar {XMLNS}><set><prop><C:supported-calendar-component-set><C:comp name="VTODO"/>'
    "</C:supported-calendar-component-set></prop></set></C:mkcalendar>"
)


def task(uid: str, title: str) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTODO\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261124T100000Z\r\nSUMMARY:{title}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is shared: how it is made, what is in it, and where its page is."""

    home: str
    name: str
    method: str
    body: str
    ending: str
    one: str
    two: str
    page: str
    shown: str  # a text on its page

    @property
    def owned(self) -> str:
        """Where its owner has it."""
        return f"{self.home}/mina/{self.name}"


KINDS = (
    Kind(
        "addressbooks", "clients", "MKCOL", BOOK, "vcf", card("k1", "김철수"), card("k2", "이영희"),
        "contacts", "김철수",
    ),
    Kind(
        "calendars", "football", "MKCALENDAR", "", "ics", event("e1", "Training", SOON), event("e2", "Match", SOON),
        "calendar", "football",
    ),
    Kind(
        "calendars", "chores", "MKCALENDAR", TASKS, "ics", task("t1", "Dishes"), task("t2", "Bins"),
        "calendar", "chores",
    ),
    Kind("files", "trip", "MKCOL", "", "txt", "ferry at nine", "train at ten", "files", "one.txt"),
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Phone, Phone]]:
    """Mina has one of each kind, with one thing in it; Dad has a phone."""
    family = Family(tmp_path_factory.mktemp("both") / "data", days_ago=2)
    mina, dad = family.phone("mina", "Mina’s Galaxy"), family.phone("dad", "Dad’s iPhone")
    for kind in KINDS:
        assert mina.ask(kind.method, kind.owned, kind.body.encode(), {"content-type": "application/xml"}) == 201
        mina.put(f"{kind.owned}/one.{kind.ending}", kind.one)
    family.close()
    with serving(family.data) as house:
        yield house, mina, dad


def show_it(seen: Seen, kind: Kind, access: str) -> None:
    """Go to a thing's own page, on to who sees it, and show it to Dad."""
    seen.visit(f"/{kind.page}/{kind.owned.partition('/')[2]}")
    link = seen.page.locator(f"a[href='/sharing/{kind.owned}']").first
    link.evaluate("link => link.closest('details')?.setAttribute('open', '')")
    link.click()
    seen.page.wait_for_url("**/sharing/**")
    assert kind.name in seen.heading
    seen.page.locator("label.choice:has(input[value=dad])").click()
    seen.page.locator(f"label.chip:has(input[value={access}])").click()
    seen.page.locator("form.sheet-form button").click()
    seen.page.wait_for_url(RECEIPT)


def press(seen: Seen, kind: Kind, words: str) -> None:
    seen.visit(f"/sharing/{kind.owned}")
    seen.page.get_by_role("button", name=re.compile(f"{words}.*재호")).click()
    seen.page.wait_for_url(RECEIPT)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])
def test_what_is_shown_is_seen_changed_left_and_taken_back(
    chrome: Chrome, made: tuple[House, Phone, Phone], kind: Kind
) -> None:  # fmt: skip
    house, minas, dads = made
    browser = Browser(chrome, house.url)
    mina, dad = (Knocker(house.url, each.user, each.password) for each in (minas, dads))
    with browser.open(size=DESK, theme="dark") as owner, browser.open(size=PHONE) as receiver:
        owner.sign_in("mina")
        receiver.sign_in("dad")
        show_it(owner, kind, "read")
        owner.check()
        receiver.visit("/sharing").page.get_by_role("link", name=re.compile(f"^{kind.name}")).click()
        receiver.page.wait_for_url("**/sharing/**")
        assert receiver.heading.startswith(f"민아 shows you {kind.name}")
        assert "You may look at it" in receiver.page.locator(".lede").inner_text()
        receiver.check()
        mount = receiver.page.url.partition("/sharing/")[2]
        assert mount.startswith(f"{kind.home}/dad/")
        receiver.visit(f"/{kind.page}/{mount.partition('/')[2]}")
        expect(receiver.page.locator("main")).to_contain_text(kind.shown)
        two = f"{mount}/two.{kind.ending}"
        assert dad.ask("GET", f"{mount}/one.{kind.ending}")[0] == 200
        assert dad.put(two, kind.two) == 403
        assert dad.ask("DELETE", f"{mount}/one.{kind.ending}")[0] == 403
        press(owner, kind, "Change too")
        assert dad.put(two, kind.two) == 201

        assert dad.ask("DELETE", f"{mount}/")[0] == 204  # as a phone removes what it shows: it leaves
        assert dad.ask("PROPFIND", f"{mount}/", Depth="0")[0] == 404
        for name in ("one", "two"):
            assert mina.ask("GET", f"{kind.owned}/{name}.{kind.ending}")[0] == 200
        assert receiver.visit("/sharing").page.get_by_role("link", name=re.compile(f"^{kind.name}")).count() == 0

        show_it(owner, kind, "read")
        assert dad.ask("GET", two)[0] == 200
        press(owner, kind, "Show it no longer")
        assert dad.ask("GET", two)[0] == 404
        assert mina.ask("GET", f"{kind.owned}/two.{kind.ending}")[0] == 200
        owner.page.get_by_role("button", name="Undo this").click()
        owner.page.wait_for_url(RECEIPT)
        assert dad.ask("GET", two)[0] == 200
        assert dad.put(two, kind.two) == 403  # with the right that was taken
        owner.check()
