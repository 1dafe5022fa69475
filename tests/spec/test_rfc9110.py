"""RFC 9110, HTTP: conditions, ranges, HEAD, and what every answer carries."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, event

BODIES = {
    FILES + "a.txt": "0123456789",
    BOOK + "a.vcf": card("a"),
    CALENDAR + "a.ics": event("a", "DTSTART:20261124T100000Z"),
}
CHANGED = {
    FILES + "a.txt": "abcdefghij",
    BOOK + "a.vcf": card("a", name="Anna Lee"),
    CALENDAR + "a.ics": event("a", "DTSTART:20261125T100000Z"),
}
PATHS = list(BODIES)
FILE = PATHS[0]
KINDS = ["file", "contact", "event"]
LONG_AGO, FAR_AHEAD = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 2094 08:49:37 GMT"


@pytest.fixture
def stored(desk: Desk) -> Desk:
    """A file, a contact and an event."""
    for path, body in BODIES.items():
        desk.put(path, body)
    return desk


# --- 6, 8, 9 ----------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 9110 8.3", "GET tells the type: cards as text/vcard, events with their component, files by name")
@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        (BOOK + "a.vcf", "text/vcard; charset=utf-8"),
        (CALENDAR + "a.ics", "text/calendar; charset=utf-8; component=VEVENT"),
        (FILES + "a.txt", "text/plain"),
    ],
    ids=["contact", "event", "file"],
)
def test_the_type_is_told(stored: Desk, path: str, content_type: str) -> None:
    told = stored.ask("GET", path).headers["content-type"]
    assert told == content_type or (path == FILE and told.startswith(content_type))
    assert stored.value(path, "D:getcontenttype") == told


@pytest.mark.spec("RFC 9110 9.3.2", "HEAD answers what GET does, without the body")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
def test_head_is_get_without_the_body(stored: Desk, path: str) -> None:
    head, get = stored.ask("HEAD", path), stored.ask("GET", path)
    assert (head.status, head.headers, head.octets) == (get.status, get.headers, b"")
    assert get.octets == BODIES[path].encode()


@pytest.mark.spec("RFC 9110 9.3.2", "HEAD and GET of nothing are 404")
@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("path", [FILES + "no", BOOK + "no.vcf", CALENDAR + "no.ics", "/dav/no"])
def test_nothing_is_404(shelf: Desk, method: str, path: str) -> None:
    assert shelf.ask(method, path).status == 404


@pytest.mark.spec("RFC 9110 8.8.3", "ETags are strong from the first instant, quoted, and new for each version")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
def test_etags_are_strong_and_new_for_each_version(desk: Desk, path: str) -> None:
    seen = {desk.put(path, (BODIES, CHANGED)[n % 2][path]).etag for n in range(4)}
    assert len(seen) == 4, "octets that return are a new version"
    assert all(etag[0] == etag[-1] == '"' for etag in seen)


@pytest.mark.spec("RFC 9110 9.1", "a method that nobody knows is 501")
@pytest.mark.parametrize("method", ["BREW", "SEARCH", "propfind"])
def test_an_unknown_method_is_501(shelf: Desk, method: str) -> None:
    assert shelf.ask(method, FILES).status == 501


@pytest.mark.spec("RFC 9110 11.6.1", "without a good login it is 401 with a challenge, for every path and method")
@pytest.mark.parametrize("path", ["/dav/", BOOK, BOOK + "a.vcf", "/dav/nothing/", "/dav/calendars/ben/"])
@pytest.mark.parametrize(
    "method", ["GET", "PUT", "DELETE", "PROPFIND", "REPORT", "MKCOL", "MKCALENDAR", "LOCK", "BREW"]
)
def test_without_a_login_it_is_401(shelf: Desk, method: str, path: str) -> None:
    answer = shelf.ask(method, path, card("a") if method == "PUT" else "", by="")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="Gotgan", charset="UTF-8"'


@pytest.mark.spec("RFC 7617 2", "a login that is wrong or cannot be read is 401 like none")
@pytest.mark.parametrize(
    "login",
    [
        "Basic",
        "Basic !!!",
        "Basic YW5uYQ==",
        "Basic YW5uYTp3cm9uZw==",
        "Bearer abc",
        "Digest x",
        "Basic /////w==",
        "x" * 9000,
    ],
)
def test_an_unreadable_login_is_401(shelf: Desk, login: str) -> None:
    assert shelf.ask("PROPFIND", "/dav/", by="", authorization=login, depth="0").status == 401


# --- 13 conditional requests ------------------------------------------------------------------------


@pytest.mark.spec("RFC 9110 13.1.1", "If-Match: a write goes through when the present ETag is named, else 412")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
@pytest.mark.parametrize(
    ("value", "holds"),
    [("{etag}", True), ('"x", {etag}', True), ("*", True), ('"x"', False), ("W/{etag}", False), ('"x","y"', False)],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_if_match_on_writes(stored: Desk, path: str, value: str, holds: bool, method: str) -> None:
    condition = value.format(etag=stored.ask("HEAD", path).etag)
    body = CHANGED[path] if method == "PUT" else ""
    assert stored.ask(method, path, body, if_match=condition).status == (204 if holds else 412)
    assert holds or stored.get(path) == BODIES[path].encode()


@pytest.mark.spec("RFC 9110 13.1.1", "If-Match on what is not there is 412, * included; DELETE of it 404")
@pytest.mark.parametrize("value", ["*", '"x"'])
@pytest.mark.parametrize("path", [FILES + "no.txt", BOOK + "no.vcf"])
def test_if_match_on_nothing(desk: Desk, path: str, value: str) -> None:
    assert desk.ask("PUT", path, card("no"), if_match=value).status == 412
    assert desk.ask("GET", path).status == 404
    assert desk.ask("DELETE", path, if_match=value).status == 404


@pytest.mark.spec("RFC 9110 13.1.2", "If-None-Match: * keeps a PUT from replacing anything")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
def test_if_none_match_star_replaces_nothing(desk: Desk, path: str) -> None:
    assert desk.ask("PUT", path, BODIES[path], if_none_match="*").status == 201
    assert desk.ask("PUT", path, CHANGED[path], if_none_match="*").status == 412
    assert desk.get(path) == BODIES[path].encode()


@pytest.mark.spec("RFC 9110 13.1.2", "If-None-Match with the present ETag is 304 on GET and HEAD, weakly compared")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
@pytest.mark.parametrize(
    ("value", "status"), [("{etag}", 304), ("W/{etag}", 304), ('"x", {etag}', 304), ("*", 304), ('"x"', 200)]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_none_match_on_reads(stored: Desk, path: str, value: str, status: int, method: str) -> None:
    etag = stored.ask("HEAD", path).etag
    answer = stored.ask(method, path, if_none_match=value.format(etag=etag))
    assert (answer.status, answer.etag) == (status, etag)
    assert status == 200 or answer.octets == b""


@pytest.mark.spec(
    "RFC 9110 13.1.3", "If-Modified-Since is 304 when nothing changed since, and as if absent when unreadable"
)
@pytest.mark.parametrize(
    ("value", "status"),
    [
        (FAR_AHEAD, 304),
        ("{date}", 304),
        (LONG_AGO, 200),
        ("yesterday", 200),
        ("", 200),
        ("Sun, 31 Feb 1994 08:49:37 GMT", 200),
    ],
)
def test_if_modified_since(stored: Desk, value: str, status: int) -> None:
    date = stored.ask("HEAD", FILE).headers["last-modified"]
    assert stored.ask("GET", FILE, if_modified_since=value.format(date=date)).status == status


@pytest.mark.spec(
    "RFC 9110 13.1.4", "If-Unmodified-Since keeps a write from what changed later; unreadable is as if absent"
)
@pytest.mark.parametrize(("value", "status"), [(LONG_AGO, 412), (FAR_AHEAD, 204), ("{date}", 204), ("yesterday", 204)])
def test_if_unmodified_since(stored: Desk, value: str, status: int) -> None:
    date = stored.ask("HEAD", FILE).headers["last-modified"]
    assert stored.ask("PUT", FILE, "new", if_unmodified_since=value.format(date=date)).status == status


@pytest.mark.spec("RFC 9110 13.2.2", "If-Match goes before If-Unmodified-Since, If-None-Match before If-Modified-Since")
def test_the_order_of_conditions(stored: Desk) -> None:
    etag = stored.ask("HEAD", FILE).etag
    assert stored.ask("GET", FILE, if_none_match='"x"', if_modified_since=FAR_AHEAD).status == 200
    assert stored.ask("PUT", FILE, "new", if_match=etag, if_unmodified_since=LONG_AGO).status == 204


@pytest.mark.spec("RFC 9110 13.1.1", "COPY, MOVE and PROPPATCH honour If-Match of their source")
def test_other_writes_honour_if_match(stored: Desk) -> None:
    etag = stored.ask("HEAD", FILE).etag
    for method in ("COPY", "MOVE"):
        assert stored.ask(method, FILE, destination=FILES + "z.txt", if_match='"x"').status == 412
    assert stored.set_(FILE, "<X:a>1</X:a>", if_match='"x"').status == 412
    assert stored.ask("MOVE", FILE, destination=FILES + "z.txt", if_match=etag).status == 201


# --- 14 ranges --------------------------------------------------------------------------------------


@pytest.mark.spec(
    "RFC 9110 14.2", "a range is 206 with its octets, also open at either end; nonsense is ignored, past the end 416"
)
@pytest.mark.parametrize(
    ("value", "status", "octets", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("Bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=x-y", 200, b"0123456789", None),
        ("lines=0-3", 200, b"0123456789", None),
        ("bytes=", 200, b"0123456789", None),
        ("bytes=0-99999999999999", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=0-" + "9" * 5000, 200, b"0123456789", None),
    ],
)
def test_ranges(stored: Desk, value: str, status: int, octets: bytes, content_range: str | None) -> None:
    answer = stored.ask("GET", FILE, range=value)
    assert (answer.status, answer.headers.get("content-range")) == (status, content_range)
    assert status == 416 or answer.octets == octets
    assert answer.etag == stored.ask("HEAD", FILE).etag


@pytest.mark.spec("RFC 9110 14.2", "several ranges may be answered with the whole")
def test_several_ranges_are_answered_with_the_whole(stored: Desk) -> None:
    answer = stored.ask("GET", FILE, range="bytes=0-1,4-5")
    assert (answer.status, answer.octets) == (200, b"0123456789")


@pytest.mark.spec("RFC 9110 14.3", "ranges are announced, for contacts as well")
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
def test_ranges_are_announced(stored: Desk, path: str) -> None:
    assert stored.ask("HEAD", path).headers["accept-ranges"] == "bytes"
    assert stored.ask("GET", path, range="bytes=0-4").octets == BODIES[path][:5].encode()


@pytest.mark.spec("RFC 9110 13.1.5", "If-Range: the part when the ETag is the present one, else the whole")
@pytest.mark.parametrize(("value", "status"), [("{etag}", 206), ('"x"', 200), ("W/{etag}", 200), (LONG_AGO, 200)])
def test_if_range(stored: Desk, value: str, status: int) -> None:
    etag = stored.ask("HEAD", FILE).etag
    assert stored.ask("GET", FILE, range="bytes=2-3", if_range=value.format(etag=etag)).status == status


@pytest.mark.spec("RFC 9110 14.2", "HEAD knows no ranges")
def test_head_knows_no_ranges(stored: Desk) -> None:
    assert stored.ask("HEAD", FILE, range="bytes=0-3").status == 200


# --- caches -----------------------------------------------------------------------------------------


@pytest.mark.spec("RFC 9111 5.2.2", "what is below /dav/ is asked again each time: private, no-cache")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS, ids=KINDS)
def test_caches_ask_again(stored: Desk, method: str, path: str) -> None:
    assert stored.ask(method, path).headers["cache-control"] == "private, no-cache"
