"""Content leaves when the policy says so, and nothing that anybody still needs: held against a plain model."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.clock import to_micros
from appliance.history.pruning import ALARM, Pruner
from appliance.history.retention import DAY, Dated, Policy, decide
from appliance.store import alarms, content, footprints, kept, rebuild, thinning
from appliance.store.ledger import member_of
from tests.store.histories import CardHistory, FileHistory
from tests.store.power import cuts
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder

SEOUL = ZoneInfo("Asia/Seoul")
USUAL = Policy(SEOUL)
STRICT = Policy(SEOUL, all_days=3, daily_days=10, monthly=False)
NOON = datetime(2027, 1, 5, 3, 0, tzinfo=UTC)


def at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=SEOUL))


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(NOON)


def pruner(shelves: Shelves, policy: Policy = USUAL) -> Pruner:
    return Pruner(shelves.ledger, policy)


def there(shelves: Shelves) -> set[int]:
    rows = shelves.reading.execute("SELECT id FROM content WHERE place <> 'none'").fetchall()
    return {row["id"] for row in rows}


def has(shelves: Shelves, body: bytes) -> bool:
    row = shelves.row_of(body)
    assert row is not None
    return row.place != "none"


# --- by the calendar ----------------------------------------------------------------------------------


def test_a_busy_day_is_thinned_out_to_its_last_version(shelves: Shelves, clock: TurnedClock) -> None:
    for number in range(5):
        shelves.put("a.txt", f"version {number}".encode())
        clock.turn(timedelta(hours=1))
    clock.turn(timedelta(days=1))
    shelves.put("a.txt", b"today")
    clock.turn(timedelta(days=32))
    freed = pruner(shelves).prune().due
    assert freed == thinning.Freed(4, 36)
    assert [has(shelves, f"version {number}".encode()) for number in range(5)] == [False] * 4 + [True]
    assert has(shelves, b"today")


def test_contacts_and_events_are_kept_for_good(shelves: Shelves, clock: TurnedClock) -> None:
    for number in range(3):
        shelves.put_card("a.vcf", f"card {number}".encode(), "A")
    shelves.delete_card("a.vcf")
    clock.turn(timedelta(days=3000))
    assert pruner(shelves, STRICT).prune().due == thinning.Freed()
    assert all(has(shelves, f"card {number}".encode()) for number in range(3))


def test_a_body_that_a_contact_or_another_file_needs_stays(shelves: Shelves, clock: TurnedClock) -> None:
    shelves.put("a.txt", b"shared with a card")
    shelves.put("a.txt", b"shared with a file")
    shelves.put("a.txt", b"alone")
    shelves.put("a.txt", b"newest")
    shelves.put("b.txt", b"shared with a file")
    shelves.put_card("a.vcf", b"shared with a card", "A")
    clock.turn(timedelta(days=3000))
    pruner(shelves, STRICT).prune()
    bodies = (b"shared with a card", b"shared with a file", b"alone", b"newest")
    assert [has(shelves, body) for body in bodies] == [True, True, False, True]


def test_the_outlook_says_what_leaves_when(shelves: Shelves, clock: TurnedClock) -> None:
    for number in range(3):
        shelves.put("a.txt", f"version {number}".encode())
    shelves.delete("a.txt")
    clock.turn(timedelta(days=31))
    shelves.put("b.txt", b"one")
    shelves.put("b.txt", b"two")
    before = there(shelves)
    outlook = pruner(shelves, Policy(SEOUL, monthly=False)).outlook()
    assert outlook.due == thinning.Freed(2, 18)
    assert [(str(each.day), each.versions, each.size_bytes) for each in outlook.departures] == [
        ("2027-03-07", 1, 3),
        ("2028-01-05", 1, 9),
    ]
    assert there(shelves) == before
    assert pruner(shelves, Policy(SEOUL, monthly=False)).prune() == outlook


# --- a plain model --------------------------------------------------------------------------------------


def expected(shelves: Shelves, policy: Policy, now: int) -> set[int]:
    """What is needed, found by reading everything and asking nobody but the policy."""
    rows = shelves.reading.execute(
        "SELECT v.*, r.kind FROM version v JOIN resource r ON r.id = v.resource_id ORDER BY v.resource_id, v.seq"
    ).fetchall()
    needed = set()
    of_resource = defaultdict(list)
    for row in rows:
        of_resource[row["resource_id"]].append(row)
    for history in of_resource.values():
        versions, contents = [], {}
        for number, row in enumerate(history):
            if row["content_id"] is None or row["body_seq"] != row["seq"]:
                continue
            ends = [
                later for later in history[number + 1 :]
                if later["body_seq"] != row["seq"] or (not later["alive"] and later["op"] != "leave")
            ]  # fmt: skip
            ended = ends[0] if ends else None
            contents[row["seq"]] = row["content_id"]
            if row["kind"] != "file":
                needed.add(row["content_id"])
            versions.append(
                Dated(
                    row["seq"],
                    row["at"],
                    None if ended is None else ended["at"],
                    deleted=ended is not None and ended["op"] == "delete",
                )
            )
        needed |= {contents[seq] for seq in decide(versions, policy, now).kept}
    return needed


@pytest.mark.parametrize("seed", range(8))
def test_what_stays_is_what_the_plain_model_needs(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock(NOON))
        chosen = random.Random(seed)
        policy = chosen.choice([USUAL, STRICT, Policy(SEOUL, all_days=20, daily_days=60, monthly=False)])
        files, cards = FileHistory(shelves, chosen), CardHistory(shelves, chosen)
        cards.run(0)
        acts = [files.put] * 8 + [files.make, files.delete, files.move, files.copy, files.swap, files.sweep, cards.put]
        gone: set[int] = set()
        for _ in range(6):
            for _ in range(15):
                chosen.choice(acts)()
                shelves.clock.turn(timedelta(seconds=chosen.choice([1, 3600, 86400 * 3, 86400 * 30])))
            files.sweep()
            now = shelves.ledger.now_micros()
            before = there(shelves)
            pruner(shelves, policy).prune()
            assert there(shelves) == before & expected(shelves, policy, now)
            gone |= before - there(shelves)
            assert pruner(shelves, policy).prune().due == thinning.Freed(), "a second run has nothing to do"
            require_sound(shelves)
        assert gone, "the history was too short to let anything go"
        shelves.close()


def require_sound(shelves: Shelves) -> None:
    """No content `none` behind a member; the derived tables are untouched."""
    assert rebuild.differences(shelves.reading) == []
    rows = shelves.reading.execute(
        "SELECT m.name FROM member m JOIN content c ON c.id = m.content_id WHERE c.place = 'none'"
    ).fetchall()
    assert [row["name"] for row in rows] == []


# --- slices, others, power -------------------------------------------------------------------------------


def many_versions(shelves: Shelves) -> None:
    for number in range(3):
        for name in ("a.txt", "b.txt", "c.txt"):
            shelves.put(name, f"{name} {number}".encode() * (1 if number else 9000))
    thinning.note_run(shelves.database, to_micros(shelves.clock.now()))


def test_a_nightly_run_is_many_small_steps_and_others_get_in_between(shelves: Shelves, clock: TurnedClock) -> None:
    many_versions(shelves)
    clock.turn(timedelta(days=40))
    nightly = pruner(shelves, STRICT)
    assert nightly.prune_some(), "the walk"
    shelves.put("d.txt", b"a.txt 1")  # what is about to leave is needed again
    while nightly.prune_some():
        pass
    assert [has(shelves, b"a.txt 1"), has(shelves, b"b.txt 1"), has(shelves, b"a.txt 2")] == [True, False, True]
    assert thinning.last_run_at(shelves.reading) == to_micros(clock.now())


def test_the_first_night_only_counts_and_remembers_the_date(shelves: Shelves, clock: TurnedClock) -> None:
    many_versions(shelves)
    with shelves.database.write() as writing:
        writing.execute("DELETE FROM setting")
    clock.turn(timedelta(days=40))
    nightly = pruner(shelves, STRICT)
    while nightly.prune_some():
        pass
    assert has(shelves, b"a.txt 1")
    assert footprints.counted_at(shelves.reading) == to_micros(clock.now())
    clock.turn(timedelta(hours=12))
    assert not nightly.prune_some(), "it is still the same day"
    assert has(shelves, b"a.txt 1")
    clock.turn(timedelta(hours=12))
    while nightly.prune_some():
        pass
    assert not has(shelves, b"a.txt 1")


def test_a_clock_that_leaps_lets_nothing_go_by_itself(shelves: Shelves, clock: TurnedClock) -> None:
    many_versions(shelves)
    clock.turn(timedelta(days=30_000))
    nightly = pruner(shelves, STRICT)
    assert not nightly.prune_some()
    assert has(shelves, b"a.txt 1")
    assert not nightly.prune_some()
    (alarm,) = alarms.alarms(shelves.reading)
    assert alarm.times == 1, "asking twice in a minute is one trouble"
    assert (alarm.kind, alarm.sentence.endswith("gotgan prune")) == (ALARM, True)
    nightly.prune()
    assert not has(shelves, b"a.txt 1")
    assert alarms.alarms(shelves.reading) == []
    clock.turn(timedelta(days=1))
    nightly.prune_some()
    assert alarms.alarms(shelves.reading) == []


def test_a_power_cut_anywhere_loses_nothing_and_the_next_run_ends_alike() -> None:
    with quick_folder() as folder:
        for name in ("uncut", "steps"):
            (folder / name).mkdir()
        uncut = Shelves(folder / "uncut", TurnedClock())
        many_versions(uncut)
        live = uncut.tree()
        expected_left = prune_much_later(uncut)
        uncut.close()
        for step, acknowledged, shelves in cuts(folder / "steps", many_versions, prune_much_later):
            bodies = {row["body"] for row in shelves.reading.execute("SELECT body FROM content WHERE place = 'row'")}
            assert all(body is not None for body in bodies), step
            for row in shelves.reading.execute("SELECT id FROM content WHERE place = 'blob'").fetchall():
                stored = content.row_of(shelves.reading, row["id"])
                assert stored is not None and shelves.blobs.verify(stored), step
            if acknowledged:
                assert there(shelves) == expected_left
            assert prune_much_later(shelves) == expected_left, step
            assert shelves.tree() == live
            require_sound(shelves)


def prune_much_later(shelves: Shelves) -> set[int]:
    shelves.clock.moment = datetime(2027, 6, 1, tzinfo=UTC)
    pruner(shelves, STRICT).prune()
    return there(shelves)


def test_a_pin_keeps_a_version_for_good(shelves: Shelves, clock: TurnedClock) -> None:
    many_versions(shelves)
    resource = shelves.there("a.txt").resource_id
    assert resource is not None and member_of(shelves.reading, resource) is not None
    rows = shelves.reading.execute("SELECT seq FROM version WHERE resource_id = ? ORDER BY seq", (resource,)).fetchall()
    kept.pin(shelves.database, [rows[1]["seq"]], at=at("2027-01-06"), device_id=ANNA.device_id)
    clock.turn(timedelta(microseconds=3000 * DAY))
    pruner(shelves, STRICT).prune()
    assert [has(shelves, b"a.txt 1"), has(shelves, b"b.txt 1")] == [True, False]
