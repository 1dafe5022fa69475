"""Whatever is done to the disk, and whatever of it is hinted at: the ledger ends as the disk is.

A model of the directory tree moves along; after each scan ledger and disk are compared. And at each step of what a look
writes the power is cut.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.store import rebuild
from appliance.store.content import digest_of
from appliance.store.database import Reading
from tests.store.power import cuts
from tests.store.shelves import Shelves, TurnedClock, quick_folder

Names = tuple[str, ...]
Told = dict[Names, tuple[int, bytes | None]]
NAMES = ("a", "b", "c", "가")


def told(shelves: Shelves) -> Told:
    """What the ledger has below the home: path to (resource, digest), digest None for a folder."""
    found: Told = {}
    _below(shelves.reading, shelves.home.collection_id or 0, (), found)
    return found


def _below(reading: Reading, folder_id: int, above: Names, found: Told) -> None:
    rows = reading.execute(
        "SELECT m.name, m.kind, m.resource_id, c.digest FROM member m LEFT JOIN content c ON c.id = m.content_id"
        " WHERE m.collection_id = ?",
        (folder_id,),
    ).fetchall()
    for row in rows:
        found[(*above, row["name"])] = (row["resource_id"], row["digest"])
        if row["kind"] == "folder":
            _below(reading, row["resource_id"], (*above, row["name"]), found)


def agrees(shelves: Shelves) -> None:
    """The ledger has what the disk has, with its octets, and its derived tables are right."""
    on_disk = {path: None if body is None else digest_of(body) for path, body in shelves.tree().items()}
    assert {path: digest for path, (_, digest) in told(shelves).items()} == on_disk
    assert rebuild.differences(shelves.reading) == []


@dataclass
class Tree:
    """The disk behind our back, and which of its files are still the ones that were recorded."""

    shelves: Shelves
    written: int = 0
    hinted: list[Names] = field(default_factory=list)

    def paths(self) -> list[Names]:
        return sorted(self.shelves.tree())

    def folders(self) -> list[Names]:
        return [(), *sorted(path for path, body in self.shelves.tree().items() if body is None)]

    def path(self, names: Names) -> Path:
        return self.shelves.path(*names)

    def free(self, one: int, other: int) -> Names:
        folders = self.folders()
        return (*folders[one % len(folders)], NAMES[other % len(NAMES)])

    def taken(self, one: int) -> Names | None:
        paths = self.paths()
        return paths[one % len(paths)] if paths else None

    def write(self, one: int, other: int) -> None:
        names = self.free(one, other)
        if not self.path(names).is_dir():
            self.written += 1
            self.path(names).write_bytes(b"x" * self.written)  # no two files are of the same length
            self.hinted.append(names)

    def make(self, one: int, other: int) -> None:
        names = self.free(one, other)
        if not self.path(names).exists() and len(names) < 5:
            self.path(names).mkdir()
            self.hinted.append(names)

    def move(self, one: int, other: int) -> None:
        source, target = self.taken(one), self.free(other, one)
        if source is None or target[: len(source)] == source or len(target) > 5:
            return
        if self.path(target).exists() and (self.path(target).is_dir() or self.path(source).is_dir()):
            return
        self.path(source).rename(self.path(target))
        self.hinted += [source, target]

    def swap(self, one: int, other: int) -> None:
        first, second = self.taken(one), self.taken(other)
        if first is None or second is None or first[: len(second)] == second or second[: len(first)] == first:
            return
        between = self.shelves.path("between")
        self.path(first).rename(between)
        self.path(second).rename(self.path(first))
        between.rename(self.path(second))
        self.hinted += [first, second]

    def remove(self, one: int, _other: int) -> None:
        names = self.taken(one)
        if names is not None:
            shutil.rmtree(self.path(names)) if self.path(names).is_dir() else self.path(names).unlink()
            self.hinted.append(names)

    def link(self, one: int, other: int) -> None:
        source, target = self.taken(one), self.free(other, one)
        if source is not None and self.path(source).is_file() and not self.path(target).exists():
            os.link(self.path(source), self.path(target))
            self.hinted.append(target)

    def look(self, one: int, other: int) -> None:
        """Some of the hints arrive, in a time of their own."""
        arrived = [("anna", *names) for names in self.hinted[one % 3 :: 1 + other % 3]]
        self.hinted.clear()
        self.shelves.observer.observe_all(arrived)

    def scan(self, _one: int, _other: int) -> None:
        self.shelves.scan()
        self.shelves.sweeper.sweep()
        agrees(self.shelves)


ACTS: tuple[Callable[[Tree, int, int], None], ...] = (
    Tree.write, Tree.write, Tree.make, Tree.move, Tree.move, Tree.swap, Tree.remove, Tree.link, Tree.look, Tree.scan,
)  # fmt: skip
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 60), st.integers(0, 60)), max_size=40)


@settings(max_examples=80)
@given(steps)
def test_the_ledger_ends_as_the_disk_is(acts: list[tuple[Callable[[Tree, int, int], None], int, int]]) -> None:
    with quick_folder() as folder:
        shelves = Shelves(folder, TurnedClock())
        try:
            tree = Tree(shelves)
            for act, one, other in acts:
                act(tree, one, other)
            tree.look(0, 0)
            tree.scan(0, 0)
            before = told(shelves)
            assert shelves.scan() == 0
            assert told(shelves) == before
        finally:
            shelves.close()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from((Tree.write, Tree.make)), st.integers(0, 60), st.integers(0, 60)), min_size=4),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    st.booleans(),
)
def test_one_rename_between_two_looks_keeps_every_resource(
    made: list[tuple[Callable[[Tree, int, int], None], int, int]], move: tuple[int, int], by_hints: bool
) -> None:
    with quick_folder() as folder:
        shelves = Shelves(folder, TurnedClock())
        try:
            tree = Tree(shelves)
            for act, one, other in made:
                act(tree, one, other)
            shelves.scan()
            before, inodes = told(shelves), inodes_of(tree)
            tree.hinted.clear()
            tree.move(*move)
            is_over = len(inodes_of(tree)) < len(inodes)
            if by_hints:
                tree.look(0, 0)
            else:
                shelves.scan()
            agrees(shelves)
            if not is_over:
                after = told(shelves)
                now = {inode: after[names][0] for names, inode in inodes_of(tree).items()}
                assert now == {inode: before[names][0] for names, inode in inodes.items()}
        finally:
            shelves.close()


def inodes_of(tree: Tree) -> dict[Names, int]:
    return {names: tree.path(names).stat().st_ino for names in tree.paths()}


# --- power ------------------------------------------------------------------------------------------


def some_files(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    for name in ("stays", "changes", "goes", "moves"):
        shelves.put(name, name.encode())
        shelves.put(name, name.encode() * 2, folder=folder)
    shelves.scan()
    shelves.path("folder").rename(shelves.path("renamed"))
    for above in (shelves.path(), shelves.path("renamed")):
        (above / "changes").write_bytes(b"changed")
        (above / "goes").unlink()
        (above / "moves").rename(above / "moved")
        (above / "new").mkdir()
        (above / "new" / "file").write_bytes(b"new")


def scan_all(shelves: Shelves) -> None:
    shelves.scan()


def hint_at_all(shelves: Shelves) -> None:
    names = ("changes", "goes", "moves", "moved", "new")
    paths = [("anna", name) for name in (*names, "folder", "renamed")]
    shelves.observer.observe_all([*paths, *(("anna", "renamed", name) for name in names)])


def test_a_cut_of_power_during_a_look_loses_no_identity(quick_disk: Path) -> None:
    for act in (scan_all, hint_at_all):
        place = quick_disk / act.__name__
        place.mkdir()
        for step, acknowledged, shelves in cuts(place, some_files, act):
            shelves.scan()
            shelves.sweeper.sweep()
            agrees(shelves)
            assert shelves.scan() == 0, step
            for names in (("moved",), ("renamed", "moved")):
                resource_id = shelves.there(*names).resource_id or 0
                ops = [op for op, _, _ in shelves.versions(resource_id)]
                assert ops == ["put", "leave", "move"], (step, acknowledged)
            assert shelves.versions(shelves.there("renamed").resource_id or 0)[0][0] == "make"
