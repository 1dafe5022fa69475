"""Parts of objects in reports: calendar-data (RFC 4791 9.6) and address-data (RFC 6352 10.4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from appliance.dav.calendar_data import read_calendar_wanted
from appliance.dav.carddav import read_card_wanted
from appliance.dav.contracts import Kind
from appliance.dav.names import CALDAV, CARDDAV
from appliance.errors import BadRequest, UnsupportedConversion
from appliance.objects.content_lines import parse
from appliance.objects.selection import CalendarWanted, CompWanted, PropWanted
from tests.dav.asking import ask, rows
from tests.dav.shelf import Shelf, Site, shelf

START, END = datetime(2006, 1, 4, tzinfo=UTC), datetime(2006, 1, 5, tzinfo=UTC)
RANGE = 'start="20060104T000000Z" end="20060105T000000Z"'


def calendar_wanted(inner: str, *, timezones: bool = True) -> CalendarWanted:
    element = etree.fromstring(f'<calendar-data xmlns="{CALDAV}">{inner}</calendar-data>')
    return read_calendar_wanted(element, timezones=timezones)


def card_wanted(inner: str) -> tuple[PropWanted, ...]:
    return read_card_wanted(etree.fromstring(f'<address-data xmlns="{CARDDAV}">{inner}</address-data>'))


READ = {
    "nothing said": ("", CalendarWanted()),
    "RFC 4791 7.8.1": (
        (
            '<comp name="VCALENDAR"><prop name="VERSION"/><comp name="vevent"><prop name="summary"/></comp>'
            '<comp name="VTIMEZONE"/></comp>'
        ),
        CalendarWanted(
            CompWanted(
                "VCALENDAR",
                (PropWanted("VERSION"),),
                (CompWanted("VEVENT", (PropWanted("SUMMARY"),), ()), CompWanted("VTIMEZONE")),
            )
        ),
    ),
    "Evolution": (
        '<comp name="VCALENDAR"><comp name="VEVENT"><prop name="UID"/></comp></comp>',
        CalendarWanted(CompWanted("VCALENDAR", (), (CompWanted("VEVENT", (PropWanted("UID"),), ()),))),
    ),
    "all of both": (
        '<comp name="VCALENDAR"><allprop/><allcomp/></comp>',
        CalendarWanted(CompWanted("VCALENDAR", None, None)),
    ),
    "without values": (
        '<comp name="VCALENDAR"><prop name="X" novalue="yes"/></comp>',
        CalendarWanted(CompWanted("VCALENDAR", (PropWanted("X", novalue=True),), ())),
    ),
    "expand": (f"<expand {RANGE}/>", CalendarWanted(expand=(START, END))),
    "limits": (
        f"<limit-recurrence-set {RANGE}/><limit-freebusy-set {RANGE}/>",
        CalendarWanted(limit_recurrence=(START, END), limit_freebusy=(START, END)),
    ),
}


@pytest.mark.parametrize(("inner", "wanted"), READ.values(), ids=READ)
def test_a_selection_of_a_calendar_is_read(inner: str, wanted: CalendarWanted) -> None:
    assert calendar_wanted(inner) == wanted


UNREADABLE = {
    "expand and limit": f"<expand {RANGE}/><limit-recurrence-set {RANGE}/>",
    "expand twice": f"<expand {RANGE}/><expand {RANGE}/>",
    "two components": '<comp name="VCALENDAR"/><comp name="VCALENDAR"/>',
    "not from VCALENDAR": '<comp name="VEVENT"/>',
    "no name": "<comp/>",
    "no property name": '<comp name="VCALENDAR"><prop/></comp>',
    "novalue maybe": '<comp name="VCALENDAR"><prop name="A" novalue="maybe"/></comp>',
    "all and some": '<comp name="VCALENDAR"><allprop/><prop name="A"/></comp>',
    "all and some components": '<comp name="VCALENDAR"><allcomp/><comp name="VEVENT"/></comp>',
    "a stranger": '<thing xmlns="urn:x"/>',
    "a property outside": '<prop name="A"/>',
    "open range": '<expand start="20060104T000000Z"/>',
    "floating range": '<expand start="20060104T000000" end="20060105T000000"/>',
    "empty range": '<limit-freebusy-set start="20060104T000000Z" end="20060104T000000Z"/>',
    "too deep": '<comp name="VCALENDAR">' + '<comp name="A">' * 9 + "</comp>" * 10,
    "too many": '<comp name="VCALENDAR">' + '<prop name="A"/>' * 501 + "</comp>",
}


@pytest.mark.parametrize("inner", UNREADABLE.values(), ids=UNREADABLE)
def test_a_selection_that_breaks_the_grammar_is_a_bad_request(inner: str) -> None:
    with pytest.raises(BadRequest):
        calendar_wanted(inner)


def test_a_selection_of_a_card_is_read() -> None:
    assert card_wanted("") == ()
    assert card_wanted("<allprop/>") == ()
    assert card_wanted('<prop name="item1.tel"/><prop name="PHOTO" novalue="yes"/>') == (
        PropWanted("ITEM1.TEL"),
        PropWanted("PHOTO", novalue=True),
    )
    for inner in ('<allprop/><prop name="A"/>', "<prop/>", "<comp/>", '<prop xmlns="DAV:" name="A"/>'):
        with pytest.raises(BadRequest):
            card_wanted(inner)


# --- through the reports ----------------------------------------------------------------------------

EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example Corp.//CalDAV Client//EN\r
BEGIN:VEVENT\r
UID:daily\r
DTSTAMP:20060206T001121Z\r
DTSTART:20060102T170000Z\r
DURATION:PT1H\r
RRULE:FREQ={}\r
SUMMARY:Event #2\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:daily\r
DTSTAMP:20060206T001121Z\r
DTSTART:20060104T190000Z\r
DURATION:PT1H\r
RECURRENCE-ID:20060104T170000Z\r
SUMMARY:Event #2 bis\r
END:VEVENT\r
END:VCALENDAR\r
"""


