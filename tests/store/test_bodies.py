"""Any range of a body is the slice of it, wherever it lies; what is not there is said, never shortened."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import errors
from appliance.store import chunks, content, places
from appliance.store.bodies import Bodies
from appliance.store.chunks import Cut, Cutter
from tests.store.shelves import Shelves, TurnedClock, quick_folder

SIZE = 3 * (1 << 20) + 17


def noise(size: int, seed: int) -> bytes:
    """Octets that no packing shrinks."""
    return random.Random(seed).randbytes(size)


def prose(size: int, seed: int) -> bytes:
    """Octets that packing shrinks."""
    chance = random.Random(seed)
    words = [chance.randbytes(4).hex() for _ in range(500)]
    return " ".join(chance.choices(words, k=size // 9 + 1)).encode()[:size]


@dataclass(frozen=True)
class Kept:
    """A body in the place under test."""

    shelves: Shelves
    content_id: int
    body: bytes

    @property
    def bodies(self) -> Bodies:
        return Bodies(self.shelves.files)


def in_row(shelves: Shelves) -> Kept:
    body = prose(60000, 1)
    with shelves.database.write() as writing:
        return Kept(shelves, content.record(writing, shelves.blobs.prepare(body)), body)


def in_blob(shelves: Shelves, seed: int = 2) -> Kept:
    body = noise(SIZE, seed)
    prepared = shelves.blobs.prepare(body)
    with shelves.database.write() as writing:
        return Kept(shelves, content.record(writing, prepared), body)


def in_clone(shelves: Shelves) -> Kept:
    kept = in_blob(shelves, 6)
    row = content.row_of(shelves.reading, kept.content_id)
    assert row is not None and row.blob_name is not None
    with shelves.database.write() as writing:
        places.mark_blob(writing, row.id, row.blob_name, place="clone")
    return kept


def in_live_file(shelves: Shelves) -> Kept:
    body = noise(SIZE, 3)
    shelves.put("live.bin", body)
    row = shelves.row_of(body)
    assert row is not None and row.place == "live"
    return Kept(shelves, row.id, body)


def durably_cut(shelves: Shelves, descriptor: int) -> Cut:
    cutter = Cutter(shelves.database, shelves.blobs)
    cut = cutter.cut(descriptor)
    cutter.flush()
    return cut


def in_chunks(shelves: Shelves, body: bytes = b"") -> Kept:
    body = body or noise(SIZE // 2, 4) + prose(SIZE // 2, 5) + bytes(SIZE // 2)
    shelves.put("cut.bin", body)
    row = shelves.row_of(body)
    assert row is not None
    with shelves.path("cut.bin").open("rb") as file:
        cut = durably_cut(shelves, file.fileno())
    assert (cut.digest, cut.size) == (row.digest, len(body))
    with shelves.database.write() as writing:
        assert places.mark_chunks(writing, row.id, cut.pieces)
    shelves.path("cut.bin").unlink()
    return Kept(shelves, row.id, body)


PLACES: dict[str, Callable[[Shelves], Kept]] = {
    "row": in_row,
    "blob": in_blob,
    "clone": in_clone,
    "live": in_live_file,
    "chunks": in_chunks,
}


@pytest.fixture(scope="module")
def keeping() -> Iterator[dict[str, Kept]]:
    """One body in each place."""
    with quick_folder() as folder:
        shelves = Shelves(folder, TurnedClock())
        found = {place: make(shelves) for place, make in PLACES.items()}
        for place, kept in found.items():
            row = content.row_of(shelves.reading, kept.content_id)
            assert row is not None and row.place == place
        yield found
        shelves.close()


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60)
@given(data=st.data())
def test_any_range_is_the_slice(keeping: dict[str, Kept], place: str, data: st.DataObject) -> None:
    kept = keeping[place]
    near = st.integers(0, len(kept.body) + 2) | st.integers(0, 3).map(lambda n: len(kept.body) - n)
    start = data.draw(near)
    stop = data.draw(st.none() | near)
    found = b"".join(kept.bodies.read(kept.shelves.reading, kept.content_id, start=start, stop=stop))
    end = len(kept.body) if stop is None else stop
    assert found == kept.body[start:end]


@pytest.mark.parametrize("place", PLACES)
def test_a_body_becomes_a_file_again(keeping: dict[str, Kept], place: str) -> None:
    kept = keeping[place]
    folder_fd = os.open(kept.shelves.data, os.O_RDONLY)
    try:
        digest = kept.bodies.write_to(kept.shelves.reading, kept.content_id, folder_fd, f"again-{place}")
    finally:
        os.close(folder_fd)
    assert digest == content.digest_of(kept.body)
    assert (kept.shelves.data / f"again-{place}").read_bytes() == kept.body


def test_a_range_opens_only_the_chunks_that_it_touches(shelves: Shelves) -> None:
    kept = in_chunks(shelves)
    pieces = chunks.pieces_of(shelves.reading, kept.content_id, 0, len(kept.body))
    last = pieces[-1][0]
    for _, chunk in pieces[:-1]:
        shelves.blobs.path(chunk.blob_name).unlink(missing_ok=True)
    assert b"".join(kept.bodies.read(shelves.reading, kept.content_id, start=last + 1)) == kept.body[last + 1 :]
    with pytest.raises(errors.ContentMissing):
        kept.bodies.whole(shelves.reading, kept.content_id)


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 262144, 1 << 20, (1 << 20) + 1])
def test_a_body_of_any_size_can_be_cut(shelves: Shelves, size: int) -> None:
    body = noise(size, size)
    with (shelves.data / "body").open("w+b") as file:
        file.write(body)
        file.flush()
        cut = durably_cut(shelves, file.fileno())
    with shelves.database.write() as writing:
        content_id = content.record_live(writing, cut.digest, cut.size)
        assert places.mark_chunks(writing, content_id, cut.pieces)
    assert cut.digest == content.digest_of(body)
    assert Bodies(shelves.files).whole(shelves.reading, content_id) == body


def test_pieces_that_are_not_the_whole_body_make_none(shelves: Shelves) -> None:
    body = noise(SIZE, 10)
    (shelves.data / "body").write_bytes(body)
    with (shelves.data / "body").open("rb") as file:
        pieces = durably_cut(shelves, file.fileno()).pieces
    with shelves.database.write() as writing:
        content_id = content.record_live(writing, content.digest_of(body), len(body))
        for some in ([], pieces[1:], pieces[:-1], [*pieces[:2], *pieces[3:]], [(0, 10**6)]):
            assert not places.mark_chunks(writing, content_id, some)
        assert places.mark_chunks(writing, content_id, pieces)


def test_one_body_that_cannot_be_read_spoils_no_other(shelves: Shelves) -> None:
    body = noise(SIZE, 12)
    (shelves.data / "body").write_bytes(body)
    cutter = Cutter(shelves.database, shelves.blobs)
    with (shelves.data / "body").open("rb") as file:
        cut = cutter.cut(file.fileno())
    folder_fd = os.open(shelves.data, os.O_RDONLY)
    with pytest.raises(IsADirectoryError):
        cutter.cut(folder_fd)
    os.close(folder_fd)
    cutter.flush()
    with shelves.database.write() as writing:
        content_id = content.record_live(writing, cut.digest, cut.size)
        assert places.mark_chunks(writing, content_id, cut.pieces)
    assert Bodies(shelves.files).whole(shelves.reading, content_id) == body


def test_what_hardly_shrinks_is_stored_raw_and_what_shrinks_is_packed() -> None:
    assert chunks.pack(noise(300000, 7)) == ("raw", noise(300000, 7))
    packing, packed = chunks.pack(prose(300000, 8))
    assert packing == "zstd"
    assert len(packed) < 200000
    assert chunks.unpack("zstd", bytes(packed)) == prose(300000, 8)


def test_an_edit_costs_about_what_it_changed(shelves: Shelves) -> None:
    body = noise(8 << 20, 9)
    in_chunks(shelves, body)
    before = stored_bytes(shelves)
    in_chunks(shelves, body[: 4 << 20] + b"a new sentence" + body[4 << 20 :])
    assert stored_bytes(shelves) - before < 3 << 20


def stored_bytes(shelves: Shelves) -> int:
    return int(shelves.reading.execute("SELECT coalesce(sum(stored_bytes), 0) FROM chunk").fetchone()[0])


@pytest.mark.parametrize("damage", ["shorter", "changed", "missing"])
@pytest.mark.parametrize("place", ["blob", "chunks"])
def test_a_damaged_file_of_the_store_is_never_served(shelves: Shelves, place: str, damage: str) -> None:
    kept = PLACES[place](shelves)
    row = content.row_of(shelves.reading, kept.content_id)
    assert row is not None
    if row.blob_name is None:
        name = chunks.pieces_of(shelves.reading, kept.content_id, 0, len(kept.body))[0][1].blob_name
    else:
        name = row.blob_name
    path = shelves.blobs.path(name)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(whole[:-1] if damage == "shorter" else bytes([whole[0] ^ 1]) + whole[1:])
    folder_fd = os.open(shelves.data, os.O_RDONLY)
    with pytest.raises(errors.ContentMissing):
        kept.bodies.write_to(shelves.reading, kept.content_id, folder_fd, "again")
    os.close(folder_fd)
    assert not (shelves.data / "again").exists()


def test_a_live_file_that_was_changed_is_not_its_old_content(shelves: Shelves) -> None:
    kept = in_live_file(shelves)
    shelves.path("live.bin").write_bytes(b"another")
    with pytest.raises(errors.ContentMissing):
        kept.bodies.whole(shelves.reading, kept.content_id)


def test_a_content_that_two_files_have_is_read_from_either(shelves: Shelves) -> None:
    kept = in_live_file(shelves)
    shelves.copy(("live.bin",), ("twin.bin",))
    shelves.path("live.bin").write_bytes(b"another")
    assert kept.bodies.whole(shelves.reading, kept.content_id) == kept.body


def test_a_file_that_moved_is_still_found(shelves: Shelves) -> None:
    kept = in_live_file(shelves)
    shelves.make("folder")
    shelves.move(("live.bin",), ("folder", "moved.bin"))
    shelves.move(("folder",), ("elsewhere",))
    assert kept.bodies.whole(shelves.reading, kept.content_id) == kept.body


def test_what_retention_let_go_is_said(shelves: Shelves) -> None:
    kept = in_blob(shelves)
    with shelves.database.write() as writing:
        assert places.remove(writing, kept.content_id, at=1)
    with pytest.raises(errors.ContentThinned):
        kept.bodies.read(shelves.reading, kept.content_id)
    with pytest.raises(errors.ContentMissing):
        kept.bodies.read(shelves.reading, 10**6)
