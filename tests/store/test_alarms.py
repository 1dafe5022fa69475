"""An alarm has an end: its cause is gone, or somebody acknowledged it; what happened once more waits again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import alarms, batches
from appliance.store.alarms import Alarm
from appliance.store.database import Database
from appliance.store.migrations import migrate
from tests.store.shelves import ANNA, Shelves
from tests.store.test_covering import cover

LARGE = bytes(range(256)) * 4096


def sound(shelves: Shelves, sentence: str = "It is full.", *, about_id: int | None = None) -> Alarm:
    alarms.sound(shelves.database, "disk", "", sentence, at=shelves.ledger.now_micros(), about_id=about_id)
    (found,) = alarms.alarms(shelves.reading)
    return found


def waits(shelves: Shelves) -> list[str]:
    return [f"{alarm.kind} {alarm.subject}" for alarm in alarms.waiting(shelves.reading)]


def test_who_acknowledged_an_alarm_is_kept_and_the_first_stays_named(shelves: Shelves) -> None:
    found = sound(shelves)
    assert waits(shelves) == ["disk "]
    alarms.acknowledge(shelves.database, found.id, at=7, device_id=5)
    known = alarms.acknowledge(shelves.database, found.id, at=8, device_id=6)
    assert (known.acknowledged_at, known.acknowledged_by, known.sentence) == (7, 5, "It is full.")
    assert waits(shelves) == []


def test_what_is_not_there_cannot_be_acknowledged(shelves: Shelves) -> None:
    found = sound(shelves)
    alarms.settle(shelves.database, "disk")
    with pytest.raises(errors.NotFound):
        alarms.acknowledge(shelves.database, found.id, at=7, device_id=5)
    assert sound(shelves).id > found.id, "a number means one alarm for good"


@pytest.mark.parametrize(
    ("sentence", "about_id", "is_known"),
    [
        pytest.param("It is full.", 1, True, id="the-same-once-more"),
        pytest.param("It is broken.", 1, False, id="something-else-is-wrong"),
        pytest.param("It is full.", 2, False, id="it-happened-to-something-else"),
    ],
)
def test_an_acknowledged_alarm_waits_again_when_it_is_another(
    shelves: Shelves, sentence: str, about_id: int, *, is_known: bool
) -> None:
    found = sound(shelves, about_id=1)
    alarms.acknowledge(shelves.database, found.id, at=7, device_id=5)
    again = sound(shelves, sentence, about_id=about_id)
    assert (again.acknowledged_at, again.acknowledged_by) == ((7, 5) if is_known else (None, None))
    assert (again.times, again.sentence) == (2, sentence)


def test_what_somebody_knows_before_anybody_raised_it_never_waits_until_it_is_another(shelves: Shelves) -> None:
    def know(sentence: str, about_id: int, at: int) -> Alarm:
        alarms.know(shelves.database, "burst", "5 deleted 9", sentence, at=at, device_id=6, about_id=about_id)
        (found,) = alarms.of_kind(shelves.reading, "burst")
        return found

    known = know("30 were meant.", 40, 7)
    assert (known.acknowledged_at, known.acknowledged_by, known.about_id) == (7, 6, 40)
    assert waits(shelves) == []
    assert know("30 were meant.", 40, 8).acknowledged_at == 7, "the first who said so stays named"
    more = know("60 were meant.", 70, 9)
    assert (more.id, more.acknowledged_at, more.about_id) == (known.id, 9, 70)
    alarms.settle(shelves.database, "burst", "5 deleted 9")
    assert alarms.of_kind(shelves.reading, "burst") == []


def mass_deletion(shelves: Shelves) -> int:
    """A folder of 1,001 files vanishes from the disk; return the batch that says so."""
    shelves.path("folder").mkdir()
    for number in range(1001):
        shelves.path("folder", f"{number}.txt").write_bytes(b"%d" % number)
    shelves.scan()
    cover(shelves)
    shutil.copytree(shelves.path("folder"), shelves.path().parent.parent / "copy")
    shutil.rmtree(shelves.path("folder"))
    shelves.scan()
    shelves.sweeper.sweep()
    (batch,) = shelves.reading.execute("SELECT id FROM batch").fetchall()
    assert "vanished anna" in waits(shelves)
    return int(batch["id"])


def test_vanished_files_that_are_back_settle_their_alarm(shelves: Shelves) -> None:
    mass_deletion(shelves)
    assert alarms.settle_cured(shelves.database) == 0
    copy = shelves.path().parent.parent / "copy"
    (copy / "7.txt").unlink()
    shutil.copytree(copy, shelves.path("folder"))
    shelves.scan()
    assert alarms.settle_cured(shelves.database) == 0, "one is still missing"
    shelves.path("somewhere else.txt").write_bytes(b"7")
    shelves.scan()
    assert alarms.settle_cured(shelves.database) == 1
    assert waits(shelves) == []


def test_vanished_files_that_were_taken_back_settle_their_alarm(shelves: Shelves) -> None:
    batch_id = mass_deletion(shelves)
    undo = batches.plan(shelves.ledger, ANNA, "undo", "[]", undoes=batch_id)
    assert alarms.settle_cured(shelves.database) == 0, "it is planned, not done"
    batches.become(shelves.ledger, undo, "done")
    assert alarms.settle_cured(shelves.database) == 1


def test_octets_that_are_found_again_settle_their_alarm(shelves: Shelves) -> None:
    shelves.put("a.bin", LARGE)
    with shelves.path("a.bin").open("r+b") as file:
        file.write(b"spoilt")
    shelves.scan()
    assert waits(shelves) == ["uncovered anna/a.bin"]
    assert alarms.settle_cured(shelves.database) == 0
    shelves.put("b.bin", LARGE)
    assert alarms.settle_cured(shelves.database) == 1
    assert alarms.alarms(shelves.reading) == []


def test_alarms_of_before_get_numbers(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrate(path, until="0002_history")
    old = Database(path)
    with old.write() as writing:
        writing.execute("INSERT INTO alarm VALUES ('vanished', 'anna', 1, 2, 3, 'Many are gone.')")
    old.close()
    migrate(path)
    database = Database(path)
    assert alarms.alarms(database.connection()) == [Alarm(1, "vanished", "anna", 1, 2, 3, "Many are gone.")]
    assert alarms.settle_cured(database) == 0, "nobody knows any more what it is about; it can be acknowledged"
    database.close()
