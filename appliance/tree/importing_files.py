"""A tree of files into a folder: each through the door of a PUT, with its date, all of it in one batch.

What is there already with the same octets is left alone, so that the same import again goes on where it was cut off;
what differs gets a new version. Links, devices, hidden files and names that nobody could be served are skipped and
named. What a power cut left without its row is made again, so that it is the import's and can be taken back with it.
Where files come from is a `Source`, on this machine (`store/sources.py`) or another (`remote/`).
"""

from __future__ import annotations

from collections.abc import Callable

from blake3 import blake3

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import Conditions, Kind, NewCollection, Upload
from appliance.history.importing import Mode, Report, Told, Verdict
from appliance.store import content, disk
from appliance.store.files import hash_file
from appliance.store.sources import Found, Source
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.leftovers import take_off

READ_BYTES = 1 << 20
MOST_DEEP = 100


STOPPING = (errors.DiskFull, errors.OverQuota, errors.Busy)


class FileImport:
    """One import into one folder."""

    def __init__(
        self, mode: Mode, report: Report, *, is_hidden: Callable[[str], bool],
        dry_run: bool = False, reached: Callable[[int], None] = lambda _bytes: None,
    ) -> None:  # fmt: skip
        self._mode = mode
        self._report = report
        self._is_hidden = is_hidden
        self._dry_run = dry_run
        self._reached = reached  # told of the bytes of each file that is dealt with

    def take(self, source: Source, target: FolderNode | None) -> bool:
        """Import everything of a source into `target`; False: it was stopped, and the report says why.

        `target` None: it is not there yet, and a dry run looks what would be.
        """
        try:
            self._folder(source, (), target)
        except STOPPING as error:
            self._report.stopped = str(error)
            return False
        return True

    def take_one(self, source: Source, found: Found, target: FolderNode | None) -> bool:
        """Import a single file; False: it was stopped."""
        try:
            self._guarded(source, found, target)
        except STOPPING as error:
            self._report.stopped = str(error)
            return False
        return True

    def _folder(self, source: Source, path: tuple[str, ...], target: FolderNode | None) -> None:
        if len(path) > MOST_DEEP:
            self._report.leave("/".join(path), None, f"Folders are nested more than {MOST_DEEP} deep.")
            return
        try:
            for found in source.members(path):
                self._guarded(source, found, target)
        except errors.NotPossible as error:
            self._report.leave("/".join(path) or ".", None, str(error))

    def _guarded(self, source: Source, found: Found, target: FolderNode | None) -> None:
        """Import one thing; what is wrong with it alone is reported and does not stop the others."""
        name = found.path[-1]
        if found.skipped is not None or self._is_hidden(name):
            self._report.skip(found.shown, found.skipped or "It is a temporary or hidden file of some program.")
            return
        try:
            disk.require_name(name)
            with content.refused_in_words():
                self._take(source, found, target)
        except STOPPING:
            raise
        except errors.GotganError as error:
            self._report.leave(found.shown, None, str(error))

    def _take(self, source: Source, found: Found, target: FolderNode | None) -> None:
        if found.is_folder:
            self._folder(source, found.path, self._below(found, target))
        else:
            self._file(source, found, target)

    def _below(self, found: Found, target: FolderNode | None) -> FolderNode | None:
        """Return the folder that a folder of the source goes into, made where it was missing."""
        name = found.path[-1]
        there = None if target is None else child_of(target, name)
        if isinstance(there, FileNode):
            raise errors.NameTaken("There is a file of this name in the way of a folder.")
        if there is not None and self._takes_off(target, there):
            there = None
        if there is None and target is not None and not self._dry_run:
            target.make(name, NewCollection(Kind.FOLDER), Conditions())
            there = child_of(target, name)
            assert isinstance(there, FolderNode)
        return there

    def _file(self, source: Source, found: Found, target: FolderNode | None) -> None:
        name = found.path[-1]
        there = None if target is None else child_of(target, name)
        if isinstance(there, FolderNode):
            raise errors.NameTaken("There is a folder of this name in the way of a file.")
        verdict = Verdict.NEW if there is None else self._judged(source, found, there)
        if verdict is Verdict.SAME and there is not None and self._takes_off(target, there):
            verdict = Verdict.NEW
        if verdict in (Verdict.NEW, Verdict.CHANGED) and target is not None and not self._dry_run:
            self._put(source, found, target)
        self._report.count(Told(found.shown, None, verdict, ""))
        self._reached(found.size_bytes or 0)

    def _takes_off(self, target: FolderNode | None, there: FileNode | FolderNode) -> bool:
        return target is not None and not self._dry_run and take_off(target, there)

    def _judged(self, source: Source, found: Found, there: FileNode) -> Verdict:
        entry = there.entry
        if found.size_bytes in (None, entry.size):
            at = from_micros(entry.modified_ns // 1000)
            apart = None if found.modified_at is None else abs((found.modified_at - at).total_seconds())
            if apart is not None and found.size_bytes is not None and apart <= source.finest_seconds:
                return Verdict.SAME
            if self._digest_here(there) == _digest_of(source, found):
                return Verdict.SAME
        return Verdict.KEPT if self._mode is not Mode.REPLACE else Verdict.CHANGED

    @staticmethod
    def _digest_here(there: FileNode) -> bytes:
        entry, reading = there.entry, there.visit.reading
        if entry.is_known and entry.member is not None and entry.member.content_id is not None:
            row = content.row_of(reading, entry.member.content_id)
            if row is not None:
                return row.digest
        with there.visit.services.files.disk.folder(there.parent.folder.path) as folder_fd:
            return hash_file(folder_fd, entry.name)[0]

    @staticmethod
    def _put(source: Source, found: Found, target: FolderNode) -> None:
        with source.open(found) as body:
            target.put(found.path[-1], Upload(body, found.size_bytes, modified_at=found.modified_at), Conditions())


def child_of(folder: FolderNode, name: str) -> FolderNode | FileNode | None:
    """Return what is in a folder under a name, None for nothing."""
    try:
        return folder.child(name)
    except errors.NotFound:
        return None


def _digest_of(source: Source, found: Found) -> bytes:
    hasher = blake3()
    with source.open(found) as body:
        while piece := body.read(READ_BYTES):
            hasher.update(piece)
    return hasher.digest()
