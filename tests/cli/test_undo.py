"""Batches on the command line: listed, gone on with, taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.history import applying
from appliance.store import batches
from appliance.store.placing import NewBody
from tests.cli.calling import Shell
from tests.history.rooms import EVERYBODY, Rooms, card
from tests.store.shelves import TurnedClock

FILES = "files/anna"


def cut_off(shell: Shell) -> int:
    """A household with a restore of three files that stopped after the first."""
    shell.data.mkdir()
    rooms = Rooms(shell.data, TurnedClock())
    for name in "abc":
        rooms.put(f"{FILES}/{name}", b"was")
    then = rooms.seq
    for name in "abc":
        rooms.put(f"{FILES}/{name}", b"now")
    plan = rooms.planner.restore(rooms.homes, then, EVERYBODY)
    batch_id = applying.begin(rooms.house.services.ledger, rooms.shell, "restore", plan)
    first = plan.entries[0].wanted
    assert first is not None
    assert isinstance(first.body, NewBody)
    rooms.house.writer(rooms.shell).place(first, batch_id=batch_id)
    batches.become(rooms.house.services.ledger, batch_id, "stopped")
    rooms.close()
    return batch_id


def bodies(shell: Shell) -> set[bytes]:
    return {(shell.data / FILES / name).read_bytes() for name in "abc"}


def test_a_batch_that_was_cut_off_is_said_and_goes_on(shell: Shell) -> None:
    batch = cut_off(shell)
    assert bodies(shell) == {b"was", b"now"}
    assert "--resume" in shell("undo").out
    assert [each["batch"] for each in shell("doctor", "--json").json["unfinished"]] == [batch]
    said = shell("undo", str(batch), "--resume")
    assert (said.code, bodies(shell)) == (0, {b"was"}), said.err
    assert shell("doctor", "--json").json["unfinished"] == []
    assert shell("undo", str(batch), "--resume").code == 1


def test_a_batch_that_was_cut_off_can_be_taken_back_instead(shell: Shell) -> None:
    batch = cut_off(shell)
    assert shell("undo", str(batch), "--dry-run").code == 0
    assert bodies(shell) == {b"was", b"now"}
    said = shell("undo", str(batch), "--json")
    assert (said.code, said.json["counts"]["roll back"], bodies(shell)) == (0, 1, {b"now"})
    assert shell("doctor", "--json").json["unfinished"] == []


def test_the_list_says_what_takes_back_what(shell: Shell) -> None:
    batch = cut_off(shell)
    shell("undo", str(batch))
    rows = {row["batch"]: row for row in json.loads(shell("undo", "--json").out)}
    assert [row["undoes"] for row in rows.values() if row["kind"] == "undo"] == [batch]
    assert rows[batch]["state"] == "done"


def imported(shell: Shell) -> int:
    """Anna's phone's cards come from a file, and one of them is malformed."""
    assert shell("person", "add", "anna", "--display-name", "Anna Kim").code == 0
    source = shell.data.parent / "old phone.vcf"
    source.write_bytes(card("a") + card("b") + card("c", bday="never"))
    done = shell("import", str(source), "--into", "addressbooks/anna/contacts", "--json")
    assert done.code == 0, done.err
    return int(done.json["batch"])


def test_the_list_says_what_was_done_by_whom_and_what_became_of_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    batch = imported(shell)
    did = "Anna Kim, at the command line, imported old phone.vcf into the address book Contacts: 3 new"
    (line, _) = shell("undo").out.splitlines()
    assert line.split("  ")[-1] == did
    assert shell("undo", str(batch)).code == 0
    (undo, line, _) = shell("undo").out.splitlines()
    assert line.split("  ")[-1] == f"{did}; taken back with 2"
    assert "(imported old phone.vcf into the address book Contacts): 3 disappeared" in undo
    (undone, first) = shell("undo", "--json").json
    assert (first["things"], first["came"], first["undone_by"], first["person"]) == (3, 3, 2, "anna")
    assert (undone["ended"], undone["undoes"], undone["undone_by"]) == (3, batch, None)
    assert shell("undo", "2").code == 0
    assert [each["undone_by"] for each in shell("undo", "--json").json] == [None, 3, None]


def test_a_history_tells_a_whole_act_and_that_it_was_taken_back(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    batch = imported(shell)
    told = shell("history", "addressbooks/anna/contacts", "--json").json
    (act,) = (each for each in told if each["kind"] == "batch" and each["batch"] == batch)
    assert (act["name"], act["resource_id"], act["act"]["about"]["source"]) == (None, None, "old phone.vcf")
    assert act["sentence"].endswith("into the address book Contacts: 3 new [undo 1]")
    shell("undo", str(batch))
    told = shell("history", "addressbooks/anna/contacts", "--json").json
    (act,) = (each for each in told if each["kind"] == "batch" and each["batch"] == batch)
    assert act["sentence"].endswith("3 new [taken back with 2]")
    assert act["act"]["undone_by"] == 2


def test_two_imports_over_one_card_are_taken_back_in_any_order(shell: Shell, tmp_path: Path) -> None:
    """The first undo finds nothing to do, because the second import went on with the card; it is remembered."""
    shell("person", "add", "anna")
    made = []
    for number in (1, 2):
        source = tmp_path / f"{number}.vcf"
        source.write_text(f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nFN:x\r\nTEL:{number}\r\nEND:VCARD\r\n", newline="")
        made.append(shell("import", str(source), "--into", "addressbooks/anna/contacts", "--json").json["batch"])
    first = shell("undo", str(made[0]), "--json").json
    assert (first["done"], first["counts"]["keep"]) == (0, 1)
    assert shell("undo", str(made[1]), "--json").json["counts"]["put aside"] == 1
    assert shell("show", "addressbooks/anna/contacts", "--at", "now", "--json").json == []


def test_an_act_is_said_to_be_taken_back_by_what_took_it_back(shell: Shell) -> None:
    """A second undo found nothing to do, and the list said that it was the one that had taken the act back."""
    batch = imported(shell)
    assert shell("undo", str(batch), "--json").json["batch"] == 2
    assert shell("undo", str(batch), "--json").json["batch"] is None
    assert [each["undone_by"] for each in shell("undo", "--json").json if each["batch"] == batch] == [2]
    assert shell("undo", "2").code == 0
    assert [each["undone_by"] for each in shell("undo", "--json").json if each["batch"] == batch] == [None]
