"""A timeline: who did what, when, in words, newest first. The command line and the pages show what is made here.

Rows come from the ledger, are folded into lines, and each line becomes an `Entry` whose words are phrases: whoever
shows it chooses the language. It refuses to read more than it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.history.act_words import describe_batch
from appliance.history.actors import Actor, Actors, who
from appliance.history.acts import Act
from appliance.history.folding import Line, Summary, fold
from appliance.history.phrases import Phrase, render
from appliance.history.wording import describe, ends_of_move
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import Difference, differences
from appliance.store import moments, past, summaries
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.happened import Event, Happened, Refusal
from appliance.store.summaries import BatchSummary
from appliance.store.thinning import CLOCK_NOT_SET
from appliance.store.timelines import NEWEST, Scope, Timeline, Visible

Asked = Callable[[Happened], bool]

LARGEST = 8 << 20  # bytes of a contact or an event that is compared field by field


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    seq: int  # of its newest row; a refused edit has that of the row before it
    at: datetime
    who: Phrase
    what: Phrase
    marks: tuple[Phrase, ...]  # what there is to say beside: malformed, let go, part of a batch
    door: str  # phone | pages | shell | disk | unknown
    actor: Actor | None  # None: the disk, or nobody knows
    kind: str  # of the resource; `batch` and `refused` for those
    name: str  # the segment; of a batch that is about several things empty
    collection_id: int | None  # None: a batch that is about several things
    resource_id: int | None
    content_id: int | None
    size_bytes: int | None
    batch_id: int | None
    fault: str | None
    let_go_at: datetime | None  # the content is not kept any more since then
    batch: BatchSummary | None = None  # all of it, in numbers; the entry may be one part of it
    fields: tuple[Difference, ...] = ()  # what a contact or an event has otherwise since
    moved_from: str | None = None  # addresses below `/dav/`
    moved_to: str | None = None
    refused_id: int | None = None  # of an edit that was refused and kept

    def sentence(self, language: str) -> str:
        """Return who did what, with the remarks in brackets."""
        said = render(Phrase("line", {"who": self.who, "what": self.what}), language)
        said = said[:1].upper() + said[1:]
        marks = ", ".join(render(mark, language) for mark in self.marks)
        return f"{said} [{marks}]" if marks else said


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a timeline: the rows between two seqs, neither included, and at most `limit` lines."""

    after_seq: int = 0
    before_seq: int = NEWEST
    limit: int | None = None
    told: frozenset[int] = frozenset()  # batches of which whoever reads on was told already


@dataclass(frozen=True, slots=True)
class Teller:
    """What is needed to tell a timeline: who is who, where octets are, the zone."""

    actors: Actors
    bodies: Bodies
    zone: ZoneInfo

    def timeline(
        self, reading: Reading, scope: Scope, window: Window, *, visible: Visible = lambda _: True
    ) -> list[Entry]:
        """Return the lines of a scope, the newest first.

        `visible` is asked with the collection of each row: who may see what is judged there (ledger 7).
        """
        telling = Telling(reading, self, visible)
        return [telling.entry(line) for line in islice(telling.lines(scope, window), window.limit)]


class Telling:
    """One snapshot as it is told to one reader: the lines of a scope, and the words of each line."""

    def __init__(self, reading: Reading, teller: Teller, visible: Visible = lambda _: True) -> None:
        self._reading = reading
        self._teller = teller
        self._visible = visible
        self._known = _Known(reading, teller, self._summary)

    def lines(
        self, scope: Scope, window: Window, *, wanted: Asked = lambda _: True, goes_on: Asked = lambda _: True
    ) -> Iterator[Line]:
        """Yield the lines of a scope as they are asked for, the newest first; the window's limit is the caller's.

        `goes_on` is asked about every row that is looked at, and ends the telling. `wanted` leaves out rows.
        """
        of_one = bool(scope.resources) and not scope.collections
        everything = Timeline(self._reading, scope, after_seq=window.after_seq, before_seq=window.before_seq)
        happened = (
            each for each in takewhile(goes_on, everything) if wanted(each) and self._visible(each.collection_id)
        )
        return fold(happened, self._summary, skip=everything.skip, of_one=of_one, told=window.told)

    def entry(self, line: Line) -> Entry:
        """Return a line in words."""
        return _entry(line, self._known, self._teller)

    def _summary(self, batch_id: int) -> BatchSummary | None:
        found = summaries.batch_summary(self._reading, batch_id)
        return None if found is None else _as_seen(found, self._visible)


