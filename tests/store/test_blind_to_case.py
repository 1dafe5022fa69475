"""Names that differ only in letter case or form, on a disk that takes them for the same: nothing overwrites another."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import errors
from appliance.store import batches, disk, queries, rebuild
from appliance.store.bodies import Bodies
from appliance.store.ledger import Member
from appliance.store.placing import Home, Wanted, standing_of
from appliance.store.placing_files import FilePlacer
from tests.store.blind_disks import exfat
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder


@pytest.fixture(scope="module")
def blind_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with exfat(tmp_path_factory.mktemp("blind")) as place:
        yield place


@pytest.fixture
def blind(blind_disk: Path, tmp_path: Path) -> Iterator[Shelves]:
    """A data folder on such a disk, with a photo and a folder."""
    data = blind_disk / tmp_path.name
    data.mkdir()
    opened = Shelves(data, TurnedClock())
    opened.scan()
    opened.put("photo.jpg", b"the first")
    opened.make("trip")
    opened.put("a.txt", b"in the trip", folder=opened.folder("trip"))
    yield opened
    opened.close()


def member(shelves: Shelves, *path: str) -> Member:
    found = shelves.there(*path).member
    assert found is not None
    return found


def restore_beside(shelves: Shelves) -> None:
    """Bring a deleted `b.txt` back under a name that the photo has in other letters."""
    shelves.put("b.txt", b"of the past")
    was = member(shelves, "b.txt")
    shelves.delete("b.txt")
    home_id = shelves.home.collection_id
    assert home_id is not None
    wanted = Wanted(
        was.resource_id, "file", standing_of(shelves.reading, was.resource_id).seq, True, Home(home_id, "Photo.JPG")
    )
    with shelves.ledger.write(ANNA) as page:
        batch_id = batches.begin(page, "restore")
    placer = FilePlacer(shelves.writer, Bodies(shelves.files), shelves.sweeper)
    placer.place(ANNA, wanted, batch_id=batch_id, check=lambda *_: None)


WRITES: dict[str, Callable[[Shelves], object]] = {
    "a new file": lambda s: s.put("Photo.JPG", b"another"),
    "a file over a folder": lambda s: s.put("TRIP", b"another"),
    "a new folder": lambda s: s.make("Trip"),
    "a folder over a file": lambda s: s.make("PHOTO.jpg"),
    "a file moved": lambda s: s.move(("trip", "a.txt"), ("Photo.JPG",)),
    "a folder moved": lambda s: s.move(("trip",), ("Photo.JPG",)),
    "a file copied": lambda s: s.copy(("trip", "a.txt"), ("Photo.JPG",)),
    "a file copied onto itself": lambda s: s.copy(("photo.jpg",), ("PHOTO.JPG",)),
    "a folder copied": lambda s: s.copy(("trip",), ("TRIP",)),
    "a file restored": restore_beside,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_takes_a_name_that_another_has_in_other_letters(
    blind: Shelves, write: Callable[[Shelves], object]
) -> None:
    tree = blind.tree()
    with pytest.raises(errors.NameTaken, match="for the same name"):
        write(blind)
    assert blind.tree() == tree
    assert blind.leftovers() == []
    assert blind.scan() == 0
    assert rebuild.differences(blind.reading) == []


def test_where_case_counts_both_lie_side_by_side(shelves: Shelves) -> None:
    shelves.put("photo.jpg", b"the first")
    shelves.put("Photo.JPG", b"another")
    assert shelves.tree() == {("photo.jpg",): b"the first", ("Photo.JPG",): b"another"}


def test_names_are_exact_for_readers_too(blind: Shelves) -> None:
    assert blind.entry("Photo.JPG") is None
    assert blind.entry("TRIP") is None
    assert blind.there("photo.jpg").is_known
    with pytest.raises(errors.NotFound):
        blind.delete("PHOTO.JPG")
    assert [entry.name for entry in blind.files.entries(blind.home)] == ["photo.jpg", "trip"]


def test_its_own_name_may_change_in_its_letters(blind: Shelves) -> None:
    photo, trip = member(blind, "photo.jpg"), member(blind, "trip")
    blind.move(("photo.jpg",), ("Photo.JPG",))
    blind.move(("trip",), ("Trip",))
    assert blind.tree() == {("Photo.JPG",): b"the first", ("Trip",): None, ("Trip", "a.txt"): b"in the trip"}
    assert member(blind, "Photo.JPG").resource_id == photo.resource_id
    assert member(blind, "Trip").resource_id == trip.resource_id
    assert blind.scan() == 0


@pytest.mark.parametrize("by_hints", [True, False], ids=["hints", "scan"])
def test_other_letters_behind_our_back_are_a_move(blind: Shelves, by_hints: bool) -> None:
    photo, newest = member(blind, "photo.jpg"), queries.newest_seq(blind.reading)
    blind.path("photo.jpg").rename(blind.path("Photo.JPG"))
    if by_hints:
        blind.observer.observe_all([("anna", "photo.jpg"), ("anna", "Photo.JPG")])
    else:
        blind.scan()
    assert member(blind, "Photo.JPG").resource_id == photo.resource_id
    rows = blind.reading.execute("SELECT op FROM version WHERE seq > ?", (newest,)).fetchall()
    assert [row["op"] for row in rows] == ["leave", "move"]


def test_a_change_that_is_told_in_other_letters_is_one_of_the_same_file(blind: Shelves) -> None:
    photo = member(blind, "photo.jpg")
    blind.path("photo.jpg").write_bytes(b"the second, longer")
    blind.observer.observe_all([("anna", "PHOTO.JPG")])
    now = member(blind, "photo.jpg")
    assert (now.resource_id, now.size) == (photo.resource_id, 18)
    assert now.body_seq > photo.body_seq
    assert [entry.name for entry in blind.files.entries(blind.home)] == ["photo.jpg", "trip"]


# --- which name is meant ------------------------------------------------------------------------------

LETTERS = "aAäÄéÉжЖωΩıIßŉǅ1 .가한-"
spellings = st.text(st.sampled_from(LETTERS), min_size=1, max_size=8).filter(lambda name: name.strip(" .") == name)


def in_other_letters(name: str, choices: list[bool], form: Literal["NFC", "NFD"]) -> str:
    """The same name with some of its letters in the other case, in either form."""
    changed = [letter.swapcase() if choice else letter for letter, choice in itertools.zip_longest(name, choices)]
    return unicodedata.normalize(form, "".join(changed))


@contextmanager
def listing(place: Path, name: str) -> Iterator[int]:
    """A folder in which one name is, open."""
    folder = Path(tempfile.mkdtemp(dir=place))
    (folder / name).touch()
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        shutil.rmtree(folder)


@given(name=spellings, choices=st.lists(st.booleans(), min_size=8, max_size=8), form=st.sampled_from(["NFC", "NFD"]))
def test_what_is_found_in_other_letters_is_told_from_what_is_there(
    blind_disk: Path, name: str, choices: list[bool], form: Literal["NFC", "NFD"]
) -> None:
    other = in_other_letters(name, choices[: len(name)], form)
    with listing(blind_disk, name) as folder_fd:
        assert disk.listed_name(folder_fd, name) == name
        disk.require_distinct(folder_fd, name)
        if other == name or not Path(f"/proc/self/fd/{folder_fd}", other).exists():
            disk.require_distinct(folder_fd, f"{other}.")
            return
        assert disk.listed_name(folder_fd, other) == name
        with pytest.raises(errors.NameTaken):
            disk.require_distinct(folder_fd, other)


@given(name=spellings, choices=st.lists(st.booleans(), min_size=8, max_size=8), form=st.sampled_from(["NFC", "NFD"]))
def test_where_letters_count_every_name_is_its_own(name: str, choices: list[bool], form: Literal["NFC", "NFD"]) -> None:
    other = in_other_letters(name, choices[: len(name)], form)
    with quick_folder() as place, listing(place, name) as folder_fd:
        disk.require_distinct(folder_fd, other)
        os.close(os.open(other, os.O_CREAT | os.O_WRONLY, dir_fd=folder_fd))
        assert [disk.listed_name(folder_fd, each) for each in (name, other)] == [name, other]
