"""A page of an import: one commit, one batch, and nothing over what somebody changed meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import errors
from appliance.store import batches, importing, objects, spans
from appliance.store.importing import Coming, put_all
from appliance.store.ledger import Author, Page, member_at
from tests.store.power import cuts
from tests.store.shelves import ANNA, Shelves

LARGE = b"x" * 100_000


def coming(uid: str, body: bytes, *, seen: int | None = None) -> Coming:
    return Coming(f"{uid}.vcf", uid, seen, 0, body, spans.Facts("card", uid, title=uid))


def put(shelves: Shelves, *entries: Coming) -> list[Coming]:
    return put_all(shelves.ledger, shelves.blobs, ANNA, shelves.book, entries, check=lambda *_: None)


def content_of(shelves: Shelves, name: str) -> int | None:
    member = member_at(shelves.reading, shelves.book, name)
    return None if member is None else member.content_id


def test_what_somebody_changed_meanwhile_is_handed_back_and_stays(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"theirs", "a")
    shelves.put_card("gone.vcf", b"theirs", "gone")
    seen, gone = content_of(shelves, "a.vcf"), content_of(shelves, "gone.vcf")
    shelves.put_card("a.vcf", b"theirs again", "a")
    shelves.delete_card("gone.vcf")
    shelves.put_card("b.vcf", b"theirs", "b")
    entries = [
        coming("a", b"ours", seen=seen), coming("gone", b"ours", seen=gone), coming("b", b"ours"), coming("c", b"ours"),
    ]  # fmt: skip
    assert put(shelves, *entries) == entries[:3]
    assert shelves.is_kept(b"theirs again")
    assert content_of(shelves, "c.vcf") is not None


def test_an_entry_that_is_there_keeps_its_name_and_a_taken_name_is_avoided(shelves: Shelves) -> None:
    shelves.put_card("own name.vcf", b"was", "a")
    shelves.put_card("b.vcf", b"somebody else", "other")
    assert put(shelves, coming("a", b"is", seen=content_of(shelves, "own name.vcf")), coming("b", b"new")) == []
    assert content_of(shelves, "a.vcf") is None
    holder = objects.holder_of(shelves.reading, shelves.book, "b")
    assert holder is not None
    assert holder.name != "b.vcf" and holder.name.endswith(".vcf")


def test_a_page_that_is_forbidden_writes_nothing(shelves: Shelves) -> None:
    def full(_page: Page, added_bytes: int) -> None:
        assert added_bytes == 7
        raise errors.OverQuota("full")

    with pytest.raises(errors.OverQuota):
        put_all(
            shelves.ledger, shelves.blobs, ANNA, shelves.book, [coming("a", b"one"), coming("b", b"four")], check=full
        )
    assert content_of(shelves, "a.vcf") is content_of(shelves, "b.vcf") is None


def test_a_batch_that_was_cut_off_is_gone_on_with_unless_it_was_taken_back(shelves: Shelves) -> None:
    first = importing.begin(shelves.ledger, ANNA, "a.vcf into contacts")
    assert importing.begin(shelves.ledger, ANNA, "a.vcf into contacts") == first
    assert importing.begin(shelves.ledger, Author(1, 6), "a.vcf into contacts") != first
    assert importing.begin(shelves.ledger, ANNA, "b.vcf into contacts") != first
    batches.plan(shelves.ledger, ANNA, "undo", "[]", undoes=first)
    second = importing.begin(shelves.ledger, ANNA, "a.vcf into contacts")
    assert second != first
    batches.become(shelves.ledger, second, "done")
    assert importing.begin(shelves.ledger, ANNA, "a.vcf into contacts") not in (first, second)


def test_a_page_is_there_as_a_whole_or_not_at_all_wherever_the_power_is_cut(quick_disk: Path) -> None:
    bodies = {"a": b"small", "b": LARGE, "c": LARGE + b"c"}

    def act(shelves: Shelves) -> None:
        assert put(shelves, *(coming(uid, body) for uid, body in bodies.items())) == []

    for step, acknowledged, shelves in cuts(quick_disk, lambda _: None, act):
        there = [uid for uid in bodies if content_of(shelves, f"{uid}.vcf") is not None]
        assert there in ([], list(bodies)), step
        assert there or not acknowledged
        assert all(shelves.is_kept(bodies[uid]) for uid in there), step
        assert put(shelves, *(coming(uid, body) for uid, body in bodies.items() if uid not in there)) == []
        assert all(shelves.is_kept(body) for body in bodies.values()), step
