"""What one PUT, one sync after one change and one month cost among 100 members, 1,000, 10,000 and 100,000.

Loaded by PUT over eight connections, as phones would. Every answer is checked against what was loaded; the figures
are printed, and are no reason to fail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.figures import Block, figure
from tests.bench.object_rows import put_one, sync_change, window
from tests.bench.places import Limits, Place, opened
from tests.bench.servers import Kind, Ours
from tests.soak.conftest import Note

SIZES: dict[Kind, tuple[int, ...]] = {"cards": (100, 1_000, 10_000, 100_000), "events": (100, 1_000, 10_000)}
ROUNDS = 5
BUDGET_S = 1.0
SEED = 7
PROOFS: list[tuple[str, Kind, Callable[[Place], Block]]] = [
    ("PUT one card", "cards", put_one),
    ("sync after one change", "cards", sync_change),
    ("PUT one event", "events", put_one),
    ("query one month", "events", window),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Ours]:
    made = Ours(tmp_path)
    made.prepare()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_one_operation_is_answered_rightly_among_any_number_of_members(
    server: Ours, tmp_path: Path, note: Note
) -> None:
    limits = Limits(BUDGET_S, tmp_path / "none")
    places: dict[tuple[Kind, int], Place] = {}
    for kind, sizes in SIZES.items():
        for size in sizes:
            began = time.monotonic()
            places[kind, size] = opened(server, kind, size, SEED, limits)
            seconds = time.monotonic() - began
            note(f"load {kind} by 8", f"{size:,}", f"{seconds:.1f} s, {size / seconds:,.0f} a second, all listed")
    for proof, kind, measure in PROOFS:
        here = [place for (its_kind, _), place in places.items() if its_kind == kind]
        blocks: list[list[Block]] = [[] for _ in here]
        for _ in range(ROUNDS):  # in turns, so that a busy machine hits all sizes alike
            for place, found in zip(here, blocks, strict=True):
                found.append(measure(place))
                place.rounds += 1
        for size, found in zip(SIZES[kind], blocks, strict=True):
            came = figure(found, "ms")
            note(f"cost: {proof}", f"{size:,} members", f"{came.cpu_ms:.2f} ms CPU, {came.wall:.2f} ms wall")
