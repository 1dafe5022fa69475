"""However a program saves a file, the ledger gets exactly one version of each change, and none where nothing changed.

Each pattern is what a real program does to the folder, call by call; the kernel's events, the ledger and the folder are
real. A pattern that takes its time yields seconds in which the rest of the world goes on.
"""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.watch.watching import LONG_AGO_NS, Watched

Pattern = Callable[[Path], Iterator[float] | None]
OLD = b"what was there before"


def create(home: Path) -> None:
    (home / "new.txt").write_bytes(b"new")


def overwrite(home: Path) -> None:
    (home / "a.txt").write_bytes(b"shorter")


def same_content_again(home: Path) -> None:
    (home / "a.txt").write_bytes(OLD)


def atomic_replace(home: Path) -> None:
    (home / "a.txt.1234").write_bytes(b"replaced")
    (home / "a.txt.1234").rename(home / "a.txt")


def vim(home: Path) -> None:
    """With `backup` and `nobackup writebackup`: the old file moves aside, a new one is written, the old one goes."""
    (home / "4913").write_bytes(b"")
    (home / "4913").unlink()
    (home / "a.txt").rename(home / "a.txt~")
    (home / "a.txt").write_bytes(b"written by vim")
    (home / "a.txt~").unlink()


def libreoffice(home: Path) -> None:
    (home / ".~lock.a.txt#").write_bytes(b",anna,gotgan,24.11.2026 09:00;")
    (home / "lu1234abcd.tmp").write_bytes(b"written by LibreOffice")
    (home / "lu1234abcd.tmp").rename(home / "a.txt")
    (home / ".~lock.a.txt#").unlink()


def fifty_saves_a_second(home: Path) -> Iterator[float]:
    for number in range(50):
        (home / "a.txt").write_bytes(b"save %d" % number)
        yield 0.02


def slow_download(home: Path) -> Iterator[float]:
    with (home / "film.mov").open("wb", buffering=0) as out:
        for number in range(12):
            out.write(b"%d" % number * 1000)
            yield 1.5


def moved_in_with_an_old_date(home: Path) -> None:
    outside = home.parents[1] / "outside.jpg"
    outside.write_bytes(b"taken long ago")
    os.utime(outside, ns=(LONG_AGO_NS, LONG_AGO_NS))
    outside.rename(home / "photo.jpg")


def tree_copied(home: Path) -> None:
    shutil.copytree(home / "tree", home / "copy")


def tree_renamed(home: Path) -> None:
    (home / "tree").rename(home / "renamed")


def tree_renamed_and_filled(home: Path) -> None:
    (home / "tree").rename(home / "renamed")
    (home / "renamed" / "more.txt").write_bytes(b"more")


def file_renamed(home: Path) -> None:
    (home / "a.txt").rename(home / "b.txt")


def file_renamed_and_changed(home: Path) -> Iterator[float]:
    (home / "a.txt").rename(home / "b.txt")
    yield 0.5
    with (home / "b.txt").open("ab") as file:
        file.write(b", and more")


def file_moved_into_a_folder(home: Path) -> None:
    (home / "a.txt").rename(home / "tree" / "a.txt")


def folder_made_out_of_files(home: Path) -> None:
    (home / "made").mkdir()
    (home / "a.txt").rename(home / "made" / "a.txt")


def touch(home: Path) -> None:
    (home / "a.txt").touch()


def chmod(home: Path) -> None:
    (home / "a.txt").chmod(0o600)


def delete(home: Path) -> None:
    (home / "a.txt").unlink()


def tree_deleted(home: Path) -> None:
    shutil.rmtree(home / "tree")


def folders_and_a_file(home: Path) -> None:
    (home / "x" / "y" / "z").mkdir(parents=True)
    (home / "x" / "y" / "z" / "deep.txt").write_bytes(b"deep")


def written_through_memory(home: Path) -> None:
    with (home / "a.txt").open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[0:4] = b"MMAP"


def written_through_memory_again_and_again(home: Path) -> Iterator[float]:
    """The second write dates nothing: the page is dirty already, and the first write was recorded meanwhile."""
    with (home / "a.txt").open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[0:4] = b"ONCE"
        (home / "a.txt").chmod(0o600)  # the kernel tells nothing of the write itself
        yield 3.0
        memory[4:9] = b"TWICE"


