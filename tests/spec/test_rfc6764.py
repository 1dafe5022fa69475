"""RFC 6764, locating CalDAV and CardDAV services: the well-known addresses, and the way from them to the homes."""

from __future__ import annotations

import pytest

from tests.spec.desk import Desk

METHODS = ("GET", "HEAD", "PROPFIND", "OPTIONS", "REPORT", "PUT", "POST", "MKCOL", "PROPPATCH", "DELETE")


@pytest.mark.spec("RFC 6764 5", "the well-known addresses redirect every method, for clients ask with PROPFIND")
@pytest.mark.parametrize("service", ["caldav", "carddav"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_redirected(shelf: Desk, service: str, method: str) -> None:
    answer = shelf.ask(method, f"/.well-known/{service}", depth="0")
    assert (answer.status, answer.headers["location"]) == (301, "/dav/")


@pytest.mark.spec("RFC 6764 5", "the redirect needs no login, with a slash at the end or without")
@pytest.mark.parametrize("path", ["/.well-known/caldav", "/.well-known/caldav/", "/.well-known/carddav/"])
def test_the_redirect_needs_no_login(shelf: Desk, path: str) -> None:
    assert shelf.ask("PROPFIND", path, by="").status == 301


@pytest.mark.spec("RFC 6764 5", "the redirect is a path, so that scheme, host and port stay those of the client")
@pytest.mark.parametrize(
    "headers",
    [{}, {"x_forwarded_proto": "https"}, {"x_forwarded_host": "elsewhere.example"}],
    ids=["plain", "proto", "host"],
)
def test_the_redirect_is_path_only(shelf: Desk, headers: dict[str, str]) -> None:
    assert shelf.ask("PROPFIND", "/.well-known/carddav", **headers).headers["location"] == "/dav/"


@pytest.mark.spec("RFC 6764 5", "nobody keeps the redirect: a cached one outlives the box's name")
def test_nobody_keeps_the_redirect(shelf: Desk) -> None:
    assert shelf.ask("GET", "/.well-known/caldav", by="").headers["cache-control"] == "no-cache"


@pytest.mark.spec("RFC 6764 6", "where the redirect leads, the principal is told after a login")
def test_the_target_tells_the_principal_after_a_login(shelf: Desk) -> None:
    asked = shelf.find("/dav/", "D:current-user-principal", by="")
    assert asked.status == 401
    assert asked.headers["www-authenticate"] == 'Basic realm="Gotgan", charset="UTF-8"'
    assert shelf.value("/dav/", "D:current-user-principal") == "/dav/principals/anna/"


@pytest.mark.spec(
    "RFC 6764 6", "the root of the server tells the principal too, for phones ask there when well-known fails"
)
def test_the_root_of_the_server_tells_the_principal(shelf: Desk) -> None:
    assert shelf.find("/", "D:current-user-principal", by="").status == 401
    row = shelf.find("/", "D:current-user-principal", "D:resourcetype").only
    assert (row.href, row.text("D:current-user-principal")) == ("/", "/dav/principals/anna/")


@pytest.mark.spec("RFC 6764 6", "the addresses that Apple tries by itself are 404 after a login, never 405 or 5xx")
@pytest.mark.parametrize("path", ["/dav/principals/nobody/", "/dav/calendar/dav/anna/user/", "/dav/nothing/"])
def test_guessed_addresses_are_404(shelf: Desk, path: str) -> None:
    assert shelf.find(path, "D:current-user-principal").status == 404


@pytest.mark.spec("RFC 6764 6", "from the principal both homes are found, and in them something to fill")
@pytest.mark.parametrize(
    ("home_set", "home", "inside"),
    [
        ("C:calendar-home-set", "/dav/calendars/anna/", ["anna", "calendar", "family", "tasks"]),
        ("CR:addressbook-home-set", "/dav/addressbooks/anna/", ["anna", "contacts", "family"]),
    ],
    ids=["calendars", "contacts"],
)
def test_from_the_principal_to_the_collections(shelf: Desk, home_set: str, home: str, inside: list[str]) -> None:
    assert shelf.value("/dav/principals/anna/", home_set) == home
    listed = shelf.find(home, "D:resourcetype", depth="1")
    assert listed.names == inside
    kind = {"calendars": "C:calendar", "addressbooks": "CR:addressbook"}[home.split("/")[2]]
    for row in listed.rows:
        expected = ["D:collection"] if row.href == home else ["D:collection", kind]
        assert row.inside("D:resourcetype") == expected, "a home is a container, never a calendar itself"
