"""What a plan would do, told in values: the thing, its fields now and then, where it moves, who did what is taken back.

Pages and the command line show this; `preview_words` makes sentences of it. It refuses to decide what a plan does, and
to know a language. A plan that was read back after a power cut is told without who did what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.clock import from_micros
from appliance.history.plans import Entry, Plan, Source
from appliance.history.taking_back import Pile, Reason
from appliance.history.undone import standing
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import Difference, differences
from appliance.store import batches, content, past, placing, queries, summaries
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.placing import NewBody
from appliance.store.touched import Written

LARGEST = 8 << 20  # bytes of a contact or an event that is compared field by field


@dataclass(frozen=True, slots=True)
class Deed:
    """What one device did to a thing: `verbs` of added, changed, moved, renamed, deleted, restored. None: the disk."""

    device_id: int | None
    verbs: tuple[str, ...]
    at: datetime
    seq: int  # of the last row of it


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one thing. Addresses are below `/dav/`."""

    pile: Pile
    kind: str
    resource_id: int | None
    name: str  # what people call it: a name, a title; else the last segment
    address: str  # where it will be; of what ends or stays, where it is
    moves_from: str | None = None  # None: it stays where it is
    beside: str | None = None  # the name that something else has taken; it comes back beside it
    fields: tuple[Difference, ...] = ()  # of a contact or event: `was` is now, `now` is what it will be
    sizes: tuple[int, int] | None = None  # of a file that gets another content: bytes now, and then
    properties: tuple[str, ...] = ()  # that will be as they were: `{namespace}local`
    access: str | None = None  # the right that a share gives again
    undone: tuple[Deed, ...] = ()  # what is taken back, the newest first, one for each device
    later: Deed | None = None  # what others did after it, where that keeps something
    reason: Reason | None = None
    by: int | None = None  # the device because of which it stays, where one is known
    contested: tuple[Difference, ...] = ()  # fields that stay because both changed them; `now` is the former one
    conflicts: tuple[str, ...] = ()  # the keys of what stays because both changed it: fields, `place`, `*`, properties
    entries: int | None = None  # what comes back in an address book or calendar that comes back; no lines of their own


@dataclass(frozen=True, slots=True)
class Kept:
    """How many stay for one reason, because of one device. `device_id` None: the disk, or the reason needs nobody."""

    pile: Pile
    reason: Reason | None
    device_id: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A plan in numbers."""

    piles: Mapping[Pile, int]
    kept: tuple[Kept, ...]  # what stays, the most first


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do. `more` is how many lines there are beside those told."""

    lines: tuple[Line, ...]
    more: int
    counts: Counts


def counts(plan: Plan) -> Counts:
    """Return a plan in numbers, steps aside left out."""
    shown = [entry for entry in plan.entries if not entry.passing]
    staying = Counter((entry.pile, entry.reason, entry.by) for entry in shown if entry.pile is Pile.KEEP)
    kept = tuple(Kept(*why, count) for why, count in staying.most_common())
    return Counts(plan.counts(), kept)


