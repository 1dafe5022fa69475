"""A calendar's time zone by body and by name (RFC 4791 5.2.2, RFC 7809 3.1.5)."""

from __future__ import annotations

from typing import cast

import pytest
from lxml import etree

from appliance.dav.contracts import Kind, PropertyChange, Resource
from appliance.dav.names import DECLARATIONS
from appliance.dav.selection import property_of
from appliance.dav.zones import TIMEZONE, TIMEZONE_ID, settle_body, settle_name
from appliance.errors import PropertyRefused
from appliance.objects.content_lines import parse
from tests.dav.asking import call_of
from tests.dav.shelf import Shelf, Site

ZONE = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
TZID:{}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0900
TZOFFSETTO:{}
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""


def setting(name: str, text: str) -> PropertyChange:
    element = etree.Element(name)
    element.text = text
    return PropertyChange(name, etree.tostring(element, encoding="unicode"))


def values(changes: object) -> dict[str, str | None]:
    assert isinstance(changes, tuple)
    return {each.name: None if each.xml is None else etree.fromstring(each.xml).text for each in changes}


@pytest.mark.parametrize(
    ("tzid", "offset", "name"),
    [
        pytest.param("Asia/Seoul", "+0900", "Asia/Seoul", id="IANA"),
        pytest.param("Korea Standard Time", "+0900", "Asia/Seoul", id="Windows"),
        pytest.param("Somewhere", "+1234", "Somewhere", id="like no other: its own name"),
    ],
)
def test_setting_the_body_sets_the_name(tzid: str, offset: str, name: str) -> None:
    body = ZONE.format(tzid, offset)
    assert values(settle_body(setting(TIMEZONE, body))) == {TIMEZONE: body, TIMEZONE_ID: name}


def test_setting_the_name_sets_the_body() -> None:
    changes = values(settle_name(setting(TIMEZONE_ID, " Europe/Berlin ")))
    assert changes[TIMEZONE_ID] == "Europe/Berlin"
    (zone,) = parse((changes[TIMEZONE] or "").encode()).components
    named = zone.first("TZID")
    assert named is not None
    assert (zone.name, named.value) == ("VTIMEZONE", "Europe/Berlin")


def test_removing_one_removes_both() -> None:
    assert values(settle_body(PropertyChange(TIMEZONE, None))) == {TIMEZONE: None, TIMEZONE_ID: None}
    assert values(settle_name(PropertyChange(TIMEZONE_ID, None))) == {TIMEZONE: None, TIMEZONE_ID: None}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nonsense",
        "BEGIN:VCALENDAR\nEND:VCALENDAR",
        "BEGIN:VTIMEZONE\nTZID:Asia/Seoul\nEND:VTIMEZONE",
        ZONE.format("Asia/Seoul", "+0900").replace("TZID:Asia/Seoul\n", ""),
        ZONE.format("Asia/Seoul", "+0900").replace("END:VCALENDAR", "BEGIN:VTIMEZONE\nTZID:B\nEND:VTIMEZONE"),
    ],
    ids=["empty", "nonsense", "no zone", "no calendar", "no name", "two zones"],
)
def test_a_body_without_exactly_one_zone_is_refused(body: str) -> None:
    with pytest.raises(PropertyRefused) as refused:
        settle_body(setting(TIMEZONE, body))
    assert (refused.value.name, refused.value.condition) == (TIMEZONE, "valid-calendar-data")


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "Asia", "x" * 200])
def test_a_name_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(PropertyRefused) as refused:
        settle_name(setting(TIMEZONE_ID, name))
    assert (refused.value.name, refused.value.condition) == (TIMEZONE_ID, "valid-timezone")


def test_a_calendar_without_a_zone_of_its_own_shows_the_one_it_is_read_in() -> None:
    calendar = cast("Resource", Shelf(("calendars", "anna", "work"), Kind.CALENDAR))
    context = call_of(Site()).context
    shown = [
        etree.fromstring(f"<x {DECLARATIONS}>{property_of(calendar, name, context)}</x>")[0].text
        for name in (TIMEZONE_ID, TIMEZONE)
    ]
    assert shown[0] == "Europe/Berlin"
    assert values(settle_body(setting(TIMEZONE, shown[1] or "")))[TIMEZONE_ID] == "Europe/Berlin"
