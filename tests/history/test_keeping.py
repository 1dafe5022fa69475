"""Which versions somebody means who says keep, and that retention then leaves exactly those."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.history import keeping
from appliance.history.keeping import Chosen
from appliance.history.pruning import Pruner
from appliance.history.retention import Policy
from appliance.store import kept, past, queries
from appliance.store.kept import Changed
from appliance.store.thinning import Freed
from tests.store.power import cuts
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder

STRICT = Policy(ZoneInfo("Asia/Seoul"), all_days=3, daily_days=10, monthly=False)
TRIP = ("files", "anna", "trip")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(datetime(2027, 1, 5, 3, 0, tzinfo=UTC))


def write(shelves: Shelves) -> None:
    """A folder with a file of three versions and another of two that was deleted, a file beside it, and two cards."""
    trip = shelves.make("trip")
    for body in (b"1", b"22", b"333"):
        shelves.put("a.txt", body, folder=trip)
    for body in (b"4444", b"55555"):
        shelves.put("b.txt", body, folder=trip)
    shelves.delete("b.txt", folder=trip)
    shelves.put("c.txt", b"666666")
    shelves.put_card("a.vcf", b"a card", "A")
    shelves.put_card("a.vcf", b"a newer card", "A")


def sizes(shelves: Shelves, chosen: Chosen) -> list[int]:
    """What is meant, by the size of its octets."""
    return [
        shelves.reading.execute("SELECT size FROM version WHERE seq = ?", (seq,)).fetchone()[0] for seq in chosen.seqs
    ]


def keep(shelves: Shelves, chosen: Chosen) -> Changed:
    return keeping.keep(shelves.database, chosen, at=1, device_id=ANNA.device_id)


def pruned_much_later(shelves: Shelves) -> Freed:
    shelves.clock.turn(timedelta(days=3000))
    return Pruner(shelves.ledger, STRICT).prune().due


def test_a_moment_means_the_versions_that_were_current(shelves: Shelves) -> None:
    write(shelves)
    for body in (b"7777777", b"88888888"):
        shelves.put("a.txt", body, folder=shelves.folder("trip"))
    trip = past.last_at(shelves.reading, TRIP)
    states = {
        tuple(sizes(shelves, keeping.state_of(shelves.reading, trip, seq)))
        for seq in range(trip.seq, queries.newest_seq(shelves.reading) + 1)
    }
    assert states == {(), (1,), (2,), (3,), (3, 4), (3, 5), (7,), (8,)}
    assert sizes(shelves, keeping.state_of(shelves.reading, trip)) == [8]


def test_all_means_every_version_of_what_was_deleted_there_too(shelves: Shelves) -> None:
    write(shelves)
    trip = past.last_at(shelves.reading, TRIP)
    assert sorted(sizes(shelves, keeping.every_version_of(shelves.reading, trip))) == [1, 2, 3, 4, 5]
    shelves.delete("trip")
    shelves.sweeper.sweep()
    assert sorted(sizes(shelves, keeping.every_version_of(shelves.reading, trip))) == [1, 2, 3, 4, 5]


def test_what_was_moved_elsewhere_is_meant_there_with_all_its_versions(shelves: Shelves) -> None:
    write(shelves)
    shelves.move(("trip", "a.txt"), ("a.txt",))
    trip, moved = (past.last_at(shelves.reading, path) for path in (TRIP, ("files", "anna", "a.txt")))
    assert sorted(sizes(shelves, keeping.every_version_of(shelves.reading, trip))) == [4, 5]
    assert sizes(shelves, keeping.every_version_of(shelves.reading, moved)) == [1, 2, 3]
    assert sizes(shelves, keeping.state_of(shelves.reading, moved)) == [3]


def test_contacts_are_counted_and_nothing_else(shelves: Shelves) -> None:
    write(shelves)
    book = past.last_at(shelves.reading, ("addressbooks", "anna", "contacts"))
    assert keeping.every_version_of(shelves.reading, book) == Chosen((), 2)
    assert keeping.state_of(shelves.reading, book) == Chosen((), 1)
    everything = past.last_at(shelves.reading, ("files",))
    assert sorted(sizes(shelves, keeping.every_version_of(shelves.reading, everything))) == [1, 2, 3, 4, 5, 6]


def test_retention_leaves_what_is_kept_until_it_is_forgotten(shelves: Shelves) -> None:
    write(shelves)
    trip = past.last_at(shelves.reading, TRIP)
    chosen = keeping.every_version_of(shelves.reading, trip)
    assert keep(shelves, chosen) == Changed(5, 15)
    assert keep(shelves, chosen) == Changed(before=5)
    assert Pruner(shelves.ledger, STRICT).outlook().departures == []
    assert pruned_much_later(shelves) == Freed()
    assert keeping.forget(shelves.database, chosen) == Changed(5, 15)
    assert keeping.forget(shelves.database, chosen) == Changed(before=5)
    assert pruned_much_later(shelves) == Freed(4, 12)
    assert keep(shelves, chosen) == Changed(1, 3, let_go=4)


def test_one_of_many_stays(shelves: Shelves) -> None:
    write(shelves)
    a_file = past.last_at(shelves.reading, (*TRIP, "a.txt"))
    second = keeping.every_version_of(shelves.reading, a_file).seqs[1]
    assert keep(shelves, keeping.state_of(shelves.reading, a_file, second)) == Changed(1, 2)
    assert pruned_much_later(shelves) == Freed(3, 10)
    assert kept.pinned(shelves.reading, range(100)) == {second}


def test_after_a_power_cut_the_same_call_keeps_the_rest() -> None:
    def keep_all(shelves: Shelves) -> None:
        keep(shelves, keeping.every_version_of(shelves.reading, past.last_at(shelves.reading, TRIP)))

    with quick_folder() as folder:
        for _, acknowledged, shelves in cuts(folder, write, keep_all):
            before = shelves.reading.execute("SELECT count(*) FROM kept").fetchone()[0]
            assert before == (5 if acknowledged else 0)
            keep_all(shelves)
            assert shelves.reading.execute("SELECT count(*) FROM kept").fetchone()[0] == 5
