"""What former states take and when they leave, as the nightly work counts it: held against a plain model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.clock import from_micros, to_micros
from appliance.history import keeping
from appliance.history.pruning import FORECAST_DAYS, Pruner
from appliance.history.retention import DAY, Policy
from appliance.store import footprints, kept
from appliance.store.database import Reading
from appliance.store.footprints import FORMER, LATER, OBJECTS, Amount
from tests.store.histories import CardHistory, FileHistory
from tests.store.power import cuts
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder
from tests.store.test_query_plans import plans

SEOUL = ZoneInfo("Asia/Seoul")
POLICY = Policy(SEOUL, all_days=3, daily_days=60, monthly=False)
HERS = ANNA.person_id or 0
NOON = datetime(2027, 1, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NOON)


def count(shelves: Shelves) -> None:
    Pruner(shelves.ledger, POLICY).prune()


def everybody(shelves: Shelves, kind: str) -> Amount:
    found = (each for (_, of), each in footprints.amounts(shelves.reading).items() if of == kind)
    return sum(found, Amount())


def some_states(shelves: Shelves) -> None:
    """Two states that leave in three days, a card that changed, and what is here now."""
    for body in (b"first", b"second", b"now"):
        shelves.put("a.txt", body)
    for body in (b"a card", b"a newer card"):
        shelves.put_card("a.vcf", body, "A")


def test_former_states_are_counted_for_whom_they_belong_to(shelves: Shelves) -> None:
    some_states(shelves)
    count(shelves)
    found = footprints.amounts(shelves.reading)
    assert found == {(HERS, FORMER): Amount(2, 11), (HERS, OBJECTS): Amount(1, 6)}
    assert footprints.counted_at(shelves.reading) == to_micros(NOON)
    leaving = footprints.forecast(shelves.reading)
    assert [(each.day, each.person_id, each.amount) for each in leaving] == [(date(2027, 1, 8), HERS, Amount(2, 11))]


def test_what_leaves_after_the_forecast_is_only_summed_up(shelves: Shelves, clock: TurnedClock) -> None:
    shelves.put("a.txt", b"yesterday")
    clock.turn(timedelta(days=1))
    shelves.put("a.txt", b"today")
    count(shelves)
    assert footprints.forecast(shelves.reading) == []
    assert everybody(shelves, LATER) == Amount(1, 9)
    clock.turn(timedelta(days=60 - FORECAST_DAYS))
    count(shelves)
    assert [each.day for each in footprints.forecast(shelves.reading)] == [date(2027, 3, 7)]
    assert everybody(shelves, LATER) == Amount()


def test_what_left_and_what_came_again_is_told_no_more(shelves: Shelves, clock: TurnedClock) -> None:
    some_states(shelves)
    count(shelves)
    shelves.put("b.txt", b"first")  # somebody has it again
    count(shelves)
    assert [each.amount for each in footprints.forecast(shelves.reading)] == [Amount(1, 6)]
    clock.turn(timedelta(days=4))
    count(shelves)
    assert footprints.forecast(shelves.reading) == []
    assert everybody(shelves, FORMER) == Amount()


def test_keep_takes_a_day_out_of_the_forecast_and_may_be_taken_back(shelves: Shelves, clock: TurnedClock) -> None:
    some_states(shelves)
    count(shelves)
    before = footprints.forecast(shelves.reading)
    chosen = keeping.leaving_between(shelves.reading, date(2027, 1, 8), date(2027, 1, 8), {HERS})
    for first, whose in ((date(2027, 1, 8), HERS + 1), (date(2027, 1, 9), HERS)):
        assert keeping.leaving_between(shelves.reading, first, date(2027, 2, 1), {whose}).seqs == ()
    kept_ones = keeping.keep(shelves.database, chosen, at=7, device_id=ANNA.device_id)
    assert (kept_ones.versions, kept_ones.size_bytes) == (2, 11)
    assert footprints.forecast(shelves.reading) == []
    assert ANNA.device_id is not None
    again = keeping.kept_at(shelves.reading, 7, ANNA.device_id)
    assert set(again.seqs) == set(chosen.seqs)
    assert keeping.kept_at(shelves.reading, 8, ANNA.device_id).seqs == ()
    assert kept.pressed(shelves.reading, 7, ANNA.device_id) == (2, 11)
    keeping.forget(shelves.database, again)
    assert footprints.forecast(shelves.reading) == before
    keeping.keep(shelves.database, chosen, at=7, device_id=ANNA.device_id)
    clock.turn(timedelta(days=3000))
    count(shelves)
    assert everybody(shelves, FORMER) == Amount(2, 11), "they stay, and still take their room"


def model(shelves: Shelves) -> tuple[Counter[str], Counter[str]]:
    """What is kept and is nobody's now, by kind; read from the ledger as plainly as possible."""
    states: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for row in shelves.reading.execute(
        "SELECT c.size, (SELECT r.kind FROM version v JOIN resource r ON r.id = v.resource_id"
        " WHERE v.content_id = c.id ORDER BY v.seq DESC LIMIT 1) AS kind FROM content c WHERE c.place <> 'none'"
        " AND c.id NOT IN (SELECT content_id FROM member WHERE content_id IS NOT NULL)"
    ).fetchall():
        if row["kind"] is not None:
            kind = FORMER if row["kind"] == "file" else OBJECTS
            states[kind] += 1
            sizes[kind] += row["size"]
    return states, sizes


