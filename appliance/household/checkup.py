"""What `gotgan doctor` can truly say today: whether the database is sound, and what deserves a look."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from appliance import errors
from appliance.household import held
from appliance.household.held import Report
from appliance.store import alarms, batches, queries
from appliance.store.alarms import Alarm
from appliance.store.batches import Batch
from appliance.store.covering import Coverage, coverage
from appliance.store.database import Database


@dataclass(frozen=True, slots=True)
class Checkup:
    """The findings. `damage` holds SQLite's sentences, none when the database is sound."""

    damage: tuple[str, ...]
    faulty_objects: int  # live contacts and events that are served and flagged
    refused_edits: int  # kept bodies that nobody has looked at
    coverage: Coverage
    alarms: tuple[Alarm, ...]  # those that nobody has acknowledged
    acknowledged: tuple[Alarm, ...]
    unfinished: tuple[Batch, ...]  # restores and the like that a power cut or a full disk ended early
    holds: tuple[Report, ...]  # the newest first, decided ones as well
    newest_at: int | None  # when the newest row of the ledger was written, microseconds since 1970

    @property
    def is_held(self) -> bool:
        """Whether a hold or a doubt waits for its owner."""
        return any(report.is_open for report in self.holds)


def examine(database: Database, *, covered_file_limit_bytes: int) -> Checkup:
    """Read the whole database and return what was found; it takes about a second for each gigabyte."""
    with database.read() as reading:
        damage = tuple(row[0] for row in reading.execute("PRAGMA quick_check(20)").fetchall() if row[0] != "ok")
    if not damage:
        with contextlib.suppress(errors.DiskFull, errors.Busy):  # it is said once more, no worse than that
            alarms.settle_cured(database)
    with database.read() as reading:
        faulty = reading.execute(
            "SELECT count(*) FROM member m JOIN fact f ON f.content_id = m.content_id WHERE f.fault IS NOT NULL"
        ).fetchone()[0]
        refused = reading.execute("SELECT count(*) FROM refused WHERE settled_at IS NULL").fetchone()[0]
        told = alarms.alarms(reading)
        return Checkup(
            damage,
            faulty,
            refused,
            coverage(reading, covered_file_limit_bytes),
            tuple(alarm for alarm in told if alarm.acknowledged_at is None),
            tuple(alarm for alarm in told if alarm.acknowledged_at is not None),
            tuple(batches.unfinished(reading)),
            tuple(held.reports(reading)),
            queries.newest_at(reading),
        )
