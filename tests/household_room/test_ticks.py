"""What the page says that waits for a phone: a table of facts and ticks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.household.ticks import Facts, Part, Tick, Wrong, is_complete, ticks

MADE = datetime(2026, 11, 24, 18, 42, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return MADE + timedelta(minutes=minutes)


START = Facts(made_at=MADE, expires_at=at(15))
OPENED = replace(START, opened_at=at(1))
GIVEN = replace(OPENED, given_at=at(2), way="profile")
SEEN = replace(GIVEN, first_seen_at=at(3), last_seen_at=at(5))
LISTED = replace(SEEN, contacts=Part(at(3.5), 0, None, 312))
COMING = replace(LISTED, contacts=Part(at(3.5), 208, at(4), 312))
HERE = replace(COMING, contacts=Part(at(3.5), 312, at(4), 312))
ALL = replace(HERE, events=Part(at(4), 9, at(4.5), 9))


def said(facts: Facts, now: datetime) -> str:
    """The states in one line: done +, doing ~, wait -, fault !; faults beside the steps by name."""
    signs = {"done": "+", "doing": "~", "wait": "-", "fault": "!"}
    found = ticks(facts, now)
    assert [tick.key for tick in found[:6]] == ["reached", "given", "key", "listed", "contacts", "events"]
    assert all(tick.state == "fault" for tick in found[6:])
    return " ".join(["".join(signs[tick.state] for tick in found[:6]), *(tick.key for tick in found[6:])])


@pytest.mark.parametrize(
    ("facts", "now", "states"),
    [
        pytest.param(START, at(1), "~-----", id="nobody yet"),
        pytest.param(START, at(15), "!-----", id="nobody in time"),
        pytest.param(replace(START, closed_at=at(1)), at(2), "!-----", id="ended before"),
        pytest.param(OPENED, at(2), "+~----", id="the page is open"),
        pytest.param(OPENED, at(20), "+!----", id="only looked at"),
        pytest.param(GIVEN, at(3), "++~---", id="has its settings"),
        pytest.param(GIVEN, at(20), "++~---", id="has its settings, late"),
        pytest.param(replace(GIVEN, opened_at=None), at(3), "++~---", id="given without a look"),
        pytest.param(
            replace(GIVEN, wrong=Wrong(at(3), 4, "password")), at(4), "++!---", id="wrong password from the start"
        ),
        pytest.param(SEEN, at(6), "+++~--", id="signed in"),
        pytest.param(replace(SEEN, wrong=Wrong(at(4), 4, "user")), at(6), "+++~--", id="wrong, then right"),
        pytest.param(replace(SEEN, wrong=Wrong(at(6), 1, "password")), at(6), "++!~--", id="right, then wrong"),
        pytest.param(LISTED, at(6), "++++~-", id="knows what there is"),
        pytest.param(COMING, at(6), "++++~-", id="some have come"),
        pytest.param(HERE, at(6), "+++++-", id="contacts are there"),
        pytest.param(replace(HERE, contacts=Part(at(4), 0, None, 0)), at(6), "+++++-", id="nothing to fetch"),
        pytest.param(replace(HERE, contacts=Part(at(4), 700, at(4), 312)), at(6), "+++++-", id="fetched twice"),
        pytest.param(ALL, at(6), "++++++", id="everything"),
        pytest.param(ALL, at(6) + timedelta(days=1), "++++++ quiet", id="then nothing for a day"),
        pytest.param(GIVEN, at(3) + timedelta(days=1), "++~--- quiet", id="never came for a day"),
        pytest.param(replace(ALL, ahead_seconds=-540), at(6), "++++++ clock", id="nine minutes slow"),
        pytest.param(replace(ALL, ahead_seconds=119), at(6), "++++++", id="slow within reason"),
        pytest.param(replace(ALL, refused=2, refused_at=at(5)), at(6), "++++++ refused", id="edits were refused"),
        pytest.param(replace(ALL, shut_out_at=at(6)), at(9999), "++!+++", id="lost"),
        pytest.param(
            replace(ALL, expires_at=None, opened_at=None, way=None), at(6), "++++++", id="made on the command line"
        ),
    ],
)
def test_what_is_known_becomes_ticks(facts: Facts, now: datetime, states: str) -> None:
    assert said(facts, now) == states
    assert is_complete(ticks(facts, now)) == states.startswith("++++++")


def test_each_tick_has_what_its_sentence_needs() -> None:
    found = {tick.key: tick for tick in ticks(replace(COMING, ahead_seconds=-540, refused=2, refused_at=at(5)), at(6))}
    assert found["given"] == Tick("given", "done", at(2), {"way": "profile"})
    assert found["contacts"] == Tick("contacts", "doing", at(4), {"count": 208, "total": 312})
    assert found["clock"] == Tick("clock", "fault", at(5), {"seconds": -540})
    assert found["refused"] == Tick("refused", "fault", at(5), {"count": 2})
    wrong = ticks(replace(GIVEN, wrong=Wrong(at(3), 4, "user")), at(4))[2]
    assert wrong == Tick("key", "fault", at(3), {"reason": "user", "times": 4})
    assert ticks(START, at(15))[0] == Tick("reached", "fault", at(15), {"reason": "too late"})
    assert ticks(ALL, at(5) + timedelta(days=6))[6] == Tick("quiet", "fault", at(5), {"days": 6})


MOMENTS = st.none() | st.integers(0, 100_000).map(at)
PARTS = st.builds(Part, MOMENTS, st.integers(0, 500), MOMENTS, st.integers(0, 500))


@given(
    st.builds(
        Facts,
        made_at=st.just(MADE),
        expires_at=MOMENTS,
        closed_at=MOMENTS,
        opened_at=MOMENTS,
        given_at=MOMENTS,
        way=st.none() | st.just("davx5"),
        shut_out_at=MOMENTS,
        first_seen_at=MOMENTS,
        last_seen_at=MOMENTS,
        ahead_seconds=st.none() | st.integers(-10_000, 10_000),
        wrong=st.none() | st.builds(Wrong, st.integers(0, 100_000).map(at), st.integers(1, 9), st.just("password")),
        contacts=PARTS,
        events=PARTS,
        refused=st.integers(0, 3),
        refused_at=MOMENTS,
    ),
    st.integers(0, 100_000).map(at),
)
def test_whatever_is_known_nothing_jumps_and_no_count_exceeds_its_total(facts: Facts, now: datetime) -> None:
    found = ticks(facts, now)
    said(facts, now)
    assert len({tick.key for tick in found}) == len(found)
    for tick in found:
        assert tick.state == "wait" or tick.at is not None or tick.key in ("key", "listed", "refused", "clock")
        if "total" in tick.values:
            assert 0 <= int(tick.values["count"]) <= int(tick.values["total"])
