"""The address space as one signed-in device sees it: addresses become resources here, and nowhere else.

`TreeSite` implements `dav.contracts.Site` for one request. What lives at which address:

    ()                                   root          ("principals", person)           a principal
    ("addressbooks", person)             a home        ("addressbooks", person, book)   own or mounted
    ("calendars", person)                a home        ("calendars", person, calendar)  own or mounted
    ("files", person, …)                 plain folders and files, mounts directly below the home
    ("at", moment, …), ("versions", …)   the same as it was, found by `tree/past`
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Literal

from appliance import errors
from appliance.dav.contracts import (
    ActiveLock,
    Address,
    Collection,
    Conditions,
    LockRequest,
    Principal,
    Resource,
    Standing,
)
from appliance.dav.href import is_read_only, spell
from appliance.household import people
from appliance.household.people import Person
from appliance.store.files import Folder
from appliance.store.preconditions import ABSENT, State
from appliance.tree import changes, lock_methods, transfer
from appliance.tree.access import Access
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.guard import state
from appliance.tree.holding import Holding
from appliance.tree.homes import Home, Root
from appliance.tree.lazy import lazy
from appliance.tree.object_collection import ObjectCollection
from appliance.tree.past.addresses import Ago
from appliance.tree.principal import PrincipalNode
from appliance.tree.resource import Node
from appliance.tree.vanished import no_parent, vanished_at
from appliance.tree.visit import Visit

NODES = ("principals", "addressbooks", "calendars", "files")
HOLDS: dict[str, Literal["addressbook", "calendar"]] = {"addressbooks": "addressbook", "calendars": "calendar"}


class TreeSite:
    """One request's view."""

    def __init__(self, visit: Visit, swept_later: Callable[[], None]) -> None:
        self.visit = visit
        self.swept_later = swept_later  # something was deleted that is taken into the store after the answer

    @lazy
    def principal(self) -> Principal:
        """Who is signed in."""
        return PrincipalNode(self, self.visit.person)

    @property
    def household_zone(self) -> str:
        """The IANA name of the household's time zone."""
        return self.visit.services.household.time_zone.key

    # --- finding ------------------------------------------------------------------------------------

    def find(self, address: Address) -> Resource:
        """Return what is at `address`; NotFound for what is not there and for what the reader may not know of."""
        if not address:
            return Root(self, (), NODES)
        if is_read_only(address):
            return self._ago.find(address)
        if address[0] not in NODES:
            raise errors.NotFound("There is nothing at this address.")
        if len(address) == 1:
            return Root(self, address, self._slugs(address[0]))
        if address[0] == "principals":
            return self._principal(address)
        if address[0] == "files":
            return self._below_files(address)
        home = self.home(address[:2])
        if len(address) == 2:
            return home
        collection = home.child(address[2])
        if len(address) == 3:
            return collection
        if not isinstance(collection, ObjectCollection):
            raise errors.NotFound("There is nothing at this address.")
        return collection.find("/".join(address[3:]))

    @lazy
    def _ago(self) -> Ago:
        return Ago(self)

    def _slugs(self, node: str) -> tuple[str, ...]:
        if node == "principals":
            return tuple(person.name for person in people.people(self.visit.reading))
        return (self.visit.person.name, people.HOUSEHOLD_SLUG)

    def owner_of(self, slug: str) -> Person:
        """Return the person whose home the reader may enter: their own, and the household's."""
        if slug == self.visit.person.name:
            return self.visit.person
        if slug == people.HOUSEHOLD_SLUG:
            return self.visit.services.household.person
        raise errors.NotFound("There is nothing at this address.")

    def home(self, address: Address) -> Home:
        """Return the address book home or calendar home at an address; NotFound."""
        owner = self.owner_of(address[1])
        home_id = owner.addressbook_home_id if address[0] == "addressbooks" else owner.calendar_home_id
        return Home(self, address, home_id, owner, HOLDS[address[0]])

    def _principal(self, address: Address) -> PrincipalNode:
        person = people.person_named(self.visit.reading, address[1]) if len(address) == 2 else None
        if person is None:
            raise errors.NotFound("There is nothing at this address.")
        return PrincipalNode(self, person)

    def principals(self) -> Iterator[Principal]:
        """Yield everybody: members of the household see each other (promise 9)."""
        for person in people.people(self.visit.reading):
            yield PrincipalNode(self, person)

    def _below_files(self, address: Address) -> FolderNode | FileNode:
        owner = self.owner_of(address[1])
        access = Access.OWN if owner.id == self.visit.person.id else Access.READ
        node: FolderNode | FileNode = FolderNode(self, address[:2], Folder((owner.name,), owner.files_home_id), access)
        for name in address[2:]:
            if not isinstance(node, FolderNode):
                raise errors.NotFound("There is nothing at this address.")
            node = node.child(name)
        return node

    # --- whether the device may know more than is here ------------------------------------------------

    @lazy
    def holding(self) -> Holding:
        """What holds mean for this request."""
        return Holding(self)

    def doubt(self, address: Address, token: str) -> None:
        """Raise OnHold when a sync token proves that this box was set back, or may prove it (protocol A1)."""
        with contextlib.suppress(errors.UnreadableToken), self.visit.ledger.database.read() as reading:
            changes.judge(self, reading, token, self.holding.collection_id(address), address)

    def standing(self, address: Address) -> Standing:
        """Return where the device stands (protocol A2)."""
        return self.holding.standing(address)

    def weigh(self, address: Address, conditions: Conditions) -> None:
        """Take in what conditions name and was never given out here (protocol A3)."""
        self.holding.weigh(address, conditions)

    def turned_away(self, address: Address) -> None:
        """Note it for the owner."""
        self.holding.turned_away(address)

    # --- places -------------------------------------------------------------------------------------

    def place(self, address: Address) -> tuple[Collection, str]:
        """Return the collection that holds, or would hold, `address`, and the name in it; NoParent."""
        _require_present(address)
        if len(address) < 2:
            raise errors.NotPermitted("Nothing can be made at this address.", privilege="bind", href="/dav/")
        cut = 3 if address[0] in HOLDS and len(address) > 3 else len(address) - 1
        try:
            holder = self.find(address[:cut])
        except errors.NotFound as error:
            vanished = vanished_at(self, address[:cut])
            if vanished is None:
                raise no_parent() from error
            return vanished, "/".join(address[cut:])
        if not isinstance(holder, Node) or not holder.is_collection:
            raise errors.NoParent("What should hold it is no folder.")
        return holder, "/".join(address[cut:])

    # --- states -------------------------------------------------------------------------------------

    def state_of(self, address: Address) -> State:
        """Return what the conditions of an `If` tag are held against."""
        try:
            found = self.find(address)
        except errors.NotFound:
            return self._state_of_free(address)
        if isinstance(found, (FolderNode, FileNode)):
            return found.state()
        if isinstance(found, ObjectCollection):
            return state(etag=None, tokens=frozenset({found.sync_token}))
        return state(etag=found.etag, modified_at=found.modified_at)

    def _state_of_free(self, address: Address) -> State:
        try:
            holder, _ = self.place(address)
        except (errors.NoParent, errors.NotPermitted):
            return ABSENT
        return holder.state_of_name(None) if isinstance(holder, FolderNode) else ABSENT

    # --- what concerns two addresses, and locks -----------------------------------------------------

    def copy(
        self, source: Address, destination: Address, *, overwrite: bool, deep: bool, conditions: Conditions
    ) -> bool:
        """Copy (RFC 4918 9.8)."""
        _require_present(destination)
        return transfer.copy(self, transfer.Ends(source, destination, overwrite, conditions), deep=deep)

    def move(self, source: Address, destination: Address, *, overwrite: bool, conditions: Conditions) -> bool:
        """Move (RFC 4918 9.9)."""
        _require_present(destination)
        return transfer.move(self, transfer.Ends(source, destination, overwrite, conditions))

    def lock(self, address: Address, wanted: LockRequest, conditions: Conditions) -> tuple[ActiveLock, bool]:
        """Lock (RFC 4918 9.10)."""
        return lock_methods.lock(self, address, wanted, conditions)

    def refresh(self, address: Address, timeout_seconds: int | None, conditions: Conditions) -> ActiveLock:
        """Renew a lock (RFC 4918 9.10.2)."""
        return lock_methods.refresh(self, address, timeout_seconds, conditions)

    def unlock(self, address: Address, token: str) -> None:
        """Unlock (RFC 4918 9.11)."""
        lock_methods.unlock(self, address, token)


def _require_present(address: Address) -> None:
    """Raise NotPermitted for an address of the past: nothing can be put there (protocol F3)."""
    if is_read_only(address):
        raise errors.NotPermitted("The past can be looked at, but not changed.", privilege="bind", href=spell(address))
