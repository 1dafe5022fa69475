"""What the sweeper writes is signed by who deleted the folder, in the batch of the DELETE, and written once."""

from __future__ import annotations

import threading
from pathlib import Path

from appliance.store import rebuild
from tests.serving import PATIENCE_SECONDS
from tests.store.power import cuts
from tests.store.shelves import ANNA, Shelves


def a_folder(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("one.txt", b"one", folder=folder)
    inner = shelves.make("inner", folder=folder)
    shelves.put("two.txt", b"two", folder=inner)
    shelves.make("empty", folder=inner)


def delete_and_sweep(shelves: Shelves) -> None:
    shelves.delete("folder")
    shelves.sweeper.sweep()


def endings(shelves: Shelves) -> list[tuple[str, int | None, int | None]]:
    """(name, device, batch) of each end, in the ledger's order."""
    rows = shelves.reading.execute("SELECT name, device_id, batch_id FROM version WHERE alive = 0 ORDER BY seq")
    return [tuple(row) for row in rows.fetchall()]


def test_the_rows_of_a_deleted_folder_are_one_batch_of_its_deleter(shelves: Shelves) -> None:
    a_folder(shelves)
    delete_and_sweep(shelves)
    batch = shelves.reading.execute("SELECT id, kind, device_id, state, first_seq, last_seq FROM batch").fetchone()
    assert (batch["kind"], batch["device_id"], batch["state"]) == ("delete", ANNA.device_id, "done")
    ended = endings(shelves)
    assert sorted(name for name, _, _ in ended) == ["empty", "folder", "inner", "one.txt", "two.txt"]
    assert {row[1:] for row in ended} == {(ANNA.device_id, batch["id"])}
    first, last = shelves.reading.execute("SELECT min(seq), max(seq) FROM version WHERE alive = 0").fetchone()
    assert (batch["first_seq"], batch["last_seq"]) == (first, last)


def test_an_empty_folder_and_a_file_are_no_batch(shelves: Shelves) -> None:
    shelves.make("folder")
    shelves.put("one.txt", b"one")
    shelves.delete("folder")
    shelves.delete("one.txt")
    shelves.sweeper.sweep()
    assert {row[2] for row in endings(shelves)} == {None}


def test_what_changed_behind_our_back_before_the_delete_is_the_disks(shelves: Shelves) -> None:
    a_folder(shelves)
    shelves.path("folder", "one.txt").write_bytes(b"theirs")
    delete_and_sweep(shelves)
    rows = shelves.reading.execute("SELECT op, device_id, batch_id FROM version WHERE name = 'one.txt' ORDER BY seq")
    (batch_id,) = shelves.reading.execute("SELECT id FROM batch").fetchone()
    assert [tuple(row) for row in rows] == [
        ("put", ANNA.device_id, None), ("observe", None, None), ("delete", ANNA.device_id, batch_id),
    ]  # fmt: skip
    assert shelves.is_kept(b"theirs")


def test_a_folder_that_vanished_behind_our_back_is_ended_with_all_below(shelves: Shelves) -> None:
    a_folder(shelves)
    for path in (("inner", "empty"), ("inner", "two.txt"), ("inner",), ("one.txt",), ()):
        gone = shelves.path("folder", *path)
        gone.rmdir() if gone.is_dir() else gone.unlink()
    shelves.scan()
    shelves.sweeper.sweep()
    assert shelves.reading.execute("SELECT count(*) FROM resource WHERE alive = 1 AND kind = 'file'").fetchone()[0] == 0
    assert {row[1:] for row in endings(shelves)} == {(None, 1)}, "the disk's, and one act"
    assert rebuild.differences(shelves.reading) == []


def test_a_cut_of_power_leaves_no_row_twice(quick_disk: Path) -> None:
    for step, _, shelves in cuts(quick_disk, a_folder, delete_and_sweep):
        shelves.sweeper.sweep()
        if shelves.entry("folder") is None:
            names = sorted(name for name, _, _ in endings(shelves))
            assert names == ["empty", "folder", "inner", "one.txt", "two.txt"], step
        assert shelves.reading.execute("SELECT count(*) FROM version WHERE op = 'observe'").fetchone()[0] == 0, step


def test_two_sweepers_take_turns(shelves: Shelves) -> None:
    a_folder(shelves)
    shelves.delete("folder")
    counts: list[int] = []

    def sweep() -> None:
        counts.append(shelves.sweeper.sweep())
        shelves.database.close_thread()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert sorted(counts) == [0, 0, 0, 2]
