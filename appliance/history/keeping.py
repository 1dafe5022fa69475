"""Keeping versions against retention: which ones somebody means, and saying so or taking it back.

Somebody means the state of something at a moment, or every version of it; of a folder, everything below. Contacts and
events are kept for good anyway, so they are only counted. Nothing is let go here, and forgetting lets nothing go at
once: the next run of retention decides by the dates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from appliance.store import footprints, kept, past
from appliance.store.database import Database, Reading
from appliance.store.kept import Changed
from appliance.store.ledger import COLLECTION_KINDS, Member
from appliance.store.queries import newest_seq

NODE = "node"  # what holds the homes of everybody


@dataclass(frozen=True, slots=True)
class Chosen:
    """The versions of files that somebody means, by the seqs of their bodies, and how many of cards and events."""

    seqs: tuple[int, ...]
    always_kept: int = 0


def state_of(reading: Reading, member: Member, seq: int | None = None) -> Chosen:
    """Return the version of something, and of everything below it, that was current at `seq`; None: the last."""
    if _holds(member.kind):
        below = past.subtree_at(reading, member.resource_id, newest_seq(reading) if seq is None else seq)
        return _chosen((each.kind, (each.body_seq,)) for each in below if each.content_id is not None)
    was = member if seq is None else past.member_of_at(reading, member.resource_id, seq)
    return _chosen(iter(() if was is None else ((was.kind, (was.body_seq,)),)))


def every_version_of(reading: Reading, member: Member) -> Chosen:
    """Return all versions of something, and of everything that lies below it or lay there when it was deleted."""
    lying = (
        _ever_below(reading, member.resource_id) if _holds(member.kind) else iter(((member.resource_id, member.kind),))
    )
    return _chosen((kind, tuple(kept.body_seqs(reading, resource_id))) for resource_id, kind in lying)


def leaving_between(reading: Reading, first: date, last: date, person_ids: Collection[int]) -> Chosen:
    """Return what of these people is to leave from one day to another, as it was counted last."""
    found = (footprints.leaving_between(reading, first, last, person_id) for person_id in sorted(person_ids))
    return Chosen(tuple(seq for seqs in found for seq in seqs))


def kept_at(reading: Reading, at: int, device_id: int) -> Chosen:
    """Return what one press of a button kept, as far as it is kept still."""
    return Chosen(tuple(kept.pinned_at(reading, at, device_id)))


def keep(database: Database, chosen: Chosen, *, at: int, device_id: int | None) -> Changed:
    """Keep these versions for good; `at` in microseconds, `device_id` says who did it."""
    return kept.pin(database, chosen.seqs, at=at, device_id=device_id)


def forget(database: Database, chosen: Chosen) -> Changed:
    """Leave these versions to retention again."""
    return kept.unpin(database, chosen.seqs)


def _chosen(versions: Iterator[tuple[str, tuple[int, ...]]]) -> Chosen:
    seqs: list[int] = []
    always_kept = 0
    for kind, of_one in versions:
        if kind == "file":
            seqs += of_one
        else:
            always_kept += len(of_one)
    return Chosen(tuple(seqs), always_kept)


def _holds(kind: str) -> bool:
    return kind in COLLECTION_KINDS or kind == NODE


def _ever_below(reading: Reading, collection_id: int) -> Iterator[tuple[int, str]]:
    for resource_id, kind in kept.lying_in(reading, collection_id):
        if _holds(kind):
            yield from _ever_below(reading, resource_id)
        else:
            yield resource_id, kind
