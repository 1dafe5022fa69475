"""The wheel, built, installed into a fresh environment outside the checkout, and served from there.

`python -m tests.house.wheel`. Refuses to see the checkout: it works in a folder of its own with a bare environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import venv
from base64 import b64encode
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection, socket
from time import monotonic

from tests.house.source import ROOT

START_SECONDS = 60


def main() -> None:
    """Build, install, serve and ask; say what was found, or exit 1 with the sentence that is wrong."""
    with tempfile.TemporaryDirectory(prefix="gotgan-wheel-") as folder:
        place = Path(folder)
        gotgan = install(build(place), place)
        version = call([gotgan, "--version"], place)
        call([gotgan, "person", "add", "anna", "--data", "data"], place)
        device = json.loads(call([gotgan, "device", "add", "anna", "phone", "--json", "--data", "data"], place))
        status = serve_and_ask(gotgan, place, device["user"], device["password"])
        if status != 207:
            sys.exit(f"The installed wheel answered PROPFIND with {status}.")
        sys.stdout.write(f"wheel: {version.strip()} installs and serves outside the checkout\n")


def build(place: Path) -> Path:
    """Return the wheel, built from the checkout."""
    call([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "dist")], ROOT)
    (wheel,) = (place / "dist").glob("gotgan-*.whl")
    return wheel


def install(wheel: Path, place: Path) -> str:
    """Return the path of `gotgan` in a fresh environment that holds the wheel and the locked requirements."""
    venv.create(place / "venv", with_pip=True)
    pip = [str(place / "venv/bin/python"), "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
    call([*pip, "--require-hashes", "-r", str(ROOT / "requirements.txt")], place)
    call([*pip, "--no-index", "--no-deps", str(wheel)], place)
    return str(place / "venv/bin/gotgan")


def serve_and_ask(gotgan: str, place: Path, user: str, password: str) -> int:
    """Start the server, PROPFIND its root as this device and return the status; the server ends with SIGTERM."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = [gotgan, "serve", "--data", "data", "--listen", f"127.0.0.1:{port}"]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(serving, cwd=place, env=surroundings(), stdout=log, stderr=log)
    try:
        await_listening(process, port, place / "log")
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        basic = b64encode(f"{user}:{password}".encode()).decode()
        connection.request("PROPFIND", "/dav/", headers={"Authorization": f"Basic {basic}", "Depth": "0"})
        return connection.getresponse().status
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def await_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the port accepts; exit with the server's own words when it ended or did not come up in time."""
    until = monotonic() + START_SECONDS
    while monotonic() < until:
        with contextlib.suppress(ConnectionRefusedError), create_connection(("127.0.0.1", port), timeout=5):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            break
    sys.exit(f"The installed wheel does not serve:\n{log.read_text(errors='replace')[-4000:]}")


def call(words: Sequence[str], folder: Path) -> str:
    """Return what a program said; exit with its words when it did not succeed."""
    done = subprocess.run(
        words, cwd=folder, env=surroundings(), capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} exited {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def surroundings() -> dict[str, str]:
    """Return the environment without what could lead back into the checkout or hold other settings of ours."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "GOTGAN", "VIRTUAL_ENV", "MAKE", "PYTEST"))
    }


if __name__ == "__main__":
    main()
