"""Cutting files into entries: whatever the line ends, wherever the chunks end, whatever stands between."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.objects import streams
from appliance.objects.calendar_streams import calendar_objects
from appliance.objects.content_lines import parse
from appliance.objects.icalendar_facts import kept_components
from appliance.objects.streams import Raw, Trouble, cards, lines

LIMIT = 100_000


class Dribble(io.BytesIO):
    """A file that gives at most so many octets at once."""

    def __init__(self, octets: bytes, most: int) -> None:
        super().__init__(octets)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._most)


@given(st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\r\n", b" ", b":"])), st.integers(1, 7))
def test_lines_are_those_that_the_whole_text_has(pieces: list[bytes], most: int) -> None:
    octets = b"".join(pieces)
    found = list(lines(Dribble(octets, most)))
    assert [line.octets for line in found] == octets.splitlines(keepends=True)
    assert [line.number for line in found] == list(range(1, len(found) + 1))
    assert all(octets[line.offset :].startswith(line.octets) for line in found)


def test_a_line_without_end_comes_in_pieces() -> None:
    octets = b"x" * (3 * streams.PIECE_BYTES) + b"\nnext"
    found = list(lines(io.BytesIO(octets)))
    assert b"".join(line.octets for line in found) == octets
    assert [line.starts for line in found].count(True) == 2
    assert found[-1].number == 2


CARDS = st.lists(
    st.lists(st.sampled_from(["FN:Kim", "NOTE:a\r\n folded", "X-END:VCARD", "TEL:1", "PHOTO:" + "A" * 200]), max_size=4)
)


@given(CARDS, st.sampled_from(["\r\n", "\n", "\r"]), st.integers(1, 90))
def test_cards_come_out_as_they_went_in(bodies: list[list[str]], end: str, most: int) -> None:
    made = [end.join(["BEGIN:VCARD", *body, "END:VCARD", ""]).replace("\r\n", end).encode() for body in bodies]
    between = end.encode() * 2
    found = list(cards(Dribble(between + between.join(made), most), LIMIT))
    assert [one.octets for one in found if isinstance(one, Raw)] == made
    assert all(isinstance(one, Raw) for one in found)


def test_what_is_broken_is_told_with_its_line_and_the_rest_comes() -> None:
    text = """letter to the editor

