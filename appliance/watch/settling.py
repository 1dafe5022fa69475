"""One thread for what must not keep a phone waiting: changes that somebody noticed, scans, deleted folders, locks.

A noticed path is looked at again when it was quiet for two seconds; until then it has its provisional ETag, which
the version that is recorded then keeps. Nothing that is lost here is lost: the next start scans everything.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from appliance import errors
from appliance.store.files import Folder
from appliance.store.observe import Observer
from appliance.store.sweep import Sweeper

_LOG = logging.getLogger(__name__)
QUIET_SECONDS = 2.1
LOOK_SECONDS = 0.5
MOST_NOTICED = 10_000  # beyond that a scan is cheaper than the list

Path = tuple[str, ...]


class Settling:
    """The background of one process."""

    def __init__(self, homes: Callable[[], Sequence[Folder]], *, now: Callable[[], float] = time.monotonic) -> None:
        self._homes = homes
        self._now = now
        self._guard = threading.Lock()
        self._due: dict[Path, float] = {}
        self._scan_wanted = True
        self._sweep_wanted = True
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._observer: Observer | None = None
        self._sweeper: Sweeper | None = None

    def notice(self, path: Path) -> None:
        """Remember a path whose state the ledger does not know."""
        with self._guard:
            if len(self._due) < MOST_NOTICED:
                self._due.setdefault(path, self._now() + QUIET_SECONDS)
            else:
                self._scan_wanted = True

    def sweep_soon(self) -> None:
        """Say that a folder was deleted."""
        self._sweep_wanted = True

    def start(self, observer: Observer, sweeper: Sweeper) -> None:
        """Begin, with a scan of everything."""
        self._observer, self._sweeper = observer, sweeper
        self._thread = threading.Thread(target=self._work, name="settling", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after what is under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _work(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.work_once()
            except errors.GotganError as error:
                _LOG.warning("Files could not be looked at: %s", error)
            except Exception:  # noqa: BLE001  # the thread must outlive what nobody foresaw
                _LOG.exception("The look at the disk failed; it is tried again")

    def work_once(self) -> None:
        """Do what is due now."""
        assert self._observer is not None and self._sweeper is not None
        if self._sweep_wanted:
            self._sweep_wanted = False
            self._sweeper.sweep()
        if self._scan_wanted:
            self._scan_wanted = False
            for home in self._homes():
                self._observer.scan(home)
        for path in self._take_due():
            if not self._observer.observe(path):
                self.notice(path)

    def _take_due(self) -> list[Path]:
        now = self._now()
        with self._guard:
            due = [path for path, at in self._due.items() if at <= now]
            for path in due:
                del self._due[path]
        return due
