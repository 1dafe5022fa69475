"""Thunderbird itself: from a bare host name to calendars and contacts that sync both ways, deletions included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.wire import Wire
from tests.clients.written import APPLE_CARD, APPLE_EVENT, THUNDERBIRD_CARD, THUNDERBIRD_EVENT
from tests.interop.thunderbird import Thunderbird, running
from tests.newcomers import another_device, command, newcomer
from tests.serving import House, wait_until

# The password where Thunderbird looks for it: under the host and the realm.
REMEMBER = """
const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
login.init(url.replace(/[/]$/, ""), null, "Gotgan", user, password, "", "");
await Services.logins.addLoginAsync(login);
"""
FIND_CALENDARS = """
const found = await cal.provider.detection.detect(user, password, url, false, [], {});
const all = [...found.values()].flat();
globalThis.found = all;
return all.map(each => ({ name: each.name, path: each.uri.pathQueryRef, readOnly: each.readOnly }));
"""
OPEN_CALENDAR = """
const found = globalThis.found.find(each => each.uri.pathQueryRef == path);
found.setProperty("cache.enabled", true);
cal.manager.registerCalendar(found);
const calendar = cal.manager.getCalendarById(found.id);
const isOpen = () => !calendar.getProperty("disabled") && calendar.getProperty("currentStatus") == Cr.NS_OK;
await until("the calendar to open", isOpen);
return calendar.id;
"""
ALL_EVENTS = """
const calendar = cal.manager.getCalendarById(id);
const titles = async () => (await calendar.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null))
  .map(each => each.title).sort();
