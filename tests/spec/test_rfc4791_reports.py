"""RFC 4791 9.6: the parts of a calendar object that a report gives, and 7.10: who is busy, plainly."""

from __future__ import annotations

import pytest

from appliance.objects.content_lines import Component, parse
from tests.spec.calendars import HOME, between, busy, multiget, zoned
from tests.spec.desk import CALENDAR, Desk, calendar, component, doc, event

OBJECT = CALENDAR + "x.ics"
MOVED = component(
    "VEVENT", "x", "RECURRENCE-ID;TZID=America/New_York:20260611T100000", "DTSTART:20260611T200000Z", "DURATION:PT1H",
    "SUMMARY:Moved",
)  # fmt: skip
BODY = zoned(
    "x", "DTSTART;TZID=America/New_York:20260610T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5", "SUMMARY:Daily",
    'ATTENDEE;CN="Kim, Anna";PARTSTAT=ACCEPTED:mailto:anna@example.com', "DESCRIPTION:a long text folded over two lin",
    " es", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:x", "END:VALARM",
).replace("END:VCALENDAR", f"{MOVED}\r\nEND:VCALENDAR")  # fmt: skip
EVENT = '<C:comp name="VCALENDAR"><C:comp name="VEVENT">{}</C:comp></C:comp>'
DAY = ("20260610T000000Z", "20260611T000000Z")


@pytest.fixture(scope="module")
def kept(shelf: Desk) -> Desk:
    """A recurring event in New York with an alarm and one instance moved."""
    shelf.put(OBJECT, BODY)
    return shelf


def given(desk: Desk, inner: str, attributes: str = "") -> str:
    """Return the calendar-data that a multiget gives; the ETag beside it is that of the whole object."""
    data = f"<C:calendar-data {attributes}>{inner}</C:calendar-data>"
    row = multiget(desk, CALENDAR, OBJECT, data=data).only
    assert row.text("D:getetag") == desk.ask("HEAD", OBJECT).etag
    return row.text("C:calendar-data")


def window(name: str, start: str, end: str) -> str:
    return f'<C:{name} start="{start}" end="{end}"/>'


def events(body: str) -> list[Component]:
    return [each for each in parse(body.encode()).components if each.name == "VEVENT"]


def summaries(body: str) -> list[str]:
    return [line.value for each in events(body) for line in each.all("SUMMARY")]


# --- 9.6.1 to 9.6.4 parts ---------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 9.6", "calendar-data without parts is the stored object to the octet")
@pytest.mark.parametrize(
    "attributes", ["", 'content-type="text/calendar"', 'content-type="text/calendar" version="2.0"']
)
def test_the_whole_object(kept: Desk, attributes: str) -> None:
    assert given(kept, "", attributes) == BODY
    assert given(kept, '<C:comp name="VCALENDAR"><C:allprop/><C:allcomp/></C:comp>') == BODY


@pytest.mark.spec("RFC 4791 9.6.1", "comp and prop give the parts that are named and no others")
def test_named_parts(kept: Desk) -> None:
    body = given(kept, EVENT.format('<C:prop name="UID"/><C:prop name="summary"/>'))
    root = parse(body.encode())
    assert (root.lines, [each.name for each in root.components]) == ([], ["VEVENT", "VEVENT"])
    assert [[line.name for line in each.lines] for each in root.components] == [["UID", "SUMMARY"]] * 2
    assert [each.components for each in root.components] == [[], []]


@pytest.mark.spec("RFC 4791 9.6.1", "a component of a component is given when it is named, as in the RFC's example")
def test_parts_of_parts(kept: Desk) -> None:
    alarm = '<C:prop name="UID"/><C:comp name="VALARM"><C:prop name="TRIGGER"/></C:comp>'
    first, second = events(given(kept, EVENT.format(alarm)))
    assert [[line.value for line in inner.lines] for inner in first.components] == [["-PT15M"]]
    assert second.components == []
    version = '<C:comp name="VCALENDAR"><C:prop name="VERSION"/><C:comp name="VTIMEZONE"/></C:comp>'
    root = parse(given(kept, version).encode())
    assert ([line.name for line in root.lines], [each.name for each in root.components]) == (["VERSION"], ["VTIMEZONE"])


@pytest.mark.spec("RFC 4791 9.6.4", "what is given of a property is its line as sent, folded as sent; novalue its name")
def test_lines_as_sent(kept: Desk) -> None:
    body = given(kept, EVENT.format('<C:prop name="DESCRIPTION"/><C:prop name="ATTENDEE"/>'))
    assert "DESCRIPTION:a long text folded over two lin\r\n es\r\n" in body
    assert 'ATTENDEE;CN="Kim, Anna";PARTSTAT=ACCEPTED:mailto:anna@example.com\r\n' in body
    bare = given(kept, EVENT.format('<C:prop name="SUMMARY" novalue="yes"/><C:prop name="UID" novalue="no"/>'))
    assert summaries(bare) == ["", ""]
    assert [line.value for each in events(bare) for line in each.all("UID")] == ["x", "x"]


