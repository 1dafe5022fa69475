"""The mark outside of the data: when it proves a set-back, when it is written, and what a power cut leaves of it."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import alarms, hold_rows, queries, witness
from appliance.store.holds import Decision
from appliance.store.witness import Mark, Witness
from tests.cutting import cut_everywhere
from tests.store.shelves import Shelves, TurnedClock


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where the mark lies: on another disk than the data."""
    (tmp_path / "boot").mkdir()
    return tmp_path / "boot" / "gotgan.witness"


@pytest.fixture
def kept(shelves: Shelves, mark: Path) -> Shelves:
    """A household whose mark was written."""
    shelves.put_card("1.vcf", b"one", "1")
    assert Witness(shelves.ledger, mark).keep()
    return shelves


def held(shelves: Shelves) -> bool:
    return hold_rows.box_is_held(shelves.reading)


def present(shelves: Shelves) -> Mark:
    household, newest = shelves.epochs.household, queries.newest_seq(shelves.reading)
    assert household is not None
    return Mark(household, shelves.epochs.of(newest), newest)


def test_the_mark_says_how_far_the_ledger_came(kept: Shelves, mark: Path) -> None:
    assert witness.read(mark) == present(kept)
    assert not Witness(kept.ledger, mark).keep(), "nothing changed: an SD card is not worn out"
    kept.put_card("2.vcf", b"two", "2")
    assert Witness(kept.ledger, mark).keep()
    assert witness.read(mark) == present(kept)


def test_a_mark_that_is_no_newer_proves_nothing(kept: Shelves, mark: Path) -> None:
    witness.compare(kept.ledger, mark)
    kept.put_card("2.vcf", b"two", "2")
    witness.compare(kept.ledger, mark)
    witness.compare(kept.ledger, None)
    witness.compare(kept.ledger, mark.with_name("none"))
    assert not held(kept)


@pytest.mark.parametrize("ahead", ["of its epoch", "in an unknown epoch"])
def test_a_mark_ahead_of_the_database_holds_the_box_at_once(kept: Shelves, mark: Path, ahead: str) -> None:
    now = present(kept)
    epoch = now.epoch if ahead == "of its epoch" else "zzzzzzzz"
    witness.write(mark, Mark(now.household, epoch, now.seq + 10))
    for _ in range(2):
        witness.compare(kept.ledger, mark)
    (hold,) = hold_rows.every_hold(kept.reading)
    assert (hold.device_id, hold.common_seq, held(kept)) == (None, now.seq, True)


def test_a_mark_proves_it_also_when_the_ledger_has_grown_past_it(quick_disk: Path, tmp_path: Path) -> None:
    mark = tmp_path / "gotgan.witness"
    Shelves(quick_disk, TurnedClock()).close()
    shutil.copy(quick_disk / "gotgan.db", tmp_path / "copy.db")
    lost = Shelves(quick_disk, TurnedClock())
    for number in range(3):
        lost.put_card(f"{number}.vcf", b"%d" % number, str(number))
    Witness(lost.ledger, mark).keep()
    lost.close()
    shutil.copy(tmp_path / "copy.db", quick_disk / "gotgan.db")
    back = Shelves(quick_disk, TurnedClock())
    for number in range(9):
        back.put_card(f"{number}.vcf", b"%d" % number, str(number))
    witness.compare(back.ledger, mark)
    assert held(back)
    back.close()


def test_what_proves_it_stays_until_somebody_has_decided(kept: Shelves, mark: Path) -> None:
    now = present(kept)
    ahead = Mark(now.household, "zzzzzzzz", now.seq + 10)
    witness.write(mark, ahead)
    witness.compare(kept.ledger, mark)
    kept.put_card("2.vcf", b"two", "2")
    assert not Witness(kept.ledger, mark).keep()
    assert witness.read(mark) == ahead
    (hold,) = hold_rows.every_hold(kept.reading)
    with kept.database.write() as writing:
        hold_rows.decide(writing, Decision(hold.id, None, None, "keep", 0, now.seq))
    witness.compare(kept.ledger, mark)
    assert len(hold_rows.every_hold(kept.reading)) == 1, "a start before it is written again is no second set-back"
    assert Witness(kept.ledger, mark).keep()
    assert witness.read(mark) == present(kept)


def test_a_hold_that_a_phone_proved_covers_the_mark(kept: Shelves, mark: Path) -> None:
    now = present(kept)
    witness.write(mark, Mark(now.household, now.epoch, now.seq + 10))
    with kept.database.write() as writing:
        hold_id = hold_rows.begin(writing, now.seq, address="addressbooks/anna/contacts", at=0)
        hold_rows.decide(writing, Decision(hold_id, None, None, "keep", 0, now.seq))
    witness.compare(kept.ledger, mark)
    assert not held(kept)


