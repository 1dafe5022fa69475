"""One whole house, and what several devices of one person do in it: no HTTP, everything else as for a real start."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance import settings
from appliance.app import House, furnish
from appliance.dav import contracts
from appliance.dav.contracts import Conditions, PropertyChange, Upload
from appliance.history import applying, restore
from appliance.history.applying import Receipt
from appliance.history.plans import Plan
from appliance.household import devices, people
from appliance.store import past, queries, rebuild
from appliance.store.database import Reading
from appliance.store.ledger import Author, Member
from appliance.tree.site import TreeSite
from appliance.tree.visit import Visit
from tests.store.shelves import TurnedClock

PHONE, TABLET = 1011, 1012
EVERYBODY = restore.Side(everybody=True)
State = dict[str, bytes | None]


def card(uid: str, **lines: str) -> bytes:
    """A card with one line for each keyword: `tel`, `note` …"""
    said = "".join(f"{name.upper()}:{value}\r\n" for name, value in lines.items())
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\n{said}END:VCARD\r\n".encode()


@dataclass
class Rooms:
    """The house of Anna's, asked by her phone or her tablet."""

    data: Path
    clock: TurnedClock = field(default_factory=TurnedClock)
    batch_id: int | None = None  # what devices write belongs to it; None: each thing for itself

    def __post_init__(self) -> None:
        self.house: House = furnish(settings.load(self.data, {}), self.clock)
        services = self.house.services
        found = people.person_named(self.reading, "anna")
        self.anna = found or people.add(
            services.ledger, self.data, Author(1, 1), joining=people.NewPerson("anna"),
            shared=services.household.shared, words=services.household.words,
        )  # fmt: skip
        self.shell = devices.own_author(
            services.ledger.database, self.anna.id, "shell", label="shell", at=self.clock.now()
        )

    def close(self) -> None:
        self.house.services.ledger.database.close()

    @property
    def reading(self) -> Reading:
        return self.house.services.ledger.database.connection()

    @property
    def seq(self) -> int:
        return queries.newest_seq(self.reading)

    def site(self, device: int = PHONE) -> TreeSite:
        return TreeSite(Visit(self.house.services, self.anna, device, self.batch_id), lambda: None)

    # --- what devices do ----------------------------------------------------------------------------

    def put(self, path: str, body: bytes, device: int = PHONE) -> Rooms:
        holder, name = self.site(device).place(tuple(path.split("/")))
        holder.put(name, Upload(io.BytesIO(body), len(body)), Conditions())
        return self

    def make(self, path: str, device: int = PHONE, kind: contracts.Kind = contracts.Kind.FOLDER) -> Rooms:
        holder, name = self.site(device).place(tuple(path.split("/")))
        holder.make(name, contracts.NewCollection(kind), Conditions())
        return self

    def delete(self, path: str, device: int = PHONE) -> Rooms:
        self.site(device).find(tuple(path.split("/"))).delete(Conditions())
        self.house.background.duties.sweeper.sweep()
        return self

    def move(self, source: str, target: str, device: int = PHONE) -> Rooms:
        self.site(device).move(
            tuple(source.split("/")), tuple(target.split("/")), overwrite=False, conditions=Conditions()
        )
        return self

    def set(self, path: str, name: str, value: str | None, device: int = PHONE) -> None:
        xml = None if value is None else f'<x:{name} xmlns:x="urn:x">{value}</x:{name}>'
        self.site(device).find(tuple(path.split("/"))).patch([PropertyChange(f"{{urn:x}}{name}", xml)], Conditions())

    # --- what is there ------------------------------------------------------------------------------

    def at(self, path: str, seq: int | None = None) -> Member:
        return past.locate(self.reading, path.split("/"), seq=seq)

    def state(self) -> State:
        """Every path below Anna's homes with its octets; None: a collection. Files as the disk has them."""
        found: State = {}
        for top in ("addressbooks", "calendars"):
            home = self.at(f"{top}/anna")
            for path, member in self._below(home, f"{top}/anna"):
                found[path] = None if member.content_id is None else self._octets(member)
        root = self.data / "files" / "anna"
        for path_on_disk in root.rglob("*"):
            name = f"files/anna/{path_on_disk.relative_to(root)}"
            if not path_on_disk.name.startswith(".gotgan"):
                found[name] = None if path_on_disk.is_dir() else path_on_disk.read_bytes()
        return found

    def _below(self, holder: Member, above: str) -> Iterator[tuple[str, Member]]:
        for member in queries.members_named(self.reading, holder.resource_id):
            path = f"{above}/{member.name}"
            yield path, member
            if member.kind in ("addressbook", "calendar"):
                yield from self._below(member, path)

    def _octets(self, member: Member) -> bytes:
        return self.house.bodies.whole(self.reading, member.content_id or 0, of=member.resource_id)

    def properties(self, path: str) -> dict[str, str]:
        return past.properties_at(self.reading, self.at(path).resource_id, self.seq)

    def identities(self) -> dict[tuple[int, str], tuple[int, int | None, dict[str, str]]]:
        """What lives at each place: which resource, with which body and which properties."""
        return {
            (member.collection_id, member.name): (
                member.resource_id, member.content_id,
                past.properties_at(self.reading, member.resource_id, self.seq),
            )
            for top in ("addressbooks", "calendars", "files")
            for member in past.subtree_at(self.reading, self.at(f"{top}/anna").resource_id, self.seq)
        }  # fmt: skip

    # --- taking back --------------------------------------------------------------------------------

    @property
    def planner(self) -> restore.Planner:
        return restore.Planner(self.reading, self.house.bodies)

    @property
    def homes(self) -> restore.Area:
        ids = self.anna.home_ids()
        return restore.Area(collections=(ids.addressbook_id, ids.calendar_id, ids.files_id))

    def apply(self, plan: Plan, kind: str = "restore", undoes: int | None = None) -> Receipt:
        ledger = self.house.services.ledger
        batch_id = applying.begin(ledger, self.shell, kind, plan, undoes=undoes)
        return self.resume(batch_id)

    def resume(self, batch_id: int) -> Receipt:
        receipt = applying.carry_out(self.house.services.ledger, self.house.writer(self.shell), batch_id)
        self.house.background.duties.sweeper.sweep()
        return receipt

    def restore(self, since: int, side: restore.Side = EVERYBODY) -> Receipt:
        return self.apply(self.planner.restore(self.homes, since, side))

    def undo(self, batch_id: int) -> Receipt:
        return self.apply(self.planner.undo(batch_id), "undo", undoes=batch_id)

    def require_sound(self) -> None:
        assert rebuild.differences(self.reading) == []
