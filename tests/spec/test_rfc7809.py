"""RFC 7809, time zones by reference: a calendar's zone by name, a query's zone by name, data without VTIMEZONE."""

from __future__ import annotations

import pytest

from tests.spec.calendars import NEW_YORK, comp, multiget, query, zoned
from tests.spec.desk import CALENDAR, Desk

ZONED = zoned("z", "DTSTART;TZID=America/New_York:20260302T090000", "DTEND;TZID=America/New_York:20260302T100000")


@pytest.mark.spec("RFC 7809 3.1.4", "CalDAV-Timezones: F leaves VTIMEZONE out, T and no header leave it in")
@pytest.mark.parametrize(("header", "inside"), [(None, True), ("T", True), ("F", False)])
def test_data_with_and_without_zones(desk: Desk, header: str | None, inside: bool) -> None:
    desk.put(CALENDAR + "z.ics", ZONED)
    headers = {} if header is None else {"caldav_timezones": header}
    expected = ZONED if inside else ZONED.replace(NEW_YORK + "\r\n", "")
    for answer in (
        query(desk, comp("VEVENT"), data="<C:calendar-data/>", **headers),
        multiget(desk, CALENDAR, CALENDAR + "z.ics", **headers),
    ):
        assert answer.only.text("C:calendar-data") == expected


@pytest.mark.spec("RFC 7809 5.2", "calendar-timezone-id names the calendar's zone, and the household's without one")
def test_the_name_of_the_zone(desk: Desk) -> None:
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "Asia/Seoul"
    assert desk.set_(CALENDAR, "<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>").status == 207
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "America/New_York"
