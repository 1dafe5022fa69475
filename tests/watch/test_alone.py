"""Whoever watches shows now and then that it works; the server that leaves the watch to it looks for the sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.store import alarms
from appliance.watch import alone
from appliance.watch.background import Background
from appliance.watch.settling import HEARTBEAT_SECONDS
from tests.history.rooms import Rooms
from tests.store.shelves import TurnedClock
from tests.watch.watching import Watched

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_sign_is_given_at_once_and_then_every_five_minutes(place: Watched) -> None:
    signs: list[float] = []
    place.duties = replace(place.duties, sign=lambda: signs.append(place.elapsed))
    place.begin()
    for _ in range(int(2 * alone.SIGN_SECONDS / HEARTBEAT_SECONDS) + 1):
        place.pass_time(HEARTBEAT_SECONDS)
    assert len(signs) == 3
    assert all(later - earlier >= alone.SIGN_SECONDS for earlier, later in pairwise(signs))


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[Background, TurnedClock]]:
    """The background of a server that leaves the watch to another process, not begun."""
    (tmp_path / "gotgan.toml").write_text('watch = "apart"\n', encoding="utf-8")
    clock = TurnedClock(NOW)
    rooms = Rooms(tmp_path, clock)
    yield rooms.house.background, clock
    rooms.house.background.close()
    rooms.close()


def told(behind: Background) -> list[str]:
    return [alarm.kind for alarm in alarms.alarms(behind.files.ledger.database.connection())]


def test_a_server_alarms_when_no_watcher_was_seen_for_a_while(behind: tuple[Background, TurnedClock]) -> None:
    background, clock = behind
    look = background.look_for_watcher(clock.now())
    clock.turn(alone.PATIENCE)
    look()
    assert told(background) == [], "it has time to start"
    clock.turn(timedelta(minutes=1))
    look()
    assert told(background) == [alone.ALARM]
    held = alone.hold(background.settings.data)
    assert held is not None
    alone.sign(held, clock.now())
    look()
    assert told(background) == []
    held.close()
