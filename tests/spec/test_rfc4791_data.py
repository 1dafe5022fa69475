"""RFC 4791 9.6, 7.9, 7.10: instances as expansions and busy times give them, and the odd ends of the reports."""

from __future__ import annotations

import pytest

from appliance.objects.content_lines import Component, parse
from tests.spec.calendars import FAMILY, HOME, between, busy, comp, multiget, query, text, where, zoned
from tests.spec.desk import BOOK, CALENDAR, TASKS, Answer, Desk, calendar, component, doc, event

OBJECT = CALENDAR + "x.ics"
HOUR = ("DTSTART:20260105T100000Z", "DTEND:20260105T110000Z")
JANUARY = ("20260101T000000Z", "20260201T000000Z")
TEA = event("x", *HOUR, "SUMMARY:Tea")


def window(name: str, start: str, end: str) -> str:
    return f'<C:{name} start="{start}" end="{end}"/>'


def part(desk: Desk, inner: str, path: str = OBJECT) -> Component:
    """Return what a multiget gives of the object for these parts of calendar-data, as a calendar."""
    answer = multiget(desk, path.rpartition("/")[0] + "/", path, data=f"<C:calendar-data>{inner}</C:calendar-data>")
    assert answer.only.text("D:getetag") == desk.value(path, "D:getetag")
    return parse(answer.only.text("C:calendar-data").encode())


def expanded(desk: Desk, start: str = JANUARY[0], end: str = JANUARY[1]) -> list[dict[str, str]]:
    """Return the times and the summary of each instance, in the order given."""
    found = part(desk, window("expand", start, end)).components
    wanted = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SUMMARY", "DUE")
    return [{line.name: line.value for line in each.lines if line.name in wanted} for each in found]


# --- 9.6.5 expand -----------------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 9.6.5", "expand: each instance has a RECURRENCE-ID, UTC times, and its own end")
def test_instances_are_expanded_in_utc(desk: Desk) -> None:
    ten = ("DTSTART;TZID=America/New_York:20260307T100000", "DTEND;TZID=America/New_York:20260307T110000")
    desk.put(OBJECT, zoned("x", *ten, "RRULE:FREQ=DAILY;COUNT=2"))
    assert expanded(desk, "20260301T000000Z", "20260401T000000Z") == [
        {"DTSTART": "20260307T150000Z", "DTEND": "20260307T160000Z", "RECURRENCE-ID": "20260307T150000Z"},
        {"DTSTART": "20260308T140000Z", "DTEND": "20260308T150000Z", "RECURRENCE-ID": "20260308T140000Z"},
    ]


@pytest.mark.spec("RFC 4791 9.6.5", "expand: an override moved into the range is there, with the time it was")
def test_an_override_moved_into_the_range(desk: Desk) -> None:
    moved = component("VEVENT", "x", "RECURRENCE-ID:20260301T100000Z", "DTSTART:20260115T080000Z", "SUMMARY:Early")
    rule = component("VEVENT", "x", *HOUR, "RRULE:FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=1,5;COUNT=9", "SUMMARY:Tea")
    desk.put(OBJECT, calendar(rule, moved))
    assert {"DTSTART": "20260115T080000Z", "RECURRENCE-ID": "20260301T100000Z", "SUMMARY": "Early"} in expanded(desk)


@pytest.mark.spec("RFC 4791 9.6.5", "expand: an override moved out of the range leaves no instance behind")
def test_an_override_moved_out_of_the_range(desk: Desk) -> None:
    moved = component("VEVENT", "x", "RECURRENCE-ID:20260106T100000Z", "DTSTART:20260606T080000Z")
    desk.put(OBJECT, calendar(component("VEVENT", "x", *HOUR, "RRULE:FREQ=DAILY;COUNT=3"), moved))
    assert [each["DTSTART"] for each in expanded(desk)] == ["20260105T100000Z", "20260107T100000Z"]


@pytest.mark.spec("RFC 4791 9.6.5", "expand: an RDATE period ends when it says, excluded instances are left out")
def test_dates_and_exceptions_are_expanded(desk: Desk) -> None:
    lines = ("RDATE;VALUE=PERIOD:20260110T100000Z/PT3H", "RDATE:20260112T100000Z", "EXDATE:20260112T100000Z")
    desk.put(OBJECT, event("x", *HOUR, *lines))
    assert [(each["DTSTART"], each["DTEND"]) for each in expanded(desk)] == [
        ("20260105T100000Z", "20260105T110000Z"),
        ("20260110T100000Z", "20260110T130000Z"),
    ]


