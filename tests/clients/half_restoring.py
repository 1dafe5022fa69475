"""A restore that a power cut stops half-way, and the programs that sync with what it left, with edits of their own.

The restore runs in a child on a copy of the data folder (`tests/cutting.py`), the programs are copied with it. In the
end each edit that somebody made offline is on the server or kept aside, and no program dropped anything that the
restore does not drop by itself.
"""

from __future__ import annotations

import contextlib
import copy
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance import errors
from appliance.cli import gotgan
from appliance.store.content import digest_of
from tests.clients.models import Anyone, DavX5ByListing, Evolution, Stopped
from tests.clients.phones import Phones
from tests.clients.setting_back import COUNT, LostTime, Way, lost_time
from tests.clients.wire import Wire
from tests.cutting import count_calls, is_finished
from tests.newcomers import another_device, command, newcomer
from tests.serving import House, serving

BOTH = ("card", "event")


@dataclass
class Crowd:
    """Programs that knew everything up to the power cut, and what the restore was asked for.

    `leaving` are the names that somebody ordered to go, the restore or a device: only these may leave a program.
    """

    lost: LostTime
    since: int
    leaving: frozenset[str]
    ghosts: frozenset[str] = frozenset()  # what only programs have, because the box was set back
    waiting: frozenset[str] = frozenset()  # programs that wait with their listings until their owner lets them go
    edits: list[tuple[str, str]] = field(default_factory=list)  # (href, text) of what was written offline

    @property
    def words(self) -> tuple[str, ...]:
        """What the owner typed."""
        return ("restore", "anna", "--at", f"seq-{self.since}")

    def act(self, data: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            gotgan.main(args=[*self.words, "--data", str(data)], standalone_mode=False)

    def cut(self, data: Path, calls: int) -> Crowd:
        """Return the crowd at a copy of the data in which the restore was ended before a call."""
        is_finished(self.lost.data, data, self.act, calls)
        clients = {name: _copied(client) for name, client in self.lost.clients.items()}
        return replace(self, lost=replace(self.lost, data=data, clients=clients), edits=[])

    def calls(self, folder: Path) -> int:
        return count_calls(self.lost.data, folder, self.act)

    # --- what happens -------------------------------------------------------------------------------

    def write_offline(self, phones: Phones) -> None:
        """Let each program edit what the restore touches and what it leaves alone, and write something new."""
        for number, (name, client) in enumerate(sorted(self.lost.clients.items())):
            for uid in (f"object-{2 + number % 3:03}", f"object-{12 + number % 3:03}", f"new-of-{number}"):
                text = phones.body(client.kind, uid, f"쓴 사람 {name}")
                href = client.write(uid + phones.ending(client.kind), text)
                self.edits.append((href, text))

    def sync(self) -> None:
        """Let everybody sync; nothing may go that nobody ordered to."""
        for name, client in self.lost.clients.items():
            with contextlib.suppress(Stopped):
                client.sync()
            gone = {href.rsplit("/", 1)[1].rsplit(".", 1)[0] for href in client.removed}
            assert gone <= self.leaving, (name, gone - self.leaving)

    def go_on(self, house: House) -> None:
        """Press again: go on with what was begun, or ask once more, which puts aside what came meanwhile as well."""
        begun = [row[0] for row in self._rows("SELECT id FROM batch WHERE state <> 'done' ORDER BY id")]
        if not begun:
            self.leaving |= {href.rsplit("/", 1)[1].rsplit(".", 1)[0] for href, _ in self.edits if "new-of" in href}
        with contextlib.suppress(errors.NotPossible):  # what a phone has changed since is left as it is, and told
            command(house, *(("undo", str(begun[0]), "--resume") if begun else self.words))
        assert self._rows("SELECT id FROM batch WHERE state <> 'done'") == []

    # --- what must hold -----------------------------------------------------------------------------

    def require_edits(self) -> None:
        """Every edit is, or was, on the server, or is kept aside as refused."""
        for href, text in self.edits:
            octets = text.encode()
            assert self._rows("SELECT 1 FROM content WHERE digest = ? AND place <> 'none'", digest_of(octets)), href

    def require_alike(self, house: House, phones: Phones) -> None:
        """All programs but those that wait have what the server has, and keep what only the lost time had."""
        device = another_device(house, self.lost.device.user, "new one")  # which never waits
        with Wire(house.url, user=device.user, password=device.password) as wire:
            there = {kind: replace(phones, other=wire).on_server(kind) for kind in BOTH}
        for name, client in self.lost.clients.items():
            if name not in self.waiting:
                found, wanted = client.bodies(), there[client.kind]
                extra = {href.rsplit("/", 1)[1].rsplit(".", 1)[0] for href in found.keys() - wanted.keys()}
                assert {href: found.get(href) for href in wanted} == wanted, name
                assert extra <= self.ghosts, name

    def _rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.lost.data / "gotgan.db")) as database:
            return database.execute(query, values).fetchall()


