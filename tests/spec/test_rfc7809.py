"""RFC 7809, time zones by reference: a calendar's zone by name, a query's zone by name, data without VTIMEZONE."""

from __future__ import annotations

import pytest

from appliance.objects.content_lines import parse
from tests.spec.calendars import FAMILY, NEW_YORK, NEW_YORK_BODY, between, comp, multiget, query, zoned
from tests.spec.desk import CALENDAR, Desk, calendar, component, event

OBJECT = CALENDAR + "z.ics"
TIMES = ("DTSTART;TZID=America/New_York:20260302T090000", "DTEND;TZID=America/New_York:20260302T100000")
ZONED = zoned("z", *TIMES)
NINE_IN_NEW_YORK = between("20260302T140000Z", "20260302T150000Z")
NINE_IN_SEOUL = between("20260302T000000Z", "20260302T010000Z")
OWN_ZONE = NEW_YORK.replace("America/New_York", "Our Office")
BY_NAME = "<C:calendar-timezone-id>America/New_York</C:calendar-timezone-id>"


def zone_of(desk: Desk, path: str = CALENDAR) -> tuple[str, str]:
    """Return the name that calendar-timezone-id tells, and the TZID inside calendar-timezone."""
    row = desk.find(path, "C:calendar-timezone-id", "C:calendar-timezone").only
    (zone,) = parse(row.text("C:calendar-timezone").encode()).components
    named = zone.first("TZID")
    assert named is not None
    return row.text("C:calendar-timezone-id"), named.value


def there(desk: Desk, wanted: str) -> bool:
    return bool(query(desk, comp("VEVENT", wanted)).rows)


# --- 3.1.3 what is given ----------------------------------------------------------------------------


@pytest.mark.spec("RFC 7809 3.1.3", "CalDAV-Timezones: F leaves known zones out of every report, T and nothing do not")
@pytest.mark.parametrize(("header", "inside"), [(None, True), ("T", True), ("F", False)])
def test_data_with_and_without_zones(desk: Desk, header: str | None, inside: bool) -> None:
    desk.put(OBJECT, ZONED)
    headers = {} if header is None else {"caldav_timezones": header}
    expected = ZONED if inside else ZONED.replace(NEW_YORK + "\r\n", "")
    for answer in (
        query(desk, comp("VEVENT"), data="<C:calendar-data/>", **headers),
        multiget(desk, CALENDAR, OBJECT, **headers),
        desk.sync(CALENDAR, "", "C:calendar-data", **headers),
    ):
        assert answer.only.text("C:calendar-data") == expected


@pytest.mark.spec("RFC 7809 3.1.3", "a zone that nobody else knows is given even with CalDAV-Timezones: F")
def test_a_zone_of_ones_own_is_given(desk: Desk) -> None:
    times = (line.replace("America/New_York", "Our Office") for line in TIMES)
    body = calendar(NEW_YORK, OWN_ZONE, component("VEVENT", "z", *times))
    desk.put(OBJECT, body)
    given = multiget(desk, CALENDAR, OBJECT, caldav_timezones="F").only.text("C:calendar-data")
    assert given == body.replace(NEW_YORK + "\r\n", "")


# --- 3.1.4 what is sent -----------------------------------------------------------------------------


@pytest.mark.spec(
    "RFC 7809 3.1.4", "an object that names a known zone without defining it is kept and read in that zone"
)
@pytest.mark.parametrize(
    "name", ["America/New_York", "Eastern Standard Time", "/freeassociation.sourceforge.net/America/New_York"]
)
def test_an_object_without_its_zone(desk: Desk, name: str) -> None:
    body = event("z", *(line.replace("America/New_York", name) for line in TIMES))
    desk.put(OBJECT, body)
    assert desk.get(OBJECT) == body.encode()
    assert (there(desk, NINE_IN_NEW_YORK), there(desk, NINE_IN_SEOUL)) == (True, False)


@pytest.mark.spec("RFC 7809 3.1.4", "a zone of one's own is kept as defined, and times are read by its definition")
def test_an_object_with_a_zone_of_ones_own(desk: Desk) -> None:
    body = calendar(
        OWN_ZONE, component("VEVENT", "z", *(line.replace("America/New_York", "Our Office") for line in TIMES))
    )
    desk.put(OBJECT, body)
    assert desk.get(OBJECT) == body.encode()
    assert (there(desk, NINE_IN_NEW_YORK), there(desk, NINE_IN_SEOUL)) == (True, False)


@pytest.mark.spec("RFC 7809 3.1.4", "a zone that nobody defines costs no object: it is kept, and its times float")
def test_an_object_with_an_unknown_zone(desk: Desk) -> None:
    body = event("z", *(line.replace("America/New_York", "Mars/Olympus") for line in TIMES))
    desk.put(OBJECT, body)
    assert desk.get(OBJECT) == body.encode()
    assert there(desk, NINE_IN_SEOUL)


