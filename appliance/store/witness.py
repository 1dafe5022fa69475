"""The witness: how far this household's ledger had come, in a small file outside of the data's disk (protocol A3).

A disk that is set back to an older copy of itself brings back everything that lies on it; a mark elsewhere does not go
back with it. It is compared before anything is written or answered. The file is made for the plainest of file systems:
written beside, synced, renamed, and when a power cut took the one, the other is read. It refuses to fail the
server: a mark that cannot be written is an alarm.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from appliance import errors
from appliance.store import alarms, hold_rows, queries
from appliance.store.content import sync_folder
from appliance.store.epochs import Lost
from appliance.store.holds import WITNESS, Sign
from appliance.store.ledger import Ledger

EVERY = timedelta(minutes=5)
LARGEST_BYTES = 4096
ALARM = "witness"


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says. `household` is the name of the first epoch, which every copy of the database shares."""

    household: str
    epoch: str
    seq: int


def read(path: Path) -> Mark | None:
    """Return the newest whole mark; None where there is none that can be read."""
    for written in (_beside(path), path):
        try:
            with written.open("rb") as held:
                found = json.loads(held.read(LARGEST_BYTES))
            mark = Mark(found["household"], found["epoch"], found["seq"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(mark.household, str) and isinstance(mark.epoch, str) and type(mark.seq) is int:
            return mark
    return None


def write(path: Path, mark: Mark) -> None:
    """Write the mark durably; OSError. A power cut leaves the old file, the new one, or one of them beside."""
    with _beside(path).open("wb") as out:
        out.write(json.dumps(asdict(mark)).encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    _beside(path).replace(path)
    with contextlib.suppress(OSError):  # not every file system syncs a folder
        sync_folder(path.parent)


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def require_none(path: Path | None, data: Path) -> None:
    """Raise NotPossible when a mark tells of a household, and this data folder is about to begin a new one."""
    if path is not None and read(path) is not None:
        raise errors.NotPossible(
            f"{path} tells of a household, but there is none in {data}: mount or bring back its data, or remove that"
            " file to begin a new household."
        )


def compare(ledger: Ledger, path: Path | None) -> None:
    """Begin a hold when the mark proves that this database is older than it once was; each process does, at start."""
    mark = None if path is None else read(path)
    if path is None or mark is None:
        return
    with ledger.database.read() as reading:
        epochs = ledger.epochs(reading)
        if epochs.household is None:
            return
        newest = queries.newest_seq(reading)
        lost = epochs.lost(mark.epoch, mark.seq, newest_seq=newest)
        known = lost is None or hold_rows.mark_is_known(reading, lost)
    if mark.household != epochs.household:
        _say(ledger, path, "belongs to another household; remove it, or name another file as witness.")
    elif lost is not None and not known:
        _hold(ledger, lost, newest)


def _hold(ledger: Ledger, lost: Lost, newest_seq: int) -> None:
    """Begin the hold: both histories have all that is here now, or what the lost epoch had when it ended here."""
    common_seq, at = newest_seq if lost.end_seq is None else lost.end_seq, ledger.now_micros()
    with ledger.database.write() as writing:
        if hold_rows.mark_is_known(writing, lost):
            return  # another process was quicker
        covering = None if lost.end_seq is None else hold_rows.covering(writing, lost.end_seq)
        hold_id = hold_rows.begin(writing, common_seq, address="", at=at) if covering is None else covering
        hold_rows.record(writing, Sign(hold_id, WITNESS, "", lost.epoch, "mark", lost.seq, None, at, at))


def acknowledge(ledger: Ledger, path: Path | None, hold_id: int) -> None:
    """Note under a hold what the mark says, so that a start before it is written anew begins no second hold."""
    mark = None if path is None else read(path)
    if mark is None:
        return
    at = ledger.now_micros()
    with ledger.database.write() as writing:
        lost = ledger.epochs(writing).lost(mark.epoch, mark.seq, newest_seq=queries.newest_seq(writing.connection))
        if lost is not None:
            hold_rows.record(writing, Sign(hold_id, WITNESS, "", lost.epoch, "mark", lost.seq, None, at, at))


def _say(ledger: Ledger, path: Path, what: str) -> None:
    with contextlib.suppress(errors.GotganError):
        alarms.sound(ledger.database, ALARM, str(path), f"The witness {path} {what}", at=ledger.now_micros())


class Witness:
    """Writes the mark every few minutes when the ledger grew, and at a clean stop. One in the server."""

    def __init__(self, ledger: Ledger, path: Path | None) -> None:
        self._ledger = ledger
        self._path = path
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write in the background; nothing without a path."""
        if self._path is not None:
            self._thread = threading.Thread(target=self._write_on_and_on, name="witness", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and leave the last mark."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._quietly()

    def keep(self) -> bool:
        """Write the mark unless the file says the same, or a hold waits: what proves it stays until it is decided.

        Return whether it was written; a file that cannot be written is an alarm until it can.
        """
        path = self._path
        if path is None:
            return False
        mark = self._due(path)
        if mark is None:
            return False
        try:
            write(path, mark)
        except OSError as error:
            why = error.strerror or str(error)
            _say(self._ledger, path, f"cannot be written ({why}); a disk set back unnoticed could delete on phones.")
            return False
        alarms.settle(self._ledger.database, ALARM, str(path))
        return True

    def _due(self, path: Path) -> Mark | None:
        with self._ledger.database.read() as reading:
            newest, epochs = queries.newest_seq(reading), self._ledger.epochs(reading)
            if not newest or epochs.household is None or hold_rows.box_is_held(reading):
                return None
            mark = Mark(epochs.household, epochs.of(newest), newest)
        there = read(path)
        return None if there == mark or (there is not None and there.household != mark.household) else mark

    def _write_on_and_on(self) -> None:
        while not self._stopping.is_set():
            self._quietly()
            self._stopping.wait(EVERY.total_seconds())
        self._ledger.database.close_thread()

    def _quietly(self) -> None:
        with contextlib.suppress(errors.GotganError):
            self.keep()
