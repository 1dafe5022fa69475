"""One code, one phone: made, reached, given out once, and lost."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from appliance import errors
from appliance.household import audit, devices, lost, onboarding, people, sessions
from appliance.household.doorkeeper import Doorkeeper
from appliance.household.onboarding import Onboarding, Paired
from appliance.household.passwords import Passwords
from appliance.household.people import Person
from appliance.household.sessions import Visitor
from appliance.household.sightings import Sightings
from appliance.household.throttle import Rate, Throttle
from appliance.store.ledger import Author
from tests.household_room.conftest import House

KEY = bytes(range(32))
SHELL = Author(1, 1)
PHONE = Visitor("192.0.2.7", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)")
DESK = Visitor("192.0.2.8", "Firefox")


class Gate:
    """The codes of one house, with short bursts, and the door that a phone comes through then."""

    def __init__(self, house: House) -> None:
        self.house = house
        throttle = Throttle(lambda: house.clock.seconds, per_address=Rate(3, 10), per_account=Rate(5, 60))
        self.onboarding = Onboarding(house.database, KEY, throttle)
        self.sightings = Sightings(house.database, house.clock)
        self.keeper = Doorkeeper(house.database, KEY, Throttle(lambda: house.clock.seconds), self.sightings)

    def pair(self, person: Person, *, by: Author = SHELL, replaces: int | None = None) -> Paired:
        return self.onboarding.pair(person, by=by, at=self.house.clock.now(), replaces=replaces)

    def open(self, code: str, visitor: Visitor = PHONE) -> tuple[onboarding.Pairing, Person]:
        return self.onboarding.open(code, visitor, at=self.house.clock.now())

    def give(self, code: str, label: str = "iPhone") -> onboarding.Given:
        return self.onboarding.give(code, "profile", label, PHONE, at=self.house.clock.now())

    def knocks(self, user: str, password: str) -> bool:
        try:
            self.keeper.authenticate(user, password, address="192.0.2.7", agent="iOS")
        except errors.NotSignedIn:
            return False
        return True


@pytest.fixture
def gate(house: House) -> Gate:
    return Gate(house)


@pytest.fixture
def mina(house: House) -> Person:
    return house.join("mina", "민아")


def test_a_code_makes_one_device_with_a_password_that_fits(gate: Gate, mina: Person) -> None:
    paired = gate.pair(mina)
    assert len(paired.code) == 7 and paired.code[3] == "-"
    reached, owner = gate.open(paired.code.lower().replace("-", " "))
    assert owner == mina
    assert (reached.opened_address, reached.opened_agent) == (PHONE.address, PHONE.agent)
    given = gate.give(paired.code)
    assert gate.knocks("mina", given.password)
    assert given.device.label == "iPhone" and given.device.person_id == mina.id
    assert given.pairing.device_id == given.device.id and given.pairing.way == "profile"


def test_opening_the_page_makes_nothing_and_the_first_is_noted(gate: Gate, house: House, mina: Person) -> None:
    code = gate.pair(mina).code
    gate.open(code)
    first_at = house.clock.now()
    house.clock.turn(timedelta(minutes=1))
    again, _ = gate.open(code, DESK)
    assert (again.opened_at, again.opened_address) == (first_at, PHONE.address)
    assert devices.devices(house.database.connection()) == []


def test_a_code_gives_once(gate: Gate, house: House, mina: Person) -> None:
    code = gate.pair(mina).code
    gate.give(code)
    with pytest.raises(errors.NotPossible, match="used already"):
        gate.give(code)
    used, _ = gate.open(code)  # its page can say so
    assert used.given_at == house.clock.now()
    assert len(devices.devices(house.database.connection())) == 1


def test_of_two_phones_at_once_one_comes_in(gate: Gate, house: House, mina: Person) -> None:
    code = gate.pair(mina).code
    given: list[onboarding.Given] = []
    refused: list[errors.GotganError] = []

    def come_in() -> None:
        try:
            given.append(gate.give(code))
        except errors.NotPossible as error:
            refused.append(error)

    threads = [threading.Thread(target=come_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(given), len(refused)) == (1, 3)
    assert [device.id for device in devices.devices(house.database.connection())] == [given[0].device.id]


def test_a_profile_is_fetched_again_for_two_minutes(gate: Gate, house: House, mina: Person) -> None:
    given = gate.give(gate.pair(mina).code)

    def held(ticket: str = given.ticket) -> onboarding.Given | None:
        return gate.onboarding.held(ticket, at=house.clock.now())

    assert held() == held() == given
    assert [held(other) for other in ("", "x", given.ticket + "x", "x" * 10_000, "\ud800")] == [None] * 5
    house.clock.turn(timedelta(minutes=2))
    assert held() is None


def test_a_code_fits_its_own_pairing_only(gate: Gate, mina: Person) -> None:
    paired, other = gate.pair(mina), gate.pair(mina)
    assert gate.onboarding.fits(paired.code.lower(), paired.pairing.id)
    assert not gate.onboarding.fits(other.code, paired.pairing.id)
    assert not gate.onboarding.fits("", paired.pairing.id)


def test_what_is_held_is_bounded(gate: Gate, house: House, mina: Person) -> None:
    given = [gate.give(gate.pair(mina).code) for _ in range(onboarding.MOST_HELD + 2)]
    alive = [gate.onboarding.held(each.ticket, at=house.clock.now()) is not None for each in given]
    assert alive == [False] * 2 + [True] * onboarding.MOST_HELD


def test_a_code_works_for_fifteen_minutes(gate: Gate, house: House, mina: Person) -> None:
    paired = gate.pair(mina)
    house.clock.turn(timedelta(minutes=15) - timedelta(seconds=1))
    assert onboarding.waiting(house.database.connection(), at=house.clock.now()) == [paired.pairing]
    gate.open(paired.code)
    house.clock.turn(timedelta(seconds=1))
    assert onboarding.waiting(house.database.connection(), at=house.clock.now()) == []
    with pytest.raises(errors.NotFound):
        gate.open(paired.code)
    with pytest.raises(errors.NotFound):
        gate.give(paired.code)
    assert devices.devices(house.database.connection()) == []


def test_a_label_that_cannot_be_read_leaves_the_code_working(gate: Gate, mina: Person) -> None:
    code = gate.pair(mina).code
    for label in ("", "\x1b[2J", "x" * 101):
        with pytest.raises(errors.WrongCall):
            gate.give(code, label)
    assert gate.give(code, "갤럭시").device.label == "갤럭시"


def test_guessing_codes_is_slowed_down(gate: Gate, house: House, mina: Person) -> None:
    code = gate.pair(mina).code
    for guess in ("AAA-AAA", "", "wrong"):
        with pytest.raises(errors.NotFound):
            gate.open(guess)
    with pytest.raises(errors.TooManyAttempts):
        gate.open(code)
    gate.open(code, DESK)
    house.clock.turn(timedelta(seconds=10))
    gate.open(code)


def test_a_code_of_somebody_shut_out_is_dead(gate: Gate, house: House, mina: Person) -> None:
    code = gate.pair(mina).code
    people.disable(house.database, "mina", at=house.clock.now())
    with pytest.raises(errors.NotFound):
        gate.give(code)
    with pytest.raises(errors.NotPossible, match="disabled"):
        gate.pair(mina)


def author_of(house: House, person: Person) -> Author:
    return devices.own_author(house.database, person.id, "pages", label="웹", at=house.clock.now())


def test_codes_are_made_and_ended_by_their_person_or_an_administrator(gate: Gate, house: House, mina: Person) -> None:
    hana, own = author_of(house, house.join("hana")), author_of(house, mina)
    with pytest.raises(errors.NotPermitted):
        gate.pair(mina, by=hana)
    paired = gate.pair(mina, by=own)
    with pytest.raises(errors.NotPermitted):
        onboarding.revoke(house.database, paired.pairing.id, by=hana, at=house.clock.now())
    assert onboarding.revoke(house.database, paired.pairing.id, by=own, at=house.clock.now())
    assert not onboarding.revoke(house.database, paired.pairing.id, by=own, at=house.clock.now())
    with pytest.raises(errors.NotFound):
        gate.open(paired.code)
    with house.database.write() as writing:
        writing.execute("UPDATE person SET admin = 1 WHERE name = 'hana'")
    gate.pair(mina, by=hana)


def test_neither_code_nor_password_is_kept(gate: Gate, house: House, mina: Person) -> None:
    paired = gate.pair(mina)
    given = gate.give(paired.code)
    house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = (house.settings.data / "gotgan.db").read_bytes()
    for secret in (paired.code, paired.code.replace("-", ""), given.password[6:], given.ticket):
        assert secret.encode() not in octets
        assert secret not in repr(paired) + repr(given)


# --- lost -------------------------------------------------------------------------------------------


def test_a_lost_phone_is_out_at_once_with_its_browser(gate: Gate, house: House, mina: Person) -> None:
    given, other = gate.give(gate.pair(mina).code), gate.give(gate.pair(mina).code, "tablet")
    passwords = Passwords(house.database, Throttle(lambda: house.clock.seconds))
    proven = passwords.set(mina, "a good password", by=SHELL, at=house.clock.now())

    def begin(phone_id: int | None = None) -> sessions.Begun:
        return sessions.begin(house.database, proven, DESK, label="웹", at=house.clock.now(), phone_id=phone_id)

    desk, somewhere, on_it, on_tablet = begin(), begin(), begin(given.device.id), begin(other.device.id)
    waiting = gate.pair(mina)
    with house.database.write() as writing:
        writing.execute(
            "INSERT INTO lock (token, resource_id, depth, scope, person_id, device_id, expires_at)"
            " VALUES ('t', 9, '0', 'exclusive', ?, ?, 9)",
            (mina.id, given.device.id),
        )
    assert gate.knocks("mina", given.password)
    gone = lost.lose(house.database, given.device.id, by=desk.session.author, at=house.clock.now(), but=desk.session.id)
    assert gone.sessions_ended == 2
    assert gone.device.revoked_at == house.clock.now()
    assert not gate.knocks("mina", given.password)
    assert gate.knocks("mina", other.password)
    alive = [
        sessions.current(house.database, begun.token, at=house.clock.now()) is not None
        for begun in (desk, somewhere, on_it, on_tablet)
    ]
    assert alive == [True, False, False, True]
    with pytest.raises(errors.NotFound):
        gate.open(waiting.code)
    assert house.database.connection().execute("SELECT count(*) FROM lock").fetchone()[0] == 0
    (act, *_) = audit.acts_about(house.database.connection(), device_id=given.device.id)
    assert (act.what, act.person_id, act.device_id, act.at) == (
        "device lost", mina.id, desk.session.device_id, house.clock.now(),
    )  # fmt: skip


def test_lost_is_said_by_its_person_or_an_administrator(gate: Gate, house: House, mina: Person) -> None:
    given = gate.give(gate.pair(mina).code)
    with pytest.raises(errors.NotPermitted):
        lost.lose(house.database, given.device.id, by=author_of(house, house.join("hana")), at=house.clock.now())
    assert gate.knocks("mina", given.password)
    for _ in range(2):  # twice is once
        gone = lost.lose(house.database, given.device.id, by=SHELL, at=house.clock.now())
        assert gone.device.revoked_at is not None


@pytest.mark.parametrize("device_id", [1, 99])
def test_what_is_no_phone_cannot_be_lost(house: House, mina: Person, device_id: int) -> None:
    with pytest.raises(errors.NotPossible, match="no device"):
        lost.lose(house.database, device_id, by=SHELL, at=house.clock.now())


def test_a_replacement_takes_the_place_of_the_one_before(gate: Gate, house: House, mina: Person) -> None:
    old = gate.give(gate.pair(mina).code)
    code = gate.pair(mina, replaces=old.device.id).code
    assert gate.knocks("mina", old.password)  # until the new one has come
    new = gate.give(code, "iPhone 18")
    assert not gate.knocks("mina", old.password)
    assert gate.knocks("mina", new.password)
    with pytest.raises(errors.NotPossible, match="same person"):
        gate.pair(house.join("hana"), replaces=old.device.id)


def test_a_lost_phone_that_knocks_is_noted(gate: Gate, house: House, mina: Person) -> None:
    given = gate.give(gate.pair(mina).code)
    lost.lose(house.database, given.device.id, by=SHELL, at=house.clock.now())
    gate.knocks("mina", given.password)
    gate.sightings.write_all()
    from appliance.household import sighted

    (knock,) = sighted.knocks(house.database.connection(), device_id=given.device.id)
    assert (knock.reason, knock.times, knock.at) == ("shut out", 1, house.clock.now())
