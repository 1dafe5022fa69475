"""Folder and photo sync apps: FolderSync, PhotoSync, Joplin and others on okhttp or NSURLSession.

photoprism/photoprism 1228 (PhotoSync), owncloud/core 18568 (FolderSync), phpbg/easysync 73 and
ossappscollective/OSS-DocumentScanner 307: threads that name what each needs. No phone took part.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from tests.clients.replay import Step, asks_for_a_password, body_is, etag, header, lists, replay, status, text_of
from tests.clients.visitor import Visitor
from tests.clients.wire import Answer, D

OKHTTP = {"User-Agent": "okhttp/4.12.0", "Connection": "Keep-Alive"}
FOLDERSYNC = {**OKHTTP, "User-Agent": "FolderSync/3.5.4 (Android 15)"}
PHOTOSYNC = {"User-Agent": "PhotoSync/4.9 CFNetwork/1568.200.51 Darwin/24.1.0", "Accept": "*/*"}
LISTING = (
    '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:getetag/><D:getcontentlength/>'
    "<D:getlastmodified/><D:resourcetype/></D:prop></D:propfind>"
)
JPEG = b"\xff\xd8\xff\xe1" + bytes(range(256)) * 64
TAKEN_AT = 1_446_912_000

TACITPART = (
    Step("the folder, without a login", "PROPFIND", "{files}", {**OKHTTP, "Depth": "1"}, LISTING, signed=False,
         needs=[asks_for_a_password]),
    Step("the folder", "PROPFIND", "{files}", {**OKHTTP, "Depth": "1"}, LISTING, needs=[status(207), lists("{files}")]),
    Step("a file into a folder that is not there yet", "PUT", "{files}Camera/IMG_1.jpg", FOLDERSYNC, JPEG,
         needs=[status(409)]),
    Step("so the folder, first", "MKCOL", "{files}Camera/", FOLDERSYNC, needs=[status(201)]),
    Step("which is there, then", "MKCOL", "{files}Camera/", FOLDERSYNC, needs=[status(405)]),
    Step("a folder without its parent", "MKCOL", "{files}no/such/", FOLDERSYNC, needs=[status(409)]),
    Step("the first version", "PUT", "{files}Camera/IMG_1.jpg", FOLDERSYNC, b"an older picture",
         needs=[status(201)], keeps={"older": etag}),
    Step("the upload beside it", "PUT", "{files}Camera/IMG_1.jpg.tacitpart", FOLDERSYNC, JPEG, needs=[status(201)]),
    Step("moved over it", "MOVE", "{files}Camera/IMG_1.jpg.tacitpart", {**FOLDERSYNC, "Overwrite": "T",
         "Destination": "{files}Camera/IMG_1.jpg"}, needs=[status(204)]),
    Step("what stands there", "GET", "{files}Camera/IMG_1.jpg", FOLDERSYNC, needs=[status(200), body_is(JPEG)],
         keeps={"newer": etag}),
    Step("the listing", "PROPFIND", "{files}Camera/", {**FOLDERSYNC, "Depth": "1"}, LISTING,
         needs=[status(207), lists("{files}Camera/IMG_1.jpg"),
                text_of(f"{D}getetag", "{newer}", of="{files}Camera/IMG_1.jpg"),
                text_of(f"{D}getcontentlength", str(len(JPEG)), of="{files}Camera/IMG_1.jpg"),
                lambda answer, memory: _no_part(list(answer.members))]),
    Step("a condition on the older one", "PUT", "{files}Camera/IMG_1.jpg", {**FOLDERSYNC, "If-Match": "{older}"}, b"x",
         needs=[status(412)]),
    Step("only where nothing is", "PUT", "{files}Camera/IMG_1.jpg", {**FOLDERSYNC, "If-None-Match": "*"}, b"x",
         needs=[status(412)]),
    Step("the tail, after a break", "GET", "{files}Camera/IMG_1.jpg", {**FOLDERSYNC, "Range": "bytes=16000-"},
         needs=[status(206), body_is(JPEG[16000:]),
                header("Content-Range", f"bytes 16000-{len(JPEG) - 1}/{len(JPEG)}")]),
    Step("a deletion", "DELETE", "{files}Camera/IMG_1.jpg", {**FOLDERSYNC, "If-Match": "{newer}"}, needs=[status(204)]),
)  # fmt: skip


def same_tag(answer: Answer, memory: dict[str, str]) -> None:
    """HEAD shows the ETag that PUT gave."""
    assert answer.header("ETag") == memory["etag"]


def _no_part(hrefs: list[str]) -> None:
    assert not [href for href in hrefs if href.endswith(".tacitpart")]


PHOTOS = (
    Step("the album: 207 and nothing else", "PROPFIND", "{files}", {**PHOTOSYNC, "Depth": "0"}, needs=[status(207)]),
    Step("the album, with its name only", "PROPFIND", "{files}Photos", {**PHOTOSYNC, "Depth": "0"},
         needs=[status(404)]),
    Step("made", "MKCOL", "{files}Photos", PHOTOSYNC, needs=[status(201)]),
    Step("there, without a redirect", "PROPFIND", "{files}Photos", {**PHOTOSYNC, "Depth": "0"}, needs=[status(207)]),
    Step("a folder by HEAD", "HEAD", "{files}Photos/", PHOTOSYNC, needs=[status(200)]),
    Step("a photo of 2015", "PUT", "{files}Photos/%EC%83%9D%EC%9D%BC%20%231.jpg",
         {**PHOTOSYNC, "X-OC-Mtime": str(TAKEN_AT), "Content-Type": "image/jpeg"}, JPEG,
         needs=[status(201), header("X-OC-MTime", "accepted")], keeps={"etag": etag}),
    Step("its date and tag by HEAD", "HEAD", "{files}Photos/%EC%83%9D%EC%9D%BC%20%231.jpg", PHOTOSYNC,
         needs=[status(200), same_tag,
                lambda answer, memory: _dated(answer.header("Last-Modified"))]),
    Step("the same in the listing", "PROPFIND", "{files}Photos/", {**PHOTOSYNC, "Depth": "1"}, LISTING,
         needs=[text_of(f"{D}getetag", "{etag}", of="{files}Photos/%EC%83%9D%EC%9D%BC%20%231.jpg"),
                lambda answer, memory: _dated(
                    answer.members[memory["files"] + "Photos/%EC%83%9D%EC%9D%BC%20%231.jpg"]
                    .text(f"{D}getlastmodified"))]),
)  # fmt: skip


def _dated(value: str | None) -> None:
    assert value is not None
    assert int(parsedate_to_datetime(value).timestamp()) == TAKEN_AT


def test_foldersync_uploads_beside_and_moves_over(visitor: Visitor) -> None:
    replay(visitor.wire, TACITPART, visitor.known)


def test_photosync_keeps_the_dates_of_photos(visitor: Visitor) -> None:
    replay(visitor.wire, PHOTOS, visitor.known)


@pytest.mark.parametrize("method", ["PUT", "MKCOL", "PROPFIND", "DELETE"])
def test_an_app_that_asks_without_a_login_first_can_go_on_on_its_connection(visitor: Visitor, method: str) -> None:
    """okhttp and NSURLSession send the body along, read the 401, and repeat themselves with a password."""
    target = visitor.known["files"] + "unsigned"
    body = JPEG if method == "PUT" else b""
    refused = visitor.wire.ask(method, target, headers=OKHTTP, body=body, signed=False)
    asks_for_a_password(refused, {})
    headers = {**OKHTTP, "Depth": "0"} if method == "PROPFIND" else OKHTTP
    assert visitor.wire.ask(method, target, headers=headers, body=body).status in {201, 404}


def test_the_whole_tree_at_once_is_answered_or_refused_with_its_reason(visitor: Visitor) -> None:
    visitor.wire.ask("MKCOL", visitor.known["files"] + "deep/")
    visitor.wire.ask("PUT", visitor.known["files"] + "deep/file.txt", body=b"x")
    answer = visitor.wire.ask(
        "PROPFIND", visitor.known["files"] + "deep/", headers={**OKHTTP, "Depth": "infinity"}, body=LISTING
    )
    if answer.status == 403:
        assert f"{D}propfind-finite-depth" in answer.conditions
    else:
        assert visitor.known["files"] + "deep/file.txt" in answer.members
