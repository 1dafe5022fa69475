"""The scan and the sweeper: what they record, what they must not take for a change, what they clear away."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import disk
from appliance.store.ledger import member_at
from appliance.store.seen import Missing, Seen
from tests.store.shelves import ANNA, Shelves, TurnedClock, allow


def test_a_missing_marker_is_not_a_deletion_of_everything(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    shelves.path("a.txt").unlink()
    (shelves.data / "files" / disk.MARKER).unlink()
    with pytest.raises(errors.NotPossible):
        shelves.scan()
    assert member_at(shelves.reading, shelves.home.collection_id or 0, "a.txt") is not None


def test_a_scan_records_what_came_changed_and_went(shelves: Shelves) -> None:
    shelves.put("changed", b"one")
    shelves.put("gone", b"two")
    shelves.path("changed").write_bytes(b"three")
    shelves.path("gone").unlink()
    shelves.path("folder").mkdir()
    shelves.path("folder", "new").write_bytes(b"four")
    assert shelves.scan() == 4
    assert shelves.scan() == 0
    assert all(shelves.there(*path).is_known for path in [("changed",), ("folder",), ("folder", "new")])
    assert member_at(shelves.reading, shelves.home.collection_id or 0, "gone") is None


def test_a_hidden_file_is_served_and_not_recorded(shelves: Shelves) -> None:
    shelves.path("x.hidden").write_bytes(b"x")
    assert shelves.scan() == 0
    assert shelves.there("x.hidden").member is None


def test_a_file_becomes_a_folder_and_a_folder_a_file(shelves: Shelves) -> None:
    shelves.put("file", b"x")
    shelves.make("folder")
    shelves.path("file").unlink()
    shelves.path("file").mkdir()
    shelves.path("folder").rmdir()
    shelves.path("folder").write_bytes(b"y")
    assert shelves.scan() == 2
    assert shelves.there("file").is_folder and shelves.there("file").is_known
    assert not shelves.there("folder").is_folder and shelves.there("folder").is_known


def test_what_is_not_quiet_yet_waits(quick_disk: Path, clock: TurnedClock) -> None:
    shelves = Shelves(quick_disk, clock, now_ns=time.time_ns)
    shelves.path("a.txt").write_bytes(b"being written")
    assert shelves.scan() == 0
    assert shelves.observer.observe(("anna", "a.txt")) is False
    os.utime(shelves.path("a.txt"), ns=(0, 0))
    assert shelves.observer.observe(("anna", "a.txt")) is False, "the change time tells"
    shelves.close()


def looked(shelves: Shelves, path: tuple[str, ...], folder_fd: int, name: str) -> Seen:
    seen = shelves.observer._comparing().look(path, folder_fd, name)
    assert seen is not None
    return seen


def test_a_write_between_the_look_and_the_record_is_not_undone(shelves: Shelves) -> None:
    """The scan had seen a state, a PUT replaced it, and the scan then recorded the state it had seen as the newest."""
    shelves.path("a.txt").write_bytes(b"theirs")
    with shelves.files.disk.folder(("anna",)) as folder_fd:
        seen = looked(shelves, ("anna",), folder_fd, "a.txt")
        etag = shelves.put("a.txt", b"ours").etag
        assert shelves.observer._recorder.record([seen], Missing()) == [seen]
    assert shelves.there("a.txt").is_known
    assert shelves.etag("a.txt") == etag


def test_a_file_put_while_the_scan_missed_it_is_not_recorded_as_gone(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    shelves.path("a.txt").unlink()
    seen = Seen(("anna",), "a.txt")
    shelves.put("a.txt", b"two")
    assert shelves.observer._recorder.record([seen], Missing()) == [seen]
    assert shelves.there("a.txt").is_known


def test_folders_that_swap_places_during_a_scan_are_not_mixed_up(shelves: Shelves) -> None:
    one, other = shelves.make("one"), shelves.make("other")
    shelves.put("in one", b"1", folder=one)
    with shelves.files.disk.folder(one.path) as folder_fd:
        shelves.path("one", "new").write_bytes(b"x")
        seen = looked(shelves, one.path, folder_fd, "new")
        for source, target in (("one", "between"), ("other", "one"), ("between", "other")):
            shelves.move((source,), (target,))
        assert shelves.observer._recorder.record([seen], Missing()) == [seen]
    assert other.collection_id == shelves.folder("one").collection_id
    shelves.scan()
    assert shelves.there("other", "new").is_known and shelves.there("other", "in one").is_known


def test_a_deletion_seen_on_disk_says_where_the_octets_are(shelves: Shelves) -> None:
    """A DELETE that was cut between unlink and COMMIT has the octets in the store; the ledger must lead there."""
    shelves.put("a.txt", b"one")
    with shelves.files.disk.folder(("anna",)) as folder_fd:
        row = shelves.row_of(b"one")
        assert row is not None
        shelves.blobs.link_in("a.txt", folder_fd=folder_fd, digest=row.digest)
    shelves.path("a.txt").unlink()
    assert shelves.scan() == 1
    assert shelves.is_kept(b"one")


# --- what a cut left --------------------------------------------------------------------------------


def test_a_start_clears_away_what_was_being_written(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    for where in (shelves.path(), shelves.path("folder")):
        (where / disk.temporary_name()).write_bytes(b"half of an upload")
        copied = where / disk.temporary_name()
        (copied / "deep").mkdir(parents=True)
        (copied / "deep" / "x").write_bytes(b"half of a copy")
    shelves.scan()
    assert shelves.leftovers() == []
    assert shelves.there(folder.path[-1]).is_known


def test_a_scan_leaves_alone_what_is_being_written_now(quick_disk: Path, clock: TurnedClock) -> None:
    shelves = Shelves(quick_disk, clock, now_ns=lambda: 0)
    shelves.path(disk.temporary_name()).write_bytes(b"an upload on its way")
    shelves.scan()
    assert len(shelves.leftovers()) == 1
    shelves.close()


def test_a_deleted_folder_whose_deletion_never_committed_comes_back(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one", folder=folder)
    shelves.path("folder").rename(shelves.data / "aside" / f"{folder.collection_id}.abc")
    assert shelves.sweeper.sweep() == 0
    assert shelves.tree() == {("folder",): None, ("folder", "a.txt"): b"one"}
    assert shelves.scan() == 0


def test_a_folder_that_comes_back_to_a_taken_name_is_put_beside_it(shelves: Shelves) -> None:
    """The sweeper removed it with all its files, because something was at its place."""
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one", folder=folder)
    shelves.path("folder").rename(shelves.data / "aside" / f"{folder.collection_id}.abc")
    shelves.path("folder").mkdir()
    shelves.sweeper.sweep()
    assert shelves.tree() == {("folder",): None, ("folder (2)",): None, ("folder (2)", "a.txt"): b"one"}


def test_the_sweeper_leaves_alone_what_it_does_not_know(shelves: Shelves) -> None:
    strange = shelves.data / "aside" / "new.abc"
    strange.mkdir()
    (strange / "x").write_bytes(b"somebody's")
    shelves.sweeper.sweep()
    assert (strange / "x").read_bytes() == b"somebody's"


def test_the_sweeper_takes_in_what_came_behind_our_back_before_the_deletion(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("changed", b"one", folder=folder)
    shelves.path("folder", "changed").write_bytes(b"two")
    shelves.path("folder", "inner").mkdir()
    shelves.path("folder", "inner", "new").write_bytes(b"three")
    shelves.delete("folder")
    assert shelves.sweeper.sweep() == 2
    assert shelves.is_kept(b"two") and shelves.is_kept(b"three")
    assert shelves.tree() == {}


def test_a_file_that_no_row_can_name_outlives_the_deletion_of_its_folder(shelves: Shelves) -> None:
    """The sweeper removed files whose names are no UTF-8 together with the folder: nobody had their octets any more."""
    folder = shelves.make("folder")
    shelves.put("named", b"one", folder=folder)
    inner = shelves.path("folder", "inner")
    inner.mkdir()
    odd = os.fsencode(inner) + b"/caf\xe9.jpg"
    with open(odd, "wb") as file:
        file.write(b"two")
    shelves.delete("folder")
    for _ in range(2):
        shelves.sweeper.sweep()
    kept = [path for path in (shelves.data / "aside").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"two"]
    assert shelves.is_kept(b"one")


def test_a_folder_the_ledger_has_not_seen_is_recorded_before_it_is_deleted(shelves: Shelves) -> None:
    shelves.path("folder").mkdir()
    shelves.path("folder", "a.txt").write_bytes(b"one")
    shelves.writer.delete(ANNA, shelves.home, "folder", check=allow)
    shelves.sweeper.sweep()
    assert shelves.is_kept(b"one")
