"""Files below `store/` that nothing leads to: what a power cut left between octets and row, and worn-out guards.

What is younger than a day is left alone, because somebody may be about to name it. A blob is not unlinked here: it is
given to `leaving`, and unlinked a day later. One whose body is lacking elsewhere is taken back instead.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from appliance.store import chunks, content, places
from appliance.store.bodies import Bodies
from appliance.store.database import Writing
from appliance.store.files import Files
from appliance.store.guards import Guards
from appliance.store.leaving import GRACE_MICROS, is_leaving, is_named


def shelves(store: Path) -> list[str]:
    """Return the names of the store's folders, the guards' among them, in order."""
    return sorted(entry.name for entry in os.scandir(store) if entry.is_dir(follow_symlinks=False))


def clear_shelf(files: Files, shelf: str, *, now: int) -> int:
    """Give up what nothing leads to on one shelf, and return how many files that were; `now` is microseconds."""
    folder = files.blobs.folder / shelf
    old: list[tuple[str, os.stat_result]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and status.st_ctime_ns // 1000 < now - GRACE_MICROS:
                old.append((entry.name, status))
    count = 0
    for name, status in old:
        if name.startswith("."):
            (folder / name).unlink(missing_ok=True)
            count += 1
        elif folder == Guards(files.blobs).folder:
            count += _clear_guard(files, folder / name, status)
        elif content.digest_in(name) is not None:
            count += _give_up(files, name, status, now=now)
    return count


def _clear_guard(files: Files, guard: Path, status: os.stat_result) -> bool:
    """Release a guard that keeps an inode which is no live file's any more, though its octets are kept or lost."""
    row = None
    if guard.name.isdecimal():
        row = files.ledger.database.connection().execute(
            "SELECT inode FROM disk WHERE resource_id = ?", (int(guard.name),)
        ).fetchone()  # fmt: skip
    if row is not None and row["inode"] == status.st_ino:
        return False
    guard.unlink(missing_ok=True)
    return True


def _give_up(files: Files, name: str, status: os.stat_result, *, now: int) -> bool:
    reading = files.ledger.database.connection()
    if is_named(reading, name) or is_leaving(reading, name):
        return False
    digest = content.digest_in(name)
    row = None if digest is None else content.row_with(reading, digest)
    is_sound = row is not None and row.place == "live" and content.digest_of_file(files.blobs.path(name)) == row.digest
    with files.ledger.database.write() as writing:
        if is_named(writing, name):
            return False
        if is_sound and row is not None and status.st_nlink == 1 and _is_lacking(writing, files, row.id):
            places.mark_blob(writing, row.id, name)
            return False
        content.leave(writing, name, at=now)
    return True


def _is_lacking(writing: Writing, files: Files, content_id: int) -> bool:
    """Return whether a body counts on a live file that is not there."""
    row = content.row_of(writing, content_id)
    return row is not None and row.place == "live" and Bodies(files).live_file(writing, content_id) is None


def drop_unneeded(files: Files, chunk: chunks.Chunk, *, now: int) -> bool:
    """Let a chunk go that no body is made of, unless it is so young that one may be in the making."""
    try:
        age_ns = files.blobs.path(chunk.blob_name).stat().st_ctime_ns
    except OSError:
        age_ns = 0
    if age_ns // 1000 >= now - GRACE_MICROS:
        return False
    with files.ledger.database.write() as writing:
        return places.drop_chunk(writing, chunk.id, at=now)
