"""What is meant when something is to be as it was: the things at an address, whose changes, and what it is called.

The command line and the pages ask here; `history/restore.py` makes the plan. It refuses to judge who may look.
"""

from __future__ import annotations

import contextlib

from appliance import errors
from appliance.history.acts import Act
from appliance.history.restore import Area, Side
from appliance.household import devices
from appliance.household.people import Person
from appliance.store import mounts, past, placing, summaries
from appliance.store.database import Reading
from appliance.store.ledger import COLLECTION_KINDS, Member


def at(reading: Reading, said: str, since: int) -> Member:
    """Return what was at an address at a state; NotFound."""
    return past.locate(reading, said.split("/"), seq=since)


def area_of(reading: Reading, owner: Person, said: str, since: int) -> Area:
    """Return what is meant: what was at the address then, and what is there now; all of somebody's for a name."""
    if "/" not in said:
        homes = owner.home_ids()
        return Area(collections=(homes.addressbook_id, homes.calendar_id, homes.files_id))
    found = [at(reading, said, since)]
    with contextlib.suppress(errors.NotFound):
        found.append(past.locate(reading, said.split("/"), seq=None))
    return area_around(reading, found)


def area_around(reading: Reading, found: list[Member]) -> Area:
    """Return some things, with all that is in and below those that hold something, and in what mounts show."""
    collections: list[int] = []
    for member in found:
        mount = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
        if mount is not None:
            collections.append(mount.target_id)
        elif member.kind in COLLECTION_KINDS:
            collections.append(member.resource_id)
    resources = [member.resource_id for member in found if member.kind not in ("home", "node")]
    return Area(tuple(dict.fromkeys(resources)), tuple(dict.fromkeys(collections)))


def act_of(reading: Reading, owner: Person, said: str, since: int, until: int) -> Act:
    """Return what is asked for: the thing as it is called, or all that is somebody's; `until` in microseconds."""
    if "/" not in said:
        kind = "household" if owner.household else "person"
        homes = owner.home_ids()
        return Act(kind=kind, name=owner.display_name, address=owner.name, at=until, collection_id=homes.files_id)
    return act_about(reading, at(reading, said, since), said, until)


def act_about(reading: Reading, was: Member, said: str, until: int) -> Act:
    """Return what is asked for of one thing, as it is called."""
    mount = mounts.of(reading, was.resource_id) if was.kind == "mount" else None
    called = summaries.called(reading, was.resource_id)
    if called is None and mount is not None:
        called = summaries.called(reading, mount.target_id)
    shown = was.resource_id if was.kind in COLLECTION_KINDS else was.collection_id
    return Act(kind=was.kind, name=called or was.name, address=said, at=until, collection_id=shown)


def side_of(reading: Reading, person: Person, *, with_disk: bool = True) -> Side:
    """Return that what this person changed is taken back, on whichever device; with what the disk says by itself."""
    own = (each.id for each in devices.of_every_kind(reading) if each.person_id == person.id)
    return Side(frozenset(own), disk=with_disk)


def ended_at(reading: Reading, member: Member) -> int:
    """Return the state just before something ended, or what held it; NotPossible where it is there."""
    ends = []
    standing = placing.standing_of(reading, member.resource_id)
    if standing.before is None:
        ends.append(standing.seq)
    held_in = past.ancestry(reading, standing.home.collection_id)
    ends += [placing.standing_of(reading, each.id).seq for each in held_in if not each.alive]
    if not ends:
        raise errors.NotPossible("It is there already.")
    return min(ends) - 1