def _as_seen(batch: BatchSummary, visible: Visible) -> BatchSummary:
    """Return a batch without what it was about, where the reader may not know of that."""
    act = Act.from_json(batch.about)
    place = None if act is None else act.collection_id
    about = batch.about if place is None or visible(place) else None
    root = batch.root if batch.root is None or visible(batch.root.collection_id) else None
    return replace(batch, root=root, about=about)


class Acts:
    """Tells batches one by one, in one snapshot: what somebody may take back."""

    def __init__(self, reading: Reading, teller: Teller) -> None:
        self._reading = reading
        self._teller = teller
        self._known = _Known(reading, teller, lambda id_: summaries.batch_summary(reading, id_))

    def act(self, batch_id: int) -> Entry | None:
        """Return what a batch did, without remarks; None where it has written nothing yet."""
        batch = summaries.batch_summary(self._reading, batch_id)
        return None if batch is None else self.summed(batch)

    def summed(self, batch: BatchSummary) -> Entry:
        """Return the same of a batch that the caller has in numbers already."""
        return replace(_batch_entry(batch.last_seq, batch, self._known, self._teller), marks=())


def seq_since(reading: Reading, moment: datetime, *, now: datetime) -> int:
    """Return the last seq that was written up to a moment, 0 before everything; NotFound in the future."""
    try:
        return moments.seq_at(reading, moment, now=now)
    except errors.NotFound:
        if moment > now:
            raise
        return 0


def activity(
    reading: Reading, scope: Scope, since: datetime, until: datetime, buckets: int, *, now: datetime
) -> list[int]:
    """Return how many rows each of `buckets` equal stretches of time between two moments has: a burst stands out."""
    after_seq, last_seq = (seq_since(reading, min(moment, now), now=now) for moment in (since, until))
    return summaries.activity(
        reading, scope, after_seq=after_seq, last_seq=last_seq,
        since=to_micros(since), until=to_micros(until), buckets=buckets,
    )  # fmt: skip


def _entry(line: Line, known: _Known, teller: Teller) -> Entry:
    event, batch = line.event, line.batch
    if line.whole and batch is not None:
        return _batch_entry(event.seq if isinstance(event, Event) else event.after_seq, batch, known, teller)
    device_id = event.device_id
    actor = None if device_id is None else teller.actors(device_id)
    let_go_at = event.removed_at if isinstance(event, Event) and event.place == "none" else None
    what = describe(line, known)
    moved_from, moved_to = known.move(event) if isinstance(event, Event) else (None, None)
    return Entry(
        seq=event.seq if isinstance(event, Event) else event.after_seq,
        at=from_micros(event.at),
        who=who(device_id, actor),
        what=what,
        marks=tuple(_marks(line, let_go_at, teller.zone)),
        door=_door(device_id, actor),
        actor=actor,
        kind=event.kind if isinstance(event, Event) else "refused",
        name=event.name,
        collection_id=event.collection_id,
        resource_id=event.resource_id,
        content_id=event.content_id,
        size_bytes=event.size,
        batch_id=None if batch is None else batch.id,
        fault=event.fault,
        let_go_at=None if let_go_at is None or not isinstance(event, Event) else from_micros(let_go_at),
        batch=batch,
        fields=tuple(known.told_of(event)),
        moved_from=moved_from,
        moved_to=moved_to,
        refused_id=event.id if isinstance(event, Refusal) else None,
    )


def _batch_entry(seq: int, batch: BatchSummary, known: _Known, teller: Teller) -> Entry:
    """Return the line of a whole batch: it is about its root, or about nothing in particular."""
    actor = None if batch.device_id is None else teller.actors(batch.device_id)
    root = batch.root if batch.kind in ("move", "copy") or batch.tops == 1 else None
    return Entry(
        seq=seq,
        at=from_micros(batch.at),
        who=who(batch.device_id, actor),
        what=describe_batch(batch, known),
        marks=tuple(_batch_marks(batch)),
        door=_door(batch.device_id, actor),
        actor=actor,
        kind="batch",
        name="" if root is None else root.name,
        collection_id=None if root is None else root.collection_id,
        resource_id=None if root is None else root.resource_id,
        content_id=None,
        size_bytes=None,
        batch_id=batch.id,
        fault=None,
        let_go_at=None,
        batch=batch,
    )


