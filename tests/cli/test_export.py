"""`gotgan export`: open formats, round trips, all history, any moment, and never half of it."""

from __future__ import annotations

import fcntl
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from blake3 import blake3

from appliance.store.database import Database
from tests.cli.calling import Shell
from tests.cli.test_import import BOOK, CALENDAR, anna, bring, calendar, card, counts, event

__all__ = ["anna"]

CARDS = [card("a", "TEL:1"), card("b/c", "X-ODD: 한글 "), card("d").replace("\r\n", "\n")]


def export(shell: Shell, address: str, target: Path, *words: str, code: int = 0) -> Any:  # noqa: ANN401 - a report
    said = shell("export", address, "--to", str(target), "--json", *words)
    assert said.code == code, said.err
    return json.loads(said.out)


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def full(anna: Shell, tmp_path: Path) -> Shell:
    """Three contacts, a series of events and a small tree of files."""
    (tmp_path / "in.vcf").write_text("".join(CARDS), newline="")
    bring(anna, tmp_path / "in.vcf")
    series = event("s", "RRULE:FREQ=DAILY;COUNT=3") + event("s", "RECURRENCE-ID:20261125T090000Z", "SUMMARY:x")
    (tmp_path / "in.ics").write_text(calendar(series, event("t", "SUMMARY:y")), newline="")
    bring(anna, tmp_path / "in.ics", into=CALENDAR)
    (tmp_path / "tree" / "사진" / "empty").mkdir(parents=True)
    (tmp_path / "tree" / "사진" / "a.jpg").write_bytes(b"\xff\xd8" * 50_000)
    (tmp_path / "tree" / "b.txt").write_bytes(b"text")
    os.utime(tmp_path / "tree" / "b.txt", (1_400_000_000, 1_400_000_000))
    bring(anna, tmp_path / "tree", into="files/anna/tree")
    return anna


def test_a_book_comes_back_octet_for_octet(full: Shell, tmp_path: Path) -> None:
    report = export(full, BOOK, tmp_path / "book.vcf")
    assert report["entries"] == 3
    assert sorted((tmp_path / "book.vcf").read_bytes().split(b"BEGIN:")) == sorted(
        "".join(CARDS).encode().split(b"BEGIN:")
    )
    full("person", "add", "mina")
    again = bring(full, tmp_path / "book.vcf", into="addressbooks/mina/contacts")
    assert counts(again) == {"new": 3}
    export(full, "addressbooks/mina/contacts", tmp_path / "mina.vcf")
    assert sorted((tmp_path / "mina.vcf").read_bytes().split(b"BEGIN:")) == sorted(
        (tmp_path / "book.vcf").read_bytes().split(b"BEGIN:")
    )
    assert counts(bring(full, tmp_path / "book.vcf")) == {"same": 3}


def test_a_calendar_comes_back_with_the_same_meaning(full: Shell, tmp_path: Path) -> None:
    assert export(full, CALENDAR, tmp_path / "all.ics")["entries"] == 2
    assert counts(bring(full, tmp_path / "all.ics", into=CALENDAR)) == {"same": 2}
    export(full, CALENDAR, tmp_path / "single")
    assert sorted(files_in(tmp_path / "single")) == [".gotgan-export", "s.ics", "t.ics"]
    assert counts(bring(full, tmp_path / "single", into=CALENDAR)) == {"same": 2}


def test_files_come_back_with_their_dates(full: Shell, tmp_path: Path) -> None:
    export(full, "files/anna/tree", tmp_path / "out")
    found = files_in(tmp_path / "out")
    del found[".gotgan-export"]
    assert found == files_in(tmp_path / "tree")
    assert (tmp_path / "out" / "사진" / "empty").is_dir()
    assert (tmp_path / "out" / "b.txt").stat().st_mtime == 1_400_000_000


