"""A streamed answer on its way from a thread to the event loop: bounded memory, and no false end.

A thread walks the body's iterator and puts pieces into a Flow; the loop takes them and sends them. The Flow
holds one piece, so a slow client stops the thread instead of filling the memory. An iterator that raises, or
that gives more or less than the announced length, leaves the Flow broken: the door then closes the connection
without an end, because a multistatus that breaks off must not look finished.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable

_PATIENCE_SECONDS = 0.01  # pieces of a slow iterator are not gathered for longer


class ClientGone(ConnectionError):
    """The client left, or took nothing for too long: nobody reads the rest."""


class FalseLength(ValueError):
    """An iterator gave more or fewer bytes than announced."""


class Pieces:
    """What an iterator yields, gathered into pieces worth sending."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._iterator = iter(body)
        self.ended = False

    def gather(self, size_bytes: int, *, patience_seconds: float = _PATIENCE_SECONDS) -> bytes:
        """Return the next bytes, at least as many as asked or what came in time; `ended` tells whether that is all."""
        chunks: list[bytes] = []
        gathered_bytes = 0
        give_up_at = time.monotonic() + patience_seconds
        while gathered_bytes < size_bytes:
            chunk = next(self._iterator, None)
            if chunk is None:
                self.ended = True
                break
            if chunk:
                chunks.append(chunk)
                gathered_bytes += len(chunk)
                if time.monotonic() > give_up_at:
                    break
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def close(self) -> None:
        """Close the iterator, and the body it came from."""
        close_body(self._body)


def close_body(body: object) -> None:
    """Call the `close` of a body that has one."""
    close = getattr(body, "close", None)
    if close is not None:
        close()


class Flow:
    """The pieces of one streamed answer after its first, one at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, length_bytes: int | None, stall_seconds: float) -> None:
        self._loop = loop
        self._left_bytes = length_bytes
        self._stall_seconds = stall_seconds
        self._changed = threading.Condition(threading.Lock())
        self._piece: bytes | None = None  # under _changed
        self._ended = False  # under _changed
        self._waiting: asyncio.Future[None] | None = None  # the loop waits
        self._sender: asyncio.Task[None] | None = None  # the one that takes
        self.broken = False  # something should have followed
        self.gone = False  # the client left

    # --- in the thread ------------------------------------------------------------------------------

    def walk(self, pieces: Pieces, *, gather_bytes: int) -> None:
        """Put all further pieces; raise ClientGone, FalseLength, or what the iterator raises."""
        while not pieces.ended:
            piece = pieces.gather(gather_bytes)
            if not piece:
                continue
            if self._left_bytes is not None:
                self._left_bytes -= len(piece)
                if self._left_bytes < 0:
                    raise FalseLength("the body is longer than announced")
            self._put(piece)
        if self._left_bytes:
            raise FalseLength(f"the body ended {self._left_bytes} bytes before the announced length")

    def end(self, *, broken: bool) -> None:
        """Say that nothing follows; `broken` when something should have followed."""
        with self._changed:
            self._ended = True
            self.broken = broken
        self._loop.call_soon_threadsafe(self._wake)

    def _put(self, piece: bytes) -> None:
        with self._changed:
            while self._piece is not None and not self.gone:
                if not self._changed.wait(self._stall_seconds):
                    self._loop.call_soon_threadsafe(self._stop_sender)
                    raise ClientGone("the client took nothing for too long")
            if self.gone:
                raise ClientGone("the client left")
            self._piece = piece
        self._loop.call_soon_threadsafe(self._wake)

    # --- in the event loop --------------------------------------------------------------------------

    def begin(self) -> None:
        """Say that the running task sends: it is cancelled when the client takes nothing for too long."""
        self._sender = asyncio.current_task()

    async def take(self) -> bytes | None:
        """Return the next piece, None at the end."""
        while True:
            with self._changed:
                piece, self._piece = self._piece, None
                if piece is not None:
                    self._changed.notify()
                    return piece
                if self._ended:
                    return None
                self._waiting = self._loop.create_future()
            await self._waiting

    def give_up(self) -> None:
        """Say that nobody reads any more."""
        with self._changed:
            self.gone = True
            self._changed.notify()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _stop_sender(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
