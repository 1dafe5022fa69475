"""RFC 6352, CardDAV: address books, address objects, and the two reports on them."""

from __future__ import annotations

import unicodedata

import pytest

from tests.spec.desk import BOOK, FILES, Answer, Desk, card, prop

CONTACT = BOOK + "a.vcf"
FAMILY = "/dav/addressbooks/anna/family/"


def query(desk: Desk, path: str, filters: str, *, test: str = "", data: str = "", **headers: str) -> Answer:
    """Send an addressbook-query; `data` goes into the prop beside getetag."""
    inner = f"<D:prop><D:getetag/>{data}</D:prop><CR:filter{test and f' test={test!r}'}>{filters}</CR:filter>"
    return desk.report(path, "CR:addressbook-query", inner, **headers)


def multiget(desk: Desk, path: str, *hrefs: str, data: str = "<CR:address-data/>", **headers: str) -> Answer:
    asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    return desk.report(path, "CR:addressbook-multiget", f"<D:prop><D:getetag/>{data}</D:prop>{asked}", **headers)


def where(name: str, inner: str = "", test: str = "") -> str:
    return f'<CR:prop-filter name="{name}"{test and f" test={test!r}"}>{inner}</CR:prop-filter>'


def text(value: str, match_type: str = "", collation: str = "", negate: bool = False) -> str:
    attributes = [
        f'match-type="{match_type}"' if match_type else "",
        f'collation="{collation}"' if collation else "",
        'negate-condition="yes"' if negate else "",
    ]
    return f"<CR:text-match {' '.join(attributes)}>{value}</CR:text-match>"


ABSENT = "<CR:is-not-defined/>"
DECOMPOSED = unicodedata.normalize("NFD", "김가")

PEOPLE = {
    "anna": card("anna", "EMAIL;TYPE=HOME:anna@example.com", "TEL;TYPE=CELL:+82 10 1234", "CATEGORIES:FRIEND,CLUB"),
    "ben": card("ben", "EMAIL;TYPE=WORK:Ben@Example.COM", "NOTE:tea\\, not coffee", name="Ben Lee"),
    "gim": card("gim", "NICKNAME:가람", "item1.URL:http://example.kr", name="김가람"),
    "rene": card("rene", "ORG:Straße GmbH;Büro", name="René Straße"),
    "four": card("four", "KIND:individual", name="Vera Vier", version="4.0"),
    "club": card("club", "X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:anna", name="Club"),
    "bare": "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:bare\r\nEND:VCARD\r\n",
}
EVERYBODY = sorted(f"{name}.vcf" for name in PEOPLE)


@pytest.fixture(scope="module")
def people(shelf: Desk) -> Desk:
    """A book with seven cards, for tests that only read."""
    for name, body in PEOPLE.items():
        shelf.put(f"{BOOK}{name}.vcf", body)
    return shelf


# --- 5 what is kept ---------------------------------------------------------------------------------


@pytest.mark.spec("RFC 6352 5.1", "cards of either version, and odd ones, are kept octet for octet")
@pytest.mark.parametrize("name", PEOPLE)
def test_cards_are_kept_octet_for_octet(people: Desk, name: str) -> None:
    assert people.get(f"{BOOK}{name}.vcf") == PEOPLE[name].encode()


