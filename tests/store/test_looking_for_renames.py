"""Renames, links and disks behind our back: what keeps its history, what is new, and what is no deletion."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import alarms, disk, rebuild
from appliance.store.file_systems import FileSystem, kind_of
from appliance.store.files import record_file_system
from appliance.store.ledger import member_at, member_of
from tests.store.shelves import Shelves
from tests.store.test_covering import cover

Look = Callable[[Shelves, list[tuple[str, ...]]], object]


def by_scan(shelves: Shelves, _paths: list[tuple[str, ...]]) -> None:
    shelves.scan()


def by_hints(shelves: Shelves, paths: list[tuple[str, ...]]) -> None:
    assert shelves.observer.observe_all([("anna", *path) for path in paths]) == []


looks = pytest.mark.parametrize("look", [by_scan, by_hints])


def id_of(shelves: Shelves, *names: str) -> int:
    resource_id = shelves.there(*names).resource_id
    assert resource_id is not None
    return resource_id


def ops(shelves: Shelves, resource_id: int) -> list[str]:
    return [op for op, _, _ in shelves.versions(resource_id)]


def last_seq(shelves: Shelves) -> int:
    return int(shelves.reading.execute("SELECT max(seq) FROM version").fetchone()[0])


def in_one_folder(shelves: Shelves) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ("a.txt",), ("b.txt",)


@looks
def test_what_changed_deep_in_a_folder_just_before_it_was_renamed_is_seen(shelves: Shelves, look: Look) -> None:
    """Seen with `sed -i` over a tree and `mv` of it: the changed files were old to the ledger until the next night."""
    top, inner = shelves.make("tree"), ("tree", "in", "side")
    shelves.make("in", folder=top)
    shelves.make("side", folder=shelves.folder("tree", "in"))
    for name in ("a", "b", "c"):
        shelves.put(name, b"one", folder=shelves.folder(*inner))
    shelves.scan()
    ids = {name: id_of(shelves, *inner, name) for name in ("a", "b")}
    cover(shelves)
    (shelves.path(*inner) / "a").write_bytes(b"changed in place")
    (shelves.path(*inner) / "fresh").write_bytes(b"saved by rename")
    (shelves.path(*inner) / "fresh").rename(shelves.path(*inner) / "b")
    (shelves.path(*inner) / "c").unlink()
    shelves.path("tree").rename(shelves.path("wood"))
    look(shelves, [(*inner, "a"), (*inner, "b"), (*inner, "c"), ("tree",), ("wood",)])
    assert {name: id_of(shelves, "wood", "in", "side", name) for name in ids} == ids
    assert all(shelves.there("wood", "in", "side", name).is_known for name in ids)
    assert shelves.scan() == 0


@looks
@pytest.mark.parametrize("target", [("b.txt",), ("folder", "a.txt"), ("new", "deep", "b.txt")])
def test_a_renamed_file_keeps_its_history(shelves: Shelves, look: Look, target: tuple[str, ...]) -> None:
    shelves.make("folder")
    shelves.put("a.txt", b"one")
    shelves.scan()
    resource_id, etag = id_of(shelves, "a.txt"), shelves.etag("a.txt")
    shelves.path(*target).parent.mkdir(parents=True, exist_ok=True)
    shelves.path("a.txt").rename(shelves.path(*target))
    look(shelves, [("a.txt",), target])
    assert id_of(shelves, *target) == resource_id
    assert shelves.etag(*target) == etag
    assert ops(shelves, resource_id) == ["put", "leave", "move"]
    assert rebuild.differences(shelves.reading) == []


@looks
def test_a_renamed_folder_is_two_rows_whatever_is_in_it(shelves: Shelves, look: Look) -> None:
    folder = shelves.make("folder")
    inner = shelves.make("inner", folder=folder)
    for number in range(20):
        shelves.put(f"{number}.txt", b"%d" % number, folder=inner)
    shelves.scan()
    before, file_id = last_seq(shelves), id_of(shelves, "folder", "inner", "7.txt")
    shelves.path("folder").rename(shelves.path("other"))
    look(shelves, [("folder",), ("other",)])
    assert last_seq(shelves) == before + 2
    assert id_of(shelves, "other") == folder.collection_id
    assert id_of(shelves, "other", "inner", "7.txt") == file_id
    assert shelves.scan() == 0
    assert rebuild.differences(shelves.reading) == []


@looks
def test_a_renamed_folder_whose_files_were_changed_and_replaced_is_still_that_folder(
    shelves: Shelves, look: Look
) -> None:
    folder = shelves.make("folder")
    for name in ("stays", "changes", "goes"):
        shelves.put(name, name.encode(), folder=folder)
    shelves.scan()
    changed_id = id_of(shelves, "folder", "changes")
    shelves.path("folder").rename(shelves.path("other"))
    shelves.path("other", "changes").write_bytes(b"changed")
    shelves.path("other", "goes").unlink()
    shelves.path("other", "comes").write_bytes(b"new")
    look(shelves, [("folder",), ("other",), ("other", "changes"), ("other", "goes"), ("other", "comes")])
    assert id_of(shelves, "other") == folder.collection_id
    assert id_of(shelves, "other", "changes") == changed_id
    assert all(shelves.there("other", name).is_known for name in ("stays", "changes", "comes"))
    shelves.scan()
    assert shelves.scan() == 0


@looks
def test_a_file_that_was_renamed_and_then_changed_is_still_that_file(shelves: Shelves, look: Look) -> None:
    shelves.put("a.txt", b"one")
    cover(shelves)
    resource_id = id_of(shelves, "a.txt")
    shelves.path("a.txt").rename(shelves.path("b.txt"))
    shelves.path("b.txt").write_bytes(b"changed since")
    look(shelves, [("a.txt",), ("b.txt",)])
    assert id_of(shelves, "b.txt") == resource_id
    assert ops(shelves, resource_id) == ["put", "leave", "move", "observe"]
    assert shelves.is_kept(b"one")
    assert shelves.scan() == 0
    assert rebuild.differences(shelves.reading) == []


@looks
def test_a_new_file_that_got_the_inode_of_a_removed_one_is_new(shelves: Shelves, look: Look) -> None:
    """ext4 gives inodes again at once; here the old row is told that it had the one of the new file."""
    shelves.put("a.txt", b"one")
    shelves.scan()
    resource_id = id_of(shelves, "a.txt")
    shelves.path("a.txt").unlink()
    shelves.path("b.txt").write_bytes(b"another")
    inode = shelves.path("b.txt").stat().st_ino
    with shelves.database.write() as writing:
        writing.execute("UPDATE disk SET inode = ? WHERE resource_id = ?", (inode, resource_id))
    look(shelves, [("a.txt",), ("b.txt",)])
    assert ops(shelves, resource_id) == ["put", "delete"]
    assert ops(shelves, id_of(shelves, "b.txt")) == ["observe"]


@looks
def test_what_is_written_anew_under_an_old_name_is_a_version_of_what_had_it(shelves: Shelves, look: Look) -> None:
    """Editors and Office move the old file aside before they write the new one: the history stays with the name."""
    shelves.put("a.txt", b"one")
    shelves.scan()
    resource_id = id_of(shelves, "a.txt")
    shelves.path("a.txt").rename(shelves.path("b.txt"))
    shelves.path("a.txt").write_bytes(b"new")
    look(shelves, [("a.txt",), ("b.txt",)])
    assert ops(shelves, resource_id) == ["put", "observe"]
    assert ops(shelves, id_of(shelves, "b.txt")) == ["observe"]
    assert shelves.tree() == {("a.txt",): b"new", ("b.txt",): b"one"}


def test_folders_moved_into_each_other_end_where_they_are(shelves: Shelves) -> None:
    outer = shelves.make("a")
    inner = shelves.make("b", folder=outer)
    shelves.put("in a", b"1", folder=outer)
    shelves.put("in b", b"2", folder=inner)
    shelves.scan()
    shelves.path("a", "b").rename(shelves.path("c"))
    shelves.path("a").rename(shelves.path("c", "a"))
    shelves.scan()
    assert id_of(shelves, "c") == inner.collection_id
    assert id_of(shelves, "c", "a") == outer.collection_id
    assert shelves.scan() == 0
    assert rebuild.differences(shelves.reading) == []


def test_an_inode_that_is_used_again_is_no_rename(shelves: Shelves) -> None:
    """ext4 gives the inode of a removed directory to the next one."""
    folder = shelves.make("old")
    shelves.put("a.txt", b"one", folder=folder)
    shelves.scan()
    inode = shelves.path("old").stat().st_ino
    shutil.rmtree(shelves.path("old"))
    shelves.path("new").mkdir()
    shelves.path("new", "b.txt").write_bytes(b"two")
    shelves.reading.execute("UPDATE disk SET inode = ? WHERE inode = ?", (shelves.path("new").stat().st_ino, inode))
    shelves.scan()
    assert id_of(shelves, "new") != folder.collection_id


def test_a_known_path_is_that_resource_whatever_its_inode(shelves: Shelves) -> None:
    """Two files that swapped their names are two new versions."""
    shelves.put("a.txt", b"one")
    shelves.put("b.txt", b"two")
    ids = id_of(shelves, "a.txt"), id_of(shelves, "b.txt")
    for source, target in (("a.txt", "c"), ("b.txt", "a.txt"), ("c", "b.txt")):
        shelves.path(source).rename(shelves.path(target))
    shelves.scan()
    assert (id_of(shelves, "a.txt"), id_of(shelves, "b.txt")) == ids
    assert [ops(shelves, resource_id) for resource_id in ids] == [["put", "observe"]] * 2


@looks
def test_a_save_by_rename_is_a_version_of_the_target(shelves: Shelves, look: Look) -> None:
    shelves.put("a.txt", b"one")
    shelves.path("a.new").write_bytes(b"two")
    shelves.scan()  # it took so long that the new file was seen under its own name
    target_id, source_id = id_of(shelves, "a.txt"), id_of(shelves, "a.new")
    shelves.path("a.new").rename(shelves.path("a.txt"))
    look(shelves, [("a.new",), ("a.txt",)])
    assert ops(shelves, target_id) == ["put", "observe"]
    assert ops(shelves, source_id) == ["observe", "merged"]


@looks
def test_a_hard_link_is_a_second_file_and_no_rename(shelves: Shelves, look: Look) -> None:
    shelves.put("a.txt", b"one")
    os.link(shelves.path("a.txt"), shelves.path("b.txt"))
    look(shelves, [("b.txt",)])
    ids = id_of(shelves, "a.txt"), id_of(shelves, "b.txt")
    assert ids[0] != ids[1]
    shelves.path("b.txt").write_bytes(b"through the other name")
    look(shelves, [("b.txt",)])
    assert [ops(shelves, resource_id)[-1] for resource_id in ids] == ["observe"] * 2
    assert all(shelves.there(name).is_known for name in ("a.txt", "b.txt"))
    shelves.path("a.txt").unlink()
    look(shelves, [("a.txt",)])
    assert ops(shelves, ids[0])[-1] == "delete"
    assert id_of(shelves, "b.txt") == ids[1]


# --- disks whose inodes mean nothing ----------------------------------------------------------------


@pytest.fixture
def made_up_inodes(shelves: Shelves) -> Shelves:
    """Shelves whose files were recorded as on exFAT: no inode is kept."""
    kind = FileSystem("exfat-1", keeps_inodes=False)
    with shelves.database.write() as writing:
        record_file_system(writing, kind)
    shelves.observer._file_system = lambda: kind
    return shelves


def test_no_inode_is_recorded_where_it_means_nothing(made_up_inodes: Shelves) -> None:
    made_up_inodes.put("a.txt", b"one")
    rows = made_up_inodes.reading.execute("SELECT inode FROM disk WHERE fs = ''").fetchall()
    assert [row["inode"] for row in rows] == [None]
    assert made_up_inodes.there("a.txt").is_known


@pytest.mark.parametrize("target", [("b.txt",), ("folder", "a.txt")])
def test_the_same_octets_are_a_rename_where_no_inode_tells(made_up_inodes: Shelves, target: tuple[str, ...]) -> None:
    made_up_inodes.make("folder")
    made_up_inodes.put("a.txt", b"one")
    resource_id = id_of(made_up_inodes, "a.txt")
    made_up_inodes.path("a.txt").rename(made_up_inodes.path(*target))
    made_up_inodes.scan()
    assert id_of(made_up_inodes, *target) == resource_id


def test_a_folder_is_known_by_most_of_its_files_where_no_inode_tells(made_up_inodes: Shelves) -> None:
    folder = made_up_inodes.make("folder")
    for number in range(4):
        made_up_inodes.put(f"{number}.txt", b"%d" % number, folder=folder)
    made_up_inodes.scan()
    made_up_inodes.path("folder").rename(made_up_inodes.path("other"))
    made_up_inodes.path("other", "3.txt").unlink()
    made_up_inodes.scan()
    assert id_of(made_up_inodes, "other") == folder.collection_id


def test_empty_files_are_all_alike_and_no_renames(made_up_inodes: Shelves) -> None:
    made_up_inodes.put("a.txt", b"")
    resource_id = id_of(made_up_inodes, "a.txt")
    made_up_inodes.path("a.txt").unlink()
    made_up_inodes.path("b.txt").touch()
    made_up_inodes.scan()
    assert id_of(made_up_inodes, "b.txt") != resource_id


def test_the_same_octets_under_another_name_are_a_rename_within_one_look(shelves: Shelves) -> None:
    """Moved by way of another disk: a copy with another inode and the old one removed."""
    shelves.put("a.txt", b"one")
    resource_id = id_of(shelves, "a.txt")
    octets = shelves.path("a.txt").read_bytes()
    shelves.path("keeps the inode").write_bytes(b"x")
    shelves.path("a.txt").unlink()
    shelves.path("b.txt").write_bytes(octets)
    shelves.scan()
    assert id_of(shelves, "b.txt") == resource_id


# --- disks that are not there -----------------------------------------------------------------------


def filled(shelves: Shelves) -> None:
    folder = shelves.make("folder")
    shelves.put("a.txt", b"one")
    shelves.put("b.txt", b"two", folder=folder)
    shelves.scan()


def emptied(shelves: Shelves) -> Path:
    """What is there when the disk is not: an empty home on another file system. Returns where the files are."""
    away = shelves.data / "unmounted"
    shelves.path().rename(away)
    shelves.path().mkdir()
    return away


def test_a_hint_records_nothing_while_the_marker_is_missing(shelves: Shelves) -> None:
    filled(shelves)
    before = last_seq(shelves)
    emptied(shelves)
    (shelves.data / "files" / disk.MARKER).unlink()
    for look in (lambda: shelves.observer.observe(("anna", "a.txt")), shelves.scan):
        with pytest.raises(errors.NotPossible, match="Mount"):
            look()
    assert last_seq(shelves) == before


def test_another_disk_that_has_a_marker_and_not_the_files_is_no_deletion(shelves: Shelves) -> None:
    filled(shelves)
    before = last_seq(shelves)
    emptied(shelves)
    shelves.observer._file_system = lambda: FileSystem("another", keeps_inodes=True)
    with pytest.raises(errors.NotPossible, match="Another disk"):
        shelves.scan()
    assert last_seq(shelves) == before


def test_files_that_moved_to_another_disk_are_the_same_files(shelves: Shelves) -> None:
    filled(shelves)
    before, etag = last_seq(shelves), shelves.etag("a.txt")
    away = emptied(shelves)
    shutil.copytree(away, shelves.path(), dirs_exist_ok=True)
    shelves.observer._file_system = lambda: FileSystem("a larger one", keeps_inodes=True)
    shelves.scan()
    assert last_seq(shelves) == before
    assert shelves.etag("a.txt") == etag
    assert shelves.scan() == 0


def test_a_mass_deletion_is_one_batch_and_an_alarm(shelves: Shelves) -> None:
    shelves.path("folder").mkdir()
    for number in range(600):
        shelves.path(f"{number}.txt").write_bytes(b"%d" % number)
        shelves.path("folder", f"{number}.txt").write_bytes(b"%d" % number)
    assert shelves.scan() == 1201
    shutil.rmtree(shelves.path("folder"))
    for number in range(590):
        shelves.path(f"{number}.txt").unlink()
    assert shelves.scan() == 591
    shelves.sweeper.sweep()
    ended = shelves.reading.execute("SELECT DISTINCT batch_id FROM version WHERE alive = 0").fetchall()
    (batch,) = shelves.reading.execute("SELECT id, kind, first_seq, last_seq FROM batch").fetchall()
    assert [row["batch_id"] for row in ended] == [batch["id"]]
    assert batch["last_seq"] == last_seq(shelves)
    (alarm,) = (one for one in alarms.alarms(shelves.reading) if one.kind == "vanished")
    assert (alarm.kind, alarm.subject) == ("vanished", "anna")
    assert "1,190 of 1,200" in alarm.sentence and f"undo {batch['id']}" in alarm.sentence


def test_a_mass_deletion_of_one_folder_says_how_to_take_it_back(shelves: Shelves) -> None:
    """`rm -r` of a folder: doctor said that 2,000 files had vanished, and not which batch would bring them back."""
    shelves.path("folder").mkdir()
    for number in range(1001):
        shelves.path("folder", f"{number}.txt").write_bytes(b"%d" % number)
    shelves.scan()
    shutil.rmtree(shelves.path("folder"))
    shelves.scan()
    shelves.sweeper.sweep()
    (batch,) = shelves.reading.execute("SELECT id FROM batch").fetchall()
    ended = shelves.reading.execute("SELECT DISTINCT batch_id FROM version WHERE alive = 0").fetchall()
    assert [row["batch_id"] for row in ended] == [batch["id"]]
    (alarm,) = (one for one in alarms.alarms(shelves.reading) if one.kind == "vanished")
    assert f"undo {batch['id']}" in alarm.sentence


# --- names ------------------------------------------------------------------------------------------


def test_a_name_that_is_no_text_stops_nothing(shelves: Shelves) -> None:
    with open(os.fsencode(shelves.path()) + b"/caf\xe9.jpg", "wb") as file:
        file.write(b"x")
    os.mkdir(os.fsencode(shelves.path()) + b"/d\xe9")
    with open(os.fsencode(shelves.path()) + b"/d\xe9/a.txt", "wb") as file:
        file.write(b"x")
    shelves.path("z.txt").write_bytes(b"after it")
    assert shelves.scan() == 1
    undecodable = os.fsdecode(b"caf\xe9.jpg")
    assert shelves.observer.observe_all([("anna", undecodable), ("anna", os.fsdecode(b"d\xe9"), "a.txt")]) == []
    assert member_at(shelves.reading, shelves.home.collection_id or 0, "z.txt") is not None
    (alarm,) = alarms.alarms(shelves.reading)
    assert (alarm.kind, alarm.subject) == ("unserved", "anna")
    assert "anna/caf?.jpg" in alarm.sentence and "anna/d?" in alarm.sentence
    for path in (b"/caf\xe9.jpg", b"/d\xe9/a.txt"):
        os.unlink(os.fsencode(shelves.path()) + path)
    os.rmdir(os.fsencode(shelves.path()) + b"/d\xe9")
    shelves.scan()
    assert alarms.alarms(shelves.reading) == []


def test_links_sockets_and_pipes_are_nobodys(shelves: Shelves) -> None:
    shelves.put("a.txt", b"one")
    resource_id = id_of(shelves, "a.txt")
    shelves.path("a.txt").unlink()
    shelves.path("a.txt").symlink_to("/etc/passwd")
    os.mkfifo(shelves.path("pipe"))
    assert shelves.scan() == 0, "a link at the place of a file is no deletion of it"
    assert member_of(shelves.reading, resource_id) is not None


MOUNTS = r"""
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 /sub /srv/files rw shared:1 - btrfs /dev/sda rw
24 22 8:2 / /srv/a\040b rw - vfat /dev/sdb rw
25 22 8:3 / /srv/twice rw - ext4 /dev/sdc rw
26 25 8:4 / /srv/twice rw - exfat /dev/sdd rw
not a line
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        pytest.param("/srv/files", "btrfs", id="mounted there"),
        pytest.param("/srv/files/anna", "btrfs", id="below"),
        pytest.param("/srv/filesystems", "ext4", id="only begins alike"),
        pytest.param("/srv/a b", "vfat", id="a blank in the name"),
        pytest.param("/srv/twice", "exfat", id="the last one counts"),
    ],
)
def test_the_kind_of_file_system_is_that_of_the_nearest_mount(place: str, kind: str) -> None:
    assert kind_of(Path(place), MOUNTS) == kind


def test_a_name_in_other_letters_is_another_name_where_case_counts(shelves: Shelves) -> None:
    shelves.put("photo.jpg", b"jpeg")
    resource_id = id_of(shelves, "photo.jpg")
    shelves.path("photo.jpg").rename(shelves.path("Photo.JPG"))
    shelves.scan()
    assert id_of(shelves, "Photo.JPG") == resource_id
