"""A very small house behind the real door: every method of misbehaving, by address, for the tests of the door.

`build` is what granian loads. Marks that tests wait for are files in the folder that `SMALL_HOUSE` names.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from appliance import errors
from appliance.dav.messages import Request, Response
from appliance.endpoints.gateway import Gateway
from appliance.endpoints.limits import Limits

THREADS = 4
LIMITS = replace(Limits(), stall_seconds=1.0, linger_seconds=5.0, waiting=40, stop_seconds=10.0)
BIG_BYTES = 200 * 1024 * 1024
PIECE = b"x" * 65_536


def build() -> Gateway:
    """Return the door to this house."""
    house = SmallHouse(Path(os.environ["SMALL_HOUSE"]))
    return Gateway(
        house.respond,
        threads=THREADS,
        limits=LIMITS,
        thread_done=lambda: house.mark(f"farewell {threading.current_thread().name}"),
        stopped=lambda: house.mark("stopped"),
    )


class SmallHouse:
    """Answers by the last word of the address."""

    def __init__(self, marks: Path) -> None:
        self._marks = marks

    def mark(self, name: str) -> None:
        """Leave a mark that a test can wait for."""
        (self._marks / name).write_bytes(b"")

    def respond(self, request: Request) -> Response:
        """Answer one request, or raise as a house with a fault would."""
        kind = request.target.strip("/").split("/")[0]
        if kind == "count":
            return self._count(request)
        if kind == "rest":
            self.mark(f"asked {request.query}")
            return Response(507, [], b"full")
        if kind in ("stream", "known", "break", "short", "long"):
            return self._stream(kind, int(request.query or BIG_BYTES))
        if kind == "slow":
            self.mark("begun")
            until = time.monotonic() + 60
            while not (self._marks / "go on").exists() and time.monotonic() < until:
                time.sleep(0.01)
            return Response(200, [], b"done")
        if kind == "status":
            return Response(int(request.query), [("ETag", '"1"')], b"body")
        if kind == "split":
            return Response(200, [("X-Name", "a\r\nSet-Cookie: b")], b"body")
        if kind == "fault":
            raise RuntimeError("a fault of the house")
        return Response(200, [("Content-Type", "text/plain; charset=utf-8")], _describe(request).encode())

    def _count(self, request: Request) -> Response:
        counted = 0
        try:
            while piece := request.body.read(1_048_576):
                counted += len(piece)
        except errors.BrokenOff as error:
            self.mark("broken off")
            return Response(400, [], str(error).encode())
        return Response(201, [], str(counted).encode())

    def _stream(self, kind: str, size_bytes: int) -> Response:
        length = {"known": size_bytes, "short": 400_000, "long": 100_000}.get(kind)
        return Response(207, [("X-Kind", kind)], self._pieces(kind, size_bytes), length_bytes=length)

    def _pieces(self, kind: str, size_bytes: int) -> Iterator[bytes]:
        try:
            for number in range(size_bytes // len(PIECE)):
                if number == 3 and kind == "break":
                    raise RuntimeError("a fault half-way")
                if number == 3 and kind in ("short", "long"):
                    return
                yield PIECE
        finally:
            self.mark(f"closed {kind}")


def _describe(request: Request) -> str:
    shown = {name: value for name, value in request.headers.items() if name != "host"}
    return repr(
        {
            "method": request.method,
            "target": request.target,
            "query": request.query,
            "headers": shown,
            "length": request.length_bytes,
            "chunked": request.chunked,
            "address": request.remote_address,
        }
    )
