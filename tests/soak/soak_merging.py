"""Two thousand pairs of versions: whatever differs is taken, field by field in any order, until nothing does."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.objects.differences import differences
from appliance.objects.property_tree import ObjectKind
from tests.objects.versions import ACTS, BODIES, Act, changed, take_one_by_one
from tests.soak.conftest import Note

PAIRS = 2_000


def test_every_field_can_be_taken_in_any_order(note: Note) -> None:
    tally: Counter[str] = Counter()

    @given(
        st.sampled_from(["card", "event"]), st.integers(0, 10_000), st.integers(0, 10_000), st.booleans(), ACTS, ACTS,
        st.integers(0, 10_000),
    )  # fmt: skip
    @settings(max_examples=PAIRS, database=None, suppress_health_check=list(HealthCheck))
    def reach(
        kind: ObjectKind, number: int, other: int, is_other: bool, ours: list[Act], theirs: list[Act], order: int
    ) -> None:
        bodies = BODIES[kind]
        base = bodies[number % len(bodies)]
        from_ = bodies[other % len(bodies)] if is_other else base
        onto, source = changed(kind, base, ours), changed(kind, from_, theirs)
        tally["pairs"] += 1
        tally["differing fields"] += len(differences(kind, onto, source))
        tally["fields taken"] += take_one_by_one(kind, onto, source, random.Random(order))

    reach()
    seen = (
        f"{tally['differing fields']:,} differing fields, {tally['fields taken']:,} taken, all that can be said reached"
    )
    note("merging: field by field", f"{tally['pairs']:,} pairs", seen)
    assert tally["pairs"] >= PAIRS
