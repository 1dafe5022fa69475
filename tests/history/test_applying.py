"""Carrying out a plan: whatever comes between, nothing is lost, and what was begun can be ended or taken back."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import errors
from appliance.history import applying
from appliance.history.contracts import Place, Writer
from appliance.history.plans import Plan
from appliance.history.pruning import Pruner, chosen_policy
from appliance.history.restore import Area
from appliance.history.taking_back import Pile, Reason
from appliance.store import batches
from appliance.store.placing import Placed, Wanted
from tests.history.cut_acts import look
from tests.history.lives import LAPTOP
from tests.history.rooms import EVERYBODY, PHONE, TABLET, Rooms, State, card
from tests.objects.calendars import calendar
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"
CALENDAR = "calendars/anna/calendar"
FILES = "files/anna"


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


class PowerCut(BaseException):
    """The box went off."""


@dataclass
class Failing:
    """A writer in a house whose power fails after some steps."""

    writer: Writer
    steps: int

    def place(self, wanted: Wanted, *, batch_id: int) -> Placed:
        if self.steps == 0:
            raise PowerCut
        self.steps -= 1
        return self.writer.place(wanted, batch_id=batch_id)

    @contextlib.contextmanager
    def together(self, coming: Sequence[Wanted], *, batch_id: int) -> Iterator[Place]:
        """Cards one by one, so that there is a cut after each of them, too."""
        del coming
        yield lambda wanted: self.place(wanted, batch_id=batch_id)

    def files_together(self, coming: Sequence[Wanted], *, batch_id: int) -> AbstractContextManager[Place]:
        """Files one by one, likewise."""
        del coming, batch_id
        raise errors.NotPossible("Each by itself.")


def begun(rooms: Rooms, plan: Plan, steps: int) -> int:
    """A batch that is cut off after some steps."""
    ledger = rooms.house.services.ledger
    batch_id = applying.begin(ledger, rooms.shell, "restore", plan)
    with pytest.raises(PowerCut):
        applying.carry_out(ledger, Failing(rooms.house.writer(rooms.shell), steps), batch_id)
    return batch_id


def steps_of(plan: Plan) -> int:
    return sum(entry.wanted is not None for entry in plan.entries)


# --- cut off after every step -----------------------------------------------------------------------


def series(place: str, *changed: tuple[str, str]) -> bytes:
    """A weekly event, some of its dates with another title."""
    always = "VEVENT\nUID:e\nDTSTAMP:20261101T000000Z"
    dates = [
        f"{always}\nRECURRENCE-ID:202611{day}T090000Z\nDTSTART:202611{day}T100000Z\nSUMMARY:{title}"
        for day, title in changed
    ]
    master = f"{always}\nDTSTART:20261102T090000Z\nRRULE:FREQ=WEEKLY\nSUMMARY:choir\nLOCATION:{place}"
    return calendar(master, *dates)


def spoilt(data: Path) -> tuple[int, State]:
    """A home that three devices have worked in; return the seq before the phone's afternoon, and the state then."""
    rooms = Rooms(data)
    rooms.make(f"{FILES}/trip").make(f"{FILES}/trip/day")
    rooms.put(f"{FILES}/trip/day/one.txt", b"one").put(f"{FILES}/trip/two.jpg", b"two" * 40_000)
    rooms.put(f"{FILES}/left", b"left").put(f"{FILES}/right", b"right").put(f"{FILES}/edited", b"was")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="1", note="0")).put(f"{BOOK}/y.vcf", card("y"))
    rooms.put(f"{CALENDAR}/e.ics", series("hall", ("09", "early")))
    rooms.set(BOOK, "colour", "red")
    then, before = rooms.seq, rooms.state()
    rooms.delete(f"{FILES}/trip").put(f"{FILES}/trip", b"now a file")
    rooms.move(f"{FILES}/left", f"{FILES}/t").move(f"{FILES}/right", f"{FILES}/left")
    rooms.move(f"{FILES}/t", f"{FILES}/right").put(f"{FILES}/edited", b"phone").put(f"{FILES}/ransom", b"pay")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="2", note="0")).delete(f"{BOOK}/y.vcf")
    rooms.put(f"{BOOK}/x.vcf", card("x", tel="2", note="tablet"), TABLET)
    rooms.put(f"{CALENDAR}/e.ics", series("hall", ("09", "late")))
    rooms.put(f"{CALENDAR}/e.ics", series("church", ("09", "late"), ("23", "solo")), LAPTOP)
    rooms.set(BOOK, "colour", "blue")
    rooms.close()
    return then, before


