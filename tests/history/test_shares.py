"""Restore and rewind among people who share: each takes back their own, as far as they may; no share is lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from appliance.dav.contracts import Conditions, Upload
from appliance.history import applying
from appliance.history.applying import Receipt
from appliance.history.plans import Plan
from appliance.history.restore import Area, Side
from appliance.history.taking_back import Pile, Reason
from appliance.household import devices, people
from appliance.store import mounts
from appliance.store.ledger import Author
from appliance.store.observe import Observer
from appliance.tree.site import TreeSite
from appliance.tree.visit import Visit
from tests.history.rooms import EVERYBODY, PHONE, Rooms, card
from tests.store.shelves import much_later, quick_folder

BOOK = "addressbooks/anna/contacts"
TRIP = "files/anna/trip"


@dataclass
class Family:
    """Anna's house, and Ben, who is shown what she shares."""

    rooms: Rooms
    ben: people.Person
    bens_phone: int
    bens_shell: Author

    def site(self) -> TreeSite:
        return TreeSite(Visit(self.rooms.house.services, self.ben, self.bens_phone), lambda: None)

    def put(self, path: str, body: bytes) -> None:
        holder, name = self.site().place(tuple(path.split("/")))
        holder.put(name, Upload(io.BytesIO(body), len(body)), Conditions())

    def delete(self, path: str) -> None:
        self.site().find(tuple(path.split("/"))).delete(Conditions())
        self.rooms.house.background.duties.sweeper.sweep()

    def sees(self, path: str) -> list[str]:
        """The names that Ben finds in a collection."""
        holder, _ = self.site().place((*path.split("/"), "anything"))
        return sorted(member.address[-1] for member in holder.members())

    def share(self, path: str, access: mounts.Access, name: str) -> int:
        target, home = self.rooms.at(path), self.rooms.at(f"{path.split('/')[0]}/ben")
        with self.rooms.house.services.ledger.write(Author(self.rooms.anna.id, PHONE)) as page:
            return mounts.add(page, home.resource_id, name, target.resource_id, access)

    def apply(self, plan: Plan, kind: str = "rewind") -> Receipt:
        """Carry out a plan with Ben's rights."""
        ledger = self.rooms.house.services.ledger
        batch_id = applying.begin(ledger, self.bens_shell, kind, plan)
        receipt = applying.carry_out(ledger, self.rooms.house.writer(self.bens_shell), batch_id)
        self.rooms.house.background.duties.sweeper.sweep()
        return receipt

    @property
    def homes(self) -> Area:
        ids = self.ben.home_ids()
        return Area(collections=(ids.addressbook_id, ids.calendar_id, ids.files_id))


@pytest.fixture
def family() -> Iterator[Family]:
    with quick_folder() as folder:
        rooms = Rooms(folder)
        services = rooms.house.services
        ben = people.add(
            services.ledger, rooms.data, Author(1, 1), joining=people.NewPerson("ben"),
            shared=services.household.shared, words=services.household.words,
        )  # fmt: skip
        shell = devices.own_author(services.ledger.database, ben.id, "shell", label="shell", at=rooms.clock.now())
        phone = devices.add(services.ledger.database, b"key", ben, "Ben's phone", at=rooms.clock.now()).device
        yield Family(rooms, ben, phone.id, shell)
        rooms.close()


def test_a_removed_mount_comes_back_with_its_name(family: Family) -> None:
    family.rooms.put(f"{BOOK}/x.vcf", card("x"))
    family.share(BOOK, "write", "annas")
    then = family.rooms.seq
    family.delete("addressbooks/ben/annas")
    assert "annas" not in family.sees("addressbooks/ben")
    receipt = family.apply(family.rooms.planner.restore(family.homes, then, EVERYBODY))
    assert receipt.refused == ()
    assert family.sees("addressbooks/ben/annas") == ["x.vcf"]
    family.rooms.require_sound()


def test_what_the_owner_withdrew_stays_withdrawn(family: Family) -> None:
    mount_id = family.share(BOOK, "write", "annas")
    then = family.rooms.seq
    member = family.rooms.at("addressbooks/ben/annas")
    with family.rooms.house.services.ledger.write(Author(family.rooms.anna.id, PHONE)) as page:
        mounts.remove(page, member)
    mine = Side(frozenset({family.bens_phone, family.bens_shell.device_id or 0}), disk=True)
    assert family.rooms.planner.restore(family.homes, then, mine).is_empty
    receipt = family.apply(family.rooms.planner.restore(family.homes, then, EVERYBODY))
    assert len(receipt.refused) == 1
    assert mounts.of(family.rooms.reading, mount_id) is None
    assert "annas" not in family.sees("addressbooks/ben")


def test_a_restore_of_a_home_leaves_alone_what_others_only_show_in_it(family: Family) -> None:
    family.rooms.put(f"{BOOK}/x.vcf", card("x", note="was"))
    family.share(BOOK, "write", "annas")
    then = family.rooms.seq
    family.put("addressbooks/ben/annas/x.vcf", card("x", note="ben"))
    assert family.rooms.planner.restore(family.homes, then, EVERYBODY).is_empty
    assert family.rooms.state()[f"{BOOK}/x.vcf"] == card("x", note="ben")


