"""A folder by its names first is the folder that `members` tells, and only what is asked for is made of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

import pytest

from appliance.tree.folder import FolderNode
from appliance.tree.listing import Node, names_in, nodes_of
from tests.history.rooms import Rooms
from tests.spec.desk import Desk
from tests.spec.sharing import Sharing
from tests.store.shelves import quick_folder


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        opened.make("files/anna/trip").make("files/anna/trip/day")
        opened.put("files/anna/trip/a.txt", b"x").put("files/anna/trip/나무.jpg", b"xyz").put("files/anna/b.txt", b"x")
        yield opened
        opened.close()


def folder(rooms: Rooms, *names: str) -> FolderNode:
    return cast("FolderNode", rooms.site().find(("files", *names)))


def as_told(node: Node) -> tuple[object, ...]:
    return (node.address, node.kind, node.etag, node.resource_id, node.modified_at)


@pytest.mark.parametrize("with_dates", [False, True])
def test_it_is_what_members_tells(rooms: Rooms, with_dates: bool) -> None:
    trip = folder(rooms, "anna", "trip")
    path = rooms.house.services.files.disk.root.joinpath("anna", "trip")
    path.joinpath("unknown.txt").write_bytes(b"behind our back")
    path.joinpath("link").symlink_to("a.txt")
    os.mkfifo(path / "pipe")
    names = names_in(trip, with_dates=with_dates)
    found = nodes_of(trip, names)
    assert [as_told(found[each.name]) for each in names] == [as_told(cast("Node", node)) for node in trip.members()]
    assert [(each.name, each.is_folder) for each in names] == [
        ("a.txt", False), ("day", True), ("unknown.txt", False), ("나무.jpg", False)
    ]  # fmt: skip
    if with_dates:
        assert {each.name: each.size_bytes for each in names} == {
            "a.txt": 1,
            "day": 0,
            "unknown.txt": 15,
            "나무.jpg": 3,
        }
        assert all(each.modified > 0 for each in names)


def test_only_what_is_asked_for_is_looked_at(rooms: Rooms) -> None:
    trip = folder(rooms, "anna", "trip")
    names = names_in(trip)
    for each in names[1:]:
        path = rooms.house.services.files.disk.root.joinpath("anna", "trip", each.name)
        path.rmdir() if each.is_folder else path.unlink()
    assert list(nodes_of(trip, names[:1])) == ["a.txt"]
    assert list(nodes_of(trip, names)) == ["a.txt"], "and what is gone is left out"


def test_the_households_home_shows_each_what_they_may_see(rooms: Rooms) -> None:
    home = folder(rooms, rooms.house.services.household.person.name)
    names = names_in(home)
    assert [each.name for each in names] == [node.address[-1] for node in home.members()]
    assert list(nodes_of(home, names)) == [each.name for each in names]


def test_what_others_show_is_in_a_home(desk: Desk) -> None:
    sharing = Sharing(desk)
    assert desk.ask("MKCOL", "/dav/files/anna/trip/").status == 201
    desk.put("/dav/files/anna/trip/a.txt", "one")
    desk.put("/dav/files/ben/b.txt", "two", by="ben")
    sharing.give("/dav/files/anna/trip/", "ben")
    home = cast("FolderNode", desk.house.site(sharing.author("ben")).find(("files", "ben")))
    names = names_in(home)
    assert (
        sorted(each.name for each in names)
        == [node.address[-1] for node in home.members()]
        == ["Family", "b.txt", "trip"]
    )
    shown = nodes_of(home, names)["trip"]
    assert isinstance(shown, FolderNode) and shown.mount is not None
    assert [each.name for each in names_in(shown)] == ["a.txt"]
