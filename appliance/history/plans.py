"""A plan: what a restore, rewind or undo would do, line by line, in an order that works.

Values only; `arranging.py` makes them. Whoever carries a plan out goes from the first entry to the last and may begin
again at the first after a power cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.history.taking_back import Pile, Reason
from appliance.store.placing import Wanted
from appliance.store.touched import Touched, Written


@dataclass(frozen=True, slots=True)
class Source:
    """What a line of a plan comes from: what was written to the resource, and the rows that are taken back."""

    touched: Touched
    taken: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a plan. `wanted` None: nothing is written for it.

    `passing` is only a step aside, so that two things can exchange their names.
    """

    pile: Pile
    kind: str
    address: str
    wanted: Wanted | None = None
    reason: Reason | None = None
    by: int | None = None  # the device that changed it later
    conflicts: tuple[str, ...] = ()
    renamed_from: str | None = None  # it comes back beside what took its name
    passing: bool = False
    source: Source | None = field(default=None, compare=False, repr=False)  # None: read back, or a step aside


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one press of a button would do."""

    entries: tuple[Entry, ...]
    looked_at: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)
    """Each resource that was decided on, and its newest row: by these a plan made later is known to be another."""

    def counts(self) -> Mapping[Pile, int]:
        """Return how many there are of each pile, steps aside left out."""
        counted = Counter(entry.pile for entry in self.entries if not entry.passing)
        return {pile: counted[pile] for pile in Pile}

    @property
    def is_empty(self) -> bool:
        """Whether it would write nothing."""
        return all(entry.wanted is None for entry in self.entries)
