"""Model clients against a server that was set back to an older state: not one object disappears from a phone.

Before the owner has decided, and after "keep". The rules of each program are in `models.py` (protocol.md A1 to A4).
"""

from __future__ import annotations

from pathlib import Path

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
from tests.clients.setting_back import COUNT, LostTime, Way, lost_time
from tests.clients.wire import Wire
from tests.newcomers import command

PROGRAMS: dict[str, tuple[type[Anyone], str]] = {
    "davx5 contacts": (DavX5, "card"),
    "davx5 calendar": (DavX5, "event"),
    "davx5 by listing": (DavX5ByListing, "card"),
    "thunderbird calendar": (ThunderbirdCalendar, "event"),
    "thunderbird contacts": (ThunderbirdContacts, "card"),
    "evolution calendar": (Evolution, "event"),
    "evolution contacts": (Evolution, "card"),
}
LISTING = {"davx5 by listing", "evolution calendar", "evolution contacts"}
TELLING = [name for name in PROGRAMS if name not in LISTING]
WAYS = {
    "copied while running": Way(running=True, whole=True, witness=False),
    "copied after a stop, with a witness": Way(running=False, whole=True, witness=True),
    "only the database, not the files": Way(running=True, whole=False, witness=True),
}


def everything(lost: LostTime) -> dict[str, dict[str, str]]:
    """What every program's owner sees."""
    return {name: client.bodies() for name, client in lost.clients.items()}


def names_of(client: Anyone) -> set[str]:
    return {href.rsplit("/", 1)[1].rsplit(".", 1)[0] for href in client.bodies()}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nobody_loses_anything_to_a_box_that_was_set_back(tmp_path: Path, way: Way) -> None:
    with lost_time(tmp_path, way, PROGRAMS) as lost:
        before = everything(lost)
        with lost.serving() as (house, phones):
            order = sorted(PROGRAMS, reverse=True) if way.witness else [*TELLING, *LISTING]  # who comes first tells
            assert set(lost.sync(*order)) == set(PROGRAMS)
            assert everything(lost) == before
            _edit_while_held(lost, phones)
            assert command(house, "doctor", "--release", "keep").startswith("The hold is released")
            assert set(lost.sync()) == LISTING
            assert set(lost.sync()) == LISTING
            for client in lost.clients.values():
                assert {"born-1", "object-003"} <= names_of(client)
            _go_on_after(lost, phones)


def _edit_while_held(lost: LostTime, phones: Phones) -> None:
    """An edit of something that only phones have, and a new object: both arrive while everything waits."""
    phone = lost.clients["davx5 contacts"]
    born = phone.write("born-0.vcf", phones.body("card", "born-0", "고침"))
    new = phone.write("on-hold.vcf", phones.body("card", "on-hold", "새로"))
    with pytest.raises(Stopped):
        phone.sync()
    assert phone.dropped == []
    for href in (born, new):
        assert phones.other.ask("GET", href).body.decode() == phone.bodies()[href]


def _go_on_after(lost: LostTime, phones: Phones) -> None:
    """Edits of what was lost come back, changes arrive, and only what somebody deletes is deleted."""
    phone, tablet = lost.clients["davx5 calendar"], lost.clients["thunderbird calendar"]
    href = phone.write("born-1.ics", phones.body("event", "born-1", "되살림"))
    assert lost.sync("davx5 calendar", "thunderbird calendar") == []
    assert phone.dropped == []
    assert tablet.bodies()[href] == phone.bodies()[href]
    phones.put("event", "object-007", "바뀜")
    ghost = next(href for href in phone.bodies() if "born-2" in href)
    phone.delete(ghost)
    assert lost.sync("davx5 calendar", "thunderbird calendar") == []
    gone = phones.collection("event") + "object-009.ics"
    assert phones.other.ask("DELETE", gone).status == 204
    for client in (phone, tablet):
        client.sync()
        assert client.removed == [gone]
        client.removed.clear()


