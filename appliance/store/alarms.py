"""Alarms: what somebody should know and may cure. Whoever sees it raises it; `doctor` and pages tell it.

One row for a kind and its subject, however often it is seen. An alarm says in one sentence what is wrong and what to
do; it goes when its cause is gone. It refuses to be a log.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.database import Database, Reading, Writing


@dataclass(frozen=True, slots=True)
class Alarm:
    """One trouble. `subject` is what it is about: a path, a device, or empty for the box."""

    kind: str
    subject: str
    first_at: int
    last_at: int
    times: int
    sentence: str


def sound(database: Database, kind: str, subject: str, sentence: str, *, at: int) -> None:
    """Raise an alarm, or count it again; `at` is microseconds since 1970."""
    with database.write() as writing:
        record(writing, kind, subject, sentence, at=at)


def record(writing: Writing, kind: str, subject: str, sentence: str, *, at: int) -> None:
    """The same inside an open write."""
    writing.execute(
        "INSERT INTO alarm (kind, subject, first_at, last_at, times, sentence) VALUES (?, ?, ?, ?, 1, ?)"
        " ON CONFLICT (kind, subject) DO UPDATE SET last_at = excluded.last_at, times = times + 1,"
        " sentence = excluded.sentence",
        (kind, subject, at, at, sentence),
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


def alarms(reading: Reading) -> list[Alarm]:
    """Return all alarms, the newest first."""
    rows = reading.execute(
        "SELECT kind, subject, first_at, last_at, times, sentence FROM alarm ORDER BY last_at DESC, kind, subject"
    ).fetchall()
    return [Alarm(*row) for row in rows]
