"""`gotgan doctor`: alarms with their numbers and their end, a clock that cannot be right, a watcher that is missing."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.cli.doctor import unset_clock
from appliance.clock import SOFTWARE_AT, to_micros
from appliance.household import devices
from appliance.store import alarms
from appliance.watch import alone
from tests.cli.calling import Shell
from tests.cli.test_prune import put, served
from tests.store.shelves import TurnedClock

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture
def alarmed(shell: Shell) -> Shell:
    """A household with one alarm."""
    assert shell("person", "add", "anna").code == 0
    with served(shell, TurnedClock(datetime.now(UTC))) as house:
        alarms.sound(house.services.ledger.database, "disk", "", "The disk does not answer.", at=1)
    return shell


def test_an_alarm_is_told_with_its_number_and_acknowledged_by_it(alarmed: Shell) -> None:
    (told,) = alarmed("doctor", "--json").json["alarms"]
    said = alarmed("doctor").out
    assert f"Alarm {told['id']}: The disk does not answer." in said
    assert f"gotgan doctor --acknowledge {told['id']}" in said
    assert alarmed("doctor", "--acknowledge", str(told["id"])).code == 0
    assert "The disk does not answer." not in alarmed("doctor").out
    (known,) = alarmed("doctor", "--json").json["alarms"]
    assert datetime.fromisoformat(known["acknowledged_at"]) > NOW - timedelta(days=3000)
    with served(alarmed, TurnedClock(NOW)) as house:
        reading = house.services.ledger.database.connection()
        (by,) = (each for each in devices.of_every_kind(reading) if each.id == known["acknowledged_by"])
    assert by.kind == "shell"


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--acknowledge", "99"], 1), (["--acknowledge", "1", "--release"], 2)]
)
def test_what_cannot_be_acknowledged_is_said(alarmed: Shell, arguments: list[str], code: int) -> None:
    said = alarmed("doctor", *arguments)
    assert (said.code, said.out) == (code, "")


@pytest.mark.parametrize(
    ("newest", "now", "sign"),
    [
        pytest.param(NOW - timedelta(hours=1), NOW, None, id="as-it-should-be"),
        pytest.param(NOW + timedelta(seconds=59), NOW, None, id="a-little-slow"),
        pytest.param(NOW + timedelta(seconds=61), NOW, "the newest change was recorded", id="before-the-newest-change"),
        pytest.param(None, SOFTWARE_AT - timedelta(seconds=1), "this software is younger", id="before-the-software"),
        pytest.param(None, NOW, None, id="nothing-was-ever-written"),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(newest: datetime | None, now: datetime, sign: str | None) -> None:
    said = unset_clock(None if newest is None else to_micros(newest), now, SEOUL)
    assert (said is None) == (sign is None)
    assert sign is None or (said is not None and sign in said)


def test_changes_of_tomorrow_are_told_by_the_doctor(shell: Shell) -> None:
    assert shell("person", "add", "anna").code == 0
    assert shell("doctor", "--json").json["clock"] is None
    with served(shell, TurnedClock(datetime.now(UTC) + timedelta(days=1))) as house:
        put(house, "a.txt", b"one")
    assert "The clock is not set" in shell("doctor").out


def test_a_missing_watcher_is_told_until_one_is_seen(shell: Shell) -> None:
    assert shell("person", "add", "anna").code == 0
    settings = shell.data / "gotgan.toml"
    settings.write_text('watch = "apart"\n', encoding="utf-8")
    assert "Start gotgan watch" in shell("doctor").out
    held = alone.hold(shell.data)
    assert held is not None
    alone.sign(held, datetime.now(UTC))
    assert shell("doctor", "--json").json["alarms"] == []
    alone.sign(held, datetime.now(UTC) - alone.PATIENCE - timedelta(minutes=1))
    assert [each["kind"] for each in shell("doctor", "--json").json["alarms"]] == [alone.ALARM]
    held.close()
    settings.write_text('watch = "serve"\n', encoding="utf-8")
    assert shell("doctor", "--json").json["alarms"] == []


def test_a_watcher_leaves_a_sign_when_it_begins(shell: Shell) -> None:
    assert shell("person", "add", "anna").code == 0
    clock = TurnedClock(datetime.now(UTC))
    with served(shell, clock) as house:
        (shell.data / alone.WATCHING).touch()
        os.utime(shell.data / alone.WATCHING, (0, 0))
        assert house.background.watch()
        house.background.close()
        seen = alone.seen_at(shell.data)
        assert seen is not None
        assert abs(seen - clock.now()) < timedelta(seconds=1)
