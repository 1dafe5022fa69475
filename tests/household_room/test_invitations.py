"""Links by which people choose their password: once, for a week, by whoever has the link."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from appliance import errors
from appliance.household import audit, invitations, people, sessions
from appliance.household.invitations import Invited
from appliance.household.passwords import Passwords
from appliance.household.people import Person
from appliance.household.sessions import Visitor
from appliance.household.throttle import Throttle
from appliance.store.ledger import Author
from tests.household_room.conftest import House

ADMIN = Author(1, 1)
CHOSEN = "a password of my own"


@pytest.fixture
def passwords(house: House) -> Passwords:
    return Passwords(house.database, Throttle(lambda: house.clock.seconds))


@pytest.fixture
def mina(house: House) -> Person:
    return house.join("mina", "민아")


def invite(house: House, person: Person) -> Invited:
    return invitations.invite(house.database, person, by=ADMIN, at=house.clock.now())


def works(house: House, token: str) -> bool:
    try:
        invitations.look(house.database.connection(), token, at=house.clock.now())
    except errors.NotFound:
        return False
    return True


def use(house: House, passwords: Passwords, token: str, password: str = CHOSEN) -> sessions.Proven:
    return invitations.use(house.database, passwords, token, password, at=house.clock.now())


def test_a_link_is_looked_at_often_and_used_once(house: House, passwords: Passwords, mina: Person) -> None:
    invited = invite(house, mina)
    for _ in range(3):
        found = invitations.look(house.database.connection(), invited.token, at=house.clock.now())
        assert found == invited.invitation
        assert not found.person.has_password
    assert use(house, passwords, invited.token).person.has_password
    assert passwords.prove("mina", CHOSEN, address="192.0.2.1").person.id == mina.id
    assert not works(house, invited.token)
    with pytest.raises(errors.NotFound):
        use(house, passwords, invited.token, "another password")
    assert passwords.prove("mina", CHOSEN, address="192.0.2.1").person.id == mina.id


def test_a_link_works_for_a_week(house: House, mina: Person) -> None:
    invited = invite(house, mina)
    house.clock.turn(timedelta(days=7) - timedelta(seconds=1))
    assert works(house, invited.token)
    house.clock.turn(timedelta(seconds=1))
    assert not works(house, invited.token)


def test_a_password_that_will_not_do_leaves_the_link_working(house: House, passwords: Passwords, mina: Person) -> None:
    token = invite(house, mina).token
    with pytest.raises(errors.WrongCall):
        use(house, passwords, token, "short")
    assert use(house, passwords, token).person.id == mina.id


def test_a_new_link_takes_the_place_of_the_old(house: House, mina: Person) -> None:
    hana = invite(house, house.join("hana"))
    old, new = invite(house, mina), invite(house, mina)
    assert [works(house, invited.token) for invited in (old, new, hana)] == [False, True, True]
    waiting = invitations.waiting(house.database.connection(), at=house.clock.now())
    assert waiting == [new.invitation, hana.invitation]
    assert invitations.waiting(house.database.connection(), at=house.clock.now(), person_id=mina.id) == [new.invitation]


def test_a_link_is_revoked_once(house: House, mina: Person) -> None:
    invited = invite(house, mina)
    assert invitations.revoke(house.database, invited.invitation.id, by=ADMIN, at=house.clock.now())
    assert not invitations.revoke(house.database, invited.invitation.id, by=ADMIN, at=house.clock.now())
    assert not works(house, invited.token)


def test_the_link_of_somebody_shut_out_is_dead(house: House, mina: Person) -> None:
    invited = invite(house, mina)
    people.disable(house.database, "mina", at=house.clock.now())
    assert not works(house, invited.token)
    assert invitations.waiting(house.database.connection(), at=house.clock.now()) == []
    with pytest.raises(errors.NotPossible, match="disabled"):
        invite(house, mina)


def test_a_forgotten_password_is_replaced_and_ends_what_it_opened(
    house: House, passwords: Passwords, mina: Person
) -> None:
    before = passwords.set(mina, "the forgotten one", by=ADMIN, at=house.clock.now())
    begun = sessions.begin(house.database, before, Visitor("192.0.2.1", ""), label="웹", at=house.clock.now())
    use(house, passwords, invite(house, mina).token)
    assert sessions.current(house.database, begun.token, at=house.clock.now()) is None
    with pytest.raises(errors.NotSignedIn):
        passwords.prove("mina", "the forgotten one", address="192.0.2.1")


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "\ud800", "' OR 1=1 --"])
def test_what_is_no_link_is_none(house: House, mina: Person, token: str) -> None:
    invite(house, mina)
    assert not works(house, token)


def test_of_two_who_use_a_link_at_once_one_wins(house: House, passwords: Passwords, mina: Person) -> None:
    token = invite(house, mina).token
    won: list[str] = []
    lost: list[errors.GotganError] = []

    def try_it(password: str) -> None:
        try:
            use(house, passwords, token, password)
            won.append(password)
        except errors.NotFound as error:
            lost.append(error)

    threads = [threading.Thread(target=try_it, args=(f"password number {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 3)
    assert passwords.prove("mina", won[0], address="192.0.2.1").person.id == mina.id


def test_neither_link_nor_password_is_kept_and_the_acts_are_told(
    house: House, passwords: Passwords, mina: Person
) -> None:
    invited = invite(house, mina)
    use(house, passwords, invited.token)
    assert invited.token not in repr(invited)
    house.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = (house.settings.data / "gotgan.db").read_bytes()
    assert invited.token.encode() not in octets and CHOSEN.encode() not in octets
    newest = audit.acts(house.database.connection(), limit=2)
    assert [(act.what, act.person_id, act.about_person_id) for act in newest] == [
        ("password chosen", None, mina.id),
        ("invited", 1, mina.id),
    ]
