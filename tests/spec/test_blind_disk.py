"""What a client is told where the disk takes two names for the same that are not the same to us."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.spec.desk import FILES, Desk, TurnedClock
from tests.store.blind_disks import exfat


@pytest.fixture
def blind(founded: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A server whose data folder lies on exFAT."""
    with exfat(tmp_path) as place:
        shutil.copytree(founded.data, place / "data", copy_function=shutil.copyfile)
        opened = Desk(place / "data", TurnedClock())
        opened.knows(founded)
        try:
            yield opened
        finally:
            opened.close()


@pytest.mark.spec(
    "Gotgan 2", "nothing is overwritten by a name in other letters, where the disk takes both for the same"
)
def test_a_name_in_other_letters_is_refused(blind: Desk) -> None:
    blind.put(FILES + "photo.jpg", "the first")
    blind.put(FILES + "b.txt", "b")
    refused = [
        blind.ask("PUT", FILES + "Photo.JPG", "another", content_type="text/plain"),
        blind.ask("MKCOL", FILES + "PHOTO.jpg/"),
        blind.ask("MOVE", FILES + "b.txt", destination=FILES + "Photo.JPG"),
        blind.ask("COPY", FILES + "b.txt", destination=FILES + "Photo.JPG"),
        blind.ask("COPY", FILES + "photo.jpg", destination=FILES + "Photo.JPG"),
    ]
    assert [answer.status for answer in refused] == [409] * 5
    assert all(b"for the same name" in answer.octets for answer in refused)
    assert blind.ask("GET", FILES + "Photo.JPG").status == 404
    assert blind.find(FILES, "D:getetag", depth="1").names == ["Family", "anna", "b.txt", "photo.jpg"]
    assert blind.ask("MOVE", FILES + "photo.jpg", destination=FILES + "Photo.JPG").status == 201
    assert blind.ask("GET", FILES + "Photo.JPG").octets == b"the first"
