"""The walk through everything below some collections, backwards in time, one row after another.

It knows no SQL and asks no more than it tells: a folder is opened only when nothing newer is left elsewhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from appliance.store.happened import Event
from appliance.store.ledger import COLLECTION_KINDS


@dataclass(slots=True)
class Branch:
    """One collection of the walk, as far as its rows are older than `before`.

    `closed`: the rest of it belongs elsewhere. `inner` are those let in below it, `arrived` those that came later.
    """

    id: int
    before: int
    above: Branch | None
    closed: bool = False
    inner: dict[int, Branch] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)

    def is_cut(self) -> bool:
        """Return whether it, or what it lies in, belongs elsewhere before this point."""
        branch: Branch | None = self
        while branch is not None:
            if branch.closed:
                return True
            branch = branch.above
        return False


@dataclass(slots=True)
class _Waiting:
    """What the walk comes to at a seq: the next row of a branch, its next folder, or, with neither, its opening."""

    branch: Branch
    event: Event | None = None
    rows: Iterator[Event] = field(default_factory=lambda: iter(()))
    folder_id: int | None = None
    folders: Iterator[tuple[int, int]] = field(default_factory=lambda: iter(()))


class TreeWalk:
    """Everything below some collections, backwards in time.

    The heap holds open collections by their next row, and those not opened yet by the newest seq that can be in them.
    Passing a folder's departure lets it take part; passing its arrival ends that: what is older happened elsewhere.
    """

    def __init__(
        self,
        rows_in: Callable[[Branch], Iterator[Event]],
        folders_in: Callable[[Branch], Iterator[tuple[int, int]]],
    ) -> None:
        self._rows_in = rows_in
        self._folders_in = folders_in
        self._heap: list[tuple[int, int, _Waiting]] = []
        self._count = 0  # breaks ties, so that nothing else is compared

    def events(self, roots: list[Branch]) -> Iterator[Event]:
        """Yield every row, the newest first."""
        for root in roots:
            self._push(root.before, _Waiting(root))
        while self._heap:
            _, _, waiting = heapq.heappop(self._heap)
            branch = waiting.branch
            if branch.is_cut():
                continue
            if waiting.event is not None:
                yield waiting.event
                self._pass(branch, waiting.event)
                self._next_row(branch, waiting.rows)
            elif waiting.folder_id is not None:
                if waiting.folder_id not in branch.arrived:
                    self._let_in(waiting.folder_id, branch.before, branch)
                self._next_folder(branch, waiting.folders)
            else:
                self._next_row(branch, self._rows_in(branch))
                self._next_folder(branch, self._folders_in(branch))

    def _let_in(self, inner_id: int, before: int, above: Branch) -> None:
        inner = above.inner[inner_id] = Branch(inner_id, before, above)
        self._next_row(inner, self._rows_in(inner))
        self._next_folder(inner, self._folders_in(inner))

    def _pass(self, branch: Branch, event: Event) -> None:
        if event.kind not in COLLECTION_KINDS:
            return
        if not event.alive:
            self._let_in(event.resource_id, event.seq, branch)
        elif not event.was_alive:
            branch.arrived.add(event.resource_id)
            gone = branch.inner.pop(event.resource_id, None)
            if gone is not None:
                gone.closed = True

    def _next_row(self, branch: Branch, rows: Iterator[Event]) -> None:
        event = next(rows, None)
        if event is not None:
            self._push(event.seq, _Waiting(branch, event=event, rows=rows))

    def _next_folder(self, branch: Branch, folders: Iterator[tuple[int, int]]) -> None:
        folder = next(folders, None)
        if folder is not None:
            self._push(folder[1], _Waiting(branch, folder_id=folder[0], folders=folders))

    def _push(self, seq: int, waiting: _Waiting) -> None:
        self._count += 1
        heapq.heappush(self._heap, (-seq, self._count, waiting))
