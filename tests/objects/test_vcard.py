"""Cards with an envelope and a UID are read; what is odd about them is said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import NotACard
from appliance.objects.vcard import read_card
from tests.household.contacts import contacts


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "UID:u-1", *lines, "END:VCARD", ""]).encode()


def test_a_households_cards_have_no_fault() -> None:
    for contact in contacts(60):
        facts = read_card(contact.body)
        assert (facts.uid, facts.fault) == (contact.uid, None)
        assert facts.title


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BEGIN:VCALENDAR\nUID:1\nEND:VCALENDAR",
        b"BEGIN:VCARD\nFN:x\nEND:VCARD",
        b"BEGIN:VCARD\nUID: \nEND:VCARD",
        b"FN:x\nUID:1\n",
    ],
    ids=["empty", "calendar", "no uid", "empty uid", "no envelope"],
)
def test_what_has_no_envelope_or_uid_is_no_card(body: bytes) -> None:
    with pytest.raises(NotACard):
        read_card(body)


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["FN:Mina Kim", "N:Kim;Mina;;;"], "Mina Kim"),
        (["FN:", "N:Kim;Mina;J.;Dr.;"], "Dr. Mina J. Kim"),
        (["N:김;민수;;;"], "김민수"),
        (["ORG:곳간;창고"], "곳간 창고"),
        (["NICKNAME:Ddol"], "Ddol"),
        (["EMAIL:a@example.com"], "a@example.com"),
        (["TEL;VALUE=uri:tel:+82-2-123"], "+82-2-123"),
        ([r"FN:Kim\, Mina"], "Kim, Mina"),
        ([], ""),
    ],
)
def test_a_card_has_the_best_name_it_offers(lines: list[str], title: str) -> None:
    assert read_card(card(*lines)).title == title


@pytest.mark.parametrize("line", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group", "kind:GROUP"])
def test_groups_of_both_versions_are_groups(line: str) -> None:
    assert read_card(card("FN:x", line)).kind == "group"
    assert read_card(card("FN:x")).kind == "individual"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (card("FN:x"), None),
        (card(), "FN, the name to show, is missing."),
        (card("FN:x") + card("FN:y"), "There are 2 cards in one; only the first is looked at."),
        (card("FN:x").replace(b"3.0", b"2.1"), "It is vCard 2.1, which many phones cannot read."),
        (card("FN:x").replace(b"VERSION:3.0\r\n", b""), "VERSION is missing."),
        (card("FN:x", "UID:u-2"), "It has more than one UID."),
        (card("FN:x").replace(b"FN:x", b"FN:\xff"), "It is not UTF-8 throughout."),
        (card("FN:x").replace(b"END:VCARD\r\n", b""), "END:VCARD is missing."),
        (card("FN:x", "BEGIN:VCARD", "END:VCARD"), "There is another component inside the card."),
    ],
)
def test_what_is_odd_is_flagged_and_not_refused(body: bytes, fault: str | None) -> None:
    facts = read_card(body)
    assert (facts.uid, facts.fault) == ("u-1", fault)


@given(st.binary(max_size=120))
def test_any_octets_inside_an_envelope_are_a_card(octets: bytes) -> None:
    assert read_card(b"BEGIN:VCARD\r\nUID:u-1\r\n" + octets).uid


def test_a_name_of_a_million_escapes_that_ends_in_one_is_read_at_once() -> None:
    """A grammar with backtracking needed the square of its length: hours for one card."""
    facts = read_card(card("N:" + r"\;" * 500_000 + "\\"))
    assert facts.title == (";" * 500_000 + "\\")[:200]
