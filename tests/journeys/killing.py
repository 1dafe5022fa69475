"""`kill -9` in the middle of a thousand PUTs, and what the next start finds."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from pathlib import Path

from tests.clients.wire import Wire
from tests.journeys.ledger import faults
from tests.journeys.writing import Writer, lost
from tests.newcomers import newcomer
from tests.serving import PATIENCE_SECONDS, Device, House, serving, wait_until

WRITERS = 4
PUTS = 1000


def make_collections(wire: Wire, user: str) -> None:
    """Make the book, the calendar and the folder that the writers write to."""
    book = (
        '<mkcol xmlns="DAV:" xmlns:X="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
        "<X:addressbook/></resourcetype></prop></set></mkcol>"
    )
    headers = {"Content-Type": "application/xml"}
    assert wire.ask("MKCOL", f"/dav/addressbooks/{user}/kept/", headers=headers, body=book).status == 201
    assert wire.ask("MKCALENDAR", f"/dav/calendars/{user}/kept/").status == 201
    assert wire.ask("MKCOL", f"/dav/files/{user}/kept/").status == 201


def kill(house: House) -> None:
    """End all processes of a server at once, as a power cut would."""
    worker = house.running.worker()
    for process in (house.running.process.pid, worker):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    house.running.process.wait(PATIENCE_SECONDS)
    wait_until(lambda: not Path(f"/proc/{worker}").exists() or _is_zombie(worker), "the worker to be dead")


def _is_zombie(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def rounds(data: Path, count: int, seed: int, *, puts: int = PUTS) -> None:
    """Start, write, kill within `puts` PUTs and look, `count` times on the same data; a loss fails, with the seed."""
    chance = random.Random(seed)
    device: Device | None = None
    writers: list[Writer] = []
    for number in range(count):
        with serving(data) as house:
            if device is None:
                device = newcomer(house, "anna")
                with _connected(house, device) as wire:
                    make_collections(wire, device.user)
            with _connected(house, device) as wire:
                assert list(lost(wire, writers)) == [], f"lost in round {number} of seed {seed}"
            current = [Writer(device.user, number * WRITERS + each) for each in range(WRITERS)]
            _write_until_killed(house, device, current, after=chance.randrange(50, puts))
            writers = [*writers[-2 * WRITERS :], *current]  # everything of the last rounds is looked at again
        assert faults(data / "gotgan.db") == {}, f"after round {number} of seed {seed}"
    assert device is not None
    with serving(data) as house, _connected(house, device) as wire:
        assert list(lost(wire, writers)) == [], f"lost in the last round of seed {seed}"
        user, last = device.user, writers
        wait_until(lambda: leftovers(data, user, last) == set(), "the start to clear what was being written")
    assert faults(data / "gotgan.db") == {}


def leftovers(data: Path, user: str, writers: list[Writer]) -> set[str]:
    """Return files that lie in the written folder and that nobody wrote."""
    written = {href.rsplit("/", 1)[1] for writer in writers for href in writer.sent}
    oldest = min(writer.seed for writer in writers)
    there = {path.name for path in (data / "files" / user / "kept").iterdir()}
    return {name for name in there - written if not name[:1].isdigit() or int(name.split("-")[0]) >= oldest}


def _connected(house: House, device: Device) -> Wire:
    return Wire(house.url, user=device.user, password=device.password)


def _write_until_killed(house: House, device: Device, writers: list[Writer], *, after: int) -> None:
    stop, enough = threading.Event(), threading.Event()
    lock, failures = threading.Lock(), list[BaseException]()
    acknowledged = 0

    def one_more() -> None:
        nonlocal acknowledged
        with lock:
            acknowledged += 1
            if acknowledged >= after:
                enough.set()

    def work(writer: Writer) -> None:
        try:
            with _connected(house, device) as wire:
                writer.run(wire, stop, one_more)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the test's own thread raises it
            failures.append(failure)
            enough.set()

    threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    assert enough.wait(PATIENCE_SECONDS), f"{acknowledged} PUTs in {PATIENCE_SECONDS:.0f} seconds"
    kill(house)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    if failures:
        raise failures[0]
