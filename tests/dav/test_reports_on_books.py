"""addressbook-query and addressbook-multiget (RFC 6352 8.6, 8.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from appliance.dav.contracts import Kind
from appliance.errors import (
    BadRequest,
    UnreadableFilter,
    UnsupportedCollation,
    UnsupportedConversion,
    UnsupportedReport,
)
from tests.dav.asking import ask, by_href, octets_of, rows
from tests.dav.shelf import Member, Shelf, Site, shelf

BOOK = "/dav/addressbooks/anna/contacts/"
ASKED = "<D:prop><D:getetag/><C:address-data/></D:prop>"


def card(name: str, *, version: str = "3.0", more: str = "") -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{name}\r\nFN:{name}\r\n{more}END:VCARD\r\n".encode()


@pytest.fixture
def book() -> Shelf:
    return shelf(
        Kind.ADDRESSBOOK,
        "addressbooks/anna/contacts",
        {
            "anna.vcf": card("Anna"),
            "bela & co.vcf": card("Béla <b>", more="NOTE:a\x0bb\r\n"),
            "가족/1.vcf": card("가족"),
            "four.vcf": card("Four", version="4.0"),
        },
    )


@pytest.fixture
def site(book: Shelf) -> Site:
    return Site(book, Shelf(("addressbooks", "anna"), Kind.HOME, [book]))


def fn(text: str, more: str = "") -> str:
    return f'<C:filter><C:prop-filter name="FN"><C:text-match {more}>{text}</C:text-match></C:prop-filter></C:filter>'


def test_a_query_answers_the_cards_that_match_with_their_octets(site: Site, book: Shelf) -> None:
    (found,) = rows(ask(site, book, "C:addressbook-query", ASKED + fn("anna")))
    assert found.href == BOOK + "anna.vcf"
    assert found.found == {"getetag": '"a7kq-8"', "address-data": card("Anna").decode()}


def test_an_empty_filter_answers_all_cards_on_the_book_and_on_its_home(site: Site, book: Shelf) -> None:
    asked = ASKED + "<C:filter/>"
    everything = rows(ask(site, book, "C:addressbook-query", asked))
    assert len(everything) == 4
    assert rows(ask(site, site.find(("addressbooks", "anna")), "C:addressbook-query", asked)) == everything


def test_a_query_of_one_card_answers_that_card_or_nothing(site: Site, book: Shelf) -> None:
    one = book.within[0]
    assert [row.href for row in rows(ask(site, one, "C:addressbook-query", ASKED + "<C:filter/>"))] == [one.href]
    assert rows(ask(site, one, "C:addressbook-query", ASKED + fn("four"))) == []


def test_a_query_of_a_home_of_calendars_is_no_report_of_it(site: Site) -> None:
    home = Shelf(("calendars", "anna"), Kind.HOME)
    with pytest.raises(UnsupportedReport):
        ask(site, home, "C:addressbook-query", ASKED + "<C:filter/>")


def test_what_xml_cannot_carry_is_replaced_and_carriage_returns_stay(site: Site, book: Shelf) -> None:
    (found,) = rows(ask(site, book, "C:addressbook-query", ASKED + fn("béla")))
    assert found.href == BOOK + "bela%20%26%20co.vcf"
    assert found.found["address-data"] == card("Béla <b>", more="NOTE:a\ufffdb\r\n").decode()


def test_a_query_without_octets_reads_none(site: Site, book: Shelf) -> None:
    for member in book.within:
        member.octets = member.octets and member.octets + b"X:unread\r\n"
    (found,) = rows(ask(site, book, "C:addressbook-query", "<D:prop><D:getetag/></D:prop>" + fn("anna")))
    assert found.found == {"getetag": '"a7kq-8"'}


def test_a_limit_cuts_off_with_507_for_the_request_and_counts_only_results(site: Site, book: Shelf) -> None:
    """RFC 6352 8.6.2 and 8.6.5."""
    limited = "<C:filter/><C:limit><C:nresults>{}</C:nresults></C:limit>"
    cut = rows(ask(site, book, "C:addressbook-query", ASKED + limited.format(2)))
    assert [(row.href, row.status, row.condition) for row in cut[:1]] == [
        (BOOK, 507, "number-of-matches-within-limits")
    ]
    assert [row.status for row in cut[1:]] == [None, None]
    whole = rows(ask(site, book, "C:addressbook-query", ASKED + limited.format(4)))
    assert [row.status for row in whole] == [None] * 4


@pytest.mark.parametrize("limit", ["", "-1", "many", "1.5", "9" * 30, "٣"])
def test_a_limit_that_is_no_number_is_a_bad_request(site: Site, book: Shelf, limit: str) -> None:
    asked = f"<C:filter/><C:limit><C:nresults>{limit}</C:nresults></C:limit>"
    with pytest.raises(BadRequest):
        ask(site, book, "C:addressbook-query", ASKED + asked)


def test_a_query_needs_a_filter_it_can_read(site: Site, book: Shelf) -> None:
    with pytest.raises(UnreadableFilter):
        ask(site, book, "C:addressbook-query", ASKED)
    with pytest.raises(UnsupportedCollation):
        ask(site, book, "C:addressbook-query", ASKED + fn("a", 'collation="i;basic"'))


@pytest.mark.parametrize(
    "attributes",
    ['content-type="application/vcard+json"', 'version="2.1"', 'content-type="text/vcard" version="5.0"'],
)
def test_a_type_or_version_that_is_not_ours_refuses_the_report(site: Site, book: Shelf, attributes: str) -> None:
    asked = f"<D:prop><C:address-data {attributes}/></D:prop>"
    with pytest.raises(UnsupportedConversion) as refused:
        ask(site, book, "C:addressbook-query", asked + "<C:filter/>")
    assert refused.value.condition == "supported-address-data"


def test_a_card_that_cannot_be_given_as_asked_is_415_for_itself(site: Site, book: Shelf) -> None:
    """RFC 6352 8.7.2."""
    asked = '<D:prop><C:address-data content-type="text/vcard" version="4.0"/></D:prop><C:filter/>'
    found = by_href(ask(site, book, "C:addressbook-query", asked))
    assert found[BOOK + "four.vcf"].found["address-data"] == card("Four", version="4.0").decode()
    assert (found[BOOK + "anna.vcf"].status, found[BOOK + "anna.vcf"].condition) == (
        415,
        "supported-address-data-conversion",
    )


def test_version_3_asked_or_not_a_card_is_given_as_stored(site: Site, book: Shelf) -> None:
    for attributes in ("", 'version="3.0"', 'content-type="text/vcard; charset=utf-8"'):
        asked = f"<D:prop><C:address-data {attributes}/></D:prop>" + fn("four")
        (found,) = rows(ask(site, book, "C:addressbook-query", asked))
        assert found.found["address-data"] == card("Four", version="4.0").decode()


def test_an_unreadable_card_is_500_for_itself_and_the_others_arrive(site: Site, book: Shelf) -> None:
    book.within[1].octets = None
    found = rows(ask(site, book, "C:addressbook-query", ASKED + "<C:filter/>"))
    assert [row.status for row in found] == [None, 500, None, None]
    asked = "".join(f"<D:href>{member.href}</D:href>" for member in book.within)
    found = rows(ask(site, book, "C:addressbook-multiget", ASKED + asked))
    assert [row.status for row in found] == [None, 500, None, None]


def test_a_multiget_keeps_order_and_spelling_and_is_404_for_what_is_not_there(site: Site, book: Shelf) -> None:
    hrefs = [
        BOOK + "four.vcf",
        "http://box.local" + BOOK + "anna.vcf",
        BOOK + "gone.vcf",
        BOOK + "%66our.vcf",
        BOOK + "four.vcf",
        BOOK + "%EA%B0%80%EC%A1%B1/1.vcf",
        BOOK + "%EA%B0%80%EC%A1%B1%2F1.vcf",
        "http://elsewhere.example" + BOOK + "anna.vcf",
        "/dav/addressbooks/bela/contacts/anna.vcf",
        "/dav/addressbooks/anna/other/anna.vcf",
        "/etc/passwd",
        BOOK + "../contacts/anna.vcf",
        BOOK,
        "",
        "&amp;&lt;",
    ]
    asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    found = rows(ask(site, book, "C:addressbook-multiget", ASKED + asked))
    assert [row.href for row in found] == [*hrefs[:-1], "&<"]
    assert [row.status for row in found] == [None, None, 404, None, None, None, None, *[404] * 8]
    assert found[1].found["getetag"] == '"a7kq-8"'
    assert found[3].found == found[0].found


def test_a_multiget_of_a_home_reaches_into_its_books(site: Site, book: Shelf) -> None:
    home = site.find(("addressbooks", "anna"))
    asked = f"<D:href>{BOOK}anna.vcf</D:href><D:href>/dav/addressbooks/anna/x.vcf</D:href>"
    found = rows(ask(site, home, "C:addressbook-multiget", ASKED + asked))
    assert [row.status for row in found] == [None, 404]


def test_a_multiget_of_a_card_answers_that_card(site: Site, book: Shelf) -> None:
    one = book.within[0]
    assert [row.href for row in rows(ask(site, one, "C:addressbook-multiget", ASKED))] == [one.href]
    asked = f"<D:href>{book.within[3].href}</D:href>"
    assert [row.status for row in rows(ask(site, one, "C:addressbook-multiget", ASKED + asked))] == [404]


def test_a_multiget_finds_the_book_by_its_decomposed_name() -> None:
    family = shelf(Kind.ADDRESSBOOK, "addressbooks/anna/가족", {"a.vcf": card("A")})
    href = "/dav/addressbooks/anna/%E1%84%80%E1%85%A1%E1%84%8C%E1%85%A9%E1%86%A8/a.vcf"
    (found,) = rows(ask(Site(family), family, "C:addressbook-multiget", ASKED + f"<D:href>{href}</D:href>"))
    assert (found.href, found.status) == (href, None)


def test_a_multiget_without_an_href_is_a_bad_request(site: Site, book: Shelf) -> None:
    with pytest.raises(BadRequest):
        ask(site, book, "C:addressbook-multiget", ASKED)


def test_unknown_properties_are_404_and_left_out_when_minimal(site: Site, book: Shelf) -> None:
    asked = f'<D:prop><D:getetag/><x xmlns="urn:x"/></D:prop><D:href>{BOOK}anna.vcf</D:href>'
    (found,) = rows(ask(site, book, "C:addressbook-multiget", asked))
    assert (found.found, found.missing) == ({"getetag": '"a7kq-8"'}, ["x"])
    (found,) = rows(ask(site, book, "C:addressbook-multiget", asked, minimal=True))
    assert (found.found, found.missing) == ({"getetag": '"a7kq-8"'}, [])


class Breaks(Shelf):
    """A book whose store fails after a thousand cards."""

    def bodies(self, members: Iterable[Member]) -> Iterator[tuple[Member, bytes | None]]:
        for number, member in enumerate(members):
            if number == 1000:
                raise OSError("the card reader was pulled out")
            yield member, member.octets


def test_trouble_half_way_breaks_the_answer_instead_of_ending_it() -> None:
    whole = shelf(Kind.ADDRESSBOOK, "addressbooks/anna/big", {f"{n}.vcf": card(str(n)) for n in range(2000)})
    book = Breaks(whole.address, whole.kind, whole.within)
    answer = ask(Site(book), book, "C:addressbook-query", ASKED + "<C:filter/>")
    with pytest.raises(OSError, match="pulled out"):
        octets_of(answer)
