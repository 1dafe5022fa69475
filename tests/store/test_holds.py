"""What is done about a lost state, decided on rows alone: a table, and any course of copies and decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.store.epochs import Epoch, Epochs, Lost
from appliance.store.holds import Choice, Decision, Hold, Holds, Ruling, Verdict

PHONE, TABLET, BOOK, OTHER = 7, 8, 20, 21


def box(hold_id: int, common_seq: int) -> Hold:
    return Hold(hold_id, None, None, "", 0, common_seq, newest_device=9)


def doubt(hold_id: int, collection_id: int | None = BOOK) -> Hold:
    return Hold(hold_id, PHONE, collection_id, "addressbooks/anna/contacts", 0, 0, newest_device=9)


def decided(hold_id: int, choice: Choice, device: int | None = None, collection: int | None = None) -> Decision:
    return Decision(hold_id, device, collection, choice, 0, 0)


def ruled(
    lost: Lost, rows: list[Hold], decisions: list[Decision], *, signed: bool = True, collection: int | None = BOOK
) -> Ruling:
    newest_first = sorted(rows, key=lambda hold: -hold.id)
    holds = Holds(PHONE, tuple(newest_first), tuple(reversed(decisions)))
    return holds.judge(lost, collection, was_signed=lambda _hold, _epoch: signed)


KNOWN, UNKNOWN = Lost("aaaaaaaa", 150, 100), Lost("bbbbbbbb", 150, None)
EARLIER = Lost("cccccccc", 90, 60)
TABLE: dict[str, tuple[Callable[[], Ruling], Verdict]] = {
    "known, nothing heard": (lambda: ruled(KNOWN, [], []), Verdict.NEW),
    "unknown, nothing heard": (lambda: ruled(UNKNOWN, [], []), Verdict.NEW),
    "known, held": (lambda: ruled(KNOWN, [box(1, 100)], []), Verdict.HELD),
    "unknown, held": (lambda: ruled(UNKNOWN, [box(1, 100)], []), Verdict.HELD),
    "known, of an earlier set-back": (lambda: ruled(EARLIER, [box(1, 100)], []), Verdict.HELD),
    "known, kept": (lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "keep")]), Verdict.KEPT),
    "unknown, kept": (lambda: ruled(UNKNOWN, [box(1, 100)], [decided(1, "keep")], signed=False), Verdict.KEPT),
    "known, accepted": (lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept")]), Verdict.ACCEPTED),
    "unknown and shown, accepted": (lambda: ruled(UNKNOWN, [box(1, 100)], [decided(1, "accept")]), Verdict.ACCEPTED),
    "unknown and never shown, accepted": (
        lambda: ruled(UNKNOWN, [box(1, 100)], [decided(1, "accept")], signed=False),
        Verdict.NEW,
    ),
    "known, of a later set-back": (lambda: ruled(KNOWN, [box(1, 80)], [decided(1, "accept")]), Verdict.NEW),
    "kept, then a second hold": (lambda: ruled(KNOWN, [box(1, 80), box(2, 120)], [decided(1, "keep")]), Verdict.HELD),
    "accepted after all": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "keep"), decided(1, "accept")]),
        Verdict.ACCEPTED,
    ),
    "kept after all": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept"), decided(1, "keep", device=PHONE)]),
        Verdict.KEPT,
    ),
    "another device's": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept", device=TABLET)]),
        Verdict.HELD,
    ),
    "another collection's": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept", collection=OTHER)]),
        Verdict.HELD,
    ),
    "this collection's": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept", collection=BOOK)]),
        Verdict.ACCEPTED,
    ),
    "a collection's, at an address that is not here": (
        lambda: ruled(KNOWN, [box(1, 100)], [decided(1, "accept", collection=BOOK)], collection=None),
        Verdict.HELD,
    ),
    "doubted": (lambda: ruled(UNKNOWN, [doubt(1)], []), Verdict.HELD),
    "doubted elsewhere": (lambda: ruled(UNKNOWN, [doubt(1, OTHER)], []), Verdict.NEW),
    "doubted and kept": (lambda: ruled(UNKNOWN, [doubt(1)], [decided(1, "keep")], signed=False), Verdict.KEPT),
    "doubted and accepted": (lambda: ruled(UNKNOWN, [doubt(1)], [decided(1, "accept")]), Verdict.ACCEPTED),
    "doubted and another accepted": (
        lambda: ruled(UNKNOWN, [doubt(1)], [decided(1, "accept")], signed=False),
        Verdict.NEW,
    ),
    "a doubt says nothing of what is proven": (lambda: ruled(KNOWN, [doubt(1)], [decided(1, "keep")]), Verdict.NEW),
}


@pytest.mark.parametrize(("ask", "verdict"), TABLE.values(), ids=TABLE.keys())
def test_what_is_done_about_a_lost_state(ask: Callable[[], Ruling], verdict: Verdict) -> None:
    assert ask().verdict is verdict


def test_only_a_known_epoch_tells_where_the_histories_parted() -> None:
    assert ruled(KNOWN, [box(1, 100)], [decided(1, "keep")]).parted_at == 100
    assert ruled(EARLIER, [box(1, 100)], [decided(1, "keep")]).parted_at == 60
    assert ruled(UNKNOWN, [box(1, 100)], [decided(1, "keep")]).parted_at is None


def test_only_devices_of_the_time_before_may_hold_more() -> None:
    for device, may in ((9, True), (10, False)):
        assert (Holds(device, (box(1, 100),), (decided(1, "keep"),)).kept(BOOK) is not None) is may
    assert Holds(9, (box(1, 100),), (decided(1, "accept"),)).kept(BOOK) is None


# --- any course -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """What a copy of the database holds. `rows` are what was written: unique, so that histories can be compared."""

    rows: tuple[int, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    holds: tuple[Hold, ...] = ()
    decisions: tuple[Decision, ...] = ()
    signs: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class Token:
    """What a device remembers: an epoch, a number, and (which no real token has) the history that it stands for."""

    epoch: str
    seq: int
    rows: tuple[int, ...]


@dataclass
class Course:
    """A household that writes, restarts, is copied and set back, and devices that show what they remember."""

    now: Kept = field(default_factory=Kept)
    started: bool = False
    copies: list[Kept] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    accepted: dict[int, set[Token]] = field(default_factory=dict)  # by decision: what was lost when it was made
    written: int = 0
    names: int = 0
    decided: int = 0

    def write(self) -> None:
        newest, epochs = len(self.now.rows), list(self.now.epochs)
        if not self.started:
            if epochs:
                epochs[-1] = replace(epochs[-1], last_seq=newest)
            self.names += 1
            epochs.append(Epoch(f"{self.names:08}", newest + 1, None))
            self.started = True
        self.written += 1
        self.now = replace(self.now, rows=(*self.now.rows, self.written), epochs=tuple(epochs))
        self.tokens.append(Token(epochs[-1].id, newest + 1, self.now.rows))

    def restart(self) -> None:
        self.started = False

    def copy(self) -> None:
        self.copies.append(self.now)

    def set_back(self, number: int) -> None:
        if self.copies:
            self.now, self.started = self.copies[number % len(self.copies)], False

    def lose(self, count: int) -> None:
        """Copy, write on, with a restart in between now and then, and go back: what happens to a real card."""
        self.copy()
        for number in range(count):
            if number % 3 == 2:
                self.restart()
            self.write()
        self.now, self.started = self.copies[-1], False

    def common(self, token: Token) -> int:
        pairs = zip(token.rows, self.now.rows, strict=False)
        return next(
            (at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(token.rows), len(self.now.rows))
        )

    def is_lost(self, token: Token) -> bool:
        return self.common(token) < token.seq

    def show(self, token: Token) -> None:
        lost = Epochs(list(self.now.epochs)).lost(token.epoch, token.seq, newest_seq=len(self.now.rows))
        assert (lost is not None) is self.is_lost(token), "every lost state is known as lost, and no other"
        if lost is not None:
            self._judge(token, lost)

    def _judge(self, token: Token, lost: Lost) -> None:
        ruling = self._holds().judge(lost, BOOK, was_signed=lambda hold, epoch: (hold.id, epoch) in self.now.signs)
        if ruling.verdict is Verdict.NEW:
            hold_id = self._begin(lost)
            self.now = replace(self.now, signs=self.now.signs | {(hold_id, lost.epoch)})
        elif ruling.verdict is Verdict.HELD and ruling.hold is not None:
            self.now = replace(self.now, signs=self.now.signs | {(ruling.hold.id, lost.epoch)})
        elif ruling.verdict is Verdict.KEPT:
            assert ruling.parted_at in (None, self.common(token)), "neither a change is missed nor an end unjust"
        else:
            told = [self.accepted[each.at] for each in self.now.decisions if each.choice == "accept"]
            assert any(token in tokens for tokens in told), "no loss is accepted that was not there to be seen"

    def _holds(self) -> Holds:
        rows = sorted(self.now.holds, key=lambda hold: -hold.id)
        return Holds(PHONE, tuple(rows), tuple(reversed(self.now.decisions)))

    def _begin(self, lost: Lost) -> int:
        """As `hold_rows.notice` does: one open hold reaches as far as it has to."""
        holds, hold_id = list(self.now.holds), len(self.now.holds) + 1
        if lost.end_seq is None:
            holds.append(doubt(hold_id))
        else:
            for at, hold in enumerate(holds):
                if hold.device_id is None and self._holds().decision(hold, None) is None:
                    holds[at] = replace(hold, common_seq=max(hold.common_seq, lost.end_seq))
                    self.now = replace(self.now, holds=tuple(holds))
                    return hold.id
            holds.append(box(hold_id, lost.end_seq))
        self.now = replace(self.now, holds=tuple(holds))
        return hold_id

    def decide(self, choice: Choice) -> None:
        for hold in self.now.holds:
            if self._holds().decision(hold, hold.collection_id) is None:
                self.decided += 1
                made = Decision(hold.id, hold.device_id, hold.collection_id, choice, self.decided, len(self.now.rows))
                self.accepted[self.decided] = {token for token in self.tokens if self.is_lost(token)}
                self.now = replace(self.now, decisions=(*self.now.decisions, made))


STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["restart", "copy"]), st.just(0)),
    st.tuples(st.just("back"), st.integers(0, 9)),
    st.tuples(st.just("lose"), st.integers(1, 4)),
    st.tuples(st.just("show the newest"), st.integers(1, 6)),
    st.tuples(st.just("show"), st.integers(0, 99)),
    st.tuples(st.sampled_from(["keep", "accept"]), st.just(0)),
)


@settings(max_examples=200)
@given(st.lists(STEP, min_size=8, max_size=60))
def test_no_course_of_set_backs_and_decisions_deletes_or_misses_anything(steps: list[tuple[str, int]]) -> None:
    course = Course()
    course.write()
    for what, number in steps:
        match what:
            case "write":
                for _ in range(number):
                    course.write()
            case "restart":
                course.restart()
            case "copy":
                course.copy()
            case "back":
                course.set_back(number)
            case "lose":
                course.lose(number)
            case "show the newest":
                course.show(course.tokens[-min(number, len(course.tokens))])
            case "show":
                course.show(course.tokens[number % len(course.tokens)])
            case "keep":
                course.decide("keep")
            case _:
                course.decide("accept")
    for token in course.tokens:
        course.show(token)
