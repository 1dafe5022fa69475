"""Where a taken field is put, and that what stands astray around it neither comes along nor holds it."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.objects.content_lines import parse_all
from appliance.objects.differences import differences
from appliance.objects.merging import WHOLE, merge, take_field
from tests.objects.odd import card, event

ALARM = ("BEGIN:VALARM", "TRIGGER:-PT5M", "ACTION:DISPLAY", "END:VALARM")
OVERRIDE = b"BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20261127T100000Z\r\nSUMMARY:later\r\nEND:VEVENT\r\n"


def lines(body: bytes) -> list[str]:
    return body.decode().split("\r\n")[:-1]


def with_override(body: bytes) -> bytes:
    return body.replace(b"END:VCALENDAR", OVERRIDE + b"END:VCALENDAR")


def test_a_property_comes_before_the_alarm() -> None:
    taken = take_field("event", event("SUMMARY:a", *ALARM), event("LOCATION:b"), "event/location")
    assert taken == event("SUMMARY:a", "LOCATION:b", *ALARM)


def test_a_property_comes_before_an_alarm_that_is_taken_as_well() -> None:
    ours = event("SUMMARY:a", "COMMENT:mine")
    merged = merge("event", event("SUMMARY:a"), ours, event("SUMMARY:a", *ALARM, "LOCATION:b"))
    assert merged.body == event("SUMMARY:a", "COMMENT:mine", "LOCATION:b", *ALARM)


def test_an_alarm_comes_behind_the_others() -> None:
    other = tuple(line.replace("5M", "9M") for line in ALARM)
    taken = take_field("event", event("SUMMARY:a", *ALARM), event(*other, *ALARM), "event/alarm:display -PT9M")
    assert taken == event("SUMMARY:a", *ALARM, *other)


def test_a_number_comes_beside_the_others_and_not_between_one_and_its_label() -> None:
    labelled = ("item1.TEL:1", "item1.X-ABLabel:boat")
    taken = take_field("card", card(*labelled, "NOTE:n"), card(*labelled, "TEL:2"), "tel:2")
    assert taken == card(*labelled, "TEL:2", "NOTE:n")


def test_a_zone_comes_before_the_components_and_behind_the_properties() -> None:
    zone = b"BEGIN:VTIMEZONE\r\nTZID:Asia/Seoul\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    source = event("DTSTART;TZID=Asia/Seoul:20261120T100000").replace(b"BEGIN:VEVENT", zone)
    source = source.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nX-WR-CALNAME:n\r\n")
    merged = merge("event", event(), event("COMMENT:c"), source)
    wanted = event("COMMENT:c", "DTSTART;TZID=Asia/Seoul:20261120T100000").replace(b"BEGIN:VEVENT", zone)
    assert merged.body == wanted.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nX-WR-CALNAME:n\r\n")


def test_an_end_that_stands_astray_is_not_taken_along() -> None:
    source = event("SUMMARY:a", "LOCATION:b", "END:VTODO", "DESCRIPTION:c", "no colon")
    ours = event("SUMMARY:a").replace(b"VEVENT", b"VTODO")
    for key in ("event/location", "event/description"):
        taken = take_field("event", event("SUMMARY:a"), source, key)
        assert b"VTODO" not in taken
        assert b"no colon" not in taken
    astray = (
        source.replace(b"END:VTODO", b"END:VEVENT", 1).replace(b"VEVENT", b"VTODO").replace(b"END:VTODO", b"END:X", 1)
    )
    taken = take_field("event", ours, astray, "task/location")
    assert taken == event("SUMMARY:a", "LOCATION:b").replace(b"VEVENT", b"VTODO")


def test_what_stands_astray_in_ours_stays() -> None:
    ours = event("SUMMARY:a", "END:VTODO", "no colon", *ALARM)
    assert take_field("event", ours, event("LOCATION:b"), "event/location") == event(
        "SUMMARY:a", "END:VTODO", "no colon", "LOCATION:b", *ALARM
    )


def test_an_alarm_without_its_end_gets_one() -> None:
    taken = take_field("event", event("SUMMARY:a"), event("SUMMARY:a", *ALARM[:-1]), "event/alarm:display -PT5M")
    assert taken == event("SUMMARY:a", *ALARM)
    assert parse_all(taken).faults == ()


def test_an_event_without_its_end_holds_nothing_that_is_put_in() -> None:
    ours = event("SUMMARY:a").replace(b"END:VEVENT\r\n", b"")
    taken = take_field("event", ours, with_override(event("SUMMARY:a")), "event@20261127T100000Z")
    assert differences("event", with_override(event("SUMMARY:a")), taken) == []
    assert len(parse_all(taken).roots[0].components) == 2
    located = take_field("event", ours, event("LOCATION:b"), "event/location")
    assert located == event("SUMMARY:a", "LOCATION:b").replace(b"END:VEVENT\r\n", b"")


def test_a_card_without_its_end_and_without_a_last_line_end_takes_a_field() -> None:
    assert (
        take_field("card", b"BEGIN:VCARD\nUID:1\nFN:x", card("NOTE:n"), "note") == b"BEGIN:VCARD\nUID:1\nFN:x\nNOTE:n\n"
    )


def test_a_line_that_would_swallow_the_next_one_is_not_taken() -> None:
    source = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:x\r\nNOTE;ENCODING=QUOTED-PRINTABLE:n="
    with pytest.raises(errors.NotPossible):
        take_field("card", card(), source, "note")


def test_a_line_broken_softly_is_taken_whole() -> None:
    source = card("NOTE;ENCODING=QUOTED-PRINTABLE:a=", "b=", "c", "junk")
    taken = take_field("card", card(), source, "note")
    assert taken == card("NOTE;ENCODING=QUOTED-PRINTABLE:a=", "b=", "c")


def test_a_changed_date_that_was_taken_away_goes() -> None:
    base = with_override(event("SUMMARY:a"))
    merged = merge("event", base, base.replace(b"SUMMARY:a", b"SUMMARY:b"), event("SUMMARY:a"))
    assert (merged.body, merged.conflicts) == (event("SUMMARY:b"), ())


def test_a_changed_date_that_was_taken_away_stays_where_ours_changed_it() -> None:
    base = with_override(event("SUMMARY:a"))
    ours = base.replace(b"later", b"latest")
    merged = merge("event", base, ours, event("SUMMARY:a"))
    assert (merged.body, merged.conflicts) == (ours, ("event@20261127T100000Z",))


def test_what_is_meant_anyway_is_replaced_and_not_doubled() -> None:
    ours = event("TRANSP:OPAQUE", "SUMMARY:b")
    merged = merge("event", event("SUMMARY:a"), ours, event("SUMMARY:a", "TRANSP:TRANSPARENT"))
    assert merged.body == event("TRANSP:TRANSPARENT", "SUMMARY:b")


def test_a_card_and_a_calendar_have_no_fields_in_common() -> None:
    assert merge("card", card(), card("NOTE:n"), event()).conflicts == (WHOLE,)
    with pytest.raises(errors.NotPossible):
        take_field("card", card(), event("SUMMARY:a"), "event")
