"""What was seen of each device: when, from where and with what program, what it was told, and who was not let in.

A request only leaves a note in memory. A thread of its own writes the notes, each device at most once a minute, so
that no request waits for a disk and a polling phone does not wear out an SD card. None of it is in the ledger: it is
not state that anybody wants back. It refuses to keep more than one note a device, and long or unprintable agents.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance import errors
from appliance.clock import Clock
from appliance.household import sighted
from appliance.household.sighted import LONGEST_ADDRESS, LONGEST_AGENT, Knock, Reason, Seen, Told, printable
from appliance.household.throttle import network_of
from appliance.store.database import Database

EVERY = timedelta(minutes=1)
MOST_KNOCKS = 256  # strangers' names between two writes

_KNOCKS = 0  # the key of who was not let in, beside the ids of devices


@dataclass(slots=True)
class _Notes:
    """What is not yet written."""

    seen: dict[int, Seen] = field(default_factory=dict)  # by device
    told: dict[tuple[int, int], Told] = field(default_factory=dict)  # by device and collection
    knocks: dict[tuple[str, str], Knock] = field(default_factory=dict)  # by account and network

    def of(self, due: set[int]) -> _Notes:
        """Take out and return the notes of these devices."""
        taken = _Notes(
            {device: self.seen.pop(device) for device in list(self.seen) if device in due},
            {key: self.told.pop(key) for key in list(self.told) if key[0] in due},
        )
        if _KNOCKS in due:
            taken.knocks, self.knocks = self.knocks, {}
        return taken

    def put_back(self, older: _Notes) -> None:
        """Take over notes that could not be written; what came meanwhile is newer."""
        self.seen = older.seen | self.seen
        for key, told in older.told.items():
            self.told[key] = told.and_then(self.told[key]) if key in self.told else told
        for name, knock in older.knocks.items():
            self.knocks[name] = knock.and_then(self.knocks[name]) if name in self.knocks else knock

    def whose(self) -> set[int]:
        """Return the devices that there are notes of, 0 for those who were not let in."""
        return {*self.seen, *(device for device, _ in self.told), *({_KNOCKS} if self.knocks else ())}


class Sightings:
    """The notes of one process and the thread that writes them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._guard = threading.Lock()
        self._notes = _Notes()
        self._written_at: dict[int, datetime] = {}
        self._due = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    # --- what is noted ------------------------------------------------------------------------------

    def note(self, device_id: int, address: str, agent: str, *, told_at: datetime | None = None) -> None:
        """Remember a sighting; no disk is touched. `told_at` is what the device's own clock says, if it tells."""
        now = self._clock.now()
        ahead = None if told_at is None else round((told_at - now).total_seconds())
        seen = Seen(now, now, printable(address, LONGEST_ADDRESS), printable(agent, LONGEST_AGENT), ahead)
        with self._guard:
            earlier = self._notes.seen.get(device_id)
            self._notes.seen[device_id] = seen if earlier is None else earlier.and_then(seen)
            due = self._is_due(device_id, now)
        if due:
            self._due.set()

    def told(self, device_id: int, collection_id: int, seq: int | None) -> None:
        """Remember that a device was given a token of this seq for a collection; None: a listing without one."""
        self._tell(device_id, collection_id, Told(self._clock.now(), self._clock.now(), seq, 0, None))

    def took(self, device_id: int, collection_id: int, count: int) -> None:
        """Remember that a device fetched the octets of so many members of a collection."""
        now = self._clock.now()
        self._tell(device_id, collection_id, Told(now, now, None, count, now))

    def knock(self, account: str, address: str, agent: str, reason: Reason, *, device_id: int | None = None) -> None:
        """Remember that somebody was not let in: with whose name, from where, why, and with which device's password."""
        now = self._clock.now()
        knock = Knock(
            now, now, 1, printable(address, LONGEST_ADDRESS), printable(agent, LONGEST_AGENT), reason, device_id
        )
        key = (account, network_of(address))
        with self._guard:
            earlier = self._notes.knocks.get(key)
            self._notes.knocks[key] = knock if earlier is None else earlier.and_then(knock)
            if len(self._notes.knocks) > MOST_KNOCKS:
                del self._notes.knocks[next(iter(self._notes.knocks))]
            due = self._is_due(_KNOCKS, now)
        if due:
            self._due.set()

    def _tell(self, device_id: int, collection_id: int, told: Told) -> None:
        key = (device_id, collection_id)
        with self._guard:
            earlier = self._notes.told.get(key)
            self._notes.told[key] = told if earlier is None else earlier.and_then(told)

    # --- what is written ----------------------------------------------------------------------------

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
        with _only_logged():
            self.write_all()

    def write_due(self) -> int:
        """Write the notes of devices that were not written for a minute and return of how many."""
        now = self._clock.now()
        with self._guard:
            due = {key for key in self._notes.whose() if self._is_due(key, now)}
        return self._write(due, now)

    def write_all(self) -> int:
        """Write all notes now, for somebody who waits to see a device arrive, and return of how many devices."""
        with self._guard:
            due = self._notes.whose()
        return self._write(due, self._clock.now())

    def _write(self, due: set[int], now: datetime) -> int:
        """Write the notes of these; those of a failing write are kept for the next time."""
        with self._guard:
            taken = self._notes.of(due)
        if not due:
            return 0
        try:
            with self._database.write() as writing:
                sighted.write_seen(writing, taken.seen)
                sighted.write_told(writing, taken.told)
                sighted.write_knocks(writing, taken.knocks)
        except errors.GotganError:
            with self._guard:
                self._notes.put_back(taken)
            raise
        with self._guard:
            self._written_at.update(dict.fromkeys(due, now))
        return len(due - {_KNOCKS})

    def _is_due(self, key: int, now: datetime) -> bool:
        written_at = self._written_at.get(key)
        return written_at is None or not timedelta(0) <= now - written_at < EVERY  # a clock set back is due as well

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
