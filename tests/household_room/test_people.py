"""How one joins, what one finds, and how one is shut out."""

from __future__ import annotations

import sqlite3

import pytest

from appliance import errors
from appliance.household import audit, people
from appliance.store import mounts, properties
from appliance.store.database import Reading
from appliance.store.ledger import Author, member_at
from tests.household_room.conftest import House

DISPLAYNAME = "{DAV:}displayname"
COMPONENTS = "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set"


def stored(reading: Reading, home_id: int, name: str) -> dict[str, str]:
    member = member_at(reading, home_id, name)
    assert member is not None
    return properties.of(reading, member.resource_id)


def test_a_new_person_finds_book_calendar_and_tasks(house: House) -> None:
    anna, reading = house.join("anna", "안나 & 가족"), house.database.connection()
    assert (anna.name, anna.display_name, anna.active, anna.has_password) == ("anna", "안나 & 가족", True, False)
    assert ">연락처<" in stored(reading, anna.addressbook_home_id, "contacts")[DISPLAYNAME]
    calendar, tasks = (stored(reading, anna.calendar_home_id, name) for name in ("calendar", "tasks"))
    assert ">달력<" in calendar[DISPLAYNAME]
    assert '<C:comp name="VEVENT"/>' in calendar[COMPONENTS]
    assert ">할 일<" in tasks[DISPLAYNAME]
    assert '<C:comp name="VTODO"/>' in tasks[COMPONENTS]
    assert "VEVENT" not in tasks[COMPONENTS]
    assert (house.settings.data / "files" / "anna").is_dir()


def test_the_family_is_mounted_in_all_three_homes(house: House) -> None:
    anna, reading, shared = house.join("anna"), house.database.connection(), house.household.shared
    for home_id, name, target_id in (
        (anna.addressbook_home_id, "family", shared.addressbook_id),
        (anna.calendar_home_id, "family", shared.calendar_id),
        (anna.files_home_id, "가족", shared.folder_id),
    ):
        member = member_at(reading, home_id, name)
        assert member is not None
        assert member.kind == "mount"
        mount = mounts.of(reading, member.resource_id)
        assert mount is not None
        assert (mount.target_id, mount.access) == (target_id, "write")
    assert ">가족<" in stored(reading, anna.addressbook_home_id, "family")[DISPLAYNAME]


def test_two_people_share_the_same_collections(house: House) -> None:
    anna, mina = house.join("anna"), house.join("mina")
    reading = house.database.connection()
    targets = {
        mount.target_id
        for person in (anna, mina)
        for home_id in (person.addressbook_home_id, person.calendar_home_id, person.files_home_id)
        for mount in mounts.of_home(reading, home_id).values()
    }
    shared = house.household.shared
    assert targets == {shared.addressbook_id, shared.calendar_id, shared.folder_id}


def test_people_are_found_by_id_and_slug(house: House) -> None:
    anna, reading = house.join("anna"), house.database.connection()
    assert people.person(reading, anna.id) == people.person_named(reading, "anna") == anna
    assert people.person_named(reading, "Anna") is None
    assert people.person(reading, 99) is None
    assert [person.name for person in people.people(reading)] == ["anna", "household"]


def test_a_name_is_taken_once(house: House) -> None:
    house.join("anna")
    with pytest.raises(errors.NotPossible, match='"anna" already'):
        house.join("anna")
    with pytest.raises(errors.WrongCall, match="household itself"):
        house.join("household")


@pytest.mark.parametrize("slug", ["anna", "a", "0", "an.na_b-c", "a" * 63])
def test_these_can_be_addresses(slug: str) -> None:
    assert people.checked_slug(slug) == slug


@pytest.mark.parametrize(
    ("slug", "proposed"),
    [
        pytest.param("Anna", '"anna"', id="capital"),
        pytest.param("안나", "--display-name", id="korean"),
        pytest.param("anna@home", '"anna-home"', id="at sign"),
        pytest.param("Zoë Müller", '"zoe-muller"', id="accents and blank"),
        pytest.param(".anna", '"anna"', id="hidden"),
        pytest.param("..", "--display-name", id="parent"),
        pytest.param("a/b", '"a-b"', id="slash"),
        pytest.param("", "--display-name", id="empty"),
        pytest.param("anna\n", '"anna"', id="line end"),
        pytest.param("a" * 64, "63", id="long"),
        pytest.param("a\0b", '"a-b"', id="NUL"),
    ],
)
def test_these_cannot_and_another_is_proposed(house: House, slug: str, proposed: str) -> None:
    with pytest.raises(errors.WrongCall) as caught:
        house.join(slug)
    assert proposed in str(caught.value)
    assert [person.name for person in people.people(house.database.connection())] == ["household"]


