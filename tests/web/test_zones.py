"""The time zones to choose from: every one is one, and the usual ones are there."""

from __future__ import annotations

from appliance.settings import is_time_zone
from web import zones


def test_every_zone_that_can_be_chosen_is_one() -> None:
    listed = [name for _, names in zones.by_region() for name in names]
    assert [name for name in listed if not is_time_zone(name)] == []
    assert len(set(listed)) == len(listed) > 400
    assert {"Asia/Seoul", "Europe/Berlin", "America/New_York", "Pacific/Auckland"} <= set(listed)


def test_a_zone_is_read_in_its_region() -> None:
    assert zones.shown("Asia/Seoul") == "Seoul"
    assert zones.shown("America/Argentina/Buenos_Aires") == "Argentina, Buenos Aires"
    assert zones.shown("UTC") == ""
