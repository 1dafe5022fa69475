"""What holds for any two versions of an object, however they came about."""

from __future__ import annotations

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.objects import differences as comparing
from appliance.objects.differences import differences, meaning
from appliance.objects.merging import merge
from appliance.objects.property_tree import ObjectKind, Tree, trees
from tests.objects.versions import ACTS, BODIES, Act, changed, take_one_by_one

KINDS = st.sampled_from(["card", "event"])


@given(KINDS, st.integers(0, 10_000), ACTS, ACTS, st.integers(0, 10_000))
@settings(max_examples=150)
def test_taking_field_by_field_in_any_order_makes_the_other_version(
    kind: ObjectKind, number: int, ours: list[Act], theirs: list[Act], order: int
) -> None:
    base = BODIES[kind][number % len(BODIES[kind])]
    take_one_by_one(kind, changed(kind, base, ours), changed(kind, base, theirs), random.Random(order))


@given(KINDS, st.integers(0, 10_000), ACTS, ACTS)
@settings(max_examples=200)
def test_what_was_merged_is_there(kind: ObjectKind, number: int, ours: list[Act], theirs: list[Act]) -> None:
    base = BODIES[kind][number % len(BODIES[kind])]
    mine, their = changed(kind, base, ours), changed(kind, base, theirs)
    merged = merge(kind, base, mine, their)
    assert merge(kind, base, merged.body, their).body == merged.body
    other = merge(kind, base, their, mine)
    if not merged.conflicts and not other.conflicts:
        assert differences(kind, merged.body, other.body) == []


@given(KINDS, st.integers(0, 10_000), ACTS, ACTS)
@settings(max_examples=200)
def test_versions_read_together_differ_as_they_do_read_alone(
    kind: ObjectKind, number: int, ours: list[Act], theirs: list[Act]
) -> None:
    base = BODIES[kind][number % len(BODIES[kind])]
    bodies = (base, changed(kind, base, ours), changed(kind, base, theirs))
    together, alone = trees(bodies), [Tree(body) for body in bodies]
    for one, other in itertools.permutations(range(3), 2):
        assert told(together[one], together[other]) == told(alone[one], alone[other])


def told(one: Tree, other: Tree) -> list[tuple[object, ...]]:
    return [
        (*pair.keys, pair.section, meaning(pair.one), meaning(pair.other)) for pair in comparing.changed(one, other)
    ]
