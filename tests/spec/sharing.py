"""Sharing at a desk: what one of its people shows another, as the command line and the pages do it."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.history import applying, restore
from appliance.history.applying import Receipt
from appliance.household import devices, people, shares
from appliance.store import batches, past
from appliance.store.ledger import Author
from appliance.store.mounts import Access
from tests.spec.desk import Desk


@dataclass
class Sharing:
    """What people of a desk do with their shares."""

    desk: Desk

    def collection_id(self, path: str) -> int:
        """What is, or was last, at an address below `/dav/`."""
        segments = [segment for segment in path.removeprefix("/dav/").split("/") if segment]
        return past.last_at(self.desk.services.ledger.database.connection(), segments).resource_id

    def author(self, name: str) -> Author:
        """A person's pages."""
        database = self.desk.services.ledger.database
        person = self.person(name)
        return devices.own_author(database, person.id, "pages", label="pages", at=self.desk.clock.now())

    def person(self, name: str) -> people.Person:
        """Somebody, or the household."""
        found = people.person_named(self.desk.services.ledger.database.connection(), name)
        assert found is not None
        return found

    def give(self, path: str, to: str, access: Access = "write", *, by: str = "anna") -> int | None:
        """Share; the batch."""
        services = self.desk.services
        wanted = shares.NewShare(self.collection_id(path), self.person(to), access)
        return shares.share(services.ledger, self.desk.data, self.author(by), wanted)

    def end(self, path: str, to: str, *, by: str = "anna") -> int:
        """Revoke; the batch."""
        return shares.revoke(self.desk.services.ledger, self.author(by), self.collection_id(path), self.person(to))

    def undo(self, batch_id: int, *, by: str) -> Receipt | None:
        """What `gotgan undo` does; None: nothing to take back."""
        ledger = self.desk.services.ledger
        with ledger.database.read() as reading:
            plan = restore.Planner(reading, self.desk.house.bodies).undo(batch_id)
        if plan.is_empty:
            return None
        author = self.author(by)
        undoing = applying.begin(ledger, author, "undo", plan, undoes=batch_id)
        receipt = applying.carry_out(ledger, self.desk.house.writer(author), undoing)
        self.desk.house.background.duties.sweeper.sweep()
        return receipt

    def newest_batch(self) -> batches.Batch:
        """The batch of the last act."""
        return batches.recent(self.desk.services.ledger.database.connection(), 1)[0]

    def seen_by(self, name: str) -> dict[str, Access]:
        """What a person is shown by other people, by address below `/dav/`."""
        given = shares.given_to(self.desk.services.ledger.database.connection(), self.person(name).id)
        return {"/".join(share.path): share.access for share in given if not share.owner.household}
