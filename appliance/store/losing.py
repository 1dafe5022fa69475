"""What became of a file's octets when its name is free, or has others, behind our back.

They may be in the store already, under a guard, left there by a power cut, or with another live file. Else they are
lost, and said to be: the row claims nothing that nobody has, and an alarm names the file. It refuses to guess: octets
count as found when their digest, or the inode's date and size, say so.
"""

from __future__ import annotations

from appliance.store import alarms, content, disk, places
from appliance.store.bodies import Bodies, path_of
from appliance.store.files import Files
from appliance.store.guards import Guards
from appliance.store.ledger import Member, Page

MOST_ALARMS = 20  # a file each; beyond that one for all


def settle(page: Page, files: Files, member: Member, recorded: disk.Signature | None) -> None:
    """Find the octets of a member that is no longer on disk as it was `recorded`, or say that they are lost.

    Called at the end of a transaction: what came in it may have them.
    """
    row = None if member.content_id is None else content.row_of(page.writing, member.content_id)
    if row is None or row.place != "live":
        return
    blob_name = files.blobs.name_for(row.digest)
    if content.digest_of_file(files.blobs.path(blob_name)) == row.digest:
        places.mark_blob(page.writing, row.id, blob_name)  # a power cut between link and commit left it there
        return
    if recorded is not None:
        held = Guards(files.blobs).hand_over(page.writing, member.resource_id, recorded, row.digest, other_names=0)
        if held is not None:
            places.mark_blob(page.writing, row.id, held)
            return
    if Bodies(files).live_file(page.writing, row.id) is None:
        places.lose(page.writing, row.id, at=page.at)
        _say(page, member, row.id)


def _say(page: Page, member: Member, content_id: int) -> None:
    above = path_of(page.writing, member.collection_id)
    path = "/".join((*(above or ()), member.name))
    others = page.writing.execute(
        "SELECT count(*) FROM alarm WHERE kind = ? AND subject NOT IN ('', ?) AND acknowledged_at IS NULL",
        (alarms.UNCOVERED, path),
    ).fetchone()[0]
    if others < MOST_ALARMS:
        sentence = f"{path} was changed or removed on the disk itself before its content was in the store: that version"
    else:
        path, sentence = "", "More files were changed or removed on the disk before they were in the store: versions"
    alarms.record(
        page.writing, alarms.UNCOVERED, path, f"{sentence} cannot be brought back. gotgan doctor says what is covered.",
        at=page.at, about_id=content_id,
    )  # fmt: skip
