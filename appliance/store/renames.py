"""Where something that appeared behind our back came from: a rename keeps the resource and its history (ledger 7).

A known path is that resource, whatever its inode says; nobody asks here for those. For an unknown path: the inode
known, the old path gone, and size and date the same, or the octets, or a birth before the recorded state (it was
changed after it was renamed) is a rename; else the same octets as a file that the same look missed.
A second name of a file that still has its first (a hard link) is no rename. Nothing here writes.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Mapping
from os import stat_result

from appliance import errors
from appliance.store import births, content, disk
from appliance.store.bodies import path_of
from appliance.store.database import Reading, Writing
from appliance.store.files import recorded_signature
from appliance.store.ledger import Member, member_of
from appliance.store.seen import Missing, Seen


def origin(reading: Reading | Writing, root: disk.Disk, seen: Seen, missing: Missing) -> Member | None:
    """Return the member that lies at `seen` now and is recorded elsewhere, None: it is new."""
    if seen.directory is not None:
        return _origin_of_folder(reading, root, seen, seen.directory, missing)
    if seen.state is None:
        return None
    signature = seen.state.signature
    for resource_id in _with_inode(reading, signature.inode):
        recorded = recorded_signature(reading, resource_id)
        same = recorded is not None and (recorded.size, recorded.mtime_ns) == (signature.size, signature.mtime_ns)
        found = _gone_from(reading, root, resource_id, "file")
        if found is None:
            continue
        if same or _digest(reading, found) == seen.state.digest or _was_born_before(root, seen, recorded):
            return found
    return _with_octets(reading, root, seen, seen.state.digest, missing)


def _was_born_before(root: disk.Disk, seen: Seen, recorded: disk.Signature | None) -> bool:
    """Return whether a file of the recorded inode is older than the recorded state: then it is the file that had it.

    An inode that was given out again belongs to a younger file. Where nobody knows births nothing is proven.
    """
    if recorded is None:
        return False
    with contextlib.suppress(errors.NotFound), root.folder(seen.folder) as folder_fd:
        born_ns = births.born_ns(folder_fd, seen.name)
        return born_ns is not None and born_ns <= recorded.ctime_ns
    return False


def _with_octets(
    reading: Reading | Writing, root: disk.Disk, seen: Seen, digest: bytes, missing: Missing
) -> Member | None:
    """Return a missed file that had these octets: one of the same name, of the same folder, or any."""
    row = content.row_with(reading, digest) if missing.by_content else None
    if row is None:
        return None
    found = [_gone_from(reading, root, resource_id, "file") for resource_id in missing.by_content.get(row.id, ())]
    same = [member for member in found if member is not None and member.content_id == row.id]
    same.sort(key=lambda member: (member.name != seen.name, path_of(reading, member.collection_id) != seen.folder))
    return same[0] if same else None


def _origin_of_folder(
    reading: Reading | Writing, root: disk.Disk, seen: Seen, directory: disk.Signature, missing: Missing
) -> Member | None:
    """Return the folder that was renamed to here: by its inode and something in it, else by most of what is in it.

    An inode alone proves nothing: a file system may give that of a removed directory to the next one.
    """
    same_inode = _with_inode(reading, directory.inode)
    if not same_inode and not missing.folders:
        return None
    try:
        with root.folder(seen.path) as folder_fd:
            here = dict(disk.listing(folder_fd))
    except errors.NotFound:
        return None
    for resource_id in same_inode:
        found = _gone_from(reading, root, resource_id, "folder")
        if found is not None and (alike := _alike(reading, resource_id, here)) and (alike[0] or alike[1] == 0):
            return found
    for resource_id in missing.folders:
        found = _gone_from(reading, root, resource_id, "folder")
        if found is not None and (alike := _alike(reading, resource_id, here)) and 0 < alike[1] <= 2 * alike[0]:
            return found
    return None


def _alike(reading: Reading | Writing, folder_id: int, here: Mapping[str, stat_result]) -> tuple[int, int]:
    """Return how many of a folder's members are in a listing as they were recorded, and how many there are."""
    rows = reading.execute(
        "SELECT m.name, m.kind, d.size, d.mtime_ns FROM member m LEFT JOIN disk d ON d.resource_id = m.resource_id"
        " WHERE m.collection_id = ? AND m.kind IN ('file', 'folder')",
        (folder_id,),
    ).fetchall()
    return sum(_is_recorded(row, here.get(row["name"])) for row in rows), len(rows)


def _is_recorded(row: Mapping[str, object], status: stat_result | None) -> bool:
    if status is None or (row["kind"] == "folder") is not stat.S_ISDIR(status.st_mode):
        return False
    return row["kind"] == "folder" or (row["size"], row["mtime_ns"]) == (status.st_size, status.st_mtime_ns)


def _with_inode(reading: Reading | Writing, inode: int | None) -> list[int]:
    rows = reading.execute("SELECT resource_id FROM disk WHERE fs = '' AND inode = ?", (inode,)).fetchall()
    return [row["resource_id"] for row in rows]


def _gone_from(reading: Reading | Writing, root: disk.Disk, resource_id: int, kind: str) -> Member | None:
    """Return a live member of a kind whose path is free on disk."""
    member = member_of(reading, resource_id)
    if member is None or member.kind != kind:
        return None
    path = path_of(reading, resource_id)
    return member if path is not None and root.is_gone(path) else None


def _digest(reading: Reading | Writing, member: Member) -> bytes | None:
    row = None if member.content_id is None else content.row_of(reading, member.content_id)
    return None if row is None else row.digest
