"""What `gotgan doctor` can truly say today: whether the database is sound, and what deserves a look."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.covering import Coverage, coverage
from appliance.store.database import Database


@dataclass(frozen=True, slots=True)
class Checkup:
    """The findings. `damage` holds SQLite's sentences, none when the database is sound."""

    damage: tuple[str, ...]
    faulty_objects: int  # live contacts and events that are served and flagged
    refused_edits: int  # kept bodies that nobody has looked at
    coverage: Coverage


def examine(database: Database, *, covered_file_limit_bytes: int) -> Checkup:
    """Read the whole database and return what was found; it takes about a second for each gigabyte."""
    with database.read() as reading:
        damage = tuple(row[0] for row in reading.execute("PRAGMA quick_check(20)").fetchall() if row[0] != "ok")
        faulty = reading.execute(
            "SELECT count(*) FROM member m JOIN fact f ON f.content_id = m.content_id WHERE f.fault IS NOT NULL"
        ).fetchone()[0]
        refused = reading.execute("SELECT count(*) FROM refused WHERE settled_at IS NULL").fetchone()[0]
        covered = coverage(reading, covered_file_limit_bytes)
    return Checkup(damage, faulty, refused, covered)
