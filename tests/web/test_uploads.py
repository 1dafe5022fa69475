"""Files that a page brought: whole and found again, or not there at all."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

from appliance import errors
from web import uploads


class FullDisk(io.BytesIO):
    """A file of which the second piece finds no room."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


def test_a_file_is_found_again_in_the_visit_it_came_in(tmp_path: Path) -> None:
    key = uploads.keep(tmp_path, 7, FileStorage(io.BytesIO(b"BEGIN:VCARD")))
    path = uploads.kept(tmp_path, 7, key)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"BEGIN:VCARD", 0o600)
    with pytest.raises(errors.NotFound):
        uploads.kept(tmp_path, 8, key)


def test_of_a_file_that_finds_no_room_nothing_stays(tmp_path: Path) -> None:
    octets = b"x" * (2 * uploads.PIECE_BYTES)
    with pytest.raises(errors.DiskFull):
        uploads.keep(tmp_path, 7, FileStorage(FullDisk(octets)))
    assert list((tmp_path / uploads.FOLDER).iterdir()) == []


@pytest.mark.parametrize("name", ["", "..", "../gotgan.db", "7-", "7-" + "0" * 31, "7-" + "0" * 32])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    uploads.keep(tmp_path, 7, FileStorage(io.BytesIO(b"x")))
    with pytest.raises(errors.NotFound):
        uploads.of(tmp_path, name)
