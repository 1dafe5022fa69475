"""Codes that are read from one screen and typed into another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.household import codes


@given(st.integers(0, 2**64), st.integers(1, 12), st.integers(1, 6), st.booleans())
def test_what_is_shown_is_what_is_read(number: int, length: int, group: int, lower: bool) -> None:
    code = codes.of_number(number, length)
    shown = codes.spelled(code, group)
    assert codes.typed(shown.lower() if lower else shown, length) == code
    assert codes.typed(shown.replace("-", " "), length) == code


@given(st.text(), st.integers(1, 12))
def test_whatever_is_typed_is_a_code_or_nothing(text: str, length: int) -> None:
    read = codes.typed(text, length)
    assert read == "" or (len(read) == length and set(read) <= set(codes.ALPHABET))


@pytest.mark.parametrize("text", ["ABCDE", "ABCDEFG", "ABCDE0", "ABCDEI", "ABCDE\u0416", "", "A" * 10_000])
def test_a_code_has_its_length_and_no_sign_that_is_mistaken(text: str) -> None:
    assert codes.typed(text, 6) == ""


def test_no_two_codes_are_alike() -> None:
    made = {codes.new_code(6) for _ in range(1000)}
    assert len(made) > 990
    assert set("".join(made)) == set(codes.ALPHABET)
