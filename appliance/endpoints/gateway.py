"""The door that carries HTTP: from the server's events to one call of room code in a thread, and back.

The server (granian) speaks ASGI to us, because only there does a body that broke off differ from a complete
one, and a broken answer from a finished one. Room code is synchronous and lives in threads, where SQLite is at
home. One coroutine per request reads a small body ahead, asks a thread, and sends the answer; nothing else is
decided here. Refuses what is beyond its Limits, and never ends an answer neatly that broke.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from appliance import errors
from appliance.dav.messages import Request, Response
from appliance.endpoints.answer import (
    Reply,
    UnfitAnswer,
    has_no_body,
    plain_reply,
    promised_length,
    whole_reply,
    write_headers,
)
from appliance.endpoints.arrival import Head, read_head
from appliance.endpoints.asgi import Receive, Scope, Send
from appliance.endpoints.body import Body, NoBody
from appliance.endpoints.flow import ClientGone, Flow, Pieces, close_body
from appliance.endpoints.limits import Limits
from appliance.endpoints.threads import ThreadPool

_LOG = logging.getLogger(__name__)

Respond = Callable[[Request], Response]


class BrokenAnswer(Exception):  # invariant 8
    """Raised to the server so that it closes the connection without an end. The cause is logged already."""


class Gateway:
    """An ASGI application that asks `respond` in one of `threads` threads.

    `respond` turns every error that it knows into a Response. `thread_done` is called in each thread as its last
    act, to close what that thread had open; `stopped` in the event loop, when all threads have ended.
    """

    def __init__(
        self,
        respond: Respond,
        *,
        threads: int,
        limits: Limits | None = None,
        thread_done: Callable[[], None] | None = None,
        stopped: Callable[[], None] | None = None,
    ) -> None:
        self._respond = respond
        self._limits = limits or Limits()
        self._pool = ThreadPool(threads, name="room", thread_done=thread_done)
        self._stopped = stopped
        self._most = threads + self._limits.waiting
        self._asked = 0  # requests that wait for a thread or have one
        self._open = 0  # requests that are not answered yet
        self._quiet: asyncio.Event | None = None  # made when the door closes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection: a request, or the life of the server."""
        if scope["type"] == "http":
            self._open += 1
            try:
                await self._serve(scope, receive, send)
            finally:
                self._open -= 1
                if self._quiet is not None and not self._open:
                    self._quiet.set()
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            head = read_head(scope)
        except errors.BadRequest as error:
            await _send_whole(send, plain_reply(400, str(error)), close=True)
            return
        body = self._open_body(head, receive) if head.has_body else None
        try:
            if body is not None:
                await body.read_ahead()
            reply = await self._ask(head, body)
            await self._send(reply, body, receive, send)
        finally:
            if body is not None:
                await body.close()

    def _open_body(self, head: Head, receive: Receive) -> Body:
        awaited = head.headers.get("expect", "").lower() == "100-continue" and not head.http_1_0
        return Body(receive, length_bytes=head.length_bytes, awaited=awaited, limits=self._limits)

    async def _ask(self, head: Head, body: Body | None) -> Reply:
        """Return what a thread answers, or the refusal when too many wait already."""
        if self._asked >= self._most:
            return plain_reply(503, "Too many requests are waiting.", ("Retry-After", "5"))
        loop = asyncio.get_running_loop()
        call = _Call(head, body, loop, self._respond, self._limits)
        self._asked += 1
        try:
            self._pool.submit(call.run)
            return await call.reply
        finally:
            self._asked -= 1

    async def _send(self, reply: Reply, body: Body | None, receive: Receive, send: Send) -> None:
        unread = body is not None and body.unread
        close = body is not None and (body.broken or (unread and (body.awaited or not body.rest_is_short)))
        if reply.flow is None:
            await _send_whole(send, reply, close=close)
        else:
            await _send_flow(send, reply, reply.flow, close=close, watched=None if unread else receive)
        if body is not None and body.unread and not body.awaited:
            # The answer is out. A client that writes all before it reads must not find the connection reset.
            await body.discard()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._open:
            self._quiet = asyncio.Event()
            try:
                async with asyncio.timeout(self._limits.stop_seconds):
                    await self._quiet.wait()
            except TimeoutError:
                _LOG.warning("%d requests were still open when the door closed", self._open)
        if not self._pool.close(timeout_seconds=self._limits.stop_seconds):
            _LOG.warning("a thread did not end in time")
        if self._stopped is not None:
            self._stopped()
        await send({"type": "lifespan.shutdown.complete"})


