"""Looking for people, following hrefs, and walking below folders."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import pytest
from lxml import etree

from appliance.dav import acl, carddav, contracts, principals, properties
from appliance.dav.contracts import Address, Kind
from appliance.dav.headers import Preferences
from appliance.dav.href import Target, spell
from appliance.dav.live import Call, Context, assemble
from appliance.dav.messages import Request, Response
from appliance.dav.methods.propfind import propfind, walk
from appliance.dav.names import dav
from appliance.dav.quirks import Quirks
from appliance.dav.reports import expand_property, principal_match, principal_search
from appliance.errors import BadRequest, DepthRefused, NotFound, TooManyMatches
from tests.dav.asking import by_href, octets_of, rows
from tests.dav.shelf import Person, Shelf

TABLES = assemble([properties, principals, acl, carddav, expand_property, principal_search, principal_match])
ANNA, BERT, HOUSEHOLD = (("principals", name) for name in ("anna", "bert", "household"))


@dataclass
class Somebody(Person):
    """A principal with everything that reports look at."""

    displayname: str = "Anna"
    etag: str | None = None
    memberships: tuple[Address, ...] = (HOUSEHOLD,)
    group_members: tuple[Address, ...] = ()
    privileges: frozenset[str] = frozenset({"read"})
    owner: Address | None = None
    kept: dict[str, str] = field(default_factory=dict)

    def stored(self) -> Mapping[str, str]:
        return self.kept


@dataclass
class Folder(Shelf):
    """A collection whose owner and privileges are known."""

    owner: Address | None = None
    privileges: frozenset[str] = frozenset({"read", "write"})


class Town:
    """A site with three principals and one folder."""

    household_zone = "Asia/Seoul"

    def __init__(self, *folders: Folder) -> None:
        self.people = [
            Somebody(ANNA, displayname="Anna Çelik", mail_addresses=("anna@example.com",)),
            Somebody(BERT, displayname="Bert", mail_addresses=("bert@example.org", "b@example.org")),
            Somebody(HOUSEHOLD, displayname="Family", is_group=True, group_members=(ANNA, BERT), mail_addresses=()),
        ]
        self.principal = self.people[0]
        self._there: dict[Address, Somebody | Folder] = {each.address: each for each in self.people}
        self._there.update({folder.address: folder for folder in folders})

    def principals(self) -> Iterator[Somebody]:
        return iter(self.people)

    def find(self, address: Address) -> object:
        if address not in self._there:
            raise NotFound("There is nothing at this address.")
        return self._there[address]


def call_of(town: Town, target: str = "/dav/principals/", method: str = "REPORT", **headers: str) -> Call:
    request = Request(method, target, headers, io.BytesIO(), host="box.local")
    context = Context(request, cast("contracts.Site", town), TABLES, Quirks())
    return Call(Target(tuple(target.split("/")[2:-1]), slash=True), context, Preferences())


def ask(town: Town, resource: object, body: str) -> Response:
    root = etree.fromstring(body.replace(" ", ' xmlns:D="DAV:" ', 1))
    report = TABLES.reports[str(root.tag)]
    return report.answer(root, cast("contracts.Resource", resource), call_of(town))


def everybody() -> Folder:
    return Folder(("principals",), Kind.ROOT)


def search(inner: str, *, test: str = "allof") -> str:
    wanted = "<D:prop><D:displayname/></D:prop>"
    return f'<D:principal-property-search test="{test}">{inner}{wanted}</D:principal-property-search>'


def by_name(text: str, attributes: str = "") -> str:
    return (
        f"<D:property-search><D:prop><D:displayname/></D:prop><D:match{attributes}>{text}</D:match></D:property-search>"
    )


BY_MAIL = (
    '<D:property-search><D:prop><x:email-address-set xmlns:x="http://calendarserver.org/ns/"/></D:prop>'
    "<D:match>EXAMPLE.ORG</D:match></D:property-search>"
)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(search(by_name("ann")), {ANNA}, id="part of a name, any case"),
        pytest.param(search(by_name("ÇELIK")), {ANNA}, id="letters beyond ASCII"),
        pytest.param(search(by_name("nn", ' match-type="starts-with"')), set(), id="starts-with"),
        pytest.param(search(by_name("bert", ' match-type="equals"')), {BERT}, id="equals"),
        pytest.param(search(BY_MAIL), {BERT}, id="mail"),
        pytest.param(search(by_name("ann") + BY_MAIL), set(), id="and"),
        pytest.param(search(by_name("ann") + BY_MAIL, test="anyof"), {ANNA, BERT}, id="or"),
        pytest.param(search(by_name("displayname")), set(), id="a tag is no text"),
        pytest.param(
            search("<D:property-search><D:prop><D:owner/></D:prop><D:match>a</D:match></D:property-search>"),
            set(),
            id="not searchable",
        ),
    ],
)
def test_principals_are_found_by_their_texts(body: str, found: set[Address]) -> None:
    answered = by_href(ask(Town(), everybody(), body))
    assert set(answered) == {spell(address, collection=True) for address in found}


def test_a_search_starts_where_it_is_asked() -> None:
    town = Town()
    assert rows(ask(town, Folder(("files",), Kind.ROOT), search(by_name("ann")))) == []
    everywhere = search(by_name("ann") + "<D:apply-to-principal-collection-set/>")
    assert len(rows(ask(town, Folder(("files",), Kind.ROOT), everywhere))) == 1


@pytest.mark.parametrize(
    "body", [search(""), search("<D:property-search/>"), search(by_name("x", ' match-type="like"'))]
)
def test_a_search_that_cannot_be_read_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        ask(Town(), everybody(), body)


def test_what_can_be_searched_is_told() -> None:
    response = ask(Town(), everybody(), "<D:principal-search-property-set />")
    root = etree.fromstring(octets_of(response))
    names = {str(prop.tag) for prop in root.iterfind("{DAV:}principal-search-property/{DAV:}prop/*")}
    assert (response.status, names) == (200, set(principal_search.SEARCHABLE))


def test_a_reader_finds_themself_and_their_groups() -> None:
    response = ask(Town(), everybody(), "<D:principal-match ><D:self/></D:principal-match>")
    assert set(by_href(response)) == {"/dav/principals/anna/", "/dav/principals/household/"}


def test_a_reader_finds_what_they_own() -> None:
    mine = Folder(("files", "anna", "mine"), Kind.FOLDER, owner=ANNA)
    theirs = Folder(("files", "anna", "theirs"), Kind.FOLDER, owner=BERT)
    home = Folder(("files", "anna"), Kind.FOLDER, [mine, theirs])
    body = "<D:principal-match ><D:principal-property><D:owner/></D:principal-property></D:principal-match>"
    assert set(by_href(ask(Town(home), home, body))) == {"/dav/files/anna/mine/"}


def test_the_principals_of_an_acl_are_the_reader_and_the_owner() -> None:
    shared = Folder(("files", "anna", "shared"), Kind.FOLDER, owner=BERT)
    body = "<D:acl-principal-prop-set ><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>"
    assert set(by_href(ask(Town(shared), shared, body))) == {"/dav/principals/anna/", "/dav/principals/bert/"}


def expand(inner: str) -> str:
    return f"<D:expand-property >{inner}</D:expand-property>"


def test_hrefs_in_properties_are_followed_as_deep_as_asked() -> None:
    town = Town()
    body = expand(
        '<D:property name="group-membership"><D:property name="displayname"/><D:property name="group-member-set">'
        '<D:property name="displayname"/></D:property></D:property><D:property name="getetag"/>'
    )
    root = etree.fromstring(octets_of(ask(town, town.principal, body)))
    inner = root.find("{DAV:}response/{DAV:}propstat/{DAV:}prop/{DAV:}group-membership/{DAV:}response")
    assert inner is not None
    assert inner.findtext("{DAV:}propstat/{DAV:}prop/{DAV:}displayname") == "Family"
    names = [found.text for found in inner.iterfind(".//{DAV:}group-member-set//{DAV:}displayname")]
    assert names == ["Anna Çelik", "Bert"]
    assert [str(prop.tag) for prop in root.iterfind("{DAV:}response/{DAV:}propstat[2]/{DAV:}prop/*")] == [
        dav("getetag")
    ]


def test_an_href_that_is_no_resource_of_ours_stays() -> None:
    town = Town()
    body = expand('<D:property name="alternate-URI-set"><D:property name="displayname"/></D:property>')
    root = etree.fromstring(octets_of(ask(town, town.principal, body)))
    assert root.findtext(".//{DAV:}alternate-URI-set/{DAV:}href") == "mailto:anna@example.com"


def test_an_href_that_leads_nowhere_is_404() -> None:
    town = Town()
    town.principal.memberships = (("principals", "gone"),)
    body = expand('<D:property name="group-membership"><D:property name="displayname"/></D:property>')
    root = etree.fromstring(octets_of(ask(town, town.principal, body)))
    assert root.findtext(".//{DAV:}group-membership/{DAV:}response/{DAV:}status") == "HTTP/1.1 404 Not Found"


def test_an_expansion_that_grows_without_end_is_cut_short() -> None:
    town = Town()
    inner = ""
    for _ in range(12):
        inner = (
            f'<D:property name="group-membership"><D:property name="group-member-set">{inner}</D:property></D:property>'
        )
    with pytest.raises(TooManyMatches):
        ask(town, town.principal, expand(inner))


@pytest.mark.parametrize("attributes", ["", 'name=""', 'name="a b"', 'name="x" namespace="&lt;"', 'name="1x"'])
def test_a_property_without_a_possible_name_is_refused(attributes: str) -> None:
    with pytest.raises(BadRequest):
        ask(Town(), Town().principal, expand(f"<D:property {attributes}/>"))


def nested_below(start: int) -> Folder:
    folder = Folder(("files", "anna", *(["x"] * 1500)), Kind.FOLDER)
    for depth in range(1499, start - 1, -1):
        folder = Folder(("files", "anna", *(["x"] * depth)), Kind.FOLDER, [folder])
    return folder


def test_folders_nested_deeper_than_calls_can_be_are_walked() -> None:
    assert len(walk(cast("contracts.Resource", nested_below(0)), 2000)) == 1501


def test_a_walk_above_its_limit_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(DepthRefused):
        walk(cast("contracts.Resource", nested_below(1400)), 50)


@pytest.mark.parametrize("kind", [Kind.ROOT, Kind.HOME, Kind.ADDRESSBOOK, Kind.CALENDAR])
@pytest.mark.parametrize("headers", [{}, {"depth": "infinity"}])
def test_only_folders_are_listed_without_a_finite_depth(kind: Kind, headers: Mapping[str, str]) -> None:
    there = Folder(("files", "anna"), kind)
    with pytest.raises(DepthRefused):
        propfind(call_of(Town(there), "/dav/files/anna/", "PROPFIND", **headers))


@pytest.mark.parametrize(
    ("depth", "hrefs"),
    [
        ("0", {"/dav/files/anna/"}),
        ("1", {"/dav/files/anna/", "/dav/files/anna/a/"}),
        ("1,noroot", {"/dav/files/anna/a/"}),
        ("infinity", {"/dav/files/anna/", "/dav/files/anna/a/", "/dav/files/anna/a/b/"}),
    ],
)
def test_a_listing_is_as_deep_as_asked(depth: str, hrefs: set[str]) -> None:
    below = Folder(("files", "anna", "a", "b"), Kind.FOLDER)
    home = Folder(("files", "anna"), Kind.FOLDER, [Folder(("files", "anna", "a"), Kind.FOLDER, [below])])
    request = Request("PROPFIND", "/dav/files/anna/", {"depth": depth}, io.BytesIO(PROPFIND), host="box.local")
    town = Town(home)
    context = Context(request, cast("contracts.Site", town), TABLES, Quirks())
    call = Call(Target(("files", "anna"), slash=True), context, Preferences())
    assert set(by_href(propfind(call))) == hrefs


PROPFIND = b'<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>'
