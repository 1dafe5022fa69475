"""Carrying out a plan: one step after another through the same doors as a PUT, so that it can be stopped anywhere.

The plan is durable before its first step. After a power cut the same plan is gone through again from its first entry:
what is as wanted already is left alone, what the batch itself wrote is not "changed since". A step that is refused,
because somebody wrote meanwhile, holds a lock or took the name, is told and does not stop the others; a full disk does,
and the batch waits for `gotgan undo --resume`. Steps on cards and events share commits, and so do simple ones on files,
as many as fit into a moment: phones are waiting for the writer's turn.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from appliance import errors
from appliance.history.acts import Act
from appliance.history.contracts import FILES, TOGETHER, Place, Writer
from appliance.history.plan_texts import from_json, to_json
from appliance.history.plans import Entry, Plan
from appliance.store import batches, placing, touched
from appliance.store.ledger import Author, Ledger
from appliance.store.placing import Wanted

Progress = Callable[[int, int], None]
"""Told how many of how many are done, durably."""
Seconds = Callable[[], float]

STOPPING = (errors.DiskFull, errors.OverQuota, errors.Busy)
MOST_TOGETHER = 200
FIRST_TOGETHER = 16
TURN_SECONDS = 0.05  # how long the writer's turn is kept; half of that, and the next one has more steps

KEEPING = (errors.NameTaken, errors.ChangedSince, errors.NoParent, errors.Locked, errors.NotPermitted, errors.NotFound)


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was not done, and why, in a sentence."""

    entry: Entry
    sentence: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a batch did. `stopped` is the sentence that ended it early; None: it is done."""

    batch_id: int
    done: int
    refused: tuple[Refused, ...]
    stopped: str | None = None


def begin(
    ledger: Ledger, author: Author, kind: str, plan: Plan, *, undoes: int | None = None, about: Act | None = None
) -> int:
    """Keep the plan as a batch of `kind` and return its id; `about` says what was asked for."""
    told = None if about is None else about.to_json()
    return batches.plan(ledger, author, kind, json.dumps(to_json(plan), ensure_ascii=False), undoes=undoes, about=told)


def carry_out(
    ledger: Ledger, writer: Writer, batch_id: int, *,
    progress: Progress = lambda _done, _all: None, seconds: Seconds = time.monotonic,
) -> Receipt:  # fmt: skip
    """Go through a batch's plan from the beginning and return the receipt; a done batch is done again for nothing."""
    batch = batches.of(ledger.database.connection(), batch_id)
    if batch.plan is None:
        return Receipt(batch_id, 0, ())
    batches.become(ledger, batch_id, "running")
    entries = [entry for entry in from_json(json.loads(batch.plan)).entries if entry.wanted is not None]
    work = _Work(ledger, writer, batch_id, seconds)
    try:
        work.go_through(entries, progress)
    except STOPPING as error:
        batches.become(ledger, batch_id, "stopped")
        return Receipt(batch_id, work.done, tuple(work.refused), str(error))
    batches.note_refused(ledger, batch_id, [(_resource(each.entry), each.sentence) for each in work.refused])
    batches.become(ledger, batch_id, "done")
    if batch.undoes is not None:
        batches.become(ledger, batch.undoes, "done")  # what it had not done yet is not to be done any more
    return Receipt(batch_id, work.done, tuple(work.refused))


def _resource(entry: Entry) -> int:
    return 0 if entry.wanted is None else entry.wanted.resource_id


