"""Rows of a scope, newest first: held against the plain reading of the whole ledger."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.store import past, properties, refused, summaries
from appliance.store.happened import Event, Refusal
from appliance.store.ledger import Author, member_at
from appliance.store.timelines import Scope, Timeline
from tests.store.histories import CardHistory, FileHistory
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder
from tests.store.test_query_plans import plans

ROWS = "SELECT seq, resource_id, collection_id, alive, device_id FROM version ORDER BY seq"


def told(shelves: Shelves, scope: Scope, *, after: int = 0, before: int = 1 << 62) -> list[int]:
    with shelves.database.read() as reading:
        timeline = Timeline(reading, scope, after_seq=after, before_seq=before)
        return [event.seq for event in timeline if isinstance(event, Event)]


def expected_below(shelves: Shelves, roots: set[int]) -> list[int]:
    """Every row whose collection lay below one of the roots when it was written; and the roots' own rows."""
    parents: dict[int, int | None] = {}
    found = []

    def is_below(collection_id: int | None) -> bool:
        while collection_id is not None and collection_id not in roots:
            collection_id = parents.get(collection_id)
        return collection_id is not None

    for row in shelves.reading.execute(ROWS):
        if is_below(row["collection_id"]) or row["resource_id"] in roots:
            found.append(row["seq"])
        parents[row["resource_id"]] = row["collection_id"] if row["alive"] else None
    return found[::-1]


