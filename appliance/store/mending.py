"""Repairs of what the scrub found damaged, from another sound copy where there is one, and never silently.

A damaged copy in the store gives way to the live file that has the octets; the next covering makes a new copy. A live
file that rotted is written anew from the store, and what was found in its place is kept as a version: it could be
somebody's work. What has no other copy stays as it is, because part of it may be readable, and an alarm says so.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from appliance import errors
from appliance.store import alarms, chunks, content, disk, file_rows, places
from appliance.store.arriving import Received, stamp
from appliance.store.bodies import Bodies, LiveFile, digest_of_open, path_of
from appliance.store.chunks import Chunk
from appliance.store.content import ContentRow, digest_of
from appliance.store.database import Reading, Writing
from appliance.store.file_rows import THE_DISK
from appliance.store.file_writes import FileWriter
from appliance.store.files import Folder, open_file
from appliance.store.ledger import Page, member_of

ROT, REPAIRED = "rot", "repaired"


@dataclass(frozen=True, slots=True)
class Found:
    """One damage. `repaired`: it is none any more. `subject` is a path, or empty for the database."""

    subject: str
    sentence: str
    repaired: bool

    @property
    def kind(self) -> str:
        """The kind of its alarm."""
        return REPAIRED if self.repaired else ROT


class Mender:
    """Repairs."""

    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer
        self._files = writer.files
        self._ledger = writer.files.ledger
        self._bodies = Bodies(writer.files)

    @property
    def _reading(self) -> Reading:
        return self._ledger.database.connection()

    # --- the store ----------------------------------------------------------------------------------

    def body(self, row: ContentRow) -> Found | None:
        """Repair a damaged body of the store; None when it is not the store's any more."""
        live = self._sound_file(row)
        with self._ledger.database.write() as writing:
            if content.row_of(writing, row.id) != row:
                return None
            subject = _owner_of(writing, row.id)
            if live is None:
                found = Found(subject, f"The kept content of {subject} is damaged, and there is no other copy.", False)
            else:
                places.mark_live(writing, row.id, at=self._ledger.now_micros())
                said = f"The kept content of {subject} was damaged; the file itself is sound, and a new copy is made."
                found = Found(subject, said, True)
            self.record(writing, found)
        return found

    def _sound_file(self, row: ContentRow) -> LiveFile | None:
        """Return a live file whose octets, read now, are the body."""
        for live in self._bodies.live_files(self._reading, row.id):
            try:
                descriptor = self._bodies.opened(live)
            except errors.ContentMissing:
                continue
            try:
                if (
                    digest_of_open(descriptor) == row.digest
                    and disk.signature_of(os.fstat(descriptor)) == live.signature
                ):
                    return live
            except OSError:
                continue  # unreadable, too
            finally:
                os.close(descriptor)
        return None

    def chunk(self, chunk: Chunk) -> Found | None:
        """Repair a damaged chunk, whose octets any live file that is made of it has; None when nobody needs it."""
        rows = self._reading.execute("SELECT content_id, start FROM piece WHERE chunk_id = ?", (chunk.id,)).fetchall()
        if not rows:
            return None
        octets = next(filter(None, (self._slice(chunk, row[0], row[1]) for row in rows)), None)
        packed = None if octets is None else chunks.pack(octets)
        subject = _owner_of(self._reading, rows[0][0])
        if packed is None:
            found = Found(subject, f"The kept content of {subject} is damaged, and there is no other copy.", False)
            with self._ledger.database.write() as writing:
                self.record(writing, found)
            return found
        said = f"A piece of the kept content of {subject} was damaged; it was taken from a sound file."
        found = Found(subject, said, True)
        with self._told(found):
            self._files.blobs.install([self._files.blobs.write(chunk.blob_name, packed[1])])
            with self._ledger.database.write() as writing:
                writing.execute(
                    "UPDATE chunk SET packing = ?, stored_bytes = ? WHERE id = ?", (packed[0], len(packed[1]), chunk.id)
                )
                _end_rot(writing, subject)
        return found

    def _slice(self, chunk: Chunk, content_id: int, start: int) -> bytes | None:
        for live in self._bodies.live_files(self._reading, content_id):
            try:
                descriptor = self._bodies.opened(live)
            except errors.ContentMissing:
                continue
            try:
                octets = os.pread(descriptor, chunk.size, start)
            except OSError:
                continue
            finally:
                os.close(descriptor)
            if digest_of(octets) == chunk.digest:
                return octets
        return None

    # --- live files ---------------------------------------------------------------------------------

    def file(self, live: LiveFile, content_id: int, digest: bytes | None) -> Found | None:
        """Repair a live file whose octets changed without its dates; `digest` is what it has now, None: unreadable.

        None: it is in another state by now, so that whoever watches the disk has the word.
        """
        subject = "/".join(live.path)
        how = "cannot be read" if digest is None else "is no longer what was written, though nothing wrote it"
        said = f"{subject} {how}; its content was written anew from the store. The disk may be failing."
        found = Found(subject, said, True)
        try:
            return found if self._write_anew(live, content_id, digest, found) else None
        except (errors.ContentMissing, errors.ContentThinned):
            found = Found(subject, f"{subject} {how}, and there is no other copy. The disk may be failing.", False)
            with self._ledger.database.write() as writing:
                self.record(writing, found)
            return found

    def _write_anew(self, live: LiveFile, content_id: int, digest: bytes | None, found: Found) -> bool:
        row = content.row_of(self._reading, content_id)
        if row is None or row.place == "live":
            raise errors.ContentMissing("There is no other copy.")
        temporary = disk.temporary_name()
        with self._files.disk.folder(live.path[:-1]) as folder_fd:
            try:
                self._bodies.write_to(self._reading, content_id, folder_fd, temporary)
                _make_like(folder_fd, temporary, live)
                received = Received(temporary, row.digest, row.size, live.signature.mtime_ns)
                if digest is not None:  # not linked when it loses its name: cut off then, it would look changed
                    self._files.blobs.copy_in(live.path[-1], folder_fd=folder_fd, digest=digest)
                with self._told(found):
                    with self._ledger.write(THE_DISK) as page:
                        done = self._installed(page, folder_fd, live, received, digest)
                        (_end_rot if done else _take_back)(page.writing, found.subject)
                    os.fsync(folder_fd)
            finally:
                disk.remove_temporary(temporary, folder_fd)
        return done

    def _installed(self, page: Page, folder_fd: int, live: LiveFile, received: Received, digest: bytes | None) -> bool:
        member = member_of(page.writing, live.resource_id)
        if member is None or path_of(page.writing, live.resource_id) != live.path:
            return False
        folder = Folder(live.path[:-1], member.collection_id)
        entry = self._files.entry_at(page.writing, folder, folder_fd, member.name)
        if entry is None or not entry.is_known or entry.signature != live.signature:
            return False
        if digest is not None:  # what is there now becomes a version before it is replaced
            state = file_rows.FileState(digest, entry.signature)
            file_rows.record_file(page, member.collection_id, member.name, state, member, op="observe")
            entry = self._files.entry_at(page.writing, folder, folder_fd, member.name)
        self._writer.install(page, folder, folder_fd, entry, received, member.name, op="restore")
        return True

    # --- telling ------------------------------------------------------------------------------------

    def record(self, writing: Writing, found: Found) -> None:
        """Raise the alarm of a damage; a repaired one is no longer rot."""
        if found.repaired:
            _end_rot(writing, found.subject)
        alarms.record(writing, found.kind, found.subject, found.sentence, at=self._ledger.now_micros())

    @contextlib.contextmanager
    def _told(self, found: Found) -> Iterator[None]:
        """Raise the alarm of a repair that is made next, and take it back when that fails."""
        alarms.sound(self._ledger.database, found.kind, found.subject, found.sentence, at=self._ledger.now_micros())
        try:
            yield
        except (OSError, errors.GotganError):
            with contextlib.suppress(errors.GotganError), self._ledger.database.write() as writing:
                _take_back(writing, found.subject)
            raise


