"""A copy of something as it was, under another name beside what is there now: a restore that replaces nothing.

Everything copied belongs to the batch of the visit. A copy that was cut off goes on: what the batch has made is left
alone, and what a power cut left of it without its row is made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from appliance import errors
from appliance.dav.contracts import Address, Conditions, Kind, NewCollection, PropertyChange, Upload
from appliance.history.acts import Act
from appliance.store import batches, content, importing, past, touched
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.ledger import Author, Ledger, Member
from appliance.store.placing_leftovers import digest_of
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.hall import Hall
from appliance.tree.leftovers import take_off
from appliance.tree.pieces import Pieces
from appliance.tree.resource import Node
from appliance.tree.site import TreeSite


@dataclass(frozen=True, slots=True)
class Copy:
    """What is to be copied as it was at `seq`, to which free address, and how it is called."""

    was: Member
    seq: int
    target: Address
    about: Act


def begin_beside(ledger: Ledger, author: Author, copy: Copy) -> int:
    """Return the batch of a copy: that of the same one which was cut off, else a new one."""
    asked = f"{copy.was.resource_id} {copy.seq} {'/'.join(copy.target)}"
    about = replace(copy.about, beside=copy.target[-1])
    return importing.begin(ledger, author, asked, kind="restore", about=about.to_json())


def go_on_beside(hall: Hall, author: Author, batch_id: int, copy: Copy) -> int:
    """Copy it and return how many things there are; cut off in the middle, the same call goes on.

    Raises what `put_beside` raises; a batch that has written nothing then is done.
    """
    ledger = hall.services.ledger
    try:
        site = hall.site(replace(author, batch_id=batch_id))
        count = put_beside(site, hall.bodies, copy.was, copy.seq, copy.target)
    except errors.GotganError as error:
        wrote = batches.of(ledger.database.connection(), batch_id).first_seq is not None
        batches.note_refused(ledger, batch_id, [(copy.was.resource_id, str(error))])
        batches.become(ledger, batch_id, "stopped" if wrote else "done")
        raise
    batches.become(ledger, batch_id, "done")
    return count


_MADE = {"folder": Kind.FOLDER, "addressbook": Kind.ADDRESSBOOK, "calendar": Kind.CALENDAR}
_WHOLE = Conditions(if_none_match="*")


def put_beside(site: TreeSite, bodies: Bodies, was: Member, seq: int, target: Address) -> int:
    """Copy what `was` at `seq` to the free address `target`, with everything below; return how many there are.

    Raises AlreadyThere or PreconditionFailed when something has the name, UidTaken for a contact or event whose
    collection has it still, and what a PUT or MKCOL there would raise. What is refused is no lost edit: it is a copy.
    """
    quiet = TreeSite(replace(site.visit, keeps_refused=False), site.swept_later)
    return _put_beside(quiet, bodies, was, seq, target)


def _put_beside(site: TreeSite, bodies: Bodies, was: Member, seq: int, target: Address) -> int:
    reading = site.visit.reading
    if was.kind in _MADE:
        if not _is_made(site, was, target):
            holder, name = site.place(target)
            stored = [PropertyChange(*one) for one in past.properties_at(reading, was.resource_id, seq).items()]
            holder.make(name, NewCollection(_MADE[was.kind], tuple(stored)), Conditions())
        below = past.members_at(reading, was.resource_id, seq)
        return 1 + sum(_put_beside(site, bodies, one, seq, (*target, one.name)) for one in below)
    if was.content_id is None:
        raise errors.NotPossible("Only files, contacts, events, and collections of them can be put beside.")
    if not _is_made(site, was, target):
        _put(site, bodies, reading, was, target)
    return 1


def _is_made(site: TreeSite, was: Member, target: Address) -> bool:
    """Return whether the visit's batch has made the target; what it left there without a row is taken off."""
    try:
        there = site.find(target)
    except errors.NotFound:
        return False
    visit = site.visit
    if not isinstance(there, Node) or there.resource_id is None or visit.batch_id is None:
        return False
    if touched.newest_of_batch(visit.reading, there.resource_id, 0, visit.batch_id) is not None:
        return True
    holder, _ = site.place(target)
    if isinstance(holder, FolderNode) and isinstance(there, FolderNode | FileNode) and _is_alike(there, was):
        take_off(holder, there)
    return False


def _is_alike(there: FolderNode | FileNode, was: Member) -> bool:
    if isinstance(there, FolderNode):
        return was.kind == "folder"
    reading, entry = there.visit.reading, there.entry
    kept = None if was.content_id is None else content.row_of(reading, was.content_id)
    now = None if entry.member is None or not entry.is_known else digest_of(reading, entry.member)
    return kept is not None and kept.digest == now


def _put(site: TreeSite, bodies: Bodies, reading: Reading, was: Member, target: Address) -> None:
    holder, name = site.place(target)
    pieces = Pieces(bodies.read(reading, was.content_id or 0, of=was.resource_id))
    holder.put(name, Upload(pieces, was.size), _WHOLE)
