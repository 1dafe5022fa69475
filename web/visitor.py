"""Who looks at a page: a member of the household who signed in, or a guest, and what the page may reach for them.

One `Visitor` for each request, kept in Flask's `g`. Whatever a page shows of the household goes through `site`,
which is the address space as this person's browser sees it, with the same checks as a phone's request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast
from zoneinfo import ZoneInfo

from flask import g

from appliance import errors
from appliance.history.restore import Planner
from appliance.history.timeline import Teller
from appliance.household.people import Person
from appliance.household.sessions import Session
from appliance.store.database import Reading
from appliance.store.ledger import Author
from appliance.tree.actors import actors
from appliance.tree.past.rights import may_look
from appliance.tree.restoring import TreeWriter
from appliance.tree.site import TreeSite
from web.rooms import Rooms


@dataclass
class Visitor:
    """One request's view of the house."""

    rooms: Rooms
    session: Session | None  # None: a guest
    secret: str  # of the session, or of a guest's visit: forms are tied to it
    language: str  # ko | en
    zone: ZoneInfo
    now: datetime

    @property
    def person(self) -> Person | None:
        """Who is signed in, None: a guest."""
        return None if self.session is None else self.session.person

    @property
    def visit(self) -> Session:
        """The session of who is signed in; NotSignedIn."""
        if self.session is None:
            raise errors.NotSignedIn("Please sign in first.")
        return self.session

    @property
    def member(self) -> Person:
        """Who is signed in; NotSignedIn."""
        return self.visit.person

    @property
    def author(self) -> Author:
        """Who signs what this page changes: this person, in the browser; NotSignedIn."""
        return self.visit.author

    @property
    def reading(self) -> Reading:
        """This thread's connection: each statement a snapshot of its own."""
        return self.rooms.services.ledger.database.connection()

    @cached_property
    def site(self) -> TreeSite:
        """The address space as this person sees it; NotSignedIn."""
        return self.rooms.hall.site(self.author)

    def writer(self) -> TreeWriter:
        """Return who writes the steps of a restore for this person; NotSignedIn."""
        return self.rooms.hall.writer(self.author)

    def teller(self, reading: Reading) -> Teller:
        """Return who tells what happened, in this snapshot."""
        return Teller(actors(reading), self.rooms.hall.bodies, self.zone)

    def planner(self, reading: Reading) -> Planner:
        """Return who plans restores in this snapshot."""
        return Planner(reading, self.rooms.hall.bodies)

    def may_look(self, collection_id: int) -> bool:
        """Return whether this person may see what a collection holds, or held."""
        return may_look(self.site.visit, collection_id)


def visitor() -> Visitor:
    """Return who looks at this page."""
    return cast(Visitor, g.visitor)
