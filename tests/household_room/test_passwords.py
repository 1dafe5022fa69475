"""Passwords that people choose: what is accepted, who is let in, what a change ends."""

from __future__ import annotations

import logging
import threading
import unicodedata
from datetime import timedelta

import pytest

from appliance import errors
from appliance.household import audit, passwords, people, sessions
from appliance.household.passwords import Passwords
from appliance.household.people import Person
from appliance.household.sessions import Visitor
from appliance.household.throttle import Rate, Throttle
from appliance.store.ledger import Author
from tests.household_room.conftest import House

HERE, THERE = "192.0.2.1", "198.51.100.9"
GOOD, BETTER = "곳간 열쇠 하나", "three words at last"
SHELL = Author(1, 1)


class Desk:
    """Who checks passwords in a house, with short bursts."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.throttle = Throttle(
            lambda: house.clock.seconds, per_address=Rate(burst=3, every_seconds=10), per_account=Rate(5, 60)
        )
        self.passwords = Passwords(house.database, self.throttle)

    def answer(self, name: str, password: str, address: str = HERE) -> str:
        try:
            return self.passwords.prove(name, password, address=address).person.name
        except errors.NotSignedIn as error:
            return str(error)
        except errors.TooManyAttempts as error:
            return f"wait {error.retry_after_seconds}"

    def give(self, person: Person, password: str = GOOD) -> sessions.Proven:
        return self.passwords.set(person, password, by=SHELL, at=self.house.clock.now())


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def mina(house: House, desk: Desk) -> Person:
    return desk.give(house.join("mina", "민아")).person


WRONG = "The name or the password is wrong."


@pytest.mark.parametrize("name", ["mina", "Mina", " MINA ", "민아", unicodedata.normalize("NFD", "민아")])
def test_a_person_signs_in_by_either_name(desk: Desk, mina: Person, name: str) -> None:
    assert desk.answer(name, GOOD) == "mina"
    assert desk.answer(name, unicodedata.normalize("NFD", GOOD)) == "mina"
    assert desk.answer(name, BETTER) == WRONG


def test_a_shown_name_that_two_have_is_nobodys(desk: Desk, house: House, mina: Person) -> None:
    house.join("mina-2", "민아")
    assert desk.answer("민아", GOOD) == WRONG
    assert desk.answer("mina", GOOD) == "mina"


@pytest.mark.parametrize("name", ["household", "nobody", "", "hana", "x" * 5000, "\x00\ud800"])
def test_who_has_no_password_is_told_what_a_wrong_one_is_told(desk: Desk, house: House, name: str) -> None:
    house.join("hana")
    assert [desk.answer(name, password) for password in ("", GOOD, "\ud800" * 9)] == [WRONG] * 3


def test_an_unknown_name_costs_the_work_of_a_known_one(desk: Desk, mina: Person) -> None:
    kept = passwords.hash_password(GOOD)
    assert passwords._NOBODYS.rpartition("$")[0].count("$") == kept.rpartition("$")[0].count("$")
    assert passwords._NOBODYS.split("$")[1:4] == kept.split("$")[1:4] == ["argon2id", "v=19", "m=19456,t=2,p=1"]
    assert not passwords.password_matches(passwords._NOBODYS, "")


def test_guesses_are_slowed_down_by_address_and_by_account(desk: Desk, mina: Person) -> None:
    assert [desk.answer("mina", "guess", HERE) for _ in range(4)] == [WRONG] * 3 + ["wait 10"]
    assert desk.answer("mina", GOOD, HERE) == "wait 10"  # a chosen password is not looked at while others guess
    assert [desk.answer("민아", "guess", THERE) for _ in range(3)] == [WRONG, WRONG, "wait 60"]
    desk.house.clock.turn(timedelta(seconds=60))
    assert desk.answer("mina", GOOD, HERE) == "mina"


def test_guesses_at_once_are_no_way_around(desk: Desk, mina: Person) -> None:
    answers: list[str] = []
    guesses = [threading.Thread(target=lambda: answers.append(desk.answer("mina", "guess"))) for _ in range(8)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert sorted(answers) == sorted([WRONG] * 3 + ["wait 10"] * 5)


def test_somebody_shut_out_is_told_so_only_with_the_right_password(desk: Desk, house: House, mina: Person) -> None:
    people.disable(house.database, "mina", at=house.clock.now())
    assert desk.answer("mina", "guess") == WRONG
    assert "shut out" in desk.answer("mina", GOOD)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        pytest.param("", "at least 8", id="none"),
        pytest.param("일곱글자뿐인", "at least 8", id="short"),
        pytest.param(unicodedata.normalize("NFD", "네글자야"), "at least 8", id="short when composed"),
        pytest.param("x" * 1025, "at most 1024", id="long"),
        pytest.param("hannah.kim", "A name", id="the slug"),
        pytest.param(" Hannah Kim ", "A name", id="the shown name"),
        pytest.param("aaaaaaaaaaa", "same character", id="one character"),
    ],
)
def test_what_is_no_password_is_said_why(desk: Desk, house: House, password: str, reason: str) -> None:
    hannah = house.join("hannah.kim", "Hannah Kim")
    with pytest.raises(errors.WrongCall, match=reason):
        desk.give(hannah, password)
    assert desk.answer("hannah.kim", password) == WRONG


def test_a_change_asks_for_the_old_one_and_signs_the_other_browsers_out(desk: Desk, house: House, mina: Person) -> None:
    def signed_in() -> sessions.Begun:
        proven = desk.passwords.prove("mina", GOOD, address=HERE)
        return sessions.begin(house.database, proven, Visitor(HERE, ""), label="웹", at=house.clock.now())

    def change(old: str, new: str) -> None:
        desk.passwords.change(
            mina, old, new, address=HERE, by=kept.session.author, at=house.clock.now(), but=kept.session.id
        )

    kept, other = signed_in(), signed_in()
    with pytest.raises(errors.NotSignedIn):
        change("guess", BETTER)
    with pytest.raises(errors.WrongCall, match="already"):
        change(GOOD, GOOD)
    with pytest.raises(errors.WrongCall, match="at least"):
        change(GOOD, "short")
    assert len(sessions.of_person(house.database.connection(), mina.id, at=house.clock.now())) == 2
    change(GOOD, BETTER)
    assert desk.answer("mina", BETTER) == "mina"
    assert desk.answer("mina", GOOD) == WRONG
    assert sessions.current(house.database, kept.token, at=house.clock.now()) is not None
    assert sessions.current(house.database, other.token, at=house.clock.now()) is None


def test_a_sign_in_that_a_change_overtakes_is_refused(desk: Desk, house: House, mina: Person) -> None:
    proven = desk.passwords.prove("mina", GOOD, address=HERE)
    desk.give(mina, BETTER)
    with pytest.raises(errors.NotSignedIn):
        sessions.begin(house.database, proven, Visitor(HERE, ""), label="웹", at=house.clock.now())


def test_who_gave_a_password_is_written_down(desk: Desk, house: House, mina: Person) -> None:
    (newest, *_) = audit.acts(house.database.connection())
    assert (newest.what, newest.person_id, newest.device_id, newest.about_person_id) == ("password set", 1, 1, mina.id)
    assert newest.at == house.clock.now()


def test_no_password_is_kept_logged_or_shown(
    desk: Desk, house: House, mina: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        proven = desk.passwords.prove("mina", GOOD, address=HERE)
        desk.answer("mina", "a guess that is wrong")
    assert "argon2" not in repr(proven)
    assert GOOD not in caplog.text and "a guess" not in caplog.text
    house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert GOOD.encode() not in (house.settings.data / "gotgan.db").read_bytes()
