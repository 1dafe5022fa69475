"""A COMMIT that fails, or a database that cannot grow: names and octets on disk are as before, and so is the ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import rebuild
from tests.store.power import Act
from tests.store.shelves import Shelves, TurnedClock
from tests.store.test_power_cuts import LARGE, WRITES, outcome

MOST_COMMITS = 20


class Refusal:
    """Lets some COMMITs of the writer pass and refuses the next one."""

    def __init__(self, shelves: Shelves, passing: int) -> None:
        self._left = passing
        self.refused = False
        shelves.database._writer.set_authorizer(self._judge)

    def _judge(self, action: int, first: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT":
            self._left -= 1
            if self._left == -1:
                self.refused = True
                return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK


@pytest.mark.parametrize(("before", "act"), WRITES, ids=lambda act: act.__name__)
def test_a_failed_commit_leaves_the_disk_as_it_was(quick_disk: Path, before: Act, act: Act) -> None:
    earlier, later = (outcome(quick_disk / name, before, acts) for name, acts in (("a", ()), ("b", (act,))))
    for passing in range(MOST_COMMITS):
        (quick_disk / str(passing)).mkdir()
        shelves = Shelves(quick_disk / str(passing), TurnedClock())
        before(shelves)
        refusal = Refusal(shelves, passing)
        try:
            act(shelves)
        except sqlite3.DatabaseError:
            assert refusal.refused
        shelves.database._writer.set_authorizer(None)
        assert shelves.tree() in (earlier, later)
        assert refusal.refused or shelves.tree() == later
        assert shelves.leftovers() == []
        assert rebuild.differences(shelves.reading) == []
        shelves.sweeper.sweep()
        assert shelves.tree() in (earlier, later)
        shelves.close()
        if not refusal.refused:
            return
    raise AssertionError("a write of more commits than anybody would believe")


def test_octets_that_only_the_database_has_come_back_after_a_failed_commit(shelves: Shelves) -> None:
    """The old file stayed away: its octets were also a card's, kept in a row and not in the store."""
    shelves.put_card("1.vcf", b"the same octets", "1")
    shelves.put("a.txt", b"the same octets")
    for act in (lambda: shelves.put("a.txt", b"new"), lambda: shelves.delete("a.txt")):
        Refusal(shelves, 0)
        with pytest.raises(sqlite3.DatabaseError):
            act()
        shelves.database._writer.set_authorizer(None)
        assert shelves.tree() == {("a.txt",): b"the same octets"}


def files_until_full(shelves: Shelves) -> int:
    for number in range(1000):
        try:
            shelves.put(f"{number} {'x' * 200}", b"%d" % number)
        except errors.DiskFull:
            return number
    raise AssertionError("it is never full")


def test_a_database_that_cannot_grow_is_a_full_disk_and_changes_nothing(shelves: Shelves) -> None:
    shelves.put("photo.jpg", LARGE)
    pages = shelves.database._writer.execute("PRAGMA page_count").fetchone()[0]
    shelves.database._writer.execute(f"PRAGMA max_page_count = {pages}")
    stored = files_until_full(shelves)
    assert len(shelves.tree()) == stored + 1
    assert rebuild.differences(shelves.reading) == []
    for _ in range(3):
        with pytest.raises(errors.DiskFull):
            shelves.put("y" * 250, b"new")
        with pytest.raises(errors.DiskFull):
            shelves.copy(("photo.jpg",), ("z" * 250,))
    assert len(shelves.tree()) == stored + 1
    assert shelves.leftovers() == []
    shelves.database._writer.execute("PRAGMA max_page_count = 1000000")
    assert shelves.put("y" * 250, b"new").created
    assert shelves.scan() == 0
