"""Trees of folders that are to become other trees, and a writer that refuses what a disk would refuse."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as some

from appliance.history.arranging import arrange
from appliance.history.plans import Entry, Plan
from appliance.history.taking_back import Decision, Pile
from appliance.store.placing import Home, Wanted
from appliance.store.touched import Touched, Written

ROOT = 0
Tree = dict[int, Home]
"""Where each living thing is; a collection that is in no tree is dead."""


@dataclass(frozen=True)
class Standing:
    """What a plan asks of the present (`arranging.Present`)."""

    now: Tree
    uids: Mapping[int, str] = field(default_factory=dict)
    old: frozenset[int] = frozenset()  # what nobody has touched since

    def occupant(self, home: Home) -> int | None:
        wanted = unicodedata.normalize("NFC", home.name)
        return next(
            (
                each
                for each, there in self.now.items()
                if there.collection_id == home.collection_id and unicodedata.normalize("NFC", there.name) == wanted
            ),
            None,
        )

    def is_reachable(self, collection_id: int) -> bool:
        return collection_id == ROOT or (
            collection_id in self.now and self.is_reachable(self.now[collection_id].collection_id)
        )

    def above(self, collection_id: int) -> int | None:
        return self.now[collection_id].collection_id if collection_id in self.now else None

    def members(self, collection_id: int) -> Sequence[int]:
        return [each for each, home in self.now.items() if home.collection_id == collection_id]

    def members_since(self, collection_id: int, _seq: int) -> Sequence[int]:
        return [each for each in self.members(collection_id) if each not in self.old]

    def uid(self, resource_id: int) -> str | None:
        return self.uids.get(resource_id)

    def namesake(self, resource_id: int, collection_id: int) -> int | None:
        uid = self.uids.get(resource_id)
        return next(
            (each for each in self.members(collection_id) if each != resource_id and self.uids.get(each) == uid), None
        )

    def address(self, home: Home) -> str:
        if home.collection_id == ROOT or home.collection_id not in self.now:
            return home.name
        return f"{self.address(self.now[home.collection_id])}/{home.name}"


def decision(resource_id: int, was: Home, *, lived: bool, wanted: Home | None, kind: str = "folder") -> Decision:
    """What is to become of one resource: it lived at `was` until now, or last; None: it is to end."""
    newest = Written(9, "move", int(lived), was.collection_id, was.name, 9, None, None, 1, None)
    how = Wanted(resource_id, kind, 9, is_alive=wanted is not None, home=wanted)
    pile = Pile.PUT_ASIDE if wanted is None else Pile.ROLL_BACK if lived else Pile.BRING_BACK
    return Decision(Touched(resource_id, kind, None, (newest,)), pile, how)


def planned(now: Tree, then: Tree, *, kept: Collection[int] = ()) -> Plan:
    """The plan that makes one tree the other, but for what is kept for the sake of others."""
    ids = [each for each in {**now, **then} if now.get(each) != then.get(each) and each not in kept]
    return arrange(
        [decision(each, now.get(each) or Home(ROOT, "gone"), lived=each in now, wanted=then.get(each)) for each in ids],
        Standing(now),
    )


def carried_out(now: Tree, entries: Iterable[Entry]) -> Tree:
    """The tree after all steps; AssertionError where a disk would refuse one."""
    tree = dict(now)
    for entry in entries:
        if entry.wanted is None:
            continue
        _place(tree, entry.wanted)
    return tree


def _place(tree: Tree, wanted: Wanted) -> None:
    standing = Standing(tree)
    if not wanted.is_alive:
        for member in standing.members(wanted.resource_id):
            _place(tree, Wanted(member, "folder", 9, is_alive=False))
        tree.pop(wanted.resource_id, None)
        return
    home = wanted.home or tree[wanted.resource_id]
    assert standing.is_reachable(home.collection_id), "no holder"
    assert standing.occupant(home) in (None, wanted.resource_id), "the name is taken"
    above: int | None = home.collection_id
    while above is not None and above != ROOT:
        assert above != wanted.resource_id, "into itself"
        above = tree[above].collection_id
    tree[wanted.resource_id] = home


@some.composite
def trees(draw: some.DrawFn, count: int = 6) -> Tree:
    """Any tree of some of `count` folders, with few names so that they meet."""
    tree: Tree = {}
    for each in draw(some.permutations(range(1, count + 1))):
        home = Home(draw(some.sampled_from([ROOT, *tree])), draw(some.sampled_from("ab")))
        if draw(some.booleans()) or home in tree.values():
            continue
        tree[each] = home
    return tree
