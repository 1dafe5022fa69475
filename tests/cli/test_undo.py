"""Batches on the command line: listed, gone on with, taken back."""

from __future__ import annotations

import json
from pathlib import Path

from appliance.history import applying
from appliance.store import batches
from appliance.store.placing import NewBody
from tests.cli.calling import Shell
from tests.history.rooms import EVERYBODY, Rooms
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
