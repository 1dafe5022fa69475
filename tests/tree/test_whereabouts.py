"""A thing has an address for whoever it was shown to, and none for others."""

from __future__ import annotations

from appliance.household import people
from appliance.store import mounts
from appliance.store.ledger import Author
from appliance.tree.whereabouts import Whereabouts
from tests.spec.desk import BOOK, FILES, Desk, card
from tests.tree.test_restoring import at


def whereabouts(desk: Desk, slug: str) -> Whereabouts:
    reading = desk.services.ledger.database.connection()
    reader = people.person_named(reading, slug)
    assert reader is not None
    return Whereabouts(reading, reader, desk.services.household.person)


def test_a_shared_folder_lies_where_the_reader_has_it(desk: Desk) -> None:
    desk.ask("MKCOL", FILES + "trip")
    desk.ask("MKCOL", FILES + "trip/rome")
    trip, rome = at(desk, FILES + "trip"), at(desk, FILES + "trip/rome")
    assert whereabouts(desk, "ben").address(rome.resource_id, "a.jpg") is None
    with desk.services.ledger.write(Author(2, 1)) as page:
        mounts.add(page, at(desk, "/dav/files/ben").resource_id, "annas trip", trip.resource_id, "read")
    assert whereabouts(desk, "anna").address(rome.resource_id, "a.jpg") == "files/anna/trip/rome/a.jpg"
    assert whereabouts(desk, "ben").address(rome.resource_id, "a.jpg") == "files/ben/annas trip/rome/a.jpg"
    assert trip.resource_id in whereabouts(desk, "ben").open_to()
    assert whereabouts(desk, "ben").address(at(desk, "/dav/files/anna").resource_id) is None


def test_what_was_deleted_lies_where_it_was_last(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    book = at(desk, BOOK).resource_id
    desk.ask("DELETE", BOOK)
    assert whereabouts(desk, "anna").address(book, "a.vcf") == "addressbooks/anna/contacts/a.vcf"
    assert whereabouts(desk, "ben").address(book, "a.vcf") is None


def test_the_root_is_nobodys(desk: Desk) -> None:
    assert whereabouts(desk, "anna").address(1) is None
    assert whereabouts(desk, "anna").address(None) is None
