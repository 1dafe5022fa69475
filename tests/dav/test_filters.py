"""Reading C:filter (RFC 4791 9.7, RFC 6352 10.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from appliance.dav import filters
from appliance.errors import GotganError, UnreadableFilter, UnsupportedCollation, UnsupportedFilter
from appliance.match.filters import CardFilter, CompFilter, ParamFilter, PropFilter, TextMatch, TimeRange

CARD = "urn:ietf:params:xml:ns:carddav"
CAL = "urn:ietf:params:xml:ns:caldav"


def card_filter(inner: str, attributes: str = "") -> CardFilter:
    return filters.read_card_filter(etree.fromstring(f'<filter xmlns="{CARD}" {attributes}>{inner}</filter>'))


def calendar_filter(inner: str) -> CompFilter:
    return filters.read_calendar_filter(etree.fromstring(f'<filter xmlns="{CAL}">{inner}</filter>'))


def in_event(inner: str) -> CompFilter:
    whole = calendar_filter(
        f'<comp-filter name="VCALENDAR"><comp-filter name="VEVENT">{inner}</comp-filter></comp-filter>'
    )
    return whole.comps[0]


def test_an_empty_card_filter_asks_for_everything() -> None:
    assert card_filter("") == CardFilter()


def test_the_example_of_two_properties_is_read() -> None:
    """RFC 6352 8.6.4."""
    read = card_filter(
        """
        <prop-filter name="FN"><text-match collation="i;unicode-casemap" match-type="contains">daboo</text-match>
        </prop-filter>
        <prop-filter name="email"><text-match collation="i;unicode-casemap" match-type="contains">daboo</text-match>
        </prop-filter>""",
        'test="anyof"',
    )
    assert read == CardFilter(
        "anyof", (PropFilter("FN", texts=(TextMatch("daboo"),)), PropFilter("EMAIL", texts=(TextMatch("daboo"),)))
    )


def test_every_part_of_a_card_filter_is_read() -> None:
    read = card_filter(
        """<prop-filter name="item1.TEL" test="allof">
             <text-match match-type="ends-with" negate-condition="yes" collation="i;octet"> 1</text-match>
             <param-filter name="type"><text-match match-type="equals">HOME</text-match></param-filter>
             <param-filter name="PREF"><is-not-defined/></param-filter>
           </prop-filter>
           <prop-filter name="BDAY"><is-not-defined/></prop-filter><!-- said somebody -->""",
        'test="allof"',
    )
    assert read == CardFilter(
        "allof",
        (
            PropFilter(
                "ITEM1.TEL",
                test="allof",
                texts=(TextMatch(" 1", "i;octet", "ends-with", negate=True),),
                params=(
                    ParamFilter("TYPE", text=TextMatch("HOME", match_type="equals")),
                    ParamFilter("PREF", absent=True),
                ),
            ),
            PropFilter("BDAY", absent=True),
        ),
    )


def test_the_default_collation_is_the_protocols_own() -> None:
    text = '<prop-filter name="X"><text-match{}>a</text-match></prop-filter>'
    for attribute in ("", ' collation="default"'):
        assert card_filter(text.format(attribute)).props[0].texts[0].collation == "i;unicode-casemap"
        assert in_event(text.format(attribute)).props[0].texts[0].collation == "i;ascii-casemap"


def test_alarms_in_a_time_range_are_read() -> None:
    """RFC 4791 7.8.5."""
    read = calendar_filter(
        """<comp-filter name="VCALENDAR"><comp-filter name="VTODO"><comp-filter name="VALARM">
             <time-range start="20060106T100000Z" end="20060107T100000Z"/>
           </comp-filter></comp-filter></comp-filter>"""
    )
    span = TimeRange(datetime(2006, 1, 6, 10, tzinfo=UTC), datetime(2006, 1, 7, 10, tzinfo=UTC))
    assert read == CompFilter("VCALENDAR", comps=(CompFilter("VTODO", comps=(CompFilter("VALARM", time_range=span),)),))


def test_attendees_by_partstat_are_read() -> None:
    """RFC 4791 7.8.7."""
    read = in_event(
        """<prop-filter name="ATTENDEE">
             <text-match collation="i;ascii-casemap">mailto:lisa@example.com</text-match>
             <param-filter name="PARTSTAT"><text-match collation="i;ascii-casemap">NEEDS-ACTION</text-match>
             </param-filter>
           </prop-filter>"""
    )
    ascii_text = TextMatch("mailto:lisa@example.com", "i;ascii-casemap")
    state = ParamFilter("PARTSTAT", text=TextMatch("NEEDS-ACTION", "i;ascii-casemap"))
    assert read.props == (PropFilter("ATTENDEE", test="allof", texts=(ascii_text,), params=(state,)),)


def test_a_range_may_be_open_at_one_end() -> None:
    assert in_event('<time-range start="20060104T000000Z"/>').time_range == TimeRange(
        datetime(2006, 1, 4, tzinfo=UTC), None
    )
    assert in_event('<time-range end="20060104T000000Z"/>').time_range == TimeRange(
        None, datetime(2006, 1, 4, tzinfo=UTC)
    )


BAD_RANGES = [
    pytest.param("", id="neither end"),
    pytest.param('start="20060104T000000"', id="floating"),
    pytest.param('start="20060104"', id="date"),
    pytest.param('start="20060104T000000Z" end="20060103T000000Z"', id="end before start"),
    pytest.param('start="20060104T000000Z" end="20060104T000000Z"', id="empty"),
    pytest.param('start="20060230T000000Z"', id="no such day"),
    pytest.param('start="00000101T000000Z"', id="no such year"),
    pytest.param('start="2006-01-04T00:00:00Z"', id="ISO"),
    pytest.param('start="\u0662\u0660060104T000000Z"', id="other digits"),
    pytest.param('start=""', id="nothing"),
]


@pytest.mark.parametrize("attributes", BAD_RANGES)
def test_a_range_that_cannot_be_meant_is_no_valid_filter(attributes: str) -> None:
    with pytest.raises(UnreadableFilter):
        in_event(f"<time-range {attributes}/>")
    with pytest.raises(UnreadableFilter):
        in_event(f'<prop-filter name="DTSTART"><time-range {attributes}/></prop-filter>')


UNREADABLE_CALENDAR_FILTERS = {
    "no component": "",
    "outermost is no VCALENDAR": '<comp-filter name="VEVENT"/>',
    "two outermost": '<comp-filter name="VCALENDAR"/><comp-filter name="VCALENDAR"/>',
    "no name": '<comp-filter name="VCALENDAR"><comp-filter/></comp-filter>',
    "empty name": '<comp-filter name="VCALENDAR"><comp-filter name=" "/></comp-filter>',
    "range on VCALENDAR": '<comp-filter name="VCALENDAR"><time-range start="20060104T000000Z"/></comp-filter>',
    "VCALENDAR inside": '<comp-filter name="VCALENDAR"><comp-filter name="VCALENDAR"/></comp-filter>',
    "VALARM outside": '<comp-filter name="VCALENDAR"><comp-filter name="VALARM"/></comp-filter>',
    "a filter inside": '<comp-filter name="VCALENDAR"><filter/></comp-filter>',
    "text in a component": '<comp-filter name="VCALENDAR"><text-match>a</text-match></comp-filter>',
}


@pytest.mark.parametrize("inner", UNREADABLE_CALENDAR_FILTERS.values(), ids=UNREADABLE_CALENDAR_FILTERS)
def test_a_calendar_filter_that_breaks_the_grammar_is_refused(inner: str) -> None:
    with pytest.raises(UnreadableFilter):
        calendar_filter(inner)


UNREADABLE_IN_EVENTS = {
    "a VTODO inside": '<comp-filter name="VTODO"/>',
    "two ranges": '<time-range start="20060104T000000Z"/><time-range end="20060104T000000Z"/>',
    "range on SUMMARY": '<prop-filter name="SUMMARY"><time-range start="20060104T000000Z"/></prop-filter>',
    "two texts": '<prop-filter name="SUMMARY"><text-match>a</text-match><text-match>b</text-match></prop-filter>',
    "text and range": '<prop-filter name="DTSTART"><text-match>a</text-match>'
    '<time-range start="20060104T000000Z"/></prop-filter>',
    "absent and more": '<is-not-defined/><prop-filter name="SUMMARY"/>',
    "absent property and more": '<prop-filter name="A"><is-not-defined/><text-match>a</text-match></prop-filter>',
    "negate maybe": '<prop-filter name="A"><text-match negate-condition="maybe">a</text-match></prop-filter>',
    "elements in a text": '<prop-filter name="A"><text-match>a<b/></text-match></prop-filter>',
    "no property name": "<prop-filter/>",
    "no parameter name": '<prop-filter name="A"><param-filter/></prop-filter>',
}


@pytest.mark.parametrize("inner", UNREADABLE_IN_EVENTS.values(), ids=UNREADABLE_IN_EVENTS)
def test_a_component_filter_that_breaks_the_grammar_is_refused(inner: str) -> None:
    with pytest.raises(UnreadableFilter):
        in_event(inner)


UNREADABLE_CARD_FILTERS = {
    "component": '<comp-filter name="VCARD"/>',
    "test of its own": '<prop-filter name="FN" test="noneof"/>',
    "match type of its own": '<prop-filter name="FN"><text-match match-type="regex">a</text-match></prop-filter>',
    "time range": '<prop-filter name="BDAY"><time-range start="20060104T000000Z"/></prop-filter>',
    "absent and more": '<prop-filter name="FN"><is-not-defined/><param-filter name="TYPE"/></prop-filter>',
    "two texts on a parameter": '<prop-filter name="FN"><param-filter name="A"><text-match>a</text-match>'
    "<text-match>b</text-match></param-filter></prop-filter>",
}


@pytest.mark.parametrize("inner", UNREADABLE_CARD_FILTERS.values(), ids=UNREADABLE_CARD_FILTERS)
def test_a_card_filter_that_breaks_the_grammar_is_refused(inner: str) -> None:
    with pytest.raises(UnreadableFilter):
        card_filter(inner)


def test_a_condition_of_another_vocabulary_is_unsupported_and_not_skipped() -> None:
    with pytest.raises(UnsupportedFilter):
        card_filter('<prop-filter name="FN"><like xmlns="urn:somebody">a</like></prop-filter>')
    with pytest.raises(UnsupportedFilter):
        in_event(f'<prop-filter xmlns="{CARD}" name="SUMMARY"/>')


def test_an_unknown_collation_is_refused_in_both() -> None:
    text = '<prop-filter name="X"><text-match collation="i;*">a</text-match></prop-filter>'
    with pytest.raises(UnsupportedCollation):
        card_filter(text)
    with pytest.raises(UnsupportedCollation):
        in_event(text)


def test_unknown_names_are_read_and_will_match_nothing() -> None:
    assert in_event('<prop-filter name="X-ABC-GUID"/>').props == (PropFilter("X-ABC-GUID", test="allof"),)
    assert in_event('<comp-filter name="X-THING"/>').comps == (CompFilter("X-THING"),)


def test_a_filter_is_bounded_in_number_depth_and_text() -> None:
    with pytest.raises(UnsupportedFilter):
        card_filter('<prop-filter name="FN"/>' * (filters.MAX_ELEMENTS + 1))
    with pytest.raises(UnsupportedFilter):
        in_event('<comp-filter name="X-A">' * 200 + "</comp-filter>" * 200)
    with pytest.raises(UnsupportedFilter):
        card_filter(f'<prop-filter name="FN"><text-match>{"a" * (filters.MAX_TEXT + 1)}</text-match></prop-filter>')


TAGS = ["comp-filter", "prop-filter", "param-filter", "text-match", "time-range", "is-not-defined", "filter"]
NAMES = st.sampled_from(["VCALENDAR", "VEVENT", "VALARM", "VTODO", "DTSTART", "X", ""])
XML = st.recursive(
    st.builds('<{} name="{}"/>'.format, st.sampled_from(TAGS), NAMES),
    lambda inner: st.builds(
        lambda tag, name, parts: f'<{tag} name="{name}">{"".join(parts)}</{tag}>',
        st.sampled_from(TAGS),
        NAMES,
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


def refusal(read: Callable[[str], object], inner: str) -> str:
    try:
        read(inner)
    except GotganError as refused:
        return str(refused)
    return "."


@given(XML)
def test_any_tree_of_filter_elements_is_read_or_refused_in_words(inner: str) -> None:
    for read in (card_filter, calendar_filter, in_event):
        assert refusal(read, inner).endswith(".")
