"""One file, opened the one right way: turns in order, snapshots, what a failing write undoes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import migrations
from appliance.store.database import Database, FairLock
from tests.serving import PATIENCE_SECONDS
from tests.store.shelves import Shelves


def wait_until(lock: FairLock, waiting: int) -> None:
    while len(lock._waiting) < waiting:  # the threads are on their way
        threading.Event().wait(0.001)


def test_a_lock_is_handed_on_in_the_order_of_asking() -> None:
    lock, order = FairLock(), list[int]()

    def take(number: int) -> None:
        lock.acquire()
        order.append(number)
        lock.release()

    lock.acquire()
    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until(lock, number + 1)
    lock.release()
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))


def test_who_asks_again_goes_behind_those_who_wait() -> None:
    lock, order = FairLock(), list[str]()
    lock.acquire()

    def wait() -> None:
        lock.acquire()
        order.append("waiting")
        lock.release()

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lock, 1)
    lock.release()
    lock.acquire()
    order.append("again")
    lock.release()
    thread.join(10)
    assert order == ["waiting", "again"]


def test_eight_threads_lose_no_write(shelves: Shelves) -> None:
    def write(thread: int) -> None:
        for number in range(10):
            shelves.put_card(f"{thread}-{number}.vcf", b"%d %d" % (thread, number), f"{thread}-{number}")
        shelves.database.close_thread()

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert shelves.reading.execute("SELECT count(*) FROM member WHERE kind = 'card'").fetchone()[0] == 80
    assert shelves.reading.execute("SELECT count(*) FROM epoch").fetchone()[0] == 1


def test_a_write_inside_a_write_is_refused(shelves: Shelves) -> None:
    with shelves.database.write(), pytest.raises(RuntimeError), shelves.database.write():
        pass
    with shelves.database.write():
        pass


def test_who_writes_sees_what_was_written_and_nobody_else_does(shelves: Shelves) -> None:
    """A check that asked a connection of its own would have judged the second step of a write without the first."""
    count, seen = "SELECT count(*) FROM setting WHERE name = 'a'", list[int]()

    def look() -> None:
        seen.append(shelves.reading.execute(count).fetchone()[0])

    def look_elsewhere() -> None:
        look()
        shelves.database.close_thread()

    with shelves.database.write() as writing:
        writing.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')")
        look()
        with shelves.database.read() as reading:
            seen.append(reading.execute(count).fetchone()[0])
        thread = threading.Thread(target=look_elsewhere)
        thread.start()
        thread.join(10)
    look()
    assert seen == [1, 1, 0, 1]


class NoLuck(Exception):
    pass


def fail(shelves: Shelves, *steps: Callable[[], None], afterwards: Callable[[], None] = lambda: None) -> None:
    """Write something with steps to undo it, and then fail."""
    with shelves.database.write() as writing:
        for step in steps:
            writing.on_rollback(step)
        writing.after_commit(afterwards)
        writing.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')")
        raise NoLuck


def test_a_failing_write_undoes_its_steps_newest_first_before_the_turn_goes_on(shelves: Shelves) -> None:
    undone: list[str] = []

    def in_the_turn(word: str) -> None:
        assert shelves.database._turn._taken
        undone.append(word)

    with pytest.raises(NoLuck):
        fail(
            shelves,
            lambda: in_the_turn("first"),
            lambda: in_the_turn("second"),
            afterwards=lambda: undone.append("committed"),
        )
    assert undone == ["second", "first"]
    assert shelves.reading.execute("SELECT count(*) FROM setting WHERE name = 'a'").fetchone()[0] == 0


def test_a_step_that_cannot_be_undone_does_not_stop_the_others(shelves: Shelves) -> None:
    """A full disk while putting back one file left the others away, and hid why the write had failed."""
    undone: list[str] = []

    def refuse(error: Exception) -> None:
        raise error

    full = errors.DiskFull("The disk is full.")
    with pytest.raises(NoLuck):
        fail(shelves, lambda: undone.append("first"), lambda: refuse(full), lambda: refuse(OSError()))
    assert undone == ["first"]


def test_what_is_postponed_runs_after_the_commit(shelves: Shelves) -> None:
    seen: list[int] = []
    with shelves.database.write() as writing:
        writing.execute("INSERT INTO setting (name, value) VALUES ('a', 'b')")
        count = "SELECT count(*) FROM setting WHERE name = 'a'"
        writing.after_commit(lambda: seen.append(shelves.reading.execute(count).fetchone()[0]))
        assert seen == []
    assert seen == [1]


def test_a_snapshot_does_not_see_later_writes(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "1")
    writer = threading.Thread(target=shelves.put_card, args=("2.vcf", b"two", "2"))
    count = "SELECT count(*) FROM member WHERE kind = 'card'"
    with shelves.database.read() as reading:
        assert reading.execute(count).fetchone()[0] == 1
        writer.start()
        writer.join(10)
        with shelves.database.read() as inner:
            assert inner.execute(count).fetchone()[0] == 1
    assert shelves.reading.execute(count).fetchone()[0] == 2


def test_a_database_that_another_process_holds_is_busy(shelves: Shelves) -> None:
    shelves.database._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(shelves.data / "gotgan.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.Busy), shelves.database.write():
        pass
    other.execute("ROLLBACK")
    other.close()
    with shelves.database.write():
        pass


def test_every_commit_is_synced(shelves: Shelves) -> None:
    for connection in (shelves.database._writer, shelves.reading):
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


# --- migrations -------------------------------------------------------------------------------------


def schema(path: Path) -> set[tuple[str, str, str]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    connection.close()
    return {(row[0], row[1], row[2]) for row in rows}


@pytest.mark.parametrize("step", migrations.STEPS)
def test_an_upgraded_database_has_the_schema_of_a_fresh_one(tmp_path: Path, step: str) -> None:
    migrations.migrate(tmp_path / "fresh.db")
    migrations.migrate(tmp_path / "old.db", until=step)
    later = migrations.migrate(tmp_path / "old.db")
    assert later == list(migrations.STEPS[migrations.STEPS.index(step) + 1 :])
    assert schema(tmp_path / "old.db") == schema(tmp_path / "fresh.db")
    assert migrations.migrate(tmp_path / "old.db") == []


def test_a_database_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "gotgan.db"
    migrations.migrate(path)
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('gotgan', '9999_later', '2030')"
    )
    connection.commit()
    connection.close()
    before = schema(path)
    with pytest.raises(errors.DatabaseTooNew):
        migrations.migrate(path)
    assert schema(path) == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gotgan.db").write_bytes(b"a letter to grandmother" * 100)
    with pytest.raises(errors.NotPossible):
        migrations.migrate(tmp_path / "gotgan.db")


def test_every_table_is_strict(tmp_path: Path) -> None:
    migrations.migrate(tmp_path / "gotgan.db")
    tables = [sql for kind, name, sql in schema(tmp_path / "gotgan.db") if kind == "table" and not name.startswith("_")]
    assert tables
    assert [sql for sql in tables if "STRICT" not in sql and not sql.startswith("CREATE TABLE sqlite_")] == []


def test_two_processes_may_both_be_the_first(tmp_path: Path) -> None:
    path, ran = tmp_path / "gotgan.db", list[list[str]]()
    threads = [threading.Thread(target=lambda: ran.append(migrations.migrate(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(ran) == 4
    Database(path).close()
