"""What an import makes of an entry: decided by meaning, never by octets, and merging only ever adds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.history.importing import MOST_TOLD, Mode, Report, Told, Verdict, decide
from appliance.objects.fields import fields
from tests.history.rooms import card

THERE = card("a", tel="1", note="mine")


def event(*lines: str) -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:a", *lines, "END:VEVENT", "END:VCALENDAR", ""]
    ).encode()


@pytest.mark.parametrize(
    ("there", "coming", "verdicts"),
    [
        pytest.param(None, THERE, ("new", "new", "new"), id="new"),
        pytest.param(THERE, THERE, ("same", "same", "same"), id="same-octets"),
        pytest.param(THERE, THERE.replace(b"FN:a", b"REV:1\r\nfn:a"), ("same", "same", "same"), id="same-meaning"),
        pytest.param(THERE, card("a", tel="1", note="other"), ("changed", "kept", "kept"), id="conflict"),
        pytest.param(THERE, card("a", tel="1", email="x@y"), ("changed", "kept", "merged"), id="gains"),
        pytest.param(THERE, card("a", tel="1"), ("changed", "kept", "kept"), id="says-less"),
        pytest.param(b"no card", THERE, ("changed", "kept", "kept"), id="unreadable"),
    ],
)
def test_an_entry_is_what_it_means(there: bytes | None, coming: bytes, verdicts: tuple[str, str, str]) -> None:
    found = [decide("card", there, coming, mode) for mode in (Mode.REPLACE, Mode.KEEP, Mode.MERGE)]
    assert tuple(one.verdict for one in found) == verdicts
    for one in found:
        assert (one.body is None) == (one.verdict in ("same", "kept"))
    if found[0].body is not None:
        assert found[0].body == coming


def test_a_merged_event_gains_dates_and_keeps_its_own() -> None:
    changed = b"BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260102T000000Z\r\nSUMMARY:late\r\nEND:VEVENT\r\nEND:VCALENDAR"
    there = event("SUMMARY:tea", "RRULE:FREQ=DAILY")
    coming = event("SUMMARY:coffee", "LOCATION:home", "RRULE:FREQ=DAILY").replace(b"END:VCALENDAR", changed)
    decision = decide("event", there, coming, Mode.MERGE)
    assert decision.verdict == "merged"
    assert decision.staying == ("event/summary",)
    assert decision.body is not None
    assert b"tea" in decision.body and b"home" in decision.body and b"late" in decision.body
    assert b"coffee" not in decision.body


LINES = st.dictionaries(
    st.sampled_from(["tel", "email", "note", "nickname", "title", "x-odd", "url"]), st.sampled_from(["1", "2", "x@y"])
)


@given(LINES, LINES)
def test_merging_loses_nothing_and_does_nothing_twice(there: dict[str, str], coming: dict[str, str]) -> None:
    mine, theirs = card("a", **there), card("a", **coming)
    decision = decide("card", mine, theirs, Mode.MERGE)
    merged = decision.body or mine
    kept = {field.key: field.shown for field in fields("card", mine)}
    now = {field.key: field.shown for field in fields("card", merged)}
    assert kept.items() <= now.items()
    assert {field.key for field in fields("card", theirs)} <= set(now)
    again = decide("card", merged, theirs, Mode.MERGE)
    assert again.verdict in ("same", "kept")


def test_a_report_counts_everything_and_lists_so_much() -> None:
    report = Report()
    for number in range(MOST_TOLD + 5):
        report.leave("a.vcf", number, "broken")
        report.skip("link", "It is a link.")
        report.count(Told("a.vcf", number, Verdict.CHANGED, ""), ("read as cp949",))
    assert (report.left_count, report.skipped_count, report.counts[Verdict.CHANGED]) == (MOST_TOLD + 5,) * 3
    assert len(report.left) == len(report.skipped) == len(report.told) == MOST_TOLD
    assert report.written == report.remarks["read as cp949"] == MOST_TOLD + 5
