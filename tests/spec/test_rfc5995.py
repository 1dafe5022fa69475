"""RFC 5995, POST to add members."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, event


@pytest.mark.spec("RFC 5995 3.2.1", "address books and calendars name the address to POST to: their own")
@pytest.mark.parametrize("path", [BOOK, CALENDAR])
def test_the_address_is_named(shelf: Desk, path: str) -> None:
    assert shelf.value(path, "D:add-member") == path
    assert "POST" in shelf.ask("OPTIONS", path).headers["allow"].split(", ")


@pytest.mark.spec("RFC 5995 3.1", "POST stores the body under a name of the server's choice: 201, Location, ETag")
@pytest.mark.parametrize(
    ("path", "body", "content_type", "suffix"),
    [
        (BOOK, card("a"), "text/vcard", ".vcf"),
        (CALENDAR, event("a", "DTSTART:20261124T100000Z"), "text/calendar", ".ics"),
    ],
    ids=["card", "event"],
)
def test_post_chooses_a_name(desk: Desk, path: str, body: str, content_type: str, suffix: str) -> None:
    answer = desk.ask("POST", path, body, content_type=content_type)
    assert answer.status == 201
    location = answer.headers["location"]
    assert location.startswith(path) and location.endswith(suffix)
    assert desk.get(location) == body.encode()
    assert desk.ask("HEAD", location).etag == answer.etag


@pytest.mark.spec("RFC 5995 3.1", "the rules of PUT hold: UID, form, type; what is refused is kept")
def test_the_rules_of_put_hold(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    taken = desk.ask("POST", BOOK, card("a"), content_type="text/vcard")
    assert taken.refusal == (409, "CR:no-uid-conflict")
    assert taken.error_hrefs == [BOOK + "a.vcf"]
    assert desk.ask("POST", BOOK, "hello", content_type="text/vcard").refusal == (403, "CR:valid-address-data")
    assert [(method, body) for _, method, _, body in desk.refused()] == [
        ("POST", card("a").encode()),
        ("POST", b"hello"),
    ]


@pytest.mark.spec("RFC 5995 3.1", "nothing is added by POST anywhere else")
@pytest.mark.parametrize("path", [FILES, "/dav/addressbooks/anna/", "/dav/principals/anna/", "/dav/"])
def test_not_anywhere_else(shelf: Desk, path: str) -> None:
    assert shelf.ask("POST", path, card("a")).status == 405
    assert "D:add-member" in shelf.find(path, "D:add-member").only.other


@pytest.mark.spec("RFC 5995 3.1", "POST to nothing is 404")
def test_post_to_nothing(shelf: Desk) -> None:
    assert shelf.ask("POST", "/dav/addressbooks/anna/no/", card("a")).status == 404
