"""A power cut at every step of what lets somebody in or shuts somebody out: all of it, or nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.household import audit, devices, invitations, lost, onboarding, people, sessions
from appliance.household.onboarding import Onboarding
from appliance.household.passwords import Passwords
from appliance.household.sessions import Visitor
from appliance.household.throttle import Throttle
from appliance.settings import Settings
from appliance.store.database import Database
from appliance.store.ledger import Author
from appliance.store.migrations import migrate
from tests.household_room.conftest import House, TurnedClock
from tests.store.power import CUT, FAILED, Fuse

KEY = bytes(range(32))
SHELL = Author(1, 1)
HERE = Visitor("192.0.2.1", "iPhone")
OLD, NEW = "the password before", "the password after"


@dataclass
class Kept:
    """What a test remembers of the house that it prepared."""

    code: str
    link: str
    token: str
    device_id: int


class Rooms:
    """A house on a data folder, opened as after a start."""

    def __init__(self, data: Path) -> None:
        migrate(data / "gotgan.db")
        self.house = House(Settings(data=data, language="ko"), TurnedClock(), Database(data / "gotgan.db"))
        self.database = self.house.database
        self.at = self.house.clock.now()
        self.passwords = Passwords(self.database, Throttle(lambda: 0.0))
        self.onboarding = Onboarding(self.database, KEY, Throttle(lambda: 0.0))

    def mina(self) -> people.Person:
        return people.existing(self.database.connection(), "mina")

    def prepare(self) -> Kept:
        mina = self.house.join("mina")
        proven = self.passwords.set(mina, OLD, by=SHELL, at=self.at)
        token = sessions.begin(self.database, proven, HERE, label="웹", at=self.at).token
        phone = devices.add(self.database, KEY, mina, "old phone", at=self.at).device
        code = self.onboarding.pair(mina, by=SHELL, at=self.at, replaces=phone.id).code
        link = invitations.invite(self.database, mina, by=SHELL, at=self.at).token
        return Kept(code, link, token, phone.id)

    def state(self, kept: Kept) -> str:
        """What somebody would notice, in one line."""
        reading = self.database.connection()
        phones = [device.revoked_at is None for device in devices.devices(reading)]
        stored = reading.execute("SELECT password_hash FROM person WHERE name = 'mina'").fetchone()[0]
        row = reading.execute("SELECT given_at, revoked_at FROM pairing").fetchone()
        return ", ".join(
            [
                f"phones {phones}",
                f"signed in {sessions.current(self.database, kept.token, at=self.at) is not None}",
                f"links {len(invitations.waiting(reading, at=self.at))}",
                f"codes {len(onboarding.waiting(reading, at=self.at))}, given {row['given_at'] is not None}",
                f"password {'old' if stored == self.first_hash(kept) else 'new'}",
                f"acts {len(audit.acts(reading))}",
            ]
        )

    def first_hash(self, kept: Kept) -> str:
        return (self.database.path.parent / "first hash").read_text()

    def remember_hash(self) -> None:
        row = self.database.connection().execute("SELECT password_hash FROM person WHERE name = 'mina'").fetchone()
        (self.database.path.parent / "first hash").write_text(row[0])


ACTS: dict[str, Callable[[Rooms, Kept], object]] = {
    "give": lambda rooms, kept: rooms.onboarding.give(kept.code, "profile", "new phone", HERE, at=rooms.at),
    "lose": lambda rooms, kept: lost.lose(rooms.database, kept.device_id, by=SHELL, at=rooms.at),
    "use": lambda rooms, kept: invitations.use(rooms.database, rooms.passwords, kept.link, NEW, at=rooms.at),
    "set": lambda rooms, _kept: rooms.passwords.set(rooms.mina(), NEW, by=SHELL, at=rooms.at),
    "disable": lambda rooms, _kept: people.disable(rooms.database, "mina", at=rooms.at, by=SHELL),
}


def is_done(data: Path, kept: Kept, act: Callable[[Rooms, Kept], object], step: int) -> bool:
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            rooms = Rooms(data)
            fuse = Fuse(step)
            sys.addaudithook(fuse._audit)
            rooms.database._writer.set_trace_callback(fuse._statement)
            act(rooms, kept)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, CUT), f"the act itself failed at step {step}"
    return code == 0


@pytest.mark.parametrize("name", ACTS)
def test_it_happened_or_it_did_not(tmp_path: Path, name: str) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    rooms = Rooms(prepared)
    kept = rooms.prepare()
    rooms.remember_hash()
    before = rooms.state(kept)
    rooms.database.close()
    seen: list[str] = []
    finished, step = False, 0
    while not finished:
        data = tmp_path / str(step)
        shutil.copytree(prepared, data)
        finished = is_done(data, kept, ACTS[name], step)
        rooms = Rooms(data)
        seen.append(rooms.state(kept))
        rooms.database.close()
        step += 1
    after = seen[-1]
    assert before != after
    assert step >= 3  # before BEGIN, before COMMIT, after it
    assert set(seen) == {before, after}
    assert seen == sorted(seen, key=[before, after].index)
