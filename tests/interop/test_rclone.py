"""rclone as people use it for a copy of their files: both vendors, odd names, big files, two-way sync (RFC 4918)."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.moments import as_it_is_now
from tests.programs import require_program, run
from tests.serving import Device

VENDORS = ["other", "nextcloud"]
PHOTO_TAKEN_AT = 1_446_912_000  # 2015-11-07 16:00 UTC
ODD_NAMES = [
    "가족 사진.jpg",
    unicodedata.normalize("NFD", "김치 담그기.txt"),
    "50% off #1 & more?.txt",
    "100%25.txt",
    "plus+plus = two.txt",
    "Grüße (Ä ö ß) – 'quoted' \"double\".txt",
    "semi;colon, comma.txt",
    "emoji 👨‍👩‍👧 🥟.txt",
    "[brackets] {braces} ~tilde^.txt",
    " leading and trailing .txt ",
    "a:b|c<d>e*.txt",
    "back\\slash.txt",
]


@dataclass(frozen=True, slots=True)
class Rclone:
    """rclone with one remote, `box:`, and nothing of the machine's own configuration."""

    home: Path

    def __call__(self, *words: str, stdin: str = "") -> str:
        call = [require_program("rclone"), "--config", str(self.home / "rclone.conf"), "--retries", "1", *words]
        done = run(call, cwd=self.home, env={"XDG_CACHE_HOME": str(self.home / "cache")}, stdin=stdin)
        return done.stdout + done.stderr

    def names(self, where: str) -> set[str]:
        """Return the paths of all files below a remote or a folder."""
        return set(filter(None, self("lsf", "-R", "--files-only", where).split("\n")))


@pytest.fixture(params=VENDORS)
def rclone(request: pytest.FixtureRequest, tmp_path: Path, device: Device) -> Rclone:
    made = Rclone(tmp_path)
    made(
        *("config", "create", "box", "webdav", f"url={device.files_url}", f"vendor={request.param}"),
        *(f"user={device.user}", f"pass={device.password}", "--obscure"),
    )
    return made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree of ordinary and odd files, one of them with the date of an old photo."""
    root = tmp_path / "tree"
    for number, name in enumerate(ODD_NAMES):
        path = root / f"folder {number % 3} #%" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * (number + 1))
    (root / "empty.txt").write_bytes(b"")
    (root / "photo.jpg").write_bytes(os.urandom(300_000))
    os.utime(root / "photo.jpg", (PHOTO_TAKEN_AT, PHOTO_TAKEN_AT))
    return root


def contents(root: Path) -> dict[str, bytes]:
    """Return the files below a folder: path to octets, names as they lie on the disk."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_tree_with_odd_names_comes_back_as_it_was(rclone: Rclone, tree: Path, tmp_path: Path) -> None:
    rclone("copy", str(tree), "box:odd")
    assert "0 differences found" in rclone("check", "--download", str(tree), "box:odd")
    rclone("copy", "box:odd", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tree)
    rclone("purge", "box:odd")
    assert "odd/" not in rclone("lsf", "box:").split("\n")


def test_sync_makes_the_other_side_equal_and_then_has_nothing_to_do(rclone: Rclone, tree: Path) -> None:
    rclone("copy", str(tree), "box:mirror")
    (tree / "photo.jpg").unlink()
    (tree / "empty.txt").write_bytes(b"not any more")
    (tree / "new").mkdir()
    (tree / "new" / "file.txt").write_bytes(b"new")
    rclone("sync", str(tree), "box:mirror")
    assert "0 differences found" in rclone("check", "--download", str(tree), "box:mirror")
    assert rclone.names("box:mirror") == rclone.names(str(tree))
    assert "There was nothing to transfer" in rclone("sync", "-v", str(tree), "box:mirror")
    rclone("purge", "box:mirror")


def test_a_file_and_a_folder_move_on_the_server(rclone: Rclone, tree: Path) -> None:
    rclone("copy", str(tree), "box:before")
    rclone("moveto", "box:before/photo.jpg", "box:before/옛날 #1.jpg")
    assert "옛날 #1.jpg" in rclone.names("box:before")
    assert "photo.jpg" not in rclone.names("box:before")
    rclone("moveto", "box:before", "box:after")
    assert "before/" not in rclone("lsf", "box:").split("\n")
    assert len(rclone.names("box:after")) == len(contents(tree))
    rclone("copyto", "box:after/옛날 #1.jpg", "box:after/copy.jpg")
    sizes = rclone("lsf", "--format", "ps", "--files-only", "box:after")
    assert "copy.jpg;300000" in sizes
    assert "옛날 #1.jpg;300000" in sizes
    rclone("purge", "box:after")


