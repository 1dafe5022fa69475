"""RFC 4791 7.8 and 9.7, calendar-query: which filters find what, and that no filter is ever read as everything."""

from __future__ import annotations

import pytest

from tests.spec.calendars import ABSENT, HOME, between, comp, param, query, text, where
from tests.spec.desk import CALENDAR, TASKS, Desk, calendar, component, event, prop

ALL = "/dav/calendars/anna/all/"


def single(*lines: str) -> str:
    return event("x", *lines)


def todo(*lines: str) -> str:
    return calendar(component("VTODO", "x", *lines))


@pytest.fixture(scope="module")
def almanac(shelf: Desk) -> Desk:
    """A calendar that keeps everything; each test puts its object there and takes it out."""
    assert shelf.ask("MKCALENDAR", ALL).status == 201
    return shelf


def is_found(almanac: Desk, body: str, inner: str, **headers: str) -> bool:
    """Return whether a query finds this object, which is alone in its calendar."""
    almanac.put(ALL + "x.ics", body)
    try:
        return query(almanac, inner, ALL, **headers).names == ["x.ics"]
    finally:
        assert almanac.ask("DELETE", ALL + "x.ics").status == 204


def during(kind: str, start: str, end: str) -> str:
    return comp(kind, between(start, end))


# --- 9.9 CALDAV:time-range --------------------------------------------------------------------------

HOUR = ("DTSTART:20260610T100000Z", "DTEND:20260610T110000Z")


@pytest.mark.spec("RFC 4791 9.9", "a property's own time: COMPLETED, CREATED, DTSTAMP, DUE, LAST-MODIFIED")
@pytest.mark.parametrize(
    ("name", "start", "end", "found"),
    [
        ("COMPLETED", "20260603T000000Z", "20260604T000000Z", True),
        ("COMPLETED", "20260604T000000Z", "20260605T000000Z", False),
        ("CREATED", "20260601T000000Z", "20260602T000000Z", True),
        ("DTSTAMP", "20260101T000000Z", "20260101T000001Z", True),
        ("LAST-MODIFIED", "20260101T000000Z", "20270101T000000Z", False),
    ],
)
def test_times_of_properties(almanac: Desk, name: str, start: str, end: str, found: bool) -> None:
    body = todo("CREATED:20260601T100000Z", "COMPLETED:20260603T100000Z")
    wanted = comp("VTODO", f'<C:prop-filter name="{name}">{between(start, end)}</C:prop-filter>')
    assert is_found(almanac, body, wanted) is found


@pytest.mark.spec(
    "RFC 4791 9.9", "a range without ends, not in UTC, that cannot be read or is empty is 403 valid-filter"
)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", ""), ("20260610T100000", "20260611T100000"), ("20260610", "20260611"), ("yesterday", ""),
        ("20260611T100000Z", "20260610T100000Z"), ("20260610T100000Z", "20260610T100000Z"),
        ("20261310T100000Z", ""), ("20260230T100000Z", ""), ("00000101T000000Z", ""), ("20260610T250000Z", ""),
        ("2026-06-10T10:00:00Z", ""), ("20260610T100000+0900", ""), ("٢٠٢٦٠٦١٠T100000Z", ""),
    ],
)  # fmt: skip
def test_an_unreadable_range(almanac: Desk, start: str, end: str) -> None:
    assert query(almanac, during("VEVENT", start, end), ALL).refusal == (403, "C:valid-filter")


@pytest.mark.spec("RFC 4791 9.9", "the year 1 and the year 9999 are read like any other")
@pytest.mark.parametrize(
    ("start", "end"), [("00010101T000000Z", "99991231T235959Z"), ("99991231T235958Z", "99991231T235959Z")]
)
def test_the_ends_of_time(almanac: Desk, start: str, end: str) -> None:
    assert is_found(almanac, single(*HOUR), during("VEVENT", start, end)) is start.startswith("0001")


@pytest.mark.spec("RFC 4791 7.8", "only a start, as Apple asks, and only an end")
def test_only_a_start(almanac: Desk) -> None:
    assert is_found(almanac, single(*HOUR, "RRULE:FREQ=YEARLY"), during("VEVENT", "20300101T000000Z", ""))
    assert not is_found(almanac, single(*HOUR), during("VEVENT", "20300101T000000Z", ""))


# --- 9.7 filters ------------------------------------------------------------------------------------

SHELF = {
    "meeting": event("meeting", *HOUR, "SUMMARY:Team Meeting", "CATEGORIES:WORK,TEAM",
                     "ATTENDEE;PARTSTAT=DECLINED:mailto:a@x"),
    "dinner": event("dinner", *HOUR, "SUMMARY:Abendessen bei Renée", "LOCATION:Home\\, kitchen", "CLASS:PRIVATE"),
    "party": event("party", *HOUR, "SUMMARY:생일 파티", "BEGIN:VALARM", "TRIGGER:-PT15M", "END:VALARM"),
    "milk": calendar(component("VTODO", "milk", "SUMMARY:Milk", "STATUS:NEEDS-ACTION")),
    "done": calendar(component("VTODO", "done", "SUMMARY:Bread", "STATUS:COMPLETED", "COMPLETED:20260601T000000Z")),
    "diary": calendar(component("VJOURNAL", "diary", "SUMMARY:Dear diary")),
}  # fmt: skip


@pytest.fixture(scope="module")
def shelved(shelf: Desk) -> str:
    """A calendar with six objects, for tests that only read."""
    path = "/dav/calendars/anna/shelved/"
    assert shelf.ask("MKCALENDAR", path).status == 201
    for name, body in SHELF.items():
        shelf.put(f"{path}{name}.ics", body)
    return path


