"""A folder as one zip, sent while it is read: what it holds now, or held, as far as the reader may see it.

Everything goes through the resources of the tree, so a zip shows nobody more than a listing does. No more than one
piece of it is in memory. What changed, or could not be read, while it went out is not in it, and a last file says so.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import cast

from appliance import errors
from appliance.dav.contracts import Collection, Conditions, Content, Kind, Resource
from appliance.history.file_names import Names
from appliance.history.zips import ZipTarget

MOST_LEFT = 200  # told by name; the others are counted
AT_ONCE = 2  # each zip on its way keeps a thread, and somebody's phone may be slow


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not in a zip, and why, in a sentence."""

    path: Names
    sentence: str


Farewell = Callable[[Sequence[Missing], int], tuple[str, str]]
"""Name and text of the last file, which tells what is missing: the first of it, and how many there are in all."""


class Turns:
    """How many zips may be on their way at once. For many threads."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(most)

    def take(self) -> Callable[[], None]:
        """Return what gives the turn back, to be called once; Busy when too many are on their way."""
        if not self._free.acquire(blocking=False):
            raise errors.Busy("Other folders are being fetched just now. Please try again in a few minutes.")
        return self._free.release


def zipped(folder: Collection, *, zone: tzinfo, farewell: Farewell) -> Iterator[bytes]:
    """Yield a zip of everything in a folder and below, piece by piece; dates are told in `zone`."""
    sink = _Sink()
    missing: list[Missing] = []
    count = 0
    with zipfile.ZipFile(cast("io.BufferedIOBase", sink), "w", allowZip64=True) as archive:
        target = ZipTarget(archive, zone)
        for path, resource in _below(folder, ()):
            try:
                yield from _written(target, path, resource, sink)
            except (errors.GotganError, OSError) as error:
                count += 1
                missing += [Missing(path, _sentence(error))] if count <= MOST_LEFT else []
        if count:
            name, text = farewell(missing, count)
            target.add((name,), [text.encode()])
    yield sink.taken()


def _below(folder: Collection, above: Names) -> Iterator[tuple[Names, Resource]]:
    """Yield everything below, folders before what is in them; a folder that vanishes meanwhile is empty."""
    try:
        members = list(folder.members())
    except errors.NotFound:
        return
    for member in members:
        path = (*above, member.address[-1])
        yield path, member
        if member.kind is Kind.FOLDER:
            yield from _below(cast("Collection", member), path)  # folders have members


def _written(target: ZipTarget, path: Names, resource: Resource, sink: _Sink) -> Iterator[bytes]:
    if resource.kind is Kind.FOLDER:
        target.add_folder(path)
        return
    content = resource.read(Conditions())
    with target.entry(path, content.modified_at, size_bytes=content.size_bytes) as out:
        for piece in _pieces(content):
            out.write(piece)
            if sink.is_worth_sending:
                yield sink.taken()


def _pieces(content: Content) -> Iterator[bytes]:
    """Yield the octets; ContentMissing when they are not as many as was told."""
    given = 0
    try:
        for piece in content.chunks(0, content.size_bytes):
            given += len(piece)
            yield piece
    except OSError as error:
        raise errors.ContentMissing("It could not be read from the disk.") from error
    if given != content.size_bytes:
        raise errors.ContentMissing("The file was changed while it was being read; ask again.")


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, errors.GotganError) else "It could not be read from the disk."


class _Sink:
    """What a zip is written to: remembered until it is sent. It cannot go back, and says so by having no `tell`."""

    WORTH_BYTES = 65_536

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._bytes = 0

    def write(self, octets: bytes) -> int:
        """Remember octets."""
        self._pieces.append(bytes(octets))
        self._bytes += len(octets)
        return len(octets)

    def flush(self) -> None:
        """Nothing waits."""

    @property
    def is_worth_sending(self) -> bool:
        """Whether enough came together."""
        return self._bytes >= self.WORTH_BYTES

    def taken(self) -> bytes:
        """Return what was written since, and forget it."""
        octets = b"".join(self._pieces)
        self._pieces, self._bytes = [], 0
        return octets
