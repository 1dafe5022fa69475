"""A burst is far more than a device usually does; a device is compared with its own past only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.history.bursts import FEWEST, TIMES, WEEK, Burst, Pulse, bursts

NOW = 50 * WEEK


def deleted(things: int, *, weeks_ago: float = 0.0, device_id: int = 7, kind: str = "card", after: int = 0) -> Pulse:
    return Pulse(device_id, "deleted", kind, NOW - round(weeks_ago * WEEK) + after, things)


def changed(things: int, **when: float) -> Pulse:
    return deleted(things, weeks_ago=when.get("weeks_ago", 0.0))._replace(deed="changed")


THREE_A_WEEK = [deleted(3, weeks_ago=week) for week in (1, 2, 3, 4)]
THIRTY_A_WEEK = [deleted(30, weeks_ago=week) for week in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("pulses", "expected"),
    [
        pytest.param([], [], id="nothing-ever"),
        pytest.param([*THREE_A_WEEK, deleted(212)], [212], id="212-where-three-a-week-are-usual"),
        pytest.param([*THREE_A_WEEK, deleted(FEWEST - 1)], [], id="too-few-to-matter"),
        pytest.param([deleted(FEWEST)], [FEWEST], id="a-new-device-that-deletes-at-once"),
        pytest.param([deleted(20), deleted(20, after=4)], [40], id="one-spell-in-several-quarters"),
        pytest.param([deleted(20), deleted(20, after=6)], [], id="two-spells-of-little"),
        pytest.param([*THIRTY_A_WEEK, deleted(100)], [30, 30], id="it-always-deletes-much"),
        pytest.param([deleted(40, weeks_ago=1), deleted(40)], [40, 40], id="a-burst-makes-no-habit"),
        pytest.param([deleted(20), deleted(20, device_id=8)], [], id="two-devices-are-two"),
        pytest.param([deleted(20), changed(20)], [], id="two-deeds-are-two"),
        pytest.param([changed(300)], [300], id="changes-count"),
        pytest.param([*[deleted(20, weeks_ago=week) for week in (6, 7, 8)], deleted(30)], [30], id="long-ago"),
    ],
)
def test_a_burst_is_far_more_than_usual(pulses: list[Pulse], expected: list[int]) -> None:
    assert [burst.count for burst in bursts(pulses)] == expected


def test_a_burst_says_of_what_it_consists_and_what_is_usual() -> None:
    found = bursts([*THREE_A_WEEK, deleted(40, kind="event", after=1), deleted(200, after=3)])
    assert found == [Burst(7, "deleted", (("card", 200), ("event", 40)), NOW + 1, NOW + 3, 1.5)]


PULSES = st.builds(
    Pulse, st.integers(1, 3), st.sampled_from(["changed", "deleted"]), st.sampled_from(["card", "file"]),
    st.integers(NOW - 6 * WEEK, NOW), st.integers(1, 300),
)  # fmt: skip


@given(st.lists(PULSES, max_size=40))
def test_every_burst_is_large_and_counted_from_its_own_pulses(pulses: list[Pulse]) -> None:
    for burst in bursts(pulses):
        own = [
            each.things
            for each in pulses
            if (each.device_id, each.deed) == (burst.device_id, burst.deed)
            and burst.first_quarter <= each.quarter <= burst.last_quarter
        ]
        assert burst.count == sum(own) >= FEWEST
        assert burst.count >= TIMES * burst.usual


@given(st.lists(PULSES, max_size=40), st.randoms())
def test_the_order_of_asking_does_not_matter(pulses: list[Pulse], chosen: object) -> None:
    shuffled = list(pulses)
    chosen.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [(burst.first_quarter, burst.count) for burst in bursts(shuffled)] == [
        (burst.first_quarter, burst.count) for burst in bursts(pulses)
    ]