def test_a_zip_holds_the_same(full: Shell, tmp_path: Path) -> None:
    export(full, "files/anna/tree", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {name: archive.read(name) for name in names if not name.endswith("/")} == files_in(tmp_path / "tree")
        assert "사진/empty/" in names
        local = datetime.fromtimestamp(1_400_000_000, ZoneInfo("Asia/Seoul"))
        assert archive.getinfo("b.txt").date_time[1:3] == (local.month, local.day)


def test_what_lies_on_the_disk_is_exported_though_nobody_told_of_it(full: Shell, tmp_path: Path) -> None:
    behind = full.data / "files" / "anna" / "behind.txt"
    behind.write_bytes(b"put there by hand")
    os.utime(behind, (1_500_000_000, 1_500_000_000))
    os.utime(behind.parent)
    export(full, "files/anna", tmp_path / "out", code=0)
    found = files_in(tmp_path / "out")
    assert found.get("behind.txt", b"put there by hand") == b"put there by hand"  # two seconds old: perhaps not quiet
    assert found["tree/b.txt"] == b"text"


def test_a_person_is_a_folder_that_describes_itself(full: Shell, tmp_path: Path) -> None:
    export(full, "anna", tmp_path / "out")
    found = files_in(tmp_path / "out")
    assert {"contacts/contacts.vcf", "calendars/calendar.ics", "calendars/tasks.ics", "files/tree/b.txt"} <= set(found)
    said = json.loads(found["export.json"])
    assert said["person"] == "anna"
    book = next(one for one in said["collections"] if one["address"] == BOOK)
    assert (book["file"], book["display_name"]) == ("contacts/contacts.vcf", "Contacts")
    assert b"versions.jsonl" in found["README.txt"]


def test_every_version_is_there_with_who_and_when(full: Shell, tmp_path: Path) -> None:
    changed = card("a", "TEL:2")
    (tmp_path / "in.vcf").write_text(changed, newline="")
    bring(full, tmp_path / "in.vcf")
    (tmp_path / "tree" / "b.txt").write_bytes(b"other text")
    bring(full, tmp_path / "tree", into="files/anna/tree")
    export(full, "anna", tmp_path / "out", "--with-history")
    lines = (tmp_path / "out" / "history" / "versions.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    told = [row for row in rows if row["address"] in (f"{BOOK}/a.vcf", "files/anna/tree/b.txt")]
    octets = [(tmp_path / "out" / row["file"]).read_bytes() for row in told]
    assert octets == [CARDS[0].encode(), changed.encode(), b"text", b"other text"]
    assert all(blake3(octet).hexdigest() == row["digest"] for octet, row in zip(octets, told, strict=True))
    assert {(row["person"], row["device"]) for row in told} == {("anna", "Command line")}
    assert all(datetime.fromisoformat(row["at"]).tzinfo is not None for row in told)
    assert told[3]["file"] == "files/tree/b.txt"
    database = Database(full.data / "gotgan.db")
    home_rows = database.connection().execute(
        "SELECT count(*) FROM version v JOIN device d ON d.id = v.device_id JOIN person p ON p.id = d.person_id"
        " WHERE p.name = 'anna'"
    )
    assert (
        len([row for row in rows if row["device"] == "Command line" and row["person"] == "anna"])
        == (home_rows.fetchone()[0])
    )
    database.close()


def test_a_moment_is_exported_as_it_was(full: Shell, tmp_path: Path) -> None:
    before = export(full, BOOK, tmp_path / "before.vcf")["seq"]
    (tmp_path / "in.vcf").write_text(card("a", "TEL:2"), newline="")
    bring(full, tmp_path / "in.vcf")
    export(full, BOOK, tmp_path / "then.vcf", "--at", f"seq-{before}")
    assert (tmp_path / "then.vcf").read_bytes() == (tmp_path / "before.vcf").read_bytes()
    export(full, "anna", tmp_path / "then", "--at", f"seq-{before}", "--with-history")
    assert b"TEL:2" not in b"".join(files_in(tmp_path / "then").values())


def test_a_single_contact_or_file_is_its_octets(full: Shell, tmp_path: Path) -> None:
    export(full, f"{BOOK}/a.vcf", tmp_path / "a.vcf")
    assert (tmp_path / "a.vcf").read_bytes() == CARDS[0].encode()


def test_nothing_is_replaced_unless_it_is_meant(full: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.vcf").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").write_text("mine")
    for target, words in ((tmp_path / "mine.vcf", ()), (tmp_path / "mine", ()), (tmp_path / "mine", ("--overwrite",))):
        assert full("export", BOOK, "--to", str(target), *words).code == 1
    assert ((tmp_path / "mine.vcf").read_text(), (tmp_path / "mine" / "photo.jpg").read_text()) == ("mine", "mine")
    export(full, BOOK, tmp_path / "mine.vcf", "--overwrite")
    export(full, BOOK, tmp_path / "ours")
    (tmp_path / "ours" / "stale").write_text("x")
    export(full, BOOK, tmp_path / "ours", "--overwrite")
    assert not (tmp_path / "ours" / "stale").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_what_cannot_be_read_is_told_and_the_rest_is_there(full: Shell, tmp_path: Path) -> None:
    database = Database(full.data / "gotgan.db")
    with database.write() as writing:
        writing.execute(
            "UPDATE content SET body = zeroblob(size) WHERE id = (SELECT content_id FROM member WHERE name = 'a.vcf')"
        )
    database.close()
    report = export(full, BOOK, tmp_path / "book.vcf", code=1)
    assert (report["entries"], report["left_out"]["count"]) == (2, 1)
    report = export(full, BOOK, tmp_path / "book.zip", code=1)
    with zipfile.ZipFile(tmp_path / "book.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 2


@pytest.mark.parametrize(
    ("address", "name", "code"),
    [
        pytest.param("nobody", "out", 1, id="nobody"),
        pytest.param("addressbooks/anna/none", "out", 1, id="nothing"),
        pytest.param(BOOK, "out.ics", 2, id="contacts-as-events"),
        pytest.param("anna", "no/such/folder/out", 1, id="no-folder"),
    ],
)
def test_what_cannot_be_exported_is_said(full: Shell, tmp_path: Path, address: str, name: str, code: int) -> None:
    said = full("export", address, "--to", str(tmp_path / name))
    assert (said.code, said.err.count("\n")) == (code, 1)
    assert not (tmp_path / name).exists()


def test_what_an_export_left_that_was_cut_off_is_removed_by_the_next(full: Shell, tmp_path: Path) -> None:
    """A hidden folder lay beside an export for good; what is not called like that, or is still written, stays."""
    target, place = tmp_path / "out" / "anna", tmp_path / "out"
    place.mkdir()
    export(full, "files/anna/tree", target)
    running = place / ".anna.gotgan-00000002.part"
    others = {".anna.gotgan-0.part", ".anna.12345678.part", "anna.gotgan-00000003.part", ".ann.gotgan-00000004.part"}
    for name in (".anna.gotgan-00000001.part", running.name, *others):
        (place / name / "deep").mkdir(parents=True)
        (place / name / "deep" / "a.txt").write_text("a")
    (place / ".anna.gotgan-00000005.part").write_text("half a file")
    held = os.open(running, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    export(full, "files/anna/tree", target, "--overwrite")
    assert {path.name for path in place.iterdir()} == {"anna", running.name, *others}
    os.close(held)
    (place / ".book.vcf.gotgan-00000006.part").write_text("half a book")
    export(full, BOOK, place / "book.vcf")
    assert {path.name for path in place.iterdir()} == {"anna", "book.vcf", running.name, *others}


def test_a_long_name_leaves_room_for_its_passing_one(full: Shell, tmp_path: Path) -> None:
    target = tmp_path / ("가" * 83 + ".vcf")
    export(full, BOOK, target)
    assert [path.name for path in tmp_path.glob("*가.vcf")] == [target.name]
