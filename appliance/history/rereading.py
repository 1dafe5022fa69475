"""Reading everything again behind the pages: one pass in a thread of its own, which goes on where it was stopped.

It works at most half of the time and gives way to everybody else, so that a small box stays usable. Closed, or pulled
out of the wall, it goes on when somebody asks again. What is found is repaired and told by the scrub itself
(`store/scrub.py`); nothing is decided here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

from appliance import errors
from appliance.store import scrub
from appliance.store.file_writes import FileWriter
from appliance.store.scrub import Scrub

_LOG = logging.getLogger(__name__)
NICE = 10  # phones go first
LONGEST_REST_SECONDS = 2.0


class _Stopped(Exception):
    """Somebody said stop, or the house closes."""


class Rereader:
    """Reads everything again when it is asked to. For many threads."""

    def __init__(self, writer: FileWriter, data: Path, require_there: Callable[[], None]) -> None:
        self._writer = writer
        self._data = data
        self._require_there = require_there  # NotPossible: the files are not there
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._rested_at = 0.0

    def start(self) -> None:
        """Begin, or go on. Busy when a pass goes on, here or in another process; NotPossible without the files."""
        self._require_there()
        with self._lock:
            held = None if self._is_alive() else scrub.turn(self._data)
            if held is None:
                raise errors.Busy("Everything is being read again already.")
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, args=(held,), name="reading again", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the pass that goes on here, and wait for it: a piece of a file is read to its end."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=10)

    def is_going_on(self) -> bool:
        """Return whether a pass that was begun is being read on, here or in another process."""
        with self._lock:
            if self._is_alive():
                return True
            if scrub.position(self._writer.files.ledger.database.connection()) is None:
                return False
            held = scrub.turn(self._data)
        if held is not None:
            held.close()
        return held is None

    def close(self) -> None:
        """Stop for good: the house closes."""
        self.stop()

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self, held: TextIOWrapper) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        self._rested_at = time.monotonic()
        database = self._writer.files.ledger.database
        try:
            going = Scrub(self._writer, rest=self._rest)
            while going.step():
                self._rest()
        except _Stopped:
            pass
        except (errors.GotganError, OSError) as error:
            _LOG.warning("Reading everything again ended early: %s", error)
        except Exception:  # noqa: BLE001  # whoever looks after the box reads of it in the log
            _LOG.exception("Reading everything again ended early")
        finally:
            held.close()
            database.close_thread()

    def _rest(self) -> None:
        """Rest for as long as was worked since the last rest."""
        worked = time.monotonic() - self._rested_at
        if self._stop.wait(min(worked, LONGEST_REST_SECONDS)):
            raise _Stopped
        self._require_there()
        self._rested_at = time.monotonic()
