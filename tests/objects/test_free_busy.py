"""Busy rows become one VFREEBUSY: merged, clipped, in UTC."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.objects.content_lines import parse
from appliance.objects.free_busy import Busy, busy_calendar, merged


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([(10, 20, "FREE")], []),
        ([(0, 5, "BUSY")], []),
        ([(10, 20, "BUSY")], [(10, 20, "BUSY")]),
        ([(0, 200, "BUSY")], [(10, 100, "BUSY")]),
        ([(10, 20, "BUSY"), (20, 30, "BUSY")], [(10, 30, "BUSY")]),
        ([(10, 40, "BUSY"), (15, 20, "BUSY"), (50, 60, "BUSY")], [(10, 40, "BUSY"), (50, 60, "BUSY")]),
        ([(10, 30, "BUSY"), (20, 40, "BUSY-TENTATIVE")], [(10, 30, "BUSY"), (20, 40, "BUSY-TENTATIVE")]),
        ([(20, 20, "BUSY")], []),
    ],
)
def test_periods_are_merged_by_type_and_clipped(rows: list[Busy], expected: list[Busy]) -> None:
    def seconds(periods: list[Busy]) -> list[Busy]:
        return [(start * 1_000_000, end * 1_000_000, kind) for start, end, kind in periods]

    assert merged(seconds(rows), 10_000_000, 100_000_000) == seconds(expected)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.sampled_from(["BUSY", "FREE", "BUSY-TENTATIVE"]))))
def test_a_second_is_busy_exactly_when_a_row_is(rows: list[Busy]) -> None:
    scaled = [(start * 1_000_000, end * 1_000_000, kind) for start, end, kind in rows]
    periods = merged(scaled, 10_000_000, 80_000_000)
    for second in range(100):
        for kind in ("BUSY", "BUSY-TENTATIVE"):
            expected = 10 <= second < 80 and any(a <= second < b and k == kind for a, b, k in rows)
            found = [1 for a, b, k in periods if a <= second * 1_000_000 < b and k == kind]
            assert len(found) == expected


def test_the_answer_is_one_vfreebusy_in_utc() -> None:
    body = busy_calendar(
        [(0, 3_600_000_000, "BUSY"), (0, 1_800_000_000, "BUSY-UNAVAILABLE")],
        0, 86_400_000_000, 1_000_000
    )  # fmt: skip
    calendar = parse(body)
    busy = calendar.components[0]
    assert (calendar.name, busy.name, len(calendar.components)) == ("VCALENDAR", "VFREEBUSY", 1)
    assert busy.first("UID") is not None
    assert {line.name: line.value for line in busy.lines if line.name not in ("FREEBUSY", "UID")} == {
        "DTSTAMP": "19700101T000001Z", "DTSTART": "19700101T000000Z", "DTEND": "19700102T000000Z",
    }  # fmt: skip
    assert [(line.param("FBTYPE"), line.value) for line in busy.all("FREEBUSY")] == [
        ("BUSY-UNAVAILABLE", "19700101T000000Z/19700101T003000Z"), (None, "19700101T000000Z/19700101T010000Z"),
    ]  # fmt: skip


def test_nobody_busy_is_a_vfreebusy_without_periods() -> None:
    busy = parse(busy_calendar([], 0, 1_000_000, 0)).components[0]
    assert busy.name == "VFREEBUSY" and busy.all("FREEBUSY") == []