def work(rule: str = "DAILY;COUNT=5") -> Shelf:
    return shelf(Kind.CALENDAR, "calendars/anna/work", {"daily.ics": EVENT.format(rule).encode()})


def given(calendar: Shelf, wanted: str, attributes: str = "") -> tuple[int | None, str | None, str]:
    asked = f"<D:prop><L:calendar-data {attributes}>{wanted}</L:calendar-data></D:prop>"
    hrefs = "".join(f"<D:href>{member.href}</D:href>" for member in calendar.within)
    (row,) = rows(ask(Site(calendar), calendar, "L:calendar-multiget", asked + hrefs))
    return row.status, row.condition, row.found.get("calendar-data", "")


def test_an_event_is_given_octet_for_octet_when_no_part_is_asked() -> None:
    assert given(work(), "") == (None, None, EVENT.format("DAILY;COUNT=5"))


def test_an_event_is_given_in_parts() -> None:
    wanted = '<L:comp name="VCALENDAR"><L:comp name="VEVENT"><L:prop name="UID"/></L:comp></L:comp>'
    root = parse(given(work(), wanted)[2].encode())
    assert root.lines == []
    assert [[line.name for line in event.lines] for event in root.components] == [["UID"], ["UID"]]


def test_a_range_is_expanded_with_its_override() -> None:
    """RFC 4791 7.8.3."""
    _, _, text = given(work(), '<L:expand start="20060103T000000Z" end="20060105T000000Z"/>')
    events = parse(text.encode()).components
    starts = {event.first("DTSTART").value: event.first("SUMMARY").value for event in events}  # type: ignore[union-attr]
    assert starts == {"20060103T170000Z": "Event #2", "20060104T190000Z": "Event #2 bis"}
    assert all(event.first("RRULE") is None for event in events)


def test_one_event_that_happens_too_often_is_refused_for_itself() -> None:
    status, condition, _ = given(work("SECONDLY"), '<L:expand start="20060103T000000Z" end="20260105T000000Z"/>')
    assert (status, condition) == (403, "number-of-matches-within-limits")


def test_one_object_that_cannot_be_taken_apart_is_unreadable_and_not_missing() -> None:
    calendar = shelf(Kind.CALENDAR, "calendars/anna/work", {"odd.ics": b"nothing like it"})
    assert given(calendar, f"<L:expand {RANGE}/>")[0] == 500


@pytest.mark.parametrize("attributes", ['content-type="application/calendar+json"', 'version="1.0"'])
def test_a_type_that_is_not_icalendar_refuses_the_report(attributes: str) -> None:
    with pytest.raises(UnsupportedConversion) as refused:
        given(work(), "", attributes)
    assert refused.value.condition == "supported-calendar-data"


def test_a_card_is_given_in_parts_and_stays_a_card() -> None:
    octets = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:A\r\nitem1.TEL:1\r\nTEL:2\r\nNOTE:secret\r\nEND:VCARD\r\n"
    book = shelf(Kind.ADDRESSBOOK, "addressbooks/anna/contacts", {"a.vcf": octets})
    asked = '<D:prop><C:address-data><C:prop name="TEL"/><C:prop name="NOTE" novalue="yes"/></C:address-data></D:prop>'
    (row,) = rows(ask(Site(book), book, "C:addressbook-query", asked + "<C:filter/>"))
    lines = parse(row.found["address-data"].encode()).lines
    assert [(line.name, line.value) for line in lines] == [
        ("VERSION", "3.0"),
        ("UID", "a"),
        ("FN", "A"),
        ("TEL", "1"),
        ("TEL", "2"),
        ("NOTE", ""),
    ]
