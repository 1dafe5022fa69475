"""Names for addresses, proposed from what people are called."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.household import people, slugs


@pytest.mark.parametrize(
    ("shown", "slug"),
    [
        ("민아", "mina"),
        ("하준", "hajun"),
        ("박순례", "baksunrye"),
        ("남궁하늘별", "namgunghaneulbyeol"),
        ("최영희 할머니", "choeyeonghui-halmeoni"),
        ("뷁", "bwek"),
        ("Anna", "anna"),
        ("Anna 할머니", "anna-halmeoni"),
        ("Jürgen Weiß", "jurgen-wei"),
        ("李小龍", "person"),
        ("…", "person"),
        ("", "person"),
        ("household", "household-2"),
        ("Bob.", "bob"),
        ("x" * 100, "x" * 63),
    ],
)
def test_a_name_is_proposed(shown: str, slug: str) -> None:
    assert slugs.propose(shown, set()) == slug
    assert slugs.propose(unicodedata.normalize("NFD", shown), set()) == slug


def test_a_taken_name_gets_a_number() -> None:
    assert slugs.propose("민아", {"mina"}) == "mina-2"
    assert slugs.propose("민아", {"mina", "mina-2"}) == "mina-3"
    assert slugs.propose("x" * 100, {"x" * 63}) == "x" * 61 + "-2"


@given(st.lists(st.text(max_size=80) | st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)), max_size=8))
def test_whatever_people_are_called_they_can_sign_in_and_no_two_alike(names: list[str]) -> None:
    taken: set[str] = set()
    for shown in names:
        slug = slugs.propose(shown, taken)
        assert people.checked_slug(slug) == slug
        assert slug not in taken and slug != people.HOUSEHOLD_SLUG
        taken.add(slug)


def test_every_syllable_has_letters_and_none_is_left() -> None:
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4)))
    latin = slugs.romanized(syllables)
    assert latin.isascii() and latin.isalpha() and latin.islower()
    assert all(slugs.romanized(sign) for sign in syllables)
    assert slugs.romanized("한국어 abc ㄱ") == "hangukeo abc ㄱ"
