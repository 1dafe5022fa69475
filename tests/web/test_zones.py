"""The time zones to choose from: every one is one, each is called as its readers call it, a likely one comes first."""

from __future__ import annotations

import pytest

from appliance.settings import is_time_zone
from web import zones


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_zone_that_can_be_chosen_is_one_and_has_a_name_of_its_own(language: str) -> None:
    listed = [each for _, found in zones.by_region(language) for each in found]
    assert [each.name for each in listed if not is_time_zone(each.name)] == []
    assert len({each.name for each in listed}) == len({each.shown for each in listed}) == len(listed) > 400
    known = {each.name for each in listed}
    assert {"Asia/Seoul", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"} <= known
    assert "Asia/Calcutta" not in known, "an old name of one that is there"


@pytest.mark.parametrize(
    ("name", "language", "shown"),
    [
        pytest.param("Asia/Seoul", "en", "Seoul, South Korea", id="a-city-and-its-country"),
        pytest.param("Asia/Seoul", "ko", "서울, 대한민국", id="in-korean"),
        pytest.param("Asia/Kolkata", "ko", "콜카타, 인도", id="known-by-its-old-name"),
        pytest.param("Asia/Calcutta", "ko", "콜카타", id="an-old-name-that-a-house-has"),
        pytest.param("Asia/Singapore", "en", "Singapore", id="a-city-that-is-a-country"),
        pytest.param("UTC", "en", "UTC", id="no-place"),
    ],
)
def test_a_zone_is_called_as_its_readers_call_it(name: str, language: str, shown: str) -> None:
    assert zones.shown(name, language) == shown


@pytest.mark.parametrize(
    ("known", "language", "wanted", "likely"),
    [
        pytest.param("Europe/Berlin", "ko", ["ko-KR"], "Europe/Berlin", id="the-box-knows-where-it-is"),
        pytest.param("UTC", "ko", [], "Asia/Seoul", id="by-the-language"),
        pytest.param("UTC", "ko", ["en-GB"], "Europe/London", id="by-the-country-of-the-browser"),
        pytest.param("UTC", "en", ["en", "ko-KR"], "Asia/Seoul", id="the-first-country-that-is-named"),
        pytest.param("UTC", "ko", ["en-US"], "Asia/Seoul", id="a-country-with-many"),
        pytest.param("UTC", "en", ["*", "x-nothing"], "UTC", id="nothing-is-known"),
    ],
)
def test_a_zone_is_likely_by_what_is_known(known: str, language: str, wanted: list[str], likely: str) -> None:
    assert zones.likely(known, language, wanted) == likely


def test_the_few_that_are_near_begin_with_the_chosen_one() -> None:
    near = [each.name for each in zones.near("Asia/Seoul", "en", ["en-NZ"])]
    assert near == ["Asia/Seoul", "Pacific/Auckland", "Pacific/Chatham"]
    assert len(zones.near("UTC", "en", ["en-US"])) == zones.MOST_NEAR
