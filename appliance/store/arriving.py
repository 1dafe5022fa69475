"""A file on its way in: streamed to a temporary name in its own folder, hashed on the way, durable before its name.

A gigabyte costs one piece of memory and is written once. Whatever goes wrong, no temporary file is left.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from blake3 import blake3

from appliance import errors
from appliance.store import content, disk
from appliance.store.content import disk_trouble
from appliance.store.files import hash_file

PIECE_BYTES = 1 << 20


class Source(Protocol):
    """A body as it arrives; b"" is its true end."""

    def read(self, size_bytes: int) -> bytes:
        """Return up to `size_bytes`."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is announced. `room_bytes` is what quota and disk still hold."""

    source: Source
    length_bytes: int | None
    expected_bytes: int | None
    modified_ns: int | None
    room_bytes: int | None
    disk_bound: bool = False  # the disk, not a quota, is what bounds the room

    def no_room(self) -> errors.GotganError:
        """Return what to raise for more than the room (RFC 4331 6)."""
        if self.disk_bound:
            return errors.DiskFull("The disk is full; make room and try again.")
        return errors.OverQuota("There is not enough room left for this file.")


@dataclass(frozen=True, slots=True)
class Received:
    """A durable temporary file."""

    name: str
    digest: bytes
    size: int
    modified_ns: int | None = None  # the date that the sender gave; None: now


def require_room(arrival: Arrival, announced_bytes: int | None) -> None:
    """Raise OverQuota or DiskFull when the announced size does not fit; nobody uploads four gigabytes to hear that."""
    if arrival.room_bytes is not None and announced_bytes is not None and announced_bytes > arrival.room_bytes:
        raise arrival.no_room()


@contextlib.contextmanager
def receive(folder_fd: int, arrival: Arrival) -> Iterator[Received]:
    """Give the received file, fsynced under a temporary name; it is removed on leaving unless it was renamed.

    Raises BrokenOff when fewer or other bytes came than announced (clients.md, Finder), OverQuota, DiskFull.
    """
    name = disk.temporary_name()
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder_fd)
    except OSError as error:
        raise disk_trouble(error) from error
    try:
        try:
            digest, size = _pour(descriptor, arrival)
            stamp(descriptor, arrival.modified_ns)
            os.fsync(descriptor)
        except OSError as error:
            raise disk_trouble(error) from error
        finally:
            os.close(descriptor)
        yield Received(name, digest, size, arrival.modified_ns)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder_fd)


def _pour(descriptor: int, arrival: Arrival) -> tuple[bytes, int]:
    hasher, size = blake3(), 0
    while piece := arrival.source.read(PIECE_BYTES):
        size += len(piece)
        if arrival.room_bytes is not None and size > arrival.room_bytes:
            raise arrival.no_room()
        hasher.update(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]
    for announced in (arrival.length_bytes, arrival.expected_bytes):
        if announced is not None and announced != size:
            raise errors.BrokenOff(f"The upload has {size} bytes, but {announced} were announced; nothing was stored.")
    return hasher.digest(), size


def write_file(
    body: bytes, folder_fd: int, name: str, *, finish: Callable[[int], None] = lambda _descriptor: None
) -> None:
    """Make a file of ours with these octets, durable. `finish` gets the open file before it is synced."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=folder_fd)
    try:
        view = memoryview(body)
        while view:
            view = view[os.write(descriptor, view) :]
        stamp(descriptor, None)
        finish(descriptor)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def stamp(descriptor: int, modified_ns: int | None) -> None:
    """Set the date of a file of ours to the nanosecond.

    File systems stamp changes with the coarse kernel tick; a later change in place then always looks different, even
    within the same tick, because our own stamp is finer (protocol B1, rule 6).
    """
    now_ns = time.time_ns()
    os.utime(descriptor, ns=(now_ns, now_ns if modified_ns is None else modified_ns))


def copy_file(from_fd: int, from_name: str, to_fd: int, to_name: str) -> tuple[bytes, disk.Signature]:
    """Copy a file to a new name, durable, and return (digest, signature of the source); the date goes along.

    The kernel shares the blocks where the file system can. Busy when the source changes meanwhile.
    """
    digest, signature = hash_file(from_fd, from_name)
    source = os.open(from_name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=from_fd)
    target = os.open(to_name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666, dir_fd=to_fd)
    try:
        _copy_octets(source, target, signature.size)
        if disk.signature_of(os.fstat(source)) != signature:
            raise errors.Busy("The file was changed while it was being copied; try again.", retry_after_seconds=5)
        stamp(target, signature.mtime_ns)
        os.fsync(target)
    except OSError as error:
        raise disk_trouble(error) from error
    finally:
        os.close(source)
        os.close(target)
    return digest, signature


def _copy_octets(source: int, target: int, size: int) -> None:
    done = 0
    while done < size:
        try:
            count = os.copy_file_range(source, target, min(1 << 30, size - done))
        except OSError:
            break  # not between these file systems
        if count == 0:
            break
        done += count
    while piece := os.pread(source, content.PIECE_BYTES, done):
        view = memoryview(piece)
        while view:
            view = view[os.write(target, view) :]
        done += len(piece)
