"""Random lives of a household: several devices, the disk behind our back, restores, undos and prunes, and a model.

The model is the plainest there is: a dictionary of paths to octets for every sequence number, kept for ever.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta

from appliance import errors
from appliance.dav.contracts import Kind
from appliance.history.applying import Receipt
from appliance.history.pruning import Pruner, chosen_policy
from appliance.history.taking_back import Reason
from appliance.store import past
from appliance.store.covering import Coverer
from appliance.store.ledger import COLLECTION_KINDS
from appliance.store.observe import Observer
from tests.history.rooms import EVERYBODY, PHONE, TABLET, Rooms, State, card
from tests.store.shelves import much_later

LAPTOP = 1013
DEVICES = (PHONE, TABLET, LAPTOP)
FILES = "files/anna"
BOOK = "addressbooks/anna/contacts"
CLUB = "addressbooks/anna/club"

Act = Callable[[int], object]


class Life:
    """What happens in one house; `states` holds everything at each seq."""

    def __init__(self, rooms: Rooms, chance: random.Random) -> None:
        self.rooms = rooms
        self.chance = chance
        self.states: dict[int, State] = {rooms.seq: rooms.state()}
        self.receipts: list[tuple[Receipt, State]] = []
        self.written = 0
        duties = rooms.house.background.duties
        self.observer = Observer(duties.files, is_hidden=lambda _name: False, now_ns=much_later)
        self.coverer = Coverer(duties.files, limit_bytes=1 << 20, now_ns=much_later)

    def live(self, steps: int, *, disk: bool = False, back: bool = False, books: bool = False) -> None:
        """Do `steps` things at random; with `disk` some of them behind our back, with `back` restores and prunes.

        With `books` a second address book comes and goes, cards move between them, and things get properties.
        """
        acts: list[Act] = [self.put, self.put, self.put_card, self.put_card, self.make, self.delete, self.move]
        if disk:
            acts += [self.edit_behind, self.rename_behind, self.remove_behind]
        if books:
            acts += [self.color, self.color, self.turn_club, self.move_card]
        if back:
            acts += [self.restore, self.undo, self.prune]
        for _ in range(steps):
            try:
                self.chance.choice(acts)(self.chance.choice(DEVICES))
            except errors.GotganError:
                continue
            finally:
                self.rooms.clock.turn(timedelta(seconds=self.chance.randrange(1, 4000)))
            self.remember()

    def remember(self) -> None:
        while self.coverer.cover_some():
            pass
        self.states[self.rooms.seq] = self.rooms.state()

    # --- choices ------------------------------------------------------------------------------------

    def folders(self) -> list[str]:
        state = self.rooms.state()
        return [FILES, *sorted(path for path, body in state.items() if body is None and path.startswith(f"{FILES}/"))]

    def some_path(self) -> str:
        folder = self.chance.choice([path for path in self.folders() if path.count("/") < 5 and "Family" not in path])
        return f"{folder}/{self.chance.choice('abc')}"

    def paths(self, *, cards: bool = True) -> list[str]:
        return sorted(
            path for path in self.rooms.state()
            if path.startswith(f"{FILES}/") or (cards and path.endswith(".vcf"))
        )  # fmt: skip

    # --- devices ------------------------------------------------------------------------------------

    def put(self, device: int) -> None:
        self.written += 1
        body = b"file %d" % self.chance.randrange(self.written + 1)
        self.rooms.put(self.some_path(), body * self.chance.choice([1, 1, 1, 12_000]), device)

    def put_card(self, device: int) -> None:
        name = self.chance.choice("xyz")
        lines = {
            line: str(self.chance.randrange(4)) for line in ("note", "title", "role") if self.chance.random() < 0.8
        }
        self.rooms.put(f"{BOOK}/{name}.vcf", card(name, **lines), device)

    def make(self, device: int) -> None:
        self.rooms.make(self.some_path(), device)

    def delete(self, device: int) -> None:
        if paths := self.paths():
            self.rooms.delete(self.chance.choice(paths), device)

    def move(self, device: int) -> None:
        if paths := self.paths(cards=False):
            source, target = self.chance.choice(paths), self.some_path()
            if not f"{target}/".startswith(f"{source}/"):
                self.rooms.move(source, target, device)

    def color(self, device: int) -> None:
        if paths := sorted(self.rooms.state()):
            name, value = self.chance.choice(["colour", "size"]), self.chance.choice([None, "1", "2"])
            self.rooms.set(self.chance.choice(paths), name, value, device)

    def turn_club(self, device: int) -> None:
        if CLUB in self.rooms.state():
            self.rooms.delete(CLUB, device)
        else:
            self.rooms.make(CLUB, device, Kind.ADDRESSBOOK)

    def move_card(self, device: int) -> None:
        if cards := [path for path in sorted(self.rooms.state()) if path.endswith(".vcf")]:
            target = f"{self.chance.choice([BOOK, CLUB])}/{self.chance.choice('xyz')}.vcf"
            self.rooms.move(self.chance.choice(cards), target, device)

    # --- behind our back ----------------------------------------------------------------------------

    def look(self) -> None:
        for home in self.rooms.house.background.duties.homes():
            self.observer.scan(home)
        self.rooms.house.background.duties.sweeper.sweep()

    def edit_behind(self, _device: int) -> None:
        path = self.rooms.data / self.some_path()
        if not path.is_dir():
            self.written += 1
            path.write_bytes(b"behind %d" % self.written)
            self.look()

    def rename_behind(self, _device: int) -> None:
        if paths := self.paths(cards=False):
            source, target = self.chance.choice(paths), self.some_path()
            if not f"{target}/".startswith(f"{source}/") and not (self.rooms.data / target).exists():
                (self.rooms.data / source).rename(self.rooms.data / target)
                self.look()

    def remove_behind(self, _device: int) -> None:
        if paths := self.paths(cards=False):
            path = self.rooms.data / self.chance.choice(paths)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            self.look()

    # --- back ---------------------------------------------------------------------------------------

    def restore(self, _device: int) -> None:
        seq, before = self.chance.choice(sorted(self.states)), self.rooms.state()
        plan = self.rooms.planner.restore(self.rooms.homes, seq, EVERYBODY)
        receipt = self.rooms.apply(plan)
        self.receipts.append((receipt, before))
        if not receipt.refused and all(entry.reason is not Reason.NOT_KEPT for entry in plan.entries):
            assert self.rooms.state() == self.states[seq], seq

    def undo(self, _device: int) -> None:
        if self.receipts:
            self.rooms.undo(self.chance.choice(self.receipts)[0].batch_id)

    def prune(self, _device: int) -> None:
        self.rooms.clock.turn(timedelta(days=self.chance.randrange(20)))
        services = self.rooms.house.services
        Pruner(services.ledger, chosen_policy(services.settings, services.household.time_zone)).prune()

    # --- what must hold -----------------------------------------------------------------------------

    def require_every_state(self) -> tuple[int, int]:
        """The past at each seq is what the model kept; return how many bodies were compared, how many are thinned."""
        compared = thinned = 0
        for seq, state in self.states.items():
            found, gone = self.past(seq)
            assert found.keys() == state.keys(), seq
            for path, body in state.items():
                if path not in gone:
                    assert found[path] == body, (seq, path)
                    compared += 1
            thinned += len(gone)
        return compared, thinned

    def past(self, seq: int) -> tuple[State, set[str]]:
        reading, bodies = self.rooms.reading, self.rooms.house.bodies
        found: State = {}
        gone: set[str] = set()
        ids = self.rooms.anna.home_ids()
        for top, home in (
            ("addressbooks", ids.addressbook_id),
            ("calendars", ids.calendar_id),
            ("files", ids.files_id),
        ):
            names = {home: f"{top}/anna"}
            for member in past.subtree_at(reading, home, seq):
                path = f"{names[member.collection_id]}/{member.name}"
                if member.kind in COLLECTION_KINDS:
                    names[member.resource_id] = path
                if member.kind == "mount" and top == "files":
                    continue  # the model sees the disk, where a mount is not
                found[path] = None
                if member.content_id is not None:
                    try:
                        found[path] = bodies.whole(reading, member.content_id, of=member.resource_id)
                    except errors.ContentThinned:
                        gone.add(path)
        return found, gone
