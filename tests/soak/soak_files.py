"""20,000 folders with 100,000 files, made behind our back: the scan at start, a listing of unread files, memory."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tests.clients.wire import Answer, Wire
from tests.newcomers import newcomer
from tests.serving import Device, House, command, serving, wait_until
from tests.soak.conftest import Note
from tests.soak.readings import in_mib, openings

FOLDERS = 20_000
FILES = 100_000
BREADTH = 20  # folders in a folder
UNREAD = 10_000
GROWTH_LIMIT_BYTES = 256 << 20
SCAN_SECONDS = 900.0
YOUNG_SECONDS = 2.0  # a file that is younger is listed, and read later


def test_a_hundred_thousand_files_made_behind_our_back_are_found(tmp_path: Path, note: Note) -> None:
    data, size = tmp_path / "data", f"{FOLDERS:,} folders, {FILES:,} files"
    with serving(data) as house:
        device = newcomer(house, "anna")
        command("person", "add", "zoe", data=data)  # her home is scanned after anna's
        idle_bytes = house.running.resident_bytes()
    folders = make_tree(data / "files" / "anna")
    before = last_seq(data)
    with serving(data) as house:
        began = time.monotonic()
        wait_until(lambda: last_seq(data) >= before + FOLDERS + FILES, "the scan to end", seconds=SCAN_SECONDS)
        seconds, growth = time.monotonic() - began, house.running.resident_bytes() - idle_bytes
        assert counted(data) == (FOLDERS, FILES)
        note("scan at start", size, f"complete in {seconds:.0f} s, the worker {in_mib(growth)} above idle")
        assert growth < GROWTH_LIMIT_BYTES
        with Wire(house.url, user=device.user, password=device.password) as wire:
            some_are_right(wire, folders, note)
            nobody_reads_what_is_listed(house, wire, device, note)
    (data / "files" / "zoe" / "canary.txt").write_text("found last")
    os.utime(data / "files" / "zoe" / "canary.txt", (1_700_000_000, 1_700_000_000))
    nothing_changed(data, size, note)


def make_tree(home: Path) -> list[tuple[str, Path, int]]:
    """Make the folders and files; return some files: address below the home, path, number."""
    paths = [home]
    for number in range(FOLDERS):
        path = paths[number // BREADTH] / f"폴더 {number}"
        path.mkdir()
        paths.append(path)
    some = []
    for number in range(FILES):
        path = paths[number % len(paths)] / f"파일 {number}.txt"
        path.write_bytes(octets(number))
        if number % (FILES // 100) == 0:
            some.append((quote(str(path.relative_to(home))), path, number))
    return some


def octets(number: int) -> bytes:
    """Return the octets of a file, none like another's."""
    return f"{number}\n".encode() * (number % 97 + 1)


def last_seq(data: Path) -> int:
    """Return the last row of the ledger."""
    return next(asked(data, "SELECT max(seq) FROM version"))


def counted(data: Path) -> tuple[int, int]:
    """Return how many folders and files the ledger has in people's homes."""
    folders = next(asked(data, "SELECT count(*) FROM member WHERE kind = 'folder' AND name LIKE '폴더%'"))
    return folders, next(asked(data, "SELECT count(*) FROM member WHERE kind = 'file'"))


def asked(data: Path, question: str) -> Iterator[int]:
    with closing(sqlite3.connect(f"file:{data / 'gotgan.db'}?mode=ro", uri=True, timeout=60)) as reading:
        yield from (int(row[0]) for row in reading.execute(question).fetchall())


def some_are_right(wire: Wire, files: list[tuple[str, Path, int]], note: Note) -> None:
    """GET some of the files, and see a recorded ETag."""
    for address, _, number in files:
        answer = wire.ask("GET", f"/dav/files/anna/{address}")
        assert (answer.status, answer.body) == (200, octets(number)), address
    note("files found by the scan", f"{len(files)} of {FILES:,}", "octets as they lie on the disk")


def nobody_reads_what_is_listed(house: House, wire: Wire, device: Device, note: Note) -> None:
    """List a folder of files that nobody has read: none is opened until the list is complete, all are afterwards."""
    folder = house.data / "files" / device.user / "unread"
    folder.mkdir()
    for number in range(UNREAD):
        (folder / f"{number}.txt").write_bytes(octets(number))
    for path in folder.iterdir():
        os.utime(path, (soon := time.time() + YOUNG_SECONDS, soon))
    with openings(folder) as opened:
        first, wall = listed(wire, "/dav/files/anna/unread/")
        at_answer = opened.count()
        assert len(first) == UNREAD
        assert at_answer == 0
        began = time.monotonic()
        wait_until(lambda: opened.count() >= UNREAD, "the files to be read in their own time", seconds=SCAN_SECONDS)
    wait_until(lambda: counted(house.data)[1] == FILES + UNREAD, "the files to be recorded", seconds=SCAN_SECONDS)
    seconds = time.monotonic() - began
    wire.hang_up()  # the server may have done so by now
    assert listed(wire, "/dav/files/anna/unread/")[0] == first  # what is recorded later keeps its ETag (protocol B1)
    note(
        "list unread files",
        f"{UNREAD:,}",
        f"{at_answer} opened, {wall * 1000:.0f} ms; all read {seconds:.0f} s later, ETags kept",
    )


def listed(wire: Wire, href: str) -> tuple[dict[str, str], float]:
    """Return href to ETag of the files in a folder, and the seconds it took."""
    began = time.monotonic()
    answer: Answer = wire.ask(
        "PROPFIND",
        href,
        headers={"Depth": "1", "Content-Type": "application/xml"},
        body='<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
    )
    wall = time.monotonic() - began
    return {name: member.text("{DAV:}getetag") for name, member in answer.members.items() if name != href}, wall


def nothing_changed(data: Path, size: str, note: Note) -> None:
    """Start again: the one file that is new, in the home that is scanned last, is the one row."""
    before = last_seq(data)
    with serving(data):
        began = time.monotonic()
        wait_until(lambda: last_seq(data) > before, "the second scan to reach the last home", seconds=SCAN_SECONDS)
        seconds = time.monotonic() - began
    (name,) = names_since(data, before)
    assert name == "canary.txt"
    note("scan at the next start", size, f"nothing changed, in {seconds:.1f} s")


def names_since(data: Path, seq: int) -> list[str]:
    """Return the names of the ledger's rows after `seq`."""
    with closing(sqlite3.connect(f"file:{data / 'gotgan.db'}?mode=ro", uri=True)) as reading:
        return [row[0] for row in reading.execute("SELECT name FROM version WHERE seq > ?", (seq,)).fetchall()]