@pytest.mark.spec("RFC 4791 9.6.5", "expand: recurring tasks are expanded by DTSTART and DUE")
def test_recurring_tasks_are_expanded(desk: Desk) -> None:
    task = component("VTODO", "x", "DTSTART:20260105T100000Z", "DUE:20260105T120000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    desk.put(TASKS + "x.ics", calendar(task))
    found = part(desk, window("expand", *JANUARY), TASKS + "x.ics").components
    assert [each.first("DUE").value for each in found] == ["20260105T120000Z", "20260112T120000Z"]  # type: ignore[union-attr]


@pytest.mark.spec("RFC 4791 9.6.5", "expand: alarms and attendees stay in each instance as they were sent")
def test_what_says_no_time_stays(desk: Desk) -> None:
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:x", "END:VALARM")
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=DAILY;COUNT=2", "ATTENDEE;CN=Ben:mailto:ben@example.com", *alarm))
    found = part(desk, window("expand", *JANUARY)).components
    assert [each.first("ATTENDEE").param("CN") for each in found] == ["Ben", "Ben"]  # type: ignore[union-attr]
    assert [[inner.name for inner in each.components] for each in found] == [["VALARM"], ["VALARM"]]


@pytest.mark.spec("RFC 4791 9.6.5", "expand and comp together: of each instance the parts asked for")
def test_parts_of_instances(desk: Desk) -> None:
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=DAILY;COUNT=2", "SUMMARY:Tea", "LOCATION:Home"))
    names = "".join(f'<C:prop name="{name}"/>' for name in ("UID", "DTSTART"))
    parts = f'<C:comp name="VCALENDAR"><C:comp name="VEVENT">{names}</C:comp></C:comp>'
    found = part(desk, parts + window("expand", *JANUARY))
    assert [line.name for line in found.lines] == []
    assert [[line.name for line in each.lines] for each in found.components] == [["UID", "DTSTART"]] * 2


@pytest.mark.spec("RFC 4791 9.6.5", "expand in a calendar-query: only the instances of the range")
def test_expansion_in_a_query(desk: Desk) -> None:
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=DAILY"))
    week = ("20360101T000000Z", "20360108T000000Z")
    data = f"<C:calendar-data>{window('expand', *week)}</C:calendar-data>"
    answer = query(desk, comp("VEVENT", between(*week)), data=data)
    assert len(parse(answer.only.text("C:calendar-data").encode()).components) == 7


@pytest.mark.spec("RFC 4791 9.6.5", "too many instances of one object are refused for it alone, the others are given")
def test_too_many_instances_cost_one_row(desk: Desk) -> None:
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=MINUTELY"))
    desk.put(CALENDAR + "y.ics", event("y", *HOUR))
    data = f"<C:calendar-data>{window('expand', *JANUARY)}</C:calendar-data>"
    rows = query(desk, comp("VEVENT"), data=data).by_href
    assert (rows[OBJECT].status, list(rows[OBJECT].conditions)) == (403, ["D:number-of-matches-within-limits"])
    assert rows[CALENDAR + "y.ics"].status is None


# --- 9.6.6, 9.6.7 limits ----------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 9.6.7", "limit-freebusy-set gives the periods of the range, and touches no event")
def test_periods_are_limited(desk: Desk) -> None:
    path = HOME + "busy/"
    kept = '<C:supported-calendar-component-set><C:comp name="VFREEBUSY"/></C:supported-calendar-component-set>'
    body = doc("C:mkcalendar", f"<D:set><D:prop>{kept}</D:prop></D:set>")
    assert desk.ask("MKCALENDAR", path, body).status == 201
    times = ("FREEBUSY:20260105T100000Z/PT1H,20260305T100000Z/PT1H", "FREEBUSY:20260405T100000Z/PT1H")
    desk.put(path + "x.ics", calendar(component("VFREEBUSY", "x", *times)))
    (found,) = part(desk, window("limit-freebusy-set", *JANUARY), path + "x.ics").components
    assert [line.value for line in found.all("FREEBUSY")] == ["20260105T100000Z/PT1H"]
    desk.put(OBJECT, TEA)
    (tea,) = part(desk, window("limit-freebusy-set", "20300101T000000Z", "20300201T000000Z")).components
    assert tea.name == "VEVENT"


# --- 7.8 calendar-query -----------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 7.8", "Evolution's listing: Depth 0, a filter of VEVENT, and UID alone of the data")
def test_evolutions_listing(desk: Desk) -> None:
    etag = desk.put(OBJECT, TEA).etag
    desk.put(CALENDAR + "r.ics", event("r", *HOUR, "RRULE:FREQ=DAILY"))
    parts = '<C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/></C:comp></C:comp>'
    answer = query(desk, comp("VEVENT"), data=f"<C:calendar-data>{parts}</C:calendar-data>", depth="0")
    assert answer.names == ["r.ics", "x.ics"]
    row = answer.by_href[OBJECT]
    assert row.text("D:getetag") == etag
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:x", "END:VEVENT", "END:VCALENDAR", ""]
    assert row.text("C:calendar-data") == "\r\n".join(lines)


@pytest.mark.spec("RFC 4791 7.8", "a query of one object answers it or nothing")
@pytest.mark.parametrize(("wanted", "found"), [("Tea", [OBJECT]), ("Coffee", [])])
def test_a_query_of_one_object(desk: Desk, wanted: str, found: list[str]) -> None:
    desk.put(OBJECT, TEA)
    desk.put(CALENDAR + "y.ics", event("y", *HOUR, "SUMMARY:Tea"))
    assert query(desk, comp("VEVENT", where("SUMMARY", text(wanted))), OBJECT, depth="0").hrefs == found


@pytest.mark.spec("RFC 4791 7.8", "of several conditions for one component all must hold, in one component")
@pytest.mark.parametrize(("summary", "found"), [("Tea", True), ("Late tea", False)])
def test_conditions_hold_in_one_component(desk: Desk, summary: str, found: bool) -> None:
    late = component("VEVENT", "x", "RECURRENCE-ID:20260106T100000Z", "DTSTART:20260106T150000Z", "SUMMARY:Late tea")
    master = component("VEVENT", "x", *HOUR, "RRULE:FREQ=DAILY", "SUMMARY:Tea", "LOCATION:Home")
    desk.put(OBJECT, calendar(master, late))
    wanted = where("SUMMARY", text(summary, 'collation="i;octet"')) + where("LOCATION", text("Home"))
    assert bool(query(desk, comp("VEVENT", wanted)).rows) is found


@pytest.mark.spec("RFC 4791 7.8", "a shared calendar answers its other members, with hrefs of their own")
def test_a_shared_calendar_is_asked_by_others(desk: Desk) -> None:
    desk.put(FAMILY + "x.ics", TEA)
    path = "/dav/calendars/ben/family/"
    assert query(desk, comp("VEVENT", between(*JANUARY)), path, by="ben").hrefs == [path + "x.ics"]
    assert query(desk, comp("VEVENT"), HOME, by="ben").status == 404


@pytest.mark.spec("RFC 4791 7.8", "where there are no calendars a query is refused with supported-report")
@pytest.mark.parametrize("path", [BOOK, "/dav/addressbooks/anna/", "/dav/files/anna/", "/dav/principals/anna/"])
@pytest.mark.parametrize("name", ["C:calendar-query", "C:calendar-multiget", "C:free-busy-query"])
def test_reports_where_no_calendars_are(shelf: Desk, path: str, name: str) -> None:
    inner = f"<C:filter>{comp('VCALENDAR')}</C:filter>{between(*JANUARY)}<D:href>{path}x</D:href>"
    assert shelf.report(path, name, inner).refusal == (403, "D:supported-report")


@pytest.mark.spec("RFC 4791 7", "supported-report-set names the three reports on calendars")
def test_the_reports_are_announced(shelf: Desk) -> None:
    told = shelf.find(CALENDAR, "D:supported-report-set").only.found["D:supported-report-set"]
    for name in ("calendar-query", "calendar-multiget", "free-busy-query"):
        assert told.find(f".//{{urn:ietf:params:xml:ns:caldav}}{name}") is not None


# --- 7.9 calendar-multiget --------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 7.9", "multiget echoes each href as it was spelled; what lies elsewhere is 404 for itself")
@pytest.mark.parametrize(
    ("href", "status"),
    [
        (CALENDAR + "t%20ea.ics", None),
        (CALENDAR + "%74%20%65a%2Eics", None),
        ("http://box.local:8080" + CALENDAR + "t%20ea.ics", None),
        (CALENDAR + "none.ics", 404),
        ("http://elsewhere.example" + CALENDAR + "t%20ea.ics", 404),
        ("/dav/calendars/ben/calendar/t%20ea.ics", 404),
        (FAMILY + "t%20ea.ics", 404),
        (BOOK + "t%20ea.ics", 404),
        (CALENDAR, 404),
        ("", 404),
        ("%", 404),
        (CALENDAR + "../calendar/t%20ea.ics", 404),
    ],
)
def test_hrefs_of_a_multiget(desk: Desk, href: str, status: int | None) -> None:
    etag = desk.put(CALENDAR + "t%20ea.ics", TEA).etag
    row = multiget(desk, CALENDAR, href).only
    assert (row.href, row.status) == (href, status)
    if status is None:
        assert (row.text("D:getetag"), row.text("C:calendar-data")) == (etag, TEA)


@pytest.mark.spec("RFC 4791 7.9", "a multiget on the home finds objects of all its calendars")
def test_a_multiget_over_the_home(desk: Desk) -> None:
    desk.put(OBJECT, TEA)
    desk.put(FAMILY + "y.ics", event("y", *HOUR))
    answer = multiget(desk, HOME, FAMILY + "y.ics", OBJECT, "/dav/calendars/ben/family/y.ics")
    assert [(row.href, row.status) for row in answer.rows] == [
        (FAMILY + "y.ics", None),
        (OBJECT, None),
        ("/dav/calendars/ben/family/y.ics", 404),
    ]


# --- 7.10 free-busy-query ---------------------------------------------------------------------------


def periods(answer: Answer) -> list[tuple[str, str]]:
    """Return (FBTYPE, period) of the one VFREEBUSY."""
    assert answer.status == 200, answer.octets
    assert answer.headers["content-type"].split(";")[0] == "text/calendar"
    (found,) = parse(answer.octets).components
    assert found.name == "VFREEBUSY"
    return [(line.param("FBTYPE") or "BUSY", line.value) for line in found.all("FREEBUSY")]


@pytest.mark.spec("RFC 4791 7.10", "busy times in any year, of rules that began long ago, and of long events")
@pytest.mark.parametrize(
    ("lines", "day", "found"),
    [
        (("DTSTART:20000103T100000Z", "DURATION:PT1H"), "20000103", ["20000103T100000Z/20000103T110000Z"]),
        (("DTSTART:20360103T100000Z", "DURATION:PT1H"), "20360103", ["20360103T100000Z/20360103T110000Z"]),
        (
            ("DTSTART:19900103T100000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY"),
            "20360103",
            ["20360103T100000Z/20360103T110000Z"],
        ),
        (("DTSTART:20251201T000000Z", "DTEND:20260601T000000Z"), "20260103", ["20260103T000000Z/20260103T235959Z"]),
        (
            ("DTSTART:20260101T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "EXDATE:20260103T100000Z"),
            "20260103",
            [],
        ),
        (
            ("DTSTART:20260101T100000Z", "DURATION:PT1H", "RDATE;VALUE=PERIOD:20260103T120000Z/PT3H"),
            "20260103",
            ["20260103T120000Z/20260103T150000Z"],
        ),
        (("DTSTART:20260103T100000Z",), "20260103", []),
        (("DTSTART:20260103T100000", "DURATION:PT1H"), "20260103", ["20260103T010000Z/20260103T020000Z"]),
        (
            ("DTSTART:20160103T100000", "DURATION:PT1H", "RRULE:FREQ=YEARLY"),
            "20360103",
            ["20360103T010000Z/20360103T020000Z"],
        ),
    ],
    ids=["2000", "2036", "since-1990", "long", "exdate", "period", "point", "floating", "floating-rule"],
)
def test_busy_times_of_any_year(desk: Desk, lines: tuple[str, ...], day: str, found: list[str]) -> None:
    desk.put(OBJECT, event("x", *lines))
    answer = busy(desk, f"{day}T000000Z", f"{day}T235959Z")
    assert periods(answer) == [("BUSY", each) for each in found]


@pytest.mark.spec("RFC 4791 7.10", "an override that is cancelled or transparent frees its instance alone")
@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_a_freed_instance(desk: Desk, line: str) -> None:
    freed = component(
        "VEVENT", "x", "RECURRENCE-ID:20260106T100000Z", "DTSTART:20260106T100000Z", "DURATION:PT1H", line
    )
    desk.put(OBJECT, calendar(component("VEVENT", "x", *HOUR, "RRULE:FREQ=DAILY;COUNT=3"), freed))
    assert periods(busy(desk, *JANUARY)) == [
        ("BUSY", "20260105T100000Z/20260105T110000Z"),
        ("BUSY", "20260107T100000Z/20260107T110000Z"),
    ]


@pytest.mark.spec("RFC 4791 7.10", "busy and perhaps busy are told apart, each merged for itself")
def test_busy_and_perhaps_busy(desk: Desk) -> None:
    for name, start, status in (("a", "10", "CONFIRMED"), ("b", "11", "TENTATIVE"), ("c", "12", "TENTATIVE")):
        lines = (f"DTSTART:20260105T{start}0000Z", "DURATION:PT1H", f"STATUS:{status}")
        desk.put(f"{CALENDAR}{name}.ics", event(name, *lines))
    assert periods(busy(desk, *JANUARY)) == [
        ("BUSY", "20260105T100000Z/20260105T110000Z"),
        ("BUSY-TENTATIVE", "20260105T110000Z/20260105T130000Z"),
    ]


@pytest.mark.spec("RFC 4791 7.10", "tasks make nobody busy")
def test_tasks_make_nobody_busy(desk: Desk) -> None:
    desk.put(TASKS + "x.ics", calendar(component("VTODO", "x", "DTSTART:20260105T100000Z", "DUE:20260105T120000Z")))
    assert periods(busy(desk, *JANUARY, path=TASKS)) == []


@pytest.mark.spec("RFC 4791 7.10", "a mount's transparency is each member's own, and counts for their own home")
def test_the_transparency_of_a_mount(desk: Desk) -> None:
    desk.put(FAMILY + "x.ics", TEA)
    transparent = "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
    assert desk.set_("/dav/calendars/ben/family/", transparent, by="ben").only.other == {}
    assert periods(busy(desk, *JANUARY, path="/dav/calendars/ben/", by="ben")) == []
    assert len(periods(busy(desk, *JANUARY, path=HOME))) == 1


@pytest.mark.spec("RFC 4791 7.10", "a range without an end, in local time, or backwards is refused")
@pytest.mark.parametrize(
    ("start", "end", "condition"),
    [
        ("20260101T000000Z", "", "D:number-of-matches-within-limits"),
        ("20260101T000000", "20260201T000000", "C:valid-filter"),
        ("20260201T000000Z", "20260101T000000Z", "C:valid-filter"),
    ],
)
def test_ranges_of_a_busy_query(shelf: Desk, start: str, end: str, condition: str) -> None:
    assert busy(shelf, start, end).refusal == (403, condition)


@pytest.mark.spec("RFC 4791 7.10", "a rule meant to harm is answered quickly, or refused as too much")
@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY"])
def test_hostile_rules_and_busy_times(desk: Desk, rule: str) -> None:
    desk.put(OBJECT, event("x", "DTSTART:19700101T000000Z", "DURATION:PT2M", f"RRULE:{rule}"))
    desk.put(CALENDAR + "y.ics", event("y", *HOUR))
    found = periods(busy(desk, "20260105T090000Z", "20260105T120000Z"))
    assert found[0][1].startswith("20260105T100000Z" if "YEARLY" in rule else "20260105T090000Z")


@pytest.mark.spec("RFC 4791 7.10", "a range of many years holds every instance")
def test_busy_times_of_many_years(desk: Desk) -> None:
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=DAILY"))
    found = periods(busy(desk, "20260105T000000Z", "20360105T000000Z"))
    assert (len(found), found[-1]) == (3652, ("BUSY", "20360104T100000Z/20360104T110000Z"))
