"""Odd cards: a label of two fields, a name that ends in an escape, a foreign UID, colours for a terminal."""

from __future__ import annotations

import pytest

from appliance.objects.differences import differences
from appliance.objects.fields import fields
from appliance.objects.merging import merge, take_field


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "UID:1", "FN:x", *lines, "END:VCARD", ""]).encode()


def event(*lines: str) -> bytes:
    around = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1"), ("END:VEVENT", "END:VCALENDAR", "")
    return "\r\n".join([*around[0], *lines, *around[1]]).encode()


def test_a_label_of_two_fields_stays_while_one_of_them_is_there() -> None:
    both = card("item1.TEL:1", "item1.EMAIL:a@b", "item1.X-ABLabel:L")
    one = card("item1.EMAIL:a@b", "item1.X-ABLabel:L")
    assert take_field("card", both, one, "tel:1") == one
    assert take_field("card", one, card(), "email:a@b") == card()


def test_a_label_goes_with_the_last_of_its_fields() -> None:
    both = card("item1.TEL:1", "item1.EMAIL:a@b", "item1.X-ABLabel:L")
    assert merge("card", both, both.replace(b"\r\n", b"\n"), card()).body == card().replace(b"\r\n", b"\n")


def test_a_name_of_a_million_letters_that_ends_in_an_escape_is_compared_at_once() -> None:
    body = card("N:" + "a" * 1_000_000 + "\\")
    assert len(differences("card", body, card())) == 1


def test_the_uid_stays_even_where_ours_is_the_base() -> None:
    merged = merge("card", card(), card(), card("NOTE:n").replace(b"UID:1", b"UID:2"))
    assert merged.body == card("NOTE:n")


def test_nothing_shown_is_obeyed_by_a_terminal() -> None:
    assert fields("card", card("NOTE:\x1b[31mred"))[-1].shown == "[31mred"


@pytest.mark.parametrize(
    ("one", "other"),
    [("TEL;TYPE=cell:1", "TEL;TYPE=CELL,VOICE:1"), ("EMAIL:a@b", "EMAIL;type=INTERNET:a@b")],
)
def test_a_type_that_is_meant_anyway_is_no_difference(one: str, other: str) -> None:
    assert differences("card", card(one), card(other)) == []
    assert differences("card", card(one), card(other.replace("1", "2").replace("a@b", "c@d"))) != []


def test_a_rule_may_be_written_in_any_order() -> None:
    one, other = (event(f"RRULE:FREQ=WEEKLY;{rest}") for rest in ("BYDAY=MO,WE", "WKST=MO;BYDAY=WE,MO;INTERVAL=1"))
    assert differences("event", one, other) == []
    assert differences("event", one, event("RRULE:FREQ=WEEKLY;BYDAY=WE,MO;INTERVAL=2")) != []


def test_the_order_of_two_fields_of_one_identity_says_nothing() -> None:
    home, work = "TEL;TYPE=home:1", "TEL;TYPE=work:1"
    assert differences("card", card(home, work), card(work, home)) == []
    assert {each.key for each in differences("card", card(home, work), card(work))} != set()


def test_what_is_said_twice_says_no_more() -> None:
    twice = card("TEL:1", "NOTE:n", "item1.TEL:1")
    assert differences("card", twice, card("TEL:1", "NOTE:n")) == []
    assert take_field("card", twice, card("NOTE:n"), "tel:1") == card("NOTE:n")
    assert take_field("card", twice, card("TEL:2", "NOTE:n"), "tel:2") == card("TEL:2", "NOTE:n")


def test_what_both_came_to_in_other_ways_is_there_once() -> None:
    merged = merge("card", card("TITLE:a"), card("TITLE:b"), card("TITLE:a", "TITLE:b"))
    assert (merged.body, merged.conflicts) == (card("TITLE:b"), ())


def test_of_two_names_each_is_compared_with_the_one_it_was() -> None:
    assert [each.key for each in differences("card", card("TITLE:a", "TITLE:c"), card("TITLE:c"))] == ["title"]


def test_a_field_leaves_the_group_that_others_are_in() -> None:
    both = card("item1.TEL:1", "item1.EMAIL:a@b", "item1.X-ABLabel:L")
    source = card("item1.TEL:2", "item1.X-ABLabel:M", "item2.EMAIL:a@b", "item2.X-ABLabel:L")
    taken = take_field("card", both, source, "tel:2")
    assert taken == card("item2.TEL:2", "item2.X-ABLabel:M", "item1.EMAIL:a@b", "item1.X-ABLabel:L")


def test_a_component_inside_a_card_is_one_field() -> None:
    inside = card("BEGIN:X-INNER", "X-A:1", "END:X-INNER")
    assert len(differences("card", card(), inside)) == 1
    assert take_field("card", card(), inside, differences("card", card(), inside)[0].key) == inside


def test_a_photo_that_a_note_had_swallowed_comes_back() -> None:
    """A NOTE that vCard 2.1 broke off softly takes in all that follows, END included, and took what came behind it."""
    swallowed = card("NOTE;ENCODING=QUOTED-PRINTABLE:a=", "PHOTO;ENCODING=B;TYPE=JPEG:/9j/4AA=")
    before = card("PHOTO;ENCODING=B;TYPE=JPEG:/9j/4AA=")
    taken = take_field("card", swallowed, before, "photo")
    assert [each.key for each in differences("card", taken, before)] == ["note"]
    assert b"NOTE;ENCODING=QUOTED-PRINTABLE:a=" in taken
