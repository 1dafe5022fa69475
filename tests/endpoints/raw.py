"""HTTP by hand: bytes out, a parsed answer in, and how the connection ended. For what no client library would do."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Self

from tests.serving import Running

HOST = b"Host: house.local\r\n"


@dataclass(slots=True)
class Answer:
    """One answer. `complete` says that its body has the end that its framing promises."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    complete: bool = False
    interim: list[int] = field(default_factory=list)


class Line:
    """One connection, read answer by answer."""

    def __init__(self, running: Running) -> None:
        self.socket = running.connect()
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *parts: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(b"".join(parts))

    def answer(self, *, head_only: bool = False) -> Answer:
        """Return the next final answer; interim ones are noted by their status."""
        interim: list[int] = []
        while True:
            status, headers = self._head()
            if status >= 200:
                break
            interim.append(status)
        answer = Answer(status, headers, interim=interim)
        if head_only or status in (204, 304):
            answer.complete = True
        elif "transfer-encoding" in headers:
            self._read_chunks(answer)
        else:
            self._read_length(answer)
        return answer

    def is_closed(self) -> bool:
        """Return whether the server closes the connection without another byte; wait for either."""
        return self._unread == b"" and self._more() == b""

    def _head(self) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._unread:
            more = self._more()
            assert more, f"the connection ended in a head: {self._unread!r}"
            self._unread += more
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return int(first.split()[1]), headers

    def _read_length(self, answer: Answer) -> None:
        wanted = int(answer.headers["content-length"]) if "content-length" in answer.headers else None
        body, self._unread = bytearray(self._unread), b""
        while (wanted is None or len(body) < wanted) and (more := self._more()):
            body += more
        answer.complete = wanted is not None and len(body) >= wanted
        answer.body, self._unread = bytes(body[:wanted]), bytes(body[wanted:] if wanted is not None else b"")

    def _read_chunks(self, answer: Answer) -> None:
        body = bytearray()
        while (line := self._until(b"\r\n")) is not None:
            size = int(line, 16)
            chunk = self._exactly(size + 2)
            if chunk is None:
                break
            body += chunk[:size]
            if size == 0:
                answer.complete = True
                break
        answer.body = bytes(body)

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._unread:
            more = self._more()
            if not more:
                return None
            self._unread += more
        line, _, self._unread = self._unread.partition(end)
        return line

    def _exactly(self, size: int) -> bytes | None:
        while len(self._unread) < size:
            more = self._more()
            if not more:
                return None
            self._unread += more
        chunk, self._unread = self._unread[:size], self._unread[size:]
        return chunk

    def _more(self) -> bytes:
        try:
            return self.socket.recv(1_048_576)
        except ConnectionResetError:
            return b""


def put(target: bytes, *headers: bytes, method: bytes = b"PUT") -> bytes:
    """Return the head of a request with a body."""
    return b"".join([method, b" ", target, b" HTTP/1.1\r\n", HOST, *(line + b"\r\n" for line in headers), b"\r\n"])


def get(target: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    """Return a whole request without a body."""
    return put(target, *headers, method=method)


def with_shut_writing(line: Line) -> None:
    """Say that nothing more will be sent, and go on reading."""
    line.socket.shutdown(socket.SHUT_WR)