@pytest.mark.parametrize("seed", range(4))
def test_the_count_is_what_a_plain_model_finds(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock(NOON))
        chosen = random.Random(seed)
        files, cards = FileHistory(shelves, chosen), CardHistory(shelves, chosen)
        cards.run(0)
        acts = [files.put] * 8 + [files.make, files.delete, files.move, files.copy, files.swap, cards.put, cards.delete]
        for _ in range(4):
            for _ in range(15):
                chosen.choice(acts)()
                shelves.clock.turn(timedelta(seconds=chosen.choice([1, 3600, 86400, 86400 * 20])))
            files.sweep()
            outlook = Pruner(shelves.ledger, POLICY).prune()
            states, sizes = model(shelves)
            for kind in (FORMER, OBJECTS):
                assert everybody(shelves, kind) == Amount(states[kind], sizes[kind])
            told = [(each.day, each.amount.states, each.amount.size_bytes) for each in by_day(shelves.reading)]
            expected = [(each.day, each.versions, each.size_bytes) for each in outlook.departures]
            assert told == expected[: len(told)], "the forecast is the beginning of the outlook"
            later = expected[len(told) :]
            assert everybody(shelves, LATER) == Amount(sum(each[1] for each in later), sum(each[2] for each in later))
            last = from_micros(shelves.ledger.now_micros() + FORECAST_DAYS * DAY).astimezone(SEOUL).date()
            assert all(each[0] >= last for each in later)
        shelves.close()


def by_day(reading: Reading) -> Iterator[footprints.Leaving]:
    sums: dict[date, Amount] = {}
    for each in footprints.forecast(reading):
        sums[each.day] = sums.get(each.day, Amount()) + each.amount
    return (footprints.Leaving(day, 0, amount) for day, amount in sums.items())


# --- power, cost ----------------------------------------------------------------------------------------


def count_later(shelves: Shelves) -> None:
    shelves.clock.moment = NOON + timedelta(days=1)
    count(shelves)


def before_the_cut(shelves: Shelves) -> None:
    shelves.clock.moment = NOON
    some_states(shelves)
    count(shelves)
    shelves.put("a.txt", b"another")


def test_a_power_cut_leaves_the_count_before_and_the_next_ends_alike() -> None:
    with quick_folder() as folder:
        totals = set()
        for _, acknowledged, shelves in cuts(folder, before_the_cut, count_later):
            was, when = everybody(shelves, FORMER), footprints.counted_at(shelves.reading)
            assert (was, when) in (
                (Amount(2, 11), to_micros(NOON)),
                (Amount(3, 14), to_micros(NOON + timedelta(days=1))),
            ), "totals and their date change together"
            totals.add(was)
            if acknowledged:
                assert was == Amount(3, 14)
            days = [(each.day, each.amount) for each in footprints.forecast(shelves.reading)]
            assert days in ([(date(2027, 1, 8), each)] for each in (Amount(2, 11), Amount(3, 14))), "each is true"
            count_later(shelves)
            assert everybody(shelves, FORMER) == Amount(3, 14)
            days = [(each.day, each.amount) for each in footprints.forecast(shelves.reading)]
            assert days == [(date(2027, 1, 8), Amount(3, 14))]
        assert totals == {Amount(2, 11), Amount(3, 14)}


def test_an_unchanged_night_writes_no_departure(shelves: Shelves) -> None:
    some_states(shelves)
    count(shelves)
    with shelves.database.write() as writing:
        writing.execute(
            "CREATE TRIGGER touched BEFORE INSERT ON departure BEGIN SELECT RAISE(ABORT, 'written again'); END"
        )
    count(shelves)
    assert [each.amount for each in footprints.forecast(shelves.reading)] == [Amount(2, 11)]


def test_a_page_asks_a_few_rows_by_their_index(shelves: Shelves) -> None:
    some_states(shelves)
    count(shelves)
    asked = plans(shelves, footprints.forecast) + plans(
        shelves, lambda reading: footprints.leaving_between(reading, date(2027, 1, 8), date(2027, 1, 9), HERS)
    )
    assert len(asked) == 2
    assert all("USING COVERING INDEX departure_day" in plan for plan in asked)
    assert not any("TEMP B-TREE" in plan or "SCAN k" in plan for plan in asked)
    pressed = plans(shelves, lambda reading: kept.pinned_at(reading, 7, 1))
    assert all("USING INDEX kept_at" in plan for plan in pressed)


def steps(shelves: Shelves) -> int:
    """What SQLite does for the questions of a page."""
    done = 0

    def more() -> int:
        nonlocal done
        done += 1
        return 0

    shelves.reading.set_progress_handler(more, 1)
    try:
        footprints.forecast(shelves.reading)
        footprints.amounts(shelves.reading)
        footprints.counted_at(shelves.reading)
    finally:
        shelves.reading.set_progress_handler(None, 0)
    return done


def test_what_a_page_asks_does_not_grow_with_the_ledger(shelves: Shelves) -> None:
    some_states(shelves)
    count(shelves)
    few = steps(shelves)
    for number in range(200):
        shelves.put_card(f"{number}.vcf", f"card {number}".encode(), str(number))
        shelves.put(f"{number}.txt", f"file {number}".encode())
    count(shelves)
    assert steps(shelves) == few
