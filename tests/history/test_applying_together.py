"""Cards and events that share a transaction: each is judged for itself, as if it had been the only one."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from appliance import errors
from appliance.history import applying
from appliance.history.applying import Receipt
from appliance.history.contracts import Place, Writer
from appliance.history.plans import Plan
from appliance.store.placing import Placed, Wanted
from tests.history.rooms import EVERYBODY, PHONE, TABLET, Rooms, State, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"
CLUB = "addressbooks/anna/family"
CARDS = 40


class PowerCut(BaseException):
    """The box went off."""


@dataclass
class Counting:
    """The house's writer, which counts the transactions, and whose power may fail before a step."""

    writer: Writer
    fails_before: int = -1
    groups: list[int] = field(default_factory=list)
    steps: int = 0

    def place(self, wanted: Wanted, *, batch_id: int) -> Placed:
        self.groups.append(1)
        return self.writer.place(wanted, batch_id=batch_id)

    @contextlib.contextmanager
    def together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Place]:
        with self.writer.together(coming, batch_id=batch_id) as place:

            def count(wanted: Wanted) -> Placed:
                if self.steps == self.fails_before:
                    raise PowerCut
                self.steps += 1
                return place(wanted)

            yield count
        self.groups.append(len(coming))

    @contextlib.contextmanager
    def files_together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Place]:
        """Files, likewise; their power does not fail."""
        with self.writer.files_together(coming, batch_id=batch_id) as place:
            yield place
        self.groups.append(len(coming))


@dataclass
class Alone:
    """The house's writer, with a transaction for each step."""

    writer: Writer

    def place(self, wanted: Wanted, *, batch_id: int) -> Placed:
        return self.writer.place(wanted, batch_id=batch_id)

    @contextlib.contextmanager
    def together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Place]:
        del coming
        yield lambda wanted: self.writer.place(wanted, batch_id=batch_id)

    def files_together(self, coming: Sequence[Wanted], *, batch_id: int) -> contextlib.AbstractContextManager[Place]:
        del coming, batch_id
        raise errors.NotPossible("Each by itself.")


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def begun(rooms: Rooms, plan: Plan) -> int:
    return applying.begin(rooms.house.services.ledger, rooms.shell, "restore", plan)


def carried_out(
    rooms: Rooms, plan: Plan, writer: Writer, *, seconds: Callable[[], float] = lambda: 0.0,
    progress: applying.Progress = lambda _done, _all: None,
) -> Receipt:  # fmt: skip
    ledger = rooms.house.services.ledger
    return applying.carry_out(ledger, writer, begun(rooms, plan), progress=progress, seconds=seconds)


def afternoon(rooms: Rooms) -> tuple[int, State]:
    """A book that the phone has changed a card, deleted a card, and added a card of in turn; the seq and state then."""
    for number in range(CARDS):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number), note="was"))
    then, before = rooms.seq, rooms.state()
    for number in range(CARDS):
        if number % 3 == 0:
            rooms.delete(f"{BOOK}/{number}.vcf")
        elif number % 3 == 1:
            rooms.put(f"{BOOK}/{number}.vcf", card(str(number), note="phone"))
        else:
            rooms.put(f"{BOOK}/new {number}.vcf", card(f"new {number}"))
    return then, before


def rows(rooms: Rooms, since: int) -> list[tuple[object, ...]]:
    """What the ledger says, but for the numbers and times of its rows."""
    found = rooms.reading.execute(
        "SELECT resource_id, collection_id, name, op, alive, size, device_id, batch_id FROM version WHERE seq > ?"
        " ORDER BY seq",
        (since,),
    ).fetchall()
    return [tuple(row) for row in found]


# --- what the tablet does between the plan and its steps, to the card of a number -----------------------


def edit(rooms: Rooms, number: int) -> None:
    if f"{BOOK}/{number}.vcf" in rooms.state():
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number), note="tablet"), TABLET)


