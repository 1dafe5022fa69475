"""Live properties of CalDAV and CardDAV (RFC 4791 5.2, RFC 6352 6.2)."""

from __future__ import annotations

from typing import cast

import pytest
from lxml import etree

from appliance.dav.contracts import Kind, Resource
from appliance.dav.names import CALDAV, CARDDAV, DECLARATIONS, caldav, carddav
from appliance.dav.selection import property_of
from tests.dav.asking import call_of
from tests.dav.shelf import Person, Shelf, Site

CALENDAR = Shelf(("calendars", "anna", "work"), Kind.CALENDAR)
BOOK = Shelf(("addressbooks", "anna", "contacts"), Kind.ADDRESSBOOK)


def read(resource: Shelf | Person, name: str) -> etree._Element | None:
    xml = property_of(cast("Resource", resource), name, call_of(Site()).context)
    return None if xml is None else etree.fromstring(f"<x {DECLARATIONS}>{xml}</x>")[0]


def texts(element: etree._Element | None) -> list[str | None]:
    assert element is not None
    return [inner.text for inner in element]


def test_a_principal_names_both_homes() -> None:
    assert texts(read(Person(), caldav("calendar-home-set"))) == ["/dav/calendars/anna/"]
    assert texts(read(Person(), carddav("addressbook-home-set"))) == ["/dav/addressbooks/anna/"]


def test_a_principal_without_a_home_has_no_home_set() -> None:
    assert read(Person(calendar_home=None), caldav("calendar-home-set")) is None
    assert read(Person(addressbook_home=None), carddav("addressbook-home-set")) is None


def test_the_first_address_in_events_is_the_preferred_mail() -> None:
    person = Person(mail_addresses=("anna@example.com", "a&b@example.org"))
    assert texts(read(person, caldav("calendar-user-address-set"))) == [
        "mailto:anna@example.com",
        "mailto:a&b@example.org",
        f"urn:uuid:{person.uuid}",
        "/dav/principals/anna/",
    ]


def test_a_calendar_names_its_components_events_first() -> None:
    components = read(CALENDAR, caldav("supported-calendar-component-set"))
    assert components is not None
    assert [comp.get("name") for comp in components] == ["VEVENT", "VTODO"]


def test_a_calendar_keeps_icalendar_and_a_book_announces_vcard_3_only() -> None:
    kept = read(CALENDAR, caldav("supported-calendar-data"))
    announced = read(BOOK, carddav("supported-address-data"))
    assert kept is not None
    assert announced is not None
    assert [dict(each.attrib) for each in kept] == [{"content-type": "text/calendar", "version": "2.0"}]
    assert [dict(each.attrib) for each in announced] == [{"content-type": "text/vcard", "version": "3.0"}]


def test_sizes_are_bounded_in_both_namespaces() -> None:
    for resource, name in ((CALENDAR, caldav("max-resource-size")), (BOOK, carddav("max-resource-size"))):
        size = read(resource, name)
        assert size is not None
        assert size.text == "1000"


def test_three_collations_are_announced_wherever_a_query_is_answered() -> None:
    home = Shelf(("calendars", "anna"), Kind.HOME)
    expected = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"]
    for resource in (CALENDAR, home):
        assert texts(read(resource, caldav("supported-collation-set"))) == expected
    assert texts(read(BOOK, carddav("supported-collation-set"))) == expected


def test_events_make_busy_unless_the_calendar_says_otherwise() -> None:
    default = read(CALENDAR, caldav("schedule-calendar-transp"))
    assert default is not None
    assert [each.tag for each in default] == [caldav("opaque")]
    stored = f'<t:schedule-calendar-transp xmlns:t="{CALDAV}"><t:transparent/></t:schedule-calendar-transp>'
    changed = Shelf(CALENDAR.address, Kind.CALENDAR, properties={caldav("schedule-calendar-transp"): stored})
    transparent = read(changed, caldav("schedule-calendar-transp"))
    assert transparent is not None
    assert [each.tag for each in transparent] == [caldav("transparent")]


@pytest.mark.parametrize(
    ("resource", "name"),
    [(CALENDAR, caldav("calendar-description")), (BOOK, carddav("addressbook-description"))],
    ids=["calendar", "book"],
)
def test_a_description_is_there_once_somebody_set_it(resource: Shelf, name: str) -> None:
    assert read(resource, name) is None
    namespace = CALDAV if resource is CALENDAR else CARDDAV
    local = etree.QName(name).localname
    stored = f'<d:{local} xmlns:d="{namespace}" xml:lang="ko">가족</d:{local}>'
    described = read(Shelf(resource.address, resource.kind, properties={name: stored}), name)
    assert described is not None
    assert (described.text, described.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("가족", "ko")


@pytest.mark.parametrize("local", ["min-date-time", "max-date-time", "max-instances", "max-attendees-per-instance"])
def test_limits_that_would_oblige_us_to_refuse_events_are_not_named(local: str) -> None:
    assert read(CALENDAR, caldav(local)) is None
