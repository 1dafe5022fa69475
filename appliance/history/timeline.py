"""A timeline: who did what, when, in words, newest first. The command line and the pages show what is made here.

Rows come from the ledger, are folded into lines, and each line becomes an `Entry` whose words are phrases: whoever
shows it chooses the language. It refuses to read more than it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.history.folding import Line, fold
from appliance.history.phrases import Phrase, render
from appliance.history.wording import describe
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import Difference, differences
from appliance.store import moments, past, summaries
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.summaries import BatchSummary
from appliance.store.thinning import CLOCK_NOT_SET
from appliance.store.timelines import NEWEST, Event, Refusal, Scope, Timeline, Visible

LARGEST = 8 << 20  # bytes of a contact or an event that is compared field by field


@dataclass(frozen=True, slots=True)
class Actor:
    """A device and whose it is. `door` is how it comes in: phone, pages or shell."""

    device_id: int
    label: str
    door: str
    person: str  # the slug
    person_shown: str


Actors = Callable[[int], Actor | None]


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
    name: str
    collection_id: int
    resource_id: int | None
    content_id: int | None
    size_bytes: int | None
    batch_id: int | None
    fault: str | None
    let_go_at: datetime | None  # the content is not kept any more since then

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
        happened = Timeline(
            reading, scope, after_seq=window.after_seq, before_seq=window.before_seq, visible=visible
        )  # fmt: skip
        of_one = bool(scope.resources) and not scope.collections

        def summary(batch_id: int) -> BatchSummary | None:
            found = summaries.batch_summary(reading, batch_id)
            if found is None or found.root is None or visible(found.root.collection_id):
                return found
            return replace(found, root=None)

        known = _Known(reading, self)
        lines = fold(happened, summary, skip=happened.skip, of_one=of_one)
        return [_entry(line, known, self) for line in islice(lines, window.limit)]


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
    event = line.event
    device_id = line.batch.device_id if line.whole and line.batch is not None else event.device_id
    actor = None if device_id is None else teller.actors(device_id)
    is_row = isinstance(event, Event)
    let_go_at = event.removed_at if isinstance(event, Event) and event.place == "none" else None
    return Entry(
        seq=event.seq if isinstance(event, Event) else event.after_seq,
        at=from_micros(line.batch.at if line.whole and line.batch is not None else event.at),
        who=_who(device_id, actor),
        what=describe(line, known),
        marks=tuple(_marks(line, let_go_at, teller.zone)),
        door="disk" if device_id is None else "unknown" if actor is None else actor.door,
        actor=actor,
        kind="batch" if line.whole else event.kind if isinstance(event, Event) else "refused",
        name=event.name,
        collection_id=event.collection_id,
        resource_id=event.resource_id,
        content_id=None if line.whole else event.content_id,
        size_bytes=None if line.whole else event.size,
        batch_id=None if line.batch is None else line.batch.id,
        fault=None if line.whole else event.fault,
        let_go_at=None if line.whole or let_go_at is None or not is_row else from_micros(let_go_at),
    )


def _who(device_id: int | None, actor: Actor | None) -> Phrase:
    if device_id is None:
        return Phrase("who.disk")
    if actor is None:
        return Phrase("who.unknown")
    if actor.door in ("pages", "shell"):
        return Phrase(f"who.{actor.door}", {"person": actor.person_shown})
    return Phrase("who.device", {"device": actor.label})


def _marks(line: Line, let_go_at: int | None, zone: ZoneInfo) -> Iterator[Phrase]:
    event = line.event
    if line.batch is not None:
        yield Phrase("mark.batch", {"count": line.batch.id})
    if line.whole:
        return
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

    def __init__(self, reading: Reading, teller: Teller) -> None:
        self._reading = reading
        self._teller = teller

    def differences(self, event: Event) -> Sequence[Difference]:
        """Return what a row changed in a contact or an event; none where a body cannot be read any more."""
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
