"""`gotgan serve`: look whether it can work, start the one worker, say where to go, stop cleanly.

This process stays small: it imports click and granian and forks the worker, which builds everything from
`appliance.app`. What can be found out beforehand is found out here and said in one sentence: a data folder that cannot
be used, data of a newer version, a taken port, another server on the same data.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import click

from appliance import errors, settings
from appliance.cli import folder
from appliance.settings import Settings

Application = Callable[..., Awaitable[None]]  # ASGI

PATIENCE_SECONDS = 1.0  # the one before may still be stopping
PAUSE_SECONDS = 0.05
STOP_SECONDS = 20  # for requests that are under way
BACKLOG = 1024


@click.command()
@folder.data_option
@click.option("--listen", metavar="HOST:PORT", help="Where to listen; by default what the settings say, 0.0.0.0:8080.")
def serve(data: Path, listen: str | None) -> None:
    """Serve contacts, calendars and files until stopped."""
    from appliance.store import migrations

    environment = dict(os.environ)
    if listen is not None:
        environment["GOTGAN_LISTEN"] = _wanted(listen)
    chosen = settings.load(folder.checked(data), environment)
    migrations.require_readable(chosen.database)
    with _alone(chosen.data) as note:
        host, port = _free_port(chosen.listen)
        shown_host, _ = settings.split_listen(chosen.listen)
        os.environ["GOTGAN_DATA"] = str(chosen.data)
        os.environ["GOTGAN_LISTEN"] = settings.join_listen(shown_host, port)
        note(os.environ["GOTGAN_LISTEN"])
        _run(settings.load(chosen.data, os.environ), host, port)


def _wanted(listen: str) -> str:
    try:
        return settings.join_listen(*settings.split_listen(listen))
    except errors.SettingsUnreadable as error:
        raise errors.WrongCall(str(error)) from error


def _run(chosen: Settings, host: str, port: int) -> None:
    """Start granian with one worker and return when it was told to stop."""
    import multiprocessing

    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels

    # A forked worker shares this process's memory; a spawned one starts a third process to look after its semaphores.
    multiprocessing.set_start_method("fork", force=True)
    lifeline = os.pipe()  # the kernel closes our end when this process dies, however it dies
    server = Granian(
        "appliance.app:build",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=BACKLOG,  # a smaller value would limit connections, and phones keep theirs open
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(_build, chosen, (host, port), lifeline), wrap_loader=False)


# --- what is looked at beforehand -------------------------------------------------------------------


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[Callable[[str], None]]:
    """Hold the data folder for this server and give what notes where it listens; the note ends with the server."""
    path = data / folder.SERVING
    try:
        held = path.open("a", encoding="ascii")
    except OSError as error:
        raise errors.NotPossible(f"The data folder {data} cannot be used: {error.strerror}.") from error
    with held:
        _patiently(lambda: fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB), f"Another server works on {data} already")

        def note(listen: str) -> None:
            held.truncate(0)
            held.write(listen)
            held.flush()

        try:
            yield note
        finally:
            held.truncate(0)


def _free_port(listen: str) -> tuple[str, int]:
    """Return address and port to bind, with the host's name resolved and port 0 replaced by a free one."""
    host, port = settings.split_listen(listen)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise errors.NotPossible(f"There is no address called {host} here: {error.strerror}.") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not REUSEPORT: a server that runs must be noticed
        _patiently(lambda: probe.bind(address), f"Nobody can listen at {listen}")
        bound = probe.getsockname()
    return str(bound[0]), int(bound[1])


def _patiently(attempt: Callable[[], object], complaint: str) -> None:
    """Try until it succeeds: a server that was just stopped may still hold what the next one needs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            attempt()
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EAGAIN) or time.monotonic() > deadline:
                why = "" if error.errno == errno.EAGAIN else f": {(error.strerror or str(error)).lower()}"
                raise errors.NotPossible(f"{complaint}{why}.") from error
        else:
            return
        time.sleep(PAUSE_SECONDS)


# --- in the worker ----------------------------------------------------------------------------------


def _build(chosen: Settings, address: tuple[str, int], lifeline: tuple[int, int]) -> Application:
    """Return the application; what it complains about is said in one sentence and ends the worker."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian takes them, a half-built worker just goes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; the first one tells the other
    os.close(lifeline[1])
    threading.Thread(target=_die_with_parent, args=(lifeline[0],), name="lifeline", daemon=True).start()
    try:
        built: Application = importlib.import_module("appliance.app").build()
    except errors.GotganError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    threading.Thread(target=_say_where, args=(chosen, address), name="welcome", daemon=True).start()
    return built


def _die_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is ever written: it returns when the first process is gone
    os.kill(os.getpid(), signal.SIGKILL)  # nobody would stop this one any more, and it would keep the port


def _say_where(chosen: Settings, address: tuple[str, int]) -> None:
    """Say where to go once connections are taken."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104 - compared, not bound
    while True:
        try:
            socket.create_connection((host, address[1]), timeout=5).close()
        except OSError:
            time.sleep(PAUSE_SECONDS)
        else:
            break
    lines = [f"Gotgan is ready: {chosen.address}", f"Its data are in {chosen.data}. Ctrl-C stops it."]
    code = _claim_code(chosen)
    if code:
        lines.append(f"Nobody looks after it yet: open {chosen.address} and type this code: {code}")
    click.echo("\n".join(lines))
    sys.stdout.flush()


def _claim_code(chosen: Settings) -> str:
    """Return the code of the first visit, empty when there was one."""
    from appliance.household import claiming, secrets
    from appliance.store.database import Database

    try:
        with contextlib.closing(Database(chosen.database)) as database:
            if not claiming.is_unclaimed(database.connection()):
                return ""
        return claiming.spelled_code(secrets.device_key(chosen.data, expected=True))  # made when the rooms were built
    except errors.GotganError:
        return ""  # whoever opens the pages is told what is wrong
