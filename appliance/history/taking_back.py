"""Taking back a set of rows: how one resource would be now if they had not been written. Pure.

A restore takes back what one side wrote in a scope, a rewind what one device wrote, an undo what one batch wrote: the
same question about other rows. A resource is a few registers, whether it lives, where it is, its body, each property,
what a mount shows, and each is replayed without the rows in question: where somebody else wrote last, theirs stays;
else it gets what the last other row wrote, or what stood before. Bodies of cards and events are replayed field by
field, a run at a time from the newest to the oldest.

It refuses to write, to look anything up but octets, and to throw away what somebody else built on: what the rows in
question created and others went on with stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from appliance import errors
from appliance.objects.merging import WHOLE, merge
from appliance.objects.property_tree import ObjectKind
from appliance.store.placing import Home, NewBody, Shown, Wanted
from appliance.store.touched import Touched, Written

Mine = Callable[[Written], bool]
"""Whether a row is to be taken back."""

PLACE = "place"
"""The key of a conflict about where a resource is; one about a property has the property's name."""


class Contents(Protocol):
    """What is kept of bodies."""

    def whole(self, content_id: int) -> bytes:
        """Return the octets of a card or event; ContentMissing, ContentThinned."""
        ...

    def require(self, content_id: int | None) -> None:
        """Raise ContentMissing or ContentThinned when the octets are not there any more; None: there never were any."""
        ...


_KINDS: Mapping[str, ObjectKind] = {"card": "card", "event": "event"}
_LOSING = ("card", "event", "file")  # kinds that lose their properties with their end; a collection's stay open


class Pile(StrEnum):
    """What becomes of a resource, as a preview counts it."""

    BRING_BACK = "bring back"
    ROLL_BACK = "roll back"
    PUT_ASIDE = "put aside"  # it ends, recoverably
    KEEP = "keep"  # somebody else changed it later
    CHOOSE = "choose"  # both changed the same: it stays unless chosen otherwise


class Reason(StrEnum):
    """Why something stays as it is."""

    CHANGED_LATER = "changed later"
    WENT_ON = "somebody else went on with it"
    ENDED_LATER = "deleted later"
    NOT_KEPT = "its octets are not kept any more"
    HOLDER_GONE = "what held it is gone"
    INTO_ITSELF = "it would come into something that stays inside it"
    HOLDS_OTHERS = "it holds what somebody else put there"
    UID_TAKEN = "another entry there has the same UID now"


@dataclass(frozen=True, slots=True)
class Decision:
    """How one resource is to be. `wanted` None: it stays. `by` is the device that wrote later, where one did."""

    touched: Touched
    pile: Pile
    wanted: Wanted | None
    reason: Reason | None = None
    by: int | None = None
    conflicts: tuple[str, ...] = ()  # keys of what stays because both changed it; "*": the whole body
    source: Touched | None = None  # all that was looked at, and of it
    taken: tuple[Written, ...] = ()  # the rows in question, oldest first


@dataclass(frozen=True, slots=True)
class _Body:
    """A body register: what stands, what it is to be (None: stays), and what could not be taken back."""

    wanted: NewBody | None
    conflicts: tuple[str, ...] = ()
    by: int | None = None


def decide(touched: Touched, mine: Mine, contents: Contents, *, overturn: bool = False) -> Decision | None:
    """Return what becomes of one resource; None where there is nothing to take back.

    `overturn` turns a conflict over: what both changed is taken back as well, and what the rows in question created
    ends though others went on with it.
    """
    rows = _telling(touched)
    taken = tuple(row for row in rows if mine(row))
    decision = _decided(touched, rows, mine, contents, overturn=overturn) if taken else None
    return None if decision is None else replace(decision, source=touched, taken=taken)


def _decided(
    touched: Touched, rows: Sequence[Written], mine: Mine, contents: Contents, *, overturn: bool
) -> Decision | None:
    life = _life(touched, rows, mine)
    if not life.wanted or (overturn and life.born is not None):
        return _ending(touched, life)
    if life.born is not None:
        touched = _as_found(touched, life.born)
    try:
        body = _body(touched, _telling(touched), mine, contents, overturn=overturn)
        if not life.now and body.wanted is None:
            body = replace(body, wanted=_last_body(touched, contents))
    except (errors.ContentMissing, errors.ContentThinned):
        return Decision(touched, Pile.KEEP, None, Reason.NOT_KEPT)
    return _living(touched, mine, life, body, overturn=overturn)


