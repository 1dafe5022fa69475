"""davfs2: our files as a file system of Linux, with locks, saves by rename, and what it does with our ETags."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.interop.moments import as_it_is_now
from tests.newcomers import command, newcomer
from tests.programs import missing, require_program, run
from tests.serving import Device, House

# Linux 6.16 and later read folders in pieces larger than davfs2 1.6 takes by default: hence buf_size.
CONFIGURATION = """
use_locks 1
lock_timeout 300
delay_upload 0
dir_refresh 1
file_refresh 0
gui_optimize 0
buf_size 64
cache_dir {home}/cache
ask_auth 0
secrets {home}/secrets
"""


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the files are mounted."""

    root: Path
    home: Path
    url: str
    options: tuple[str, ...] = ()

    def attach(self) -> None:
        options = ",".join((f"conf={self.home}/davfs2.conf", *self.options))
        run([require_program("mount.davfs"), self.url, str(self.root), "-o", options])

    def detach(self) -> None:
        """Unmount, which waits until everything is uploaded; the next look starts from the server."""
        run([require_program("umount"), str(self.root)])


def may_mount() -> bool:
    """Whether this machine lets us open FUSE and mount."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError:
        return False
    return os.geteuid() == 0


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that davfs2's own user may enter: it gives up being root, and pytest's folders are root's alone."""
    with tempfile.TemporaryDirectory(prefix="davfs2-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def mount(home: Path, device: Device) -> Iterator[Mount]:
    with mounted(home, device, device.files_url) as made:
        yield made


@contextlib.contextmanager
def mounted(home: Path, device: Device, url: str, *options: str) -> Iterator[Mount]:
    """Mount an address of the device's in `home`."""
    require_program("mount.davfs")
    if not may_mount():
        missing("/dev/fuse")
    (home / "davfs2.conf").write_text(CONFIGURATION.format(home=home))
    secrets = home / "secrets"
    secrets.write_text(f'"{url}" {device.user} "{device.password}"\n')
    secrets.chmod(0o600)
    made = Mount(home / "mounted", home, url, options)
    made.root.mkdir(exist_ok=True)
    (home / "cache").mkdir(exist_ok=True)
    (home / "cache").chmod(0o777)
    made.attach()
    try:
        yield made
    finally:
        subprocess.run(["/bin/umount", "-l", str(made.root)], check=False, capture_output=True)


def test_a_tree_written_through_the_mount_is_there_after_remounting(mount: Mount) -> None:
    folder = mount.root / "가족" / "2026 #1"
    folder.mkdir(parents=True)
    written = {f"파일 {number} 100%.txt": os.urandom(number * 5000) for number in range(8)}
    for name, octets in written.items():
        (folder / name).write_bytes(octets)
    mount.detach()
    mount.attach()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written
    run(["/bin/rm", "-r", str(mount.root / "가족")])
    mount.detach()
    mount.attach()
    assert not (mount.root / "가족").exists()


def test_what_rm_empties_in_a_shared_folder_is_taken_back(
    mount: Mount, server: House, device: Device, slugs: Iterator[str]
) -> None:
    """It deletes the members first, which no server can tell from a wish; the folder itself is only left (C4)."""
    owner = newcomer(server, next(slugs)).user
    lying = server.data / "files" / owner / "여행"
    lying.mkdir()
    names = {f"{number}.txt" for number in range(6)}
    for name in names:
        (lying / name).write_text(name)
    command(server, "share", "add", f"files/{owner}/여행", device.user)
    began = datetime.now(UTC).isoformat()
    mount.detach()
    mount.attach()
    assert {path.name for path in (mount.root / "여행").iterdir()} == names
    run(["/bin/rm", "-r", str(mount.root / "여행")])
    mount.detach()
    mount.attach()
    assert not (mount.root / "여행").exists()
    assert list(lying.iterdir()) == []
    command(server, "rewind", str(device.device_id), "--since", began)
    assert {path.name: path.read_text() for path in lying.iterdir()} == {name: name for name in names}
    mount.detach()
    mount.attach()
    assert {path.name for path in (mount.root / "여행").iterdir()} == names
    run(["/bin/rm", "-r", str(mount.root / "여행")])


def test_each_of_ten_quick_saves_arrives(mount: Mount) -> None:
    path = mount.root / "diary.txt"
    for number in range(10):
        path.write_text(f"entry {number}\n" * (number + 1))
    mount.detach()
    mount.attach()
    assert path.read_text() == "entry 9\n" * 10
    assert not any((mount.root / "lost+found").iterdir()), "davfs2 keeps what the server refused"
    path.unlink()


def test_an_editors_save_by_rename_replaces_the_file(mount: Mount) -> None:
    path = mount.root / "letter.txt"
    path.write_text("draft")
    fresh = mount.root / ".letter.txt.swp"
    fresh.write_text("fair copy")
    fresh.replace(path)
    mount.detach()
    mount.attach()
    assert path.read_text() == "fair copy"
    assert not fresh.exists()
    assert not any((mount.root / "lost+found").iterdir())
    path.unlink()


def test_the_disk_shows_free_space(mount: Mount) -> None:
    space = os.statvfs(mount.root)
    assert space.f_bavail * space.f_frsize > 0


def test_the_past_is_mounted_to_be_looked_at(home: Path, device: Device) -> None:
    with mounted(home, device, device.files_url) as present:
        folder = present.root / "여행 2026"
        folder.mkdir()
        (folder / "map.txt").write_text("first map")
        (folder / "photo.jpg").write_bytes(bytes(range(256)) * 4000)
        present.detach()
        then = as_it_is_now(device, device.files_url, collection_url=device.files_url)
        present.attach()
        (folder / "map.txt").write_text("second map, longer")
        (folder / "photo.jpg").unlink()
        folder.rename(present.root / "journey")
        present.detach()
    with mounted(home, device, then, "ro") as past:
        folder = past.root / "여행 2026"
        assert {path.name for path in folder.iterdir()} == {"map.txt", "photo.jpg"}
        assert (folder / "map.txt").read_text() == "first map"
        assert (folder / "photo.jpg").read_bytes() == bytes(range(256)) * 4000
        assert not (past.root / "journey").exists()
        with pytest.raises(OSError, match="Read-only"):
            (folder / "new.txt").write_text("new")
        past.detach()


def test_what_is_mounted_in_words_stays_as_it_was(home: Path, device: Device) -> None:
    spoken = device.files_url.replace("/dav/", "/dav/at/now/")
    with mounted(home, device, device.files_url) as present:
        (present.root / "spoken.txt").write_text("at first")
        present.detach()
    with mounted(home, device, spoken, "ro") as past:
        assert (past.root / "spoken.txt").read_text() == "at first"
        past.detach()
    with mounted(home, device, device.files_url) as present:
        (present.root / "spoken.txt").write_text("and then")
        present.detach()
    with mounted(home, device, spoken, "ro") as past:
        assert (past.root / "spoken.txt").read_text() == "at first"
        past.detach()
