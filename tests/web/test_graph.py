"""The graph of a timeline: its heights follow the square root, its days are the household's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import to_micros
from appliance.store.tallies import QUARTER, Tally
from web.graph import DAYS, DOWN, LEAST, SILL, UP, graph

SEOUL = ZoneInfo("Asia/Seoul")
TODAY = date(2026, 11, 23)


def tally(at: datetime, rows: int, *, alive: int = 1) -> Tally:
    return Tally(10, 5, "card", to_micros(at) // QUARTER, alive, rows)


def test_heights_follow_the_square_root() -> None:
    noon = datetime(2026, 11, 23, 3, tzinfo=UTC)
    picture = graph([tally(noon, 3), tally(noon.replace(day=9), 41), tally(noon, 212, alive=0)], TODAY, SEOUL)
    assert len(picture.bars) == DAYS
    today, ninth = picture.bars[-1], picture.bar_of(date(2026, 11, 9))
    assert ninth is not None
    assert (ninth.up, today.down, today.went) == (UP, DOWN, 212)
    assert today.up == pytest.approx(9.197, abs=0.01)
    assert [bar.day.day for bar in picture.busy] == [23, 9]


def test_a_single_change_is_no_tower() -> None:
    picture = graph([tally(datetime(2026, 11, 23, 3, tzinfo=UTC), 1)], TODAY, SEOUL)
    assert picture.bars[-1].up == pytest.approx(UP * (1 / LEAST) ** 0.5)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(datetime(2026, 11, 22, 14, 59, tzinfo=UTC), 22, id="before-midnight-in-seoul"),
        pytest.param(datetime(2026, 11, 22, 15, 0, tzinfo=UTC), 23, id="midnight-in-seoul"),
    ],
)
def test_a_day_begins_at_the_households_midnight(at: datetime, day: int) -> None:
    assert [bar.day.day for bar in graph([tally(at, 1)], TODAY, SEOUL).busy] == [day]


@given(st.lists(st.tuples(st.integers(0, DAYS - 1), st.integers(1, 10**6), st.integers(0, 1)), max_size=40))
def test_every_bar_stays_in_the_picture(counts: list[tuple[int, int, int]]) -> None:
    noon = to_micros(datetime(2026, 11, 23, 3, tzinfo=UTC)) // QUARTER
    found = graph([Tally(1, 5, "card", noon - back * 96, alive, rows) for back, rows, alive in counts], TODAY, SEOUL)
    assert sum(bar.came + bar.went for bar in found.bars) == sum(rows for _, rows, _ in counts)
    for bar in found.bars:
        assert 0 <= bar.up <= UP < SILL
        assert 0 <= bar.down <= DOWN <= 100 - SILL
        assert (bar.up > 0, bar.down > 0) == (bar.came > 0, bar.went > 0)
