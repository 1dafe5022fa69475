"""A server whose disk is put back to an older copy of itself, with the people and programs that lived on meanwhile.

`lost_time` starts a server, fills it, copies it, lets everybody go on, stops it and puts the copy back. The copy is
taken while the server runs, or after a clean stop; it is the database alone, or the whole data folder.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import etree

from tests.clients.models import Anyone, Stopped
from tests.clients.phones import Another, Phones
from tests.clients.wire import Wire
from tests.newcomers import another_device, newcomer
from tests.serving import Device, House, serving

COUNT = 15


@dataclass(frozen=True, slots=True)
class Way:
    """How a box comes to be set back."""

    running: bool  # copied while it ran, else after a stop
    whole: bool  # the whole data folder, else the database alone
    witness: bool  # a file outside of the data remembers


@dataclass
class LostTime:
    """The devices, and the programs with what they know."""

    data: Path
    way: Way
    device: Device
    second: Device
    clients: dict[str, Anyone] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)  # the collections of the test, by kind

    @contextlib.contextmanager
    def serving(self) -> Iterator[tuple[House, Phones]]:
        """Start the server and connect everybody."""
        with (
            serving(self.data) as house,
            Wire(house.url, user=self.device.user, password=self.device.password) as wire,
            Wire(house.url, user=self.second.user, password=self.second.password) as other,
        ):
            for client in self.clients.values():
                client.wire = wire
            yield house, Phones(wire, other, self.device, _nobody_else, self.made)

    def sync(self, *names: str) -> list[str]:
        """Let programs sync, all of them unless named, and return which of them stopped; none may remove anything."""
        stopped = []
        for name in names or self.clients:
            client = self.clients[name]
            try:
                client.sync()
            except (Stopped, etree.XMLSyntaxError):  # half an answer is no answer to any of them
                stopped.append(name)
            assert client.removed == [], name
        return stopped


@contextlib.contextmanager
def lost_time(folder: Path, way: Way, programs: dict[str, tuple[type[Anyone], str]]) -> Iterator[LostTime]:
    """Give what is left after the copy was put back; the server is stopped."""
    data = folder / "data"
    data.mkdir()
    if way.witness:
        (data / "gotgan.toml").write_text(f'witness = "{folder / "gotgan.witness"}"\n', encoding="utf-8")
    with serving(data) as house:
        lost = LostTime(data, way, newcomer(house, "anna"), another_device(house, "anna", "tablet"))
    with lost.serving() as (_, phones):
        for kind in ("card", "event"):
            phones.fill(kind, COUNT)
        lost.clients = {name: kind(phones.wire, phones.collection(of), of) for name, (kind, of) in programs.items()}
        assert lost.sync() == []
        if way.running:
            _copy(lost, folder / "copy")
            _live_on(lost, phones)
    if not way.running:
        _copy(lost, folder / "copy")
        with lost.serving() as (_, phones):
            _live_on(lost, phones)
    _put_back(lost, folder / "copy")
    yield lost


def _live_on(lost: LostTime, phones: Phones) -> None:
    """Edit and add, with the other device, and let every program hear of it."""
    for kind in ("card", "event"):
        for number in range(3):
            phones.put(kind, f"born-{number}", f"나중에 {number}")
        phones.change_one(kind)
    assert lost.sync() == []


def _copy(lost: LostTime, copy: Path) -> None:
    if lost.way.whole:
        shutil.copytree(lost.data, copy)
    copy.mkdir(exist_ok=True)
    for ending in ("", "-wal", "-shm"):
        (copy / f"gotgan.db{ending}").unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(lost.data / "gotgan.db")) as here,
        contextlib.closing(sqlite3.connect(copy / "gotgan.db")) as there,
    ):
        here.backup(there)


def _put_back(lost: LostTime, copy: Path) -> None:
    if lost.way.whole:
        shutil.rmtree(lost.data)
        copy.rename(lost.data)
        return
    for ending in ("", "-wal", "-shm"):
        (lost.data / f"gotgan.db{ending}").unlink(missing_ok=True)
    (copy / "gotgan.db").replace(lost.data / "gotgan.db")


def _nobody_else(label: str) -> Another:
    pytest.fail(f"no other device is needed here: {label}")
