"""What takes place in a range: from the index where it knows, from bodies where it does not, and what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.tree.calendar import Calendar
from appliance.tree.happenings import Happening, departed, happened, told_of
from tests.history.rooms import TABLET, Rooms
from tests.store.shelves import quick_folder

SEOUL = ZoneInfo("Asia/Seoul")
CALENDAR = "calendars/anna/calendar"
TASKS = "calendars/anna/tasks"


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def micros(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=SEOUL).timestamp()) * 1_000_000  # type: ignore[arg-type, misc]


FROM, TO = micros(2026, 11, 1), micros(2026, 12, 1)


def thing(uid: str, *lines: str, kind: str = "VEVENT", others: str = "") -> bytes:
    said = "".join(f"{line}\r\n" for line in lines)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:{kind}\r\nUID:{uid}\r\nSUMMARY:{uid}\r\n{said}END:{kind}\r\n"
        f"{others}END:VCALENDAR\r\n"
    ).encode()


def calendar(rooms: Rooms, path: str = CALENDAR) -> Calendar:
    found = rooms.house.site(rooms.shell).find(tuple(path.split("/")))
    assert isinstance(found, Calendar)
    return found


def seen(rooms: Rooms, path: str = CALENDAR) -> list[tuple[str, datetime, datetime, bool]]:
    here = calendar(rooms, path)
    times = happened(here, FROM, TO, SEOUL).times
    told = told_of(here, times, SEOUL, whole=False)
    return sorted((told[time].title, _local(time.start_at), _local(time.end_at), time.whole_day) for time in times)


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, UTC).astimezone(SEOUL).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("lines", "start", "end", "whole_day"),
    [
        pytest.param(
            ("DTSTART:20261103T000000Z", "DTEND:20261103T010000Z"),
            datetime(2026, 11, 3, 9), datetime(2026, 11, 3, 10), False, id="in-utc",
        ),
        pytest.param(
            ("DTSTART;VALUE=DATE:20261103", "DTEND;VALUE=DATE:20261105"),
            datetime(2026, 11, 3), datetime(2026, 11, 5), True, id="whole-days",
        ),
        pytest.param(
            ("DTSTART:20261103T090000", "DURATION:PT30M"),
            datetime(2026, 11, 3, 9), datetime(2026, 11, 3, 9, 30), False, id="floating",
        ),
        pytest.param(
            ("DTSTART;TZID=Europe/Berlin:20261103T090000",),
            datetime(2026, 11, 3, 17), datetime(2026, 11, 3, 17), False, id="a-point-elsewhere",
        ),
    ],
)  # fmt: skip
def test_an_event_is_told_in_the_zone_of_the_household(
    rooms: Rooms, lines: tuple[str, ...], start: datetime, end: datetime, whole_day: bool
) -> None:
    rooms.put(f"{CALENDAR}/x.ics", thing("x", *lines))
    assert seen(rooms) == [("x", start, end, whole_day)]


def test_what_lies_beside_the_range_is_left_out(rooms: Rooms) -> None:
    rooms.put(f"{CALENDAR}/a.ics", thing("a", "DTSTART;VALUE=DATE:20261031", "DTEND;VALUE=DATE:20261101"))
    rooms.put(f"{CALENDAR}/b.ics", thing("b", "DTSTART;VALUE=DATE:20261201"))
    rooms.put(f"{CALENDAR}/c.ics", thing("c", "DTSTART:20261031T145959Z", "DTEND:20261031T150000Z"))
    assert seen(rooms) == []


def test_a_series_is_told_with_its_single_dates_as_they_are_called(rooms: Rooms) -> None:
    other = (
        "BEGIN:VEVENT\r\nUID:lesson\r\nRECURRENCE-ID:20261110T000000Z\r\nDTSTART:20261110T030000Z\r\n"
        "SUMMARY:concert\r\nEND:VEVENT\r\n"
    )
    rule = ("DTSTART:20261103T000000Z", "DTEND:20261103T010000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20261117T000000Z")
    rooms.put(f"{CALENDAR}/x.ics", thing("lesson", *rule, others=other))
    assert [(title, start) for title, start, _, _ in seen(rooms)] == [
        ("concert", datetime(2026, 11, 10, 12)),
        ("lesson", datetime(2026, 11, 3, 9)),
        ("lesson", datetime(2026, 11, 24, 9)),
    ]


def test_a_series_from_long_ago_or_without_a_zone_is_read(rooms: Rooms) -> None:
    rooms.put(f"{CALENDAR}/a.ics", thing("a", "DTSTART;VALUE=DATE:19001105", "RRULE:FREQ=YEARLY"))
    rooms.put(f"{CALENDAR}/b.ics", thing("b", "DTSTART:20201105T070000", "RRULE:FREQ=MONTHLY", "DURATION:PT1H"))
    assert [(title, start) for title, start, _, _ in seen(rooms)] == [
        ("a", datetime(2026, 11, 5)), ("b", datetime(2026, 11, 5, 7))
    ]  # fmt: skip


def test_a_task_stands_on_the_day_it_is_due_and_says_whether_it_is_done(rooms: Rooms) -> None:
    rooms.put(f"{TASKS}/a.ics", thing("a", "DUE;VALUE=DATE:20261105", "STATUS:COMPLETED", kind="VTODO"))
    rooms.put(f"{TASKS}/b.ics", thing("b", "DTSTART:20261102T000000Z", "DUE:20261106T000000Z", kind="VTODO"))
    rooms.put(f"{TASKS}/c.ics", thing("c", kind="VTODO"))
    here = calendar(rooms, TASKS)
    times = happened(here, FROM, TO, SEOUL).times
    told = told_of(here, times, SEOUL, whole=False)
    said = sorted((told[time].title, told[time].is_done, time.dated, time.whole_day) for time in times)
    assert said == [("a", True, True, True), ("b", False, True, False), ("c", False, False, False)]
    due = {told[time].title: _local(time.start_at) for time in times if time.dated}
    assert due == {"a": datetime(2026, 11, 5), "b": datetime(2026, 11, 6, 9)}


def test_what_was_deleted_is_told_at_its_times(rooms: Rooms) -> None:
    rule = ("DTSTART:20261103T000000Z", "DTEND:20261103T010000Z", "RRULE:FREQ=WEEKLY;COUNT=2", "LOCATION:hall")
    rooms.put(f"{CALENDAR}/x.ics", thing("lesson", *rule))
    rooms.put(f"{CALENDAR}/y.ics", thing("later", "DTSTART:20270103T000000Z"))
    rooms.delete(f"{CALENDAR}/x.ics", TABLET)
    rooms.delete(f"{CALENDAR}/y.ics", TABLET)
    here = calendar(rooms)
    assert happened(here, FROM, TO, SEOUL).times == []
    gone = departed(here, rooms.house.bodies, FROM, TO, SEOUL, most=10)
    said = [(each.told.title, each.told.place, _local(each.time.start_at), each.ended.device_id) for each in gone]
    assert said == [
        ("lesson", "hall", datetime(2026, 11, 3, 9), TABLET),
        ("lesson", "hall", datetime(2026, 11, 10, 9), TABLET),
    ]


def test_a_title_is_told_of_the_time_that_was_asked_for(rooms: Rooms) -> None:
    rooms.put(f"{CALENDAR}/x.ics", thing("x", "DTSTART:20261103T000000Z", "STATUS:CANCELLED"))
    here = calendar(rooms)
    (time,) = happened(here, FROM, TO, SEOUL).times
    assert isinstance(time, Happening)
    assert told_of(here, [time], SEOUL, whole=False)[time].is_off
