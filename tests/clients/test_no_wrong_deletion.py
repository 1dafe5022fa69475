"""Model clients against a real server: whatever happens, nothing disappears from a phone that nobody deleted.

The rules of each program are in `models.py`; what deletes data on phones is protocol.md A.
"""

from __future__ import annotations

import pytest

from tests.clients.cutting import CuttingRelay
from tests.clients.models import (
    Anyone,
    DavX5,
    DavX5ByListing,
    Evolution,
    Stopped,
    ThunderbirdCalendar,
    ThunderbirdContacts,
)
from tests.clients.phones import Phones
from tests.clients.wire import Wire

COUNT = 35  # more than three slices of a multiget
PROGRAMS: dict[str, tuple[type[Anyone], str]] = {
    "davx5 contacts": (DavX5, "card"),
    "davx5 calendar": (DavX5, "event"),
    "davx5 by listing": (DavX5ByListing, "card"),
    "thunderbird calendar": (ThunderbirdCalendar, "event"),
    "thunderbird contacts": (ThunderbirdContacts, "card"),
    "evolution calendar": (Evolution, "event"),
    "evolution contacts": (Evolution, "card"),
}
BARE_UUID = "5F2A4E9C-0C2B-4E44-9C1B-7B0B1F4C2D11"  # what macOS sends now and then (owncloud/core 30820)


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> tuple[type[Anyone], str]:
    return PROGRAMS[request.param]


@pytest.fixture
def synced(phones: Phones, program: tuple[type[Anyone], str]) -> Anyone:
    """A client that has everything of a collection with COUNT objects."""
    kind, holds = program
    phones.fill(holds, COUNT)
    client = kind(phones.wire, phones.collection(holds), holds)
    client.sync()
    assert client.bodies() == phones.on_server(holds)
    assert len(client.store) == COUNT
    return client


def test_a_second_sync_downloads_nothing(synced: Anyone) -> None:
    synced.fetched.clear()
    synced.sync()
    assert (synced.fetched, synced.removed) == ([], [])


def test_changes_of_another_device_arrive_and_only_its_deletions_delete(synced: Anyone, phones: Phones) -> None:
    deleted = [phones.collection(synced.kind) + name for name in phones.other_edits(synced.kind)]
    synced.sync()
    assert synced.bodies() == phones.on_server(synced.kind)
    assert sorted(synced.removed) == sorted(deleted)


def test_what_is_written_here_is_uploaded_and_survives_the_next_sync(synced: Anyone, phones: Phones) -> None:
    href = synced.write("written-here" + phones.ending(synced.kind), phones.body(synced.kind, "written-here"))
    doomed = next(iter(synced.store))
    synced.delete(doomed)
    synced.sync()
    synced.sync()
    assert href in phones.on_server(synced.kind)
    assert doomed not in phones.on_server(synced.kind)
    assert synced.bodies() == phones.on_server(synced.kind)
    assert (synced.removed, synced.dropped) == ([], [])


@pytest.mark.parametrize("token", ["nonsense", BARE_UUID, "urn:gotgan:sync:1:", "a" * 5000, "urn:gotgan:sync:x:y-z"])
def test_a_token_that_cannot_be_read_costs_a_listing_and_no_object(synced: Anyone, phones: Phones, token: str) -> None:
    if isinstance(synced, Evolution):
        synced.ctag = token
    else:
        synced.token = token
    phones.change_one(synced.kind)
    synced.sync()
    assert synced.removed == []
    assert synced.bodies() == phones.on_server(synced.kind)


def test_a_token_of_another_collection_costs_a_listing_and_no_object(synced: Anyone, phones: Phones) -> None:
    other = phones.token_of(phones.collection("event" if synced.kind == "card" else "card"))
    if isinstance(synced, Evolution):
        synced.ctag = other
    else:
        synced.token = other
    phones.change_one(synced.kind)
    synced.sync()
    assert synced.removed == []
    assert synced.bodies() == phones.on_server(synced.kind)


