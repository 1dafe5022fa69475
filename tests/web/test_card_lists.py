"""An address book as a list: its order in both scripts, its index, what a search means."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.korean import index_letter
from appliance.store.ended import Ended
from web.card_lists import Entry, entries, in_order, index, is_reached, reach_sought

NAMES = ["Bob", "김철수", "", "고은별", "Ädel", "anna", "119", "까치", "남궁하늘별님구름햇살로"]


def ended(title: str, kind: str = "card") -> Ended:
    return Ended("x.vcf", 1, 1, None, 7, kind, 1, 1, title, "row")


@pytest.mark.parametrize(
    ("hangul_first", "expected"),
    [
        (True, ["고은별", "김철수", "까치", "남궁하늘별님구름햇살로", "Ädel", "anna", "Bob", "119", ""]),
        (False, ["Ädel", "anna", "Bob", "고은별", "김철수", "까치", "남궁하늘별님구름햇살로", "119", ""]),
    ],
)
def test_the_readers_own_script_comes_first_and_what_has_no_name_last(
    hangul_first: bool,
    expected: list[str],
) -> None:
    found = in_order((Entry(number, name) for number, name in enumerate(NAMES)), hangul_first=hangul_first)
    assert [entry.title for entry in found] == expected


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("김철수", "ㄱ"), ("까치", "ㄱ"), ("씨앗", "ㅅ"), ("하준", "ㅎ"), ("anna", "A"), ("Ädel", "A"), ("119", "#"),
        ("", "#"), ("\u1100\u1175\u11b7", "ㄱ"), ("ㄲ", "ㄱ"), (" kim", "K"), ("山田", "#"),
    ],
)  # fmt: skip
def test_a_name_stands_under_its_letter(name: str, letter: str) -> None:
    assert index_letter(name) == letter


def test_what_was_deleted_stands_in_its_place() -> None:
    found = in_order(entries([(1, "가을"), (2, "다람쥐")], [ended("나비"), ended("모임", "mount")]), hangul_first=True)
    assert [(entry.title, entry.ended is not None) for entry in found] == [
        ("가을", False), ("나비", True), ("다람쥐", False),
    ]  # fmt: skip


@given(st.lists(st.text(max_size=6)), st.booleans())
def test_nothing_is_lost_and_letters_lead_to_where_they_begin(names: list[str], hangul_first: bool) -> None:
    ordered = in_order((Entry(number, name) for number, name in enumerate(names)), hangul_first=hangul_first)
    assert sorted(entry.resource_id for entry in ordered) == list(range(len(names)))
    for letter in index(ordered):
        assert index_letter(ordered[letter.first].title) == letter.letter


@pytest.mark.parametrize(
    ("sought", "wanted", "reach", "found"),
    [
        ("0100", "0100", "02-555-0100", True), ("555-01", "55501", "02 555 0100", True), ("99", None, "", False),
        ("kim@", "kim@", "Kim@example.com", True), ("철수", None, "", False), ("exam", "exam", "kim@example.com", True),
        ("zzz", "zzz", "kim@example.com", False), ("0101", "0101", "02-555-0100", False),
    ],
)  # fmt: skip
def test_numbers_are_found_by_their_digits_and_mail_by_any_part(
    sought: str, wanted: str | None, reach: str, found: bool
) -> None:
    assert reach_sought(sought) == wanted
    assert wanted is None or is_reached(wanted, [reach]) is found


def test_ten_thousand_names_are_ordered_in_a_moment() -> None:
    many = [(number, f"{'김이박최정강조윤장임'[number % 10]}{'가나다라마바사아자차'[number // 10 % 10]}{number}")
            for number in range(10_000)]  # fmt: skip
    began = time.process_time()
    index(in_order(entries(many, ()), hangul_first=True))
    assert time.process_time() - began < 0.5
