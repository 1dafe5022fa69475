"""RFC 4791 9.9: what takes place in a time range, component by component, and what recurs."""

from __future__ import annotations

import pytest

from tests.spec.calendars import between, comp, query
from tests.spec.desk import Desk, calendar, component, doc

EVERYTHING = "/dav/calendars/anna/everything/"


@pytest.fixture(scope="module")
def times(shelf: Desk) -> Desk:
    """A server with a calendar that keeps every kind of component."""
    kinds = "".join(f'<C:comp name="{kind}"/>' for kind in ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"))
    kept = f"<C:supported-calendar-component-set>{kinds}</C:supported-calendar-component-set>"
    body = doc("C:mkcalendar", f"<D:set><D:prop>{kept}</D:prop></D:set>")
    assert shelf.ask("MKCALENDAR", EVERYTHING, body).status == 201
    return shelf


def found(desk: Desk, body: str, *asked: str, zone: str = "") -> bool:
    """Put one object, ask a query with these comp-filters, remove it: whether the query found it."""
    path = EVERYTHING + "x.ics"
    desk.put(path, body)
    try:
        answer = query(desk, "".join(asked), EVERYTHING, zone=zone)
        assert answer.status == 207, answer.octets
        return answer.hrefs == [path]
    finally:
        assert desk.ask("DELETE", path).status == 204


def judged(desk: Desk, kind: str, lines: str, start: str, end: str) -> bool:
    """Return whether a component with these lines, parted by blanks, is found in a range of times of 2026."""
    whole = component(kind, "x", *lines.split())
    return found(desk, calendar(whole), comp(kind, between(start, end)))


# --- VEVENT -----------------------------------------------------------------------------------------

AT_TEN = "DTSTART:20260102T100000Z"
TO_ELEVEN = f"{AT_TEN} DTEND:20260102T110000Z"
AN_HOUR = f"{AT_TEN} DURATION:PT1H"
NO_TIME = f"{AT_TEN} DURATION:PT0S"
A_DAY = "DTSTART;VALUE=DATE:20260102"  # in the household's zone, nine hours ahead of UTC
TWO_DAYS = f"{A_DAY} DTEND;VALUE=DATE:20260104"

EVENTS = [
    (TO_ELEVEN, "20260102T090000Z", "20260102T100000Z", False, "dtend-before"),
    (TO_ELEVEN, "20260102T090000Z", "20260102T100001Z", True, "dtend-start-inside"),
    (TO_ELEVEN, "20260102T101000Z", "20260102T102000Z", True, "dtend-around"),
    (TO_ELEVEN, "20260102T105959Z", "20260102T120000Z", True, "dtend-end-inside"),
    (TO_ELEVEN, "20260102T110000Z", "20260102T120000Z", False, "dtend-after"),
    (TO_ELEVEN, "20260102T105959Z", "", True, "start-only-before-its-end"),
    (TO_ELEVEN, "20260102T110000Z", "", False, "start-only-at-its-end"),
    (TO_ELEVEN, "", "20260102T100000Z", False, "end-only-at-its-start"),
    (TO_ELEVEN, "", "20260102T100001Z", True, "end-only-after-its-start"),
    (AN_HOUR, "20260102T090000Z", "20260102T100000Z", False, "duration-before"),
    (AN_HOUR, "20260102T105959Z", "20260102T120000Z", True, "duration-inside"),
    (AN_HOUR, "20260102T110000Z", "20260102T120000Z", False, "duration-after"),
    (NO_TIME, "20260102T100000Z", "20260102T110000Z", True, "zero-duration-at-start"),
    (NO_TIME, "20260102T090000Z", "20260102T100000Z", False, "zero-duration-at-end"),
    (AT_TEN, "20260102T100000Z", "20260102T110000Z", True, "point-at-start"),
    (AT_TEN, "20260102T090000Z", "20260102T100000Z", False, "point-at-end"),
    (AT_TEN, "20260102T100001Z", "20260102T110000Z", False, "point-before"),
    (A_DAY, "20260101T140000Z", "20260101T150000Z", False, "day-before"),
    (A_DAY, "20260101T140000Z", "20260101T150001Z", True, "day-first-second"),
    (A_DAY, "20260102T145959Z", "20260102T160000Z", True, "day-last-second"),
    (A_DAY, "20260102T150000Z", "20260102T160000Z", False, "day-after"),
    (TWO_DAYS, "20260103T145959Z", "20260103T160000Z", True, "two-days-last-second"),
    (TWO_DAYS, "20260103T150000Z", "20260103T160000Z", False, "two-days-after"),
    ("DTSTART:20000101T100000Z DTEND:20000101T110000Z", "20000101T000000Z", "20000102T000000Z", True, "old"),
    ("DTSTART:20360101T100000Z DTEND:20360101T110000Z", "20360101T000000Z", "20360102T000000Z", True, "far-ahead"),
    ("DTSTART:19010101T100000Z DTEND:20990101T110000Z", "20260101T000000Z", "20260102T000000Z", True, "a-lifetime"),
]


@pytest.mark.spec(
    "RFC 4791 9.9", "a VEVENT: to DTEND, for DURATION, a whole day, or a point; start counts, end does not"
)
@pytest.mark.parametrize(
    ("lines", "start", "end", "inside"), [row[:4] for row in EVENTS], ids=[row[4] for row in EVENTS]
)
def test_when_an_event_takes_place(times: Desk, lines: str, start: str, end: str, inside: bool) -> None:
    assert judged(times, "VEVENT", lines, start, end) is inside


# --- VTODO ------------------------------------------------------------------------------------------

DUE = "DUE:20260102T110000Z"
TODOS = [
    (f"{AT_TEN} DURATION:PT1H", "20260102T110000Z", "20260102T120000Z", True, "start-duration-end-counts"),
    (f"{AT_TEN} DURATION:PT1H", "20260102T110001Z", "20260102T120000Z", False, "start-duration-after"),
    (f"{AT_TEN} DURATION:PT1H", "20260102T090000Z", "20260102T100000Z", False, "start-duration-before"),
    (f"{AT_TEN} DURATION:PT1H", "20260102T090000Z", "20260102T100001Z", True, "start-duration-begins"),
    (f"{AT_TEN} {DUE}", "20260102T090000Z", "20260102T100000Z", False, "start-due-before"),
    (f"{AT_TEN} {DUE}", "20260102T103000Z", "20260102T104000Z", True, "start-due-around"),
    (f"{AT_TEN} {DUE}", "20260102T110000Z", "20260102T120000Z", False, "start-due-after"),
    (f"{AT_TEN} DUE:20260102T100000Z", "20260102T090000Z", "20260102T100000Z", True, "start-is-due"),
    (AT_TEN, "20260102T100000Z", "20260102T110000Z", True, "start-at-start"),
    (AT_TEN, "20260102T090000Z", "20260102T100000Z", False, "start-at-end"),
    (DUE, "20260102T100000Z", "20260102T110000Z", True, "due-at-end"),
    (DUE, "20260102T110000Z", "20260102T120000Z", False, "due-at-start"),
    ("COMPLETED:20260103T100000Z CREATED:20260101T100000Z", "20260102T000000Z", "20260102T010000Z", True, "both"),
    ("COMPLETED:20260103T100000Z CREATED:20260101T100000Z", "20260101T080000Z", "20260101T100000Z", True, "both-edge"),
    (
        "COMPLETED:20260103T100000Z CREATED:20260101T100000Z",
        "20260104T000000Z",
        "20260105T000000Z",
        False,
        "both-after",
    ),
    ("COMPLETED:20260103T100000Z", "20260103T100000Z", "20260103T110000Z", True, "completed-at-start"),
    ("COMPLETED:20260103T100000Z", "20260103T080000Z", "20260103T100000Z", True, "completed-at-end"),
    ("COMPLETED:20260103T100000Z", "20260103T100001Z", "20260103T110000Z", False, "completed-before"),
    ("CREATED:20260101T100000Z", "20300101T000000Z", "20300102T000000Z", True, "created-goes-on"),
    ("CREATED:20260101T100000Z", "20250101T000000Z", "20260101T100000Z", False, "created-later"),
    ("SUMMARY:Milk", "20000101T000000Z", "20000102T000000Z", True, "nothing-old"),
    ("SUMMARY:Milk", "20400101T000000Z", "", True, "nothing-new"),
    (f"CREATED:20200101T000000Z {DUE}", "20210101T000000Z", "20210102T000000Z", False, "due-wins-over-created"),
    ("DUE;VALUE=DATE:20260102", "20260101T140000Z", "20260101T150000Z", True, "due-day"),
    ("DUE;VALUE=DATE:20260102", "20260101T150000Z", "20260101T160000Z", False, "due-day-after"),
]


@pytest.mark.spec("RFC 4791 9.9", "a VTODO: eight cases by DTSTART, DURATION, DUE, COMPLETED and CREATED")
@pytest.mark.parametrize(("lines", "start", "end", "inside"), [row[:4] for row in TODOS], ids=[row[4] for row in TODOS])
def test_when_a_task_is_there(times: Desk, lines: str, start: str, end: str, inside: bool) -> None:
    assert judged(times, "VTODO", lines, start, end) is inside


# --- VJOURNAL, VFREEBUSY, VALARM --------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 9.9", "a VJOURNAL: a point or a day; without DTSTART it is in no range")
@pytest.mark.parametrize(
    ("lines", "start", "end", "inside"),
    [
        (AT_TEN, "20260102T100000Z", "20260102T110000Z", True),
        (AT_TEN, "20260102T090000Z", "20260102T100000Z", False),
        (A_DAY, "20260102T145959Z", "20260102T160000Z", True),
        (A_DAY, "20260102T150000Z", "20260102T160000Z", False),
        ("SUMMARY:Note", "20000101T000000Z", "", False),
        ("SUMMARY:Note", "", "20400101T000000Z", False),
    ],
    ids=["point", "point-at-end", "day", "day-after", "undated-start", "undated-end"],
)
def test_when_a_note_is_there(times: Desk, lines: str, start: str, end: str, inside: bool) -> None:
    assert judged(times, "VJOURNAL", lines, start, end) is inside


PERIODS = "FREEBUSY:20260102T100000Z/PT1H,20260104T100000Z/20260104T110000Z"


@pytest.mark.spec("RFC 4791 9.9", "a VFREEBUSY: from DTSTART to DTEND, else by its periods, else never")
@pytest.mark.parametrize(
    ("lines", "start", "end", "inside"),
    [
        ("DTSTART:20260102T100000Z DTEND:20260102T110000Z", "20260102T110000Z", "20260102T120000Z", True),
        ("DTSTART:20260102T100000Z DTEND:20260102T110000Z", "20260102T110001Z", "20260102T120000Z", False),
        (f"DTSTART:20260102T000000Z DTEND:20260105T000000Z {PERIODS}", "20260103T000000Z", "20260104T000000Z", True),
        (PERIODS, "20260102T103000Z", "20260102T104000Z", True),
        (PERIODS, "20260103T000000Z", "20260104T000000Z", False),
        (PERIODS, "20260104T105959Z", "20260105T000000Z", True),
        ("COMMENT:nothing", "20000101T000000Z", "20400101T000000Z", False),
    ],
    ids=["end-counts", "after", "whole-wins", "first-period", "between", "second-period", "nothing"],
)
def test_when_busy_time_is_there(times: Desk, lines: str, start: str, end: str, inside: bool) -> None:
    assert judged(times, "VFREEBUSY", lines, start, end) is inside


ALARMS = [
    (TO_ELEVEN, "TRIGGER:-PT15M", "20260102T094500Z", "20260102T094501Z", True, "before-start"),
    (TO_ELEVEN, "TRIGGER:-PT15M", "20260102T094501Z", "20260102T120000Z", False, "gone-off"),
    (TO_ELEVEN, "TRIGGER:-PT15M", "20260102T090000Z", "20260102T094500Z", False, "not-yet"),
    (TO_ELEVEN, "TRIGGER;RELATED=START:PT5M", "20260102T100500Z", "20260102T100600Z", True, "after-start"),
    (TO_ELEVEN, "TRIGGER;RELATED=END:-PT5M", "20260102T105500Z", "20260102T105600Z", True, "before-end"),
    (AN_HOUR, "TRIGGER;RELATED=END:PT0S", "20260102T110000Z", "20260102T110001Z", True, "at-end-of-duration"),
    (TO_ELEVEN, "TRIGGER;VALUE=DATE-TIME:20251224T180000Z", "20251224T180000Z", "20251224T180001Z", True, "absolute"),
    (
        TO_ELEVEN,
        "TRIGGER;VALUE=DATE-TIME:20251224T180000Z",
        "20260102T000000Z",
        "20260103T000000Z",
        False,
        "absolute-2",
    ),
    (TO_ELEVEN, "TRIGGER:-P30D REPEAT:2 DURATION:P1D", "20251205T100000Z", "20251205T100001Z", True, "last-repeat"),
    (TO_ELEVEN, "TRIGGER:-P30D REPEAT:2 DURATION:P1D", "20251206T000000Z", "20251207T000000Z", False, "repeats-end"),
    (A_DAY, "TRIGGER:PT9H", "20260102T000000Z", "20260102T000001Z", True, "at-nine-of-an-all-day-event"),
    (f"{TO_ELEVEN} RRULE:FREQ=DAILY", "TRIGGER:-PT15M", "20400102T094500Z", "20400102T094501Z", True, "far-instance"),
    (f"{TO_ELEVEN} RRULE:FREQ=DAILY", "TRIGGER:-PT15M", "20400102T094501Z", "20400102T235900Z", False, "in-between"),
]


@pytest.mark.spec("RFC 4791 9.9", "a VALARM: when it goes off, by START, END or absolutely, with its repeats")
@pytest.mark.parametrize(
    ("lines", "alarm", "start", "end", "inside"), [row[:5] for row in ALARMS], ids=[row[5] for row in ALARMS]
)
def test_when_an_alarm_goes_off(times: Desk, lines: str, alarm: str, start: str, end: str, inside: bool) -> None:
    inner = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", *alarm.split(), "END:VALARM"]
    body = calendar(component("VEVENT", "x", *lines.split(), *inner))
    assert found(times, body, comp("VEVENT", comp("VALARM", between(start, end)))) is inside


@pytest.mark.spec("RFC 4791 9.9", "a task's alarm goes off by its DUE")
@pytest.mark.parametrize(("minute", "inside"), [("54", False), ("55", True), ("56", False)])
def test_when_a_tasks_alarm_goes_off(times: Desk, minute: str, inside: bool) -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER;RELATED=END:-PT5M", "END:VALARM"]
    body = calendar(component("VTODO", "x", DUE, *alarm))
    wanted = between(f"20260102T10{minute}00Z", f"20260102T10{minute}59Z")
    assert found(times, body, comp("VTODO", comp("VALARM", wanted))) is inside
