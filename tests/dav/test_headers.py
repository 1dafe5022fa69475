"""Headers as values."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.dav.headers import (
    Depth,
    Preferences,
    http_date,
    read_depth,
    read_lock_token,
    read_oc_mtime,
    read_overwrite,
    read_preferences,
    read_timeout,
)
from appliance.dav.quirks import ROWS, Quirks, quirks_of
from appliance.errors import BadRequest


@pytest.mark.parametrize(
    ("value", "depth"),
    [
        (None, Depth("infinity")),
        ("0", Depth("0")),
        (" 1 ", Depth("1")),
        ("Infinity", Depth("infinity")),
        ("1,noroot", Depth("1", rootless=True)),
        ("infinity, noroot", Depth("infinity", rootless=True)),
    ],
)
def test_depth_is_read(value: str | None, depth: Depth) -> None:
    assert read_depth(value, default="infinity") == depth


@pytest.mark.parametrize("value", ["", "2", "-1", "one", "1,root", "1,noroot,noroot", "0 1", "1, 1"])
def test_a_depth_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(BadRequest):
        read_depth(value, default="1")


@pytest.mark.parametrize(
    ("prefer", "brief", "preferences"),
    [
        (None, None, Preferences()),
        ("return=minimal", None, Preferences(minimal=True)),
        ("Return=Minimal", None, Preferences(minimal=True)),
        ("return-minimal", None, Preferences(minimal=True)),
        ('return="minimal"; foo', None, Preferences(minimal=True)),
        ("depth-noroot, return=minimal", None, Preferences(minimal=True, rootless=True)),
        ("respond-async, return=representation", None, Preferences(representation=True)),
        ("return=representation, return=minimal", None, Preferences(representation=True)),
        (None, "t", Preferences(minimal=True)),
        (None, "T", Preferences(minimal=True)),
        (None, "f", Preferences()),
        ("return=representation", "t", Preferences(representation=True)),
        (",;=", None, Preferences()),
    ],
)
def test_preferences_are_read_in_all_their_spellings(
    prefer: str | None, brief: str | None, preferences: Preferences
) -> None:
    assert read_preferences(prefer, brief) == preferences


def test_what_was_preferred_and_done_is_said() -> None:
    assert Preferences(minimal=True, rootless=True).applied == "return=minimal, depth-noroot"
    assert Preferences().applied is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("Second-600", 600),
        ("Second-3600", 3600),
        ("Second-86400", 3600),
        ("Infinite, Second-4100000000", 3600),
        ("Extend, second-90", 90),
        ("Second-0", 1),
        ("Second--1", None),
        ("Second-99999999999999999999", None),
        ("forever", None),
    ],
)
def test_a_lock_lasts_at_most_an_hour(value: str | None, seconds: int | None) -> None:
    assert read_timeout(value) == seconds


def test_overwrite_is_t_unless_f() -> None:
    assert read_overwrite(None) is read_overwrite("T") is read_overwrite("t") is True
    assert read_overwrite("F") is False
    with pytest.raises(BadRequest):
        read_overwrite("yes")


def test_a_lock_token_stands_in_angle_brackets() -> None:
    assert read_lock_token(" <urn:uuid:1> ") == "urn:uuid:1"
    for wrong in (None, "", "urn:uuid:1", "<>", "<a b>", "<a><b>", "<" + "x" * 300 + ">"):
        with pytest.raises(BadRequest):
            read_lock_token(wrong)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1262401445", datetime(2010, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("1262401445.5", datetime(2010, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("-5", None),
        ("nan", None),
        ("1e9", None),
        ("99999999999", datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)),
    ],
)
def test_the_time_of_a_photo_is_read_with_and_without_a_fraction(value: str | None, moment: datetime | None) -> None:
    assert read_oc_mtime(value) == moment


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_date_is_written_as_http_wants_it(moment: datetime) -> None:
    assert http_date(moment) == format_datetime(moment, usegmt=True)


def test_thunderbird_alone_gets_400_for_a_token_nobody_issued() -> None:
    found = quirks_of("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.0")
    assert found == Quirks(valid_sync_token_status=400, properties_mean_contents=True)
    assert quirks_of("DAVx5/4.5 okhttp") == quirks_of(None) == Quirks(403)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.client)
def test_a_quirk_says_who_what_and_where_it_was_seen(row: object) -> None:
    assert all(getattr(row, said) for said in ("client", "marker", "symptom", "recording", "answers"))
