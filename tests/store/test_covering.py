"""What is covered survives whatever is done on the disk itself; what is not is protected as far as it was promised."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance import errors
from appliance.store import alarms, content
from appliance.store.bodies import Bodies
from appliance.store.covering import Coverage, Coverer, coverage
from tests.store.histories import FileHistory
from tests.store.power import Act, cuts
from tests.store.shelves import Shelves, much_later
from tests.store.test_failed_commits import Refusal
from tests.store.test_power_cuts import recover

LIMIT_BYTES = 1 << 20
SMALL = b"a small file"
MIDDLE = random.Random(1).randbytes(300_000)
LARGE = random.Random(2).randbytes(LIMIT_BYTES + 1)


def coverer(shelves: Shelves) -> Coverer:
    """On a disk in memory, which has no clones: those are asked of in `test_file_systems.py`."""
    return Coverer(shelves.files, limit_bytes=LIMIT_BYTES, now_ns=much_later)


def cover(shelves: Shelves) -> None:
    one = coverer(shelves)
    while one.cover_some():
        pass


def three_files(shelves: Shelves) -> None:
    shelves.put("small.txt", SMALL)
    shelves.put("middle.bin", MIDDLE)
    shelves.put("large.bin", LARGE)


def covered_files(shelves: Shelves) -> None:
    three_files(shelves)
    cover(shelves)


def place_of(shelves: Shelves, body: bytes) -> str:
    row = shelves.row_of(body)
    assert row is not None
    return row.place


def whole(shelves: Shelves, body: bytes) -> bytes:
    row = shelves.row_of(body)
    assert row is not None
    return Bodies(shelves.files).whole(shelves.reading, row.id)


def marked_wrongly(shelves: Shelves) -> list[tuple[object, ...]]:
    """Members whose `covered` says otherwise than the place of their content."""
    rows = shelves.reading.execute(
        "SELECT m.name, d.covered, c.place FROM disk d JOIN member m ON m.resource_id = d.resource_id"
        " JOIN content c ON c.id = m.content_id WHERE d.covered = 1 AND c.place IN ('live', 'none')"
    )
    return [tuple(row) for row in rows]


def test_each_size_has_its_way_into_the_store(shelves: Shelves) -> None:
    covered_files(shelves)
    assert [place_of(shelves, body) for body in (SMALL, MIDDLE, LARGE)] == ["row", "chunks", "live"]
    assert coverage(shelves.reading, LIMIT_BYTES) == Coverage(files=3, covered=2, large=1)
    assert [whole(shelves, body) for body in (SMALL, MIDDLE, LARGE)] == [SMALL, MIDDLE, LARGE]


def test_covering_changes_nothing_that_a_phone_sees(shelves: Shelves) -> None:
    three_files(shelves)
    before = {name: shelves.etag(name) for name in ("small.txt", "middle.bin", "large.bin")}
    cover(shelves)
    assert {name: shelves.etag(name) for name in before} == before
    assert all(shelves.there(name).is_known for name in before)
    assert shelves.scan() == 0


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"spoilt"), id="changed in place"),
        pytest.param(lambda path: path.unlink(), id="removed"),
        pytest.param(lambda path: replace(path, b"another"), id="replaced by rename"),
        pytest.param(lambda path: path.rename(path.with_name("elsewhere")) and path.write_bytes(b"x"), id="moved"),
    ],
)
def test_what_is_covered_comes_back_whatever_is_done_behind_our_back(
    shelves: Shelves, spoil: Callable[[Path], object]
) -> None:
    covered_files(shelves)
    for name in ("small.txt", "middle.bin"):
        spoil(shelves.path(name))
    shelves.scan()
    assert (whole(shelves, SMALL), whole(shelves, MIDDLE)) == (SMALL, MIDDLE)
    assert alarms.alarms(shelves.reading) == []


def replace(path: Path, body: bytes) -> None:
    """Save as editors do: another file under the name."""
    fresh = path.with_name("saved")
    fresh.write_bytes(body)
    fresh.rename(path)


@pytest.mark.parametrize("away", ["removed", "replaced", "folder removed"])
def test_a_large_file_survives_a_rename_over_it_and_its_removal(shelves: Shelves, away: str) -> None:
    shelves.make("folder")
    shelves.put("large.bin", LARGE, folder=shelves.folder("folder"))
    cover(shelves)
    path = shelves.path("folder", "large.bin")
    inode = path.stat().st_ino
    if away == "replaced":
        replace(path, b"another")
    else:
        path.unlink()
    if away == "folder removed":
        path.parent.rmdir()
    shelves.scan()
    shelves.sweeper.sweep()
    assert place_of(shelves, LARGE) == "blob"
    assert whole(shelves, LARGE) == LARGE
    row = shelves.row_of(LARGE)
    assert row is not None and row.blob_name is not None
    assert shelves.blobs.path(row.blob_name).stat().st_ino == inode  # not one octet was copied
    assert alarms.alarms(shelves.reading) == []


@pytest.mark.parametrize("act", ["put", "delete", "move over", "delete folder"])
def test_a_guarded_file_is_kept_by_our_own_doors_without_a_copy(shelves: Shelves, act: str) -> None:
    folder = shelves.make("folder")
    shelves.put("large.bin", LARGE, folder=folder)
    shelves.put("other.bin", b"other", folder=folder)
    cover(shelves)
    inode = shelves.path("folder", "large.bin").stat().st_ino
    if act == "put":
        shelves.put("large.bin", b"new", folder=folder)
    elif act == "delete":
        shelves.delete("large.bin", folder=folder)
    elif act == "move over":
        shelves.move(("folder", "other.bin"), ("folder", "large.bin"))
    else:
        shelves.delete("folder")
        shelves.sweeper.sweep()
    row = shelves.row_of(LARGE)
    assert row is not None and row.blob_name is not None and row.place == "blob"
    status = shelves.blobs.path(row.blob_name).stat()
    assert (status.st_ino, status.st_nlink) == (inode, 1)
    assert whole(shelves, LARGE) == LARGE


def test_a_large_file_that_was_changed_in_place_is_said_to_be_lost(shelves: Shelves) -> None:
    covered_files(shelves)
    with shelves.path("large.bin").open("r+b") as file:
        file.write(b"spoilt")
    shelves.scan()
    assert place_of(shelves, LARGE) == "none"
    with pytest.raises(errors.ContentThinned):
        whole(shelves, LARGE)
    (alarm,) = alarms.alarms(shelves.reading)
    assert (alarm.kind, alarm.subject) == ("uncovered", "anna/large.bin")
    now = shelves.path("large.bin").read_bytes()
    cover(shelves)
    replace(shelves.path("large.bin"), b"another")
    shelves.scan()
    assert whole(shelves, now) == now  # the guard holds the inode, whatever is in it by now


@pytest.mark.parametrize("away", ["rename over it", "rm"])
def test_a_file_that_a_full_disk_has_no_room_to_copy_survives_its_removal(shelves: Shelves, away: str) -> None:
    """Seen on a card with less than 256 MB left: nothing was copied, and `rm` of a photo freed its only octets."""
    shelves.put("middle.bin", MIDDLE)
    full = Coverer(shelves.files, limit_bytes=LIMIT_BYTES, now_ns=much_later, free_bytes=lambda _folder: 0)
    while full.cover_some():
        pass
    assert coverage(shelves.reading, LIMIT_BYTES) == Coverage(files=1, covered=0, large=0)
    assert shelves.there("middle.bin").is_known
    if away == "rm":
        shelves.path("middle.bin").unlink()
    else:
        replace(shelves.path("middle.bin"), b"another")
    shelves.scan()
    assert whole(shelves, MIDDLE) == MIDDLE
    assert alarms.alarms(shelves.reading) == []


def test_a_guarded_file_is_copied_once_there_is_room(shelves: Shelves) -> None:
    shelves.put("middle.bin", MIDDLE)
    free = [0]
    one = Coverer(shelves.files, limit_bytes=LIMIT_BYTES, now_ns=much_later, free_bytes=lambda _folder: free[0])
    while one.cover_some():
        pass
    free[0] = 1 << 40
    shelves.put("small.txt", SMALL)  # a new row is what makes it look again at once
    while one.cover_some():
        pass
    assert coverage(shelves.reading, LIMIT_BYTES) == Coverage(files=2, covered=2, large=0)
    shelves.path("middle.bin").write_bytes(b"spoilt in place")
    shelves.scan()
    assert whole(shelves, MIDDLE) == MIDDLE


def test_octets_that_another_file_has_as_well_are_not_lost(shelves: Shelves) -> None:
    covered_files(shelves)
    shelves.copy(("large.bin",), ("twin.bin",))
    with shelves.path("large.bin").open("r+b") as file:
        file.write(b"spoilt")
    shelves.scan()
    assert (place_of(shelves, LARGE), whole(shelves, LARGE)) == ("live", LARGE)
    assert alarms.alarms(shelves.reading) == []


def test_a_file_that_came_back_is_no_longer_lost(shelves: Shelves) -> None:
    three_files(shelves)
    shelves.path("middle.bin").unlink()
    shelves.scan()
    assert place_of(shelves, MIDDLE) == "none"
    shelves.path("found.bin").write_bytes(MIDDLE)
    shelves.scan()
    assert whole(shelves, MIDDLE) == MIDDLE


def test_many_lost_files_are_one_alarm_for_all(shelves: Shelves) -> None:
    for number in range(60):
        shelves.put(f"{number}.txt", b"%d" % number)
    for number in range(60):
        shelves.path(f"{number}.txt").write_bytes(b"spoilt %d" % number)
    shelves.scan()
    assert len([alarm for alarm in alarms.alarms(shelves.reading) if alarm.kind == "uncovered"]) == 21


def test_a_file_with_another_name_outside_is_not_entrusted_to_its_inode(shelves: Shelves) -> None:
    covered_files(shelves)
    os.link(shelves.path("large.bin"), shelves.data / "outside.bin")
    shelves.scan()
    shelves.delete("large.bin")
    (shelves.data / "outside.bin").write_bytes(b"spoilt")
    assert whole(shelves, LARGE) == LARGE


def test_a_file_that_changes_while_it_is_read_is_left_for_another_time(shelves: Shelves) -> None:
    body = random.Random(3).randbytes(12 << 20)  # more than one batch of chunks
    shelves.put("busy.bin", body)

    def write() -> None:
        with shelves.path("busy.bin").open("r+b") as file:
            file.seek(11 << 20)
            file.write(b"spoilt")

    busy = Coverer(shelves.files, limit_bytes=64 << 20, now_ns=much_later, rest=write)
    while busy.cover_some():
        pass
    assert place_of(shelves, body) == "live"
    assert marked_wrongly(shelves) == []


def test_a_file_that_is_not_quiet_yet_is_left_alone(shelves: Shelves) -> None:
    three_files(shelves)
    newest = max(shelves.path(name).stat().st_ctime_ns for name in ("small.txt", "middle.bin", "large.bin"))
    moment = [newest]
    one = Coverer(shelves.files, limit_bytes=LIMIT_BYTES, now_ns=lambda: moment[0])
    while one.cover_some():
        pass
    assert coverage(shelves.reading, LIMIT_BYTES).covered == 0
    moment[0] += 4_000_000_000
    while one.cover_some():
        pass
    assert coverage(shelves.reading, LIMIT_BYTES).covered == 2


def test_nothing_is_read_again_while_nothing_changes(shelves: Shelves) -> None:
    three_files(shelves)
    one = coverer(shelves)
    while one.cover_some():
        pass
    moves: list[str] = []
    shelves.reading.set_trace_callback(moves.append)
    assert not one.cover_some()
    shelves.reading.set_trace_callback(None)
    assert [sql for sql in moves if "member" in sql] == []


def test_files_that_were_stored_already_are_only_marked(shelves: Shelves) -> None:
    covered_files(shelves)
    shelves.copy(("middle.bin",), ("copy.bin",))
    cover(shelves)
    assert coverage(shelves.reading, LIMIT_BYTES) == Coverage(files=4, covered=3, large=1)


def test_a_failed_commit_gives_back_a_file_that_only_chunks_have(shelves: Shelves) -> None:
    covered_files(shelves)
    for name, act in (("middle.bin", shelves.delete), ("middle.bin", lambda name: shelves.put(name, b"new"))):
        refusal = Refusal(shelves, 0)
        with pytest.raises(Exception, match="not authorized"):
            act(name)
        shelves.database._writer.set_authorizer(None)
        assert refusal.refused
        assert shelves.path(name).read_bytes() == MIDDLE


@pytest.mark.parametrize("before", [three_files, covered_files], ids=lambda act: act.__name__)
def test_a_power_cut_while_covering_loses_nothing_and_it_goes_on(quick_disk: Path, before: Act) -> None:
    def act(shelves: Shelves) -> None:
        cover(shelves)
        shelves.put("large.bin", b"new")
        shelves.delete("middle.bin")

    for step, acknowledged, shelves in cuts(quick_disk, before, act):
        recover(shelves)
        for body in (SMALL, MIDDLE, LARGE):
            assert whole(shelves, body) == body, step
        cover(shelves)
        assert marked_wrongly(shelves) == []
        assert shelves.scan() == 0, step
        uncovered = [one.sentence for one in alarms.alarms(shelves.reading)]
        assert uncovered == [], step
        assert acknowledged is False or place_of(shelves, LARGE) == "blob"


class CoveredHistory(FileHistory):
    """Files that are covered now and then, also large ones."""

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.chosen.choice(
                [self.put, self.put, self.make, self.delete, self.move, self.copy, self.edit_behind, self.remove_behind]
                + [self.sweep] * 2 + [self.cover] * 4
            )()  # fmt: skip
            assert marked_wrongly(self.shelves) == []
        self.shelves.sweeper.sweep()

    def cover(self) -> None:
        cover(self.shelves)
        self.lost.clear()

    def _body(self) -> bytes:
        self.written += 1
        body = self.chosen.choice([b"", b"%d " % self.written, b"%d " % self.written * 30_000])
        return body if self.chosen.random() < 0.9 else LARGE + body


@pytest.mark.parametrize("seed", range(4))
def test_what_any_history_covered_can_be_read(shelves: Shelves, seed: int) -> None:
    history = CoveredHistory(shelves, random.Random(seed))
    history.run(80)
    cover(shelves)
    assert shelves.tree() == history.tree
    rows = shelves.reading.execute("SELECT id, digest, place FROM content").fetchall()
    for row in rows:
        if row["place"] != "none":
            body = Bodies(shelves.files).whole(shelves.reading, row["id"])
            assert content.digest_of(body) == row["digest"]
    assert {row["place"] for row in rows} >= {"row", "chunks"}


def test_a_touched_or_renamed_file_stays_covered(shelves: Shelves) -> None:
    covered_files(shelves)
    os.utime(shelves.path("middle.bin"))
    shelves.path("small.txt").chmod(0o600)
    shelves.scan()
    shelves.move(("middle.bin",), ("moved.bin",))
    shelves.path("moved.bin").rename(shelves.path("moved again.bin"))
    shelves.scan()
    assert coverage(shelves.reading, LIMIT_BYTES) == Coverage(files=3, covered=2, large=1)
