"""RFC 4791 7.4, 7.8, 9.9: recurring objects, floating times and the zone they are read in, and rules meant to harm."""

from __future__ import annotations

import time

import pytest

from tests.spec.calendars import NEW_YORK, NEW_YORK_BODY, between, comp, day, query, zoned
from tests.spec.desk import CALENDAR, Desk, calendar, component, event

OBJECT = CALENDAR + "x.ics"
HOUR = ("DTSTART:20260105T100000Z", "DTEND:20260105T110000Z")  # a Monday
NIGHT = ("DTSTART;TZID=America/New_York:20260302T220000", "DTEND;TZID=America/New_York:20260302T230000")


def there(desk: Desk, wanted: str, zone: str = "", kind: str = "VEVENT") -> bool:
    """Return whether the one object is found in a range."""
    answer = query(desk, comp(kind, wanted), zone=zone)
    assert answer.status == 207, answer.octets
    assert answer.hrefs in ([], [OBJECT])
    return bool(answer.hrefs)


def series(*overrides: str, rule: str = "RRULE:FREQ=DAILY;COUNT=10", lines: tuple[str, ...] = HOUR) -> str:
    """Return a master with its overrides."""
    return calendar(component("VEVENT", "x", *lines, rule), *overrides)


def instead(of: str, start: str, *lines: str, parameters: str = "") -> str:
    """Return the override of one instance, an hour long."""
    times = (f"RECURRENCE-ID{parameters}:{of}", f"DTSTART:{start}", "DURATION:PT1H")
    return component("VEVENT", "x", *times, *lines)


# --- rules ------------------------------------------------------------------------------------------

RULES: dict[str, tuple[str, list[str], list[str]]] = {
    "daily": (event("x", *HOUR, "RRULE:FREQ=DAILY"), ["20260105", "20260223", "20271231"], ["20260104"]),
    "every-third-day": (event("x", *HOUR, "RRULE:FREQ=DAILY;INTERVAL=3"), ["20260108"], ["20260107", "20260109"]),
    "weekly": (
        event("x", *HOUR, "RRULE:FREQ=WEEKLY;BYDAY=MO,WE"),
        ["20260105", "20260107", "20260112"],
        ["20260106", "20260108"],
    ),
    "monthly": (event("x", *HOUR, "RRULE:FREQ=MONTHLY"), ["20260205", "20300105"], ["20260206", "20260204"]),
    "last-friday": (event("x", *HOUR, "RRULE:FREQ=MONTHLY;BYDAY=-1FR"), ["20260130", "20260227"], ["20260123"]),
    "the-31st": (
        event("x", "DTSTART:20260131T100000Z", "DTEND:20260131T110000Z", "RRULE:FREQ=MONTHLY"),
        ["20260131", "20260331"],
        ["20260228", "20260301", "20260430"],
    ),
    "leap-day": (
        event("x", "DTSTART:20240229T100000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY"),
        ["20240229", "20280229"],
        ["20250228", "20250301", "20260228"],
    ),
    "count": (event("x", *HOUR, "RRULE:FREQ=DAILY;COUNT=3"), ["20260107"], ["20260108", "20300101"]),
    "until": (event("x", *HOUR, "RRULE:FREQ=DAILY;UNTIL=20260107T100000Z"), ["20260107"], ["20260108"]),
    "until-a-second-short": (event("x", *HOUR, "RRULE:FREQ=DAILY;UNTIL=20260107T095959Z"), ["20260106"], ["20260107"]),
    "exdate": (
        event("x", *HOUR, "RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260106T100000Z,20260107T100000Z"),
        ["20260105", "20260108"],
        ["20260106", "20260107"],
    ),
    "exdate-of-the-first": (
        event("x", *HOUR, "RRULE:FREQ=DAILY", "EXDATE:20260105T100000Z"),
        ["20260106"],
        ["20260105"],
    ),
    "rdate": (event("x", *HOUR, "RDATE:20260301T100000Z,20260401T100000Z"), ["20260105", "20260401"], ["20260302"]),
    "rdate-before-dtstart": (event("x", *HOUR, "RDATE:20251201T100000Z"), ["20251201", "20260105"], ["20251202"]),
    "rdate-period": (
        event("x", *HOUR, "RDATE;VALUE=PERIOD:20260301T100000Z/P3D"),
        ["20260301", "20260303"],
        ["20260305", "20260228"],
    ),
    "all-day": (
        event("x", "DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20260119"),
        ["20260105", "20260112", "20260126"],
        ["20260106", "20260119"],
    ),
    "since-1990": (
        event("x", "DTSTART:19900302T100000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY"),
        ["19900302", "20000302", "20260302", "20360302"],
        ["19890302", "20000303", "20360303"],
    ),
    "1990-to-1995": (
        event("x", "DTSTART:19900302T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=19951231T000000Z"),
        ["19900302", "19950106"],
        ["19950107", "19960105", "20260102"],
    ),
    "ten-years-ahead": (event("x", *HOUR, "RRULE:FREQ=WEEKLY"), ["20360107"], ["20360108"]),
}


