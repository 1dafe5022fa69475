"""Plans: decisions about single resources made fit for each other, in an order that works."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as some

from appliance.history.arranging import arrange, numbered
from appliance.history.plan_texts import from_json, to_json
from appliance.history.plans import Plan
from appliance.history.taking_back import Pile, Reason
from appliance.store.placing import Home
from tests.history.trees import ROOT, Standing, Tree, carried_out, decision, planned, trees


def steps(plan: Plan) -> list[int]:
    """Whose turn it is, step by step."""
    return [entry.wanted.resource_id for entry in plan.entries if entry.wanted is not None]


@given(trees(), trees())
@example({1: Home(ROOT, "a"), 2: Home(ROOT, "b")}, {1: Home(ROOT, "b"), 2: Home(ROOT, "a")})
@example({1: Home(2, "a"), 2: Home(ROOT, "a")}, {1: Home(ROOT, "a"), 2: Home(1, "a")})
@example({3: Home(ROOT, "a"), 6: Home(3, "a"), 2: Home(6, "a")}, {6: Home(ROOT, "a"), 2: Home(6, "a"), 3: Home(2, "a")})
@example({1: Home(ROOT, "a"), 2: Home(1, "a"), 3: Home(2, "a")}, {3: Home(ROOT, "a")})
def test_any_tree_becomes_any_other(now: Tree, then: Tree) -> None:
    plan = planned(now, then)
    assert carried_out(now, plan.entries) == then
    assert all(entry.renamed_from is None for entry in plan.entries)
    assert from_json(to_json(plan)) == plan


@given(trees(), trees(), some.sets(some.integers(1, 6)))
@example(
    {1: Home(ROOT, "a"), 4: Home(ROOT, "b"), 5: Home(4, "a")},
    {2: Home(ROOT, "a"), 5: Home(2, "a"), 4: Home(5, "a")},
    {1, 2},
)
def test_whatever_is_kept_no_step_of_a_plan_is_refused(now: Tree, then: Tree, kept: set[int]) -> None:
    plan = planned(now, then, kept=kept)
    found = carried_out(now, plan.entries)
    assert {each: home for each, home in found.items() if each in kept} == {
        each: home for each, home in now.items() if each in kept
    }


def test_a_folder_does_not_come_into_what_stays_inside_it() -> None:
    now = {1: Home(ROOT, "outer"), 2: Home(1, "inner")}
    plan = arrange([decision(1, now[1], lived=True, wanted=Home(2, "outer"))], Standing(now))
    assert [(entry.pile, entry.reason) for entry in plan.entries] == [(Pile.KEEP, Reason.INTO_ITSELF)]


def test_a_long_chain_of_names_goes_back_without_steps_aside() -> None:
    count = 20_000
    now = {number: Home(ROOT, f"{number + 1}") for number in range(1, count)}
    then = {number: Home(ROOT, f"{number}") for number in range(1, count)}
    by_name = {home.name: number for number, home in now.items()}

    class Indexed(Standing):
        def occupant(self, home: Home) -> int | None:
            return by_name.get(home.name)

    plan = arrange([decision(each, now[each], lived=True, wanted=then[each]) for each in reversed(now)], Indexed(now))
    assert steps(plan) == list(now)


def test_what_comes_back_to_a_taken_name_stands_beside() -> None:
    plan = arrange([decision(2, Home(ROOT, "a.txt"), lived=False, wanted=Home(ROOT, "a.txt"), kind="file")],
                   Standing({1: Home(ROOT, "a.txt")}))  # fmt: skip
    (entry,) = plan.entries
    assert entry.wanted is not None
    assert (entry.wanted.home, entry.renamed_from) == (Home(ROOT, "a (2).txt"), "a.txt")


def test_a_name_that_only_differs_in_its_form_is_taken() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    plan = arrange(
        [decision(2, Home(ROOT, composed), lived=False, wanted=Home(ROOT, composed))],
        Standing({1: Home(ROOT, decomposed)}),
    )
    assert plan.entries[0].renamed_from == composed


def test_what_would_have_no_holder_stays_away() -> None:
    plan = arrange([decision(2, Home(9, "a"), lived=False, wanted=Home(9, "a"))], Standing({}))
    assert [(entry.pile, entry.reason, entry.wanted) for entry in plan.entries] == [
        (Pile.KEEP, Reason.HOLDER_GONE, None)
    ]


def test_a_folder_that_holds_something_of_others_stays_and_so_does_what_holds_it() -> None:
    now = {1: Home(ROOT, "a"), 2: Home(1, "b"), 3: Home(2, "theirs"), 4: Home(2, "mine")}
    plan = arrange([decision(each, now[each], lived=True, wanted=None) for each in (1, 2, 4)], Standing(now))
    assert {entry.address: entry.reason for entry in plan.entries} == {
        "a": Reason.HOLDS_OTHERS, "a/b": Reason.HOLDS_OTHERS, "a/b/mine": None,
    }  # fmt: skip
    assert carried_out(now, plan.entries) == {each: now[each] for each in (1, 2, 3)}


def test_a_card_whose_uid_lives_there_stays_away() -> None:
    standing = Standing({1: Home(7, "new.vcf"), 7: Home(ROOT, "book")}, {1: "x", 2: "x"})
    plan = arrange([decision(2, Home(7, "x.vcf"), lived=False, wanted=Home(7, "x.vcf"), kind="card")], standing)
    assert [(entry.pile, entry.reason) for entry in plan.entries] == [(Pile.KEEP, Reason.UID_TAKEN)]


def test_a_card_whose_uid_is_put_aside_comes_after_it() -> None:
    now = {1: Home(7, "new.vcf"), 7: Home(ROOT, "book")}
    back = decision(2, Home(7, "x.vcf"), lived=False, wanted=Home(7, "x.vcf"), kind="card")
    gone = decision(1, now[1], lived=True, wanted=None, kind="card")
    assert steps(arrange([back, gone], Standing(now, {1: "x", 2: "x"}))) == [1, 2]


def test_a_book_ends_again_with_what_lay_in_it_all_the_time() -> None:
    now = {1: Home(ROOT, "book"), 2: Home(1, "old.vcf")}
    ending = [decision(1, now[1], lived=True, wanted=None, kind="addressbook")]
    assert steps(arrange(ending, Standing(now, old=frozenset({2})))) == [1]
    assert steps(arrange(ending, Standing(now))) == []


def test_cards_end_before_their_book_and_files_with_their_folder() -> None:
    now = {1: Home(ROOT, "a"), 2: Home(1, "b")}
    for kinds, wanted in ((("addressbook", "card"), [2, 1]), (("folder", "file"), [1])):
        ending = [
            decision(each, now[each], lived=True, wanted=None, kind=kind)
            for each, kind in zip((1, 2), kinds, strict=True)
        ]
        assert steps(arrange(ending, Standing(now))) == wanted


def test_what_nobody_saw_in_a_deleted_book_is_put_aside_again() -> None:
    now = {1: Home(ROOT, "club"), 2: Home(3, "x.vcf"), 3: Home(ROOT, "contacts")}
    card = decision(2, now[2], lived=True, wanted=Home(1, "x.vcf"), kind="card")
    unseen = replace(card, touched=replace(card.touched, was_unseen=True))
    book = decision(1, now[1], lived=True, wanted=None, kind="addressbook")
    plan = arrange([unseen, book], Standing(now))
    assert carried_out(now, plan.entries) == {3: now[3]}
    kept = arrange([unseen], Standing(now))
    assert carried_out(now, kept.entries) == now | {2: Home(1, "x.vcf")}


def test_of_two_cards_with_one_uid_the_first_comes() -> None:
    back = [
        decision(each, Home(7, name), lived=False, wanted=Home(7, name), kind="card")
        for each, name in ((1, "x.vcf"), (2, "y.vcf"))
    ]
    plan = arrange(back, Standing({7: Home(ROOT, "book")}, {1: "x", 2: "x"}))
    assert [entry.reason for entry in plan.entries] == [None, Reason.UID_TAKEN]


def test_counts_leave_steps_aside_out() -> None:
    plan = planned(
        {1: Home(ROOT, "a"), 2: Home(ROOT, "b"), 3: Home(ROOT, "c")}, {1: Home(ROOT, "b"), 2: Home(ROOT, "a")}
    )
    assert {pile.value: number for pile, number in plan.counts().items()} == {
        "bring back": 0, "roll back": 2, "put aside": 1, "keep": 0, "choose": 0,
    }  # fmt: skip
    assert len(plan.entries) == 4


@given(some.text(min_size=1, max_size=300).filter(lambda name: len(name.encode()) <= 255), some.integers(2, 10**6))
def test_a_numbered_name_fits_a_file_system_and_is_another(name: str, number: int) -> None:
    found = numbered(name, number)
    assert len(found.encode()) <= 255
    assert found != name or f"({number})" in name
