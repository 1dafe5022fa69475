"""If, If-Match, If-None-Match and dates: read once, judged against states (RFC 9110 13, RFC 4918 10.4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance import errors
from appliance.store.preconditions import (
    ABSENT,
    MAX_HEADER,
    Condition,
    State,
    TaggedList,
    parse,
    require,
    require_for_reading,
)

LOCK = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2"
OTHER = "urn:uuid:58f202ac-22cf-11d1-b12d-002035b29092"
MODIFIED = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=UTC)
THERE = State(True, frozenset({'"a"', '"d-a"'}), frozenset({LOCK}), MODIFIED)


def holds(subject: State, states: dict[str, State] | None = None, **headers: str) -> bool:
    try:
        require(parse(**headers), subject, lambda href: (states or {}).get(href, ABSENT))
    except errors.PreconditionFailed:
        return False
    return True


@pytest.mark.parametrize(
    ("sent", "there", "absent"),
    [
        ('"a"', True, False),
        ('"d-a"', True, False),
        ('"b"', False, False),
        ('"b", "a"', True, False),
        ('"b","a"', True, False),
        ("a", True, False),
        ('W/"a"', False, False),
        ("*", True, False),
        ('"*"', False, False),
        ("", False, False),
        ("{garbage", False, False),
        ('"a', False, False),
    ],
)
def test_if_match(sent: str, there: bool, absent: bool) -> None:
    """RFC 9110 13.1.1: strong comparison; what cannot be read equals nothing, so that nothing is overwritten."""
    assert holds(THERE, if_match=sent) is there
    assert holds(ABSENT, if_match=sent) is absent


@pytest.mark.parametrize(
    ("sent", "there"), [('"a"', False), ('W/"a"', False), ('"b"', True), ('"b", W/"a"', False), ("*", False)]
)
def test_if_none_match(sent: str, there: bool) -> None:
    """RFC 9110 13.1.2: weak comparison."""
    assert holds(THERE, if_none_match=sent) is there
    assert holds(ABSENT, if_none_match=sent) is True


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        ("Tue, 24 Nov 2026 09:00:00 GMT", True),
        ("Tue, 24 Nov 2026 10:00:00 +0100", True),
        ("Tuesday, 24-Nov-26 09:00:00 GMT", True),
        ("Tue, 24 Nov 2026 08:59:59 GMT", False),
        ("yesterday", True),
        ("Fri, 31 Dec 9999 23:59:59 -2359", True),
    ],
)
def test_if_unmodified_since(sent: str, there: bool) -> None:
    """RFC 9110 13.1.4: seconds; a date that cannot be read counts as absent."""
    assert holds(THERE, if_unmodified_since=sent) is there
    assert holds(ABSENT, if_unmodified_since=sent) is True


def test_a_date_is_not_looked_at_beside_an_etag() -> None:
    """RFC 9110 13.2.2: step 2 only without If-Match."""
    assert holds(THERE, if_match='"a"', if_unmodified_since="Tue, 24 Nov 2020 08:59:59 GMT")


@pytest.mark.parametrize(
    ("headers", "modified"),
    [
        ({"if_none_match": '"a"'}, False),
        ({"if_none_match": 'W/"a"'}, False),
        ({"if_none_match": "*"}, False),
        ({"if_none_match": '"b"'}, True),
        ({"if_modified_since": "Tue, 24 Nov 2026 09:00:00 GMT"}, False),
        ({"if_modified_since": "Tue, 24 Nov 2026 08:59:59 GMT"}, True),
        ({"if_modified_since": "never"}, True),
        ({"if_none_match": '"b"', "if_modified_since": "Tue, 24 Nov 2030 09:00:00 GMT"}, True),
    ],
)
def test_reading(headers: dict[str, str], modified: bool) -> None:
    """RFC 9110 13.2.2: If-None-Match before If-Modified-Since."""
    parsed = parse(**headers)
    if modified:
        require_for_reading(parsed, THERE, lambda _: ABSENT, '"a"')
        return
    with pytest.raises(errors.NotModified) as answer:
        require_for_reading(parsed, THERE, lambda _: ABSENT, '"a"')
    assert answer.value.etag == '"a"'


def test_reading_looks_at_what_forbids_first() -> None:
    with pytest.raises(errors.PreconditionFailed):
        require_for_reading(parse(if_match='"b"', if_none_match='"a"'), THERE, lambda _: ABSENT, '"a"')


# --- If (RFC 4918 10.4) -----------------------------------------------------------------------------

SPECIFIED = '</specs/rfc2518.txt> (["4217"]) </fish> (Not <DAV:no-lock>)'

EXAMPLES: dict[str, tuple[str, State, dict[str, State], bool]] = {
    "10.4.5, and": (f'(<{LOCK}> ["a"])', THERE, {}, True),
    "10.4.5, and one is false": (f'(<{LOCK}> ["b"])', THERE, {}, False),
    "10.4.6, or": (f'(<{OTHER}> ["a"]) (["d-a"])', THERE, {}, True),
    "10.4.6, or none": (f'(<{OTHER}> ["a"]) (["b"])', THERE, {}, False),
    "10.4.7, not": (f"(Not <{OTHER}> <{LOCK}>)", THERE, {}, True),
    "10.4.7, not what is there": (f"(Not <{LOCK}>)", THERE, {}, False),
    "10.4.8, a condition that is always true": (f"(<{OTHER}>) (Not <DAV:no-lock>)", THERE, {}, True),
    "10.4.8, a condition that is never true": ("(<DAV:no-lock>)", THERE, {}, False),
    "10.4.9, tagged": (f"</resource1> (<{LOCK}>)", ABSENT, {"/resource1": THERE}, True),
    "10.4.9, tagged, another's lock": (f"</resource2> (<{LOCK}>)", THERE, {"/resource1": THERE}, False),
    "10.4.10, a resource that a tag names": (SPECIFIED, ABSENT, {"/fish": THERE}, True),
    "10.4.11, an unmapped URL has no state": ('</specs/rfc2518.doc> (["4217"])', THERE, {}, False),
    "10.4.4, not no-lock on an unmapped URL": ("</nowhere> (Not <DAV:no-lock>)", THERE, {}, True),
    "two lists of one tag": ('</a> (["x"]) (["a"])', ABSENT, {"/a": THERE}, True),
    "a weak etag is no strong one": ('([W/"a"])', THERE, {}, False),
    "letter case of not": (f"(NOT <{OTHER}>) ", THERE, {}, True),
    "no blanks at all": (f'(Not<{OTHER}>["a"])', THERE, {}, True),
}


@pytest.mark.parametrize(("sent", "subject", "states", "expected"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_if(sent: str, subject: State, states: dict[str, State], expected: bool) -> None:
    assert holds(subject, states, if_header=sent) is expected


def test_tokens_count_as_submitted_also_in_a_false_list() -> None:
    """RFC 4918 10.4.1, protocol D1."""
    parsed = parse(if_header=f'</x> (<{LOCK}> ["nothing"]) </y> (Not <{OTHER}>)')
    assert parsed.submitted_tokens == {LOCK, OTHER}
    assert parsed.lists == (
        TaggedList("/x", (Condition(False, token=LOCK), Condition(False, etag='"nothing"'))),
        TaggedList("/y", (Condition(True, token=OTHER),)),
    )


UNREADABLE = [
    "", " ", "()", "(", ")", "(<a>", "<a>", "</a> ", "(a)", "(Not)", "(NotNot <a>)", '(["a)', '(["a"]', "[]",
    "(<a>) </b> (<c>)", "(<a>) nonsense", "(<>)", "(< >)", "((<a>))", "\0", "(<a b>)", "x" * (MAX_HEADER + 1),
]  # fmt: skip


@pytest.mark.parametrize("sent", UNREADABLE, ids=[repr(sent[:12]) for sent in UNREADABLE])
def test_an_unreadable_if_is_a_bad_request(sent: str) -> None:
    with pytest.raises(errors.BadRequest):
        parse(if_header=sent)


@pytest.mark.parametrize("sent", ['"abc', '"a" x"y', '"a", "'])
def test_an_unreadable_if_none_match_overwrites_nothing(sent: str) -> None:
    with pytest.raises(errors.BadRequest):
        parse(if_none_match=sent)


def test_all_headers_must_hold() -> None:
    assert holds(THERE, if_match='"a"', if_header=f"(<{LOCK}>)")
    assert not holds(THERE, if_match='"a"', if_header=f"(<{OTHER}>)")
    assert not holds(THERE, if_match='"b"', if_header=f"(<{LOCK}>)")
    assert not holds(THERE, if_none_match="*", if_header=f"(<{LOCK}>)")


def test_a_header_without_end_is_refused_soon() -> None:
    for header in ("if_match", "if_none_match", "if_header"):
        with pytest.raises(errors.BadRequest):
            parse(**{header: '"a",' * MAX_HEADER})


PIECES = st.lists(
    st.sampled_from(
        ["(", ")", "<", ">", "[", "]", '"', "W/", "Not", " ", ",", "*", "\t", "a", "/x", LOCK, "é", "\0", "\r\n", "가"]
    ),
    max_size=30,
).map("".join)
DATES = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}, {} {} {} {}:{}:{} {}".format,
        st.sampled_from(["Mon", "Xxx"]),
        st.integers(-1, 40),
        st.sampled_from(["Jan", "Dec", "Foo"]),
        st.integers(-1, 100_000),
        st.integers(-1, 99),
        st.integers(-1, 99),
        st.integers(-1, 99),
        st.sampled_from(["GMT", "+2359", "-9999", "+0000", "-0000", "EST", "+99999999999"]),
    ),
)


@settings(max_examples=150)
@given(if_match=PIECES, if_none_match=PIECES, if_header=PIECES, since=DATES, before=DATES)
@example(if_match="", if_none_match="", if_header="(<a>)", since="Fri, 31 Dec 9999 23:59:59 -2359", before="")
def test_nothing_that_is_sent_raises_anything_else(
    if_match: str, if_none_match: str, if_header: str, since: str, before: str
) -> None:
    headers = {
        "if_match": if_match,
        "if_none_match": if_none_match,
        "if_header": if_header,
        "if_modified_since": since,
        "if_unmodified_since": before,
    }
    for sent in ({name: value} for name, value in headers.items()):
        try:
            parsed = parse(**sent)
            require(parsed, THERE, lambda _: ABSENT)
            require_for_reading(parsed, THERE, lambda _: ABSENT, '"a"')
        except (errors.BadRequest, errors.PreconditionFailed, errors.NotModified):
            pass