def test_nobody_loses_anything_when_the_ledger_has_grown_past_it(tmp_path: Path) -> None:
    with lost_time(tmp_path, Way(running=True, whole=True, witness=False), PROGRAMS) as lost:
        with lost.serving() as (_, phones):
            for number in range(3 * COUNT):  # a new device goes on as if nothing had been
                for kind in ("card", "event"):
                    phones.put(kind, f"grown-{number % 5}", f"더 {number}")
            assert set(lost.sync(*TELLING, *LISTING)) == set(PROGRAMS)
        with lost.serving() as (house, phones):
            assert set(lost.sync()) == set(PROGRAMS)
            command(house, "doctor", "--release", "keep")
            assert set(lost.sync()) == LISTING
            for name in TELLING:
                assert {"born-1", "grown-4"} <= names_of(lost.clients[name])


def test_a_calendar_made_in_the_lost_time_stays_on_the_phone(tmp_path: Path) -> None:
    way = Way(running=False, whole=True, witness=True)
    with lost_time(tmp_path, way, {"davx5 contacts": PROGRAMS["davx5 contacts"]}) as lost:
        holidays = f"/dav/calendars/{lost.device.user}/holidays/"
        with lost.serving() as (_, phones):
            phone = DavX5(phones.wire, holidays, "event")
            body = phones.body("event", "day-off")
            phone.take(f"{holidays}day-off.ics", body, '"abcdefgh-4711"')
            phone.token = "urn:gotgan:sync:4711:abcdefgh-4711"
            lost.clients["holidays"] = phone
            assert phone.refresh(phones.home("event"))
            assert lost.sync("holidays") == ["holidays"]
            edit = phone.write("day-off.ics", phones.body("event", "day-off", "고침"))
            assert lost.sync("holidays") == ["holidays"]
        with lost.serving() as (house, phones):
            assert "holidays" in command(house, "doctor", "--release", "keep")
            assert phone.refresh(phones.home("event"))
            assert lost.sync() == []
            assert phone.bodies() == {edit: phones.body("event", "day-off", "고침")}
            assert phones.other.ask("GET", edit).body.decode() == phone.bodies()[edit]


def test_an_answer_that_breaks_off_before_or_after_the_release_deletes_nothing(tmp_path: Path) -> None:
    way = Way(running=False, whole=True, witness=True)
    with (
        lost_time(tmp_path, way, PROGRAMS) as lost,
        lost.serving() as (house, phones),
        CuttingRelay(phones.wire.host, phones.wire.port) as relay,
        Wire(relay.url, user=lost.device.user, password=lost.device.password) as wire,
    ):
        for client in lost.clients.values():
            client.wire = wire
        for released in (False, True):
            if released:
                command(house, "doctor", "--release", "keep")
            for after_bytes in (1, 250, 900, 2500):
                for kind in ("card", "event"):
                    phones.put(kind, "object-000", f"바뀜 {after_bytes}")
                wire.hang_up()
                relay.after_bytes = after_bytes
                lost.sync()
        relay.after_bytes = None
        wire.hang_up()
        assert set(lost.sync()) == LISTING
        for name in TELLING:
            assert {"born-1", "object-003"} <= names_of(lost.clients[name])


def test_a_doubt_costs_nothing_either(tmp_path: Path) -> None:
    """Copied after a stop and without a witness nothing is proven: each device and collection waits by itself."""
    programs = {name: PROGRAMS[name] for name in TELLING}
    with lost_time(tmp_path, Way(running=False, whole=True, witness=False), programs) as lost:
        before = everything(lost)
        with lost.serving() as (house, _):
            assert set(lost.sync()) == set(TELLING)
            assert everything(lost) == before
            command(house, "doctor", "--release", "keep", "--device", str(lost.device.device_id))
            assert lost.sync() == []
            for client in lost.clients.values():
                assert {"born-1", "object-003"} <= names_of(client)
