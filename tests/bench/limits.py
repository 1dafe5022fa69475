"""What the machine itself can do: the bar that no durable server can jump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from tests.bench.figures import Block

FILE_BYTES = 4096
NEW_FILE = "new 4 KiB file, fsync, rename, fsync of the folder"
COPY = "cp of the large file and fsync"


def new_files(folder: Path, budget_s: float) -> Block:
    """Write new 4 KiB files as an acknowledged PUT must: fsync, rename, fsync of the folder."""
    inside = folder / f"new-{time.monotonic_ns()}"
    inside.mkdir(parents=True)
    return _repeated(lambda number: _durable_file(inside, number), budget_s)


def new_files_by_eight(folder: Path, budget_s: float) -> Block:
    """The same in 8 threads at once."""
    counts = [0] * 8

    def work(slot: int) -> None:
        counts[slot] = new_files(folder / f"thread-{slot}", budget_s).operations

    threads = [Thread(target=work, args=(slot,)) for slot in range(8)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Block([(time.perf_counter() - started) / sum(counts)], 0.0, sum(counts))


def copy_and_fsync(large: Path, folder: Path) -> Block:
    """Copy the large file as `cp` does and fsync it."""
    copy = folder / "copy"
    started = time.perf_counter()
    shutil.copyfile(large, copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    wall_s = time.perf_counter() - started
    copy.unlink()
    return Block([wall_s], 0.0, 1)


def commits(folder: Path, budget_s: float) -> Block:
    """Insert a card of 1 KB and commit, WAL and synchronous=FULL."""
    path = folder / f"commits-{time.monotonic_ns()}.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE card (name TEXT PRIMARY KEY, body TEXT)")
    insert = "INSERT INTO card VALUES (?, ?)"
    block = _repeated(lambda number: database.execute(insert, (f"{number}.vcf", "x" * 1000)), budget_s)
    database.close()
    return block


def _durable_file(folder: Path, number: int) -> None:
    temporary = folder / f".{number}"
    with temporary.open("wb") as file:
        file.write(bytes(FILE_BYTES))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / f"{number}")
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)
    os.close(handle)


def _repeated(step: Callable[[int], object], budget_s: float) -> Block:
    walls: list[float] = []
    until = time.perf_counter() + budget_s
    before_s = time.process_time()
    while (now := time.perf_counter()) < until:
        step(len(walls))
        walls.append(time.perf_counter() - now)
    return Block(walls, time.process_time() - before_s, len(walls))
