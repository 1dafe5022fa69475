"""From an address of the past to what was there: moments become states here, once for each request.

    ("at", moment)                       a root     ("at", moment, "files", person, …)      as in the present
    ("versions", resource id, seq)       one version of a card, an event or a file

`moment` is canonical (`20261120T140000Z`), the number of a row (`seq-1234`), or whatever else can be read as a moment:
that keeps its meaning for a whole walk (`words.py`). Nothing leads here: none of it is a member of anything (protocol
F1).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from appliance import errors
from appliance.dav.contracts import Address, Resource
from appliance.history.moments import read_moment
from appliance.household import people
from appliance.household.people import Person
from appliance.store import moments, queries
from appliance.store import past as states
from appliance.tree.past.files import PastFile, PastFolder
from appliance.tree.past.homes import PastHome, PastRoot
from appliance.tree.past.member import KINDS, Version
from appliance.tree.past.node import Past, nothing_there

if TYPE_CHECKING:
    from appliance.tree.site import TreeSite

NODES = ("addressbooks", "calendars", "files")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class Ago:
    """The past as one request sees it."""

    def __init__(self, site: TreeSite) -> None:
        self._site = site
        self._states: dict[str, Past] = {}

    def find(self, address: Address) -> Resource:
        """Return what was at `address`; NotFound."""
        if address[0] == "versions":
            return self._version(address)
        if len(address) < 2:
            raise errors.NotFound("Say which moment, as in /dav/at/20261120T140000Z/.")
        past = self._past(address)
        inner = address[2:]
        if not inner:
            return PastRoot(past, address, NODES)
        if inner[0] not in NODES:
            raise nothing_there()
        if len(inner) == 1:
            return PastRoot(past, address, (self._site.visit.person.name, people.HOUSEHOLD_SLUG))
        owner = self._site.owner_of(inner[1])
        if inner[0] == "files":
            return self._below_files(past, address, owner)
        return self._below_home(past, address, owner)

    # --- moments ------------------------------------------------------------------------------------

    def _past(self, address: Address) -> Past:
        said = address[1]
        if said not in self._states:
            self._states[said] = Past(self._site, address[:2], self._seq(said))
        return self._states[said]

    def _seq(self, said: str) -> int:
        reading = self._site.visit.reading
        if said.startswith("seq-"):
            return self._numbered(said.removeprefix("seq-"), queries.newest_seq(reading))
        visit = self._site.visit
        services, now = visit.services, visit.services.clock.now()

        def read() -> datetime:
            return read_moment(said, zone=services.household.time_zone, now=now)

        try:
            moment = services.words.meant(visit.device_id, said, now, read)
        except errors.WrongCall as error:
            raise errors.NotFound(str(error)) from error
        return moments.seq_at(reading, moment, now=now)

    def _numbered(self, digits: str, newest_seq: int) -> int:
        if NUMBER.fullmatch(digits) is None or int(digits) > newest_seq:
            raise errors.NotFound("There is no such entry in the ledger.")
        return int(digits)

    # --- trees --------------------------------------------------------------------------------------

    def _home_id(self, past: Past, owner: Person, node: str) -> int:
        home_ids: dict[str, int] = {
            "addressbooks": owner.addressbook_home_id,
            "calendars": owner.calendar_home_id,
            "files": owner.files_home_id,
        }
        if not states.is_there_at(past.reading, home_ids[node], past.seq):
            raise nothing_there()
        return home_ids[node]

    def _below_home(self, past: Past, address: Address, owner: Person) -> Resource:
        home = PastHome(past, address[:4], self._home_id(past, owner, address[2]), owner)
        if len(address) == 4:
            return home
        collection = home.child(address[4])
        return collection if len(address) == 5 else collection.find("/".join(address[5:]))

    def _below_files(self, past: Past, address: Address, owner: Person) -> Resource:
        home_id = self._home_id(past, owner, "files")
        is_own = owner.id == self._site.visit.person.id
        node: PastFolder | PastFile = PastFolder(
            past, address[:4], home_id, ("principals", owner.name), is_own=is_own, is_home=True
        )
        for name in address[4:]:
            if not isinstance(node, PastFolder):
                raise nothing_there()
            node = node.child(name)
        return node

    # --- versions -----------------------------------------------------------------------------------

    def _version(self, address: Address) -> Version:
        """Return one version. It is judged by the collection that it was written in (ledger 7)."""
        if len(address) != 3 or any(NUMBER.fullmatch(number) is None for number in address[1:]):
            raise errors.NotFound("The address of a version names its resource and its number.")
        resource_id, seq = int(address[1]), int(address[2])
        past = Past(self._site, address[:1], seq)
        member = states.version_at(past.reading, resource_id, seq)
        if member is None or member.kind not in KINDS or not past.may_look(member.collection_id):
            raise errors.NotFound("There is nothing at this address.")
        return Version(past, member)
