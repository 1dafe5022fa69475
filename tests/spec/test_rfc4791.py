"""RFC 4791, CalDAV: calendars and what they keep; queries and reports are in the files beside this one."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, TASKS, Answer, Desk, calendar, card, component, doc, event, named

WORK = "/dav/calendars/anna/work/"
APPOINTMENT = event("a", "DTSTART:20261124T100000Z", "SUMMARY:One")
TODO = calendar(component("VTODO", "t", "SUMMARY:Milk"))
NOTE = calendar(component("VJOURNAL", "j", "DTSTART;VALUE=DATE:20261124"))

APPLE = """<D:set><D:prop>
<D:displayname>직장</D:displayname>
<A:calendar-color symbolic-color="custom">#FF2968FF</A:calendar-color>
<A:calendar-order>7</A:calendar-order>
<C:calendar-free-busy-set><D:yes/></C:calendar-free-busy-set>
<C:schedule-calendar-transp><C:opaque/></C:schedule-calendar-transp>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
<C:calendar-timezone>BEGIN:VCALENDAR&#13;
VERSION:2.0&#13;
PRODID:-//Apple Inc.//macOS 14.0//EN&#13;
CALSCALE:GREGORIAN&#13;
BEGIN:VTIMEZONE&#13;
TZID:Europe/Berlin&#13;
BEGIN:DAYLIGHT&#13;
TZOFFSETFROM:+0100&#13;
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU&#13;
DTSTART:19810329T020000&#13;
TZNAME:CEST&#13;
TZOFFSETTO:+0200&#13;
END:DAYLIGHT&#13;
BEGIN:STANDARD&#13;
TZOFFSETFROM:+0200&#13;
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU&#13;
DTSTART:19961027T030000&#13;
TZNAME:CET&#13;
TZOFFSETTO:+0100&#13;
END:STANDARD&#13;
END:VTIMEZONE&#13;
END:VCALENDAR&#13;
</C:calendar-timezone>
</D:prop></D:set>"""


def mkcalendar(desk: Desk, path: str, *elements: str) -> Answer:
    inner = f"<D:set><D:prop>{''.join(elements)}</D:prop></D:set>"
    return desk.ask("MKCALENDAR", path, doc("C:mkcalendar", inner), content_type="text/xml")


def kept(desk: Desk, path: str) -> list[str | None]:
    """Return the components of supported-calendar-component-set."""
    told = desk.find(path, "C:supported-calendar-component-set").only.found["C:supported-calendar-component-set"]
    return [each.get("name") for each in told]


# --- 4.1 calendar object resources ------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 4.1", "calendar objects are kept octet for octet")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CALENDAR + "a.ics", APPOINTMENT),
        (CALENDAR + "a.ics", APPOINTMENT.replace("\r\n", "\n")),
        (CALENDAR + "a.ics", event("a", "DTSTART:20261124T100000Z", "X-APPLE-WHATEVER;X=1:\\x", "summary:lower case")),
        (CALENDAR + "a.ics", event("a", "DTSTART:20261124T100000Z", "SUMMARY:폴", " 딩 at an odd place")),
        (TASKS + "t.ics", TODO),
    ],
    ids=["plain", "lf", "odd", "folded", "task"],
)
def test_objects_are_kept_octet_for_octet(desk: Desk, path: str, body: str) -> None:
    desk.put(path, body)
    assert desk.get(path) == body.encode()


@pytest.mark.spec(
    "RFC 4791 4.1", "a UID is used once in a calendar: 409 no-uid-conflict with the other's href; elsewhere it is free"
)
def test_a_uid_is_used_once(desk: Desk) -> None:
    desk.put(CALENDAR + "a.ics", APPOINTMENT)
    answer = desk.ask("PUT", CALENDAR + "b.ics", APPOINTMENT, content_type="text/calendar")
    assert answer.refusal == (409, "C:no-uid-conflict")
    assert answer.error_hrefs == [CALENDAR + "a.ics"]
    assert desk.refused() == [("b.ics", "PUT", 409, APPOINTMENT.encode())]
    assert desk.put("/dav/calendars/anna/family/b.ics", APPOINTMENT).status == 201


@pytest.mark.spec("RFC 4791 4.1", "a master and its overrides are one object under one UID")
def test_a_master_and_its_overrides_are_one_object(desk: Desk) -> None:
    body = calendar(
        component("VEVENT", "r", "DTSTART:20261124T100000Z", "RRULE:FREQ=DAILY"),
        component("VEVENT", "r", "RECURRENCE-ID:20261125T100000Z", "DTSTART:20261125T120000Z"),
    )
    desk.put(CALENDAR + "r.ics", body)
    assert desk.get(CALENDAR + "r.ics") == body.encode()


@pytest.mark.spec(
    "RFC 4791 4.2", "no collection lies in a calendar or an address book: calendar-collection-location-ok"
)
@pytest.mark.parametrize(
    "path", [CALENDAR + "inner/", BOOK + "inner/", FILES + "inner/", "/dav/addressbooks/anna/cal/"]
)
def test_calendars_lie_in_their_home(desk: Desk, path: str) -> None:
    assert mkcalendar(desk, path).refusal == (403, "C:calendar-collection-location-ok")
    assert desk.find(path, "D:resourcetype").status == 404


# --- 5.1, 5.2 calendars -----------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 5.1", "calendar-access is announced on every address")
@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/principals/anna/", "/dav/calendars/anna/", CALENDAR, FILES])
def test_calendar_access_is_announced(shelf: Desk, path: str) -> None:
    assert "calendar-access" in shelf.ask("OPTIONS", path, by="").headers["dav"].split(", ")


@pytest.mark.spec("RFC 4791 5.2.1", "a description may be set, with its language")
def test_a_description_may_be_set(desk: Desk) -> None:
    assert desk.find(CALENDAR, "C:calendar-description").only.other == {"C:calendar-description": 404}
    desk.set_(CALENDAR, '<C:calendar-description xml:lang="ko">모임</C:calendar-description>')
    element = desk.find(CALENDAR, "C:calendar-description").only.found["C:calendar-description"]
    assert (element.text, element.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("모임", "ko")


@pytest.mark.spec("RFC 4791 5.2.2", "calendar-timezone answers a VTIMEZONE, that of the household where none was set")
def test_the_household_zone_is_told(shelf: Desk) -> None:
    told = shelf.value(CALENDAR, "C:calendar-timezone")
    assert told.startswith("BEGIN:VCALENDAR\r\n")
    assert "BEGIN:VTIMEZONE\r\n" in told and "TZID:Asia/Seoul\r\n" in told


@pytest.mark.spec("RFC 4791 5.2.2", "a calendar-timezone that holds no VTIMEZONE is refused with valid-calendar-data")
@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR&#13;\nVERSION:2.0&#13;\nEND:VCALENDAR&#13;\n"])
def test_a_zone_that_is_none_is_refused(desk: Desk, text: str) -> None:
    row = desk.set_(CALENDAR, f"<C:calendar-timezone>{text}</C:calendar-timezone>", "<X:a>1</X:a>").only
    assert row.other == {"C:calendar-timezone": 403, "X:a": 424}
    assert list(row.conditions) == ["C:valid-calendar-data"]


@pytest.mark.spec("RFC 4791 5.2.3", "events and tasks are kept apart from the start")
@pytest.mark.parametrize(("path", "components"), [(CALENDAR, ["VEVENT"]), (TASKS, ["VTODO"])])
def test_what_a_calendar_keeps(shelf: Desk, path: str, components: list[str]) -> None:
    assert kept(shelf, path) == components


@pytest.mark.spec(
    "RFC 4791 5.2.3",
    "a component that a calendar does not keep is 403 supported-calendar-component, and kept among the refused",
)
@pytest.mark.parametrize(
    ("path", "body"), [(CALENDAR, TODO), (TASKS, APPOINTMENT), (CALENDAR, NOTE)], ids=["todo", "event", "note"]
)
def test_a_foreign_component_is_refused(desk: Desk, path: str, body: str) -> None:
    assert desk.ask("PUT", path + "x.ics", body).refusal == (403, "C:supported-calendar-component")
    assert desk.refused() == [("x.ics", "PUT", 403, body.encode())]


@pytest.mark.spec(
    "RFC 4791 5.2.3", "supported-calendar-component-set is set when a calendar is made, and protected later"
)
def test_the_components_are_protected(desk: Desk) -> None:
    change = '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    assert desk.set_(CALENDAR, change).only.other == {"C:supported-calendar-component-set": 403}


@pytest.mark.spec("RFC 4791 5.2.4", "supported-calendar-data is iCalendar 2.0")
def test_supported_calendar_data(shelf: Desk) -> None:
    (kind,) = shelf.find(CALENDAR, "C:supported-calendar-data").only.found["C:supported-calendar-data"]
    assert (kind.get("content-type"), kind.get("version")) == ("text/calendar", "2.0")


@pytest.mark.spec("RFC 4791 5.2.5", "max-resource-size is generous, and above it a PUT is 403 max-resource-size")
def test_max_resource_size(desk: Desk) -> None:
    limit = int(desk.value(CALENDAR, "C:max-resource-size"))
    assert limit >= 20 * (1 << 20)
    body = event("a", "DTSTART:20261124T100000Z", "DESCRIPTION:" + "x" * limit)
    assert desk.ask("PUT", CALENDAR + "a.ics", body).refusal == (403, "C:max-resource-size")


@pytest.mark.spec("RFC 4791 5.2", "colour, order, transparency and alarms are properties of the calendar, kept as sent")
@pytest.mark.parametrize(
    "element",
    [
        '<A:calendar-color symbolic-color="red">#FF2968FF</A:calendar-color>',
        "<A:calendar-order>3</A:calendar-order>",
        "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>",
        "<C:default-alarm-vevent-datetime>BEGIN:VALARM&#13;\nEND:VALARM</C:default-alarm-vevent-datetime>",
        "<C:default-alarm-vevent-date/>",
    ],
    ids=["colour", "order", "transparency", "alarm", "no-alarm"],
)
@pytest.mark.parametrize("path", [CALENDAR, "/dav/calendars/anna/family/", "/dav/calendars/anna/"])
def test_what_apple_sets(desk: Desk, path: str, element: str) -> None:
    if "transp" in element and path.endswith("/anna/"):
        path = TASKS
    row = desk.set_(path, element).only
    assert row.other == {}
    (name,) = row.found
    found = desk.find(path, name).only.found[name]
    sent = desk.find(path, name).only.text(name)
    assert sent in element.replace("&#13;", "\r")
    assert ("symbolic-color" in element) is (found.get("symbolic-color") == "red")


@pytest.mark.spec("RFC 4791 5.2", "what one sets on a shared calendar is one's own: the other keeps theirs")
def test_colours_of_a_shared_calendar_are_ones_own(desk: Desk) -> None:
    for person, colour in (("anna", "#FF0000FF"), ("ben", "#0000FFFF")):
        path = f"/dav/calendars/{person}/family/"
        assert desk.set_(path, f"<A:calendar-color>{colour}</A:calendar-color>", by=person).only.other == {}
    assert desk.value("/dav/calendars/anna/family/", "A:calendar-color") == "#FF0000FF"
    assert desk.value("/dav/calendars/ben/family/", "A:calendar-color", by="ben") == "#0000FFFF"


# --- 5.3 MKCALENDAR and PUT -------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 5.3.1", "MKCALENDAR as Apple sends it is 201, and every property is there")
def test_mkcalendar_as_apple_sends_it(desk: Desk) -> None:
    assert desk.ask("MKCALENDAR", WORK, doc("C:mkcalendar", APPLE), content_type="text/xml").status == 201
    row = desk.find(
        WORK, "D:resourcetype", "D:displayname", "A:calendar-color", "A:calendar-order", "C:calendar-timezone-id"
    ).only
    assert row.inside("D:resourcetype") == ["D:collection", "C:calendar"]
    assert (row.text("D:displayname"), row.text("A:calendar-color"), row.text("A:calendar-order")) == (
        "직장",
        "#FF2968FF",
        "7",
    )
    assert row.found["A:calendar-color"].get("symbolic-color") == "custom"
    assert row.text("C:calendar-timezone-id") == "Europe/Berlin"
    assert kept(desk, WORK) == ["VEVENT"]
    assert WORK in desk.find("/dav/calendars/anna/", "D:resourcetype", depth="1").hrefs


@pytest.mark.spec(
    "RFC 4791 5.3.1", "MKCALENDAR without a body makes a calendar for everything, with a slash or without"
)
@pytest.mark.parametrize("path", [WORK, WORK.rstrip("/")])
def test_mkcalendar_without_a_body(desk: Desk, path: str) -> None:
    answer = desk.ask("MKCALENDAR", path)
    assert (answer.status, answer.headers["cache-control"]) == (201, "no-cache")
    assert {"VEVENT", "VTODO", "VJOURNAL"} <= set(kept(desk, WORK))
    for name, body in {"a": APPOINTMENT, "t": TODO, "j": NOTE}.items():
        assert desk.put(f"{WORK}{name}.ics", body).status == 201


@pytest.mark.spec(
    "RFC 4791 5.3.1",
    "on something it is 405 resource-must-be-null, below nothing 409, in a foreign home 409, with a foreign body 400",
)
def test_where_no_calendar_can_be_made(desk: Desk) -> None:
    assert mkcalendar(desk, CALENDAR).refusal == (405, "D:resource-must-be-null")
    assert mkcalendar(desk, "/dav/calendars/nobody/work/").status == 409
    assert mkcalendar(desk, "/dav/calendars/ben/work/").status == 409
    assert mkcalendar(desk, "/dav/calendars/household/work/").refusal == (403, "D:need-privileges")
    assert desk.ask("MKCALENDAR", WORK, doc("D:propfind")).status == 400
    assert desk.find(WORK, "D:resourcetype").status == 404


@pytest.mark.spec(
    "RFC 4791 5.3.1", "one property that cannot be set fails it all: 403 with a status for each, nothing is made"
)
def test_one_failure_fails_it_all(desk: Desk) -> None:
    answer = mkcalendar(
        desk, WORK, "<C:calendar-timezone>no zone</C:calendar-timezone>", "<D:displayname>x</D:displayname>"
    )
    assert (answer.status, named(str(answer.xml.tag))) == (403, "C:mkcalendar-response")
    told = {
        named(str(each.tag)): propstat.findtext("{DAV:}status", "").split()[1]
        for propstat in answer.xml.iterfind("{DAV:}propstat")
        for each in propstat.iterfind("{DAV:}prop/*")
    }
    assert told == {"C:calendar-timezone": "403", "D:displayname": "424"}
    assert answer.xml.find(".//{DAV:}error/{urn:ietf:params:xml:ns:caldav}valid-calendar-data") is not None
    assert desk.find(WORK, "D:resourcetype").status == 404


@pytest.mark.spec("RFC 4791 5.3.1", "computed properties that clients throw in are left out and harm nobody")
def test_computed_properties_are_left_out(desk: Desk) -> None:
    assert mkcalendar(desk, WORK, "<CS:getctag>1</CS:getctag>", "<D:displayname>Work</D:displayname>").status == 201
    assert desk.value(WORK, "D:displayname") == "Work"


@pytest.mark.spec(
    "RFC 4791 5.3.2", "what is no calendar is 403 valid-calendar-data, a foreign type 415, and the body is kept"
)
@pytest.mark.parametrize(
    ("body", "content_type", "refusal"),
    [
        ("", "text/calendar", (403, "C:valid-calendar-data")),
        ("hello", "text/calendar", (403, "C:valid-calendar-data")),
        (card("a"), "text/calendar", (403, "C:valid-calendar-data")),
        (calendar(), "text/calendar", (403, "C:valid-calendar-data")),
        (calendar(component("VEVENT", "")), "text/calendar", (403, "C:valid-calendar-data")),
        (APPOINTMENT, "text/vcard", (415, "C:supported-calendar-data")),
        (APPOINTMENT, "application/json", (415, "C:supported-calendar-data")),
    ],
    ids=["empty", "text", "card", "no-component", "no-uid", "vcard-type", "json-type"],
)
def test_what_is_no_calendar_is_refused_and_kept(
    desk: Desk, body: str, content_type: str, refusal: tuple[int, str]
) -> None:
    assert desk.ask("PUT", CALENDAR + "x.ics", body, content_type=content_type).refusal == refusal
    assert desk.refused() == [("x.ics", "PUT", refusal[0], body.encode())]


@pytest.mark.spec("RFC 4791 5.3.4", "PUT gives a strong ETag, because the octets are kept")
def test_put_gives_a_strong_etag(desk: Desk) -> None:
    path = CALENDAR + "a.ics"
    assert desk.put(path, APPOINTMENT).etag == desk.ask("HEAD", path).etag == desk.value(path, "D:getetag")


# --- 6 privileges and homes -------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 6.2.1", "the principal names the home of calendars, to its own person only")
def test_the_home_is_named(shelf: Desk) -> None:
    assert shelf.value("/dav/principals/anna/", "C:calendar-home-set") == "/dav/calendars/anna/"
    assert "C:calendar-home-set" in shelf.find("/dav/principals/ben/", "C:calendar-home-set").only.other


@pytest.mark.spec("RFC 4791 7.5.1", "the collations are named, the two required ones among them")
def test_collations_are_named(shelf: Desk) -> None:
    told = shelf.find(CALENDAR, "C:supported-collation-set").only.found["C:supported-collation-set"]
    assert {each.text for each in told} >= {"i;ascii-casemap", "i;octet"}


# --- RFC 7809 ---------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 7809 5.2", "calendar-timezone-id names the zone; setting it sets calendar-timezone too")
def test_setting_the_name_sets_the_body(desk: Desk) -> None:
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "Asia/Seoul"
    desk.set_(CALENDAR, "<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>")
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "America/New_York"
    assert "TZID:America/New_York\r\n" in desk.value(CALENDAR, "C:calendar-timezone")


@pytest.mark.spec("RFC 7809 5.2", "removing either removes both: the household's zone holds again")
@pytest.mark.parametrize("name", ["C:calendar-timezone", "C:calendar-timezone-id"])
def test_removing_the_zone(desk: Desk, name: str) -> None:
    desk.set_(CALENDAR, "<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>")
    desk.patch(CALENDAR, f"<D:remove><D:prop><{name}/></D:prop></D:remove>")
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "Asia/Seoul"
    assert "TZID:Asia/Seoul\r\n" in desk.value(CALENDAR, "C:calendar-timezone")


@pytest.mark.spec("RFC 7809 3.1.6", "a name that nobody knows is refused with valid-timezone")
@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "x" * 500])
def test_an_unknown_zone_is_refused(desk: Desk, name: str) -> None:
    row = desk.set_(CALENDAR, f"<C:calendar-timezone-id>{name}</C:calendar-timezone-id>").only
    assert (row.other, list(row.conditions)) == ({"C:calendar-timezone-id": 403}, ["C:valid-timezone"])