def _end_rot(writing: Writing, subject: str) -> None:
    writing.execute("DELETE FROM alarm WHERE kind = ? AND subject = ?", (ROT, subject))


def _take_back(writing: Writing, subject: str) -> None:
    writing.execute("DELETE FROM alarm WHERE kind = ? AND subject = ?", (REPAIRED, subject))


def _owner_of(reading: Reading | Writing, content_id: int) -> str:
    """Return the path of a resource that has, or last had, a content. Reads the whole ledger: damage is rare."""
    row = reading.execute(
        "SELECT collection_id, name FROM version WHERE content_id = ? ORDER BY seq DESC LIMIT 1", (content_id,)
    ).fetchone()
    if row is None:
        return "a refused edit"
    return "/".join((*(_names_to(reading, row["collection_id"])), row["name"]))


def _names_to(reading: Reading | Writing, collection_id: int) -> list[str]:
    """Return the names down to a collection as they were last, dead ones as well, without the root's nodes."""
    names: list[str] = []
    current = collection_id
    while True:
        row = reading.execute(
            "SELECT v.collection_id, v.name, r.kind FROM version v JOIN resource r ON r.id = v.resource_id"
            " WHERE v.resource_id = ? ORDER BY v.seq DESC LIMIT 1",
            (current,),
        ).fetchone()
        if row is None or row["kind"] == "node":
            return names[::-1]
        names.append(row["name"])
        current = row["collection_id"]


def _make_like(folder_fd: int, name: str, live: LiveFile) -> None:
    """Give a file of ours the owner, the rights and the date of the one that it is to replace."""
    old = os.stat(live.path[-1], dir_fd=folder_fd, follow_symlinks=False)
    descriptor = open_file(folder_fd, name)
    try:
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
        stamp(descriptor, live.signature.mtime_ns)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
