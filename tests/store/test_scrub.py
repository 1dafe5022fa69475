"""What rots is found, repaired from another copy where there is one, and told; what nothing leads to goes in time."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.clock import to_micros
from appliance.store import alarms, chunks, content, leaving, places, queries
from appliance.store.scrub import Scrub, damage, position, result
from tests.store.power import cuts
from tests.store.shelves import Shelves, TurnedClock
from tests.store.test_bodies import in_chunks
from tests.store.test_covering import LARGE, MIDDLE, SMALL, cover, coverer, marked_wrongly, place_of, three_files, whole

TWO_DAYS = timedelta(days=2)


def scrubbed(shelves: Shelves) -> Scrub:
    scrub = Scrub(shelves.writer)
    while scrub.step():
        pass
    return scrub


def rot(path: Path) -> None:
    """Change one octet and nothing else."""
    status = path.stat()
    with path.open("r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def rot_live(shelves: Shelves, name: str) -> bytes:
    """Let a live file rot; that no date moved is said to the ledger, because a test cannot write without one."""
    path = shelves.path(name)
    rot(path)
    with shelves.database.write() as writing:
        writing.execute(
            "UPDATE disk SET ctime_ns = ? WHERE resource_id = ?",
            (path.stat().st_ctime_ns, shelves.there(name).resource_id or resource_of(shelves, name)),
        )
    assert shelves.there(name).is_known
    return path.read_bytes()


def resource_of(shelves: Shelves, name: str) -> int:
    row = shelves.reading.execute("SELECT resource_id FROM member WHERE name = ?", (name,)).fetchone()
    return int(row["resource_id"])


def kinds(shelves: Shelves) -> list[tuple[str, str]]:
    return sorted((alarm.kind, alarm.subject) for alarm in alarms.alarms(shelves.reading))


def stored_path(shelves: Shelves, body: bytes) -> Path:
    """The file of the store that has a body, or its first chunk."""
    row = shelves.row_of(body)
    assert row is not None
    if row.blob_name is not None:
        return shelves.blobs.path(row.blob_name)
    return shelves.blobs.path(chunks.pieces_of(shelves.reading, row.id, 0, row.size)[0][1].blob_name)


def all_kinds(shelves: Shelves) -> None:
    three_files(shelves)
    cover(shelves)
    shelves.put("old.bin", LARGE + b"old")
    shelves.put("old.bin", b"new")
    shelves.put_card("1.vcf", b"a card", "1")


def test_a_sound_house_is_left_as_it_is(shelves: Shelves) -> None:
    all_kinds(shelves)
    before = (queries.newest_seq(shelves.reading), shelves.tree())
    scrub = scrubbed(shelves)
    assert scrub.found == [] and kinds(shelves) == []
    assert (queries.newest_seq(shelves.reading), shelves.tree()) == before
    assert scrub.position.read_files >= 7
    assert scrub.position.read_bytes > 2 * len(LARGE) + 2 * len(MIDDLE)
    assert scrub.share() == 1.0


@pytest.mark.parametrize("spoil", [rot, Path.unlink], ids=["rotten", "missing"])
def test_a_damaged_blob_without_another_copy_is_told(shelves: Shelves, spoil: Callable[[Path], None]) -> None:
    all_kinds(shelves)
    spoil(stored_path(shelves, LARGE + b"old"))
    (found,) = scrubbed(shelves).found
    assert not found.repaired
    assert kinds(shelves) == [("rot", "anna/old.bin")]
    assert "no other copy" in damage(shelves.reading)[0].sentence
    scrubbed(shelves)
    assert damage(shelves.reading)[0].times == 2


def test_a_damaged_blob_is_repaired_from_the_live_file_that_has_its_octets(shelves: Shelves) -> None:
    all_kinds(shelves)
    shelves.path("came back.bin").write_bytes(LARGE + b"old")
    shelves.scan()
    path = stored_path(shelves, LARGE + b"old")
    rot(path)
    (found,) = scrubbed(shelves).found
    assert found.repaired
    assert place_of(shelves, LARGE + b"old") == "live"
    assert marked_wrongly(shelves) == []
    assert whole(shelves, LARGE + b"old") == LARGE + b"old"
    assert leaving.is_leaving(shelves.reading, path.name)
    assert damage(shelves.reading) == []


@pytest.mark.parametrize("spoil", [rot, Path.unlink], ids=["rotten", "missing"])
def test_a_damaged_chunk_is_taken_from_the_live_file(shelves: Shelves, spoil: Callable[[Path], None]) -> None:
    all_kinds(shelves)
    spoil(stored_path(shelves, MIDDLE))
    (found,) = scrubbed(shelves).found
    assert (found.repaired, found.subject) == (True, "anna/middle.bin")
    shelves.path("middle.bin").unlink()
    assert whole(shelves, MIDDLE) == MIDDLE


def test_a_damaged_chunk_that_nothing_else_has_is_told_until_it_is_whole_again(shelves: Shelves) -> None:
    kept = in_chunks(shelves)
    path = stored_path(shelves, kept.body)
    whole_chunk = path.read_bytes()
    rot(path)
    scrubbed(shelves)
    assert [alarm.subject for alarm in damage(shelves.reading)] != []
    path.write_bytes(whole_chunk)
    shelves.clock.turn(timedelta(hours=1))
    scrubbed(shelves)
    assert damage(shelves.reading) == []


def test_a_damaged_row_is_repaired_by_the_live_file(shelves: Shelves) -> None:
    all_kinds(shelves)
    with shelves.database.write() as writing:
        writing.execute("UPDATE content SET body = ? WHERE digest = ?", (b"A small file", content.digest_of(SMALL)))
    (found,) = scrubbed(shelves).found
    assert found.repaired
    one = coverer(shelves)
    while one.cover_some():
        pass
    assert (place_of(shelves, SMALL), whole(shelves, SMALL)) == ("row", SMALL)


@pytest.mark.parametrize("name", ["small.txt", "middle.bin"])
def test_a_live_file_that_rots_is_written_anew_and_nothing_is_lost(shelves: Shelves, name: str) -> None:
    body = {"small.txt": SMALL, "middle.bin": MIDDLE}[name]
    all_kinds(shelves)
    os.chmod(shelves.path(name), 0o640)
    shelves.scan()
    modified_ns = shelves.path(name).stat().st_mtime_ns
    spoilt = rot_live(shelves, name)
    (found,) = scrubbed(shelves).found
    assert found.repaired
    status = shelves.path(name).stat()
    assert (shelves.path(name).read_bytes(), status.st_mtime_ns, status.st_mode & 0o777) == (body, modified_ns, 0o640)
    assert shelves.is_kept(spoilt)  # it could be somebody's work
    operations = [op for op, _, _ in shelves.versions(resource_of(shelves, name))]
    assert operations[-2:] == ["observe", "restore"]
    assert kinds(shelves)[0][0] == "repaired"
    assert shelves.scan() == 0
    assert shelves.leftovers() == []


def test_a_repair_is_told_until_somebody_has_seen_it(shelves: Shelves) -> None:
    all_kinds(shelves)
    rot_live(shelves, "middle.bin")
    scrubbed(shelves)
    first = result(shelves.reading)
    assert first is not None and (first.repaired, first.damaged) == (1, 0)
    shelves.clock.turn(timedelta(days=30))
    assert scrubbed(shelves).found == []
    (told,) = [alarm for alarm in alarms.alarms(shelves.reading) if alarm.kind == "repaired"]
    second = result(shelves.reading)
    assert second is not None and (second.repaired, second.damaged) == (0, 0)
    alarms.acknowledge(shelves.ledger.database, told.id, at=shelves.ledger.now_micros(), device_id=1)
    shelves.clock.turn(timedelta(days=30))
    scrubbed(shelves)
    assert [alarm for alarm in alarms.alarms(shelves.reading) if alarm.kind == "repaired"] == []


def test_a_live_file_that_rots_without_a_copy_is_told_and_not_spread(shelves: Shelves) -> None:
    all_kinds(shelves)
    etag = shelves.etag("large.bin")
    rot_live(shelves, "large.bin")
    (found,) = scrubbed(shelves).found
    assert not found.repaired
    assert shelves.etag("large.bin") == etag  # phones that have the sound file keep it
    assert damage(shelves.reading)[0].subject == "anna/large.bin"


def test_a_file_that_somebody_wrote_is_no_rot(shelves: Shelves) -> None:
    all_kinds(shelves)
    shelves.path("middle.bin").write_bytes(b"edited")
    assert scrubbed(shelves).found == []
    assert shelves.path("middle.bin").read_bytes() == b"edited"


def test_a_scrub_goes_on_where_it_was_stopped(shelves: Shelves) -> None:
    all_kinds(shelves)
    for _ in range(3):
        Scrub(shelves.writer).step()
    stopped = position(shelves.reading)
    assert stopped is not None and stopped.part != "database"
    scrub = Scrub(shelves.writer)
    assert scrub.goes_on
    while scrub.step():
        pass
    assert position(shelves.reading) is None
    assert scrub.position.read_files >= 7


def test_it_can_be_stopped_in_the_middle_of_a_large_file(shelves: Shelves) -> None:
    shelves.put("huge.bin", random.Random(9).randbytes(66 << 20))

    def stop() -> None:
        raise KeyboardInterrupt

    scrub = Scrub(shelves.writer, rest=stop)
    with pytest.raises(KeyboardInterrupt):
        all(iter(scrub.step, False))
    assert scrubbed(shelves).found == []


# --- what nothing leads to ---------------------------------------------------------------------------


def later(shelves: Shelves) -> None:
    """Now is long after whatever is on disk, whatever the machine's own clock says."""
    shelves.clock.moment = max(shelves.clock.moment, TurnedClock().moment) + timedelta(days=3650)


