"""What two versions of a card or event say differently, field by field; empty when they mean the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from appliance.objects.fields import Field, field_of, whole_field
from appliance.objects.property_tree import ObjectKind, Part, Section, Tree


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `was` None: it is new; `now` None: it is gone."""

    key: str
    was: Field | None
    now: Field | None


class Pair(NamedTuple):
    """A field in two versions, None where it is missing. A whole section where one version lacks it."""

    one: Part | Section | None
    other: Part | Section | None
    section: str  # the key of the section that it is in

    @property
    def keys(self) -> tuple[str, ...]:
        """What the field is called, the first version's key first."""
        return tuple(side.key for side in (self.one, self.other) if side is not None)


def differences(kind: ObjectKind, was: bytes, now: bytes) -> list[Difference]:
    """Return what `now` says differently from `was`; Malformed when one of them has no component."""
    del kind
    if was == now:
        return []
    before, after = Tree(was), Tree(now)
    return [
        Difference(pair.keys[0], _in_words(before, pair.one, pair.section), _in_words(after, pair.other, pair.section))
        for pair in changed(before, after)
    ]


def _in_words(tree: Tree, side: Part | Section | None, section: str) -> Field | None:
    if side is None:
        return None
    return whole_field(side) if isinstance(side, Section) else field_of(tree.sections[section], side)


def meaning(side: Part | Section | None) -> object:
    """Return what a field means; equal meanings are no difference."""
    if isinstance(side, Section):
        return side.whole
    return None if side is None else side.meaning


def changed(one: Tree, other: Tree) -> Iterator[Pair]:
    """Yield the fields whose meaning differs."""
    return (pair for pair in aligned(one, other) if meaning(pair.one) != meaning(pair.other))


def aligned(one: Tree, other: Tree) -> Iterator[Pair]:
    """Yield every field of two versions beside its counterpart."""
    for key in dict.fromkeys([*one.sections, *other.sections]):
        left, right = one.sections.get(key), other.sections.get(key)
        if left is None or right is None:
            yield Pair(left, right, key)
        else:
            yield from (Pair(*pair, key) for pair in _aligned_parts(left.parts, right.parts))


def _aligned_parts(one: Sequence[Part], other: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair by key; then what is left by slot, by name, as far as only one could have become only one."""
    became = _pairs_alike(one, other)
    for of in (_slot, _name):
        taken = {part.key for part in became.values()}
        lost = [part for part in one if part.key not in became]
        came = [part for part in other if part.key not in taken]
        became |= _pairs_by(lost, came, of)
    for part in one:
        yield part, became.get(part.key)
    paired = {part.key for part in became.values()}
    yield from ((None, part) for part in other if part.key not in paired)


def _slot(part: Part) -> str:
    return part.slot


def _name(part: Part) -> str:
    return part.slot.partition(":")[0]


def _pairs_alike(one: Sequence[Part], other: Sequence[Part]) -> dict[str, Part]:
    """Pair what has the same key, of several that share it first those that mean the same."""
    theirs: dict[str, list[Part]] = defaultdict(list)
    for part in other:
        theirs[part.alike].append(part)
    ours: dict[str, list[Part]] = defaultdict(list)
    for part in one:
        ours[part.alike].append(part)
    found: dict[str, Part] = {}
    for alike, parts in ours.items():
        found |= _pairs_among(parts, theirs.get(alike, []))
    return found


def _pairs_among(ours: list[Part], theirs: list[Part]) -> dict[str, Part]:
    if len(ours) == len(theirs) == 1:
        return {ours[0].key: theirs[0]}
    same: dict[object, list[Part]] = defaultdict(list)
    for part in reversed(theirs):
        same[part.meaning].append(part)
    found = {part.key: same[part.meaning].pop() for part in ours if same.get(part.meaning)}
    taken = {part.key for part in found.values()}
    left = ([part for part in ours if part.key not in found], [part for part in theirs if part.key not in taken])
    numbered = (sorted(parts, key=lambda part: (len(part.key), part.key)) for parts in left)
    return found | {mine.key: their for mine, their in zip(*numbered, strict=False)}


def _pairs_by(lost: Sequence[Part], came: Sequence[Part], of: Callable[[Part], str]) -> dict[str, Part]:
    before: dict[str, list[Part]] = defaultdict(list)
    after: dict[str, list[Part]] = defaultdict(list)
    for side, parts in ((before, lost), (after, came)):
        for part in parts:
            if part.slot:
                side[of(part)].append(part)
    return {
        before[slot][0].key: after[slot][0]
        for slot in before
        if len(before[slot]) == 1 and len(after.get(slot, ())) == 1
    }
