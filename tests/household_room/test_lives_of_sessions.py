"""Any order of signing in, leaving, losing, changing and waiting: exactly those are in who should be."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from appliance import errors
from appliance.household import devices, lost, passwords, people, sessions
from appliance.household.people import Person
from appliance.household.sessions import Proven, Visitor
from appliance.settings import Settings
from appliance.store.database import Database
from appliance.store.ledger import Author
from appliance.store.migrations import migrate
from tests.household_room.conftest import House, TurnedClock

NAMES = ("anna", "mina")
SHELL = Author(1, 1)
HERE = Visitor("192.0.2.1", "")


class Lives(RuleBasedStateMachine):
    """The model: by token whose session it is, when it was last written as used, and on which phone it runs."""

    tokens = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name)
        migrate(path / "gotgan.db")
        self.clock = TurnedClock()
        self.house = House(Settings(data=path), self.clock, Database(path / "gotgan.db"))
        self.model: dict[str, tuple[str, int | None]] = {}
        self.seen = dict[str, object]()
        self.count = 0
        self.disabled: set[str] = set()

    @initialize()
    def move_in(self) -> None:
        self.people: dict[str, Person] = {name: self.house.join(name) for name in NAMES}
        self.proven: dict[str, Proven] = {}
        self.phones = {
            name: devices.add(self.house.database, bytes(32), person, "phone", at=self.clock.now()).device.id
            for name, person in self.people.items()
        }
        for name in NAMES:
            self.change_password(name)

    def teardown(self) -> None:
        self.house.database.close()
        self._folder.cleanup()

    def end(self, name: str, *, but: str | None = None, only_phone: int | None = None) -> None:
        def ends(token: str) -> bool:
            owner, phone = self.model[token]
            return owner == name and token != but and (only_phone is None or phone in (None, only_phone))

        self.model = {token: found for token, found in self.model.items() if not ends(token)}

    @rule(target=tokens, name=st.sampled_from(NAMES), on_phone=st.booleans())
    def sign_in(self, name: str, on_phone: bool) -> str:
        phone = self.phones[name] if on_phone else None
        try:
            begun = sessions.begin(
                self.house.database, self.proven[name], HERE, label="웹", at=self.clock.now(), phone_id=phone
            )
        except errors.NotSignedIn:
            assert name in self.disabled
            return "nothing"
        assert name not in self.disabled
        self.model[begun.token] = (name, phone)
        self.seen[begun.token] = self.clock.now()
        return begun.token

    @rule(name=st.sampled_from(NAMES))
    def change_password(self, name: str) -> None:
        self.count += 1
        with self.house.database.write() as writing:  # the hash is of no matter here, and costs 15 ms
            person_id = self.people[name].id
            kept = f"hash {self.count}"
            self.proven[name] = passwords.replace(
                writing, person_id, kept, by=SHELL, what="password set", at=self.clock.now()
            )
        self.end(name)

    @rule(name=st.sampled_from(NAMES), token=tokens)
    def lose_the_phone(self, name: str, token: str) -> None:
        found = sessions.current(self.house.database, token, at=self.clock.now())
        lost.lose(
            self.house.database, self.phones[name], by=SHELL, at=self.clock.now(), but=found.id if found else None
        )
        self.end(name, but=token if found else None, only_phone=self.phones[name])

    @rule(name=st.sampled_from(NAMES))
    def shut_out(self, name: str) -> None:
        people.disable(self.house.database, name, at=self.clock.now())
        self.disabled.add(name)
        self.end(name)

    @rule(name=st.sampled_from(NAMES))
    def let_in(self, name: str) -> None:
        people.enable(self.house.database, name, at=self.clock.now())
        self.disabled.discard(name)

    @rule(token=tokens)
    def sign_out(self, token: str) -> None:
        found = sessions.current(self.house.database, token, at=self.clock.now())
        assert (found is not None) == (token in self.model)
        if found is not None:
            assert sessions.end(self.house.database, found.person.id, found.id)
            del self.model[token]

    @rule(days=st.integers(1, 40), used=st.booleans())
    def wait(self, days: int, used: bool) -> None:
        for _ in range(days if used else 1):
            self.clock.turn(timedelta(days=1) if used else timedelta(days=days))
            if used:
                self.look()
        if not used and days >= 30:
            self.model = {}
        self.look()

    @invariant()
    def look(self) -> None:
        for token in self.seen:
            found = sessions.current(self.house.database, token, at=self.clock.now())
            assert (None if found is None else found.person.name) == self.model.get(token, (None,))[0]
        listed = sum(
            len(sessions.of_person(self.house.database.connection(), person.id, at=self.clock.now()))
            for person in getattr(self, "people", {}).values()
        )
        assert listed == len(self.model)


def test_exactly_those_are_in_who_should_be() -> None:
    run_state_machine_as_test(Lives, settings=how(max_examples=12, stateful_step_count=25))
