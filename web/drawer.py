"""One file in the drawer: what it looks like, which states it had, and what differs between one of them and now.

A state is chosen by a number of the ledger: the body that was current then. Octets are read for texts only, and no
more than a page shows. It refuses to know how any of it looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import Address, Conditions, Content
from appliance.history.pruning import chosen_policy
from appliance.history.retention import Dated, Policy, leaves_at
from appliance.history.timeline import Window
from appliance.store import former
from appliance.store.database import Reading
from appliance.store.former import Former
from appliance.store.ledger import Member
from appliance.store.thinning import CLOCK_NOT_SET
from appliance.store.timelines import Scope
from appliance.tree.actors import actors
from appliance.tree.file import FileNode
from web.asked import Moment, copy_name
from web.doers import doer_of
from web.endings import Ending, Shown, ending_of
from web.rooms import rooms
from web.texts import SHOWN_BYTES, Line, compared, read_text
from web.visitor import visitor

MOST_STATES = 40  # in the strip; the others are a matter of the timeline
THUMB_BYTES = 2_000_000  # larger pictures are not fetched for the strip


@dataclass(frozen=True, slots=True)
class Term:
    """One state in the strip. `seq` None: the one on disk, which nobody has recorded yet."""

    seq: int | None
    at: datetime
    who: str
    size_bytes: int
    octets: Address  # where its octets are
    is_now: bool = False
    is_chosen: bool = False
    is_kept: bool = True  # its octets are still there
    is_pinned: bool = False
    leaves_at: datetime | None = None

    @property
    def is_small(self) -> bool:
        """Whether it may be fetched just for the strip."""
        return self.size_bytes <= THUMB_BYTES


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a text says, and whether there is more of it than is shown."""

    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Drawer:
    """A file, and one state of it. `now` None: it was deleted."""

    name: str
    address: Address
    ending: Ending
    states: Sequence[Term]
    chosen: Term
    now: Term | None
    said: str | None  # what happened when the chosen state came
    text: Excerpt | None = None
    lines: Sequence[Line] | None = None  # between a chosen former state and now; None: they were not compared

    @property
    def is_past(self) -> bool:
        """Whether the chosen state is a former one."""
        return not self.chosen.is_now

    @property
    def is_compared(self) -> bool:
        """Whether was and now can stand side by side."""
        return self.is_past and self.now is not None and self.chosen.is_kept

    @property
    def copy_name(self) -> str:
        """A name for a copy of the chosen state beside the present one."""
        return copy_name(self.name, Moment("", self.chosen.seq or 0, self.chosen.at), is_one=True)

    def shows(self, *what: str) -> bool:
        """Return whether the chosen state is shown as one of these."""
        return self.chosen.is_kept and self.ending.shown.value in what


def drawer(reading: Reading, node: FileNode, seq: int | None) -> Drawer:
    """Return a file as it is, or as it was at the row `seq`; NotFound when it was not there then."""
    states = [] if node.resource_id is None else _states(reading, node.resource_id, lives=node.entry.is_known)
    if not node.entry.is_known:
        now = Term(None, node.modified_at, "", node.entry.size, node.address, is_now=True)
        states = [now, *states]
    elif states:
        states[0] = replace(states[0], octets=node.address, at=node.modified_at)
    return _told(reading, node.address, node.resource_id, _choose(states, seq))


def drawer_of_deleted(reading: Reading, address: Address, last: Member, seq: int | None) -> Drawer:
    """Return a file that was deleted, in its last state, or as it was at the row `seq`; NotFound."""
    states = _states(reading, last.resource_id, lives=False)
    return _told(reading, address, last.resource_id, _choose(states, seq))


def _states(reading: Reading, resource_id: int, *, lives: bool) -> list[Term]:
    """Return the states of a file that the reader may see, the newest first."""
    known, policy = actors(reading), chosen_policy(rooms().services.settings, visitor().zone)
    found = [
        each for each in former.bodies_of(reading, resource_id, MOST_STATES) if visitor().may_look(each.collection_id)
    ]
    return [
        Term(
            each.seq, from_micros(each.at), doer_of(known, each.device_id), each.size or 0,
            ("versions", str(resource_id), str(each.seq)), is_now=lives and number == 0, is_kept=each.place != "none",
            is_pinned=each.pinned, leaves_at=_leaves_at(each, policy),
        )
        for number, each in enumerate(found)
    ]  # fmt: skip


def _leaves_at(each: Former, policy: Policy) -> datetime | None:
    dated = Dated(
        each.seq, each.at, each.ended_at, deleted=each.was_deleted, pinned=each.pinned, dated=each.note != CLOCK_NOT_SET
    )  # fmt: skip
    at = None if each.place == "none" else leaves_at(dated, policy)
    return None if at is None else from_micros(at).astimezone(visitor().zone)


def _choose(states: list[Term], seq: int | None) -> list[Term]:
    """Return the states with the chosen one marked: the newest, or the one that was current at `seq`."""
    for number, each in enumerate(states):
        if seq is None or (each.seq is not None and each.seq <= seq):
            return [*states[:number], replace(each, is_chosen=True), *states[number + 1 :]]
    raise errors.NotFound("It was not there at that moment.")


def _told(reading: Reading, address: Address, resource_id: int | None, states: Sequence[Term]) -> Drawer:
    chosen = next(each for each in states if each.is_chosen)
    now = next((each for each in states if each.is_now), None)
    told = Drawer(
        address[-1], address, ending_of(address[-1]), states, chosen, now, _said(reading, resource_id, chosen)
    )  # fmt: skip
    if told.ending.shown is not Shown.TEXT or not chosen.is_kept:
        return told
    text = excerpt(chosen.octets)
    if text is None or now is None or chosen.is_now:
        return replace(told, text=text)
    present = excerpt(now.octets)
    is_whole = present is not None and not (text.is_cut or present.is_cut)
    return replace(told, text=text, lines=compared(text.text, present.text) if present and is_whole else None)


def _said(reading: Reading, resource_id: int | None, chosen: Term) -> str | None:
    """Return what happened when a state came, in a sentence."""
    if resource_id is None or chosen.seq is None:
        return None
    window = Window(chosen.seq - 1, chosen.seq + 1, 1)
    scope = Scope(resources=(resource_id,))
    told = visitor().teller(reading).timeline(reading, scope, window, visible=visitor().may_look)
    return told[0].sentence(visitor().language) if told else None


def excerpt(octets: Address) -> Excerpt | None:
    """Return what a text file says at its beginning; None: it is none, or it cannot be read."""
    try:
        content = visitor().site.find(octets).read(Conditions())
        beginning = _beginning(content)
    except errors.GotganError:
        return None
    is_cut = content.size_bytes > SHOWN_BYTES
    text = read_text(beginning, is_cut=is_cut)
    return None if text is None else Excerpt(text, is_cut)


def _beginning(content: Content) -> bytes:
    return b"".join(content.chunks(0, min(SHOWN_BYTES, content.size_bytes)))
