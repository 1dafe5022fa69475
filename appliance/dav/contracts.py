"""What `dav` needs from the tree: the address space as one signed-in device sees it.

`tree` implements these Protocols; `dav` never sees a table, a path on disk or a share. Three rules:

- Every call checks privileges itself, and every mutating call evaluates the conditions, locks and
  privileges inside its one transaction. `dav` hands the raw headers over in `Conditions`.
- What the reader may not know of raises NotFound; all errors are those of `appliance.errors`.
- An *address* is a tuple of decoded segments below `/dav/`; an *href* is spelled by `dav/href.py` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from appliance.dav.messages import BodyStream
from appliance.match.filters import CardFilter, CompFilter

Address = tuple[str, ...]
"""Decoded segments below `/dav/`; () is the DAV root. In books and calendars the last segment may hold slashes."""


class Kind(StrEnum):
    """What a resource is. Stored as these words."""

    ROOT = "root"  # /dav/, and the nodes /dav/principals/, /dav/addressbooks/, …
    PRINCIPAL = "principal"
    HOME = "home"  # an address book home or calendar home
    ADDRESSBOOK = "addressbook"
    CALENDAR = "calendar"
    FOLDER = "folder"  # also the files home
    CARD = "card"
    EVENT = "event"  # any calendar object: VEVENT, VTODO, VJOURNAL
    FILE = "file"


class Standing(StrEnum):
    """Where a device stands at an address: whether what it has may be more than what is here (protocol.md A)."""

    NORMAL = "normal"
    HELD = "held"  # nobody has decided yet: nothing that lists or ends members is answered
    KEPT = "kept"  # decided: what is only there stays there, so differences are told, and no listing
    LOST = "lost"  # decided like that, and the collection itself never was here


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditional headers as sent, and how to read the hrefs in them (RFC 9110 13, RFC 4918 10.4)."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None
    if_header: str | None = None
    locate: Callable[[str], Address | None] | None = None  # reads an href of an `If` tag; None: no address of ours


@dataclass(frozen=True, slots=True)
class Upload:
    """A body on its way in."""

    body: BodyStream
    length_bytes: int | None  # Content-Length; None: chunked
    expected_bytes: int | None = None  # X-Expected-Entity-Length (Finder)
    content_type: str | None = None  # as sent
    modified_at: datetime | None = None  # X-OC-Mtime


@dataclass(frozen=True, slots=True)
class Written:
    """What a PUT did. `etag` is strong and given only when the stored bytes are those sent (RFC 6352 6.3.2.3)."""

    created: bool
    etag: str
    address: Address
    modified_at: datetime


class Content(Protocol):
    """A body on its way out."""

    @property
    def etag(self) -> str:
        """Quoted, strong."""
        ...

    @property
    def content_type(self) -> str:
        """The Content-Type."""
        ...

    @property
    def size_bytes(self) -> int:
        """How many octets."""
        ...

    @property
    def modified_at(self) -> datetime:
        """When the octets last changed."""
        ...

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the octets start ≤ n < stop in pieces of at most 256 KiB."""
        ...


@dataclass(frozen=True, slots=True)
class ActiveLock:
    """RFC 4918 14.1. `root` is in the reader's address space; `owner` is XML as sent, or None."""

    token: str
    scope: Literal["exclusive", "shared"]
    depth: Literal["0", "infinity"]
    owner: str | None
    remaining_seconds: int
    root: Address


