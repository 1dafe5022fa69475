"""What an import makes of each entry, and what it says in the end. Pure but for the tally.

An entry is the one in the collection that has its UID. It is the same when it means the same, whatever its order, its
folds and its stamps; then nothing is written. Where it differs the file wins, unless chosen otherwise: what was there
is a version, and the whole import can be taken back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.objects.content_lines import Malformed, parse
from appliance.objects.differences import differences
from appliance.objects.merging import merge
from appliance.objects.property_tree import ObjectKind, Tree

MOST_TOLD = 1000  # of each list in a report; the counts are always complete


class Mode(StrEnum):
    """What happens to an entry that is there already and differs."""

    REPLACE = "replace"
    KEEP = "keep"
    MERGE = "merge"


class Verdict(StrEnum):
    """What becomes of an entry of a file."""

    NEW = "new"
    CHANGED = "changed"
    MERGED = "merged"  # fields of the file were added to what is there
    KEPT = "kept"  # it differs, and what is there stays
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one entry. `body` None: nothing is written."""

    verdict: Verdict
    body: bytes | None
    fields: tuple[str, ...] = ()  # keys of the fields that differ
    staying: tuple[str, ...] = ()  # merged: those where what is there stayed


def decide(kind: ObjectKind, there: bytes | None, coming: bytes, mode: Mode) -> Decision:
    """Return what becomes of an entry; `there` is what has its UID now, None for nothing."""
    if there is None:
        return Decision(Verdict.NEW, coming)
    fields = _differing(kind, there, coming)
    if not fields:
        return Decision(Verdict.SAME, None)
    if mode is Mode.KEEP:
        return Decision(Verdict.KEPT, None, fields)
    if mode is Mode.REPLACE:
        return Decision(Verdict.CHANGED, coming, fields)
    return _merged(kind, there, coming)


def _differing(kind: ObjectKind, there: bytes, coming: bytes) -> tuple[str, ...]:
    try:
        return tuple(difference.key for difference in differences(kind, there, coming))
    except Malformed:
        return () if there == coming else ("*",)


def _merged(kind: ObjectKind, there: bytes, coming: bytes) -> Decision:
    """Add what the file has and the entry lacks; where both say something of the same field, what is there stays."""
    try:
        merged = merge(kind, _bare(there, coming), there, coming)
    except Malformed:
        return Decision(Verdict.KEPT, None, ("*",))
    if not merged.taken:
        return Decision(Verdict.KEPT, None, merged.conflicts)
    return Decision(Verdict.MERGED, merged.body, merged.taken, merged.conflicts)


def _bare(there: bytes, coming: bytes) -> bytes:
    """Return what both are before either says anything: the components that both have, empty."""
    root = parse(coming)
    name, version = root.name, root.first("VERSION")
    lines = [f"BEGIN:{name}", f"VERSION:{'' if version is None else version.value}"]
    both = Tree(there).sections
    for key, section in Tree(coming).sections.items():
        if key and key in both:
            date = section.component.first("RECURRENCE-ID")
            zone = None if date is None else date.param("TZID")
            lines.append(f"BEGIN:{section.component.name}")
            if date is not None:
                lines.append(f"RECURRENCE-ID{f';TZID={chr(34)}{zone}{chr(34)}' if zone else ''}:{date.value}")
            lines.append(f"END:{section.component.name}")
    return "\r\n".join([*lines, f"END:{name}", ""]).encode()


# --- what is said in the end ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """What was not imported: where it stands, and why. `line` None: a whole file."""

    where: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """One entry that something happened to beyond being new or the same."""

    where: str
    line: int | None
    verdict: Verdict
    title: str
    fields: tuple[str, ...] = ()
    staying: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What an import did so far. `stopped` is the sentence that ended it early."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)
    left_count: int = 0
    skipped: list[Left] = field(default_factory=list)
    skipped_count: int = 0
    told: list[Told] = field(default_factory=list)
    stopped: str | None = None
    batch_id: int | None = None  # None: nothing was written

    @property
    def written(self) -> int:
        """How many entries were written."""
        return sum(self.counts[verdict] for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.MERGED))

    def leave(self, where: str, line: int | None, reason: str) -> None:
        """Note what could not be imported."""
        self.left_count += 1
        if len(self.left) < MOST_TOLD:
            self.left.append(Left(where, line, reason))

    def skip(self, where: str, reason: str) -> None:
        """Note what was not meant to be imported: links, hidden files."""
        self.skipped_count += 1
        if len(self.skipped) < MOST_TOLD:
            self.skipped.append(Left(where, None, reason))

    def count(self, told: Told, remarks: tuple[str, ...] = ()) -> None:
        """Count an entry that was dealt with."""
        self.counts[told.verdict] += 1
        self.remarks.update(remarks)
        if told.verdict not in (Verdict.NEW, Verdict.SAME) and len(self.told) < MOST_TOLD:
            self.told.append(told)
