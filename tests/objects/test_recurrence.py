"""Recurrence sets have the instances that recurring-ical-events gives them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from appliance.objects.content_lines import parse
from appliance.objects.icalendar_facts import list_instances, read_event
from appliance.objects.recurrence import Series
from appliance.objects.rule_starts import Budget
from appliance.objects.time_range import micros, occurs
from appliance.objects.timezones import Zones
from tests.household.events import events
from tests.objects.calendars import at, calendar, event, utc

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = "DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260105T100000\n"


def ours(body: bytes, from_at: datetime, to_at: datetime, floating: ZoneInfo = SEOUL) -> list[tuple[int, int]]:
    root = parse(body)
    kept = [component for component in root.components if component.name == "VEVENT"]
    series = Series(kept, Zones(root), floating)
    return sorted(found.span for found in series.instances(micros(from_at), micros(to_at), Budget(100_000)))


def truth(body: bytes, from_at: datetime, to_at: datetime, floating: ZoneInfo = SEOUL) -> list[tuple[int, int]]:
    found = recurring_ical_events.of(Calendar.from_ical(body)).between(
        from_at - timedelta(days=2), to_at + timedelta(days=2)
    )
    spans = [tuple(_instant(component[name].dt, floating) for name in ("DTSTART", "DTEND")) for component in found]
    first, last = micros(from_at), micros(to_at)
    return sorted((start, end) for start, end in spans if start < last and (end > first or start == end >= first))


def _instant(written: date, floating: ZoneInfo) -> int:
    if not isinstance(written, datetime):
        written = datetime(written.year, written.month, written.day)
    return micros(written if written.tzinfo else written.replace(tzinfo=floating))


SETS = {
    "single": BERLIN.replace("0105", "0305"),
    "daily over summer time": BERLIN + "RRULE:FREQ=DAILY",
    "until": BERLIN + "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260401T070000Z",
    "count and exdate": BERLIN + "RRULE:FREQ=WEEKLY;COUNT=20\nEXDATE;TZID=Europe/Berlin:20260323T090000",
    "exdate in utc": BERLIN + "RRULE:FREQ=WEEKLY\nEXDATE:20260323T080000Z,20260330T070000Z",
    "exdate as a day": BERLIN + "RRULE:FREQ=WEEKLY\nEXDATE;VALUE=DATE:20260323",
    "rdates": BERLIN + "RRULE:FREQ=MONTHLY\nRDATE;TZID=Europe/Berlin:20260320T110000,20260321T110000",
    "rdate period": BERLIN + "RDATE;VALUE=PERIOD:20260320T110000Z/PT5H,20260322T110000Z/20260322T120000Z",
    "all day": "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY;BYDAY=TH,SU",
    "all day for days": "DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260104\nRRULE:FREQ=WEEKLY;UNTIL=20260330",
    "floating": "DTSTART:20260101T230000\nDURATION:PT3H\nRRULE:FREQ=DAILY;INTERVAL=5",
    "utc": "DTSTART:20260101T230000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH,FR",
    "windows zone": "DTSTART;TZID=Korea Standard Time:20260301T090000\nDURATION:P1D\nRRULE:FREQ=WEEKLY",
    "hourly": BERLIN + "RRULE:FREQ=HOURLY;INTERVAL=7",
}


@pytest.mark.parametrize("lines", SETS.values(), ids=SETS.keys())
def test_a_set_has_the_instances_of_the_truth(lines: str) -> None:
    window = utc("20260301T0000"), utc("20260415T0000")
    body = event(lines)
    assert ours(body, *window) == truth(body, *window)
    assert ours(body, *window)


MASTER = "VEVENT\nUID:u-1\n" + BERLIN + "RRULE:FREQ=WEEKLY\n"
OVERRIDES = {
    "moved inside": "DTSTART;TZID=Europe/Berlin:20260317T150000\nDTEND;TZID=Europe/Berlin:20260317T160000",
    "moved out": "DTSTART;TZID=Europe/Berlin:20260701T150000\nDTEND;TZID=Europe/Berlin:20260701T160000",
    "moved before dtstart": "DTSTART:20251101T150000Z\nDTEND:20251101T160000Z",
    "made longer": "DTSTART:20260316T080000Z\nDTEND:20260318T160000Z",
}


@pytest.mark.parametrize("lines", OVERRIDES.values(), ids=OVERRIDES.keys())
@pytest.mark.parametrize(
    "recurrence_id", ["RECURRENCE-ID;TZID=Europe/Berlin:20260316T090000", "RECURRENCE-ID:20260316T080000Z"]
)
def test_an_override_takes_the_place_of_its_instance(lines: str, recurrence_id: str) -> None:
    body = calendar(MASTER, f"VEVENT\nUID:u-1\n{recurrence_id}\n{lines}")
    for window in ((utc("20251001T0000"), utc("20251201T0000")), (utc("20260301T0000"), utc("20260415T0000"))):
        assert ours(body, *window) == truth(body, *window)


@pytest.mark.parametrize("shift", ["20260317T110000", "20260315T230000", "20260301T090000"])
def test_this_and_future_moves_what_follows(shift: str) -> None:
    lines = f"DTSTART;TZID=Europe/Berlin:{shift}\nDURATION:PT3H"
    body = calendar(
        MASTER,
        f"VEVENT\nUID:u-1\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260316T090000\n{lines}",
        "VEVENT\nUID:u-1\nRECURRENCE-ID:20260330T070000Z\nDTSTART:20260330T200000Z\nDTEND:20260330T210000Z",
    )
    window = utc("20260201T0000"), utc("20260601T0000")
    assert ours(body, *window) == truth(body, *window)


def test_an_override_without_its_master_is_an_instance() -> None:
    body = calendar(f"VEVENT\nUID:u-1\nRECURRENCE-ID:20260316T080000Z\n{OVERRIDES['made longer']}")
    assert ours(body, utc("20260301T0000"), utc("20260401T0000")) == [(at("20260316T0800"), at("20260318T1600"))]


def test_an_exdate_removes_an_override_too() -> None:
    body = calendar(
        MASTER + "EXDATE:20260316T080000Z",
        "VEVENT\nUID:u-1\nRECURRENCE-ID:20260316T080000Z\n" + OVERRIDES["moved inside"],
    )
    window = utc("20260315T0000"), utc("20260318T0000")
    assert ours(body, *window) == truth(body, *window) == []


def test_a_households_events_have_the_instances_of_the_truth() -> None:
    window = utc("20260301T0000"), utc("20260401T0000")
    for member in events(60, seed=7, recurring=0.7):
        assert ours(member.body, *window) == truth(member.body, *window), member.body.decode()


DAYS = st.sampled_from(["MO", "SU", "TU,TH", "MO,TU,WE,TH,FR"])
RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 9)),
    st.builds("FREQ=DAILY;INTERVAL={};COUNT={}".format, st.integers(1, 9), st.integers(1, 300)),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 4), DAYS),
    st.builds("FREQ=WEEKLY;BYDAY={};COUNT={}".format, DAYS, st.integers(1, 100)),
    st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([-1, 1, 2, 4]), st.sampled_from(["MO", "FR", "SU"])),
    st.builds("FREQ=YEARLY;BYMONTH={}".format, st.integers(1, 12)),
)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Seoul", "Australia/Lord_Howe"])


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(
    RULES, ZONES, st.datetimes(datetime(2023, 1, 1), datetime(2025, 12, 31)), st.integers(15, 2000), st.integers(0, 60)
)
def test_generated_sets_have_the_instances_of_the_truth(
    rule: str, zone: str, start: datetime, minutes: int, offset: int
) -> None:
    start = start.replace(second=0, microsecond=0, fold=0, hour=4 + start.hour % 16)
    end = start + timedelta(minutes=minutes)
    end = end.replace(hour=4 + end.hour % 16) if minutes > 600 else end  # inside a gap the truth has no instant
    times = f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}\nDTEND;TZID={zone}:{max(start, end):%Y%m%dT%H%M%S}\n"
    body = event(times + f"RRULE:{rule}")
    from_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=offset * 6)
    assert ours(body, from_at, from_at + timedelta(days=21)) == truth(body, from_at, from_at + timedelta(days=21))


HOSTILE = [
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
    "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60)))
    + ";BYSECOND=" + ",".join(map(str, range(60))),
    "RRULE:FREQ=SECONDLY;COUNT=999999999;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "RRULE:FREQ=MINUTELY;BYSETPOS=-300",
    "\n".join(["RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"] * 50),
    "RDATE:" + ",".join(["20260101T000000Z"] * 5000),
    "DURATION:P999999W\nRRULE:FREQ=SECONDLY",
    "DTEND:99991231T235959Z\nRRULE:FREQ=DAILY",
]  # fmt: skip


@pytest.mark.parametrize("lines", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_set_costs_milliseconds(lines: str) -> None:
    body = event("DTSTART:20140305T093000Z\n" + lines)
    began = time.process_time()
    facts = read_event(body)
    assert facts.last_at is None or facts.last_at >= at("20140305T0930")
    listing = list_instances(facts, at("20250101T0000"), at("20280101T0000"))
    assert len(listing.rows) <= 1000
    occurs(body, "VEVENT", utc("20260301T0000"), utc("20260401T0000"), "Asia/Seoul")
    occurs(body, "VEVENT", utc("20260301T0000"), None, "Asia/Seoul")
    assert time.process_time() - began < 1.0


def test_reaching_the_bound_counts_as_a_match() -> None:
    body = event("DTSTART:20140305T093000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert occurs(body, "VEVENT", utc("20260301T0000"), None, "UTC")
    assert not occurs(body, "VEVENT", utc("20260301T0000"), utc("20260401T0000"), "UTC")


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            ["DTSTART:20260101T000000", "DTSTART:00010101T000000Z", "DTEND:99991231T235959Z", "DTEND:20250101",
             "DTSTART;TZID=Nowhere:20260101T000000", "DTSTART;VALUE=DATE:20260230", "DURATION:-P1D",
             "DURATION:P999999W", "RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;UNTIL=x", "RRULE:FREQ=WEEKLY;COUNT=3",
             "EXDATE:20260101", "RDATE;VALUE=PERIOD:20260101T000000Z/P999999W", "RDATE:19000101,99991231T000000Z",
             "RECURRENCE-ID;RANGE=THISANDFUTURE:20260108T000000Z", "RECURRENCE-ID:x", "DUE:20260101T000000Z",
             "COMPLETED:20260101T000000Z", "CREATED:20260101T000000Z", "END:VEVENT", "BEGIN:VEVENT", "BEGIN:VTODO",
             "UID:u-1", "UID:u-2", "BEGIN:VALARM", "TRIGGER:-P999999W", "TRIGGER;RELATED=END:PT5M", "REPEAT:99999999",
             "DURATION:PT1S", "END:VALARM", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY", "FREEBUSY:20260101T000000Z/PT1H",
             "DTSTART;TZID=Europe/Berlin:00010101T000000", "DTSTART;TZID=Asia/Seoul:99991231T235959"]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_no_calendar_object_raises(lines: list[str]) -> None:
    facts = read_event(event("\n".join(lines)))
    listing = list_instances(facts, at("20250101T0000"), at("20280101T0000"))
    assert len({row[0] for row in listing.rows}) == len(listing.rows)
    for name in ("VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"):
        occurs(facts.calendar, name, utc("20260101T0000"), None, "Asia/Seoul")
        occurs(facts.calendar, name, None, utc("20260101T0000"), "Europe/Berlin")