def test_a_big_file_arrives_whole_and_can_be_read_from_the_middle(rclone: Rclone, tmp_path: Path) -> None:
    big = tmp_path / "video.mp4"
    big.write_bytes(os.urandom(1_048_576) * 96 + b"The end")
    rclone("copyto", str(big), "box:big/video.mp4")
    assert "0 differences found" in rclone("check", "--download", "--include", "video.mp4", str(tmp_path), "box:big")
    rclone("copyto", "--multi-thread-cutoff", "1M", "--multi-thread-streams", "4", "box:big/video.mp4", f"{tmp_path}/b")
    assert (tmp_path / "b").read_bytes() == big.read_bytes()
    assert rclone("cat", "--tail", "7", "box:big/video.mp4") == "The end"
    rclone("purge", "box:big")


@pytest.mark.parametrize("rclone", ["nextcloud"], indirect=True)
def test_a_photo_keeps_its_date(rclone: Rclone, tree: Path) -> None:
    rclone("copy", str(tree), "box:dates")
    assert "2015-11-07 16:00:00" in rclone("lsf", "--format", "t", "box:dates/photo.jpg")
    assert "There was nothing to transfer" in rclone("sync", "-v", str(tree), "box:dates")
    rclone("purge", "box:dates")


@pytest.mark.parametrize("rclone", ["nextcloud"], indirect=True)
def test_bisync_carries_changes_both_ways_and_loses_none(rclone: Rclone, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    state = ("--workdir", str(tmp_path / "bisync"))
    rclone("mkdir", "box:shared")
    rclone("bisync", "--resync", *state, str(tree), "box:shared")
    rclone("copy", "box:shared", str(other))
    assert contents(other) == contents(tree)

    (tree / "here.txt").write_bytes(b"written here")
    (tree / "empty.txt").unlink()
    (other / "there.txt").write_bytes(b"written there")
    (other / "photo.jpg").write_bytes(b"edited there")
    rclone("sync", str(other), "box:shared")
    rclone("bisync", *state, str(tree), "box:shared")

    assert (tree / "there.txt").read_bytes() == b"written there"
    assert (tree / "photo.jpg").read_bytes() == b"edited there"
    assert "here.txt" in rclone.names("box:shared")
    assert "empty.txt" not in rclone.names("box:shared")
    assert "0 differences found" in rclone("check", "--download", str(tree), "box:shared")
    rclone("purge", "box:shared")


def test_a_tree_is_copied_out_of_the_past(rclone: Rclone, tree: Path, device: Device, tmp_path: Path) -> None:
    rclone("copy", str(tree), "box:then")
    then = as_it_is_now(device, device.files_url, collection_url=f"{device.files_url}then/")
    wanted = contents(tree)
    (tree / "photo.jpg").write_bytes(b"retouched")
    rclone("copy", str(tree), "box:then")
    rclone("purge", "box:then")
    rclone("config", "update", "box", f"url={then}")
    rclone("copy", "box:then", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == wanted
    assert "0 differences found" in rclone("check", "--download", str(tmp_path / "back"), "box:then")


def test_a_walk_in_words_sees_one_state(rclone: Rclone, tree: Path, device: Device, tmp_path: Path) -> None:
    """It follows no redirect of PROPFIND, so words are answered at their own address, and mean one moment to it."""
    rclone("copy", str(tree), "box:spoken")
    rclone("config", "update", "box", f"url={device.files_url.replace('/dav/', '/dav/at/now/')}")
    listed = rclone.names("box:spoken")
    wanted = contents(tree)
    rclone("config", "update", "box", f"url={device.files_url}")
    rclone("purge", "box:spoken")
    rclone("config", "update", "box", f"url={device.files_url.replace('/dav/', '/dav/at/now/')}")
    assert rclone.names("box:spoken") == listed
    rclone("copy", "box:spoken", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == wanted
