"""The first visit: one code, one winner, everything or nothing."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance import errors, settings
from appliance.app import House, furnish
from appliance.household import audit, claiming, homes, people
from appliance.household.claiming import Answers, FirstVisit, Newcomer
from appliance.household.opening import read_household
from appliance.household.passwords import Passwords
from appliance.household.people import NewPerson
from appliance.household.throttle import Rate, Throttle
from appliance.store import properties
from appliance.store.database import Database, Reading
from appliance.store.ledger import Author, member_at
from tests.household_room.conftest import TurnedClock
from tests.store.power import CUT, FAILED, Fuse

HERE = "192.0.2.1"
KEY = bytes(range(32))
ANSWERS = Answers(
    language="en",
    household_name="The Kims",
    time_zone="Europe/Berlin",
    admin=Newcomer("민아"),
    password="three words at last",
    others=(Newcomer("하준"), Newcomer("Grandmother", "halmoni"), Newcomer("민아")),
)


@dataclass
class Box:
    """A box that was just switched on: its rooms are those of a server, in Korean."""

    data: Path
    clock: TurnedClock

    def __post_init__(self) -> None:
        found = settings.load(self.data, {"LANG": "ko_KR.UTF-8", "TZ": "Asia/Seoul"})
        chosen = dataclasses.replace(found, language="ko", time_zone="Asia/Seoul")
        self.house: House = furnish(chosen, self.clock)
        self.passwords = Passwords(self.database, Throttle(lambda: self.clock.seconds))
        throttle = Throttle(lambda: self.clock.seconds, per_address=Rate(3, 10), per_account=Rate(5, 60))
        services = self.house.services
        self.visit = FirstVisit(
            services.ledger,
            chosen,
            services.household,
            key=KEY,
            throttle=throttle,
            passwords=self.passwords,
            mover=services.mover,
        )
        self.code = claiming.spelled_code(KEY)

    @property
    def database(self) -> Database:
        return self.house.services.ledger.database

    @property
    def reading(self) -> Reading:
        return self.database.connection()

    def names(self) -> list[str]:
        return [person.name for person in people.people(self.reading) if not person.household]

    def add(self, name: str, password_hash: str | None = None, *, admin: bool = False) -> people.Person:
        services = self.house.services
        return people.add(
            services.ledger,
            self.data,
            Author(1, 1),
            joining=NewPerson(name, None, admin, password_hash),
            shared=services.household.shared,
            words=services.household.words,
        )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    opened = Box(tmp_path, TurnedClock())
    yield opened
    opened.database.close()


def shown(reading: Reading, resource_id: int) -> str:
    return properties.of(reading, resource_id)[homes.DISPLAYNAME]


def test_the_code_is_typed_as_people_type(box: Box) -> None:
    assert len(box.code) == 9 and box.code[4] == "-"
    assert not set(box.code) & set("01IO")
    for typed in (box.code, box.code.lower(), box.code.replace("-", ""), f" {box.code.replace('-', ' ')} "):
        box.visit.require_code(typed, address=HERE)


def test_the_code_is_that_of_the_box(box: Box) -> None:
    assert claiming.spelled_code(KEY) == box.code
    assert claiming.spelled_code(bytes(32)) != box.code


@pytest.mark.parametrize("typed", ["", "AAAA-AAAA", "\ud55c\uae00", "x" * 10_000, "０１２３４５６７"])
def test_a_wrong_code_is_refused_and_changes_nothing(box: Box, typed: str) -> None:
    with pytest.raises(errors.NotSignedIn):
        box.visit.claim(typed, ANSWERS, address=HERE)
    assert box.names() == []
    assert box.visit.is_open()


def test_codes_cannot_be_tried_out(box: Box) -> None:
    for number in range(5):
        with pytest.raises(errors.NotSignedIn):
            box.visit.require_code("AAAA-AAAA", address=f"198.51.100.{number}")
    for address in ("198.51.100.99", HERE):
        with pytest.raises(errors.TooManyAttempts):
            box.visit.require_code(box.code, address=address)


def test_a_claim_makes_the_household_of_these_people(box: Box) -> None:
    proven = box.visit.claim(box.code, ANSWERS, address=HERE)
    assert box.names() == ["hajun", "halmoni", "mina", "mina-2"]
    mina = people.person_named(box.reading, "mina")
    assert proven.person == mina
    assert mina is not None and mina.admin and mina.has_password and mina.display_name == "민아"
    others = [people.existing(box.reading, name) for name in ("hajun", "halmoni", "mina-2")]
    assert [(other.display_name, other.admin, other.has_password) for other in others] == [
        ("하준", False, False),
        ("Grandmother", False, False),
        ("민아", False, False),
    ]
    assert box.passwords.prove("mina", ANSWERS.password, address=HERE).person == mina
    chosen = read_household(box.reading)
    assert chosen is not None
    assert (chosen.person.display_name, chosen.language, chosen.time_zone.key) == ("The Kims", "en", "Europe/Berlin")
    assert chosen == box.house.services.household  # the rooms that run already know
    assert "claimed" in [act.what for act in audit.acts(box.reading)]


def test_empty_collections_follow_the_language(box: Box) -> None:
    before = box.add("bom")
    box.visit.claim(box.code, ANSWERS, address=HERE)
    shared = box.house.services.household.shared
    mounted = member_at(box.reading, before.addressbook_home_id, "family")
    assert mounted is not None
    for resource_id in (shared.addressbook_id, shared.calendar_id, mounted.resource_id):
        assert "Family" in shown(box.reading, resource_id)
    assert (box.data / "files" / "household" / "Family").is_dir()
    assert not (box.data / "files" / "household" / unicodedata.normalize("NFC", "가족")).exists()
    mina = people.existing(box.reading, "mina")
    assert member_at(box.reading, mina.files_home_id, "Family") is not None
    contacts = member_at(box.reading, mina.addressbook_home_id, "contacts")
    assert contacts is not None and "Contacts" in shown(box.reading, contacts.resource_id)


def test_what_somebody_filled_keeps_its_name(box: Box) -> None:
    (box.data / "files" / "household" / "가족" / "letter.txt").write_text("dear all")
    box.visit.claim(box.code, ANSWERS, address=HERE)
    assert (box.data / "files" / "household" / "가족" / "letter.txt").read_text() == "dear all"


def test_a_box_is_claimed_once(box: Box) -> None:
    box.visit.claim(box.code, ANSWERS, address=HERE)
    assert not box.visit.is_open()
    later = dataclasses.replace(ANSWERS, admin=Newcomer("Somebody", "somebody"), others=())
    with pytest.raises(errors.NotPossible, match="already"):
        box.visit.claim(box.code, later, address=HERE)
    assert "somebody" not in box.names()


def test_of_two_claims_at_once_one_wins(box: Box) -> None:
    won: list[str] = []
    lost: list[str] = []

    def claim(name: str) -> None:
        answers = dataclasses.replace(ANSWERS, admin=Newcomer(name, name), others=(Newcomer(f"{name}-child"),))
        try:
            won.append(box.visit.claim(box.code, answers, address=HERE).person.name)
        except errors.NotPossible as error:
            lost.append(str(error))

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 2)
    assert box.names() == [won[0], f"{won[0]}-child"]


def test_somebody_who_was_added_before_may_be_the_one(box: Box) -> None:
    bom = box.add("bom")
    answers = dataclasses.replace(ANSWERS, admin=Newcomer("봄이", "bom"), others=())
    proven = box.visit.claim(box.code, answers, address=HERE)
    assert (proven.person.id, proven.person.admin, proven.person.display_name) == (bom.id, True, "봄이")
    assert box.names() == ["bom"]


def test_nobody_with_a_password_is_taken_over(box: Box) -> None:
    box.add("bom", box.passwords.hashed("bom's own words"))
    answers = dataclasses.replace(ANSWERS, admin=Newcomer("봄", "bom"), others=())
    with pytest.raises(errors.NotPossible, match="bom"):
        box.visit.claim(box.code, answers, address=HERE)
    assert box.passwords.prove("bom", "bom's own words", address=HERE).person.name == "bom"
    assert box.visit.is_open()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"language": "fr"}, "Korean and English", id="language"),
        pytest.param({"household_name": " "}, "1 to 100", id="no household name"),
        pytest.param({"time_zone": "Mars/Olympus"}, "time zone", id="time zone"),
        pytest.param({"time_zone": ""}, "time zone", id="no time zone"),
        pytest.param({"password": "short"}, "at least 8", id="password"),
        pytest.param({"admin": Newcomer("mina-mina", "mina-mina"), "password": "Mina-Mina"}, "A name", id="name"),
        pytest.param({"admin": Newcomer("")}, "1 to 100", id="no name"),
        pytest.param({"admin": Newcomer("Anna", "An na")}, "a-z", id="slug"),
        pytest.param({"admin": Newcomer("Us", "household")}, "household itself", id="the household"),
        pytest.param({"others": (Newcomer("a", "twin"), Newcomer("b", "twin"))}, "same name", id="twins"),
        pytest.param({"others": tuple(Newcomer(f"n{n}") for n in range(51))}, "At most 50", id="a village"),
        pytest.param({"others": (Newcomer("\x1b[2J"),)}, "1 to 100", id="unprintable"),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(box: Box, change: dict[str, object], reason: str) -> None:
    before = box.reading.execute("SELECT max(seq) FROM version").fetchone()[0]
    answers = dataclasses.replace(ANSWERS, **change)  # type: ignore[arg-type]  # fields of Answers
    with pytest.raises(errors.WrongCall, match=reason):
        box.visit.claim(box.code, answers, address=HERE)
    assert box.names() == []
    assert box.reading.execute("SELECT max(seq) FROM version").fetchone()[0] == before
    box.visit.claim(box.code, ANSWERS, address=HERE)


def test_the_password_is_in_no_repr() -> None:
    assert ANSWERS.password not in repr(ANSWERS)


def claims_until(data: Path, step: int) -> bool:
    """Claim the box in a process that ends before its step of this number; True when it was through before."""
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            box = Box(data, TurnedClock())
            fuse = Fuse(step)
            sys.addaudithook(fuse._audit)
            box.database._writer.set_trace_callback(fuse._statement)
            box.visit.claim(box.code, dataclasses.replace(ANSWERS, others=(Newcomer("하준"),)), address=HERE)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, CUT), f"the claim itself failed at step {step}"
    return code == 0


def test_a_power_cut_leaves_a_whole_claim_or_none(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    Box(prepared, TurnedClock()).database.close()
    seen = []
    finished, step = False, 0
    while not finished:
        data = tmp_path / str(step)
        shutil.copytree(prepared, data)
        finished = claims_until(data, step)
        box = Box(data, TurnedClock())
        seen.append(not box.visit.is_open())
        assert box.names() == (["hajun", "mina"] if seen[-1] else [])
        if not seen[-1]:
            box.visit.claim(box.code, ANSWERS, address=HERE)
        assert box.passwords.prove("mina", ANSWERS.password, address=HERE).person.admin
        box.database.close()
        step += 1
    assert seen == sorted(seen) and set(seen) == {False, True}
