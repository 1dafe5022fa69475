"""webdav4 and fsspec, the client that our own copies to other clouds use: against our own files."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from webdav4.client import Client, HTTPError, IsACollectionError, ResourceAlreadyExists, ResourceNotFound
from webdav4.fsspec import WebdavFileSystem

from tests.interop.moments import as_it_is_now
from tests.serving import Device


@pytest.fixture
def client(device: Device) -> Iterator[Client]:
    made = Client(device.files_url, auth=(device.user, device.password))
    yield made
    made.http.close()


def test_files_and_folders_are_told_apart_and_carry_their_properties(client: Client) -> None:
    client.mkdir("사진")
    client.upload_fileobj(io.BytesIO(b"x" * 1000), "사진/1 & Ä.jpg")
    assert client.exists("사진")
    assert client.isdir("사진")
    assert client.isfile("사진/1 & Ä.jpg")
    (listed,) = client.ls("사진", detail=True)
    assert listed["content_length"] == 1000
    assert listed["etag"] == client.etag("사진/1 & Ä.jpg")
    assert listed["modified"] == client.modified("사진/1 & Ä.jpg")
    assert not str(listed["etag"]).startswith("W/")
    client.remove("사진")
    assert not client.exists("사진")


def test_overwriting_is_refused_unless_it_is_meant(client: Client) -> None:
    client.upload_fileobj(io.BytesIO(b"first"), "draft.txt")
    with pytest.raises(ResourceAlreadyExists):
        client.upload_fileobj(io.BytesIO(b"second"), "draft.txt")
    client.upload_fileobj(io.BytesIO(b"third"), "draft.txt", overwrite=True)
    with client.open("draft.txt", "rb") as draft:
        assert draft.read() == b"third"
    client.copy("draft.txt", "copy.txt")
    with pytest.raises(ResourceAlreadyExists):
        client.move("draft.txt", "copy.txt")
    client.move("draft.txt", "copy.txt", overwrite=True)
    with pytest.raises(ResourceNotFound):
        client.info("draft.txt")
    client.remove("copy.txt")


def test_what_is_not_there_and_what_is_a_folder_is_said(client: Client) -> None:
    with pytest.raises(ResourceNotFound):
        client.ls("nowhere")
    client.mkdir("folder")
    with pytest.raises(ResourceAlreadyExists):
        client.mkdir("folder")
    with pytest.raises(IsACollectionError), client.open("folder"):
        pass
    client.remove("folder")


def test_a_part_of_a_file_is_read_by_its_range(client: Client, device: Device) -> None:
    client.upload_fileobj(io.BytesIO(bytes(range(256)) * 400), "long.bin")
    files = WebdavFileSystem(device.files_url, auth=(device.user, device.password))
    with files.open("long.bin", "rb", block_size=4096) as part:
        part.seek(256 * 300 + 7)
        assert part.read(5) == bytes([7, 8, 9, 10, 11])
    assert files.cat_file("long.bin") == bytes(range(256)) * 400
    assert files.du("/") >= 256 * 400
    files.client.http.close()
    client.remove("long.bin")


def test_the_past_is_read_and_not_written(client: Client, device: Device) -> None:
    client.mkdir("then")
    client.upload_fileobj(io.BytesIO(b"first"), "then/a.txt")
    url = as_it_is_now(device, device.files_url, collection_url=f"{device.files_url}then/")
    client.upload_fileobj(io.BytesIO(b"second"), "then/a.txt", overwrite=True)
    client.remove("then")
    past = Client(url, auth=(device.user, device.password))
    with past.open("then/a.txt", "rb") as file:
        assert file.read() == b"first"
    assert [(each["name"], each["content_length"]) for each in past.ls("then")] == [("then/a.txt", 5)]
    assert WebdavFileSystem(url, auth=(device.user, device.password)).cat("then/a.txt") == b"first"
    with pytest.raises(HTTPError, match="403"):
        past.remove("then/a.txt")
    past.http.close()