class Foreseer:
    """Tells what a plan would do, in the snapshot that it was made in."""

    def __init__(self, reading: Reading, bodies: Bodies) -> None:
        self._reading = reading
        self._bodies = bodies
        pairs = standing(batches.undone(reading))
        self._silent = {id_ for pair in pairs for id_ in (pair.undo_id, pair.batch_id)}

    def preview(self, plan: Plan, *, first: int = 0, most: int | None = None) -> Preview:
        """Return what a plan would do; of its lines `most` from `first` on, for each of which bodies are read."""
        shown = [entry for entry in plan.entries if not entry.passing]
        end = None if most is None else first + most
        lines = tuple(self.line(entry) for entry in shown[first:end])
        return Preview(lines, len(shown) - len(lines), counts(plan))

    def line(self, entry: Entry) -> Line:
        """Return what becomes of one thing."""
        source, wanted = entry.source, entry.wanted
        resource_id = wanted.resource_id if wanted is not None else None
        resource_id = source.touched.resource_id if source is not None else resource_id
        undone = () if source is None else self._undone(source)
        contested = self._contested(entry)
        return Line(
            entry.pile, entry.kind, resource_id, self._name(entry, resource_id), entry.address,
            self._moves_from(entry), entry.renamed_from, self._fields(entry), self._sizes(entry),
            () if wanted is None else tuple(name for name, _ in wanted.properties),
            None if wanted is None or wanted.shown is None else wanted.shown.access,
            undone, self._later(source, entry), entry.reason, entry.by, contested,
            tuple(entry.conflicts), self._entries(entry),
        )  # fmt: skip

    def _name(self, entry: Entry, resource_id: int | None) -> str:
        called = None if resource_id is None else summaries.called(self._reading, resource_id)
        return called or entry.address.rpartition("/")[2]

    def _moves_from(self, entry: Entry) -> str | None:
        wanted = entry.wanted
        if wanted is None or wanted.home is None or entry.pile is not Pile.ROLL_BACK:
            return None
        now = placing.standing_of(self._reading, wanted.resource_id).home
        if now == wanted.home:
            return None
        return "/".join((*past.path_of(self._reading, now.collection_id), now.name))

    def _entries(self, entry: Entry) -> int | None:
        """Return how many entries an address book or calendar still has that comes back (ledger 5)."""
        wanted = entry.wanted
        if wanted is None or entry.pile is not Pile.BRING_BACK or entry.kind not in ("addressbook", "calendar"):
            return None
        return queries.member_count(self._reading, wanted.resource_id)

    # --- bodies -------------------------------------------------------------------------------------

    def _fields(self, entry: Entry) -> tuple[Difference, ...]:
        wanted = entry.wanted
        if wanted is None or wanted.body is None or entry.pile is not Pile.ROLL_BACK:
            return ()
        return self._differences(entry.kind, self._content_now(wanted.resource_id), wanted.body)

    def _contested(self, entry: Entry) -> tuple[Difference, ...]:
        source = entry.source
        base = None if source is None else source.touched.base
        if source is None or base is None or base.content_id is None or not entry.conflicts:
            return ()
        now = self._content_now(source.touched.resource_id)
        found = self._differences(entry.kind, now, NewBody(base.content_id))
        exact = tuple(difference for difference in found if _keys(difference) & set(entry.conflicts))
        words = {_property(key) for key in entry.conflicts}  # a value that neither has any more: by its property
        return exact or tuple(difference for difference in found if _property(difference.key) in words)

    def _differences(self, kind: str, now: int | None, then: NewBody) -> tuple[Difference, ...]:
        """Return what a contact or event says now and then; nothing where a body cannot be read any more."""
        if kind not in ("card", "event") or now is None:
            return ()
        try:
            body = then.octets if then.octets is not None else self._whole(then.content_id or 0)
            return tuple(differences("card" if kind == "card" else "event", self._whole(now), body))
        except (errors.GotganError, Malformed):
            return ()

    def _whole(self, content_id: int) -> bytes:
        row = content.row_of(self._reading, content_id)
        if row is not None and row.size > LARGEST:
            raise errors.ContentMissing("It is too large to be compared.")
        return self._bodies.whole(self._reading, content_id)

    def _content_now(self, resource_id: int) -> int | None:
        before = placing.standing_of(self._reading, resource_id).before
        return None if before is None else before.content_id

    def _sizes(self, entry: Entry) -> tuple[int, int] | None:
        wanted = entry.wanted
        if entry.kind != "file" or wanted is None or wanted.body is None or wanted.body.content_id is None:
            return None
        now = self._content_now(wanted.resource_id)
        rows = [None if id_ is None else content.row_of(self._reading, id_) for id_ in (now, wanted.body.content_id)]
        sizes = [row.size for row in rows if row is not None]
        return (sizes[0], sizes[1]) if len(sizes) == 2 else None

    # --- deeds --------------------------------------------------------------------------------------

    def _undone(self, source: Source) -> tuple[Deed, ...]:
        """Return what is taken back, one deed for each device; not what was taken back already."""
        asked = {row.seq for row in source.taken if row.batch_id not in self._silent}
        deeds = self._deeds(source, asked or {row.seq for row in source.taken})
        return tuple(sorted(deeds, key=lambda deed: -deed.seq))

    def _later(self, source: Source | None, entry: Entry) -> Deed | None:
        """Return what somebody else did since, the newest; None where nothing stays because of it."""
        if source is None or not source.taken or not (entry.conflicts or entry.reason):
            return None
        taken = {row.seq for row in source.taken}
        others = {row.seq for row in source.touched.rows if row.seq not in taken and row.seq > min(taken)}
        deeds = [deed for deed in self._deeds(source, others) if entry.by in (None, deed.device_id)]
        return max(deeds, key=lambda deed: deed.seq, default=None)

    def _deeds(self, source: Source, seqs: set[int]) -> list[Deed]:
        """Return what each device did in some rows of a resource."""
        verbs: dict[int | None, dict[str, None]] = {}
        newest: dict[int | None, int] = {}
        before = source.touched.base
        for row in source.touched.rows:
            if row.seq in seqs:
                verb = _verb(row, before)
                if verb is not None:
                    verbs.setdefault(row.device_id, {})[verb] = None
                    newest[row.device_id] = row.seq
            before = row
        at = summaries.times_of(self._reading, list(newest.values()))
        return [
            Deed(device_id, _telling(list(found)), from_micros(at[newest[device_id]]), newest[device_id])
            for device_id, found in verbs.items()
        ]


def _keys(difference: Difference) -> set[str]:
    return {difference.key, *(field.key for field in (difference.was, difference.now) if field is not None)}


def _property(key: str) -> str:
    """Return the section and the property of a field's key, without its value."""
    section, _, last = key.rpartition("/")
    return f"{section}/{last.partition(':')[0]}"


def _verb(row: Written, before: Written | None) -> str | None:
    """Return what a row did; None for the half of a move that its other half tells."""
    if not row.alive:
        return None if row.op in ("leave", "announce") else "deleted"
    if before is None or not (before.alive or before.op == "leave"):
        return "restored" if row.op == "restore" else "added"
    if before.op == "leave":
        return "renamed" if before.collection_id == row.collection_id else "moved"
    return "restored" if row.op == "restore" else "changed"


def _telling(verbs: list[str]) -> tuple[str, ...]:
    """Return the verbs that say it all: what was added was changed as well, what was deleted is gone."""
    if verbs[-1] == "deleted":
        return ("deleted",)
    if "added" in verbs:
        return ("added",)
    return tuple(verbs)
