"""`gotgan serve` as a process: it says where to go, works beside commands, stops cleanly and leaves nobody behind."""

from __future__ import annotations

import base64
import http.client
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calling import Shell
from tests.serving import PATIENCE_SECONDS

GOTGAN = [sys.executable, "-m", "appliance.cli"]


class Server:
    """A running server and the address that it printed."""

    def __init__(self, data: Path, listen: str = "127.0.0.1:0") -> None:
        self.process = subprocess.Popen(
            [*GOTGAN, "serve", "--data", str(data), "--listen", listen],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            self.address = self._printed()
        except BaseException:
            self.end(signal.SIGKILL)
            raise

    def _printed(self) -> str:
        assert self.process.stdout is not None
        while select.select([self.process.stdout], [], [], PATIENCE_SECONDS)[0]:
            line = self.process.stdout.readline()
            assert line, "the server ended before it was ready"
            if line.startswith("Gotgan is ready: http://"):
                return line.removeprefix("Gotgan is ready: http://").strip().rstrip("/")
        raise AssertionError("the server was not ready in time")

    def rest(self) -> list[str]:
        """Stop it and return what it printed after its address."""
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGTERM)
        printed = self.process.stdout.read().splitlines()
        self.end(signal.SIGTERM)
        return printed

    def status(self, path: str, user: str = "", password: str = "") -> int:
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_SECONDS)
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        connection.request("OPTIONS", path, headers={"Authorization": f"Basic {basic}"} if user else {})
        answered = connection.getresponse().status
        connection.close()
        return answered

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def server(shell: Shell) -> Iterator[Server]:
    running = Server(shell.data)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGKILL)


def test_a_device_added_while_it_runs_may_sign_in_and_a_revoked_one_not(shell: Shell, server: Server) -> None:
    shell("person", "add", "anna")
    told = shell("device", "add", "anna", "Phone", "--json").json
    assert told["dav_url"] == f"http://{server.address}/dav/"
    assert server.status("/dav/addressbooks/anna/", "anna", told["password"]) == 200
    shell("device", "revoke", str(told["device_id"]))
    assert server.status("/dav/addressbooks/anna/", "anna", told["password"]) == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(shell: Shell, server: Server, number: signal.Signals) -> None:
    assert server.end(number) == 0
    assert (shell.data / "serving").read_text() == ""


def test_killed_it_leaves_no_worker_behind_and_starts_again_at_once(shell: Shell, server: Server) -> None:
    assert server.end(signal.SIGKILL) == -signal.SIGKILL
    again = Server(shell.data, server.address)
    assert again.address == server.address
    assert again.end(signal.SIGTERM) == 0


def test_the_code_of_the_first_visit_is_shown_until_somebody_looks_after_the_box(shell: Shell) -> None:
    lines = []
    for _ in range(2):
        running = Server(shell.data)
        (_, line) = running.rest()
        assert running.address in line
        lines.append(line)
    codes = [line.rpartition(": ")[2] for line in lines]
    assert codes[0] == codes[1]
    assert len(codes[0]) == 9
    shell("person", "add", "anna", "--admin", "--password-stdin", stdin=b"a good password")
    assert len(Server(shell.data).rest()) == 1
