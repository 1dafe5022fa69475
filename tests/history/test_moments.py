"""What people say for a moment, and what it means in the household's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import errors
from appliance.history.moments import read_moment, spell_moment

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # a Tuesday, 15:30 in Seoul

SAID = {
    "2026-11-17": "2026-11-16T15:00:00+00:00",
    "2026-11-17 14:00": "2026-11-17T05:00:00+00:00",
    "2026-11-17T14:00:30": "2026-11-17T05:00:30+00:00",
    "2026-11-17T14:00:00Z": "2026-11-17T14:00:00+00:00",
    "2026-11-17 14:00+02:00": "2026-11-17T12:00:00+00:00",
    "20261117T140000Z": "2026-11-17T14:00:00+00:00",
    "20261117": "2026-11-16T15:00:00+00:00",
    "now": "2026-11-24T06:30:00+00:00",
    "today": "2026-11-23T15:00:00+00:00",
    "today 09:30": "2026-11-24T00:30:00+00:00",
    "Yesterday  14:00": "2026-11-23T05:00:00+00:00",
    "14:05": "2026-11-24T05:05:00+00:00",
    "tuesday": "2026-11-16T15:00:00+00:00",
    "last tuesday": "2026-11-16T15:00:00+00:00",
    "last tuesday 14:00": "2026-11-17T05:00:00+00:00",
    "mon 08:00": "2026-11-22T23:00:00+00:00",
    "3 days ago": "2026-11-21T06:30:00+00:00",
    "1 hour ago": "2026-11-24T05:30:00+00:00",
    "2 weeks ago": "2026-11-10T06:30:00+00:00",
    "어제 14:00": "2026-11-23T05:00:00+00:00",
    "어제 오후 2시": "2026-11-23T05:00:00+00:00",
    "오늘 9시 30분": "2026-11-24T00:30:00+00:00",
    "그저께": "2026-11-21T15:00:00+00:00",
    "지난 화요일": "2026-11-16T15:00:00+00:00",
    "3일 전": "2026-11-21T06:30:00+00:00",
    "2시간 전": "2026-11-24T04:30:00+00:00",
}


@pytest.mark.parametrize(("said", "meant"), SAID.items(), ids=list(SAID))
def test_a_moment_is_what_people_mean(said: str, meant: str) -> None:
    assert read_moment(said, zone=SEOUL, now=NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "said",
    ["", "soon", "2026-13-01", "2026-11-31", "yesterday 25:00", "last", "14:61", "5", "tuesday noonish",
     "99999999 days ago", "9999 weeks ago in", "2026-11-17 14:00 15:00", "0000-00-00"],
)  # fmt: skip
def test_what_is_no_moment_is_said_so_with_examples(said: str) -> None:
    with pytest.raises(errors.WrongCall, match="examples are"):
        read_moment(said, zone=SEOUL, now=NOW)


def test_a_local_time_that_occurs_twice_is_the_first() -> None:
    assert read_moment("2026-10-25 02:30", zone=BERLIN, now=NOW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_local_time_that_does_not_exist_is_the_instant_after_the_gap() -> None:
    assert read_moment("2026-03-29 02:30", zone=BERLIN, now=NOW) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC)))
def test_a_spelled_moment_is_read_as_itself(moment: datetime) -> None:
    assert read_moment(spell_moment(moment), zone=BERLIN, now=NOW) == moment
    assert read_moment(moment.isoformat(), zone=SEOUL, now=NOW) == moment


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_wrong_call(text: str) -> None:
    try:
        moment = read_moment(text, zone=BERLIN, now=NOW)
    except errors.WrongCall:
        return
    assert moment.utcoffset() == timedelta(0)
