"""Shares: who is shown which collection of somebody else, to be read or to be written.

A share is a mount in the receiver's home (`mounting.py`); everything else follows from it. Only the owner shares, and
for what the household owns whoever administrates it. Each act is one batch of rows, signed by who did it, and `gotgan
undo` takes it back. Sharing with the household shows a collection to everybody, and to everybody who joins later: a
mount in the household's own home says so. It refuses to share a whole home, to share with the owner, and to touch
what is shared: a revoked share deletes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.household import devices, mounting, people
from appliance.household.people import Person
from appliance.store import batches, collections, locks, mounts, past, placing, queries
from appliance.store.database import Reading, Writing
from appliance.store.ledger import Author, Ledger, Member, Page, chain_up, member_of
from appliance.store.mounts import Access

SHAREABLE = frozenset({"addressbook", "calendar", "folder"})


@dataclass(frozen=True, slots=True)
class Share:
    """One collection in one home of somebody else. Paths are addresses below `/dav/`, in segments."""

    mount_id: int
    target_id: int
    kind: str  # addressbook | calendar | folder
    owner: Person
    receiver: Person  # the household: everybody, whoever joins later included
    access: Access
    target_path: tuple[str, ...]
    path: tuple[str, ...]
    is_dark: bool  # its owner deleted it, so nothing is shown until it comes back


@dataclass(frozen=True, slots=True)
class NewShare:
    """What the owner wants: who is to be shown a collection, and with which right."""

    target_id: int
    receiver: Person
    access: Access


# --- who is shown what ------------------------------------------------------------------------------


def shares(reading: Reading | Writing) -> list[Share]:
    """Return all shares of the household, by the address of what is shared and the receiver's name."""
    known = {person.id: person for person in people.people(reading)}
    rows = reading.execute(
        "SELECT t.resource_id, t.target_id, t.access, r.kind, p.id AS receiver_id FROM mount t"
        " JOIN member m ON m.resource_id = t.resource_id JOIN resource r ON r.id = t.target_id"
        " JOIN person p ON m.collection_id IN (p.addressbook_home_id, p.calendar_home_id, p.files_home_id)"
        " WHERE t.until_seq IS NULL"
    ).fetchall()
    found = []
    for row in rows:
        owner = known.get(owner_of(reading, row["target_id"]) or 0)
        if owner is not None:
            is_dark = placing.node_above(reading, row["target_id"]) is None
            found.append(
                Share(
                    row["resource_id"], row["target_id"], row["kind"], owner, known[row["receiver_id"]], row["access"],
                    past.path_of(reading, row["target_id"]), past.path_of(reading, row["resource_id"]), is_dark,
                )
            )  # fmt: skip
    return sorted(found, key=lambda share: (share.target_path, not share.receiver.household, share.receiver.name))


def given_by(reading: Reading | Writing, person_id: int) -> list[Share]:
    """Return what a person shares with others."""
    return [share for share in shares(reading) if share.owner.id == person_id]


def given_to(reading: Reading | Writing, person_id: int) -> list[Share]:
    """Return what a person is shown of others."""
    return [share for share in shares(reading) if share.receiver.id == person_id]


def of_collection(reading: Reading | Writing, collection_id: int) -> list[Share]:
    """Return with whom a collection is shared."""
    return [share for share in shares(reading) if share.target_id == collection_id]


def are_within(reading: Reading | Writing, folder_id: int) -> bool:
    """Return whether a folder, or any folder in it, is shared with somebody."""
    return any(folder_id in chain_up(reading, shown) for shown in mounts.targets(reading))


def owner_of(reading: Reading | Writing, collection_id: int) -> int | None:
    """Return who owns a collection: whose home it lies in, or lay in last."""
    chain = past.ancestry(reading, collection_id)
    return chain[-1].owner_id if chain else None


def may_share(reading: Reading | Writing, person_id: int, collection_id: int) -> bool:
    """Return whether a person says who is shown a collection: its owner, or for the household's who administrates."""
    owner_id = owner_of(reading, collection_id)
    owner = None if owner_id is None else people.person(reading, owner_id)
    if owner is None:
        return False
    asking = people.person(reading, person_id)
    return owner.id == person_id or (owner.household and asking is not None and asking.admin)


# --- sharing ----------------------------------------------------------------------------------------


def share(ledger: Ledger, data: Path, author: Author, wanted: NewShare) -> int | None:
    """Show a collection to somebody, or to everybody; return the batch, None where all is so already.

    Who is shown it already gets the right that is wanted now. Raises NotFound and NotPermitted for what is not the
    author's to share, WrongPlace for a home and for its own owner, NotPossible for a collection that was deleted.
    """
    with ledger.write(author) as page:
        target = _shareable(page, wanted.target_id)
        owner_id = owner_of(page.writing, target.resource_id)
        if wanted.receiver.id == owner_id:
            raise errors.WrongPlace(
                errors.said("%(name)s has it already: it is theirs.", name=wanted.receiver.display_name)
            )
        meant = [mounting.Receiver(each.name, each.home_ids()) for each in _meant(page.writing, wanted.receiver)
                 if each.id != owner_id]  # fmt: skip
        lacking = [each for each in meant if not mounting.shows(page.writing, each, target, wanted.access)]
        if not lacking:
            return None
        batch_id = batches.begin(page, "share")
        for each in lacking:
            mounting.show(page, data, each, target, wanted.access)
            _end_locks(page, mounting.home_for(each.homes, target.kind), target.resource_id)
    return batch_id


