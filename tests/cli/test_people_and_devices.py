"""`gotgan person` and `gotgan device`, as a shell calls them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import appliance
from appliance import settings
from appliance.household import invitations, passwords, people, secrets
from appliance.household.connecting import Connection, davx5_link
from appliance.store import alarms
from appliance.store.database import Database
from tests.cli.calling import Shell
from tests.serving import PATIENCE_SECONDS


def test_the_first_person_founds_the_household_and_a_device_connects(shell: Shell) -> None:
    added = shell("person", "add", "anna", "--display-name", "안나", "--admin")
    assert added.code == 0
    assert "안나 belongs to the household now" in added.out
    told = shell("device", "add", "anna", "Anna's iPhone", "--json").json
    base = f"http://{settings.hostname()}:8080/dav/"
    assert told == {
        "device_id": told["device_id"],
        "user": "anna",
        "password": told["password"],
        "dav_url": base,
        "files_url": f"{base}files/anna/",
        "calendar_home": f"{base}calendars/anna/",
        "addressbook_home": f"{base}addressbooks/anna/",
    }
    assert isinstance(told["device_id"], int)
    assert secrets.read_device_password(told["password"]) is not None
    assert shell("person", "list", "--json").json == [
        {"name": "anna", "display_name": "안나", "admin": True, "disabled": False, "devices": 1}
    ]


def test_two_first_commands_at_once_found_one_household(shell: Shell) -> None:
    call = [sys.executable, "-m", "appliance.cli", "person", "add", "--data", str(shell.data)]
    both = [subprocess.Popen([*call, name], stdout=subprocess.DEVNULL) for name in ("anna", "mina")]
    assert [process.wait(timeout=PATIENCE_SECONDS) for process in both] == [0, 0]
    assert [row["name"] for row in shell("person", "list", "--json").json] == ["anna", "mina"]


def test_a_device_is_shown_with_password_address_and_code(shell: Shell) -> None:
    shell("person", "add", "anna")
    (shell.data / "gotgan.toml").write_text('public_url = "https://box.example/"\n')
    shown = shell("device", "add", "anna", "Phone").out
    assert "https://box.example/dav/addressbooks/anna/" in shown
    assert "shown only now" in shown
    assert "█" in shown
    assert "loses the port" not in shown


def test_the_address_is_the_one_that_the_server_was_started_with(shell: Shell) -> None:
    shell("person", "add", "anna")
    (shell.data / "serving").write_text("127.0.0.1:9999")
    assert shell("device", "add", "anna", "Phone", "--json").json["dav_url"] == "http://127.0.0.1:9999/dav/"


def test_devices_are_listed_and_revoked(shell: Shell) -> None:
    shell("person", "add", "anna")
    shell("person", "add", "mina")
    phone = shell("device", "add", "anna", "Phone", "--json").json["device_id"]
    tablet = shell("device", "add", "mina", "태블릿", "--json").json["device_id"]
    assert [row["device_id"] for row in shell("device", "list", "--json").json] == [phone, tablet]
    assert "태블릿" in shell("device", "list", "mina").out
    assert "Phone" not in shell("device", "list", "mina").out
    assert shell("device", "revoke", str(phone)).out == f"Phone (device {phone}) cannot sign in any more.\n"
    assert "revoked" in shell("device", "list", "anna").out
    assert [row["revoked_at"] is None for row in shell("device", "list", "--json").json] == [False, True]


def test_a_lost_device_is_shut_out_and_what_to_do_next_is_said(shell: Shell) -> None:
    shell("person", "add", "anna")
    phone = shell("device", "add", "anna", "Phone", "--json").json["device_id"]
    said = shell("device", "lost", str(phone))
    assert said.code == 0
    assert f"Phone (device {phone}) cannot get in from this moment; 0 browsers were signed out" in said.out
    assert f"gotgan rewind {phone} --since" in said.out
    assert [row["revoked_at"] is None for row in shell("device", "list", "--json").json] == [False]
    assert shell("device", "lost", "99").code == 1


def test_a_person_gets_another_password_or_a_link_to_choose_one(shell: Shell) -> None:
    shell("person", "add", "anna", "--password-stdin", stdin=b"the first password")
    said = shell("person", "password", "anna", "--password-stdin", stdin=b"the second password")
    assert said.code == 0
    assert "anna signs in to the pages with the new password" in said.out
    assert shell("person", "password", "anna", "--password-stdin", stdin=b"short\n").code == 2
    assert shell("person", "password", "nobody", "--password-stdin", stdin=b"a good password").code == 1
    (shell.data / "gotgan.toml").write_text('public_url = "https://box.example/"\n')
    link = shell("person", "invite", "anna", "--json").json["link"]
    assert link.startswith("https://box.example/join/")
    with closing(Database(shell.data / settings.DATABASE_NAME)) as database:
        found = invitations.look(database.connection(), link.rpartition("/")[2], at=datetime.now(UTC))
        row = database.connection().execute("SELECT password_hash FROM person WHERE name = 'anna'").fetchone()
    assert found.person.name == "anna"
    assert passwords.password_matches(row["password_hash"], "the second password")
    assert "once, until" in shell("person", "invite", "anna").out
    assert shell("person", "invite", "household").code == 1


def test_no_list_shows_a_password(shell: Shell) -> None:
    shell("person", "add", "anna")
    password = shell("device", "add", "anna", "Phone", "--json").json["password"]
    for arguments in (("device", "list"), ("device", "list", "--json"), ("person", "list", "--json")):
        said = shell(*arguments)
        assert password[6:] not in said.out
        assert said.code == 0


def test_a_person_is_shut_out_and_let_in_again(shell: Shell) -> None:
    shell("person", "add", "anna")
    assert shell("person", "disable", "anna").code == 0
    assert "disabled" in shell("person", "list").out
    assert shell("device", "add", "anna", "Phone").code == 1
    assert shell("person", "enable", "anna").code == 0
    assert shell("device", "add", "anna", "Phone").code == 0


def test_a_password_for_the_pages_comes_from_standard_input(shell: Shell) -> None:
    said = shell("person", "add", "anna", "--password-stdin", stdin="비밀번호 여덟 자\nsecond line".encode())
    assert said.code == 0
    database = Database(shell.data / settings.DATABASE_NAME)
    row = database.connection().execute("SELECT password_hash FROM person WHERE name = 'anna'").fetchone()
    anna = people.person_named(database.connection(), "anna")
    database.close()
    assert passwords.password_matches(row["password_hash"], "비밀번호 여덟 자")
    assert anna is not None
    assert anna.has_password


def test_a_short_password_is_a_wrong_call_and_adds_nobody(shell: Shell) -> None:
    assert shell("person", "add", "anna", "--password-stdin", stdin=b"short\n").code == 2
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("person", "add", "Anna"), 2, '"anna"', id="a slug in capitals"),
        pytest.param(("person", "add", "안나"), 2, "--display-name", id="a Korean slug"),
        pytest.param(("person", "add", "household"), 2, "household itself", id="the household's own name"),
        pytest.param(("person", "add", "mina"), 1, "already", id="a name that is taken"),
        pytest.param(("person", "disable", "nobody"), 1, "known are mina", id="nobody to disable"),
        pytest.param(("device", "add", "nobody", "Phone"), 1, "known are mina", id="nobody to own a device"),
        pytest.param(("device", "add", "household", "Phone"), 1, "nobody called", id="a device of the household"),
        pytest.param(("device", "add", "mina", "\x1b[2J"), 2, "control characters", id="a label that is none"),
        pytest.param(("device", "list", "nobody"), 1, "known are mina", id="nobody's devices"),
        pytest.param(("device", "revoke", "99"), 1, "no device 99", id="no such device"),
        pytest.param(("device", "revoke", "1"), 1, "no device 1", id="the command line itself"),
        pytest.param(("device", "revoke", "phone"), 2, "Invalid value", id="a name for an ID"),
        pytest.param(("device", "revoke", str(2**70)), 2, "Invalid value", id="an ID beyond all"),
        pytest.param(("device", "add", "mina"), 2, "Missing argument", id="no label"),
        pytest.param(("person", "remove", "mina"), 2, "No such command", id="no such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    shell: Shell, arguments: tuple[str, ...], code: int, said: str
) -> None:
    shell("person", "add", "mina")
    answer = shell(*arguments)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("arguments", [("person", "list"), ("device", "list"), ("doctor",), ("device", "revoke", "1")])
def test_a_mistyped_folder_is_not_made_into_a_household(shell: Shell, arguments: tuple[str, ...]) -> None:
    answer = shell(*arguments)
    assert (answer.code, answer.out) == (1, "")
    assert "no household" in answer.err
    assert not shell.data.exists()


def test_a_file_for_a_folder_is_said(shell: Shell) -> None:
    shell.data.write_text("a file")
    answer = shell("person", "add", "anna")
    assert answer.code == 1
    assert "cannot be made" in answer.err


def test_a_database_that_is_none_is_said(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / settings.DATABASE_NAME).write_bytes(b"no database at all" * 1000)
    answer = shell("person", "list")
    assert answer.code == 1
    assert "damaged or is no database" in answer.err


def test_data_of_a_newer_version_are_left_alone(shell: Shell) -> None:
    shell("person", "add", "anna")
    make_newer(shell.data)
    answer = shell("person", "list")
    assert answer.code == 1
    assert "newer Gotgan" in answer.err


def make_newer(data: Path) -> None:
    database = Database(data / settings.DATABASE_NAME)
    with database.write() as writing:
        writing.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('gotgan', '9999_wings', '')"
        )
    database.close()


def test_a_settings_file_with_an_unknown_key_is_said(shell: Shell) -> None:
    shell.data.mkdir()
    (shell.data / "gotgan.toml").write_text("langauge = 'ko'\n")
    answer = shell("person", "add", "anna")
    assert answer.code == 1
    assert "did you mean `language`?" in answer.err


def test_a_lost_key_is_said_and_revoking_all_devices_is_a_way_out(shell: Shell) -> None:
    shell("person", "add", "anna")
    first = shell("device", "add", "anna", "Phone", "--json").json["device_id"]
    (shell.data / "keys" / "device.key").unlink()
    answer = shell("device", "add", "anna", "Tablet")
    assert answer.code == 1
    assert "backup" in answer.err
    assert shell("doctor").code == 1
    assert shell("device", "revoke", str(first)).code == 0
    assert shell("device", "add", "anna", "Tablet").code == 0


def test_the_doctor_finds_a_sound_house(shell: Shell) -> None:
    shell("person", "add", "anna")
    assert shell("doctor").out.startswith("The database is sound.\n")
    said = shell("doctor", "--json").json
    counts = {"faulty_objects": 0, "refused_edits": 0, "files": 0, "covered_files": 0}
    assert said == {"damage": [], **counts, "alarms": [], "unfinished": [], "holds": [], "clock": None}


def test_the_doctor_tells_what_somebody_should_know(shell: Shell) -> None:
    shell("person", "add", "anna")
    with closing(Database(shell.data / "gotgan.db")) as database:
        alarms.sound(database, "watches", "", "The kernel watches 3 folders and not the others.", at=1)
    assert "The kernel watches 3 folders and not the others." in shell("doctor").out
    assert [alarm["kind"] for alarm in shell("doctor", "--json").json["alarms"]] == ["watches"]


def test_the_module_is_the_command(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "appliance.cli", "--version"]
    said = subprocess.run(call, capture_output=True, text=True, check=True, env={**os.environ, "GOTGAN_DATA": ""})
    assert said.stdout == f"gotgan, version {appliance.__version__}\n"


def test_the_command_line_starts_light() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import appliance.cli, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"sqlite3", "sqlite_utils", "lxml", "flask", "argon2", "blake3", "segno", "icalendar"} & set(listed)


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://box.example/", "davx5://anna:k3-x@box.example/dav/"),
        ("http://gotgan.local:8080/", "caldav://anna:k3-x@gotgan.local:8080/dav/"),
    ],
)
def test_davx5_reads_the_scheme_from_the_link(address: str, link: str) -> None:
    assert davx5_link(Connection(address, "anna", "k3-x")) == link


def test_the_data_folder_is_not_for_every_account_of_the_machine(shell: Shell) -> None:
    assert shell("person", "add", "anna").code == 0
    assert stat.S_IMODE(shell.data.stat().st_mode) == 0o750
    assert {stat.S_IMODE(path.stat().st_mode) for path in shell.data.glob("gotgan.db*")} == {0o600}
