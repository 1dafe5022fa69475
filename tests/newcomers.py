"""One server for a folder of tests, and a fresh person for each test: everybody starts from nothing, and nobody waits.

The conftest of such a folder imports the fixtures. People and devices come through the command line, in this process:
one of its own would cost each test a second.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from appliance.cli import gotgan
from tests.serving import Device, House, serving


def command(server: House, *words: str) -> str:
    """Run a `gotgan` command on a server's data, beside the running server, and return what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        gotgan.main(args=[*words, "--data", str(server.data)], standalone_mode=False)
    return said.getvalue()


def newcomer(server: House, person: str) -> Device:
    """Add a person and return their first device."""
    command(server, "person", "add", person)
    return another_device(server, person, "phone")


def another_device(server: House, person: str, label: str) -> Device:
    """Return a new device, with the addresses under which tests reach the server."""
    said = json.loads(command(server, "device", "add", person, label, "--json"))
    here = {
        name: urlsplit(said[name])._replace(scheme="http", netloc=f"127.0.0.1:{server.running.port}").geturl()
        for name in ("dav_url", "files_url", "calendar_home", "addressbook_home")
    }
    return Device(said["device_id"], said["user"], said["password"], **here)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The server that everybody in this folder talks to."""
    with serving(tmp_path_factory.mktemp("server") / "data") as house:
        yield house


@pytest.fixture(scope="session")
def slugs() -> Iterator[str]:
    """Names of people that nobody had yet."""
    return (f"anna{number}" for number in itertools.count(1))


@pytest.fixture
def device(server: House, slugs: Iterator[str]) -> Device:
    """The first device of a person who has just moved in."""
    return newcomer(server, next(slugs))


@pytest.fixture
def second_device(server: House, device: Device) -> Device:
    """Another device of the same person."""
    return another_device(server, device.user, "tablet")
