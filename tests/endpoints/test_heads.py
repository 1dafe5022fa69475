"""A request is handed on as it was sent: the target undecoded, the headers by name."""

from __future__ import annotations

from ast import literal_eval

import pytest

from tests.endpoints.raw import Line, get, put
from tests.serving import Running


def described(shared: Running, request: bytes) -> dict[str, object]:
    with Line(shared) as line:
        line.send(request)
        answer = line.answer()
        assert answer.status == 200
        found: dict[str, object] = literal_eval(answer.body.decode())
        return found


@pytest.mark.parametrize(
    ("sent", "target", "query"),
    [
        (b"/a%2Fb/%EA%B9%80", "/a%2Fb/%EA%B9%80", ""),
        (b"/a//b/../%2e%2e/%00", "/a//b/../%2e%2e/%00", ""),
        (b"/a?b=%20&c", "/a", "b=%20&c"),
        (b"/%zz%", "/%zz%", ""),
        (b"/\xea\xb9\x80", "/ê¹\x80", ""),
        (b"http://other.example/a%20b?c", "/a%20b", "c"),
        (b"*", "*", ""),
    ],
    ids=["encoded slash", "dots and NUL", "query", "no encoding", "raw UTF-8", "absolute", "asterisk"],
)
def test_the_target_is_as_it_was_sent(shared: Running, sent: bytes, target: str, query: str) -> None:
    found = described(shared, get(sent, method=b"OPTIONS"))
    assert (found["method"], found["target"], found["query"]) == ("OPTIONS", target, query)


def test_headers_are_found_by_lower_case_name_and_joined(shared: Running) -> None:
    sent = get(b"/", b"If: (<a>)", b"IF: (<b>)", b"Cookie: a=1", b"Cookie: b=2", b"X-Word: \xec\xff")
    assert described(shared, sent)["headers"] == {"if": "(<a>), (<b>)", "cookie": "a=1; b=2", "x-word": "ìÿ"}


def test_the_way_of_the_body_is_told(shared: Running) -> None:
    measured = described(shared, put(b"/", b"Content-Length: 3") + b"abc")
    chunked = described(shared, put(b"/", b"Transfer-Encoding: chunked") + b"0\r\n\r\n")
    assert (measured["length"], measured["chunked"]) == (3, False)
    assert (chunked["length"], chunked["chunked"]) == (None, True)
    assert measured["address"] == "127.0.0.1"


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "MKCALENDAR", "LOCK", "UNLOCK", "ACL", "BREW"])
def test_every_method_reaches_the_house(shared: Running, method: str) -> None:
    assert described(shared, get(b"/", method=method.encode()))["method"] == method
