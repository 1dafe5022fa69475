"""A restart, clean or not, costs no client anything: tokens, ETags and locks are what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.models import Anyone, DavX5, Evolution, ThunderbirdCalendar, ThunderbirdContacts
from tests.clients.phones import Another, Phones
from tests.clients.wire import Wire
from tests.journeys.killing import kill
from tests.newcomers import another_device, newcomer
from tests.serving import serving

PROGRAMS: list[tuple[type[Anyone], str]] = [
    (DavX5, "card"),
    (DavX5, "event"),
    (ThunderbirdCalendar, "event"),
    (ThunderbirdContacts, "card"),
    (Evolution, "event"),
    (Evolution, "card"),
]
COUNT = 15


@pytest.mark.parametrize("way", ["clean", "killed"])
def test_every_client_goes_on_where_it_was_after_a_restart(tmp_path: Path, way: str) -> None:
    data = tmp_path / "data"
    with serving(data) as house:
        device = newcomer(house, "anna")
        second = another_device(house, "anna", "tablet")
        with Wire(house.url, user=device.user, password=device.password) as wire:
            phones = Phones(wire, wire, device, _nobody_else)
            for holds in ("card", "event"):
                phones.fill(holds, COUNT)
            clients = [program(wire, phones.collection(holds), holds) for program, holds in PROGRAMS]
            for client in clients:
                client.sync()
            before = {holds: phones.on_server(holds) for holds in ("card", "event")}
        if way == "killed":
            kill(house)
    with serving(data) as house, Wire(house.url, user=second.user, password=second.password) as wire:
        phones.wire = phones.other = wire
        assert {holds: phones.on_server(holds) for holds in ("card", "event")} == before
        for client in clients:
            client.wire = wire
            client.fetched.clear()
            client.sync()
            assert (client.fetched, client.removed, client.bodies()) == ([], [], before[client.kind])
        for holds in ("card", "event"):
            phones.change_one(holds)
        for client in clients:
            client.sync()
            assert (len(client.fetched), client.removed) == (1, [])
            assert client.bodies() == phones.on_server(client.kind)


def _nobody_else(label: str) -> Another:
    pytest.fail(f"no other device is needed here: {label}")


@pytest.mark.parametrize("way", ["clean", "killed"])
def test_a_lock_survives_a_restart(tmp_path: Path, way: str) -> None:
    body = (
        '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype>'
        "<owner>anna</owner></lockinfo>"
    )
    with serving(tmp_path / "data") as house:
        device = newcomer(house, "anna")
        target = f"/dav/files/{device.user}/locked.txt"
        with Wire(house.url, user=device.user, password=device.password) as wire:
            locked = wire.ask("LOCK", target, headers={"Timeout": "Second-600", "Depth": "0"}, body=body)
            assert locked.status == 201
            token = str(locked.header("Lock-Token"))
        if way == "killed":
            kill(house)
    with serving(tmp_path / "data") as house, Wire(house.url, user=device.user, password=device.password) as wire:
        assert wire.ask("PUT", target, body=b"without").status == 423
        assert wire.ask("PUT", target, headers={"If": f"({token})"}, body=b"with").status in (200, 204)
        assert wire.ask("UNLOCK", target, headers={"Lock-Token": token}).status == 204
