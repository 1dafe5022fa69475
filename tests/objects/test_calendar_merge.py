"""Many objects in one .ics file and back: nothing changes its meaning, whatever zones the clients wrote."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from appliance.objects.calendar_merge import is_calendar, merged
from appliance.objects.content_lines import parse_all
from appliance.objects.differences import differences
from appliance.objects.icalendar_facts import list_instances, read_event
from appliance.objects.incoming import Incoming, read

YEAR_2026 = (1_767_225_600_000_000, 1_798_761_600_000_000)


def zone(name: str, offset: str, note: str = "") -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{note}BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def thing(uid: int, tzid: str, inner: str, head: str = "") -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:client\r\n{head}{inner}BEGIN:VEVENT\r\nUID:{uid}\r\n"
        f"DTSTART;TZID={tzid}:20260105T090000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:a\\, b\r\nEND:VEVENT\r\n"
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nRECURRENCE-ID;TZID={tzid}:20260112T090000\r\n"
        f"DTSTART;TZID={tzid}:20260112T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


ZONES = st.sampled_from(
    [
        ("Asia/Seoul", zone("Asia/Seoul", "+0900")),
        ("Asia/Seoul", zone("Asia/Seoul", "+0900", "X-LIC-LOCATION:Asia/Seoul\r\n")),
        ("Asia/Seoul", ""),
        ("Home", zone("Home", "+0900")),
        ("Home", zone("Home", "-0500")),
        ("Home", zone("Home", "+0100")),
    ]
)
HEADS = st.sampled_from(["", "", "CALSCALE:GREGORIAN\r\n", "X-ODD:1\r\n"])


@given(st.lists(st.tuples(ZONES, HEADS), max_size=8))
def test_every_object_comes_back_and_happens_when_it_did(parts: list[tuple[tuple[str, str], str]]) -> None:
    sent = [thing(number, tzid, inner, head) for number, ((tzid, inner), head) in enumerate(parts)]
    file = b"".join(merged(len(sent), lambda number: sent[number], "일정; our, calendar"))
    found = {one.uid: one.octets for one in read("event", io.BytesIO(file), 1_000_000) if isinstance(one, Incoming)}
    assert set(found) == {str(number) for number in range(len(sent))}
    for number, before in enumerate(sent):
        after = found[str(number)]
        assert differences("event", before, after) == []
        assert list_instances(read_event(after), *YEAR_2026).rows == list_instances(read_event(before), *YEAR_2026).rows


def test_zones_that_mean_the_same_are_there_once() -> None:
    sent = [thing(number, "Asia/Seoul", zone("Asia/Seoul", "+0900", "X-A:1\r\n" * number)) for number in range(5)]
    file = b"".join(merged(5, lambda number: sent[number], "calendar"))
    assert file.count(b"BEGIN:VCALENDAR") == file.count(b"BEGIN:VTIMEZONE") == 1


def test_what_cannot_be_read_is_left_out_and_an_empty_calendar_is_one() -> None:
    assert not is_calendar(b"no calendar")
    file = b"".join(merged(2, lambda number: [None, b"no calendar"][number], "calendar"))
    (root,) = parse_all(file).roots
    assert (root.name, root.components) == ("VCALENDAR", [])


def test_a_component_that_forgot_its_end_gets_one() -> None:
    sent = b"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:x"
    file = b"".join(merged(1, lambda _: sent, "calendar"))
    assert parse_all(file).faults == ()