BEGIN:VCARD
FN:first
END:VCARD
BEGIN:VCARD
FN:never ends
BEGIN:VCARD
FN:second
end:vcard
END:VCARD
BEGIN:VCARD
FN:cut off"""
    found = list(cards(io.BytesIO(text.encode()), LIMIT))
    assert [one.line for one in found if isinstance(one, Raw)] == [3, 8]
    assert [one.line for one in found if isinstance(one, Trouble)] == [1, 6, 11, 12]


def test_a_card_in_a_card_stays_inside() -> None:
    octets = b"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:inner\nEND:VCARD\nFN:outer\nEND:VCARD\n"
    assert list(cards(io.BytesIO(octets), LIMIT)) == [Raw(1, octets)]


def test_a_card_above_the_limit_is_told_and_not_held() -> None:
    large = b"BEGIN:VCARD\nNOTE:" + b"x" * 5000 + b"\nEND:VCARD\n"
    small = b"BEGIN:VCARD\nFN:a\nEND:VCARD\n"
    found = list(cards(io.BytesIO(large + small), 1000))
    assert isinstance(found[0], Trouble)
    assert found[1] == Raw(4, small)


# --- calendars --------------------------------------------------------------------------------------

ZONE = "BEGIN:VTIMEZONE\nTZID:House\nBEGIN:STANDARD\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\n"


def event(uid: str, *rest: str) -> str:
    said = "".join(f"{line}\n" for line in rest)
    return f"BEGIN:VEVENT\nUID:{uid}\n{said}END:VEVENT\n"


def calendar(*parts: str, head: str = "VERSION:2.0\nPRODID:test\n") -> str:
    return f"BEGIN:VCALENDAR\n{head}{''.join(parts)}END:VCALENDAR\n"


def objects_in(text: str, limit: int = LIMIT) -> list[str]:
    return [one.octets.decode() for one in calendar_objects(io.BytesIO(text.encode()), limit) if isinstance(one, Raw)]


def troubles_in(text: str) -> list[Trouble]:
    return [one for one in calendar_objects(io.BytesIO(text.encode()), LIMIT) if isinstance(one, Trouble)]


def test_a_series_finds_its_changed_dates_wherever_they_are() -> None:
    others = [event(f"other{number}", f"SUMMARY:{number}") for number in range(50)]
    master = event("series", "DTSTART;TZID=House:20260105T090000", "RRULE:FREQ=DAILY")
    changed = event("series", "RECURRENCE-ID;TZID=House:20260106T090000", "SUMMARY:later")
    found = objects_in(calendar(ZONE, master, *others, changed))
    assert len(found) == 51
    (series,) = [one for one in found if "UID:series" in one]
    assert series == calendar(ZONE, master, changed).replace("END:VCALENDAR\n", "END:VCALENDAR\r\n")
    assert all(ZONE not in one for one in found if one is not series)


@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 3), st.booleans()), min_size=1, max_size=20),
    st.integers(1, 3),
)
def test_every_component_is_in_the_object_of_its_uid_and_in_no_other(
    parts: list[tuple[str, int, bool]], blocks: int
) -> None:
    made = [
        event(uid, f"RECURRENCE-ID:2026010{date}", f"SUMMARY:{number}", *(["X:;TZID=House"] if zoned else []))
        for number, (uid, date, zoned) in enumerate(parts)
    ]
    text = "".join(calendar(ZONE, *made[block::blocks]) for block in range(blocks))
    found = [kept_components(parse(one.encode())) for one in objects_in(text)]
    said = {line.value for components in found for one in components for line in one.all("SUMMARY")}
    assert said == {str(number) for number in range(len(parts))}
    uids = [{line.value for one in components for line in one.all("UID")} for components in found]
    assert all(len(one) == 1 for one in uids)
    assert len(found) == len({uid for uid, _, _ in parts})


def test_what_stands_alone_stays_as_it_was_sent() -> None:
    alone = calendar(ZONE, event("one", "SUMMARY:x"), head="X-ODD:1\nVERSION:2.0\n")
    assert objects_in(alone + alone.replace("one", "two")) == [alone, alone.replace("one", "two")]


def test_a_message_becomes_an_event() -> None:
    (found,) = objects_in(calendar(event("one"), head="METHOD:PUBLISH\nVERSION:2.0\n"))
    assert parse(found.encode()).first("METHOD") is None
    assert parse(found.encode()).first("VERSION") is not None


def test_a_folded_uid_is_the_same_uid() -> None:
    parts = event("series\n -of-days", "SUMMARY:1"), event("series-of\n -days", "RECURRENCE-ID:20260101", "SUMMARY:2")
    assert len(objects_in(calendar(*parts))) == 1


@pytest.mark.parametrize(
    ("text", "troubled", "kept"),
    [
        pytest.param(calendar("BEGIN:VEVENT\nUID:a\n", event("b")), [4], 1, id="event-without-end"),
        pytest.param(calendar(event("a"))[:-14] + calendar(event("b")), [1], 2, id="calendar-without-end"),
        pytest.param(calendar(event("a"), event("b"))[:-30], [7], 1, id="cut-off"),
        pytest.param("hello\n" + calendar(event("a")) + "bye\n", [1, 9], 1, id="text-around"),
        pytest.param(calendar("BEGIN:VEVENT\nBEGIN:VALARM\nUID:x\nEND:VEVENT\n"), [], 1, id="alarm-without-end"),
        pytest.param(calendar("BEGIN:A\n" * 50), [4, 5], 0, id="nested-without-end"),
        pytest.param("", [], 0, id="empty"),
    ],
)
def test_a_broken_part_is_told_and_does_not_stop_the_others(text: str, troubled: list[int], kept: int) -> None:
    found = troubles_in(text)
    assert [one.line for one in found][: len(troubled)] == troubled
    assert len(objects_in(text)) == kept


def test_an_object_beside_a_broken_one_is_not_kept_with_it() -> None:
    (found,) = objects_in(calendar("BEGIN:VEVENT\nSUMMARY:broken\n", event("b")))
    assert "broken" not in found


def test_an_object_above_the_limit_is_told() -> None:
    text = calendar(event("a", "DESCRIPTION:" + "x" * 3000), event("b"))
    assert len(objects_in(text, 1000)) == 1
