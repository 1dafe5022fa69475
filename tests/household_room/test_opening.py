"""What the first start founds, and what later starts find."""

from __future__ import annotations

import sqlite3
import stat
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import errors
from appliance.household import opening, people
from appliance.household.opening import open_household
from appliance.settings import Settings
from appliance.store import collections, properties
from appliance.store.database import Database, Reading
from appliance.store.disk import MARKER
from appliance.store.ledger import Author, Ledger, find_member, member_at, member_of
from tests.household_room.conftest import House, TurnedClock


def names_of(reading: Reading, collection_id: int) -> set[str]:
    rows = reading.execute("SELECT name FROM member WHERE collection_id = ?", (collection_id,)).fetchall()
    return {row["name"] for row in rows}


def test_the_first_start_founds_the_shared_collections(house: House) -> None:
    reading, household = house.database.connection(), house.household
    itself = household.person
    assert (itself.id, itself.name, itself.display_name, itself.household) == (1, "household", "우리 집", True)
    assert not itself.active
    assert names_of(reading, itself.addressbook_home_id) == {"family"}
    assert names_of(reading, itself.calendar_home_id) == {"family"}
    assert names_of(reading, itself.files_home_id) == {"가족"}
    shown = properties.of(reading, household.shared.addressbook_id)["{DAV:}displayname"]
    assert shown == '<D:displayname xmlns:D="DAV:">가족</D:displayname>'


def test_the_family_folder_is_on_disk_and_found_in_both_forms(house: House) -> None:
    assert (house.settings.data / "files" / "household" / "가족").is_dir()
    assert (house.settings.data / "files" / MARKER).is_file()
    decomposed = unicodedata.normalize("NFD", "가족")
    assert decomposed != "가족"
    found = find_member(house.database.connection(), house.household.person.files_home_id, decomposed)
    assert found is not None
    assert found.resource_id == house.household.shared.folder_id


def test_every_founding_row_names_the_household_and_its_command_line(house: House) -> None:
    rows = house.database.connection().execute("SELECT DISTINCT device_id FROM version").fetchall()
    assert [row["device_id"] for row in rows] == [opening.FIRST_SHELL_ID]
    device = house.database.connection().execute("SELECT person_id, kind FROM device WHERE id = 1").fetchone()
    assert tuple(device) == (opening.HOUSEHOLD_ID, "shell")


def test_opening_twice_changes_nothing(house: House) -> None:
    before = house.database.connection().execute("SELECT max(seq) AS seq FROM version").fetchone()["seq"]
    assert open_household(house.ledger, house.settings) == house.household
    assert open_household(Ledger(house.database, house.clock), house.settings) == house.household
    after = house.database.connection().execute("SELECT max(seq) AS seq FROM version").fetchone()["seq"]
    assert after == before


def test_zone_language_and_name_stay_what_the_first_start_chose(house: House) -> None:
    moved = replace(house.settings, time_zone="Europe/Berlin", language="en", box_name="other.local")
    reopened = open_household(house.ledger, moved)
    assert (str(reopened.time_zone), reopened.language, reopened.box_name) == ("Asia/Seoul", "ko", "gotgan.local")


def test_an_english_household_has_english_names(settings: Settings, clock: TurnedClock, database: Database) -> None:
    house = House(replace(settings, language="en"), clock, database)
    anna = house.join("anna")
    assert names_of(database.connection(), anna.files_home_id) == {"Family"}
    assert (settings.data / "files" / "household" / "Family").is_dir()


@pytest.mark.parametrize(
    "broken",
    [
        *(f"version WHEN NEW.seq = {seq}" for seq in range(1, 10)),
        "epoch", "resource", "collection", "property", "member", "person", "device", "setting",
    ],
)  # fmt: skip
def test_a_founding_that_breaks_off_leaves_nothing_and_the_next_start_founds(
    settings: Settings, clock: TurnedClock, database: Database, broken: str
) -> None:
    table, _, condition = broken.partition(" ")
    with database.write() as writing:
        writing.execute(
            f"CREATE TRIGGER cut BEFORE INSERT ON {table} {condition} BEGIN SELECT RAISE(ABORT, 'cut'); END"
        )
    with pytest.raises(sqlite3.IntegrityError, match="cut"):
        open_household(Ledger(database, clock), settings)
    for touched in ("version", "person", "device", "setting", "collection", "epoch"):
        assert database.connection().execute(f"SELECT count(*) AS n FROM {touched}").fetchone()["n"] == 0
    with database.write() as writing:
        writing.execute("DROP TRIGGER cut")
    assert House(settings, clock, database).household.person.household


DATABASE_FILES = ("gotgan.db", "gotgan.db-shm", "gotgan.db-wal")


def rights(settings: Settings) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in sorted(settings.data.glob("gotgan.db*"))}


def test_no_other_account_of_the_machine_can_open_the_database(settings: Settings, clock: TurnedClock) -> None:
    ledger = opening.open_ledger(settings, clock)
    open_household(ledger, settings)
    assert rights(settings) == dict.fromkeys(DATABASE_FILES, 0o600)
    ledger.database.close()


def test_a_database_that_others_could_open_is_closed_to_them_at_the_start(
    settings: Settings, clock: TurnedClock, house: House
) -> None:
    for name in DATABASE_FILES:
        (settings.data / name).chmod(0o644)
    again = opening.open_ledger(settings, clock)
    assert rights(settings) == dict.fromkeys(DATABASE_FILES, 0o600)
    house.join("anna")
    assert people.person_named(again.database.connection(), "anna") is not None
    again.database.close()


def test_a_file_where_the_family_folder_belongs_is_said(
    settings: Settings, clock: TurnedClock, database: Database
) -> None:
    (settings.data / "files").mkdir()
    (settings.data / "files" / "household").write_text("in the way")
    with pytest.raises(errors.NotPossible, match="household"):
        open_household(Ledger(database, clock), settings)


def test_a_link_where_the_files_belong_is_refused(
    settings: Settings, clock: TurnedClock, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere")
    (settings.data / "files").symlink_to(elsewhere)
    with pytest.raises(errors.NotPossible, match="link"):
        open_household(Ledger(database, clock), settings)


def test_somebody_who_joins_after_the_family_book_was_deleted_gets_the_rest(house: House) -> None:
    with house.ledger.write(Author(1, 1)) as page:
        member = member_of(page.writing, house.household.shared.addressbook_id)
        assert member is not None
        collections.remove(page, member)
    anna = house.join("anna")
    assert member_at(house.database.connection(), anna.addressbook_home_id, "family") is None
    assert member_at(house.database.connection(), anna.calendar_home_id, "family") is not None
