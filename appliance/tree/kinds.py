"""Which class a stored kind of collection is: one row for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.dav.contracts import Address
from appliance.store.collections import CollectionRow
from appliance.store.mounts import Mount
from appliance.tree.access import Access
from appliance.tree.address_book import AddressBook
from appliance.tree.calendar import Calendar
from appliance.tree.object_collection import ObjectCollection

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite

KINDS: dict[str, type[ObjectCollection]] = {
    "addressbook": AddressBook,
    "calendar": Calendar,
}


def collection(
    site: TreeSite, address: Address, row: CollectionRow, access: Access, mount: Mount | None
) -> ObjectCollection:
    """Return the resource for a collection's row."""
    return KINDS[row.kind](site, address, row, access, mount)