def take_uid(rooms: Rooms, number: int) -> None:
    if f"{BOOK}/{number}.vcf" not in rooms.state():
        rooms.put(f"{BOOK}/mine {number}.vcf", card(str(number), note="tablet"), TABLET)


def take_name(rooms: Rooms, number: int) -> None:
    if f"{BOOK}/{number}.vcf" not in rooms.state():
        rooms.put(f"{BOOK}/{number}.vcf", card(f"another {number}"), TABLET)


def move_away(rooms: Rooms, number: int) -> None:
    if f"{BOOK}/{number}.vcf" in rooms.state():
        rooms.move(f"{BOOK}/{number}.vcf", f"{CLUB}/{number}.vcf", TABLET)


def remove(rooms: Rooms, number: int) -> None:
    if f"{BOOK}/new {number}.vcf" in rooms.state():
        rooms.delete(f"{BOOK}/new {number}.vcf", TABLET)


MEANWHILE = (edit, take_uid, take_name, move_away, remove)


@settings(max_examples=10)
@given(some.lists(some.tuples(some.sampled_from(MEANWHILE), some.integers(0, CARDS - 1)), max_size=12))
def test_steps_together_are_what_they_are_one_by_one(
    acts: list[tuple[Callable[[Rooms, int], None], int]],
) -> None:
    with quick_folder() as folder:
        prepared: Path = folder / "together"
        prepared.mkdir()
        rooms = Rooms(prepared)
        then, _ = afternoon(rooms)
        plan, planned_at = rooms.planner.rewind(PHONE, then), rooms.seq
        done: set[int] = set()
        for act, number in acts:
            if number not in done:
                act(rooms, number)
            done.add(number)
        rooms.close()
        shutil.copytree(prepared, folder / "alone")
        together, alone = Rooms(prepared), Rooms(folder / "alone")
        counting = Counting(together.house.writer(together.shell))
        first = carried_out(together, plan, counting)
        second = carried_out(alone, plan, Alone(alone.house.writer(alone.shell)))
        assert max(counting.groups) > 10
        assert first == second
        assert rows(together, planned_at) == rows(alone, planned_at)
        assert together.state() == alone.state()
        for house in (together, alone):
            house.require_sound()
            house.close()


def test_what_is_refused_does_not_spoil_what_is_done_with_it(rooms: Rooms) -> None:
    then, before = afternoon(rooms)
    plan = rooms.planner.rewind(PHONE, then)
    take_uid(rooms, 0)
    edit(rooms, 1)
    receipt = carried_out(rooms, plan, rooms.house.writer(rooms.shell))
    assert sorted(each.entry.address for each in receipt.refused) == [f"{BOOK}/0.vcf", f"{BOOK}/1.vcf"]
    assert receipt.done == len(plan.entries) - 2
    expected = before | {f"{BOOK}/mine 0.vcf": card("0", note="tablet"), f"{BOOK}/1.vcf": card("1", note="tablet")}
    del expected[f"{BOOK}/0.vcf"]
    assert rooms.state() == expected
    rooms.require_sound()


def set_quota(rooms: Rooms, quota_bytes: int | None) -> None:
    with rooms.house.services.ledger.database.write() as writing:
        writing.execute("UPDATE person SET quota_bytes = ? WHERE name = 'anna'", (quota_bytes,))


