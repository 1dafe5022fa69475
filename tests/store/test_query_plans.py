"""What a request costs does not grow with the collection: the plans of the hot questions, as SQLite tells them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance.store import (
    ended,
    epochs,
    former,
    locks,
    objects,
    past,
    past_bodies,
    properties,
    queries,
    spans,
    touched,
)
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.ledger import Member, find_member, member_of
from tests.store.shelves import Shelves


def plans(shelves: Shelves, ask: Callable[[Reading], object]) -> list[str]:
    """The plan of every statement that `ask` runs, in order."""
    asked: list[str] = []
    reading = shelves.reading
    reading.set_trace_callback(asked.append)
    try:
        ask(reading)
    finally:
        reading.set_trace_callback(None)
    return [
        "; ".join(row["detail"] for row in reading.execute(f"EXPLAIN QUERY PLAN {sql}"))
        for sql in asked
        if "--" not in sql
    ]


def a_member(shelves: Shelves) -> Member:
    return Member(shelves.book, "a.vcf", 3, 5, "card", 3, 7, 10, 0)


QUESTIONS: dict[str, Callable[[Shelves], Callable[[Reading], object]]] = {
    "one name": lambda s: lambda r: find_member(r, s.book, "가족.vcf"),
    "where a resource is": lambda s: lambda r: member_of(r, 5),
    "the listing": lambda s: lambda r: queries.members_named(r, s.book),
    "how many": lambda s: lambda r: queries.member_count(r, s.book),
    "the token": lambda s: lambda r: queries.member_seq(r, s.book),
    "changes": lambda s: lambda r: queries.changes(r, s.book, 3, None, with_gone=True),
    "a page of changes": lambda s: lambda r: queries.changes(r, s.book, 3, 10, with_gone=True),
    "a first page": lambda s: lambda r: queries.changes(r, s.book, 0, 10, with_gone=False),
    "the state at a seq": lambda s: lambda r: queries.state_at(r, s.book, 3),
    "the members at a seq": lambda s: lambda r: past.members_at(r, s.book, 3),
    "a name at a seq": lambda s: lambda r: past.member_named_at(r, s.book, "a.vcf", 3),
    "a resource at a seq": lambda s: lambda r: past.member_of_at(r, 5, 3),
    "properties at a seq": lambda s: lambda r: past.properties_at(r, 5, 3),
    "a mount at a seq": lambda s: lambda r: past.mount_at(r, 5, 3),
    "properties of many at a seq": lambda s: lambda r: past.properties_of(r, [5, 6], 3),
    "where a collection belongs": lambda s: lambda r: past.ancestry(r, s.book),
    "whether a collection was there": lambda s: lambda r: past.is_there_at(r, s.book, 30),
    "when a collection changed": lambda s: lambda r: past.changed_at(r, s.book, 3),
    "what was written to many": lambda s: lambda r: list(touched.of_many(r, [5, 6], 3)),
    "one version": lambda s: lambda r: past.version_at(r, 5, 3),
    "what is known of bodies": lambda s: lambda r: past_bodies.facts_of(r, [5, 6]),
    "bodies of the past": lambda s: lambda r: list(past_bodies.octets_of(r, Bodies(s.files), [a_member(s)])),
    "who last had an address": lambda s: lambda r: past.last_at(r, ("addressbooks", "anna", "contacts")),
    "folders below that changed": lambda s: lambda r: queries.folders_changed(r, s.home.collection_id or 0, 3),
    "former bodies": lambda s: lambda r: former.bodies_of(r, 5, 24),
    "who wrote files": lambda s: lambda r: former.written(r, [5, 6]),
    "what is not covered": lambda s: lambda r: former.uncovered(r, [5, 6]),
    "what lies below folders": lambda s: lambda r: former.below(r, [5, 6]),
    "a step back": lambda s: lambda r: former.step_before(r, s.book, 30),
    "a step forth": lambda s: lambda r: former.step_after(r, s.book, 3),
    "a multiget": lambda s: lambda r: list(objects.bodies(r, s.blobs, s.book, ["a", "b"])),
    "members by id": lambda s: lambda r: queries.members_by_id(r, s.book, [5, 6]),
    "a month": lambda s: lambda r: spans.candidates(r, s.calendar, 0, 1 << 50, "VEVENT"),
    "free and busy": lambda s: lambda r: (spans.busy_rows(r, s.calendar, 0, 9), spans.unlisted(r, s.calendar, 0, 9)),
    "properties of one": lambda s: lambda r: properties.of(r, 5),
    "properties of all": lambda s: lambda r: properties.of_members(r, s.book),
    "a folder of files": lambda s: lambda r: list(s.files.entries(s.home)),
    "some of a folder of files": lambda s: lambda r: s.files.entries_of(s.home, ["a.txt", "b.txt"]),
    "locks that cover": lambda s: lambda r: locks.covering(r, 5, [6, 7], 0),
    "the newest seq": lambda s: queries.newest_seq,
    "when it was made": lambda s: lambda r: queries.born_at(r, 5),
    "what ended here": lambda s: lambda r: ended.ended_in(r, s.book),
    "how much ended here": lambda s: lambda r: ended.ended_count(r, s.book),
    "which events ended here": lambda s: lambda r: ended.ended_events(r, s.calendar, 0, 9, newest=100),
    "what happens in a month": lambda s: lambda r: spans.listed_in(r, s.calendar, 0, 9),
    "what entries are called": lambda s: lambda r: spans.titled(r, s.calendar, [5, 6]),
    "the epoch that is open": lambda s: epochs.EpochCache().of_snapshot,
}


@pytest.mark.parametrize("question", QUESTIONS, ids=QUESTIONS)
def test_no_question_reads_a_whole_table_or_sorts(shelves: Shelves, question: str) -> None:
    found = plans(shelves, QUESTIONS[question](shelves))
    assert found
    for plan in found:
        assert "TEMP B-TREE" not in plan.replace("UNION USING TEMP B-TREE", "")  # that one only drops what came twice
        scans = [step for step in plan.split("; ") if step.startswith("SCAN") and "CONSTANT ROW" not in step]
        assert {scan.split()[1] for scan in scans} <= {"epoch"}, "epochs are few, one for each start"


def test_one_name_is_one_look_at_the_primary_key(shelves: Shelves) -> None:
    (plan,) = plans(shelves, lambda r: find_member(r, shelves.book, "1.vcf"))
    assert plan == "SEARCH member USING PRIMARY KEY (collection_id=? AND name=?)"


def test_changes_merge_two_indexes(shelves: Shelves) -> None:
    (plan,) = plans(shelves, lambda r: queries.changes(r, shelves.book, 3, 10, with_gone=True))
    assert plan.startswith("MERGE (UNION ALL)")
    assert "SEARCH member USING INDEX member_seq (collection_id=? AND seq>?)" in plan
    assert "SEARCH gone USING COVERING INDEX gone_seq (collection_id=? AND seq>?)" in plan


def test_a_state_is_two_ranges_of_one_index(shelves: Shelves) -> None:
    (plan,) = plans(shelves, lambda r: queries.state_at(r, shelves.book, 3))
    assert plan.count("INDEX version_until") == 2
