"""What only looks different, and what only looks the same."""

from __future__ import annotations

import pytest

from appliance.objects.differences import differences
from appliance.objects.meanings import spelled_length
from appliance.objects.property_tree import ObjectKind
from tests.objects.odd import card, event

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SAME: dict[str, tuple[ObjectKind, bytes, bytes]] = {
    "a photo in 3.0 and in 4.0": (
        "card",
        card(f"PHOTO;ENCODING=b;TYPE=PNG:{PIXEL}"),
        card(f"PHOTO:data:image/png;base64,{PIXEL}", version="4.0"),
    ),
    "a photo with its kind of address said": (
        "card",
        card(f"PHOTO;ENCODING=b;TYPE=PNG:{PIXEL}"),
        card(f"PHOTO;VALUE=URI;MEDIATYPE=image/png:data:image/png;base64,{PIXEL}"),
    ),
    "a birthday without dashes": ("card", card("BDAY;VALUE=date:2009-05-01"), card("BDAY:20090501")),
    "a birthday without a year": (
        "card",
        card("BDAY;X-APPLE-OMIT-YEAR=1604;VALUE=date:1604-05-01"),
        card("BDAY:--0501", version="4.0"),
    ),
    "the preferred number": ("card", card("TEL;TYPE=home,pref:1"), card("TEL;TYPE=home;PREF=1:1", version="4.0")),
    "a number as an address": ("card", card("TEL:+821"), card("TEL;VALUE=uri:tel:+821", version="4.0")),
    "a group": (
        "card",
        card("X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2"),
        card("KIND:group", "MEMBER:urn:uuid:2", version="4.0"),
    ),
    "a person as such": ("card", card(), card("KIND:individual", version="4.0")),
    "an opaque event": ("event", event("SUMMARY:a"), event("SUMMARY:a", "TRANSP:OPAQUE")),
    "a confirmed event": ("event", event("SUMMARY:a"), event("SUMMARY:a", "STATUS:CONFIRMED")),
    "a public event": ("event", event("SUMMARY:a"), event("SUMMARY:a", "CLASS:public", "PRIORITY:0")),
    "an event as it was sent by mail": (
        "event",
        event("SUMMARY:a"),
        event("SUMMARY:a").replace(b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST"),
    ),
    "lengths in other units": (
        "event",
        event("DTSTART:20261120T100000Z", "DURATION:PT120M", "BEGIN:VALARM", "TRIGGER:-P1W", "END:VALARM"),
        event("DTSTART:20261120T100000Z", "DURATION:PT2H", "BEGIN:VALARM", "TRIGGER:-P7D", "END:VALARM"),
    ),
    "alarms at once": (
        "event",
        event("BEGIN:VALARM", "TRIGGER:PT0S", "END:VALARM", "BEGIN:VALARM", "TRIGGER:PT60S", "END:VALARM"),
        event("BEGIN:VALARM", "TRIGGER:PT1M", "END:VALARM", "BEGIN:VALARM", "TRIGGER:P0D", "END:VALARM"),
    ),
    "an alarm with what it means anyway": (
        "event",
        event("BEGIN:VALARM", "TRIGGER:PT0S", "ACTION:AUDIO", "END:VALARM"),
        event("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:PT0S", "END:VALARM"),
    ),
}
OTHER: dict[str, tuple[ObjectKind, bytes, bytes, str]] = {
    "letters of Latin-1": ("card", card(b"NOTE:\xe9"), card(b"NOTE:\xe8"), "note"),
    "letters of Latin-1 in a group": ("card", card(b"item1.NOTE:\xe9"), card(b"item1.NOTE:\xe8"), "note"),
    "a label in Latin-1": (
        "card",
        card("item1.TEL:1", b"item1.X-ABLabel:\xe9"),
        card("item1.TEL:1", b"item1.X-ABLabel:\xe8"),
        "tel:1",
    ),
    "a parameter in Latin-1": ("event", event(b"LOCATION;X=\xe9:a"), event(b"LOCATION;X=\xe8:a"), "event/location"),
    "a zone in Latin-1": (
        "event",
        event(b"DTSTART;TZID=\xe9:20261120T100000"),
        event(b"DTSTART;TZID=\xe8:20261120T100000"),
        "event/time",
    ),
    "an alarm in Latin-1": (
        "event",
        event("BEGIN:VALARM", "TRIGGER:PT0S", b"DESCRIPTION:\xe9", "END:VALARM"),
        event("BEGIN:VALARM", "TRIGGER:PT0S", b"DESCRIPTION:\xe8", "END:VALARM"),
        "event/alarm:PT0S",
    ),
    "another photo": (
        "card",
        card(f"PHOTO;ENCODING=b;TYPE=PNG:{PIXEL}"),
        card("PHOTO:data:image/png;base64,iVBORw0KGgo=", version="4.0"),
        "photo",
    ),
    "another birthday": ("card", card("BDAY:2009-05-01"), card("BDAY:20090502"), "bday"),
    "a birthday that gets its year": (
        "card",
        card("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-01"),
        card("BDAY:2009-05-01"),
        "bday",
    ),
    "a day that may have 23 hours": (
        "event",
        event("DTSTART:20261120T100000Z", "DURATION:P1D"),
        event("DTSTART:20261120T100000Z", "DURATION:PT24H"),
        "event/time",
    ),
    "a transparent event": ("event", event("TRANSP:OPAQUE"), event("TRANSP:TRANSPARENT"), "event/transp"),
    "a cancelled event": ("event", event(), event("STATUS:CANCELLED"), "event/status"),
    "the second choice": ("card", card("TEL;PREF=1:1"), card("TEL;PREF=2:1"), "tel:1"),
}


@pytest.mark.parametrize(("kind", "one", "other"), SAME.values(), ids=list(SAME))
def test_what_only_looks_different_is_no_difference(kind: ObjectKind, one: bytes, other: bytes) -> None:
    assert differences(kind, one, other) == []
    assert differences(kind, other, one) == []


@pytest.mark.parametrize(("kind", "one", "other", "key"), OTHER.values(), ids=list(OTHER))
def test_what_only_looks_the_same_is_a_difference(kind: ObjectKind, one: bytes, other: bytes, key: str) -> None:
    assert [each.key for each in differences(kind, one, other)] == [key]


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("PT90M", "PT1H30M"),
        ("-P1DT25H", "-P1DT25H"),
        ("P1W", "P7D"),
        ("-PT0S", "PT0S"),
        ("+PT5S", "PT5S"),
        ("soon", "soon"),
    ],
)
def test_a_length_has_one_spelling(written: str, spelled: str) -> None:
    assert spelled_length(written) == spelled


def test_a_group_number_is_no_difference_even_where_octets_are_odd() -> None:
    assert differences("card", card(b"item1.NOTE:\xe9"), card(b"item2.NOTE:\xe9")) == []
    assert differences("card", card(b"NOTE:\xe9\xe9"), card(b"NOTE:\xe9\r\n \xe9")) == []
