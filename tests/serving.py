"""A real server for tests: started as a household would start it, waited for, stopped cleanly.

`serving` runs `gotgan serve` on a data folder; `people` and `devices` come through the same command line. The
fixtures at the end are for the folders whose tests share one server: a conftest there imports them. Refuses to
sleep for a fixed time, and to leave a process behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 120.0  # for a machine that has other things to do
PAUSE_SECONDS = 0.02
# A run that is interrupted kills the processes that share the tests; what they started ends with them.
WITH_US = ("setpriv", "--pdeathsig", "TERM")
PORTS = range(10_000, 32_768)  # below those that Linux gives to connections


@dataclass(frozen=True, slots=True)
class Device:
    """What `device add --json` says: enough to sign in and to find everything."""

    device_id: int
    user: str
    password: str
    dav_url: str
    files_url: str
    calendar_home: str
    addressbook_home: str


class Running:
    """One server process that answers at 127.0.0.1 and `port`; `log` is what it printed."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    @property
    def url(self) -> str:
        """The address of the root, with the slash."""
        return f"http://127.0.0.1:{self.port}/"

    def worker(self) -> int:
        """Return the process id of the one that answers: the youngest child, or the process itself."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return int(children.split()[-1]) if children.split() else self.process.pid

    def resident_bytes(self) -> int:
        """Return the highest resident size that the worker has had so far."""
        status = Path(f"/proc/{self.worker()}/status").read_text(encoding="utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024

    def connect(self) -> socket.socket:
        """Return a connection, which fails rather than waits for ever."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def stop(self) -> int:
        """Ask the server to end, and return its exit status; one that does not end is killed and is a failure."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"the server did not stop:\n{self.log.read_text(errors='replace')[-4000:]}", pytrace=False)


class House:
    """A server on its own data, with the command line beside it."""

    def __init__(self, data: Path, running: Running) -> None:
        self.data = data
        self.running = running

    @property
    def url(self) -> str:
        """The address of the root, with the slash."""
        return self.running.url

    def call(self, *words: str, stdin: str = "", seconds: float = 300) -> str:
        """Run one `gotgan` command on this data and return what it printed; any other exit than 0 fails."""
        return command(*words, data=self.data, stdin=stdin, seconds=seconds)

    def add_person(self, name: str) -> None:
        """Add a person with the usual collections."""
        self.call("person", "add", name)

    def add_device(self, person: str, label: str) -> Device:
        """Return a new device of `person`, with its password."""
        said = json.loads(self.call("device", "add", person, label, "--json"))
        return Device(**{name: said[name] for name in Device.__slots__})


def command(*words: str, data: Path, stdin: str = "", seconds: float = 300) -> str:
    """Run `gotgan` with `words` on a data folder and return what it printed; any other exit than 0 fails."""
    done = subprocess.run(
        [sys.executable, "-m", "appliance.cli", *words],
        cwd=ROOT,
        env={**os.environ, "GOTGAN_DATA": str(data)},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"gotgan {' '.join(words)} exited {done.returncode}\n{done.stderr[-4000:]}", pytrace=False)
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens at just now.

    It is one that the kernel hands to nobody by itself: tests run side by side, and any connection that one of them
    opens could otherwise take it before the server has it.
    """
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(true: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Return when the condition holds; fail when it does not come to hold in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:.0f} seconds in vain: {what}", pytrace=False)
        time.sleep(PAUSE_SECONDS)


@contextlib.contextmanager
def started(call: Sequence[str], *, port: int, log: Path, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Give a server that was started by `call` and takes connections at `port`; stop it at the end."""
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [*WITH_US, *call], cwd=ROOT, env={**os.environ, **(env or {})}, stdout=printed, stderr=subprocess.STDOUT
        )
    running = Running(process, port, log)
    try:
        wait_until(lambda: _answers(running), f"{' '.join(call)} to listen")
        yield running
    finally:
        running.stop()


def _answers(running: Running) -> bool:
    if running.process.poll() is not None:
        pytest.fail(f"the server ended:\n{running.log.read_text(errors='replace')[-4000:]}", pytrace=False)
    try:
        socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def serving(data: Path, *, env: Mapping[str, str] | None = None) -> Iterator[House]:
    """Give a running `gotgan serve` on `data`, which is made when it is missing; its log lies beside the data."""
    port = free_port()
    call = [sys.executable, "-m", "appliance.cli", "serve", "--data", str(data), "--listen", f"127.0.0.1:{port}"]
    data.mkdir(parents=True, exist_ok=True)
    with started(call, port=port, log=data.with_name(f"{data.name}.log"), env=env) as running:
        yield House(data, running)


# --- fixtures: imported by the conftest of a folder -----------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server with one person, anna."""
    with serving(tmp_path_factory.mktemp("house") / "data") as made:
        made.add_person("anna")
        yield made


@pytest.fixture(scope="module")
def device(house: House) -> Device:
    """Anna's phone."""
    return house.add_device("anna", "phone")


@pytest.fixture(scope="module")
def second_device(house: House) -> Device:
    """Anna's tablet."""
    return house.add_device("anna", "tablet")
