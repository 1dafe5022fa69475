"""Windows Explorer (Microsoft-WebDAV-MiniRedir): opening a drive, copying a file in, renaming and deleting.

The sequence is the one logged in mar10/wsgidav 112; drakkan/sftpgo 207 and 913, swisspol/GCDWebServer 319 (LOCK without
Depth), sabre-io/dav 229. No Windows took part.
"""

from __future__ import annotations

import re

from tests.clients.replay import Step, body_is, has, header, inside, lists, replay, status
from tests.clients.visitor import Visitor
from tests.clients.wire import Answer, D

EXPLORER = {
    "User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.22631",
    "translate": "f",
    "Pragma": "no-cache",
    "Connection": "Keep-Alive",
}
DAVCLNT = {"User-Agent": "DavClnt", "translate": "f", "Connection": "Keep-Alive"}
W = "{urn:schemas-microsoft-com:}"
LOCK = (
    '<?xml version="1.0" encoding="utf-8" ?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
    "<D:locktype><D:write/></D:locktype><D:owner><D:href>DESKTOP-HOME\\anna</D:href></D:owner></D:lockinfo>"
)
TIMES = (
    '<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:">'
    "<D:set><D:prop><Z:Win32CreationTime>Sat, 07 Nov 2015 16:00:00 GMT</Z:Win32CreationTime>"
    "<Z:Win32LastAccessTime>Tue, 24 Nov 2026 01:02:03 GMT</Z:Win32LastAccessTime>"
    "<Z:Win32LastModifiedTime>Sat, 07 Nov 2015 16:00:00 GMT"
    "</Z:Win32LastModifiedTime><Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set>"
    "</D:propertyupdate>"
)
PARENT = "{files}"
FOLDER = "{files}%EC%83%88%20%ED%8F%B4%EB%8D%94"  # 새 폴더
FILE = FOLDER + "/%EB%AC%B8%EC%84%9C%20%231.docx"  # 문서 #1.docx


def lock_token(answer: Answer) -> str:
    """Remember the token as Windows does, from the header, with its brackets."""
    value = answer.header("Lock-Token")
    assert value is not None
    assert re.fullmatch(r"<[^<>]+>", value), value
    return value


def keeps_within_an_hour(answer: Answer, memory: dict[str, str]) -> None:
    """The lock's timeout is at most the hour that was asked for."""
    timeout = answer.xml.findtext(f".//{D}timeout") or ""
    assert re.fullmatch(r"Second-\d+", timeout), timeout
    assert 0 < int(timeout.removeprefix("Second-")) <= 3600


def every_property_was_set(answer: Answer, memory: dict[str, str]) -> None:
    """All four Win32 properties are answered with 200 inside the 207."""
    assert answer.status == 207
    assert answer.only.missing == {}
    assert len(answer.only.found) == 4