def test_a_rewind_that_is_cut_off_after_any_step_goes_on_and_can_be_taken_back() -> None:
    with quick_folder() as folder:
        prepared: Path = folder / "prepared"
        prepared.mkdir()
        then, before = spoilt(prepared)
        wanted = before | {
            f"{BOOK}/x.vcf": card("x", tel="1", note="tablet"),
            f"{CALENDAR}/e.ics": series("church", ("09", "early"), ("23", "solo")),
        }
        steps = 0
        while True:
            data = folder / f"after {steps}"
            shutil.copytree(prepared, data, symlinks=True)
            rooms = Rooms(data)
            spoilt_state, plan = rooms.state(), rooms.planner.rewind(PHONE, then)
            batch_id = begun(rooms, plan, steps)
            rooms.close()
            rooms = Rooms(data)  # the box starts again
            assert [batch.id for batch in batches.unfinished(rooms.reading)] == [batch_id]
            receipt = rooms.resume(batch_id)
            assert (receipt.refused, receipt.stopped) == ((), None), steps
            assert rooms.state() == wanted, steps
            assert "red" in rooms.properties(BOOK)["{urn:x}colour"]
            assert batches.unfinished(rooms.reading) == []
            rooms.require_sound()
            undone = rooms.undo(batch_id)
            assert undone.refused == (), steps
            assert rooms.state() == spoilt_state, steps
            assert "blue" in rooms.properties(BOOK)["{urn:x}colour"]
            rooms.require_sound()
            rooms.close()
            shutil.rmtree(data)
            steps += 1
            if steps == steps_of(plan):
                break
        assert steps >= 10


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_what_was_begun_can_be_taken_back_and_is_not_waited_for_any_more(rooms: Rooms, steps: int) -> None:
    for number in range(4):
        rooms.put(f"{FILES}/{number}", b"was")
    then = rooms.seq
    for number in range(4):
        rooms.put(f"{FILES}/{number}", b"now")
    now = rooms.state()
    batch_id = begun(rooms, rooms.planner.restore(rooms.homes, then, EVERYBODY), steps)
    rooms.undo(batch_id)
    assert rooms.state() == now
    assert batches.unfinished(rooms.reading) == []
    assert rooms.resume(batch_id).done == 0
    assert rooms.state() == now


# --- others meanwhile -------------------------------------------------------------------------------


def test_what_was_done_before_the_cut_is_done_though_others_went_on_with_it(rooms: Rooms) -> None:
    for number in range(3):
        rooms.put(f"{FILES}/{number}", b"was")
    then = rooms.seq
    for number in range(3):
        rooms.put(f"{FILES}/{number}", b"now")
    plan = rooms.planner.restore(rooms.homes, then, EVERYBODY)
    batch_id = begun(rooms, plan, 2)
    done = plan.entries[0].address
    rooms.put(done, b"tablet", TABLET)
    receipt = rooms.resume(batch_id)
    assert (receipt.done, receipt.refused) == (3, ())
    assert rooms.state()[done] == b"tablet"


@pytest.mark.parametrize("changed", ["left", "right"])
def test_a_name_that_was_given_up_for_nothing_is_given_back(rooms: Rooms, changed: str) -> None:
    rooms.put(f"{FILES}/left", b"l").put(f"{FILES}/right", b"r")
    then = rooms.seq
    rooms.move(f"{FILES}/left", f"{FILES}/t").move(f"{FILES}/right", f"{FILES}/left").move(
        f"{FILES}/t", f"{FILES}/right"
    )
    plan = rooms.planner.rewind(PHONE, then)
    rooms.put(f"{FILES}/{changed}", b"tablet", TABLET)
    now = rooms.state()
    receipt = rooms.apply(plan, "rewind")
    assert sorted(each.entry.address for each in receipt.refused) == [f"{FILES}/left", f"{FILES}/right"]
    assert rooms.state() == now
    rooms.require_sound()


