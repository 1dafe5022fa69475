"""Locks: which ones cover a resource, which ones forbid, and when they end (RFC 4918 6, 7)."""

from __future__ import annotations

import pytest

from appliance.store import locks
from appliance.store.locks import Lock
from tests.store.shelves import ANNA, Shelves

NOW = 1_800_000_000_000_000
LATER = NOW + 1_000_000


def lock(resource_id: int, *, token: str = "", depth: str = "0", scope: str = "exclusive", person: int = 1) -> Lock:
    return Lock(token or locks.new_token(), resource_id, depth, scope, None, person, 5, LATER)


def add(shelves: Shelves, *wanted: Lock) -> None:
    with shelves.database.write() as writing:
        for one in wanted:
            locks.add(writing, one)


def test_a_lock_lives_until_it_expires(shelves: Shelves) -> None:
    one = lock(5)
    add(shelves, one)
    assert locks.any_live(shelves.reading, NOW)
    assert locks.on(shelves.reading, [5], LATER - 1) == [one]
    assert locks.on(shelves.reading, [5], LATER) == []
    assert not locks.any_live(shelves.reading, LATER)
    with shelves.database.write() as writing:
        locks.renew(writing, one.token, LATER + 10)
        locks.forget_expired(writing, LATER)
    assert len(locks.on(shelves.reading, [5], LATER)) == 1
    with shelves.database.write() as writing:
        locks.forget_expired(writing, LATER + 10)
    assert shelves.reading.execute("SELECT count(*) FROM lock").fetchone()[0] == 0


def test_an_ancestor_covers_only_with_depth_infinity(shelves: Shelves) -> None:
    own, shallow, deep, other = lock(5), lock(6), lock(7, depth="infinity"), lock(8, depth="infinity")
    add(shelves, own, shallow, deep, other)
    assert {found.token for found in locks.covering(shelves.reading, 5, [6, 7], NOW)} == {own.token, deep.token}
    assert {found.token for found in locks.covering(shelves.reading, None, [6, 7], NOW)} == {deep.token}
    assert locks.covering(shelves.reading, None, [], NOW) == []


def test_a_token_counts_only_for_the_person_who_holds_it() -> None:
    one = lock(5, token="urn:uuid:a")
    assert locks.unmet([one], frozenset(), 1) == [one]
    assert locks.unmet([one], frozenset({"urn:uuid:a"}), 1) == []
    assert locks.unmet([one], frozenset({"urn:uuid:a"}), 2) == [one]


def test_of_shared_locks_on_one_resource_one_token_is_enough() -> None:
    """RFC 4918 7: and it opens no other resource."""
    mine, theirs = lock(5, token="a", scope="shared"), lock(5, token="b", scope="shared", person=2)
    other = lock(6, token="c")
    assert locks.unmet([mine, theirs, other], frozenset({"a"}), 1) == [other]


@pytest.mark.parametrize(
    ("held", "wanted", "conflicts"),
    [
        ("exclusive", "exclusive", True),
        ("exclusive", "shared", True),
        ("shared", "exclusive", True),
        ("shared", "shared", False),
    ],
)
def test_the_compatibility_table(held: str, wanted: str, conflicts: bool) -> None:
    """RFC 4918 6.1."""
    one = lock(5, scope=held)
    assert locks.conflicting([one], wanted) == ([one] if conflicts else [])
    assert locks.conflicting([], wanted) == []


def test_locks_below_a_folder_are_found_at_any_depth(shelves: Shelves) -> None:
    outer = shelves.make("outer")
    inner = shelves.make("inner", folder=outer)
    shelves.put("a.txt", b"x", folder=inner)
    shelves.put("b.txt", b"x")
    below, beside = shelves.there("outer", "inner", "a.txt").resource_id, shelves.there("b.txt").resource_id
    on_inner, on_file, elsewhere = lock(inner.collection_id or 0), lock(below or 0), lock(beside or 0)
    add(shelves, on_inner, on_file, elsewhere)
    found = locks.below(shelves.reading, outer.collection_id or 0, NOW)
    assert {one.token for one in found} == {on_inner.token, on_file.token}
    shelves.delete("outer")
    shelves.sweeper.sweep()
    assert {one.token for one in locks.on(shelves.reading, [below or 0, inner.collection_id or 0], NOW)} == set()


def test_deleting_and_moving_end_the_locks(shelves: Shelves) -> None:
    """RFC 4918 7.7, 9.6: a lock does not go along."""
    folder = shelves.make("folder")
    for path in (("a.txt",), ("b.txt",)):
        shelves.put(path[-1], b"x")
    shelves.put("c.txt", b"x", folder=folder)
    ids = [shelves.there(*path).resource_id or 0 for path in (("a.txt",), ("b.txt",), ("folder", "c.txt"))]
    add(shelves, *(lock(resource_id) for resource_id in ids))
    shelves.delete("a.txt")
    shelves.move(("b.txt",), ("d.txt",))
    shelves.move(("folder",), ("folder2",))
    assert locks.on(shelves.reading, ids, NOW) == []


def test_a_lock_survives_a_restart_and_a_put(shelves: Shelves) -> None:
    shelves.put("a.txt", b"x")
    one = lock(shelves.there("a.txt").resource_id or 0)
    add(shelves, one)
    shelves.put("a.txt", b"y")
    again = Shelves(shelves.data, shelves.clock)
    assert locks.on(again.reading, [one.resource_id], NOW) == [one]
    again.close()
    assert ANNA.person_id == one.person_id
