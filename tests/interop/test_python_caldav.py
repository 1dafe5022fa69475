"""python-caldav: from a bare address to events, tasks, searches, sync and free-busy, as a program of others does it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from caldav.davclient import DAVClient
from caldav.lib import error

from tests.interop.moments import as_it_is_now
from tests.serving import Device

Calendar = Any  # its methods are typed as plain answers or coroutines: which of them, only the client knows
Principal = Any

WEEKLY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Gotgan//tests//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
DTSTART:20261102T180000Z
DTEND:20261102T190000Z
RRULE:FREQ=WEEKLY;COUNT=10
EXDATE:20261109T180000Z
SUMMARY:합창단
END:VEVENT
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
RECURRENCE-ID:20261116T180000Z
DTSTART:20261117T183000Z
DTEND:20261117T193000Z
SUMMARY:합창단 (화요일)
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def principal(device: Device) -> Iterator[Principal]:
    made: Any = DAVClient(url=device.dav_url, username=device.user, password=device.password)
    with made as client:
        yield client.principal()


@pytest.fixture
def calendar(principal: Principal) -> Iterator[Calendar]:
    made = principal.make_calendar(name="합창 & more", cal_id=f"choir-{uuid.uuid4()}")
    yield made
    made.delete()


def test_a_new_person_finds_calendars_and_an_address_of_their_own(principal: Principal) -> None:
    offered = {component for each in principal.calendars() for component in each.get_supported_components()}
    assert {"VEVENT", "VTODO"} <= offered
    assert any(address.startswith("mailto:") for address in principal.calendar_user_address_set())


def test_an_event_is_saved_changed_found_by_uid_and_deleted(calendar: Calendar) -> None:
    start = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    event = calendar.save_event(dtstart=start, dtend=start + timedelta(hours=1), summary="치과", uid="dentist-1")
    again = calendar.event_by_uid("dentist-1")
    again.icalendar_component["SUMMARY"] = "치과 (늦음)"
    again.save()
    event.load()
    assert event.icalendar_component["SUMMARY"] == "치과 (늦음)"
    event.delete()
    with pytest.raises(error.NotFoundError):
        calendar.event_by_uid("dentist-1")


def test_a_search_expands_a_recurring_event_with_its_exceptions(calendar: Calendar) -> None:
    calendar.save_event(WEEKLY.format(uid="choir-1"))
    found = calendar.search(
        start=datetime(2026, 11, 8, tzinfo=UTC),
        end=datetime(2026, 11, 24, tzinfo=UTC),
        event=True,
        expand=False,
        server_expand=True,
    )
    starts = sorted(part["DTSTART"].dt for each in found for part in each.icalendar_instance.walk("VEVENT"))
    assert starts == [datetime(2026, 11, 17, 18, 30, tzinfo=UTC), datetime(2026, 11, 23, 18, 0, tzinfo=UTC)]


def test_an_open_task_is_listed_until_it_is_done(calendar: Calendar) -> None:
    task = calendar.save_todo(summary="우유 사기", due=date(2026, 11, 30), uid="milk-1")
    assert [each.icalendar_component["UID"] for each in calendar.todos()] == ["milk-1"]
    task.complete()
    assert calendar.todos() == []
    assert len(calendar.todos(include_completed=True)) == 1


def test_a_sync_hears_what_changed_and_what_went_away(calendar: Calendar) -> None:
    kept = calendar.save_event(dtstart=date(2026, 11, 25), summary="생일", uid="birthday-1")
    lost = calendar.save_event(dtstart=date(2026, 11, 26), summary="회의", uid="meeting-1")
    known = calendar.get_objects_by_sync_token(load_objects=True)
    assert len(list(known)) == 2

    lost.delete()
    kept.icalendar_component["SUMMARY"] = "엄마 생일"
    kept.save()
    updated, deleted = known.sync()
    assert [each.url.path for each in updated] == [kept.url.path]
    assert [each.url.path for each in deleted] == [lost.url.path]
    updated, deleted = known.sync()
    assert (list(updated), list(deleted)) == ([], [])


def test_free_busy_tells_when_and_not_what(calendar: Calendar) -> None:
    calendar.save_event(WEEKLY.format(uid="choir-2"))
    busy = calendar.freebusy_request(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 17, tzinfo=UTC))
    text = busy.data
    assert "20261102T180000Z" in text
    assert "20261109T180000Z" not in text
    assert "합창단" not in text


def test_a_calendar_is_searched_as_it_was(calendar: Calendar, device: Device) -> None:
    uid = str(uuid.uuid4())
    calendar.save_event(WEEKLY.format(uid=uid))
    url = as_it_is_now(device, str(calendar.url), collection_url=str(calendar.url))
    calendar.event_by_uid(uid).delete()
    made: Any = DAVClient(url=url, username=device.user, password=device.password)
    with made as client:
        then = client.calendar(url=url)
        assert [event.icalendar_component["uid"] for event in then.events()] == [uid]
        found = then.search(
            start=datetime(2026, 11, 17, tzinfo=UTC), end=datetime(2026, 11, 18, tzinfo=UTC), event=True
        )
        assert [str(event.icalendar_component["summary"]) for event in found] == ["합창단"]
        assert then.get_display_name() == "합창 & more"
        with pytest.raises(error.DAVError):
            then.events()[0].delete()
