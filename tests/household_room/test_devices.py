"""Devices, the door that they come through, and when they were last seen."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from appliance import errors
from appliance.household import audit, devices, people, secrets
from appliance.household.devices import AddedDevice
from appliance.household.doorkeeper import Doorkeeper
from appliance.household.sightings import Sightings
from appliance.household.throttle import Rate, Throttle
from appliance.store.database import Database
from appliance.store.ledger import Author
from tests.household_room.conftest import House

KEY = bytes(range(32))
HERE, THERE = "192.0.2.1", "198.51.100.9"


class Door:
    """The door of a house, with short bursts."""

    def __init__(self, house: House) -> None:
        self.house = house
        throttle = Throttle(
            lambda: house.clock.seconds, per_address=Rate(burst=3, every_seconds=10), per_account=Rate(4, 60)
        )
        self.sightings = Sightings(house.database, house.clock)
        self.keeper = Doorkeeper(house.database, KEY, throttle, self.sightings)

    def knock(self, user: str, password: str, address: str = HERE, agent: str = "DAVx5/4.5") -> str:
        try:
            signed_in = self.keeper.authenticate(user, password, address=address, agent=agent)
        except errors.NotSignedIn:
            return "not signed in"
        except errors.TooManyAttempts as error:
            return f"wait {error.retry_after_seconds}"
        return f"{signed_in.person.name} with {signed_in.device.label}"


@pytest.fixture
def door(house: House) -> Door:
    return Door(house)


@pytest.fixture
def phone(house: House) -> AddedDevice:
    return add(house, house.join("anna"), "Anna's iPhone")


def add(house: House, person: people.Person, label: str) -> AddedDevice:
    return devices.add(house.database, KEY, person, label, at=house.clock.now())


def test_a_device_signs_in_with_its_own_password(door: Door, phone: AddedDevice) -> None:
    assert door.knock("anna", phone.password) == "anna with Anna's iPhone"
    assert door.knock("Anna", phone.password.replace("-", "").upper()) == "anna with Anna's iPhone"


def test_the_password_is_stored_nowhere(house: House, phone: AddedDevice) -> None:
    letters = phone.password.replace("-", "")
    house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    written = (house.settings.data / "gotgan.db").read_bytes()
    assert letters[: secrets.PREFIX_LENGTH].encode() in written
    assert letters[secrets.PREFIX_LENGTH :].encode() not in written
    assert letters[secrets.PREFIX_LENGTH :] not in repr(phone)
    assert phone.password not in repr(phone)


@pytest.mark.parametrize(
    ("user", "change"),
    [
        pytest.param("mina", lambda text: text, id="another's user name"),
        pytest.param("household", lambda text: text, id="the household"),
        pytest.param("nobody", lambda text: text, id="no such user"),
        pytest.param("", lambda text: text, id="no user"),
        pytest.param("anna", lambda text: "", id="no password"),
        pytest.param("anna", lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"), id="one letter off"),
        pytest.param("anna", lambda text: "00000" + text[5:], id="another prefix"),
        pytest.param("anna", lambda text: "hunter2", id="one that a person chose"),
        pytest.param("an\0na" * 1000, lambda text: text * 1000, id="far too long"),
    ],
)
def test_a_wrong_pair_is_not_signed_in(door: Door, house: House, phone: AddedDevice, user: str, change: object) -> None:
    house.join("mina")
    assert callable(change)
    assert door.knock(user, change(phone.password)) == "not signed in"


def test_wrong_passwords_are_slowed_down_by_address(door: Door, phone: AddedDevice) -> None:
    assert [door.knock("anna", "wrong") for _ in range(5)] == ["not signed in"] * 3 + ["wait 10"] * 2
    assert door.knock("anna", "wrong", THERE) == "not signed in"


def test_wrong_passwords_are_slowed_down_by_account(door: Door, phone: AddedDevice) -> None:
    answers = [door.knock("anna", "wrong", f"203.0.113.{number}") for number in range(6)]
    assert answers == ["not signed in"] * 4 + ["wait 60"] * 2


def test_guessers_never_lock_the_rightful_device_out(door: Door, phone: AddedDevice) -> None:
    for number in range(200):
        door.knock("anna", "wrong", HERE if number % 2 else f"203.0.113.{number}")
    assert door.knock("anna", "wrong").startswith("wait")
    assert door.knock("anna", phone.password) == "anna with Anna's iPhone"
    assert door.knock("anna", phone.password, THERE) == "anna with Anna's iPhone"


def test_a_right_password_opens_nothing_for_those_who_guess(door: Door, phone: AddedDevice) -> None:
    for _ in range(4):
        door.knock("anna", "wrong")
        door.knock("anna", phone.password)
    assert door.knock("anna", "wrong").startswith("wait")


def test_a_revoked_device_is_not_signed_in_however_often_it_asks(door: Door, house: House, phone: AddedDevice) -> None:
    other = add(house, phone_owner(house), "tablet")
    revoked = devices.revoke(house.database, phone.device.id, at=house.clock.now())
    assert revoked.revoked_at == house.clock.now()
    assert {door.knock("anna", phone.password) for _ in range(50)} == {"not signed in"}
    assert door.knock("anna", other.password) == "anna with tablet"
    house.clock.turn(timedelta(days=1))
    assert devices.revoke(house.database, phone.device.id, at=house.clock.now()) == revoked


def test_a_device_that_another_process_revokes_is_out_at_its_next_request(
    door: Door, house: House, phone: AddedDevice
) -> None:
    assert door.knock("anna", phone.password) == "anna with Anna's iPhone"
    other = Database(house.database.path)
    devices.revoke(other, phone.device.id, at=house.clock.now())
    other.close()
    assert door.knock("anna", phone.password) == "not signed in"


def phone_owner(house: House) -> people.Person:
    return people.existing(house.database.connection(), "anna")


def test_a_disabled_person_is_shut_out_with_all_devices(door: Door, house: House, phone: AddedDevice) -> None:
    people.disable(house.database, "anna", at=house.clock.now())
    assert door.knock("anna", phone.password) == "not signed in"
    with pytest.raises(errors.NotPossible, match="enable"):
        add(house, phone_owner(house), "another")
    people.enable(house.database, "anna", at=house.clock.now())
    assert door.knock("anna", phone.password) == "anna with Anna's iPhone"


def test_the_pages_and_the_shell_are_no_keys(house: House) -> None:
    shell = devices.own_author(house.database, 1, "shell", label="unused", at=house.clock.now())
    assert shell == Author(1, 1)
    anna = house.join("anna")
    pages = devices.own_author(house.database, anna.id, "pages", label="Web pages", at=house.clock.now())
    assert devices.own_author(house.database, anna.id, "pages", label="Web pages", at=house.clock.now()) == pages
    assert devices.devices(house.database.connection()) == []
    with pytest.raises(errors.NotPossible, match="no device"):
        devices.revoke(house.database, pages.device_id or 0, at=house.clock.now())


@pytest.mark.parametrize("label", ["", "\n", "a\x07b", "x" * 101])
def test_a_label_is_readable(house: House, label: str) -> None:
    with pytest.raises(errors.WrongCall):
        add(house, house.join("anna"), label)


def test_devices_are_listed_by_person(house: House, phone: AddedDevice) -> None:
    other = add(house, house.join("mina"), "갤럭시")
    reading = house.database.connection()
    assert devices.devices(reading) == [phone.device, other.device]
    assert devices.devices(reading, other.device.person_id) == [other.device]


def test_the_key_is_expected_while_a_device_could_sign_in(house: House, phone: AddedDevice) -> None:
    reading = house.database.connection()
    assert devices.passwords_exist(reading)
    devices.revoke(house.database, phone.device.id, at=house.clock.now())
    assert not devices.passwords_exist(reading)


# --- last seen --------------------------------------------------------------------------------------


def seen(house: House, added: AddedDevice) -> devices.Device:
    found = devices.device(house.database.connection(), added.device.id)
    assert found is not None
    return found


def test_a_request_writes_nothing_and_the_thread_does_once_a_minute(
    door: Door, house: House, phone: AddedDevice
) -> None:
    door.knock("anna", phone.password)
    assert seen(house, phone).last_seen_at is None
    assert door.sightings.write_due() == 1
    first = house.clock.now()
    assert (seen(house, phone).last_seen_at, seen(house, phone).last_address) == (first, HERE)
    house.clock.turn(timedelta(seconds=59))
    door.knock("anna", phone.password, THERE)
    assert door.sightings.write_due() == 0
    house.clock.turn(timedelta(seconds=1))
    assert door.sightings.write_due() == 1
    assert (seen(house, phone).last_seen_at, seen(house, phone).last_address) == (
        first + timedelta(seconds=59),
        THERE,
    )


def test_last_seen_is_no_change_of_the_ledger(door: Door, house: House, phone: AddedDevice) -> None:
    before = house.database.connection().execute("SELECT max(seq) AS seq FROM version").fetchone()["seq"]
    door.knock("anna", phone.password)
    door.sightings.write_due()
    assert house.database.connection().execute("SELECT max(seq) AS seq FROM version").fetchone()["seq"] == before


def test_a_wrong_password_is_no_sighting(door: Door, house: House, phone: AddedDevice) -> None:
    door.knock("anna", phone.password[:-1] + "?")
    assert door.sightings.write_due() == 0


def test_what_a_stranger_calls_itself_is_bounded_and_printable(door: Door, house: House, phone: AddedDevice) -> None:
    door.knock("anna", phone.password, agent="\x1b[31mred\x00" + "x" * 10_000)
    door.sightings.write_due()
    agent = seen(house, phone).last_agent or ""
    assert agent.isprintable()
    assert agent.startswith("[31mred")
    assert len(agent) <= 200


def test_closing_writes_what_is_left(door: Door, house: House, phone: AddedDevice) -> None:
    door.sightings.start()
    door.knock("anna", phone.password)
    door.sightings.close()
    assert seen(house, phone).last_seen_at == house.clock.now()


def test_a_clock_set_back_does_not_stop_the_notes(door: Door, house: House, phone: AddedDevice) -> None:
    door.knock("anna", phone.password)
    door.sightings.write_due()
    house.clock.turn(timedelta(days=-400))
    door.knock("anna", phone.password)
    assert door.sightings.write_due() == 1


def test_no_password_reaches_the_log(door: Door, phone: AddedDevice, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        door.knock("anna", phone.password)
        door.knock("anna", phone.password[:-1] + "?")
    assert phone.password[10:] not in caplog.text


def test_a_device_is_called_something_else_by_its_person_or_an_administrator(house: House) -> None:
    mina, hajun = house.join("mina", "민아"), house.join("hajun", "하준")
    added = add(house, mina, "Galaxy")
    by_mina = devices.own_author(house.database, mina.id, "pages", label="Browser", at=house.clock.now())
    by_hajun = devices.own_author(house.database, hajun.id, "pages", label="Browser", at=house.clock.now())

    def rename(label: str, by: Author) -> str:
        return devices.rename(house.database, added.device.id, label, by=by, at=house.clock.now()).label

    assert rename("  민아 갤럭시 ", by_mina) == "민아 갤럭시"
    with pytest.raises(errors.NotPermitted):
        rename("mine", by_hajun)
    with pytest.raises(errors.WrongCall):
        rename("", by_mina)
    with pytest.raises(errors.NotPossible):
        devices.rename(house.database, by_mina.device_id or 0, "x", by=by_mina, at=house.clock.now())
    assert rename("Galaxy", Author(1, 1)) == "Galaxy"
    told = audit.acts_about(house.database.connection(), device_id=added.device.id)
    assert [act.what for act in told] == ["device renamed", "device renamed", "device added"]
