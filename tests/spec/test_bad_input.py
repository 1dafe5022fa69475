"""What strangers and broken clients send: each gets a clear answer, nothing is lost, nothing is logged as a fault.

Sections are those of the standard that names the answer. Every test here fails when the server logged an exception.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import errors, settings
from tests.serving import PATIENCE_SECONDS
from tests.spec.calendars import comp
from tests.spec.desk import BOOK, CALENDAR, FILES, Answer, Desk, calendar, card, component, doc, event, prop

CONTACT = BOOK + "a.vcf"
EVENT = CALENDAR + "a.ics"
FILE = FILES + "a.txt"
APPOINTMENT = event("a", "DTSTART:20261124T100000Z")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No request of these may end in an exception that nobody foresaw."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []


def clear(answer: Answer) -> int:
    """Return the status of a refusal that says in words why."""
    assert 400 <= answer.status < 500 or answer.status == 507, (answer.status, answer.octets)
    assert answer.octets.strip(), "a refusal has a sentence"
    assert b"Traceback" not in answer.octets
    return answer.status


# --- XML --------------------------------------------------------------------------------------------

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
BODIES = {
    "not-xml": "hello",
    "cut-off": '<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop>',
    "no-namespace": "<D:propfind><D:allprop/></D:propfind>",
    "doctype": '<!DOCTYPE D:propfind><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>',
    "entity": '<!DOCTYPE x [<!ENTITY a "b">]><D:propfind xmlns:D="DAV:"><D:prop><D:x>&a;</D:x></D:prop></D:propfind>',
    "bomb": BOMB + '<D:propfind xmlns:D="DAV:"><D:prop><D:x>&c;</D:x></D:prop></D:propfind>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><D:propfind xmlns:D="DAV:">&a;</D:propfind>',
    "elsewhere": '<!DOCTYPE x SYSTEM "http://elsewhere.example/x.dtd"><D:propfind xmlns:D="DAV:"/>',
    "deep": "<x>" * 500 + "</x>" * 500,
    "deeper": "<x>" * 100_000,
    "nul": "<x>\0</x>",
    "encoding": '<?xml version="1.0" encoding="klingon"?><x/>',
    "two-roots": "<x/><y/>",
}


@pytest.mark.spec(
    "RFC 4918 8.2", "XML that is none, has a DOCTYPE or an entity, or is nested too deeply, is 400 in words"
)
@pytest.mark.parametrize("method", ["PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR", "LOCK"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bad_xml_is_400(shelf: Desk, method: str, body: str) -> None:
    path = {"MKCOL": FILES + "new/", "MKCALENDAR": "/dav/calendars/anna/new/"}.get(method, FILES)
    answer = shelf.ask(method, path, body, depth="0", content_type="application/xml")
    assert clear(answer) == 400
    assert b"root:" not in answer.octets


@pytest.mark.spec("RFC 4918 8.2", "octets that are no UTF-8 in XML that says it is are 400")
@pytest.mark.parametrize("octets", [b"\xff\xfe\x00", b"<x>\xff</x>", b"\x00\x01\x02", "<x/>".encode("utf-16")[:-1]])
def test_octets_that_are_no_text(shelf: Desk, octets: bytes) -> None:
    assert clear(shelf.ask("PROPFIND", BOOK, octets, depth="0")) == 400


@pytest.mark.spec("RFC 4918 8.2", "UTF-16 and Latin-1 that say so are read")
@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8"])
def test_encodings_that_are_said(shelf: Desk, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><D:propfind xmlns:D="DAV:"><D:prop><D:é/></D:prop></D:propfind>'
    assert shelf.ask("PROPFIND", BOOK, body.encode(encoding), depth="0").only.other == {"D:é": 404}


@pytest.mark.spec("RFC 9110 15.5.14", "XML larger than the limit is 413, a multiget has a larger one")
def test_the_size_of_xml_is_limited(shelf: Desk) -> None:
    padding = f"<X:a>{'x' * (1 << 20)}</X:a>"
    assert clear(shelf.ask("PROPFIND", BOOK, doc("D:propfind", padding), depth="0")) == 413
    assert clear(shelf.ask("PROPFIND", BOOK, doc("D:propfind", padding), depth="0", transfer_encoding="chunked")) == 413
    assert clear(shelf.report(BOOK, "D:sync-collection", padding)) == 413
    many = "".join(f"<D:href>{BOOK}{'x' * 100}{number}.vcf</D:href>" for number in range(12_000))
    assert len(shelf.report(BOOK, "CR:addressbook-multiget", prop("D:getetag") + many).rows) == 12_000
    assert clear(shelf.report(BOOK, "CR:addressbook-multiget", prop("D:getetag") + many * 8)) == 413


@pytest.mark.spec("RFC 4918 9.1", "more properties than anybody asks are 400")
def test_the_number_of_properties_is_limited(shelf: Desk) -> None:
    many = [f"X:p{number}" for number in range(2000)]
    assert clear(shelf.find(BOOK, *many)) == 400
    assert clear(shelf.set_(BOOK, *(f"<{name}/>" for name in many))) == 400


# --- addresses --------------------------------------------------------------------------------------

WRONG_ADDRESSES = [
    FILES + "../ben/a.txt", FILES + "%2e%2e/ben/a.txt", FILES + "..", FILES + "./a.txt", FILES + "a/../../ben/x",
    FILES + "a%2Fb.txt", FILES + "a%00b.txt", FILES + "%00", FILES + "/a.txt", FILES + "a//b.txt", "//dav/files/anna/",
    FILES + "%FF.txt", FILES + "%C0%AE%C0%AE/x", FILES + "%ED%A0%80.txt", FILES + "x" * 5000, FILES + "%EA%B0%80" * 100,
    "/dav/files/anna/" + "d/" * 4000 + "x", BOOK + "../contacts/a.vcf", BOOK + "%2e%2e", BOOK + "x" * 5000 + ".vcf",
    BOOK + "a%00.vcf", BOOK + "a/../b.vcf",
]  # fmt: skip


@pytest.mark.spec(
    "RFC 9110 4.1",
    "an address with dots, an encoded slash, NUL, no UTF-8 or endless names is refused, whatever is asked",
)
@pytest.mark.parametrize("path", WRONG_ADDRESSES, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "PUT", "PROPFIND", "DELETE", "MKCOL", "MOVE"])
def test_a_wrong_address_is_refused(shelf: Desk, method: str, path: str) -> None:
    sent = {"destination": FILES + "z"} if method == "MOVE" else {"depth": "0"} if method == "PROPFIND" else {}
    answer = shelf.ask(method, path, card("a") if method == "PUT" else "", **sent)
    assert clear(answer) in (400, 404)


@pytest.mark.spec("RFC 9110 4.1", "no address reaches what lies beside the files")
@pytest.mark.parametrize("path", ["../gotgan.db", "%2e%2e/%2e%2e/gotgan.db", "..%2fgotgan.db", "%2Fetc%2Fpasswd"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_address_leaves_the_files(shelf: Desk, method: str, path: str) -> None:
    before = sorted(each.name for each in shelf.data.iterdir())
    answer = shelf.ask(method, FILES + path, "x" if method == "PUT" else "")
    assert clear(answer) in (400, 404)
    assert sorted(each.name for each in shelf.data.iterdir()) == before


@pytest.mark.spec("RFC 4918 10.3", "the same addresses are refused as a Destination and in an If header")
@pytest.mark.parametrize("path", WRONG_ADDRESSES, ids=lambda path: path[:40])
def test_a_wrong_destination_is_refused(desk: Desk, path: str) -> None:
    desk.put(FILE, "first")
    assert clear(desk.ask("MOVE", FILE, destination=path)) in (400, 404, 409)
    assert desk.ask("PUT", FILE, "second", if_=f'<{path}> (["x"])').status in (400, 412)
    assert desk.get(FILE) == b"first"


@pytest.mark.spec("RFC 4918 8.3", "in a multiget a wrong address is 404 for itself and harms no other")
@pytest.mark.parametrize("path", WRONG_ADDRESSES, ids=lambda path: path[:40])
def test_a_wrong_address_in_a_multiget(desk: Desk, path: str) -> None:
    desk.put(CONTACT, card("a"))
    inner = f"<D:prop><CR:address-data/></D:prop><D:href>{path}</D:href><D:href>{CONTACT}</D:href>"
    wrong, right = desk.report(BOOK, "CR:addressbook-multiget", inner).rows
    assert (wrong.href, wrong.status) == (path, 404) or "a/../b" in path
    assert right.text("CR:address-data") == card("a")


# --- headers ----------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 9110 13.1", "a conditional header that cannot be read lets nothing be overwritten")
@pytest.mark.parametrize("header", ["if_match", "if_none_match", "if_"])
@pytest.mark.parametrize("value", ["", "x", '"', '"a', "W/", ",", "<>", "(" * 1000, "\x7f", '"a" "b"', "é"])
def test_unreadable_conditions_overwrite_nothing(desk: Desk, header: str, value: str) -> None:
    desk.put(FILE, "first")
    answer = desk.ask("PUT", FILE, "second", **{header: value})
    if header == "if_none_match" and answer.status == 204:
        return  # it names no ETag that is there
    assert clear(answer) in (400, 412)
    assert desk.get(FILE) == b"first"


@pytest.mark.spec("RFC 9110 8.6", "lengths and dates that cannot be read are as if absent or refused, never believed")
@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        ({"x_oc_mtime": "yesterday"}, {201}), ({"x_oc_mtime": "9" * 400}, {201}), ({"x_oc_mtime": "-1"}, {201}),
        ({"x_oc_mtime": "1e400"}, {201}), ({"x_expected_entity_length": "many"}, {201, 400}),
        ({"x_expected_entity_length": "-1"}, {201, 400}), ({"x_expected_entity_length": "9" * 400}, {201, 400, 507}),
        ({"content_type": "\x00"}, {201}), ({"content_type": ";;;"}, {201}),
        ({"content_type": "x" * 10_000}, {201, 400}),
        ({"prefer": "x" * 10_000}, {201}), ({"user_agent": "\x7f" * 5000}, {201}),
    ],
)  # fmt: skip
def test_unreadable_headers_of_a_put(desk: Desk, headers: dict[str, str], statuses: set[int]) -> None:
    answer = desk.ask("PUT", FILE, "octets", **headers)
    assert answer.status in statuses
    if answer.status == 201:
        assert desk.get(FILE) == b"octets"
        assert desk.find(FILE, "D:getlastmodified", "D:getcontenttype").status == 207


@pytest.mark.spec("RFC 4918 10.5", "a Lock-Token that is none is 400 or 409, a Timeout that is none as if absent")
@pytest.mark.parametrize("token", ["", "x", "<>", "<x", "opaquelocktoken:x", "<" + "x" * 5000 + ">", "<a> <b>"])
def test_lock_tokens_that_are_none(desk: Desk, token: str) -> None:
    desk.put(FILE, "x")
    assert clear(desk.ask("UNLOCK", FILE, lock_token=token)) in (400, 409)


# --- bodies of objects ------------------------------------------------------------------------------

ODD_BODIES = {
    "nul": b"\0" * 100,
    "binary": bytes(range(256)) * 4,
    "begin-only": b"BEGIN:VCARD\r\n",
    "end-only": b"END:VCARD\r\n",
    "unclosed": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n",
    "crossed": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
    "deep": b"BEGIN:X\r\n" * 5000 + b"END:X\r\n" * 5000,
    "deep-calendar": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 3000 + b"END:VEVENT\r\n" * 3000,
    "long-line": b"BEGIN:VCARD\r\nUID:x\r\nNOTE:" + b"x" * (1 << 20) + b"\r\nEND:VCARD\r\n",
    "params": b"BEGIN:VCARD\r\nUID:x\r\nTEL;" + b"A=b;" * 5000 + b":1\r\nEND:VCARD\r\n",
    "quotes": b'BEGIN:VCARD\r\nUID;X=":x\r\nTEL;X="\r\nEND:VCARD\r\n',
    "no-colon": b"BEGIN:VCARD\r\nUID\r\nFN\r\nEND:VCARD\r\n",
    "latin-1": "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:André\r\nEND:VCARD\r\n".encode("latin-1"),
    "utf-16": "BEGIN:VCARD\r\nUID:x\r\nEND:VCARD\r\n".encode("utf-16"),
    "dates": event("x", "DTSTART:99999999T999999Z", "DTEND:x", "RRULE:x", "EXDATE:;", "RDATE:,").encode(),
    "durations": calendar(component("VEVENT", "x", "DTSTART:20260101T000000Z", "DURATION:P99999999999W")).encode(),
    "negative": calendar(component("VEVENT", "x", "DTSTART:20260101T000000Z", "DURATION:-P1D")).encode(),
    "backwards": calendar(component("VEVENT", "x", "DTSTART:20260102T000000Z", "DTEND:20260101T000000Z")).encode(),
    "zone": calendar(component("VEVENT", "x", "DTSTART;TZID=../../etc/passwd:20260101T000000")).encode(),
    "zone-loop": calendar("BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD",
                          "END:VTIMEZONE",
                          component("VEVENT", "x", "DTSTART;TZID=x:20260101T000000")).encode(),
    "year-1": calendar(component("VEVENT", "x", "DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=YEARLY")).encode(),
    "year-9999": event("x", "DTSTART:99991231T235959Z", "DURATION:P1D", "RRULE:FREQ=DAILY").encode(),
    "trigger": calendar(component("VEVENT", "x", "DTSTART:20260101T000000Z", "BEGIN:VALARM", "TRIGGER:soon",
                                  "REPEAT:99999999999", "DURATION:PT1S", "END:VALARM")).encode(),
    "recurrence-id": calendar(component("VEVENT", "x", "RECURRENCE-ID:never", "DTSTART:20260101T000000Z")).encode(),
}  # fmt: skip


@pytest.mark.spec(
    "RFC 4791 5.3.2", "an odd body is stored and served to the octet, or refused with its element and kept: never lost"
)
@pytest.mark.parametrize("path", [CONTACT, EVENT], ids=["book", "calendar"])
@pytest.mark.parametrize("body", ODD_BODIES.values(), ids=ODD_BODIES.keys())
def test_an_odd_body_is_kept_one_way_or_the_other(desk: Desk, path: str, body: bytes) -> None:
    answer = desk.ask("PUT", path, body)
    if answer.status == 201:
        assert desk.get(path) == body
    else:
        assert answer.refusal[0] == 403
        assert answer.condition in ("CR:valid-address-data", "C:valid-calendar-data", "C:supported-calendar-component")
        assert desk.refused() == [(path.rpartition("/")[2], "PUT", 403, body)]


EXPANDED = '<C:calendar-data><C:expand start="20260101T000000Z" end="20260201T000000Z"/></C:calendar-data>'


@pytest.mark.spec("RFC 4791 7.8", "one odd object never stops a report on the others")
def test_odd_objects_stop_no_report(desk: Desk) -> None:
    stored = {"good.ics"}
    desk.put(CALENDAR + "good.ics", event("good", "DTSTART:20260101T000000Z", "DURATION:PT1H"))
    for name, body in ODD_BODIES.items():
        if desk.ask("PUT", f"{CALENDAR}{name}.ics", body.replace(b"UID:x", f"UID:{name}".encode())).status == 201:
            stored.add(f"{name}.ics")
    assert len(stored) > 8
    assert set(desk.sync(CALENDAR, "", "D:getetag", "C:calendar-data").names) == stored
    year = '<C:time-range start="20260101T000000Z" end="20270101T000000Z"/>'
    filters = f"<C:filter>{comp('VCALENDAR', comp('VEVENT', year))}</C:filter>"
    for data in (
        "<C:calendar-data/>",
        EXPANDED,
    ):
        answer = desk.report(CALENDAR, "C:calendar-query", f"<D:prop><D:getetag/>{data}</D:prop>{filters}")
        assert answer.by_href[CALENDAR + "good.ics"].status is None
        assert set(answer.names) <= stored
    assert desk.report(CALENDAR, "C:free-busy-query", year).status == 200


# --- nowhere to put it ------------------------------------------------------------------------------


def temporary(desk: Desk) -> list[Path]:
    """Return the files that stand for no file of anybody's."""
    return [path for path in (desk.data / "files").rglob("*") if path.is_file() and path.name.startswith(".")]


