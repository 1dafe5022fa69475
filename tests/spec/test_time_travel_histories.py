"""Random histories through the door: what was listed and read after each change is what its moment shows for ever."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from appliance.store import queries
from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, event

NAMES = ("a", "b", "가", "d")
FOLDERS = ("", "one/", "two/", "one/three/")
TREES = ((BOOK, "1"), (CALENDAR, "1"), (FILES, "infinity"))
Shown = dict[str, tuple[str | None, bytes | None]]
"""Addresses below `/dav/`, without the moment, to ETag and octets."""


class Life:
    """One person's devices at work. Each step is a request that may be refused; what matters is what is there after."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.states: dict[int, Shown] = {}

    def live(self, steps: int) -> None:
        """Do `steps` random things and remember what was shown after each."""
        acts: tuple[Callable[[], object], ...] = (
            self.put_file, self.put_file, self.put_card, self.put_event, self.make, self.move, self.copy, self.delete,
            self.patch,
        )  # fmt: skip
        for _ in range(steps):
            self.random.choice(acts)()
            if self.random.random() < 0.3:
                self.desk.house.background.duties.sweeper.sweep()
            seq = queries.newest_seq(self.desk.services.ledger.database.connection())
            self.states.setdefault(seq, shown(self.desk, "/dav/"))

    def _address(self) -> str:
        name = self.random.choice(NAMES)
        return self.random.choice(
            [f"{FILES}{self.random.choice(FOLDERS)}{name}.txt", f"{BOOK}{name}.vcf", f"{CALENDAR}{name}.ics"]
        )

    def put_file(self) -> object:
        path = f"{FILES}{self.random.choice(FOLDERS)}{self.random.choice(NAMES)}.txt"
        return self.desk.ask("PUT", path, f"text {self.random.randrange(9)}")

    def put_card(self) -> object:
        name = self.random.choice(NAMES)
        return self.desk.ask("PUT", f"{BOOK}{name}.vcf", card(name, f"NOTE:{self.random.randrange(9)}"))

    def put_event(self) -> object:
        name = self.random.choice(NAMES)
        at = f"DTSTART:202606{self.random.randrange(10, 30)}T100000Z"
        return self.desk.ask("PUT", f"{CALENDAR}{name}.ics", event(name, at))

    def make(self) -> object:
        return self.desk.ask("MKCOL", FILES + self.random.choice(FOLDERS[1:]))

    def move(self) -> object:
        source = self.random.choice([self._address(), FILES + self.random.choice(FOLDERS[1:])])
        target = self.random.choice([self._address(), FILES + self.random.choice(FOLDERS[1:])])
        return self.desk.ask("MOVE", source, destination=target)

    def copy(self) -> object:
        return self.desk.ask("COPY", self._address(), destination=self._address())

    def delete(self) -> object:
        return self.desk.ask("DELETE", self.random.choice([self._address(), FILES + self.random.choice(FOLDERS[1:])]))

    def patch(self) -> object:
        return self.desk.set_(self._address(), f"<X:mood>{self.random.randrange(9)}</X:mood>")


def shown(desk: Desk, root: str) -> Shown:
    """Return everything that is shown below `/dav/` or below a moment of it."""
    found: Shown = {}
    for tree, depth in TREES:
        top = root + tree.removeprefix("/dav/")
        answer = desk.find(top, "D:getetag", "X:mood", depth=depth)
        for row in answer.rows:
            etag = row.text("D:getetag") if "D:getetag" in row.found else None
            mood = row.text("X:mood") if "X:mood" in row.found else ""
            octets = None if etag is None else desk.get(row.href)
            found[row.href.removeprefix(root)] = (f"{etag} {mood}", octets)
    return found


@pytest.mark.spec("Gotgan F3", "after any history each moment shows exactly what was shown then: names, ETags, octets")
@pytest.mark.parametrize("seed", range(4))
def test_each_moment_shows_what_was_shown_then(desk: Desk, seed: int) -> None:
    life = Life(desk, seed)
    life.live(120)
    desk.house.background.duties.sweeper.sweep()
    assert len(life.states) > 30
    for seq, state in life.states.items():
        assert shown(desk, f"/dav/at/seq-{seq}/") == state, seq
