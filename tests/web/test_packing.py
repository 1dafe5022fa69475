"""Pages go out packed to whom they may be, and nothing can be learned from their length."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask, Response
from werkzeug.test import TestResponse

import web
from web.packing import pack

PAGE = "<p>민아 was here</p>" * 100
STATIC = Path(web.__file__).parent / "static"


@pytest.fixture
def app() -> Flask:
    app = Flask("packing", static_folder=str(STATIC))
    app.add_url_rule("/page", "page", lambda: PAGE)
    app.add_url_rule("/short", "short", lambda: "<p></p>")
    app.add_url_rule("/missing", "missing", lambda: (PAGE, 404))
    app.add_url_rule("/card", "card", lambda: Response(PAGE, content_type="text/vcard"))
    app.add_url_rule("/pieces", "pieces", lambda: Response(_pieces(), content_type="text/html"))
    pack(app)
    return app


def _pieces() -> Iterator[str]:
    yield PAGE


def ask(app: Flask, path: str, *, base: str = "http://gotgan.local", **headers: str) -> TestResponse:
    sent = {"Accept-Encoding": "gzip, br", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return app.test_client().get(path, base_url=base, headers=sent, buffered=True)


def test_a_page_is_the_same_behind_its_packing(app: Flask) -> None:
    answer = ask(app, "/page")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == PAGE
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(PAGE.encode()) / 4
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/short", "/missing", "/card", "/pieces"])
def test_what_gains_nothing_or_is_no_page_goes_out_as_it_is(app: Flask, path: str) -> None:
    assert "Content-Encoding" not in ask(app, path).headers


HTTPS = "https://gotgan.local"
ASKED: Mapping[str, tuple[str, dict[str, str], bool]] = {
    "no TLS": ("http://gotgan.local", {}, True),
    "our own page, TLS": (HTTPS, {"Sec_Fetch_Site": "same-origin"}, True),
    "typed by hand, TLS": (HTTPS, {"Sec_Fetch_Site": "none"}, True),
    "another site's page, TLS": (HTTPS, {"Sec_Fetch_Site": "cross-site"}, False),
    "a neighbour's page, TLS": (HTTPS, {"Sec_Fetch_Site": "same-site"}, False),
    "an old browser, TLS": (HTTPS, {}, False),
    "who cannot unpack": ("http://gotgan.local", {"Accept_Encoding": "br, gzip;q=0"}, False),
    "a part": ("http://gotgan.local", {"Range": "bytes=0-5"}, False),
}


@pytest.mark.parametrize("case", ASKED)
def test_who_may_learn_nothing_from_a_length_gets_it_unpacked(app: Flask, case: str) -> None:
    base, headers, is_packed = ASKED[case]
    answer = ask(app, "/page", base=base, **headers)
    assert ("Content-Encoding" in answer.headers) is is_packed
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_look_is_packed_once_and_known_again(app: Flask) -> None:
    for name in ("gotgan.css", "gotgan.js", "htmx.min.js", "icons.svg"):
        answer = ask(app, f"/static/{name}")
        assert answer.headers["Content-Encoding"] == "gzip", name
        assert gzip.decompress(answer.data) == (STATIC / name).read_bytes()
        assert ask(app, f"/static/{name}", If_None_Match=answer.headers["ETag"]).status_code == 304
        plain = ask(app, f"/static/{name}", Accept_Encoding="identity")
        assert plain.data == (STATIC / name).read_bytes()
        assert plain.headers["ETag"] != answer.headers["ETag"]


def test_the_look_is_light(app: Flask) -> None:
    """A page with all that it brings along is to weigh 100 KB at most."""
    whole = sum(len(ask(app, f"/static/{path.name}").data) for path in STATIC.iterdir())
    assert whole < 40_000