@pytest.mark.spec(
    "RFC 4331 6", "over quota it is 507, the file before stays, no temporary file does, and a refused contact is kept"
)
@pytest.mark.parametrize("headers", [{}, {"transfer_encoding": "chunked"}], ids=["length", "chunked"])
def test_over_quota_leaves_nothing_behind(desk: Desk, headers: dict[str, str]) -> None:
    desk.join("mina", quota_bytes=100_000)
    path = "/dav/files/mina/a.bin"
    desk.put(path, "first", by="mina")
    before = temporary(desk)
    assert desk.ask("PUT", path, "x" * 200_000, by="mina", **headers).refusal == (507, "D:quota-not-exceeded")
    assert (desk.get(path, by="mina"), temporary(desk)) == (b"first", before)
    body = card("a", "NOTE:" + "x" * 200_000)
    refused = desk.ask("PUT", "/dav/addressbooks/mina/contacts/a.vcf", body, by="mina", **headers)
    assert refused.refusal == (507, "D:quota-not-exceeded")
    assert ("a.vcf", "PUT", 507, body.encode()) in desk.refused()


@pytest.mark.spec(
    "RFC 4331 6", "on a full disk it is 507, the file before stays, no temporary file does, and a refused event is kept"
)
@pytest.mark.parametrize("headers", [{}, {"transfer_encoding": "chunked"}], ids=["length", "chunked"])
def test_a_full_disk_leaves_nothing_behind(desk: Desk, headers: dict[str, str]) -> None:
    desk.put(FILE, "first")
    before = temporary(desk)
    desk.free_bytes = 0
    assert desk.ask("PUT", FILE, "x" * 200_000, **headers).refusal == (507, "D:sufficient-disk-space")
    assert (desk.get(FILE), temporary(desk)) == (b"first", before)
    assert desk.ask("PUT", EVENT, APPOINTMENT, **headers).refusal == (507, "D:sufficient-disk-space")
    assert ("a.ics", "PUT", 507, APPOINTMENT.encode()) in desk.refused()