@dataclass(frozen=True, slots=True)
class LockRequest:
    """RFC 4918 9.10."""

    scope: Literal["exclusive", "shared"]
    depth: Literal["0", "infinity"]
    owner: str | None
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One instruction of PROPPATCH or MKCOL, in document order. `xml` is the whole element; None removes."""

    name: str  # {namespace}local
    xml: str | None


@dataclass(frozen=True, slots=True)
class NewCollection:
    """What MKCOL, extended MKCOL (RFC 5689) or MKCALENDAR asks for. Protected properties are already gone."""

    kind: Kind  # FOLDER (plain MKCOL), ADDRESSBOOK, CALENDAR
    properties: tuple[PropertyChange, ...] = ()
    components: frozenset[str] | None = None  # supported-calendar-component-set; None: the default


@runtime_checkable
class Resource(Protocol):
    """Anything with an address. Attributes are cheap: a listing of 10,000 makes 10,000 of them."""

    @property
    def address(self) -> Address:
        """Where the reader sees it."""
        ...

    @property
    def href(self) -> str:
        """The one spelling (protocol.md B9); collections end with "/"."""
        ...

    @property
    def kind(self) -> Kind:
        """What it is."""
        ...

    @property
    def etag(self) -> str | None:
        """Quoted; None where there is none (homes, folders, principals)."""
        ...

    @property
    def content_type(self) -> str | None:
        """Getcontenttype; None for collections."""
        ...

    @property
    def size_bytes(self) -> int | None:
        """How many octets."""
        ...

    @property
    def modified_at(self) -> datetime | None:
        """When the octets last changed."""
        ...

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        ...

    @property
    def resource_id(self) -> int | None:
        """Its identity in the ledger, once it has one."""
        ...

    @property
    def displayname(self) -> str | None:
        """The stored displayname as plain text, else a sensible name; None: no property."""
        ...

    @property
    def privileges(self) -> frozenset[str]:
        """Local names of the DAV: and CALDAV: privileges held, flat (protocol.md D6): read, write, write-content."""
        ...

    @property
    def owner(self) -> Address | None:
        """The principal that owns it, if the reader may know."""
        ...

    @property
    def locks(self) -> Sequence[ActiveLock]:
        """Live locks that cover it."""
        ...

    @property
    def lockable(self) -> bool:
        """Whether LOCK is known here (files and folders, not homes: protocol.md D2)."""
        ...

    def stored(self) -> Mapping[str, str]:
        """Stored properties, dead ones and settable live ones: `{namespace}local` to the whole element as XML."""
        ...

    def read(self, conditions: Conditions) -> Content:
        """Open the body once the conditions of a GET hold: NotModified, PreconditionFailed; MethodRefused if none."""
        ...

    def delete(self, conditions: Conditions) -> None:
        """Delete it and everything below, recoverably."""
        ...

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Apply all changes or none (RFC 4918 9.2); PropertyRefused names the culprit."""
        ...


class Collection(Resource, Protocol):
    """A resource with members: root nodes, homes, address books, calendars, folders."""

    def members(self) -> Iterator[Resource]:
        """Yield the direct members, in name order; stored properties of all are one query, made on first use."""
        ...

    def put(self, name: str, upload: Upload, conditions: Conditions) -> Written:
        """Store the body as member `name`, new or replaced."""
        ...

    def add(self, upload: Upload, conditions: Conditions) -> Written:
        """Store the body under a name of our choice (RFC 5995); MethodRefused outside books and calendars."""
        ...

    def make(self, name: str, wanted: NewCollection, conditions: Conditions) -> Address:
        """Make a collection below this one; AlreadyThere, WrongPlace, PropertyRefused."""
        ...

    @property
    def quota(self) -> tuple[int, int] | None:
        """RFC 4331: (used bytes, available bytes); None where there is none to tell."""
        ...


@dataclass(frozen=True, slots=True)
class Changes:
    """The answer of a sync: `truncated` when a limit cut it, then `token` is that of its last row (RFC 6578 3.6)."""

    token: str
    changed: Sequence[Resource]
    removed: Sequence[str]  # hrefs
    truncated: bool = False
    not_followed: Sequence[str] = ()  # hrefs of collections that an infinite sync leaves out (RFC 6578 3.3)


class SyncCollection(Collection, Protocol):
    """A collection with a token: address book, calendar, folder (RFC 6578)."""

    @property
    def sync_token(self) -> str:
        """Also getctag."""
        ...

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        """Return what changed since `token` ("" = everything); UnreadableToken, OnHold, TraversalRefused."""
        ...


class ObjectCollection(SyncCollection, Protocol):
    """An address book or a calendar: members have bodies that reports look into."""

    @property
    def max_resource_bytes(self) -> int:
        """The limit of one object."""
        ...

    def bodies(self, members: Iterable[Resource]) -> Iterator[tuple[Resource, bytes | None]]:
        """Yield each member with its octets, fetched in slices; None: unreadable (a 500 for it, never a 404)."""
        ...

    def named(self, names: Sequence[str]) -> Iterator[tuple[str, Resource | None, bytes | None]]:
        """Yield (name as asked, member or None, octets) for a multiget, in the order asked."""
        ...


