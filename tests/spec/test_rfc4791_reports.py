"""RFC 4791: calendar-multiget, free-busy-query and the parts of calendar-data that a report gives."""

from __future__ import annotations

import pytest

from tests.spec.calendars import HOME, multiget
from tests.spec.desk import CALENDAR, Desk, event

TEA = event("tea", "DTSTART:20260102T100000Z", "DTEND:20260102T110000Z", "SUMMARY:Tea")


# --- 7.9 calendar-multiget --------------------------------------------------------------------------


@pytest.mark.spec("RFC 4791 7.9", "multiget answers each href as it was spelled, a missing or foreign one with 404")
@pytest.mark.parametrize(
    ("href", "status"),
    [
        (CALENDAR + "t%20ea.ics", None),
        (CALENDAR + "%74%20%65a%2Eics", None),
        ("http://box.local:8080" + CALENDAR + "t%20ea.ics", None),
        (CALENDAR + "none.ics", 404),
        ("http://elsewhere.example" + CALENDAR + "t%20ea.ics", 404),
        ("/dav/calendars/ben/calendar/t%20ea.ics", 404),
        (HOME + "family/t%20ea.ics", 404),
        ("/dav/addressbooks/anna/contacts/t%20ea.ics", 404),
        (CALENDAR, 404),
        ("", 404),
    ],
)
def test_hrefs_of_a_multiget(desk: Desk, href: str, status: int | None) -> None:
    etag = desk.put(CALENDAR + "t%20ea.ics", TEA).etag
    row = multiget(desk, CALENDAR, href).only
    assert (row.href, row.status) == (href, status)
    if status is None:
        assert (row.text("D:getetag"), row.text("C:calendar-data")) == (etag, TEA)
