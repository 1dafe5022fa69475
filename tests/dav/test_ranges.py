"""Which octets a Range asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.dav.ranges import Span, Unsatisfiable, is_unchanged, read_range


@pytest.mark.parametrize(
    ("value", "span"),
    [
        (None, None),
        ("bytes=0-9", Span(0, 10)),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=5-", Span(5, 100)),
        ("bytes=90-200", Span(90, 100)),
        ("bytes=-10", Span(90, 100)),
        ("bytes=-1000", Span(0, 100)),
        ("Bytes = 1 - 2", Span(1, 3)),
        ("bytes=0-1,4-5", None),
        ("bytes=9-1", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("seconds=1-2", None),
        ("bytes", None),
    ],
)
def test_a_range_is_read(value: str | None, span: Span | None) -> None:
    assert read_range(value, 100) == span


@pytest.mark.parametrize(
    ("value", "size"),
    [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)],
)
def test_a_range_outside_the_body_cannot_be_satisfied(value: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        read_range(value, size)


@given(st.text(max_size=30), st.integers(0, 50))
def test_whatever_is_sent_a_span_lies_within_the_body(value: str, size: int) -> None:
    try:
        span = read_range("bytes=" + value, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span.start < span.stop <= size


@pytest.mark.parametrize(
    ("if_range", "unchanged"),
    [
        (None, True),
        ('"1-2"', True),
        ('"1-3"', False),
        ('W/"1-2"', False),
        ("Tue, 24 Nov 2026 06:00:00 GMT", False),
    ],
)
def test_a_range_is_served_only_of_the_body_that_the_client_has(if_range: str | None, unchanged: bool) -> None:
    assert is_unchanged(if_range, '"1-2"') is unchanged