FOREIGN_COLLATION = text("x", 'collation="i;none"')
NEGATED = 'negate-condition="yes"'
TWICE = text("x") * 2
LONG = where("SUMMARY", text("x" * 5000))


@pytest.mark.spec(
    "RFC 4791 9.7", "components, properties, parameters and texts, and what is not defined; all conditions must hold"
)
@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("", sorted(SHELF)),
        (comp("VEVENT"), ["dinner", "meeting", "party"]),
        (comp("vevent"), ["dinner", "meeting", "party"]),
        (comp("VTODO"), ["done", "milk"]),
        (comp("VJOURNAL"), ["diary"]),
        (comp("VFREEBUSY"), []),
        (comp("VEVENT", ABSENT), ["diary", "done", "milk"]),
        (comp("VEVENT", comp("VALARM")), ["party"]),
        (comp("VEVENT", comp("VALARM", ABSENT)), ["dinner", "meeting"]),
        (comp("VEVENT", where("LOCATION")), ["dinner"]),
        (comp("VEVENT", where("LOCATION", ABSENT)), ["meeting", "party"]),
        (comp("VEVENT", where("SUMMARY", text("MEETING"))), ["meeting"]),
        (comp("VEVENT", where("SUMMARY", text("meeting", 'collation="i;octet"'))), []),
        (comp("VEVENT", where("SUMMARY", text("RENÉE"))), []),
        (comp("VEVENT", where("SUMMARY", text("RENÉE", 'collation="i;unicode-casemap"'))), ["dinner"]),
        (comp("VEVENT", where("SUMMARY", text("파티"))), ["party"]),
        (comp("VEVENT", where("SUMMARY", text("meeting", 'negate-condition="yes"'))), ["dinner", "party"]),
        (comp("VEVENT", where("LOCATION", text("home, k"))), ["dinner"]),
        (comp("VEVENT", where("CATEGORIES", text("team"))), ["meeting"]),
        (comp("VEVENT", where("UID", text("dinner"))), ["dinner"]),
        (comp("VEVENT", where("SUMMARY", text("e")) + where("CLASS")), ["dinner"]),
        (comp("VEVENT", where("ATTENDEE", param("PARTSTAT", text("declined")))), ["meeting"]),
        (comp("VEVENT", where("ATTENDEE", param("ROLE", ABSENT))), ["meeting"]),
        (comp("VEVENT", where("ATTENDEE", param("PARTSTAT", ABSENT))), []),
        (comp("VTODO", where("COMPLETED", ABSENT) + where("STATUS", text("CANCELLED", NEGATED))), ["milk"]),
        (where("PRODID", text("test")) + comp("VTODO"), ["done", "milk"]),
        (where("METHOD"), []),
        (comp("VEVENT", between("20260610T000000Z", "20260611T000000Z") + where("CLASS")), ["dinner"]),
        (comp("VEVENT", between("20260611T000000Z", "20260612T000000Z") + where("CLASS")), []),
    ],
)  # fmt: skip
def test_filters(shelf: Desk, shelved: str, inner: str, found: list[str]) -> None:
    assert query(shelf, inner, shelved).names == [f"{name}.ics" for name in found]


@pytest.mark.spec(
    "RFC 4791 7.8", "no Depth, 0, 1 and infinity all mean the objects of the calendar: Evolution lists with 0"
)
@pytest.mark.parametrize("headers", [{}, {"depth": "0"}, {"depth": "1"}, {"depth": "infinity"}])
def test_depth_makes_no_difference(shelf: Desk, shelved: str, headers: dict[str, str]) -> None:
    asked = f"<C:filter>{comp('VCALENDAR', comp('VTODO'))}</C:filter>"
    assert shelf.report(shelved, "C:calendar-query", prop("D:getetag") + asked, **headers).names == [
        "done.ics",
        "milk.ics",
    ]


@pytest.mark.spec("RFC 4791 7.8", "a home is asked over all its calendars")
@pytest.mark.parametrize("depth", ["1", "infinity"])
def test_a_home_is_asked_over_its_calendars(desk: Desk, depth: str) -> None:
    desk.put(CALENDAR + "x.ics", single(*HOUR))
    desk.put(TASKS + "t.ics", todo())
    assert query(desk, "", HOME, depth=depth).hrefs == [CALENDAR + "x.ics", TASKS + "t.ics"]


@pytest.mark.spec(
    "RFC 4791 7.8", "a filter that cannot be read is 403 valid-filter or supported-filter: never everything"
)
@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ("", "C:valid-filter"),
        ("<C:filter/>", "C:valid-filter"),
        (f"<C:filter>{comp('VEVENT')}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR')}{comp('VCALENDAR')}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', comp('VTODO')))}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', ABSENT + where('SUMMARY')))}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', between('20260610T100000Z', ''))}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('', ''))}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', where('SUMMARY', TWICE)))}</C:filter>", "C:valid-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', '<X:soon/>'))}</C:filter>", "C:supported-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', where('SUMMARY') * 600))}</C:filter>", "C:supported-filter"),
        (f"<C:filter>{comp('VCALENDAR', comp('VEVENT', LONG))}</C:filter>", "C:supported-filter"),
        (
            f"<C:filter>{comp('VCALENDAR', comp('VEVENT', where('SUMMARY', FOREIGN_COLLATION)))}</C:filter>",
            "C:supported-collation",
        ),
    ],
)  # fmt: skip
def test_an_unreadable_filter(shelf: Desk, filters: str, condition: str) -> None:
    answer = shelf.report(CALENDAR, "C:calendar-query", prop("D:getetag") + filters)
    assert answer.refusal == (403, condition)