@pytest.mark.spec(
    "RFC 6352 5.1", "one name, one card with one UID in a book: another one's UID is 409 no-uid-conflict with its href"
)
def test_a_uid_is_used_once(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    answer = desk.ask("PUT", BOOK + "b.vcf", card("a", name="Other"), content_type="text/vcard")
    assert answer.refusal == (409, "CR:no-uid-conflict")
    assert answer.error_hrefs == [CONTACT]
    assert desk.ask("GET", BOOK + "b.vcf").status == 404
    assert desk.refused() == [("b.vcf", "PUT", 409, card("a", name="Other").encode())]


@pytest.mark.spec("RFC 6352 5.1", "a card is not replaced by one with another UID: 409 with its own href")
def test_the_uid_of_a_card_stays(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    answer = desk.ask("PUT", CONTACT, card("z"))
    assert answer.refusal == (409, "CR:no-uid-conflict")
    assert answer.error_hrefs == [CONTACT]
    assert desk.get(CONTACT) == card("a").encode()


@pytest.mark.spec("RFC 6352 5.1", "the UID of a deleted card, and the same UID in another book, are free")
def test_which_uids_are_free(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    desk.put(FAMILY + "a.vcf", card("a"))
    desk.ask("DELETE", CONTACT)
    assert desk.put(BOOK + "other.vcf", card("a")).status == 201
    assert desk.ask("GET", CONTACT).status == 404


@pytest.mark.spec("RFC 6352 5.1", "what is no card is 403 valid-address-data and its body is kept among the refused")
@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n",
    ],
    ids=["empty", "text", "calendar", "no-uid"],
)
def test_what_is_no_card_is_refused_and_kept(desk: Desk, body: str) -> None:
    assert desk.ask("PUT", CONTACT, body, content_type="text/vcard").refusal == (403, "CR:valid-address-data")
    assert desk.refused() == [("a.vcf", "PUT", 403, body.encode())]


@pytest.mark.spec("RFC 6352 5.1", "a Content-Type that cannot be meant is 415 supported-address-data")
@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/vcard", 201), ("text/vcard; charset=utf-8; version=4.0", 201), ("TEXT/VCARD", 201), ("", 201),
        ("text/x-vcard", 201), ("text/directory", 201), ("text/plain", 201), ("application/octet-stream", 201),
        ("text/calendar", 415), ("image/jpeg", 415), ("application/json", 415),
    ],
)  # fmt: skip
def test_content_types(desk: Desk, content_type: str, status: int) -> None:
    answer = desk.ask("PUT", CONTACT, card("a"), content_type=content_type)
    assert answer.status == status
    if status == 415:
        assert answer.condition == "CR:supported-address-data"
        assert [each[2] for each in desk.refused()] == [415]


@pytest.mark.spec(
    "RFC 6352 5.1", "photos fit: a card may have many megabytes, above the limit it is 403 max-resource-size"
)
def test_the_largest_card(desk: Desk) -> None:
    limit = int(desk.value(BOOK, "CR:max-resource-size"))
    assert limit >= 20 * (1 << 20)
    assert desk.put(CONTACT, card("a", "PHOTO;ENCODING=b:" + "A" * (20 << 20))).status == 201
    answer = desk.ask("PUT", BOOK + "b.vcf", card("b", "PHOTO;ENCODING=b:" + "A" * limit))
    assert answer.refusal == (403, "CR:max-resource-size")


# --- 6 address books --------------------------------------------------------------------------------


@pytest.mark.spec("RFC 6352 6.1", "addressbook is announced on every address")
@pytest.mark.parametrize("path", ["/", "/dav/", "/dav/principals/anna/", "/dav/addressbooks/anna/", BOOK, FILES])
def test_addressbook_is_announced(shelf: Desk, path: str) -> None:
    assert "addressbook" in shelf.ask("OPTIONS", path, by="").headers["dav"].split(", ")


@pytest.mark.spec("RFC 6352 6.2.1", "a description may be set, and there is none before")
def test_a_description_may_be_set(desk: Desk) -> None:
    assert desk.find(BOOK, "CR:addressbook-description").only.other == {"CR:addressbook-description": 404}
    desk.set_(BOOK, '<CR:addressbook-description xml:lang="ko">우리</CR:addressbook-description>')
    assert desk.value(BOOK, "CR:addressbook-description") == "우리"


