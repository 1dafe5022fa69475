"""Carries out a `Wanted` for what lives in the database: cards, events, address books, calendars and mounts.

Inside a transaction the newest row is compared with what the plan saw, the caller's check judges, and everything
derived moves along. Bodies are read, parsed and durable before. Whatever forbids a step is found before its first
row, so that a refused step leaves those beside it on the page as they are. It refuses to know why something is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance import errors
from appliance.store import collections, content, mounts, objects, placing, spans
from appliance.store.database import Reading, Writing
from appliance.store.ledger import COLLECTION_KINDS, Author, Body, Ledger, Member, Page, Place, chain_up, member_of
from appliance.store.placing import Check, Home, Placed, Shown, Standing, Step, Wanted


@dataclass(frozen=True, slots=True)
class Ready:
    """A card or event that is durable, and what was read from it."""

    prepared: content.Prepared
    facts: spans.Facts


def place(
    ledger: Ledger, author: Author, wanted: Wanted, ready: Ready | None, *, batch_id: int | None, check: Check
) -> Placed:
    """Make one resource be as wanted, durably, and return what became of it; see `place_on`."""
    with ledger.write(author) as page:
        page.batch_id = batch_id
        return place_on(page, wanted, ready, check=check)


def place_on(page: Page, wanted: Wanted, ready: Ready | None, *, check: Check) -> Placed:
    """Make one resource be as wanted; `ready` is the body of a card or event that gets one or comes back.

    Where everything is so already nothing is written. Raises ChangedSince, NoParent, NameTaken, WrongPlace, UidTaken
    (`href` is the other's *name*), and what `check` raises; nothing is written then.
    """
    standing = placing.standing_of(page.writing, wanted.resource_id)
    if placing.is_so(page.writing, wanted, standing, _known_id(page, ready)):
        return Placed(standing.seq, None if standing.before is None else standing.before.name)
    placing.require_unchanged(wanted, standing)
    step = placing.step_of(wanted, standing, _size_after(page, standing, ready))
    placing.require_home(page.writing, step)
    check(page.writing, step)
    if not wanted.is_alive:
        return _end(page, standing)
    if step.comes:
        placing.require_free(page.writing, wanted, step.to)
    if wanted.kind in objects.KINDS:
        return _place_object(page, step, ready)
    return _place_collection(page, step)


def _known_id(page: Page, ready: Ready | None) -> int | None:
    """Return the content id of a body; a body that the ledger does not know is equal to none."""
    if ready is None:
        return None
    known = content.row_with(page.writing, ready.prepared.digest)
    return 0 if known is None or known.place == "none" else known.id


def _size_after(page: Page, standing: Standing, ready: Ready | None) -> int:
    if ready is not None:
        return ready.prepared.size
    if standing.before is not None and standing.before.kind not in COLLECTION_KINDS:
        return standing.before.size or 0
    row = page.writing.execute(
        "SELECT c.subtree_bytes FROM version v JOIN collection c ON c.id = v.resource_id WHERE v.seq = ?",
        (standing.seq,),
    ).fetchone()
    return 0 if row is None else int(row["subtree_bytes"])


def _end(page: Page, standing: Standing) -> Placed:
    member = standing.before
    assert member is not None
    if member.kind == "mount":
        mounts.remove(page, member)
    elif member.kind in COLLECTION_KINDS:
        collections.remove(page, member)
    else:
        objects.end(page, member)
    return Placed(placing.standing_of(page.writing, member.resource_id).seq, None)


# --- cards and events -------------------------------------------------------------------------------


def _place_object(page: Page, step: Step, ready: Ready | None) -> Placed:
    before = step.standing.before
    if before is None and ready is None:
        raise errors.ContentMissing("Nobody said with which octets it is to come back.")
    uid = _uid_of(page, step) if ready is None else ready.facts.uid
    _require_free_uid(page, step, uid)
    body = None if ready is None else _body(page, before, ready)
    seq = _record(page, step, body)
    page.writing.execute("UPDATE resource SET uid = ? WHERE id = ?", (uid, step.wanted.resource_id))
    placing.set_properties(page, step.wanted, seq)
    if step.wanted.kind == "event":
        _index(page, step, ready if body is not None else None)
    return Placed(seq, step.to.name)


def _uid_of(page: Page, step: Step) -> str | None:
    row = page.writing.execute("SELECT uid FROM resource WHERE id = ?", (step.wanted.resource_id,)).fetchone()
    uid: str | None = row["uid"]
    return uid


def _require_free_uid(page: Page, step: Step, uid: str | None) -> None:
    """A restore checks the UID against the living (ledger 7)."""
    other = None if uid is None else objects.holder_of(page.writing, step.to.collection_id, uid)
    if other is not None and other.resource_id != step.wanted.resource_id:
        raise errors.UidTaken("Another entry there has the same UID now.", href=other.name)


def _body(page: Page, before: Member | None, ready: Ready) -> Body | None:
    """Return the body for a new row, None when the very same octets are there already: they keep their ETag."""
    content_id = content.record(page.writing, ready.prepared)
    spans.record_facts(page.writing, content_id, ready.facts)
    if before is not None and before.content_id == content_id:
        return None
    return Body(content_id, ready.prepared.size, page.at)


def _record(page: Page, step: Step, body: Body | None) -> int:
    """Append the rows of a step, one, or two where it moves; return the seq of the last."""
    before, to = step.standing.before, step.to
    place = Place(to.collection_id, to.name, step.wanted.resource_id, step.wanted.kind)
    if before is None:
        assert body is not None
        return page.bring_back(place, body)
    if step.comes:
        return page.move(before, place, body=body)
    if body is not None:
        return page.put(place, body, op="restore", base_seq=before.body_seq)
    return page.props(before)


def _index(page: Page, step: Step, ready: Ready | None) -> None:
    """The index of instances follows the member (ledger 7)."""
    resource_id, collection_id = step.wanted.resource_id, step.to.collection_id
    if ready is not None:
        spans.index(page.writing, collection_id, resource_id, ready.facts)
    elif step.comes:
        spans.carry(page.writing, resource_id, resource_id, collection_id)


# --- address books, calendars, mounts ---------------------------------------------------------------


def _place_collection(page: Page, step: Step) -> Placed:
    wanted, before = step.wanted, step.standing.before
    if step.comes:
        _require_same_owner(page, step)
    shown = _newly_shown(page, step) if wanted.kind == "mount" else None
    place = Place(step.to.collection_id, step.to.name, wanted.resource_id, wanted.kind)
    carried = 0 if wanted.kind == "mount" else step.size_bytes
    if before is None:
        seq = page.bring_back(place, Body(), carried_bytes=carried)
    elif step.comes:
        seq = page.move(before, place, carried_bytes=carried)
    else:
        seq = page.props(before)
    placing.set_properties(page, wanted, seq)
    if shown is not None:
        mounts.show(page.writing, wanted.resource_id, seq, shown.target_id, shown.access)
    return Placed(seq, step.to.name)


def _require_same_owner(page: Page, step: Step) -> None:
    """Raise WrongPlace for another person's home, and for a mount between homes of two kinds (protocol C8)."""
    was, to = (_node_and_owner(page, home) for home in (step.standing.home, step.to))
    if was != to:
        raise errors.WrongPlace("It stays in its own home.")


def _node_and_owner(page: Page, home: Home) -> tuple[int | None, int | None]:
    member, row = member_of(page.writing, home.collection_id), collections.row_of(page.writing, home.collection_id)
    return (None if member is None else member.collection_id, None if row is None else row.owner_id)


def _newly_shown(page: Page, step: Step) -> Shown | None:
    """Return what a mount is to show, else what it showed last; None where it goes on as it does."""
    wanted = step.wanted
    if step.standing.before is not None and (wanted.shown is None or placing.is_shown(page.writing, wanted)):
        return None
    shown = wanted.shown or last_shown(page.writing, wanted.resource_id)
    if shown.target_id in chain_up(page.writing, step.to.collection_id):
        raise errors.WrongPlace("A folder cannot be shown inside itself.")
    return shown


def last_shown(reading: Reading | Writing, resource_id: int) -> Shown:
    """Return what a mount shows, or showed last; NotFound."""
    row = reading.execute(
        "SELECT target_id, access FROM mount WHERE resource_id = ? ORDER BY seq DESC LIMIT 1", (resource_id,)
    ).fetchone()
    if row is None:
        raise errors.NotFound("Nobody knows what was shown there.")
    return Shown(row["target_id"], row["access"])
