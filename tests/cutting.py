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


def as_copied(_data: Path) -> None:
    """Leave a copy as it is."""


class _Fuse:
    """Counts the calls and ends the process before the one it is set to; None: it only counts."""

    def __init__(self, calls: int | None) -> None:
        self._calls = calls
        self.burnt = 0

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
        if self.burnt == self._calls:
            os._exit(CUT)
        self.burnt += 1


def is_finished(prepared: Path, data: Path, act: Act, calls: int, ready: Act = as_copied) -> bool:
    """Copy `prepared` to `data` and act on it until the call of this number; True when the act was over before.

    `ready` is done to the copy first, whole: its files have other inodes than those that were copied.
    """
    code, _ = _act(prepared, data, act, calls, ready)
    assert code in (0, CUT), f"the act itself failed before call {calls}"
    return code == 0


def _act(prepared: Path, data: Path, act: Act, calls: int | None, ready: Act) -> tuple[int, int]:
    """Act on a copy in a child of its own; return how that ended, and how many calls an act made that was not cut."""
    shutil.copytree(prepared, data, symlinks=True)
    ready(data)
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            fuse = _Fuse(calls)
            fuse.light()
            act(data)
            os.write(telling, b"%d" % fuse.burnt)
            code = 0
        except BaseException as error:  # noqa: BLE001 - said, and told by the exit code
            sys.__stderr__.write(f"{type(error).__name__}: {error}\n")  # type: ignore[union-attr]
        finally:
            os._exit(code)
    os.close(telling)
    _, status = os.waitpid(child, 0)
    burnt = os.read(told, 20)
    os.close(told)
    return os.waitstatus_to_exitcode(status), int(burnt or b"0")


def cut_everywhere(prepared: Path, folder: Path, act: Act, ready: Act = as_copied) -> Iterator[tuple[int, Path]]:
    """Yield (calls, data folder) for a cut at every call, and once more for the act as a whole."""
    calls = 0
    while True:
        data = folder / str(calls)
        finished = is_finished(prepared, data, act, calls, ready)
        yield calls, data
        shutil.rmtree(data)
        if finished:
            return
        calls += 1


def cut_at(
    prepared: Path, folder: Path, act: Act, counts: Iterable[int], ready: Act = as_copied
) -> Iterator[tuple[int, Path]]:
    """Yield the same for some calls only; those beyond the act's end are the act as a whole."""
    for calls in counts:
        data = folder / str(calls)
        is_finished(prepared, data, act, calls, ready)
        yield calls, data
        shutil.rmtree(data)


def count_calls(prepared: Path, folder: Path, act: Act, ready: Act = as_copied) -> int:
    """Return how many calls the act makes: acts make as many each time, or nearly."""
    data = folder / "count"
    code, burnt = _act(prepared, data, act, None, ready)
    assert code == 0, "the act itself failed"
    shutil.rmtree(data)
    return burnt
