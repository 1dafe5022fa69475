"""A process that ends without any goodbye before its n-th call to the file system or to SQLite, for any n.

The act runs in a child on a copy of a prepared data folder. What the operating system still had in its memory is not
lost here; that part is fsync, and `tests/store/power.py` says where it matters.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

CUT = 9
FAILED = 7
CHANGES = frozenset(
    {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.utime", "os.truncate", "os.chmod", "fcntl.ioctl"}
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Act = Callable[[Path], object]


class _Fuse:
    """Counts the calls and ends the process before the one it is set to."""

    def __init__(self, calls: int) -> None:
        self._left = calls

    def light(self) -> None:
        sys.addaudithook(self._hear)
        connect = sqlite3.connect

        def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 - handed on as they are
            connection: sqlite3.Connection = connect(*arguments, **named)
            connection.set_trace_callback(lambda _sql: self._burn())
            return connection

        sqlite3.connect = connected  # type: ignore[assignment]  # in a child that ends with the act

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            self._burn()

    def _burn(self) -> None:
        if self._left == 0:
            os._exit(CUT)
        self._left -= 1


def is_finished(prepared: Path, data: Path, act: Act, calls: int) -> bool:
    """Copy `prepared` to `data` and act on it until the call of this number; True when the act was over before."""
    shutil.copytree(prepared, data, symlinks=True)
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            _Fuse(calls).light()
            act(data)
            code = 0
        except BaseException as error:  # noqa: BLE001 - said, and told by the exit code
            sys.__stderr__.write(f"{type(error).__name__}: {error}\n")  # type: ignore[union-attr]
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, CUT), f"the act itself failed before call {calls}"
    return code == 0


def cut_everywhere(prepared: Path, folder: Path, act: Act) -> Iterator[tuple[int, Path]]:
    """Yield (calls, data folder) for a cut at every call, and once more for the act as a whole."""
    calls = 0
    while True:
        data = folder / str(calls)
        finished = is_finished(prepared, data, act, calls)
        yield calls, data
        shutil.rmtree(data)
        if finished:
            return
        calls += 1


def cut_at(prepared: Path, folder: Path, act: Act, counts: Iterable[int]) -> Iterator[tuple[int, Path]]:
    """Yield the same for some calls only; those beyond the act's end are the act as a whole."""
    for calls in counts:
        data = folder / str(calls)
        is_finished(prepared, data, act, calls)
        yield calls, data
        shutil.rmtree(data)


def count_calls(prepared: Path, folder: Path, act: Act) -> int:
    """Return how many calls the act makes, by halving: acts make as many each time, or nearly."""
    low, high = 0, 1
    while not is_finished(prepared, folder / f"count {high}", act, high):
        shutil.rmtree(folder / f"count {high}")
        low, high = high, 2 * high
    shutil.rmtree(folder / f"count {high}")
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        if is_finished(prepared, folder / f"count {middle}", act, middle):
            high = middle
        else:
            low = middle
        shutil.rmtree(folder / f"count {middle}")
    return high
