"""A timeline page by page: runs in one line, everything on exactly one page, no page that reads the whole ledger."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.history.actors import Actor
from appliance.history.passages import Page, page
from appliance.history.timeline import Teller, Window
from appliance.store import refused
from appliance.store.bodies import Bodies
from appliance.store.happened import Event
from appliance.store.timelines import Scope
from tests.store.histories import FileHistory
from tests.store.shelves import ANNA, Shelves, TurnedClock, quick_folder

SEOUL = ZoneInfo("Asia/Seoul")
PHONE = Actor(5, "Anna's phone", "phone", "anna", "Anna Kim")


def teller(shelves: Shelves) -> Teller:
    return Teller({5: PHONE}.get, Bodies(shelves.files), SEOUL)


def pages(shelves: Shelves, limit: int, scope: Scope | None = None) -> list[Page]:
    found: list[Page] = []
    window: Window | None = Window(limit=limit)
    with shelves.database.read() as reading:
        while window is not None:
            found.append(page(reading, teller(shelves), scope or Scope(), window))
            window = found[-1].earlier
    return found


def test_a_mass_deletion_is_one_line(shelves: Shelves) -> None:
    for number in range(30):
        shelves.put_card(f"{number}.vcf", b"card %d" % number, f"Kim {number}")
    for number in range(20):
        shelves.delete_card(f"{number}.vcf")
    found = pages(shelves, 50)[0].passages
    assert [passage.entry.sentence("en") for passage in found[:2]] == [
        "Anna's phone deleted 20 contacts", "Anna's phone added 30 contacts"
    ]  # fmt: skip
    assert found[0].entry.sentence("ko") == "Anna's phone이 연락처 20개를 지웠습니다"
    assert [entry.name for entry in found[0].rows][:2] == ["19.vcf", "18.vcf"]
    assert (found[0].count, found[0].deed) == (20, "deleted")


def test_one_thing_that_was_changed_again_and_again_is_one_line(shelves: Shelves) -> None:
    for number in range(5):
        shelves.put("a.txt", b"text %d" % number)
    assert pages(shelves, 9)[0].passages[0].entry.sentence("en") == "Anna's phone changed the file a.txt 4 times"


@pytest.mark.parametrize("seed", range(8))
def test_every_line_is_on_exactly_one_page(seed: int) -> None:
    with quick_folder() as data:
        shelves = Shelves(data, TurnedClock())
        FileHistory(shelves, random.Random(seed)).run(60)
        assert shelves.home.collection_id is not None
        for scope in (Scope(), Scope(collections=(shelves.home.collection_id,))):
            whole = _told(pages(shelves, 10_000, scope))
            for limit in (1, 3, 10):
                paged = _told(pages(shelves, limit, scope))
                assert [each for each, count in Counter(paged).items() if count > 1] == []
                assert set(paged) >= set(whole)
        shelves.close()


def _told(found: list[Page]) -> list[tuple[int, str, str]]:
    return [
        (entry.batch_id or entry.seq, entry.kind, entry.what.id)
        for each in found
        for passage in each.passages
        for entry in (passage.rows or (passage.entry,))
    ]


def test_refused_edits_after_the_same_row_stay_on_one_page(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"card a", "A")
    shelves.clock.turn(timedelta(hours=2))
    shelves.put_card("b.vcf", b"card b", "B")
    for number in range(3):
        attempt = refused.Attempt(shelves.book, f"{number}.vcf", "PUT", 412, "somebody was faster")
        refused.keep(shelves.ledger, shelves.blobs, refused.Reserve(shelves.data / "reserve", 0), ANNA, attempt, b"x")
    found = pages(shelves, 1)
    assert [entry.kind for each in found for entry in (passage.entry for passage in each.passages)][:4] == [
        "refused", "refused", "refused", "card"
    ]  # fmt: skip
    assert len(found[0].passages) == 4  # the row that they came after is one more


def test_a_page_that_looks_for_something_rare_says_how_far_it_looked(shelves: Shelves) -> None:
    shelves.put("rare.txt", b"1")
    for number in range(40):
        shelves.put_card(f"{number}.vcf", b"card %d" % number, f"Kim {number}")
    with shelves.database.read() as reading:
        window: Window | None = Window(limit=5)
        looked, found = 0, []
        while window is not None:
            here = page(
                reading, teller(shelves), Scope(), window, looked_at=16,
                wanted=lambda each: isinstance(each, Event) and each.kind == "file",
            )  # fmt: skip
            assert here.is_cut is (here.earlier is not None)
            found += [passage.entry.name for passage in here.passages]
            window, looked = here.earlier, looked + 1
    assert found == ["rare.txt"]
    assert looked > 2


def test_what_the_reader_may_not_know_of_is_left_out(shelves: Shelves) -> None:
    shelves.put_card("a.vcf", b"card a", "A")
    shelves.put("a.txt", b"1")
    with shelves.database.read() as reading:
        here = page(reading, teller(shelves), Scope(), Window(limit=9), visible=lambda id_: id_ == shelves.book)
    assert [passage.entry.kind for passage in here.passages] == ["card"]
