"""Time ranges as RFC 4791 9.9 has them, case by case, at the edges."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from appliance.objects.content_lines import Component, parse
from appliance.objects.icalendar_facts import list_instances, read_event
from appliance.objects.time_range import Occurrences, occurs
from tests.objects.calendars import at, calendar, event, utc


class Between:
    """A range for `Occurrences`; "" is an open end."""

    def __init__(self, start: str, end: str) -> None:
        self.start_at = utc(f"20261110T{start}") if start else None
        self.end_at = utc(f"20261110T{end}") if end else None


TIMED = "DTSTART:20261110T100000Z\n"
TODO = "VTODO\nUID:u-1\n"
# kind, lines, ranges that match, ranges that do not
CASES = {
    "event with end": (
        "VEVENT\nUID:1\n" + TIMED + "DTEND:20261110T110000Z",
        ["1000-1001", "1059-1200", "0900-1001", "0900-", "-1001", "1030-"],
        ["1100-1200", "0900-1000", "1100-", "-1000"],
    ),
    "event with duration": (
        "VEVENT\nUID:1\n" + TIMED + "DURATION:PT1H",
        ["1000-1001", "1059-1200"],
        ["1100-1200", "0900-1000"],
    ),
    "event with no duration": ("VEVENT\nUID:1\n" + TIMED + "DURATION:PT0S", ["1000-1001"], ["0959-1000", "1001-1002"]),
    "event at a point": ("VEVENT\nUID:1\n" + TIMED, ["1000-1001", "0900-1100"], ["0959-1000", "1001-1002"]),
    "event of a day": ("VEVENT\nUID:1\nDTSTART;VALUE=DATE:20261110", ["0000-0001", "2359-"], ["-0000"]),
    "event without start": ("VEVENT\nUID:1", ["1000-1100", "-0000", "0000-"], []),
    "todo with start and duration": (
        TODO + TIMED + "DURATION:PT1H",
        ["1000-1001", "1100-1200", "0900-1001"],
        ["1101-1200", "0900-1000"],
    ),
    "todo with start and due": (
        TODO + TIMED + "DUE:20261110T110000Z",
        ["1000-1001", "1059-1200"],
        ["1100-1200", "0900-1000"],
    ),
    "todo with start and due alike": (
        TODO + TIMED + "DUE:20261110T100000Z",
        ["1000-1001", "0900-1000"],
        ["1001-1100", "0900-0959"],
    ),
    "todo with start": (TODO + TIMED, ["1000-1001"], ["0900-1000", "1001-1100"]),
    "todo with due": (TODO + "DUE:20261110T100000Z", ["0959-1000", "0959-1100"], ["1000-1100", "0900-0959"]),
    "todo completed and created": (
        TODO + "COMPLETED:20261110T110000Z\nCREATED:20261110T100000Z",
        ["1000-1001", "1100-1200", "0900-1000", "1030-1040"],
        ["1101-1200", "0900-0959"],
    ),
    "todo completed": (TODO + "COMPLETED:20261110T100000Z", ["1000-1001", "0900-1000"], ["1001-1100", "0900-0959"]),
    "todo created": (TODO + "CREATED:20261110T100000Z", ["1000-1001", "1200-1300", "0900-"], ["0900-1000"]),
    "todo without dates": (TODO + "SUMMARY:x", ["0000-0001", "-0000", "2300-"], []),
    "journal at a time": ("VJOURNAL\nUID:1\n" + TIMED, ["1000-1001"], ["0900-1000", "1001-1100"]),
    "journal of a day": ("VJOURNAL\nUID:1\nDTSTART;VALUE=DATE:20261110", ["0000-0001", "2300-2330"], ["-0000"]),
    "journal without start": ("VJOURNAL\nUID:1", [], ["1000-1100", "-0000", "0000-"]),
    "free-busy with bounds": (
        "VFREEBUSY\nUID:1\n" + TIMED + "DTEND:20261110T110000Z\nFREEBUSY:20261110T200000Z/PT1H",
        ["1000-1001", "1100-1200"],
        ["1101-1200", "0900-1000", "2000-2100"],
    ),
    "free-busy with periods": (
        "VFREEBUSY\nUID:1\nFREEBUSY;FBTYPE=FREE:20261110T100000Z/PT1H,20261110T150000Z/20261110T160000Z",
        ["1000-1001", "1530-1540"],
        ["1100-1200", "0900-1000"],
    ),
    "free-busy without anything": ("VFREEBUSY\nUID:1", [], ["1000-1100"]),
}
TABLE = [
    pytest.param(lines, times, matches, id=f"{name} {times}")
    for name, (lines, yes, no) in CASES.items()
    for times, matches in [*((times, True) for times in yes), *((times, False) for times in no)]
]


@pytest.mark.parametrize(("lines", "times", "matches"), TABLE)
def test_a_component_overlaps_as_its_table_says(lines: str, times: str, matches: bool) -> None:
    wanted = Between(*times.split("-"))
    body = calendar(lines)
    assert occurs(body, lines.split("\n")[0], wanted.start_at, wanted.end_at, "UTC") is matches


@pytest.mark.parametrize(("lines", "times", "matches"), TABLE)
def test_the_index_gives_the_answer_that_reading_gives(lines: str, times: str, matches: bool) -> None:
    wanted = Between(*times.split("-"))
    facts = read_event(calendar(lines))
    rows = list_instances(facts, at("20261001T0000"), at("20261201T0000")).rows
    start = at("18000101T0000") if wanted.start_at is None else at(f"{wanted.start_at:%Y%m%dT%H%M}")
    end = at("22000101T0000") if wanted.end_at is None else at(f"{wanted.end_at:%Y%m%dT%H%M}")
    assert any(row[0] < end and (row[1] > start or row[0] == row[1] >= start) for row in rows) is matches
    if matches:
        assert facts.first_at < end
        assert facts.last_at is None or facts.last_at >= start


def test_a_floating_time_is_read_in_the_zone_of_the_request() -> None:
    body = event("DTSTART:20261110T100000\nDURATION:PT1H")
    wanted = utc("20261110T0100"), utc("20261110T0130")
    assert occurs(body, "VEVENT", *wanted, "Asia/Seoul")
    assert not occurs(body, "VEVENT", *wanted, "Europe/Berlin")


def test_a_zone_nobody_knows_is_read_in_the_zone_of_the_request() -> None:
    body = event("DTSTART;TZID=Nowhere:20261110T100000\nDURATION:PT1H")
    assert occurs(body, "VEVENT", utc("20261110T0100"), utc("20261110T0130"), "Asia/Seoul")


def test_a_day_is_a_day_of_the_zone_of_the_request() -> None:
    body = event("DTSTART;VALUE=DATE:20261110")
    assert occurs(body, "VEVENT", utc("20261109T1500"), utc("20261109T1600"), "Asia/Seoul")
    assert not occurs(body, "VEVENT", utc("20261109T1500"), utc("20261109T1600"), "UTC")


# --- alarms -----------------------------------------------------------------------------------------


def alarmed(trigger: str, more: str = "", lines: str = TIMED + "DURATION:PT2H") -> bytes:
    return event(f"{lines}\nBEGIN:VALARM\nACTION:DISPLAY\n{trigger}\n{more}\nEND:VALARM")


@pytest.mark.parametrize(
    ("body", "times", "matches"),
    [
        (alarmed("TRIGGER:-PT15M"), "0945-0946", True),
        (alarmed("TRIGGER:-PT15M"), "0944-0945", False),
        (alarmed("TRIGGER:-PT15M"), "1000-1200", False),
        (alarmed("TRIGGER;RELATED=END:PT15M"), "1215-1216", True),
        (alarmed("TRIGGER;RELATED=END:PT15M"), "1015-1016", False),
        (alarmed("TRIGGER;VALUE=DATE-TIME:20261110T060000Z"), "0600-0601", True),
        (alarmed("TRIGGER;VALUE=DATE-TIME:20261110T060000Z"), "0945-1200", False),
        (alarmed("TRIGGER:-PT15M", "REPEAT:3\nDURATION:PT5M"), "0959-1001", True),
        (alarmed("TRIGGER:-PT15M", "REPEAT:3\nDURATION:PT5M"), "1001-1100", False),
        (alarmed("TRIGGER:-PT15M", "REPEAT:3\nDURATION:PT5M"), "0946-0950", False),
        (alarmed("TRIGGER:nonsense"), "0000-", False),
        (alarmed("TRIGGER:-PT15M", lines="DTSTART:20200101T100000Z\nRRULE:FREQ=DAILY"), "0945-0946", True),
        (alarmed("TRIGGER:-PT15M", lines="DTSTART:20200101T100000Z\nRRULE:FREQ=DAILY"), "0946-1100", False),
        (alarmed("TRIGGER:-P1D", lines="DTSTART:20261111T100000Z"), "1000-1001", True),
    ],
)
def test_an_alarm_goes_off_at_its_times(body: bytes, times: str, matches: bool) -> None:
    wanted = Between(*times.split("-"))
    assert occurs(body, "VALARM", wanted.start_at, wanted.end_at, "UTC") is matches
    if matches:
        facts = read_event(body)
        assert facts.first_at < at(f"20261110T{times[5:] or '2359'}")
        assert facts.last_at is None or facts.last_at >= at(f"20261110T{times[:4]}")


def test_the_alarms_of_an_override_replace_those_of_the_master() -> None:
    def with_alarm(trigger: str) -> str:
        return f"BEGIN:VALARM\nTRIGGER:{trigger}\nEND:VALARM"

    body = calendar(
        "VEVENT\nUID:1\nDTSTART:20261101T100000Z\nRRULE:FREQ=DAILY\n" + with_alarm("-PT15M"),
        "VEVENT\nUID:1\nRECURRENCE-ID:20261110T100000Z\nDTSTART:20261110T100000Z\n" + with_alarm("-PT5M"),
    )
    assert not occurs(body, "VALARM", utc("20261110T0940"), utc("20261110T0950"), "UTC")
    assert occurs(body, "VALARM", utc("20261110T0955"), utc("20261110T0956"), "UTC")
    assert occurs(body, "VALARM", utc("20261111T0945"), utc("20261111T0946"), "UTC")


# --- properties -------------------------------------------------------------------------------------


def owner_of(body: bytes) -> tuple[Occurrences, Component]:
    root = parse(body)
    return Occurrences(root, ZoneInfo("UTC")), root.components[0]


@pytest.mark.parametrize(
    ("lines", "name", "times", "matches"),
    [
        (TIMED + "DURATION:PT1H", "DTSTART", "1000-1001", True),
        (TIMED + "DURATION:PT1H", "DTSTART", "1001-1100", False),
        (TIMED + "DURATION:PT1H", "DTEND", "1100-1101", True),
        (TIMED + "DTEND:20261110T110000Z", "DTEND", "1059-1100", False),
        (TIMED, "DTEND", "0000-", False),
        (TIMED + "DURATION:PT1H", "DUE", "0000-", False),
        ("DTSTART:20200101T100000Z\nRRULE:FREQ=DAILY", "DTSTART", "1000-1001", True),
        (TIMED + "CREATED:20261110T050000Z", "CREATED", "0500-0501", True),
        (TIMED + "CREATED:20261110T050000Z", "CREATED", "0501-", False),
        (TIMED, "LAST-MODIFIED", "0000-", False),
        (TIMED + "X-DAY;VALUE=DATE:20261110", "X-DAY", "0000-0001", True),
    ],
)
def test_a_date_property_lies_in_a_range(lines: str, name: str, times: str, matches: bool) -> None:
    occurrences, owner = owner_of(event(lines))
    assert occurrences.property([owner], owner, name, Between(*times.split("-"))) is matches