@pytest.mark.spec("RFC 4791 9.6", "calendar-data that breaks the grammar is 400, another type supported-calendar-data")
@pytest.mark.parametrize(
    ("element", "status"),
    [
        (f"<C:calendar-data>{window('expand', *DAY)}{window('limit-recurrence-set', *DAY)}</C:calendar-data>", 400),
        (f"<C:calendar-data>{window('expand', *DAY)}{window('expand', *DAY)}</C:calendar-data>", 400),
        (f'<C:calendar-data><C:expand start="{DAY[0]}"/></C:calendar-data>', 400),
        (f'<C:calendar-data><C:limit-recurrence-set end="{DAY[1]}"/></C:calendar-data>', 400),
        ("<C:calendar-data><C:expand/></C:calendar-data>", 400),
        (f"<C:calendar-data>{window('expand', 'x', 'y')}</C:calendar-data>", 400),
        (f"<C:calendar-data>{window('expand', DAY[1], DAY[0])}</C:calendar-data>", 400),
        ('<C:calendar-data><C:comp name="VEVENT"/></C:calendar-data>', 400),
        ("<C:calendar-data><C:comp/></C:calendar-data>", 400),
        ("<C:calendar-data><X:some/></C:calendar-data>", 400),
        ('<C:calendar-data content-type="application/calendar+json"/>', 403),
        ('<C:calendar-data content-type="text/calendar" version="1.0"/>', 403),
    ],
)
def test_calendar_data_that_cannot_be_given(kept: Desk, element: str, status: int) -> None:
    answer = multiget(kept, CALENDAR, OBJECT, data=element)
    assert answer.status == status
    assert status == 400 or answer.condition == "C:supported-calendar-data"


# --- 9.6.5, 9.6.6 instances -------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 9.6.5", "expanding a range without instances gives none, and no zone")
def test_expansion_of_an_empty_range(kept: Desk) -> None:
    assert parse(given(kept, window("expand", "20270610T000000Z", "20270614T000000Z")).encode()).components == []


@pytest.mark.spec("RFC 4791 9.6.5", "expand: no rule, no zone and no TZID are left")
def test_no_rules_are_left(kept: Desk) -> None:
    body = given(kept, window("expand", "20260610T000000Z", "20260614T000000Z"))
    assert sorted(summaries(body)) == ["Daily", "Daily", "Daily", "Moved"]
    lines = [line for each in parse(body.encode()).components for line in each.lines]
    assert not {"RRULE", "RDATE", "EXDATE"} & {line.name for line in lines}
    assert not any(line.param("TZID") for line in lines)
    assert all(each.name == "VEVENT" for each in parse(body.encode()).components)


@pytest.mark.spec("RFC 4791 9.6.5", "expand: whole days and floating times stay what they are; what is single, itself")
@pytest.mark.parametrize(
    ("lines", "starts"),
    [
        (("DTSTART;VALUE=DATE:20260610", "RRULE:FREQ=DAILY;COUNT=2"), ["20260610", "20260611"]),
        (("DTSTART:20260610T100000", "RRULE:FREQ=DAILY;COUNT=2"), ["20260610T100000", "20260611T100000"]),
        (("DTSTART;TZID=Asia/Seoul:20260610T100000",), ["20260610T010000Z"]),
        (("DTSTART:20260610T100000Z",), ["20260610T100000Z"]),
        (("DTSTART:20270610T100000Z",), []),
    ],
    ids=["days", "floating", "zoned", "utc", "elsewhere"],
)
def test_expansion_of_all_kinds_of_time(desk: Desk, lines: tuple[str, ...], starts: list[str]) -> None:
    desk.put(OBJECT, event("x", *lines))
    found = events(given(desk, window("expand", "20260601T000000Z", "20260701T000000Z")))
    assert [line.value for each in found for line in each.all("DTSTART")] == starts
    assert [bool(each.all("RECURRENCE-ID")) for each in found] == [len(lines) > 1] * len(starts)


@pytest.mark.spec(
    "RFC 4791 9.6.6", "limit-recurrence-set: the master, and overrides that touch the range or touched it"
)
@pytest.mark.parametrize(
    ("start", "end", "overrides"),
    [
        ("20260611T140000Z", "20260611T150000Z", ["Moved"]),
        ("20260611T200000Z", "20260611T210000Z", ["Moved"]),
        ("20260613T000000Z", "20260614T000000Z", []),
        ("20300613T000000Z", "20300614T000000Z", []),
    ],
    ids=["old-time", "new-time", "elsewhere", "years-later"],
)
def test_limited_recurrence(kept: Desk, start: str, end: str, overrides: list[str]) -> None:
    body = given(kept, window("limit-recurrence-set", start, end))
    assert summaries(body) == ["Daily", *overrides]
    assert [line.value for line in events(body)[0].all("RRULE")] == ["FREQ=DAILY;COUNT=5"]
    assert body == (BODY if overrides else BODY.replace(MOVED + "\r\n", ""))