def blobs_of(shelves: Shelves) -> set[str]:
    return {path.name for path in shelves.blobs.folder.rglob("*") if path.is_file()}


def test_what_nothing_leads_to_goes_after_two_days(shelves: Shelves) -> None:
    all_kinds(shelves)
    kept = blobs_of(shelves)
    shelves.blobs.prepare(LARGE + b"never recorded")
    shelf = stored_path(shelves, MIDDLE).parent
    (shelf / ".half.a-b").write_bytes(b"half")
    scrubbed(shelves)
    assert len(blobs_of(shelves)) == len(kept) + 2  # younger than a day
    later(shelves)
    assert scrubbed(shelves).position.strays == 2
    assert len(blobs_of(shelves)) == len(kept) + 1  # in its grace
    later(shelves)
    scrubbed(shelves)
    assert blobs_of(shelves) == kept


def test_chunks_that_no_body_needs_go_as_well(shelves: Shelves) -> None:
    kept = in_chunks(shelves)
    with shelves.database.write() as writing:
        writing.execute("DELETE FROM piece")
        writing.execute("UPDATE content SET place = 'none' WHERE id = ?", (kept.content_id,))
    shelves.scan()
    later(shelves)
    scrubbed(shelves)
    assert shelves.reading.execute("SELECT count(*) FROM chunk").fetchone()[0] == 0
    later(shelves)
    scrubbed(shelves)
    assert blobs_of(shelves) == set()


