"""Cards and events: bodies in the database, written octet for octet.

Each public function is one transaction. `check` is called inside it, before anything is written, with the page and
the member found under the name: it judges privileges, conditions and locks. Bodies are hashed and durable before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from appliance import errors
from appliance.store import batches, chunks, content, properties, spans
from appliance.store.database import Reading, Writing
from appliance.store.ledger import Author, Body, Ledger, Member, Page, Place, find_member, member_at, member_of

Check = Callable[[Page, Member | None], int | None]
"""Raises what forbids the write, else returns the `body_seq` that the writer had seen; None: unconditional."""

KINDS = ("card", "event")
SLICE = 50  # names to a statement: one prepared statement for all multigets (Q9)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a put did. `changed` is False when the very same octets were there already: the ETag stays."""

    member: Member
    created: bool
    changed: bool
    etag: str


def put(
    ledger: Ledger, author: Author, collection_id: int, name: str, prepared: content.Prepared, facts: spans.Facts,
    *, check: Check, op: str = "put",
) -> Stored:  # fmt: skip
    """Store a body as member `name`, new or replaced (Q10). UidTaken names the other member in `href` by its *name*."""
    with ledger.write(author) as page:
        return put_on(page, collection_id, name, prepared, facts, check=check, op=op)


def put_on(
    page: Page, collection_id: int, name: str, prepared: content.Prepared, facts: spans.Facts,
    *, check: Check, op: str = "put",
) -> Stored:  # fmt: skip
    """The same inside an open page: an import writes many in one transaction."""
    before = find_member(page.writing, collection_id, name)
    base_seq = check(page, before)
    if before is not None:
        name = before.name  # the other form of an existing name replaces that member
    _require_free_uid(page.writing, collection_id, facts.uid, before)
    content_id = content.record(page.writing, prepared)
    if before is not None and before.content_id == content_id:
        return Stored(before, created=False, changed=False, etag=page.etag(before.body_seq))
    spans.record_facts(page.writing, content_id, facts)
    resource_id = before.resource_id if before else _identity(page.writing, collection_id, facts)
    page.writing.execute(
        "UPDATE resource SET uid = ?, alive = 1, collection_id = ? WHERE id = ?",
        (facts.uid, collection_id, resource_id),
    )
    place = Place(collection_id, name, resource_id, facts.kind)
    seq = page.put(place, Body(content_id, prepared.size, page.at), op=op, base_seq=base_seq)
    if facts.kind == "event":
        spans.index(page.writing, collection_id, resource_id, facts)
    stored = member_at(page.writing, collection_id, name)
    assert stored is not None
    return Stored(stored, created=before is None, changed=True, etag=page.etag(seq))


def _require_free_uid(writing: Writing, collection_id: int, uid: str | None, before: Member | None) -> None:
    if uid is None:
        return
    other = holder_of(writing, collection_id, uid)
    if other is not None and (before is None or other.resource_id != before.resource_id):
        raise errors.UidTaken("Another entry here has the same UID.", href=other.name)
    if other is None and before is not None:
        held = writing.execute("SELECT uid FROM resource WHERE id = ?", (before.resource_id,)).fetchone()["uid"]
        if held is not None:
            raise errors.UidTaken("The entry at this address has another UID.", href=before.name)


def holder_of(reading: Reading | Writing, collection_id: int, uid: str) -> Member | None:
    """Return the living member of a collection that has a UID."""
    row = reading.execute(
        "SELECT id FROM resource WHERE collection_id = ? AND uid = ? AND alive = 1 AND uid IS NOT NULL",
        (collection_id, uid),
    ).fetchone()
    return None if row is None else member_of(reading, row["id"])


def _identity(writing: Writing, collection_id: int, facts: spans.Facts) -> int:
    """Return the id for a new name: a dead resource with this UID comes back with its history (ledger 7)."""
    if facts.uid is not None:
        row = writing.execute(
            "SELECT id FROM resource WHERE collection_id = ? AND uid = ? AND alive = 0 AND uid IS NOT NULL"
            " ORDER BY id DESC LIMIT 1",
            (collection_id, facts.uid),
        ).fetchone()
        if row is not None:
            return int(row["id"])
    cursor = writing.execute(
        "INSERT INTO resource (kind, collection_id, uid) VALUES (?, ?, ?)", (facts.kind, collection_id, facts.uid)
    )
    return int(cursor.lastrowid or 0)


def delete(ledger: Ledger, author: Author, collection_id: int, name: str, *, check: Check) -> None:
    """End the member `name` (Q11); NotFound."""
    with ledger.write(author) as page:
        member = find_member(page.writing, collection_id, name)
        check(page, member)
        if member is None:
            raise errors.NotFound("There is nothing at this address.")
        end(page, member)


def end(page: Page, member: Member) -> None:
    """End a card or event inside an open page."""
    seq = page.delete(member)
    properties.end(page.writing, member.resource_id, seq)
    spans.forget(page.writing, member.resource_id)


@dataclass(frozen=True, slots=True)
class Transfer:
    """From where to where an object is copied or moved."""

    from_id: int
    from_name: str
    to_id: int
    to_name: str
    overwrite: bool


CheckBoth = Callable[[Page, Member, Member | None], None]


def copy(ledger: Ledger, author: Author, transfer: Transfer, *, check: CheckBoth) -> bool:
    """Copy an object into another collection of its kind and return whether the target is new (protocol C8).

    What is there with the same UID keeps its identity and has one version more (ledger 7).
    """
    with ledger.write(author) as page:
        source, target = _both(page, transfer, check)
        uid = _uid_of(page.writing, source)
        _require_free(page, transfer.to_id, uid, target)
        if target is not None and uid is not None and _uid_of(page.writing, target) == uid:
            _copy_onto(page, source, target.place)
            return False
        if target is not None:
            batches.begin(page, "copy")
            end(page, target)
        _copy_one(page, source, transfer.to_id, transfer.to_name)
        return target is None