def test_a_quota_ends_a_group_where_it_is_full_and_the_batch_goes_on_later(rooms: Rooms) -> None:
    size = len(card("10"))
    for number in range(10, 30):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number)))
    then, before = rooms.seq, rooms.state()
    for number in range(10, 30):
        rooms.delete(f"{BOOK}/{number}.vcf")
    plan = rooms.planner.rewind(PHONE, then)
    set_quota(rooms, 7 * size + size // 2)
    batch_id = begun(rooms, plan)
    receipt = rooms.resume(batch_id)
    assert receipt.done == 7
    assert receipt.stopped is not None and "quota" in receipt.stopped
    assert sum(path.endswith(".vcf") for path in rooms.state()) == 7
    rooms.require_sound()
    set_quota(rooms, None)
    receipt = rooms.resume(batch_id)
    assert (receipt.done, receipt.refused, receipt.stopped) == (20, (), None)
    assert rooms.state() == before


# --- how many -----------------------------------------------------------------------------------------


def test_quick_steps_share_ever_more_and_slow_ones_ever_less(rooms: Rooms) -> None:
    then, _ = afternoon(rooms)
    plan = rooms.planner.rewind(PHONE, then)
    quick = Counting(rooms.house.writer(rooms.shell))
    receipt = carried_out(rooms, plan, quick)
    assert quick.groups == [applying.FIRST_TOGETHER, CARDS - applying.FIRST_TOGETHER]
    slow = Counting(rooms.house.writer(rooms.shell))
    hours = itertools.count()
    carried_out(rooms, rooms.planner.undo(receipt.batch_id), slow, seconds=lambda: float(next(hours)))
    assert slow.groups[:5] == [16, 8, 4, 2, 1]
    assert set(slow.groups[5:]) == {1}


def test_others_write_between_two_groups_and_what_was_told_is_durable(rooms: Rooms) -> None:
    """The progress is told when the writer's turn is free: a phone's PUT does not wait for the end."""
    then, before = afternoon(rooms)
    told: list[int] = []

    def progress(done: int, _all: int) -> None:
        told.append(done)
        assert rooms.reading.execute("SELECT count(DISTINCT resource_id) FROM version WHERE batch_id IS NOT NULL"
                                     ).fetchone()[0] == done  # fmt: skip
        rooms.put(f"{BOOK}/between {done}.vcf", card(f"between {done}"), TABLET)

    carried_out(rooms, rooms.planner.rewind(PHONE, then), rooms.house.writer(rooms.shell), progress=progress)
    assert told == [16, CARDS]
    between = {f"{BOOK}/between {done}.vcf": card(f"between {done}") for done in told}
    assert rooms.state() == before | between
    rooms.require_sound()


# --- cut off ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1, 15, 16, 17, CARDS - 1])
def test_a_cut_within_a_group_leaves_whole_groups_and_the_rest_is_done_later(rooms: Rooms, step: int) -> None:
    then, before = afternoon(rooms)
    plan, planned_at = rooms.planner.rewind(PHONE, then), rooms.seq
    batch_id = begun(rooms, plan)
    writer = Counting(rooms.house.writer(rooms.shell), fails_before=step)
    with pytest.raises(PowerCut):
        applying.carry_out(rooms.house.services.ledger, writer, batch_id, seconds=lambda: 0.0)
    assert len(rows(rooms, planned_at)) == (0 if step < 16 else 16)
    rooms.require_sound()
    spoilt_again = rooms.resume(batch_id)
    assert (spoilt_again.done, spoilt_again.refused) == (CARDS, ())
    assert rooms.state() == before
    assert len(rows(rooms, planned_at)) == CARDS
    rooms.require_sound()


def test_cards_exchange_their_names_within_the_groups(rooms: Rooms) -> None:
    for number in range(20):
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number)))
    then, before = rooms.seq, rooms.identities()
    for number in range(0, 20, 2):
        rooms.move(f"{BOOK}/{number}.vcf", f"{BOOK}/t.vcf").move(f"{BOOK}/{number + 1}.vcf", f"{BOOK}/{number}.vcf")
        rooms.move(f"{BOOK}/t.vcf", f"{BOOK}/{number + 1}.vcf")
        rooms.put(f"{BOOK}/{number}.vcf", card(str(number + 1), note="phone"))
    plan = rooms.planner.restore(rooms.homes, then, EVERYBODY)
    assert any(entry.passing for entry in plan.entries)
    receipt = carried_out(rooms, plan, rooms.house.writer(rooms.shell))
    assert (receipt.done, receipt.refused) == (20, ())
    assert rooms.identities() == before
    rooms.require_sound()
