"""macOS Finder (WebDAVFS): mounting, its probes, and an upload in chunks of unknown length.

Packet traces of macOS 14 (nextcloud/all-in-one 4582), a request log (pydio/pydio-core 581), the hints of the dav-server
crate. No Mac took part.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest

from tests.clients.replay import Step, body_is, has, header, replay, status, text_of
from tests.clients.test_windows import lock_token
from tests.clients.visitor import Visitor
from tests.clients.wire import D

FINDER = {"User-Agent": "WebDAVFS/3.0.0 (03008000) Darwin/23.6.0 (arm64)", "Accept": "*/*"}
XML = {"Content-Type": "text/xml"}
VOLUME = (
    '<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:">\n<D:prop>\n<D:getlastmodified/>\n'
    "<D:getcontentlength/>\n<D:creationdate/>\n<D:resourcetype/>\n</D:prop>\n</D:propfind>\n"
)
QUOTA = (
    '<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:">\n<D:prop>\n<D:quota-available-bytes/>\n'
    "<D:quota-used-bytes/>\n<D:quota/>\n<D:quotaused/>\n</D:prop>\n</D:propfind>\n"
)
LOCK = (
    '<?xml version="1.0" encoding="utf-8"?>\n<D:lockinfo xmlns:D="DAV:">\n<D:lockscope><D:exclusive/></D:lockscope>\n'
    "<D:locktype><D:write/></D:locktype>\n<D:owner>\n<D:href>http://www.apple.com/webdav_fs/</D:href>\n</D:owner>\n"
    "</D:lockinfo>\n"
)
PROBES = [".metadata_never_index", ".Spotlight-V100", "._.", ".DS_Store", "mach_kernel", "Backups.backupdb", ".hidden"]
CONTENT = bytes(range(256)) * 1024
FILE = "{files}" + quote(unicodedata.normalize("NFD", "발표 자료.key"))


def saving(target: str, content: bytes) -> tuple[Step, ...]:
    """Return how WebDAVFS writes one file."""
    return (
        Step("an empty file", "PUT", target, FINDER, needs=[status(201)]),
        Step("its lock", "LOCK", target, {**FINDER, **XML, "Depth": "0", "Timeout": "Second-600"}, LOCK,
             needs=[status(200)], keeps={"token": lock_token}),
        Step("a look", "PROPFIND", target, {**FINDER, **XML, "Depth": "0"}, VOLUME,
             needs=[status(207), text_of(f"{D}getcontentlength", "0")]),
        Step("the content, in chunks", "PUT", target, {**FINDER, "If": "({token})",
             "X-Expected-Entity-Length": str(len(content)), "Content-Type": "application/octet-stream"},
             content, chunked=True, needs=[status(200, 204)]),
        Step("the size", "PROPFIND", target, {**FINDER, **XML, "Depth": "0"}, VOLUME,
             needs=[text_of(f"{D}getcontentlength", str(len(content)))]),
        Step("the end of the lock", "UNLOCK", target, {**FINDER, "Lock-Token": "{token}"}, needs=[status(204)]),
        Step("back again", "GET", target, FINDER, needs=[status(200), body_is(content)]),
    )  # fmt: skip


MOUNTING = (
    Step("may one write here", "OPTIONS", "{files}", FINDER, needs=[status(200), header("DAV", "1", "2")]),
    Step("the volume", "PROPFIND", "{files}", {**FINDER, **XML, "Depth": "0"}, VOLUME,
         needs=[status(207), has(f"{D}resourcetype", f"{D}getlastmodified")]),
    Step("its space", "PROPFIND", "{files}", {**FINDER, **XML, "Depth": "0"}, QUOTA,
         needs=[status(207), has(f"{D}quota-available-bytes", f"{D}quota-used-bytes")]),
)  # fmt: skip

SAVING = (
    *MOUNTING,
    *saving(FILE, CONTENT),
    *saving("{files}._" + quote(unicodedata.normalize("NFD", "발표 자료.key")), b"\x00\x05\x16\x07" + bytes(4092)),
    Step("it is listed under the name that was sent", "PROPFIND", "{files}", {**FINDER, **XML, "Depth": "1"}, VOLUME,
         needs=[status(207), lambda answer, memory: _listed(answer.members.keys(), memory)]),
    Step("found in its composed form", "GET", "{files}" + quote("발표 자료.key"), FINDER,
         needs=[status(200), body_is(CONTENT)]),
)  # fmt: skip


def _listed(hrefs: object, memory: dict[str, str]) -> None:
    assert isinstance(hrefs, type({}.keys()))
    assert FILE.replace("{files}", memory["files"]) in hrefs


def test_finder_mounts_the_volume_and_saves_a_file_with_its_shadow(visitor: Visitor) -> None:
    replay(visitor.wire, SAVING, visitor.known)


@pytest.mark.parametrize("probe", PROBES)
def test_what_finder_looks_for_first_is_plainly_not_there(visitor: Visitor, probe: str) -> None:
    answer = visitor.wire.ask(
        "PROPFIND", visitor.known["files"] + probe, headers={**FINDER, **XML, "Depth": "0"}, body=VOLUME
    )
    assert answer.status == 404


@pytest.mark.parametrize("announced", [len(CONTENT) + 1, len(CONTENT) - 1])
def test_a_body_of_another_length_than_announced_replaces_nothing(visitor: Visitor, announced: int) -> None:
    """An upload that broke off must not replace a good file."""
    target = visitor.known["files"] + "good.bin"
    assert visitor.wire.ask("PUT", target, headers=FINDER, body=b"the good one").status == 201
    broken = {**FINDER, "X-Expected-Entity-Length": str(announced)}
    assert visitor.wire.ask("PUT", target, headers=broken, body=CONTENT, chunked=True).status == 400
    assert visitor.wire.ask("GET", target).body == b"the good one"
