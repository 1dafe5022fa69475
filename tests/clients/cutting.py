"""A wire that is cut: a relay before the server which breaks the connection off in the middle of an answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class CuttingRelay:
    """Relays to a server and, while `after_bytes` is set, resets each connection after so many bytes of answers."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.after_bytes: int | None = None
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """The relay's own address."""
        host, port = self._listening.getsockname()
        return f"http://{host}:{port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        # A blocked accept() outlives close() on Linux; shutting down wakes it.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            upstream = threading.Thread(target=_pump, args=(client, server), daemon=True)
            upstream.start()
            sent = 0
            with contextlib.suppress(OSError):
                while piece := server.recv(65_536):
                    limit = self.after_bytes
                    if limit is not None and sent + len(piece) >= limit:
                        client.sendall(piece[: limit - sent])
                        break
                    client.sendall(piece)
                    sent += len(piece)
            for end in (client, server):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            upstream.join(5)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
