"""What has become of things since a moment, and in which order a folder stands."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.store.ledger import Member
from web.shelf import natural
from web.then import Fate, fate_of


def member(name: str, content_id: int, kind: str = "file") -> Member:
    return Member(1, name, 3, 5, kind, 3, content_id, 10, 0)


@pytest.mark.parametrize(
    ("was", "now", "fate"),
    [
        pytest.param(member("a.txt", 1), None, Fate.GONE, id="deleted-or-moved-away"),
        pytest.param(member("a.txt", 1), member("a.txt", 1), Fate.SAME, id="as-it-was"),
        pytest.param(member("a.txt", 1), member("a.txt", 2), Fate.OTHERWISE, id="written-since"),
        pytest.param(member("a.txt", 1), member("b.txt", 1), Fate.OTHERWISE, id="renamed-since"),
        pytest.param(
            member("a.vcf", 1, "card"), member("b.vcf", 1, "card"), Fate.SAME, id="a-contacts-name-says-nothing"
        ),
    ],
)
def test_what_has_become_of_a_thing(was: Member, now: Member | None, fate: Fate) -> None:
    assert fate_of(was, now) is fate


def test_names_stand_as_people_count() -> None:
    names = ["IMG_10.jpg", "img_2.jpg", "나무.jpg", "IMG_1.jpg", "가방.jpg", "2.txt", "10.txt"]
    ordered = ["2.txt", "10.txt", "IMG_1.jpg", "img_2.jpg", "IMG_10.jpg", "가방.jpg", "나무.jpg"]
    assert sorted(names, key=natural) == ordered
    assert natural("\u1100\u1161") == natural("가")


@given(st.lists(st.text(max_size=12)))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    ordered = sorted(names, key=natural)
    assert all(natural(one) <= natural(other) for one, other in pairwise(ordered))
