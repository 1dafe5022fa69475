"""The promises of the household's server that no single RFC makes, numbered as in ARCHITECTURE.md and design.

What takes a second process or a power cut to show is in `tests/journeys`; here is what one server can be asked.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest

from appliance.dav.messages import Request
from appliance.household import devices, people
from tests.spec.calendars import comp
from tests.spec.desk import (
    BOOK,
    CALENDAR,
    FILES,
    HOST,
    TASKS,
    Desk,
    TurnedClock,
    calendar,
    card,
    component,
    doc,
    event,
)

CONTACT = BOOK + "a.vcf"
BOOK_WANTED = doc(
    "D:mkcol", "<D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype></D:prop></D:set>"
)
FAMILY = "/dav/addressbooks/{}/family/"

# What people's programs really store: each is kept, served, and stops nobody.
CARDS = {
    "no-fn": b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:no-fn\r\nN:Kim;;;;\r\nEND:VCARD\r\n",
    "no-version": b"BEGIN:VCARD\r\nUID:no-version\r\nFN:x\r\nEND:VCARD\r\n",
    "version-2.1": b"BEGIN:VCARD\r\nVERSION:2.1\r\nUID:version-2.1\r\n"
    b"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=EA=B0=80\r\nEND:VCARD\r\n",
    "version-4.0": card("version-4.0", "TEL;VALUE=uri:tel:+82-10-1234", version="4.0").encode(),
    "two-cards": card("two-cards").encode() + card("second").encode(),
    "two-uids": b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:two-uids\r\nUID:other\r\nFN:x\r\nEND:VCARD\r\n",
    "vertical-tab": card("vertical-tab", "NOTE:one\x0btwo\x1f").encode(),
    "bad-utf-8": b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bad-utf-8\r\nFN:Andr\xe9\r\nEND:VCARD\r\n",
    "lf": card("lf").replace("\r\n", "\n").encode(),
    "no-last-newline": card("no-last-newline").strip().encode(),
    "bom": b"\xef\xbb\xbf" + card("bom").encode(),
    "folded-mid-letter": card("folded-mid-letter", "NOTE:가").encode().replace(b"\x80\r\n", b"\r\n \x80\r\n"),
    "lower-case": b"begin:vcard\r\nversion:3.0\r\nuid:lower-case\r\nfn:x\r\nend:vcard\r\n",
    "photo": card("photo", "PHOTO;ENCODING=b;TYPE=JPEG:" + "QUJD" * 50_000).encode(),
    "blank-lines": b"\r\n\r\n" + card("blank-lines").encode() + b"\r\n\r\n",
}  # fmt: skip
EVENTS = {
    "method": calendar("METHOD:REQUEST", component("VEVENT", "method", "DTSTART:20260610T100000Z")).encode(),
    "two-uids": calendar(component("VEVENT", "two-uids", "DTSTART:20260610T100000Z"),
                         component("VEVENT", "b", "DTSTART:20260611T100000Z")).encode(),
    "no-dtstart": event("no-dtstart", "SUMMARY:some day").encode(),
    "bad-date": event("bad-date", "DTSTART:2026-06-10").encode(),
    "unknown-zone": event("unknown-zone", "DTSTART;TZID=Nowhere/Land:20260610T100000").encode(),
    "windows-zone": event("windows-zone", "DTSTART;TZID=W. Europe Standard Time:20260610T100000").encode(),
    "no-version": event("no-version", "DTSTART:20260610T100000Z").replace("VERSION:2.0\r\n", "").encode(),
    "only-override": event("only-override", "RECURRENCE-ID:20260610T100000Z", "DTSTART:20260610T100000Z").encode(),
    "attachment": event("attachment", "DTSTART:20260610T100000Z",
                        "ATTACH;ENCODING=BASE64;VALUE=BINARY:" + "QUJD" * 9000).encode(),
    "bell": event("bell", "DTSTART:20260610T100000Z", "SUMMARY:ding\x07").encode(),
    "x-component": calendar("BEGIN:X-THING\r\nX:1\r\nEND:X-THING",
                            component("VEVENT", "x-component", "DTSTART:20260610T100000Z")).encode(),
}  # fmt: skip


# --- 3 octet for octet ------------------------------------------------------------------------------


@pytest.mark.spec("Gotgan 3", "what a client sent is what others get, octet for octet")
@pytest.mark.parametrize("body", CARDS.values(), ids=CARDS.keys())
def test_cards_come_back_octet_for_octet(desk: Desk, body: bytes) -> None:
    assert desk.ask("PUT", FAMILY.format("anna") + "x.vcf", body, content_type="text/vcard").status == 201
    assert desk.get(FAMILY.format("ben") + "x.vcf", by="ben") == body


@pytest.mark.spec("Gotgan 3", "and so do events, tasks and files")
@pytest.mark.parametrize("body", EVENTS.values(), ids=EVENTS.keys())
def test_events_come_back_octet_for_octet(desk: Desk, body: bytes) -> None:
    assert desk.ask("PUT", CALENDAR + "x.ics", body, content_type="text/calendar").status == 201
    assert desk.get(CALENDAR + "x.ics", by="anna's tablet") == body


@pytest.mark.spec("Gotgan 3", "files of any size and octets come back as they are")
@pytest.mark.parametrize(
    "body", [b"", b"\0", bytes(range(256)) * 1000, b"x" * (3 << 20)], ids=["empty", "nul", "all", "3-MiB"]
)
def test_files_come_back_octet_for_octet(desk: Desk, body: bytes) -> None:
    desk.put(FILES + "x.bin", body)
    assert desk.get(FILES + "x.bin") == body
    assert (desk.data / "files" / "anna" / "x.bin").read_bytes() == body


@pytest.mark.spec("Gotgan 3", "inside XML a text arrives as far as XML can carry it, the same characters in place")
@pytest.mark.parametrize("name", CARDS)
def test_cards_inside_xml(desk: Desk, name: str) -> None:
    desk.ask("PUT", CONTACT, CARDS[name], content_type="text/vcard")
    given = desk.sync(BOOK, "", "CR:address-data").only.text("CR:address-data")
    expected = CARDS[name].decode("utf-8", "replace")
    for forbidden in "\x0b\x1f":
        expected = expected.replace(forbidden, "\N{REPLACEMENT CHARACTER}")
    assert given == expected


# --- 5 a refused edit is kept -----------------------------------------------------------------------


@pytest.mark.spec("Gotgan 5", "a contact that is refused for any reason is kept with its reason")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_match": '"old"'}, 412), ({"if_none_match": "*"}, 412), ({"if_": '(["old"])'}, 412),
        ({"if_unmodified_since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 412), ({"content_type": "image/png"}, 415),
        ({"x_expected_entity_length": "1"}, 400),
    ],
)  # fmt: skip
def test_a_refused_contact_is_kept(desk: Desk, headers: dict[str, str], status: int) -> None:
    desk.put(CONTACT, card("a"))
    lost = card("a", name="Lost Edit")
    assert desk.ask("PUT", CONTACT, lost, **headers).status == status
    if status != 400:  # a body that is not whole is nobody's edit
        assert desk.refused() == [("a.vcf", "PUT", status, lost.encode())]
    assert desk.get(CONTACT) == card("a").encode()


@pytest.mark.spec(
    "Gotgan 5", "a refused contact does not fill the disk: a device may have so much kept, above it the reason is"
)
def test_what_is_kept_is_bounded(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    for number in range(12):
        body = card("a", f"NOTE:{number}" + "x" * (8 << 20))
        assert desk.ask("PUT", CONTACT, body, if_match='"old"').status == 412
    kept = desk.refused()
    assert sum(len(body or b"") for _, _, _, body in kept) <= 64 << 20
    assert kept[0][3] is not None


# --- 6 one broken object never stops a collection ---------------------------------------------------


@pytest.mark.spec("Gotgan 6", "a book full of odd cards is listed, synchronised, searched and fetched in one go")
def test_odd_cards_stop_no_book(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for name, body in CARDS.items():
        assert desk.ask("PUT", f"{BOOK}{name}.vcf", body, content_type="text/vcard").status == 201, name
    everything = sorted(f"{name}.vcf" for name in CARDS)
    with caplog.at_level(logging.ERROR):
        assert desk.sync(BOOK, "", "D:getetag", "CR:address-data").names == everything
        hrefs = "".join(f"<D:href>{BOOK}{name}</D:href>" for name in everything)
        data = '<CR:address-data><CR:prop name="FN"/></CR:address-data>'
        for wanted in ("<CR:address-data/>", data):
            inner = f"<D:prop><D:getetag/>{wanted}</D:prop>{hrefs}"
            rows = desk.report(BOOK, "CR:addressbook-multiget", inner).rows
            assert [row.status for row in rows] == [None] * len(CARDS)
            assert all("D:getetag" in row.found and "CR:address-data" in row.found for row in rows)
        found = desk.report(BOOK, "CR:addressbook-query", "<D:prop><D:getetag/></D:prop><CR:filter/>")
        assert found.names == everything
        listed = desk.find(BOOK, "D:getetag", "D:getcontenttype", depth="1").rows[1:]
        assert {row.text("D:getcontenttype") for row in listed} == {"text/vcard; charset=utf-8"}
    assert caplog.records == []


@pytest.mark.spec("Gotgan 6", "a calendar full of odd events is listed, synchronised, searched and fetched in one go")
def test_odd_events_stop_no_calendar(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    for name, body in EVENTS.items():
        assert desk.ask("PUT", f"{CALENDAR}{name}.ics", body, content_type="text/calendar").status == 201, name
    everything = sorted(f"{name}.ics" for name in EVENTS)
    with caplog.at_level(logging.ERROR):
        assert desk.sync(CALENDAR, "", "D:getetag", "C:calendar-data").names == everything
        filters = f"<C:filter>{comp('VCALENDAR', comp('VEVENT'))}</C:filter>"
        inner = f"<D:prop><D:getetag/><C:calendar-data/></D:prop>{filters}"
        assert desk.report(CALENDAR, "C:calendar-query", inner).names == everything
        listed = desk.find(CALENDAR, "D:getetag", "D:getcontenttype", depth="1").rows[1:]
        assert all(row.text("D:getcontenttype").startswith("text/calendar") for row in listed)
    assert caplog.records == []


@pytest.mark.spec("Gotgan 6", "what is odd is flagged with a reason, in words")
@pytest.mark.parametrize(
    ("path", "body", "is_flagged"),
    [
        (CONTACT, CARDS["no-fn"], True), (CONTACT, CARDS["two-cards"], True), (CONTACT, CARDS["bad-utf-8"], True),
        (CONTACT, CARDS["two-uids"], True), (CONTACT, card("a").encode(), False),
        (CALENDAR + "x.ics", EVENTS["method"], True), (CALENDAR + "x.ics", EVENTS["two-uids"], True),
        (CALENDAR + "x.ics", EVENTS["no-dtstart"], True),
        (TASKS + "x.ics", calendar(component("VTODO", "x")).encode(), False),
    ],
)  # fmt: skip
def test_what_is_odd_is_flagged(desk: Desk, path: str, body: bytes, is_flagged: bool) -> None:
    desk.ask("PUT", path, body)
    rows = (
        desk.services.ledger.database.connection()
        .execute("SELECT fault FROM fact WHERE component IS NOT NULL")
        .fetchall()
    )
    assert [bool(row["fault"]) for row in rows] == [is_flagged]


# --- 8 a device is a key ----------------------------------------------------------------------------


@pytest.mark.spec("Gotgan 8", "a revoked device is 401 everywhere, and the person's other devices go on")
@pytest.mark.parametrize("path", ["/dav/", BOOK, CONTACT, "/dav/calendars/anna/", "/dav/nothing/"])
def test_a_revoked_device_is_401_everywhere(desk: Desk, path: str) -> None:
    lost = desk.equip("anna", "lost phone", login="lost")
    assert desk.find("/dav/", "D:resourcetype", by="lost").status == 207
    devices.revoke(desk.services.ledger.database, lost, at=desk.clock.now())
    for method in ("GET", "PROPFIND", "PUT", "REPORT"):
        assert desk.ask(method, path, by="lost").status == 401
    assert desk.find("/dav/", "D:resourcetype").status == 207


class _Upload(io.BytesIO):
    """A body during which something happens."""

    def __init__(self, octets: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(octets)
        self._meanwhile = meanwhile

    def read(self, size_bytes: int | None = -1, /) -> bytes:
        self._meanwhile()
        return super().read(size_bytes)


@pytest.mark.spec("Gotgan 8", "a revoked device is 401 everywhere, and the person's other devices go on")
@pytest.mark.parametrize("path", [CONTACT, f"{FILES}a.txt", f"{BOOK[:-1]}-of-old/a.vcf"])
def test_what_a_device_sends_while_it_is_revoked_is_not_kept(desk: Desk, path: str) -> None:
    """It was among the refused edits of a person to whom the phone did not belong any more."""
    assert desk.ask("MKCOL", f"{BOOK[:-1]}-of-old/", BOOK_WANTED, content_type="application/xml").status == 201
    assert desk.ask("DELETE", f"{BOOK[:-1]}-of-old/").status == 204
    lost = desk.equip("anna", "lost phone", login="lost")
    octets = card("a").encode()
    body = _Upload(octets, lambda: devices.revoke(desk.services.ledger.database, lost, at=desk.clock.now()))
    headers = {"authorization": desk.logins["lost"], "content-type": "text/vcard"}
    request = Request("PUT", path, headers, body, length_bytes=len(octets), chunked=False, host=HOST,
                      remote_address="192.168.0.7")  # fmt: skip
    assert desk.house.door.respond(request).status == 401
    assert desk.refused() == []
    assert desk.ask("GET", path).status == 404


@pytest.mark.spec("Gotgan 8", "a person who is shut out is shut out with all devices")
def test_a_disabled_person_is_401(desk: Desk) -> None:
    people.disable(desk.services.ledger.database, "anna", at=desk.clock.now())
    for by in ("anna", "anna's tablet"):
        assert desk.find("/dav/", "D:resourcetype", by=by).status == 401
    assert desk.find("/dav/", "D:resourcetype", by="ben").status == 207


@pytest.mark.spec("Gotgan 8", "every row says which device wrote it")
def test_every_row_names_its_device(desk: Desk) -> None:
    phone = desk.equip("anna", "other phone", login="other")
    desk.put(CONTACT, card("a"), by="other")
    desk.ask("DELETE", CONTACT, by="anna")
    reading = desk.services.ledger.database.connection()
    written = reading.execute("SELECT op, device_id FROM version ORDER BY seq DESC LIMIT 2").fetchall()
    assert [row["op"] for row in written] == ["delete", "put"]
    assert written[1]["device_id"] == phone != written[0]["device_id"]


# --- 9 nobody sees what was not shared --------------------------------------------------------------


@pytest.mark.spec("Gotgan 9", "no answer to one person names what another one has")
def test_no_answer_names_what_others_have(desk: Desk) -> None:
    desk.put("/dav/addressbooks/ben/contacts/secret.vcf", card("secret-uid", name="Secret Person"), by="ben")
    desk.put("/dav/files/ben/secret.txt", "secret", by="ben")
    asked = [
        desk.find(path, "D:resourcetype", "D:displayname", "D:owner", "D:acl", depth="1")
        for path in (
            "/dav/",
            "/dav/addressbooks/",
            "/dav/addressbooks/anna/",
            "/dav/addressbooks/household/",
            "/dav/files/",
        )
    ]
    asked.append(desk.put(BOOK + "same.vcf", card("secret-uid")))
    asked.append(desk.sync(FILES, level="infinite"))
    assert not any(b"secret" in answer.octets or b"/ben/" in answer.octets for answer in asked)


@pytest.mark.spec(
    "Gotgan 9", "the household is a principal with homes, where a Mac finds the family's address book as its first"
)
def test_the_household_principal(shelf: Desk) -> None:
    household = "/dav/principals/household/"
    assert shelf.value(household, "CR:addressbook-home-set") == "/dav/addressbooks/household/"
    assert shelf.value(household, "C:calendar-home-set") == "/dav/calendars/household/"
    assert shelf.find("/dav/addressbooks/household/", "D:resourcetype", depth="1").names == ["family", "household"]
    assert shelf.find("/dav/calendars/household/", "D:resourcetype", depth="1").names == ["family", "household"]


@pytest.mark.spec("Gotgan 9", "what the family shares is one thing at several addresses: same octets, ETag and token")
def test_what_is_shared_is_one_thing(desk: Desk) -> None:
    desk.put(FAMILY.format("anna") + "x.vcf", card("x"))
    seen = set()
    for home, by in (("anna", "anna"), ("ben", "ben"), ("household", "anna"), ("household", "ben")):
        path = FAMILY.format(home)
        answer = desk.ask("GET", path + "x.vcf", by=by)
        seen.add((answer.octets, answer.etag, desk.sync(path, by=by).token))
    assert len(seen) == 1


@pytest.mark.spec(
    "Gotgan 9", "a new person finds a book, a calendar, a task list and a folder, and what the family shares"
)
def test_a_new_person_finds_something(desk: Desk) -> None:
    desk.join("mina", "미나")
    for tree, inside in {
        "addressbooks": ["contacts", "family", "mina"],
        "calendars": ["calendar", "family", "mina", "tasks"],
        "files": ["Family", "mina"],
    }.items():
        listed = desk.find(f"/dav/{tree}/mina/", "D:displayname", depth="1", by="mina")
        assert listed.names == inside


# --- 4, 7 what a restart changes --------------------------------------------------------------------


@pytest.mark.spec("Gotgan 7", "a restart changes no ETag and no token")
def test_a_restart_changes_nothing(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    desk.put(FILES + "a.txt", "a")
    before = [desk.ask("HEAD", path).etag for path in (CONTACT, FILES + "a.txt")]
    token = desk.sync(BOOK).token
    desk.close()
    again = Desk(desk.data, TurnedClock())
    again.knows(desk)
    try:
        assert [again.ask("HEAD", path).etag for path in (CONTACT, FILES + "a.txt")] == before
        assert (again.sync(BOOK, token).rows, again.sync(BOOK, token).token) == ([], token)
    finally:
        again.close()