@pytest.mark.spec(
    "RFC 6352 6.2.2", "supported-address-data names vCard 3.0 and nothing that would have to be converted"
)
def test_only_version_3_is_announced(shelf: Desk) -> None:
    told = shelf.find(BOOK, "CR:supported-address-data").only.found["CR:supported-address-data"]
    assert [(kind.get("content-type"), kind.get("version")) for kind in told] == [("text/vcard", "3.0")]


@pytest.mark.spec("RFC 6352 6.2.2", "supported-address-data and max-resource-size are protected")
@pytest.mark.parametrize("name", ["CR:supported-address-data", "CR:max-resource-size", "CR:supported-collation-set"])
def test_limits_are_protected(desk: Desk, name: str) -> None:
    assert desk.set_(BOOK, f"<{name}>1</{name}>").only.other == {name: 403}


@pytest.mark.spec("RFC 6352 6.3.2", "a group of Apple's is a card like any other")
def test_apple_groups_are_untouched(people: Desk) -> None:
    assert people.get(BOOK + "club.vcf") == PEOPLE["club"].encode()
    assert multiget(people, BOOK, BOOK + "club.vcf").only.text("CR:address-data") == PEOPLE["club"]


@pytest.mark.spec("RFC 6352 6.3.2.3", "PUT gives a strong ETag, because the octets are kept")
def test_put_gives_a_strong_etag(desk: Desk) -> None:
    assert desk.put(CONTACT, card("a")).etag == desk.ask("HEAD", CONTACT).etag


@pytest.mark.spec("RFC 6352 7.1.1", "the principal names the home of address books, to its own person only")
def test_the_home_is_named(shelf: Desk) -> None:
    assert shelf.value("/dav/principals/anna/", "CR:addressbook-home-set") == "/dav/addressbooks/anna/"
    assert "CR:addressbook-home-set" in shelf.find("/dav/principals/ben/", "CR:addressbook-home-set").only.other


@pytest.mark.spec("RFC 6352 8.3.1", "the collations are named, the two required ones among them")
def test_collations_are_named(shelf: Desk) -> None:
    told = shelf.find(BOOK, "CR:supported-collation-set").only.found["CR:supported-collation-set"]
    assert {each.text for each in told} >= {"i;ascii-casemap", "i;unicode-casemap", "i;octet"}


# --- 8.6 addressbook-query --------------------------------------------------------------------------


@pytest.mark.spec("RFC 6352 10.5", "a filter without conditions is every card, whatever its test")
@pytest.mark.parametrize("test", ["", "anyof", "allof"])
def test_an_empty_filter_is_every_card(people: Desk, test: str) -> None:
    assert query(people, BOOK, "", test=test).names == EVERYBODY


@pytest.mark.spec("RFC 6352 10.5.1", "a property that is there, or that is not")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (where("EMAIL"), ["anna", "ben"]),
        (where("email"), ["anna", "ben"]),
        (where("EMAIL", ABSENT), ["bare", "club", "four", "gim", "rene"]),
        (where("FN", ABSENT), ["bare"]),
        (where("X-NOBODY"), []),
        (where("X-NOBODY", ABSENT), sorted(PEOPLE)),
        (where("URL"), ["gim"]),
        (where("item1.URL"), ["gim"]),
        (where("item2.URL"), []),
    ],
)
def test_properties_that_are_there_or_not(people: Desk, filters: str, found: list[str]) -> None:
    assert query(people, BOOK, filters).names == [f"{name}.vcf" for name in found]


@pytest.mark.spec(
    "RFC 6352 10.5.4", "match types: contains by default, equals, starts-with, ends-with, and their negation"
)
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (text("kim"), ["anna"]),
        (text("kim", "contains"), ["anna"]),
        (text("anna kim", "equals"), ["anna"]),
        (text("kim", "equals"), []),
        (text("anna", "starts-with"), ["anna"]),
        (text("kim", "starts-with"), []),
        (text("kim", "ends-with"), ["anna"]),
        (text("anna", "ends-with"), []),
        (text("kim", negate=True), ["ben", "club", "four", "gim", "rene"]),
        (text("e", "ends-with", negate=True), ["anna", "club", "four", "gim"]),
        (text(""), ["anna", "ben", "club", "four", "gim", "rene"]),
    ],
)
def test_match_types(people: Desk, condition: str, found: list[str]) -> None:
    assert query(people, BOOK, where("FN", condition)).names == [f"{name}.vcf" for name in found]


