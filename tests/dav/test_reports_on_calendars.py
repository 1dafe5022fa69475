"""calendar-query, calendar-multiget and free-busy-query (RFC 4791 7.8 to 7.10)."""

from __future__ import annotations

import pytest

from appliance.dav.contracts import Kind
from appliance.errors import (
    BadRequest,
    NotACalendar,
    TooManyMatches,
    UnknownTimezone,
    UnreadableFilter,
    UnsupportedReport,
)
from tests.dav.asking import ask, octets_of, rows
from tests.dav.shelf import Shelf, Site, shelf

HOME = "/dav/calendars/anna/"
ETAGS = "<D:prop><D:getetag/></D:prop>"
ALL = '<L:filter><L:comp-filter name="VCALENDAR"/></L:filter>'
EVENTS = '<L:filter><L:comp-filter name="VCALENDAR"><L:comp-filter name="VEVENT"/></L:comp-filter></L:filter>'
ZONE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""


def component(kind: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\nBEGIN:{kind}\r\nUID:{kind}\r\nEND:{kind}\r\nEND:VCALENDAR\r\n".encode()


@pytest.fixture
def work() -> Shelf:
    return shelf(
        Kind.CALENDAR, "calendars/anna/work", {"event.ics": component("VEVENT"), "todo.ics": component("VTODO")}
    )


@pytest.fixture
def site(work: Shelf) -> Site:
    tasks = shelf(Kind.CALENDAR, "calendars/anna/tasks", {"t.ics": component("VTODO"), "e.ics": component("VEVENT")})
    return Site(work, tasks, Shelf(("calendars", "anna"), Kind.HOME, [work, tasks]))


def test_a_query_answers_the_objects_that_match(site: Site, work: Shelf) -> None:
    found = rows(ask(site, work, "L:calendar-query", ETAGS + EVENTS))
    assert [row.href for row in found] == [HOME + "work/event.ics"]


def test_a_query_of_a_home_goes_over_its_calendars(site: Site) -> None:
    found = rows(ask(site, site.find(("calendars", "anna")), "L:calendar-query", ETAGS + EVENTS))
    assert [row.href for row in found] == [HOME + "work/event.ics", HOME + "tasks/e.ics"]


def test_a_query_of_an_object_answers_it_or_nothing(site: Site, work: Shelf) -> None:
    event, todo = work.within
    assert [row.href for row in rows(ask(site, event, "L:calendar-query", ETAGS + EVENTS))] == [event.href]
    assert rows(ask(site, todo, "L:calendar-query", ETAGS + EVENTS)) == []


def test_a_query_needs_a_filter(site: Site, work: Shelf) -> None:
    with pytest.raises(UnreadableFilter):
        ask(site, work, "L:calendar-query", ETAGS)


def test_a_query_of_a_home_of_books_is_no_report_of_it(site: Site) -> None:
    with pytest.raises(UnsupportedReport):
        ask(site, Shelf(("addressbooks", "anna"), Kind.HOME), "L:calendar-query", ETAGS + ALL)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        pytest.param("", None, id="the calendar's own"),
        pytest.param("<L:timezone-id>Asia/Seoul</L:timezone-id>", "Asia/Seoul", id="RFC 7809 by name"),
        pytest.param(f"<L:timezone>{ZONE.format('Europe/Berlin')}</L:timezone>", "Europe/Berlin", id="by body"),
    ],
)
def test_a_query_brings_its_own_zone_for_floating_times(site: Site, work: Shelf, zone: str, name: str | None) -> None:
    rows(ask(site, work, "L:calendar-query", ETAGS + ALL + zone))
    assert work.asked_zone == name


def test_a_zone_that_is_none_refuses_the_query(site: Site, work: Shelf) -> None:
    with pytest.raises(UnknownTimezone):
        ask(site, work, "L:calendar-query", ETAGS + ALL + "<L:timezone-id>Mars/Base</L:timezone-id>")
    for body in ("", "nonsense", "BEGIN:VCALENDAR\nEND:VCALENDAR", ZONE.format("A").replace("TZID:A\n", "")):
        with pytest.raises(NotACalendar):
            ask(site, work, "L:calendar-query", ETAGS + ALL + f"<L:timezone>{body}</L:timezone>")
    both = f"<L:timezone>{ZONE.format('Europe/Berlin')}</L:timezone><L:timezone-id>Asia/Seoul</L:timezone-id>"
    with pytest.raises(BadRequest):
        ask(site, work, "L:calendar-query", ETAGS + ALL + both)


def test_a_multiget_keeps_order_and_is_404_for_what_is_not_there(site: Site, work: Shelf) -> None:
    hrefs = [HOME + "work/todo.ics", HOME + "work/mtg1.ics", HOME + "tasks/t.ics", HOME + "work/event.ics"]
    asked = ETAGS + "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    found = rows(ask(site, work, "L:calendar-multiget", asked))
    assert [(row.href, row.status) for row in found] == [
        (hrefs[0], None),
        (hrefs[1], 404),
        (hrefs[2], 404),
        (hrefs[3], None),
    ]
    of_home = rows(ask(site, site.find(("calendars", "anna")), "L:calendar-multiget", asked))
    assert [row.status for row in of_home] == [None, 404, None, None]


RANGE = '<L:time-range start="20060104T000000Z" end="20060105T000000Z"/>'


@pytest.mark.parametrize("address", [("calendars", "anna", "work"), ("calendars", "anna")], ids=["calendar", "home"])
def test_free_busy_is_a_calendar_and_no_multistatus(site: Site, address: tuple[str, ...]) -> None:
    answer = ask(site, site.find(address), "L:free-busy-query", RANGE)
    assert answer.status == 200
    assert dict(answer.headers)["Content-Type"].startswith("text/calendar")
    assert octets_of(answer) == b"20060104T000000Z/20060105T000000Z"


def test_free_busy_needs_one_range_with_two_ends(site: Site, work: Shelf) -> None:
    for missing in ("", RANGE * 2):
        with pytest.raises(BadRequest):
            ask(site, work, "L:free-busy-query", missing)
    with pytest.raises(UnreadableFilter):
        ask(site, work, "L:free-busy-query", "<L:time-range/>")
    with pytest.raises(TooManyMatches):
        ask(site, work, "L:free-busy-query", '<L:time-range start="20060104T000000Z"/>')
    with pytest.raises(UnsupportedReport):
        ask(site, Shelf(("addressbooks", "anna"), Kind.HOME), "L:free-busy-query", RANGE)
