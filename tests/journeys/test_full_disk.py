"""A full disk: 507, nothing half-written, the refused contact kept from the reserve; work goes on with room again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.wire import D, Wire
from tests.journeys.killing import make_collections
from tests.journeys.ledger import faults, refused
from tests.journeys.writing import card, event
from tests.newcomers import newcomer
from tests.programs import missing, require_program, run
from tests.serving import Device, House, serving

DISK_BYTES = 96 << 20
SETTINGS = f"refused_reserve_bytes = {8 << 20}\n"


@dataclass(frozen=True, slots=True)
class FullHouse:
    """A server on a small disk, and the file that fills it."""

    house: House
    device: Device
    wire: Wire
    filler: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with self.filler.open("ab", buffering=0) as out:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        out.write(bytes(size))
                except OSError:
                    continue

    def make_room(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which only root may mount."""
    where = tmp_path / "disk"
    where.mkdir()
    if os.geteuid() != 0:
        missing("tmpfs")
    mounted = subprocess.run(
        [require_program("mount"), "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(where)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        missing("tmpfs")
    yield where
    run([require_program("umount"), str(where)])


@pytest.fixture
def full(disk: Path) -> Iterator[FullHouse]:
    data = disk / "data"
    data.mkdir()
    (data / "gotgan.toml").write_text(SETTINGS)
    with serving(data) as house:
        device = newcomer(house, "anna")
        with Wire(house.url, user=device.user, password=device.password) as wire:
            make_collections(wire, device.user)
            yield FullHouse(house, device, wire, disk / "filler")


def names_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_that_does_not_fit_leaves_nothing_behind(full: FullHouse) -> None:
    files, folder = f"/dav/files/{full.device.user}/kept/", full.house.data / "files" / full.device.user
    assert full.wire.ask("PUT", files + "good.bin", body=b"the good one").status == 201
    before = names_below(folder)
    full.fill()
    for name in ("good.bin", "new.bin"):
        answer = full.wire.ask("PUT", files + name, body=bytes(4 << 20))
        assert answer.status == 507
        assert answer.conditions & {f"{D}sufficient-disk-space", f"{D}quota-not-exceeded"}
        full.wire.hang_up()
    assert names_below(folder) == before
    assert full.wire.ask("GET", files + "good.bin").body == b"the good one"
    full.make_room()
    assert full.wire.ask("PUT", files + "new.bin", body=bytes(4 << 20)).status == 201
    assert faults(full.house.data / "gotgan.db") == {}


@pytest.mark.parametrize("kind", ["vcf", "ics"])
def test_a_contact_or_event_refused_by_a_full_disk_is_kept(full: FullHouse, kind: str) -> None:
    place, body = ("addressbooks", card("late", 1)) if kind == "vcf" else ("calendars", event("late", 1))
    body = body.replace("고침".encode(), "고침 ".encode() * 20_000)
    href = f"/dav/{place}/{full.device.user}/kept/late.{kind}"
    headers = {"Content-Type": "text/vcard" if kind == "vcf" else "text/calendar", "If-None-Match": "*"}
    full.fill()
    answer = full.wire.ask("PUT", href, headers=headers, body=body)
    assert answer.status == 507
    assert f"{D}sufficient-disk-space" in answer.conditions
    assert full.wire.ask("GET", href).status == 404
    kept = refused(full.house.data / "gotgan.db", f"late.{kind}")
    assert [status for status, _ in kept] == [507]
    full.make_room()
    assert full.wire.ask("PUT", href, headers=headers, body=body).status == 201
    assert full.wire.ask("GET", href).body == body
    assert faults(full.house.data / "gotgan.db") == {}


def test_reading_and_deleting_go_on_when_the_disk_is_full(full: FullHouse) -> None:
    book = f"/dav/addressbooks/{full.device.user}/kept/"
    headers = {"Content-Type": "text/vcard"}
    assert full.wire.ask("PUT", book + "one.vcf", headers=headers, body=card("one", 1)).status == 201
    full.fill()
    assert full.wire.ask("GET", book + "one.vcf").body == card("one", 1)
    listed = full.wire.ask(
        "PROPFIND", book, headers={"Depth": "1"}, body='<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    )
    assert book + "one.vcf" in listed.members
    assert full.wire.ask("DELETE", book + "one.vcf").status in (204, 507)
    full.make_room()
    assert full.wire.ask("PUT", book + "two.vcf", headers=headers, body=card("two", 1)).status == 201
