"""Recorded and modelled clients share one server; each test has a person of its own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.clients.phones import Another, Phones
from tests.clients.visitor import Visitor
from tests.clients.wire import Wire
from tests.newcomers import another_device, command, device, server, slugs
from tests.serving import Device, House

__all__ = ["device", "server", "slugs"]


@pytest.fixture
def wire(server: House, device: Device) -> Iterator[Wire]:
    """The device's connection."""
    with Wire(server.url, user=device.user, password=device.password) as made:
        yield made


@pytest.fixture
def visitor(device: Device, wire: Wire) -> Visitor:
    """What a recorded client starts from."""
    paths = {name: urlsplit(getattr(device, f"{name}_url")).path for name in ("dav", "files")}
    homes = {name: urlsplit(getattr(device, name)).path for name in ("calendar_home", "addressbook_home")}
    known = {"principal": f"/dav/principals/{device.user}/", "host": f"{wire.host}:{wire.port}", "user": device.user}
    return Visitor(wire, {**paths, **homes, **known})


@pytest.fixture
def phones(server: House, device: Device, wire: Wire) -> Iterator[Phones]:
    """The device that is looked at, another one that writes, and the way to get more."""
    second = another_device(server, device.user, "tablet")
    opened: list[Wire] = []

    def another(label: str) -> Another:
        made = another_device(server, device.user, label)
        opened.append(Wire(server.url, user=made.user, password=made.password))
        return Another(opened[-1], lambda: command(server, "device", "revoke", str(made.device_id)))

    with Wire(server.url, user=second.user, password=second.password) as other:
        try:
            yield Phones(wire, other, device, another)
        finally:
            for each in opened:
                each.hang_up()
