"""What was kept aside, as a page shows it: an edit that lost, why, and what it says otherwise than what is there now.

An edit is shown to whoever sent it, and to whoever may look at where it was meant to go. It refuses to decide.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_babel import gettext

from appliance import errors
from appliance.clock import from_micros
from appliance.history.phrases import sentence
from appliance.history.wording import field_phrase, shown_value, telling
from appliance.household import devices
from appliance.objects.content_lines import Malformed
from appliance.objects.differences import differences
from appliance.store import collections, content, refused, summaries
from appliance.store.database import Reading
from appliance.store.happened import Refusal
from appliance.store.ledger import Member, find_member
from appliance.tree.actors import actors
from appliance.tree.whereabouts import Whereabouts
from web.doers import doer_of
from web.rooms import rooms
from web.visitor import visitor

LINES = 50
MOST_LOOKED_AT = 2000  # rows among which those of the visitor are looked for
LARGEST = 1 << 20  # bytes that are compared field by field


@dataclass(frozen=True, slots=True)
class Kept:
    """One refused edit. `now` None: nothing is there. `address` None: the visitor finds its place nowhere any more."""

    id: int
    at: datetime
    who: str
    name: str
    kind: str  # card, event, file or other
    why: str
    is_deletion: bool
    is_kept: bool  # its octets are here
    is_settled: bool
    times: int
    size: int | None
    now: Member | None
    address: str | None
    content_id: int | None
    collection_id: int


@dataclass(frozen=True, slots=True)
class Line:
    """One field that the edit says otherwise."""

    key: str
    label: str
    kept: str
    now: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A contact or event that is served although something about it is odd."""

    id: int
    name: str
    kind: str
    sentence: str
    address: str


def waiting(reading: Reading, before_id: int | None) -> tuple[list[Kept], int | None]:
    """Return the edits that wait and that the visitor may see, and the id with which the next page begins."""
    found: list[Kept] = []
    for _ in range(MOST_LOOKED_AT // LINES):
        page = refused.waiting(reading, before_id=before_id, limit=LINES)
        for each in page:
            before_id = each.id
            if _may_see(reading, each):
                found.append(_kept(reading, each))
                if len(found) == LINES:
                    return found, before_id
        if len(page) < LINES:
            return found, None
    return found, before_id


def one(reading: Reading, refused_id: int) -> Kept:
    """Return an edit; NotFound for one that the visitor may not see."""
    found = refused.one(reading, refused_id)
    if not _may_see(reading, found):
        raise errors.NotFound("There is no such edit.")
    return _kept(reading, found)


def lines(reading: Reading, kept: Kept) -> list[Line]:
    """Return what the edit says otherwise than what is there now; nothing where they cannot be compared."""
    if kept.kind not in ("card", "event") or kept.now is None or kept.content_id is None:
        return []
    if max(kept.size or 0, kept.now.size or 0) > LARGEST:
        return []
    kind: Literal["card", "event"] = "card" if kept.kind == "card" else "event"
    try:
        now, theirs = (rooms().hall.bodies.whole(reading, id_ or 0) for id_ in (kept.now.content_id, kept.content_id))
        found = telling(differences(kind, now, theirs))
    except (errors.GotganError, Malformed):
        return []
    language = visitor().language
    return [
        Line(
            each.now.key if each.now is not None else each.key,
            sentence(field_phrase(each), language),
            shown_value(each, each.now),
            shown_value(each, each.was),
        )
        for each in found
    ]


def faults(reading: Reading) -> list[Fault]:
    """Return the odd contacts and events that the visitor may see, the first of them."""
    here, after_id, found = visitor(), 0, list[Fault]()
    where = Whereabouts(reading, here.member, rooms().services.household.person)
    for _ in range(MOST_LOOKED_AT // LINES):
        page = refused.faulty(reading, after_id=after_id, limit=LINES)
        for content_id, member, fault in page:
            after_id = content_id
            address = where.address(member.collection_id, member.name)
            if address is not None and here.may_look(member.collection_id) and len(found) < LINES:
                name = summaries.called(reading, member.resource_id) or member.name
                found.append(Fault(member.resource_id, name, member.kind, gettext(fault), address))
        if len(page) < LINES or len(found) == LINES:
            break
    return found


def _may_see(reading: Reading, refusal: Refusal) -> bool:
    here = visitor()
    device = None if refusal.device_id is None else devices.device(reading, refusal.device_id)
    return (device is not None and device.person_id == here.member.id) or here.may_look(refusal.collection_id)


def _kept(reading: Reading, refusal: Refusal) -> Kept:
    here = visitor()
    now = find_member(reading, refusal.collection_id, refusal.name)
    where = Whereabouts(reading, here.member, rooms().services.household.person)
    row = None if refusal.content_id is None else content.row_of(reading, refusal.content_id)
    called = None if now is None else summaries.called(reading, now.resource_id)
    return Kept(
        id=refusal.id, at=from_micros(refusal.at), who=doer_of(actors(reading), refusal.device_id),
        name=refusal.title or called or refusal.name.rpartition("/")[2], kind=_kind(reading, refusal),
        why=_why(refusal), is_deletion=refusal.method == "DELETE",
        is_kept=row is not None and row.place != "none", is_settled=refusal.settled_at is not None,
        times=refusal.times, size=refusal.size, now=now,
        address=where.address(refusal.collection_id, refusal.name), content_id=refusal.content_id,
        collection_id=refusal.collection_id,
    )  # fmt: skip


def _kind(reading: Reading, refusal: Refusal) -> str:
    row = collections.row_of(reading, refusal.collection_id)
    kind = "" if row is None else row.kind
    ending = posixpath.splitext(refusal.name)[1].lower()
    if kind == "addressbook" or (kind == "home" and ending == ".vcf"):
        return "card"
    if kind == "calendar" or (kind == "home" and ending == ".ics"):
        return "event"
    return "file" if kind in ("folder", "home") else "other"


def _why(refusal: Refusal) -> str:
    """Return why an edit was refused, in a sentence for people."""
    if refusal.status == 412:
        return str(gettext("Somebody else had been faster."))
    if refusal.status == 507:
        return str(gettext("There was no room for it."))
    return str(gettext(refusal.reason))
