"""RFC 8144, Prefer in WebDAV, and Apple's Brief."""

from __future__ import annotations

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, Desk, card, event

SHORT = [
    {"prefer": "return=minimal"}, {"prefer": "return-minimal"}, {"prefer": "Return=Minimal"},
    {"prefer": "wait=10, return=minimal"}, {"prefer": "return=minimal; x=y"}, {"prefer": 'return="minimal"'},
    {"brief": "t"}, {"brief": "T"},
]  # fmt: skip


@pytest.mark.spec("RFC 8144 2.1", "return=minimal leaves 404 propstats out, in any spelling, and says that it did")
@pytest.mark.parametrize("headers", SHORT, ids=lambda headers: "-".join(headers.values()))
def test_404_propstats_are_left_out(shelf: Desk, headers: dict[str, str]) -> None:
    answer = shelf.find(BOOK, "D:resourcetype", "X:no", **headers)
    assert (set(answer.only.found), dict(answer.only.other)) == ({"D:resourcetype"}, {})
    assert answer.headers["preference-applied"] == "return=minimal"


@pytest.mark.spec("RFC 8144 2.1", "what would be left empty is one propstat 200 with an empty prop")
def test_nothing_left_is_an_empty_propstat(shelf: Desk) -> None:
    answer = shelf.find(BOOK, "X:no", prefer="return=minimal")
    assert (dict(answer.only.found), dict(answer.only.other)) == ({}, {})
    assert answer.xml.findtext(".//{DAV:}propstat/{DAV:}status") == "HTTP/1.1 200 OK"


@pytest.mark.spec("RFC 8144 2.1", "without it, or with what means something else, 404 propstats are there")
@pytest.mark.parametrize(
    "headers", [{}, {"prefer": "return=representation"}, {"prefer": "minimal"}, {"brief": "f"}, {"prefer": ",;=,"}]
)
def test_404_propstats_are_there(shelf: Desk, headers: dict[str, str]) -> None:
    answer = shelf.find(BOOK, "D:resourcetype", "X:no", **headers)
    assert answer.only.other == {"X:no": 404}
    assert "preference-applied" not in answer.headers


@pytest.mark.spec("RFC 8144 2.1", "answers say that they vary by it")
def test_answers_vary(shelf: Desk) -> None:
    assert shelf.find(BOOK, "D:resourcetype").headers["vary"] == "Prefer, Brief"


@pytest.mark.spec("RFC 8144 2.1", "reports heed it too")
@pytest.mark.parametrize("headers", SHORT[:1] + SHORT[-1:], ids=["prefer", "brief"])
def test_reports_heed_it(desk: Desk, headers: dict[str, str]) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    assert desk.sync(BOOK, "", "D:getetag", "X:no", **headers).only.other == {}


@pytest.mark.spec(
    "RFC 8144 2.2", "PROPPATCH that succeeds with return=minimal is 200 without a body; a failure is told in full"
)
def test_proppatch_heeds_it(desk: Desk) -> None:
    answer = desk.set_(BOOK, "<X:a>1</X:a>", prefer="return=minimal")
    assert (answer.status, answer.octets, answer.headers["preference-applied"]) == (200, b"", "return=minimal")
    failed = desk.set_(BOOK, "<X:a>2</X:a>", "<D:getetag>x</D:getetag>", prefer="return=minimal")
    assert failed.only.other == {"X:a": 424, "D:getetag": 403}


@pytest.mark.spec("RFC 8144 2.1", "depth-noroot leaves the collection out of its own listing")
@pytest.mark.parametrize("prefer", ["depth-noroot", "Depth-NoRoot", "return=minimal, depth-noroot"])
def test_noroot(desk: Desk, prefer: str) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    answer = desk.find(BOOK, "D:getetag", depth="1", prefer=prefer)
    assert answer.hrefs == [BOOK + "a.vcf"]
    assert "depth-noroot" in answer.headers["preference-applied"]
    assert desk.find(BOOK, "D:getetag", depth="0", prefer=prefer).hrefs == [BOOK]


@pytest.mark.spec("RFC 8144 3.2", "a PUT refused with 412 and return=representation brings the present object")
@pytest.mark.parametrize("path", [BOOK + "a.vcf", CALENDAR + "a.ics", FILES + "a.txt"])
def test_a_412_brings_the_present_object(desk: Desk, path: str) -> None:
    body = {"vcf": card("a"), "ics": event("a", "DTSTART:20261124T100000Z"), "txt": "x"}[path[-3:]]
    etag = desk.put(path, body).etag
    answer = desk.ask("PUT", path, body.replace("2026", "2027"), if_match='"x"', prefer="return=representation")
    assert (answer.status, answer.octets, answer.etag) == (412, body.encode(), etag)
    assert answer.headers["preference-applied"] == "return=representation"


@pytest.mark.spec("RFC 8144 3.1", "a PUT that succeeds with return=representation brings what was stored")
def test_a_put_brings_what_was_stored(desk: Desk) -> None:
    answer = desk.ask("PUT", BOOK + "a.vcf", card("a"), prefer="return=representation")
    assert (answer.status, answer.octets) == (201, card("a").encode())
    assert answer.headers["content-location"] == BOOK + "a.vcf"
