"""Alarms: what somebody should know and may cure. Whoever sees it raises it; `doctor` and pages tell it.

One row for a kind and its subject, however often it is seen. An alarm says in one sentence what is wrong and what to
do. It goes when its cause is gone; until then somebody may acknowledge it, which is kept with who and when. What *is*
wrong stays acknowledged while it stays the same; what *happened* once more waits again. It refuses to be a log.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance import errors
from appliance.store.database import Database, Reading, Writing

VANISHED = "vanished"  # many files were gone at once; `about_id` is the batch that recorded it
BURST = "burst"  # a device did far more than usual, and that was meant; `about_id` is its last row. Only ever known
UNCOVERED = "uncovered"  # octets that nobody has any more; `about_id` is the content. No subject: one of many


@dataclass(frozen=True, slots=True)
class Alarm:
    """One trouble. `subject` is what it is about: a path, a device, or empty for the box. Times in microseconds."""

    id: int
    kind: str
    subject: str
    first_at: int
    last_at: int
    times: int
    sentence: str
    acknowledged_at: int | None = None  # None: it waits for somebody
    acknowledged_by: int | None = None  # the device
    about_id: int | None = None


def sound(database: Database, kind: str, subject: str, sentence: str, *, at: int, about_id: int | None = None) -> None:
    """Raise an alarm, or count it again; `at` is microseconds since 1970."""
    with database.write() as writing:
        record(writing, kind, subject, sentence, at=at, about_id=about_id)


def record(writing: Writing, kind: str, subject: str, sentence: str, *, at: int, about_id: int | None = None) -> None:
    """The same inside an open write. An acknowledged one waits again when it says, or is about, something else."""
    writing.execute(
        "INSERT INTO alarm (kind, subject, first_at, last_at, times, sentence, about_id) VALUES (?, ?, ?, ?, 1, ?, ?)"
        " ON CONFLICT (kind, subject) DO UPDATE SET last_at = excluded.last_at, times = times + 1,"
        " acknowledged_at = CASE WHEN sentence = excluded.sentence AND about_id IS excluded.about_id"
        " THEN acknowledged_at END,"
        " acknowledged_by = CASE WHEN sentence = excluded.sentence AND about_id IS excluded.about_id"
        " THEN acknowledged_by END,"
        " sentence = excluded.sentence, about_id = excluded.about_id",
        (kind, subject, at, at, sentence, about_id),
    )


def settle(database: Database, kind: str, subject: str | None = None) -> None:
    """Take back the alarms of a kind, all of them or that of one subject; none is no error and writes nothing."""
    found = database.connection().execute(
        "SELECT 1 FROM alarm WHERE kind = ?1 AND (?2 IS NULL OR subject = ?2)", (kind, subject)
    )
    if found.fetchone() is None:
        return
    with database.write() as writing:
        writing.execute("DELETE FROM alarm WHERE kind = ?1 AND (?2 IS NULL OR subject = ?2)", (kind, subject))


def settle_cured(database: Database) -> int:
    """Take back the alarms whose cause is gone, vanished files that are back, and return how many."""
    with database.read() as reading:
        cured = [
            (alarm_id, about_id)
            for alarm_id, kind, about_id in reading.execute(
                "SELECT id, kind, about_id FROM alarm WHERE kind IN (?, ?) AND about_id IS NOT NULL AND subject <> ''",
                (VANISHED, UNCOVERED),
            ).fetchall()
            if (_is_back(reading, about_id) if kind == VANISHED else _is_kept(reading, about_id))
        ]
    if cured:
        with database.write() as writing:  # an alarm that is about something new since stays
            writing.executemany("DELETE FROM alarm WHERE id = ? AND about_id = ?", cured)
    return len(cured)


def _is_kept(reading: Reading, content_id: int) -> bool:
    row = reading.execute("SELECT place FROM content WHERE id = ?", (content_id,)).fetchone()
    return row is not None and row["place"] != "none"


def _is_back(reading: Reading, batch_id: int) -> bool:
    """Return whether what a batch ended is back: it was taken back, or each file lives, or its octets do elsewhere."""
    undone = reading.execute("SELECT 1 FROM batch WHERE undoes = ? AND state = 'done' LIMIT 1", (batch_id,)).fetchone()
    if undone is not None:
        return True
    missing = reading.execute(
        "SELECT 1 FROM batch b JOIN version v ON v.seq BETWEEN b.first_seq AND b.last_seq AND v.batch_id = b.id"
        " JOIN resource r ON r.id = v.resource_id"
        " WHERE b.id = ? AND v.alive = 0 AND v.op = 'delete' AND r.kind = 'file' AND r.alive = 0"
        " AND NOT EXISTS (SELECT 1 FROM member m WHERE m.content_id = (SELECT p.content_id FROM version p"
        " WHERE p.resource_id = v.resource_id AND p.seq < v.seq AND p.content_id IS NOT NULL"
        " ORDER BY p.seq DESC LIMIT 1)) LIMIT 1",
        (batch_id,),
    ).fetchone()
    return missing is None


def acknowledge(database: Database, alarm_id: int, *, at: int, device_id: int) -> Alarm:
    """Keep that somebody knows of an alarm, and return it; the first who did stays named. NotFound."""
    with database.write() as writing:
        writing.execute(
            "UPDATE alarm SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ? AND acknowledged_at IS NULL",
            (at, device_id, alarm_id),
        )
        found = [alarm for alarm in alarms(writing) if alarm.id == alarm_id]
    if not found:
        raise errors.NotFound(f"There is no alarm {alarm_id}; gotgan doctor lists them with their numbers.")
    return found[0]


def know(
    database: Database, kind: str, subject: str, sentence: str, *, at: int, device_id: int, about_id: int
) -> None:  # fmt: skip
    """Keep that somebody knows of something before anybody raised an alarm about it."""
    with database.write() as writing:
        record(writing, kind, subject, sentence, at=at, about_id=about_id)
        writing.execute(
            "UPDATE alarm SET acknowledged_at = ?, acknowledged_by = ?"
            " WHERE kind = ? AND subject = ? AND acknowledged_at IS NULL",
            (at, device_id, kind, subject),
        )


def of_kind(reading: Reading, kind: str) -> list[Alarm]:
    """Return the alarms of a kind, acknowledged ones as well, the newest first."""
    return [alarm for alarm in alarms(reading) if alarm.kind == kind]


def alarms(reading: Reading | Writing) -> list[Alarm]:
    """Return all alarms, acknowledged ones as well, the newest first."""
    rows = reading.execute(
        "SELECT id, kind, subject, first_at, last_at, times, sentence, acknowledged_at, acknowledged_by, about_id"
        " FROM alarm ORDER BY last_at DESC, kind, subject"
    ).fetchall()
    return [Alarm(*row) for row in rows]


def waiting(reading: Reading) -> list[Alarm]:
    """Return the alarms that nobody has acknowledged, the newest first."""
    return [alarm for alarm in alarms(reading) if alarm.acknowledged_at is None]
