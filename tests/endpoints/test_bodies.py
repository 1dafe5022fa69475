"""A request body arrives whole or is said to be broken: never a false end, never without bounds."""

from __future__ import annotations

from ast import literal_eval
from pathlib import Path

import pytest

from tests.endpoints.raw import HOST, Line, get, put, with_shut_writing
from tests.serving import Running, wait_until

MIB = 1_048_576


def test_a_small_body_arrives_whole(shared: Running) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", b"Content-Length: 5"), b"12345")
        assert line.answer().body == b"5"
        line.send(get(b"/again"))
        assert line.answer().status == 200


@pytest.mark.parametrize("word", [b"chunked", b"Chunked"], ids=["lower case", "as the Finder writes it"])
def test_a_chunked_body_ends_with_its_last_chunk(shared: Running, word: bytes) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", b"Transfer-Encoding: " + word), b"5\r\n12345\r\n3\r\nabc\r\n0\r\n\r\n")
        assert line.answer().body == b"8"


def test_an_empty_chunked_body_is_an_empty_body(shared: Running) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", b"Transfer-Encoding: chunked"), b"0\r\n\r\n")
        answer = line.answer()
        assert (answer.status, answer.body) == (201, b"0")


@pytest.mark.parametrize(
    ("framing", "sent"),
    [
        (b"Content-Length: 100", b"12345"),
        (b"Content-Length: 3000000", b"x" * 400_000),
        (b"Transfer-Encoding: chunked", b"5\r\n12345\r\n"),
        (b"Transfer-Encoding: chunked", b"5\r\n12"),
        (b"Transfer-Encoding: chunked", b"61A80\r\n" + b"x" * 400_000 + b"\r\n"),
        (b"Transfer-Encoding: chunked", b"5\r\n12345\r\nzz\r\n"),
    ],
    ids=["short", "short and long", "no last chunk", "half a chunk", "long without last chunk", "no chunk at all"],
)
def test_a_body_that_breaks_off_is_never_taken_for_a_complete_one(shared: Running, framing: bytes, sent: bytes) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", framing), sent)
        with_shut_writing(line)
        answer = line.answer()
        assert (answer.status, b"broke off" in answer.body) == (400, True)
        assert line.is_closed()


@pytest.mark.parametrize("length", [100, 3_000_000], ids=["read ahead", "read by the thread"])
def test_a_body_that_stands_still_is_given_up(shared: Running, length: int) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", b"Content-Length: %d" % length), b"x" * min(length // 2, 400_000))
        answer = line.answer()
        assert (answer.status, b"stood still" in answer.body) == (400, True)
        assert answer.headers["connection"] == "close"
        assert line.is_closed()


def test_a_vanished_client_ends_the_reading_of_its_body(own: tuple[Running, Path]) -> None:
    running, marks = own
    with Line(running) as line:
        line.send(put(b"/count", b"Content-Length: 3000000"), b"x" * 400_000)
    wait_until((marks / "broken off").exists, "the thread to hear of it")


def test_a_large_body_costs_no_memory(own: tuple[Running, Path]) -> None:
    running, _ = own
    with Line(running) as line:
        line.send(get(b"/warm"))
        assert line.answer().status == 200
        before = running.resident_bytes()
        line.send(put(b"/count", b"Content-Length: %d" % (96 * MIB)))
        for _ in range(96):
            line.send(b"x" * MIB)
        assert line.answer().body == b"%d" % (96 * MIB)
    assert running.resident_bytes() - before < 12 * MIB


def test_a_body_is_asked_for_only_when_it_is_wanted(shared: Running) -> None:
    with Line(shared) as line:
        line.send(put(b"/count", b"Content-Length: 5", b"Expect: 100-continue"))
        assert line.socket.recv(100).startswith(b"HTTP/1.1 100 ")
        line.send(b"12345")
        assert line.answer().body == b"5"


def test_a_refusal_comes_before_the_body_when_the_client_waits_for_it(shared: Running) -> None:
    with Line(shared) as line:
        line.send(put(b"/rest", b"Content-Length: 5000000", b"Expect: 100-continue"))
        answer = line.answer()
        assert (answer.status, answer.interim, answer.headers["connection"]) == (507, [], "close")
        assert line.is_closed()


def test_a_short_unread_body_leaves_the_connection_usable(shared: Running) -> None:
    with Line(shared) as line:
        line.send(put(b"/rest", b"Content-Length: 200000"), b"x" * 200_000, get(b"/next"))
        refused, served = line.answer(), line.answer()
        assert (refused.status, "connection" in refused.headers) == (507, False)
        assert literal_eval(served.body.decode())["target"] == "/next"


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_client_that_writes_all_before_it_reads_still_reads_the_refusal(shared: Running, framing: str) -> None:
    with Line(shared) as line:
        if framing == "length":
            line.send(put(b"/rest", b"Content-Length: %d" % (20 * MIB)), b"x" * (20 * MIB))
        else:
            line.send(put(b"/rest", b"Transfer-Encoding: chunked"))
            for _ in range(20):
                line.send(b"100000\r\n", b"x" * MIB, b"\r\n")
            line.send(b"0\r\n\r\n")
        answer = line.answer()
        assert (answer.status, answer.body, answer.headers["connection"]) == (507, b"full", "close")
        assert line.is_closed()


def test_half_sent_requests_hold_no_thread(shared: Running) -> None:
    lines = [Line(shared) for _ in range(128)]
    try:
        for line in lines[:64]:
            line.send(b"GET /never HTTP/1.1\r\n", HOST)
        for line in lines[64:]:
            line.send(put(b"/count", b"Content-Length: 1000"), b"half")
        with Line(shared) as quick:
            quick.send(get(b"/quick"))
            assert quick.answer().status == 200
    finally:
        for line in lines:
            line.socket.close()
