"""What the index keeps of a calendar object: its hull, its instances, and what is odd about it, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import NotACalendar
from appliance.objects.extents import touches
from appliance.objects.icalendar_facts import list_instances, read_event
from appliance.objects.time_range import micros, occurs
from appliance.objects.values import instant, local_time
from tests.household.events import events, journals, tasks
from tests.objects.calendars import at, calendar, event

START = "DTSTART:20261110T100000Z\nDURATION:PT1H\n"
ALL_DAY = "DTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261111\n"
DAY = 86_400_000_000


def test_a_households_objects_have_no_fault() -> None:
    for member in [*events(80, recurring=0.5), *tasks(20), *journals(20)]:
        facts = read_event(member.body)
        assert (facts.uid, facts.component, facts.fault) == (member.uid, member.component, None)
        assert facts.title
        assert facts.recurring is (member.plan is not None and member.plan.rule != "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BEGIN:VCARD\nUID:1\nEND:VCARD",
        calendar(),
        calendar("VTIMEZONE\nTZID:x\nUID:1"),
        calendar("VEVENT\n" + START),
        calendar("VEVENT\nUID:\n" + START),
        b"BEGIN:VEVENT\nUID:1\nEND:VEVENT",
    ],
    ids=["empty", "card", "no component", "only a zone", "no uid", "empty uid", "no envelope"],
)
def test_what_has_no_envelope_component_or_uid_is_refused(body: bytes) -> None:
    with pytest.raises(NotACalendar):
        read_event(body)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (event(START), None),
        (event(START).replace(b"VERSION:2.0\r\n", b""), "VERSION is missing."),
        (event(START).replace(b"2.0", b"1.0"), "It is iCalendar 1.0, not 2.0."),
        (event(START).replace(b"BEGIN:VEVENT", b"METHOD:REQUEST\r\nBEGIN:VEVENT"), "METHOD is there"),
        (calendar("VEVENT\nUID:u-1\n" + START, "VEVENT\nUID:u-2\n" + START), "There is more than one UID."),
        (calendar("VEVENT\nUID:u-1\n" + START, "VEVENT\n" + START), "A component has no UID."),
        (calendar("VEVENT\nUID:u-1\n" + START, "VTODO\nUID:u-1"), "more than one kind"),
        (event(START) * 2, "There are 2 calendars in one"),
        (event("SUMMARY:x"), "DTSTART is missing or cannot be read."),
        (event("DTSTART:20261332T000000Z"), "DTSTART is missing or cannot be read."),
        (event("DTSTART:20261110T100000Z\nDTEND:20261110T090000Z"), "The end is not after the start."),
        (event("DTSTART:20261110T100000Z\nDURATION:1H"), "DURATION cannot be read."),
        (event(START + "RRULE:FREQ=SOMETIMES"), "RRULE cannot be read."),
        (event("DTSTART;TZID=Nowhere:20261110T100000"), "The time zone 'Nowhere' is unknown"),
        (event(START).replace(b"END:VCALENDAR\r\n", b""), "END:VCALENDAR is missing."),
        (event(START).replace(b"test", b"\xff"), "It is not UTF-8 throughout."),
    ],
)
def test_what_is_odd_is_flagged_and_not_refused(body: bytes, fault: str | None) -> None:
    facts = read_event(body)
    assert facts.uid == "u-1"
    assert (facts.fault is None) if fault is None else (fault in (facts.fault or ""))


@pytest.mark.parametrize(
    ("lines", "first", "last"),
    [
        (START, "20261110T1000", "20261110T1100"),
        (START + "RRULE:FREQ=DAILY", "20261110T1000", None),
        (START + "RRULE:FREQ=DAILY;COUNT=3", "20261110T1000", "20261112T1100"),
        (START + "RRULE:FREQ=WEEKLY;BYDAY=TU,WE;COUNT=3", "20261110T1000", "20261117T1100"),
        (START + "RRULE:FREQ=DAILY;UNTIL=20261112T100000Z", "20261110T1000", "20261112T1100"),
        (START + "RDATE:20260101T000000Z,20270101T000000Z", "20260101T0000", "20270101T0100"),
        (START + "RDATE;VALUE=PERIOD:20270101T000000Z/PT9H", "20261110T1000", "20270101T0900"),
        ("DTSTART;TZID=Asia/Seoul:20261110T100000", "20261110T0100", "20261110T0100"),
        ("DTSTART;VALUE=DATE:20261110", "20261110T0000", "20261111T0000"),
        ("DTSTART:20261110T100000", "20261110T1000", "20261110T1000"),
        (START + "RRULE:RSCALE=CHINESE;FREQ=YEARLY", "20261110T1000", None),
    ],
)
def test_the_hull_covers_every_instance(lines: str, first: str, last: str | None) -> None:
    facts = read_event(event(lines))
    assert facts.first_at == at(first)
    assert facts.last_at == (None if last is None else at(last))


def test_the_hull_covers_overrides_moved_before_the_start() -> None:
    facts = read_event(
        calendar(
            "VEVENT\nUID:1\n" + START + "RRULE:FREQ=DAILY;COUNT=2",
            "VEVENT\nUID:1\nRECURRENCE-ID:20261111T100000Z\nDTSTART:20260101T000000Z\nDTEND:20270301T000000Z",
        )
    )
    assert (facts.first_at, facts.last_at) == (at("20260101T0000"), at("20270301T0000"))
    assert facts.longest >= at("20270301T0000") - at("20260101T0000")


def test_a_note_without_a_day_never_happens() -> None:
    facts = read_event(calendar("VJOURNAL\nUID:1"))
    assert facts.last_at is not None and facts.first_at > facts.last_at
    assert list_instances(facts, at("20260101T0000"), at("20270101T0000")).rows == ()


@pytest.mark.parametrize(
    ("lines", "floating"),
    [
        (START, False),
        ("DTSTART;TZID=Asia/Seoul:20261110T100000", False),
        ("DTSTART:20261110T100000", True),
        ("DTSTART;VALUE=DATE:20261110", True),
        ("DTSTART;TZID=Nowhere:20261110T100000", True),
        ("DTSTART:20261110T100000Z\nDTEND:20261110T110000", True),
    ],
)
def test_what_has_no_zone_floats(lines: str, floating: bool) -> None:
    assert read_event(event(lines)).floating is floating


@pytest.mark.parametrize(
    ("lines", "zoneless"),
    [
        (ALL_DAY, True),
        (ALL_DAY + "RRULE:FREQ=WEEKLY;UNTIL=20271231\nEXDATE;VALUE=DATE:20261117\nRDATE;VALUE=DATE:20261118", True),
        ("DTSTART:20261110T100000\nDTEND:20261110T110000\nRRULE:FREQ=DAILY;COUNT=3", True),
        ("DTSTART:20261110T100000Z\nDTEND:20261110T110000", False),
        ("DTSTART:20261110T100000\nDTEND:20261110T110000Z", False),
        ("DTSTART:20261110T100000\nDURATION:PT1H", False),
        ("DTSTART:20261110T100000\nRDATE;VALUE=PERIOD:20261111T100000/PT2H", False),
        (ALL_DAY + "RRULE:FREQ=WEEKLY;UNTIL=20271231T150000Z", False),
        (ALL_DAY + "RRULE:FREQ=WEEKLY\nEXDATE:20261117T000000Z", False),
        ("SUMMARY:no start", False),
    ],
    ids=[
        "day", "weekly days", "daily times", "start in UTC", "end in UTC", "exact length", "period", "until in UTC",
        "exdate in UTC", "no start",
    ],
)  # fmt: skip
def test_what_knows_no_zone_at_all_is_zoneless(lines: str, zoneless: bool) -> None:
    facts = read_event(event(lines))
    assert facts.zoneless is zoneless
    assert facts.floating or not zoneless


@given(
    start=st.integers(0, 8000),
    hours=st.integers(1, 60),
    rule=st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;COUNT=30", "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=HOURLY;INTERVAL=7"]),
    left_out=st.integers(0, 3),
    zone=st.sampled_from(["Asia/Seoul", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12"]),
    asked=st.integers(0, 9500),
    width=st.integers(1, 72),
)
def test_listed_instances_of_what_is_zoneless_hold_in_every_zone(
    start: int, hours: int, rule: str, left_out: int, zone: str, asked: int, width: int
) -> None:
    first = datetime(2026, 1, 1) + timedelta(hours=start)
    body = event(
        f"DTSTART:{first:%Y%m%dT%H%M%S}\nDTEND:{first + timedelta(hours=hours):%Y%m%dT%H%M%S}\nRRULE:{rule}\n"
        f"EXDATE:{first + timedelta(days=left_out):%Y%m%dT%H%M%S}"
    )
    from_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=asked)
    to_at = from_at + timedelta(hours=width)
    facts, where = read_event(body), ZoneInfo(zone)
    rows = list_instances(facts, micros(from_at) - 2 * DAY, micros(to_at) + 2 * DAY).rows
    placed = [(instant(local_time(begin), where), instant(local_time(end), where)) for begin, end, _ in rows]
    assert facts.zoneless
    assert any(touches(span, micros(from_at), micros(to_at)) for span in placed) is occurs(
        body, "VEVENT", from_at, to_at, zone
    )


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ("", "BUSY"),
        ("STATUS:CONFIRMED", "BUSY"),
        ("STATUS:TENTATIVE", "BUSY-TENTATIVE"),
        ("STATUS:CANCELLED", "FREE"),
        ("STATUS:X-OTHER", "BUSY"),
        ("TRANSP:TRANSPARENT", "FREE"),
        ("TRANSP:TRANSPARENT\nSTATUS:TENTATIVE", "FREE"),
        ("TRANSP:OPAQUE", "BUSY"),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "BUSY-UNAVAILABLE"),
    ],
)
def test_an_instance_is_busy_as_its_component_says(lines: str, busy: str) -> None:
    listing = list_instances(read_event(event(START + lines)), at("20261101T0000"), at("20261201T0000"))
    assert listing.rows == ((at("20261110T1000"), at("20261110T1100"), busy),)


def test_an_override_is_judged_by_itself() -> None:
    body = calendar(
        "VEVENT\nUID:1\n" + START + "RRULE:FREQ=DAILY;COUNT=2",
        "VEVENT\nUID:1\nRECURRENCE-ID:20261111T100000Z\nDTSTART:20261111T120000Z\nSTATUS:TENTATIVE",
    )
    listing = list_instances(read_event(body), at("20261101T0000"), at("20261201T0000"))
    assert [busy for _, _, busy in listing.rows] == ["BUSY", "BUSY-TENTATIVE"]


def test_a_listing_of_a_window_is_whole_or_says_how_far_it_goes() -> None:
    facts = read_event(event(START + "RRULE:FREQ=HOURLY"))
    window = at("20261201T0000"), at("20270301T0000")
    listing = list_instances(facts, *window)
    assert len(listing.rows) <= 1000
    assert listing.listed_from == window[0]
    assert at("20261220T0000") < listing.listed_to < window[1]
    inside = [row for row in listing.rows if window[0] < row[0]]
    assert len(inside) == (listing.listed_to - 1 - window[0]) // 3_600_000_000
    small = list_instances(facts, window[0], window[0] + DAY)
    assert (len(small.rows), small.listed_to) == (24, window[0] + DAY)


def test_two_instances_at_one_time_are_two_rows() -> None:
    body = calendar(
        "VEVENT\nUID:1\n" + START + "RRULE:FREQ=DAILY;COUNT=2",
        "VEVENT\nUID:1\nRECURRENCE-ID:20261111T100000Z\nDTSTART:20261110T100000Z\nDURATION:PT9H",
    )
    rows = list_instances(read_event(body), at("20261101T0000"), at("20261201T0000")).rows
    assert [(start - at("20261110T1000"), end) for start, end, _ in rows] == [
        (0, at("20261110T1100")), (1, at("20261110T1900")),
    ]  # fmt: skip


def test_free_busy_objects_list_their_periods() -> None:
    facts = read_event(
        calendar(
            "VFREEBUSY\nUID:1\n"
            + START
            + "DTEND:20261111T000000Z\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261110T100000Z/PT1H"
        )
    )
    rows = list_instances(facts, at("20261101T0000"), at("20261201T0000")).rows
    assert rows[0] == (at("20261110T1000"), at("20261110T1100"), "BUSY-UNAVAILABLE")
    assert rows[1][2] == "FREE" and rows[1][1] > at("20261110T2359")
