"""A card or an event in the reader's address space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from appliance import errors
from appliance.clock import from_micros
from appliance.dav.contracts import Conditions, Content, Kind, PropertyChange
from appliance.store import content, objects
from appliance.store.ledger import Member
from appliance.tree.access import require_access
from appliance.tree.guard import Guard, state
from appliance.tree.inner import Inner
from appliance.tree.lazy import lazy
from appliance.tree.resource import Node

if TYPE_CHECKING:
    from appliance.tree.object_collection import ObjectCollection


_KINDS = {"card": Kind.CARD, "event": Kind.EVENT}


class ObjectMember(Inner, Node):
    """One member; made by the thousand, so everything that costs is computed when asked for."""

    is_collection = False
    collection: ObjectCollection

    def __init__(self, collection: ObjectCollection, member: Member, etag: str) -> None:
        self.collection = collection
        self.site = collection.site
        self.member = member
        self.etag = etag
        self.resource_id = member.resource_id
        self.kind = _KINDS[member.kind]
        self.size_bytes = member.size

    @lazy
    def content_type(self) -> str:
        """With the component for events, as clients expect it."""
        return self.collection.content_type_of(self.member)

    @lazy
    def modified_at(self) -> datetime:
        """When its body was written."""
        return from_micros(self.member.modified_at or 0)

    @property
    def privileges(self) -> frozenset[str]:
        """Those of the collection."""
        return self.collection.access.privileges

    def read(self, conditions: Conditions) -> Content:
        """Return the octets as they were sent."""
        guard = Guard(self.visit, conditions, self.site.state_of)
        guard.require_for_reading(state(etag=self.etag, modified_at=self.modified_at), self.etag or "")
        found = next(
            objects.bodies(self.visit.reading, self.visit.services.blobs, self.collection.row.id, [self.member.name]),
            None,
        )
        if found is None or found.member.body_seq != self.member.body_seq:
            raise errors.Busy("It was changed at this very moment; ask again.", retry_after_seconds=1)
        if found.body is None:
            raise errors.ContentMissing("The stored content cannot be read; the household's owner should look.")
        self.visit.took(self.collection.row.id, 1)
        return Octets(self.etag or "", self.content_type, len(found.body), self.modified_at, found.body)

    def delete(self, conditions: Conditions) -> None:
        """Delete it, recoverably."""
        self.collection.delete_member(self.member.name, conditions)

    def patch(self, changes: Sequence[PropertyChange], conditions: Conditions) -> None:
        """Keep dead properties with the object."""
        Guard(self.visit, conditions, self.site.state_of).require(state(etag=self.etag, modified_at=self.modified_at))
        require_access(self.visit, self.collection.row.id, "write-properties", self.href)
        self._record(self.member.resource_id, changes)
        self.collection.forget_stored()


@dataclass(frozen=True, slots=True)
class Octets:
    """A body in memory on its way out."""

    etag: str
    content_type: str
    size_bytes: int
    modified_at: datetime
    body: bytes

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the octets start ≤ n < stop."""
        for position in range(start, stop, content.PIECE_BYTES):
            yield self.body[position : min(position + content.PIECE_BYTES, stop)]
