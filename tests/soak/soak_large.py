"""One file of a gibibyte: in, over itself, and out again, with next to no memory, and written once each time."""

from __future__ import annotations

import hashlib
import http.client
import random
import time
from pathlib import Path

from tests.bench.wire import Address, Connection
from tests.clients.wire import Wire
from tests.newcomers import newcomer
from tests.serving import Device, House, serving
from tests.soak.conftest import Note
from tests.soak.readings import MIB, Written, in_mib

SIZE_BYTES = 1 << 30
GROWTH_LIMIT_BYTES = 64 << 20
WRITTEN_AT_MOST = 1.05  # octets to the device for each octet sent: rows and folders are written, too


def test_a_gibibyte_costs_no_memory_and_is_written_once(tmp_path: Path, note: Note) -> None:
    source, data = tmp_path / "source.bin", tmp_path / "data"
    size = in_mib(SIZE_BYTES)
    with serving(data) as house:
        device = newcomer(house, "anna")
        target = f"/dav/files/{device.user}/large.bin"
        warm(house, device)
        before_bytes = house.running.resident_bytes()
        for proof, seed in (("PUT a large file", 1), ("PUT another over it", 2)):
            digest = make(source, seed)
            seconds, written = upload(house, device, target, source, 201 if seed == 1 else 204)
            assert written.device_bytes < WRITTEN_AT_MOST * SIZE_BYTES
            assert written.call_bytes < WRITTEN_AT_MOST * SIZE_BYTES
            note(proof, size, f"{SIZE_BYTES / 1e6 / seconds:,.0f} MB/s, {in_mib(written.device_bytes)} written")
            assert stored_bytes(data) < seed * SIZE_BYTES + 64 * MIB  # each version lies there once
        began = time.monotonic()
        assert fetched(house, target, device) == (200, SIZE_BYTES, digest)
        rate = SIZE_BYTES / 1e6 / (time.monotonic() - began)
        note("GET a large file", size, f"{rate:,.0f} MB/s while hashing here, octets equal")
        growth = house.running.resident_bytes() - before_bytes
        note("memory for a large file", size, f"{in_mib(growth)} above {in_mib(before_bytes)} at its highest")
        assert growth < GROWTH_LIMIT_BYTES


def warm(house: House, device: Device) -> None:
    """Do everything once with a small file, so that what grows later is due to size."""
    with Wire(house.url, user=device.user, password=device.password) as wire:
        for status in (201, 204):
            assert wire.ask("PUT", f"/dav/files/{device.user}/small.bin", body=b"small").status == status
        assert wire.ask("GET", f"/dav/files/{device.user}/small.bin").body == b"small"


def make(path: Path, seed: int) -> str:
    """Write a file that no compression shrinks, and return its digest."""
    chance, hashed = random.Random(seed), hashlib.sha256()
    with path.open("wb") as out:
        for _ in range(SIZE_BYTES // MIB):
            piece = chance.randbytes(MIB)
            hashed.update(piece)
            out.write(piece)
    return hashed.hexdigest()


def upload(house: House, device: Device, target: str, source: Path, status: int) -> tuple[float, Written]:
    """PUT the file; return the seconds and what the worker wrote meanwhile."""
    worker = house.running.worker()
    before = Written.by(worker)
    with Connection(Address("127.0.0.1", house.running.port, device.user, device.password)) as connection:
        answer = connection.upload(target, source)
    assert answer.status == status, answer.body[:500]
    after = Written.by(worker)
    return answer.wall_s, Written(after.device_bytes - before.device_bytes, after.call_bytes - before.call_bytes)


def fetched(house: House, target: str, device: Device) -> tuple[int, int, str]:
    """GET the file in pieces; return status, size and digest."""
    hashed, count = hashlib.sha256(), 0
    authorization = Wire(house.url, user=device.user, password=device.password).authorization
    connection = http.client.HTTPConnection("127.0.0.1", house.running.port, timeout=300)
    connection.request("GET", target, headers={"Authorization": authorization})
    response = connection.getresponse()
    while piece := response.read(MIB):
        hashed.update(piece)
        count += len(piece)
    connection.close()
    return response.status, count, hashed.hexdigest()


def stored_bytes(data: Path) -> int:
    """Return what the data folder takes on the disk without the reserve, each inode counted once."""
    found = {status.st_ino: status.st_blocks * 512 for status in (path.lstat() for path in data.rglob("*"))}
    reserve = sum(path.lstat().st_blocks * 512 for path in data.glob("reserve*"))
    return sum(found.values()) - reserve