@pytest.mark.spec("RFC 4791 7.4", "each instance of a recurring event counts, in any year, and nothing between them")
@pytest.mark.parametrize("name", RULES)
def test_instances_of_a_rule(desk: Desk, name: str) -> None:
    body, inside, outside = RULES[name]
    desk.put(OBJECT, body)
    # noon to noon of UTC holds the whole all-day event of the household's zone
    asked = {date: there(desk, between(f"{date}T030000Z", f"{date}T140000Z")) for date in [*inside, *outside]}
    assert asked == {**dict.fromkeys(inside, True), **dict.fromkeys(outside, False)}


OVERRIDES: dict[str, tuple[str, list[str], list[str]]] = {
    "moved-out": (series(instead("20260107T100000Z", "20260401T100000Z")), ["20260106", "20260401"], ["20260107"]),
    "moved-before-dtstart": (series(instead("20260107T100000Z", "20251201T100000Z")), ["20251201"], ["20260107"]),
    "moved-beyond-the-end": (series(instead("20260114T100000Z", "20400101T100000Z")), ["20400101"], ["20260114"]),
    "not-moved": (series(instead("20260107T100000Z", "20260107T100000Z", "SUMMARY:x")), ["20260107"], ["20260115"]),
    "alone": (calendar(instead("20260107T100000Z", "20260401T100000Z")), ["20260401"], ["20260107", "20260105"]),
    "this-and-future": (
        series(
            instead("20260108T100000Z", "20260108T200000Z", parameters=";RANGE=THISANDFUTURE"),
        ),
        ["20260105", "20260108", "20260114"],
        ["20260115"],
    ),
}


@pytest.mark.spec("RFC 4791 7.4", "an override takes place where it was moved to, and no longer where it was")
@pytest.mark.parametrize("name", OVERRIDES)
def test_overridden_instances(desk: Desk, name: str) -> None:
    body, inside, outside = OVERRIDES[name]
    desk.put(OBJECT, body)
    asked = {date: there(desk, day(date)) for date in [*inside, *outside]}
    assert asked == {**dict.fromkeys(inside, True), **dict.fromkeys(outside, False)}


@pytest.mark.spec("RFC 4791 7.4", "THISANDFUTURE moves every later instance by as much")
def test_this_and_future_moves_the_rest(desk: Desk) -> None:
    desk.put(OBJECT, series(instead("20260108T100000Z", "20260108T200000Z", parameters=";RANGE=THISANDFUTURE")))
    asked = {
        at: there(desk, between(f"{at}0500Z", f"{at}1000Z"))
        for at in ("20260107T10", "20260108T20", "20260110T20", "20260110T10", "20260107T20")
    }
    assert asked == {
        "20260107T10": True, "20260108T20": True, "20260110T20": True, "20260110T10": False, "20260107T20": False
    }  # fmt: skip


@pytest.mark.spec("RFC 4791 7.4", "a zoned rule follows its zone's summer time")
@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("20260303T030000Z", "20260303T040000Z", True),
        ("20260310T020000Z", "20260310T030000Z", True),
        ("20260310T030000Z", "20260310T040000Z", False),
        ("20361203T030000Z", "20361203T040000Z", True),
        ("20360703T020000Z", "20360703T030000Z", True),
    ],
)
def test_summer_time(desk: Desk, start: str, end: str, inside: bool) -> None:
    desk.put(OBJECT, zoned("x", *NIGHT, "RRULE:FREQ=DAILY"))
    assert there(desk, between(start, end)) is inside


@pytest.mark.spec("RFC 4791 7.4", "a recurring task is found at each of its instances")
@pytest.mark.parametrize(("date", "inside"), [("20260105", True), ("20260112", True), ("20260113", False)])
def test_a_recurring_task(shelf: Desk, date: str, inside: bool) -> None:
    path = "/dav/calendars/anna/tasks/"
    shelf.put(path + "r.ics", calendar(component("VTODO", "r", "DTSTART:20260105T100000Z", "RRULE:FREQ=WEEKLY")))
    answer = query(shelf, comp("VTODO", day(date)), path)
    assert answer.names == (["r.ics"] if inside else [])


# --- 7.3 floating times -----------------------------------------------------------------------------

FLOATING = event("x", "DTSTART:20260102T100000", "DTEND:20260102T110000")
ALL_DAY = event("x", "DTSTART;VALUE=DATE:20260102")
BY_BODY = f"<C:timezone>{NEW_YORK_BODY}</C:timezone>"
BY_NAME = "<C:timezone-id>America/New_York</C:timezone-id>"
IN_SEOUL = between("20260102T010000Z", "20260102T020000Z")
IN_NEW_YORK = between("20260102T150000Z", "20260102T160000Z")
EVE_IN_SEOUL = between("20260101T150000Z", "20260101T160000Z")
EVENING_IN_NEW_YORK = between("20260103T040000Z", "20260103T050000Z")


