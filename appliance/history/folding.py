"""From rows to lines: what one act wrote in several rows is told once. Rows in, lines out, newest first; nothing else.

Folded are the two rows of a move; an empty file that the same device filled within a minute (protocol B7), with what
it set on it in between; an upload under another name that was moved over its target (B7); and a batch, whatever its
size. In the history of a single thing a batch stays what it did to that thing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from appliance.store.happened import Event, Happened, Refusal
from appliance.store.summaries import BatchSummary

FILLED_WITHIN = timedelta(minutes=1) // timedelta(microseconds=1)

Summary = Callable[[int], BatchSummary | None]


@dataclass(frozen=True, slots=True)
class Line:
    """What is told in one line: a row, or a batch with the newest of its rows in the scope."""

    event: Happened
    batch: BatchSummary | None = None  # with `whole`: the line is about all of it, else the row is a part of it
    whole: bool = False


def fold(
    happened: Iterable[Happened], summary: Summary, *, skip: Callable[[int], None] = lambda _: None, of_one: bool,
    told: Collection[int] = (),
) -> Iterator[Line]:  # fmt: skip
    """Yield the lines of what happened, both newest first.

    `skip` is told each batch that was folded, so that its rows need not be fetched. `of_one`: a single thing's history.
    `told`: the batches that were told already, to somebody who reads on.
    """
    folding = _Folding(summary, skip, of_one=of_one, told=told)
    for each in happened:
        if isinstance(each, Refusal):
            yield Line(each)
            continue
        line = folding.line(each)
        folding.newer = each
        if line is not None:
            yield line


class _Folding:
    def __init__(self, summary: Summary, skip: Callable[[int], None], *, of_one: bool, told: Collection[int]) -> None:
        self.newer: Event | None = None  # the row that came just before: the next newer one
        self._summary = summary
        self._skip = skip
        self._of_one = of_one
        self._filled: dict[int, Event] = {}  # resource to the row that filled an empty file
        self._uploads: set[int] = set()  # resources that ended as the new content of others
        self._batches: dict[int, BatchSummary | None] = {}
        self._told = set(told)
        for batch_id in told:
            skip(batch_id)

    def line(self, event: Event) -> Line | None:
        """Return what is to be told of a row; None: it is told with another."""
        batch = None if event.batch_id is None else self._batch(event.batch_id)
        if batch is not None and not self._of_one and batch.resources > 1:
            if batch.id in self._told:
                return None
            self._told.add(batch.id)
            self._skip(batch.id)
            return Line(event, batch, whole=True)
        if self._is_departure(event) or self._is_upload(event) or self._is_before_filling(event):
            return None
        if _was_filled(event):
            self._filled[event.resource_id] = event
        return Line(event, batch)

    def _batch(self, batch_id: int) -> BatchSummary | None:
        if batch_id not in self._batches:
            self._batches[batch_id] = self._summary(batch_id)
        return self._batches[batch_id]

    def _is_departure(self, event: Event) -> bool:
        """The row `leave` of a move whose arrival was told."""
        newer = self.newer
        return event.op == "leave" and newer is not None and newer.was_seq == event.seq

    def _is_upload(self, event: Event) -> bool:
        """A row of a file that was uploaded under another name, as far back as its birth."""
        newer = self.newer
        if event.op == "merged" and newer is not None and newer.seq == event.seq + 1 and not self._of_one:
            self._uploads.add(event.resource_id)
            return True
        if event.resource_id not in self._uploads:
            return False
        if not event.was_alive:
            self._uploads.discard(event.resource_id)  # what an earlier file of this identity was is told again
        return True

    def _is_before_filling(self, event: Event) -> bool:
        filled = self._filled.get(event.resource_id)
        if filled is None:
            return False
        if event.seq == filled.was_body_seq:
            del self._filled[event.resource_id]
            return True
        return event.op == "props" and event.device_id == filled.device_id


def _was_filled(event: Event) -> bool:
    """Return whether a body replaced an empty one that the same device had written a moment before."""
    return (
        event.op == "put"
        and bool(event.was_alive)
        and event.was_size == 0
        and bool(event.size)
        and event.device_id is not None
        and event.device_id == event.was_device_id
        and event.was_at is not None
        and event.at - event.was_at <= FILLED_WITHIN
    )
