"""Two devices with one If-Match: one wins, the other is told so, and what it sent is kept (promises 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.clients.wire import Answer, Wire
from tests.journeys.killing import make_collections
from tests.journeys.ledger import refused
from tests.journeys.writing import card, event
from tests.serving import PATIENCE_SECONDS, Device, House

ROUNDS = 30
CONTENT_TYPES = {"vcf": "text/vcard", "ics": "text/calendar", "bin": "application/octet-stream"}
PLACES = {"vcf": "addressbooks", "ics": "calendars", "bin": "files"}


@pytest.fixture
def wires(server: House, device: Device, second_device: Device) -> Iterator[tuple[Wire, Wire]]:
    with (
        Wire(server.url, user=device.user, password=device.password) as first,
        Wire(server.url, user=second_device.user, password=second_device.password) as second,
    ):
        make_collections(first, device.user)
        yield first, second


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def body(kind: str, name: str, revision: int) -> bytes:
    if kind == "vcf":
        return card(name, revision)
    return event(name, revision) if kind == "ics" else f"{name} {revision}".encode() * 1000


@pytest.mark.parametrize("kind", PLACES)
def test_of_two_edits_under_one_etag_exactly_one_is_taken(
    kind: str, server: House, device: Device, wires: tuple[Wire, Wire], pool: ThreadPoolExecutor
) -> None:
    href = f"/dav/{PLACES[kind]}/{device.user}/kept/shared.{kind}"
    headers = {"Content-Type": CONTENT_TYPES[kind]}
    made = wires[0].ask("PUT", href, headers=headers, body=body(kind, "shared", 0))
    etag = str(made.header("ETag"))
    lost: list[bytes] = []
    for number in range(ROUNDS):
        bodies = [body(kind, "shared", 2 * number + each + 1) for each in range(2)]
        answers = _together(pool, wires, href, {**headers, "If-Match": etag}, bodies)
        assert sorted(answer.status for answer in answers) == [204, 412], f"round {number}"
        winner = next(each for each in range(2) if answers[each].status == 204)
        got = wires[0].ask("GET", href)
        assert got.body == bodies[winner]
        assert got.header("ETag") == answers[winner].header("ETag") != etag
        etag = str(got.header("ETag"))
        lost.append(bodies[1 - winner])
    kept = {body for status, body in refused(server.data / "gotgan.db", f"shared.{kind}") if status == 412}
    if kind == "bin":
        assert kept <= set(lost)  # nobody uploads a file to hear 412: what is refused in time is not even read
    else:
        assert kept == set(lost)


@pytest.mark.parametrize("kind", PLACES)
def test_of_two_new_objects_of_one_name_exactly_one_is_made(
    kind: str, device: Device, wires: tuple[Wire, Wire], pool: ThreadPoolExecutor
) -> None:
    headers = {"Content-Type": CONTENT_TYPES[kind], "If-None-Match": "*"}
    for number in range(ROUNDS):
        href = f"/dav/{PLACES[kind]}/{device.user}/kept/new-{number}.{kind}"
        bodies = [body(kind, f"new-{number}", each) for each in range(2)]
        answers = _together(pool, wires, href, headers, bodies)
        assert sorted(answer.status for answer in answers) == [201, 412], f"round {number}"
        winner = next(each for each in range(2) if answers[each].status == 201)
        assert wires[0].ask("GET", href).body == bodies[winner]


def _together(
    pool: ThreadPoolExecutor, wires: tuple[Wire, Wire], href: str, headers: dict[str, str], bodies: list[bytes]
) -> list[Answer]:
    gate = Barrier(2)

    def send(wire: Wire, octets: bytes) -> Answer:
        gate.wait(PATIENCE_SECONDS)
        return wire.ask("PUT", href, headers=headers, body=octets)

    return list(pool.map(send, wires, bodies))
