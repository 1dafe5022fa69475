"""How fast wrong passwords may come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.household.throttle import LARGEST, Rate, Throttle, network_of
from tests.household_room.conftest import TurnedClock

ADDRESS = Rate(burst=3, every_seconds=10.0)
ACCOUNT = Rate(burst=5, every_seconds=60.0)


@pytest.fixture
def throttle(clock: TurnedClock) -> Throttle:
    return Throttle(lambda: clock.seconds, per_address=ADDRESS, per_account=ACCOUNT)


def test_a_burst_passes_and_then_one_at_a_time(throttle: Throttle, clock: TurnedClock) -> None:
    assert [throttle.wrong("192.0.2.1", f"user{n}") for n in range(4)] == [0, 0, 0, 10]
    clock.turn(timedelta(seconds=4))
    assert throttle.wrong("192.0.2.1", "user") == 6
    clock.turn(timedelta(seconds=6))
    assert throttle.wrong("192.0.2.1", "user") == 0
    assert throttle.wrong("192.0.2.1", "user") == 10


def test_an_account_is_slowed_down_across_addresses(throttle: Throttle) -> None:
    waits = [throttle.wrong(f"192.0.2.{n}", "anna") for n in range(6)]
    assert waits == [0, 0, 0, 0, 0, 60]
    assert throttle.wrong("192.0.2.6", "mina") == 0


def test_knocking_on_does_not_make_it_longer(throttle: Throttle, clock: TurnedClock) -> None:
    for _ in range(1000):
        throttle.wrong("192.0.2.1", "anna")
    clock.turn(timedelta(seconds=10))
    assert throttle.wait_seconds("192.0.2.1", "mina") == 0


def test_after_a_pause_the_whole_burst_is_back(throttle: Throttle, clock: TurnedClock) -> None:
    for _ in range(3):
        throttle.wrong("192.0.2.1", "anna")
    clock.turn(timedelta(hours=1))
    assert [throttle.wrong("192.0.2.1", "mina") for _ in range(4)] == [0, 0, 0, 10]


def test_strangers_cannot_fill_the_memory(throttle: Throttle) -> None:
    for number in range(LARGEST + 2000):
        throttle.wrong(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "x" * 10_000 + str(number))
    assert throttle.remembered <= 2 * LARGEST


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
