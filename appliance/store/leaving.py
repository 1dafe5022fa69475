"""Files of the store whose rows are gone: unlinked after a day, by nobody else and never earlier.

The day is for whoever is reading, and for what a mistake let go: a name that is claimed meanwhile stays. The unlinking
is done while the writer's turn is held, so that nobody can claim a name between the question and the deed. A power
cut leaves a file or a name in the table, and the next run finds either.
"""

from __future__ import annotations

from appliance.store import chunks, content
from appliance.store.content import Blobs, disk_trouble
from appliance.store.database import Database, Reading, Writing

GRACE_MICROS = 24 * 3600 * 1_000_000
FILES_A_WRITE = 50  # a large file may take a while to be unlinked


def unlink_left(database: Database, blobs: Blobs, now: int) -> int:
    """Unlink what left at least a day before `now`, microseconds since 1970; return how many files that were."""
    count = 0
    while (done := unlink_some(database, blobs, now)) is not None:
        count += done
    return count


def unlink_some(database: Database, blobs: Blobs, now: int) -> int | None:
    """The same for a slice; None when nothing is due."""
    due = "SELECT blob_name FROM leaving WHERE removed_at <= ? LIMIT ?"
    limits = (now - GRACE_MICROS, FILES_A_WRITE)
    if database.connection().execute(due, limits).fetchone() is None:
        return None
    count = 0
    with database.write() as writing:
        for (blob_name,) in writing.execute(due, limits).fetchall():
            if not is_named(writing, blob_name):
                try:
                    blobs.path(blob_name).unlink(missing_ok=True)
                except OSError as error:
                    raise disk_trouble(error) from error
                count += 1
            content.claim(writing, blob_name)
    return count


def is_named(reading: Reading | Writing, blob_name: str) -> bool:
    """Return whether a row of a body or a chunk names a file of the store."""
    digest = content.digest_in(blob_name)
    if digest is None:
        return False
    row, chunk = content.row_with(reading, digest), chunks.chunk_with(reading, digest)
    return blob_name in (None if row is None else row.blob_name, None if chunk is None else chunk.blob_name)


def is_leaving(reading: Reading | Writing, blob_name: str) -> bool:
    """Return whether a file of the store waits for its end."""
    return reading.execute("SELECT 1 FROM leaving WHERE blob_name = ?", (blob_name,)).fetchone() is not None
