"""`kill -9` among 300 PUTs of cards, events and files: no acknowledged one is lost (promise 1). `make soak`: 1,000."""

from __future__ import annotations

import random
from pathlib import Path

from tests.clients.wire import Wire
from tests.journeys.killing import kill, make_collections, rounds
from tests.newcomers import newcomer
from tests.serving import serving, wait_until

HALF = bytes(2 << 20)


def test_no_acknowledged_write_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    rounds(tmp_path / "data", 3, seed=random.randrange(10**6), puts=300)


def test_an_upload_that_the_kill_cut_in_half_leaves_nothing_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as house:
        device = newcomer(house, "anna")
        folder = data / "files" / device.user / "kept"
        with Wire(house.url, user=device.user, password=device.password) as wire:
            make_collections(wire, device.user)
            with house.running.connect() as upload:
                head = f"PUT /dav/files/{device.user}/kept/big.bin HTTP/1.1\r\nHost: x\r\n"
                credentials = f"Authorization: {wire.authorization}\r\nContent-Length: {2 * len(HALF)}\r\n\r\n"
                upload.sendall((head + credentials).encode() + HALF)
                wait_until(lambda: bool(list(folder.iterdir())), "the upload to begin")
                kill(house)
    with serving(data) as house, Wire(house.url, user=device.user, password=device.password) as wire:
        assert wire.ask("GET", f"/dav/files/{device.user}/kept/big.bin").status == 404
        wait_until(lambda: not list(folder.iterdir()), f"the start to clear {list(folder.iterdir())}")
