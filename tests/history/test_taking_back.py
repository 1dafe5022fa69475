"""Every rule of taking back, register by register: what one resource becomes without the rows of one side."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from appliance.history.taking_back import PLACE, Pile, Reason, decide
from tests.history.rooms import card
from tests.history.written import (
    DISK,
    LAPTOP,
    PHONE,
    TABLET,
    Act,
    Shelf,
    Stands,
    Told,
    by,
    everybody,
)

NOTHING, THERE = Stands(), Stands("was")
RED = Stands("was", "a", {"colour": "red"})

Case = tuple[Stands, Sequence[Act], Stands, tuple[Pile, Reason | None] | None, tuple[str, ...]]

REWINDS: dict[str, Case] = {
    "an edit goes back": (THERE, [(PHONE, "put", "p")], THERE, (Pile.ROLL_BACK, None), ()),
    "an edit behind others' is kept": (
        THERE, [(PHONE, "put", "p"), (TABLET, "put", "t")], Stands("t"), (Pile.CHOOSE, Reason.CHANGED_LATER), ("*",),
    ),
    "an edit behind the disk's is kept": (
        THERE, [(PHONE, "put", "p"), (DISK, "put", "d")], Stands("d"), (Pile.CHOOSE, Reason.CHANGED_LATER), ("*",),
    ),
    "others' in between come back": (
        THERE, [(PHONE, "put", "1"), (TABLET, "put", "t"), (LAPTOP, "put", "l"), (PHONE, "put", "2")],
        Stands("l"), (Pile.ROLL_BACK, None), (),
    ),
    "others' before are the base": (
        THERE, [(TABLET, "put", "t"), (PHONE, "put", "p")], Stands("t"), (Pile.ROLL_BACK, None), (),
    ),
    "changed and changed back is nothing": (THERE, [(PHONE, "put", "p"), (PHONE, "put", "was")], THERE, None, ()),
    "a birth is put aside": (NOTHING, [(PHONE, "put", "p")], NOTHING, (Pile.PUT_ASIDE, None), ()),
    "born and ended is nothing": (NOTHING, [(PHONE, "put", "p"), (PHONE, "delete", "")], NOTHING, None, ()),
    "a birth that others went on with stays": (
        NOTHING, [(PHONE, "put", "p"), (TABLET, "put", "t")], Stands("t"), (Pile.KEEP, Reason.WENT_ON), (),
    ),
    "a birth that others coloured stays": (
        NOTHING, [(PHONE, "put", "p"), (TABLET, "set colour", "red")], Stands("p", "a", {"colour": "red"}),
        (Pile.KEEP, Reason.WENT_ON), (),
    ),
    "an upload keeps the name under which others found it": (
        NOTHING, [(PHONE, "put", "p"), (PHONE, "move", "b"), (TABLET, "put", "t")], Stands("t", "b"),
        (Pile.KEEP, Reason.WENT_ON), (),
    ),
    "what others found is what comes back": (
        NOTHING, [(PHONE, "put", "1"), (PHONE, "put", "2"), (TABLET, "move", "b"), (PHONE, "put", "3")],
        Stands("2", "b"), (Pile.ROLL_BACK, None), (),
    ),
    "others ended what was born": (
        NOTHING, [(PHONE, "put", "p"), (TABLET, "delete", "")], NOTHING, (Pile.KEEP, Reason.ENDED_LATER), (),
    ),
    "an end is no end": (THERE, [(PHONE, "delete", "")], THERE, (Pile.BRING_BACK, None), ()),
    "what ended comes back with its properties": (RED, [(PHONE, "delete", "")], RED, (Pile.BRING_BACK, None), ()),
    "what ended comes back as it was before the edit": (
        RED, [(PHONE, "set colour", "blue"), (PHONE, "put", "p"), (PHONE, "delete", "")], RED,
        (Pile.BRING_BACK, None), (),
    ),
    "what ended comes back as others left it": (
        RED, [(TABLET, "set colour", "blue"), (TABLET, "move", "b"), (PHONE, "delete", "")],
        Stands("was", "b", {"colour": "blue"}), (Pile.BRING_BACK, None), (),
    ),
    "others' end stays": (
        THERE, [(PHONE, "put", "p"), (TABLET, "delete", "")], NOTHING, (Pile.KEEP, Reason.ENDED_LATER), (),
    ),
    "others' end stays, though it was made anew": (
        THERE, [(TABLET, "delete", ""), (PHONE, "put", "p")], NOTHING, (Pile.PUT_ASIDE, None), (),
    ),
    "others made it anew after the end": (
        THERE, [(PHONE, "delete", ""), (TABLET, "put", "t")], Stands("t"), (Pile.KEEP, Reason.CHANGED_LATER), (),
    ),
    "others wrote the same octets anew": (
        THERE, [(PHONE, "put", "p"), (PHONE, "delete", ""), (TABLET, "put", "p")], Stands("p"),
        (Pile.CHOOSE, Reason.CHANGED_LATER), ("*",),
    ),
    "what others' end took from it stays gone": (
        RED, [(TABLET, "delete", ""), (TABLET, "put", "t"), (PHONE, "set size", "big")], Stands("t"),
        (Pile.ROLL_BACK, None), (),
    ),
    "what others' end would have taken from it stays gone": (
        RED, [(PHONE, "delete", ""), (PHONE, "put", "p"), (TABLET, "delete", ""), (TABLET, "put", "t")], Stands("t"),
        (Pile.CHOOSE, Reason.CHANGED_LATER), ("*",),
    ),
    "what an end took from it comes back, though others made it anew": (
        RED, [(PHONE, "delete", ""), (TABLET, "put", "t")], Stands("t", "a", {"colour": "red"}),
        (Pile.ROLL_BACK, None), (),
    ),
    "a move goes back": (THERE, [(PHONE, "move", "b")], THERE, (Pile.ROLL_BACK, None), ()),
    "a move goes back with others' octets": (
        THERE, [(PHONE, "move", "b"), (TABLET, "put", "t")], Stands("t"), (Pile.ROLL_BACK, None), (),
    ),
    "a move behind others' is kept": (
        THERE, [(PHONE, "move", "b"), (TABLET, "move", "c")], Stands("was", "c"),
        (Pile.CHOOSE, Reason.CHANGED_LATER), (PLACE,),
    ),
    "a move after others' goes back to theirs": (
        THERE, [(PHONE, "move", "b"), (TABLET, "move", "c"), (PHONE, "move", "d")], Stands("was", "c"),
        (Pile.ROLL_BACK, None), (),
    ),
    "octets go back where others moved it": (
        THERE, [(PHONE, "put", "p"), (TABLET, "move", "b")], Stands("was", "b"), (Pile.ROLL_BACK, None), (),
    ),
    "properties go back one by one": (
        RED, [(PHONE, "set colour", "blue"), (PHONE, "set size", "big"), (TABLET, "set order", "7")],
        Stands("was", "a", {"colour": "red", "order": "7"}), (Pile.ROLL_BACK, None), (),
    ),
    "a removed property comes back": (RED, [(PHONE, "set colour", "")], RED, (Pile.ROLL_BACK, None), ()),
    "a property that others set later is kept": (
        RED, [(PHONE, "set colour", "blue"), (TABLET, "set colour", "green")], Stands("was", "a", {"colour": "green"}),
        (Pile.CHOOSE, Reason.CHANGED_LATER), ("colour",),
    ),
    "one register goes back, another is kept": (
        RED, [(PHONE, "set colour", "blue"), (PHONE, "put", "p"), (TABLET, "put", "t")],
        Stands("t", "a", {"colour": "red"}), (Pile.ROLL_BACK, None), ("*",),
    ),
    "others alone are left alone": (THERE, [(TABLET, "put", "t"), (DISK, "move", "b")], Stands("t", "b"), None, ()),
}  # fmt: skip


@pytest.mark.parametrize("case", REWINDS, ids=list(REWINDS))
def test_without_the_phone(case: str) -> None:
    base, acts, wanted, pile, conflicts = REWINDS[case]
    told = Told(base).tell(acts)
    decision = told.decided(by(PHONE))
    found = told.with_it(decision)
    assert found == wanted if wanted.body is not None else found.body is None
    assert (None if decision is None else (decision.pile, decision.reason)) == pile
    assert (() if decision is None else decision.conflicts) == conflicts


OVERTURNED: dict[str, tuple[Stands, Sequence[Act], Stands]] = {
    "octets": (THERE, [(PHONE, "put", "p"), (TABLET, "put", "t")], THERE),
    "octets that others had changed before": (
        THERE, [(TABLET, "put", "1"), (PHONE, "put", "p"), (TABLET, "put", "2")], Stands("1"),
    ),
    "a place": (THERE, [(PHONE, "move", "b"), (TABLET, "move", "c")], THERE),
    "a property": (RED, [(PHONE, "set colour", "blue"), (TABLET, "set colour", "green")], RED),
    "a birth": (NOTHING, [(PHONE, "put", "p"), (TABLET, "put", "t")], NOTHING),
    "only what both changed": (
        RED, [(PHONE, "put", "p"), (TABLET, "put", "t"), (TABLET, "set colour", "blue"), (TABLET, "move", "b")],
        Stands("was", "b", {"colour": "blue"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OVERTURNED, ids=list(OVERTURNED))
def test_a_choice_that_is_turned_over_takes_back_what_both_changed(case: str) -> None:
    base, acts, wanted = OVERTURNED[case]
    told = Told(base).tell(acts)
    decision = told.decided(by(PHONE), overturn=True)
    found = told.with_it(decision)
    assert found == wanted if wanted.body is not None else found.body is None
    assert decision is not None
    assert decision.conflicts == ()


FIELDS: dict[str, tuple[Sequence[tuple[int, bytes]], bytes, tuple[str, ...]]] = {
    "one field of mine": (
        [(PHONE, card("x", tel="2", note="0")), (TABLET, card("x", tel="2", note="t"))], card("x", tel="1", note="t"),
        (),
    ),
    "run after run, the newest first": (
        [
            (PHONE, card("x", tel="2", note="0")), (TABLET, card("x", tel="2", note="t")),
            (PHONE, card("x", tel="3", note="t", title="p")),
            (LAPTOP, card("x", tel="3", note="t", title="p", role="l")),
        ],
        card("x", tel="1", note="t", role="l"), (),
    ),
    "a field that both changed is kept": (
        [(PHONE, card("x", tel="1", note="p", title="p")), (TABLET, card("x", tel="1", note="t", title="p"))],
        card("x", tel="1", note="t"), ("note",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIELDS, ids=list(FIELDS))
def test_a_card_goes_back_field_by_field(case: str) -> None:
    bodies, wanted, conflicts = FIELDS[case]
    told = Told(Stands(card("x", tel="1", note="0").decode()), "card")
    told.tell([(who, "put", body.decode()) for who, body in bodies])
    decision = told.decided(by(PHONE))
    assert decision is not None
    assert told.with_it(decision).body == wanted.decode()
    assert decision.conflicts == conflicts


def test_octets_that_are_not_kept_any_more_cannot_come_back() -> None:
    told = Told(THERE).tell([(PHONE, "put", "p")])
    decision = decide(told.touched, by(PHONE), Shelf(told.shelf.bodies, frozenset({told.contents["was"]})))
    assert decision is not None
    assert (decision.pile, decision.reason, decision.wanted) == (Pile.KEEP, Reason.NOT_KEPT, None)


# --- laws -------------------------------------------------------------------------------------------

acts = some.lists(
    some.tuples(
        some.sampled_from([PHONE, TABLET, LAPTOP, DISK]),
        some.sampled_from(["put", "put", "move", "delete", "set colour", "set size"]),
        some.sampled_from(["", "1", "2", "3"]),
    ).map(lambda act: (act[0], act[1], act[2] or ("0" if act[1] in ("put", "move") else ""))),
    max_size=12,
)
bases = some.sampled_from([NOTHING, THERE, RED])


@given(bases, acts)
def test_a_rewind_is_the_history_without_the_device(base: Stands, done: list[Act]) -> None:
    told = Told(base).tell(done)
    others = told.without(PHONE)
    assume(others is not None)
    assert others is not None
    found = told.with_it(told.decided(by(PHONE)))
    assert found == others if others.body is not None else found.body is None


@given(bases, acts)
def test_taking_back_everything_is_the_state_before(base: Stands, done: list[Act]) -> None:
    told = Told(base).tell(done)
    found = told.with_it(told.decided(everybody))
    assert found == base if base.body is not None else found.body is None


@given(bases, acts)
def test_what_others_wrote_last_is_never_taken_back(base: Stands, done: list[Act]) -> None:
    told = Told(base).tell(done)
    found = told.with_it(told.decided(by(PHONE)))
    if told.done and told.done[-1][0] != PHONE:
        _, what, value = told.done[-1]
        assert (found.body is None) == (what == "delete")
        if what == "put":
            assert found.body == value
        if what == "move":
            assert found.name == value
        if what.startswith("set ") and value:
            assert found.properties[what.removeprefix("set ")] == value
