"""Bodies of the past, and what is known of them without reading: facts belong to the content, so they never expire.

The index of instances follows the present and is never asked here. What retention let go, or what cannot be read, is
None for whoever asks for many bodies: one of them never stops the others (promise 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from appliance import errors
from appliance.store import past
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.store.spans import READER

SLICE = 50  # bodies in memory at a time


class Fact(NamedTuple):
    """What was read from a body when it came. The hull holds all its instances and alarms; `last_at` None: for ever."""

    component: str | None
    title: str | None
    first_at: int | None
    last_at: int | None


def facts_of(reading: Reading, content_ids: Sequence[int]) -> dict[int, Fact]:
    """Return what is known of bodies by content id; what an older reader found is as good as nothing."""
    cursor = reading.cursor()
    cursor.row_factory = None
    found: dict[int, Fact] = {}
    for ids in past.slices_of(content_ids):
        rows = cursor.execute(
            "SELECT content_id, component, title, first_at, last_at FROM fact"  # noqa: S608 - only marks
            f" WHERE content_id IN ({','.join('?' * past.SLICE)}) AND reader = ?",
            (*ids, READER),
        ).fetchall()
        found.update((row[0], Fact._make(row[1:])) for row in rows)
    return found


def octets_of(reading: Reading, bodies: Bodies, members: Sequence[Member]) -> Iterator[tuple[Member, bytes | None]]:
    """Yield members with their octets in the order given; None: they cannot be had."""
    for start in range(0, len(members), SLICE):
        part = members[start : start + SLICE]
        inline = _inline(reading, [member.content_id for member in part if member.content_id is not None])
        for member in part:
            body = inline.get(member.content_id or 0)
            yield member, _elsewhere(reading, bodies, member) if body is None else body


def _inline(reading: Reading, content_ids: list[int]) -> dict[int, bytes]:
    if not content_ids:
        return {}
    padded = content_ids + [content_ids[-1]] * (SLICE - len(content_ids))
    rows = reading.execute(
        "SELECT id, body FROM content"  # noqa: S608 - only marks
        f" WHERE id IN ({','.join('?' * SLICE)}) AND place = 'row' AND length(body) = size",
        padded,
    ).fetchall()
    return {row["id"]: row["body"] for row in rows}


def _elsewhere(reading: Reading, bodies: Bodies, member: Member) -> bytes | None:
    if member.content_id is None:
        return None
    try:
        return bodies.whole(reading, member.content_id, of=member.resource_id)
    except (errors.ContentMissing, errors.ContentThinned, OSError):
        return None
