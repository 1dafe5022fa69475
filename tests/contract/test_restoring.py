"""What every collection promises about a restore: a forward change that other devices hear of (promise 4)."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.dav.contracts import Conditions, PropertyChange
from appliance.store import placing, properties, rebuild
from appliance.store.ledger import Author, Member, member_of
from appliance.store.placing import NewBody, Wanted
from tests.contract.conftest import ANNAS_PHONE, ANNAS_TABLET, Shelf

COLOUR = "{http://apple.com/ns/ical/}calendar-color"
RED = '<A:calendar-color xmlns:A="http://apple.com/ns/ical/">#FF0000</A:calendar-color>'


def member(shelf: Shelf, stem: str) -> Member:
    return _member(shelf, _id(shelf.member(stem)))


def collection(shelf: Shelf) -> Member:
    return _member(shelf, _id(shelf.collection()))


def _id(resource: object) -> int:
    found = getattr(resource, "resource_id", None)
    assert isinstance(found, int)
    return found


def _member(shelf: Shelf, resource_id: int) -> Member:
    found = member_of(shelf.house.services.ledger.database.connection(), resource_id)
    assert found is not None
    return found


def wanted(
    shelf: Shelf, what: Member, *, is_alive: bool = True, body: NewBody | None = None,
    properties: tuple[tuple[str, str | None], ...] = (),
) -> Wanted:  # fmt: skip
    reading = shelf.house.services.ledger.database.connection()
    seen = placing.standing_of(reading, what.resource_id).seq
    return Wanted(what.resource_id, what.kind, seen, is_alive, body=body, properties=properties)


def place(shelf: Shelf, what: Wanted) -> placing.Placed:
    return shelf.house.writer(Author(shelf.anna.id, ANNAS_TABLET)).place(what, batch_id=1)


def require_sound(shelf: Shelf) -> None:
    assert rebuild.differences(shelf.house.services.ledger.database.connection()) == []


def test_a_body_that_comes_back_is_a_change_with_a_new_etag(shelf: Shelf) -> None:
    first = shelf.put("one", "first")
    was = member(shelf, "one")
    second = shelf.put("one", "second")
    token = shelf.token
    place(shelf, wanted(shelf, was, body=NewBody(was.content_id)))
    etag, body = shelf.by(ANNAS_PHONE).read("one")
    assert body == shelf.body("one", "first")
    assert etag not in (first.etag, second.etag)
    assert shelf.since(token) == ({shelf.name("one")}, set())
    with pytest.raises(errors.PreconditionFailed):
        shelf.put("one", "third", if_match=second.etag)
    shelf.put("one", "third", if_match=etag)
    require_sound(shelf)


def test_a_deleted_member_comes_back_under_its_id(shelf: Shelf) -> None:
    etag = shelf.put("one", "first").etag
    was = member(shelf, "one")
    shelf.delete("one")
    token = shelf.token
    place(shelf, wanted(shelf, was))
    again, body = shelf.read("one")
    assert (body, member(shelf, "one").resource_id) == (shelf.body("one", "first"), was.resource_id)
    assert again != etag
    assert shelf.since(token) == ({shelf.name("one")}, set())
    require_sound(shelf)


def test_an_end_is_told_and_can_be_taken_back(shelf: Shelf) -> None:
    shelf.put("one", "first")
    was = member(shelf, "one")
    token = shelf.token
    place(shelf, wanted(shelf, was, is_alive=False))
    assert shelf.since(token) == (set(), {shelf.name("one")})
    place(shelf, wanted(shelf, was))
    assert shelf.since(token) == ({shelf.name("one")}, set())
    assert shelf.read("one")[1] == shelf.body("one", "first")


def test_a_deleted_collection_comes_back_with_its_id_its_colour_and_its_tokens(own_shelf: Shelf) -> None:
    shelf = own_shelf
    shelf.put("one", "first")
    shelf.put("two", "second")
    shelf.collection().patch([PropertyChange(COLOUR, RED)], Conditions())
    was, members, token = collection(shelf), [member(shelf, "one"), member(shelf, "two")], shelf.token
    etags = shelf.listing()
    shelf.collection().delete(Conditions())
    place(shelf, wanted(shelf, was))
    if shelf.kind.name == "folder":  # what was below a folder ended with it: each comes back by a step of its own
        for one in members:
            place(shelf, wanted(shelf, one))
        assert shelf.since(token) == ({shelf.name("one"), shelf.name("two")}, set())
    else:
        assert shelf.since(token) == (set(), set())
        assert shelf.listing() == etags
    assert collection(shelf).resource_id == was.resource_id
    reading = shelf.house.services.ledger.database.connection()
    assert properties.of(reading, was.resource_id)[COLOUR] == RED
    assert shelf.read("one")[1] == shelf.body("one", "first")
    require_sound(shelf)


def test_what_was_written_since_the_plan_is_not_touched(shelf: Shelf) -> None:
    shelf.put("one", "first")
    was = member(shelf, "one")
    shelf.put("one", "second")
    plan = wanted(shelf, was, body=NewBody(was.content_id))
    written = shelf.put("one", "third")
    with pytest.raises(errors.ChangedSince):
        place(shelf, plan)
    assert shelf.read("one") == (written.etag, shelf.body("one", "third"))


def test_a_step_made_twice_is_made_once(shelf: Shelf) -> None:
    shelf.put("one", "first")
    was = member(shelf, "one")
    shelf.put("one", "second")
    plan = wanted(shelf, was, body=NewBody(was.content_id))
    placed = place(shelf, plan)
    token = shelf.token
    assert place(shelf, plan) == placed
    assert shelf.token == token
