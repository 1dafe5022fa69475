"""Batches that are taken back one after the other, in any order: in the end neither of them says anything."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from appliance import errors
from appliance.history.taking_back import Pile
from appliance.history.undone import Pair, standing
from appliance.store import batches, importing
from tests.history.rooms import PHONE, TABLET, Rooms, State, card
from tests.store.shelves import quick_folder

BOOK = "addressbooks/anna/contacts"
FILES = "files/anna"
CARD = f"{BOOK}/x.vcf"

Act = Callable[[Rooms], object]


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def in_a_batch(rooms: Rooms, act: Act) -> int:
    """Do something as an import does, all rows in one batch, and return the batch; that of a tree is its own."""
    ledger = rooms.house.services.ledger
    rooms.batch_id = importing.begin(ledger, rooms.shell, f"source {rooms.seq}")
    batches.become(ledger, rooms.batch_id, "done")
    try:
        act(rooms)
        return next((batch.id for batch in batches.recent(rooms.reading, 1)), rooms.batch_id)
    finally:
        rooms.batch_id = None


TWICE: dict[str, tuple[Act, Act, Act]] = {
    "both over a card that was there": (
        lambda r: r.put(CARD, card("x", tel="0", note="0")),
        lambda r: r.put(CARD, card("x", tel="1", note="1")), lambda r: r.put(CARD, card("x", tel="2", note="1")),
    ),
    "both over a new card": (
        lambda r: None, lambda r: r.put(CARD, card("x", tel="1")), lambda r: r.put(CARD, card("x", tel="2")),
    ),
    "both over a file that was there": (
        lambda r: r.put(f"{FILES}/a", b"0"), lambda r: r.put(f"{FILES}/a", b"1"), lambda r: r.put(f"{FILES}/a", b"2"),
    ),
    "both over a new file": (
        lambda r: None, lambda r: r.put(f"{FILES}/a", b"1"), lambda r: r.put(f"{FILES}/a", b"2"),
    ),
    "both into a new folder": (
        lambda r: None, lambda r: r.make(f"{FILES}/d").make(f"{FILES}/d/e").put(f"{FILES}/d/a", b"1"),
        lambda r: r.put(f"{FILES}/d/e/b", b"2"),
    ),
    "the second removes what the first brought": (
        lambda r: None, lambda r: r.put(CARD, card("x", tel="1")), lambda r: r.delete(CARD),
    ),
    "the second brings what the first removed": (
        lambda r: r.put(CARD, card("x", tel="0")), lambda r: r.delete(CARD), lambda r: r.put(CARD, card("x", tel="2")),
    ),
    "the second takes the name of what the first moved": (
        lambda r: r.put(f"{FILES}/a", b"0"),
        lambda r: r.move(f"{FILES}/a", f"{FILES}/b"), lambda r: r.put(f"{FILES}/a", b"2"),
    ),
    "one after the other moves and writes": (
        lambda r: r.put(f"{FILES}/a", b"0").make(f"{FILES}/d"),
        lambda r: r.put(f"{FILES}/a", b"1").move(f"{FILES}/a", f"{FILES}/d/a"),
        lambda r: r.put(f"{FILES}/d/a", b"2").move(f"{FILES}/d/a", f"{FILES}/b"),
    ),
    "both set a property": (
        lambda r: r.set(BOOK, "colour", "0"),
        lambda r: r.set(BOOK, "colour", "1"), lambda r: r.set(BOOK, "colour", "2"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TWICE)
@pytest.mark.parametrize("later_first", [True, False], ids=["the later first", "the earlier first"])
def test_two_batches_that_are_taken_back_leave_nothing(rooms: Rooms, case: str, later_first: bool) -> None:
    before, earlier, later = TWICE[case]
    before(rooms)
    state, there = rooms.state(), rooms.identities()
    one, two = in_a_batch(rooms, earlier), in_a_batch(rooms, later)
    for batch_id in (two, one) if later_first else (one, two):
        assert rooms.undo(batch_id).refused == ()
    assert (rooms.state(), rooms.identities()) == (state, there)
    rooms.require_sound()
    plan = rooms.planner.undo(one)
    assert plan.is_empty, plan


def test_what_was_undone_and_redone_is_undone_again(rooms: Rooms) -> None:
    """The redo brought the card back with a row of its own, and was taken for somebody who goes on with it."""
    batch_id = in_a_batch(rooms, lambda r: r.put(CARD, card("x")))
    undone = rooms.undo(batch_id)
    rooms.undo(undone.batch_id)
    assert CARD in rooms.state()
    rooms.undo(batch_id)
    assert CARD not in rooms.state()


def test_a_restore_that_was_undone_does_not_protect_from_a_rewind(rooms: Rooms) -> None:
    """Somebody tries a restore, takes it back, and rewinds the phone instead."""
    then = rooms.seq
    rooms.put(f"{FILES}/ransom.txt", b"pay").put(CARD, card("x"))
    rooms.undo(rooms.restore(then).batch_id)
    assert f"{FILES}/ransom.txt" in rooms.state()
    rooms.apply(rooms.planner.rewind(PHONE, then), "rewind")
    assert not {f"{FILES}/ransom.txt", CARD} & rooms.state().keys()


def test_work_of_others_on_the_same_card_stays_field_by_field(rooms: Rooms) -> None:
    rooms.put(CARD, card("x", tel="0", note="0", title="0"))
    one = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="1", note="1", title="0")))
    two = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="2", note="1", title="0")))
    rooms.put(CARD, card("x", tel="2", note="1", title="3"), TABLET)
    rooms.undo(one)
    rooms.undo(two)
    assert rooms.state()[CARD] == card("x", tel="0", note="0", title="3")


@pytest.mark.parametrize("later_first", [True, False], ids=["the later first", "the earlier first"])
def test_what_others_went_on_with_stays_as_they_have_it(rooms: Rooms, later_first: bool) -> None:
    one = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="1")))
    two = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="1", note="2")))
    rooms.put(CARD, card("x", tel="1", note="2", title="3"), TABLET)
    for batch_id in (two, one) if later_first else (one, two):
        rooms.undo(batch_id)
    assert rooms.state()[CARD] == card("x", tel="1", title="3")


def test_what_one_undo_took_along_comes_back_when_its_own_is_taken_back(rooms: Rooms) -> None:
    one = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="1")))
    two = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="2")))
    wish = rooms.undo(one)
    assert rooms.state()[CARD] == card("x", tel="2")
    rooms.undo(two)
    assert CARD not in rooms.state()
    rooms.undo(wish.batch_id)
    assert rooms.state()[CARD] == card("x", tel="1")


def test_an_undo_that_was_taken_back_does_not_stand() -> None:
    assert standing([(2, 1), (3, 2)]) == (Pair(3, 2),)
    assert standing([(2, 1), (3, 2), (4, 3)]) == (Pair(4, 3), Pair(2, 1))
    assert standing([(2, 1)], also=2) == ()
    assert standing([(3, 1), (2, 1)]) == (Pair(3, 1), Pair(2, 1))


# --- laws -------------------------------------------------------------------------------------------


class Household:
    """Random batches of one person, and a tablet that only writes things and fields of its own."""

    def __init__(self, rooms: Rooms, seed: int) -> None:
        self.rooms = rooms
        self.chance = random.Random(seed)
        self.first = rooms.seq
        rooms.make(f"{FILES}/d").make(f"{FILES}/t").put(f"{FILES}/a", b"a").put(f"{FILES}/d/b", b"b")
        for name in "xy":
            rooms.put(f"{BOOK}/{name}.vcf", card(name, note="0", title="0", role="0"))
        self.then = rooms.seq
        rooms.put(f"{FILES}/d/c", b"phone").put(f"{FILES}/a", b"phone")

    def batch(self, *, back: bool) -> int | None:
        """Do one batch of any kind and return it; None: there was nothing to do."""
        kinds: list[Callable[[], int | None]] = [self.imported, self.imported, self.deleted, self.moved]
        if back:
            kinds += [self.restored, self.rewound]
        try:
            return self.chance.choice(kinds)()
        except errors.GotganError:
            return None

    def imported(self) -> int:
        return in_a_batch(self.rooms, self._bring)

    def _bring(self, rooms: Rooms) -> None:
        for _ in range(self.chance.randrange(1, 7)):
            number = self.chance.randrange(1000)
            try:
                what = self.chance.choice(["card", "new card", "file", "folder"])
                if what == "card":
                    self.edit(self.chance.choice("xy"), self.chance.choice(["NOTE", "TITLE"]), number, PHONE)
                elif what == "new card":
                    rooms.put(f"{BOOK}/z.vcf", card("z", note=str(number)))
                elif what == "file":
                    rooms.put(self.some_path(), b"file %d" % number)
                else:
                    rooms.make(self.some_path())
            except errors.GotganError:
                continue

    def edit(self, name: str, field: str, number: int, device: int) -> None:
        lines = self.rooms.state().get(f"{BOOK}/{name}.vcf") or card(name)
        kept = [line for line in lines.split(b"\r\n") if line and not line.startswith(field.encode() + b":")]
        kept.insert(-1, f"{field}:{number}".encode())
        self.rooms.put(f"{BOOK}/{name}.vcf", b"\r\n".join([*kept, b""]), device)

    def some_path(self) -> str:
        return f"{FILES}/{self.chance.choice(['', '', 'd/', 'd/e/', 'f/'])}{self.chance.choice('abcdef')}"

    def paths(self) -> list[str]:
        kept = (f"{FILES}/t", f"{FILES}/Family")
        return [
            path for path in sorted(self.rooms.state()) if path.startswith(f"{FILES}/") and not path.startswith(kept)
        ]

    def deleted(self) -> int | None:
        path = self.chance.choice([*self.paths(), f"{BOOK}/z.vcf"])
        return in_a_batch(self.rooms, lambda rooms: rooms.delete(path))

    def moved(self) -> int | None:
        source, target = self.chance.choice([*self.paths(), f"{FILES}/none"]), self.some_path()
        if f"{target}/".startswith(f"{source}/"):
            return None
        return in_a_batch(self.rooms, lambda rooms: rooms.move(source, target))

    def restored(self) -> int:
        return self.rooms.restore(self.chance.choice([self.first, self.then])).batch_id

    def rewound(self) -> int:
        return self.rooms.apply(self.rooms.planner.rewind(PHONE, self.then), "rewind").batch_id

    def others(self) -> None:
        for _ in range(2):
            number = self.chance.randrange(1000)
            if self.chance.random() < 0.5:
                self.edit(self.chance.choice("xy"), "ROLE", number, TABLET)
            else:
                self.rooms.put(f"{FILES}/t/{self.chance.choice('ab')}", b"tablet %d" % number, TABLET)


@pytest.mark.parametrize("seed", [*range(8), 1147])  # 1147: an undo took along what another had left
def test_any_batches_undone_in_any_order_leave_what_was_before(seed: int) -> None:
    for order in itertools.permutations(range(2 if seed % 2 else 3)):
        with quick_folder() as folder:
            rooms = Rooms(folder)
            household = Household(rooms, seed)
            before = rooms.state()
            made = [household.batch(back=True) for _ in order]
            for number in order:
                batch_id = made[number]
                if batch_id is not None:
                    assert rooms.undo(batch_id).refused == (), order
            assert rooms.state() == before, order
            rooms.require_sound()
            rooms.close()


def lived(seed: int, order: tuple[int, ...]) -> tuple[State, State]:
    """Return what was before two batches, with the tablet writing between, and what is when they are taken back."""
    with quick_folder() as folder:
        rooms = Rooms(folder)
        household = Household(rooms, seed)
        before = rooms.state()
        made: list[int | None] = []
        for _ in order:
            made.append(household.batch(back=False))
            household.others()
        for number in order:
            batch_id = made[number]
            if batch_id is not None:
                rooms.undo(batch_id)
            household.others()
        rooms.require_sound()
        after = rooms.state()
        rooms.close()
        return before, after


@pytest.mark.parametrize("seed", range(100, 108))
def test_work_of_others_between_is_kept_whole(seed: int) -> None:
    """The tablet writes fields and files that no batch writes: they are as it left them, all else as it was before."""
    for order in ((0, 1), (1, 0)):
        before, after = lived(seed, order)
        own = {path for path in after if path.startswith(f"{FILES}/t/")}
        assert {path: body for path, body in after.items() if path not in own}.keys() == before.keys(), order
        for path in before:
            if path.endswith(".vcf"):
                assert without_role(after[path]) == without_role(before[path]), order
            else:
                assert after[path] == before[path], order


def without_role(octets: bytes | None) -> set[bytes]:
    return {line for line in (octets or b"").split(b"\r\n") if not line.startswith(b"ROLE:")}


def test_a_preview_says_what_is_kept_for_others(rooms: Rooms) -> None:
    one = in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="1")))
    in_a_batch(rooms, lambda r: r.put(CARD, card("x", tel="2")))
    assert rooms.planner.undo(one).counts()[Pile.KEEP] == 1
