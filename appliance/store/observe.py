"""`observe`: the one idempotent door for "this path may have changed" behind our back, and the scan that calls it.

Events are hints, the scan is the truth. A path that is not quiet yet is left alone: it has its provisional ETag, and
the version that is recorded later keeps it. What appeared is recorded first and what is gone last, so that a rename
finds where it came from. Whoever is about to replace a file through our own doors calls `settle` first, quiet or not:
the inode is about to lose its name, so nothing can change in it unseen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from appliance import errors
from appliance.store import alarms, disk, file_systems
from appliance.store.comparing import Comparing
from appliance.store.file_systems import FileSystem
from appliance.store.files import Entry, Files, Folder, record_file_system, recorded_file_system
from appliance.store.recording import Recorder
from appliance.store.seen import Missing

Path = tuple[str, ...]
MOST_SHOWN = 5


class Observer:
    """Brings the ledger up to what the disk shows."""

    def __init__(
        self, files: Files, *, is_hidden: Callable[[str], bool], now_ns: Callable[[], int] = time.time_ns,
        folder_ended: Callable[[], None] = lambda: None, rest: Callable[[], None] = lambda: None,
        file_system: Callable[[], FileSystem] | None = None,
    ) -> None:  # fmt: skip
        self._files = files
        self._is_hidden = is_hidden
        self._now_ns = now_ns
        self._rest = rest  # between two commits, so that others get in
        self._began_ns = now_ns()  # what was being written before is written no more
        self._cleared: set[Path] = set()  # where nothing of that is left
        self._recorder = Recorder(files, folder_ended=folder_ended)
        self._file_system = file_system or (lambda: file_systems.below(files.disk.root))

    # --- before we replace something ourselves ------------------------------------------------------

    def adopt(self, folder: Folder) -> Folder:
        """Return the folder with its id, recording it and its parents if the ledger has not seen them; NotFound."""
        return self._recorder.adopt(folder)

    def settle(self, folder: Folder, folder_fd: int, entry: Entry) -> None:
        """Record the state of a file that the ledger does not know, whole, before it is replaced or removed."""
        seen = self._comparing().look(folder.path, folder_fd, entry.name, quiet=False)
        if seen is not None and seen.state is not None:
            self._recorder.record([seen], Missing())

    # --- hints and scans ----------------------------------------------------------------------------

    def observe(self, path: Path) -> bool:
        """Compare a file, or a folder, with the ledger and record what differs; False: not quiet."""
        return path not in self.observe_all([path])

    def observe_all(self, paths: Collection[Path], *, closed: Collection[Path] = ()) -> list[Path]:
        """Compare paths with the ledger, record what differs, and return those that are not quiet yet.

        A folder is compared with its members, and with all below where it is new or another directory than before. Of
        `closed` somebody else just closed a file that was open for writing: octets that were written through memory
        may differ though no date does, so these are read in any case.
        """
        self._files.disk.require_marked()
        comparing = self._comparing()
        comparing.hints(sorted(paths), frozenset(closed))
        return comparing.busy

    def scan(self, home: Folder) -> int:
        """Compare everything below a folder with the ledger; return how many names differed.

        Raises NotPossible when the files are not there: an unmounted disk is not a deletion of everything. The first
        walk only compares; what then looks closer knows what is missing, and so finds where it went.
        """
        self.require_there()
        comparing = self._comparing()
        home = self.adopt(home)
        visited = (lambda _: None) if home.path in self._cleared else self._clear_leftovers
        if comparing.differs(home, visited):
            comparing.record()
        self._cleared.add(home.path)
        self._tell_unserved("/".join(home.path), comparing.unserved)
        for path in comparing.busy:
            self._files.noticed(path)
        return comparing.changed

    def _tell_unserved(self, home: str, paths: Collection[Path]) -> None:
        """Say once what is in a home and nobody is served."""
        ledger = self._files.ledger
        if not paths:
            alarms.settle(ledger.database, "unserved", home)
            return
        shown = ", ".join("/".join(path).encode(errors="replace").decode() for path in sorted(paths)[:MOST_SHOWN])
        sentence = (
            f"{shown}{' and more' if len(paths) > MOST_SHOWN else ''}: links, devices and names that are no UTF-8 text"
            " are served to nobody and have no versions. Rename or replace them if that is not meant."
        )
        alarms.sound(ledger.database, "unserved", home, sentence, at=ledger.now_micros())

    def require_there(self) -> None:
        """Raise NotPossible unless the household's files are there, on the file system that they were on.

        Files that moved to another disk are taken for the same when most names at the top are there.
        """
        self._files.disk.require_marked()
        found = self._file_system()
        reading = self._files.ledger.database.connection()
        recorded = recorded_file_system(reading)
        if recorded == found.id:
            return
        if recorded is not None and not self._has_most_at_the_top():
            raise errors.NotPossible(
                f"Another disk is mounted at {self._files.disk.root} than before, and most files are not on it."
                " Mount the right one; nothing is taken for deleted until then."
            )
        with self._files.ledger.database.write() as writing:
            record_file_system(writing, found)

    def _has_most_at_the_top(self) -> bool:
        with self._files.ledger.database.read() as reading:
            rows = reading.execute(
                "SELECT h.name, m.name FROM member f JOIN member h ON h.collection_id = f.resource_id"
                " JOIN member m ON m.collection_id = h.resource_id AND m.kind IN ('file', 'folder')"
                " WHERE f.collection_id = 1 AND f.name = 'files'"
            ).fetchall()
        here = sum(not self._files.disk.is_gone((row[0], row[1])) for row in rows)
        return 2 * here >= len(rows)

    def _comparing(self) -> Comparing:
        return Comparing(
            self._files, self._recorder, Missing(self._file_system().keeps_inodes),
            is_hidden=self._is_hidden, now_ns=self._now_ns, rest=self._rest,
        )  # fmt: skip

    def _clear_leftovers(self, folder_fd: int) -> None:
        for name in disk.leftovers(folder_fd, self._began_ns):
            disk.remove_temporary(name, folder_fd)
