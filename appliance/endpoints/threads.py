"""Threads for room code: as few as the work needs, each with a farewell.

SQLite wants one connection per thread, and each has its own page cache. So the thread that rested last is
asked first: a household whose phones come one after the other warms one cache, not thirty. (The executor of
the standard library wakes the one that rested longest, and tells nobody when a thread ends.)
Refuses nothing by itself: how many may wait is the door's decision.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

_LOG = logging.getLogger(__name__)

Job = Callable[[], None]


class _Seat:
    """Where one thread rests: the gate opens when a job was laid down."""

    __slots__ = ("gate", "job")

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.gate.acquire()
        self.job: Job | None = None


class ThreadPool:
    """Runs jobs in at most `count` threads. `thread_done` is called in each thread as its last act."""

    def __init__(
        self,
        count: int,
        *,
        name: str,
        thread_done: Callable[[], None] | None = None,
        rest_seconds: float = 120.0,
    ) -> None:
        self._count = count
        self._name = name
        self._thread_done = thread_done
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._resting: list[_Seat] = []
        self._waiting: deque[Job] = deque()
        self._threads: set[threading.Thread] = set()
        self._started = 0
        self._closing = False

    def submit(self, job: Job) -> None:
        """Run `job` in a thread soon; the job catches its own errors. After `close` it is dropped."""
        with self._lock:
            if self._resting:
                seat = self._resting.pop()
                seat.job = job
                seat.gate.release()
            elif self._closing:
                _LOG.warning("a request came after the threads had stopped")
            elif len(self._threads) < self._count:
                self._start(job)
            else:
                self._waiting.append(job)

    def close(self, *, timeout_seconds: float) -> bool:
        """End all threads when their jobs are done. Return whether all ended in time."""
        with self._lock:
            self._closing = True
            threads = list(self._threads)
            while self._resting:
                self._resting.pop().gate.release()
        for thread in threads:
            thread.join(timeout_seconds)
        return not any(thread.is_alive() for thread in threads)

    def _start(self, job: Job) -> None:
        self._started += 1
        seat = _Seat()
        seat.job = job
        thread = threading.Thread(target=self._work, args=(seat,), name=f"{self._name}-{self._started}", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _work(self, seat: _Seat) -> None:
        job = seat.job
        while job is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - the thread outlives its jobs
                _LOG.exception("a job failed")
            job = seat.job = None  # a resting thread must not keep its last request, and its connection, alive
            job = self._next(seat)
        try:
            if self._thread_done is not None:
                self._thread_done()
        except Exception:  # noqa: BLE001 - nobody is left to tell
            _LOG.exception("a thread could not close what it had open")
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _next(self, seat: _Seat) -> Job | None:
        """Return the next job, or None when the thread shall end: the pool closes, or it rested long enough."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._closing:
                return None
            self._resting.append(seat)
        if not seat.gate.acquire(timeout=self._rest_seconds):
            with self._lock:
                if seat in self._resting:
                    self._resting.remove(seat)
                    return None
            seat.gate.acquire()  # a job was laid down at the last moment
        return seat.job