def test_a_blob_that_a_power_cut_left_is_taken_back_when_its_body_is_lacking(shelves: Shelves) -> None:
    shelves.put("large.bin", LARGE)
    row = shelves.row_of(LARGE)
    assert row is not None
    with shelves.database.write() as writing:
        name = content.free_name(writing, row.digest)
    shelves.blobs.install([shelves.blobs.write(name, LARGE)])
    shelves.path("large.bin").unlink()
    later(shelves)
    scrubbed(shelves)
    assert (place_of(shelves, LARGE), whole(shelves, LARGE)) == ("blob", LARGE)


def test_a_guard_goes_when_its_file_is_another(shelves: Shelves) -> None:
    three_files(shelves)
    cover(shelves)
    guards = shelves.blobs.folder / "guards"
    (guard,) = guards.iterdir()
    later(shelves)
    scrubbed(shelves)
    assert guard.exists()
    with shelves.path("large.bin").open("r+b") as file:
        file.write(b"spoilt")
    shelves.scan()
    shelves.delete("large.bin")
    later(shelves)
    scrubbed(shelves)
    assert not guard.exists()


def removed(shelves: Shelves, body: bytes) -> None:
    row = shelves.row_of(body)
    assert row is not None
    with shelves.database.write() as writing:
        assert places.remove(writing, row.id, at=to_micros(shelves.clock.now()))


