"""Clones where the file system has them, chunks and guards where it has none: on Btrfs, XFS and ext4 themselves."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store import clones, content
from appliance.store.bodies import Bodies
from tests.loops import CLONING, MAKERS, MIB, mounted, used_bytes
from tests.store.histories import FileHistory
from tests.store.shelves import Shelves, TurnedClock
from tests.store.test_covering import cover, marked_wrongly, place_of, replace, whole

SMALL = b"a small file"
LARGE = random.Random(5).randbytes(24 * MIB)


@pytest.fixture(params=MAKERS)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Shelves]]:
    """A data folder on a file system of each kind."""
    with mounted(request.param, tmp_path) as place:
        shelves = Shelves(place, TurnedClock())
        yield request.param, shelves
        shelves.close()


def test_whether_a_file_system_clones_is_found_out_by_cloning(shelf: tuple[str, Shelves], tmp_path: Path) -> None:
    kind, shelves = shelf
    assert clones.can_clone(shelves.data / "files", shelves.data / "store") is (kind in CLONING)
    assert not clones.can_clone(shelves.data / "files", tmp_path)  # another disk
    assert [path for path in (shelves.data / "store").iterdir() if path.is_file()] == []
    assert shelves.leftovers() == []


def test_a_large_file_is_cloned_for_nothing_or_guarded(shelf: tuple[str, Shelves]) -> None:
    kind, shelves = shelf
    shelves.put("small.txt", SMALL)
    shelves.put("large.bin", LARGE)
    before = used_bytes(shelves.data)
    cover(shelves)
    assert place_of(shelves, SMALL) == "row"
    assert place_of(shelves, LARGE) == ("clone" if kind in CLONING else "live")
    assert used_bytes(shelves.data) - before < 8 * MIB
    assert whole(shelves, LARGE) == LARGE


def test_what_was_cloned_survives_a_change_in_place(shelf: tuple[str, Shelves]) -> None:
    kind, shelves = shelf
    shelves.put("large.bin", LARGE)
    cover(shelves)
    with shelves.path("large.bin").open("r+b") as file:
        file.seek(MIB)
        file.write(b"spoilt")
    shelves.scan()
    assert place_of(shelves, LARGE) == ("clone" if kind in CLONING else "none")
    if kind in CLONING:
        assert whole(shelves, LARGE) == LARGE


def test_a_rename_over_it_loses_a_file_nowhere(shelf: tuple[str, Shelves]) -> None:
    _, shelves = shelf
    shelves.put("large.bin", LARGE)
    cover(shelves)
    replace(shelves.path("large.bin"), b"another")
    shelves.scan()
    assert whole(shelves, LARGE) == LARGE


def test_an_old_version_comes_back_for_nothing_where_files_clone(shelf: tuple[str, Shelves]) -> None:
    kind, shelves = shelf
    shelves.put("large.bin", LARGE)
    cover(shelves)
    shelves.put("large.bin", b"new")
    row = shelves.row_of(LARGE)
    assert row is not None
    before = used_bytes(shelves.data)
    folder_fd = os.open(shelves.path(), os.O_RDONLY)
    Bodies(shelves.files).write_to(shelves.reading, row.id, folder_fd, "again.bin")
    os.close(folder_fd)
    assert shelves.path("again.bin").read_bytes() == LARGE
    grown = used_bytes(shelves.data) - before
    assert grown < 4 * MIB if kind in CLONING else grown > 20 * MIB


def test_any_history_is_covered_on_any_file_system(shelf: tuple[str, Shelves]) -> None:
    _, shelves = shelf
    history = FileHistory(shelves, random.Random(11))
    history.run(40)
    cover(shelves)
    assert shelves.tree() == history.tree
    assert marked_wrongly(shelves) == []
    for row in shelves.reading.execute("SELECT id, digest FROM content WHERE place <> 'none'").fetchall():
        body = Bodies(shelves.files).whole(shelves.reading, row["id"])
        assert content.digest_of(body) == row["digest"]
