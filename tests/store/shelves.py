"""A data folder with one person's home, two address books and a calendar, opened as `app` opens it.

Refuses to stand in for anything: every part is the real one. Only the clock is the test's, and the observer looks
from a moment in which everything on disk has long been quiet.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.store import collections, content, objects, spans
from appliance.store.arriving import Arrival
from appliance.store.content import Blobs
from appliance.store.database import Database, Reading, Writing
from appliance.store.epochs import Epochs
from appliance.store.file_moves import FileMover, FileTransfer
from appliance.store.file_writes import Check, FileWriter, StoredFile
from appliance.store.files import Entry, Files, Folder
from appliance.store.ledger import Author, Ledger, Member, member_at
from appliance.store.migrations import migrate
from appliance.store.observe import Observer
from appliance.store.sweep import Sweeper

ANNA = Author(1, 5)
OWNER_ID = 1


@dataclass
class TurnedClock:
    """The time that a test says it is."""

    moment: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def turn(self, by: timedelta) -> None:
        self.moment += by


@contextlib.contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory, where the machine has one: hundreds of syncs in a test are not what it is about."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def allow(*_looked_at: object) -> None:
    """A check that forbids nothing and has seen nothing."""


def much_later() -> int:
    """A moment in which everything that is on disk now is quiet."""
    return time.time_ns() + 60_000_000_000


@dataclass
class Shelves:
    """One process that has opened the data folder."""

    data: Path
    clock: TurnedClock
    noticed: list[tuple[str, ...]] = field(default_factory=list)
    now_ns: Callable[[], int] = much_later
    kept: list[int] = field(default_factory=list)  # sizes of whole uploads that were refused at the end

    def __post_init__(self) -> None:
        migrate(self.data / "gotgan.db")
        self.database = Database(self.data / "gotgan.db")
        self.ledger = Ledger(self.database, self.clock)
        self.blobs = Blobs(self.data / "store", self.database)
        (self.data / "files" / "anna").mkdir(parents=True, exist_ok=True)
        self.files = Files(self.data / "files", self.ledger, self.blobs, noticed=self.noticed.append)
        self.files.disk.mark()
        self.observer = Observer(self.files, is_hidden=lambda name: name.endswith(".hidden"), now_ns=self.now_ns)
        self.writer = FileWriter(self.files, self.observer, self.data / "aside")
        self.mover = FileMover(self.writer)
        self.sweeper = Sweeper(self.files, self.data / "aside")
        if collections.row_of(self.reading, 1) is None:
            self._found()
        self.home = Folder(("anna",), self._id_at("files", "anna"))
        self.book = self._id_at("addressbooks", "anna", "contacts")
        self.second_book = self._id_at("addressbooks", "anna", "work")
        self.calendar = self._id_at("calendars", "anna", "calendar")

    def _found(self) -> None:
        with self.ledger.write(Author(1, 1)) as page:
            collections.found(page)
            for node, names, kind in (
                ("addressbooks", ("contacts", "work"), "addressbook"),
                ("calendars", ("calendar",), "calendar"),
                ("files", (), ""),
            ):
                node_id = collections.node_id(page.writing, node)
                home = collections.create(page, node_id, "anna", "home", owner_id=OWNER_ID)
                for name in names:
                    collections.create(page, home, name, kind, owner_id=OWNER_ID)

    def _id_at(self, *names: str) -> int:
        current = 1
        for name in names:
            member = member_at(self.reading, current, name)
            assert member is not None
            current = member.resource_id
        return current

    def close(self) -> None:
        self.database.close()

    @property
    def reading(self) -> Reading:
        return self.database.connection()

    @property
    def epochs(self) -> Epochs:
        return self.ledger.epochs(self.reading)

    # --- cards --------------------------------------------------------------------------------------

    def put_card(
        self, name: str, body: bytes, uid: str | None, *, book: int | None = None, check: objects.Check = allow
    ) -> objects.Stored:
        prepared = self.blobs.prepare(body)
        facts = spans.Facts("card", uid, title=name)
        return objects.put(self.ledger, ANNA, self.book if book is None else book, name, prepared, facts, check=check)

    def delete_card(self, name: str, *, book: int | None = None, check: objects.Check = allow) -> None:
        objects.delete(self.ledger, ANNA, self.book if book is None else book, name, check=check)

    # --- files --------------------------------------------------------------------------------------

    def folder(self, *names: str) -> Folder:
        """The folder at a path below the home, as a request would find it."""
        found = self.home
        for name in names:
            entry = self.files.entry(self.reading, found, name)
            found = found.child(name, None if entry is None else entry.resource_id)
        return found

    def path(self, *names: str) -> Path:
        return self.data.joinpath("files", "anna", *names)

    def put(
        self,
        name: str,
        body: bytes,
        *,
        folder: Folder | None = None,
        check: Check = allow,
        modified_ns: int | None = None,
    ) -> StoredFile:
        arrival = Arrival(io.BytesIO(body), len(body), None, modified_ns, None)
        return self.writer.put(
            ANNA, self.home if folder is None else folder, name, arrival,
            check=check, announced_bytes=len(body), refused=lambda _error, size, _content: self.kept.append(size),
        )  # fmt: skip

    def make(self, name: str, *, folder: Folder | None = None) -> Folder:
        above = self.home if folder is None else folder
        return above.child(name, self.writer.make_folder(ANNA, above, name, check=allow))

    def delete(self, name: str, *, folder: Folder | None = None, check: Check = allow) -> None:
        self.writer.delete(ANNA, self.home if folder is None else folder, name, check=check)

    def move(self, source: tuple[str, ...], target: tuple[str, ...], *, author: Author = ANNA) -> bool:
        return self.mover.move(author, self._transfer(source, target), check=allow)

    def copy(self, source: tuple[str, ...], target: tuple[str, ...], *, deep: bool = True) -> bool:
        return self.mover.copy(ANNA, self._transfer(source, target), check=allow, deep=deep)

    def _transfer(self, source: tuple[str, ...], target: tuple[str, ...]) -> FileTransfer:
        return FileTransfer(self.folder(*source[:-1]), source[-1], self.folder(*target[:-1]), target[-1], True)

    def entry(self, *names: str) -> Entry | None:
        return self.files.entry(self.reading, self.folder(*names[:-1]), names[-1])

    def there(self, *names: str) -> Entry:
        entry = self.entry(*names)
        assert entry is not None
        return entry

    def etag(self, *names: str) -> str | None:
        return self.there(*names).etag

    def scan(self) -> int:
        return self.observer.scan(self.home)

    def tree(self) -> dict[tuple[str, ...], bytes | None]:
        """Everything on disk below the home that is not ours: path to octets, None for a folder."""
        found: dict[tuple[str, ...], bytes | None] = {}
        for top, folders, files in os.walk(self.path()):
            above = Path(top).relative_to(self.path()).parts
            found.update({(*above, name): None for name in folders if not name.startswith(".gotgan-")})
            names = [name for name in files if not name.startswith(".gotgan-")]
            found.update({(*above, name): Path(top, name).read_bytes() for name in names})
        return found

    def leftovers(self) -> list[Path]:
        """Our own temporary files below the home."""
        return sorted(path for path in self.path().rglob(".gotgan-*"))

    # --- content ------------------------------------------------------------------------------------

    def row_of(self, body: bytes) -> content.ContentRow | None:
        return content.row_with(self.reading, content.digest_of(body))

    def is_kept(self, body: bytes) -> bool:
        """Whether the ledger leads to these octets without any live file."""
        row = self.row_of(body)
        if row is None:
            return False
        if row.place == "row":
            return content.inline_body(self.reading, row.id) == body
        return row.place == "blob" and self.blobs.verify(row)

    def versions(self, resource_id: int) -> list[tuple[str, int, int | None]]:
        """(op, alive, content id) of every row of a resource, oldest first."""
        rows = self.reading.execute(
            "SELECT op, alive, content_id FROM version WHERE resource_id = ? ORDER BY seq", (resource_id,)
        ).fetchall()
        return [(row["op"], row["alive"], row["content_id"]) for row in rows]


def digest_of(reading: Reading | Writing, member: Member) -> bytes | None:
    """The digest of a member's body, None for what has none."""
    row = None if member.content_id is None else content.row_of(reading, member.content_id)
    return None if row is None else row.digest
