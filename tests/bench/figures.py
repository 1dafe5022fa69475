"""What was measured, and what it comes to: medians, CPU per operation, ratios, and the figures to reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Unit = Literal["ms", "s", "ops/s", "MB/s", "MiB", "KB"]
Measure = Literal["wall", "cpu_ms"]


@dataclass(frozen=True)
class Block:
    """One series on one server: wall seconds of each step, CPU seconds of all, and how many operations they were."""

    walls_s: Sequence[float]
    cpu_s: float
    operations: int


@dataclass(frozen=True)
class Target:
    """A figure to reach (design.md section 8): at most, or for rates at least, so much."""

    measure: Measure
    bound: float

    def said(self, unit: Unit) -> str:
        """Return the figure as words."""
        if self.measure == "cpu_ms":
            return f"≤ {self.bound:g} ms CPU"
        return f"{'≥' if is_rate(unit) else '≤'} {self.bound:g} {unit}"

    def reached(self, figure: Figure) -> bool:
        """Say whether `figure` is as good as this."""
        if self.measure == "cpu_ms":
            return figure.cpu_ms is not None and figure.cpu_ms <= self.bound
        return figure.wall >= self.bound if is_rate(figure.unit) else figure.wall <= self.bound


@dataclass(frozen=True)
class Share:
    """A figure to reach as a share of what the machine itself can do, by the title of that limit."""

    limit: str
    at_least: float


@dataclass(frozen=True)
class Figure:
    """What a row came to on one server: wall in the row's unit, CPU per operation in ms (None: not asked)."""

    unit: Unit
    wall: float
    cpu_ms: float | None
    operations: int


@dataclass(frozen=True)
class Failure:
    """Why there is no figure: a wrong answer, or none."""

    why: str


Outcome = Figure | Failure


@dataclass
class Tally:
    """The blocks of one row, by server, as rounds go by."""

    blocks: dict[str, list[Block]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    """whose last block took too long for another"""

    def outcome(self, server: str, unit: Unit, operation_bytes: int) -> Outcome:
        """Return what `server` came to."""
        if server in self.failures:
            return Failure(self.failures[server])
        return figure(self.blocks[server], unit, operation_bytes)


def is_rate(unit: Unit) -> bool:
    """Say whether more is better."""
    return unit.endswith("/s")


def figure(blocks: Iterable[Block], unit: Unit, operation_bytes: int = 0) -> Figure:
    """Return median wall over all steps in `unit` and CPU per operation over all blocks.

    MB/s is 10^6 octets a second, a step having moved `operation_bytes`.
    """
    known = list(blocks)
    wall_s = median(wall for block in known for wall in block.walls_s)
    operations = sum(block.operations for block in known)
    cpu_ms = sum(block.cpu_s for block in known) / operations * 1000
    walls: dict[Unit, float] = {"ms": wall_s * 1000, "s": wall_s, "MiB": wall_s, "KB": wall_s}
    if is_rate(unit):
        walls[unit] = (operation_bytes / 1e6 if unit == "MB/s" else 1) / max(wall_s, 1e-9)
    return Figure(unit=unit, wall=walls[unit], cpu_ms=cpu_ms, operations=operations)


def times_worse(one: Figure, other: Figure) -> float:
    """Return how many times `one` takes the wall time of `other`: below 1 is better."""
    worse, better = (other.wall, one.wall) if is_rate(one.unit) else (one.wall, other.wall)
    return worse / max(better, 1e-9)


def best(figures: Iterable[Figure]) -> Figure | None:
    """Return the figure with the best wall time, None when there is none."""
    known = list(figures)
    if not known:
        return None
    return (max if is_rate(known[0].unit) else min)(known, key=lambda one: one.wall)


def least_cpu_ms(figures: Iterable[Figure]) -> float | None:
    """Return the least CPU per operation, None when nobody's is known."""
    return min((one.cpu_ms for one in figures if one.cpu_ms is not None), default=None)


def number(value: float) -> str:
    """Return three significant digits, with separators for thousands."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.4f}"