@pytest.mark.parametrize("shown", ["", "   ", "a\x00b", "a\x1b[2Jb", "x" * 101, "\ud800"])
def test_a_name_for_people_is_printable(house: House, shown: str) -> None:
    with pytest.raises(errors.WrongCall):
        house.join("anna", shown)


def test_a_disabled_person_is_kept_and_can_come_back(house: House) -> None:
    anna = house.join("anna")
    gone = people.disable(house.database, "anna", at=house.clock.now())
    assert (gone.id, gone.active, gone.disabled_at) == (anna.id, False, house.clock.now())
    assert people.disable(house.database, "anna", at=house.clock.now()) == gone
    assert people.enable(house.database, "anna", at=house.clock.now()) == anna


@pytest.mark.parametrize("slug", ["nobody", "household"])
def test_nobody_and_the_household_cannot_be_disabled(house: House, slug: str) -> None:
    house.join("anna")
    with pytest.raises(errors.NotPossible, match="known are anna"):
        people.disable(house.database, slug, at=house.clock.now())


def test_an_empty_folder_of_an_interrupted_attempt_is_no_obstacle(house: House) -> None:
    (house.settings.data / "files" / "anna").mkdir()
    assert house.join("anna").name == "anna"


def test_joining_is_one_transaction(house: House) -> None:
    before = house.database.connection().execute("SELECT count(*) AS n FROM version").fetchone()["n"]
    with pytest.raises(sqlite3.IntegrityError, match="quota_bytes"):
        people.add(
            house.ledger,
            house.settings.data,
            Author(1, 1),
            joining=people.NewPerson("anna", quota_bytes="much"),  # type: ignore[arg-type]  # the last statement fails
            shared=house.household.shared,
            words=house.household.words,
        )
    assert house.database.connection().execute("SELECT count(*) AS n FROM version").fetchone()["n"] == before
    assert house.join("anna").name == "anna"


def test_calendar_addresses_never_change_by_themselves(house: House) -> None:
    anna = house.join("anna")
    made = people.calendar_user_addresses(anna, house.household.box_name)
    assert made == ("mailto:anna@gotgan.local", f"urn:uuid:{anna.uuid}")
    with house.database.write() as writing:
        writing.execute("UPDATE person SET mail = 'anna@example.org' WHERE id = ?", (anna.id,))
    mailed = people.person(house.database.connection(), anna.id)
    assert mailed is not None
    assert people.calendar_user_addresses(mailed, house.household.box_name) == ("mailto:anna@example.org", *made)


def test_the_hash_of_a_password_is_in_no_repr(house: House) -> None:
    joining = people.NewPerson("anna", password_hash="$argon2id$secret")
    assert "secret" not in repr(joining)
    assert "argon2id" not in repr(house.join("anna"))


def _with_password(house: House, slug: str) -> Author:
    found = house.join(slug)
    with house.database.write() as writing:
        writing.execute("UPDATE person SET password_hash = '$argon2id$x' WHERE id = ?", (found.id,))
    return Author(found.id, 99)


def test_who_administrates_is_decided_by_those_who_do(house: House) -> None:
    anna, mina = _with_password(house, "anna"), _with_password(house, "mina")

    def let(slug: str, admin: bool, by: Author) -> bool:
        return people.let_administrate(house.database, slug, admin=admin, by=by, at=house.clock.now()).admin

    with pytest.raises(errors.NotPermitted):
        let("mina", True, mina)
    assert let("anna", True, Author(1, 1))  # the command line
    with pytest.raises(errors.NotPossible, match="Nobody but anna"):
        let("anna", False, anna)
    assert let("mina", True, anna)
    people.disable(house.database, "anna", at=house.clock.now())
    with pytest.raises(errors.NotPermitted):
        let("mina", False, anna)
    with pytest.raises(errors.NotPossible, match="Nobody but mina"):
        let("mina", False, mina)
    people.enable(house.database, "anna", at=house.clock.now())
    assert not let("mina", False, mina)
    told = [act.what for act in audit.acts(house.database.connection()) if act.what.startswith("administrator")]
    assert told == ["administrator unmade", "administrator made", "administrator made"]


def test_a_shown_name_is_changed_by_its_person_or_an_administrator(house: House) -> None:
    anna, mina = house.join("anna"), house.join("mina")
    own = Author(anna.id, 99)
    renamed = people.rename(house.database, anna.id, " 안나 ", by=own, at=house.clock.now())
    assert (renamed.name, renamed.display_name) == ("anna", "안나")
    for person_id in (mina.id, 1):
        with pytest.raises(errors.NotPermitted):
            people.rename(house.database, person_id, "Somebody", by=own, at=house.clock.now())
    assert people.rename(house.database, 1, "The Kims", by=Author(1, 1), at=house.clock.now()).household
    with pytest.raises(errors.WrongCall):
        people.rename(house.database, anna.id, "", by=own, at=house.clock.now())
