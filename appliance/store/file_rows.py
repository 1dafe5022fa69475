"""The rows that files and folders leave in the ledger, whoever changed them. Private: each takes an open page."""

from __future__ import annotations

from dataclasses import dataclass

from appliance import errors
from appliance.store import collections, content, locks, losing, places, properties
from appliance.store.database import Writing
from appliance.store.disk import Signature
from appliance.store.files import Files, record_signature, recorded_signature
from appliance.store.guards import Guards
from appliance.store.ledger import Author, Body, Member, Page, Place, chain_up, member_at

THE_DISK = Author()
ROWS_A_COMMIT = 500


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file is now. `etag` None: derived from the row, as for everything that came through our own doors."""

    digest: bytes
    signature: Signature
    etag: str | None = None

    @property
    def modified_at(self) -> int:
        """Microseconds since 1970."""
        return self.signature.mtime_ns // 1000


def record_file(
    page: Page, collection_id: int, name: str, state: FileState, before: Member | None, *,
    op: str = "put", base_seq: int | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Record a file's new state and return (resource id, seq of its body). The same octets keep row and ETag."""
    writing = page.writing
    content_id = content.record_live(writing, state.digest, state.signature.size)
    if before is not None and before.content_id == content_id:
        record_signature(writing, before.resource_id, state.signature)
        if before.modified_at != state.modified_at:
            page.props(before, modified_at=state.modified_at)
        return before.resource_id, before.body_seq
    if before is None:
        resource_id = _dead_identity(writing, collection_id, name) or _new_resource(writing, collection_id)
        writing.execute("UPDATE resource SET alive = 1, collection_id = ? WHERE id = ?", (collection_id, resource_id))
    else:
        resource_id = before.resource_id
    place = Place(collection_id, name, resource_id, "file")
    body = Body(content_id, state.signature.size, state.modified_at, state.etag)
    seq = page.put(place, body, op=op, base_seq=base_seq)
    record_signature(writing, resource_id, state.signature)
    return resource_id, seq


def _new_resource(writing: Writing, collection_id: int) -> int:
    cursor = writing.execute("INSERT INTO resource (kind, collection_id) VALUES ('file', ?)", (collection_id,))
    return int(cursor.lastrowid or 0)


def _dead_identity(writing: Writing, collection_id: int, name: str) -> int | None:
    """Return the file that died under this name, if nothing else has been there since (ledger 7)."""
    row = writing.execute(
        "SELECT v.resource_id FROM gone g JOIN version v ON v.seq = g.seq JOIN resource r ON r.id = v.resource_id"
        " WHERE g.collection_id = ? AND g.name = ? AND v.op = 'delete' AND v.until_seq IS NULL"
        " AND r.alive = 0 AND r.kind = 'file'",
        (collection_id, name),
    ).fetchone()
    return None if row is None else int(row["resource_id"])


def end_file(page: Page, member: Member, *, op: str = "delete") -> None:
    """Record the end of a file: its properties, locks and its place on disk end with it."""
    seq = page.delete(member, op=op)
    properties.end(page.writing, member.resource_id, seq)
    page.writing.execute("DELETE FROM disk WHERE resource_id = ?", (member.resource_id,))
    locks.drop_on(page.writing, [member.resource_id])


def end_folder(page: Page, member: Member) -> int:
    """Record the end of a folder, one row whatever is below it; return the seq."""
    seq = collections.remove(page, member)
    locks.drop_on(page.writing, [member.resource_id])
    return seq


def end(page: Page, member: Member) -> None:
    """Record the end of a file or folder."""
    if member.kind == "folder":
        end_folder(page, member)
    else:
        end_file(page, member)


def record_move(page: Page, member: Member, to: Place, *, body: Body | None = None) -> int:
    """Record a file's or folder's move, with another body if there is one; its locks and those below end.

    Returns the seq of the second row. OntoItself for a folder that is to be below itself.
    """
    carried = None
    if member.kind == "folder":
        if member.resource_id in chain_up(page.writing, to.collection_id):
            raise errors.OntoItself("A folder cannot be put into itself.")
        row = collections.row_of(page.writing, member.resource_id)
        carried = row.subtree_bytes if row else 0
    seq = page.move(member, to, carried_bytes=carried, body=body)
    locks.drop_on(page.writing, [member.resource_id])
    if carried is not None:
        below = locks.below(page.writing, member.resource_id, page.at)
        locks.drop_on(page.writing, [lock.resource_id for lock in below])
    return seq


def record_folder(page: Page, parent_id: int, name: str, *, owner_id: int | None) -> int:
    """Record a new folder and return its id."""
    return collections.create(page, parent_id, name, "folder", owner_id=owner_id)


def vanished(page: Page, files: Files, collection_id: int, name: str) -> Member | None:
    """Return the file that the ledger still has under a name that is free on disk: its identity goes on there.

    It was removed behind our back and nobody has looked since. A folder of that name ends here.
    """
    stale = member_at(page.writing, collection_id, name)
    if stale is None:
        return None
    find_octets(page, files, stale)
    if stale.kind == "file":
        return stale
    end(page, stale)
    return None


def find_octets(page: Page, files: Files, member: Member) -> None:
    """Look, when the page is written, where the octets are that a file had before it changed behind our back."""
    recorded = recorded_signature(page.writing, member.resource_id)
    page.writing.before_commit(lambda: losing.settle(page, files, member, recorded))


@dataclass(frozen=True, slots=True)
class Secured:
    """Where the octets of a file that loses its name are: a file of the store, a content, or `body`.

    `linked`: the file's very inode is the blob.
    """

    blob_name: str | None
    linked: bool = False
    body: bytes | None = None
    content_id: int | None = None


def secure_old(page: Page, blobs: content.Blobs, member: Member, name: str, folder_fd: int) -> Secured | None:
    """Put the octets of a file that is about to lose its name into the store, unless they are there.

    Called with the inode still under its name (promise 2). None: a file that the ledger has no body of.
    """
    row = None if member.content_id is None else content.row_of(page.writing, member.content_id)
    if row is None:
        return None
    if row.place == "chunks":
        return Secured(None, content_id=row.id)
    if row.place != "live":
        return Secured(row.blob_name, body=content.inline_body(page.writing, row.id))
    blob_name = _guarded(page, blobs, member, row.digest)
    if blob_name is None:
        blob_name = blobs.link_in(name, folder_fd=folder_fd, digest=row.digest)
    places.mark_blob(page.writing, row.id, blob_name)
    return Secured(blob_name, linked=True)


def _guarded(page: Page, blobs: content.Blobs, member: Member, digest: bytes) -> str | None:
    recorded = recorded_signature(page.writing, member.resource_id)
    if recorded is None:
        return None
    return Guards(blobs).hand_over(page.writing, member.resource_id, recorded, digest, other_names=1)
