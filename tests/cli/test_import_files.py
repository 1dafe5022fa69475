"""`gotgan import DIR`: a tree of files with their dates, links and odd names left where they are, again and again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.store.database import Database
from tests.cli.calling import Shell
from tests.cli.test_import import anna, bring, counts

__all__ = ["anna"]

INTO = "files/anna/in"
TAKEN_AT = 1_446_912_000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Some files, one of them with the date of an old photo, and what is nobody's file."""
    root = tmp_path / "tree"
    (root / "휴가" / "2015").mkdir(parents=True)
    (root / "휴가" / "2015" / "photo.jpg").write_bytes(b"\xff\xd8" * 40_000)
    os.utime(root / "휴가" / "2015" / "photo.jpg", ns=(TAKEN_AT * 10**9, TAKEN_AT * 10**9 + 123_456_789))
    (root / "a.txt").write_bytes(b"one")
    (root / "empty").mkdir()
    return root


def on_disk(shell: Shell, address: str = INTO) -> dict[str, bytes]:
    root = shell.data / address
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_tree_comes_with_its_dates_and_goes_as_a_whole(anna: Shell, tree: Path) -> None:
    planned = bring(anna, tree, "--dry-run", into=INTO)
    assert (counts(planned), (anna.data / INTO).exists()) == ({"new": 2}, False)
    report = bring(anna, tree, into=INTO)
    assert (counts(report), report["code"]) == ({"new": 2}, 0)
    assert on_disk(anna) == {"a.txt": b"one", "휴가/2015/photo.jpg": b"\xff\xd8" * 40_000}
    assert (anna.data / INTO / "empty").is_dir()
    apart_ns = (anna.data / INTO / "휴가/2015/photo.jpg").stat().st_mtime_ns - TAKEN_AT * 10**9 - 123_456_789
    assert abs(apart_ns) < 1000  # the ledger keeps microseconds
    again = bring(anna, tree, into=INTO)
    assert (counts(again), again["batch"]) == ({"same": 2}, None)
    assert anna("undo", str(report["batch"])).code == 0
    assert not (anna.data / INTO).exists()


def test_what_differs_is_a_version_and_what_was_there_comes_back(anna: Shell, tree: Path) -> None:
    bring(anna, tree, into=INTO)
    (tree / "a.txt").write_bytes(b"two")
    assert counts(bring(anna, tree, "--keep-existing", into=INTO)) == {"kept": 1, "same": 1}
    assert on_disk(anna)["a.txt"] == b"one"
    report = bring(anna, tree, into=INTO)
    assert counts(report) == {"changed": 1, "same": 1}
    assert on_disk(anna)["a.txt"] == b"two"
    assert anna("undo", str(report["batch"])).code == 0
    assert on_disk(anna)["a.txt"] == b"one"


def test_the_same_octets_with_another_date_are_the_same(anna: Shell, tree: Path) -> None:
    bring(anna, tree, into=INTO)
    os.utime(tree / "a.txt", (TAKEN_AT, TAKEN_AT))
    assert counts(bring(anna, tree, into=INTO)) == {"same": 2}


def test_links_and_odd_names_are_named_and_stay(anna: Shell, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("secret")
    (tree / "link").symlink_to(tmp_path / "secret" / "key")
    (tree / "folder link").symlink_to(tmp_path / "secret")
    os.mkfifo(tree / "pipe")
    (tree / ".DS_Store").write_bytes(b"x")
    (tree / ".gotgan-0.part").write_bytes(b"x")
    os.close(os.open(os.fsencode(tree) + b"/\xff\xfe", os.O_CREAT | os.O_WRONLY))
    report = bring(anna, tree, into=INTO)
    assert (counts(report), report["code"]) == ({"new": 2}, 0)
    assert {one["where"] for one in report["skipped"]["entries"]} == {
        "link", "folder link", "pipe", ".DS_Store", ".gotgan-0.part", "??"
    }  # fmt: skip
    assert set(on_disk(anna)) == {"a.txt", "휴가/2015/photo.jpg"}


def test_a_file_in_the_way_of_a_folder_is_told_and_stays(anna: Shell, tree: Path) -> None:
    bring(anna, tree, into=INTO)
    (tree / "a.txt").unlink()
    (tree / "a.txt").mkdir()
    (tree / "a.txt" / "inner").write_bytes(b"x")
    (tree / "empty").rmdir()
    (tree / "empty").write_bytes(b"x")
    report = bring(anna, tree, into=INTO)
    assert (report["code"], report["left_out"]["count"]) == (1, 2)
    assert on_disk(anna)["a.txt"] == b"one"


def test_a_single_file_goes_into_a_folder(anna: Shell, tree: Path) -> None:
    assert counts(bring(anna, tree / "a.txt", into="files/anna")) == {"new": 1}
    assert (anna.data / "files/anna/a.txt").read_bytes() == b"one"


def test_what_cannot_be_read_is_told_and_the_rest_comes(anna: Shell, tree: Path) -> None:
    (tree / "gone").mkdir()
    for number in range(101):
        (tree / "gone" / "/".join("d" for _ in range(number + 1))).mkdir()
    report = bring(anna, tree, into=INTO)
    assert (counts(report), report["left_out"]["count"], report["code"]) == ({"new": 2}, 1, 1)


@pytest.mark.parametrize("where", ["files", ".", ".."])
def test_the_data_folder_is_not_imported_into_itself(anna: Shell, where: str) -> None:
    said = anna("import", str(anna.data / where), "--into", INTO)
    assert said.code == 2
    assert "are in each other" in said.err


def test_every_row_of_an_import_is_of_its_batch(anna: Shell, tree: Path) -> None:
    report = bring(anna, tree, into=INTO)
    database = Database(anna.data / "gotgan.db")
    rows = database.connection().execute(
        "SELECT v.batch_id, count(*) FROM version v JOIN batch b ON v.seq BETWEEN b.first_seq AND b.last_seq"
        " WHERE b.id = ? GROUP BY v.batch_id",
        (report["batch"],),
    )
    assert [tuple(row) for row in rows] == [(report["batch"], 6)]  # four folders, two files
    database.close()