# --- what stands in the way ---------------------------------------------------------------------------


def test_a_file_comes_back_with_the_folders_it_was_in_and_nothing_else(rooms: Rooms) -> None:
    rooms.make(f"{FILES}/trip").make(f"{FILES}/trip/day")
    rooms.put(f"{FILES}/trip/day/a", b"a").put(f"{FILES}/trip/b", b"b")
    then, wanted = rooms.seq, rooms.at(f"{FILES}/trip/day/a")
    rooms.delete(f"{FILES}/trip")
    rooms.apply(rooms.planner.restore(Area((wanted.resource_id,)), then, EVERYBODY))
    found = {path: body for path, body in rooms.state().items() if path.startswith(FILES)}
    assert found == {f"{FILES}/trip": None, f"{FILES}/trip/day": None, f"{FILES}/trip/day/a": b"a"}


def test_a_contact_comes_back_with_its_book(rooms: Rooms) -> None:
    rooms.put(f"{BOOK}/x.vcf", card("x"))
    then, wanted = rooms.seq, rooms.at(f"{BOOK}/x.vcf")
    rooms.delete(f"{BOOK}/x.vcf").delete(BOOK)
    rooms.apply(rooms.planner.restore(Area((wanted.resource_id,)), then, EVERYBODY))
    assert rooms.state()[f"{BOOK}/x.vcf"] == card("x")


def test_a_contact_whose_uid_somebody_else_uses_stays_away(rooms: Rooms) -> None:
    club = "addressbooks/anna/family"
    rooms.put(f"{BOOK}/x.vcf", card("x", note="old"))
    then = rooms.seq
    rooms.move(f"{BOOK}/x.vcf", f"{club}/x.vcf").put(f"{BOOK}/y.vcf", card("x", note="tablet"), TABLET)
    plan = rooms.planner.rewind(PHONE, then)
    assert [(entry.pile, entry.reason) for entry in plan.entries] == [(Pile.KEEP, Reason.UID_TAKEN)]


def test_octets_that_an_unfinished_plan_brings_back_are_not_let_go(rooms: Rooms) -> None:
    rooms.put(f"{FILES}/a", b"was" * 40_000)
    then = rooms.seq
    rooms.clock.turn(timedelta(hours=1))
    rooms.delete(f"{FILES}/a")
    batch_id = begun(rooms, rooms.planner.restore(rooms.homes, then, EVERYBODY), 0)
    rooms.clock.turn(timedelta(days=2000))
    services = rooms.house.services
    Pruner(services.ledger, chosen_policy(services.settings, services.household.time_zone)).prune()
    assert rooms.resume(batch_id).refused == ()
    assert rooms.state()[f"{FILES}/a"] == b"was" * 40_000


def test_a_file_that_a_cut_left_between_two_names_goes_back_to_the_other_one(rooms: Rooms) -> None:
    """The old name was gone and the new one there, both unrecorded: the next look ended the file and found another."""
    rooms.put("files/anna/moved.txt", b"before")
    since = rooms.seq
    rooms.move("files/anna/moved.txt", "files/anna/elsewhere.txt").put("files/anna/elsewhere.txt", b"changed")
    before = rooms.state()
    look(rooms)  # what is written elsewhere is in the store
    plan = rooms.planner.restore(rooms.homes, since, EVERYBODY)
    batch_id = applying.begin(rooms.house.services.ledger, rooms.shell, "restore", plan)
    home = rooms.data / "files" / "anna"
    (home / "moved.txt").write_bytes(b"before")
    (home / "elsewhere.txt").unlink()
    look(rooms)
    rooms.resume(batch_id)
    assert (home / "moved.txt").read_bytes() == b"before"
    rooms.undo(batch_id)
    assert rooms.state() == before
