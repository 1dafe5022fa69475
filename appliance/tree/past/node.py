"""What all resources of the past share: one state, today's rights, and nothing that could change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from appliance import errors
from appliance.dav.contracts import Address
from appliance.store import past
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.epochs import Epochs
from appliance.store.ledger import Member
from appliance.tree.access import READING
from appliance.tree.lazy import lazy
from appliance.tree.past.rights import may_look
from appliance.tree.resource import Node
from appliance.tree.visit import Visit

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite


class Past:
    """The state just after the row `seq`, as one request looks at it. `address` is where it is shown."""

    def __init__(self, site: TreeSite, address: Address, seq: int) -> None:
        self.site = site
        self.address = address
        self.seq = seq
        self._judged: dict[int, bool] = {}

    @property
    def visit(self) -> Visit:
        """The request."""
        return self.site.visit

    @property
    def reading(self) -> Reading:
        """This thread's connection. A state never changes, so its questions need no common snapshot."""
        return self.visit.reading

    @lazy
    def bodies(self) -> Bodies:
        """Where octets are read."""
        return Bodies(self.visit.services.files)

    @lazy
    def _epochs(self) -> Epochs:
        return self.visit.ledger.epochs(self.reading)

    def members(self, collection_id: int) -> list[Member]:
        """Return what was in a collection, in name order."""
        return past.members_at(self.reading, collection_id, self.seq)

    def etag(self, member: Member) -> str:
        """Return the ETag that the version had when it was the newest."""
        return member.etag or self._epochs.etag(member.body_seq)

    def may_look(self, collection_id: int) -> bool:
        """Return whether the reader may see what a collection held; asked once a request."""
        if collection_id not in self._judged:
            self._judged[collection_id] = may_look(self.visit, collection_id)
        return self._judged[collection_id]

    def target_of(self, mount: Member) -> int | None:
        """Return the collection that a mount showed then, None when it was dark or the reader may not look today."""
        shown = past.mount_at(self.reading, mount.resource_id, self.seq)
        if shown is None or not past.is_there_at(self.reading, shown.target_id, self.seq):
            return None
        return shown.target_id if self.may_look(shown.target_id) else None


class PastNode(Node):
    """A resource of the past. `resource_id` says whose properties it has, `mount_id` whose go before those."""

    def __init__(
        self, past: Past, address: Address, resource_id: int | None = None, *, mount_id: int | None = None
    ) -> None:
        super().__init__(past.site, address, resource_id)
        self.past = past
        self.mount_id = mount_id

    @property
    def privileges(self) -> frozenset[str]:
        """Only to be looked at."""
        return READING

    @lazy
    def _stored(self) -> Mapping[str, str]:
        stored: dict[str, str] = {}
        for resource_id in (self.resource_id, self.mount_id):
            if resource_id is not None:
                stored.update(past.properties_at(self.past.reading, resource_id, self.past.seq))
        return stored


def nothing_there() -> errors.NotFound:
    """Return the one error for what was not there and for what the reader may not know of."""
    return errors.NotFound("There was nothing at this address at that moment.")
