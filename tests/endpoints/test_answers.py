"""An answer ends neatly only when it is whole; its headers are ours alone; a slow reader costs no memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endpoints.raw import HOST, Line, get
from tests.endpoints.small_house import BIG_BYTES, THREADS
from tests.serving import Running, wait_until

MIB = 1_048_576


def test_an_answer_has_a_date_and_a_length(shared: Running) -> None:
    with Line(shared) as line:
        line.send(get(b"/"))
        answer = line.answer()
        assert answer.headers["date"].endswith(" GMT")
        assert int(answer.headers["content-length"]) == len(answer.body)


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(shared: Running, status: int) -> None:
    with Line(shared) as line:
        line.send(get(b"/status?%d" % status), get(b"/next"))
        first, second = line.answer(), line.answer()
        assert (first.status, first.headers["etag"], second.status) == (status, '"1"', 200)
        assert first.headers.get("content-length", "4") == "4"


def test_head_has_the_length_of_get_and_no_body(shared: Running) -> None:
    with Line(shared) as line:
        line.send(get(b"/status?200", method=b"HEAD"), get(b"/known", method=b"HEAD"), get(b"/stream", method=b"HEAD"))
        whole, known, unknown = (line.answer(head_only=True) for _ in range(3))
        assert (whole.headers["content-length"], known.headers["content-length"]) == ("4", str(BIG_BYTES))
        assert "content-length" not in unknown.headers
        line.send(get(b"/next"))
        assert line.answer().status == 200


@pytest.mark.parametrize("kind", ["break", "short"])
def test_an_answer_that_breaks_off_does_not_look_finished(shared: Running, marks: Path, kind: str) -> None:
    with Line(shared) as line:
        line.send(get(f"/{kind}".encode()))
        answer = line.answer()
        assert (answer.status, answer.complete) == (207, False)
        assert len(answer.body) > 0
        assert line.is_closed()
    wait_until((marks / f"closed {kind}").exists, "the iterator to be closed")


def test_an_answer_longer_than_announced_is_refused_or_cut_but_never_mixed(shared: Running) -> None:
    with Line(shared) as line:
        line.send(get(b"/long"))
        answer = line.answer()
        assert answer.status == 500 or not answer.complete


def test_a_broken_answer_to_an_old_client_is_no_answer(shared: Running) -> None:
    for target, status in ((b"/break", 500), (b"/stream", 505)):
        with Line(shared) as line:
            line.send(b"GET " + target + b" HTTP/1.0\r\n\r\n")
            answer = line.answer()
            assert (answer.status, answer.complete) == (status, True)


@pytest.mark.parametrize(("kind", "chunked"), [("stream", True), ("known", False)])
def test_a_long_answer_arrives_whole(shared: Running, kind: str, chunked: bool) -> None:
    with Line(shared) as line:
        line.send(get(b"/%s?%d" % (kind.encode(), 24 * MIB)))
        answer = line.answer()
        assert (answer.complete, len(answer.body)) == (True, 24 * MIB)
        assert ("transfer-encoding" in answer.headers) == chunked
        line.send(get(b"/next"))
        assert line.answer().status == 200


def test_a_stalled_reader_costs_no_memory_and_loses_its_thread_to_others(own: tuple[Running, Path]) -> None:
    running, marks = own
    with Line(running) as first:
        first.send(get(b"/warm"))
        first.answer()
    before = running.resident_bytes()
    stalled = [Line(running) for _ in range(THREADS)]
    try:
        for line in stalled:
            line.send(get(b"/stream"))
            assert line.socket.recv(10)
        wait_until((marks / "closed stream").exists, "the door to give the stalled readers up")
        with Line(running) as line:
            line.send(get(b"/next"))
            assert line.answer().status == 200
    finally:
        for line in stalled:
            line.socket.close()
    assert running.resident_bytes() - before < THREADS * 4 * MIB


def test_a_client_that_leaves_closes_the_iterator(own: tuple[Running, Path]) -> None:
    running, marks = own
    with Line(running) as line:
        line.send(get(b"/stream"))
        assert line.socket.recv(10)
    wait_until((marks / "closed stream").exists, "the iterator to be closed")


def test_a_header_cannot_begin_another_header(shared: Running) -> None:
    with Line(shared) as line:
        line.send(get(b"/split"))
        answer = line.answer()
        assert (answer.status, "set-cookie" in answer.headers) == (500, False)


def test_a_fault_is_one_sentence_and_the_next_request_is_served(shared: Running) -> None:
    with Line(shared) as line:
        line.send(get(b"/fault"), get(b"/next"))
        fault, following = line.answer(), line.answer()
        assert (fault.status, following.status) == (500, 200)
        assert b"Traceback" not in fault.body


def test_when_too_many_wait_the_next_is_told_when_to_come_back(own: tuple[Running, Path]) -> None:
    running, marks = own
    lines = [Line(running) for _ in range(THREADS + 41)]
    try:
        for line in lines[:-1]:
            line.send(get(b"/slow"))
        wait_until((marks / "begun").exists, "the first to run")
        refused = 0
        while not refused:
            with Line(running) as line:
                line.send(get(b"/slow", b"Connection: close"))
                answer = line.answer()
                refused += answer.status == 503 and answer.headers["retry-after"] == "5"
        (marks / "go on").write_bytes(b"")
        assert [line.answer().status for line in lines[:-1]] == [200] * (THREADS + 40)
    finally:
        for line in lines:
            line.socket.close()


def test_a_running_request_finishes_when_the_server_stops(own: tuple[Running, Path]) -> None:
    running, marks = own
    with Line(running) as line, Line(running) as idle:
        idle.send(get(b"/warm"))
        idle.answer()
        line.send(get(b"/slow"))
        wait_until((marks / "begun").exists, "the request to run")
        running.process.terminate()
        (marks / "go on").write_bytes(b"")
        assert line.answer().body == b"done"
    assert running.stop() == 0
    assert (marks / "stopped").exists()
    said = {
        mark.name for mark in marks.glob("farewell *")
    }  # the second request may have come before the first's was free
    assert said in ({"farewell room-1"}, {"farewell room-1", "farewell room-2"})


def test_an_idle_door_keeps_using_one_thread(own: tuple[Running, Path]) -> None:
    running, marks = own
    for _ in range(5):
        with Line(running) as line:
            line.send(get(b"/a"), get(b"/b"))
            assert [line.answer().status, line.answer().status] == [200, 200]
    assert running.stop() == 0
    assert len(list(marks.glob("farewell *"))) <= 2


def test_requests_without_one_host_are_refused(shared: Running) -> None:
    for head in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"):
        with Line(shared) as line:
            line.send(head)
            assert line.answer().status == 400
