"""`/dav/at/<moment>/…`: the trees as they were, and `/dav/versions/…`, each version by its own address.

The numbers F1 to F6 are those of the protocol's decisions. Read-only, with the privileges of today.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote

import pytest

from appliance.history.moments import spell_moment
from appliance.household import people
from appliance.store import mounts, past, queries
from appliance.store.ledger import Author, member_of
from tests.spec.calendars import comp
from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, calendar, card, component, doc, event, prop

READING = {"read", "read-current-user-privilege-set", "read-free-busy"}
FAMILY_BOOK = "/dav/addressbooks/anna/family/"


@dataclass
class Before:
    """A moment, and the addresses of what was there."""

    moment: str

    def __call__(self, path: str) -> str:
        """Return the address of `path` as it was."""
        return f"/dav/at/{self.moment}/{path.removeprefix('/dav/')}"


def pass_time(desk: Desk) -> Before:
    """Let an hour pass, name the moment in its middle, and let the next writes come after it."""
    desk.clock.ahead += timedelta(minutes=30)
    moment = spell_moment(desk.clock.now())
    desk.clock.ahead += timedelta(minutes=30)
    return Before(moment)


def seq_of(desk: Desk) -> int:
    return queries.newest_seq(desk.services.ledger.database.connection())


@pytest.fixture
def before(desk: Desk) -> Before:
    """A book, a calendar and a folder; an hour later, everything is different."""
    desk.put(BOOK + "a.vcf", card("a", name="Anna Kim"))
    desk.put(BOOK + "b.vcf", card("b", name="Ben Lee"))
    desk.put(CALENDAR + "tea.ics", event("tea", "DTSTART:20260610T100000Z", "DTEND:20260610T110000Z", "SUMMARY:Tea"))
    desk.put(CALENDAR + "weekly.ics", event("weekly", "DTSTART:20260101T090000Z", "DTEND:20260101T100000Z",
                                            "RRULE:FREQ=WEEKLY", "SUMMARY:Weekly"))  # fmt: skip
    assert desk.ask("MKCOL", FILES + "trip").status == 201
    desk.put(FILES + "trip/map.txt", "first map")
    desk.put(FILES + "note.txt", "note")
    desk.set_(BOOK, "<D:displayname>Friends</D:displayname>")
    desk.set_(FILES + "note.txt", "<X:mood>calm</X:mood>")
    moment = pass_time(desk)
    desk.put(BOOK + "a.vcf", card("a", name="Anna Lee"))
    assert desk.ask("DELETE", BOOK + "b.vcf").status == 204
    desk.put(BOOK + "c.vcf", card("c"))
    assert desk.ask("DELETE", CALENDAR + "tea.ics").status == 204
    desk.put(CALENDAR + "weekly.ics", event("weekly", "DTSTART:20270101T090000Z", "SUMMARY:Moved"))
    desk.put(FILES + "trip/map.txt", "second map, longer")
    assert desk.ask("MOVE", FILES + "trip", destination=FILES + "journey").status == 201
    assert desk.ask("DELETE", FILES + "note.txt").status == 204
    desk.set_(BOOK, "<D:displayname>People</D:displayname>")
    return moment


# --- F1 never announced -----------------------------------------------------------------------------


@pytest.mark.spec("Gotgan F1", "the past is a member of nothing: neither the root nor a home lists it")
def test_the_past_is_not_announced(desk: Desk, before: Before) -> None:
    for path in ("/", "/dav/", "/dav/files/anna/", "/dav/calendars/anna/", "/dav/principals/anna/"):
        answer = desk.ask("PROPFIND", path, doc("D:propfind", "<D:allprop/>"), depth="1")
        assert answer.status == 207
        assert b"/dav/at" not in answer.octets
    assert desk.ask("PROPFIND", "/dav/at/", depth="1").status == 404


# --- F2 moments -------------------------------------------------------------------------------------


@pytest.mark.spec("Gotgan F2", "whatever else can be read as a moment means the same at its own address")
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-03-01T10:00:00Z", "20260301T100000Z"),
        ("2026-03-01T10%3A00%3A00%2B09%3A00", "20260301T010000Z"),
        ("2026-03-01", "20260228T150000Z"),
        ("2026-03-01%2010:00", "20260301T010000Z"),
        ("20260301t100000z", "20260301T100000Z"),
    ],
)
def test_other_spellings_mean_the_same(desk: Desk, said: str, meant: str) -> None:
    """What is asked here was not there yet: every spelling is refused with the same words."""
    answers = [desk.ask("PROPFIND", f"/dav/at/{moment}/files/anna/", depth="1") for moment in (said, meant)]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].octets == answers[1].octets
    assert b"before everything" in answers[0].octets


@pytest.mark.spec("Gotgan F2", "words of both languages are moments")
@pytest.mark.parametrize("said", ["1%20minute%20ago", "1%EB%B6%84%20%EC%A0%84", "now", "today%2000:00"])
def test_words_are_moments(desk: Desk, before: Before, said: str) -> None:
    desk.clock.ahead += timedelta(days=2)
    folder = f"/dav/at/{said}/files/anna/"
    there = desk.find(folder, "D:getetag", depth="1")
    assert sorted(unquote(href) for href in there.hrefs) == [
        unquote(folder) + name for name in ("", "Family/", "journey/")
    ]
    assert desk.ask("GET", f"/dav/at/{said}/files/anna/journey/map.txt").octets == b"second map, longer"


@pytest.mark.spec("Gotgan F2", "words mean the same for as long as a device goes on asking, and then anew")
def test_words_keep_their_meaning_for_a_walk(desk: Desk, before: Before) -> None:
    folder = "/dav/at/30 minutes ago/files/anna/".replace(" ", "%20")
    assert desk.ask("GET", f"{folder}trip/map.txt").octets == b"first map"
    for _ in range(3):
        desk.clock.ahead += timedelta(minutes=50)
        assert desk.find(folder, "D:getetag", depth="1").names == ["Family", "anna", "note.txt", "trip"]
    assert desk.ask("GET", f"{folder}journey/map.txt", by="anna's tablet").octets == b"second map, longer"
    desk.clock.ahead += timedelta(minutes=61)
    assert desk.find(folder, "D:getetag", depth="1").names == ["Family", "anna", "journey"]


@pytest.mark.spec("Gotgan F2", "a moment to come, one before everything, and one that nobody can read are not there")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("20990101T000000Z", "not come yet"),
        ("19990101T000000Z", "before everything"),
        ("soon", "is no moment"),
        ("seq-0", "no such entry"),
        ("seq-99999999", "no such entry"),
        ("seq-01", "no such entry"),
        ("seq-", "no such entry"),
        ("20260230T000000Z", "is no moment"),
    ],
)
def test_moments_without_a_state(shelf: Desk, said: str, words: str) -> None:
    answer = shelf.ask("PROPFIND", f"/dav/at/{said}/files/anna/", depth="1")
    assert answer.status == 404
    assert words in answer.octets.decode()


@pytest.mark.spec("Gotgan F2", "the number of an entry is a moment as well, exact inside one second")
def test_a_number_is_a_moment(desk: Desk) -> None:
    written = []
    for text in ("one", "two", "three"):
        desk.put(FILES + "a.txt", text)
        written.append((seq_of(desk), text))
    for seq, text in written:
        assert desk.get(f"/dav/at/seq-{seq}/files/anna/a.txt") == text.encode()


@pytest.mark.spec("Gotgan F2", "one address gives one state for ever, however much is written meanwhile")
def test_the_same_address_gives_the_same_state(desk: Desk, before: Before) -> None:
    asked = [(BOOK, "1"), (CALENDAR, "1"), (FILES, "infinity")]
    names = ("D:getetag", "D:getlastmodified", "D:getcontentlength", "D:displayname")
    first = [desk.find(before(path), *names, depth=depth).octets for path, depth in asked]
    desk.put(BOOK + "d.vcf", card("d"))
    desk.put(FILES + "journey/map.txt", "third map")
    assert desk.ask("DELETE", CALENDAR).status == 204
    assert desk.ask("DELETE", FILES + "journey").status == 204
    assert [desk.find(before(path), *names, depth=depth).octets for path, depth in asked] == first


# --- F3 the trees as they were ----------------------------------------------------------------------


@pytest.mark.spec("Gotgan F3", "listings show what was there, with hrefs below the moment and the ETags of then")
def test_listings_are_those_of_then(desk: Desk, before: Before) -> None:
    now = desk.find(BOOK, "D:getetag", depth="1")
    assert desk.find(before(BOOK), "D:getetag", depth="1").hrefs == [
        before(BOOK), before(BOOK + "a.vcf"), before(BOOK + "b.vcf"),
    ]  # fmt: skip
    assert desk.value(before(BOOK), "D:displayname") == "Friends"
    assert now.by_href[BOOK + "a.vcf"].text("D:getetag") != desk.value(before(BOOK + "a.vcf"), "D:getetag")
    whole = desk.find(before(FILES), "D:getcontentlength", depth="infinity")
    assert set(whole.hrefs) == {
        before(FILES), before(FILES + "note.txt"), before(FILES + "trip/"), before(FILES + "trip/map.txt"),
        before(FILES + "Family/"),
    }  # fmt: skip
    assert whole.by_href[before(FILES + "trip/map.txt")].text("D:getcontentlength") == "9"
    assert desk.find(before(FILES + "note.txt"), "X:mood").only.text("X:mood") == "calm"
    assert desk.find(before("/dav/calendars/anna/"), "D:displayname", depth="1").names == [
        "anna", "calendar", "family", "tasks",
    ]  # fmt: skip
    assert desk.find("/dav/at/" + before.moment, "D:resourcetype", depth="1").hrefs == [
        f"/dav/at/{before.moment}/{node}" for node in ("", "addressbooks/", "calendars/", "files/")
    ]


@pytest.mark.spec("Gotgan F3", "allprop and propname answer as in the present")
@pytest.mark.parametrize("path", [BOOK, BOOK + "a.vcf", CALENDAR, CALENDAR + "tea.ics", FILES, FILES + "note.txt"])
def test_all_properties_of_then(desk: Desk, path: str) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    desk.put(CALENDAR + "tea.ics", event("tea", "DTSTART:20260610T100000Z"))
    desk.put(FILES + "note.txt", "note")
    of_what_changes = {"D:sync-token", "CS:getctag", "D:add-member", "D:quota-used-bytes", "D:quota-available-bytes"}
    for asked in ("<D:allprop/>", "<D:propname/>"):
        now = desk.ask("PROPFIND", path, doc("D:propfind", asked), depth="0").only
        then = desk.ask("PROPFIND", pass_time(desk)(path), doc("D:propfind", asked), depth="0").only
        assert set(now.found) - set(then.found) <= of_what_changes
        assert set(then.found) <= set(now.found)


@pytest.mark.spec("Gotgan F3", "GET and HEAD give the octets, the ETag and the date of then, ranges and conditions too")
@pytest.mark.parametrize(
    ("path", "octets"),
    [
        (BOOK + "a.vcf", card("a", name="Anna Kim").encode()),
        (BOOK + "b.vcf", card("b", name="Ben Lee").encode()),
        (FILES + "trip/map.txt", b"first map"),
        (FILES + "note.txt", b"note"),
    ],
)
def test_bodies_are_those_of_then(desk: Desk, before: Before, path: str, octets: bytes) -> None:
    address = before(path)
    whole = desk.ask("GET", address)
    assert (whole.status, whole.octets) == (200, octets)
    assert whole.etag == desk.value(address, "D:getetag")
    assert whole.headers["last-modified"] == desk.value(address, "D:getlastmodified")
    assert desk.ask("HEAD", address).headers == whole.headers
    assert desk.ask("GET", address, if_none_match=whole.etag).status == 304
    assert desk.ask("GET", address, if_match='"other"').status == 412
    part = desk.ask("GET", address, range_="bytes=1-3", if_range=whole.etag)
    assert (part.status, part.octets) == (206, octets[1:4])
    assert desk.ask("GET", address, range_="bytes=9999-").status == 416


@pytest.mark.spec("Gotgan F3", "a browser sees a list of names")
def test_a_browser_sees_names(desk: Desk, before: Before) -> None:
    page = desk.get(before(FILES + "trip/")).decode()
    assert before(FILES + "trip/map.txt") in page


@pytest.mark.spec("Gotgan F3", "a name is found in the form that Apple sends")
def test_names_are_found_in_both_forms(desk: Desk) -> None:
    desk.put(FILES + "가족.txt", "family")
    desk.put(BOOK + "김.vcf", card("kim"))
    before = pass_time(desk)
    desk.ask("DELETE", FILES + "가족.txt")
    for path in (FILES + "가족.txt", BOOK + "김.vcf"):
        decomposed = unicodedata.normalize("NFD", before(path))
        assert desk.ask("GET", decomposed).status == 200
        multiget = desk.report(before(BOOK), "CR:addressbook-multiget",
                               prop("D:getetag") + f"<D:href>{decomposed}</D:href>")  # fmt: skip
        assert (multiget.only.status is None) == ("vcf" in path)


@pytest.mark.spec("Gotgan F3", "a name with slashes in it is one object, in the past as well")
def test_names_with_slashes(desk: Desk) -> None:
    desk.put(BOOK + "x%2Fy.vcf", card("xy"))
    before = pass_time(desk)
    assert desk.get(before(BOOK) + "x/y.vcf") == card("xy").encode()
    assert before(BOOK) + "x%2Fy.vcf" in desk.find(before(BOOK), "D:getetag", depth="1").hrefs


@pytest.mark.spec("Gotgan F3", "multiget and queries look into the bodies of then")
def test_reports_are_of_then(desk: Desk, before: Before) -> None:
    asked = "".join(f"<D:href>{before(BOOK)}{name}.vcf</D:href>" for name in "abc")
    got = desk.report(before(BOOK), "CR:addressbook-multiget", prop("D:getetag", "CR:address-data") + asked)
    assert [row.status for row in got.rows] == [None, None, 404]
    assert "FN:Anna Kim" in got.rows[0].text("CR:address-data")
    named = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>{}</CR:text-match></CR:prop-filter></CR:filter>'
    for name, found in (("Kim", ["a.vcf"]), ("Lee", ["b.vcf"]), ("Nobody", [])):
        answer = desk.report(before(BOOK), "CR:addressbook-query", prop("D:getetag") + named.format(name))
        assert answer.names == found
    by_uid = '<CR:filter><CR:prop-filter name="UID"><CR:text-match>b</CR:text-match></CR:prop-filter></CR:filter>'
    assert desk.report(before(BOOK), "CR:addressbook-query", prop("D:getetag") + by_uid).names == ["b.vcf"]


@pytest.mark.spec("Gotgan F3", "a calendar-query finds what took place then, expanded where asked")
def test_calendar_queries_are_of_then(desk: Desk, before: Before) -> None:
    june = '<C:time-range start="20260610T000000Z" end="20260611T000000Z"/>'
    thursday = '<C:time-range start="20260611T000000Z" end="20260612T000000Z"/>'
    assert month(desk, before(CALENDAR), june) == ["tea.ics"]
    assert month(desk, before(CALENDAR), thursday) == ["weekly.ics"]
    assert month(desk, CALENDAR, thursday) == []
    assert month(desk, before(CALENDAR), "") == ["tea.ics", "weekly.ics"]
    assert month(desk, before("/dav/calendars/anna/"), june) == ["tea.ics"]
    data = prop("D:getetag").replace(
        "</D:prop>",
        '<C:calendar-data><C:expand start="20260611T000000Z" end="20260612T000000Z"/></C:calendar-data></D:prop>',
    )
    answer = desk.report(before(CALENDAR), "C:calendar-query", data + filtered(thursday))
    assert "DTSTART:20260611T090000Z" in answer.only.text("C:calendar-data")


def month(desk: Desk, path: str, time_range: str) -> list[str]:
    return desk.report(path, "C:calendar-query", prop("D:getetag") + filtered(time_range)).names


def filtered(inner: str) -> str:
    return f"<C:filter>{comp('VCALENDAR', comp('VEVENT', inner))}</C:filter>"


@pytest.mark.spec("Gotgan F3", "a query in the past finds what the present found then, for every kind and range")
def test_queries_of_then_agree_with_the_present_of_then(desk: Desk) -> None:
    written = {
        "day": event("day", "DTSTART;VALUE=DATE:20260615"),
        "floating": event("floating", "DTSTART:20260615T233000", "DTEND:20260616T003000"),
        "seoul": event("seoul", "DTSTART;TZID=Asia/Seoul:20260616T010000", "DURATION:PT1H"),
        "alarm": event("alarm", "DTSTART:20260701T100000Z", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P15D",
                       "DESCRIPTION:x", "END:VALARM"),
        "task": calendar(component("VTODO", "task", "DUE:20260615T120000Z")),
        "undated": calendar(component("VTODO", "undated")),
        "both": calendar(component("VEVENT", "both", "DTSTART:20260615T100000Z"),
                         component("VTODO", "both", "DUE:20260615T110000Z")),
        "ended": event("ended", "DTSTART:20260101T100000Z", "RRULE:FREQ=DAILY;COUNT=10"),
        "endless": event("endless", "DTSTART:20200101T100000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=15"),
        "moved": calendar(component("VEVENT", "moved", "DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;COUNT=2"),
                          component("VEVENT", "moved", "RECURRENCE-ID:20260302T100000Z", "DTSTART:20260615T100000Z")),
    }  # fmt: skip
    anything = "/dav/calendars/anna/anything/"
    assert desk.ask("MKCALENDAR", anything).status == 201
    for name, body in written.items():
        desk.put(f"{anything}{name}.ics", body)
    ranges = [
        f'<C:time-range start="202606{day:02}T000000Z" end="202606{day + 1:02}T000000Z"/>' for day in (14, 15, 16)
    ]
    asked = [comp(kind, inner) for kind in ("VEVENT", "VTODO") for inner in ("", *ranges)]
    asked += [comp("VEVENT", comp("VALARM", inner)) for inner in ranges]
    asked += [comp("VTODO", "<C:is-not-defined/>"), comp("VEVENT", '<C:prop-filter name="RRULE"/>')]
    filters = [f"<C:filter>{comp('VCALENDAR', inner)}</C:filter>" for inner in asked]
    now = [desk.report(anything, "C:calendar-query", prop("D:getetag") + each).names for each in filters]
    assert any(now)
    before = pass_time(desk)
    for name in written:
        desk.ask("DELETE", f"{anything}{name}.ics")
    then = [desk.report(before(anything), "C:calendar-query", prop("D:getetag") + each).names for each in filters]
    assert then == now


@pytest.mark.spec("Gotgan F3", "what nothing is known of is read: facts are only a shortcut")
def test_queries_of_then_do_without_facts(desk: Desk, before: Before) -> None:
    with desk.services.ledger.database.write() as writing:
        writing.execute("DELETE FROM fact")
    june = '<C:time-range start="20260610T000000Z" end="20260611T000000Z"/>'
    assert month(desk, before(CALENDAR), june) == ["tea.ics"]
    named = '<CR:filter><CR:prop-filter name="FN"><CR:text-match>Kim</CR:text-match></CR:prop-filter></CR:filter>'
    assert desk.report(before(BOOK), "CR:addressbook-query", prop("D:getetag") + named).names == ["a.vcf"]


@pytest.mark.spec("Gotgan F3", "busy times are those of the calendar as it was, and of the home")
def test_busy_times_are_of_then(desk: Desk, before: Before) -> None:
    asked = '<C:time-range start="20260610T000000Z" end="20260612T000000Z"/>'
    for path in (CALENDAR, "/dav/calendars/anna/"):
        then = desk.report(before(path), "C:free-busy-query", asked)
        assert (then.status, then.octets.count(b"FREEBUSY:") + then.octets.count(b"FREEBUSY;")) == (200, 2)
        assert b"20260610T100000Z/20260610T110000Z" in then.octets
        assert b"FREEBUSY:" not in desk.report(path, "C:free-busy-query", asked).octets


@pytest.mark.spec("Gotgan F3", "there is no token and no ctag, and sync-collection is refused")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FILES, FILES + "trip/"])
def test_there_is_nothing_to_synchronise(desk: Desk, before: Before, path: str) -> None:
    absent = desk.find(before(path), "D:sync-token", "CS:getctag", "D:supported-report-set").only
    assert absent.other == {"D:sync-token": 404, "CS:getctag": 404}
    assert "sync-collection" not in absent.text("D:supported-report-set")
    assert not absent.found["D:supported-report-set"].findall(".//{DAV:}sync-collection")
    assert desk.sync(before(path)).refusal == (403, "D:supported-report")


@pytest.mark.spec("Gotgan F3", "every method that writes is refused, locks included, whatever is or is not there")
@pytest.mark.parametrize(
    "method", ["PUT", "POST", "DELETE", "COPY", "MOVE", "MKCOL", "MKCALENDAR", "PROPPATCH", "LOCK", "UNLOCK", "ACL"]
)
def test_nothing_is_written_in_the_past(desk: Desk, before: Before, method: str) -> None:
    seq = seq_of(desk)
    for path in (BOOK, BOOK + "a.vcf", BOOK + "new.vcf", CALENDAR, FILES, FILES + "trip/map.txt", FILES + "new/"):
        answer = desk.ask(method, before(path), destination=FILES + "copied")
        assert answer.refusal == (403, "D:need-privileges")
    assert desk.ask(method, "/dav/at/soon/files/anna/x").status == 403
    assert desk.ask(method, "/dav/versions/1/1").status == 403
    assert seq_of(desk) == seq


@pytest.mark.spec("Gotgan F3", "nothing is copied or moved into the past")
@pytest.mark.parametrize("method", ["COPY", "MOVE"])
@pytest.mark.parametrize("path", [BOOK + "a.vcf", CALENDAR + "weekly.ics", FILES + "journey"])
def test_nothing_goes_into_the_past(desk: Desk, before: Before, method: str, path: str) -> None:
    seq = seq_of(desk)
    assert desk.ask(method, path, destination=before(path) + "2").refusal == (403, "D:need-privileges")
    assert seq_of(desk) == seq


@pytest.mark.spec("Gotgan F3", "class 1 and 3 only, with the methods that read")
@pytest.mark.parametrize("path", ["/dav/at/20260101T000000Z/files/anna/", "/dav/at/x/", "/dav/versions/1/2"])
def test_only_reading_is_offered(shelf: Desk, path: str) -> None:
    answer = shelf.ask("OPTIONS", path)
    assert answer.headers["allow"] == "OPTIONS, GET, HEAD, PROPFIND, REPORT"
    assert answer.headers["dav"].startswith("1, 3, ")
    assert "sync-collection" not in answer.headers["dav"]


@pytest.mark.spec("Gotgan F3", "the reader may read and is who they are today")
@pytest.mark.parametrize("path", [BOOK, BOOK + "a.vcf", CALENDAR, FILES, FILES + "trip/map.txt"])
def test_privileges_are_to_read(desk: Desk, before: Before, path: str) -> None:
    row = desk.find(before(path), "D:current-user-privilege-set", "D:current-user-principal", "D:owner",
                    "D:supported-method-set").only  # fmt: skip
    held = {each[0].tag.partition("}")[2] for each in row.found["D:current-user-privilege-set"]}
    assert held <= READING and "read" in held
    assert row.found["D:current-user-principal"][0].text == "/dav/principals/anna/"
    assert row.found["D:owner"][0].text == "/dav/principals/anna/"
    methods = {each.get("name") for each in row.found["D:supported-method-set"]}
    assert methods == {"OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"}


# --- F4 privileges of today -------------------------------------------------------------------------


def share(desk: Desk, path: str, *, access: mounts.Access = "read", name: str = "annas") -> int:
    """Let ben see a collection of anna's; return the mount's resource id."""
    reading = desk.services.ledger.database.connection()
    segments = tuple(path.removeprefix("/dav/").strip("/").split("/"))
    target = past.locate(reading, segments, seq=None)
    ben = people.existing(reading, "ben")
    home_id = {"addressbooks": ben.addressbook_home_id, "calendars": ben.calendar_home_id, "files": ben.files_home_id}
    with desk.services.ledger.write(Author(1, 1)) as page:
        return mounts.add(page, home_id[segments[0]], name, target.resource_id, access)


def unshare(desk: Desk, mount_id: int) -> None:
    with desk.services.ledger.write(Author(1, 1)) as page:
        member = member_of(page.writing, mount_id)
        assert member is not None
        mounts.remove(page, member)


@pytest.mark.spec("Gotgan F4", "nobody sees the past of what was never shown to them")
@pytest.mark.parametrize("path", [BOOK, BOOK + "a.vcf", CALENDAR, FILES, FILES + "trip/map.txt"])
def test_the_past_of_others_is_not_there(desk: Desk, before: Before, path: str) -> None:
    assert desk.ask("PROPFIND", before(path), by="ben", depth="0").status == 404
    assert desk.ask("GET", before(path), by="ben").status == 404
    assert desk.ask("GET", before(path), by="").status == 401


@pytest.mark.spec("Gotgan F4", "what is shared is seen as it was while it was shared, until the share is withdrawn")
@pytest.mark.parametrize(
    ("path", "inner"), [(BOOK, "a.vcf"), (CALENDAR, "tea.ics"), (FILES + "trip/", "map.txt"), (FILES + "trip/", "in/x")]
)
def test_a_share_opens_its_past_until_it_is_withdrawn(desk: Desk, path: str, inner: str) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    desk.put(CALENDAR + "tea.ics", event("tea", "DTSTART:20260610T100000Z"))
    desk.ask("MKCOL", FILES + "trip")
    desk.ask("MKCOL", FILES + "trip/in")
    desk.put(FILES + "trip/map.txt", "map")
    desk.put(FILES + "trip/in/x", "x")
    unshared = pass_time(desk)
    mount_id = share(desk, path)
    shared = pass_time(desk)
    octets = desk.get(path + inner)
    assert desk.ask("DELETE", path + inner).status == 204
    bens = f"/dav/{path.split('/')[2]}/ben/annas/"
    assert desk.ask("GET", unshared(bens) + inner, by="ben").status == 404, "the mount was not there"
    assert desk.get(shared(bens) + inner, by="ben") == octets
    assert shared(bens) in desk.find(shared(bens).rpartition("annas")[0], "D:owner", depth="1", by="ben").hrefs
    assert desk.find(shared(bens), "D:owner", by="ben").only.found["D:owner"][0].text == "/dav/principals/anna/"
    unshare(desk, mount_id)
    withdrawn = pass_time(desk)
    for address in (shared(bens), shared(bens) + inner, withdrawn(bens)):
        assert desk.ask("PROPFIND", address, by="ben", depth="0").status == 404
    assert shared(bens) not in desk.find(shared(bens).rpartition("annas")[0], "D:owner", depth="1", by="ben").hrefs
    assert desk.get(shared(path) + inner) == octets, "the owner sees it"


@pytest.mark.spec("Gotgan F4", "a folder that left a shared folder takes its past with it")
def test_what_left_a_shared_folder_is_hidden(desk: Desk) -> None:
    for name in ("trip", "trip/private", "trip/gone"):
        assert desk.ask("MKCOL", FILES + name).status == 201
    desk.put(FILES + "trip/private/diary.txt", "mine")
    desk.put(FILES + "trip/gone/old.txt", "old")
    share(desk, FILES + "trip")
    before = pass_time(desk)
    assert desk.ask("MOVE", FILES + "trip/private", destination=FILES + "private").status == 201
    assert desk.ask("DELETE", FILES + "trip/gone").status == 204
    bens = before("/dav/files/ben/annas/")
    assert desk.find(bens, "D:getetag", depth="infinity", by="ben").hrefs == [
        bens,
        bens + "gone/",
        bens + "gone/old.txt",
    ]
    assert desk.ask("GET", bens + "private/diary.txt", by="ben").status == 404
    assert desk.get(before(FILES) + "trip/private/diary.txt") == b"mine"


@pytest.mark.spec("Gotgan F4", "a deleted collection is seen by its owner, and by nobody whom it was shared with")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FILES + "trip/"])
def test_deleted_collections_are_their_owners(desk: Desk, path: str) -> None:
    desk.ask("MKCOL", FILES + "trip")
    inner = {BOOK: "a.vcf", CALENDAR: "tea.ics"}.get(path, "map.txt")
    body = {BOOK: card("a"), CALENDAR: event("tea", "DTSTART:20260610T100000Z")}.get(path, "map")
    desk.put(path + inner, body)
    share(desk, path)
    before = pass_time(desk)
    assert desk.ask("DELETE", path).status == 204
    desk.house.background.duties.sweeper.sweep()
    bens = before(f"/dav/{path.split('/')[2]}/ben/annas/")
    assert desk.get(before(path) + inner) == body.encode()
    assert before(path) in desk.find(before(path.rstrip("/").rpartition("/")[0] + "/"), "D:getetag", depth="1").hrefs
    assert desk.ask("GET", bens + inner, by="ben").status == 404


@pytest.mark.spec("Gotgan F4", "what the household shares is seen by everybody who sees it, also once it is gone")
def test_the_past_of_the_household(desk: Desk) -> None:
    desk.put(FAMILY_BOOK + "x.vcf", card("x"))
    assert desk.ask("MKCOL", FILES + "Family/photos").status == 201
    desk.put(FILES + "Family/photos/1.txt", "one")
    before = pass_time(desk)
    assert desk.ask("DELETE", FAMILY_BOOK + "x.vcf").status == 204
    assert desk.ask("DELETE", FILES + "Family/photos").status == 204
    desk.house.background.duties.sweeper.sweep()
    for home in ("ben", "household"):
        assert desk.get(before(f"/dav/addressbooks/{home}/family/x.vcf"), by="ben") == card("x").encode()
        assert desk.get(before(f"/dav/files/{home}/Family/photos/1.txt"), by="ben") == b"one"


@pytest.mark.spec("Gotgan F4", "a person has no past before they came")
def test_a_newcomer_has_no_past(desk: Desk) -> None:
    before = pass_time(desk)
    desk.join("mina")
    pass_time(desk)
    assert desk.ask("PROPFIND", before("/dav/files/mina/"), by="mina", depth="1").status == 404
    assert desk.find(before("/dav/files/"), "D:displayname", by="mina", depth="1").names == ["files", "household"]


@pytest.mark.spec("Gotgan F4", "what was thinned out is listed, and gone with a sentence when it is asked for")
def test_thinned_content_is_gone(desk: Desk, before: Before) -> None:
    member = past.last_at(desk.services.ledger.database.connection(), ("files", "anna", "note.txt"))
    with desk.services.ledger.database.write() as writing:
        writing.execute(
            "UPDATE content SET place = 'none', body = NULL, removed_at = 1 WHERE id = ?", (member.content_id,)
        )
    assert before(FILES + "note.txt") in desk.find(before(FILES), "D:getetag", depth="1").hrefs
    for method in ("GET", "HEAD"):
        assert desk.ask(method, before(FILES + "note.txt")).status == 410
    assert b"not kept any more" in desk.ask("GET", before(FILES + "note.txt")).octets


@pytest.mark.spec("Gotgan F4", "what was deleted this moment is on its way into the store: ask again")
def test_a_folder_that_is_being_taken_into_the_store(desk: Desk) -> None:
    assert desk.ask("MKCOL", FILES + "trip").status == 201
    desk.put(FILES + "trip/map.txt", "map")
    before = pass_time(desk)
    assert desk.ask("DELETE", FILES + "trip").status == 204
    answer = desk.ask("GET", before(FILES + "trip/map.txt"))
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")
    desk.house.background.duties.sweeper.sweep()
    assert desk.get(before(FILES + "trip/map.txt")) == b"map"


# --- F6 versions ------------------------------------------------------------------------------------


def versions(desk: Desk, *path: str) -> tuple[int, list[int]]:
    """Return the id of what was last at a path, and the numbers of its rows."""
    reading = desk.services.ledger.database.connection()
    resource_id = past.last_at(reading, path).resource_id
    rows = reading.execute("SELECT seq FROM version WHERE resource_id = ? ORDER BY seq", (resource_id,)).fetchall()
    return resource_id, [row["seq"] for row in rows]


@pytest.mark.spec("Gotgan F6", "each version has an address of its own, to be read by GET and PROPFIND")
def test_versions_have_addresses(desk: Desk) -> None:
    etags = []
    for text in ("one", "three"):
        etags.append(desk.put(FILES + "a.txt", text).etag)
    desk.put(CALENDAR + "tea.ics", event("tea", "DTSTART:20260610T100000Z"))
    desk.ask("DELETE", FILES + "a.txt")
    id_, seqs = versions(desk, "files", "anna", "a.txt")
    for seq, text, etag in zip(seqs, ("one", "three"), etags, strict=False):
        address = f"/dav/versions/{id_}/{seq}"
        answer = desk.ask("GET", address)
        assert (answer.octets, answer.etag) == (text.encode(), etag)
        assert answer.headers["content-type"] == "text/plain"
        row = desk.find(address, "D:getetag", "D:getcontentlength", depth="0").only
        assert (row.href, row.text("D:getetag"), row.text("D:getcontentlength")) == (address, etag, str(len(text)))
    assert desk.ask("GET", f"/dav/versions/{id_}/{seqs[-1]}").status == 404, "the row of the end has no body"
    id_, seqs = versions(desk, "calendars", "anna", "calendar", "tea.ics")
    told = desk.ask("HEAD", f"/dav/versions/{id_}/{seqs[0]}").headers["content-type"]
    assert told == "text/calendar; charset=utf-8; component=VEVENT"


@pytest.mark.spec("Gotgan F6", "what is no version, or not the reader's, is not there")
def test_other_versions_are_not_there(desk: Desk) -> None:
    desk.put(FILES + "a.txt", "one")
    id_, seqs = versions(desk, "files", "anna", "a.txt")
    home_id, rows = versions(desk, "files", "anna")
    for address in (
        f"{id_}/{seqs[0] - 1}", f"{id_}/0", f"{id_}", f"{id_}/{seqs[0]}/x", f"x/{seqs[0]}", f"{id_}/{'9' * 19}",
        f"{home_id}/{rows[0]}", "",
    ):  # fmt: skip
        assert desk.ask("GET", f"/dav/versions/{address}").status == 404
    assert desk.ask("GET", f"/dav/versions/{id_}/{seqs[0]}", by="ben").status == 404


@pytest.mark.spec("Gotgan F6", "a version is judged by the collection that it was written in")
def test_versions_written_in_private_stay_private(desk: Desk) -> None:
    assert desk.ask("MKCOL", FILES + "trip").status == 201
    share(desk, FILES + "trip")
    desk.put(FILES + "a.txt", "private")
    desk.clock.ahead += timedelta(hours=2)
    assert desk.ask("MOVE", FILES + "a.txt", destination=FILES + "trip/a.txt").status == 201
    desk.put(FILES + "trip/a.txt", "shared")
    id_, seqs = versions(desk, "files", "anna", "trip", "a.txt")
    seen = [desk.ask("GET", f"/dav/versions/{id_}/{seq}", by="ben").status for seq in seqs]
    assert seen == [404, 404, 200, 200]
    assert desk.get(f"/dav/versions/{id_}/{seqs[-1]}", by="ben") == b"shared"