@pytest.mark.spec(
    "RFC 6352 8.3", "collations: unicode-casemap by default, ascii-casemap, octet; decomposed Hangul is found"
)
@pytest.mark.parametrize(
    ("name", "condition", "found"),
    [
        ("FN", text("RENÉ"), ["rene"]),
        ("FN", text("RENÉ", collation="i;unicode-casemap"), ["rene"]),
        ("FN", text("RENÉ", collation="i;ascii-casemap"), []),
        ("FN", text("rené", collation="i;ascii-casemap"), ["rene"]),
        ("FN", text("rené", collation="i;octet"), []),
        ("FN", text("René", collation="i;octet"), ["rene"]),
        ("FN", text("김가"), ["gim"]),
        ("FN", text(DECOMPOSED), ["gim"]),
        ("FN", text(DECOMPOSED, collation="i;octet"), []),
        ("EMAIL", text("ben@example.com", "equals"), ["ben"]),
        ("FN", text("ANNA", collation="default"), ["anna"]),
    ],
)
def test_collations(people: Desk, name: str, condition: str, found: list[str]) -> None:
    assert query(people, BOOK, where(name, condition)).names == [f"{each}.vcf" for each in found]


@pytest.mark.spec("RFC 6352 8.3", "an unknown collation is 403 supported-collation, wildcards included")
@pytest.mark.parametrize("collation", ["i;klingon", "i;*", "*", ""])
def test_an_unknown_collation(people: Desk, collation: str) -> None:
    condition = f'<CR:text-match collation="{collation}">x</CR:text-match>'
    assert query(people, BOOK, where("FN", condition)).refusal == (403, "CR:supported-collation")


@pytest.mark.spec("RFC 6352 10.5.1", "values are compared unescaped and unfolded, lists by their parts too")
@pytest.mark.parametrize(
    ("name", "condition", "found"),
    [
        ("NOTE", text("tea, not", "starts-with"), ["ben"]),
        ("CATEGORIES", text("club", "equals"), ["anna"]),
        ("CATEGORIES", text("friend", "equals"), ["anna"]),
        ("NICKNAME", text("가람", "equals"), ["gim"]),
        ("ORG", text("büro"), ["rene"]),
    ],
)
def test_values_are_compared_unescaped(people: Desk, name: str, condition: str, found: list[str]) -> None:
    assert query(people, BOOK, where(name, condition)).names == [f"{each}.vcf" for each in found]


@pytest.mark.spec("RFC 6352 10.5", "anyof by default and allof, between properties and inside one")
@pytest.mark.parametrize(
    ("filters", "test", "found"),
    [
        (where("FN", text("anna")) + where("FN", text("ben")), "", ["anna", "ben"]),
        (where("FN", text("anna")) + where("FN", text("ben")), "allof", []),
        (where("FN", text("anna")) + where("EMAIL"), "allof", ["anna"]),
        (where("FN", text("anna")) + where("X-NOBODY"), "anyof", ["anna"]),
        (where("FN", text("an") + text("lee")), "", ["anna", "ben", "gim"][:2]),
        (where("FN", text("n") + text("lee"), "allof"), "", ["ben"]),
        (where("FN", text("gi")) + where("NICKNAME", text("가람")), "", ["gim"]),
    ],
)
def test_anyof_and_allof(people: Desk, filters: str, test: str, found: list[str]) -> None:
    assert query(people, BOOK, filters, test=test).names == [f"{name}.vcf" for name in found]


