"""A zip that is being written: names in UTF-8, dates in the household's zone and in UTC, nothing packed twice.

What cannot be read to its end is taken back, so that nobody finds half a file in it. A zip that is on its way to
somebody already has octets of it behind it, but no entry: a list of contents stands at a zip's end.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO

from appliance import errors
from appliance.history.file_names import Names, as_name

PACKED = frozenset({  # what does not become smaller
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".heif", ".mp3", ".m4a", ".aac", ".ogg", ".flac", ".mp4", ".mov",
    ".mkv", ".avi", ".zip", ".gz", ".xz", ".zst", ".bz2", ".7z", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".pdf",
    ".apk", ".jar", ".epub",
})  # fmt: skip


class ZipTarget:
    """Writes into a zip. `file` is what the zip is written to; None: it is sent away as it is written."""

    def __init__(self, archive: zipfile.ZipFile, zone: tzinfo, file: IO[bytes] | None = None) -> None:
        self._archive = archive
        self._zone = zone
        self._file = file
        self._folders: set[Names] = set()

    def add(self, path: Names, pieces: Iterable[bytes], modified_at: datetime | None = None) -> None:
        """Write a file; whatever is raised, there is no half of it."""
        with self.entry(path, modified_at) as out:
            for piece in pieces:
                out.write(piece)

    @contextmanager
    def entry(
        self, path: Names, modified_at: datetime | None = None, *, size_bytes: int | None = None
    ) -> Iterator[IO[bytes]]:
        """Give what takes the octets of a file, exactly `size_bytes` where that is known; raised errors take it back.

        Only what may be larger than 4 GiB is told in the larger form, which some programs do not read from a stream.
        """
        entry = self._entry("/".join(map(as_name, path)), modified_at)
        entry.file_size = size_bytes or 0
        begin = 0 if self._file is None else self._file.tell()
        try:
            with self._archive.open(entry, "w", force_zip64=size_bytes is None) as out:
                yield out
        except errors.GotganError:
            self._take_back(entry, begin)
            raise

    def add_folder(self, path: Names) -> None:
        """Write an entry for a folder, once."""
        entry = self._entry("/".join(map(as_name, path)) + "/", None)
        entry.external_attr = (0o40755 << 16) | 0x10
        entry.compress_type = zipfile.ZIP_STORED
        if path and path not in self._folders:
            self._folders.add(path)
            self._archive.writestr(entry, b"")

    def _entry(self, name: str, modified_at: datetime | None) -> zipfile.ZipInfo:
        moment = modified_at or datetime.now(UTC)
        local = moment.astimezone(self._zone)
        inside = 1980 <= local.year <= 2107  # what MS-DOS could write
        entry = zipfile.ZipInfo(name, local.timetuple()[:6] if inside else (1980, 1, 1, 0, 0, 0))
        seconds = max(-(2**31), min(2**31 - 1, int(moment.timestamp())))
        entry.extra = struct.pack("<HHBl", 0x5455, 5, 1, seconds)  # the same in UTC, for those who read it
        entry.external_attr = 0o100644 << 16
        is_packed = Path(name).suffix.lower() in PACKED
        entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        return entry

    def _take_back(self, entry: zipfile.ZipInfo, begin: int) -> None:
        """Remove the entry that was just written: it is not whole."""
        self._archive.filelist.remove(entry)
        del self._archive.NameToInfo[entry.filename]
        if self._file is not None:
            self._file.seek(begin)
            self._file.truncate()
            self._archive.start_dir = begin