def test_a_rewind_of_one_takes_back_what_they_did_to_the_others_things(family: Family) -> None:
    family.rooms.make(TRIP).put(f"{TRIP}/a", b"was").put(f"{TRIP}/b", b"was").put(f"{BOOK}/x.vcf", card("x", tel="1"))
    family.share(TRIP, "write", "trip")
    family.share(BOOK, "write", "annas")
    then, before = family.rooms.seq, family.rooms.state()
    family.put("files/ben/trip/a", b"ben")
    family.delete("files/ben/trip/b")
    family.put("files/ben/trip/new", b"ben")
    family.put("addressbooks/ben/annas/x.vcf", card("x", tel="2"))
    family.rooms.put(f"{BOOK}/x.vcf", card("x", tel="2", note="anna"))
    receipt = family.apply(family.rooms.planner.rewind(family.bens_phone, then))
    assert receipt.refused == ()
    assert family.rooms.state() == before | {f"{BOOK}/x.vcf": card("x", tel="1", note="anna")}
    family.rooms.require_sound()


@pytest.mark.parametrize("left", ["read", None])
def test_who_may_not_write_any_more_takes_nothing_back(family: Family, left: mounts.Access | None) -> None:
    family.rooms.make(TRIP).put(f"{TRIP}/a", b"was")
    family.share(TRIP, "write", "trip")
    then = family.rooms.seq
    family.put("files/ben/trip/a", b"ben")
    family.put("files/ben/own", b"ben")
    plan = family.rooms.planner.rewind(family.bens_phone, then)
    member = family.rooms.at("files/ben/trip")
    with family.rooms.house.services.ledger.write(Author(family.rooms.anna.id, PHONE)) as page:
        mounts.remove(page, member)
    if left is not None:
        family.share(TRIP, left, "trip")
    now = family.rooms.state()
    receipt = family.apply(plan)
    assert [refused.entry.address for refused in receipt.refused] == [f"{TRIP}/a"]
    assert family.rooms.state() == now
    assert "own" not in family.sees("files/ben")


def test_the_owner_keeps_what_a_guest_wrote_unless_chosen_otherwise(family: Family) -> None:
    family.rooms.make(TRIP).put(f"{TRIP}/a", b"was").put(f"{TRIP}/b", b"was")
    family.share(TRIP, "write", "trip")
    then, before = family.rooms.seq, family.rooms.state()
    family.rooms.put(f"{TRIP}/a", b"anna").put(f"{TRIP}/b", b"anna")
    family.put("files/ben/trip/a", b"ben")
    family.delete("files/ben/trip/b")
    plan = family.rooms.planner.restore(family.rooms.homes, then, Side(frozenset({PHONE})))
    assert {(entry.address, entry.pile, entry.reason, entry.by) for entry in plan.entries} == {
        (f"{TRIP}/a", Pile.CHOOSE, Reason.CHANGED_LATER, family.bens_phone),
        (f"{TRIP}/b", Pile.KEEP, Reason.ENDED_LATER, family.bens_phone),
    }
    assert plan.is_empty
    family.rooms.apply(family.rooms.planner.restore(family.rooms.homes, then, EVERYBODY, overturn=True))
    assert family.rooms.state() == before


@pytest.mark.parametrize(("path", "shown"), [(BOOK, "addressbooks/ben/annas"), (TRIP, "files/ben/annas")])
def test_what_is_shared_comes_back_shared(family: Family, path: str, shown: str) -> None:
    if path == TRIP:
        family.rooms.make(TRIP).put(f"{TRIP}/a", b"a")
    else:
        family.rooms.put(f"{BOOK}/x.vcf", card("x"))
    family.share(path, "read", "annas")
    there, then = family.sees(shown), family.rooms.seq
    family.rooms.delete(path)
    receipt = family.rooms.restore(then)
    assert receipt.refused == ()
    assert family.sees(shown) == there != []
    undone = family.rooms.undo(receipt.batch_id)
    assert undone.refused == ()
    assert path not in family.rooms.state()
    family.rooms.require_sound()


def test_what_was_carried_into_another_home_is_said_to_be_there(family: Family) -> None:
    """Seen after `mv` on the disk itself: "There is nothing at this address", which helped nobody to get it back."""
    rooms = family.rooms
    rooms.make(TRIP).put(f"{TRIP}/a", b"was")
    then = rooms.seq
    homes = rooms.data / "files"
    (homes / "anna" / "trip").rename(homes / "ben" / "trip")
    duties = rooms.house.background.duties
    observer = Observer(duties.files, is_hidden=lambda _name: False, now_ns=much_later)
    assert observer.observe_all([("anna", "trip"), ("ben", "trip")]) == []
    (refused,) = rooms.restore(then).refused
    assert "--as NAME" in refused.sentence
    assert (homes / "ben" / "trip" / "a").read_bytes() == b"was"
