"""20,000 folders and 100,000 files under watch: how long until it is ready, what it costs, and an overflow.

The process is stopped while 12,000 files are made, more than the kernel's queue holds: what it lost is found by a scan,
and afterwards it hears as before and does nothing while nothing happens. watchdog's own way never came back from this.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.newcomers import newcomer
from tests.serving import House, serving, wait_until
from tests.soak.conftest import Note
from tests.soak.readings import in_mib
from tests.soak.soak_files import FILES, FOLDERS, SCAN_SECONDS, last_seq, make_tree, octets

LOST = 12_000
CALM_SECONDS = 5.0
RSS_LIMIT_BYTES = 120 << 20
LONG_AGO = (1_700_000_000, 1_700_000_000)
UNCOVERED = (
    "SELECT count(*) FROM disk d JOIN member m ON m.resource_id = d.resource_id WHERE d.covered = 0 AND m.kind = 'file'"
)


def test_a_large_tree_is_watched_and_an_overflow_survived(tmp_path: Path, note: Note) -> None:
    data, size = tmp_path / "data", f"{FOLDERS:,} folders, {FILES:,} files"
    with serving(data) as house:
        newcomer(house, "anna")
    home = data / "files" / "anna"
    folders = sorted({path.parent for _, path, _ in make_tree(home)})
    with serving(data) as house:
        expected = FOLDERS + FILES
        wait_until(lambda: asked(data, "SELECT count(*) FROM disk") > expected, "the scan to end", seconds=SCAN_SECONDS)
        wait_until(lambda: asked(data, UNCOVERED) == 0, "the files to be in the store", seconds=SCAN_SECONDS)
    with serving(data) as house:
        began = time.monotonic()
        heard(data, home / "ready.txt")
        seconds = time.monotonic() - began
        resting = rests(house)
        note("watch: ready", size, f"first change recorded {seconds:.1f} s after the start, 2 s of them quiet")
        note("watch: memory", size, f"worker {in_mib(resting)} resident")
        assert resting < RSS_LIMIT_BYTES
        overflowed(house, home, folders, note)
        heard(data, folders[-1] / "probe.txt")
        rests(house)
        note("watch: at rest", size, f"no more than 0.02 s CPU in {CALM_SECONDS:.0f} s")


def overflowed(house: House, home: Path, folders: list[Path], note: Note) -> None:
    """Lose more events than the kernel's queue holds, and wait until a scan has found what they were of."""
    worker, before = house.running.worker(), last_seq(house.data)
    os.kill(worker, signal.SIGSTOP)
    try:
        for number in range(LOST):
            path = folders[number % len(folders)] / f"lost {number}.txt"
            path.write_bytes(octets(number))
            os.utime(path, LONG_AGO)
    finally:
        os.kill(worker, signal.SIGCONT)
    began = time.monotonic()
    wait_until(lambda: last_seq(house.data) >= before + LOST, "the lost files", seconds=SCAN_SECONDS)
    seconds = time.monotonic() - began
    assert "lost count" in house.running.log.read_text(encoding="utf-8", errors="replace")
    found = asked(house.data, "SELECT count(*) FROM member WHERE name LIKE 'lost %'")
    assert found == LOST
    note("watch: overflow", f"{LOST:,} files made while stopped", f"all recorded {seconds:.0f} s after it went on")
    assert home.is_dir()


def heard(data: Path, path: Path) -> None:
    """Make a file and wait until it is in the ledger."""
    path.write_bytes(b"a probe")
    name = path.name
    wait_until(lambda: asked(data, f"SELECT count(*) FROM member WHERE name = '{name}'") == 1, name, seconds=120.0)


def rests(house: House) -> int:
    """Wait until the worker has done nothing for a while, and return its resident size."""
    calm = calm_for(lambda: spent(house))
    wait_until(calm, "the worker to rest", seconds=SCAN_SECONDS)
    status = Path(f"/proc/{house.running.worker()}/status").read_text(encoding="utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def calm_for(read: Callable[[], float]) -> Callable[[], bool]:
    """Return what tells whether a counter of CPU seconds stood still for `CALM_SECONDS`, but for 20 ms."""
    last = [read(), time.monotonic()]

    def is_calm() -> bool:
        now = read()
        if now - last[0] > 0.02:
            last[:] = [now, time.monotonic()]
        return time.monotonic() - last[1] >= CALM_SECONDS

    return is_calm


def spent(house: House) -> float:
    """Return the CPU seconds that the worker has used."""
    fields = Path(f"/proc/{house.running.worker()}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def asked(data: Path, question: str) -> int:
    with closing(sqlite3.connect(f"file:{data / 'gotgan.db'}?mode=ro", uri=True, timeout=60)) as reading:
        return int(reading.execute(question).fetchone()[0])
