"""A request body on its way from the event loop to a thread: bounded memory, and never a false end.

`Body.read_ahead` runs in the loop before a thread is asked, so that a small or slow body costs no thread. What
is longer flows while the thread reads: the loop gathers pieces up to a window and then stops receiving, which
stops the client. A body that ends before its end, or that stands still, raises BrokenOff in `read`.
Refuses to ask for a body that waits for `100 Continue` before somebody reads it (RFC 9110 10.1.1).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import cast

from appliance import errors
from appliance.endpoints.asgi import Receive
from appliance.endpoints.limits import Limits

_BROKEN = "The upload broke off before its end; nothing was stored."
_STALLED = "The upload stood still for too long; nothing was stored."
_JOIN_BELOW_BYTES = 65_536  # shorter chunks are joined: a thread that writes and hashes wants large pieces


class NoBody:
    """The body of a request that has none."""

    def read(self, size_bytes: int) -> bytes:
        """Return b""."""
        return b""


class Body:
    """One request body. `read` is for the thread, all other methods are for the event loop."""

    def __init__(self, receive: Receive, *, length_bytes: int | None, awaited: bool, limits: Limits) -> None:
        self._receive = receive
        self._length_bytes = length_bytes
        self._awaited = awaited  # the client waits for 100 Continue, which the server sends at the first receive
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition(threading.Lock())
        self._arrived: deque[bytes] = deque()  # under _changed
        self._arrived_bytes = 0  # under _changed
        self._trouble: str | None = None  # under _changed
        self._ended = False  # under _changed
        self._counted_bytes = 0
        self._reading = False  # the thread waits; under _changed
        self._room: asyncio.Future[None] | None = None  # the pump waits
        self._pump_task: asyncio.Task[None] | None = None
        self._discarding = False
        self._watch: asyncio.TimerHandle | None = None
        self._taken: deque[bytes] = deque()  # the thread's own
        self._started = False  # the thread's own

    # --- in the event loop --------------------------------------------------------------------------

    async def read_ahead(self) -> None:
        """Read until the end or up to `ahead_bytes`; not at all when the client waits for 100 Continue."""
        if self._awaited:
            return
        watch = self._loop.call_later(self._limits.stall_seconds, self._look_for_progress, 0, asyncio.current_task())
        try:
            while not self._ended and self._arrived_bytes < self._limits.ahead_bytes:
                await self._receive_one()
        except asyncio.CancelledError:
            if self._trouble is None:
                raise
            cast(asyncio.Task[None], asyncio.current_task()).uncancel()  # it was the watch, not the server
        finally:
            (self._watch or watch).cancel()

    def _look_for_progress(self, seen_bytes: int, reader: asyncio.Task[None] | None) -> None:
        """Stop the reading ahead when nothing came since the last look. One timer: most bodies end before it rings."""
        if self._counted_bytes > seen_bytes:
            self._watch = self._loop.call_later(
                self._limits.stall_seconds, self._look_for_progress, self._counted_bytes, reader
            )
        elif reader is not None:
            self._trouble = _STALLED  # no thread knows this body yet
            reader.cancel()

    @property
    def unread(self) -> bool:
        """Whether bytes may still come from the client."""
        return not self._ended

    @property
    def broken(self) -> bool:
        """Whether the client vanished or stood still: the connection is of no more use."""
        return self._trouble is not None

    @property
    def awaited(self) -> bool:
        """Whether the client still waits for 100 Continue: then nothing may be received any more."""
        return self._awaited

    @property
    def rest_is_short(self) -> bool:
        """Whether what is still to come is short enough to be read for keeping the connection."""
        if self._length_bytes is None:
            return False
        return self._length_bytes - self._counted_bytes <= self._limits.drain_bytes

    async def discard(self) -> None:
        """Read and drop what still comes, for `linger_seconds` and up to `linger_bytes`; less of one that stalls."""
        # Not at all would be too little: granian 2.8 then sometimes leaves the connection open.
        seconds = min(1.0, self._limits.linger_seconds) if self.broken else self._limits.linger_seconds
        self._discarding = True
        with self._changed:
            self._arrived.clear()
            self._arrived_bytes = 0
        self._resume()
        until_bytes = self._counted_bytes + self._limits.linger_bytes
        try:
            async with asyncio.timeout(seconds):
                if self._pump_task is not None:
                    await self._pump_task
                while not self._ended and self._counted_bytes < until_bytes:
                    await self._receive_one()
        except TimeoutError:
            self._end(_STALLED)

    async def close(self) -> None:
        """Stop receiving, whatever is still to come."""
        if self._pump_task is not None and not self._pump_task.done():
            self._pump_task.cancel()
            await asyncio.wait([self._pump_task])

    async def _receive_one(self) -> None:
        event = await self._receive()
        if event["type"] != "http.request":
            self._end(_BROKEN)
            return
        chunk = event.get("body", b"")
        self._awaited = False
        self._counted_bytes += len(chunk)
        complete = not event.get("more_body", False)
        if complete and self._length_bytes is not None and self._counted_bytes < self._length_bytes:
            self._end(_BROKEN)
            return
        with self._changed:
            if chunk and not self._discarding:
                self._arrived.append(chunk)
                self._arrived_bytes += len(chunk)
            self._ended = complete or self._counted_bytes == self._length_bytes
            if self._reading and (self._ended or self._arrived_bytes >= self._limits.piece_bytes):
                self._changed.notify()

    def _end(self, trouble: str) -> None:
        with self._changed:
            self._ended = True
            self._trouble = trouble
            self._changed.notify()

    async def _pump(self) -> None:
        while not self._ended and not self._discarding:
            if self._arrived_bytes >= self._limits.window_bytes:
                self._room = self._loop.create_future()
                if self._arrived_bytes >= self._limits.window_bytes:  # the thread may have taken it just now
                    await self._room
                self._room = None
                continue
            await self._receive_one()

    def _resume(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _start(self) -> None:
        if self._pump_task is None and not self._ended:
            self._pump_task = self._loop.create_task(self._pump())

    # --- in the thread ------------------------------------------------------------------------------

    def read(self, size_bytes: int) -> bytes:
        """Return up to `size_bytes`, b"" at the true end; raise BrokenOff when the body broke off or stood still."""
        if not self._taken:
            self._take()
        if not self._taken:
            return b""
        chunk = self._taken.popleft()
        if len(chunk) > size_bytes:
            self._taken.appendleft(chunk[size_bytes:])
            return chunk[:size_bytes]
        if len(chunk) >= _JOIN_BELOW_BYTES or not self._taken:
            return chunk
        return self._join(chunk, size_bytes)

    def _join(self, chunk: bytes, size_bytes: int) -> bytes:
        chunks = [chunk]
        joined_bytes = len(chunk)
        while self._taken and joined_bytes + len(self._taken[0]) <= min(size_bytes, self._limits.window_bytes):
            chunks.append(self._taken.popleft())
            joined_bytes += len(chunks[-1])
        return b"".join(chunks)

    def _take(self) -> None:
        """Move what arrived to the thread's side, waiting for a piece that is worth it."""
        with self._changed:
            if self._trouble is not None:
                raise errors.BrokenOff(self._trouble)
            wanted_bytes = self._limits.piece_bytes
            if not self._started and not self._ended:
                self._started = True
                self._loop.call_soon_threadsafe(self._start)
                wanted_bytes = 1  # what was read ahead is there already
            self._reading = True
            while not self._ended and self._arrived_bytes < wanted_bytes:
                if not self._changed.wait(self._limits.stall_seconds):
                    break
            self._reading = False
            if not self._arrived_bytes and not self._ended:
                self._trouble = _STALLED
            if self._trouble is not None:
                raise errors.BrokenOff(self._trouble)
            self._taken, self._arrived = self._arrived, self._taken
            self._arrived_bytes = 0
            paused = self._room is not None
        if paused:
            self._loop.call_soon_threadsafe(self._resume)