@pytest.mark.spec("RFC 6352 10.5.2", "parameters: their value, their absence")
@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ('<CR:param-filter name="TYPE"/>', ["anna", "ben"]),
        (f'<CR:param-filter name="TYPE">{text("home", "equals")}</CR:param-filter>', ["anna"]),
        (f'<CR:param-filter name="type">{text("WORK", "equals")}</CR:param-filter>', ["ben"]),
        (f'<CR:param-filter name="TYPE">{ABSENT}</CR:param-filter>', []),
        (f'<CR:param-filter name="PREF">{ABSENT}</CR:param-filter>', ["anna", "ben"]),
    ],
)
def test_parameters(people: Desk, inner: str, found: list[str]) -> None:
    assert query(people, BOOK, where("EMAIL", inner)).names == [f"{name}.vcf" for name in found]


@pytest.mark.spec(
    "RFC 6352 8.6",
    "a filter that cannot be read is 403 valid-filter, one that is not known supported-filter: never everything",
)
@pytest.mark.parametrize(
    ("filters", "condition"),
    [
        ("<CR:prop-filter/>", "CR:valid-filter"),
        (where("FN", ABSENT + text("x")), "CR:valid-filter"),
        (where("FN", text("x", "sounds-like")), "CR:valid-filter"),
        (where("FN", '<CR:text-match negate-condition="maybe">x</CR:text-match>'), "CR:valid-filter"),
        (where("FN", "<CR:text-match><CR:x/></CR:text-match>"), "CR:valid-filter"),
        (where("FN", text("x"), test="someof"), "CR:valid-filter"),
        ("<X:sounds-like/>", "CR:supported-filter"),
        (where("FN", "<X:sounds-like/>"), "CR:supported-filter"),
        (where("FN", "<CR:time-range/>"), "CR:valid-filter"),
        (where("FN", text("x" * 5000)), "CR:supported-filter"),
        (where("FN") * 600, "CR:supported-filter"),
    ],
)
def test_an_unreadable_filter(people: Desk, filters: str, condition: str) -> None:
    assert query(people, BOOK, filters).refusal == (403, condition)


@pytest.mark.spec("RFC 6352 8.6", "a query without a filter is 403 valid-filter")
def test_a_query_without_a_filter(people: Desk) -> None:
    assert people.report(BOOK, "CR:addressbook-query", prop("D:getetag")).refusal == (403, "CR:valid-filter")


@pytest.mark.spec("RFC 6352 8.6.1", "a limit cuts the results off with a 507 for the book; it does not count itself")
@pytest.mark.parametrize(("limit", "cut"), [(1, True), (3, True), (6, True), (7, False), (100, False)])
def test_a_limit(people: Desk, limit: int, cut: bool) -> None:
    inner = f"{prop('D:getetag')}<CR:filter/><CR:limit><CR:nresults>{limit}</CR:nresults></CR:limit>"
    answer = people.report(BOOK, "CR:addressbook-query", inner)
    assert [row.href for row in answer.rows if row.status == 507] == ([BOOK] if cut else [])
    assert len([row for row in answer.rows if row.status is None]) == min(limit, len(PEOPLE))
    if cut:
        assert list(answer.by_href[BOOK].conditions) == ["D:number-of-matches-within-limits"]


@pytest.mark.spec("RFC 6352 8.6", "no Depth, 0, 1 and infinity all mean the cards of the book")
@pytest.mark.parametrize("headers", [{}, {"depth": "0"}, {"depth": "1"}, {"depth": "infinity"}])
def test_depth_makes_no_difference(people: Desk, headers: dict[str, str]) -> None:
    assert query(people, BOOK, "", **headers).names == EVERYBODY


@pytest.mark.spec("RFC 6352 8.6", "a home is asked over all its books")
def test_a_home_is_asked_over_its_books(desk: Desk) -> None:
    desk.put(CONTACT, card("a"))
    desk.put(FAMILY + "b.vcf", card("b"))
    assert sorted(query(desk, "/dav/addressbooks/anna/", "", depth="1").hrefs) == [CONTACT, FAMILY + "b.vcf"]


