"""What the content store costs on Btrfs, XFS and ext4: 10,000 real files, and an edit of 1 % of a gibibyte."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.store.bodies import Bodies
from appliance.store.content import digest_of
from appliance.store.covering import Coverer, coverage
from appliance.store.scrub import Scrub
from tests.loops import MAKERS, MIB, mounted, used_bytes
from tests.soak.conftest import Note
from tests.soak.readings import in_mib
from tests.store.shelves import Shelves, TurnedClock, much_later

FILES = 10_000
DISK_BYTES = 8 << 30
LIMIT_BYTES = 64 * MIB
GIBIBYTE = 1 << 30
EXTENT_BYTES = 100_000


@dataclass(frozen=True)
class Real:
    """Files of this machine, copied into one folder."""

    folder: Path
    count: int
    size_bytes: int


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Real:
    folder = tmp_path_factory.mktemp("real")
    count = size = 0
    for path in real_files():
        target = folder / f"{count // 100:03}" / f"{count} {path.name}"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
        count, size = count + 1, size + target.stat().st_size
        if count == FILES:
            break
    return Real(folder, count, size)


def real_files() -> Iterator[Path]:
    """Programs, pictures and texts that every Debian has."""
    for top in ("/usr/share", "/usr/lib", "/usr/bin"):
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                    yield path


@pytest.fixture
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelves]:
    with mounted(request.param, tmp_path, size_bytes=DISK_BYTES) as place:
        shelves = Shelves(place, TurnedClock())
        yield shelves
        shelves.close()


def cover(shelves: Shelves, limit_bytes: int = LIMIT_BYTES) -> float:
    """Cover everything and return the seconds."""
    began = time.monotonic()
    coverer = Coverer(shelves.files, limit_bytes=limit_bytes, now_ns=much_later)
    while coverer.cover_some():
        pass
    return time.monotonic() - began


def copied(source: Path, target: Path) -> float:
    """Copy a tree as people do, wait until it is on the disk, and return the seconds."""
    began = time.monotonic()
    subprocess.run(["cp", "-r", source, target], check=True)
    descriptor = os.open(target, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    os.sync()
    return time.monotonic() - began


def synced_each(source: Path, target: Path) -> float:
    """Copy a tree, each file synced before the next, and return the seconds."""
    began = time.monotonic()
    for path in sorted(source.rglob("*")):
        there = target / path.relative_to(source)
        if path.is_dir():
            there.mkdir(parents=True)
            continue
        shutil.copyfile(path, there)
        descriptor = os.open(there, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return time.monotonic() - began


@pytest.mark.parametrize(("kind", "shelf"), [(kind, kind) for kind in MAKERS], ids=MAKERS, indirect=["shelf"])
def test_ten_thousand_real_files_are_covered(kind: str, shelf: Shelves, real: Real, note: Note) -> None:
    shelves = shelf
    synced = synced_each(real.folder, shelves.data / "synced")
    shutil.rmtree(shelves.data / "synced")
    empty = used_bytes(shelves.data)
    copying = copied(real.folder, shelves.path("tree"))
    live = used_bytes(shelves.data) - empty
    began = time.monotonic()
    shelves.scan()
    scanning = time.monotonic() - began
    scanned = used_bytes(shelves.data) - empty
    covering = cover(shelves)
    found = coverage(shelves.reading, LIMIT_BYTES)
    assert found.covered == found.files - found.large == real.count
    used = used_bytes(shelves.data) - empty
    size = f"{real.count:,} files, {in_mib(real.size_bytes)}"
    rate = real.size_bytes / 1e6 / covering
    note(f"{kind}: cp -r and sync", size, f"{copying:.1f} s, {in_mib(live)} on the disk")
    note(f"{kind}: cp, each with fsync", size, f"{synced:.1f} s")
    note(f"{kind}: scan", size, f"{scanning:.1f} s, {in_mib(scanned - live)} for the database")
    note(f"{kind}: cover", size, f"{covering:.1f} s, {rate:,.0f} MB/s, {in_mib(used - scanned)} for the store")
    note(f"{kind}: all against du", size, f"{used / live:.2f} times the live tree")
    began = time.monotonic()
    scrub = Scrub(shelves.writer)
    while scrub.step():
        pass
    assert scrub.found == []
    note(f"{kind}: scrub", in_mib(scrub.position.read_bytes), f"{time.monotonic() - began:.1f} s")
    rewritten_behind(shelves, real)


def rewritten_behind(shelves: Shelves, real: Real) -> None:
    """Spoil every third file in place, remove every third, rename every third: all former octets are there."""
    paths = sorted(path for path in shelves.path("tree").rglob("*") if path.is_file())
    for number, path in enumerate(paths):
        if number % 3 == 0:
            path.write_bytes(b"spoilt %d" % number)
        elif number % 3 == 1:
            path.unlink()
        else:
            path.rename(path.with_name(f"renamed {path.name}"))
    shelves.scan()
    bodies = Bodies(shelves.files)
    for path in sorted(path for path in real.folder.rglob("*") if path.is_file()):
        octets = path.read_bytes()
        row = shelves.row_of(octets)
        assert row is not None and row.place != "none"
        assert bodies.whole(shelves.reading, row.id) == octets


@pytest.mark.parametrize(
    ("kind", "shelf", "limit_bytes"),
    [*((kind, kind, LIMIT_BYTES) for kind in MAKERS), ("ext4", "ext4", 2 * GIBIBYTE)],
    ids=[*MAKERS, "ext4, all copied"],
    indirect=["shelf"],
)
def test_an_edit_of_one_percent_costs_about_that(kind: str, shelf: Shelves, limit_bytes: int, note: Note) -> None:
    shelves = shelf
    path = shelves.path("large.bin")
    chance = random.Random(1)
    with path.open("wb") as out:
        for _ in range(GIBIBYTE // MIB):
            out.write(chance.randbytes(MIB))
    shelves.scan()
    before = used_bytes(shelves.data)
    seconds = cover(shelves, limit_bytes)
    first = used_bytes(shelves.data) - before
    old = digest_of(path.read_bytes())
    with path.open("r+b") as out:
        for _ in range(GIBIBYTE // 100 // EXTENT_BYTES):
            out.seek(chance.randrange(GIBIBYTE - EXTENT_BYTES))
            out.write(chance.randbytes(EXTENT_BYTES))
    shelves.scan()
    again = cover(shelves, limit_bytes)
    second = used_bytes(shelves.data) - before - first
    row = shelves.reading.execute("SELECT id, place FROM content WHERE digest = ?", (old,)).fetchone()
    how = f"copied up to {in_mib(limit_bytes)}"
    said = f"first {in_mib(first)} in {seconds:.1f} s; the edit {in_mib(second)} in {again:.1f} s; place {row['place']}"
    note(f"{kind}: 1 % edit, {how}", "1 GiB", said)
    if row["place"] != "none":
        assert digest_of(Bodies(shelves.files).whole(shelves.reading, row["id"])) == old
    else:
        assert kind == "ext4" and limit_bytes < GIBIBYTE


def test_small_files_are_covered_in_seconds(tmp_path: Path, note: Note) -> None:
    shelves = Shelves(tmp_path, TurnedClock())
    for number in range(FILES):
        folder = shelves.path(str(number // 100))
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.txt").write_bytes(random.Random(number).randbytes(2000))
    began = time.monotonic()
    shelves.scan()
    scanning = time.monotonic() - began
    note("small files: scan, cover", f"{FILES:,} of 2 KB", f"{scanning:.1f} s, {cover(shelves):.1f} s")
    shelves.close()
