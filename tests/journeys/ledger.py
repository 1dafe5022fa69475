"""What must hold in the ledger after anything whatever (ledger.md 8, point 4), asked of the database file itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# Each statement finds offenders: it must return no row.
INVARIANTS = {
    "one open row a resource": (
        "SELECT resource_id, count(*) FROM version WHERE until_seq IS NULL GROUP BY resource_id HAVING count(*) > 1"
    ),
    "one living resource a name": (
        "SELECT collection_id, name, count(*) FROM version WHERE until_seq IS NULL AND alive = 1 "
        "GROUP BY collection_id, name HAVING count(*) > 1"
    ),
    "a row ends where the resource's next begins": (
        "SELECT seq, until_seq, next FROM (SELECT seq, until_seq, lead(seq) OVER (PARTITION BY resource_id "
        "ORDER BY seq) AS next FROM version) WHERE until_seq IS NOT next"
    ),
    "no member without its content": (
        "SELECT m.collection_id, m.name FROM member m JOIN content c ON c.id = m.content_id WHERE c.place = 'none'"
    ),
    "no content that is named and missing": (
        "SELECT v.seq, v.content_id FROM version v LEFT JOIN content c ON c.id = v.content_id "
        "WHERE v.content_id IS NOT NULL AND c.id IS NULL"
    ),
    "every member is a living row": (
        "SELECT m.collection_id, m.name FROM member m LEFT JOIN version v ON v.collection_id = m.collection_id "
        "AND v.name = m.name AND v.resource_id = m.resource_id AND v.until_seq IS NULL AND v.alive = 1 "
        "WHERE v.seq IS NULL"
    ),
    "every living row in a collection is a member": (
        "SELECT v.seq, v.name FROM version v JOIN collection c ON c.id = v.collection_id LEFT JOIN member m "
        "ON m.collection_id = v.collection_id AND m.name = v.name AND m.resource_id = v.resource_id "
        "WHERE v.until_seq IS NULL AND v.alive = 1 AND m.name IS NULL"
    ),
    "a member's body is the one of its row": (
        "SELECT m.collection_id, m.name FROM member m JOIN version v ON v.resource_id = m.resource_id "
        "AND v.until_seq IS NULL WHERE v.body_seq <> m.body_seq OR v.content_id IS NOT m.content_id"
    ),
    "a name is not gone and there": (
        "SELECT g.collection_id, g.name FROM gone g JOIN member m USING (collection_id, name)"
    ),
    "a token is not behind its members": (
        "SELECT c.id, c.member_seq, max(m.seq) FROM collection c JOIN member m ON m.collection_id = c.id "
        "GROUP BY c.id HAVING max(m.seq) > c.member_seq"
    ),
    "one open epoch at most": "SELECT count(*) FROM epoch WHERE last_seq IS NULL HAVING count(*) > 1",
    "the living and the dead agree": (
        "SELECT r.id, r.alive, v.alive FROM resource r JOIN version v ON v.resource_id = r.id AND v.until_seq IS NULL "
        "WHERE r.alive <> v.alive"
    ),
}


def faults(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the broken invariants with their first offenders; empty when the ledger is sound."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        found = {name: reading.execute(question).fetchmany(5) for name, question in INVARIANTS.items()}
        found["the file is sound"] = [row for row in reading.execute("PRAGMA integrity_check(5)") if row != ("ok",)]
    return {name: rows for name, rows in found.items() if rows}


def refused(database: Path, name: str) -> list[tuple[int, bytes | None]]:
    """Return the refused edits of members called `name`: status and kept body."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reading:
        return reading.execute(
            "SELECT r.status, c.body FROM refused r LEFT JOIN content c ON c.id = r.content_id WHERE r.name = ? "
            "ORDER BY r.id",
            (name,),
        ).fetchall()
