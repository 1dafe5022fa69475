"""sync-collection's question, answered from the ledger: what changed since a token (RFC 6578 3, ledger Q4 and Q8).

The verdict on the token comes first (protocol A1). Token and rows come from one snapshot. A cut-off answer carries
the token of its last row, so that nothing is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from appliance import errors
from appliance.dav.contracts import Address, Changes, Kind, Resource
from appliance.dav.href import spell, spell_member
from appliance.store import collections, queries, subtree
from appliance.store.database import Reading
from appliance.store.epochs import Verdict, judge_token
from appliance.store.queries import Gone

if TYPE_CHECKING:
    from appliance.tree.folder import FolderNode
    from appliance.tree.object_collection import ObjectCollection
    from appliance.tree.site import TreeSite

MANY = 50  # from here on a folder is listed once instead of looked up name by name


@dataclass(frozen=True, slots=True)
class Since:
    """From where a difference is told: what changed after `seq`, and with `with_gone` what ended after it.

    Not `pageable` is what the next page, which tells ends as well, could not go on with: no limit counts then.
    """

    seq: int
    with_gone: bool
    pageable: bool = True


def judge(site: TreeSite, reading: Reading, token: str, collection_id: int, address: Address) -> Since:
    """Return from where a token is told the difference; raise UnreadableToken or OnHold for what is worth nothing."""
    newest = queries.newest_seq(reading)
    # invariant 9
    judged = judge_token(token, site.visit.ledger.epochs(reading), collection_id=collection_id, newest_seq=newest)
    if judged.verdict is Verdict.GARBAGE:
        raise errors.UnreadableToken("This sync token was never issued for this collection.")
    if judged.lost is not None:
        return site.holding.since(judged, collection_id, address)
    return Since(judged.seq, judged.verdict is not Verdict.INITIAL)


def of_collection(collection: ObjectCollection, token: str, *, limit: int | None) -> Changes:
    """Return the changes of an address book or calendar."""
    visit, collection_id = collection.visit, collection.row.id
    with visit.ledger.database.read() as reading:
        since = judge(collection.site, reading, token, collection_id, collection.address)
        epochs = visit.ledger.epochs(reading)
        newest = queries.member_seq(reading, collection_id)
        limit = limit if since.pageable else None
        rows = queries.changes(reading, collection_id, since.seq, limit, with_gone=since.with_gone)
    truncated = limit is not None and len(rows) > limit
    rows = rows[:limit] if limit is not None else rows
    last = rows[-1].seq if truncated and rows else newest
    if len(rows) > 1:
        collection.expect_many()
    changed: list[Resource] = []
    removed: list[str] = []
    for row in rows:
        if isinstance(row, Gone):
            removed.append(spell_member(collection.href, row.name))
        else:
            changed.append(collection.member_resource(row, epochs.etag(row.body_seq)))
    visit.told(collection_id, last)
    return Changes(epochs.token(collection_id, last), changed, removed, truncated)


def of_folder(folder: FolderNode, token: str, *, infinite: bool, limit: int | None) -> Changes:
    """Return the changes of a folder: its members, or with `infinite` everything below (ledger Q8)."""
    visit, row = folder.visit, folder.adopted_row()
    with visit.ledger.database.read() as reading:
        since = judge(folder.site, reading, token, row.id, folder.address)
        newest = collections.row_of(reading, row.id)
        walk = subtree.everything_since if infinite else subtree.members_since
        found = walk(reading, row.id, since.seq, with_gone=since.with_gone)
        turned = subtree.mounts_turned(reading, row.id) if folder.is_home else []
        epochs = visit.ledger.epochs(reading)
    told = {change.names for change in found}
    found += [change for change in turned if change.seq > since.seq and change.names not in told]
    found.sort(key=lambda change: change.seq)
    end = _cut(found, limit if since.pageable else None)
    last = max((newest or row).subtree_seq, *(change.seq for change in turned), 0)
    if end is not None:
        last = found[end - 1].seq
    changed, removed = _as_seen(folder, found[:end])
    if not since.with_gone:  # RFC 6578 3.4: nothing was there before
        removed = []
    not_followed = tuple(mount.href for mount in folder.mounted()) if infinite else ()
    return Changes(epochs.token(row.id, last), changed, removed, end is not None, not_followed)


def _cut(found: list[subtree.Change], limit: int | None) -> int | None:
    """Return where to cut, only between different seqs; None: nothing need be cut. TooManyMatches where it cannot."""
    if limit is None or len(found) <= limit:
        return None
    end = limit
    while end > 0 and found[end - 1].seq == found[end].seq:
        end -= 1
    if end == 0:
        raise errors.TooManyMatches("One change concerns more members than the limit allows; ask without a limit.")
    return end


def _as_seen(folder: FolderNode, found: list[subtree.Change]) -> tuple[list[Resource], list[str]]:
    """Return (resources, removed hrefs): what the disk does not have any more counts as removed."""
    folders: dict[tuple[str, ...], FolderNode | None] = {(): folder}
    listed: dict[tuple[str, ...], dict[str, Resource]] = {}
    many = len(found) > MANY
    changed: list[Resource] = []
    removed: list[str] = []
    for change in found:
        holder = _folder_at(folders, change.names[:-1])
        resource: Resource | None = None
        if not change.is_gone and holder is not None:
            resource = _child(holder, change.names, listed) if many else _lookup(holder, change.names[-1])
        if resource is not None:
            changed.append(resource)
        else:
            removed.append(spell((*folder.address, *change.names), collection=change.is_folder))
    return changed, removed


def _folder_at(folders: dict[tuple[str, ...], FolderNode | None], names: tuple[str, ...]) -> FolderNode | None:
    if names not in folders:
        above = _folder_at(folders, names[:-1])
        found = None if above is None else _lookup(above, names[-1])
        folders[names] = cast("FolderNode", found) if found is not None and found.kind is Kind.FOLDER else None
    return folders[names]


def _child(
    holder: FolderNode, names: tuple[str, ...], listed: dict[tuple[str, ...], dict[str, Resource]]
) -> Resource | None:
    if names[:-1] not in listed:
        listed[names[:-1]] = {member.address[-1]: member for member in holder.members()}
    return listed[names[:-1]].get(names[-1])


def _lookup(holder: FolderNode, name: str) -> Resource | None:
    try:
        return holder.child(name)
    except errors.NotFound:
        return None
