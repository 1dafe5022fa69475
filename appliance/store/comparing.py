"""One look at some or all of the disk, compared with the ledger: what appeared is recorded first, what is gone last.

A look has three parts: what is missing, what is there and not as recorded, and what of the missing is still gone when
all that came is recorded. So a rename finds where it came from in whatever order it is met. Rows go in commits of
500 with a rest between them. Kept in memory is only what is missing, and what waits for the next commit.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Callable, Collection, Iterable

from appliance import errors
from appliance.store import alarms, content, disk, file_rows, renames
from appliance.store.bodies import path_of
from appliance.store.database import Reading
from appliance.store.files import Entry, Files, Folder, Looked, hash_file
from appliance.store.ledger import member_at
from appliance.store.recording import Recorder, deepest_known
from appliance.store.seen import Missing, Seen, count_files
from appliance.store.surveying import survey

READ_BYTES_BEFORE_REST = 64 << 20
MOST_ALARMS = 20  # of one kind in one look; whoever cured these sees the others next time
MASS_FILES = 1000

Path = tuple[str, ...]


class Comparing:
    """One look. `busy` are paths that are not quiet, or changed during the look: somebody should look again."""

    def __init__(
        self, files: Files, recorder: Recorder, missing: Missing, *,
        is_hidden: Callable[[str], bool], now_ns: Callable[[], int], rest: Callable[[], None],
    ) -> None:  # fmt: skip
        self._files = files
        self._recorder = recorder
        self._missing = missing
        self._is_hidden = is_hidden
        self._now_ns = now_ns
        self._rest = rest
        self._waiting: list[Seen] = []
        self._waiting_bytes = 0
        self._unreadable = 0
        self._differing: list[Folder] = []
        self.busy: list[Path] = []
        self.unserved: list[Path] = []
        self.changed = 0

    @property
    def _reading(self) -> Reading:
        return self._files.ledger.database.connection()

    # --- everything below a folder ------------------------------------------------------------------

    def differs(self, top: Folder, visited: Callable[[int], None]) -> bool:
        """Return whether anything below a known folder is not as recorded, and remember where, and what is missing.

        `visited` is called with the descriptor of each folder.
        """
        pending = [top]
        while pending:
            folder = pending.pop()
            assert folder.collection_id is not None
            with contextlib.suppress(errors.NotFound), self._files.disk.folder(folder.path) as folder_fd:
                visited(folder_fd)
                found = survey(self._reading, folder.collection_id, folder_fd, self._is_hidden)
                for name in found.missing:
                    self._miss(folder, name)
                if len(self.unserved) < MOST_ALARMS:
                    self.unserved += [(*folder.path, name) for name in found.unserved[:MOST_ALARMS]]
                if found.differs:
                    self._differing.append(folder)
                pending += [folder.child(name, folder_id) for name, folder_id in found.folders]
        return bool(self._differing or self._missing.members)

    def record(self) -> None:
        """Record what `differs` found, and the end of what it missed and nothing has brought back."""
        for folder in self._differing:
            self._enter(self._members(folder, deep=False))
        self._finish()

    def _enter(self, folders: Iterable[Folder]) -> None:
        for folder in folders:
            self._walk(folder)

    def _walk(self, top: Folder) -> None:
        pending = [top]
        while pending:
            pending += self._members(pending.pop(), deep=True)

    def _members(self, folder: Folder, *, deep: bool) -> list[Folder]:
        """Take what is in a folder and return the folders to enter; not `deep`: only those that are new here."""
        inner: list[Folder] = []
        with contextlib.suppress(errors.NotFound), self._files.disk.folder(folder.path) as folder_fd:
            looked = self._looked(folder, folder_fd)
            for member in looked.missing:
                self._miss(folder, member.name)
            for entry in looked.entries:
                if entry.is_folder:
                    inner += self._take_folder(folder, entry, deep=deep)
                elif self._is_news(entry):
                    self._take_file(folder, folder_fd, entry.name)
        return inner

    def _looked(self, folder: Folder, folder_fd: int) -> Looked:
        with self._files.ledger.database.read() as reading:
            return self._files.look(reading, folder, folder_fd)

    def _is_news(self, entry: Entry) -> bool:
        if entry.member is None and self._is_hidden(entry.name):
            return False
        return not entry.is_known or not entry.is_placed

    def _take_folder(self, folder: Folder, entry: Entry, *, deep: bool) -> list[Folder]:
        if not self._is_news(entry):
            return [folder.child(entry.name, entry.resource_id)] if deep and _is_known_folder(entry) else []
        seen = Seen(folder.path, entry.name, directory=entry.signature)
        self._add(seen)
        if entry.member is not None:
            return [folder.child(entry.name, entry.resource_id)]
        self.changed += 1
        if renames.origin(self._reading, self._files.disk, seen, self._missing) is None:
            return [folder.child(entry.name, None)]
        self._flush()  # what is in it is compared with what was in it before it was renamed
        known, found = deepest_known(self._reading, seen.path)
        return [folder.child(entry.name, known if found == seen.path else None)]

    def _take_file(self, folder: Folder, folder_fd: int, name: str) -> None:
        seen = self.look(folder.path, folder_fd, name)
        if seen is not None and seen.state is not None:
            self.changed += 1
            self._add(seen)

    # --- some paths ---------------------------------------------------------------------------------

    def hints(self, paths: Collection[Path], closed: frozenset[Path]) -> None:
        """Look at paths, parents before what is in them, and record what differs."""
        paths = [path for path in paths if path and all(map(disk.is_served, path))]
        gone: set[Path] = set()
        for path in paths:
            if not any(path[:depth] in gone for depth in range(1, len(path))) and self._is_missed(path):
                gone.add(path)
        for path in paths:
            with contextlib.suppress(errors.NotFound):  # what holds it is gone as well
                self._hint(path, is_closed=path in closed)
        self._finish()

    def _is_missed(self, path: Path) -> bool:
        """Remember a path if the ledger has it and the disk does not, else what is missing from it."""
        with contextlib.suppress(errors.NotFound):
            known, found = deepest_known(self._reading, path[:-1] or path)
            if len(path) > 1 and found == path[:-1] and self._miss(Folder(found, known), path[-1]):
                return True
            known, found = deepest_known(self._reading, path)
            if found == path:
                folder = Folder(path, known)
                with self._files.disk.folder(path) as folder_fd:
                    missing = survey(self._reading, known, folder_fd, self._is_hidden).missing
                for name in missing:
                    self._miss(folder, name)
        return False

    def _miss(self, folder: Folder, name: str) -> bool:
        """Remember a member whose name is free on disk; False: there is none, or something is there."""
        assert folder.collection_id is not None
        member = member_at(self._reading, folder.collection_id, name)
        if member is None or member.kind == "mount" or not self._files.disk.is_gone((*folder.path, name)):
            return False
        self._missing.add(self._reading, member)
        return True

    def _hint(self, path: Path, *, is_closed: bool) -> None:
        known, found = deepest_known(self._reading, path)
        if found == path:  # a folder that the ledger knows, or a home
            self._hinted_folder(Folder(path, known))
            return
        path = path[: len(found) + 1]  # of what is new, the topmost
        folder = Folder(found, known)
        with self._files.disk.folder(folder.path) as folder_fd:
            name = disk.listed_name(folder_fd, path[-1]) or path[-1]  # a hint may have it in other letters
            entry = self._files.exactly(self._reading, folder, folder_fd, name)
            if entry is None or (entry.member is None and self._is_hidden(entry.name)):
                return
            if entry.is_folder:
                self._take_hinted_folder(folder, entry)
            elif not entry.is_known:
                self._take_file(folder, folder_fd, entry.name)
                self._other_names(entry)
            elif is_closed:
                self._read_again(folder, folder_fd, entry)

    def _hinted_folder(self, folder: Folder) -> None:
        """Compare the members of a folder; with all below where it is another directory than the recorded one."""
        if len(folder.path) > 1:
            above = Folder(folder.path[:-1], deepest_known(self._reading, folder.path[:-1])[0])
            with self._files.disk.folder(above.path) as folder_fd:
                entry = self._files.exactly(self._reading, above, folder_fd, folder.path[-1])
                if entry is None:
                    return
                if not entry.is_folder:
                    self._take_file(above, folder_fd, entry.name)  # a file has the folder's name now
                    return
            if not entry.is_placed:
                self._enter(self._take_folder(above, entry, deep=True))
                return
        self._enter(self._members(folder, deep=False))

    def _take_hinted_folder(self, above: Folder, entry: Entry) -> None:
        """Take a folder that is new here, with all below it.

        One that was renamed is known, but what changed in it just before was hinted at by a name that is gone.
        """
        for folder in self._take_folder(above, entry, deep=True):
            if folder.collection_id is None:
                self._walk(folder)
            elif self.differs(folder, lambda _folder_fd: None):
                differing, self._differing = self._differing, []
                for each in differing:
                    self._enter(self._members(each, deep=False))

    def _other_names(self, entry: Entry) -> None:
        """A write through one name of a hard link is one through all: look at the others, too."""
        rows = self._reading.execute(
            "SELECT resource_id FROM disk WHERE fs = '' AND inode = ?", (entry.signature.inode,)
        ).fetchall()
        for row in rows:
            path = path_of(self._reading, row["resource_id"])
            if path is None or row["resource_id"] == entry.resource_id:
                continue
            with contextlib.suppress(errors.NotFound), self._files.disk.folder(path[:-1]) as folder_fd:
                above = Folder(path[:-1], deepest_known(self._reading, path[:-1])[0])
                other = self._files.exactly(self._reading, above, folder_fd, path[-1])
                if other is not None and not other.is_folder and not other.is_known:
                    self._take_file(above, folder_fd, path[-1])

    def _read_again(self, folder: Folder, folder_fd: int, entry: Entry) -> None:
        """Read a file whose dates say that nothing changed: what is written through memory may leave them alone."""
        seen = self.look(folder.path, folder_fd, entry.name)
        member = entry.member
        if seen is None or seen.state is None or member is None or member.content_id is None:
            return
        row = content.row_of(self._reading, member.content_id)
        if row is None or row.digest != seen.state.digest:
            self.changed += 1
            self._add(seen)

    # --- one name -----------------------------------------------------------------------------------

    def look(self, path: Path, folder_fd: int, name: str, *, quiet: bool = True) -> Seen | None:
        """Return what is at a name, its octets hashed; None when nothing is, or it cannot be told.

        `quiet` leaves alone what is still being changed.
        """
        status = disk.status_at(folder_fd, name)
        if status is None:
            return None
        if stat.S_ISDIR(status.st_mode):
            return Seen(path, name, directory=disk.signature_of(status))
        if quiet and not disk.signature_of(status).is_settled(self._now_ns()):
            self.busy.append((*path, name))
            return None
        try:
            digest, signature = hash_file(folder_fd, name)
        except errors.Busy:
            self.busy.append((*path, name))
            return None
        except (errors.NotFound, OSError):
            self._cannot_be_read((*path, name))
            return None
        return Seen(path, name, file_rows.FileState(digest, signature, signature.etag))

    def _cannot_be_read(self, path: Path) -> None:
        self._unreadable += 1
        if self._unreadable > MOST_ALARMS or self._files.disk.is_gone(path):
            return
        shown = "/".join(path)
        sentence = f"{shown} cannot be read by the server: nobody is served it, and its versions are not kept."
        ledger = self._files.ledger
        alarms.sound(ledger.database, "unreadable", shown, sentence, at=ledger.now_micros())

    # --- into the ledger ----------------------------------------------------------------------------

    def _add(self, seen: Seen) -> None:
        self._waiting.append(seen)
        self._waiting_bytes += 0 if seen.state is None else seen.state.signature.size
        if len(self._waiting) >= file_rows.ROWS_A_COMMIT or self._waiting_bytes >= READ_BYTES_BEFORE_REST:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._commit(waiting, None)

    def _commit(self, seen: list[Seen], batch_id: int | None) -> None:
        not_still = self._recorder.record(seen, self._missing, batch_id=batch_id)
        self.busy += [one.path for one in not_still]
        self._rest()

    def _finish(self) -> None:
        """Record what waits, then the end of what is still missing."""
        self._flush()
        ended = list(self._still_missing())
        if not ended:
            return
        self.changed += len(ended)
        masses = self._masses(ended)
        batch_id = self._recorder.begin_deletion() if len(ended) > 1 or masses else None
        for start in range(0, len(ended), file_rows.ROWS_A_COMMIT):
            self._commit([seen for seen, _ in ended[start : start + file_rows.ROWS_A_COMMIT]], batch_id)
        if batch_id is not None:
            for home, (gone, of) in masses.items():
                self._mass_alarm(home, gone, of, batch_id)

    def _still_missing(self) -> Iterable[tuple[Seen, int]]:
        """Yield what is to end and the resource that it is; what was renamed meanwhile has another place."""
        reading = self._reading
        for (collection_id, name), resource_id in sorted(self._missing.members.items()):
            member = member_at(reading, collection_id, name)
            path = None if member is None or member.resource_id != resource_id else path_of(reading, resource_id)
            if path is not None and self._files.disk.is_gone(path):
                yield Seen(path[:-1], path[-1]), resource_id

    def _masses(self, ended: list[tuple[Seen, int]]) -> dict[str, tuple[int, int]]:
        """Return the homes of which more than 1,000 files and half of all end at once, with both numbers."""
        counts: dict[str, int] = {}
        for seen, resource_id in ended:
            counts[seen.folder[0]] = counts.get(seen.folder[0], 0) + count_files(self._reading, resource_id)
        totals = {home: count_files(self._reading, deepest_known(self._reading, (home,))[0]) for home in counts}
        return {
            home: (count, totals[home])
            for home, count in counts.items()
            if count > MASS_FILES and 2 * count >= totals[home]
        }

    def _mass_alarm(self, home: str, gone: int, of: int, batch_id: int) -> None:
        ledger = self._files.ledger
        sentence = (
            f"{gone:,} of {of:,} files of {home} vanished from the disk at once."
            f" If nobody meant that, gotgan undo {batch_id} takes it back."
        )
        alarms.sound(ledger.database, alarms.VANISHED, home, sentence, at=ledger.now_micros(), about_id=batch_id)


def _is_known_folder(entry: Entry) -> bool:
    return entry.is_folder and entry.member is not None
