"""One SQLite file, opened the one right way: WAL, a sync for every commit, a fair queue for writers.

`Database.write()` is the only way to change anything. Writers take turns in the order they came, because
SQLite's own busy timeout is not fair (with a slow disk one of eight threads waited 16 seconds) and neither is
`threading.Lock`. Group commit can follow behind the same call. Reads use one connection per thread; a snapshot
that spans several statements is `Database.read()`.

It refuses to be used across processes without `BEGIN IMMEDIATE`, to nest writes, and to live on a network disk.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from appliance import errors

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # invariant 1: no token and no 2xx may name a row that a power cut takes back
    "PRAGMA busy_timeout = 10000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA journal_size_limit = 33554432",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = OFF",
)

WRITER_CACHE_KIB = 16000
READER_CACHE_KIB = 4000  # each thread has one: sixteen of them must fit into a small box

Row = sqlite3.Row
Reading = sqlite3.Connection


class Writing:
    """One open write transaction. `execute` is SQLite's; `after_commit` postpones what must not be undone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.executemany = connection.executemany
        self._last_calls: list[Callable[[], None]] = []
        self._commit_calls: list[Callable[[], None]] = []
        self._rollback_calls: list[Callable[[], None]] = []

    def before_commit(self, call: Callable[[], None]) -> None:
        """Run `call` as the last thing in the transaction, when everything else that belongs to it is written."""
        self._last_calls.append(call)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the transaction is durable, never when it is rolled back."""
        self._commit_calls.append(call)

    def on_rollback(self, step: Callable[[], None]) -> None:
        """Run `step` if the transaction fails, COMMIT included, while the writer's turn is still held."""
        self._rollback_calls.append(step)

    def finish(self) -> None:
        """Run what was to be the last."""
        for call in self._last_calls:
            call()

    def rolled_back(self) -> None:
        """Put the disk back as far as it lets us, newest first; what it does not, the next look records."""
        for step in reversed(self._rollback_calls):
            with contextlib.suppress(OSError, errors.GotganError):
                step()

    def committed(self) -> None:
        """Run what was postponed."""
        for call in self._commit_calls:
            call()


def close_to_others(path: Path) -> None:
    """Make the database file where it is missing, and let nobody but its owner open it or what SQLite keeps beside it.

    SQLite gives `-wal` and `-shm` the rights of the file itself. A disk that knows no rights keeps what it has. A file
    that is there is never opened here: to close it would end the locks that SQLite holds in this process.
    """
    with contextlib.suppress(OSError):  # it is there; what else may be wrong, SQLite says
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(each.stat().st_mode)
            if mode & 0o077:
                each.chmod(mode & 0o700)


class FairLock:
    """A lock that is handed on in the order of asking."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def acquire(self) -> None:
        """Take the lock, or wait for the one before to hand it over."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Hand the lock to the one who waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Database:
    """The household's database file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = FairLock()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._opened_guard = threading.Lock()
        self._writer = self._connect(WRITER_CACHE_KIB)
        self._writing_thread: int | None = None

    def _connect(self, cache_kib: int) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        with self._opened_guard:
            self._opened.append(connection)
        return connection

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection for single statements; each is a snapshot of its own.

        Within a write of this thread it is the writer's: whoever judges a step sees the steps before it (invariant 5).
        """
        if self._writing_thread == threading.get_ident():
            return self._writer
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect(READER_CACHE_KIB)
        return connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Reading]:
        """Give one snapshot for several statements. Inside another `read()` of this thread it is the same snapshot."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def write(self) -> Iterator[Writing]:
        """Take a turn, `BEGIN IMMEDIATE`, and commit durably on leaving; any exception rolls back everything.

        Raises DiskFull when SQLite cannot extend its files, Busy when another process holds the lock too long.
        """
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("a write inside a write: private store functions take the open one")
        self._turn.acquire()
        try:
            self._writing_thread = threading.get_ident()
            with _clear_errors():
                self._writer.execute("BEGIN IMMEDIATE")
            writing = Writing(self._writer)
            try:
                with _clear_errors():
                    yield writing
                    writing.finish()
                    self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                writing.rolled_back()
                raise
        finally:
            self._writing_thread = None
            self._turn.release()
        writing.committed()

    def close_thread(self) -> None:
        """Close this thread's connection: the last act of a thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            del self._local.connection
            with self._opened_guard:
                self._opened.remove(connection)
            connection.close()

    def close(self) -> None:
        """Close every connection of every thread; the database is unusable afterwards."""
        with self._opened_guard:
            for connection in self._opened:
                connection.close()
            self._opened.clear()


@contextlib.contextmanager
def _clear_errors() -> Iterator[None]:
    """Say SQLite's troubles in household words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise errors.DiskFull("The disk is full; make room and try again.") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise errors.Busy("The household's database is busy; try again in a moment.") from error
        raise
