"""A body that is no card, as an earlier reader may have let it in: told, taken back and kept as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from appliance import errors
from appliance.history.actors import Actor
from appliance.history.restore import Chosen
from appliance.history.taking_back import Pile
from appliance.history.timeline import Teller, Window
from appliance.store import objects, spans
from appliance.store.ledger import Author
from appliance.store.timelines import Scope
from tests.history.rooms import PHONE, TABLET, Rooms, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"
X = f"{BOOK}/x.vcf"
RUBBISH = (b"rubbish", b"", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\x00\xff" * 40_000)


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def let_in(rooms: Rooms, body: bytes, device: int = PHONE) -> None:
    """Store a body that no door would let in today."""
    services, book = rooms.house.services, rooms.at(BOOK)
    objects.put(
        services.ledger, Author(rooms.anna.id, device), book.resource_id, "x.vcf", services.blobs.prepare(body),
        spans.Facts("card", "x", component="VCARD"), check=lambda *_: None,
    )  # fmt: skip


@pytest.mark.parametrize("rubbish", RUBBISH, ids=["text", "nothing", "a calendar", "octets"])
def test_a_rewind_brings_the_card_back_as_a_whole(rooms: Rooms, rubbish: bytes) -> None:
    rooms.put(X, card("x", tel="1"), TABLET)
    then = rooms.seq
    let_in(rooms, rubbish)
    receipt = rooms.apply(rooms.planner.rewind(PHONE, then), "rewind")
    assert (receipt.done, receipt.refused) == (1, ())
    assert rooms.state()[X] == card("x", tel="1")
    rooms.require_sound()


@pytest.mark.parametrize("rubbish", RUBBISH, ids=["text", "nothing", "a calendar", "octets"])
def test_what_others_made_of_it_stays_unless_chosen_otherwise(rooms: Rooms, rubbish: bytes) -> None:
    rooms.put(X, card("x", tel="1"), TABLET)
    then = rooms.seq
    let_in(rooms, rubbish)
    rooms.put(X, card("x", tel="2"), TABLET)
    plan = rooms.planner.rewind(PHONE, then)
    assert [(entry.address, entry.pile, entry.conflicts) for entry in plan.entries] == [(X, Pile.CHOOSE, ("*",))]
    assert rooms.apply(plan, "rewind").done == 0
    assert rooms.state()[X] == card("x", tel="2")
    rooms.apply(rooms.planner.rewind(PHONE, then, chosen=Chosen(frozenset({rooms.at(X).resource_id}))), "rewind")
    assert rooms.state()[X] == card("x", tel="1")


def test_what_was_rubbish_does_not_come_back_and_the_rest_does(rooms: Rooms) -> None:
    rooms.put(X, card("x"), TABLET)
    let_in(rooms, b"rubbish", TABLET)
    rooms.put(f"{BOOK}/y.vcf", card("y", note="was"), TABLET)
    then = rooms.seq
    rooms.put(X, card("x", note="now")).put(f"{BOOK}/y.vcf", card("y", note="now"))
    receipt = rooms.apply(rooms.planner.rewind(PHONE, then), "rewind")
    assert (receipt.done, len(receipt.refused)) == (1, 1)
    state = rooms.state()
    assert (state[X], state[f"{BOOK}/y.vcf"]) == (card("x", note="now"), card("y", note="was"))
    rooms.require_sound()


@pytest.mark.parametrize("rubbish", RUBBISH, ids=["text", "nothing", "a calendar", "octets"])
def test_a_single_field_of_it_is_refused_in_a_sentence(rooms: Rooms, rubbish: bytes) -> None:
    rooms.put(X, card("x", tel="1"))
    then, there = rooms.seq, rooms.at(X).resource_id
    let_in(rooms, rubbish)
    with pytest.raises(errors.NotPossible, match="restored as a whole"):
        rooms.planner.fields(there, then, ["tel:1"])
    rubbish_then = rooms.seq
    rooms.put(X, card("x", tel="2"))
    with pytest.raises(errors.NotPossible, match="restored as a whole"):
        rooms.planner.fields(there, rubbish_then, ["tel:1"])


@pytest.mark.parametrize("rubbish", [RUBBISH[0], *RUBBISH[2:]], ids=["text", "a calendar", "octets"])
def test_the_timeline_tells_it_without_fields(rooms: Rooms, rubbish: bytes) -> None:
    rooms.put(X, card("x", tel="1"))
    let_in(rooms, rubbish)
    rooms.put(X, card("x", tel="2"))
    phone = Actor(PHONE, "phone", "phone", "anna", "Anna")
    teller = Teller(lambda _: phone, rooms.house.bodies, ZoneInfo("Asia/Seoul"))
    told = teller.timeline(rooms.reading, Scope(resources=(rooms.at(X).resource_id,)), Window())
    assert len(told) == 3
    assert all("x" in entry.sentence("en") for entry in told)
