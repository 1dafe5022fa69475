"""Pages through the same door: a WSGI application (PEP 3333) answers Requests with Responses."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from appliance.dav.messages import BodyStream, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def respond_with_wsgi(application: WSGIApplication) -> Callable[[Request], Response]:
    """Return the application as a function of a Request; what it raises is raised."""

    def respond(request: Request) -> Response:
        response = Response(500)

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            response.status = int(status.split(" ", 1)[0])
            response.headers = list(headers)
            return _no_write

        start: StartResponse = start_response
        response.body = _Body(application(environ_of(request), start))
        return response

    return respond


def environ_of(request: Request) -> WSGIEnvironment:
    """Return the PEP 3333 environment; text is Latin-1 over the octets that were sent."""
    name, port = _split_host(request.host)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.target.encode("latin-1")).decode("latin-1"),
        "RAW_URI": request.target,
        "QUERY_STRING": request.query,
        "SERVER_NAME": name or "localhost",
        "SERVER_PORT": port or ("443" if request.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.remote_address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BufferedReader(_Input(request.body)),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header, value in request.headers.items():
        if header not in ("content-type", "content-length") and "_" not in header:  # x_a would pass for x-a
            environ["HTTP_" + header.upper().replace("-", "_")] = value
    content_type = request.header("content-type")
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    if request.length_bytes is not None:
        environ["CONTENT_LENGTH"] = str(request.length_bytes)
    return environ


def _split_host(host: str) -> tuple[str, str]:
    """Return name and port of a Host header, with an empty port when it has none (`[::1]` has none)."""
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and port.isdigit() else (host, "")


class _Input(io.RawIOBase):
    """The body as a file: BrokenOff rises through it as it came."""

    def __init__(self, body: BodyStream) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # io.RawIOBase has it so
        piece = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


class _Body:
    """The application's answer; `close` is called whether or not it was read to its end."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()


def _no_write(_octets: bytes, /) -> object:
    raise RuntimeError("pages give their body as an iterable")
