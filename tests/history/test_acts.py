"""What was asked for is kept with its batch, and told to whoever may know of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.clock import to_micros
from appliance.history.acts import Act
from appliance.store import batches, objects, spans
from tests.history.test_timeline import entries
from tests.store.shelves import ANNA, Shelves

AT = to_micros(datetime(2026, 11, 20, 5, 0, tzinfo=UTC))  # 14:00 in Seoul
TEXTS = st.none() | st.text(max_size=12)
NUMBERS = st.none() | st.integers(0, 1 << 60)


@given(
    st.builds(
        Act, kind=TEXTS, name=TEXTS, address=TEXTS, at=NUMBERS, device_id=NUMBERS, source=TEXTS,
        fields=st.lists(st.text(max_size=8), max_size=3).map(tuple), beside=TEXTS, collection_id=NUMBERS,
    )
)  # fmt: skip
def test_an_act_is_read_as_it_was_kept(act: Act) -> None:
    assert Act.from_json(act.to_json()) == act


@given(
    st.dictionaries(st.sampled_from(["kind", "at", "fields", "name", "later"]), st.none() | st.integers() | st.text())
)
def test_what_another_version_kept_never_stops_a_history(told: dict[str, object]) -> None:
    act = Act.from_json(told)
    assert act is not None
    assert act.kind is None or isinstance(act.kind, str)


def put_back(shelves: Shelves, act: Act | None, kind: str = "restore") -> int:
    """Two cards written as one batch, the second of them malformed."""
    with shelves.ledger.write(ANNA) as page:
        batch_id = batches.begin(page, kind, about=None if act is None else act.to_json())
    author = type(ANNA)(ANNA.person_id, ANNA.device_id, batch_id)
    for uid, fault in (("A", None), ("B", "It has no name.")):
        prepared = shelves.blobs.prepare(f"card {uid} {batch_id}".encode())
        facts = spans.Facts("card", uid, title=uid, fault=fault)
        objects.put(shelves.ledger, author, shelves.book, f"{uid}.vcf", prepared, facts, check=lambda *_: None)
    return batch_id


@pytest.mark.parametrize(
    ("kind", "act", "what"),
    [
        pytest.param("restore", Act("addressbook", "Contacts", at=AT),
                     "put the address book Contacts back to 20 November 2026, 14:00: 2 came back", id="a-book"),
        pytest.param("restore", Act("card", "Minsu", at=AT, fields=("tel:1",)),
                     "put 1 field of the contact Minsu back to 20 November 2026, 14:00: 2 came back", id="a-field"),
        pytest.param("restore", Act("folder", "trip", at=AT, beside="old"),
                     "put a copy of the folder trip, as it was on 20 November 2026, 14:00, beside it as old"
                     ": 2 came back", id="beside"),
        pytest.param("rewind", Act(device_id=6, at=AT),
                     "undid what Mina, in the pages, had done since 20 November 2026, 14:00: 2 came back",
                     id="a-rewind"),
        pytest.param("import", Act("addressbook", "Contacts", source="old.vcf"),
                     "imported old.vcf into the address book Contacts: 2 new", id="an-import"),
        pytest.param("restore", None, "set back 2 things", id="nothing-was-kept"),
    ],
)  # fmt: skip
def test_a_batch_is_told_as_what_was_asked_for(shelves: Shelves, kind: str, act: Act | None, what: str) -> None:
    batch_id = put_back(shelves, act, kind)
    (entry, *_) = entries(shelves)
    assert entry.sentence("en") == f"Anna's phone {what} [undo {batch_id}, 1 malformed]"
    assert (entry.kind, entry.name, entry.resource_id, entry.collection_id) == ("batch", "", None, None)


def test_what_an_act_was_about_is_told_to_those_who_may_see_it(shelves: Shelves) -> None:
    hidden = shelves.calendar
    put_back(shelves, Act("addressbook", "Secret", at=AT, collection_id=hidden))
    (entry, *_) = entries(shelves, visible=lambda id_: id_ != hidden)
    assert "Secret" not in entry.sentence("en")
    (entry, *_) = entries(shelves)
    assert "Secret" in entry.sentence("en")


def test_an_undo_says_what_it_took_back_and_the_act_that_it_is_undone(shelves: Shelves) -> None:
    batch_id = put_back(shelves, Act("addressbook", "Contacts", at=AT))
    undo = batches.plan(shelves.ledger, ANNA, "undo", "[]", undoes=batch_id)
    author = type(ANNA)(ANNA.person_id, ANNA.device_id, undo)
    for uid in "AB":
        objects.delete(shelves.ledger, author, shelves.book, f"{uid}.vcf", check=lambda *_: None)
    assert "not finished" in entries(shelves)[0].sentence("en")
    batches.become(shelves.ledger, undo, "done")
    taken, first, *_ = entries(shelves)
    assert taken.sentence("en").startswith("Anna's phone took back what Anna's phone did on")
    assert taken.sentence("en").endswith(
        f"(put the address book Contacts back to 20 November 2026, 14:00): 2 disappeared [undo {undo}]"
    )
    assert first.sentence("en").endswith(f"2 came back [taken back with {undo}, 1 malformed]")
