"""A power cut at every step of a write: before each change of the disk and each beginning and end of a transaction.

The write runs in a process of its own that ends without any goodbye. Its data folder is then opened as after a start.
What the operating system would still have had in its memory is not lost here: that part is fsync, and reading.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.store.shelves import Shelves, TurnedClock

CUT = 9
FAILED = 7
CHANGES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "os.truncate"})
MOST_STEPS = 400

Act = Callable[[Shelves], object]


class Fuse:
    """Counts the steps and ends the process before the one it is set to."""

    def __init__(self, step: int) -> None:
        self._left = step
        self._armed = False

    def arm(self, shelves: Shelves) -> None:
        self._armed = True
        sys.addaudithook(self._audit)
        shelves.database._writer.set_trace_callback(self._statement)

    def _audit(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in CHANGES:
            self._burn()

    def _statement(self, sql: str) -> None:
        if sql.startswith(("BEGIN", "COMMIT")):  # between those nothing of the database is on the disk
            self._burn()

    def _burn(self) -> None:
        if self._left == 0:
            os._exit(CUT)
        self._left -= 1


def is_acknowledged(data: Path, before: Act, act: Act, step: int) -> bool:
    """Write `before`, then `act` until the power is cut at `step`; True when `act` was finished before that."""
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            shelves = Shelves(data, TurnedClock())
            before(shelves)
            fuse = Fuse(step)
            fuse.arm(shelves)
            act(shelves)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, CUT), f"the write itself failed at step {step}"
    return code == 0


def cuts(folder: Path, before: Act, act: Act) -> Iterator[tuple[int, bool, Shelves]]:
    """Yield (step, acknowledged, the folder opened again) for a cut at each step, the last one after the answer."""
    for step in range(MOST_STEPS):
        data = folder / str(step)
        data.mkdir()
        acknowledged = is_acknowledged(data, before, act, step)
        shelves = Shelves(data, TurnedClock())
        try:
            yield step, acknowledged, shelves
        finally:
            shelves.close()
        if acknowledged:
            return
    raise AssertionError("a write of more steps than anybody would believe")
