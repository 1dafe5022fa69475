"""What was at a moment, as open formats: cards and events as .vcf and .ics, files as files, properties as JSON.

Everything is read at one sequence number, so that an export is one state although others go on writing. Octets are
verified on their way out. What cannot be read is reported and does not stop the rest: half an export of a failing disk
is worth more than none. Nothing is written to the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blake3 import blake3

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.xml import read_document
from appliance.history.export_targets import Target
from appliance.history.file_names import as_name
from appliance.history.importing import MOST_TOLD, Left
from appliance.objects import calendar_merge
from appliance.store import content, past
from appliance.store.bodies import Bodies
from appliance.store.database import Database, Reading
from appliance.store.ledger import Member

READ_ME = """This is an export of a Gotgan household: everything is in open formats and needs no program of ours.

  contacts/     one .vcf file (vCard, RFC 2426 and 6350) for each address book, the cards as they were sent
  calendars/    one .ics file (iCalendar, RFC 5545) for each calendar and task list, the events as they were sent
  files/        the files, with their names and dates
  export.json   what each of these was called, its colour and whatever else was stored with it
  history/      only where it was asked for: every change, and the octets of every former version

history/versions.jsonl has one JSON object a line, one for each change, collection by collection, in order:

  seq            the number of the change, over the whole household; it only grows
  at             when (UTC);  person, device: who (null: the disk itself)
  op             put, delete, move, leave (the other half of a move), copy, props, import, restore, observe, share ...
  kind           card, event, file, folder, addressbook, calendar ...;  resource: the same number is the same thing
  address        where: where its collection is, or was last;  alive: whether it is there after this change
  size, modified_at, digest (BLAKE3)      of its octets; null where it has none
  file           where these octets are in this export; null: they are not kept any more, or could not be read
  batch, note    which changes were made together; what was said of it

