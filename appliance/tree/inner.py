"""What a card or an event says of itself by asking the collection that it is in: the same now as in the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from appliance.dav.contracts import Address
from appliance.dav.href import spell_member
from appliance.store.ledger import Member
from appliance.tree.lazy import lazy


class Holder(Protocol):
    """An address book or a calendar, of now or of a moment."""

    @property
    def address(self) -> Address:
        """Its address."""

    @property
    def href(self) -> str:
        """Its one spelling."""

    @property
    def owner(self) -> Address | None:
        """The principal of its owner."""

    def stored_of(self, resource_id: int) -> Mapping[str, str]:
        """Return the stored properties of a member; in a listing, one question serves all."""


class Inner:
    """One member; made by the thousand, so everything that costs is computed when asked for."""

    collection: Holder
    member: Member

    @lazy
    def address(self) -> Address:
        """The address."""
        return (*self.collection.address, self.member.name)

    @lazy
    def href(self) -> str:
        """The one spelling."""
        return spell_member(self.collection.href, self.member.name)

    @property
    def owner(self) -> Address | None:
        """That of the collection."""
        return self.collection.owner

    def stored(self) -> Mapping[str, str]:
        """The stored properties."""
        return self.collection.stored_of(self.member.resource_id)
