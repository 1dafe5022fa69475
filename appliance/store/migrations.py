"""The schema, one step after another. Each step is one file in `migrated/`; add yours at the end of `STEPS`.

A step runs in its own transaction together with its record: a failing one leaves the earlier ones in place.
A released step is never edited; a test upgrades from every earlier schema and compares with a fresh one.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from appliance import errors

if TYPE_CHECKING:
    import sqlite_utils

STEPS = ("0001_ledger", "0002_history", "0003_alarms_and_acts", "0004_pages", "0005_storage")


def migrate(path: Path, *, until: str | None = None) -> list[str]:
    """Bring the database at `path` to the newest schema (or to `until`) and return the steps that ran.

    Raises what `require_readable` raises.
    """
    done = require_readable(path)
    steps = STEPS if until is None else STEPS[: STEPS.index(until) + 1]
    pending = [step for step in steps if step not in done]
    if pending:
        _apply(path, steps)
    return pending


def require_readable(path: Path) -> set[str]:
    """Return the steps that the database at `path` has seen; none where there is no file.

    Raises DatabaseTooNew when it knows steps that this version does not, NotPossible when it is no database.
    """
    if not path.exists():
        return set()
    done = applied(path)
    unknown = done - set(STEPS)
    if unknown:
        raise errors.DatabaseTooNew(
            f"The data was written by a newer Gotgan ({', '.join(sorted(unknown))}); install that version or newer."
        )
    return done


def _apply(path: Path, steps: tuple[str, ...]) -> None:
    import sqlite_utils  # 18 MiB that a server with nothing to migrate does not need

    migrations = sqlite_utils.Migrations("gotgan")
    for step in steps:
        migrations(name=step)(_runner(step))
    with path.with_suffix(".migrating").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # a server and a command may both be the first
        database = sqlite_utils.Database(path)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            migrations.apply(database)
        finally:
            database.close()


def applied(path: Path) -> set[str]:
    """Return the names of the steps that the database at `path` has seen."""
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'gotgan'").fetchall()
    except sqlite3.OperationalError:  # a fresh file has no such table yet
        return set()
    except sqlite3.DatabaseError as error:
        raise errors.NotPossible(f"{path} is damaged or is no database: {error}.") from error
    finally:
        connection.close()
    return {row[0] for row in rows}


def _runner(step: str) -> Callable[[sqlite_utils.Database], None]:
    sql = resources.files("appliance.store.migrated").joinpath(f"{step}.sql").read_text(encoding="utf-8")

    def run(database: sqlite_utils.Database) -> None:
        for statement in statements(sql):
            database.conn.execute(statement)

    return run


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script one by one: `executescript` would commit the open transaction."""
    pending = ""
    for line in sql.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
