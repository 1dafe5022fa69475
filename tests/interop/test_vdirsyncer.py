"""vdirsyncer between two devices of one person: 500 objects each way, edits, conflicts, names and colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.household.contacts import contacts
from tests.household.events import events, tasks
from tests.interop.desk import ENDING, Desk, Kind, desk, uid_in
from tests.serving import Device

COUNT = 150


def contact_bodies(count: int, seed: int = 1) -> list[bytes]:
    return [contact.body for contact in contacts(count, seed)]


def event_and_task_bodies(count: int, seed: int = 1) -> list[bytes]:
    many = count * 4 // 5
    return [each.body for each in (*events(many, seed), *tasks(count - many, seed))]


BODIES: dict[Kind, Callable[..., list[bytes]]] = {"carddav": contact_bodies, "caldav": event_and_task_bodies}


@pytest.fixture
def two_desks(tmp_path: Path, device: Device, second_device: Device, kind: Kind) -> tuple[Desk, Desk]:
    """Two devices with the same empty collection, made on the server by the first of them."""
    first = desk(tmp_path / "first", device, kind, f"desk-{kind}", winner="a")
    return first, desk(tmp_path / "second", second_device, kind, f"desk-{kind}", winner="b")


def retitled(octets: bytes, title: str) -> bytes:
    """Return a card or event with another FN or SUMMARY; its folded rest goes with it."""
    changed = re.sub(rb"(?m)^(FN|SUMMARY)[^:\r\n]*:[^\r\n]*(\r?\n[ \t][^\r\n]*)*", rb"\1:" + title.encode(), octets)
    assert changed != octets
    return changed


@pytest.mark.parametrize("kind", ["carddav", "caldav"])
def test_two_devices_agree_octet_for_octet_after_every_round(two_desks: tuple[Desk, Desk], kind: Kind) -> None:
    first, second = two_desks
    bodies = BODIES[kind](COUNT)
    for number, octets in enumerate(bodies):
        first.write(f"{number:03}{ENDING[kind]}", octets)
    expected = first.texts()
    assert len(expected) == COUNT

    first.sync()
    second.sync()
    assert second.texts() == expected

    _edit(first, sorted(expected)[:20], "첫째 고침", expected)
    _edit(second, sorted(expected)[20:40], "Second's edit", expected)
    _delete(first, sorted(expected)[40:50], expected)
    _delete(second, sorted(expected)[50:60], expected)
    for number, octets in enumerate(BODIES[kind](10, seed=7)):
        (first, second)[number % 2].write(f"new-{number}{ENDING[kind]}", octets)
        expected[uid_in(octets)] = octets.decode()

    first.sync()
    second.sync()
    first.sync()
    assert (len(first.texts()), len(second.texts())) == (len(expected), len(expected))
    assert first.texts() == expected
    assert second.texts() == expected

    quiet = first.sync() + second.sync()
    assert not re.search("Copying|Deleting|Conflict", quiet)


def _edit(where: Desk, uids: list[str], title: str, expected: dict[str, str]) -> None:
    for uid in uids:
        path = where.file_of(uid)
        octets = retitled(path.read_bytes(), f"{title} {uid[:4]}")
        where.write(path.name, octets)
        expected[uid] = octets.decode()


def _delete(where: Desk, uids: list[str], expected: dict[str, str]) -> None:
    for uid in uids:
        where.file_of(uid).unlink()
        del expected[uid]


@pytest.mark.parametrize("kind", ["carddav", "caldav"])
def test_a_conflict_ends_as_the_later_device_decides(two_desks: tuple[Desk, Desk], kind: Kind) -> None:
    first, second = two_desks
    for number, octets in enumerate(BODIES[kind](2)):
        first.write(f"{number}{ENDING[kind]}", octets)
    first.sync()
    second.sync()
    uid, other = sorted(first.texts())

    _edit(first, [uid], "the first one's", {})
    _edit(second, [uid, other], "the second one's", {})
    first.sync()
    second.sync()  # the server's state wins here: the first one's edit arrives, its own is given up
    assert second.texts()[uid] == first.texts()[uid]
    assert "the first one's" in second.texts()[uid]

    _edit(first, [other], "the first one's", {})
    first.sync()  # the desk's state wins here: the second one's edit is overwritten, under its ETag
    second.sync()
    assert "the first one's" in second.texts()[other]
    assert second.texts() == first.texts()


@pytest.mark.parametrize("kind", ["carddav", "caldav"])
def test_name_and_colour_of_a_collection_travel(two_desks: tuple[Desk, Desk], kind: Kind) -> None:
    first, second = two_desks
    wanted = {"displayname": "가족 & Freunde"} | ({"color": "#1BADF8"} if kind == "caldav" else {})
    for name, value in wanted.items():
        (first.folder / name).write_text(value)
    first.sync_metadata()
    second.sync_metadata()
    assert {name: (second.folder / name).read_text() for name in wanted} == wanted
