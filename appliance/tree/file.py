"""A file in the reader's address space: what is on disk now."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import ActiveLock, Address, Conditions, Content, Kind, PropertyChange
from appliance.dav.href import spell_member
from appliance.store.database import Reading, Writing
from appliance.store.files import Entry, OpenedFile
from appliance.store.preconditions import State
from appliance.tree import locking
from appliance.tree.folder import FolderNode
from appliance.tree.lazy import lazy
from appliance.tree.plain import text_of
from appliance.tree.resource import Node

LASTMODIFIED = "{DAV:}getlastmodified"
UNKNOWN_TYPE = "application/octet-stream"


class FileNode(Node):
    """One file; made by the thousand, so everything that costs is computed when asked for."""

    kind = Kind.FILE
    is_collection = False

    def __init__(self, folder: FolderNode, entry: Entry) -> None:
        self.parent = folder
        self.site = folder.site
        self.entry = entry
        self.etag = entry.etag
        self.size_bytes = entry.size
        self.resource_id = entry.resource_id

    @lazy
    def address(self) -> Address:
        """The address."""
        return (*self.parent.address, self.entry.name)

    @lazy
    def href(self) -> str:
        """The one spelling."""
        return spell_member(self.parent.href, self.entry.name)

    @lazy
    def content_type(self) -> str:
        """By the name's ending."""
        return type_of(self.entry.name)

    @lazy
    def modified_at(self) -> datetime:
        """The file's own date."""
        return from_micros(self.entry.modified_ns // 1000)

    @property
    def privileges(self) -> frozenset[str]:
        """By the share of the folder."""
        return self.parent.held.privileges

    @property
    def owner(self) -> Address | None:
        """That of the folder."""
        return self.parent.owner

    @property
    def lockable(self) -> bool:
        """Yes."""
        return True

    @property
    def locks(self) -> Sequence[ActiveLock]:
        """The live locks that cover it."""
        return locking.active(self.parent, self.resource_id, self.parent.chain)

    def stored(self) -> Mapping[str, str]:
        """The stored properties."""
        return self.parent.stored_of(self.resource_id)

    def state(self) -> State:
        """What conditions are held against."""
        return self.parent.state_of_name(self.entry)

    def read(self, conditions: Conditions) -> Content:
        """Open the file; its ETag belongs to exactly the octets that follow."""
        self.parent.guard(conditions).require_for_reading(self.state(), self.etag or "")
        opened = self.visit.services.files.open(self.parent.folder, self.entry)
        return FileContent(self.etag or "", self.content_type, self.entry.size, self.modified_at, opened)

    def delete(self, conditions: Conditions) -> None:
        """Delete it, recoverably."""
        self.parent.delete_member(self.entry.name, conditions)

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Keep properties; `getlastmodified` sets the file's date (protocol D3)."""
        folder, writer = self.parent, self.visit.services.writer
        guard = folder.guard(conditions)

        def check(tx: Reading | Writing, entry: Entry | None) -> int | None:
            folder.require("write-properties")
            guard.require(folder.state_of_name(entry))
            guard.require_unlocked(locking.covering(folder, self.resource_id, folder.chain), folder.root_of)
            return None

        dates = [change for change in changes if change.name == LASTMODIFIED]
        modified_ns = _read_date(dates[-1]) if dates else None
        kept = [(change.name, change.xml) for change in changes if change.name != LASTMODIFIED]
        writer.patch(self.visit.author, folder.folder, self.entry.name, kept, modified_ns, check=check)
        folder.__dict__.pop("_stored_of_all", None)


def _read_date(change: PropertyChange) -> int | None:
    if change.xml is None:
        return None
    text = text_of(change.xml)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise errors.PropertyRefused("This is no date of RFC 9110.", name=LASTMODIFIED) from error
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return int(moment.timestamp() * 1_000_000_000)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file on its way out."""

    etag: str
    content_type: str
    size_bytes: int
    modified_at: datetime
    opened: OpenedFile

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the octets start ≤ n < stop."""
        return self.opened.chunks(start, stop)


def type_of(name: str) -> str:
    """Return the Content-Type for a name's ending."""
    stem, dot, ending = name.rpartition(".")
    return type_of_ending(ending.lower()) if dot and stem else UNKNOWN_TYPE


@lru_cache(maxsize=512)
def type_of_ending(ending: str) -> str:
    """Return the Content-Type of an ending without its dot."""
    guessed, encoding = mimetypes.guess_type(f"x.{ending}", strict=False)
    if encoding is not None:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}.get(
            encoding, UNKNOWN_TYPE
        )
    return guessed or UNKNOWN_TYPE
