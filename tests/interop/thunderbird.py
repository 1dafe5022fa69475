"""The real Thunderbird, without a screen, led by its remote protocol (Marionette) in the place where its code runs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.programs import PLACES, require_program
from tests.serving import free_port, wait_until

PREFERENCES = {
    "mail.provider.enabled": False,
    "mail.spotlight.firstRunDone": True,
    "app.update.enabled": False,
    "network.proxy.type": 0,
    "calendar.timezone.useSystemTimezone": False,
    "calendar.timezone.local": "Asia/Seoul",
    # Nothing is fetched but what a test asks for.
    "services.settings.server": "data:,",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "mailnews.start_page.enabled": False,
}
SCRIPT_MILLISECONDS = 60_000

# What every script has at hand. `until` waits for the program itself, not for a time.
PRELUDE = """
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { CalEvent } = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { CardDAVUtils } = ChromeUtils.importESModule("resource:///modules/CardDAVUtils.sys.mjs");
const { CardDAVDirectory } = ChromeUtils.importESModule("resource:///modules/CardDAVDirectory.sys.mjs");
const { VCardUtils } = ChromeUtils.importESModule("resource:///modules/VCardUtils.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const until = async (what, true_) => {
  for (let turn = 0; turn < 400; turn++) {
    if (await true_()) { return; }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error("waited in vain: " + what);
};
"""


class ScriptFailed(AssertionError):
    """What a script in Thunderbird threw."""


class Thunderbird:
    """A running Thunderbird that runs scripts in its own privileged place."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""
        self._number = 0
        self._receive()  # its greeting
        self._command("WebDriver:NewSession", {"capabilities": {}})
        self._command("Marionette:SetContext", {"value": "chrome"})
        self._command("WebDriver:SetTimeouts", {"script": SCRIPT_MILLISECONDS})

    def run(self, script: str, **given: str) -> Any:  # noqa: ANN401 - JSON
        """Run the body of an async function over the names in `given`, and return what it returns, as JSON."""
        names = ", ".join(given)
        wrapped = (
            f"const [{names}{', ' if names else ''}done] = arguments; {PRELUDE} (async () => {{ {script} }})()"
            ".then(value => done({ value: value === undefined ? null : value }),"
            ' error => done({ error: String(error) + "\\n" + (error && error.stack) }));'
        )
        answer = self._command(
            "WebDriver:ExecuteAsyncScript", {"script": wrapped, "args": list(given.values()), "sandbox": "system"}
        )["value"]
        if "error" in answer:
            raise ScriptFailed(answer["error"])
        return answer["value"]

    def quit(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(OSError, ScriptFailed):
            self._command("Marionette:Quit", {"flags": ["eForceQuit"]})

    def _command(self, name: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error is not None:
            raise ScriptFailed(f"{name}: {error['message']}")
        return result

    def _receive(self) -> Any:  # noqa: ANN401 - JSON
        while b":" not in self._buffer:
            self._more()
        length, _, rest = self._buffer.partition(b":")
        self._buffer = rest
        while len(self._buffer) < int(length):
            self._more()
        message, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(message)

    def _more(self) -> None:
        piece = self._connection.recv(65_536)
        if not piece:
            raise ConnectionError("Thunderbird has gone")
        self._buffer += piece


@contextlib.contextmanager
def running(home: Path) -> Iterator[Thunderbird]:
    """Give a Thunderbird with a fresh profile below `home`, and end it."""
    program = require_program("thunderbird")
    profile = home / "profile"
    profile.mkdir(parents=True)
    port = free_port()
    preferences = {**PREFERENCES, "marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    call = [program, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
    with (home / "thunderbird.log").open("wb") as log:
        process = subprocess.Popen(
            [*call, "--profile", str(profile)],
            env={"PATH": os.pathsep.join(PLACES), "HOME": str(home), "LANG": "C.UTF-8", "MOZ_HEADLESS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: _listens(port), "Thunderbird to start", seconds=120)
        with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
            made = Thunderbird(connection)
            yield made
            made.quit()
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