history/properties.jsonl has one line for each stored property (XML) and the changes from which to which it stood.
"""


@dataclass(slots=True)
class Exported:
    """What an export wrote, and what it had to leave out."""

    entries: int = 0
    size_bytes: int = 0
    left: list[Left] = field(default_factory=list)
    left_count: int = 0

    def leave(self, where: str, reason: str) -> None:
        """Note what could not be exported."""
        self.left_count += 1
        if len(self.left) < MOST_TOLD:
            self.left.append(Left(where, None, reason))


class Exporter:
    """Reads one state. `reached` is told of the bytes that were written so far."""

    def __init__(
        self, database: Database, bodies: Bodies, seq: int, report: Exported,
        *, reached: Callable[[int], None] = lambda _bytes: None,
    ) -> None:  # fmt: skip
        self._database = database
        self._bodies = bodies
        self.seq = seq
        self.report = report
        self._reached = reached
        self.placed: dict[int, str] = {}  # contents of files, by where they are in the export

    @property
    def reading(self) -> Reading:
        """This thread's connection; the state is that of `seq`, whoever writes meanwhile."""
        return self._database.connection()

    # --- single things ------------------------------------------------------------------------------

    def pieces(self, content_id: int | None, *, of: int | None = None) -> Iterator[bytes]:
        """Yield the octets of a content; ContentMissing, ContentThinned, at the latest after the last piece."""
        row = None if content_id is None else content.row_of(self.reading, content_id)
        if row is None:
            raise errors.ContentMissing("The ledger names no content for this.")
        hasher = blake3()
        for piece in _read_in_words(self._bodies.read(self.reading, row.id, of=of)):
            hasher.update(piece)
            yield piece
            self.report.size_bytes += len(piece)
            self._reached(self.report.size_bytes)
        if hasher.digest() != row.digest:
            raise errors.ContentMissing("The stored content is damaged; gotgan scrub says more.")

    def octets(self, member: Member, where: str) -> bytes | None:
        """Return the octets of a card or event; None, and it is reported, where they cannot be had."""
        try:
            return b"".join(self.pieces(member.content_id, of=member.resource_id))
        except (errors.ContentMissing, errors.ContentThinned) as error:
            self.report.leave(f"{where}/{member.name}", str(error))
            return None

    def members(self, collection_id: int) -> list[Member]:
        """Return what was in a collection, in name order."""
        return past.members_at(self.reading, collection_id, self.seq)

    # --- one file of many ---------------------------------------------------------------------------

    def cards(self, book_id: int, where: str) -> Iterator[bytes]:
        """Yield all cards of an address book as they were sent, one after the other."""
        for member in self.members(book_id):
            octets = self.octets(member, where)
            if octets is not None:
                self.report.entries += 1
                yield octets if octets.endswith((b"\n", b"\r")) else octets + b"\r\n"

    def calendar(self, calendar_id: int, where: str) -> Iterator[bytes]:
        """Yield all objects of a calendar as one file."""
        found = [member for member in self.members(calendar_id) if self._is_mergeable(member, where)]
        self.report.entries += len(found)
        shown = self.shown_name(calendar_id) or where.rpartition("/")[2]
        yield from calendar_merge.merged(len(found), lambda number: self._again(found[number]), shown)

    def _is_mergeable(self, member: Member, where: str) -> bool:
        octets = self.octets(member, where)
        if octets is not None and not calendar_merge.is_calendar(octets):
            self.report.leave(f"{where}/{member.name}", "It cannot be read as a calendar.")
            return False
        return octets is not None

    def _again(self, member: Member) -> bytes | None:
        with suppress(errors.ContentMissing, errors.ContentThinned, OSError):
            return self._bodies.whole(self.reading, member.content_id or 0)
        return None

    # --- folders ------------------------------------------------------------------------------------

    def each(self, target: Target, path: tuple[str, ...], collection_id: int) -> None:
        """Write each card or event of a collection as a file of its own."""
        for member in self.members(collection_id):
            self._add(target, (*path, member.name), member)

    def tree(self, target: Target, path: tuple[str, ...], folder_id: int) -> None:
        """Write a folder with everything below; what mounts show is somebody else's and left out."""
        target.add_folder(path)
        for member in self.members(folder_id):
            inner = (*path, member.name)
            if member.kind == "folder":
                with self._reporting(inner):
                    self.tree(target, inner, member.resource_id)
            elif member.kind == "file":
                self._add(target, inner, member)

    def _add(self, target: Target, path: tuple[str, ...], member: Member) -> None:
        modified_at = None if member.modified_at is None else from_micros(member.modified_at)
        with self._reporting(path):
            target.add(path, self.pieces(member.content_id, of=member.resource_id), modified_at)
            self.report.entries += 1
            if member.kind == "file" and member.content_id is not None:
                self.placed[member.content_id] = "/".join(map(as_name, path))

    @contextmanager
    def _reporting(self, path: tuple[str, ...]) -> Iterator[None]:
        """Report what cannot have its name in the target, or cannot be read, instead of raising."""
        before = self.report.size_bytes
        try:
            yield
        except (errors.ContentMissing, errors.ContentThinned, errors.NotPossible) as error:
            self.report.size_bytes = before
            self.report.leave("/".join(path), str(error))

    # --- what is stored beside ----------------------------------------------------------------------

    def shown_name(self, collection_id: int) -> str:
        """Return what people call a collection; empty where nothing is stored."""
        return _text(past.properties_at(self.reading, collection_id, self.seq).get("{DAV:}displayname"))

    def described(self, member: Member, file: str) -> dict[str, Any]:
        """Return what export.json says of a collection."""
        stored = past.properties_at(self.reading, member.resource_id, self.seq)
        return {
            "file": file,
            "address": "/".join(past.path_of(self.reading, member.resource_id)),
            "kind": member.kind,
            "display_name": _text(stored.get("{DAV:}displayname")),
            "colour": _text(stored.get("{http://apple.com/ns/ical/}calendar-color")),
            "description": _text(
                stored.get("{urn:ietf:params:xml:ns:caldav}calendar-description")
                or stored.get("{urn:ietf:params:xml:ns:carddav}addressbook-description")
            ),
            "properties": stored,
        }

    def homes(self, target: Target, home_ids: Sequence[int], head: dict[str, Any]) -> None:
        """Write whole homes: each address book and calendar as a file, files as files, and what describes them."""
        described: list[dict[str, Any]] = []
        for home_id in home_ids:
            node = past.path_of(self.reading, home_id)[0]
            if node == "files":
                self.tree(target, ("files",), home_id)
                continue
            described += [self._collection(target, member) for member in self.members(home_id)]
        self._describe(target, described, head)

    def one(self, target: Target, member: Member, head: dict[str, Any]) -> None:
        """Write one collection in the form of whole homes."""
        described = []
        if member.kind in ("addressbook", "calendar"):
            described.append(self._collection(target, member))
        else:
            self.tree(target, ("files", member.name), member.resource_id)
            described.append(self.described(member, f"files/{as_name(member.name)}"))
        self._describe(target, described, head)

    def _collection(self, target: Target, member: Member) -> dict[str, Any]:
        if member.kind == "mount":
            shown = past.mount_at(self.reading, member.resource_id, self.seq)
            where = None if shown is None else "/".join(past.path_of(self.reading, shown.target_id))
            return {"file": None, "kind": "mount", "address": where, "access": None if shown is None else shown.access}
        folder, suffix, read = (
            ("contacts", ".vcf", self.cards) if member.kind == "addressbook" else ("calendars", ".ics", self.calendar)
        )
        path = (folder, f"{member.name}{suffix}")
        with self._reporting(path):
            target.add(path, read(member.resource_id, "/".join(past.path_of(self.reading, member.resource_id))))
        return self.described(member, "/".join(map(as_name, path)))

    def _describe(self, target: Target, described: list[dict[str, Any]], head: dict[str, Any]) -> None:
        export = {**head, "format": 1, "seq": self.seq, "collections": described}
        text = json.dumps(export, ensure_ascii=False, indent=2) + "\n"
        target.add(("export.json",), [text.encode()])
        target.add(("README.txt",), [READ_ME.encode()])


def _read_in_words(pieces: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        try:
            piece = next(pieces, None)
        except OSError as error:
            raise errors.ContentMissing(f"It cannot be read: {error.strerror}.") from error
        if piece is None:
            return
        yield piece


def _text(xml: str | None) -> str:
    """Return the text of a stored property, empty for none."""
    if xml is None:
        return ""
    try:
        return "".join(str(piece) for piece in read_document(xml.encode()).itertext()).strip()
    except errors.BadRequest:
        return ""


def said_at(micros: int | None) -> str | None:
    """Return a time of the ledger as ISO 8601 in UTC, None for none."""
    return None if micros is None else _utc(from_micros(micros))


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