def unsigned(touched: Touched, mine: Mine) -> frozenset[int]:
    """Return the rows of the disk that the rows in question have signed, by a row that changes nothing.

    A power cut came between the work and its row, and the next look at the disk recorded it (`placing_leftovers.sign`).
    """
    rows = _telling(touched) if touched.base is None else [touched.base, *_telling(touched)]
    return frozenset(
        before.seq
        for before, row in pairwise(rows)
        if before.device_id is None and mine(row) and row.op in ("restore", "delete") and _says_the_same(before, row)
    )


def _says_the_same(one: Written, other: Written) -> bool:
    return (one.alive, one.collection_id, one.name, one.content_id, one.body_seq if one.alive else 0) == (
        other.alive, other.collection_id, other.name, other.content_id, other.body_seq if other.alive else 0
    )  # fmt: skip


def went_on(touched: Touched, mine: Mine) -> bool:
    """Return whether others found what the rows in question had created, and went on with it."""
    return _life(touched, _telling(touched), mine).born is not None


def _telling(touched: Touched) -> list[Written]:
    """Return the rows that say how the resource is: a move says it at its end."""
    return [row for row in touched.rows if row.op not in ("leave", "announce")]


def _as_found(touched: Touched, born: Written) -> Touched:
    """Return what was written after somebody else found `born` and went on with it: before that there is nothing."""
    properties = dict(touched.properties_before)
    for seq, name, value in touched.property_writes:
        if seq <= born.seq:
            properties.pop(name, None)
            if value is not None:
                properties[name] = value
    return replace(
        touched, base=born, rows=tuple(row for row in touched.rows if row.seq > born.seq),
        properties_before=properties,
        property_writes=tuple(write for write in touched.property_writes if write[0] > born.seq),
        shown_before=next((mount for seq, mount in reversed(touched.shown_writes) if seq <= born.seq),
                          touched.shown_before),
        shown_writes=tuple(write for write in touched.shown_writes if write[0] > born.seq),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Life:
    """Whether it lives, whether it is to live, who ended it.

    `born` is the row in which others found what the taken rows had created, and went on with it; None: nobody did.
    """

    now: bool
    wanted: bool
    born: Written | None = None
    went_on_by: int | None = None
    ended_by_mine: bool = False


def _life(touched: Touched, rows: Sequence[Written], mine: Mine) -> _Life:
    """Replay births and ends. What the taken rows created and others changed stays, or their work would go with it."""
    wanted = present = touched.base is not None and bool(touched.base.alive)
    born, by, ended_by_mine = None, None, False
    for number, row in enumerate(rows):
        flips = bool(row.alive) != present
        if not mine(row):
            if flips:
                born = None
            elif row.alive and not wanted:
                born, by = rows[number - 1], row.device_id
            wanted = bool(row.alive)
        if flips and not row.alive:
            ended_by_mine = mine(row)
        present = bool(row.alive)
    return _Life(present, wanted, born, by, ended_by_mine)


def _ending(touched: Touched, life: _Life) -> Decision | None:
    if life.now:
        wanted = Wanted(touched.resource_id, touched.kind, touched.newest.seq, is_alive=False)
        return Decision(touched, Pile.PUT_ASIDE, wanted)
    if life.ended_by_mine:
        return None  # created and ended by the same side: it is as if it had never been
    return Decision(touched, Pile.KEEP, None, Reason.ENDED_LATER, touched.newest.device_id)


def _living(touched: Touched, mine: Mine, life: _Life, body: _Body, *, overturn: bool) -> Decision | None:
    is_alive, rows = life.now, _telling(touched)
    place = _place(touched, rows, mine, overturn=overturn)
    stored = _properties(touched, mine, comes_back=not is_alive, overturn=overturn)
    shown = _shown(touched, mine)
    conflicts = (*body.conflicts, *place.conflicts, *stored.conflicts)
    is_moved = place.home != Home(touched.newest.collection_id, touched.newest.name)
    by = next((one.by for one in (body, place, stored) if one.by is not None), None)
    if is_alive and not (stored.changes or body.wanted or shown is not None or is_moved):
        return _staying(touched, rows, mine, life, conflicts, by)
    wanted = Wanted(
        touched.resource_id, touched.kind, touched.newest.seq, is_alive=True,
        home=place.home if not is_alive or is_moved else None,
        body=body.wanted, properties=stored.changes, shown=shown,
    )  # fmt: skip
    pile = Pile.ROLL_BACK if is_alive else Pile.BRING_BACK
    return Decision(touched, pile, wanted, None, by, conflicts)


def _staying(
    touched: Touched, rows: Sequence[Written], mine: Mine, life: _Life, conflicts: tuple[str, ...], by: int | None
) -> Decision | None:
    """Return why something stays as it is; None where the rows in question have come to nothing by themselves."""
    if conflicts:
        return Decision(touched, Pile.CHOOSE, None, Reason.CHANGED_LATER, by, conflicts)
    if life.born is not None:
        return Decision(touched, Pile.KEEP, None, Reason.WENT_ON, life.went_on_by)
    if all(mine(row) for row in rows[next(number for number, row in enumerate(rows) if mine(row)) :]):
        return None
    return Decision(touched, Pile.KEEP, None, Reason.CHANGED_LATER, by)


# --- registers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is to be; a conflict where others moved it after the rows in question had."""

    home: Home
    conflicts: tuple[str, ...] = ()
    by: int | None = None


def _place(touched: Touched, rows: Sequence[Written], mine: Mine, *, overturn: bool) -> _Place:
    """Return where it is to be: where others moved it last, else where it was."""
    base = touched.base
    first = base if base is not None and base.alive else rows[0]
    here = home = Home(first.collection_id, first.name)
    before_mine, by, is_contested = None, None, False
    for row in rows:
        there = Home(row.collection_id, row.name)
        if not row.alive or there == here:
            continue
        here = there
        if mine(row):
            before_mine, is_contested = before_mine or home, False
        else:
            home, by, is_contested = there, row.device_id, before_mine is not None
    if overturn:
        return _Place(before_mine or home)
    return _Place(home, (PLACE,), by) if is_contested else _Place(home)


def _body(touched: Touched, rows: Sequence[Written], mine: Mine, contents: Contents, *, overturn: bool) -> _Body:
    """Return what the body is to be."""
    base = touched.base
    before = base if base is not None and base.alive and base.content_id is not None else None
    writes = list(_body_writes(before, rows))
    if not any(mine(row) for row in writes):
        return _Body(None)
    first_mine = next(number for number, row in enumerate(writes) if mine(row))
    others_after = [row for row in writes[first_mine:] if not mine(row)]
    if others_after and touched.kind in _KINDS:
        return _merged(touched, before, writes, mine, contents, overturn=overturn)
    if not mine(writes[-1]) and not overturn:
        return _Body(None, (WHOLE,), writes[-1].device_id)
    kept = [row for row in writes if not mine(row)] if not overturn else writes[:first_mine]
    target = kept[-1] if kept else before
    if target is None:  # its first body is to be taken back, and others went on: there is nothing before
        return _Body(None, (), writes[-1].device_id)
    if target.content_id == _content_now(touched):
        return _Body(None)
    contents.require(target.content_id)
    return _Body(NewBody(target.content_id, None, target.modified_at))


def _body_writes(before: Written | None, rows: Sequence[Written]) -> Iterator[Written]:
    """Yield the rows that wrote a body: another one, or whichever where there was none any more.

    What a restore brings back with the octets it had has not been written by it.
    """
    last, is_there = None if before is None else before.content_id, before is not None
    for row in rows:
        if row.alive and row.content_id is not None:
            if row.content_id != last or not (is_there or row.op == "restore"):
                yield row
            last = row.content_id
        is_there = bool(row.alive)


def _content_now(touched: Touched) -> int | None:
    last = _last_living(touched)
    return None if last is None else last.content_id


def _last_living(touched: Touched) -> Written | None:
    living = [row for row in touched.rows if row.alive and row.content_id is not None]
    return living[-1] if living else touched.base


def _last_body(touched: Touched, contents: Contents) -> NewBody | None:
    """Return the body that something had when it ended; named in the plan, it is kept until that is carried out."""
    last = _last_living(touched)
    if last is None or last.content_id is None:
        return None
    contents.require(last.content_id)
    return NewBody(last.content_id, None, last.modified_at)


def _merged(
    touched: Touched,
    before: Written | None,
    writes: Sequence[Written],
    mine: Mine,
    contents: Contents,
    *,
    overturn: bool,
) -> _Body:
    """Take back run after run, the newest first: theirs is what stood before the run, ours what stands now."""
    kind = _KINDS[touched.kind]
    current = start = contents.whole(writes[-1].content_id or 0)
    conflicts: list[str] = []
    end = len(writes)
    while end > 0:
        if not mine(writes[end - 1]):
            end -= 1
            continue
        first = end - 1
        while first > 0 and mine(writes[first - 1]):
            first -= 1
        stood = writes[first - 1] if first > 0 else before
        if stood is not None:
            then, after = contents.whole(stood.content_id or 0), contents.whole(writes[end - 1].content_id or 0)
            merged = merge(kind, after, current, then)
            if overturn and merged.conflicts:
                merged = merge(kind, after, current, then, yielding=merged.conflicts)
            current = merged.body
            conflicts += merged.conflicts
        end = first
    by = next((row.device_id for row in reversed(writes) if not mine(row)), None)
    wanted = None if current == start else NewBody(None, current)
    return _Body(wanted, tuple(dict.fromkeys(conflicts)), by)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The changes that make the properties as they are to be, and those that others changed after the taken rows."""

    changes: tuple[tuple[str, str | None], ...]
    conflicts: tuple[str, ...] = ()
    by: int | None = None


def _properties(touched: Touched, mine: Mine, *, comes_back: bool, overturn: bool) -> _Stored:
    """Replay the properties, each by itself. What ended with its resource comes back with it."""
    if not touched.properties_before and not touched.property_writes:
        return _Stored(())
    writer = {row.seq: row for row in touched.rows}
    now, target = dict(touched.properties_before), dict(touched.properties_before)
    before_mine: dict[str, str | None] = {}
    contested: dict[str, int | None] = {}
    ends = () if touched.kind not in _LOSING else ((row.seq, "", None) for row in _telling(touched) if not row.alive)
    for seq, name, value in sorted([*touched.property_writes, *ends], key=lambda write: write[0]):
        row = writer.get(seq)
        is_mine = row is not None and mine(row)
        if not name:
            target = target if is_mine else {}
            continue
        _write(now, name, value)
        if is_mine and (row is None or row.alive):
            before_mine.setdefault(name, target.get(name))
            contested.pop(name, None)
        if not is_mine:
            _write(target, name, value)
            if name in before_mine and (row is None or row.alive):
                contested[name] = None if row is None else row.device_id
    if overturn:
        for name, value in before_mine.items():
            _write(target, name, value)
        contested = {}
    if comes_back and touched.kind in _LOSING:
        now = {}
    gone = [(name, None) for name in now if name not in target]
    changes = (*gone, *((name, value) for name, value in target.items() if now.get(name) != value))
    kept = tuple(name for name in contested if now.get(name) == target.get(name))
    return _Stored(changes, kept, next((contested[name] for name in kept), None))


def _write(state: dict[str, str], name: str, value: str | None) -> None:
    state.pop(name, None)
    if value is not None:
        state[name] = value


def _shown(touched: Touched, mine: Mine) -> Shown | None:
    """Return what a mount is to show, None where that stays."""
    if not touched.shown_writes:
        return None
    writer = {row.seq: row for row in touched.rows}
    target = touched.shown_before
    for seq, mount in touched.shown_writes:
        row = writer.get(seq)
        if row is None or not mine(row):
            target = mount
    now = touched.shown_writes[-1][1]
    if target is None or (target.target_id, target.access) == (now.target_id, now.access):
        return None
    return Shown(target.target_id, target.access)