calendar.refresh();
await until("the events " + wanted, async () => JSON.stringify(await titles()) == wanted);
return titles();
"""
NEW_EVENT = """
const calendar = cal.manager.getCalendarById(id);
await calendar.addItem(new CalEvent(text.match(/BEGIN:VEVENT[^]*END:VEVENT/)[0]));
"""
DELETE_EVENT = """
const calendar = cal.manager.getCalendarById(id);
await calendar.deleteItem(await calendar.getItem(uid));
"""
FIND_BOOKS = """
const found = await CardDAVUtils.detectAddressBooks(user, password, url, false);
globalThis.books = found;
return found.map(each => ({ name: each.name, path: each.url.pathname }));
"""
OPEN_BOOK = """
const book = await globalThis.books.find(each => each.url.pathname == path).create();
await until("the first sync to end", () => book.getStringValue("carddav.token", "") != "");
return book.dirPrefId;
"""
ALL_CARDS = """
const book = MailServices.ab.getDirectoryFromId(id);
await CardDAVDirectory.forFile(book.fileName).syncWithServer();
const names = () => book.childCards.map(each => each.displayName).sort();
await until("the cards " + wanted, () => JSON.stringify(names()) == wanted);
return names();
"""
NEW_CARD = """
const book = MailServices.ab.getDirectoryFromId(id);
book.addCard(VCardUtils.vCardToAbCard(text));
await until("the upload to end", () => book.childCards.every(each => each.getProperty("_etag", "") != ""));
"""
DELETE_CARD = """
const book = MailServices.ab.getDirectoryFromId(id);
book.deleteCards(book.childCards.filter(each => each.displayName == name));
"""


@pytest.fixture(scope="module")
def thunderbird(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Thunderbird]:
    with running(tmp_path_factory.mktemp("thunderbird")) as made:
        yield made


@pytest.fixture(scope="module")
def account(server: House, slugs: Iterator[str], thunderbird: Thunderbird) -> dict[str, str]:
    """What its person types in; the password is remembered as if they had ticked the box."""
    device = newcomer(server, next(slugs))
    typed = {"user": device.user, "password": device.password, "url": server.url}
    thunderbird.run(REMEMBER, **typed)
    return typed


@pytest.fixture
def phone(server: House, account: dict[str, str]) -> Iterator[Wire]:
    """Another device of the same person."""
    device = another_device(server, account["user"], "phone too")
    with Wire(server.url, user=device.user, password=device.password) as made:
        yield made


def listed(*names: str) -> str:
    """Return names as the scripts compare them."""
    return "[" + ",".join(f'"{name}"' for name in sorted(names)) + "]"


def test_thunderbird_finds_and_syncs_a_calendar(thunderbird: Thunderbird, account: dict[str, str], phone: Wire) -> None:
    home = f"/dav/calendars/{account['user']}/"
    found = thunderbird.run(FIND_CALENDARS, **account)
    assert {each["path"] for each in found} == {home + name for name in ("calendar/", "tasks/", "family/")}
    assert not any(each["readOnly"] for each in found)

    first = home + "calendar/0B5A1C6E-6A7B-4B6D-9D3C-4E1F2A3B4C5D.ics"
    ics = {"Content-Type": "text/calendar"}
    assert phone.ask("PUT", first, headers=ics, body=APPLE_EVENT).status == 201
    opened = thunderbird.run(OPEN_CALENDAR, path=home + "calendar/")
    thunderbird.run(ALL_EVENTS, id=opened, wanted=listed("치과 예약"))

    thunderbird.run(NEW_EVENT, id=opened, text=THUNDERBIRD_EVENT)
    own = home + "calendar/c4f7c5c6-7c4a-4a7e-8d2e-1f0e9d8c7b6a.ics"
    assert b"Elternabend" in phone.ask("GET", own).body

    assert phone.ask("PUT", first, headers=ics, body=APPLE_EVENT.replace("치과 예약", "치과 취소")).status == 204
    thunderbird.run(ALL_EVENTS, id=opened, wanted=listed("치과 취소", "Elternabend"))

    assert phone.ask("DELETE", first).status == 204
    thunderbird.run(ALL_EVENTS, id=opened, wanted=listed("Elternabend"))
    thunderbird.run(DELETE_EVENT, id=opened, uid="c4f7c5c6-7c4a-4a7e-8d2e-1f0e9d8c7b6a")
    assert phone.ask("GET", own).status == 404


def test_thunderbird_sees_which_shares_it_may_only_read(
    thunderbird: Thunderbird, account: dict[str, str], server: House, slugs: Iterator[str]
) -> None:
    owner = newcomer(server, next(slugs)).user
    shared = {f"calendars/{owner}/calendar": ["--read-only"], f"calendars/{owner}/tasks": []}
    try:
        for path, words in shared.items():
            command(server, "share", "add", path, account["user"], *words)
        found = {each["path"]: each["readOnly"] for each in thunderbird.run(FIND_CALENDARS, **account)}
    finally:  # the others count what there is
        for path in shared:
            command(server, "share", "remove", path, account["user"])
    home = f"/dav/calendars/{account['user']}/"
    assert (found[f"{home}calendar-{owner}/"], found[f"{home}tasks-{owner}/"]) == (True, False)


def test_thunderbird_finds_and_syncs_an_address_book(
    thunderbird: Thunderbird, account: dict[str, str], phone: Wire
) -> None:
    home = f"/dav/addressbooks/{account['user']}/"
    found = thunderbird.run(FIND_BOOKS, **account)
    assert {each["path"] for each in found} == {home + name for name in ("contacts/", "family/")}

    first = home + "contacts/9F3C2D1E-5B6A-4C7D-8E9F-0A1B2C3D4E5F.vcf"
    vcf = {"Content-Type": "text/vcard"}
    assert phone.ask("PUT", first, headers=vcf, body=APPLE_CARD).status == 201
    opened = thunderbird.run(OPEN_BOOK, path=home + "contacts/")
    thunderbird.run(ALL_CARDS, id=opened, wanted=listed("김민아"))

    thunderbird.run(NEW_CARD, id=opened, text=THUNDERBIRD_CARD)
    thunderbird.run(ALL_CARDS, id=opened, wanted=listed("김민아", "Jörg Müller"))
    own = home + "contacts/6d1f4c1e-3b60-4b0a-9b6b-6a6a0d0f0c11.vcf"
    assert b"VERSION:4.0" in phone.ask("GET", own).body

    assert phone.ask("PUT", first, headers=vcf, body=APPLE_CARD.replace("FN:김민아", "FN:김민아 (회사)")).status == 204
    thunderbird.run(ALL_CARDS, id=opened, wanted=listed("김민아 (회사)", "Jörg Müller"))

    assert phone.ask("DELETE", first).status == 204
    thunderbird.run(ALL_CARDS, id=opened, wanted=listed("Jörg Müller"))
    thunderbird.run(DELETE_CARD, id=opened, name="Jörg Müller")
    wait_until(lambda: phone.ask("GET", own).status == 404, "the deletion to arrive")
    thunderbird.run(ALL_CARDS, id=opened, wanted="[]")