def _meant(reading: Reading | Writing, receiver: Person) -> list[Person]:
    """Return whose homes are meant: everybody's and the household's own, or one person's."""
    return people.people(reading) if receiver.household else [receiver]


def _shareable(page: Page, collection_id: int) -> Member:
    """Return the collection, or raise why its author cannot share it."""
    _require_right(page, collection_id)
    row = collections.row_of(page.writing, collection_id)
    member = member_of(page.writing, collection_id)
    if row is None or member is None or placing.node_above(page.writing, collection_id) is None:
        raise errors.NotPossible("It was deleted; bring it back before you share it.")
    above = collections.row_of(page.writing, member.collection_id)
    if row.kind not in SHAREABLE or above is None or above.kind == "node":
        raise errors.WrongPlace("A whole home cannot be shared, only address books, calendars and folders in it.")
    return member


def _require_right(page: Page, collection_id: int) -> None:
    """Raise NotFound for what the author does not know of, NotPermitted for what they are only shown."""
    person_id = page.author.person_id
    if person_id is not None and may_share(page.writing, person_id, collection_id):
        return
    asking = None if person_id is None else people.person(page.writing, person_id)
    chain = chain_up(page.writing, collection_id)
    own = None if asking is None else asking.home_ids()
    if own is None or not chain or not mounts.rights_in(page.writing, _ids(asking), chain):
        raise errors.NotFound("There is nothing at this address.")
    raise errors.NotPermitted(
        "Only its owner says with whom it is shared.", privilege="write-acl", href="/dav/principals/"
    )


def _ids(person: Person | None) -> tuple[int, ...]:
    return () if person is None else (person.addressbook_home_id, person.calendar_home_id, person.files_home_id)


# --- no longer sharing ------------------------------------------------------------------------------


def revoke(ledger: Ledger, author: Author, target_id: int, receiver: Person) -> int:
    """Take a collection out of somebody's home, or everybody's, and return the batch; nothing in it is touched.

    A receiver who left cannot come back by themselves afterwards. Raises as `share` does, and NotPossible for a
    collection that is not shared with them.
    """
    with ledger.write(author) as page:
        _require_right(page, target_id)
        batch_id = batches.begin(page, "unshare")
        row = collections.row_of(page.writing, target_id)
        kind = "" if row is None else row.kind
        homes = [mounting.home_for(each.home_ids(), kind) for each in _meant(page.writing, receiver)]
        if not sum(_hide(page, home_id, target_id) for home_id in homes):
            raise errors.NotPossible(errors.said("It is not shared with %(name)s.", name=receiver.display_name))
    return batch_id


def _hide(page: Page, home_id: int, target_id: int) -> bool:
    """Take a collection out of one home; return whether somebody could see it there, or could bring it back."""
    there = mounts.in_home(page.writing, home_id, target_id)
    member = None if there is None else member_of(page.writing, there.resource_id)
    if member is not None:
        mounts.remove(page, member)
        _end_locks(page, home_id, target_id)
        return True
    left = mounts.ended_in(page.writing, home_id, target_id)
    if left is None or not may_return(page.writing, left.resource_id):
        return False
    page.end_again(left, op="unshare")
    return True


def leave(page: Page, mount: Member) -> None:
    """Take a mount out of the home because its receiver wants so; what it shows stays untouched (protocol C4)."""
    batches.begin(page, "leave")
    shown = mounts.of(page.writing, mount.resource_id)
    mounts.remove(page, mount)
    if shown is not None:
        _end_locks(page, mount.collection_id, shown.target_id)


def _end_locks(page: Page, home_id: int, target_id: int) -> None:
    """End what the owner of a home holds locked in a collection that they may not write any more: nobody else can."""
    row = collections.row_of(page.writing, home_id)
    holder = None if row is None or row.owner_id is None else people.person(page.writing, row.owner_id)
    if holder is not None and "write" not in mounts.rights_in(
        page.writing, _ids(holder), chain_up(page.writing, target_id)
    ):
        locks.drop_of(page.writing, holder.id, target_id, page.at)


def may_return(reading: Reading | Writing, mount_id: int) -> bool:
    """Return whether a receiver may bring a mount back: they took it out, and what it showed is whose it was then."""
    row = reading.execute(
        "SELECT v.seq, v.device_id, c.owner_id, (SELECT t.target_id FROM mount t WHERE t.resource_id = v.resource_id"
        " ORDER BY t.seq DESC LIMIT 1) AS target_id FROM version v JOIN collection c ON c.id = v.collection_id"
        " WHERE v.resource_id = ? ORDER BY v.seq DESC LIMIT 1",
        (mount_id,),
    ).fetchone()
    device = None if row is None or row["device_id"] is None else devices.device(reading, row["device_id"])
    if row is None or device is None or device.person_id != row["owner_id"]:
        return False
    then, now = (past.home_of_at(reading, row["target_id"], seq) for seq in (row["seq"], queries.newest_seq(reading)))
    return then == now