@pytest.mark.parametrize("state", ["first sync", "with an empty token again", "later sync"])
def test_an_answer_that_breaks_off_anywhere_deletes_nothing(
    phones: Phones, program: tuple[type[Anyone], str], state: str
) -> None:
    kind, holds = program
    phones.fill(holds, COUNT)
    with (
        CuttingRelay(phones.wire.host, phones.wire.port) as relay,
        Wire(relay.url, user=phones.device.user, password=phones.device.password) as wire,
    ):
        client = kind(wire, phones.collection(holds), holds)
        if state != "first sync":
            client.sync()
        broken = 0
        for after_bytes in (1, 250, 900, 2500, 6000, 9000):
            if state == "with an empty token again":
                _forget_token(client)
            phones.change_one(holds)
            wire.hang_up()
            relay.after_bytes = after_bytes
            try:
                client.sync()
            except Stopped:
                broken += 1
            assert client.removed == []
        assert broken >= 2, "nothing was cut"
        relay.after_bytes = None
        wire.hang_up()
        client.sync()
        assert client.removed == []
        assert client.bodies() == phones.on_server(holds)


def _forget_token(client: Anyone) -> None:
    if isinstance(client, Evolution | ThunderbirdCalendar | ThunderbirdContacts):
        client.__dict__.pop("ctag", None)
        client.__dict__.pop("token", None)
    else:
        client.token = None


def test_a_revoked_device_is_told_so_and_keeps_everything(phones: Phones, program: tuple[type[Anyone], str]) -> None:
    kind, holds = program
    phones.fill(holds, COUNT)
    lost = phones.another_device("lost phone")
    client = kind(lost.wire, phones.collection(holds), holds)
    client.sync()
    client.write("while-offline" + phones.ending(holds), phones.body(holds, "while-offline"))
    lost.revoke()
    with pytest.raises(Stopped, match="password"):
        client.sync()
    if isinstance(client, DavX5):
        with pytest.raises(Stopped, match="password"):
            client.refresh(phones.home(holds))
    assert client.removed == []
    assert len(client.bodies()) == COUNT + 1
    lost.wire.hang_up()


@pytest.mark.parametrize("limit", [1, 7, 34, 35, 36])
def test_pages_skip_nothing_while_another_device_writes_between_them(phones: Phones, limit: int) -> None:
    phones.fill("card", COUNT)
    client = _Interrupted(phones.wire, phones.collection("card"), "card")
    client.limit = limit
    client.phones = phones
    client.sync()
    client.phones = None
    client.sync()
    assert client.bodies() == phones.on_server("card")
    assert all(href not in phones.on_server("card") for href in client.removed)


class _Interrupted(DavX5):
    """DAVx5 with pages, and a household that goes on writing between two of them."""

    phones: Phones | None = None
    interruptions: int = 0

    def _page(self, answer: object, present: set[str]) -> bool:
        more = super()._page(answer, present)  # type: ignore[arg-type]
        if self.phones is not None and self.interruptions < 10:
            self.interruptions += 1
            self.phones.change_one(self.kind)
            self.phones.delete_one(self.kind)
        return more


def test_a_deletion_that_lost_comes_back_to_the_phone_that_made_it(phones: Phones) -> None:
    """DAVx5 removes its copy whatever a DELETE is answered; what was refused is announced to it again."""
    phones.fill("card", 3)
    client = DavX5(phones.wire, phones.collection("card"), "card")
    client.sync()
    newer = phones.change_one("card")
    client.delete(newer)
    client.sync()
    assert newer in client.bodies()
    assert client.bodies() == phones.on_server("card")


def test_davx5_keeps_a_collection_that_is_there_and_drops_one_that_was_deleted(phones: Phones) -> None:
    phones.fill("card", 2)
    client = DavX5(phones.wire, phones.collection("card"), "card")
    client.sync()
    assert client.refresh(phones.home("card"))
    assert client.removed == []
    assert phones.wire.ask("DELETE", phones.collection("card")).status == 204
    assert not client.refresh(phones.home("card"))
    assert len(client.removed) == 2
