"""What was taken back already: a batch and the undo of it, which together say nothing any more. Pure.

Two imports went over one card. Once the later is taken back, the earlier is the last that wrote, though the undo has
rows of its own; and once the earlier was taken back, and left standing what the later had gone on with, the later takes
it along. So whoever replays a resource leaves out both rows of such a pair, a batch and its undo.

An undo that was itself taken back does not count. Refuses to look anything up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from appliance.store.touched import Written


@dataclass(frozen=True, slots=True)
class Pair:
    """An undo, and the batch that it took back."""

    undo_id: int
    batch_id: int


def standing(pairs: Iterable[tuple[int, int]], *, also: int | None = None) -> tuple[Pair, ...]:
    """Return the pairs whose undo has not been taken back, among (undo, what it undoes).

    `also` is a batch that is about to be taken back.
    """
    undone = set() if also is None else {also}
    found = []
    for undo_id, batch_id in sorted(pairs, reverse=True):  # an undo is always younger than what it undoes
        if undo_id not in undone:
            undone.add(batch_id)
            found.append(Pair(undo_id, batch_id))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Window:
    """Since when a resource has to be replayed, and the batches in that time that say nothing."""

    since: int
    silent: frozenset[int]


def window(
    pairs: Iterable[Pair], firsts: Mapping[int, int], rows: Iterable[Written], since: int, *, taking: int | None = None
) -> Window:
    """Return how one resource is to be replayed.

    `firsts` are the first rows that the batches of the pairs wrote to it, `rows` its rows, oldest first. With `taking`,
    the batch that is about to be taken back, the time begins as early as a pair that reaches into it: its undo came
    later, or wrote since; and an undo says nothing of what its batch never wrote to either, for there it completed
    other pairs. Without, a pair that began before `since` is what others wrote.
    """
    every = tuple(pairs)
    here = [pair for pair in every if pair.batch_id in firsts]
    along = {pair.undo_id for pair in every if pair.batch_id not in firsts} if taking is not None else set()
    written = list(rows)
    grown = taking is not None
    while grown:
        recent = {row.batch_id for row in written if row.seq > since}
        reaching = [
            firsts[pair.batch_id]
            for pair in here
            if firsts[pair.batch_id] <= since and (recent & {pair.undo_id, *along} or pair.undo_id > (taking or 0))
        ]
        grown = bool(reaching)
        since = min([since, *(first - 1 for first in reaching)])
    inside = [pair for pair in here if firsts[pair.batch_id] > since]
    return Window(since, frozenset(along.union(each for pair in inside for each in (pair.undo_id, pair.batch_id))))
