"""A phone comes in through the real door, and the ticks of its page move as the server sees it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from appliance import errors
from appliance.dav.messages import Request
from appliance.household import arrivals, lost, people, sighted
from appliance.household.arrivals import Holding
from appliance.household.onboarding import Given
from appliance.household.sessions import Visitor
from appliance.household.ticks import Tick, ticks
from appliance.store.database import Reading
from appliance.store.ledger import Author
from tests.spec.desk import BOOK, CALENDAR, SETTINGS, Desk, TurnedClock, card, doc, event

SHELL = Author(1, 1)
HERE = Visitor("192.168.0.7", "Safari")  # where Desk asks from
CONTACTS = 7


@dataclass
class Waiting:
    """Somebody who looks at the page of a pairing while a phone comes in."""

    desk: Desk
    given: Given
    pairing_id: int

    @property
    def now(self) -> datetime:
        return self.desk.clock.now()

    @property
    def reading(self) -> Reading:
        return self.desk.services.ledger.database.connection()

    def seen(self) -> dict[str, Tick]:
        self.desk.house.sightings.write_all()
        facts = arrivals.facts_of_pairing(self.reading, self.pairing_id)
        assert arrivals.facts_of_device(self.reading, self.given.device.id) == facts
        return {tick.key: tick for tick in ticks(facts, self.now)}

    def states(self) -> str:
        signs = {"done": "+", "doing": "~", "wait": "-", "fault": "!"}
        found = self.seen()
        return " ".join(["".join(signs[tick.state] for tick in found.values())[:6], *list(found)[6:]])

    def holdings(self) -> dict[str, Holding]:
        self.desk.house.sightings.write_all()
        return {holding.kind: holding for holding in arrivals.holdings(self.reading, self.given.device.id)}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "gotgan.toml").write_text(SETTINGS)
    opened = Desk(tmp_path, TurnedClock())
    opened.join("anna")
    for number in range(CONTACTS):
        opened.put(f"{BOOK}{number}.vcf", card(f"card-{number}"))
    opened.put(f"{CALENDAR}1.ics", event("event-1", "DTSTART:20261124T100000Z", "SUMMARY:Tea"))
    yield opened
    opened.close()


@pytest.fixture
def waiting(desk: Desk) -> Waiting:
    onboarding = desk.house.entrance.onboarding
    anna = people.existing(desk.services.ledger.database.connection(), "anna")
    paired = onboarding.pair(anna, by=SHELL, at=desk.clock.now())
    facts = arrivals.facts_of_pairing(desk.services.ledger.database.connection(), paired.pairing.id)
    assert [tick.state for tick in ticks(facts, desk.clock.now())][:2] == ["doing", "wait"]
    given = onboarding.give(paired.code, "davx5", "Galaxy", HERE, at=desk.clock.now())
    desk.logins["new"] = basic("anna", given.password)
    return Waiting(desk, given, paired.pairing.id)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def multiget(desk: Desk, numbers: range) -> None:
    hrefs = "".join(f"<D:href>{BOOK}{number}.vcf</D:href>" for number in numbers)
    inner = f"<D:prop><D:getetag/><CR:address-data/></D:prop>{hrefs}"
    assert len(desk.ask("REPORT", BOOK, doc("CR:addressbook-multiget", inner), by="new").rows) == len(numbers)


def test_the_steps_come_one_after_the_other(waiting: Waiting) -> None:
    desk = waiting.desk
    assert waiting.states() == "++~---"
    desk.find("/dav/principals/anna/", "D:displayname", by="new")
    assert waiting.states() == "+++~--"
    token = desk.sync(BOOK, by="new").token
    assert waiting.states() == "++++~-"
    multiget(desk, range(4))
    assert waiting.seen()["contacts"].values == {"count": 4, "total": CONTACTS}
    multiget(desk, range(4, CONTACTS))
    assert waiting.states() == "+++++-"
    desk.find(CALENDAR, "D:getetag", depth="1", by="new")
    assert waiting.states() == "+++++~"
    desk.get(f"{CALENDAR}1.ics", by="new")
    assert waiting.states() == "++++++"
    desk.put(f"{BOOK}later.vcf", card("later"))
    assert waiting.states() == "++++~+"
    assert desk.sync(BOOK, token, "D:getetag", "CR:address-data", by="new").names == ["later.vcf"]
    assert waiting.states() == "++++++"


def test_what_a_query_reads_to_decide_has_not_arrived(waiting: Waiting) -> None:
    inner = (
        "<D:prop><D:getetag/></D:prop><CR:filter><CR:prop-filter name='NOTE'><CR:is-not-defined/></CR:prop-filter>"
        "</CR:filter>"
    )
    assert len(waiting.desk.ask("REPORT", BOOK, doc("CR:addressbook-query", inner), by="new").rows) == CONTACTS
    waiting.desk.sync(BOOK, by="new")
    assert waiting.seen()["contacts"].values == {"count": 0, "total": CONTACTS}


def test_a_wrong_password_is_a_fault_until_the_right_one_comes(waiting: Waiting) -> None:
    desk = waiting.desk
    desk.logins["new"] = basic(
        "anna", waiting.given.password[:-1] + ("x" if waiting.given.password[-1] != "x" else "y")
    )
    for _ in range(3):
        assert desk.find("/dav/", "D:displayname", by="new").status == 401
    tick = waiting.seen()["key"]
    assert (tick.state, tick.values) == ("fault", {"reason": "password", "times": 3})
    desk.clock.ahead += timedelta(seconds=1)
    desk.logins["new"] = basic("anna", waiting.given.password)
    desk.find("/dav/", "D:displayname", by="new")
    assert waiting.seen()["key"].state == "done"


def test_a_typed_password_that_is_nobodys_counts_from_where_the_code_was_opened(waiting: Waiting) -> None:
    waiting.desk.logins["new"] = basic("anna", "hunter2")
    waiting.desk.find("/dav/", "D:displayname", by="new")
    assert waiting.seen()["key"].values == {"reason": "password", "times": 1}


def test_the_right_password_with_a_wrong_name_is_said(waiting: Waiting) -> None:
    waiting.desk.logins["new"] = basic("ana", waiting.given.password)
    waiting.desk.find("/dav/", "D:displayname", by="new")
    assert waiting.seen()["key"].values == {"reason": "user", "times": 1}


def test_names_that_nobody_has_leave_nothing(waiting: Waiting) -> None:
    for number in range(400):
        waiting.desk.house.sightings.knock(f"nobody-{number}", f"203.0.113.{number % 250}", "x", "password")
    waiting.desk.house.sightings.write_all()
    assert waiting.reading.execute("SELECT count(*) FROM knock").fetchone()[0] == 0


def test_of_each_person_the_newest_networks_are_kept(waiting: Waiting) -> None:
    for number in range(sighted.MOST_NETWORKS + 5):
        waiting.desk.clock.ahead += timedelta(seconds=1)
        waiting.desk.house.sightings.knock("anna", f"203.0.113.{number}", "x", "password")
    waiting.desk.house.sightings.write_all()
    found = sighted.knocks_at(waiting.reading, waiting.given.person.id)
    assert len(found) == sighted.MOST_NETWORKS
    assert [knock.address for knock in found][:2] == ["203.0.113.20", "203.0.113.19"]


def test_knocks_of_another_day_are_counted_anew(waiting: Waiting) -> None:
    def knock() -> int:
        waiting.desk.house.sightings.knock("anna", "203.0.113.1", "x", "password")
        waiting.desk.house.sightings.write_all()
        return sighted.knocks_at(waiting.reading, waiting.given.person.id)[0].times

    assert [knock(), knock()] == [1, 2]
    waiting.desk.clock.ahead += timedelta(days=2)
    assert knock() == 1


def test_a_clock_that_tells_is_judged(waiting: Waiting) -> None:
    slow = format_datetime(waiting.now - timedelta(minutes=9), usegmt=True)
    waiting.desk.find("/dav/", "D:displayname", by="new", date=slow)
    assert abs(int(waiting.seen()["clock"].values["seconds"]) + 540) <= 2
    for unreadable in ("yesterday", "\x00", "Tue, 99 Foo 2026 00:00:00 GMT"):
        waiting.desk.find("/dav/", "D:displayname", by="new", date=unreadable)
        assert waiting.seen()["clock"].state == "fault"  # what it told last
    waiting.desk.find("/dav/", "D:displayname", by="new", date=format_datetime(waiting.now, usegmt=True))
    assert "clock" not in waiting.seen()


def test_a_refused_edit_and_a_silent_day_stand_beside_the_steps(waiting: Waiting) -> None:
    answer = waiting.desk.ask("PUT", f"{BOOK}0.vcf", card("card-0"), by="new", if_match='"old"')
    assert answer.status == 412
    assert waiting.states() == "+++~-- refused"
    waiting.desk.clock.ahead += timedelta(days=3)
    assert waiting.states() == "+++~-- quiet refused"
    assert waiting.seen()["quiet"].values == {"days": 3}


def test_a_lost_phone_is_shut_out_on_its_page(waiting: Waiting) -> None:
    waiting.desk.find("/dav/", "D:displayname", by="new")
    lost.lose(waiting.desk.services.ledger.database, waiting.given.device.id, by=SHELL, at=waiting.now)
    assert waiting.desk.find("/dav/", "D:displayname", by="new").status == 401
    assert waiting.seen()["key"].values == {"reason": "shut out"}


class Interrupted:
    """A body during whose arrival somebody presses *lost*."""

    def __init__(self, octets: bytes, press: Callable[[], object]) -> None:
        self._octets = io.BytesIO(octets)
        self._press = press

    def read(self, size_bytes: int) -> bytes:
        piece = self._octets.read(min(size_bytes, 64))
        if not piece:
            self._press()
        return piece


@pytest.mark.parametrize("path", [f"{BOOK}new.vcf", f"{BOOK}0.vcf", f"{CALENDAR}new.ics", "/dav/files/anna/new.txt"])
def test_an_upload_under_way_ends_with_the_phone(waiting: Waiting, path: str) -> None:
    desk = waiting.desk
    octets = (event("new", "DTSTART:20261124T100000Z") if path.endswith(".ics") else card("new")).encode()
    before = desk.ask("GET", path)
    seq = waiting.reading.execute("SELECT max(seq) FROM version").fetchone()[0]

    def press() -> None:
        lost.lose(desk.services.ledger.database, waiting.given.device.id, by=SHELL, at=waiting.now)

    sent = {"authorization": desk.logins["new"]}
    body = Interrupted(octets, press)
    request = Request("PUT", path, sent, body, length_bytes=len(octets), remote_address=HERE.address)
    assert desk.house.door.respond(request).status == 401
    assert waiting.reading.execute("SELECT max(seq) FROM version").fetchone()[0] == seq
    after = desk.ask("GET", path)
    assert (after.status, after.octets) == (before.status, before.octets)


def test_what_a_device_holds_is_told_by_its_token(waiting: Waiting) -> None:
    desk = waiting.desk
    assert waiting.holdings() == {}
    token = desk.sync(BOOK, by="new").token
    assert waiting.holdings()["addressbook"].behind == 0
    desk.put(f"{BOOK}later.vcf", card("later"))
    assert desk.ask("DELETE", f"{BOOK}0.vcf").status == 204
    assert waiting.holdings()["addressbook"].behind == 2
    desk.sync(BOOK, token, by="new")
    assert waiting.holdings()["addressbook"].behind == 0
    desk.find(CALENDAR, "D:getetag", depth="1", by="new")
    assert waiting.holdings()["calendar"].behind is None  # a listing, no token
    multiget(desk, range(1, 3))
    assert waiting.holdings()["addressbook"].fetched == 2
    assert desk.ask("DELETE", BOOK).status == 204
    assert list(waiting.holdings()) == ["calendar"]


def test_notes_that_cannot_be_written_are_kept(waiting: Waiting) -> None:
    writer = waiting.desk.services.ledger.database._writer
    waiting.desk.sync(BOOK, by="new")
    waiting.desk.house.sightings.knock("anna", "203.0.113.1", "x", "password")
    writer.execute("CREATE INDEX growing ON device (iif(last_seen_at > 0, hex(zeroblob(50000)), ''))")
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.DiskFull):
        waiting.desk.house.sightings.write_all()
    multiget(waiting.desk, range(2))
    waiting.desk.house.sightings.knock("anna", "203.0.113.1", "x", "password")
    writer.execute("PRAGMA max_page_count = 1073741823")
    assert waiting.seen()["contacts"].values == {"count": 2, "total": CONTACTS}
    assert sighted.knocks_at(waiting.reading, waiting.given.person.id)[0].times == 2


def test_the_refused_edits_of_a_device_are_its_own_the_newest_first(waiting: Waiting) -> None:
    desk, device_id = waiting.desk, waiting.given.device.id
    assert arrivals.refused_ids(waiting.reading, device_id, limit=5) == []
    for name in ("a", "b", "c", "c"):
        stale = desk.ask("PUT", f"{BOOK}{name}.vcf", card(name), by="new", if_match='"nobody"')
        assert stale.status == 412
    assert desk.ask("PUT", f"{BOOK}d.vcf", card("d"), if_match='"nobody"').status == 412  # another device's
    told = arrivals.refused_ids(waiting.reading, device_id, limit=2)
    names = [waiting.reading.execute("SELECT name FROM refused WHERE id = ?", (each,)).fetchone()[0] for each in told]
    assert names == ["c.vcf", "b.vcf"]


def test_a_forgotten_code_is_said(waiting: Waiting) -> None:
    with pytest.raises(errors.NotFound):
        arrivals.facts_of_pairing(waiting.reading, 999)
    with pytest.raises(errors.NotPossible):
        arrivals.facts_of_device(waiting.reading, 1)


def test_a_device_of_the_command_line_has_ticks_as_well(waiting: Waiting) -> None:
    device_id = waiting.desk.equip("anna", "laptop", login="laptop")
    waiting.desk.sync(BOOK, by="laptop")
    waiting.desk.house.sightings.write_all()
    found = ticks(arrivals.facts_of_device(waiting.reading, device_id), waiting.now)
    assert [tick.state for tick in found] == ["done", "done", "done", "done", "doing", "wait"]
