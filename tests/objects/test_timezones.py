"""TZIDs of all makers find their zone, and zones find their names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.objects.content_lines import parse
from appliance.objects.timezones import Zones, iana_name, vtimezone, zone_name_of, zone_named
from appliance.objects.values import instant, local_time
from appliance.objects.windows_zones import IANA_NAMES

OWN = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
END:VCALENDAR
"""


def own_zones(tzid: str) -> Zones:
    return Zones(parse(OWN.format(tzid=tzid).encode()))


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Asia/Seoul", "Asia/Seoul"),
        ("UTC", "UTC"),
        ("Korea Standard Time", "Asia/Seoul"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Asia/Seoul", "Asia/Seoul"),
        ("/freeassociation.sourceforge.net/Tzfile/Asia/Seoul", "Asia/Seoul"),
        ("/mozilla.org/20071231_1/America/New_York", "America/New_York"),
        ("/softwarestudio.org/Olson_20011030_5/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/New York", "America/New_York"),
        ("asia/seoul", "Asia/Seoul"),
        ("Seoul", None),
        ("/vendor/Cuba", None),
        ("Asia", None),
        ("", None),
        ("../../etc/passwd", None),
        ("/etc/passwd", None),
        ("a" * 5000, None),
        ("Asia/\x00", None),
    ],
)
def test_a_tzid_means_an_iana_name(tzid: str, name: str | None) -> None:
    assert iana_name(tzid) == name


def test_every_windows_name_has_a_zone() -> None:
    assert [name for name in IANA_NAMES.values() if zone_named(name) is None] == []


def test_a_zone_nobody_knows_floats_and_is_named() -> None:
    zones = own_zones("Mine")
    assert zones.find("Wherever") is None
    assert zones.unknown == {"Wherever"}


def test_an_offset_in_the_name_is_better_than_nothing() -> None:
    zone = own_zones("Mine").find("(UTC+09:00) Seoul")
    assert zone is not None and zone.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=9)


def test_a_known_name_wins_over_its_vtimezone() -> None:
    assert own_zones("Asia/Seoul").find("Asia/Seoul") == ZoneInfo("Asia/Seoul")
    assert own_zones("Korea Standard Time").find("Korea Standard Time") == ZoneInfo("Asia/Seoul")


def test_an_abbreviation_means_what_its_vtimezone_says() -> None:
    zone = own_zones("EST").find("EST")
    assert zone is not None and zone.utcoffset(datetime(2026, 7, 1)) == timedelta(hours=2)


def test_a_written_zone_has_the_offsets_of_the_zone_it_describes() -> None:
    zone, truth = own_zones("Mine").find("Mine"), ZoneInfo("Europe/Berlin")
    assert zone is not None
    at = datetime(1998, 1, 1, 0, 30)
    while at.year < 2030:
        assert zone.utcoffset(at) == truth.utcoffset(at), at
        here = instant(at, UTC)
        assert local_time(here, zone) == local_time(here, truth), at
        at += timedelta(hours=131)
    for at in (datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 3)):
        assert zone.utcoffset(at) == truth.utcoffset(at), at


def test_a_hostile_written_zone_is_answered() -> None:
    hostile = OWN.replace("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    zone = Zones(parse(hostile.format(tzid="Mine").encode())).find("Mine")
    assert zone is not None and zone.utcoffset(datetime(9999, 12, 31)) is not None
    assert zone.utcoffset(datetime(1, 1, 1)) is not None


@pytest.mark.parametrize("name", ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Sydney", "UTC"])
def test_the_vtimezone_of_a_name_has_its_offsets(name: str) -> None:
    body = vtimezone(name, 2026)
    assert body is not None
    renamed = body.replace(f"TZID:{name}".encode(), b"TZID:Mine")
    zone, truth = Zones(parse(renamed)).find("Mine"), ZoneInfo(name)
    assert zone is not None
    for day in range(0, 720, 3):
        at = datetime(2026, 1, 1, 12) + timedelta(days=day)
        assert zone.utcoffset(at) == truth.utcoffset(at), at
    assert zone_name_of(body) == name


def test_there_is_no_vtimezone_of_a_name_nobody_knows() -> None:
    assert vtimezone("Atlantis/Poseidonis", 2026) is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (OWN.format(tzid="Korea Standard Time"), "Asia/Seoul"),
        (OWN.format(tzid="Customized Time Zone"), "Europe/Paris"),
        (OWN.format(tzid="x").replace("BEGIN:DAY", "X-LIC-LOCATION:Europe/Rome\nBEGIN:DAY", 1), "Europe/Rome"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", None),
        ("nonsense", None),
        ("BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE", None),
    ],
)
def test_a_vtimezone_has_a_name(body: str, name: str | None) -> None:
    assert zone_name_of(body.encode(), "Europe/Paris") == name