# --- 8.7 addressbook-multiget -----------------------------------------------------------------------


@pytest.mark.spec(
    "RFC 6352 8.7", "multiget answers each href asked, in the order and spelling asked, missing ones with 404"
)
def test_multiget_answers_each_href_as_asked(people: Desk) -> None:
    asked = [
        BOOK + "ben.vcf", BOOK + "no.vcf", BOOK + "%61nna.vcf", "http://box.local:8080" + BOOK + "gim.vcf",
        "http://elsewhere.example" + BOOK + "anna.vcf", "/elsewhere/anna.vcf", FAMILY + "no.vcf", "nonsense",
        BOOK + "a%00b.vcf", BOOK + "../contacts/anna.vcf", "/dav/addressbooks/ben/contacts/x.vcf",
    ]  # fmt: skip
    answer = multiget(people, BOOK, *asked)
    assert answer.hrefs == asked
    there = {row.href for row in answer.rows if row.status is None}
    assert there == {asked[0], asked[2], asked[3]}
    assert {row.status for row in answer.rows if row.href not in there} == {404}


@pytest.mark.spec("RFC 6352 8.7", "two spellings of one card are both answered")
def test_two_spellings_are_both_answered(people: Desk) -> None:
    asked = [BOOK + "gim.vcf", BOOK + "g%69m.vcf"]
    assert [row.text("CR:address-data") for row in multiget(people, BOOK, *asked).rows] == [PEOPLE["gim"]] * 2


@pytest.mark.spec("RFC 6352 8.7", "a name with a slash, or decomposed, is found in either spelling")
@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("a%2Fb.vcf", "a/b.vcf"),
        ("a/b.vcf", "a%2Fb.vcf"),
        ("%EA%B0%80.vcf", "%E1%84%80%E1%85%A1.vcf"),
        ("a%40b.vcf", "a@b.vcf"),
    ],
    ids=["slash-decoded", "slash-encoded", "nfd", "at"],
)
def test_spellings_of_names(desk: Desk, stored: str, asked: str) -> None:
    desk.put(BOOK + stored, card("a"))
    row = multiget(desk, BOOK, BOOK + asked).only
    assert (row.href, row.text("CR:address-data")) == (BOOK + asked, card("a"))


@pytest.mark.spec("RFC 6352 8.7", "multiget ignores Depth")
@pytest.mark.parametrize("headers", [{}, {"depth": "0"}, {"depth": "1"}, {"depth": "infinity"}])
def test_multiget_ignores_depth(people: Desk, headers: dict[str, str]) -> None:
    assert multiget(people, BOOK, BOOK + "anna.vcf", **headers).only.text("CR:address-data") == PEOPLE["anna"]


@pytest.mark.spec("RFC 6352 8.7", "a multiget without hrefs is 400")
def test_a_multiget_of_nothing(people: Desk) -> None:
    assert multiget(people, BOOK).status == 400


@pytest.mark.spec("RFC 6352 8.7", "getetag in a multiget is that of the stored card, whatever part of it is asked")
@pytest.mark.parametrize("data", ["<CR:address-data/>", '<CR:address-data><CR:prop name="FN"/></CR:address-data>'])
def test_the_etag_is_the_stored_ones(people: Desk, data: str) -> None:
    row = multiget(people, BOOK, BOOK + "anna.vcf", data=data).only
    assert row.text("D:getetag") == people.ask("HEAD", BOOK + "anna.vcf").etag


# --- 10.4 address-data ------------------------------------------------------------------------------


@pytest.mark.spec("RFC 6352 10.4", "address-data is the stored card to the octet, carriage returns included")
@pytest.mark.parametrize("name", PEOPLE)
def test_address_data_is_the_stored_card(people: Desk, name: str) -> None:
    assert multiget(people, BOOK, f"{BOOK}{name}.vcf").only.text("CR:address-data") == PEOPLE[name]