def _door(device_id: int | None, actor: Actor | None) -> str:
    return "disk" if device_id is None else "unknown" if actor is None else actor.door


def _batch_marks(batch: BatchSummary) -> Iterator[Phrase]:
    """Yield what there is to say of a batch: how it is undone, or that it was."""
    if batch.state != "done":
        yield Phrase("mark.unfinished")
    if batch.undone_by is None:
        yield Phrase("mark.batch", {"count": batch.id})
    else:
        yield Phrase("mark.undone", {"count": batch.undone_by})
    if batch.faults:
        yield Phrase("mark.faults", {"count": batch.faults})


def _marks(line: Line, let_go_at: int | None, zone: ZoneInfo) -> Iterator[Phrase]:
    event = line.event
    if line.batch is not None:
        yield from (mark for mark in _batch_marks(line.batch) if mark.id != "mark.faults")
    if event.fault:
        yield Phrase("mark.fault", {"fault": event.fault})
    if let_go_at is not None:
        yield Phrase("mark.let_go", {"date": from_micros(let_go_at).astimezone(zone).date().isoformat()})
    if isinstance(event, Event) and event.note == CLOCK_NOT_SET:
        yield Phrase("mark.clock")
    if isinstance(event, Refusal) and event.times > 1:
        yield Phrase("mark.times", {"count": event.times})


class _Known:
    """What the words need, asked of the ledger only where a line needs it."""

    def __init__(self, reading: Reading, teller: Teller, summary: Summary) -> None:
        self._reading = reading
        self._teller = teller
        self.summary = summary
        self._told: tuple[int, Sequence[Difference]] = (0, ())  # what was compared last

    def who(self, device_id: int | None) -> Phrase:
        """Return who it was; None: the disk itself."""
        return who(device_id, None if device_id is None else self._teller.actors(device_id))

    def local(self, micros: int) -> datetime:
        """Return a moment of the ledger in the household's zone."""
        return from_micros(micros).astimezone(self._teller.zone)

    def told_of(self, event: Happened) -> Sequence[Difference]:
        """Return the differences that the words of a row told; none where they tell something else."""
        return self._told[1] if isinstance(event, Event) and self._told[0] == event.seq else ()

    def move(self, event: Event) -> tuple[str | None, str | None]:
        """Return from where and to where a row moved something, None twice where it moved nothing."""
        ends = ends_of_move(event)
        if ends is None:
            return None, None
        (from_id, from_name), (to_id, to_name) = ends
        return f"{self.address(from_id)}/{from_name}", f"{self.address(to_id)}/{to_name}"

    def differences(self, event: Event) -> Sequence[Difference]:
        """Return what a row changed in a contact or an event; none where a body cannot be read any more."""
        if self._told[0] != event.seq:
            self._told = event.seq, self._compared(event)
        return self._told[1]

    def _compared(self, event: Event) -> Sequence[Difference]:
        now, was = event.content_id, event.was_content_id
        if now is None or was is None or max(event.size or 0, event.was_size or 0) > LARGEST:
            return ()
        try:
            bodies = [self._teller.bodies.whole(self._reading, id_, of=event.resource_id) for id_ in (was, now)]
            return differences("card" if event.kind == "card" else "event", *bodies)
        except (errors.GotganError, Malformed):  # let go, lost, or neither of the two: told without its fields
            return ()

    def address(self, collection_id: int) -> str:
        """Return where a collection is, below `/dav/`."""
        return "/".join(past.path_of(self._reading, collection_id))

    def properties(self, resource_id: int, seq: int) -> Mapping[str, str | None]:
        """Return the stored properties that a row changed."""
        return summaries.property_changes(self._reading, resource_id, seq)

    def access(self, resource_id: int, seq: int) -> str | None:
        """Return the right that a row of a mount gave."""
        return summaries.access_given(self._reading, resource_id, seq)
