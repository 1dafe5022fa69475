"""A small HTTP/1.1 client on plain sockets: next to nothing between the clock and the server.

It speaks what the benchmark needs: kept connections, Content-Length, chunked and until-close bodies, files in and
out without holding them. It follows no redirect and retries nothing.
"""

from __future__ import annotations

import base64
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PIECE_BYTES = 1 << 18
TIMEOUT_S = 300.0


class BrokenAnswer(Exception):
    """The connection ended, or spoke something that is not HTTP, before the answer was complete."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, request target, body, and further header lines, each ended by CRLF."""

    method: str
    target: str
    body: bytes = b""
    headers: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, complete. Times are seconds since the request was sent. `body_bytes` counts also what was dropped."""

    status: int
    headers: dict[str, str]
    body: bytes
    body_bytes: int
    first_byte_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens, and the login that each request carries (empty: none)."""

    host: str
    port: int
    user: str = ""
    password: str = ""

    def head(self, request: Request, length: int) -> bytes:
        """Return the request's first octets, up to the empty line."""
        lines = f"{request.method} {request.target} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
        if self.user:
            token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
            lines += f"Authorization: Basic {token}\r\n"
        if length or request.method in ("PUT", "POST"):
            lines += f"Content-Length: {length}\r\n"
        return f"{lines}{request.headers}\r\n".encode()


class Connection:
    """One connection, opened when needed, kept as long as the server keeps it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._sent_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def opened(self) -> socket.socket:
        """Return the socket, connected."""
        if self._socket is None:
            self._socket = socket.create_connection((self.address.host, self.address.port), timeout=TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._buffer.clear()

    def ask(self, request: Request) -> Answer:
        """Send the request and return the whole answer."""
        self.send(request)
        return self.receive(request.method)

    def send(self, request: Request) -> None:
        """Send the request; `receive` must follow."""
        self._sent_at = time.perf_counter()
        self.opened().sendall(self.address.head(request, len(request.body)) + request.body)

    def upload(self, target: str, path: Path) -> Answer:
        """PUT the file, without reading it into memory."""
        self._sent_at = time.perf_counter()
        self.opened().sendall(self.address.head(Request("PUT", target), path.stat().st_size))
        with path.open("rb") as source:
            self.opened().sendfile(source)
        return self.receive("PUT")

    def download(self, target: str) -> Answer:
        """GET the target and drop its body."""
        self.send(Request("GET", target))
        return self.receive("GET", keep_body=False)

    def receive(self, method: str, *, keep_body: bool = True) -> Answer:
        """Return the answer to the request that was sent. `keep_body` False only counts its octets."""
        status, version, headers, first_byte_s = self._head()
        pieces: list[bytes] = []
        count = 0
        for piece in self._body(method, status, headers):
            count += len(piece)
            if keep_body:
                pieces.append(bytes(piece))
        wall_s = time.perf_counter() - self._sent_at
        connection = headers.get("connection", "").lower()
        if connection == "close" or (version == "HTTP/1.0" and connection != "keep-alive"):
            self.close()
        return Answer(status, headers, b"".join(pieces), count, first_byte_s, wall_s)

    def _head(self) -> tuple[int, str, dict[str, str], float]:
        """Return status, version, headers in lower case, and when the first octet came; 1xx are skipped."""
        if not self._buffer:
            self._more()
        first_byte_s = time.perf_counter() - self._sent_at
        while True:
            while (end := self._buffer.find(b"\r\n\r\n")) < 0:
                self._more()
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            del self._buffer[: end + 4]
            version, _, rest = lines[0].partition(" ")
            if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
                raise BrokenAnswer(f"not an HTTP answer: {lines[0][:60]!r}")
            pairs = (line.partition(":") for line in lines[1:])
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            if int(rest[:3]) >= 200:
                return int(rest[:3]), version, headers, first_byte_s

    def _body(self, method: str, status: int, headers: dict[str, str]) -> Iterator[bytes | bytearray]:
        if method == "HEAD" or status in (204, 304):
            return
        if headers.get("transfer-encoding", "").lower() == "chunked":
            yield from self._chunks()
        elif "content-length" in headers:
            yield from self._counted(int(headers["content-length"]))
        else:
            yield from self._until_close()

    def _counted(self, length: int) -> Iterator[bytes | bytearray]:
        if self._buffer and length:
            piece = self._buffer[:length]
            del self._buffer[: len(piece)]
            length -= len(piece)
            yield piece
        while length:
            received = self.opened().recv(min(length, PIECE_BYTES))
            if not received:
                self.close()
                raise BrokenAnswer(f"the connection ended {length} octets before the end of the body")
            length -= len(received)
            yield received

    def _chunks(self) -> Iterator[bytes | bytearray]:
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                self._more()
            size = int(self._buffer[:end].split(b";")[0], 16)
            del self._buffer[: end + 2]
            yield from self._counted(size)
            while len(self._buffer) < 2:
                self._more()
            del self._buffer[:2]
            if size == 0:
                return

    def _until_close(self) -> Iterator[bytes | bytearray]:
        while True:
            yield bytes(self._buffer)
            self._buffer.clear()
            piece = self.opened().recv(PIECE_BYTES)
            if not piece:
                self.close()
                return
            self._buffer += piece

    def _more(self) -> None:
        piece = self.opened().recv(PIECE_BYTES)
        if not piece:
            self.close()
            raise BrokenAnswer("the connection ended before the answer was complete")
        self._buffer += piece


def ask(address: Address, request: Request) -> Answer:
    """Return the answer to one request on a connection of its own."""
    with Connection(address) as connection:
        return connection.ask(request)


def in_parallel(address: Address, requests: Iterable[Request], connections: int) -> Iterator[tuple[Request, Answer]]:
    """Yield each request with its answer, as they come, always `connections` of them under way.

    One thread: a readable socket's answer is read whole, then the next request goes out on it. Answers are meant to
    be small; a large one would hold up the others.
    """
    waiting = iter(requests)
    with selectors.DefaultSelector() as selector:
        opened = [Connection(address) for _ in range(connections)]
        for connection in opened:
            _send_next(selector, connection, waiting)
        while selector.get_map():
            for key, _ in selector.select(TIMEOUT_S):
                connection, request = key.data
                selector.unregister(key.fileobj)
                answer = connection.receive(request.method)
                _send_next(selector, connection, waiting)
                yield request, answer
        for connection in opened:
            connection.close()


def _send_next(selector: selectors.BaseSelector, connection: Connection, waiting: Iterator[Request]) -> None:
    request = next(waiting, None)
    if request is not None:
        connection.send(request)
        selector.register(connection.opened(), selectors.EVENT_READ, (connection, request))
