"""RFC 5689, extended MKCOL: address books made with their properties in one request."""

from __future__ import annotations

import pytest

from tests.spec.desk import FILES, Answer, Desk, card, doc

CLUB = "/dav/addressbooks/anna/club/"
BOOK_TYPE = "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype>"


def mkcol(desk: Desk, path: str, *elements: str, **headers: str) -> Answer:
    inner = f"<D:set><D:prop>{''.join(elements)}</D:prop></D:set>"
    return desk.ask("MKCOL", path, doc("D:mkcol", inner), content_type="application/xml", **headers)


@pytest.mark.spec("RFC 5689 3", "MKCOL with a body makes an address book with its properties: 201")
@pytest.mark.parametrize("path", [CLUB, CLUB.rstrip("/")], ids=["slash", "no-slash"])
def test_an_address_book_is_made_with_its_properties(desk: Desk, path: str) -> None:
    properties = [
        "<D:displayname>동호회</D:displayname>",
        "<CR:addressbook-description>We</CR:addressbook-description>",
    ]
    assert mkcol(desk, path, BOOK_TYPE, *properties).status == 201
    row = desk.find(CLUB, "D:resourcetype", "D:displayname", "CR:addressbook-description", "D:owner").only
    assert row.inside("D:resourcetype") == ["D:collection", "CR:addressbook"]
    assert (row.text("D:displayname"), row.text("CR:addressbook-description")) == ("동호회", "We")
    assert row.text("D:owner") == "/dav/principals/anna/"
    desk.put(CLUB + "a.vcf", card("a"))
    assert desk.sync(CLUB).names == ["a.vcf"]


@pytest.mark.spec("RFC 5689 3", "a folder may be made with a body too")
def test_a_folder_with_a_body(desk: Desk) -> None:
    kind = "<D:resourcetype><D:collection/></D:resourcetype>"
    assert mkcol(desk, FILES + "box/", kind, "<X:a>1</X:a>").status == 201
    assert desk.value(FILES + "box/", "X:a") == "1"


@pytest.mark.spec("RFC 5689 3", "a calendar may be made by MKCOL")
def test_a_calendar_by_mkcol(desk: Desk) -> None:
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    components = '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    assert mkcol(desk, "/dav/calendars/anna/chores/", kind, components).status == 201
    found = desk.find("/dav/calendars/anna/chores/", "D:resourcetype", "C:supported-calendar-component-set").only
    assert found.inside("D:resourcetype") == ["D:collection", "C:calendar"]
    assert [comp.get("name") for comp in found.found["C:supported-calendar-component-set"]] == ["VTODO"]


@pytest.mark.spec(
    "RFC 5689 3", "a resource type that is not kept fails it all: 403, valid-resourcetype, 424 for the others"
)
@pytest.mark.parametrize(
    "kind",
    ["<X:shelf/>", "<CR:addressbook/><C:calendar/>", "<D:principal/>", "<CR:addressbook/><X:shelf/>"],
    ids=["foreign", "both", "principal", "and-foreign"],
)
def test_a_foreign_type_fails_it_all(desk: Desk, kind: str) -> None:
    foreign = f"<D:resourcetype><D:collection/>{kind}</D:resourcetype>"
    answer = mkcol(desk, CLUB, foreign, "<D:displayname>x</D:displayname>")
    assert (answer.status, answer.xml.tag) == (403, "{DAV:}mkcol-response")
    statuses = {
        each.tag: propstat.findtext("{DAV:}status")
        for propstat in answer.xml.iterchildren("{DAV:}propstat")
        for each in propstat.iterfind("{DAV:}prop/*")
    }
    assert statuses == {
        "{DAV:}resourcetype": "HTTP/1.1 403 Forbidden",
        "{DAV:}displayname": "HTTP/1.1 424 Failed Dependency",
    }
    assert answer.xml.find(".//{DAV:}error/{DAV:}valid-resourcetype") is not None
    assert desk.find(CLUB, "D:resourcetype").status == 404, "nothing is made"


@pytest.mark.spec("RFC 5689 3", "computed properties that clients throw in are left out and harm nobody")
def test_computed_properties_are_left_out(desk: Desk) -> None:
    assert mkcol(desk, CLUB, BOOK_TYPE, "<CS:getctag>7</CS:getctag>", "<D:getetag>x</D:getetag>").status == 201
    assert desk.value(CLUB, "CS:getctag").startswith("urn:gotgan:sync:")


@pytest.mark.spec("RFC 5689 3", "on something it is 405, below nothing 409, without a login 401")
def test_where_nothing_can_be_made(desk: Desk) -> None:
    assert mkcol(desk, "/dav/addressbooks/anna/contacts/", BOOK_TYPE).refusal == (405, "D:resource-must-be-null")
    assert mkcol(desk, "/dav/addressbooks/nobody/club/", BOOK_TYPE).status == 409
    assert mkcol(desk, CLUB, BOOK_TYPE, by="").status == 401
    assert mkcol(desk, CLUB, BOOK_TYPE).status == 201


@pytest.mark.spec("RFC 6352 5.2", "address books lie in a home and nowhere else: addressbook-collection-location-ok")
@pytest.mark.parametrize("path", [FILES + "club/", "/dav/calendars/anna/club/"])
def test_address_books_lie_in_their_home(desk: Desk, path: str) -> None:
    assert mkcol(desk, path, BOOK_TYPE).refusal == (403, "CR:addressbook-collection-location-ok")
    assert desk.find(path, "D:resourcetype").status == 404


@pytest.mark.spec("RFC 6352 5.2", "no collection lies inside an address book")
def test_no_collection_inside_an_address_book(desk: Desk) -> None:
    path = "/dav/addressbooks/anna/contacts/more/"
    assert mkcol(desk, path, BOOK_TYPE).status == 403
    assert desk.ask("MKCOL", path).status == 403


@pytest.mark.spec("RFC 5689 4.1", "extended-mkcol is announced")
@pytest.mark.parametrize("path", ["/dav/", "/dav/addressbooks/anna/", FILES])
def test_it_is_announced(shelf: Desk, path: str) -> None:
    assert "extended-mkcol" in shelf.ask("OPTIONS", path).headers["dav"].split(", ")