class _Work:
    def __init__(self, ledger: Ledger, writer: Writer, batch_id: int, seconds: Seconds) -> None:
        self._ledger = ledger
        self._writer = writer
        self._batch_id = batch_id
        self._seconds = seconds
        self._most = FIRST_TOGETHER
        self._aside: dict[int, Wanted] = {}  # what steps aside on its way, by its id
        self.done = 0
        self.refused: list[Refused] = []

    def go_through(self, entries: Sequence[Entry], progress: Progress) -> None:
        """Do every entry; those that others were in the way of get a second turn at the end."""
        self._aside = {each.wanted.resource_id: each.wanted for each in entries if each.passing and each.wanted}
        later: list[Entry] = []
        number = 0
        while number < len(entries):
            group = self._group(entries, number)
            later += [entry for entry, error in zip(group, self._take(group), strict=True) if error is not None]
            number += len(group)
            progress(number, len(entries))
        for entry in later:
            (error,) = self._take([entry])
            if error is not None and not entry.passing:
                self.refused.append(Refused(entry, str(error)))
                self._step_back(entry)

    def _group(self, entries: Sequence[Entry], start: int) -> Sequence[Entry]:
        """Return what is done in one transaction: one entry, or those of one sort that follow each other, each once."""
        end = start
        seen: set[int] = set()
        first = entries[start].wanted
        sort = TOGETHER if first is not None and first.kind in TOGETHER else FILES
        while end < min(len(entries), start + self._most):
            wanted = entries[end].wanted
            assert wanted is not None
            if wanted.kind not in sort or wanted.resource_id in seen:
                break
            seen.add(wanted.resource_id)
            end += 1
        return entries[start : max(end, start + 1)]

    def _take(self, group: Sequence[Entry]) -> list[errors.GotganError | None]:
        """Do a group's steps and return what refused each; what stops the batch is raised when they are durable."""
        if len(group) > 1 and all(entry.kind in FILES for entry in group):
            if self._take_files(group):
                return [None] * len(group)
            return [error for entry in group for error in self._take([entry])]
        found: list[errors.GotganError | None] = []
        stopped: errors.GotganError | None = None
        with self._placing(group) as place:
            for entry in group:
                try:
                    found.append(self._take_step(entry, place))
                except STOPPING as error:
                    stopped = error
                    break
        self.done += sum(error is None and not entry.passing for entry, error in zip(group, found, strict=False))
        if stopped is not None:
            raise stopped
        return found

    def _take_files(self, group: Sequence[Entry]) -> bool:
        """Do the steps of a group of files at once; False where one of them must be done by itself, so nothing is."""
        due = [wanted for entry in group if (wanted := self._due(entry)) is not None]
        try:
            with self._writer.files_together(due, batch_id=self._batch_id) as place:
                began = self._seconds()
                for wanted in due:
                    place(wanted)
                took = self._seconds() - began
        except errors.GotganError:
            return False  # whoever does them one by one says which, and why
        self._pace(took, len(group))
        self.done += len(group)
        return True

    @contextlib.contextmanager
    def _placing(self, group: Sequence[Entry]) -> Iterator[Place]:
        """Give what places the steps of a group; how long it took decides how many the next one has."""
        coming = [entry.wanted for entry in group if entry.wanted is not None]
        if coming[0].kind not in TOGETHER:
            yield lambda wanted: self._writer.place(wanted, batch_id=self._batch_id)
            return
        with self._writer.together(coming, batch_id=self._batch_id) as place:
            began = self._seconds()
            yield place
            took = self._seconds() - began
        self._pace(took, len(group))

    def _pace(self, took: float, steps: int) -> None:
        """Let the next group have more or fewer steps."""
        if took > TURN_SECONDS:
            self._most = max(1, self._most // 2)
        elif took < TURN_SECONDS / 2 and steps == self._most:
            self._most = min(MOST_TOGETHER, self._most * 2)

    def _take_step(self, entry: Entry, place: Place) -> errors.GotganError | None:
        """Do one step; return what refused it."""
        wanted = self._due(entry)
        if wanted is None:
            return None
        try:
            place(wanted)
        except STOPPING:
            raise
        except errors.GotganError as error:
            return error
        return None

    def _due(self, entry: Entry) -> Wanted | None:
        """Return what is to be placed, None where it was before a power cut; perhaps somebody has gone on with it."""
        wanted = entry.wanted
        assert wanted is not None
        newest, ours = self._newest(wanted), self._newest_of_ours(wanted)
        if ours is not None and (entry.passing or (newest != ours and wanted.resource_id not in self._aside)):
            return None
        return replace(wanted, seen_seq=newest) if newest == ours else wanted

    def _newest(self, wanted: Wanted) -> int:
        return placing.standing_of(self._ledger.database.connection(), wanted.resource_id).seq

    def _newest_of_ours(self, wanted: Wanted) -> int | None:
        """Return the newest row of this batch since the plan was made, None where it has not got there yet."""
        reading = self._ledger.database.connection()
        return touched.newest_of_batch(reading, wanted.resource_id, wanted.seen_seq, self._batch_id)

    def _step_back(self, entry: Entry) -> None:
        """Let what stepped aside for nothing have its name again, where that is free."""
        assert entry.wanted is not None
        aside = self._aside.get(entry.wanted.resource_id)
        if aside is None:
            return
        reading = self._ledger.database.connection()
        standing = placing.standing_of(reading, aside.resource_id)
        if standing.before is None or standing.home != aside.home:
            return
        home = placing.Home(*touched.place_in(reading, aside.seen_seq))
        with contextlib.suppress(*KEEPING):
            self._writer.place(replace(aside, seen_seq=standing.seq, home=home), batch_id=self._batch_id)
