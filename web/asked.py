"""What is asked when something is to be as it was: an address and a moment, judged by what the visitor may see.

Another person's address looks like one that is not there. It refuses to decide what a plan does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.clock import from_micros
from appliance.history.acts import Act
from appliance.history.moments import seq_of, written_until
from appliance.history.plans import Plan
from appliance.history.restore import Chosen, Side
from appliance.household.people import Person
from appliance.store import past
from appliance.store.database import Reading
from appliance.store.ledger import COLLECTION_KINDS, Member
from appliance.tree import returning
from web.visitor import visitor

MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True)
class Moment:
    """A state of the ledger: as it is spelled in addresses, its number, when it was."""

    text: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `was` None: all that is somebody's. `whose`: mine or all, None: as it fits."""

    address: str
    owner: Person
    was: Member | None
    moment: Moment
    about: Act
    whose: str | None
    keep_new: bool

    @property
    def is_one(self) -> bool:
        """Whether it is a single contact, event or file."""
        return self.was is not None and self.was.content_id is not None

    @property
    def copy_name(self) -> str:
        """A name for a copy beside it: with the day of the moment."""
        return copy_name(self.address.rpartition("/")[2], self.moment, is_one=self.is_one)


def copy_name(name: str, moment: Moment, *, is_one: bool) -> str:
    """Return a name for a copy of something as it was: with the day, before the ending of a single thing."""
    stem, dot, ending = name.rpartition(".") if is_one and "." in name[1:] else (name, "", "")
    return f"{stem} {moment.at.astimezone(visitor().zone):%Y-%m-%d}{dot}{ending}"


def read_moment(reading: Reading, text: str) -> Moment:
    """Return the moment that a text names, spelled so that it means the same tomorrow; WrongCall, NotFound."""
    here = visitor()
    seq = seq_of(reading, text, zone=here.zone, now=here.now)
    at = from_micros(written_until(reading, text, seq, zone=here.zone, now=here.now))
    local = at.astimezone(here.zone)
    exact = "microseconds" if local.microsecond else "seconds"
    spelled = text.strip() if text.strip().startswith("seq-") else local.isoformat(timespec=exact)
    return Moment(spelled, seq, at)


def owner_of(address: str) -> Person:
    """Return whose address it is: the visitor's or the household's; NotFound."""
    parts = address.split("/")
    if len(parts) > 1 and parts[0] not in ("addressbooks", "calendars", "files"):
        raise errors.NotFound("There is nothing at this address.")
    return visitor().site.owner_of(parts[0] if len(parts) == 1 else parts[1])


def require_may_look(member: Member) -> None:
    """Raise NotFound for what the visitor may not know of."""
    holds = member.kind in COLLECTION_KINDS
    if not visitor().may_look(member.resource_id if holds else member.collection_id):
        raise errors.NotFound("There is nothing at this address.")


def read_asked(reading: Reading, address: str, values: Mapping[str, str]) -> Asked:
    """Return what a request asks for; NotFound for what was not there, or not for the visitor."""
    said = address.strip("/")
    owner = owner_of(said)
    moment = read_moment(reading, values.get("at", ""))
    was = _was_there(reading, said, moment.seq) if "/" in said else None
    until = int(moment.at.timestamp() * 1_000_000)
    about = returning.act_of(reading, owner, said, moment.seq, until)
    whose = values.get("whose")
    return Asked(
        said, owner, was, moment, about, whose if whose in (MINE, ALL) else None, values.get("keep", "") == "1"
    )  # fmt: skip


def _was_there(reading: Reading, said: str, seq: int) -> Member:
    try:
        was = returning.at(reading, said, seq)
    except errors.NotFound as error:
        raise errors.NotFound("There was nothing there at that moment.") from error
    require_may_look(was)
    return was


def last_there(reading: Reading, said: str) -> Member:
    """Return what is at an address, or was the last to be there; NotFound."""
    owner_of(said)
    try:
        member = past.last_at(reading, said.split("/"))
    except errors.NotFound as error:
        raise errors.NotFound("There is nothing at this address.") from error
    require_may_look(member)
    return member


def planned(reading: Reading, asked: Asked, chosen: Chosen) -> tuple[Plan, str]:
    """Return the plan of what is asked for, and whose changes it takes back: mine, or all.

    Where nothing was said: everybody's of a single thing and of what the household owns; else the owner's, and
    everybody's where the owner has changed nothing.
    """
    area = returning.area_of(reading, asked.owner, asked.address, asked.moment.seq)
    planner = visitor().planner(reading)

    def restore(side: Side) -> Plan:
        return planner.restore(area, asked.moment.seq, side, keep_new=asked.keep_new, chosen=chosen)

    whose = asked.whose or (ALL if asked.is_one or asked.owner.household else None)
    if whose != ALL:
        plan = restore(returning.side_of(reading, asked.owner))
        if whose == MINE or plan.looked_at:
            return plan, MINE
    return restore(Side(everybody=True)), ALL