def test_the_mark_of_another_household_is_an_alarm_and_stays(kept: Shelves, mark: Path) -> None:
    other = Mark("yyyyyyyy", "zzzzzzzz", 9999)
    witness.write(mark, other)
    witness.compare(kept.ledger, mark)
    assert not held(kept)
    assert not Witness(kept.ledger, mark).keep()
    assert witness.read(mark) == other
    (alarm,) = alarms.alarms(kept.reading)
    assert (alarm.kind, "another household" in alarm.sentence) == ("witness", True)


@pytest.mark.parametrize(
    "octets",
    [b"", b"\0" * 512, b"{", b"[]", b"7", b'{"household": 1, "epoch": "a", "seq": 2}', b'{"seq": true}', b"\xff\xfe"],
)
def test_a_mark_that_cannot_be_read_proves_nothing_and_is_written_anew(
    kept: Shelves, mark: Path, octets: bytes
) -> None:
    mark.write_bytes(octets)
    witness.compare(kept.ledger, mark)
    assert not held(kept)
    assert Witness(kept.ledger, mark).keep()
    assert witness.read(mark) == present(kept)


@pytest.mark.parametrize("trouble", ["no such folder", "a folder in its place", "the parent is a file"])
def test_a_mark_that_cannot_be_written_is_an_alarm_until_it_can(kept: Shelves, mark: Path, trouble: str) -> None:
    kept.put_card("2.vcf", b"two", "2")
    shutil.rmtree(mark.parent)
    if trouble == "a folder in its place":
        (mark / "inside").mkdir(parents=True)
    elif trouble == "the parent is a file":
        mark.parent.write_bytes(b"")
    assert not Witness(kept.ledger, mark).keep()
    (alarm,) = alarms.alarms(kept.reading)
    assert (alarm.kind, alarm.subject) == ("witness", str(mark))
    if mark.parent.is_dir():
        shutil.rmtree(mark.parent)
    mark.parent.unlink(missing_ok=True)
    mark.parent.mkdir()
    assert Witness(kept.ledger, mark).keep()
    assert alarms.alarms(kept.reading) == []


def test_a_new_household_is_not_begun_over_the_mark_of_another(tmp_path: Path, mark: Path) -> None:
    witness.require_none(mark, tmp_path)
    witness.require_none(None, tmp_path)
    witness.write(mark, Mark("aaaaaaaa", "aaaaaaaa", 7))
    with pytest.raises(errors.NotPossible, match="bring back its data, or remove that file"):
        witness.require_none(mark, tmp_path)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """A folder with a mark in it, to be copied."""
    folder = tmp_path / "marked"
    folder.mkdir()
    witness.write(folder / "gotgan.witness", Mark("aaaaaaaa", "aaaaaaaa", 7))
    return folder


def test_a_power_cut_leaves_the_old_mark_or_the_new_one(tmp_path: Path, marked: Path) -> None:
    old, new = Mark("aaaaaaaa", "aaaaaaaa", 7), Mark("aaaaaaaa", "bbbbbbbb", 9)
    cut, found = tmp_path / "cut", set()
    cut.mkdir()
    for _, folder in cut_everywhere(marked, cut, lambda data: witness.write(data / "gotgan.witness", new)):
        found.add(witness.read(folder / "gotgan.witness"))
    assert found == {old, new}


@pytest.mark.parametrize("left", ["torn", "whole", "only beside"])
def test_what_a_plain_file_system_leaves_is_read(mark: Path, left: str) -> None:
    """FAT renames in two steps: between them the name may be missing, and what was not synced may be zeros."""
    old, new = Mark("aaaaaaaa", "aaaaaaaa", 7), Mark("aaaaaaaa", "bbbbbbbb", 9)
    written = json.dumps({"household": "aaaaaaaa", "epoch": "bbbbbbbb", "seq": 9}).encode()
    witness.write(mark, old)
    mark.with_name("gotgan.witness.new").write_bytes(written[:-3] if left == "torn" else written)
    if left == "only beside":
        mark.unlink()
    assert witness.read(mark) == (old if left == "torn" else new)


def test_the_thread_writes_at_start_and_at_a_clean_stop(kept: Shelves, mark: Path) -> None:
    kept.put_card("2.vcf", b"two", "2")
    running = Witness(kept.ledger, mark)
    running.start()
    kept.clock.turn(timedelta(minutes=1))
    kept.put_card("3.vcf", b"three", "3")
    running.close()
    assert witness.read(mark) == present(kept)
