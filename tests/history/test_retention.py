"""What stays and what leaves, as lists of dates; then the laws that no list of dates may break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import from_micros, to_micros
from appliance.history.retention import (
    DAY,
    DELETED_DAYS,
    FIRST_YEAR,
    Dated,
    Decision,
    Departure,
    Policy,
    decide,
    forecast,
    leaps,
    leaves_at,
    night_is_due,
)

SEOUL = ZoneInfo("Asia/Seoul")
USUAL = Policy(SEOUL)
NO_MONTHS = replace(USUAL, monthly=False)


def at(text: str) -> int:
    """A local time of the household, `2027-03-05 14:00`."""
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=SEOUL))


def history(*dates: str, deleted: str | None = None) -> list[Dated]:
    """Versions of one file, each current until the next, the last one until now or until the deletion."""
    ends = [*dates[1:], deleted]
    return [
        Dated(seq, at(written), None if end is None else at(end), deleted=seq == len(dates) and deleted is not None)
        for seq, (written, end) in enumerate(zip(dates, ends, strict=True), start=1)
    ]


def kept(versions: list[Dated], now: str, policy: Policy = USUAL) -> list[int]:
    return sorted(decide(versions, policy, at(now)).kept)


WITHIN_ONE_DAY = history("2027-03-05 09:00", "2027-03-05 12:00", "2027-03-05 18:00", "2027-03-08 10:00")
OVER_DAYS = history("2027-03-05 18:00", "2027-03-06 18:00", "2027-03-07 18:00", "2027-03-08 10:00")
OVER_MONTHS = history(
    "2027-01-10 10:00", "2027-01-20 10:00", "2027-02-10 10:00", "2027-02-11 10:00", "2027-04-01 10:00"
)
DELETED = history("2027-03-05 09:00", "2027-03-05 12:00", deleted="2027-03-05 18:00")

TABLE: dict[str, tuple[list[Dated], str, Policy, list[int]]] = {
    "every version of 30 days": (WITHIN_ONE_DAY, "2027-04-04 08:59", USUAL, [1, 2, 3, 4]),
    "30 days after it was replaced at noon": (WITHIN_ONE_DAY, "2027-04-04 12:00", USUAL, [2, 3, 4]),
    "the last of the day stays": (WITHIN_ONE_DAY, "2027-04-10 00:00", USUAL, [3, 4]),
    "for a year after the last midnight that it saw": (WITHIN_ONE_DAY, "2028-03-06 23:59", USUAL, [3, 4]),
    "and then leaves": (WITHIN_ONE_DAY, "2028-03-07 00:00", USUAL, [4]),
    "daily for a year": (OVER_DAYS, "2028-03-04 12:00", USUAL, [1, 2, 3, 4]),
    "the days leave one by one": (OVER_DAYS, "2028-03-06 00:00", USUAL, [3, 4]),
    "monthly for ever": (OVER_MONTHS, "2040-01-01 00:00", USUAL, [2, 4, 5]),
    "monthly may be off": (OVER_MONTHS, "2040-01-01 00:00", NO_MONTHS, [5]),
    "a year is a year without months, too": (OVER_MONTHS, "2028-01-31 00:00", NO_MONTHS, [2, 3, 4, 5]),
    "the newest never leaves": (history("2026-02-01 10:00"), "2099-01-01 00:00", NO_MONTHS, [1]),
    "an old one is kept 30 days after it was replaced": (
        history("2026-02-01 10:00", "2029-02-15 10:00"), "2029-03-17 09:59", replace(NO_MONTHS, daily_days=1), [1, 2],
    ),
    "the last content of a deleted file stays a year": (DELETED, "2028-03-04 17:59", USUAL, [2]),
    "and then follows the policy": (DELETED, "2028-03-04 18:00", USUAL, []),
    "a deleted file that saw the end of a month stays": (
        history("2027-02-05 09:00", deleted="2027-03-05 18:00"), "2040-01-01 00:00", USUAL, [1],
    ),
    "no days at all": (WITHIN_ONE_DAY, "2027-03-09 10:00", Policy(SEOUL, all_days=1, daily_days=1), [4]),
    "the end of a month is the household's": (  # 1 April 00:30 in Seoul is still March in UTC
        history("2027-04-01 00:10", "2027-04-01 00:30", "2027-04-01 08:00"), "2027-06-01 00:00", USUAL, [3],
    ),
    "midnight itself is the next day": (
        history("2027-03-05 23:00", "2027-03-06 00:00", "2027-03-06 01:00"), "2027-06-01 00:00", USUAL, [1, 3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.replace(" ", "-"))
def test_what_stays(case: str) -> None:
    versions, now, policy, expected = TABLE[case]
    assert kept(versions, now, policy) == expected


def test_each_that_leaves_has_its_date() -> None:
    decision = decide(WITHIN_ONE_DAY, USUAL, at("2027-03-10 00:00"))
    assert {
        seq: from_micros(moment).astimezone(SEOUL).isoformat(" ") for seq, moment in decision.leaves_at.items()
    } == {
        1: "2027-04-04 12:00:00+09:00",
        2: "2027-04-04 18:00:00+09:00",
        3: "2028-03-07 00:00:00+09:00",
    }


STAYS_FOR_GOOD: dict[str, Dated] = {
    "it was pinned": Dated(1, at("2027-03-05 09:00"), at("2027-03-05 10:00"), pinned=True),
    "the clock was not set": Dated(1, at("2027-03-05 09:00"), at("2027-03-05 10:00"), dated=False),
    "it is older than any household": Dated(1, to_micros(datetime(1970, 1, 1, tzinfo=UTC)), 3_600_000_000),
    "the clock stepped back before it was replaced": Dated(1, at("2027-03-05 09:00"), at("2027-03-05 08:00")),
}


@pytest.mark.parametrize("why", STAYS_FOR_GOOD, ids=lambda why: why.replace(" ", "-"))
def test_what_has_no_date_to_leave(why: str) -> None:
    assert leaves_at(STAYS_FOR_GOOD[why], NO_MONTHS) is None


def test_a_date_in_the_future_is_kept_until_it_has_passed() -> None:
    strange = Dated(1, at("2099-03-05 09:00"), at("2099-03-05 10:00"))
    assert decide([strange], NO_MONTHS, at("2027-01-01 00:00")).kept == {1}


@pytest.mark.parametrize(
    ("zone", "replaced", "leaves"),
    [
        # Summer time begins: the day has 23 hours, and its midnight is the one that people see.
        pytest.param("Europe/Berlin", "2027-03-28T21:00:00+02:00", "2028-03-26T23:00:00+00:00", id="spring"),
        # The gap is at midnight itself: the day begins at one o'clock.
        pytest.param("Africa/Cairo", "2027-04-30T12:00:00+03:00", "2028-04-28T22:00:00+00:00", id="no-midnight"),
        pytest.param("UTC", "2027-03-28T21:00:00+00:00", "2028-03-27T00:00:00+00:00", id="utc"),
    ],
)
def test_the_last_midnight_is_that_of_the_zone(zone: str, replaced: str, leaves: str) -> None:
    ended = to_micros(datetime.fromisoformat(replaced))
    found = leaves_at(Dated(1, ended - 3 * DAY, ended), Policy(ZoneInfo(zone), all_days=1, monthly=False))
    assert found is not None
    assert from_micros(found).isoformat() == leaves


# --- forecast and clock -------------------------------------------------------------------------------


def test_the_forecast_has_a_row_for_each_day_on_which_something_leaves() -> None:
    leaving = [
        (at("2026-12-01 09:00"), 10),
        (at("2026-12-01 23:59"), 20),
        (at("2026-12-02 00:00"), 5),
        (at("2026-11-01 00:00"), 7),
    ]
    assert forecast(leaving, SEOUL, at("2026-11-24 12:00")) == [
        Departure(date(2026, 12, 1), 2, 30),
        Departure(date(2026, 12, 2), 1, 5),
    ]


@pytest.mark.parametrize(
    ("now", "last_run", "leaped"),
    [
        pytest.param("2027-03-05 03:00", None, True, id="never-run"),
        pytest.param("2027-03-05 03:00", "2027-03-04 03:00", False, id="a-day"),
        pytest.param("2027-03-05 03:00", "2027-01-05 03:00", False, id="two-months-off"),
        pytest.param("2099-03-05 03:00", "2027-03-04 03:00", True, id="ahead"),
        pytest.param("2027-03-05 03:00", "2099-03-04 03:00", True, id="back"),
        pytest.param("2027-03-05 03:00", "2027-03-05 12:00", False, id="a-little-back"),
    ],
)
def test_a_leap_of_the_clock_is_seen(now: str, last_run: str | None, leaped: bool) -> None:
    assert leaps(at(now), None if last_run is None else at(last_run)) is leaped


@pytest.mark.parametrize(
    ("now", "last_run", "is_due"),
    [
        pytest.param("2027-03-05 03:00", "2027-03-04 03:00", True, id="the-next-night"),
        pytest.param("2027-03-05 02:59", "2027-03-04 03:00", False, id="too-early"),
        pytest.param("2027-03-05 03:10", "2027-03-05 03:00", False, id="done-already"),
        pytest.param("2027-03-05 23:59", "2027-03-05 03:00", False, id="done-in-the-morning"),
        pytest.param("2027-03-05 09:00", "2027-03-03 03:00", True, id="off-at-night"),
        pytest.param("2027-03-05 09:00", "2027-03-05 02:00", True, id="last-nights-run-was-late"),
        pytest.param("2027-03-05 09:00", "2099-03-05 02:00", True, id="the-clock-was-wrong"),
    ],
)
def test_a_run_is_made_once_a_day_from_three_on(now: str, last_run: str, is_due: bool) -> None:
    assert night_is_due(at(now), at(last_run), SEOUL) is is_due


# --- laws ---------------------------------------------------------------------------------------------

HOUR = 3_600_000_000
START = FIRST_YEAR + 40 * DAY


@st.composite
def histories(draw: st.DrawFn) -> list[Dated]:
    """The versions of one file: gaps from seconds to months, sometimes a deletion, sometimes an odd clock."""
    gaps = draw(st.lists(st.one_of(st.integers(1, HOUR), st.integers(1, 90 * DAY)), min_size=1, max_size=12))
    moments = [START]
    for gap in gaps:
        moments.append(moments[-1] + (-gap if draw(st.integers(0, 19)) == 0 else gap))
    ended = draw(st.booleans())
    ends: list[int | None] = [*moments[1:], moments[-1] + HOUR if ended else None]
    return [
        Dated(seq, written, end, deleted=ended and seq == len(moments), pinned=draw(st.integers(0, 19)) == 0)
        for seq, (written, end) in enumerate(zip(moments, ends, strict=True), start=1)
    ]


policies = st.builds(
    Policy,
    zone=st.sampled_from([SEOUL, ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
    all_days=st.integers(1, 60),
    daily_days=st.integers(1, 800),
    monthly=st.booleans(),
)
moments = st.integers(START, START + 2000 * DAY)


@given(histories(), policies, moments, moments)
def test_a_later_run_never_wants_back_what_an_earlier_one_let_go(
    versions: list[Dated], policy: Policy, one: int, other: int
) -> None:
    earlier, later = sorted((one, other))
    assert decide(versions, policy, later).kept <= decide(versions, policy, earlier).kept


@given(histories(), policies, moments)
def test_what_is_left_is_decided_alike(versions: list[Dated], policy: Policy, now: int) -> None:
    once = decide(versions, policy, now)
    left = [version for version in versions if version.seq in once.kept]
    assert decide(left, policy, now).kept == once.kept


@given(histories(), policies, moments)
def test_the_newest_and_everything_recent_stays(versions: list[Dated], policy: Policy, now: int) -> None:
    found = decide(versions, policy, now).kept
    for version in versions:
        if version.replaced_at is None or version.replaced_at > now - policy.all_days * DAY or version.pinned:
            assert version.seq in found
        if version.deleted and version.replaced_at is not None and version.replaced_at > now - DELETED_DAYS * DAY:
            assert version.seq in found


@given(histories(), policies, st.integers(0, 400))
def test_the_state_at_the_end_of_each_day_stays_for_its_time(
    versions: list[Dated], policy: Policy, days_ago: int
) -> None:
    now = START + 500 * DAY
    here = from_micros(now).astimezone(policy.zone)
    midnight = to_micros(datetime(here.year, here.month, here.day, tzinfo=policy.zone) - timedelta(days=days_ago))
    found = decide(versions, policy, now).kept
    first_of_month = from_micros(midnight).astimezone(policy.zone).day == 1
    for version in versions:
        saw_it = version.at < midnight and (version.replaced_at is None or midnight <= version.replaced_at)
        is_due = (policy.monthly and first_of_month) or midnight > now - policy.daily_days * DAY
        if saw_it and is_due:
            assert version.seq in found


@given(histories(), policies, moments, st.integers(1, 90 * DAY))
def test_another_version_makes_no_older_one_leave_earlier(
    versions: list[Dated], policy: Policy, now: int, gap: int
) -> None:
    last = versions[-1]
    if last.replaced_at is not None:
        return
    added_at = last.at + gap
    longer = [*versions[:-1], last._replace(replaced_at=added_at), Dated(last.seq + 1, added_at)]
    before, after = decide(versions, policy, now), decide(longer, policy, now)
    assert {seq: moment for seq, moment in after.leaves_at.items() if seq != last.seq} == before.leaves_at
    moment = after.leaves_at.get(last.seq)
    assert moment is None or moment >= added_at + policy.all_days * DAY, "the one that was the newest has its time yet"


@given(histories(), policies, moments, st.integers(0, 100), st.integers(0, 100))
def test_a_wider_policy_keeps_all_that_a_narrower_one_keeps(
    versions: list[Dated], policy: Policy, now: int, more_all: int, more_daily: int
) -> None:
    wider = replace(
        policy, all_days=policy.all_days + more_all, daily_days=policy.daily_days + more_daily, monthly=True
    )
    assert decide(versions, policy, now).kept <= decide(versions, wider, now).kept


@given(histories(), policies, moments)
def test_what_is_kept_leaves_later_and_what_is_not_has_left(versions: list[Dated], policy: Policy, now: int) -> None:
    decision: Decision = decide(versions, policy, now)
    for version in versions:
        moment = decision.leaves_at.get(version.seq)
        assert (moment is None or moment > now) is (version.seq in decision.kept)
