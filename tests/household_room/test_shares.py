"""Shares without a server: who is listed with what, which rows an act leaves, and names that are long or taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from appliance import errors
from appliance.household import devices, homes, people, shares
from appliance.household.people import Person
from appliance.store import batches, collections, mounts, properties, rebuild
from appliance.store.disk import MARKER
from appliance.store.ledger import Author, member_at, member_of
from appliance.store.mounts import Access
from tests.household_room.conftest import House

NAME = "가" * 85  # 255 bytes: no name is longer


def author(house: House, person: Person) -> Author:
    return devices.own_author(house.database, person.id, "pages", label="pages", at=house.clock.now())


def folder(house: House, owner: Person, name: str) -> int:
    """A folder of a person, on disk and in the ledger."""
    (house.settings.data / "files" / owner.name / name).mkdir()
    with house.ledger.write(author(house, owner)) as page:
        return collections.create(page, owner.files_home_id, name, "folder", owner_id=owner.id)


def calendar(house: House, owner: Person) -> int:
    found = member_at(house.database.connection(), owner.calendar_home_id, "calendar")
    assert found is not None
    return found.resource_id


def give(house: House, owner: Person, target_id: int, receiver: Person, access: Access = "write") -> int | None:
    wanted = shares.NewShare(target_id, receiver, access)
    return shares.share(house.ledger, house.settings.data, author(house, owner), wanted)


def named(found: list[shares.Share]) -> list[tuple[str, str, str]]:
    """(what, with whom, right), without what the household shows everybody."""
    return [("/".join(each.target_path), each.receiver.name, each.access) for each in found if not each.owner.household]


@pytest.fixture
def anna(house: House) -> Person:
    return house.join("anna", "안나")


@pytest.fixture
def ben(house: House) -> Person:
    return house.join("ben", "벤")


def test_shares_are_listed_from_each_side(house: House, anna: Person, ben: Person) -> None:
    trip = folder(house, anna, "trip")
    give(house, anna, trip, ben, "read")
    give(house, ben, calendar(house, ben), anna)
    reading = house.database.connection()
    assert named(shares.shares(reading)) == [
        ("calendars/ben/calendar", "anna", "write"),
        ("files/anna/trip", "ben", "read"),
    ]
    assert named(shares.given_by(reading, anna.id)) == named(shares.of_collection(reading, trip))
    assert named(shares.given_by(reading, anna.id)) == [("files/anna/trip", "ben", "read")]
    assert named(shares.given_to(reading, anna.id)) == [("calendars/ben/calendar", "anna", "write")]
    assert [each.is_dark for each in shares.of_collection(reading, trip)] == [False]


def test_what_its_owner_deleted_is_listed_as_dark(house: House, anna: Person, ben: Person) -> None:
    work = calendar(house, anna)
    give(house, anna, work, ben)
    with house.ledger.write(author(house, anna)) as page:
        member = member_of(page.writing, work)
        assert member is not None
        collections.remove(page, member)
    (share,) = shares.of_collection(house.database.connection(), work)
    assert (share.is_dark, share.owner.name, share.target_path) == (True, "anna", ("calendars", "anna", "calendar"))
    shares.revoke(house.ledger, author(house, anna), work, ben)
    assert shares.of_collection(house.database.connection(), work) == []


def test_each_act_is_one_batch_of_whoever_did_it(house: House, anna: Person, ben: Person) -> None:
    work = calendar(house, anna)
    given = give(house, anna, work, house.household.person)
    assert give(house, anna, work, ben) is None  # he has it with everybody
    narrowed = give(house, anna, work, ben, "read")
    ended = shares.revoke(house.ledger, author(house, anna), work, house.household.person)
    reading = house.database.connection()
    assert [(each.id, each.kind, each.person_id) for each in batches.recent(reading, 9)] == [
        (ended, "unshare", anna.id), (narrowed, "share", anna.id), (given, "share", anna.id)
    ]  # fmt: skip
    ops = reading.execute("SELECT batch_id, group_concat(op) FROM version WHERE batch_id > 0 GROUP BY 1").fetchall()
    assert [tuple(row) for row in ops] == [(given, "share,share"), (narrowed, "props"), (ended, "unshare,unshare")]
    assert rebuild.differences(reading) == []


def test_a_refused_act_leaves_nothing(house: House, anna: Person, ben: Person) -> None:
    work = calendar(house, anna)
    acts: tuple[Callable[[], object], ...] = (
        lambda: give(house, ben, work, ben),
        lambda: give(house, anna, work, anna),
        lambda: give(house, anna, anna.files_home_id, ben),
        lambda: shares.revoke(house.ledger, author(house, anna), work, ben),
        lambda: give(house, anna, 999_999, ben),
    )
    for act in acts:
        with pytest.raises(errors.GotganError):
            act()
    assert batches.recent(house.database.connection(), 9) == []
    assert house.database.connection().execute("SELECT count(*) FROM batch").fetchone()[0] == 0


def test_only_who_administrates_decides_about_the_households_things(house: House, anna: Person, ben: Person) -> None:
    shared = house.household.shared.calendar_id
    with pytest.raises(errors.NotPermitted):
        shares.revoke(house.ledger, author(house, anna), shared, ben)
    house.database.connection().execute("UPDATE person SET admin = 1 WHERE id = ?", (anna.id,))
    shares.revoke(house.ledger, author(house, anna), shared, ben)
    assert mounts.in_home(house.database.connection(), ben.calendar_home_id, shared) is None
    assert give(house, anna, shared, ben) is not None


def test_who_joins_is_shown_what_is_shared_with_everybody(house: House, anna: Person, ben: Person) -> None:
    trip = folder(house, anna, "trip")
    give(house, anna, trip, house.household.person, "read")
    give(house, anna, calendar(house, anna), house.household.person)
    give(house, anna, member(house, anna.addressbook_home_id, "contacts"), ben)
    (house.settings.data / "files" / "mina").mkdir()
    (house.settings.data / "files" / "mina" / "trip").mkdir()  # of an earlier life
    mina = house.join("mina")
    found = shares.given_to(house.database.connection(), mina.id)
    assert [("/".join(each.path), each.access) for each in found if not each.owner.household] == [
        ("calendars/mina/calendar-anna", "write"), ("files/mina/trip (안나)", "read")
    ]  # fmt: skip


def member(house: House, collection_id: int, name: str) -> int:
    found = member_at(house.database.connection(), collection_id, name)
    assert found is not None
    return found.resource_id


def test_long_names_that_are_taken_get_a_suffix_that_fits(house: House, anna: Person, ben: Person) -> None:
    folder(house, ben, NAME)
    give(house, anna, folder(house, anna, NAME), ben)
    (share,) = shares.given_by(house.database.connection(), anna.id)
    assert share.path[-1].endswith(" (안나)")
    assert share.path[-1].startswith("가" * 80)
    assert len(share.path[-1].encode()) <= 255


def test_a_calendar_is_called_after_its_owner_until_the_receiver_says_otherwise(
    house: House, anna: Person, ben: Person
) -> None:
    work = calendar(house, anna)
    give(house, anna, work, ben)
    reading = house.database.connection()
    (share,) = shares.given_by(reading, anna.id)
    assert properties.text_of(properties.of(reading, share.mount_id)[homes.DISPLAYNAME]) == "달력 (안나)"
    with house.ledger.write(author(house, ben)) as page:
        mount = member_of(page.writing, share.mount_id)
        assert mount is not None
        collections.set_properties(page, mount, [homes.shown_as("안나 & <나>")])
    shares.revoke(house.ledger, author(house, anna), work, ben)
    give(house, anna, work, ben)
    assert properties.text_of(properties.of(reading, share.mount_id)[homes.DISPLAYNAME]) == "안나 & <나>"
    assert people.person(reading, ben.id) == ben


def test_a_folder_is_not_shared_while_nobody_can_see_which_names_are_free(
    house: House, anna: Person, ben: Person
) -> None:
    trip = folder(house, anna, "trip")
    files = house.settings.data / "files"
    files.rename(files.with_name("elsewhere"))
    files.mkdir()
    for reason in ("not there", "cannot be looked at"):
        with pytest.raises(errors.NotPossible, match=reason):
            give(house, anna, trip, ben)
        (files / MARKER).touch()
    assert shares.given_by(house.database.connection(), anna.id) == []
    assert give(house, anna, calendar(house, anna), ben) is not None
