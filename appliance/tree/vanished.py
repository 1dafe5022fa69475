"""An address book or calendar that the reader knew and that is gone: deleted, left, or not shared any more.

A phone that was away does not know that yet. It sends its edit, hears 409 as for any missing collection, and drops it;
so the edit is kept (promise 5). Nothing else can be done here, and nothing can be seen. An edit that was meant for
somebody else's collection is kept in the sender's home: it says nothing to the owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance import errors
from appliance.dav.conditions import status_of
from appliance.dav.contracts import Address, Conditions, Kind, NewCollection, Upload, Written
from appliance.dav.href import OBJECT_ROOTS
from appliance.store import past, refused
from appliance.store.ledger import Member
from appliance.tree.access import require_device
from appliance.tree.object_collection import read_whole
from appliance.tree.resource import Node

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite


class Vanished(Node):
    """What PUT finds where a collection was. `last` is what had the name last, a mount or a collection."""

    def __init__(self, site: TreeSite, address: Address, last: Member) -> None:
        super().__init__(site, address)
        self.kind = Kind.ADDRESSBOOK if address[0] == "addressbooks" else Kind.CALENDAR
        self._last = last

    def put(self, name: str, upload: Upload, conditions: Conditions) -> Written:
        """Keep the upload and raise NoParent; NotSignedIn when the device was shut out meanwhile."""
        error = no_parent()
        if not self.visit.keeps(error):
            raise error
        body, whole = read_whole(upload, self.visit.services.settings.card_limit_bytes)
        require_device(self.visit)
        last = self._last
        in_home = last.kind == "mount"
        holder_id, kept_as = (last.collection_id, f"{last.name}/{name}") if in_home else (last.resource_id, name)
        attempt = refused.Attempt(holder_id, kept_as, "PUT", status_of(error), str(error))
        services = self.visit.services
        refused.keep(
            self.visit.ledger, services.blobs, services.reserve, self.visit.author, attempt, body if whole else None
        )
        raise error

    def make(self, name: str, wanted: NewCollection, conditions: Conditions) -> Address:
        """Raise NoParent."""
        raise no_parent()


def no_parent() -> errors.NoParent:
    """Return what is said where nothing holds an address."""
    return errors.NoParent("The folder that should hold it does not exist.")


def vanished_at(site: TreeSite, address: Address) -> Vanished | None:
    """Return the collection that the reader had at an address last; None: there never was one (protocol B5)."""
    if len(address) != 3 or address[0] not in OBJECT_ROOTS or address[1] != site.visit.person.name:
        return None
    try:
        last = past.last_at(site.visit.reading, address)
    except errors.NotFound:
        return None
    return Vanished(site, address, last)
