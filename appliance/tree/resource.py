"""What all resources of the tree share: an address, an owner, and polite refusals for what they do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import (
    ActiveLock,
    Address,
    Conditions,
    Content,
    Kind,
    NewCollection,
    PropertyChange,
    Resource,
    Upload,
    Written,
)
from appliance.dav.href import spell
from appliance.store import collections, properties, queries
from appliance.store.ledger import Page, member_of
from appliance.tree.lazy import lazy
from appliance.tree.plain import text_of
from appliance.tree.visit import Visit

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite

DISPLAYNAME = "{DAV:}displayname"


class Node:
    """A resource; the defaults are those of something that can only be looked at."""

    kind: Kind
    etag: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    modified_at: datetime | None = None
    is_collection = True
    fallback_name: str | None = None

    def __init__(self, site: TreeSite, address: Address, resource_id: int | None = None) -> None:
        self.site = site
        self.address = address
        self.resource_id = resource_id

    @property
    def visit(self) -> Visit:
        """The request that this resource is looked at by."""
        return self.site.visit

    @lazy
    def href(self) -> str:
        """The one spelling."""
        return spell(self.address, collection=self.is_collection)

    @lazy
    def created_at(self) -> datetime | None:
        """When its first row was written."""
        if self.resource_id is None:
            return None
        born_at = queries.born_at(self.visit.reading, self.resource_id)
        return None if born_at is None else from_micros(born_at)

    @property
    def displayname(self) -> str | None:
        """The stored name, else a sensible one."""
        xml = self.stored().get(DISPLAYNAME)
        return self.fallback_name if xml is None else text_of(xml)

    @property
    def privileges(self) -> frozenset[str]:
        """Reading only, unless a kind says otherwise."""
        return frozenset({"read", "read-current-user-privilege-set"})

    @property
    def owner(self) -> Address | None:
        """The owner's principal."""
        return None

    @property
    def locks(self) -> Sequence[ActiveLock]:
        """None but on files and folders."""
        return ()

    @property
    def lockable(self) -> bool:
        """Not known here."""
        return False

    @property
    def quota(self) -> tuple[int, int] | None:
        """Nothing to tell."""
        return None

    @lazy
    def _stored(self) -> Mapping[str, str]:
        return {} if self.resource_id is None else properties.of(self.visit.reading, self.resource_id)

    def stored(self) -> Mapping[str, str]:
        """The stored properties."""
        return self._stored

    def members(self) -> Iterator[Resource]:
        """None."""
        yield from ()

    def read(self, conditions: Conditions) -> Content:
        """A collection has no body of its own."""
        raise errors.MethodRefused("A collection has no content of its own.", allowed=("PROPFIND",))

    def delete(self, conditions: Conditions) -> None:
        """The roots, homes and principals stay (protocol C6)."""
        raise errors.NotPermitted(
            "This belongs to the household and cannot be deleted.", privilege="unbind", href=self.href
        )

    def put(self, name: str, upload: Upload, conditions: Conditions) -> Written:
        """Nothing is stored directly in here."""
        raise errors.NotPermitted("Nothing can be stored directly in here.", privilege="bind", href=self.href)

    def add(self, upload: Upload, conditions: Conditions) -> Written:
        """Only address books and calendars choose names themselves (RFC 5995)."""
        raise errors.MethodRefused("Nothing can be added here by POST.", allowed=("PROPFIND", "PROPPATCH"))

    def make(self, name: str, wanted: NewCollection, conditions: Conditions) -> Address:
        """No collections in here; a calendar or book is told that it is the wrong place (RFC 4791 5.3.1.1)."""
        if wanted.kind is not Kind.FOLDER:
            condition = f"{wanted.kind.value}-collection-location-ok"
            raise errors.WrongPlace("Address books and calendars are made in one's home only.", condition=condition)
        raise errors.NotPermitted("No collection can be made in here.", privilege="bind", href=self.href)

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Keep properties where the ledger knows the resource and the reader owns it."""
        if self.resource_id is None or "write-properties" not in self.privileges:
            raise errors.NotPermitted("Properties cannot be set here.", privilege="write-properties", href=self.href)
        self._record(self.resource_id, changes)

    def _record(self, resource_id: int, changes: Sequence[PropertyChange]) -> None:
        with self.visit.ledger.write(self.visit.author) as page:
            self._record_on(page, resource_id, changes)

    def _record_on(self, page: Page, resource_id: int, changes: Sequence[PropertyChange]) -> None:
        member = member_of(page.writing, resource_id)
        if member is None:
            raise errors.NotFound("There is nothing at this address.")
        collections.set_properties(page, member, [(change.name, change.xml) for change in changes])
        self.__dict__.pop("_stored", None)
