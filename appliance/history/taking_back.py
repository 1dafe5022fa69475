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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance import errors
from appliance.objects.merging import WHOLE, merge
from appliance.objects.property_tree import ObjectKind
from appliance.store.placing import Home, NewBody, Shown, Wanted
from appliance.store.touched import Touched, Written

Mine = Callable[[Written], bool]
"""Whether a row is to be taken back."""


class Contents(Protocol):
    """What is kept of bodies."""

    def whole(self, content_id: int) -> bytes:
        """Return the octets of a card or event; ContentMissing, ContentThinned."""
        ...

    def require(self, content_id: int | None) -> None:
        """Raise ContentMissing or ContentThinned when the octets are not there any more; None: there never were any."""
        ...


_KINDS: Mapping[str, ObjectKind] = {"card": "card", "event": "event"}


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
    HOLDER_GONE = "what held it was deleted by somebody else"
    HOLDS_OTHERS = "it holds what somebody else put there"
    NAME_TAKEN = "something else has its name"


@dataclass(frozen=True, slots=True)
class Decision:
    """How one resource is to be. `wanted` None: it stays. `by` is the device that wrote later, where one did."""

    touched: Touched
    pile: Pile
    wanted: Wanted | None
    reason: Reason | None = None
    by: int | None = None
    conflicts: tuple[str, ...] = ()  # keys of fields that stay because both changed them; "*": the whole body


@dataclass(frozen=True, slots=True)
class _Body:
    """A body register: what stands, what it is to be (None: stays), and what could not be taken back."""

    wanted: NewBody | None
    conflicts: tuple[str, ...] = ()
    by: int | None = None


def decide(touched: Touched, mine: Mine, contents: Contents, *, overturn: bool = False) -> Decision | None:
    """Return what becomes of one resource; None where there is nothing to take back.

    `overturn` turns a conflict over: what both changed is taken back as well.
    """
    rows = [row for row in touched.rows if row.op not in ("leave", "announce")]
    if not any(mine(row) for row in rows):
        return None
    life = _life(touched, rows, mine)
    if not life.wanted:
        return _ending(touched, life)
    try:
        body = _body(touched, rows, mine, contents, overturn=overturn)
        if not life.now and body.wanted is None:
            contents.require(_content_now(touched))
    except (errors.ContentMissing, errors.ContentThinned):
        return Decision(touched, Pile.KEEP, None, Reason.NOT_KEPT)
    return _living(touched, rows, mine, life, body)


@dataclass(frozen=True, slots=True)
class _Life:
    """Whether it lives, whether it is to live, who went on with what the taken rows created, who ended it."""

    now: bool
    wanted: bool
    went_on_by: int | None = None
    went_on: bool = False
    ended_by_mine: bool = False


def _life(touched: Touched, rows: Sequence[Written], mine: Mine) -> _Life:
    """Replay births and ends. What the taken rows created and others changed stays, or their work would go with it."""
    wanted = present = touched.base is not None and bool(touched.base.alive)
    went_on, by, ended_by_mine = False, None, False
    for row in rows:
        flips = bool(row.alive) != present
        if not mine(row):
            if row.alive and not flips and not wanted:
                went_on, by = True, row.device_id
            wanted = bool(row.alive)
        if flips and not row.alive:
            ended_by_mine = mine(row)
        present = bool(row.alive)
    return _Life(present, wanted, by, went_on, ended_by_mine)


def _ending(touched: Touched, life: _Life) -> Decision | None:
    if life.now:
        wanted = Wanted(touched.resource_id, touched.kind, touched.newest.seq, is_alive=False)
        return Decision(touched, Pile.PUT_ASIDE, wanted)
    if life.ended_by_mine:
        return None  # created and ended by the same side: it is as if it had never been
    return Decision(touched, Pile.KEEP, None, Reason.ENDED_LATER, touched.newest.device_id)


def _living(touched: Touched, rows: Sequence[Written], mine: Mine, life: _Life, body: _Body) -> Decision | None:
    is_alive = life.now
    home, moved_later_by = _home(touched, rows, mine)
    here = Home(touched.newest.collection_id, touched.newest.name)
    properties = _properties(touched, mine, comes_back=not is_alive)
    shown = _shown(touched, mine)
    changes = bool(properties or body.wanted or shown is not None or home != here)
    if is_alive and not changes:
        by = body.by if body.by is not None else moved_later_by
        if life.went_on:
            return Decision(touched, Pile.KEEP, None, Reason.WENT_ON, life.went_on_by)
        if all(mine(row) for row in rows[next(n for n, row in enumerate(rows) if mine(row)) :]):
            return None  # changed and changed back by the same side
        pile = Pile.CHOOSE if body.conflicts else Pile.KEEP
        return Decision(touched, pile, None, Reason.CHANGED_LATER, by, body.conflicts)
    wanted = Wanted(
        touched.resource_id, touched.kind, touched.newest.seq, is_alive=True,
        home=home if not is_alive or home != here else None,
        body=body.wanted, properties=properties, shown=shown,
    )  # fmt: skip
    pile = Pile.ROLL_BACK if is_alive else Pile.BRING_BACK
    return Decision(touched, pile, wanted, None, body.by, body.conflicts)


# --- registers --------------------------------------------------------------------------------------


def _home(touched: Touched, rows: Sequence[Written], mine: Mine) -> tuple[Home, int | None]:
    """Return where it is to be (where others moved it last, else where it was), and who moved it after mine."""
    base = touched.base
    first = base if base is not None and base.alive else rows[0]
    home, by, mine_moved = Home(first.collection_id, first.name), None, False
    here = home
    for row in rows:
        there = Home(row.collection_id, row.name)
        if not row.alive or there == here:
            continue
        here = there
        if mine(row):
            mine_moved = True
        else:
            home, by = there, row.device_id if mine_moved else None
    return home, by


def _body(touched: Touched, rows: Sequence[Written], mine: Mine, contents: Contents, *, overturn: bool) -> _Body:
    """Return what the body is to be."""
    base = touched.base
    before = base if base is not None and base.alive and base.content_id is not None else None
    values = ([before] if before else []) + [row for row in rows if row.alive and row.content_id is not None]
    writes = [row for row, last in zip(values[1:], values, strict=False) if row.content_id != last.content_id]
    if before is None and values:
        writes.insert(0, values[0])
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


def _content_now(touched: Touched) -> int | None:
    living = [row for row in touched.rows if row.alive and row.content_id is not None]
    last = living[-1] if living else touched.base
    return None if last is None else last.content_id


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


def _properties(touched: Touched, mine: Mine, *, comes_back: bool) -> tuple[tuple[str, str | None], ...]:
    """Return the changes that make the properties as they are to be."""
    writer = {row.seq: row for row in touched.rows}
    ended = {row.seq for row in touched.rows if not row.alive}
    target = dict(touched.properties_before)
    now = dict(touched.properties_before)
    for seq, name, value in touched.property_writes:
        row = writer.get(seq)
        if seq in ended:  # they ended with the resource, and come back with it
            now.pop(name, None)
            continue
        for state in (now, target) if row is None or not mine(row) else (now,):
            state.pop(name, None)
            if value is not None:
                state[name] = value
    if comes_back and touched.kind in ("card", "event", "file"):
        now = {}
    gone = [(name, None) for name in now if name not in target]
    return (*gone, *((name, value) for name, value in target.items() if now.get(name) != value))


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
