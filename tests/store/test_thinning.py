"""The walk that finds how long each body was current, and the write that lets content go."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from appliance.store import content, kept, queries, refused, thinning
from appliance.store.thinning import Needs, Stretch, Walk
from tests.store.histories import CardHistory, FileHistory
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder
from tests.store.test_query_plans import plans

HOUR = 3_600_000_000


def walked(shelves: Shelves, rows: int = 1000) -> list[Stretch]:
    walk, found = Walk(shelves.reading), []
    while not walk.finished:
        found += walk.step(shelves.reading, rows)
    return found


def short(shelves: Shelves, stretches: list[Stretch]) -> list[tuple[int, float | None, bool]]:
    """Size, hours for which it was current, and whether a deletion ended it."""
    sizes = {row["id"]: row["size"] for row in shelves.reading.execute("SELECT id, size FROM content")}
    return [
        (
            sizes[each.content_id],
            None if each.replaced_at is None else (each.replaced_at - each.at) / HOUR,
            each.deleted,
        )
        for each in stretches
    ]


def hour(shelves: Shelves) -> None:
    shelves.clock.turn(timedelta(hours=1))


def test_a_body_is_current_until_it_is_replaced_or_deleted(shelves: Shelves) -> None:
    shelves.put("a.txt", b"1")
    hour(shelves)
    shelves.put("a.txt", b"22")
    hour(shelves)
    hour(shelves)
    shelves.delete("a.txt")
    hour(shelves)
    shelves.put("a.txt", b"333")
    assert short(shelves, walked(shelves)) == [(1, 1, False), (2, 2, True), (3, None, False)]


def test_a_move_and_new_properties_end_nothing(shelves: Shelves) -> None:
    shelves.put("a.txt", b"1")
    hour(shelves)
    shelves.move(("a.txt",), ("b.txt",))
    hour(shelves)
    with shelves.ledger.write(ANNA) as page:
        page.props(queries.members_named(page.writing.connection, shelves.home.collection_id or 0)[0])
    hour(shelves)
    shelves.put("b.txt", b"22")
    assert short(shelves, walked(shelves)) == [(1, 3, False), (2, None, False)]


def test_an_upload_that_was_moved_over_its_target_was_not_deleted(shelves: Shelves) -> None:
    shelves.put("a.txt", b"1")
    shelves.put("a.part", b"22")
    hour(shelves)
    shelves.move(("a.part",), ("a.txt",))
    assert short(shelves, walked(shelves)) == [(2, 1, False), (1, 1, False), (2, None, False)]


def test_a_body_of_before_the_clock_was_set_is_not_dated(shelves: Shelves) -> None:
    for body in (b"1", b"22", b"333"):
        shelves.put("a.txt", body)
    with shelves.database.write() as writing:
        writing.execute("UPDATE version SET note = ? WHERE size = 2", (thinning.CLOCK_NOT_SET,))
    assert [each.dated for each in walked(shelves)] == [False, False, True]


@pytest.mark.parametrize("seed", range(4))
def test_the_walk_finds_the_same_in_slices_of_any_size(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        FileHistory(shelves, random.Random(seed)).run(50)
        CardHistory(shelves, random.Random(seed)).run(50)
        whole = walked(shelves)
        assert all(walked(shelves, rows) == whole for rows in (1, 2, 3, 7, 64))
        current = {each.content_id for each in whole if each.replaced_at is None}
        living = shelves.reading.execute("SELECT content_id FROM member WHERE content_id IS NOT NULL").fetchall()
        assert {row["content_id"] for row in living} <= current
        shelves.close()


# --- until when a content is needed ------------------------------------------------------------------


def test_the_latest_need_counts_and_nothing_else_passes(shelves: Shelves) -> None:
    for number in range(4):
        shelves.put(f"{number}.txt", bytes(number + 1))
    ids = [row["id"] for row in shelves.reading.execute("SELECT id FROM content ORDER BY id")]
    needs = Needs(shelves.reading)
    needs.need(ids[0], 5)
    needs.need(ids[0], 3)
    needs.need(ids[1], 7)
    needs.need(ids[1], None)
    needs.need(ids[2], 0)
    needs.need(max(ids) + 1, 3)  # written since: not its business
    assert list(needs.passing()) == [(ids[0], 5), (ids[2], 1)]


def refuse(shelves: Shelves, body: bytes) -> int:
    attempt = refused.Attempt(shelves.book, "a.vcf", "PUT", 412, "somebody was quicker")
    refused.keep(shelves.ledger, shelves.blobs, refused.Reserve(shelves.data / "reserve", 0), ANNA, attempt, body)
    row = shelves.row_of(body)
    assert row is not None
    return row.id


def test_a_refused_body_is_needed_until_90_days_after_it_was_settled(shelves: Shelves) -> None:
    open_id, settled_id = refuse(shelves, b"open"), refuse(shelves, b"settled")
    assert list(Needs(shelves.reading).passing()) == []
    settled_at = shelves.ledger.now_micros()
    with shelves.database.write() as writing:
        writing.execute("UPDATE refused SET settled_at = ? WHERE content_id = ?", (settled_at, settled_id))
    assert list(Needs(shelves.reading).passing()) == [(settled_id, settled_at + thinning.REFUSED_STAY)]
    early, late = settled_at + thinning.REFUSED_STAY - 1, settled_at + thinning.REFUSED_STAY
    assert thinning.let_go(shelves.database, [open_id, settled_id], scanned_seq=0, now=early).contents == 0
    assert thinning.let_go(shelves.database, [open_id, settled_id], scanned_seq=0, now=late).contents == 1
    assert [row.place for id_ in (open_id, settled_id) if (row := content.row_of(shelves.reading, id_))] == [
        "row",
        "none",
    ]


# --- the write that lets go ---------------------------------------------------------------------------


@pytest.fixture
def old(shelves: Shelves) -> tuple[int, int]:
    """The content of a version that was replaced, and the seq up to which the ledger was scanned."""
    shelves.put("a.txt", b"old")
    shelves.put("a.txt", b"new")
    row = shelves.row_of(b"old")
    assert row is not None
    return row.id, queries.newest_seq(shelves.reading)


def gone(shelves: Shelves, old: tuple[int, int]) -> bool:
    thinning.let_go(shelves.database, [old[0]], scanned_seq=old[1], now=shelves.ledger.now_micros())
    row = content.row_of(shelves.reading, old[0])
    assert row is not None
    return row.place == "none"


def test_content_is_let_go_and_its_rows_stay(shelves: Shelves, old: tuple[int, int]) -> None:
    before = shelves.reading.execute("SELECT * FROM version").fetchall()
    now = shelves.ledger.now_micros()
    freed = thinning.let_go(shelves.database, [old[0]], scanned_seq=old[1], now=now)
    assert freed == thinning.Freed(1, 3)
    assert [tuple(row) for row in shelves.reading.execute("SELECT * FROM version")] == [tuple(row) for row in before]
    row = shelves.reading.execute("SELECT place, removed_at, body FROM content WHERE id = ?", (old[0],)).fetchone()
    assert tuple(row) == ("none", now, None)
    assert thinning.let_go(shelves.database, [old[0]], scanned_seq=old[1], now=now) == thinning.Freed(), "twice is once"


def test_what_was_written_since_the_scan_stays(shelves: Shelves, old: tuple[int, int]) -> None:
    shelves.put("b.txt", b"old")
    assert not gone(shelves, old)


def test_what_was_refused_since_the_scan_stays(shelves: Shelves, old: tuple[int, int]) -> None:
    refuse(shelves, b"old")
    assert not gone(shelves, old)


def test_what_was_kept_since_the_scan_stays_until_it_is_forgotten(shelves: Shelves, old: tuple[int, int]) -> None:
    (row,) = shelves.reading.execute("SELECT seq FROM version WHERE content_id = ?", (old[0],)).fetchall()
    kept.pin(shelves.database, [row["seq"]], at=1, device_id=5)
    assert not gone(shelves, old)
    kept.unpin(shelves.database, [row["seq"]])
    assert gone(shelves, old)


def test_the_same_octets_put_later_revive_the_row(shelves: Shelves, old: tuple[int, int]) -> None:
    assert gone(shelves, old)
    shelves.put("b.txt", b"old")
    row = content.row_of(shelves.reading, old[0])
    assert row is not None and row.place != "none"


def test_a_run_is_remembered(shelves: Shelves) -> None:
    assert thinning.last_run_at(shelves.reading) is None
    thinning.note_run(shelves.database, 5)
    thinning.note_run(shelves.database, 6)
    assert thinning.last_run_at(shelves.reading) == 6


def test_the_walk_goes_along_the_primary_key_and_sorts_nothing(shelves: Shelves) -> None:
    shelves.put("a.txt", b"1")
    plan = plans(shelves, lambda r: Walk(r).step(r, 10))[-1]
    assert plan == "SEARCH version USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"


def test_the_look_at_what_came_since_reads_no_old_row(shelves: Shelves, old: tuple[int, int]) -> None:
    asked: list[str] = []
    shelves.database._writer.set_trace_callback(asked.append)
    thinning.let_go(shelves.database, [old[0]], scanned_seq=old[1], now=1)
    shelves.database._writer.set_trace_callback(None)
    plan = [
        row["detail"] for sql in asked if "UNION" in sql for row in shelves.reading.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert "SCAN v" not in plan and "SCAN version" not in plan
    assert "SEARCH version USING INTEGER PRIMARY KEY (rowid>?)" in plan
