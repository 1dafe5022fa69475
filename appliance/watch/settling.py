"""One thread for what must not keep a phone waiting: changes on the disk, scans, deleted folders, cover, the night.

The kernel's events and whoever serves a listing say which paths may have changed; a path is looked at when it was
quiet for two seconds, and until then it has its provisional ETag, which the version that is recorded then keeps.
Nothing that is lost here is lost: a scan finds it, at the start, after an overflow, after a mount, and every night.
Where the files are not there, or the kernel does not watch all of them, an alarm says how to cure it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from watchdog.observers.inotify_c import InotifyFD

from appliance import errors
from appliance.clock import Clock
from appliance.store import alarms
from appliance.store.files import Files, Folder
from appliance.store.observe import Observer
from appliance.store.sweep import Sweeper
from appliance.watch.alone import SIGN_SECONDS
from appliance.watch.events import Events, Kernel
from appliance.watch.settle import Path, Settle
from appliance.watch.watches import BY_SCANS, too_few_watches

_LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.25  # what falls due within it is looked at together
HEARTBEAT_SECONDS = 10.0  # between two looks whether the disk is there, and after a failure
FALLBACK_SECONDS = 900.0  # between two scans while the kernel does not tell of every change
REST_SECONDS = 0.05  # between two commits, so that phones get in
NIGHT = range(3, 5)  # hours in the household's zone

Step = Callable[[], bool]
"""Does a little of something long and returns whether more waits."""


class Stopping(Exception):
    """The process ends; what is under way stops between two commits."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What the thread works with."""

    files: Files
    observer: Observer
    sweeper: Sweeper
    clock: Clock
    zone: ZoneInfo  # whose nights are meant
    homes: Callable[[], Sequence[Folder]]
    idle: Sequence[Step] = ()  # when nothing is due and something may have changed
    nightly: Sequence[Step] = ()
    sign: Callable[[], None] = lambda: None  # shows now and then that this process works, or looks for one that does


