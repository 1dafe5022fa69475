"""Restore and rewind on the command line: whose it is, beside, single fields, and what is said."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from appliance.history import applying
from appliance.store.observe import Observer
from appliance.store.summaries import times_of
from appliance.tree import returning
from tests.cli.calling import Shell
from tests.history.rooms import EVERYBODY, Rooms, card
from tests.store.shelves import TurnedClock, much_later

BOOK = "addressbooks/anna/contacts"


def spoilt(shell: Shell) -> str:
    """Anna's phone has spoilt a folder and a contact of hers since the moment that is returned."""
    assert shell("person", "add", "anna", "--display-name", "Anna Kim").code == 0
    assert shell("person", "add", "bob").code == 0
    phone = shell("device", "add", "anna", "phone", "--json").json["device_id"]
    rooms = Rooms(shell.data, TurnedClock())
    rooms.make("files/anna/trip").put("files/anna/trip/a", b"was").put(f"{BOOK}/u.vcf", card("u", tel="1"))
    then = rooms.seq
    rooms.put("files/anna/trip/a", b"now", phone).put(f"{BOOK}/u.vcf", card("u", tel="2"), phone)
    rooms.close()
    return f"seq-{then}"


def test_a_household_goes_back_person_by_person(shell: Shell) -> None:
    then = spoilt(shell)
    told = shell("restore", "--at", then, "--dry-run", "--json").json
    assert {row["person"]: row["counts"]["roll back"] for row in told} == {"household": 0, "anna": 2, "bob": 0}
    said = shell("restore", "--at", then)
    assert said.code == 0, said.err
    assert "Anna Kim:" in said.out.splitlines()
    assert (shell.data / "files/anna/trip/a").read_bytes() == b"was"
    (listed, *_) = shell("undo", "--json").json
    assert (listed["kind"], listed["about"]["kind"], listed["about"]["name"]) == ("restore", "person", "Anna Kim")


def test_a_preview_tells_values_and_words(shell: Shell) -> None:
    then = spoilt(shell)
    told = shell("restore", f"{BOOK}/u.vcf", "--at", then, "--dry-run", "--json").json
    (entry,) = told["entries"]
    assert [(each["word"], each["now"], each["then"]) for each in entry["fields"]] == [("phone", "2", "1")]
    assert [(each["device"], each["person"], each["did"]) for each in entry["undone"]] == [
        ("phone", "anna", ["changed"])
    ]
    assert (entry["name"], entry["pile"], told["counts"]["put aside"]) == ("u", "roll back", 0)
    said = shell("restore", f"{BOOK}/u.vcf", "--at", then, "--dry-run").out.splitlines()
    assert said[0].strip() == entry["sentence"]
    assert said[1] == told["sentence"]


def test_a_plan_of_one_person_is_no_list(shell: Shell) -> None:
    then = spoilt(shell)
    assert shell("restore", "anna", "--at", then, "--dry-run", "--json").json["person"] is None


def test_a_copy_beside_is_a_batch_of_its_own(shell: Shell) -> None:
    then = spoilt(shell)
    preview = shell("restore", "files/anna/trip", "--at", then, "--as", "old", "--dry-run", "--json").json
    assert (preview["batch"], preview["copied"]) == (None, 0)
    done = shell("restore", "files/anna/trip", "--at", then, "--as", "old", "--json").json
    assert (done["address"], done["copied"]) == ("files/anna/old", 2)
    assert (shell.data / "files/anna/old/a").read_bytes() == b"was"
    assert shell("undo", str(done["batch"])).code == 0
    assert not (shell.data / "files/anna/old").exists()
    assert (shell.data / "files/anna/trip/a").read_bytes() == b"now"


def test_a_copy_that_cannot_be_made_leaves_no_batch(shell: Shell) -> None:
    then = spoilt(shell)
    assert shell("restore", f"{BOOK}/u.vcf", "--at", then, "--as", "copy.vcf").code == 1
    assert shell("undo", "--json").json == []


@pytest.mark.parametrize(("address", "name"), [(f"{BOOK}/u.vcf", "copy.vcf"), ("files/anna/trip/a", "b")])
def test_a_copy_that_cannot_be_made_is_no_lost_edit(shell: Shell, address: str, name: str) -> None:
    then = spoilt(shell)
    rooms = Rooms(shell.data, TurnedClock())
    rooms.put("files/anna/trip/b", b"there already")
    rooms.close()
    assert shell("restore", address, "--at", then, "--as", name).code == 1
    assert shell("doctor", "--json").json["refused_edits"] == 0


def test_a_name_that_a_terminal_would_obey_is_a_line_of_its_listing(shell: Shell) -> None:
    """Seen with a name of two lines: its listing had a line more than the folder has files."""
    spoilt(shell)
    rooms = Rooms(shell.data, TurnedClock())
    rooms.make("files/anna/odd").put("files/anna/odd/new\nline", b"1").put("files/anna/odd/\x1b[2Jred", b"2")
    rooms.close()
    shown = shell("show", "files/anna/odd", "--at", "now").out.splitlines()
    assert sorted(line.split(maxsplit=2)[2] for line in shown) == ["[2Jred", "new line"]
    assert [row["name"] for row in shell("show", "files/anna/odd", "--at", "now", "--json").json] == [
        "\x1b[2Jred", "new\nline",
    ]  # fmt: skip


