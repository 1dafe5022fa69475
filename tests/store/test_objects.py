"""Cards and events: identity by UID, and what a name has to do with it (ledger 7, protocol C8)."""

from __future__ import annotations

import pytest

from appliance import errors
from appliance.store import objects, queries, rebuild, spans
from appliance.store.ledger import member_at
from appliance.store.objects import Transfer
from tests.store.shelves import ANNA, Shelves, allow


def resource_at(shelves: Shelves, name: str, book: int | None = None) -> int:
    member = member_at(shelves.reading, shelves.book if book is None else book, name)
    assert member is not None
    return member.resource_id


def test_a_uid_put_again_under_another_name_has_its_history_back(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    before = resource_at(shelves, "1.vcf")
    shelves.delete_card("1.vcf")
    since = queries.member_seq(shelves.reading, shelves.book)
    shelves.put_card("2.vcf", b"two", "P")
    assert resource_at(shelves, "2.vcf") == before
    (change,) = queries.changes(shelves.reading, shelves.book, since, None, with_gone=True)
    assert change.name == "2.vcf"
    assert [op for op, _, _ in shelves.versions(before)] == ["put", "delete", "put"]


def test_a_uid_is_taken_once_in_a_collection(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    with pytest.raises(errors.UidTaken) as taken:
        shelves.put_card("2.vcf", b"two", "P")
    assert taken.value.href == "1.vcf"
    shelves.put_card("1.vcf", b"one", "P", book=shelves.second_book)


def test_a_name_keeps_its_uid(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    with pytest.raises(errors.UidTaken):
        shelves.put_card("1.vcf", b"two", "Q")
    assert queries.members_named(shelves.reading, shelves.book)[0].size == 3


def test_bodies_without_a_uid_never_collide(shelves: Shelves) -> None:
    for number in range(3):
        shelves.put_card(f"{number}.vcf", b"%d" % number, None)
    assert len(queries.members_named(shelves.reading, shelves.book)) == 3


def transfer(shelves: Shelves, name: str, to_name: str, *, overwrite: bool = True, to: int | None = None) -> Transfer:
    return Transfer(shelves.book, name, shelves.second_book if to is None else to, to_name, overwrite)


def test_a_copy_in_its_own_collection_would_be_a_second_uid(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    with pytest.raises(errors.UidTaken):
        objects.copy(shelves.ledger, ANNA, transfer(shelves, "1.vcf", "2.vcf", to=shelves.book), check=allow)


def test_a_move_where_the_uid_lives_under_another_name_is_refused(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    shelves.put_card("2.vcf", b"two", "P", book=shelves.second_book)
    with pytest.raises(errors.UidTaken):
        objects.move(shelves.ledger, ANNA, transfer(shelves, "1.vcf", "1.vcf"), check=allow)
    assert objects.move(shelves.ledger, ANNA, transfer(shelves, "1.vcf", "2.vcf"), check=allow) is False
    assert rebuild.differences(shelves.reading) == []


def test_a_copy_over_another_uid_begins_a_history_of_its_own(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    shelves.put_card("1.vcf", b"two", "Q", book=shelves.second_book)
    before = resource_at(shelves, "1.vcf", shelves.second_book)
    assert objects.copy(shelves.ledger, ANNA, transfer(shelves, "1.vcf", "1.vcf"), check=allow) is False
    assert resource_at(shelves, "1.vcf", shelves.second_book) != before
    assert [op for op, _, _ in shelves.versions(before)] == ["put", "delete"]


@pytest.mark.parametrize(
    ("name", "to_name", "overwrite", "error"),
    [
        ("nothing", "x", True, errors.NotFound),
        ("1.vcf", "2.vcf", False, errors.PreconditionFailed),
    ],
)
def test_what_a_transfer_refuses(
    shelves: Shelves, name: str, to_name: str, overwrite: bool, error: type[Exception]
) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    shelves.put_card("2.vcf", b"two", "P", book=shelves.second_book)
    for act in (objects.move, objects.copy):
        with pytest.raises(error):
            act(shelves.ledger, ANNA, transfer(shelves, name, to_name, overwrite=overwrite), check=allow)


def test_a_transfer_onto_itself_is_refused(shelves: Shelves) -> None:
    shelves.put_card("1.vcf", b"one", "P")
    with pytest.raises(errors.OntoItself):
        objects.move(shelves.ledger, ANNA, transfer(shelves, "1.vcf", "1.vcf", to=shelves.book), check=allow)


def event(uid: str, start: int) -> spans.Facts:
    return spans.Facts(
        "event", uid, component="VEVENT", first_at=start, last_at=start + 10, longest=10, listed_from=0,
        listed_to=1 << 60, instances=((start, start + 10, "BUSY"),),
    )  # fmt: skip


def found(shelves: Shelves, collection: int) -> list[tuple[int, bool]]:
    candidates = spans.candidates(shelves.reading, collection, 0, spans.DAY, "VEVENT")
    return [(candidate.resource_id, candidate.certain) for candidate in candidates]


def test_the_index_of_a_calendar_follows_every_change(shelves: Shelves) -> None:
    def put(body: bytes, start: int) -> None:
        prepared = shelves.blobs.prepare(body)
        objects.put(shelves.ledger, ANNA, shelves.calendar, "1.ics", prepared, event("P", start), check=allow)

    put(b"one", 5)
    resource_id = resource_at(shelves, "1.ics", shelves.calendar)
    assert found(shelves, shelves.calendar) == [(resource_id, True)]
    put(b"two", 100 * spans.DAY)
    assert found(shelves, shelves.calendar) == []
    put(b"three", 5)
    moved = Transfer(shelves.calendar, "1.ics", shelves.second_book, "1.ics", overwrite=False)
    objects.copy(shelves.ledger, ANNA, moved, check=allow)
    assert len(found(shelves, shelves.second_book)) == 1
    objects.delete(shelves.ledger, ANNA, shelves.calendar, "1.ics", check=allow)
    assert found(shelves, shelves.calendar) == []
    assert len(found(shelves, shelves.second_book)) == 1


def test_a_large_body_is_a_file_of_the_store_and_reads_the_same(shelves: Shelves) -> None:
    body = b"BEGIN:VCARD photo " * 9000
    shelves.put_card("1.vcf", body, "P")
    (one,) = objects.bodies(shelves.reading, shelves.blobs, shelves.book, ["1.vcf", "nothing"])
    assert one.body == body
    row = shelves.row_of(body)
    assert row is not None and row.place == "blob"
    shelves.blobs.path(row.blob_name or "").unlink()
    shelves.put_card("2.vcf", b"small", "Q")
    both = {
        f.member.name: f.body for f in objects.bodies(shelves.reading, shelves.blobs, shelves.book, ["1.vcf", "2.vcf"])
    }
    assert both == {"1.vcf": None, "2.vcf": b"small"}, "one unreadable body never stops the others"