@pytest.mark.spec("RFC 4791 7.3", "floating and all-day times are read in the zone of the query, by body or by name")
@pytest.mark.parametrize("zone", [BY_BODY, BY_NAME], ids=["body", "name"])
@pytest.mark.parametrize(
    ("body", "wanted", "inside"),
    [
        (FLOATING, IN_NEW_YORK, True),
        (FLOATING, IN_SEOUL, False),
        (ALL_DAY, EVENING_IN_NEW_YORK, True),
        (ALL_DAY, EVE_IN_SEOUL, False),
    ],
    ids=["floating", "floating-elsewhere", "day", "day-elsewhere"],
)
def test_the_zone_of_the_query(desk: Desk, zone: str, body: str, wanted: str, inside: bool) -> None:
    desk.put(OBJECT, body)
    assert there(desk, wanted, zone) is inside


@pytest.mark.spec("RFC 4791 7.3", "without a zone of the query that of the calendar holds, then the household's")
@pytest.mark.parametrize("path", [CALENDAR, "/dav/calendars/anna/family/"], ids=["own", "shared"])
def test_the_zone_of_the_calendar(desk: Desk, path: str) -> None:
    desk.put(path + "x.ics", FLOATING)

    def asked() -> list[bool]:
        return [bool(query(desk, comp("VEVENT", wanted), path).rows) for wanted in (IN_SEOUL, IN_NEW_YORK)]

    assert asked() == [True, False]
    desk.set_(path, f"<C:calendar-timezone>{NEW_YORK_BODY}</C:calendar-timezone>")
    assert asked() == [False, True]


@pytest.mark.spec("RFC 4791 7.3", "a recurring floating event is read in the zone of the query on every day")
@pytest.mark.parametrize(("wanted", "inside"), [("20360601T140000Z", True), ("20360601T010000Z", False)])
def test_floating_rules(desk: Desk, wanted: str, inside: bool) -> None:
    desk.put(OBJECT, event("x", "DTSTART:20260102T100000", "DTEND:20260102T110000", "RRULE:FREQ=DAILY"))
    assert there(desk, between(wanted, wanted.replace("0000Z", "3000Z")), BY_NAME) is inside


@pytest.mark.spec("RFC 4791 7.8", "a query's timezone that holds no VTIMEZONE is refused with valid-calendar-data")
@pytest.mark.parametrize("text", ["", "Asia/Seoul", calendar(), calendar(NEW_YORK, NEW_YORK)])
def test_a_query_zone_that_is_none(shelf: Desk, text: str) -> None:
    answer = query(shelf, comp("VEVENT", IN_SEOUL), zone=f"<C:timezone>{text}</C:timezone>")
    assert answer.refusal == (403, "C:valid-calendar-data")


# --- rules meant to harm ----------------------------------------------------------------------------

HOSTILE: dict[str, tuple[tuple[str, ...], str, str]] = {
    "every-second": (("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"), "20260102T000000Z", "20260103T000000Z"),
    "every-second-in-2099": (
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"), "20990102T000000Z", "20990103T000000Z",
    ),
    "february-30": (
        ("DTSTART:20260230T100000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "20260101T000000Z", "",
    ),
    "never-again": (
        ("DTSTART:20260102T100000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        "20260102T000000Z", "20260103T000000Z",
    ),
    "count-of-a-billion": (
        ("DTSTART:19700101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=1000000000"), "20260102T000000Z", "20260103T000000Z",
    ),
    "interval-zero": (("DTSTART:20260102T100000Z", "RRULE:FREQ=DAILY;INTERVAL=0"), "20260102T000000Z", ""),
    "garbage": (("DTSTART:20260102T100000Z", "RRULE:FREQ=SOMETIMES;BYDAY=XX"), "20260102T000000Z", ""),
    "all-by-parts": (
        (
            "DTSTART:20000101T000000Z",
            "RRULE:FREQ=YEARLY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60)))
            + ";BYSECOND=" + ",".join(map(str, range(60))),
        ),
        "20260101T000000Z", "20260102T000000Z",
    ),
    "many-rdates": (
        ("DTSTART:20260102T100000Z", *(f"RDATE:{year}0102T100000Z" for year in range(2027, 7000))),
        "20260102T000000Z", "20260103T000000Z",
    ),
    "many-rules": (
        ("DTSTART:20000102T100000Z", *["RRULE:FREQ=HOURLY;BYMONTH=1"] * 50), "20260102T000000Z", "20260103T000000Z",
    ),
}  # fmt: skip


@pytest.mark.spec("RFC 4791 7.8", "a rule meant to harm is kept, answered within seconds, and found rather than missed")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_rule(desk: Desk, name: str) -> None:
    lines, start, end = HOSTILE[name]
    before = time.process_time()
    desk.put(OBJECT, event("x", *lines))
    assert there(desk, between(start, end))
    assert desk.ask("DELETE", OBJECT).status == 204
    assert time.process_time() - before < 5.0
