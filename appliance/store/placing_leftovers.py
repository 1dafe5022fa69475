"""What a power cut left of a step on files or of an import, as the next look at the disk records it.

The look cannot know whose work it sees: it signs as the disk. The same step, made again, must find its own work instead
of a stranger in its place. Only what is newborn and the very same is taken for it, so whoever else may have made it
loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store import content
from appliance.store.database import Reading, Writing
from appliance.store.file_writes import is_empty_folder
from appliance.store.files import Entry
from appliance.store.ledger import Member, Page, Place, member_at
from appliance.store.placing import Standing, Step, Wanted

TICKS_MICROS = 20_000


def is_twin(page: Page, step: Step, entry: Entry, digest: bytes | None, folder_fd: int) -> bool:
    """Return whether a power cut left this step's own work here: born on the disk since the plan, and the same."""
    member = entry.member
    assert member is not None
    if member.kind != step.wanted.kind or not _is_newborn(page.writing, step.wanted, member):
        return False
    if member.kind == "folder":
        below = page.writing.execute("SELECT 1 FROM version WHERE collection_id = ? LIMIT 1", (member.resource_id,))
        return not step.goes and below.fetchone() is None and is_empty_folder(folder_fd, entry.name)
    return entry.is_known and digest_of(page.writing, member) == digest


def _is_newborn(reading: Reading | Writing, wanted: Wanted, member: Member) -> bool:
    rows = reading.execute(
        "SELECT seq, device_id FROM version WHERE resource_id = ? LIMIT 2", (member.resource_id,)
    ).fetchall()
    return len(rows) == 1 and rows[0]["device_id"] is None and rows[0]["seq"] > wanted.seen_seq


def was_cut_short(reading: Reading | Writing, wanted: Wanted, standing: Standing, digest: bytes | None) -> bool:
    """Return whether a power cut came when the file had lost its old name and had the new one, both unrecorded.

    The disk's look has then ended it, and found a newborn with the wanted octets at the wanted place.
    """
    if standing.before is not None or wanted.home is None or digest is None:
        return False
    ended = reading.execute(
        "SELECT n.device_id FROM version v JOIN version n ON n.seq = v.until_seq WHERE v.seq = ? AND n.seq = ?"
        " AND v.resource_id = n.resource_id AND n.op = 'delete'",
        (wanted.seen_seq, standing.seq),
    ).fetchone()
    there = member_at(reading, wanted.home.collection_id, wanted.home.name)
    if ended is None or ended["device_id"] is not None or there is None:
        return False
    return _is_newborn(reading, wanted, there) and digest_of(reading, there) == digest


@dataclass(frozen=True, slots=True)
class Leftover:
    """What got its name since a batch began, and nobody has signed. `replaced_id` is the content before, None: none."""

    replaced_id: int | None


def leftover(reading: Reading | Writing, entry: Entry, begun_at: int) -> Leftover | None:
    """Return what a power cut may have left of a batch that began at `begun_at`, microseconds since 1970; None: not so.

    Its newest row is the disk's, and the only one since. The kernel's stamps lag behind the clock by a tick or two.
    """
    if not is_younger(entry, begun_at) or entry.resource_id is None:
        return None
    rows = reading.execute(
        "SELECT device_id, at, content_id FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 2",
        (entry.resource_id,),
    ).fetchall()
    if rows[0]["device_id"] is not None or rows[0]["at"] < begun_at:
        return None
    if len(rows) == 1:
        return Leftover(None)
    return None if rows[1]["at"] >= begun_at else Leftover(rows[1]["content_id"])


def is_younger(entry: Entry, begun_at: int) -> bool:
    """Return whether something got its name, or changed, since a moment, microseconds since 1970."""
    return entry.status.st_ctime_ns // 1000 >= begun_at - TICKS_MICROS


def is_signed_by_disk(reading: Reading | Writing, wanted: Wanted, standing: Standing) -> bool:
    """Return whether all that happened to a resource since the plan is what the disk's look has recorded."""
    if standing.seq == wanted.seen_seq:
        return False
    row = reading.execute(
        "SELECT count(*) AS others FROM version WHERE resource_id = ? AND seq > ? AND device_id IS NOT NULL",
        (wanted.resource_id, wanted.seen_seq),
    ).fetchone()
    return int(row["others"]) == 0


def sign(page: Page, wanted: Wanted, standing: Standing) -> int:
    """Append a row that changes nothing and returns its seq: what the disk's look recorded is this step's own work.

    Who takes the batch back takes back the row before as well (`taking_back.unsigned`).
    """
    if standing.before is not None:
        return page.announce(standing.before, op="restore")
    return page.end_again(
        Place(standing.home.collection_id, standing.home.name, wanted.resource_id, wanted.kind), op="delete"
    )


def digest_of(reading: Reading | Writing, member: Member) -> bytes | None:
    """Return the digest of a member's body, None for what has none."""
    row = None if member.content_id is None else content.row_of(reading, member.content_id)
    return None if row is None else row.digest
