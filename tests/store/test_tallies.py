"""How much happened is counted by collection, device, kind and quarter of an hour."""

from __future__ import annotations

from datetime import timedelta

from appliance.store import queries, tallies
from appliance.store.tallies import QUARTER, Tally
from tests.store.shelves import ANNA, Shelves
from tests.store.test_query_plans import plans


def counted(shelves: Shelves, after: int, **only: int) -> list[Tally]:
    return tallies.tallies(shelves.reading, after_seq=after, last_seq=queries.newest_seq(shelves.reading), **only)


def test_what_came_and_went_is_counted(shelves: Shelves) -> None:
    after = queries.newest_seq(shelves.reading)
    for number in range(4):
        shelves.put_card(f"{number}.vcf", b"card %d" % number, f"Kim {number}")
    first = int(shelves.clock.now().timestamp() * 1_000_000) // QUARTER
    shelves.clock.turn(timedelta(hours=1))
    shelves.delete_card("0.vcf")
    assert sorted(counted(shelves, after)) == [
        Tally(shelves.book, 5, "card", first, 1, 4), Tally(shelves.book, 5, "card", first + 4, 0, 1)
    ]  # fmt: skip


def test_a_move_is_counted_once_where_it_arrived(shelves: Shelves) -> None:
    folder = shelves.make("folder").collection_id
    shelves.put("a.txt", b"1")
    after = queries.newest_seq(shelves.reading)
    shelves.move(("a.txt",), ("folder", "b.txt"))
    assert [(each.collection_id, each.alive, each.rows) for each in counted(shelves, after)] == [(folder, 1, 1)]


def test_one_thing_and_one_collection_are_counted_alone(shelves: Shelves) -> None:
    shelves.put("a.txt", b"1")
    shelves.put("a.txt", b"2")
    shelves.put_card("0.vcf", b"card", "Kim")
    resource_id = shelves.there("a.txt").resource_id
    assert resource_id is not None
    assert sum(each.rows for each in counted(shelves, 0, resource_id=resource_id)) == 2
    assert {each.kind for each in counted(shelves, 0, collection_id=shelves.book)} == {"card"}
    for only in ({"resource_id": resource_id}, {"collection_id": shelves.book}):
        found = plans(shelves, lambda r, only=only: tallies.tallies(r, after_seq=0, last_seq=9, **only))  # type: ignore[misc]
        assert "USING INDEX version_" in found[0], found


def test_only_what_was_there_before_was_changed(shelves: Shelves) -> None:
    shelves.put_card("0.vcf", b"card", "Kim")
    after = queries.newest_seq(shelves.reading)
    shelves.put_card("0.vcf", b"card, again", "Kim")
    shelves.put_card("1.vcf", b"card 1", "Lee")
    shelves.delete_card("1.vcf")
    last, device_id = queries.newest_seq(shelves.reading), ANNA.device_id
    assert device_id is not None
    assert tallies.changed_by(shelves.reading, device_id, "card", after_seq=after, last_seq=last) == 1