@pytest.mark.spec(
    "RFC 6352 10.4.2",
    "address-data with prop gives these properties, and what makes it a card: envelope, VERSION, UID, FN",
)
@pytest.mark.parametrize(
    ("name", "props", "inside"),
    [
        ("anna", ["FN"], ["FN:Anna Kim"]),
        ("anna", ["fn", "EMAIL"], ["FN:Anna Kim", "EMAIL;TYPE=HOME:anna@example.com"]),
        ("gim", ["URL"], ["item1.URL:http://example.kr"]),
        ("anna", ["X-NOBODY"], []),
        (
            "anna",
            [],
            [
                "EMAIL;TYPE=HOME:anna@example.com",
                "TEL;TYPE=CELL:+82 10 1234",
                "N:Kim;Anna;;;",
                "CATEGORIES:FRIEND,CLUB",
            ],
        ),
    ],
)
def test_parts_of_a_card(people: Desk, name: str, props: list[str], inside: list[str]) -> None:
    data = f"<CR:address-data>{''.join(f'<CR:prop name={each!r}/>' for each in props)}</CR:address-data>"
    lines = multiget(people, BOOK, f"{BOOK}{name}.vcf", data=data).only.text("CR:address-data").splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN:VCARD", "END:VCARD")
    always = {line for line in PEOPLE[name].splitlines() if line.startswith(("VERSION:", "UID:", "FN:"))}
    assert sorted(lines[1:-1]) == sorted({*always, *inside})


@pytest.mark.spec("RFC 6352 10.4.2", "novalue gives the name of a property without its value")
def test_novalue_gives_no_value(people: Desk) -> None:
    data = '<CR:address-data><CR:prop name="EMAIL" novalue="yes"/></CR:address-data>'
    given = multiget(people, BOOK, BOOK + "anna.vcf", data=data).only.text("CR:address-data")
    assert "EMAIL;TYPE=HOME:\r\n" in given
    assert "anna@example.com" not in given


@pytest.mark.spec(
    "RFC 6352 10.4", "a type or version that is no vCard of ours is refused, for the report or for the one card"
)
def test_other_types_and_versions(people: Desk) -> None:
    as_json = '<CR:address-data content-type="application/vcard+json"/>'
    assert multiget(people, BOOK, BOOK + "anna.vcf", data=as_json).refusal == (403, "CR:supported-address-data")
    as_2 = '<CR:address-data content-type="text/vcard" version="2.1"/>'
    assert multiget(people, BOOK, BOOK + "anna.vcf", data=as_2).refusal == (403, "CR:supported-address-data")
    as_4 = '<CR:address-data content-type="text/vcard" version="4.0"/>'
    rows = multiget(people, BOOK, BOOK + "anna.vcf", BOOK + "four.vcf", data=as_4).rows
    assert (rows[0].status, list(rows[0].conditions)) == (415, ["CR:supported-address-data-conversion"])
    assert rows[1].text("CR:address-data") == PEOPLE["four"]


@pytest.mark.spec("RFC 6352 8.6", "a query gives the data of what it finds")
def test_a_query_gives_data(people: Desk) -> None:
    answer = query(people, BOOK, where("FN", text("ben")), data="<CR:address-data/>")
    assert answer.only.text("CR:address-data") == PEOPLE["ben"]


@pytest.mark.spec("RFC 6352 5.1.1", "GET gives the stored octets whatever Accept says, with one ETag")
@pytest.mark.parametrize("accept", ["text/vcard", "text/vcard; version=4.0", "application/vcard+json", "*/*"])
def test_get_gives_what_is_stored(people: Desk, accept: str) -> None:
    answer = people.ask("GET", BOOK + "anna.vcf", accept=accept)
    assert (answer.status, answer.octets) == (200, PEOPLE["anna"].encode())
    assert answer.etag == people.value(BOOK + "anna.vcf", "D:getetag")
