"""webdavclient3, which asks with HEAD whether a folder is there and wants 207 to the letter."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from webdav3.client import Client
from webdav3.exceptions import RemoteParentNotFound, RemoteResourceNotFound

from tests.serving import Device


@pytest.fixture
def client(device: Device) -> Iterator[Client]:
    made = Client(
        {
            "webdav_hostname": device.files_url.removesuffix(urlsplit(device.files_url).path),
            "webdav_root": urlsplit(device.files_url).path,
            "webdav_login": device.user,
            "webdav_password": device.password,
        }
    )
    yield made
    made.session.close()


def test_a_folder_is_made_found_listed_and_cleaned_away(client: Client) -> None:
    assert client.mkdir("앨범")
    assert client.check("앨범")
    assert client.is_dir("앨범/")
    client.upload_to(io.BytesIO(b"jpeg"), "앨범/1 100%.jpg")
    assert client.list("앨범") == ["1 100%.jpg"]
    assert client.info("앨범/1 100%.jpg")["size"] == "4"
    client.clean("앨범")
    assert not client.check("앨범")


def test_files_move_and_are_copied_on_the_server(client: Client) -> None:
    client.upload_to(io.BytesIO(b"text"), "one.txt")
    client.copy(remote_path_from="one.txt", remote_path_to="two.txt")
    client.move(remote_path_from="one.txt", remote_path_to="three.txt")
    assert not client.check("one.txt")
    read = io.BytesIO()
    client.download_from(read, "three.txt")
    assert read.getvalue() == b"text"
    client.clean("two.txt")
    client.clean("three.txt")


def test_what_is_missing_is_said(client: Client) -> None:
    with pytest.raises(RemoteResourceNotFound):
        client.info("nowhere.txt")
    with pytest.raises(RemoteParentNotFound):
        client.upload_to(io.BytesIO(b"x"), "no folder/x.txt")


def test_the_free_space_is_told(client: Client) -> None:
    free = client.free()
    assert free is not None
    assert free > 0


def test_a_property_of_ones_own_comes_back(client: Client) -> None:
    client.upload_to(io.BytesIO(b"text"), "marked.txt")
    option = {"namespace": "http://example.org/ours/", "name": "mood"}
    client.set_property("marked.txt", option | {"value": "즐거움"})
    assert client.get_property("marked.txt", option) == "즐거움"
    client.clean("marked.txt")
