"""What sync-collection makes of what the tree says has changed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from lxml import etree

from appliance.dav import carddav, contracts, properties
from appliance.dav.contracts import Changes, Kind
from appliance.dav.headers import Preferences
from appliance.dav.href import Target
from appliance.dav.live import Call, Context, assemble
from appliance.dav.messages import Request, Response
from appliance.dav.names import dav
from appliance.dav.quirks import Quirks
from appliance.dav.reports import sync_collection
from appliance.errors import BadRequest
from tests.dav.asking import by_href, octets_of, rows
from tests.dav.shelf import Member, Shelf, Site

BOOK = ("addressbooks", "anna", "contacts")
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Anna\r\nEND:VCARD\r\n"


@dataclass
class Synced(Shelf):
    """A collection that answers what it is told to, and remembers what it was asked."""

    said: Changes = field(default_factory=lambda: Changes("urn:t:2", (), ()))
    asked: list[tuple[str, bool, int | None]] = field(default_factory=list)

    def changes(self, token: str, *, infinite: bool, limit: int | None) -> Changes:
        self.asked.append((token, infinite, limit))
        return self.said


def book(
    *members: Member,
    kind: Kind = Kind.ADDRESSBOOK,
    removed: Sequence[str] = (),
    not_followed: Sequence[str] = (),
    truncated: bool = False,
) -> Synced:
    changed = cast("tuple[contracts.Resource, ...]", members)
    said = Changes("urn:t:2", changed, removed, truncated=truncated, not_followed=not_followed)
    return Synced(BOOK, kind, list(members), said=said)


def card(name: str, octets: bytes | None = CARD) -> Member:
    return Member((*BOOK, name), Kind.CARD, octets)


def sync(
    collection: Synced,
    inner: str = "<D:sync-token/><D:prop><D:getetag/></D:prop>",
    *,
    headers: Mapping[str, str] | None = None,
    minimal: bool = False,
) -> Response:
    body = etree.fromstring(
        f'<D:sync-collection xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">{inner}</D:sync-collection>'
    )
    request = Request("REPORT", collection.href, headers or {}, io.BytesIO(), host="box.local")
    tables = assemble([properties, carddav, sync_collection])
    context = Context(request, cast("contracts.Site", Site(collection)), tables, Quirks())
    call = Call(Target(collection.address, slash=True), context, Preferences(minimal=minimal))
    return tables.reports[dav("sync-collection")].answer(body, cast("contracts.Resource", collection), call)


def token_in(response: Response) -> str | None:
    return etree.fromstring(octets_of(response)).findtext(dav("sync-token"))


def test_changed_members_have_their_properties_and_removed_ones_a_404() -> None:
    response = sync(book(card("a.vcf"), removed=("/dav/addressbooks/anna/contacts/b.vcf",)))
    found = by_href(response)
    assert found["/dav/addressbooks/anna/contacts/a.vcf"].found == {"getetag": card("a.vcf").etag}
    removed = found["/dav/addressbooks/anna/contacts/b.vcf"]
    assert (removed.status, removed.found, removed.missing) == (404, {}, [])
    assert token_in(response) == "urn:t:2"


def test_removed_members_are_told_to_somebody_who_wants_little() -> None:
    response = sync(book(removed=("/dav/addressbooks/anna/contacts/b.vcf",)), minimal=True)
    assert [answered.status for answered in rows(response)] == [404]


def test_a_cut_off_report_says_507_of_the_collection_with_the_token_of_its_last_row() -> None:
    response = sync(book(card("a.vcf"), truncated=True))
    cut = by_href(response)["/dav/addressbooks/anna/contacts/"]
    assert (cut.status, cut.condition) == (507, "number-of-matches-within-limits")
    assert token_in(response) == "urn:t:2"


def test_a_collection_that_is_not_followed_is_named() -> None:
    response = sync(book(not_followed=("/dav/files/anna/Family/",)))
    (answered,) = rows(response)
    assert (answered.href, answered.status, answered.condition) == (
        "/dav/files/anna/Family/",
        403,
        "sync-traversal-supported",
    )


def test_address_data_comes_along_when_it_is_asked_for() -> None:
    response = sync(book(card("a.vcf")), "<D:sync-token/><D:prop><D:getetag/><C:address-data/></D:prop>")
    assert by_href(response)["/dav/addressbooks/anna/contacts/a.vcf"].found["address-data"] == CARD.decode()


def test_a_member_that_cannot_be_read_is_500_and_never_404() -> None:
    response = sync(book(card("a.vcf", None), card("b.vcf")), "<D:sync-token/><D:prop><C:address-data/></D:prop>")
    assert [answered.status for answered in rows(response)] == [500, None]


def test_address_data_of_a_folder_is_not_there_and_harms_nobody() -> None:
    folder = book(card("a.vcf"), kind=Kind.FOLDER)
    (answered,) = rows(sync(folder, "<D:sync-token/><D:prop><D:getetag/><C:address-data/></D:prop>"))
    assert (list(answered.found), answered.missing) == (["getetag"], ["address-data"])


@pytest.mark.parametrize(
    ("inner", "headers", "asked"),
    [
        pytest.param("<D:sync-token/><D:sync-level>1</D:sync-level>", {}, ("", False, None), id="first"),
        pytest.param("<D:sync-token> urn:t:1\n</D:sync-token>", {}, ("urn:t:1", False, None), id="no level"),
        pytest.param("<D:sync-token/>", {"depth": "infinity"}, ("", True, None), id="level from Depth"),
        pytest.param("<D:sync-token/>", {"depth": "1"}, ("", False, None), id="Thunderbird"),
        pytest.param(
            "<D:sync-token/><D:sync-level>1</D:sync-level>", {"depth": "infinity"}, ("", False, None), id="level wins"
        ),
        pytest.param("<D:sync-token/><D:sync-level>infinite</D:sync-level>", {}, ("", True, None), id="infinite"),
        pytest.param("<D:sync-token/><D:limit><D:nresults>7</D:nresults></D:limit>", {}, ("", False, 7), id="limit"),
        pytest.param(
            "<D:sync-token/><D:limit><D:nresults>0</D:nresults></D:limit>", {}, ("", False, None), id="limit 0"
        ),
        pytest.param(
            "<D:sync-token/><D:limit><D:nresults>-1</D:nresults></D:limit>", {}, ("", False, None), id="limit -1"
        ),
        pytest.param("<D:sync-token/><D:limit/>", {}, ("", False, None), id="empty limit"),
    ],
)
def test_level_depth_and_limit_are_read(
    inner: str, headers: Mapping[str, str], asked: tuple[str, bool, int | None]
) -> None:
    collection = book()
    sync(collection, inner, headers=headers)
    assert collection.asked == [asked]


@pytest.mark.parametrize("inner", ["", "<D:sync-token/><D:sync-level>2</D:sync-level>"])
def test_a_report_that_cannot_be_read_is_never_answered_with_everything(inner: str) -> None:
    collection = book()
    with pytest.raises(BadRequest):
        sync(collection, inner)
    assert collection.asked == []


def test_ten_thousand_changes_are_streamed_and_the_token_comes_last() -> None:
    response = sync(book(*(card(f"{number}.vcf") for number in range(10_000))))
    assert not isinstance(response.body, bytes)
    root = etree.fromstring(b"".join(response.body))
    assert len(root.findall(dav("response"))) == 10_000
    assert (root[-1].tag, root[-1].text) == (dav("sync-token"), "urn:t:2")
