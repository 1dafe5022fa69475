"""Values of lists as fields: each is changed by itself, and the others stay as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.objects.differences import differences
from appliance.objects.fields import fields
from appliance.objects.merging import merge, take_field
from appliance.objects.property_tree import ObjectKind
from tests.objects.odd import card, event

MERGES: dict[str, tuple[ObjectKind, bytes, bytes, bytes, bytes]] = {
    "a date each, on one line": (
        "event",
        event("EXDATE:20261101T100000Z,20261108T100000Z"),
        event("EXDATE:20261101T100000Z,20261108T100000Z,20261115T100000Z"),
        event("EXDATE:20261108T100000Z"),
        event("EXDATE:20261108T100000Z,20261115T100000Z"),
    ),
    "a date each, on lines of their own": (
        "event",
        event("EXDATE:20261101T100000Z", "EXDATE:20261108T100000Z", "SUMMARY:a"),
        event("EXDATE:20261101T100000Z", "EXDATE:20261108T100000Z", "EXDATE:20261115T100000Z", "SUMMARY:a"),
        event("EXDATE:20261108T100000Z", "EXDATE:20261122T100000Z", "SUMMARY:a"),
        event("EXDATE:20261108T100000Z", "EXDATE:20261115T100000Z", "EXDATE:20261122T100000Z", "SUMMARY:a"),
    ),
    "the only date instead of the only date": (
        "event",
        event("RDATE;VALUE=DATE:20261101", "SUMMARY:a"),
        event("RDATE;VALUE=DATE:20261101", "SUMMARY:b"),
        event("RDATE;VALUE=DATE:20261102", "SUMMARY:a"),
        event("RDATE;VALUE=DATE:20261102", "SUMMARY:b"),
    ),
    "dates that shared a line share one": (
        "event",
        event(),
        event("SUMMARY:b"),
        event("RDATE;VALUE=PERIOD:20261101T100000Z/PT1H,20261102T100000Z/PT1H"),
        event("SUMMARY:b", "RDATE;VALUE=PERIOD:20261101T100000Z/PT1H,20261102T100000Z/PT1H"),
    ),
    "a date in another zone": (
        "event",
        event("EXDATE;TZID=Asia/Seoul:20261101T100000,20261108T100000"),
        event("EXDATE;TZID=Asia/Seoul:20261101T100000,20261108T100000", "SUMMARY:b"),
        event("EXDATE;TZID=Asia/Seoul:20261101T100000,20261108T100000", "EXDATE:20261115T010000Z"),
        event("EXDATE;TZID=Asia/Seoul:20261101T100000,20261108T100000", "EXDATE:20261115T010000Z", "SUMMARY:b"),
    ),
    "a category each": (
        "card",
        card("CATEGORIES:choir"),
        card("CATEGORIES:choir,sea\\, sand"),
        card("CATEGORIES:choir,trip\\; far"),
        card("CATEGORIES:choir,sea\\, sand,trip\\; far"),
    ),
    "a category in another order": (
        "card",
        card("CATEGORIES:a,b,c"),
        card("CATEGORIES:c,a,b", "NOTE:n"),
        card("CATEGORIES:c,b"),
        card("CATEGORIES:c,b", "NOTE:n"),
    ),
    "the last category goes with its line": (
        "card",
        card("CATEGORIES:a", "NOTE:n"),
        card("CATEGORIES:a", "NOTE:m"),
        card("NOTE:n"),
        card("NOTE:m"),
    ),
    "a category that two lines have": (
        "card",
        card("CATEGORIES:a,b", "CATEGORIES:a"),
        card("CATEGORIES:a,b", "CATEGORIES:a", "NOTE:n"),
        card("CATEGORIES:b"),
        card("CATEGORIES:b", "NOTE:n"),
    ),
    "one of two nicknames, where it was": (
        "card",
        card("NICKNAME:Min,Su"),
        card("NICKNAME:Min,Su", "NOTE:n"),
        card("NICKNAME:Mina,Su"),
        card("NICKNAME:Mina,Su", "NOTE:n"),
    ),
    "a label on a list": (
        "card",
        card("item1.NICKNAME:Min,Su", "item1.X-ABLabel:school"),
        card("item1.NICKNAME:Min,Su", "item1.X-ABLabel:school", "NOTE:n"),
        card("item1.NICKNAME:Min,Su", "item1.X-ABLabel:home"),
        card("item1.NICKNAME:Min,Su", "item1.X-ABLabel:home", "NOTE:n"),
    ),
}


@pytest.mark.parametrize(("kind", "base", "ours", "theirs", "wanted"), MERGES.values(), ids=list(MERGES))
def test_each_value_is_a_field(kind: ObjectKind, base: bytes, ours: bytes, theirs: bytes, wanted: bytes) -> None:
    merged = merge(kind, base, ours, theirs)
    assert (merged.body.decode(), merged.conflicts) == (wanted.decode(), ())


def test_a_value_is_called_by_what_it_says() -> None:
    found = fields("card", card("CATEGORIES:a\\, b,,c"))
    assert [(field.key, field.word, field.shown) for field in found if field.word == "categories"] == [
        ("categories:a, b", "categories", "a, b"),
        ("categories:c", "categories", "c"),
    ]


def test_two_new_nicknames_for_one_are_a_conflict() -> None:
    merged = merge("card", card("NICKNAME:Min"), card("NICKNAME:Mimi"), card("NICKNAME:Su"))
    assert (merged.body, merged.conflicts) == (card("NICKNAME:Mimi"), ("nickname:Min",))


def test_the_values_that_stay_are_not_written_anew() -> None:
    ours = card("CATEGORIES;X=y:a\\,b, c ,d\\;e", "NOTE:n").replace(b"NOTE", b"NO\r\n TE")
    taken = take_field("card", ours, card("CATEGORIES;X=y:a\\,b,c"), "categories:d;e")
    assert taken == ours.replace(b",d\\;e", b"")


def test_a_list_in_quoted_printable_is_one_field() -> None:
    one, other = (card(f"CATEGORIES;ENCODING=QUOTED-PRINTABLE:a,{last}") for last in ("=62", "=63"))
    assert [difference.key for difference in differences("card", one, other)] == ["categories"]
    assert merge("card", one, one.replace(b"FN:x", b"FN:y"), other).body == other.replace(b"FN:x", b"FN:y")


def test_a_list_with_thousands_of_values_is_one_field() -> None:
    long = "CATEGORIES:" + ",".join(map(str, range(3000)))
    assert len(fields("card", card(long))) == 2


WORDS = st.lists(st.sampled_from(["a", "b", "c\\, d", "e\\;", " f", "가"]), unique=True)


@given(base=WORDS, ours=WORDS, theirs=WORDS, lines=st.integers(1, 3))
@settings(max_examples=300)
def test_categories_are_merged_as_sets(base: list[str], ours: list[str], theirs: list[str], lines: int) -> None:
    def written(words: list[str]) -> bytes:
        return card(*(f"CATEGORIES:{','.join(part)}" for n in range(lines) if (part := words[n::lines])))

    merged = merge("card", written(base), written(ours), written(theirs))
    wanted = (set(ours) - (set(base) - set(theirs))) | (set(theirs) - set(base))
    assert merged.conflicts == ()
    assert differences("card", merged.body, written(sorted(wanted))) == []