def test_an_unknown_field_is_answered_with_those_that_are_known(shell: Shell) -> None:
    then = spoilt(shell)
    said = shell("restore", f"{BOOK}/u.vcf", "--at", then, "--field", "tel")
    assert said.code == 1
    assert "tel:1" in said.err
    assert shell("restore", f"{BOOK}/u.vcf", "--at", then, "--field", "tel:1").code == 0
    assert "TEL:1" in shell("show", f"{BOOK}/u.vcf", "--at", "now").out


@pytest.mark.parametrize("prefix", ["", "device:"])
def test_a_device_is_named_as_in_a_history(shell: Shell, prefix: str) -> None:
    then = spoilt(shell)
    for device in ("Phone", str(shell("device", "list", "anna", "--json").json[0]["device_id"])):
        told = shell("rewind", f"{prefix}{device}", "--since", then, "--dry-run", "--json").json
        assert told["counts"]["roll back"] == 2


def carried_off(shell: Shell) -> tuple[str, str]:
    """A folder of Anna's that somebody put into Bob's home on the disk: a moment without it, and one with it."""
    spoilt(shell)
    rooms = Rooms(shell.data, TurnedClock())
    before = rooms.seq
    (shell.data / "files/anna/mine").mkdir()
    (shell.data / "files/anna/mine/a.txt").write_bytes(b"a")
    observed(rooms)
    then = rooms.seq
    os.rename(shell.data / "files/anna/mine", shell.data / "files/bob/mine")
    observed(rooms)
    rooms.close()
    return f"seq-{before}", f"seq-{then}"


def observed(rooms: Rooms) -> None:
    duties = rooms.house.background.duties
    observer = Observer(duties.files, is_hidden=lambda _name: False, now_ns=much_later)
    for home in sorted(
        duties.homes(), key=lambda home: home.path, reverse=True
    ):  # where it came to first: it is a move
        observer.scan(home)


def test_what_was_carried_into_another_home_is_put_beside(shell: Shell) -> None:
    _, then = carried_off(shell)
    refused = shell("restore", "files/anna/mine", "--at", then)
    assert (refused.code, "restore --as NAME" in refused.err) == (1, True)
    assert shell("restore", "files/anna/mine", "--at", then, "--as", "mine2").code == 0
    assert (shell.data / "files/anna/mine2/a.txt").read_bytes() == b"a"
    assert (shell.data / "files/bob/mine/a.txt").read_bytes() == b"a"


def test_no_copy_is_offered_of_what_was_not_there_then(shell: Shell) -> None:
    """A restore to a moment before the folder was made said --as, which found nothing at that moment."""
    before, _ = carried_off(shell)
    refused = shell("restore", "files/anna", "--at", before)
    assert refused.err == (
        "Left as it is: files/bob/mine. It is in another person's home now, which this does not change.\n"
    )
    assert (shell.data / "files/bob/mine/a.txt").read_bytes() == b"a"


def test_what_is_called_by_its_later_address_is_said_to_have_been_elsewhere(shell: Shell) -> None:
    _, then = carried_off(shell)
    for beside in ((), ("--as", "mine2")):
        said = shell("restore", "files/bob/mine", "--at", then, *beside)
        assert (said.code, "was at files/anna/mine then" in said.err) == (1, True), said.err


def test_a_restore_that_was_cut_off_goes_on_when_it_is_asked_for_again(shell: Shell) -> None:
    """Its first half stayed unfinished for good in what the doctor says."""
    then = spoilt(shell)
    rooms = Rooms(shell.data, TurnedClock())
    seq = int(then.removeprefix("seq-"))
    plan = rooms.planner.restore(rooms.homes, seq, EVERYBODY)
    about = returning.act_of(rooms.reading, rooms.anna, "anna", seq, times_of(rooms.reading, [seq])[seq])
    ledger = rooms.house.services.ledger
    batch = applying.begin(ledger, rooms.shell, "restore", plan, about=replace(about, how="--over-others"))
    another = applying.begin(ledger, rooms.shell, "restore", plan, about=about)
    rooms.close()
    assert shell("restore", "anna", "--at", then, "--over-others", "--dry-run").code == 0
    assert {each["batch"] for each in shell("doctor", "--json").json["unfinished"]} == {batch, another}
    said = shell("restore", "anna", "--at", then, "--over-others", "--json").json
    assert (said["batch"], said["done"]) == (batch, 2)
    assert (shell.data / "files/anna/trip/a").read_bytes() == b"was"
    assert [each["batch"] for each in shell("doctor", "--json").json["unfinished"]] == [another]
    assert shell("restore", "anna", "--at", then, "--json").json["batch"] == another
    assert shell("doctor", "--json").json["unfinished"] == []
