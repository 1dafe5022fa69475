"""When, from where and with what program each device was last seen.

A request only leaves a note in memory. A thread of its own writes the notes, each device at most once a minute, so
that no request waits for a disk and a polling phone does not wear out an SD card. None of it is in the ledger: it is
not state that anybody wants back. It refuses to keep more than one note a device, and long or unprintable agents.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import errors
from appliance.clock import Clock, to_micros
from appliance.store.database import Database

EVERY = timedelta(minutes=1)
LONGEST_AGENT = 200
LONGEST_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class Sighting:
    """One note."""

    at: datetime
    address: str
    agent: str


class Sightings:
    """The notes of one process and the thread that writes them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._guard = threading.Lock()
        self._noted: dict[int, Sighting] = {}  # not yet written, by device
        self._written_at: dict[int, datetime] = {}
        self._due = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def note(self, device_id: int, address: str, agent: str) -> None:
        """Remember a sighting; no disk is touched."""
        now = self._clock.now()
        sighting = Sighting(now, printable(address, LONGEST_ADDRESS), printable(agent, LONGEST_AGENT))
        with self._guard:
            self._noted[device_id] = sighting
            due = self._is_due(device_id, now)
        if due:
            self._due.set()

    def start(self) -> None:
        """Begin to write in the background."""
        self._thread = threading.Thread(target=self._write_on_and_on, name="sightings", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and write what is left."""
        self._closing = True
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        with self._guard:
            left, self._noted = self._noted, {}
        with _only_logged():
            self._write(left)

    def write_due(self) -> int:
        """Write the notes of devices that were not written for a minute and return how many.

        The notes of a failing write are kept for the next time, unless newer ones came meanwhile.
        """
        now = self._clock.now()
        with self._guard:
            due = {device_id: note for device_id, note in self._noted.items() if self._is_due(device_id, now)}
            for device_id in due:
                del self._noted[device_id]
        try:
            self._write(due)
        except errors.GotganError:
            with self._guard:
                self._noted = due | self._noted
            raise
        with self._guard:
            self._written_at.update(dict.fromkeys(due, now))
        return len(due)

    def _is_due(self, device_id: int, now: datetime) -> bool:
        written_at = self._written_at.get(device_id)
        return written_at is None or not timedelta(0) <= now - written_at < EVERY  # a clock set back is due as well

    def _write(self, notes: dict[int, Sighting]) -> None:
        if not notes:
            return
        with self._database.write() as writing:
            writing.executemany(
                "UPDATE device SET last_seen_at = ?, last_address = ?, last_agent = ? WHERE id = ?",
                [(to_micros(note.at), note.address, note.agent, device_id) for device_id, note in notes.items()],
            )

    def _write_on_and_on(self) -> None:
        while not self._closing:
            self._due.wait(timeout=EVERY.total_seconds())
            self._due.clear()
            with _only_logged():
                self.write_due()


@contextlib.contextmanager
def _only_logged() -> Iterator[None]:
    try:
        yield
    except errors.GotganError as error:  # a full disk is told by what matters more
        logging.getLogger(__name__).warning("Last seen could not be written: %s", error)


def printable(text: str, longest: int) -> str:
    """Return a stranger's text as a terminal and a page may show it."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:longest]).strip()
