"""The benchmark reads answers rightly and reckons rightly. No server is started here, and nothing is timed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from threading import Thread

import pytest

from tests.bench import answers, figures, processes, tables
from tests.bench.almanac import Almanac, month
from tests.bench.figures import Block, Failure, Figure, Share, Target
from tests.bench.rows import rows
from tests.bench.run import Line, Report
from tests.bench.wire import Address, Answer, BrokenAnswer, Connection, Request, in_parallel
from tests.household import CalendarObject, events
from tests.household.plans import Plan


def _answer(status: int, body: str) -> Answer:
    return Answer(status, {}, body.encode(), len(body), 0.0, 0.0)


# --- the wire ---------------------------------------------------------------------------------------


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[Address]:
    """Serve the given octets to each request of each connection, and close after them when they say so."""
    script: bytes = request.param
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=_serve, args=(listening, script), daemon=True).start()
        yield Address(*listening.getsockname())


def _serve(listening: socket.socket, script: bytes) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listening.accept()
            Thread(target=_converse, args=(connection, script), daemon=True).start()


def _converse(connection: socket.socket, script: bytes) -> None:
    with connection:
        while connection.recv(65536):
            connection.sendall(script)
            if b"close" in script or b"HTTP/1.0" in script:
                break


FRAMINGS = {
    "counted": b"HTTP/1.1 207 Multi\r\nContent-Length: 5\r\n\r\nhello",
    "chunked": b"HTTP/1.1 207 Multi\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
    "until close": b"HTTP/1.0 207 Multi\r\n\r\nhello",
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 207 M\r\nConnection: close\r\ncontent-length:5\r\n\r\nhello",
}


@pytest.mark.parametrize("serving", FRAMINGS.values(), ids=FRAMINGS.keys(), indirect=True)
def test_a_body_is_read_whole_however_it_is_framed_and_the_next_one_too(serving: Address) -> None:
    with Connection(serving) as connection:
        for _ in range(3):
            answer = connection.ask(Request("PROPFIND", "/"))
            assert (answer.status, answer.body, answer.body_bytes) == (207, b"hello", 5)


@pytest.mark.parametrize("serving", FRAMINGS.values(), ids=FRAMINGS.keys(), indirect=True)
def test_each_of_many_parallel_requests_gets_its_answer(serving: Address) -> None:
    asked = [Request("GET", f"/{number}") for number in range(20)]
    answered = list(in_parallel(serving, asked, 3))
    assert sorted(request.target for request, _ in answered) == sorted(request.target for request in asked)
    assert {answer.body for _, answer in answered} == {b"hello"}


CUT_OFF = [
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhello",
    b"HTTP/1.1 200 OK close",
    b"close",
]


@pytest.mark.parametrize("serving", CUT_OFF, ids=["in the body", "in the head", "no HTTP"], indirect=True)
def test_an_answer_cut_off_is_no_answer(serving: Address) -> None:
    with Connection(serving) as connection, pytest.raises(BrokenAnswer):
        connection.ask(Request("GET", "/"))


# --- answers ----------------------------------------------------------------------------------------

CHANGES = """<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">
<d:response><d:href>/b/%EA%B9%80.vcf</d:href><d:propstat><d:prop><d:getetag>"1"</d:getetag>
<c:address-data>BEGIN:VCARD</c:address-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
<d:response><d:href>/b/gone.vcf</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>
<d:sync-token>urn:t:7</d:sync-token></d:multistatus>"""
STATE = """<multistatus xmlns="DAV:"><response><href>/b/</href><propstat><prop><sync-token>urn:t:7</sync-token>
<getctag xmlns="http://calendarserver.org/ns/">c7</getctag></prop></propstat></response></multistatus>"""


def test_a_sync_report_is_read_with_its_changes_deletions_and_token() -> None:
    found = answers.multistatus(_answer(207, CHANGES))
    assert found.token == "urn:t:7"
    assert found.rows == {
        "김.vcf": answers.Row(gone=False, etag='"1"', with_body=True),
        "gone.vcf": answers.Row(gone=True, etag="", with_body=False),
    }


def test_ctag_and_token_are_read_from_properties() -> None:
    found = answers.multistatus(_answer(207, STATE))
    assert (found.ctag, found.token) == ("c7", "urn:t:7")


@pytest.mark.parametrize(("status", "body"), [(500, CHANGES), (207, "<multistatus"), (207, "")])
def test_what_is_no_multistatus_is_wrong(status: int, body: str) -> None:
    with pytest.raises(answers.Wrong):
        answers.multistatus(_answer(status, body))


def test_busy_periods_are_unfolded_read_and_merged() -> None:
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VFREEBUSY",
        "FREEBUSY;FBTYPE=BUSY:20260301T100000Z/20260301T110000Z,20260301T1",
        " 10000Z/PT1H30M",
        "FREEBUSY:20260305T000000Z/P1D",
        "END:VFREEBUSY",
    ]
    assert answers.busy_periods(_answer(200, "\r\n".join(lines))) == [
        (_at("2026-03-01T10:00"), _at("2026-03-01T12:30")),
        (_at("2026-03-05T00:00"), _at("2026-03-06T00:00")),
    ]


# --- the almanac ------------------------------------------------------------------------------------


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _event(name: str, start: str, zone: str | None, rule: str = "") -> CalendarObject:
    hour = _at("2026-01-01T01:00") - _at("2026-01-01T00:00")
    plan = Plan(start=_at(start), length=hour, all_day=False, zone=zone, rule=rule)
    return CalendarObject(name=name, uid=name, component="VEVENT", plan=plan, busy=True, body=b"")


def test_a_month_holds_what_is_certain_and_what_a_zone_could_move_into_it() -> None:
    known = [
        _event("seoul evening of the day before", "2026-02-28T23:30", "Asia/Seoul"),
        _event("seoul morning of the next month", "2026-04-01T08:00", "Asia/Seoul"),
        _event("floating at the edge", "2026-02-28T23:30", None),
        _event("daily since 2024", "2024-01-01T09:00", "Europe/Berlin", "FREQ=DAILY"),
        _event("over", "2026-01-05T09:00", "UTC", "FREQ=DAILY;COUNT=3"),
    ]
    certain, possible = Almanac().certain_and_possible({one.name: one for one in known}, *month(38))
    assert certain == {"seoul morning of the next month", "daily since 2024"}
    assert possible == certain | {"floating at the edge"}


def test_months_follow_each_other_for_four_years_and_begin_again() -> None:
    starts = [month(number) for number in range(48)]
    assert starts[0][0] == _at("2023-01-01T00:00")
    assert starts[-1][1] == _at("2027-01-01T00:00")
    assert all(end == following for (_, end), (following, _) in pairwise(starts))
    assert month(48) == starts[0]


def test_a_month_of_a_full_calendar_is_a_few_hundred_events() -> None:
    known = {one.name: one for one in events(2000)}
    certain, possible = Almanac().certain_and_possible(known, *month(40))
    assert certain <= possible
    assert 30 < len(certain) < 200


# --- figures ----------------------------------------------------------------------------------------


def test_a_figure_is_the_median_wall_and_the_mean_cpu_over_all_blocks() -> None:
    blocks = [Block([0.001, 0.002], 0.004, 2), Block([0.009], 0.002, 1)]
    found = figures.figure(blocks, "ms")
    assert found.wall == pytest.approx(2.0)
    assert found.cpu_ms == pytest.approx(2.0)
    assert found.operations == 3
    assert figures.figure(blocks, "ops/s").wall == pytest.approx(500)
    assert figures.figure(blocks, "MB/s", operation_bytes=4_000_000).wall == pytest.approx(2000)


def test_ratios_say_how_many_times_worse_for_times_and_rates_alike() -> None:
    slow, fast = Figure("ms", 8, 1, 1), Figure("ms", 2, 1, 1)
    assert (figures.times_worse(slow, fast), figures.best([slow, fast])) == (4, fast)
    few, many = Figure("ops/s", 10, 1, 1), Figure("ops/s", 40, 1, 1)
    assert (figures.times_worse(few, many), figures.best([few, many])) == (4, many)
    assert figures.best([]) is None


@pytest.mark.parametrize(
    ("target", "figure", "reached"),
    [
        (Target("wall", 15), Figure("ms", 14, 99, 1), True),
        (Target("wall", 15), Figure("ms", 16, 0, 1), False),
        (Target("wall", 2000), Figure("ops/s", 1999, 0, 1), False),
        (Target("wall", 2000), Figure("ops/s", 2001, 9, 1), True),
        (Target("cpu_ms", 1), Figure("ms", 99, 0.9, 1), True),
        (Target("cpu_ms", 1), Figure("ms", 0, 1.1, 1), False),
    ],
)
def test_a_figure_to_reach_is_reached_or_not(target: Target, figure: Figure, *, reached: bool) -> None:
    assert target.reached(figure) is reached


def test_the_table_names_failures_absent_peers_and_figures_missed() -> None:
    ours, peer = Figure("ms", 4, 2, 9), Figure("ms", 2, 8, 9)
    lines = [
        Line("a", "first", "ms", {"ours": ours, "radicale": peer}, (Target("wall", 3),)),
        Line("b", "second", "ms", {"ours": ours, "radicale": Failure("two are missing")}),
    ]
    text = tables.markdown(Report(lines=lines, absent={"nginx": "not installed"}, servers=["ours", "radicale"]))
    assert "| first | ms | 4 / 2 ms | 2 / 8 ms | 2x | 0.25x | ≤ 3 ms: NO |" in text.split("\n")
    assert "| second | ms | 4 / 2 ms | FAILS |  |  |  |" in text.split("\n")
    assert "- radicale, second: FAILS, two are missing" in text.split("\n")
    assert "- nginx took no part: not installed" in text.split("\n")


def test_a_share_of_the_machine_is_said_in_a_sentence() -> None:
    line = Line("a", "PUT", "ops/s", {"ours": Figure("ops/s", 300, 1, 1)}, share=Share("new file", 0.5))
    report = Report(lines=[line], machine=[("new file", Figure("ops/s", 1000, 1, 1))], servers=["ours"])
    assert '- ours, PUT: 0.3 of "new file", to reach 0.5: NO' in tables.markdown(report).split("\n")


def test_each_row_has_a_key_of_its_own() -> None:
    keys = [row.key for row in rows()]
    assert len(set(keys)) == len(keys)


# --- processes --------------------------------------------------------------------------------------


def test_a_stat_is_read_although_the_name_has_blanks_and_brackets() -> None:
    assert processes.parsed_stat("7 (a) b) c) S 3 7 7") == ["S", "3", "7", "7"]


def test_a_rollup_is_read_by_name() -> None:
    text = "5600-7ff0 ---p 00000000 00:00 0 [rollup]\nRss:     884 kB\nPss:     385 kB\n"
    assert processes.parsed_rollup(text) == {"Rss": 884, "Pss": 385}


def test_a_tree_counts_what_living_and_ended_children_used() -> None:
    burn = "import time\nwhile time.process_time() < 0.15: pass\n"
    code = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])\nprint(1, flush=True)\ninput()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        tree = processes.ProcessTree(process.pid)
        tree.look()
        assert tree.pids == [process.pid]
        assert tree.cpu_s() >= 0.15
        assert tree.memory().rss_mib > tree.memory().pss_mib > 1
        process.communicate(b"\n")
    own = processes.ProcessTree(os.getpid())
    assert own.cpu_s() > 0