# --- 7.10 free-busy-query ---------------------------------------------------------------------------


def periods(desk: Desk, path: str = CALENDAR, **headers: str) -> list[tuple[str, str]]:
    """Return (FBTYPE, period) of 10 June; the answer says whose day it is."""
    answer = busy(desk, *DAY, path, **headers)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/calendar")
    (found,) = parse(answer.octets).components
    ends = [line.value for name in ("DTSTART", "DTEND") for line in found.all(name)]
    assert (found.name, ends) == ("VFREEBUSY", list(DAY))
    assert found.all("UID") and found.all("DTSTAMP")
    return [(line.param("FBTYPE") or "BUSY", line.value) for line in found.all("FREEBUSY")]


TEN = ("DTSTART:20260610T100000Z", "DTEND:20260610T110000Z")
AT_TEN = "20260610T100000Z/20260610T110000Z"


@pytest.mark.spec("RFC 4791 7.10", "who has nothing to do has a VFREEBUSY without periods, whatever Depth")
@pytest.mark.parametrize("depth", ["0", "1", "infinity"])
@pytest.mark.parametrize("path", [CALENDAR, HOME], ids=["calendar", "home"])
def test_nothing_to_do(desk: Desk, path: str, depth: str) -> None:
    assert periods(desk, path, depth=depth) == []


@pytest.mark.spec(
    "RFC 4791 7.10", "opaque events make busy, tentative ones perhaps, cancelled and transparent ones not"
)
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), [("BUSY", AT_TEN)]),
        (("STATUS:CONFIRMED", "TRANSP:OPAQUE"), [("BUSY", AT_TEN)]),
        (("STATUS:TENTATIVE",), [("BUSY-TENTATIVE", AT_TEN)]),
        (("STATUS:CANCELLED",), []),
        (("TRANSP:TRANSPARENT",), []),
        (("STATUS:TENTATIVE", "TRANSP:TRANSPARENT"), []),
    ],
)
def test_what_makes_busy(desk: Desk, lines: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    desk.put(OBJECT, event("x", *TEN, *lines))
    assert periods(desk) == found


@pytest.mark.spec("RFC 4791 7.10", "periods that overlap or follow each other are merged, and clipped to the range")
def test_merged_and_clipped(desk: Desk) -> None:
    ends = {"a": "09T22 10T03", "b": "10T02 10T04", "c": "10T04 10T05", "d": "10T23 11T09"}
    for name, (start, end) in ((name, each.split()) for name, each in ends.items()):
        desk.put(f"{CALENDAR}{name}.ics", event(name, f"DTSTART:202606{start}0000Z", f"DTEND:202606{end}0000Z"))
    assert periods(desk) == [
        ("BUSY", "20260610T000000Z/20260610T050000Z"),
        ("BUSY", "20260610T230000Z/20260611T000000Z"),
    ]


@pytest.mark.spec("RFC 4791 7.10", "a whole day is busy in the zone of the calendar")
@pytest.mark.parametrize(
    ("zone", "period"),
    [("Asia/Seoul", "20260610T000000Z/20260610T150000Z"), ("America/New_York", "20260610T040000Z/20260611T000000Z")],
)
def test_a_busy_day(desk: Desk, zone: str, period: str) -> None:
    desk.set_(CALENDAR, f"<C:calendar-timezone-id>{zone}</C:calendar-timezone-id>")
    desk.put(OBJECT, event("x", "DTSTART;VALUE=DATE:20260610"))
    assert periods(desk) == [("BUSY", period)]


@pytest.mark.spec("RFC 4791 7.10", "the busy times of the periods that an object of VFREEBUSY tells")
def test_told_busy_times(desk: Desk) -> None:
    kept = '<C:supported-calendar-component-set><C:comp name="VFREEBUSY"/></C:supported-calendar-component-set>'
    path = HOME + "told/"
    assert desk.ask("MKCALENDAR", path, doc("C:mkcalendar", f"<D:set><D:prop>{kept}</D:prop></D:set>")).status == 201
    lines = (f"FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:{AT_TEN}", "FREEBUSY;FBTYPE=FREE:20260610T120000Z/PT1H")
    desk.put(path + "x.ics", calendar(component("VFREEBUSY", "x", *lines)))
    assert periods(desk, path) == [("BUSY-UNAVAILABLE", AT_TEN)]


@pytest.mark.spec("RFC 4791 7.10", "on an object 403, on what one may not see 404, without a range 400")
def test_where_nobody_is_busy(desk: Desk) -> None:
    desk.put(OBJECT, event("x", *TEN))
    assert busy(desk, *DAY, OBJECT).refusal == (403, "D:supported-report")
    assert busy(desk, *DAY, "/dav/calendars/ben/calendar/").status == 404
    assert busy(desk, *DAY, "/dav/calendars/ben/").status == 404
    assert desk.report(CALENDAR, "C:free-busy-query", "").status == 400
    assert desk.report(CALENDAR, "C:free-busy-query", between(*DAY) * 2).status == 400
