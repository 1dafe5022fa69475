"""What two people share, with the programs of each: vdirsyncer for a calendar, rclone for a folder (protocol C)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.household.events import events
from tests.interop.desk import Desk, desk
from tests.interop.test_rclone import Rclone
from tests.interop.test_vdirsyncer import retitled
from tests.newcomers import command, newcomer
from tests.programs import require_program, run
from tests.serving import Device, House


@pytest.fixture
def other(server: House, slugs: Iterator[str]) -> Device:
    """The phone of somebody else."""
    return newcomer(server, next(slugs))


def share(server: House, path: str, person: str, *, read_only: bool = False) -> dict[str, str]:
    """Share and return what the command line told: the batch, and the address at the receiver's."""
    words = ["share", "add", path, person, "--json", *(["--read-only"] if read_only else [])]
    told: dict[str, str] = json.loads(command(server, *words))
    return told


def fresh(at: Device, home: Path) -> Rclone:
    """rclone of one person."""
    home.mkdir()
    made = Rclone(home)
    made(
        *("config", "create", "box", "webdav", f"url={at.files_url}", "vendor=other"),
        *(f"user={at.user}", f"pass={at.password}", "--obscure"),
    )
    return made


def refused(where: Desk) -> str:
    """Run a synchronisation that cannot do everything, and return what it said."""
    done = run([require_program("vdirsyncer"), "-c", str(where.home / "config"), "sync"], cwd=where.home, succeed=False)
    assert done.returncode != 0
    return done.stderr + done.stdout


def test_a_calendar_of_two_people(server: House, device: Device, other: Device, tmp_path: Path) -> None:
    anna = desk(tmp_path / "anna", device, "caldav", "calendar")
    for number, each in enumerate(events(20, 3)):
        anna.write(f"{number}.ics", each.body)
    anna.sync()
    told = share(server, f"calendars/{device.user}/calendar", other.user)
    name = told["address"].rpartition("/")[2]
    ben = desk(tmp_path / "ben", other, "caldav", name)
    ben.sync()
    assert ben.texts() == anna.texts()

    uid = sorted(ben.texts())[0]
    path = ben.file_of(uid)
    ben.write(path.name, retitled(path.read_bytes(), "Ben was here"))
    ben.sync()
    anna.sync()
    assert "Ben was here" in anna.texts()[uid]
    assert ben.texts() == anna.texts()

    command(server, "share", "remove", f"calendars/{device.user}/calendar", other.user)
    had = ben.texts()
    refused(ben)
    assert ben.texts() == had  # a program that is told 404 keeps what it has, and says so
    anna.sync()
    assert len(anna.texts()) == 20

    share(server, f"calendars/{device.user}/calendar", other.user, read_only=True)
    assert ben.sync()
    ben.write(path.name, retitled(path.read_bytes(), "Not allowed"))
    assert "403" in refused(ben)
    anna.sync()
    assert "Ben was here" in anna.texts()[uid]


def test_a_folder_of_two_people(server: House, device: Device, other: Device, tmp_path: Path) -> None:
    anna, ben = fresh(device, tmp_path / "anna"), fresh(other, tmp_path / "ben")
    local = tmp_path / "photos"
    local.mkdir()
    for number in range(5):
        (local / f"사진 {number}.jpg").write_bytes(bytes([number]) * 5000)
    anna("copy", str(local), "box:사진")
    share(server, f"files/{device.user}/사진", other.user)
    assert ben.names("box:사진") == anna.names("box:사진") == {f"사진 {number}.jpg" for number in range(5)}
    ben("moveto", "box:사진/사진 0.jpg", "box:own.jpg")
    assert anna.names("box:사진") == {f"사진 {number}.jpg" for number in range(1, 5)}
    ben("moveto", "box:own.jpg", "box:사진/back.jpg")
    assert anna("cat", "box:사진/back.jpg") == "\0" * 5000

    ben("purge", "box:사진")  # one DELETE of the mount: nothing is deleted
    assert "back.jpg" in anna.names("box:사진")
    assert not any(name.startswith("사진/") for name in ben.names("box:"))

    share(server, f"files/{device.user}/사진", other.user, read_only=True)
    assert len(ben.names("box:사진")) == 5
    with pytest.raises(pytest.fail.Exception):
        ben("deletefile", "box:사진/back.jpg")
    assert "back.jpg" in anna.names("box:사진")
