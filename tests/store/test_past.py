"""The past, asked by name, by resource and as a tree, against models that keep every state."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from datetime import timedelta

import pytest

from appliance import errors
from appliance.store import collections, moments, mounts, past, past_bodies, queries
from appliance.store.bodies import Bodies
from appliance.store.ledger import COLLECTION_KINDS
from tests.store.histories import CardHistory, FileHistory, Tree
from tests.store.shelves import ANNA, Shelves, TurnedClock, digest_of, quick_folder


@pytest.fixture(scope="module", params=range(2))
def files(request: pytest.FixtureRequest) -> Iterator[FileHistory]:
    with quick_folder() as folder:
        history = FileHistory(Shelves(folder, TurnedClock()), random.Random(request.param))
        history.run(60)
        yield history
        history.shelves.close()


def test_every_tree_is_walked_as_it_was(files: FileHistory) -> None:
    home = files.shelves.home.collection_id or 0
    for seq, tree in files.states.items():
        assert walked_by_past(files.shelves, home, seq) == {
            path: None if body is None else files.shelves.row_of(body).digest  # type: ignore[union-attr]
            for path, body in tree.items()
        }, seq


def walked_by_past(shelves: Shelves, home: int, seq: int) -> Tree:
    names: dict[int, tuple[str, ...]] = {home: ()}
    found: Tree = {}
    for member in past.subtree_at(shelves.reading, home, seq):
        path = (*names[member.collection_id], member.name)
        if member.kind in COLLECTION_KINDS:
            names[member.resource_id] = path
        found[path] = None if member.kind in COLLECTION_KINDS else digest_of(shelves.reading, member)
    return found


def test_every_path_leads_to_what_was_there(files: FileHistory) -> None:
    paths = {path for tree in files.states.values() for path in tree}
    for seq, tree in list(files.states.items())[::3]:
        for path in paths:
            if path not in tree:
                with pytest.raises(errors.NotFound):
                    past.locate(files.shelves.reading, ("files", "anna", *path), seq=seq)
                continue
            found = past.locate(files.shelves.reading, ("files", "anna", *path), seq=seq)
            assert (found.kind == "folder") == (tree[path] is None)
            assert past.member_of_at(files.shelves.reading, found.resource_id, seq) == found


def test_both_halves_of_a_collections_rows_say_the_same() -> None:
    with quick_folder() as folder:
        cards = CardHistory(Shelves(folder, TurnedClock()), random.Random(7))
        cards.run(120)
        reading = cards.shelves.reading
        for seq in cards.states:
            for book in (cards.shelves.book, cards.shelves.second_book):
                members = past.members_at(reading, book, seq)
                assert members == sorted(queries.state_at(reading, book, seq), key=lambda member: member.name)
                assert all(past.member_named_at(reading, book, one.name, seq) == one for one in members)
        cards.shelves.close()


def test_what_is_gone_is_found_by_its_last_address(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one", folder=shelves.make("trip"))
    gone = past.locate(shelves.reading, ("files", "anna", "trip", "a.txt"), seq=None)
    shelves.delete("trip")
    shelves.sweeper.sweep()
    with pytest.raises(errors.NotFound):
        past.locate(shelves.reading, ("files", "anna", "trip", "a.txt"), seq=None)
    assert past.last_at(shelves.reading, ("files", "anna", "trip", "a.txt")).resource_id == gone.resource_id
    with pytest.raises(errors.NotFound):
        past.last_at(shelves.reading, ("files", "anna", "trip", "b.txt"))


def test_a_name_is_found_in_the_form_that_apple_sends(shelves: Shelves) -> None:
    shelves.put("가족.txt", b"one")
    seq = queries.newest_seq(shelves.reading)
    shelves.delete("가족.txt")
    sent = unicodedata.normalize("NFD", "가족.txt")
    assert past.locate(shelves.reading, ("files", "anna", sent), seq=seq).name == "가족.txt"
    assert past.last_at(shelves.reading, ("files", "anna", sent)).name == "가족.txt"


def test_properties_and_mounts_are_those_of_the_moment(shelves: Shelves) -> None:
    reading = shelves.reading
    book = past.locate(reading, ("addressbooks", "anna", "contacts"), seq=None)
    home = book.collection_id
    with shelves.ledger.write(ANNA) as page:
        collections.set_properties(page, book, [("{x}colour", "<red/>")])
        mount_id = mounts.add(page, home, "shared", shelves.second_book, "read")
    then = queries.newest_seq(reading)
    with shelves.ledger.write(ANNA) as page:
        collections.set_properties(page, book, [("{x}colour", None)])
        member = past.member_of_at(page.writing.connection, mount_id, then)
        assert member is not None
        mounts.remove(page, member)
    assert past.properties_at(reading, book.resource_id, then) == {"{x}colour": "<red/>"}
    assert past.properties_of(reading, [home, book.resource_id], then) == {book.resource_id: {"{x}colour": "<red/>"}}
    assert past.properties_at(reading, book.resource_id, queries.newest_seq(reading)) == {}
    shown = past.mount_at(reading, mount_id, then)
    assert shown is not None
    assert (shown.target_id, shown.access) == (shelves.second_book, "read")
    assert past.mount_at(reading, mount_id, queries.newest_seq(reading)) is None


def test_a_collection_belongs_where_it_is_and_a_dead_one_where_it_was(shelves: Shelves) -> None:
    reading = shelves.reading
    shelves.make("inner", folder=shelves.make("trip"))
    inner = past.locate(reading, ("files", "anna", "trip", "inner"), seq=None)
    trip, home = inner.collection_id, shelves.home.collection_id
    assert [(each.id, each.alive) for each in past.ancestry(reading, inner.resource_id)] == [
        (inner.resource_id, True), (trip, True), (home, True),
    ]  # fmt: skip
    then = queries.newest_seq(reading)
    shelves.delete("trip")
    shelves.sweeper.sweep()
    assert [(each.id, each.alive) for each in past.ancestry(reading, inner.resource_id)] == [
        (inner.resource_id, False), (trip, False), (home, True),
    ]  # fmt: skip
    now = queries.newest_seq(reading)
    assert [past.is_there_at(reading, inner.resource_id, seq) for seq in (1, then, then + 1, now)] == [
        False, True, False, False,
    ]  # fmt: skip


def test_what_waits_for_the_sweep_is_known(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one", folder=shelves.make("trip"))
    member = past.locate(shelves.reading, ("files", "anna", "trip", "a.txt"), seq=None)
    assert not past.is_being_swept(shelves.reading, member.resource_id)
    shelves.delete("trip")
    assert past.is_being_swept(shelves.reading, member.resource_id)
    shelves.sweeper.sweep()
    assert not past.is_being_swept(shelves.reading, member.resource_id)


def test_one_row_is_one_version_of_its_resource_only(shelves: Shelves) -> None:
    reading = shelves.reading
    for body in (b"one", b"two"):
        shelves.put("a.txt", body)
    member = past.locate(reading, ("files", "anna", "a.txt"), seq=None)
    shelves.delete("a.txt")
    rows = reading.execute("SELECT seq FROM version WHERE resource_id = ? ORDER BY seq", (member.resource_id,))
    found = [past.version_at(reading, member.resource_id, row["seq"]) for row in rows.fetchall()]
    assert [version and version.size for version in found] == [3, 3, None]
    assert past.version_at(reading, member.collection_id, member.seq) is None
    assert past.changed_at(reading, member.collection_id, member.seq) is not None
    assert past.changed_at(reading, member.collection_id, 0) is None


def test_bodies_come_in_the_order_asked_wherever_they_lie(shelves: Shelves) -> None:
    reading = shelves.reading
    bodies = {f"{number}.vcf": b"x" * number for number in (10, 70_000, 20)} | {"none.vcf": b"gone"}
    for name, body in bodies.items():
        shelves.put_card(name, body, None)
    members = past.members_at(reading, shelves.book, queries.newest_seq(reading)) * 40
    thinned = next(member for member in members if member.name == "none.vcf")
    with shelves.ledger.database.write() as writing:
        writing.execute("UPDATE content SET place = 'none', body = NULL WHERE id = ?", (thinned.content_id,))
    found = list(past_bodies.octets_of(reading, Bodies(shelves.files), members))
    assert [member for member, _ in found] == members
    assert all(body == (None if member == thinned else bodies[member.name]) for member, body in found)
    assert list(past_bodies.octets_of(reading, Bodies(shelves.files), [])) == []


def test_facts_and_properties_of_many_are_asked_in_slices(shelves: Shelves) -> None:
    reading = shelves.reading
    with shelves.ledger.write(ANNA) as page:
        book = past.locate(reading, ("addressbooks", "anna", "contacts"), seq=None)
        collections.set_properties(page, book, [("{x}colour", "<red/>")])
    seq, other = queries.newest_seq(reading), past.SLICE * 2 + 1
    ids = [*range(10_000, 10_000 + other), book.resource_id]
    assert past.properties_of(reading, ids, seq) == {book.resource_id: {"{x}colour": "<red/>"}}
    assert past.properties_of(reading, ids, seq - 1) == {}
    assert past.properties_of(reading, [], seq) == {}
    shelves.put_card("a.vcf", b"x", None)
    member = past.members_at(reading, shelves.book, queries.newest_seq(reading))[0]
    assert member.content_id is not None
    found = past_bodies.facts_of(reading, [*range(10_000, 10_000 + other), member.content_id])
    assert list(found) == [member.content_id]
    with shelves.ledger.database.write() as writing:
        writing.execute("UPDATE fact SET reader = reader - 1")
    assert past_bodies.facts_of(reading, [member.content_id]) == {}, "an older reader may have misread it"


def test_a_moment_is_the_last_row_up_to_it(shelves: Shelves, clock: TurnedClock) -> None:
    written = {}
    for number in range(40):
        clock.turn(timedelta(seconds=number % 5))
        shelves.put(f"{number}.txt", b"x%d" % number)
        written[queries.newest_seq(shelves.reading)] = clock.now()
    for at in written.values():
        last = max(seq for seq, other in written.items() if other <= at)
        assert moments.seq_at(shelves.reading, at, now=clock.now()) == last


def test_a_moment_after_the_clock_stepped_back_is_that_of_the_newest_stretch(
    shelves: Shelves, clock: TurnedClock
) -> None:
    shelves.put("a.txt", b"one")
    clock.turn(timedelta(days=-365))
    shelves.put("b.txt", b"two")
    second = queries.newest_seq(shelves.reading)
    clock.turn(timedelta(hours=1))
    assert moments.seq_at(shelves.reading, clock.now(), now=clock.now()) == second


def test_the_future_and_the_time_before_everything_are_said_so(shelves: Shelves, clock: TurnedClock) -> None:
    with pytest.raises(errors.NotFound, match="not come yet"):
        moments.seq_at(shelves.reading, clock.now() + timedelta(seconds=1), now=clock.now())
    with pytest.raises(errors.NotFound, match="before everything"):
        moments.seq_at(shelves.reading, clock.now() - timedelta(days=9999), now=clock.now())
