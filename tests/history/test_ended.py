"""What ended in a collection: told while it is gone, not when it moved, came back, or its name is used again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.dav import contracts
from appliance.store.ended import ended_count, ended_in
from tests.history.rooms import EVERYBODY, TABLET, Rooms, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def names(rooms: Rooms, path: str) -> list[str]:
    collection_id = rooms.at(path).resource_id
    found = ended_in(rooms.reading, collection_id)
    assert len(found) == ended_count(rooms.reading, collection_id)
    return [each.name for each in found]


def test_a_deleted_card_is_told_with_its_name_when_and_by_whom(rooms: Rooms) -> None:
    rooms.put(f"{BOOK}/x.vcf", card("Kim Cheolsu"))
    rooms.delete(f"{BOOK}/x.vcf", TABLET)
    (ended,) = ended_in(rooms.reading, rooms.at(BOOK).resource_id)
    assert (ended.name, ended.title, ended.kind, ended.device_id) == ("x.vcf", "Kim Cheolsu", "card", TABLET)
    assert (ended.seq, ended.place, ended.size) == (rooms.seq, "row", len(card("Kim Cheolsu")))


def test_what_came_back_or_moved_did_not_end(rooms: Rooms) -> None:
    rooms.make("addressbooks/anna/club", kind=contracts.Kind.ADDRESSBOOK)
    rooms.put(f"{BOOK}/x.vcf", card("x")).put(f"{BOOK}/y.vcf", card("y"))
    then = rooms.seq
    rooms.move(f"{BOOK}/y.vcf", "addressbooks/anna/club/y.vcf")
    assert names(rooms, BOOK) == []
    rooms.delete(f"{BOOK}/x.vcf")
    assert names(rooms, BOOK) == ["x.vcf"]
    rooms.restore(then, EVERYBODY)
    assert names(rooms, BOOK) == []


def test_a_name_that_is_used_again_names_what_is_there(rooms: Rooms) -> None:
    rooms.put("files/anna/a.txt", b"one")
    rooms.delete("files/anna/a.txt")
    assert names(rooms, "files/anna") == ["a.txt"]
    rooms.put("files/anna/a.txt", b"two")
    assert names(rooms, "files/anna") == []


def test_a_deleted_book_is_told_in_its_home_and_its_cards_did_not_end(rooms: Rooms) -> None:
    rooms.make("addressbooks/anna/club", kind=contracts.Kind.ADDRESSBOOK)
    rooms.put("addressbooks/anna/club/x.vcf", card("x"))
    club = rooms.at("addressbooks/anna/club").resource_id
    rooms.delete("addressbooks/anna/club")
    assert names(rooms, "addressbooks/anna") == ["club"]
    assert ended_in(rooms.reading, club) == []
