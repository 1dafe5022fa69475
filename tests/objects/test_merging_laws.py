"""What holds for any two versions of an object, however they came about."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.objects.differences import differences
from appliance.objects.merging import merge
from appliance.objects.property_tree import ObjectKind
from tests.objects.versions import ACTS, BODIES, Act, changed, take_one_by_one

KINDS = st.sampled_from(["card", "event"])


@given(KINDS, st.integers(0, 10_000), ACTS, ACTS, st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_taking_field_by_field_in_any_order_makes_the_other_version(
    kind: ObjectKind, number: int, ours: list[Act], theirs: list[Act], order: int
) -> None:
    base = BODIES[kind][number % len(BODIES[kind])]
    take_one_by_one(kind, changed(kind, base, ours), changed(kind, base, theirs), random.Random(order))


@given(KINDS, st.integers(0, 10_000), ACTS, ACTS)
@settings(max_examples=200, deadline=None)
def test_what_was_merged_is_there(kind: ObjectKind, number: int, ours: list[Act], theirs: list[Act]) -> None:
    base = BODIES[kind][number % len(BODIES[kind])]
    mine, their = changed(kind, base, ours), changed(kind, base, theirs)
    merged = merge(kind, base, mine, their)
    assert merge(kind, base, merged.body, their).body == merged.body
    other = merge(kind, base, their, mine)
    if not merged.conflicts and not other.conflicts:
        assert differences(kind, merged.body, other.body) == []
