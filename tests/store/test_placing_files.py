"""A `Wanted` carried out for files and folders: on the disk, in the ledger, beside others who change the disk."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from appliance import errors
from appliance.store import batches, locks, mounts, placing, properties, queries, rebuild
from appliance.store.bodies import Bodies, path_of
from appliance.store.content import digest_of
from appliance.store.ledger import Author, Member, member_at, member_of
from appliance.store.locks import Lock
from appliance.store.placing import Home, NewBody, Placed, Step, Wanted
from appliance.store.placing_files import FilePlacer
from tests.store.histories import FileHistory, applied, below, reports_since, walked
from tests.store.power import Act, cuts
from tests.store.shelves import ANNA, Shelves, TurnedClock
from tests.store.test_failed_commits import Refusal

LARGE = b"a photo " * 9000
THE_SHELL = Author(1, 9)
COLOUR, RED = "{x:}colour", "<x:colour>red</x:colour>"
DATE = 1_500_000_000_000_000  # microseconds


def placer(shelves: Shelves) -> FilePlacer:
    return FilePlacer(shelves.writer, Bodies(shelves.files), shelves.sweeper)


def place(shelves: Shelves, what: Wanted, check: placing.Check = lambda *_: None) -> Placed:
    with shelves.ledger.write(THE_SHELL) as page:
        batch_id = batches.begin(page, "restore")
    return placer(shelves).place(THE_SHELL, what, batch_id=batch_id, check=check)


def member(shelves: Shelves, *path: str) -> Member:
    found = shelves.there(*path).member
    assert found is not None
    return found


def newest(shelves: Shelves, resource_id: int) -> int:
    return placing.standing_of(shelves.reading, resource_id).seq


def home_id(shelves: Shelves) -> int:
    assert shelves.home.collection_id is not None
    return shelves.home.collection_id


def wanted(
    shelves: Shelves, what: Member, *, is_alive: bool = True, home: Home | None = None, body: NewBody | None = None,
    properties: tuple[tuple[str, str | None], ...] = (),
) -> Wanted:  # fmt: skip
    seen = newest(shelves, what.resource_id)
    return Wanted(what.resource_id, what.kind, seen, is_alive, home, body, properties)


def require_sound(shelves: Shelves) -> None:
    assert shelves.leftovers() == []
    assert rebuild.differences(shelves.reading) == []
    digests = {path: None if body is None else digest_of(body) for path, body in shelves.tree().items()}
    assert walked(shelves, home_id(shelves), None) == digests
    assert shelves.scan() == 0


# --- what changes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"one", LARGE], ids=["small", "large"])
def test_an_older_body_comes_back_to_the_octet_with_its_date_and_a_new_etag(shelves: Shelves, body: bytes) -> None:
    shelves.put("a.txt", body, modified_ns=DATE * 1000)
    first = member(shelves, "a.txt")
    shelves.put("a.txt", LARGE + b"two")
    second = member(shelves, "a.txt")
    placed = place(shelves, wanted(shelves, first, body=NewBody(first.content_id, None, DATE)))
    now = shelves.there("a.txt")
    assert shelves.path("a.txt").read_bytes() == body
    assert now.is_known and now.member is not None and now.modified_ns == DATE * 1000
    assert (now.member.resource_id, now.member.seq, now.member.modified_at) == (first.resource_id, placed.seq, DATE)
    assert now.etag not in (shelves.epochs.etag(first.body_seq), shelves.epochs.etag(second.body_seq))
    row = shelves.reading.execute("SELECT op, base_seq, device_id, batch_id FROM version ORDER BY seq DESC").fetchone()
    assert (row["op"], row["base_seq"], row["device_id"]) == ("restore", second.body_seq, THE_SHELL.device_id)
    assert shelves.is_kept(LARGE + b"two")
    require_sound(shelves)


def test_a_deleted_file_comes_back_under_its_old_id(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one", modified_ns=DATE * 1000)
    gone = member(shelves, "a.txt")
    shelves.delete("a.txt")
    since = queries.newest_seq(shelves.reading)
    what = wanted(shelves, gone, properties=((COLOUR, RED),))
    assert place(shelves, what).name == "a.txt"
    now = shelves.there("a.txt")
    assert (now.resource_id, now.modified_ns) == (gone.resource_id, DATE * 1000)
    assert properties.of(shelves.reading, gone.resource_id) == {COLOUR: RED}
    assert [row.name for row in queries.changes(shelves.reading, home_id(shelves), since, None, with_gone=True)] == [
        "a.txt"
    ]
    require_sound(shelves)


def test_place_and_body_change_in_one_step(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one")
    first = member(shelves, "a.txt")
    shelves.put("a.txt", LARGE)
    home = Home(folder.collection_id or 0, "b.txt")
    place(shelves, wanted(shelves, first, home=home, body=NewBody(first.content_id)))
    assert shelves.tree() == {("folder",): None, ("folder", "b.txt"): b"one"}
    assert member(shelves, "folder", "b.txt").resource_id == first.resource_id
    assert shelves.is_kept(LARGE)
    require_sound(shelves)


def test_a_move_alone_keeps_octets_etag_and_date(shelves: Shelves) -> None:
    shelves.put("a.txt", LARGE, modified_ns=DATE * 1000)
    was = shelves.there("a.txt")
    place(shelves, wanted(shelves, member(shelves, "a.txt"), home=Home(home_id(shelves), "b.txt")))
    now = shelves.there("b.txt")
    assert (now.etag, now.modified_ns, now.resource_id) == (was.etag, DATE * 1000, was.resource_id)
    assert shelves.entry("a.txt") is None
    require_sound(shelves)


def test_properties_and_a_date_keep_the_etag(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    was = member(shelves, "a.txt")
    etag = shelves.etag("a.txt")
    place(shelves, wanted(shelves, was, body=NewBody(modified_at=DATE), properties=((COLOUR, RED),)))
    assert (shelves.etag("a.txt"), shelves.there("a.txt").modified_ns) == (etag, DATE * 1000)
    assert properties.of(shelves.reading, was.resource_id) == {COLOUR: RED}
    before = queries.newest_seq(shelves.reading)
    place(shelves, wanted(shelves, was, body=NewBody(was.content_id, None, DATE), properties=((COLOUR, RED),)))
    assert queries.newest_seq(shelves.reading) == before
    require_sound(shelves)


def test_a_deleted_folder_comes_back_with_its_old_id_and_its_files_after_it(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", LARGE, folder=folder)
    shelves.put("b.txt", b"b", folder=folder)
    top, inner = member(shelves, "folder"), member(shelves, "folder", "a.txt")
    place(shelves, wanted(shelves, top, properties=((COLOUR, RED),)))
    token = queries.member_seq(shelves.reading, top.resource_id)
    shelves.delete("folder")
    assert place(shelves, wanted(shelves, top)).name == "folder"  # not swept yet: swept first
    assert list((shelves.data / "aside").iterdir()) == []
    assert shelves.tree() == {("folder",): None}
    assert properties.of(shelves.reading, top.resource_id) == {COLOUR: RED}
    place(shelves, wanted(shelves, inner))
    assert shelves.tree() == {("folder",): None, ("folder", "a.txt"): LARGE}
    assert member(shelves, "folder").resource_id == top.resource_id
    assert member(shelves, "folder", "a.txt").resource_id == inner.resource_id
    told = queries.changes(shelves.reading, top.resource_id, token, None, with_gone=True)
    assert {(row.name, isinstance(row, queries.Gone)) for row in told} == {("a.txt", False), ("b.txt", True)}
    require_sound(shelves)


def test_a_folder_comes_back_while_another_process_sweeps_it(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    for number in range(40):
        shelves.put(f"{number}.txt", b"%d" % number, folder=folder)
    top = member(shelves, "folder")
    shelves.delete("folder")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Shelves(shelves.data, TurnedClock()).sweeper.sweep()
            code = 0
        finally:
            os._exit(code)
    place(shelves, wanted(shelves, top))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shelves.tree() == {("folder",): None}
    assert all(shelves.is_kept(b"%d" % number) for number in range(40))
    assert list((shelves.data / "aside").iterdir()) == []
    require_sound(shelves)


def test_a_folder_moves_with_all_below(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"a", folder=folder)
    other = shelves.make("other")
    place(shelves, wanted(shelves, member(shelves, "folder"), home=Home(other.collection_id or 0, "in")))
    assert shelves.tree() == {("other",): None, ("other", "in"): None, ("other", "in", "a.txt"): b"a"}
    require_sound(shelves)


def test_what_comes_back_belongs_to_whom_its_folder_belongs_to(shelves: Shelves) -> None:
    """A command may run as root, and the server as somebody else."""
    shelves.make("folder", folder=shelves.make("above"))
    shelves.put("a.txt", b"a", folder=shelves.folder("above", "folder"))
    inner, file = member(shelves, "above", "folder"), member(shelves, "above", "folder", "a.txt")
    shelves.delete("folder", folder=shelves.folder("above"))
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    os.chown(shelves.path("above"), owner, -1)
    place(shelves, wanted(shelves, inner))
    place(shelves, wanted(shelves, file))
    made = [shelves.path("above", "folder"), shelves.path("above", "folder", "a.txt")]
    assert [path.stat().st_uid for path in made] == [owner, owner]
    require_sound(shelves)


def test_an_end_is_recoverable(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", LARGE, folder=folder)
    place(shelves, wanted(shelves, member(shelves, "folder", "a.txt"), is_alive=False))
    assert shelves.is_kept(LARGE)
    place(shelves, wanted(shelves, member(shelves, "folder"), is_alive=False))
    assert shelves.tree() == {}
    shelves.sweeper.sweep()
    require_sound(shelves)


# --- others beside ----------------------------------------------------------------------------------


def edited_behind(shelves: Shelves) -> None:
    shelves.path("a.txt").write_bytes(b"theirs")


def removed_behind(shelves: Shelves) -> None:
    shelves.path("a.txt").unlink()


def replaced_by_a_folder(shelves: Shelves) -> None:
    shelves.path("a.txt").unlink()
    shelves.path("a.txt").mkdir()


def put_meanwhile(shelves: Shelves) -> None:
    shelves.put("a.txt", b"theirs")


@pytest.mark.parametrize(
    "meanwhile", [edited_behind, removed_behind, replaced_by_a_folder, put_meanwhile], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("act", ["end", "body", "move"])
def test_what_changed_since_the_plan_stays(shelves: Shelves, meanwhile: Act, act: str) -> None:
    shelves.put("a.txt", b"one")
    first = member(shelves, "a.txt")
    shelves.put("a.txt", b"two")
    parts = {"end": wanted(shelves, first, is_alive=False),
             "body": wanted(shelves, first, body=NewBody(first.content_id)),
             "move": wanted(shelves, first, home=Home(home_id(shelves), "b.txt"))}  # fmt: skip
    meanwhile(shelves)
    tree = shelves.tree()
    if act == "end" and meanwhile in (removed_behind, replaced_by_a_folder):
        assert place(shelves, parts[act]).name is None  # what is wanted is so
    else:
        with pytest.raises(errors.ChangedSince):
            place(shelves, parts[act])
    assert shelves.tree() == tree
    require_sound(shelves)


def taken_by_a_file(shelves: Shelves) -> None:
    shelves.put("b.txt", b"another")


def taken_behind(shelves: Shelves) -> None:
    shelves.path("b.txt").write_bytes(b"another")


def taken_by_the_other_form(shelves: Shelves) -> None:
    shelves.path("b.txt").mkdir()


def taken_by_a_mount(shelves: Shelves) -> None:
    with shelves.ledger.write(ANNA) as page:
        mounts.add(page, home_id(shelves), "b.txt", shelves.book, "read")


@pytest.mark.parametrize(
    "taken",
    [taken_by_a_file, taken_behind, taken_by_the_other_form, taken_by_a_mount],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("dead", [True, False], ids=["back", "move"])
def test_a_taken_name_is_not_overwritten(shelves: Shelves, taken: Act, dead: bool) -> None:
    shelves.put("a.txt", LARGE)
    what = member(shelves, "a.txt")
    if dead:
        shelves.delete("a.txt")
    taken(shelves)
    tree = shelves.tree()
    with pytest.raises(errors.NameTaken):
        place(shelves, wanted(shelves, what, home=Home(home_id(shelves), "b.txt")))
    assert shelves.tree() == tree
    assert shelves.leftovers() == []


def parent_deleted(shelves: Shelves) -> None:
    shelves.delete("folder")
    shelves.sweeper.sweep()


def parent_removed_behind(shelves: Shelves) -> None:
    shelves.path("folder").rmdir()


def parent_became_a_file(shelves: Shelves) -> None:
    shelves.path("folder").rmdir()
    shelves.path("folder").write_bytes(b"a file")


@pytest.mark.parametrize("gone", [parent_deleted, parent_removed_behind], ids=lambda one: one.__name__)
def test_nothing_comes_back_into_a_folder_that_is_gone(shelves: Shelves, gone: Act) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one", folder=folder)
    what = member(shelves, "folder", "a.txt")
    shelves.delete("a.txt", folder=folder)
    gone(shelves)
    with pytest.raises(errors.NoParent):
        place(shelves, wanted(shelves, what))
    require_sound(shelves)


def test_a_file_where_the_folder_was_is_no_folder(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one", folder=folder)
    what = member(shelves, "folder", "a.txt")
    shelves.delete("a.txt", folder=folder)
    parent_became_a_file(shelves)
    with pytest.raises(errors.NoParent):
        place(shelves, wanted(shelves, what))
    assert shelves.tree() == {("folder",): b"a file"}
    require_sound(shelves)


def test_what_is_below_a_folder_that_vanished_can_be_ended_and_brought_back(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", LARGE, folder=folder)
    shelves.put("a.txt", b"now", folder=folder)
    top, inner = member(shelves, "folder"), member(shelves, "folder", "a.txt")
    os.unlink(shelves.path("folder", "a.txt"))
    os.rmdir(shelves.path("folder"))
    shelves.scan()
    place(shelves, wanted(shelves, top))
    assert member_of(shelves.reading, inner.resource_id) is None
    large = shelves.row_of(LARGE)
    assert large is not None
    place(shelves, wanted(shelves, inner, body=NewBody(large.id)))
    assert shelves.tree() == {("folder",): None, ("folder", "a.txt"): LARGE}
    require_sound(shelves)


def test_a_disk_that_is_not_there_is_no_change(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    what = wanted(shelves, member(shelves, "a.txt"), is_alive=False)
    (shelves.data / "files" / ".gotgan-marker").unlink()
    before = queries.newest_seq(shelves.reading)
    with pytest.raises(errors.NotPossible):
        place(shelves, what)
    assert queries.newest_seq(shelves.reading) == before


def test_octets_that_are_not_kept_any_more_are_said_so(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    first = member(shelves, "a.txt")
    shelves.put("a.txt", b"two")
    with shelves.database.write() as writing:
        writing.execute("UPDATE content SET place = 'none', blob_name = NULL WHERE id = ?", (first.content_id,))
    with pytest.raises(errors.ContentThinned):
        place(shelves, wanted(shelves, first, body=NewBody(first.content_id)))
    assert shelves.tree() == {("a.txt",): b"two"}
    require_sound(shelves)


def test_a_move_and_an_end_drop_the_locks_there(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    what = member(shelves, "a.txt")
    with shelves.database.write() as writing:
        locks.add(writing, Lock("urn:x", what.resource_id, "0", "exclusive", None, 1, 5, 1 << 60))
    place(shelves, wanted(shelves, what, home=Home(home_id(shelves), "b.txt")))
    assert not locks.any_live(shelves.reading, 1)


def test_a_check_is_asked_before_any_octet_is_written_and_again_inside(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    first = member(shelves, "a.txt")
    shelves.put("a.txt", LARGE)
    asked: list[int] = []

    def once(_: object, step: Step) -> None:
        asked.append(step.size_bytes)
        if len(asked) == 2:
            raise errors.OverQuota("The quota does not hold it.")

    with pytest.raises(errors.OverQuota):
        place(shelves, wanted(shelves, first, body=NewBody(first.content_id)), once)
    assert asked == [3, 3]
    assert shelves.tree() == {("a.txt",): LARGE}
    require_sound(shelves)


# --- a cut of power ---------------------------------------------------------------------------------


def some_files(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    shelves.put("a.txt", LARGE)
    shelves.put("gone.txt", LARGE + b"gone")
    shelves.delete("gone.txt")
    shelves.put("gone.txt", b"another")
    shelves.put("lost.txt", LARGE + b"lost")
    shelves.delete("lost.txt")
    folder = shelves.make("folder")
    shelves.put("in.txt", b"in", folder=folder)
    deleted = shelves.make("deleted")
    shelves.put("below.txt", b"below", folder=deleted)
    shelves.delete("deleted")


def resource(shelves: Shelves, name: str, body: bytes | None) -> tuple[int, int | None]:
    """(id, content id) of what once had a name with these octets."""
    digest = None if body is None else digest_of(body)
    row = shelves.reading.execute(
        "SELECT v.resource_id, v.content_id FROM version v LEFT JOIN content c ON c.id = v.content_id"
        " WHERE v.name = ? AND v.alive = 1 AND c.digest IS ?",
        (name, digest),
    ).fetchone()
    return row["resource_id"], row["content_id"]


def the_step(
    shelves: Shelves, name: str, body: bytes | None, *, to: str | None = None, is_alive: bool = True
) -> Wanted:
    id_, content_id = resource(shelves, name, body)
    home = None if to is None else Home(home_id(shelves), to)
    kind = "folder" if body is None else "file"
    new_body = None if content_id is None or not is_alive else NewBody(content_id)
    return Wanted(id_, kind, newest(shelves, id_), is_alive, home, new_body)


STEPS: dict[str, Callable[[Shelves], Wanted]] = {
    "roll back": lambda shelves: the_step(shelves, "a.txt", b"one"),
    "end": lambda shelves: the_step(shelves, "a.txt", LARGE, is_alive=False),
    "end a folder": lambda shelves: the_step(shelves, "folder", None, is_alive=False),
    "roll back beside": lambda shelves: the_step(shelves, "gone.txt", LARGE + b"gone", to="gone 2.txt"),
    "place and body": lambda shelves: the_step(shelves, "a.txt", b"one", to="b.txt"),
    "move": lambda shelves: the_step(shelves, "a.txt", LARGE, to="b.txt"),
    "bring back": lambda shelves: the_step(shelves, "lost.txt", LARGE + b"lost"),
    "bring back a folder": lambda shelves: the_step(shelves, "deleted", None),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_can_be_repeated_after_a_power_cut_anywhere(quick_disk: Path, name: str) -> None:
    after = tree_after(quick_disk / "whole", name)
    (quick_disk / "steps").mkdir()
    (quick_disk / "plan").mkdir()
    plan = Shelves(quick_disk / "plan", TurnedClock())
    before(plan)
    planned = STEPS[name](plan)
    plan.close()

    def act(shelves: Shelves) -> None:
        place(shelves, STEPS[name](shelves))

    for step, acknowledged, shelves in cuts(quick_disk / "steps", before, act):
        shelves.sweeper.sweep()
        shelves.scan()
        for body in (b"one", LARGE, LARGE + b"gone", LARGE + b"lost", b"another", b"in", b"below"):
            assert body in shelves.tree().values() or shelves.is_kept(body), (step, body[:10])
        if acknowledged:
            assert shelves.tree() == after, step
        place(shelves, planned)
        shelves.sweeper.sweep()
        assert shelves.tree() == after, step
        require_sound(shelves)


def before(shelves: Shelves) -> None:
    some_files(shelves)
    shelves.sweeper.sweep()


def tree_after(data: Path, name: str) -> dict[tuple[str, ...], bytes | None]:
    data.mkdir()
    shelves = Shelves(data, TurnedClock())
    before(shelves)
    place(shelves, STEPS[name](shelves))
    shelves.sweeper.sweep()
    tree = shelves.tree()
    shelves.close()
    return tree


@pytest.mark.parametrize("name", STEPS)
def test_a_failed_commit_leaves_the_disk_as_it_was_and_the_step_can_be_repeated(quick_disk: Path, name: str) -> None:
    later = tree_after(quick_disk / "whole", name)
    for passing in range(10):
        (quick_disk / str(passing)).mkdir()
        shelves = Shelves(quick_disk / str(passing), TurnedClock())
        before(shelves)
        earlier, step = shelves.tree(), STEPS[name](shelves)
        refusal = Refusal(shelves, passing)
        with contextlib.suppress(sqlite3.DatabaseError):
            place(shelves, step)
        shelves.database._writer.set_authorizer(None)
        assert shelves.tree() == (earlier if refusal.refused else later)
        require_sound(shelves)
        place(shelves, step)
        shelves.sweeper.sweep()
        assert shelves.tree() == later
        require_sound(shelves)
        shelves.close()
        if not refusal.refused:
            return
    raise AssertionError("a step of more commits than anybody would believe")


# --- against the model ------------------------------------------------------------------------------


class RestoringHistory(FileHistory):
    """Files as before, and now and then one is made to be as it was at some row, or ended."""

    refusals: ClassVar[tuple[type[errors.GotganError], ...]] = (
        errors.NoParent, errors.NameTaken, errors.OntoItself, errors.ContentMissing, errors.ContentThinned,
    )  # fmt: skip
    taken_back = 0

    def run(self, steps: int) -> None:
        super().run(steps // 3)
        for _ in range(2 * steps // 3):
            self.chosen.choice([self.take_back] * 6 + [self.put, self.make, self.delete, self.move])()
            self._remember()
        self.shelves.sweeper.sweep()

    def take_back(self) -> None:
        self.shelves.sweeper.sweep()
        row = self.chosen.choice(
            self.shelves.reading.execute(
                "SELECT v.resource_id, v.collection_id, v.name, v.alive, v.content_id, r.kind FROM version v"
                " JOIN resource r ON r.id = v.resource_id WHERE r.kind IN ('file', 'folder')"
            ).fetchall()
        )
        home = Home(row["collection_id"], row["name"]) if row["alive"] else None
        body = None if row["content_id"] is None else NewBody(row["content_id"])
        seen = newest(self.shelves, row["resource_id"])
        was = self._path_of(row["resource_id"])
        try:
            place(self.shelves, Wanted(row["resource_id"], row["kind"], seen, bool(row["alive"]), home, body))
        except self.refusals:
            return  # the disk and every table are compared below: nothing changed
        self.taken_back += 1
        carried = {} if was is None else {path[len(was) :]: self.tree[path] for path in below(self.tree, was)}
        if was is not None:
            self._forget(was)
        now = self._path_of(row["resource_id"])
        if now is not None:
            self.tree |= {(*now, *path): inner for path, inner in carried.items()}
            self.tree[now] = None if row["kind"] == "folder" else self._octets(row["content_id"])

    def _path_of(self, resource_id: int) -> tuple[str, ...] | None:
        path = path_of(self.shelves.reading, resource_id)
        return None if path is None else path[1:]

    def _octets(self, content_id: int) -> bytes:
        (digest,) = self.shelves.reading.execute("SELECT digest FROM content WHERE id = ?", (content_id,)).fetchone()
        bodies = {body for tree in self.states.values() for body in tree.values() if body is not None} | self.lost
        return next(body for body in bodies if digest_of(body) == digest)


@pytest.mark.parametrize("seed", range(4))
def test_random_takings_back_are_what_the_model_says(shelves: Shelves, seed: int) -> None:
    history = RestoringHistory(shelves, random.Random(seed))
    history.run(120)
    assert history.taken_back > 10
    assert shelves.tree() == history.tree
    require_sound(shelves)
    for seq, tree in history.states.items():
        digests = {path: None if body is None else digest_of(body) for path, body in tree.items()}
        assert walked(shelves, home_id(shelves), seq) == digests, seq
        assert applied(reports_since(shelves, shelves.home, seq), tree, history.tree) == history.tree, seq


def test_a_member_that_vanished_is_not_overlooked(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    what = member(shelves, "a.txt")
    shelves.path("a.txt").unlink()
    with pytest.raises(errors.ChangedSince):
        place(shelves, wanted(shelves, what, properties=((COLOUR, RED),)))
    assert member_at(shelves.reading, home_id(shelves), "a.txt") is None