def test_a_removed_body_leaves_the_disk_a_day_later(shelves: Shelves) -> None:
    all_kinds(shelves)
    old = LARGE + b"old"
    path = stored_path(shelves, old)
    removed(shelves, old)
    now = to_micros(shelves.clock.now())
    assert leaving.unlink_left(shelves.database, shelves.blobs, now) == 0 and path.exists()
    assert leaving.unlink_left(shelves.database, shelves.blobs, now + leaving.GRACE_MICROS) == 1
    assert not path.exists()


def test_a_body_that_a_member_has_is_never_removed(shelves: Shelves) -> None:
    all_kinds(shelves)
    for body in (SMALL, MIDDLE, LARGE, b"a card"):
        row = shelves.row_of(body)
        assert row is not None
        with shelves.database.write() as writing:
            assert not places.remove(writing, row.id, at=1)
        assert whole(shelves, body) == body


def test_a_body_that_comes_back_in_its_grace_gets_a_file_of_its_own(shelves: Shelves) -> None:
    all_kinds(shelves)
    old = LARGE + b"old"
    removed(shelves, old)
    shelves.put("again.bin", old)
    shelves.put("again.bin", b"x")
    row = shelves.row_of(old)
    assert row is not None and row.blob_name is not None and row.blob_name.endswith(".1")
    later(shelves)
    leaving.unlink_left(shelves.database, shelves.blobs, to_micros(shelves.clock.now()))
    assert whole(shelves, old) == old


def test_chunks_are_removed_only_with_the_last_body_that_needs_them(shelves: Shelves) -> None:
    kept = in_chunks(shelves)
    with_more = kept.body + random.Random(8).randbytes(100_000)
    also = in_chunks(shelves, with_more)
    shelves.scan()
    shared = shelves.reading.execute("SELECT count(*) FROM chunk").fetchone()[0]
    removed(shelves, kept.body)
    left = shelves.reading.execute("SELECT count(*) FROM chunk").fetchone()[0]
    assert 0 < shared - left < 3
    assert also.bodies.whole(shelves.reading, also.content_id) == with_more
    removed(shelves, with_more)
    assert shelves.reading.execute("SELECT count(*) FROM chunk").fetchone()[0] == 0


def test_a_power_cut_while_things_are_removed_and_scrubbed_loses_nothing_that_is_needed(quick_disk: Path) -> None:
    def act(shelves: Shelves) -> None:
        removed(shelves, LARGE + b"old")
        later(shelves)
        scrubbed(shelves)
        shelves.put("old.bin", LARGE + b"old")
        shelves.put("old.bin", b"newer")

    for step, acknowledged, shelves in cuts(quick_disk, all_kinds, act):
        shelves.sweeper.sweep()
        shelves.scan()
        for body in (SMALL, MIDDLE, LARGE, b"a card"):
            assert whole(shelves, body) == body, step
        assert shelves.tree()[("old.bin",)] in (b"new", b"newer", LARGE + b"old")
        if acknowledged:
            assert whole(shelves, LARGE + b"old") == LARGE + b"old"
        later(shelves)
        assert [found for found in scrubbed(shelves).found if not found.repaired] == [], step
