"""Which texts count as the same (RFC 4790 9, RFC 5051)."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import UnsupportedCollation
from appliance.match.collations import column_test, fold, resolve, supported, text_test
from appliance.match.filters import MatchType, TextMatch

SAME = [
    pytest.param("i;ascii-casemap", "Anna", "aNNA", True, id="ascii ignores the case of a to z"),
    pytest.param("i;ascii-casemap", "É", "é", False, id="ascii leaves other letters alone"),
    pytest.param("i;ascii-casemap", "Émile Z", "ÉMILE z", True, id="ascii letters between others"),
    pytest.param("i;octet", "Anna", "anna", False, id="octet is exact"),
    pytest.param("i;octet", "가족", "가족", True, id="octet of the same"),
    pytest.param("i;unicode-casemap", "ÉMILE", "émile", True, id="unicode ignores case everywhere"),
    pytest.param("i;unicode-casemap", "\u01c4", "\u01c6", True, id="digraphs of RFC 5051 2"),
    pytest.param("i;unicode-casemap", "ß", "ss", False, id="simple case mapping only"),
    pytest.param("i;unicode-casemap", "가족", unicodedata.normalize("NFD", "가족"), True, id="decomposed Hangul"),
    pytest.param("i;unicode-casemap", "e\u0301", "É", True, id="decomposed accent"),
    pytest.param("i;unicode-casemap", "\uff21", "a", True, id="full width letters"),
]


@pytest.mark.parametrize(("collation", "one", "other", "same"), SAME)
def test_texts_are_the_same_by_their_collation(collation: str, one: str, other: str, same: bool) -> None:
    assert (fold(collation, one) == fold(collation, other)) is same


@pytest.mark.parametrize(
    ("match_type", "text", "found"),
    [
        ("equals", "daboo", False),
        ("equals", "CYRUS DABOO", True),
        ("contains", "us dab", True),
        ("contains", "usdab", False),
        ("starts-with", "cyr", True),
        ("starts-with", "daboo", False),
        ("ends-with", "daboo", True),
        ("ends-with", "cyrus", False),
        ("contains", "", True),
    ],
)
def test_a_match_type_looks_where_it_says(match_type: MatchType, text: str, found: bool) -> None:
    assert text_test(TextMatch(text, match_type=match_type))(("Cyrus Daboo",)) is found
    assert text_test(TextMatch(text, match_type=match_type, negate=True))(("Cyrus Daboo",)) is not found


def test_the_default_collation_is_that_of_the_protocol_that_asks() -> None:
    assert resolve(None, default="i;ascii-casemap") == "i;ascii-casemap"
    assert resolve("default", default="i;unicode-casemap") == "i;unicode-casemap"
    assert resolve("i;octet", default="i;ascii-casemap") == "i;octet"


@pytest.mark.parametrize("name", ["", "i;basic", "i;*", "I;OCTET", "i;ascii-numeric", "en;" * 500])
def test_an_unknown_collation_or_a_wildcard_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedCollation):
        resolve(name, default="i;octet")


def test_the_three_required_collations_are_supported() -> None:
    assert set(supported()) == {"i;ascii-casemap", "i;octet", "i;unicode-casemap"}


@given(st.text())
def test_folding_twice_is_folding_once_for_ascii(text: str) -> None:
    once = fold("i;ascii-casemap", text)
    assert fold("i;ascii-casemap", once) == once
    assert len(once) == len(text)


@given(st.text(), st.text(), st.text())
def test_a_text_contains_its_own_middle_in_every_collation(before: str, middle: str, after: str) -> None:
    for collation in ("i;ascii-casemap", "i;octet"):
        assert text_test(TextMatch(middle, collation=collation))((before + middle + after,))


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=20))
def test_case_never_matters_in_unicode_casemap(text: str) -> None:
    simple = "".join(c for c in text if len(c.upper()) == 1 == len(c.lower()) and c not in "\u0130\u0131\u017f\u00b5")
    assert fold("i;unicode-casemap", simple.lower()) == fold("i;unicode-casemap", simple)


def test_every_character_is_folded_by_its_simple_titlecase() -> None:
    wrong = [
        code
        for code in range(0x80, sys.maxunicode + 1)
        if (titled := chr(code).title()) != chr(code).upper() or titled != chr(code)
        if fold("i;unicode-casemap", chr(code))
        != unicodedata.normalize("NFKD", titled if len(titled) == 1 else chr(code))
    ]
    assert wrong == []


AWKWARD = st.sampled_from(["ß", "\u01c5", "\u10d0", "\ufb03", "\u0301", "\0", "가", "\u1100", "İ", "ς", "a", "B", ""])


@given(
    values=st.lists(st.lists(AWKWARD, max_size=4).map("".join), max_size=6),
    text=st.lists(AWKWARD, max_size=2).map("".join),
    match_type=st.sampled_from(["equals", "contains", "starts-with", "ends-with"]),
    collation=st.sampled_from(supported()),
    negate=st.booleans(),
)
def test_a_column_is_judged_as_its_values_are_one_by_one(
    values: list[str], text: str, match_type: MatchType, collation: str, negate: bool
) -> None:
    wanted = TextMatch(text, collation=collation, match_type=match_type, negate=negate)
    assert column_test(wanted)(values) == [text_test(wanted)((value,)) for value in values]
