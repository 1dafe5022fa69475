"""A collection as it was at a moment: what was in it, and what has become of each thing since.

Everything is asked of two listings, that of then and that of now; a plan is made only when somebody wants to go on. It
refuses to say what would happen: others may have written since, and the plan knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from appliance.clock import from_micros
from appliance.dav.contracts import Address, Kind
from appliance.store import former, past_bodies, queries
from appliance.store.database import Reading
from appliance.store.former import Below
from appliance.store.ledger import Member
from appliance.store.past_bodies import Fact
from appliance.tree.past.files import PastFile, PastFolder
from appliance.tree.past.homes import PastHome
from appliance.tree.past.node import PastNode
from appliance.tree.past.objects import PastObjects
from web import card_lists
from web.endings import icon_of
from web.shelf import natural
from web.visitor import visitor

WINDOW = 200  # rows of one page
ICONS = {"card": "contacts", "event": "calendar", "addressbook": "contacts", "calendar": "calendar", "folder": "folder"}


class Fate(StrEnum):
    """What has become of something since: it is gone from here, is otherwise, is the same; or came later."""

    GONE = "gone"
    OTHERWISE = "otherwise"
    SAME = "same"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in the list, with what has become of it. `is_open`: there is a list of its own behind it."""

    resource_id: int
    name: str
    address: Address
    kind: str
    icon: str
    fate: Fate
    size_bytes: int | None = None
    at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has a list of its own."""
        return self.kind in ("folder", "addressbook", "calendar")

    @property
    def may_return(self) -> bool:
        """Whether it can be ticked: a thing by itself, and not as it was."""
        return not self.is_open and self.fate in (Fate.GONE, Fate.OTHERWISE)


@dataclass(frozen=True, slots=True)
class Then:
    """A part of the list: from the `first` of `total` things. `counts` are of the whole collection."""

    things: Sequence[Thing]
    counts: Mapping[Fate, int]
    first: int
    total: int

    @property
    def last(self) -> int:
        """The number behind the last thing."""
        return self.first + len(self.things)

    @property
    def were(self) -> int:
        """How many things were there."""
        return sum(count for fate, count in self.counts.items() if fate is not Fate.LATER)


Place = PastFolder | PastObjects | PastHome


def then(reading: Reading, place: Place, seq: int, only: Fate | None, first: int) -> Then:
    """Return a part of what a collection held at `seq`; `only`: those with this fate."""
    now = {member.resource_id: member for member in queries.members_named(reading, place.resource_id or 0)}
    things = _were(reading, place, seq, now)
    things += _came_later(place, now, things)
    counts = Counter(thing.fate for thing in things)
    shown = [thing for thing in things if (thing.fate is only if only else thing.fate is not Fate.LATER)]
    shown.sort(key=lambda thing: (not thing.is_open, _place_of(thing)))
    first = max(0, min(first, len(shown) - 1)) // WINDOW * WINDOW if shown else 0
    return Then(shown[first : first + WINDOW], {fate: counts[fate] for fate in Fate}, first, len(shown))


def _place_of(thing: Thing) -> tuple[object, ...]:
    if thing.kind == "card":
        return card_lists.place(thing.name, hangul_first=visitor().language == "ko")
    if thing.kind == "event":
        return (-(thing.at.timestamp() if thing.at else 0.0), thing.name.casefold())
    return tuple(natural(thing.name))


def fate_of(was: Member, now: Member | None) -> Fate:
    """Return what has become of a file, a contact or an event, by what it was and what it is in the same collection."""
    if now is None:
        return Fate.GONE
    is_renamed = was.name != now.name and was.kind == "file"  # the names of the others say nothing to people
    return Fate.OTHERWISE if is_renamed or was.content_id != now.content_id else Fate.SAME


def _were(reading: Reading, place: Place, seq: int, now: Mapping[int, Member]) -> list[Thing]:
    if isinstance(place, PastObjects):
        return _objects(reading, place, now)
    nodes = [cast("PastNode", node) for node in place.members()]  # nothing else lies in a collection of the past
    ids = [node.resource_id for node in nodes if node.is_collection and node.resource_id is not None]
    below = former.below(reading, ids)
    return [_node(node, now, below, seq) for node in nodes]


def _node(node: PastNode, now: Mapping[int, Member], below: Mapping[int, Below], seq: int) -> Thing:
    if isinstance(node, PastFile):
        was = node.member
        at = None if was.modified_at is None else from_micros(was.modified_at)
        fate = fate_of(was, now.get(was.resource_id))
        return Thing(was.resource_id, was.name, node.address[2:], "file", icon_of(was.name), fate, was.size, at)
    id_, kind = node.resource_id or 0, node.kind.value
    name = node.displayname if node.kind is not Kind.FOLDER else None
    there = now.get(node.mount_id or id_)
    is_other = id_ in below and below[id_].seq > seq
    is_other = is_other or (there is not None and node.kind is Kind.FOLDER and there.name != node.address[-1])
    fate = Fate.GONE if there is None else Fate.OTHERWISE if is_other else Fate.SAME
    return Thing(id_, name or node.address[-1], node.address[2:], kind, ICONS[kind], fate)


def _objects(reading: Reading, place: PastObjects, now: Mapping[int, Member]) -> list[Thing]:
    facts = place.facts
    things = []
    for was in place.listed:
        fact = facts.get(was.content_id or 0)
        title = (fact.title if fact is not None else None) or was.name
        at = None if fact is None or fact.first_at is None or was.kind != "event" else from_micros(fact.first_at)
        fate = fate_of(was, now.get(was.resource_id))
        address = (*place.address[2:], was.name)
        things.append(Thing(was.resource_id, title, address, was.kind, ICONS[was.kind], fate, None, at))
    return things


def _came_later(place: Place, now: Mapping[int, Member], were: Iterable[Thing]) -> list[Thing]:
    """Return what is there now and was not then; what mounts show is somebody else's."""
    known = {thing.resource_id for thing in were}
    later = [each for each in now.values() if each.resource_id not in known and each.kind != "mount"]
    facts = past_bodies.facts_of(visitor().reading, [each.content_id for each in later if each.content_id is not None])
    return [_later(place, each, facts.get(each.content_id or 0)) for each in later]


def _later(place: Place, each: Member, fact: Fact | None) -> Thing:
    address = (*place.address[2:], each.name)
    if each.kind == "file":
        at = None if each.modified_at is None else from_micros(each.modified_at)
        return Thing(each.resource_id, each.name, address, "file", icon_of(each.name), Fate.LATER, each.size, at)
    title = (fact.title if fact is not None else None) or each.name
    return Thing(each.resource_id, title, address, each.kind, ICONS[each.kind], Fate.LATER)
