"""A folder as a zip: everything in it, dated and named as it is, never half a file, and told what is missing."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from appliance import errors
from appliance.dav.contracts import Collection, Conditions, Content, Kind, Resource
from appliance.history.zips import ZipTarget
from appliance.tree.archive import Missing, Turns, zipped
from tests.history.rooms import Rooms
from tests.store.shelves import quick_folder

SEOUL = ZoneInfo("Asia/Seoul")
NOISE = bytes((n * n * 7 + n) % 251 for n in range(300_000))


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with quick_folder() as folder:
        opened = Rooms(folder)
        yield opened
        opened.close()


def farewell(missing: Sequence[Missing], count: int) -> tuple[str, str]:
    return "not here.txt", "\n".join([str(count), *("/".join(each.path) for each in missing)])


def opened(folder: object) -> zipfile.ZipFile:
    octets = b"".join(zipped(cast("Collection", folder), zone=SEOUL, farewell=farewell))
    archive = zipfile.ZipFile(io.BytesIO(octets))
    assert archive.testzip() is None
    return archive


def test_a_zip_holds_everything_below_as_it_is(rooms: Rooms) -> None:
    rooms.make("files/anna/할머니 댁").make("files/anna/할머니 댁/빈 곳")
    rooms.put("files/anna/할머니 댁/장독대.jpg", NOISE).put("files/anna/할머니 댁/a.txt", b"one\n" * 9)
    archive = opened(rooms.site().find(("files", "anna", "할머니 댁")))
    assert archive.namelist() == ["a.txt", "빈 곳/", "장독대.jpg"]
    assert archive.read("장독대.jpg") == NOISE
    assert archive.getinfo("a.txt").compress_type == zipfile.ZIP_DEFLATED
    assert archive.getinfo("장독대.jpg").compress_type == zipfile.ZIP_STORED
    assert all(each.flag_bits & 0x800 for each in archive.infolist() if not each.filename.isascii())  # UTF-8


def test_an_empty_folder_is_an_empty_zip(rooms: Rooms) -> None:
    rooms.make("files/anna/empty")
    assert opened(rooms.site().find(("files", "anna", "empty"))).namelist() == []


def test_other_programs_read_it_whole(rooms: Rooms) -> None:
    rooms.put("files/anna/a.bin", NOISE).put("files/anna/empty.txt", b"")
    octets = b"".join(zipped(rooms.site().find(("files", "anna")), zone=SEOUL, farewell=farewell))  # type: ignore[arg-type]
    path = rooms.data / "a.zip"
    path.write_bytes(octets)
    said = subprocess.run(["python3", "-m", "zipfile", "-t", str(path)], check=True, capture_output=True, text=True)
    assert "corrupted" not in said.stdout


def test_a_folder_of_the_past_is_zipped_as_it_was(rooms: Rooms) -> None:
    rooms.make("files/anna/trip").put("files/anna/trip/a.txt", b"one").put("files/anna/trip/b.txt", b"b")
    then = rooms.seq
    rooms.put("files/anna/trip/a.txt", b"two").delete("files/anna/trip/b.txt")
    archive = opened(rooms.site().find(("at", f"seq-{then}", "files", "anna", "trip")))
    assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"one", "b.txt": b"b"}


# --- what goes wrong on the way ---------------------------------------------------------------------


class Changing:
    """A file that is replaced after half of it was read."""

    kind = Kind.FILE
    etag, content_type, size_bytes = '"1"', "text/plain", 200_000
    modified_at = datetime(2026, 11, 20, tzinfo=UTC)

    def __init__(self, name: str, error: Exception | None) -> None:
        self.address = ("files", "anna", name)
        self._error = error

    def read(self, conditions: Conditions) -> Content:
        return self

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        yield b"x" * 100_000
        if self._error is not None:
            raise self._error


class Whole(Changing):
    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        yield b"y" * self.size_bytes


class Shelf:
    kind = Kind.FOLDER

    def __init__(self, *members: object) -> None:
        self._members = members

    def members(self) -> Iterator[Resource]:
        yield from self._members  # type: ignore[misc]


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(errors.ContentMissing("changed"), id="it-changes"),
        pytest.param(OSError(5, "Input/output error"), id="the-disk-is-failing"),
        pytest.param(None, id="it-is-shorter-than-was-told"),
    ],
)
def test_what_changes_on_its_way_is_told_and_stops_nothing(error: Exception | None) -> None:
    archive = opened(Shelf(Changing("b.txt", error), Whole("c.txt", None)))
    assert archive.namelist() == ["c.txt", "not here.txt"]
    assert archive.read("not here.txt") == b"1\nb.txt"


def test_a_file_above_four_gigabytes_has_the_larger_form() -> None:
    with io.BytesIO() as file, zipfile.ZipFile(file, "w") as archive:
        target = ZipTarget(archive, SEOUL)
        with target.entry(("small.bin",), size_bytes=3) as out:
            out.write(b"abc")
        small = file.getvalue()
        with target.entry(("large.bin",), size_bytes=5 << 30) as out:
            out.write(b"abc")
        large = file.getvalue()[len(small) :]
    zip64 = (1).to_bytes(2, "little")
    assert zip64 not in small[30:60]
    assert zip64 in large[30:80]


def test_no_piece_is_large(rooms: Rooms) -> None:
    rooms.put("files/anna/a.jpg", NOISE * 5)
    pieces = list(zipped(rooms.site().find(("files", "anna")), zone=SEOUL, farewell=farewell))  # type: ignore[arg-type]
    assert max(map(len, pieces)) < 400_000
    assert len(pieces) > 4


def test_no_more_than_some_are_on_their_way() -> None:
    turns = Turns(most=1)
    give_back = turns.take()
    with pytest.raises(errors.Busy):
        turns.take()
    give_back()
    turns.take()()