class AddressBook(ObjectCollection, Protocol):
    """A collection of contacts (RFC 6352 5.2)."""

    def query(self, wanted: CardFilter) -> Iterator[Resource]:
        """Yield the cards that match (RFC 6352 8.6)."""
        ...


class Calendar(ObjectCollection, Protocol):
    """A collection of calendar objects (RFC 4791 4.2)."""

    @property
    def components(self) -> frozenset[str]:
        """Supported-calendar-component-set."""
        ...

    def query(self, wanted: CompFilter, *, timezone: str | None) -> Iterator[Resource]:
        """Yield the objects that match (RFC 4791 7.8). `timezone`: an IANA name for floating times; None: our own."""
        ...

    def zone_name(self) -> str:
        """The IANA name that floating times here are read in (protocol.md E1)."""
        ...

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return the VCALENDAR with one VFREEBUSY (RFC 4791 7.10)."""
        ...


class CalendarHome(Collection, Protocol):
    """A home whose members are calendars."""

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        """Return one VFREEBUSY over all calendars here whose transparency is opaque (RFC 4791 7.10, protocol.md E4)."""
        ...


class Principal(Resource, Protocol):
    """A person, or the household (RFC 3744 2)."""

    @property
    def mail_addresses(self) -> Sequence[str]:
        """Without mailto:, the preferred first."""
        ...

    @property
    def uuid(self) -> str:
        """Never changes."""
        ...

    @property
    def addressbook_home(self) -> Address | None:
        """None: not for this reader."""
        ...

    @property
    def calendar_home(self) -> Address | None:
        """None: not for this reader."""
        ...

    @property
    def files_home(self) -> Address | None:
        """None: not for this reader."""
        ...

    @property
    def is_group(self) -> bool:
        """The household."""
        ...

    @property
    def group_members(self) -> Sequence[Address]:
        """Of a group."""
        ...

    @property
    def memberships(self) -> Sequence[Address]:
        """The groups that it belongs to."""
        ...


class Site(Protocol):
    """The whole address space for one request of one device."""

    @property
    def principal(self) -> Principal:
        """Who is signed in."""
        ...

    @property
    def household_zone(self) -> str:
        """The IANA name of the household's zone."""
        ...

    def find(self, address: Address) -> Resource:
        """Return what is at `address`; NotFound."""
        ...

    def doubt(self, address: Address, token: str) -> None:
        """Raise OnHold when a sync token proves that this box was set back, whatever is at the address (A1)."""
        ...

    def standing(self, address: Address) -> Standing:
        """Return where the device of this request stands at an address."""
        ...

    def weigh(self, address: Address, conditions: Conditions) -> None:
        """Take in what conditions name and was never given out here; `standing` speaks of it from then on."""
        ...

    def turned_away(self, address: Address) -> None:
        """Take notice that the device was answered OnHold because of where it stands."""
        ...

    def place(self, address: Address) -> tuple[Collection, str]:
        """Return the collection that holds, or would hold, `address`, and the name in it; NoParent, MethodRefused."""
        ...

    def principals(self) -> Iterator[Principal]:
        """Yield all principals that the reader may see."""
        ...

    def copy(
        self, source: Address, destination: Address, *, overwrite: bool, deep: bool, conditions: Conditions
    ) -> bool:
        """Copy; return whether something new was made there (201) or replaced (204)."""
        ...

    def move(self, source: Address, destination: Address, *, overwrite: bool, conditions: Conditions) -> bool:
        """Move; return whether something new was made there (201) or replaced (204)."""
        ...

    def lock(self, address: Address, wanted: LockRequest, conditions: Conditions) -> tuple[ActiveLock, bool]:
        """Lock; the second value says that an empty file was made (RFC 4918 7.3)."""
        ...

    def refresh(self, address: Address, timeout_seconds: int | None, conditions: Conditions) -> ActiveLock:
        """Renew the one lock that the `If` header names (RFC 4918 9.10.2)."""
        ...

    def unlock(self, address: Address, token: str) -> None:
        """Remove the lock; LockTokenUnknown."""
        ...
