"""What one PUT, one sync after one change and one month cost among 100 members, 1,000, 10,000 and 100,000.

Loaded by PUT over eight connections, as phones would. Every answer is checked against what was loaded; the figures
are printed, and are no reason to fail. A month of a household's calendar holds more where the calendar is larger, so
a month is asked for in another calendar as well: one event a day, over more years where it is larger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.bench import answers
from tests.bench.figures import Block, figure
from tests.bench.object_rows import put_one, sync_change, window
from tests.bench.places import Limits, Place, opened
from tests.bench.servers import Kind, Ours
from tests.bench.wire import Connection, Request, ask, in_parallel
from tests.soak.conftest import Note

SIZES: dict[Kind, tuple[int, ...]] = {"cards": (100, 1_000, 10_000, 100_000), "events": (100, 1_000, 10_000)}
ROUNDS = 5
BUDGET_S = 1.0
SEED = 7
FIRST_DAY, MONTH = datetime(2001, 1, 1), (datetime(2001, 2, 1), datetime(2001, 3, 1))
QUERIES = 100
PROOFS: list[tuple[str, Kind, Callable[[Place], Block]]] = [
    ("PUT one card", "cards", put_one),
    ("sync after one change", "cards", sync_change),
    ("PUT one event", "events", put_one),
    ("query one month", "events", window),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Ours]:
    made = Ours(tmp_path)
    made.prepare()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_one_operation_is_answered_rightly_among_any_number_of_members(
    server: Ours, tmp_path: Path, note: Note
) -> None:
    limits = Limits(BUDGET_S, tmp_path / "none")
    places: dict[tuple[Kind, int], Place] = {}
    for kind, sizes in SIZES.items():
        for size in sizes:
            began = time.monotonic()
            places[kind, size] = opened(server, kind, size, SEED, limits)
            seconds = time.monotonic() - began
            note(f"load {kind} by 8", f"{size:,}", f"{seconds:.1f} s, {size / seconds:,.0f} a second, all listed")
    for proof, kind, measure in PROOFS:
        here = [place for (its_kind, _), place in places.items() if its_kind == kind]
        blocks: list[list[Block]] = [[] for _ in here]
        for _ in range(ROUNDS):  # in turns, so that a busy machine hits all sizes alike
            for place, found in zip(here, blocks, strict=True):
                found.append(measure(place))
                place.rounds += 1
        for size, found in zip(SIZES[kind], blocks, strict=True):
            came = figure(found, "ms")
            note(f"cost: {proof}", f"{size:,} members", f"{came.cpu_ms:.2f} ms CPU, {came.wall:.2f} ms wall")


def test_a_month_of_28_events_costs_the_same_in_any_calendar(server: Ours, note: Note) -> None:
    expected = {f"{number}.ics" for number in range(31, 59)}
    calendars = [(size, daily(server, size)) for size in SIZES["events"]]
    with Connection(server.address) as connection:  # a new one: an idle one is closed while the calendars fill
        walls: dict[int, list[float]] = {size: [] for size in SIZES["events"]}
        cpu_s = dict.fromkeys(SIZES["events"], 0.0)
        tree = server.tree
        tree.look()
        for _ in range(QUERIES):
            for size, href in calendars:
                before_s = tree.cpu_s()
                answer = connection.ask(answers.in_window(href, *MONTH))
                cpu_s[size] += tree.cpu_s() - before_s
                assert set(answers.multistatus(answer).rows) == expected
                walls[size].append(answer.wall_s)
    for size, _ in calendars:
        came = figure([Block(walls[size], cpu_s[size], QUERIES)], "ms")
        seen = f"{came.cpu_ms:.2f} ms CPU, {came.wall:.2f} ms wall"
        note("cost: query a month of 28 events", f"{size:,} members", seen)


def daily(server: Ours, size: int) -> str:
    """Make a calendar with one event a day and return its href."""
    href = f"{server.home('events')}daily-{size}/"
    answers.expect(ask(server.address, Request("MKCALENDAR", href)), 201)
    puts = (
        Request("PUT", f"{href}{number}.ics", hour_of(number), "Content-Type: text/calendar\r\n")
        for number in range(size)
    )
    for _, answer in in_parallel(server.address, puts, 8):
        answers.expect(answer, 201)
    return href


def hour_of(number: int) -> bytes:
    """Return an event from ten to eleven on the day of that number."""
    start = FIRST_DAY + timedelta(days=number, hours=10)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gotgan//tests//EN", "BEGIN:VEVENT", f"UID:{number}",
        "DTSTAMP:20261124T000000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", f"SUMMARY:{number}번째 날",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()
