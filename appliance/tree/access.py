"""Who may do what: computed from ownership and mounts at each request, never stored twice.

One's own things, and what a mount in one's own home shows, with the right that the mount gives. Nothing else exists.
"""

from __future__ import annotations

from enum import StrEnum

from appliance import errors
from appliance.household import devices
from appliance.store import collections, mounts
from appliance.store.ledger import chain_up
from appliance.tree.visit import Visit

READING = frozenset({"read", "read-current-user-privilege-set", "read-free-busy"})
WRITING = READING | {"write", "write-content", "write-properties", "bind", "unbind"}
PERSONAL = READING | {
    "write-properties"
}  # the receiver's own name, colour and order of a read-only share (protocol C3)


class Access(StrEnum):
    """What the reader has to a collection and everything in it."""

    OWN = "own"
    WRITE = "write"
    READ = "read"

    @property
    def may_write(self) -> bool:
        """Whether members may be changed."""
        return self is not Access.READ

    @property
    def privileges(self) -> frozenset[str]:
        """The flat set of RFC 3744 and RFC 4791 privileges (protocol D6)."""
        return WRITING if self.may_write else READING


def access_to(visit: Visit, collection_id: int) -> Access | None:
    """Return what the reader has to a collection, None when it must look as if it did not exist.

    Asked again inside each write, so that a share withdrawn meanwhile counts.
    """
    chain = chain_up(visit.reading, collection_id)
    if not chain:
        return None
    top = collections.row_of(visit.reading, chain[-1])
    if top is not None and top.owner_id == visit.person.id:
        return Access.OWN
    homes = (visit.person.addressbook_home_id, visit.person.calendar_home_id, visit.person.files_home_id)
    rights = mounts.rights_in(visit.reading, homes, chain)
    if not rights:
        return None
    return Access.WRITE if "write" in rights else Access.READ


def require_access(visit: Visit, collection_id: int, privilege: str, href: str) -> Access:
    """Return the access, or raise NotFound (unknown), NotPermitted (readable only).

    NotSignedIn as `require_device` raises it.
    """
    require_device(visit)
    access = access_to(visit, collection_id)
    if access is None:
        raise errors.NotFound("There is nothing at this address.")
    if privilege not in access.privileges:
        raise errors.NotPermitted("You may look at this, but not change it.", privilege=privilege, href=href)
    return access


def require_device(visit: Visit) -> None:
    """Raise NotSignedIn when the device was lost or revoked since its request began: an upload ends there, too."""
    if devices.is_revoked(visit.reading, visit.device_id):
        raise errors.NotSignedIn("This device was shut out of the household; it can be added again.")
