"""Sittings: where a device paused, and which of them are offered as moments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.history.sittings import MOST, SILENCE, Sitting, sittings
from appliance.store.touched import Stroke

MINUTE = 60_000_000


def strokes(*told: tuple[int, str, int]) -> list[Stroke]:
    """Rows (minute, op, resource) told oldest first, given newest first as the ledger gives them."""
    rows = [Stroke(seq, minute * MINUTE, op, thing) for seq, (minute, op, thing) in enumerate(told, 1)]
    return rows[::-1]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param((), [], id="nothing-was-done"),
        pytest.param(((5, "put", 1),), [Sitting(5 * MINUTE, 5 * MINUTE, 1, 0)], id="one-thing"),
        pytest.param(
            ((5, "put", 1), (15, "delete", 1)),
            [Sitting(5 * MINUTE, 15 * MINUTE, 1, 1)],
            id="a-silence-just-short-enough",
        ),
        pytest.param(
            ((5, "put", 1), (16, "delete", 2)),
            [Sitting(16 * MINUTE, 16 * MINUTE, 1, 1), Sitting(5 * MINUTE, 5 * MINUTE, 1, 0)],
            id="a-longer-silence",
        ),
        pytest.param(
            ((30, "put", 1), (5, "put", 2)),
            [Sitting(5 * MINUTE, 5 * MINUTE, 1, 0), Sitting(30 * MINUTE, 30 * MINUTE, 1, 0)],
            id="a-clock-that-was-set-back",
        ),
    ],
)
def test_a_silence_parts_sittings(told: tuple[tuple[int, str, int], ...], expected: list[Sitting]) -> None:
    assert sittings(strokes(*told)) == expected


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(("put", "delete")), st.integers(1, 9)), max_size=60))
def test_those_in_which_most_was_deleted_are_told(told: list[tuple[int, str, int]]) -> None:
    rows = strokes(*sorted(told))
    found = sittings(rows)
    assert len(found) <= MOST
    assert [each.began_at for each in found] == sorted((each.began_at for each in found), reverse=True)
    for later, earlier in pairwise(found):
        assert later.began_at - earlier.ended_at > SILENCE
    if rows:
        most = max(len({row.resource_id for row in rows if row.op == "delete" and row.at == at}) for at in
                   {row.at for row in rows})  # fmt: skip
        assert max(each.deleted for each in found) >= most
