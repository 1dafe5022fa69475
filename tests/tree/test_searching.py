"""Search by name: here and everywhere below, in what others show, and never further than is bearable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from appliance.tree.folder import FolderNode
from appliance.tree.searching import search
from tests.history.rooms import Rooms
from tests.store.shelves import quick_folder


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        opened.make("files/anna/trip").make("files/anna/trip/day")
        opened.put("files/anna/trip/day/tree.jpg", b"x").put("files/anna/tree.txt", b"x").put("files/anna/a.txt", b"x")
        yield opened
        opened.close()


def folder(rooms: Rooms, *names: str) -> FolderNode:
    return cast("FolderNode", rooms.site().find(("files", *names)))


def test_what_is_nearer_comes_first(rooms: Rooms) -> None:
    found = search(rooms.reading, folder(rooms, "anna"), lambda name: "tree" in name or name == "day")
    assert ["/".join(hit.address) for hit in found.hits] == [
        "files/anna/tree.txt", "files/anna/trip/day", "files/anna/trip/day/tree.jpg"
    ]  # fmt: skip
    assert found.is_all


def test_only_below_the_folder_that_was_asked(rooms: Rooms) -> None:
    found = search(rooms.reading, folder(rooms, "anna", "trip"), lambda name: "tree" in name)
    assert [hit.address[-1] for hit in found.hits] == ["tree.jpg"]


@pytest.mark.parametrize("bound", [{"most_found": 1}, {"most_names": 3}])
def test_it_stops_and_says_so(rooms: Rooms, bound: dict[str, int]) -> None:
    found = search(rooms.reading, folder(rooms, "anna"), lambda _name: True, **bound)
    assert not found.is_all
    assert len(found.hits) <= 3


def test_what_was_deleted_is_not_found(rooms: Rooms) -> None:
    rooms.delete("files/anna/tree.txt")
    assert search(rooms.reading, folder(rooms, "anna"), lambda name: name == "tree.txt").hits == ()