# --- 3.1.5, 5.2 the calendar's zone -----------------------------------------------------------------


@pytest.mark.spec("RFC 7809 3.1.5", "setting the zone by body or by name sets both alike")
@pytest.mark.parametrize(
    "element", [BY_NAME, f"<C:calendar-timezone>{NEW_YORK_BODY}</C:calendar-timezone>"], ids=["name", "body"]
)
@pytest.mark.parametrize("path", [CALENDAR, FAMILY], ids=["own", "shared"])
def test_either_sets_both(desk: Desk, path: str, element: str) -> None:
    assert zone_of(desk, path) == ("Asia/Seoul", "Asia/Seoul")
    assert desk.set_(path, element).only.other == {}
    assert zone_of(desk, path) == ("America/New_York", "America/New_York")


@pytest.mark.spec(
    "RFC 7809 3.1.5", "a zone under a name of one's own is kept as sent and named by its offsets and changes"
)
def test_a_zone_of_the_calendar_under_a_name_of_its_own(desk: Desk) -> None:
    sent = calendar(OWN_ZONE)
    assert (
        desk.set_(CALENDAR, f"<C:calendar-timezone>{sent.replace(chr(13), '&#13;')}</C:calendar-timezone>").only.other
        == {}
    )
    assert desk.value(CALENDAR, "C:calendar-timezone") == sent
    assert desk.value(CALENDAR, "C:calendar-timezone-id") == "America/New_York"


@pytest.mark.spec("RFC 7809 3.1.5", "what one member sets on a shared calendar is that member's zone")
def test_the_zone_of_a_mount(desk: Desk) -> None:
    desk.set_("/dav/calendars/ben/family/", BY_NAME, by="ben")
    assert desk.value("/dav/calendars/ben/family/", "C:calendar-timezone-id", by="ben") == "America/New_York"
    assert zone_of(desk, FAMILY)[0] == "Asia/Seoul"


@pytest.mark.spec("RFC 7809 3.1.5", "floating times of the calendar follow a zone set by name")
def test_floating_times_follow_the_name(desk: Desk) -> None:
    desk.put(OBJECT, event("z", "DTSTART:20260302T090000", "DURATION:PT1H"))
    assert (there(desk, NINE_IN_NEW_YORK), there(desk, NINE_IN_SEOUL)) == (False, True)
    desk.set_(CALENDAR, BY_NAME)
    assert (there(desk, NINE_IN_NEW_YORK), there(desk, NINE_IN_SEOUL)) == (True, False)


@pytest.mark.spec("RFC 7809 5.2", "both properties are told on request only, not by allprop")
def test_zones_are_not_in_allprop(shelf: Desk) -> None:
    found = shelf.ask("PROPFIND", CALENDAR, depth="0").only.found
    assert not {"C:calendar-timezone", "C:calendar-timezone-id"} & set(found)


# --- 3.1.6, 6 the query's zone ----------------------------------------------------------------------


@pytest.mark.spec("RFC 7809 3.1.6", "a query names its zone, by an old name of it as well")
@pytest.mark.parametrize("name", ["America/New_York", " America/New_York\n", "US/Eastern"])
def test_a_query_names_its_zone(desk: Desk, name: str) -> None:
    desk.put(OBJECT, event("z", "DTSTART:20260302T090000", "DURATION:PT1H"))
    zone = f"<C:timezone-id>{name}</C:timezone-id>"
    assert query(desk, comp("VEVENT", NINE_IN_NEW_YORK), zone=zone).hrefs == [OBJECT]
    assert query(desk, comp("VEVENT", NINE_IN_SEOUL), zone=zone).hrefs == []


@pytest.mark.spec("RFC 7809 3.1.6", "a name that nobody knows is refused with valid-timezone, not taken for another")
@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "x" * 5000])
def test_a_query_with_an_unknown_zone(shelf: Desk, name: str) -> None:
    answer = query(shelf, comp("VEVENT", NINE_IN_SEOUL), zone=f"<C:timezone-id>{name}</C:timezone-id>")
    assert answer.refusal == (403, "C:valid-timezone")


@pytest.mark.spec("RFC 7809 6.1", "a query has a timezone or a timezone-id, not both")
def test_a_query_with_two_zones(shelf: Desk) -> None:
    both = f"<C:timezone>{NEW_YORK_BODY}</C:timezone><C:timezone-id>America/New_York</C:timezone-id>"
    assert query(shelf, comp("VEVENT"), zone=both).status == 400