def _uid_of(writing: Writing, member: Member) -> str | None:
    row = writing.execute("SELECT uid FROM resource WHERE id = ?", (member.resource_id,)).fetchone()
    uid: str | None = row["uid"]
    return uid


def move(ledger: Ledger, author: Author, transfer: Transfer, *, check: CheckBoth) -> bool:
    """Move an object; identity, ETag and properties stay (Q12). Return whether the target name is new."""
    with ledger.write(author) as page:
        source, target = _both(page, transfer, check)
        if transfer.from_id != transfer.to_id:
            _require_free(page, transfer.to_id, _uid_of(page.writing, source), target)
        if target is not None:
            batches.begin(page, "move")
            end(page, target)
        page.move(source, Place(transfer.to_id, transfer.to_name, source.resource_id, source.kind))
        spans.carry(page.writing, source.resource_id, source.resource_id, transfer.to_id)
        return target is None


def copy_all(page: Page, from_id: int, to_id: int) -> None:
    """Copy all members into an empty collection of the same kind inside an open page."""
    for row in page.writing.execute("SELECT name FROM member WHERE collection_id = ?", (from_id,)).fetchall():
        source = member_at(page.writing, from_id, row["name"])
        if source is not None:
            _copy_one(page, source, to_id, source.name)


def _copy_one(page: Page, source: Member, to_id: int, to_name: str) -> None:
    uid = _uid_of(page.writing, source)
    cursor = page.writing.execute(
        "INSERT INTO resource (kind, collection_id, uid) VALUES (?, ?, ?)", (source.kind, to_id, uid)
    )
    _copy_onto(page, source, Place(to_id, to_name, int(cursor.lastrowid or 0), source.kind))


def _copy_onto(page: Page, source: Member, place: Place) -> None:
    """Give the resource at `place` the body, properties and index rows of `source`."""
    seq = page.put(place, Body(source.content_id, source.size, page.at), op="copy")
    properties.copy(page.writing, source.resource_id, place.resource_id, seq)
    spans.carry(page.writing, source.resource_id, place.resource_id, place.collection_id)


def _both(page: Page, transfer: Transfer, check: CheckBoth) -> tuple[Member, Member | None]:
    source = find_member(page.writing, transfer.from_id, transfer.from_name)
    if source is None:
        raise errors.NotFound("There is nothing at this address.")
    target = find_member(page.writing, transfer.to_id, transfer.to_name)
    if target is not None and target.resource_id == source.resource_id:
        raise errors.OntoItself("Source and destination are the same.")
    check(page, source, target)
    if target is not None and not transfer.overwrite:
        raise errors.PreconditionFailed("There is something at the destination, and overwriting was not allowed.")
    return source, target


def _require_free(page: Page, collection_id: int, uid: str | None, target: Member | None) -> None:
    if uid is None:
        return
    other = holder_of(page.writing, collection_id, uid)
    if other is not None and (target is None or other.resource_id != target.resource_id):
        raise errors.UidTaken("Another entry there has the same UID.", href=other.name)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """One member of a multiget with its octets; `body` None: unreadable."""

    member: Member
    body: bytes | None


def bodies(reading: Reading, blobs: content.Blobs, collection_id: int, names: Sequence[str]) -> Iterator[Found]:
    """Yield the members of these exact names with their octets, in slices of 50 (Q9); missing ones are left out."""
    statement = (
        "SELECT m.collection_id, m.name, m.seq, m.resource_id, m.kind, m.body_seq, m.content_id, m.size,"  # noqa: S608
        " m.modified_at, m.etag, c.place, c.blob_name, c.body FROM member m LEFT JOIN content c ON c.id = m.content_id"
        f" WHERE m.collection_id = ? AND m.name IN ({','.join('?' * SLICE)})"
    )
    cursor = reading.cursor()
    cursor.row_factory = None
    for start in range(0, len(names), SLICE):
        slice_ = list(names[start : start + SLICE])
        padded = slice_ + [slice_[-1]] * (SLICE - len(slice_))
        for row in cursor.execute(statement, (collection_id, *padded)).fetchall():
            member = Member(*row[:10])
            yield Found(member, row[12] if row[10] == "row" else _octets(reading, blobs, member, row[10], row[11]))


def _octets(
    reading: Reading, blobs: content.Blobs, member: Member, place: str | None, blob_name: str | None
) -> bytes | None:
    size = member.size or 0
    try:
        if place in content.FILED and blob_name is not None:
            return b"".join(blobs.chunks(blob_name, 0, size))
        if place == "chunks":  # the same octets lie somewhere as a file, too
            pieces = chunks.pieces_of(reading, member.content_id or 0, 0, size)
            return b"".join(chunks.octets(blobs, pieces, 0, size))
    except (errors.ContentMissing, OSError):
        pass  # one unreadable body never stops the others (promise 6)
    return None


def titles(reading: Reading, collection_id: int) -> list[tuple[int, str | None]]:
    """Return (resource id, title) of all members: what a search by name looks at before it reads any body."""
    cursor = reading.cursor()
    cursor.row_factory = None
    return cursor.execute(
        "SELECT m.resource_id, f.title FROM member m LEFT JOIN fact f ON f.content_id = m.content_id"
        " WHERE m.collection_id = ?",
        (collection_id,),
    ).fetchall()