def samba(home: Path) -> Iterator[float]:
    """A copy from a Windows machine: made, given its length, written in pieces out of order, and dated at the end."""
    descriptor = os.open(home / "report.docx", os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        os.ftruncate(descriptor, 3 * 65536)
        yield 0.1
        for piece in (0, 2, 1):
            os.pwrite(descriptor, bytes([piece + 65]) * 65536, piece * 65536)
            yield 0.5
        os.utime(descriptor, ns=(LONG_AGO_NS, LONG_AGO_NS))
        yield 0.2
    finally:
        os.close(descriptor)


def samba_over_an_old_file(home: Path) -> Iterator[float]:
    descriptor = os.open(home / "a.txt", os.O_RDWR)
    try:
        os.ftruncate(descriptor, 0)
        yield 0.3
        os.pwrite(descriptor, b"from windows", 0)
        yield 0.3
        os.fchmod(descriptor, 0o744)
    finally:
        os.close(descriptor)


def hidden_files(home: Path) -> None:
    (home / ".DS_Store").write_bytes(b"Bud1")
    (home / "Thumbs.db").write_bytes(b"thumbs")
    (home / "~$a.docx").write_bytes(b"owner")


def download_that_gets_its_name(home: Path) -> Iterator[float]:
    (home / "song.mp3.part").write_bytes(b"half")
    yield 5.0
    (home / "song.mp3.part").write_bytes(b"half and half")
    (home / "song.mp3.part").rename(home / "song.mp3")


COPIED = [("make", "copy"), ("make", "inner"), ("observe", "0.txt"), ("observe", "1.txt"), ("observe", "2.txt")]
RENAMED = [("leave", "tree"), ("move", "renamed")]


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        pytest.param(create, [("observe", "new.txt")], id="create"),
        pytest.param(overwrite, [("observe", "a.txt")], id="overwrite"),
        pytest.param(same_content_again, [], id="same content again"),
        pytest.param(atomic_replace, [("observe", "a.txt")], id="atomic replace"),
        pytest.param(vim, [("observe", "a.txt")], id="vim"),
        pytest.param(libreoffice, [("observe", "a.txt")], id="LibreOffice"),
        pytest.param(fifty_saves_a_second, [("observe", "a.txt")], id="50 saves a second"),
        pytest.param(slow_download, [("observe", "film.mov")], id="slow download"),
        pytest.param(moved_in_with_an_old_date, [("observe", "photo.jpg")], id="moved in with an old date"),
        pytest.param(tree_copied, COPIED, id="tree copied"),
        pytest.param(tree_renamed, RENAMED, id="tree renamed"),
        pytest.param(tree_renamed_and_filled, [*RENAMED, ("observe", "more.txt")], id="tree renamed and filled"),
        pytest.param(file_renamed, [("leave", "a.txt"), ("move", "b.txt")], id="file renamed"),
        pytest.param(
            file_renamed_and_changed,
            [("leave", "a.txt"), ("move", "b.txt"), ("observe", "b.txt")],
            id="file renamed and changed",
        ),
        pytest.param(file_moved_into_a_folder, [("leave", "a.txt"), ("move", "a.txt")], id="file moved into a folder"),
        pytest.param(
            folder_made_out_of_files, [("make", "made"), ("leave", "a.txt"), ("move", "a.txt")], id="folder of files"
        ),
        pytest.param(touch, [], id="touch"),
        pytest.param(chmod, [], id="chmod"),
        pytest.param(delete, [("delete", "a.txt")], id="delete"),
        pytest.param(
            tree_deleted,
            [("delete", name) for name in ("tree", "0.txt", "1.txt", "2.txt", "inner")],
            id="tree deleted",
        ),
        pytest.param(
            folders_and_a_file,
            [("make", "x"), ("make", "y"), ("make", "z"), ("observe", "deep.txt")],
            id="mkdir -p and file",
        ),
        pytest.param(written_through_memory, [("observe", "a.txt")], id="mmap"),
        pytest.param(written_through_memory_again_and_again, [("observe", "a.txt")] * 2, id="mmap twice"),
        pytest.param(samba, [("observe", "report.docx")], id="Samba"),
        pytest.param(samba_over_an_old_file, [("observe", "a.txt")], id="Samba over an old file"),
        pytest.param(hidden_files, [], id="hidden files"),
        pytest.param(download_that_gets_its_name, [("observe", "song.mp3")], id="download that gets its name"),
    ],
)
def test_one_version_per_change(place: Watched, pattern: Pattern, rows: list[tuple[str, str]]) -> None:
    place.write("a.txt", OLD)
    (place.directory / "tree" / "inner").mkdir(parents=True)
    for number, where in enumerate(("tree", "tree", "tree/inner")):
        place.write(f"{where}/{number}.txt", b"%d" % number)
    place.begin()
    place.settle()
    before = place.last_seq()
    for seconds in pattern(place.directory) or ():
        place.pass_time(seconds)
    place.settle()
    assert sorted(place.rows_since(before)) == sorted(rows)
    everything_is_as_on_disk(place)
    before = place.last_seq()
    place.settling.lost()
    place.settle()
    assert place.rows_since(before) == [], "a scan finds nothing that the events missed"


def everything_is_as_on_disk(place: Watched) -> None:
    for top, folders, files in os.walk(place.directory):
        above = Path(top).relative_to(place.directory).parts
        for name in files:
            if not place.observer._is_hidden(name):
                assert place.octets_of(*above, name) is not None, f"{name} is not in the ledger"
        folders.sort()