def _copied(client: Anyone) -> Anyone:
    """Return a program with a store of its own; it gets another connection when a server runs."""
    made = copy.copy(client)
    made.store = copy.deepcopy(client.store)
    made.removed, made.dropped, made.fetched = [], [], []
    return made


def newest(data: Path) -> int:
    """Return the newest row of a ledger."""
    with closing(sqlite3.connect(data / "gotgan.db")) as database:
        return int(database.execute("SELECT max(seq) FROM version").fetchone()[0])


def spoil(phones: Phones) -> None:
    """Edit, delete and add with the other device."""
    for kind in BOTH:
        for number in range(1, 6):
            phones.put(kind, f"object-{number:03}", f"망침 {number}")
        for name in DELETED:
            href = phones.collection(kind) + name + phones.ending(kind)
            assert phones.other.ask("DELETE", href).status == 204
        for number in range(3):
            phones.put(kind, f"spoilt-{number}", f"쓰레기 {number}")


GHOSTS = frozenset(f"born-{number}" for number in range(3))
DELETED = frozenset(f"object-{number:03}" for number in range(6, 10))
SPOILT = frozenset(f"spoilt-{number}" for number in range(3))


@contextlib.contextmanager
def spoilt(folder: Path, programs: dict[str, tuple[type[Anyone], str]]) -> Iterator[Crowd]:
    """Give a person's home after it was spoilt, as all programs know it; the server is stopped."""
    data = folder / "data"
    data.mkdir()
    with serving(data) as house:
        lost = LostTime(data, Way(running=False, whole=True, witness=False), newcomer(house, "anna"),
                        another_device(house, "anna", "tablet"))  # fmt: skip
    with lost.serving() as (_, phones):
        for kind in BOTH:
            phones.fill(kind, COUNT)
        lost.clients = {name: kind(phones.wire, phones.collection(of), of) for name, (kind, of) in programs.items()}
        assert lost.sync() == []
        since = newest(data)
        spoil(phones)
        for client in lost.clients.values():
            client.sync()
    yield Crowd(lost, since, SPOILT)


@contextlib.contextmanager
def spoilt_and_set_back(folder: Path, programs: dict[str, tuple[type[Anyone], str]]) -> Iterator[Crowd]:
    """Give the same of a box that was set back meanwhile: the programs know a lost time, and the box is on hold."""
    with lost_time(folder, Way(running=True, whole=True, witness=False), programs) as lost:
        since = newest(lost.data)
        with lost.serving() as (_, phones):
            spoil(phones)  # a device that never noticed goes on
            lost.sync()
        waiting = frozenset(
            name for name, (kind, _) in programs.items() if issubclass(kind, DavX5ByListing | Evolution)
        )
        yield Crowd(
            lost, since, SPOILT | DELETED, GHOSTS, waiting
        )  # of the deletions they first hear after the release
