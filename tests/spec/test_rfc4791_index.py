"""RFC 4791 7.8: a query finds the same whatever became of an object and the clock since it was put."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.spec.calendars import ABSENT, FAMILY, HOME, between, busy, comp, day, query, text, where, zoned
from tests.spec.desk import CALENDAR, TASKS, Desk, TurnedClock, calendar, component, event

OBJECT = CALENDAR + "x.ics"
HOUR = ("DTSTART:20260105T100000Z", "DTEND:20260105T110000Z")
DAILY = event("x", *HOUR, "RRULE:FREQ=DAILY", "SUMMARY:Tea")
MIXED = calendar(
    component("VEVENT", "m", *HOUR), component("VTODO", "m", "DUE:20260301T100000Z"), component("VJOURNAL", "m")
)
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-P2D", "END:VALARM")


def found(desk: Desk, wanted: str, path: str = CALENDAR, kind: str = "VEVENT") -> list[str]:
    return query(desk, comp(kind, wanted), path).names


def made(desk: Desk, name: str) -> str:
    """Make a calendar that keeps everything; its path."""
    assert desk.ask("MKCALENDAR", f"{HOME}{name}/").status == 201
    return f"{HOME}{name}/"


@pytest.mark.spec("RFC 4791 7.8", "years after an object was put its instances are found as on the first day")
@pytest.mark.parametrize("years", [1, 3, 30])
def test_an_old_object_is_found_in_its_future(desk: Desk, years: int) -> None:
    desk.put(OBJECT, event("x", *HOUR, "RRULE:FREQ=WEEKLY", "EXDATE:20560103T100000Z"))
    desk.clock.ahead = timedelta(days=365 * years)
    for date, names in (("20270104", ["x.ics"]), ("20290101", ["x.ics"]), ("20290102", []), ("20560103", [])):
        assert found(desk, day(date)) == names, date
    assert busy(desk, "20290101T000000Z", "20290102T000000Z").octets.count(b"FREEBUSY:2029") == 1


@pytest.mark.spec("RFC 4791 7.8", "what began long ago is found in each of its years, however often it happens")
@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;UNTIL=20251231T000000Z", "FREQ=YEARLY"])
def test_a_series_of_the_past(desk: Desk, rule: str) -> None:
    desk.put(OBJECT, event("x", "DTSTART:20070101T100000Z", "DTEND:20070101T110000Z", f"RRULE:{rule}"))
    for date in ("20070101", "20180101", "20240101"):  # Mondays
        assert found(desk, day(date)) == ["x.ics"], date
        assert busy(desk, f"{date}T000000Z", f"{date}T235900Z").octets.count(b"FREEBUSY:") == 1, date
    assert found(desk, between("20060101T000000Z", "20070101T100000Z")) == []
    assert found(desk, between("20440101T000000Z")) == ([] if "UNTIL" in rule else ["x.ics"])


@pytest.mark.spec("RFC 4791 7.3", "a series without a zone takes place in the zone of the request or the calendar")
def test_a_series_without_a_zone(desk: Desk) -> None:
    desk.put(OBJECT, event("x", "DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20260112"))
    for start, end, names in (
        ("20260118T145900Z", "20260118T150000Z", []),  # the household's zone is nine hours ahead
        ("20260118T150000Z", "20260118T150100Z", ["x.ics"]),
        ("20260119T145900Z", "20260119T150000Z", ["x.ics"]),
        ("20260111T150000Z", "20260112T150000Z", []),
    ):
        assert found(desk, between(start, end)) == names, start
    free = busy(desk, "20260117T000000Z", "20260124T000000Z").octets
    assert b"FREEBUSY:20260118T150000Z/20260119T150000Z" in free


@pytest.mark.spec("RFC 4791 7.8", "a changed object is found by its new times only, and a deleted one by none")
@pytest.mark.parametrize(
    "body",
    [
        event("x", "DTSTART:20310105T100000Z", "DURATION:PT1H"),
        event("x", "DTSTART:20300105T100000Z", "RRULE:FREQ=YEARLY"),
    ],
    ids=["single", "recurring"],
)
def test_a_changed_object(desk: Desk, body: str) -> None:
    desk.put(OBJECT, DAILY)
    desk.put(OBJECT, body)
    assert (found(desk, day("20260106")), found(desk, day("20310105"))) == ([], ["x.ics"])
    assert desk.ask("DELETE", OBJECT).status == 204
    assert (found(desk, day("20310105")), found(desk, between("20000101T000000Z"))) == ([], [])
    desk.put(OBJECT, DAILY)
    assert (found(desk, day("20260106")), found(desk, day("20400106"))) == (["x.ics"], ["x.ics"])


@pytest.mark.spec("RFC 4791 7.8", "a moved or copied object is found where it now is")
@pytest.mark.parametrize(("method", "left"), [("MOVE", []), ("COPY", ["x.ics"])])
def test_a_moved_object(desk: Desk, method: str, left: list[str]) -> None:
    desk.put(OBJECT, DAILY)
    assert desk.ask(method, OBJECT, destination=FAMILY + "y.ics").status == 201
    for date in ("20260106", "20400106"):
        assert (found(desk, day(date)), found(desk, day(date), FAMILY)) == (left, ["y.ics"])
    assert found(desk, where("SUMMARY", text("Tea")), FAMILY) == ["y.ics"]


@pytest.mark.spec("RFC 4791 7.8", "a copied or renamed calendar answers as the first did")
@pytest.mark.parametrize("method", ["MOVE", "COPY"])
def test_a_moved_calendar(desk: Desk, method: str) -> None:
    path, other = made(desk, "club"), HOME + "other/"
    desk.put(path + "x.ics", DAILY)
    desk.put(path + "t.ics", calendar(component("VTODO", "t", "DUE:20260301T100000Z")))
    assert desk.ask(method, path, destination=other).status == 201
    assert found(desk, day("20400106"), other) == ["x.ics"]
    assert found(desk, day("20260301"), other, "VTODO") == ["t.ics"]


@pytest.mark.spec("RFC 4791 7.8", "after a restart the answers are the same")
def test_after_a_restart(desk: Desk) -> None:
    desk.put(OBJECT, DAILY)
    desk.close()
    again = Desk(desk.data, TurnedClock())
    again.knows(desk)
    try:
        assert (found(again, day("20260106")), found(again, day("20400106"))) == (["x.ics"], ["x.ics"])
    finally:
        again.close()


@pytest.mark.spec("RFC 4791 7.8", "an object of several kinds is found by each of them, in its own range")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (comp("VEVENT", day("20260105")), ["m.ics"]),
        (comp("VEVENT", day("20260301")), []),
        (comp("VTODO", day("20260301")), ["m.ics"]),
        (comp("VTODO", day("20260105")), []),
        (comp("VJOURNAL", day("20260105")), []),
        (comp("VJOURNAL"), ["m.ics"]),
        (comp("VEVENT", day("20260105")) + comp("VTODO", day("20260301")), ["m.ics"]),
        (comp("VEVENT", day("20260105")) + comp("VTODO", day("20260105")), []),
        (comp("VEVENT") + comp("VTODO", ABSENT), ["e.ics"]),
        (comp("VTODO", ABSENT) + comp("VEVENT"), ["e.ics"]),
    ],
)
def test_an_object_of_several_kinds(desk: Desk, asked: str, names: list[str]) -> None:
    path = made(desk, "all")
    desk.put(path + "m.ics", MIXED)
    desk.put(path + "e.ics", event("e", "DTSTART:20270101T100000Z"))
    assert query(desk, asked, path).names == names


@pytest.mark.spec("RFC 4791 7.8", "the range of an event and that of its alarm must both hold")
@pytest.mark.parametrize(
    ("event_day", "alarm_day", "names"),
    [("20260105", "20260103", ["x.ics"]), ("20260105", "20260105", []), ("20260103", "20260103", [])],
)
def test_an_event_and_its_alarm(desk: Desk, event_day: str, alarm_day: str, names: list[str]) -> None:
    desk.put(OBJECT, event("x", *HOUR, *ALARM))
    assert found(desk, day(event_day) + comp("VALARM", day(alarm_day))) == names


@pytest.mark.spec("RFC 4791 7.8", "Apple's tasks: those not completed, and those completed since")
def test_apples_tasks(desk: Desk) -> None:
    desk.put(TASKS + "open.ics", calendar(component("VTODO", "open", "SUMMARY:Milk")))
    for name, at in (("old", "20250101T000000Z"), ("new", "20260110T000000Z")):
        done = ("STATUS:COMPLETED", f"COMPLETED:{at}")
        desk.put(f"{TASKS}{name}.ics", calendar(component("VTODO", name, *done)))
    assert found(desk, where("COMPLETED", ABSENT), TASKS, "VTODO") == ["open.ics"]
    since = where("COMPLETED", between("20260101T000000Z"))
    assert found(desk, since, TASKS, "VTODO") == ["new.ics"]
    not_cancelled = where("STATUS", text("CANCELLED", 'negate-condition="yes"'))
    assert found(desk, not_cancelled, TASKS, "VTODO") == ["new.ics", "old.ics"]


FURTHEST = [
    ("Pacific/Kiritimati", "20260104T200000Z", "20260104T210000Z"),
    ("Etc/GMT+12", "20260105T220000Z", "20260105T230000Z"),
]


@pytest.mark.spec("RFC 4791 7.3", "floating times are found in the first and the last zone of the world")
@pytest.mark.parametrize(("zone", "start", "end"), FURTHEST)
@pytest.mark.parametrize("rule", ["", "RRULE:FREQ=YEARLY"], ids=["single", "recurring"])
def test_the_ends_of_the_world(desk: Desk, zone: str, start: str, end: str, rule: str) -> None:
    desk.put(OBJECT, event("x", "DTSTART:20260105T100000", "DURATION:PT1H", *([rule] if rule else [])))
    asked = f"<C:timezone-id>{zone}</C:timezone-id>"
    assert query(desk, comp("VEVENT", between(start, end)), zone=asked).names == ["x.ics"]
    before = between(start.replace("T2", "T0"), end.replace("T2", "T0"))
    assert query(desk, comp("VEVENT", before), zone=asked).names == []


@pytest.mark.spec("RFC 4791 7.8", "of many objects exactly those of the range are found, whatever they are")
def test_many_objects(desk: Desk) -> None:
    path = made(desk, "many")
    for number in range(1, 29):
        date = f"202602{number:02}"
        desk.put(f"{path}utc-{date}.ics", event(f"u{number}", f"DTSTART:{date}T120000Z", "DURATION:PT1H"))
        desk.put(f"{path}day-{date}.ics", event(f"d{number}", f"DTSTART;VALUE=DATE:{date}"))
        desk.put(f"{path}zone-{date}.ics", zoned(f"z{number}", f"DTSTART;TZID=America/New_York:{date}T230000"))
    wanted = between("20260209T150000Z", "20260211T150000Z")  # two days of the household
    assert found(desk, wanted, path) == [
        "day-20260210.ics", "day-20260211.ics", "utc-20260210.ics", "utc-20260211.ics",
        "zone-20260209.ics", "zone-20260210.ics",
    ]  # fmt: skip


@pytest.mark.spec("RFC 4791 7.8", "a broken object is found rather than missed, and hides no other")
@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:no start",),
        ("DTSTART:yesterday",),
        ("DTSTART:20260105T100000Z", "DTEND:20260104T100000Z"),
        ("DTSTART:20260105T100000Z", "DURATION:-PT1H"),
        ("DTSTART:20260105T100000Z", "RRULE:"),
        ("DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;UNTIL=never", "EXDATE:x", "RDATE:y", "RDATE;VALUE=PERIOD:z/z"),
        ("DTSTART;TZID=:20260105T100000", "DTEND;VALUE=DATE:20260105"),
        ("RECURRENCE-ID:x", "DTSTART:20260105T100000Z"),
    ],
)
def test_broken_objects(desk: Desk, lines: tuple[str, ...]) -> None:
    desk.put(OBJECT, event("x", *lines))
    desk.put(CALENDAR + "y.ics", event("y", *HOUR))
    assert found(desk, between("20260104T000000Z", "20260106T000000Z")) == ["x.ics", "y.ics"]
    assert busy(desk, "20260104T000000Z", "20260106T000000Z").status == 200
    expand = '<C:calendar-data><C:expand start="20260104T000000Z" end="20260106T000000Z"/></C:calendar-data>'
    assert query(desk, comp("VEVENT"), data=expand).by_href[CALENDAR + "y.ics"].status is None


@pytest.mark.spec(
    "RFC 4791 7.8", "what a calendar does not keep is not asked for in vain: nothing is found, nothing fails"
)
@pytest.mark.parametrize("kind", ["VFREEBUSY", "VTIMEZONE", "VAVAILABILITY", "X-SOMETHING"])
def test_kinds_that_are_not_there(desk: Desk, kind: str) -> None:
    desk.put(OBJECT, DAILY)
    assert query(desk, comp(kind)).names == []


@pytest.mark.spec("RFC 4791 7.8", "a query for VTIMEZONE finds the objects that define a zone")
@pytest.mark.parametrize(
    "asked", [comp("VTIMEZONE"), comp("VTIMEZONE", where("TZID", text("New_York"))), comp("VTIMEZONE") + comp("VEVENT")]
)
def test_objects_that_define_a_zone(desk: Desk, asked: str) -> None:
    desk.put(OBJECT, DAILY)
    desk.put(CALENDAR + "z.ics", zoned("z", "DTSTART;TZID=America/New_York:20260105T100000"))
    assert query(desk, asked).names == ["z.ics"]
    assert query(desk, comp("VEVENT") + comp("VTIMEZONE", ABSENT)).names == ["x.ics"]