@pytest.mark.parametrize("seed", range(12))
def test_everything_below_a_folder_is_what_was_below_it_then(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        chosen = random.Random(seed)
        FileHistory(shelves, chosen).run(60)
        folders = [row["id"] for row in shelves.reading.execute("SELECT id FROM collection WHERE kind = 'folder'")]
        for root in [shelves.home.collection_id, *folders]:
            assert root is not None
            expected = expected_below(shelves, {root})
            assert told(shelves, Scope(collections=(root,))) == expected
            if expected:  # any page of it
                before, after = sorted((chosen.choice(expected), chosen.choice(expected)), reverse=True)
                page = [seq for seq in expected if after < seq < before]
                assert told(shelves, Scope(collections=(root,)), after=after, before=before) == page
        shelves.close()


@pytest.mark.parametrize("seed", range(4))
def test_other_scopes_are_what_their_rows_say(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        CardHistory(shelves, random.Random(seed)).run(80)
        FileHistory(shelves, random.Random(seed)).run(20)
        rows = shelves.reading.execute(ROWS).fetchall()[::-1]
        assert told(shelves, Scope()) == [row["seq"] for row in rows]
        for device in (5, 6):
            assert told(shelves, Scope(devices=(device,))) == [row["seq"] for row in rows if row["device_id"] == device]
        assert told(shelves, Scope(devices=(5, 6))) == [row["seq"] for row in rows if row["device_id"] in (5, 6)]
        for resource in {row["resource_id"] for row in rows}:
            of_it = [row["seq"] for row in rows if row["resource_id"] == resource]
            assert told(shelves, Scope(resources=(resource,))) == of_it
        books = {shelves.book, shelves.second_book}
        assert told(shelves, Scope(collections=tuple(books))) == expected_below(shelves, books)
        shelves.close()


def test_a_row_knows_what_stood_before_it(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    shelves.put("a.txt", b"three")
    shelves.move(("a.txt",), ("b.txt",))
    shelves.delete("b.txt")
    shelves.put("b.txt", b"")
    shelves.put("b.txt", b"again")
    resource = shelves.there("b.txt").resource_id
    assert resource is not None
    with shelves.database.read() as reading:
        found = [each for each in Timeline(reading, Scope(resources=(resource,))) if isinstance(each, Event)]
    assert [(each.op, each.name, each.was_name, each.was_size, each.to_name) for each in found[::-1]] == [
        ("put", "a.txt", None, None, None),
        ("put", "a.txt", "a.txt", 3, None),
        ("leave", "a.txt", "a.txt", 5, "b.txt"),
        ("move", "b.txt", "a.txt", 5, None),
        ("delete", "b.txt", "b.txt", 5, None),
        ("put", "b.txt", "b.txt", 5, None),
        ("put", "b.txt", "b.txt", 0, None),
    ]
    assert [each.was_first for each in found] == [0, None, None, None, None, None, None]


# --- refused edits ------------------------------------------------------------------------------------


def refuse(shelves: Shelves, name: str, *, folder: int, device: int = 5) -> None:
    attempt = refused.Attempt(folder, name, "PUT", 412, "somebody was quicker")
    reserve = refused.Reserve(shelves.data / "reserve", 0)
    refused.keep(shelves.ledger, shelves.blobs, reserve, Author(1, device), attempt, f"lost {name}".encode())


def test_refused_edits_stand_between_the_rows_where_they_happened(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"one", "A")
    refuse(shelves, "a.vcf", folder=shelves.book)
    shelves.put_card("b.vcf", b"two", "B")
    refuse(shelves, "c.vcf", folder=shelves.book, device=6)
    refuse(shelves, "d.vcf", folder=shelves.second_book)
    with shelves.database.read() as reading:

        def names(scope: Scope) -> list[str]:
            shown = (isinstance(each, Refusal) or each.kind == "card" for each in Timeline(reading, scope))
            return [each.name for each, is_shown in zip(Timeline(reading, scope), shown, strict=True) if is_shown]

        assert names(Scope()) == ["d.vcf", "c.vcf", "b.vcf", "a.vcf", "a.vcf"]
        assert names(Scope(collections=(shelves.book,))) == ["c.vcf", "b.vcf", "a.vcf", "a.vcf"]
        card = member_at(reading, shelves.book, "a.vcf")
        assert card is not None
        assert names(Scope(resources=(card.resource_id,))) == ["a.vcf", "a.vcf"]
        assert names(Scope(devices=(6,))) == ["c.vcf"]
        newest = next(each for each in Timeline(reading, Scope()) if isinstance(each, Event)).seq
        late = [each.name for each in Timeline(reading, Scope(), after_seq=newest)]
        assert late == ["d.vcf", "c.vcf"], "what was refused after the last row is new as well"


def test_a_row_of_a_collection_that_may_not_be_seen_is_not_told(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"one", "A")
    shelves.put_card("b.vcf", b"two", "B", book=shelves.second_book)
    refuse(shelves, "c.vcf", folder=shelves.second_book)
    with shelves.database.read() as reading:
        timeline = Timeline(reading, Scope(devices=(5,)), visible=lambda id_: id_ == shelves.book)
        assert [each.name for each in timeline] == ["a.vcf"]


def test_a_batch_can_be_left_out_where_it_is_fetched(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    for number in range(200):
        shelves.put(f"{number}.txt", b"x", folder=folder)
    shelves.put("after.txt", b"y")
    shelves.delete("folder")
    shelves.sweeper.sweep()
    with shelves.database.read() as reading:
        timeline = Timeline(reading, Scope(devices=(ANNA.device_id or 0,)))
        seen = 0
        for event in timeline:
            assert isinstance(event, Event)
            if event.batch_id is not None:
                timeline.skip(event.batch_id)
                seen += 1
        assert 1 <= seen <= 64, "one page of it, no more"


# --- what it costs ------------------------------------------------------------------------------------

SCOPES = {
    "a resource": lambda s: Scope(resources=(5,)),
    "a book": lambda s: Scope(collections=(s.book,)),
    "a device": lambda s: Scope(devices=(5,)),
    "the house": lambda s: Scope(),
}


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.replace(" ", "-"))
def test_no_timeline_reads_a_whole_table_or_sorts(shelves: Shelves, scope: str) -> None:
    refuse(shelves, "a.vcf", folder=shelves.book)
    found = plans(shelves, lambda r: [list(Timeline(r, SCOPES[scope](shelves), before_seq=b)) for b in (3, 1 << 62)])
    assert found
    for plan in found:
        assert "TEMP B-TREE" not in plan
        assert [step for step in plan.split("; ") if step.startswith("SCAN") and "CONSTANT ROW" not in step] == []


def test_the_newest_of_a_house_cost_the_same_whatever_lies_below(tmp_path: Path) -> None:
    """Counted in steps of the database's machine, so that no busy box can disturb it."""
    shelves = Shelves(tmp_path, TurnedClock())
    for number in range(40):
        folder = shelves.make(f"folder {number}")
        shelves.put("a.txt", b"x", folder=folder)
    shelves.put("newest.txt", b"x")
    assert shelves.home.collection_id is not None
    scope = Scope(collections=(shelves.home.collection_id,))
    with shelves.database.read() as reading:
        asked: list[str] = []
        reading.set_trace_callback(asked.append)
        newest = next(iter(Timeline(reading, scope)))
        reading.set_trace_callback(None)
    shelves.close()
    assert newest.name == "newest.txt"
    assert sum("FROM version v" in sql for sql in asked) <= 3, "forty folders are there, and none was opened"


# --- many rows at once --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_activity_counts_the_rows_of_each_stretch(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        chosen = random.Random(seed)
        history = CardHistory(shelves, chosen)
        history.run(0)
        for _ in range(60):
            shelves.clock.turn(timedelta(minutes=chosen.randrange(90)))
            chosen.choice([history.put, history.put, history.delete, history.move])()
        rows = shelves.reading.execute("SELECT seq, at, device_id, collection_id FROM version").fetchall()
        since, until = rows[0]["at"], rows[-1]["at"] + 1
        width = -(-(until - since) // 7)
        for scope, belongs in (
            (Scope(), lambda row: True),
            (Scope(devices=(5,)), lambda row: row["device_id"] == 5),
            (Scope(collections=(shelves.book,)), lambda row: row["collection_id"] == shelves.book),
        ):
            expected = Counter((row["at"] - since) // width for row in rows if belongs(row) and row["seq"] > 12)
            found = summaries.activity(
                shelves.reading, scope, after_seq=12, last_seq=rows[-1]["seq"], since=since, until=until, buckets=7
            )
            assert found == [expected[bucket] for bucket in range(7)]
        shelves.close()


def test_a_batch_is_told_in_numbers(shelves: Shelves) -> None:
    inner = shelves.make("inner", folder=shelves.make("outer"))
    for number in range(3):
        shelves.put(f"{number}.txt", b"x", folder=inner)
    shelves.delete("outer")
    shelves.put("between.txt", b"x")
    shelves.sweeper.sweep()
    (row,) = shelves.reading.execute("SELECT id FROM batch").fetchall()
    found = summaries.batch_summary(shelves.reading, row["id"])
    assert found is not None and found.root is not None
    assert (found.kind, found.resources, found.root.name) == ("delete", 5, "outer")
    assert found.counts == {("delete", "file"): 3, ("delete", "folder"): 2}
    assert summaries.batch_summary(shelves.reading, 99) is None


def test_an_address_is_told_of_what_is_gone_as_well(shelves: Shelves) -> None:
    inner = shelves.make("inner", folder=shelves.make("outer"))
    assert inner.collection_id is not None
    assert past.path_of(shelves.reading, inner.collection_id) == ("files", "anna", "outer", "inner")
    shelves.delete("outer")
    assert past.path_of(shelves.reading, inner.collection_id) == ("files", "anna", "outer", "inner")


def test_what_a_row_changed_beside_the_body_is_told(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"one", "A")
    with shelves.ledger.write(ANNA) as page:
        member = member_at(page.writing, shelves.book, "a.vcf")
        assert member is not None
        first = page.props(member)
        properties.change(page.writing, member.resource_id, first, [("{x}a", "<a/>"), ("{x}b", "<b/>")])
        second = page.props(member)
        properties.change(page.writing, member.resource_id, second, [("{x}a", "<a>2</a>"), ("{x}b", None)])
    told_of = summaries.property_changes
    assert told_of(shelves.reading, member.resource_id, first) == {"{x}a": "<a/>", "{x}b": "<b/>"}
    assert told_of(shelves.reading, member.resource_id, second) == {"{x}a": "<a>2</a>", "{x}b": None}