# --- two at once ------------------------------------------------------------------------------------


@pytest.mark.spec(
    "RFC 9110 13.1.1", "of two writers with one If-Match one wins; the other is 412, and its contact or event kept"
)
@pytest.mark.parametrize("path", [CONTACT, EVENT, FILE], ids=["contact", "event", "file"])
def test_two_writers_with_one_condition(desk: Desk, path: str) -> None:

    def make(name: str) -> str:
        bodies = {CONTACT: card("a", name=name), EVENT: event("a", "DTSTART:20261124T100000Z", f"SUMMARY:{name}")}
        return bodies.get(path, name)

    etag = desk.put(path, make("first")).etag
    answers: dict[str, int] = {}
    start = threading.Barrier(2)

    def write(by: str) -> None:
        start.wait(PATIENCE_SECONDS)
        answers[by] = desk.ask("PUT", path, make(by), by=by, if_match=etag).status
        desk.services.ledger.database.close_thread()

    writers = [threading.Thread(target=write, args=(by,)) for by in ("anna", "anna's tablet")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE_SECONDS)
    assert sorted(answers.values()) == [204, 412]
    winner, loser = sorted(answers, key=lambda by: answers[by])
    assert desk.get(path) == make(winner).encode()
    if path != FILE:  # of a file's body nothing is read once the condition failed
        assert [(status, body) for _, _, status, body in desk.refused()] == [(412, make(loser).encode())]


@pytest.mark.spec("RFC 9110 13.1.1", "what one device sends again and again is kept once")
def test_a_body_refused_again_and_again_is_kept_once(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    for _ in range(5):
        assert desk.ask("PUT", CONTACT, card("a", name="Late"), if_match='"old"').status == 412
    assert desk.refused() == [("a.vcf", "PUT", 412, card("a", name="Late").encode())]


# --- settings ---------------------------------------------------------------------------------------


@pytest.mark.spec(
    "Gotgan Settings", "a settings file with an unknown key, a wrong value or no TOML stops the start with one sentence"
)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("quota_byte = 5\n", "quota_bytes"),
        ("nonsense = 5\n", "nobody knows"),
        ("quota_bytes = 'much'\n", "quota_bytes"),
        ("threads = 0\n", "threads"),
        ("time_zone = 'Asia/Soul'\n", "Asia/Seoul"),
        ("listen = 'everywhere'\n", "HOST:PORT"),
        ("this is no toml\n", "TOML"),
    ],
)
def test_settings_that_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "gotgan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(errors.SettingsUnreadable, match=said) as raised:
        settings.load(tmp_path, {})
    assert "\n" not in str(raised.value)
