"""Content lines are read whatever a phone sent, and nothing but Malformed is ever raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.objects.content_lines import (
    MAX_DEPTH,
    MAX_LINES,
    Component,
    ContentLine,
    Malformed,
    parse,
    parse_all,
    read_line,
    text_of,
)


def line(piece: str) -> ContentLine:
    found = read_line(piece)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("piece", "group", "name", "params", "value"),
    [
        ("FN:김민수", "", "FN", (), "김민수"),
        ("fn:lower", "", "FN", (), "lower"),
        ("item1.tel;type=cell:1", "item1", "TEL", (("TYPE", ("cell",)),), "1"),
        ("TEL;TYPE=HOME,VOICE:1", "", "TEL", (("TYPE", ("HOME", "VOICE")),), "1"),
        ("TEL;TYPE=HOME;TYPE=VOICE:1", "", "TEL", (("TYPE", ("HOME",)), ("TYPE", ("VOICE",))), "1"),
        ('ORG;X="a:b;c,d":v:w', "", "ORG", (("X", ("a:b;c,d",)),), "v:w"),
        ('A;X="1,2",3:v', "", "A", (("X", ("1,2", "3")),), "v"),
        ("A;X=^n^'^^^x:v", "", "A", (("X", ('\n"^^x',)),), "v"),
        ('A;X="^n":v', "", "A", (("X", ("\n",)),), "v"),
        ("PHOTO;ENCODING=BASE64;JPEG:x", "", "PHOTO", (("ENCODING", ("BASE64",)), ("TYPE", ("JPEG",))), "x"),
        ("PHOTO;BASE64:x", "", "PHOTO", (("ENCODING", ("BASE64",)),), "x"),
        ('A;X="never closed:v', "", "A", (("X", ("never closed",)),), "v"),
        ("A;X=:v", "", "A", (("X", ("",)),), "v"),
        ("A:", "", "A", (), ""),
    ],
)
def test_a_line_is_cut_into_its_parts(
    piece: str, group: str, name: str, params: tuple[tuple[str, tuple[str, ...]], ...], value: str
) -> None:
    assert line(piece)[:4] == (group, name, params, value)


def test_what_has_no_colon_is_no_line() -> None:
    assert read_line("hello") is None
    assert read_line('he"llo') is None


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=["crlf", "lf", "cr"])
@pytest.mark.parametrize("fold", [b" ", b"\t"], ids=["space", "tab"])
def test_folds_and_line_endings_of_all_kinds_are_undone(end: bytes, fold: bytes) -> None:
    body = end.join([b"BEGIN:VCARD", b"NOTE:one" + end + fold + b" two", b"END:VCARD", b""])
    assert [found.value for found in parse(body).lines] == ["one two"]


def test_a_fold_inside_a_character_is_undone_before_decoding() -> None:
    letter = "김".encode()
    parsed = parse_all(b"BEGIN:VCARD\r\nFN:" + letter[:1] + b"\r\n " + letter[1:] + b"\r\nEND:VCARD\r\n")
    assert parsed.roots[0].lines[0].value == "김"
    assert parsed.faults == ()


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert parse(b"\xef\xbb\xbfBEGIN:VCARD\nFN:x\nEND:VCARD").name == "VCARD"


def test_octets_that_are_no_utf_8_are_replaced_and_named() -> None:
    parsed = parse_all(b"BEGIN:VCARD\nFN:Andr\xe9\nEND:VCARD\n")
    assert parsed.roots[0].lines[0].value == "Andr\ufffd"
    assert parsed.faults == ("It is not UTF-8 throughout.",)


def test_other_line_separators_of_unicode_are_text() -> None:
    assert parse("BEGIN:VCARD\nNOTE:a\u2028b\x0bc\x85d\nEND:VCARD".encode()).lines[0].value == "a\u2028b\x0bc\x85d"


def test_components_nest_and_keep_their_order() -> None:
    calendar = parse(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nEND:VALARM\nX:1\nEND:VEVENT\nEND:VCALENDAR")
    event = calendar.components[0]
    assert (calendar.name, event.name, event.components[0].name) == ("VCALENDAR", "VEVENT", "VALARM")
    assert [found.name for found in event.lines] == ["UID", "X"]
    first = event.first("uid".upper())
    assert first is not None and first.value == "1"
    assert event.first("NONE") is None and event.all("X") == [event.lines[1]]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"BEGIN:VCARD\nFN:x\n", "END:VCARD is missing."),
        (b"BEGIN:VCARD\nFN:x\nEND:VCARD\nBEGIN:VCARD\nFN:y", "END:VCARD is missing."),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nFN:x\nEND:VCALENDAR", "END:VEVENT is missing."),
        (b"BEGIN:VCARD\nEND:VEVENT\nEND:VCARD", "END:VEVENT closes nothing."),
        (b"BEGIN:VCARD\nnonsense\nEND:VCARD", "A line has no colon."),
    ],
)
def test_what_is_odd_is_tolerated_and_named(body: bytes, fault: str) -> None:
    assert parse_all(body).faults == (fault,)


def test_quoted_printable_of_the_old_cards_is_joined_and_decoded() -> None:
    card = parse(b"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=EA=B9=80=\n=EB=AF=BC\nFN:x\nEND:VCARD")
    assert [found.name for found in card.lines] == ["NOTE", "FN"]
    assert text_of(card.lines[0]) == "김민"


def test_escapes_of_text_are_resolved() -> None:
    assert text_of(line(r"A:a\nb\Nc\,d\;e\\f\xg")) == "a\nb\nc,d;e\\f\\xg"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"FN:x",
        b"<html></html>",
        b"A:\n" * (MAX_LINES + 1),
        b"BEGIN:A\n" * (MAX_DEPTH + 1),
    ],
    ids=["empty", "text", "no envelope", "html", "too many lines", "too deep"],
)
def test_what_is_no_component_or_too_much_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


PIECES = st.sampled_from(
    [b"BEGIN:", b"END:", b"VCARD", b"VEVENT", b"\r\n", b"\n ", b"\n", b":", b";", b"=", b'"', b",", b"^n", b"^", b".",
     b"FN", b"NOTE;ENCODING=QUOTED-PRINTABLE:x=", b"=\n", b"\xff", b"\xef\xbb\xbf", b"\\", b"\x00", "김".encode()]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=40).map(b"".join)))
def test_nothing_but_malformed_is_raised_for_any_octets(body: bytes) -> None:
    try:
        roots = parse_all(body).roots
    except Malformed:
        return
    assert roots
    for found in roots:
        _check(found)


def _check(component: Component) -> None:
    for found in component.lines:
        assert found.name == found.name.upper()
        assert isinstance(text_of(found), str)
    for inner in component.components:
        _check(inner)


@given(st.lists(PIECES, max_size=60).map(b"".join))
def test_a_cut_off_card_reads_the_same_lines_as_far_as_it_goes(rest: bytes) -> None:
    head = b"BEGIN:VCARD\nUID:1\nFN:x\n"
    assert [found.name for found in parse(head + b"A:\n" + rest).lines][:2] == ["UID", "FN"]