class _Call:
    """One call of room code: made in the event loop, run in a thread, its reply awaited in the loop."""

    __slots__ = ("_body", "_head", "_limits", "_loop", "_respond", "reply")

    def __init__(
        self, head: Head, body: Body | None, loop: asyncio.AbstractEventLoop, respond: Respond, limits: Limits
    ) -> None:
        self._head = head
        self._body = body
        self._loop = loop
        self._respond = respond
        self._limits = limits
        self.reply: asyncio.Future[Reply] = loop.create_future()

    def run(self) -> None:
        """Answer: the loop gets the reply once, before the rest of a long body is walked."""
        pieces = None
        try:
            response = self._respond(self._request())
            if isinstance(response.body, bytes):
                reply = whole_reply(response, response.body, method=self._head.method)
            elif has_no_body(response.status, self._head.method):
                close_body(response.body)
                reply = whole_reply(response, b"", method=self._head.method)
            else:
                pieces = Pieces(response.body)
                reply = self._begin(response, pieces)
        except Exception:  # noqa: BLE001 - whatever a room does, the client gets an answer
            _LOG.exception("%s %s could not be answered", self._head.method, self._head.target)
            reply = plain_reply(500, "The server could not answer this request.")
        self._loop.call_soon_threadsafe(self._deliver, reply)
        if pieces is not None:
            self._finish(pieces, reply.flow)

    def _request(self) -> Request:
        head = self._head
        return Request(
            method=head.method,
            target=head.target,
            headers=head.headers,
            body=self._body or NoBody(),
            length_bytes=head.length_bytes,
            chunked=head.chunked,
            scheme=head.scheme,
            host=head.host,
            remote_address=head.remote_address,
            query=head.query,
        )

    def _begin(self, response: Response, pieces: Pieces) -> Reply:
        """Return the reply to a streamed answer: whole when it is short, else its beginning and a Flow."""
        length_bytes = promised_length(response)
        if self._head.http_1_0 and length_bytes is None:
            # HTTP/1.0 shows that an answer broke off only by a length that it misses.
            first = pieces.gather(self._limits.old_answer_bytes, patience_seconds=self._limits.stall_seconds)
            if not pieces.ended:
                return plain_reply(505, "An answer of this size needs HTTP/1.1.")
        else:
            first = pieces.gather(self._limits.gather_bytes)
        if not pieces.ended:
            left_bytes = None if length_bytes is None else length_bytes - len(first)
            flow = Flow(self._loop, length_bytes=left_bytes, stall_seconds=self._limits.stall_seconds)
            return Reply(response.status, write_headers(response, length_bytes), first, flow)
        if length_bytes is not None and length_bytes != len(first):
            raise UnfitAnswer(f"the body has {len(first)} bytes, not {length_bytes}")
        return whole_reply(response, first, method=self._head.method)

    def _finish(self, pieces: Pieces, flow: Flow | None) -> None:
        """Walk what is left of a streamed answer, and close its iterator whatever happened."""
        broken = True
        try:
            if flow is not None:
                flow.walk(pieces, gather_bytes=self._limits.gather_bytes)
            broken = False
        except ClientGone as gone:
            _LOG.info("%s %s: %s", self._head.method, self._head.target, gone)
        except Exception:  # noqa: BLE001 - whatever an iterator does, the connection ends
            _LOG.exception("the answer to %s %s broke off", self._head.method, self._head.target)
        finally:
            try:
                pieces.close()
            except Exception:  # noqa: BLE001 - as above
                _LOG.exception("the answer to %s %s could not be closed", self._head.method, self._head.target)
            if flow is not None:
                flow.end(broken=broken)

    def _deliver(self, reply: Reply) -> None:
        if not self.reply.done():
            self.reply.set_result(reply)
        elif reply.flow is not None:
            reply.flow.give_up()


async def _send_whole(send: Send, reply: Reply, *, close: bool) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": _lines(reply, close=close)})
    if reply.hides_length:
        await send({"type": "http.response.body", "body": b"", "more_body": True})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


async def _send_flow(send: Send, reply: Reply, flow: Flow, *, close: bool, watched: Receive | None) -> None:
    """Send a streamed answer; raise BrokenAnswer when it has no end. `watched` tells when the client leaves."""
    flow.begin()
    watch = None if watched is None else asyncio.get_running_loop().create_task(_watch(watched, flow))
    try:
        await send({"type": "http.response.start", "status": reply.status, "headers": _lines(reply, close=close)})
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        while (piece := await flow.take()) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if flow.broken and not flow.gone:
            raise BrokenAnswer
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except asyncio.CancelledError:
        raise BrokenAnswer from None
    finally:
        flow.give_up()
        if watch is not None:
            watch.cancel()


async def _watch(receive: Receive, flow: Flow) -> None:
    """Stop the flow when the client leaves: `send` alone never tells."""
    while (await receive())["type"] == "http.request":
        pass
    flow.give_up()


def _lines(reply: Reply, *, close: bool) -> list[tuple[bytes, bytes]]:
    return [*reply.lines, (b"connection", b"close")] if close else reply.lines