OPENING = (
    Step("is anybody there", "OPTIONS", "/", DAVCLNT, signed=False, needs=[status(200, 401)]),
    Step("what is offered", "OPTIONS", PARENT, EXPLORER,
         needs=[status(200), header("DAV", "1", "2"), header("MS-Author-Via", "DAV"),
                header("Allow", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PUT", "MKCOL", "MOVE", "COPY", "DELETE")]),
    Step("the root, everything", "PROPFIND", "/dav", {**EXPLORER, "Depth": "0"}, needs=[status(207)]),
    Step("its parent, everything", "PROPFIND", "/dav/files", {**EXPLORER, "Depth": "0"}, needs=[status(207)]),
    Step("the drive, everything", "PROPFIND", PARENT, {**EXPLORER, "Depth": "0"},
         needs=[status(207), inside(f"{D}resourcetype", f"{D}collection")]),
    Step("what lies in it", "PROPFIND", PARENT, {**EXPLORER, "Depth": "1"}, needs=[status(207), lists(PARENT)]),
    Step("the free space", "PROPFIND", PARENT, {**EXPLORER, "Depth": "0"},
         '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/>'
         "<D:quota-used-bytes/></D:prop></D:propfind>",
         needs=[status(207), has(f"{D}quota-available-bytes", f"{D}quota-used-bytes")]),
)  # fmt: skip

COPYING_IN = (
    *OPENING,
    Step("a new folder, without a slash", "MKCOL", FOLDER, EXPLORER, needs=[status(201)]),
    Step("and again", "MKCOL", FOLDER, EXPLORER, needs=[status(405)]),
    Step("the folder, without a slash: no redirect", "PROPFIND", FOLDER, {**EXPLORER, "Depth": "0"},
         needs=[status(207), inside(f"{D}resourcetype", f"{D}collection")]),
    Step("is the file there", "PROPFIND", FILE, {**EXPLORER, "Depth": "0"}, needs=[status(404)]),
    Step("an empty file", "PUT", FILE, EXPLORER, needs=[status(201)]),
    Step("its lock, no Depth", "LOCK", FILE, {**EXPLORER, "Timeout": "Second-3600",
         "Content-Type": 'text/xml; charset="utf-8"'}, LOCK,
         needs=[status(200), keeps_within_an_hour], keeps={"token": lock_token}),
    Step("times and attributes", "PROPPATCH", FILE, {**EXPLORER, "If": "({token})",
         "Content-Type": 'text/xml; charset="utf-8"'}, TIMES, needs=[every_property_was_set]),
    Step("a look", "HEAD", FILE, EXPLORER, needs=[status(200), header("Content-Length", "0")]),
    Step("the content", "PUT", FILE, {**EXPLORER, "If": "({token})"}, "한글 문서" * 1000, needs=[status(200, 204)]),
    Step("times again", "PROPPATCH", FILE, {**EXPLORER, "If": "({token})",
         "Content-Type": 'text/xml; charset="utf-8"'}, TIMES, needs=[every_property_was_set]),
    Step("somebody without the token", "PUT", FILE, EXPLORER, "nothing", needs=[status(423)]),
    Step("a refresh", "LOCK", FILE, {**EXPLORER, "If": "({token})", "Timeout": "Second-3600"},
         needs=[status(200), keeps_within_an_hour]),
    Step("the end of the lock", "UNLOCK", FILE, {**EXPLORER, "Lock-Token": "{token}"}, needs=[status(204)]),
    Step("it is listed, with its times", "PROPFIND", FOLDER, {**EXPLORER, "Depth": "1"},
         needs=[status(207), lists(FILE),
                has(f"{D}getlastmodified", f"{D}getcontentlength", f"{D}creationdate", f"{W}Win32FileAttributes",
                    of=FILE)]),
    Step("opened", "GET", FILE, EXPLORER, needs=[status(200), body_is("한글 문서" * 1000)]),
    Step("renamed", "MOVE", FILE, {**EXPLORER, "Destination": "http://{host}" + FOLDER + "/new%20name.docx",
         "Overwrite": "F"}, needs=[status(201)]),
    Step("the folder is deleted, without a slash", "DELETE", FOLDER, EXPLORER, needs=[status(204)]),
    Step("it is gone", "PROPFIND", FOLDER, {**EXPLORER, "Depth": "0"}, needs=[status(404)]),
)  # fmt: skip


def test_explorer_opens_the_drive_and_copies_a_document_in(visitor: Visitor) -> None:
    replay(visitor.wire, COPYING_IN, visitor.known)


def test_dates_are_written_as_rfc_1123_says(visitor: Visitor) -> None:
    visitor.wire.ask("PUT", visitor.known["files"] + "dated.txt", body="x")
    listed = visitor.wire.ask("PROPFIND", visitor.known["files"] + "dated.txt", headers={**EXPLORER, "Depth": "0"}).only
    modified = listed.text(f"{D}getlastmodified")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", modified)
    assert visitor.wire.ask("HEAD", visitor.known["files"] + "dated.txt").header("Last-Modified") == modified