class Settling:
    """The background of one process."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, inotify: Kernel = InotifyFD) -> None:
        self._now = now
        self._inotify = inotify
        self._waking = threading.Condition()
        self._settle = Settle()
        self._duties: Duties | None = None
        self._events: Events | None = None
        self._is_watching = False
        self._scan_wanted = False
        self._renew_wanted = False
        self._sweep_wanted = True
        self._idle_wanted = False
        self._tonight: list[Step] = []
        self._night_done: date | None = None
        self._root_seen: tuple[int, int] | None = None
        self._heartbeat_at = 0.0
        self._sign_at = 0.0
        self._fallback_at: float | None = None
        self._complaint: tuple[str, str] | None = None  # the alarm that was sounded last and still holds
        self._stopping = False
        self._rested_at = 0.0
        self._thread: threading.Thread | None = None

    # --- what others say ----------------------------------------------------------------------------

    def notice(self, path: Path) -> None:
        """Remember a path whose state the ledger does not know."""
        with self._waking:
            if not self._settle.notice(path, self._now()):
                self._scan_wanted = self._is_watching
            if len(self._settle) == 1:
                self._waking.notify()

    def changed(self, path: Path, is_closed: bool) -> None:  # noqa: FBT001 - as `Events` calls it
        """Remember that a path changed just now."""
        with self._waking:
            if not self._settle.hint(path, self._now(), is_closed=is_closed):
                self._scan_wanted = True
            if len(self._settle) == 1:
                self._waking.notify()

    def lost(self) -> None:
        """Say that events were lost: everything is looked at again."""
        _LOG.info("The kernel lost count of the changed files; everything is looked at again.")
        with self._waking:
            self._scan_wanted = self._renew_wanted = True
            self._waking.notify()

    def sweep_soon(self) -> None:
        """Say that a folder was deleted."""
        with self._waking:
            self._sweep_wanted = True
            self._waking.notify()

    def rest(self) -> None:
        """Let others get in between two commits; Stopping when the process ends. No other thread rests here."""
        if threading.current_thread() is not self._thread:
            return
        with self._waking:
            pause = self._rested_at + REST_SECONDS - time.monotonic()
            if self._waking.wait_for(lambda: self._stopping, timeout=max(0.0, pause)):
                raise Stopping
        self._rested_at = time.monotonic()
        self._sign()

    # --- beginning and end --------------------------------------------------------------------------

    def start(self, duties: Duties, *, watching: bool) -> None:
        """Begin. `watching`: with a scan of everything, and then by the kernel's events; one process does."""
        self.prepare(duties, watching=watching)
        self._thread = threading.Thread(target=self._work, name="settling", daemon=True)
        self._thread.start()

    def prepare(self, duties: Duties, *, watching: bool) -> None:
        """Take the duties without a thread: `work_once` is somebody else's to call."""
        self._duties = duties
        self._night_done = self._today(duties)
        self._is_watching = self._idle_wanted = watching
        if watching:
            self._listen(duties)

    def close(self) -> None:
        """Stop after the commit that is under way."""
        with self._waking:
            self._stopping = True
            self._waking.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=10)
        if self._events is not None:
            self._events.close()

    def _listen(self, duties: Duties) -> None:
        events = Events(duties.files.disk.root, changed=self.changed, lost=self.lost, inotify=self._inotify)
        try:
            events.start()
        except OSError as error:
            self._fallback_at = self._now() + FALLBACK_SECONDS
            self._sound("watches", f"The kernel tells of no changed file ({error.strerror}). {BY_SCANS}")
        else:
            self._events = events

    # --- the thread ---------------------------------------------------------------------------------

    def _work(self) -> None:
        failures = 0
        while self._slept():
            try:
                self.work_once()
                failures = 0
            except Stopping:
                return
            except Exception as error:  # noqa: BLE001  # the thread must outlive what nobody foresaw
                failures += 1
                self._complain(error)
                pause = min(HEARTBEAT_SECONDS * 2 ** (failures - 1), FALLBACK_SECONDS)
                with self._waking:
                    self._waking.wait_for(lambda: self._stopping, timeout=pause)

    def _slept(self) -> bool:
        """Wait until something is due; False: the process ends."""
        with self._waking:
            while not self._stopping and (seconds := self._until_due()) > 0:
                self._waking.wait(seconds)
            return not self._waking.wait_for(lambda: self._stopping, timeout=LOOK_SECONDS)

    def _until_due(self) -> float:
        if self._sweep_wanted or self._scan_wanted or self._renew_wanted or self._idle_wanted or self._tonight:
            return 0.0
        times = (self._heartbeat_at, self._settle.next_at(), self._fallback_at)
        return max(0.0, min(at for at in times if at is not None) - self._now())

    def _complain(self, error: Exception) -> None:
        if isinstance(error, errors.NotPossible):
            self._root_seen = None  # whatever is there next is looked at as a whole
            self._sound("unmounted", str(error))
        elif isinstance(error, OSError):
            self._sound(
                "disk", f"The disk of the household's files does not answer: {error.strerror}. Look at it soon."
            )
        elif isinstance(error, errors.GotganError):
            _LOG.warning("Files could not be looked at: %s", error)
        else:
            _LOG.error("The look at the disk failed; it is tried again", exc_info=error)

    def _sound(self, kind: str, sentence: str) -> None:
        if self._complaint != (kind, sentence) and self._duties is not None:
            self._complaint = (kind, sentence)
            _LOG.warning("%s", sentence)
            ledger = self._duties.files.ledger
            alarms.sound(ledger.database, kind, "", sentence, at=ledger.now_micros())

    def _is_well(self, duties: Duties, *kinds: str) -> None:
        """Take back the alarms of some kinds."""
        for kind in kinds:
            alarms.settle(duties.files.ledger.database, kind)
        if self._complaint is not None and self._complaint[0] in kinds:
            self._complaint = None

    # --- one turn -----------------------------------------------------------------------------------

    def work_once(self) -> None:
        """Do what is due now; NotPossible when the files are not there."""
        duties = self._duties
        assert duties is not None
        self._require_there(duties)
        if self._sweep_wanted:
            self._sweep_wanted = False
            duties.sweeper.sweep()
        self._renew(duties)
        self._scan(duties)
        self._observe(duties)
        self._work_idle(duties)
        self._work_tonight(duties)

    def _require_there(self, duties: Duties) -> None:
        """Look now and then whether the files are there; a disk that was mounted since is looked at as a whole."""
        if self._root_seen is not None and self._now() < self._heartbeat_at:
            return
        self._heartbeat_at = self._now() + HEARTBEAT_SECONDS
        self._sign()
        duties.observer.require_there()
        status = duties.files.disk.root.stat()
        if (status.st_dev, status.st_ino) != self._root_seen:
            self._is_well(duties, "unmounted")
            self._scan_wanted = self._renew_wanted = self._is_watching
            self._root_seen = (status.st_dev, status.st_ino)

    def _sign(self) -> None:
        if self._duties is not None and self._now() >= self._sign_at:
            self._sign_at = self._now() + SIGN_SECONDS
            self._duties.sign()

    def _renew(self, duties: Duties) -> None:
        """Watch every directory, where that was asked for; where the kernel does not, scans stand in for it."""
        events = self._events
        is_fallback = self._fallback_at is not None and self._fallback_at <= self._now()
        self._scan_wanted = self._scan_wanted or is_fallback
        if events is None:
            self._fallback_at = self._now() + FALLBACK_SECONDS if is_fallback else self._fallback_at
            return
        if self._renew_wanted or is_fallback:
            self._renew_wanted, self._fallback_at = False, None
            events.renew()
            if not events.is_exhausted:
                self._is_well(duties, "watches")
        if events.is_exhausted and self._fallback_at is None:
            self._fallback_at = self._now() + FALLBACK_SECONDS
            self._sound("watches", too_few_watches(events.watched))

    def _scan(self, duties: Duties) -> None:
        if not self._scan_wanted:
            return
        self._scan_wanted = False
        try:
            self._is_well(duties, "unreadable")  # what still is not says so again
            for home in duties.homes():
                duties.observer.scan(home)
        except BaseException:
            self._scan_wanted = True
            raise
        self._is_well(duties, "disk")
        self._idle_wanted = self._is_watching

    def _observe(self, duties: Duties) -> None:
        with self._waking:
            due = self._settle.take(self._now())
        if not due.paths:
            return
        busy = due.paths  # unless the look comes to an end
        try:
            busy = duties.observer.observe_all(due.paths, closed=due.closed)
        finally:
            for path in busy:
                self.notice(path)
        self._idle_wanted = self._is_watching

    def _work_idle(self, duties: Duties) -> None:
        while self._idle_wanted and not self._is_urgent():
            self._idle_wanted = sum(step() for step in duties.idle) > 0  # each has its turn
            self.rest()

    def _is_urgent(self) -> bool:
        next_at = self._settle.next_at()
        return self._sweep_wanted or self._scan_wanted or (next_at is not None and next_at <= self._now())

    def _work_tonight(self, duties: Duties) -> None:
        """In the quiet hours: watch and scan anew, and then what has to be done once a night."""
        local = duties.clock.now().astimezone(duties.zone)
        if local.hour in NIGHT and local.date() != self._night_done:
            self._night_done = local.date()
            self._scan_wanted = self._renew_wanted = self._is_watching
            self._tonight = list(duties.nightly)
            return
        while self._tonight and not self._is_urgent():
            if not self._tonight[0]():
                del self._tonight[0]
            self.rest()

    def _today(self, duties: Duties) -> date:
        return duties.clock.now().astimezone(duties.zone).date()
