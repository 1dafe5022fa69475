"""Filters of addressbook-query (RFC 6352 10.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.match.cards import matches
from appliance.match.filters import CardFilter, ParamFilter, PropFilter, TextMatch
from tests.match.written import WrittenComponent, card

ANNA = card(
    "VERSION:3.0",
    "UID:anna",
    "FN:Anna Weiß\\, Dr.",
    "N:Weiß;Anna;;Dr.;",
    "NICKNAME:Annie,Nana\\,Oma",
    "CATEGORIES:Family,Chess",
    "item1.TEL;TYPE=HOME;TYPE=VOICE:+49 30 1234",
    "TEL;TYPE=CELL,PREF:+49 170 99",
    "item1.X-ABLABEL:home",
    "item2.EMAIL;TYPE=WORK:anna@example.com",
    "EMAIL:oma@example.org",
    "NOTE:first line\\nsecond line\\; with \\\\ backslash",
)


def prop(name: str, *texts: TextMatch, **more: object) -> PropFilter:
    return PropFilter(name, texts=texts, **more)  # type: ignore[arg-type]


def text(wanted: str, **more: object) -> TextMatch:
    return TextMatch(wanted, **more)  # type: ignore[arg-type]


WORK = ParamFilter("TYPE", text=TextMatch("work", match_type="equals"))

CASES = [
    pytest.param(prop("FN"), True, id="property exists"),
    pytest.param(prop("BDAY"), False, id="property does not exist"),
    pytest.param(prop("BDAY", absent=True), True, id="is-not-defined"),
    pytest.param(prop("FN", absent=True), False, id="is-not-defined of an existing one"),
    pytest.param(prop("X-UNKNOWN", text("a")), False, id="unknown names are just no match"),
    pytest.param(prop("FN", text("weiß, dr")), True, id="the comma is unescaped"),
    pytest.param(prop("NOTE", text("line\nsecond")), True, id="line break"),
    pytest.param(prop("NOTE", text("; with \\ back")), True, id="semicolon and backslash"),
    pytest.param(prop("FN", text("bert", negate=True)), True, id="negate"),
    pytest.param(prop("BDAY", text("bert", negate=True)), False, id="negate still needs the property"),
    pytest.param(prop("EMAIL", text("anna", negate=True)), True, id="negate: one line that does not match is enough"),
    pytest.param(prop("CATEGORIES", text("chess", negate=True)), False, id="negate is of the whole list"),
    pytest.param(prop("NICKNAME", text("annie", match_type="equals")), True, id="a part of a list"),
    pytest.param(prop("NICKNAME", text("nana,oma", match_type="equals")), True, id="a part with a comma"),
    pytest.param(prop("NICKNAME", text("nana", match_type="equals")), False, id="not half a part"),
    pytest.param(prop("NICKNAME", text("annie,nana,oma", match_type="equals")), True, id="the whole list"),
    pytest.param(prop("N", text("anna", match_type="equals")), False, id="a structured value is one text"),
    pytest.param(prop("TEL", text("+49 30", match_type="starts-with")), True, id="groups do not matter"),
    pytest.param(prop("ITEM1.TEL", text("30")), True, id="exactly this group"),
    pytest.param(prop("ITEM2.TEL", text("30")), False, id="not another group"),
    pytest.param(prop("ITEM1.TEL", text("170")), False, id="not the one without a group"),
    pytest.param(prop("ITEM2.TEL", absent=True), True, id="is-not-defined of a group"),
    pytest.param(prop("EMAIL", params=(WORK,)), True, id="param-filter"),
    pytest.param(prop("TEL", params=(ParamFilter("TYPE", text=text("voice")),)), True, id="a repeated parameter"),
    pytest.param(prop("TEL", params=(ParamFilter("TYPE", text=text("pref")),)), True, id="a list of parameters"),
    pytest.param(prop("TEL", params=(ParamFilter("X-WHAT"),)), False, id="parameter does not exist"),
    pytest.param(prop("EMAIL", params=(ParamFilter("TYPE", absent=True),)), True, id="parameter absent on one line"),
    pytest.param(prop("TEL", params=(ParamFilter("TYPE", absent=True),)), False, id="parameter absent on no line"),
    pytest.param(prop("EMAIL", text("oma@"), params=(WORK,), test="allof"), False, id="allof speaks of the same line"),
    pytest.param(prop("EMAIL", text("anna@"), params=(WORK,), test="allof"), True, id="allof on one line"),
    pytest.param(prop("EMAIL", text("nobody"), params=(WORK,)), True, id="anyof is the default"),
    pytest.param(prop("EMAIL", text("anna"), text(".org"), test="allof"), False, id="two texts on one line"),
    pytest.param(prop("EMAIL", text("anna"), text(".com"), test="allof"), True, id="two texts, one value"),
]


@pytest.mark.parametrize(("wanted", "found"), CASES)
def test_a_prop_filter_finds_what_the_rfc_says(wanted: PropFilter, found: bool) -> None:
    assert matches(CardFilter(props=(wanted,)), ANNA) is found
    assert matches(CardFilter("allof", (wanted,)), ANNA) is found


@pytest.mark.parametrize("test", ["anyof", "allof"])
def test_a_filter_without_conditions_finds_every_card(test: str) -> None:
    assert matches(CardFilter(test), ANNA)  # type: ignore[arg-type]
    assert matches(CardFilter(test), card())  # type: ignore[arg-type]


def test_the_example_of_nickname_finds_only_that_card() -> None:
    """RFC 6352 8.6.3."""
    wanted = CardFilter(props=(prop("NICKNAME", text("me", match_type="equals")),))
    assert matches(wanted, card("FN:Cyrus Daboo", "NICKNAME:me"))
    assert not matches(wanted, card("FN:Me", "NICKNAME:menno"))


def test_the_example_of_full_name_or_mail_finds_either() -> None:
    """RFC 6352 8.6.4."""
    wanted = CardFilter("anyof", (prop("FN", text("daboo")), prop("EMAIL", text("daboo"))))
    assert matches(wanted, card("FN:Cyrus Daboo", "EMAIL:me@example.com"))
    assert matches(wanted, card("FN:David Boo", "EMAIL:daboo@example.com"))
    assert not matches(wanted, card("FN:David Boo", "EMAIL:me@example.com"))


FILTERS = st.sampled_from([case.values[0] for case in CASES])
CARDS = st.lists(st.sampled_from(ANNA.lines), max_size=6).map(lambda lines: WrittenComponent("VCARD", lines))


@given(st.lists(FILTERS, min_size=1, max_size=4), CARDS)
def test_anyof_and_allof_join_the_single_answers(wanted: list[PropFilter], some_card: WrittenComponent) -> None:
    single = [matches(CardFilter(props=(one,)), some_card) for one in wanted]
    assert matches(CardFilter("anyof", tuple(wanted)), some_card) is any(single)
    assert matches(CardFilter("allof", tuple(wanted)), some_card) is all(single)


@given(CARDS, st.sampled_from(["FN", "TEL", "ITEM1.TEL", "BDAY"]))
def test_is_not_defined_is_the_opposite_of_defined(some_card: WrittenComponent, name: str) -> None:
    absent = matches(CardFilter(props=(PropFilter(name, absent=True),)), some_card)
    assert absent is not matches(CardFilter(props=(PropFilter(name),)), some_card)
