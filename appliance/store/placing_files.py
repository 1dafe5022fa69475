"""Carries out a `Wanted` for files and folders.

The order is that of `file_writes.py`: octets durable under a temporary name → old octets in the store → rows → the
name → COMMIT → the folder's own sync. What somebody did behind our back is recorded first, and then counts as a change
since the plan. A power cut before COMMIT leaves a disk that the next look records as the disk's own doing; the same
step then finds its own work: either everything is as wanted already, or at the wanted place lies a newborn twin, the
very octets or an empty folder, whose identity gives way. A folder comes back only when what was deleted with it is
swept, so that nothing of it waits in `aside/`. It refuses to know why something is wanted.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from appliance import errors
from appliance.store import content, disk, file_rows, locks, placing
from appliance.store.arriving import Received, stamp, write_file
from appliance.store.bodies import Bodies
from appliance.store.content import disk_trouble
from appliance.store.database import Reading, Writing
from appliance.store.file_moves import record_renamed, rename
from appliance.store.file_rows import record_move
from appliance.store.file_writes import ChangedMeanwhile, FileWriter, require_known, until_still
from appliance.store.files import Entry, Folder, record_signature
from appliance.store.ledger import Author, Body, Member, Page, Place, find_member, member_at
from appliance.store.placing import Check, Home, Placed, Standing, Step, Wanted
from appliance.store.placing_bodies import Octets, has, is_so, octets_of
from appliance.store.placing_leftovers import is_signed_by_disk, is_twin, sign, was_cut_short
from appliance.store.sweep import Sweeper, dead_above, folder_path


@dataclass(frozen=True, slots=True)
class _Task:
    """One step for one author."""

    author: Author
    wanted: Wanted
    batch_id: int | None
    check: Check


@dataclass(frozen=True, slots=True)
class _Coming:
    """A step of one of several files: its folder, and the octets received there; None: it ends."""

    task: _Task
    octets: Octets | None
    folder: Folder
    folder_fd: int
    received: Received | None


class FilePlacer:
    """Makes files and folders be as wanted."""

    def __init__(self, writer: FileWriter, bodies: Bodies, sweeper: Sweeper) -> None:
        self._writer = writer
        self._files = writer.files
        self._bodies = bodies
        self._sweeper = sweeper

    def place(self, author: Author, wanted: Wanted, *, batch_id: int | None, check: Check) -> Placed:
        """Make one file or folder be as wanted; where everything is so already nothing is written.

        Raises ChangedSince, NoParent, NameTaken, WrongPlace, OntoItself, ContentMissing, ContentThinned, DiskFull,
        Busy while somebody else writes there, NotPossible when the disk is not there, and what `check` raises.
        """
        task = _Task(author, wanted, batch_id, check)
        return until_still(lambda: self._place(task))

    @contextlib.contextmanager
    def together(
        self, author: Author, coming: Sequence[Wanted], *, batch_id: int | None, check: Check
    ) -> Iterator[Callable[[Wanted], Placed]]:
        """Give what places several files, each once, in one transaction; whatever leaves takes all of it back.

        Only for what gets other octets, comes back or ends where it was: NotPossible for what is so already, or moves.
        The octets of all are durable before the writer's turn is taken. Raises as `place`.
        """
        tasks = [_Task(author, wanted, batch_id, check) for wanted in coming]
        simple = [(task, self._simple(task)) for task in tasks]
        with contextlib.ExitStack() as opened:
            ready = {task.wanted.resource_id: self._opened(opened, task, octets) for task, octets in simple}
            try:
                with self._files.ledger.write(author) as page:
                    page.batch_id = batch_id
                    yield lambda wanted: self._place_here(page, ready[wanted.resource_id])
            except ChangedMeanwhile as error:
                raise errors.Busy("A file is being changed by somebody else; try again in a moment.") from error
            for folder_fd in {each.folder.path: each.folder_fd for each in ready.values()}.values():
                os.fsync(folder_fd)

    def _simple(self, task: _Task) -> Octets | None:
        """Return the octets that a file is to have where it is or was, None: it ends; NotPossible for other steps."""
        wanted, reading = task.wanted, self._files.ledger.database.connection()
        self._settle(reading, wanted)
        standing = placing.standing_of(reading, wanted.resource_id)
        octets = octets_of(reading, wanted, standing)
        moves = wanted.is_alive and standing.before is not None and wanted.home not in (None, standing.home)
        has_them = wanted.is_alive and (octets is None or has(reading, standing.before, octets))
        if wanted.kind != "file" or moves or has_them or is_so(reading, wanted, standing, octets):
            raise errors.NotPossible("This step is done by itself.")
        self._judged(reading, task, octets)
        return octets

    def _opened(self, opened: contextlib.ExitStack, task: _Task, octets: Octets | None) -> _Coming:
        """Open the folder of a step, and let its octets be durable there."""
        reading = self._files.ledger.database.connection()
        step = self._judged(reading, task, octets)
        folder = self._folder(reading, step.to.collection_id)
        folder_fd = opened.enter_context(self._files.disk.folder(folder.path))
        received = None
        if task.wanted.is_alive and octets is not None:
            received = opened.enter_context(self._received(folder_fd, task.wanted, octets))
        return _Coming(task, octets, folder, folder_fd, received)

    def _place_here(self, page: Page, coming: _Coming) -> Placed:
        """Replace, bring back or end a file inside an open page, where it was."""
        step = self._judged(page.writing, coming.task, coming.octets)
        if coming.received is None:
            return self._end_here(page, step, coming.folder, coming.folder_fd)
        if step.comes:
            seq = self._appear(page, step, coming.folder, coming.folder_fd, coming.received, None)
        else:
            seq = self._replace(page, step, coming.folder, coming.folder_fd, coming.received)
        placing.set_properties(page, coming.task.wanted, seq)
        return Placed(seq, step.to.name)

    def _place(self, task: _Task) -> Placed:
        wanted, reading = task.wanted, self._files.ledger.database.connection()
        self._settle(reading, wanted)
        standing = placing.standing_of(reading, wanted.resource_id)
        octets = octets_of(reading, wanted, standing)
        if is_so(reading, wanted, standing, octets):
            if task.batch_id is not None and is_signed_by_disk(reading, wanted, standing):
                return self._sign(task, standing)
            return Placed(standing.seq, None if standing.before is None else standing.before.name)
        step = self._judged(reading, task, octets)
        if not wanted.is_alive:
            return self._end(task, step)
        if not step.comes and (octets is None or has(reading, standing.before, octets)):
            return self._keep(task, octets)
        if wanted.kind == "folder":
            return self._move(task, step) if step.goes else self._make_folder(task, step)
        if octets is None or (step.goes and has(reading, standing.before, octets)):
            return self._move(task, step)
        return self._write_file(task, step, octets)

    def _sign(self, task: _Task, standing: Standing) -> Placed:
        """Let what a power cut left of this step, and the disk's look has recorded, be this batch's."""
        with self._files.ledger.write(task.author) as page:
            page.batch_id = task.batch_id
            if placing.standing_of(page.writing, task.wanted.resource_id).seq != standing.seq:
                raise ChangedMeanwhile
            seq = sign(page, task.wanted, standing)
        return Placed(seq, None if standing.before is None else standing.before.name)

    def _judged(self, reading: Reading | Writing, task: _Task, octets: Octets | None) -> Step:
        """Return the step as it stands now, unless anything forbids it; asked again inside the transaction."""
        standing = placing.standing_of(reading, task.wanted.resource_id)
        if not was_cut_short(reading, task.wanted, standing, None if octets is None else octets.digest):
            placing.require_unchanged(task.wanted, standing)
        held = _held(reading, standing)
        step = placing.step_of(task.wanted, standing, held if octets is None else octets.size)
        placing.require_home(reading, step)
        if step.comes:
            disk.require_name(step.to.name)
        task.check(reading, step)
        return step

    @contextlib.contextmanager
    def _page(self, task: _Task, octets: Octets | None = None) -> Iterator[tuple[Page, Step]]:
        with self._files.ledger.write(task.author) as page:
            page.batch_id = task.batch_id
            step = self._judged(page.writing, task, octets)
            if was_cut_short(page.writing, task.wanted, step.standing, None if octets is None else octets.digest):
                sign(page, task.wanted, step.standing)  # the end that the disk's look recorded is this batch's, too
            yield page, step

    # --- the disk as it is --------------------------------------------------------------------------

    def _settle(self, reading: Reading, wanted: Wanted) -> None:
        """Let the ledger see the disk as it is now, wherever this step is about to change it."""
        if not self._files.disk.marked():
            raise errors.NotPossible("The folder of the household's files is not mounted (its marker is missing).")
        self._sweep(reading, wanted)
        standing = placing.standing_of(reading, wanted.resource_id)
        if standing.before is not None:
            self._settle_at(reading, standing.home)
        if wanted.is_alive and (standing.before is None or wanted.home not in (None, standing.home)):
            self._settle_at(reading, wanted.home or standing.home)

    def _sweep(self, reading: Reading, wanted: Wanted) -> None:
        """Let what was deleted with a folder end first: its octets wait in `aside/`, its rows are still open."""
        standing = placing.standing_of(reading, wanted.resource_id)
        if standing.before is not None:
            deleted = dead_above(reading, standing.home.collection_id)
        else:
            deleted = wanted.resource_id if wanted.kind == "folder" else None
        if deleted is not None:
            self._sweeper.sweep(deleted)

    def _settle_at(self, reading: Reading, home: Home) -> None:
        try:
            path = folder_path(reading, home.collection_id)
        except errors.NotFound:
            return  # not below any home now; whoever needs it there is told
        for depth in range(1, len(path) + 1):
            if not self._files.disk.is_folder(path[:depth]):
                self._observe(path[:depth])
                return
        entry = self._writer.settle_name(Folder(path, home.collection_id), home.name)
        stale = member_at(reading, home.collection_id, home.name) if entry is None else None
        if stale is not None and stale.kind != "mount":
            self._observe((*path, home.name))

    def _observe(self, path: tuple[str, ...]) -> None:
        if len(path) == 1:
            raise errors.NotPossible(f"The folder of {path[0]} is missing on the disk; look there first.")
        if not self._writer.observer.observe(path):
            raise errors.Busy("It is being changed on the disk; try again in a moment.", retry_after_seconds=5)

    def _folder(self, reading: Reading | Writing, collection_id: int) -> Folder:
        connection = reading.connection if isinstance(reading, Writing) else reading
        return Folder(folder_path(connection, collection_id), collection_id)

    def _known_entry(self, page: Page, step: Step, folder: Folder, folder_fd: int) -> tuple[Entry, Member]:
        """Return what is at the resource's place, in exactly the state that the ledger knows."""
        before = step.standing.before
        assert before is not None
        entry = self._files.entry_at(page.writing, folder, folder_fd, before.name)
        if entry is None or entry.member is None or entry.member.resource_id != before.resource_id:
            raise ChangedMeanwhile
        require_known(entry)
        return entry, entry.member

    # --- an end, or other properties ----------------------------------------------------------------

    def _end(self, task: _Task, step: Step) -> Placed:
        folder = self._folder(self._files.ledger.database.connection(), step.standing.home.collection_id)
        with self._files.disk.folder(folder.path) as folder_fd:
            with self._page(task) as (page, now):
                placed = self._end_here(page, now, folder, folder_fd)
            os.fsync(folder_fd)
        return placed

    def _end_here(self, page: Page, step: Step, folder: Folder, folder_fd: int) -> Placed:
        entry, _ = self._known_entry(page, step, folder, folder_fd)
        self._writer.take_away(page, folder_fd, entry)
        return Placed(placing.standing_of(page.writing, step.wanted.resource_id).seq, None)

    def _keep(self, task: _Task, octets: Octets | None) -> Placed:
        """Set properties, and the date of a file; neither octets nor ETag change."""
        with self._page(task) as (page, step):
            before = step.standing.before
            assert before is not None
            if octets is None or octets.modified_at in (None, before.modified_at):
                seq = page.props(before)
                placing.set_properties(page, task.wanted, seq)
                return Placed(seq, before.name)
            folder = self._folder(page.writing, before.collection_id)
            with self._files.disk.folder(folder.path) as folder_fd:
                entry, member = self._known_entry(page, step, folder, folder_fd)
                date = (octets.modified_at or 0) * 1000
                self._writer.record_patch(page, folder_fd, entry, member, task.wanted.properties, date)
            return Placed(placing.standing_of(page.writing, task.wanted.resource_id).seq, before.name)

    # --- files --------------------------------------------------------------------------------------

    def _write_file(self, task: _Task, step: Step, octets: Octets) -> Placed:
        """Give a file other octets, in its place or together with another place, or bring it back."""
        reading = self._files.ledger.database.connection()
        source = self._folder(reading, step.standing.home.collection_id) if step.goes else None
        folder = self._folder(reading, step.to.collection_id)
        with (
            self._files.disk.folder(folder.path) as folder_fd,
            self._received(folder_fd, task.wanted, octets) as received,
            contextlib.nullcontext() if source is None else self._files.disk.folder(source.path) as source_fd,
        ):
            with self._page(task, octets) as (page, now):
                if not now.comes:
                    seq = self._replace(page, now, folder, folder_fd, received)
                elif source is None or source_fd is None:
                    seq = self._appear(page, now, folder, folder_fd, received, None)
                else:
                    entry, member = self._known_entry(page, now, source, source_fd)
                    old = file_rows.secure_old(page, self._files.blobs, member, entry.name, source_fd)
                    seq = self._appear(page, now, folder, folder_fd, received, member)
                    self._take_off(page, old, entry.name, source_fd)
                placing.set_properties(page, task.wanted, seq)
            os.fsync(folder_fd)
            if source_fd is not None:
                os.fsync(source_fd)
        return Placed(seq, now.to.name)

    @contextlib.contextmanager
    def _received(self, folder_fd: int, wanted: Wanted, octets: Octets) -> Iterator[Received]:
        """Give the octets, durable under a temporary name with their date; it is removed unless it was renamed."""
        name = disk.temporary_name()
        modified_ns = None if octets.modified_at is None else octets.modified_at * 1000

        def finish(descriptor: int) -> None:
            os.fchown(descriptor, *_owner(folder_fd))
            stamp(descriptor, modified_ns)

        try:
            if octets.content_id is None:
                write_file(octets.given or b"", folder_fd, name, finish=finish)
            else:
                reading = self._files.ledger.database.connection()
                self._bodies.write_to(reading, octets.content_id, folder_fd, name, of=wanted.resource_id, finish=finish)
            yield Received(name, octets.digest, octets.size, modified_ns)
        except OSError as error:
            raise disk_trouble(error) from error
        finally:
            disk.remove_temporary(name, folder_fd)

    def _replace(self, page: Page, step: Step, folder: Folder, folder_fd: int, received: Received) -> int:
        entry, member = self._known_entry(page, step, folder, folder_fd)
        self._writer.install(
            page, folder, folder_fd, entry, received, entry.name, base_seq=member.body_seq, op="restore"
        )
        return placing.standing_of(page.writing, member.resource_id).seq

    def _appear(
        self, page: Page, step: Step, folder: Folder, folder_fd: int, received: Received, before: Member | None
    ) -> int:
        """Give the received file the wanted name, and let the resource live there. A twin there has the octets."""
        name = step.to.name
        is_there = self._make_room(page, step, folder, folder_fd, received.digest)
        shown = os.stat(name if is_there else received.name, dir_fd=folder_fd, follow_symlinks=False)
        place = Place(step.to.collection_id, name, step.wanted.resource_id, "file")
        content_id = content.record_live(page.writing, received.digest, received.size)
        body = Body(content_id, received.size, shown.st_mtime_ns // 1000)
        seq = page.bring_back(place, body) if before is None else record_move(page, before, place, body=body)
        if not is_there:
            rename(page, received.name, folder_fd, name, folder_fd)
        status = os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
        record_signature(page.writing, step.wanted.resource_id, disk.signature_of(status))
        return seq

    def _take_off(self, page: Page, old: file_rows.Secured | None, name: str, folder_fd: int) -> None:
        """Take a file off its old name; its octets are in the store."""
        os.unlink(name, dir_fd=folder_fd)
        page.writing.on_rollback(lambda: self._writer.put_back(old, folder_fd, name))

    # --- folders ------------------------------------------------------------------------------------

    def _make_folder(self, task: _Task, step: Step) -> Placed:
        """Bring a folder back, empty on disk: what was in it comes back by steps of its own."""
        target = self._folder(self._files.ledger.database.connection(), step.to.collection_id)
        with self._files.disk.folder(target.path) as folder_fd:
            with self._page(task) as (page, now):
                is_there = self._make_room(page, now, target, folder_fd, None)
                place = Place(now.to.collection_id, now.to.name, now.wanted.resource_id, "folder")
                seq = page.bring_back(place, Body(), carried_bytes=now.size_bytes)
                placing.set_properties(page, task.wanted, seq)
                if not is_there:
                    _make_directory(page, now.to.name, folder_fd)
            os.fsync(folder_fd)
        return Placed(seq, now.to.name)

    # --- both ---------------------------------------------------------------------------------------

    def _move(self, task: _Task, step: Step) -> Placed:
        """Move a file or a folder as it is: octets, ETag and date stay."""
        reading = self._files.ledger.database.connection()
        source = self._folder(reading, step.standing.home.collection_id)
        target = self._folder(reading, step.to.collection_id)
        with self._files.disk.folder(source.path) as source_fd, self._files.disk.folder(target.path) as target_fd:
            with self._page(task) as (page, now):
                entry, member = self._known_entry(page, now, source, source_fd)
                self._make_room(page, now, target, target_fd, None)
                place = Place(now.to.collection_id, now.to.name, member.resource_id, member.kind)
                seq = record_move(page, member, place)
                rename(page, entry.name, source_fd, now.to.name, target_fd)
                record_renamed(page, member, target_fd, now.to.name)
                placing.set_properties(page, task.wanted, seq)
            os.fsync(target_fd)
            os.fsync(source_fd)
        return Placed(seq, now.to.name)

    # --- the wanted name ----------------------------------------------------------------------------

    def _make_room(self, page: Page, step: Step, folder: Folder, folder_fd: int, digest: bytes | None) -> bool:
        """Return whether something that may be taken over is at the wanted name; NameTaken for anything else."""
        entry = self._files.entry_at(page.writing, folder, folder_fd, step.to.name)
        if entry is not None and entry.name != step.to.name and _is_unnamed(page, step.to):
            disk.require_distinct(folder_fd, step.to.name)  # a name of its own where the disk tells NFC and NFD apart
            return False
        if entry is None:
            stale = find_member(page.writing, step.to.collection_id, step.to.name)
            if stale is not None and stale.kind != "mount":
                raise ChangedMeanwhile  # it vanished behind our back just now
            placing.require_free(page.writing, step.wanted, step.to)
            disk.require_distinct(folder_fd, step.to.name)
            return False
        if entry.member is None:
            raise ChangedMeanwhile
        if entry.member.resource_id == step.wanted.resource_id:  # the other form of its own name
            disk.require_distinct(folder_fd, step.to.name)
            return False
        if entry.name != step.to.name or not is_twin(page, step, entry, digest, folder_fd):
            raise errors.NameTaken(
                errors.said("Something else is called %(name)s there now; choose another name.", name=entry.name)
            )
        batch_id, page.batch_id = page.batch_id, None  # whoever takes the batch back does not want the twin again
        page.delete(entry.member, op="merged", freed_bytes=None if entry.member.kind == "file" else 0)
        page.batch_id = batch_id
        page.writing.execute("DELETE FROM disk WHERE resource_id = ?", (entry.member.resource_id,))
        locks.drop_on(page.writing, [entry.member.resource_id])
        return True


def _is_unnamed(page: Page, home: Home) -> bool:
    """Return whether nothing that is recorded has exactly this name, whatever has another form of it."""
    return member_at(page.writing, home.collection_id, home.name) is None


def _held(reading: Reading | Writing, standing: Standing) -> int:
    """Return the bytes that a resource holds as it stands: a folder with all below it, dead or alive."""
    if standing.before is not None and standing.before.kind == "file":
        return standing.before.size or 0
    row = reading.execute(
        "SELECT c.subtree_bytes FROM version v JOIN collection c ON c.id = v.resource_id WHERE v.seq = ?",
        (standing.seq,),
    ).fetchone()
    return 0 if row is None else int(row["subtree_bytes"])


def _owner(folder_fd: int) -> tuple[int, int]:
    """Return user and group of what root makes in a folder, those of the folder: as that user the server runs."""
    if os.geteuid() != 0:
        return -1, -1
    owner = os.fstat(folder_fd)
    return owner.st_uid, owner.st_gid


def _make_directory(page: Page, name: str, folder_fd: int) -> None:
    try:
        os.mkdir(name, dir_fd=folder_fd)
        os.chown(name, *_owner(folder_fd), dir_fd=folder_fd, follow_symlinks=False)
    except OSError as error:
        raise disk_trouble(error) from error
    page.writing.on_rollback(lambda: os.rmdir(name, dir_fd=folder_fd))
