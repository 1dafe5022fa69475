"""What a form about a plan says, and how a long pile is divided into windows and shares."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from appliance.history.restore import Chosen
from web.piles import COMES, Heap, Piles, Row, chosen, windows


@pytest.mark.parametrize(
    ("form", "overturned", "left"),
    [
        pytest.param([], set(), set(), id="nothing"),
        pytest.param([("take-3", "then"), ("take-4", "now")], {3}, set(), id="radios"),
        pytest.param([("take", "3"), ("take", "4"), ("take-4", "now")], {3}, set(), id="turned-back-in-this-window"),
        pytest.param([("row", "1"), ("row", "2"), ("back", "2")], set(), {1}, id="unticked"),
        pytest.param([("leave", "9"), ("row", "1"), ("back", "1")], set(), {9}, id="unticked-in-another-window"),
        pytest.param(
            [("row", "x"), ("take-", "then"), ("take-²", "then"), ("leave", "-1")], set(), set(), id="rubbish"
        ),
    ],
)
def test_a_form_says_what_was_chosen(form: list[tuple[str, str]], overturned: set[int], left: set[int]) -> None:
    assert chosen(MultiDict(form)) == Chosen(frozenset(overturned), frozenset(left))


@pytest.mark.parametrize(("said", "first"), [("200", 200), ("-5", 0), ("x", 0), ("", 0)])
def test_a_window_begins_where_the_address_says(said: str, first: int) -> None:
    assert windows(MultiDict([("comes", said)]))[COMES] == first


def heap(key: str, count: int, *, first: int = 0, notes: tuple[str, ...] = ()) -> Heap:
    rows = tuple(Row(number, "x", "card", "", False, None, note, True, False) for number, note in enumerate(notes))
    return Heap(key, count, rows, first, 0)


@pytest.mark.parametrize(
    ("count", "first", "following"), [(100, 0, None), (101, 0, 100), (250, 100, 200), (250, 200, None)]
)
def test_a_window_leads_to_the_next(count: int, first: int, following: int | None) -> None:
    assert heap(COMES, count, first=first).next == following


@pytest.mark.parametrize(
    ("notes", "said"), [(("a", "a", "a", "b"), "a"), (("a", "b", "c"), ""), (("a", "a"), ""), ((), "")]
)
def test_what_most_rows_say_is_said_once(notes: tuple[str, ...], said: str) -> None:
    assert heap(COMES, len(notes), notes=notes).shared_note == said


@pytest.mark.parametrize("counts", [(9999, 1, 1, 0), (0, 0, 0, 1), (1, 1, 1, 1), (0, 0, 0, 0)])
def test_no_pile_gets_lost_in_the_line_of_shares(counts: tuple[int, int, int, int]) -> None:
    choice, stays, comes, goes = (heap(key, count) for key, count in zip("abcd", counts, strict=True))
    shares = Piles(choice, stays, comes, goes, (), "", 0, 0, 0, "", ()).shares
    assert len(shares) == sum(count > 0 for count in counts)
    assert all(wide >= 0.5 for _, _, wide in shares)
    assert sum(wide for _, _, wide in shares) <= 100
