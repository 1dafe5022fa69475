"""What one act wrote in several rows is told in one line."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from appliance.history.folding import Line, fold
from appliance.store import objects, queries
from appliance.store.happened import Event
from appliance.store.ledger import Author
from appliance.store.summaries import batch_summary
from appliance.store.timelines import Scope, Timeline
from tests.store.histories import FileHistory
from tests.store.shelves import Shelves, TurnedClock, quick_folder

THE_OTHER_PHONE = Author(1, 6)


def lines(shelves: Shelves, scope: Scope | None = None, *, after: int = 0) -> list[Line]:
    chosen = scope or Scope()
    with shelves.database.read() as reading:
        timeline = Timeline(reading, chosen, after_seq=after)
        of_one = bool(chosen.resources)
        return list(fold(timeline, lambda id_: batch_summary(reading, id_), skip=timeline.skip, of_one=of_one))


def told(found: list[Line]) -> list[str]:
    """Each line in short: `put a.txt`, `delete* folder` for a whole batch."""
    events = [(line.event, "*" if line.whole else "") for line in found if isinstance(line.event, Event)]
    return [f"{event.op}{star} {event.name}" for event, star in events]


@pytest.fixture
def start(shelves: Shelves) -> int:
    """The seq before what a test does."""
    shelves.put("a.txt", b"one")
    shelves.put("inner.txt", b"two", folder=shelves.make("folder"))
    shelves.clock.turn(timedelta(hours=3))
    return queries.newest_seq(shelves.reading)


def test_the_two_rows_of_a_move_are_one_line(shelves: Shelves, start: int) -> None:
    shelves.move(("a.txt",), ("folder", "b.txt"))
    assert told(lines(shelves, after=start)) == ["move b.txt"]


def test_a_move_is_seen_from_either_side(shelves: Shelves, start: int) -> None:
    folder = shelves.there("folder").resource_id
    assert folder is not None
    shelves.move(("a.txt",), ("folder", "b.txt"))
    assert told(lines(shelves, Scope(collections=(folder,)), after=start)) == ["move b.txt"]
    shelves.move(("folder", "b.txt"), ("c.txt",))
    found = lines(shelves, Scope(collections=(folder,)), after=start)
    assert told(found) == ["leave b.txt", "move b.txt"]
    assert isinstance(found[0].event, Event)
    assert (found[0].event.to_name, found[0].event.to_collection_id) == ("c.txt", shelves.home.collection_id)


def test_an_empty_file_that_is_filled_at_once_is_one_line(shelves: Shelves, start: int) -> None:
    shelves.put("new.txt", b"")
    shelves.clock.turn(timedelta(seconds=59))
    shelves.put("new.txt", b"content")
    (line,) = lines(shelves, after=start)
    assert isinstance(line.event, Event)
    assert (line.event.op, line.event.size, line.event.was_first) == ("put", 7, 1)


def test_what_is_set_on_an_empty_file_in_between_belongs_to_it(shelves: Shelves, start: int) -> None:
    shelves.put("new.txt", b"")
    with shelves.ledger.write(Author(1, 5)) as page:
        member = queries.members_named(page.writing.connection, shelves.home.collection_id or 0)[-1]
        assert member.name == "new.txt"
        page.props(member)
    shelves.put("new.txt", b"content")
    assert told(lines(shelves, after=start)) == ["put new.txt"]


@pytest.mark.parametrize("after", [61, 3600], ids=["a-minute-later", "an-hour-later"])
def test_an_empty_file_that_stayed_empty_is_told(shelves: Shelves, start: int, after: int) -> None:
    shelves.put("new.txt", b"")
    shelves.clock.turn(timedelta(seconds=after))
    shelves.put("new.txt", b"content")
    assert told(lines(shelves, after=start)) == ["put new.txt", "put new.txt"]


def test_an_empty_file_that_was_deleted_before_it_was_filled_is_told(shelves: Shelves, start: int) -> None:
    shelves.put("new.txt", b"")
    shelves.delete("new.txt")
    shelves.put("new.txt", b"content")
    assert told(lines(shelves, after=start)) == ["put new.txt", "delete new.txt", "put new.txt"]


def test_a_file_that_was_emptied_is_told(shelves: Shelves, start: int) -> None:
    shelves.put("a.txt", b"")
    shelves.put("a.txt", b"more")
    (line,) = lines(shelves, after=start)
    assert isinstance(line.event, Event)
    assert line.event.was_first == 0, "it is a change of what was there, not a new file"


def test_an_upload_under_another_name_is_one_line(shelves: Shelves, start: int) -> None:
    shelves.put("a.txt.part", b"half")
    shelves.put("a.txt.part", b"whole")
    shelves.move(("a.txt.part",), ("a.txt",))
    assert told(lines(shelves, after=start)) == ["put a.txt"]
    resource = shelves.there("a.txt").resource_id
    assert resource is not None
    assert told(lines(shelves, Scope(resources=(resource,)))) == ["put a.txt", "put a.txt"]


def test_two_uploads_under_one_name_are_two_lines(shelves: Shelves, start: int) -> None:
    for _ in range(2):
        shelves.put("x.part", b"whole")
        shelves.move(("x.part",), ("a.txt",))
        shelves.put("a.txt", b"in between")
    assert told(lines(shelves, after=start)) == ["put a.txt"] * 4


def test_a_folder_and_what_was_in_it_are_one_line(shelves: Shelves, start: int) -> None:
    shelves.put("second.txt", b"3", folder=shelves.folder("folder"))
    shelves.delete("folder")
    shelves.sweeper.sweep()
    found = lines(shelves, after=start)
    assert [(line.event.op, line.whole) for line in found if isinstance(line.event, Event)] == [
        ("delete", True),
        ("put", False),
    ]
    batch = found[0].batch
    assert batch is not None and batch.root is not None
    assert (batch.kind, batch.root.name, batch.counts) == (
        "delete", "folder", {("delete", "file"): 2, ("delete", "folder"): 1},
    )  # fmt: skip


def test_the_history_of_one_thing_in_a_batch_is_its_own(shelves: Shelves, start: int) -> None:
    resource = shelves.there("folder", "inner.txt").resource_id
    assert resource is not None
    shelves.delete("folder")
    shelves.sweeper.sweep()
    found = lines(shelves, Scope(resources=(resource,)))
    assert told(found) == ["delete inner.txt", "put inner.txt"]
    assert found[0].batch is not None and found[0].batch.resources == 2


def test_a_move_over_another_is_one_line(shelves: Shelves, start: int) -> None:
    shelves.move(("a.txt",), ("folder", "inner.txt"), author=THE_OTHER_PHONE)
    found = lines(shelves, after=start)
    assert told(found) == ["move* inner.txt"]
    assert found[0].batch is not None and found[0].batch.root is not None
    assert (found[0].batch.root.op, found[0].batch.root.was_name) == ("move", "a.txt")


def test_a_card_that_is_moved_stays_one_line(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"one", "A")
    transfer = objects.Transfer(shelves.book, "a.vcf", shelves.second_book, "b.vcf", overwrite=False)
    objects.move(shelves.ledger, Author(1, 5), transfer, check=lambda *_: None)
    assert told(lines(shelves, Scope(devices=(5,)))) == ["move b.vcf", "put a.vcf"]


@pytest.mark.parametrize("seed", range(6))
def test_every_row_is_told_once_or_with_another(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        FileHistory(shelves, random.Random(seed)).run(60)
        found = lines(shelves)
        seqs = [line.event.seq for line in found if isinstance(line.event, Event)]
        assert seqs == sorted(set(seqs), reverse=True)
        untold = shelves.reading.execute("SELECT seq, op, batch_id, resource_id, size FROM version").fetchall()
        batches = {line.batch.id for line in found if line.whole and line.batch is not None}
        uploads = {row["resource_id"] for row in untold if row["op"] == "merged"}
        for row in untold:
            with_another = (
                row["seq"] in seqs or row["batch_id"] in batches or row["op"] == "leave" or row["size"] == 0
                or row["resource_id"] in uploads
            )  # fmt: skip
            assert with_another, tuple(row)
        shelves.close()
