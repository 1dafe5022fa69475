"""Refused edits: the last copy of what a phone has dropped, kept once, within bounds, beside the state."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import errors
from appliance.store import queries, refused
from appliance.store.database import Row
from appliance.store.ledger import Author
from appliance.store.refused import Attempt, Reserve
from tests.store.shelves import ANNA, Shelves

MIB = 1 << 20


@pytest.fixture
def reserve(shelves: Shelves) -> Reserve:
    return Reserve(shelves.data / "reserve", 4 * MIB)


def attempt(shelves: Shelves, name: str = "1.vcf", *, method: str = "PUT") -> Attempt:
    return Attempt(shelves.book, name, method, 412, "It was changed in the meantime.", uid="1")


def keep(shelves: Shelves, reserve: Reserve, body: bytes | None, name: str = "1.vcf", author: Author = ANNA) -> None:
    refused.keep(shelves.ledger, shelves.blobs, reserve, author, attempt(shelves, name), body)


def rows(shelves: Shelves) -> list[Row]:
    return shelves.reading.execute("SELECT * FROM refused ORDER BY id").fetchall()


def test_a_refused_body_is_kept_and_moves_no_token(shelves: Shelves, reserve: Reserve) -> None:
    shelves.put_card("1.vcf", b"the newer one", "1")
    before = queries.member_seq(shelves.reading, shelves.book), queries.newest_seq(shelves.reading)
    keep(shelves, reserve, b"the older one")
    assert shelves.is_kept(b"the older one")
    assert (queries.member_seq(shelves.reading, shelves.book), queries.newest_seq(shelves.reading)) == before
    (row,) = rows(shelves)
    assert (row["after_seq"], row["device_id"], row["status"], row["times"]) == (before[1], ANNA.device_id, 412, 1)


def test_the_same_body_sent_at_each_sync_is_one_row_with_a_count(shelves: Shelves, reserve: Reserve) -> None:
    for _ in range(3):
        keep(shelves, reserve, b"the older one")
    keep(shelves, reserve, b"another one")
    keep(shelves, reserve, b"the older one", name="2.vcf")
    keep(shelves, reserve, b"the older one", author=Author(1, 6))
    assert [(row["name"], row["device_id"], row["times"]) for row in rows(shelves)] == [
        ("1.vcf", 5, 3),
        ("1.vcf", 5, 1),
        ("2.vcf", 5, 1),
        ("1.vcf", 6, 1),
    ]


def test_a_settled_refusal_is_not_counted_on(shelves: Shelves, reserve: Reserve) -> None:
    keep(shelves, reserve, b"the older one")
    with shelves.database.write() as writing:
        writing.execute("UPDATE refused SET settled_at = 1")
    keep(shelves, reserve, b"the older one")
    assert [row["times"] for row in rows(shelves)] == [1, 1]


def test_what_was_too_large_is_remembered_without_its_body(shelves: Shelves, reserve: Reserve) -> None:
    keep(shelves, reserve, None)
    assert [row["content_id"] for row in rows(shelves)] == [None]


def blobs_of(shelves: Shelves) -> list[Path]:
    return [path for path in (shelves.data / "store").rglob("*") if path.is_file()]


def test_a_device_can_fill_its_bounds_and_no_more(shelves: Shelves, reserve: Reserve) -> None:
    """Bodies beyond the bound were still written into the store, where no row led to them."""
    body = bytes(20 * MIB)
    for number in range(5):
        keep(shelves, reserve, body[number:], name=f"{number}.vcf")
    assert [row["content_id"] is not None for row in rows(shelves)] == [True, True, True, False, False]
    assert len(blobs_of(shelves)) == 3
    keep(shelves, reserve, body, name="0.vcf")
    assert rows(shelves)[0]["times"] == 2, "what is kept already is known again, full or not"
    keep(shelves, reserve, b"another's", author=Author(1, 6))
    assert rows(shelves)[-1]["content_id"] is not None


def test_a_device_has_a_thousand_open_refusals_at_most(shelves: Shelves, reserve: Reserve) -> None:
    with shelves.ledger.write(ANNA) as page:
        for number in range(refused.PER_DEVICE + 5):
            refused.note(page, attempt(shelves, f"{number}.vcf", method="DELETE"))
    keep(shelves, reserve, b"one more")
    assert len(rows(shelves)) == refused.PER_DEVICE
    assert shelves.row_of(b"one more") is None, "no body stays in the database that no row leads to"


def test_a_deletion_refused_again_and_again_is_one_row(shelves: Shelves) -> None:
    for _ in range(3):
        with shelves.ledger.write(ANNA) as page:
            refused.note(page, attempt(shelves, method="DELETE"))
    assert [(row["method"], row["times"]) for row in rows(shelves)] == [("DELETE", 3)]


def test_a_refused_deletion_and_a_refused_upload_of_one_name_are_two(shelves: Shelves, reserve: Reserve) -> None:
    keep(shelves, reserve, None)
    with shelves.ledger.write(ANNA) as page:
        refused.note(page, attempt(shelves, method="DELETE"))
    assert [row["method"] for row in rows(shelves)] == ["PUT", "DELETE"]


def test_the_reserve_gives_back_what_a_body_needs(shelves: Shelves, reserve: Reserve) -> None:
    reserve.fill()
    path = shelves.data / "reserve"
    assert path.stat().st_size == 4 * MIB
    reserve.fill()
    assert path.stat().st_size == 4 * MIB
    assert reserve.give(MIB)
    assert path.stat().st_size == MIB
    assert reserve.give(MIB)
    assert path.stat().st_size == 0
    assert not reserve.give(1)


def test_a_full_database_never_turns_a_refusal_into_another(shelves: Shelves, reserve: Reserve) -> None:
    pages = shelves.database._writer.execute("PRAGMA page_count").fetchone()[0]
    shelves.database._writer.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(60):
        keep(shelves, reserve, b"%d" % number * 4000, name=f"{number}.vcf")
    assert len(rows(shelves)) < 60
    with pytest.raises(errors.DiskFull):
        shelves.put_card("1.vcf", b"x" * 60_000, "1")
