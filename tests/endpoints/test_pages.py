"""A WSGI application behind the door gets what PEP 3333 promises, and its answer is handed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask, Response, request, session

from appliance import errors
from appliance.dav.messages import Request
from appliance.endpoints.flow import close_body
from appliance.endpoints.wsgi import environ_of, respond_with_wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Sent:
    """A body that was sent, whole or broken off."""

    def __init__(self, octets: bytes, *, broken: bool = False) -> None:
        self._octets = octets
        self._broken = broken

    def read(self, size_bytes: int) -> bytes:
        if not self._octets and self._broken:
            raise errors.BrokenOff("The upload broke off.")
        piece, self._octets = self._octets[:size_bytes], self._octets[size_bytes:]
        return piece


def asked(target: str = "/", *, method: str = "GET", body: Sent | None = None, **more: object) -> Request:
    headers = more.pop("headers", {"host": "box.local:8080"})
    host = more.pop("host", "box.local:8080")
    return Request(method, target, headers, body or Sent(b""), host=host, remote_address="192.0.2.7", **more)  # type: ignore[arg-type]


def pages() -> Flask:
    app = Flask("pages")
    app.secret_key = "only for this test"

    def page(name: str) -> Response:
        session["seen"] = True
        told = [name, request.args.get("q", ""), request.form.get("word", ""), request.remote_addr or "", request.host]
        answer = Response("|".join(told))
        answer.set_cookie("second", "1")
        return answer

    app.add_url_rule("/<path:name>", view_func=page, methods=["GET", "POST"])
    return app


def text(body: bytes | Iterable[bytes]) -> str:
    return (body if isinstance(body, bytes) else b"".join(body)).decode()


def test_a_page_sees_path_query_form_and_client() -> None:
    respond = respond_with_wsgi(pages())
    form = b"word=%EA%B3%B3%EA%B0%84"
    headers = {"host": "box.local:8080", "content-type": "application/x-www-form-urlencoded"}
    answer = respond(
        asked("/%EA%B9%80/b", method="POST", query="q=%20x", headers=headers, body=Sent(form), length_bytes=len(form))
    )
    assert (answer.status, text(answer.body)) == (200, "김/b| x|곳간|192.0.2.7|box.local:8080")


def test_a_chunked_form_is_read_to_its_end() -> None:
    headers = {"host": "h", "content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked"}
    answer = respond_with_wsgi(pages())(asked("/a", method="POST", headers=headers, body=Sent(b"word=x"), chunked=True))
    assert text(answer.body).split("|")[2] == "x"


def test_each_cookie_is_a_header_of_its_own() -> None:
    answer = respond_with_wsgi(pages())(asked("/a"))
    assert len([value for name, value in answer.headers if name == "Set-Cookie"]) == 2


@pytest.mark.parametrize(
    ("host", "name", "port"),
    [("box:81", "box", "81"), ("box", "box", "80"), ("[::1]:81", "[::1]", "81"), ("[::1]", "[::1]", "80")],
)
def test_the_server_is_named_by_the_host_header(host: str, name: str, port: str) -> None:
    environ = environ_of(asked(host=host))
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == (name, port)


def test_a_header_with_an_underscore_cannot_pass_for_another() -> None:
    environ = environ_of(asked(headers={"x_forwarded_for": "10.0.0.1", "x-name": "a"}))
    assert ("HTTP_X_FORWARDED_FOR" in environ, environ["HTTP_X_NAME"]) == (False, "a")


def test_raw_octets_in_the_target_reach_the_page_as_they_are() -> None:
    assert environ_of(asked("/ê¹\x80"))["PATH_INFO"].encode("latin-1").decode() == "/김"


def test_an_upload_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(errors.BrokenOff):
        environ_of(asked(body=Sent(b"half", broken=True)))["wsgi.input"].read()


def test_the_answer_of_an_application_is_closed() -> None:
    closed = []

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def pieces() -> Iterator[bytes]:
            try:
                yield b"a"
                yield b"b"
            finally:
                closed.append(environ["REQUEST_METHOD"])

        start_response("200 OK", [])
        return pieces()

    body = respond_with_wsgi(application)(asked()).body
    assert not isinstance(body, bytes)
    assert next(iter(body)) == b"a"
    close_body(body)
    assert closed == ["GET"]
