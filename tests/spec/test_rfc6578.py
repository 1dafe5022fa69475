"""RFC 6578, collection synchronization: what a token is worth, what a report holds, what a limit cuts off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.spec.desk import BOOK, CALENDAR, FILES, TASKS, Answer, Desk, TurnedClock, card, doc, event

MACOS_TOKEN = "7D3BD7C3-5A6C-4C87-8D4C-C23B52C80E1B"  # macOS sends UUIDs that no server gave out (owncloud/core #30820)
SHAPE = re.compile(r"urn:gotgan:sync:(?P<collection>\d+):(?P<epoch>[a-z2-7]{8})-(?P<seq>\d+)")


def beyond(token: str, by: int = 1000) -> str:
    head, _, seq = token.rpartition("-")
    return f"{head}-{int(seq) + by}"


def of_epoch(token: str, epoch: str) -> str:
    found = SHAPE.fullmatch(token)
    assert found is not None
    return f"urn:gotgan:sync:{found['collection']}:{epoch}-{found['seq']}"


def gone(answer: Answer) -> list[str]:
    return sorted(row.href for row in answer.rows if row.status == 404)


def changed(answer: Answer) -> list[str]:
    return sorted(row.href for row in answer.rows if row.status is None)


# --- 3.2 the report, and what a token is worth ------------------------------------------------------


@pytest.mark.spec("RFC 6578 3.2", "address books, calendars and folders answer sync-collection and say so")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, TASKS, FILES], ids=["book", "calendar", "tasks", "folder"])
def test_the_report_is_announced_and_answered(shelf: Desk, path: str) -> None:
    reports = shelf.find(path, "D:supported-report-set").only.found["D:supported-report-set"]
    assert reports.find(".//{DAV:}sync-collection") is not None
    assert SHAPE.fullmatch(shelf.sync(path).token)


@pytest.mark.spec("RFC 6578 3.2", "homes and principals have no sync-collection and say so with supported-report")
@pytest.mark.parametrize("path", ["/dav/addressbooks/anna/", "/dav/calendars/anna/", "/dav/principals/anna/", "/dav/"])
def test_what_keeps_no_record_refuses_the_report(shelf: Desk, path: str) -> None:
    assert shelf.sync(path).refusal == (403, "D:supported-report")
    assert "D:sync-token" in shelf.find(path, "D:sync-token").only.other


@pytest.mark.spec("RFC 6578 3.2", "the token is a URI and is the DAV:sync-token property of the collection")
def test_the_token_is_a_uri_and_the_property(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    assert SHAPE.fullmatch(token)
    assert desk.value(BOOK, "D:sync-token") == token == desk.value(BOOK, "CS:getctag")


@pytest.mark.spec("RFC 6578 3.2", "a token of the present state answers nothing and itself")
@pytest.mark.parametrize("path", [BOOK, CALENDAR, FILES])
def test_a_present_token_brings_no_news(shelf: Desk, path: str) -> None:
    token = shelf.sync(path).token
    again = shelf.sync(path, token)
    assert (again.rows, again.token) == ([], token)


GARBAGE: dict[str, Callable[[str, str], str]] = {
    "macos-uuid": lambda own, other: MACOS_TOKEN,
    "urn-uuid": lambda own, other: f"urn:uuid:{MACOS_TOKEN}",
    "other-server": lambda own, other: "http://sabre.io/ns/sync/42",
    "text": lambda own, other: "since yesterday, please",
    "number": lambda own, other: "17",
    "text-in-it": lambda own, other: own + "x",
    "text-before-it": lambda own, other: "x" + own,
    "no-number": lambda own, other: own.rpartition("-")[0] + "-",
    "negative": lambda own, other: own.rpartition("-")[0] + "--5",
    "too-long-a-number": lambda own, other: own.rpartition("-")[0] + "-" + "9" * 40,
    "too-long": lambda own, other: own + "1" * 100_000,
    "other-digits": lambda own, other: own.rpartition("-")[0] + "-١٢",
    "upper-case": lambda own, other: own.upper(),
    "another-collections": lambda own, other: other,
    "before-its-epoch": lambda own, other: own.rpartition("-")[0] + "-0",
}


@pytest.mark.spec("RFC 6578 3.2", "a token that was never issued for this collection is refused with valid-sync-token")
@pytest.mark.parametrize("make", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_refused_and_starts_no_hold(desk: Desk, make: Callable[[str, str], str]) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    desk.put(CALENDAR + "a.ics", event("a", "DTSTART:20261124T100000Z"))
    own, other = desk.sync(BOOK).token, desk.sync(CALENDAR).token
    assert desk.sync(BOOK, make(own, other)).refusal == (403, "D:valid-sync-token")
    assert changed(desk.sync(BOOK)) == [BOOK + "a.vcf"]


@pytest.mark.spec("RFC 6578 3.2", "Thunderbird gets valid-sync-token with 400, the only refusal its contacts survive")
def test_thunderbird_gets_400_for_garbage(desk: Desk) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.0"
    assert desk.sync(BOOK, MACOS_TOKEN, user_agent=agent).refusal == (400, "D:valid-sync-token")


@pytest.mark.spec("RFC 6578 3.2", "a token from a future that this server never saw is answered 503, not with a resync")
def test_a_number_beyond_its_epoch_is_the_sign_of_a_server_set_back(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    answer = desk.sync(BOOK, beyond(desk.sync(BOOK).token))
    assert (answer.status, answer.condition) == (503, None)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.spec("RFC 6578 3.2", "a token of an epoch that this server does not know is answered 503")
def test_an_unknown_epoch_is_no_reason_to_resync(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    answer = desk.sync(BOOK, of_epoch(desk.sync(BOOK).token, "aaaaaaaa"))
    assert (answer.status, answer.condition) == (503, None)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.spec("RFC 6578 3.2", "a doubtful token holds nobody else up")
@pytest.mark.parametrize(
    "asked", [(BOOK, "anna's tablet"), (CALENDAR, "anna"), ("/dav/addressbooks/ben/contacts/", "ben")]
)
def test_an_unproven_token_holds_this_device_and_collection_only(desk: Desk, asked: tuple[str, str]) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    assert desk.sync(BOOK, of_epoch(desk.sync(BOOK).token, "aaaaaaaa")).status == 503
    path, by = asked
    assert desk.sync(path, by=by).status == 207


@pytest.mark.spec("RFC 6578 3.2", "tokens never expire: one from before a restart still tells the difference")
def test_a_token_outlives_a_restart(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    desk.close()
    again = Desk(desk.data, TurnedClock())
    again.knows(desk)
    try:
        assert again.sync(BOOK).token == token
        again.put(BOOK + "b.vcf", card("b"))
        answer = again.sync(BOOK, token)
        assert changed(answer) == [BOOK + "b.vcf"]
        epochs = {SHAPE.fullmatch(each)["epoch"] for each in (token, answer.token)}  # type: ignore[index]
        assert len(epochs) == 2
        assert again.sync(BOOK, beyond(token)).status == 503, "what the closed epoch never wrote"
    finally:
        again.close()


@pytest.mark.spec("RFC 6578 3.2", "a token belongs to the collection, whatever address it is seen at")
def test_a_shared_books_token_is_the_same_for_everybody(desk: Desk) -> None:
    token = desk.sync("/dav/addressbooks/anna/family/").token
    assert desk.sync("/dav/addressbooks/ben/family/", by="ben").token == token
    desk.put("/dav/addressbooks/ben/family/x.vcf", card("x"), by="ben")
    assert changed(desk.sync("/dav/addressbooks/anna/family/", token)) == ["/dav/addressbooks/anna/family/x.vcf"]


@pytest.mark.spec("RFC 6578 3.2", "a collection that is not there is 404, unless its token proves a server set back")
def test_a_missing_collection_is_404_and_503_with_a_token_of_the_lost_time(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    missing = "/dav/addressbooks/anna/lost/"
    assert desk.sync(missing).status == 404
    assert desk.sync(missing, MACOS_TOKEN).status == 404
    assert desk.sync(missing, beyond(token)).status == 503
    assert desk.sync(missing, of_epoch(token, "aaaaaaaa")).status == 503


@pytest.mark.spec("RFC 6578 3.2", "a report without a sync-token is refused")
def test_a_report_without_a_token_is_refused(shelf: Desk) -> None:
    answer = shelf.report(BOOK, "D:sync-collection", "<D:sync-level>1</D:sync-level><D:prop/>")
    assert answer.status == 400


@pytest.mark.spec("RFC 6578 3.2", "no Depth, 0 and 1 mean the same, for Thunderbird sends 1 and Apple none")
@pytest.mark.parametrize("headers", [{}, {"depth": "0"}, {"depth": "1"}], ids=["none", "0", "1"])
@pytest.mark.parametrize("path", [BOOK + "a.vcf", CALENDAR + "a.ics", FILES + "a.txt"])
def test_depth_makes_no_difference(desk: Desk, path: str, headers: dict[str, str]) -> None:
    body = {"vcf": card("a"), "ics": event("a", "DTSTART:20261124T100000Z"), "txt": "a"}[path[-3:]]
    desk.put(path, body)
    answer = desk.sync(path.rpartition("/")[0] + "/", **headers)
    assert path in changed(answer)


# --- 3.3 depth of synchronization -------------------------------------------------------------------


@pytest.fixture
def tree(desk: Desk) -> Desk:
    """Folders `a` and `a/b` with a file each."""
    for folder in ("a/", "a/b/"):
        assert desk.ask("MKCOL", FILES + folder).status == 201
        desk.put(FILES + folder + "file.txt", folder)
    desk.put(FILES + "top.txt", "top")
    return desk


@pytest.mark.spec("RFC 6578 3.3", "sync-level 1 tells of the direct members")
def test_level_1_tells_of_direct_members(tree: Desk) -> None:
    assert changed(tree.sync(FILES + "a/")) == [FILES + "a/b/", FILES + "a/file.txt"]


@pytest.mark.spec("RFC 6578 3.3", "sync-level infinite tells of everything below")
def test_level_infinite_tells_of_everything_below(tree: Desk) -> None:
    answer = tree.sync(FILES + "a/", level="infinite")
    assert changed(answer) == [FILES + "a/b/", FILES + "a/b/file.txt", FILES + "a/file.txt"]
    tree.put(FILES + "a/b/new.txt", "new")
    assert tree.ask("DELETE", FILES + "a/b/file.txt").status == 204
    later = tree.sync(FILES + "a/", answer.token, level="infinite")
    assert (changed(later), gone(later)) == ([FILES + "a/b/new.txt"], [FILES + "a/b/file.txt"])


@pytest.mark.spec("RFC 6578 3.3", "an infinite report names with sync-traversal-supported what it does not look into")
def test_a_mounted_folder_is_named_as_not_looked_into(tree: Desk) -> None:
    answer = tree.sync(FILES, level="infinite")
    left_out = {row.href: (row.status, list(row.conditions)) for row in answer.rows if row.status == 403}
    assert left_out == {FILES + "Family/": (403, ["D:sync-traversal-supported"])}
    assert FILES + "a/b/file.txt" in changed(answer)


@pytest.mark.spec("RFC 6578 3.3", "a sync-level that is neither 1 nor infinite is refused")
@pytest.mark.parametrize("level", ["2", "0", "", "all"])
def test_an_unreadable_level_is_refused(shelf: Desk, level: str) -> None:
    assert shelf.sync(BOOK, level=level).status == 400


@pytest.mark.spec("RFC 6578 A", "without sync-level the Depth header says it, as old clients do")
@pytest.mark.parametrize(("depth", "deep"), [("1", False), ("infinity", True)])
def test_a_missing_level_is_taken_from_depth(tree: Desk, depth: str, deep: bool) -> None:
    answer = tree.report(FILES + "a/", "D:sync-collection", "<D:sync-token/><D:prop><D:getetag/></D:prop>", depth=depth)
    assert (FILES + "a/b/file.txt" in changed(answer)) is deep


# --- 3.4 and 3.5 the answer -------------------------------------------------------------------------


@pytest.mark.spec("RFC 6578 3.4", "an empty token brings every live member and no removal")
def test_a_first_sync_brings_every_live_member_and_no_removal(desk: Desk) -> None:
    for name in "abc":
        desk.put(f"{BOOK}{name}.vcf", card(name))
    desk.ask("DELETE", BOOK + "b.vcf")
    answer = desk.sync(BOOK)
    assert (changed(answer), gone(answer)) == ([BOOK + "a.vcf", BOOK + "c.vcf"], [])


@pytest.mark.spec("RFC 6578 3.4", "an empty token on an empty collection answers a token and nothing else")
def test_a_first_sync_of_an_empty_collection_has_a_token(shelf: Desk) -> None:
    answer = shelf.sync("/dav/calendars/anna/tasks/")
    assert answer.rows == []
    assert SHAPE.fullmatch(answer.token)


@pytest.mark.spec(
    "RFC 6578 3.5.1", "new and changed members come with the properties that were asked for, and their ETag"
)
def test_changes_come_with_their_present_properties(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    desk.put(BOOK + "b.vcf", card("b"))
    token = desk.sync(BOOK).token
    newer = desk.put(BOOK + "a.vcf", card("a", name="Anna Lee"))
    newest = desk.put(BOOK + "c.vcf", card("c"))
    answer = desk.sync(BOOK, token, "D:getetag", "D:getcontenttype", "D:resourcetype")
    assert {row.href: row.text("D:getetag") for row in answer.rows} == {
        BOOK + "a.vcf": newer.etag,
        BOOK + "c.vcf": newest.etag,
    }
    assert {row.text("D:getcontenttype") for row in answer.rows} == {"text/vcard; charset=utf-8"}


@pytest.mark.spec("RFC 6578 3.5.1", "a property that a member does not have is a 404 propstat beside the others")
def test_an_unknown_property_is_a_404_propstat(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    assert desk.sync(BOOK, "", "D:getetag", "X:nobody-knows").only.other == {"X:nobody-knows": 404}


@pytest.mark.spec("RFC 6578 3.5.1", "address-data inside the report is the stored card, as Thunderbird asks for it")
def test_address_data_inside_the_report(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    assert desk.sync(BOOK, "", "D:getetag", "CR:address-data").only.text("CR:address-data") == card("a")


@pytest.mark.spec("RFC 6578 3.5.1", "calendar-data inside the report is the stored event")
def test_calendar_data_inside_the_report(desk: Desk) -> None:
    body = event("a", "DTSTART:20261124T100000Z")
    desk.put(CALENDAR + "a.ics", body)
    assert desk.sync(CALENDAR, "", "C:calendar-data").only.text("C:calendar-data") == body


@pytest.mark.spec("RFC 6578 3.5.2", "a removed member is a response with status 404 and no propstat")
def test_a_removed_member_is_a_404_without_properties(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    assert desk.ask("DELETE", BOOK + "a.vcf").status == 204
    row = desk.sync(BOOK, token).only
    assert (row.href, row.status, dict(row.found), dict(row.other)) == (BOOK + "a.vcf", 404, {}, {})


@pytest.mark.spec("RFC 6578 3.5.2", "return=minimal leaves no removal out")
def test_a_preference_for_little_leaves_no_removal_out(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    desk.ask("DELETE", BOOK + "a.vcf")
    assert gone(desk.sync(BOOK, token, prefer="return=minimal")) == [BOOK + "a.vcf"]


@pytest.mark.spec("RFC 6578 3.5.2", "a member that came and went since the token is at most a 404")
def test_a_member_that_came_and_went_is_not_there(desk: Desk) -> None:
    token = desk.sync(BOOK).token
    desk.put(BOOK + "a.vcf", card("a"))
    desk.ask("DELETE", BOOK + "a.vcf")
    assert changed(desk.sync(BOOK, token)) == []


@pytest.mark.spec("RFC 6578 3.5.2", "a member that went and came back is changed, not removed")
def test_a_member_that_came_back_is_changed(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    desk.ask("DELETE", BOOK + "a.vcf")
    desk.put(BOOK + "a.vcf", card("a", name="Again"))
    answer = desk.sync(BOOK, token)
    assert (changed(answer), gone(answer)) == ([BOOK + "a.vcf"], [])


@pytest.mark.spec("RFC 6578 3.5.2", "a renamed member is removed under the old name and there under the new one")
def test_a_renamed_member_is_told_under_both_names(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    assert desk.ask("MOVE", BOOK + "a.vcf", destination=BOOK + "b.vcf").status == 201
    answer = desk.sync(BOOK, token)
    assert (changed(answer), gone(answer)) == ([BOOK + "b.vcf"], [BOOK + "a.vcf"])


@pytest.mark.spec("RFC 6578 3.5.2", "a card moved to another book is gone here and new there")
def test_a_moved_card_is_told_in_both_books(desk: Desk) -> None:
    family = "/dav/addressbooks/anna/family/"
    desk.put(BOOK + "a.vcf", card("a"))
    here, there = desk.sync(BOOK).token, desk.sync(family).token
    assert desk.ask("MOVE", BOOK + "a.vcf", destination=family + "a.vcf").status == 201
    assert gone(desk.sync(BOOK, here)) == [BOOK + "a.vcf"]
    assert changed(desk.sync(family, there)) == [family + "a.vcf"]


@pytest.mark.spec("RFC 6578 3.5", "a refused PUT is no change: the token stays and nothing is announced")
@pytest.mark.parametrize("name", ["a.vcf", "new.vcf"])
def test_a_refused_put_moves_no_token(desk: Desk, name: str) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    assert desk.ask("PUT", BOOK + name, card("z"), if_match='"never-was"').status == 412
    assert desk.refused() == [(name, "PUT", 412, card("z").encode())]
    answer = desk.sync(BOOK, token)
    assert (answer.rows, answer.token) == ([], token)


@pytest.mark.spec("RFC 6578 3.5", "a refused DELETE announces the member again, for the phone has removed its copy")
def test_a_refused_delete_announces_the_member_with_the_same_etag(desk: Desk) -> None:
    etag = desk.put(BOOK + "a.vcf", card("a")).etag
    token = desk.sync(BOOK).token
    assert desk.ask("DELETE", BOOK + "a.vcf", if_match='"never-was"').status == 412
    answer = desk.sync(BOOK, token)
    assert {row.href: row.text("D:getetag") for row in answer.rows} == {BOOK + "a.vcf": etag}
    assert answer.token != token


@pytest.mark.spec("RFC 6578 3.5", "a changed property of a collection or member moves no token")
@pytest.mark.parametrize("path", [BOOK, BOOK + "a.vcf"], ids=["collection", "member"])
def test_a_changed_property_moves_no_token(desk: Desk, path: str) -> None:
    etag = desk.put(BOOK + "a.vcf", card("a")).etag
    token = desk.sync(BOOK).token
    assert desk.set_(path, "<X:note>hello</X:note>").status == 207
    assert desk.value(BOOK, "D:sync-token") == token
    assert desk.value(BOOK + "a.vcf", "D:getetag") == etag


@pytest.mark.spec("RFC 6578 3.5", "a PUT of the very same octets is no change")
def test_the_same_octets_again_move_no_token(desk: Desk) -> None:
    etag = desk.put(BOOK + "a.vcf", card("a")).etag
    token = desk.sync(BOOK).token
    assert desk.put(BOOK + "a.vcf", card("a")).etag == etag
    assert desk.sync(BOOK).token == token


@pytest.mark.spec("RFC 6578 3.5", "a change elsewhere moves no other collection's token")
def test_tokens_of_other_collections_stay_put(desk: Desk) -> None:
    before = [desk.sync(path).token for path in (CALENDAR, TASKS, FILES)]
    desk.put(BOOK + "a.vcf", card("a"))
    assert [desk.sync(path).token for path in (CALENDAR, TASKS, FILES)] == before


# --- 3.6 truncation, 3.7 limits ---------------------------------------------------------------------


def pages(
    desk: Desk, path: str, limit: int, token: str = "", between: Callable[[int], None] | None = None
) -> list[Answer]:
    """Walk all pages, with something happening in between."""
    found = []
    for number in range(100):
        answer = desk.sync(path, token, limit=str(limit))
        found.append(answer)
        if not any(row.status == 507 for row in answer.rows):
            return found
        token = answer.token
        if between is not None:
            between(number)
    raise AssertionError("a walk without end")


def believed(answers: list[Answer]) -> set[str]:
    """Return what a client holds after these pages."""
    held: set[str] = set()
    for answer in answers:
        held -= set(gone(answer))
        held |= set(changed(answer))
    return held


@pytest.mark.spec("RFC 6578 3.6", "a cut-off answer has a 507 for the collection with number-of-matches-within-limits")
def test_a_cut_off_answer_says_so_for_the_collection(desk: Desk) -> None:
    for name in "abc":
        desk.put(f"{BOOK}{name}.vcf", card(name))
    answer = desk.sync(BOOK, limit="2")
    cut = answer.by_href[BOOK]
    assert (cut.status, list(cut.conditions)) == (507, ["D:number-of-matches-within-limits"])
    assert len(changed(answer)) == 2


@pytest.mark.spec("RFC 6578 3.6", "without a limit of the client's nothing is cut off")
def test_without_a_limit_nothing_is_cut_off(desk: Desk) -> None:
    for number in range(120):
        desk.put(f"{BOOK}{number}.vcf", card(str(number)))
    answer = desk.sync(BOOK)
    assert len(changed(answer)) == len(answer.rows) == 120


@pytest.mark.spec("RFC 6578 3.6", "walking on from each cut-off with the token of its last row loses nothing")
@pytest.mark.parametrize("limit", range(1, 12))
def test_no_limit_loses_a_member(desk: Desk, limit: int) -> None:
    names = [f"{BOOK}{name}.vcf" for name in "jihgfedcba"]  # written against the alphabet
    for name in names:
        desk.put(name, card(name))
    desk.put(names[0], card(names[0], name="Later"))
    desk.ask("DELETE", names[4])
    walked = pages(desk, BOOK, limit)
    assert believed(walked) == {*names} - {names[4]}
    assert walked[-1].token == desk.sync(BOOK).token
    assert all(len(changed(answer)) + len(gone(answer)) <= limit for answer in walked)


@pytest.mark.spec("RFC 6578 3.6", "what changes while a client walks the pages is not lost")
@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_changes_between_pages_are_not_lost(desk: Desk, limit: int) -> None:
    for name in "abcdefgh":
        desk.put(f"{BOOK}{name}.vcf", card(name))

    def meanwhile(number: int) -> None:
        match number:
            case 0:
                desk.ask("DELETE", BOOK + "a.vcf")  # was given on the first page
                desk.put(BOOK + "b.vcf", card("b", name="Changed"))
            case 1:
                desk.ask("DELETE", BOOK + "h.vcf")
                desk.put(BOOK + "new.vcf", card("new"))

    walked = pages(desk, BOOK, limit, between=meanwhile)
    assert believed(walked) == set(changed(desk.sync(BOOK)))


@pytest.mark.spec("RFC 6578 3.6", "a difference is cut off as a first sync is, removals included")
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_a_difference_is_paged_too(desk: Desk, limit: int) -> None:
    for name in "abcdef":
        desk.put(f"{BOOK}{name}.vcf", card(name))
    token = desk.sync(BOOK).token
    for name in "ace":
        desk.ask("DELETE", f"{BOOK}{name}.vcf")
    desk.put(BOOK + "g.vcf", card("g"))
    walked = pages(desk, BOOK, limit, token)
    assert {href for answer in walked for href in gone(answer)} == {f"{BOOK}{name}.vcf" for name in "ace"}
    assert {href for answer in walked for href in changed(answer)} == {BOOK + "g.vcf"}


@pytest.mark.spec("RFC 6578 3.6", "folders are paged without loss as well")
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_folder_is_paged_without_loss(desk: Desk, limit: int) -> None:
    for name in "dcba":
        desk.put(f"{FILES}{name}.txt", name)
    walked = pages(desk, FILES, limit)
    assert believed(walked) >= {f"{FILES}{name}.txt" for name in "abcd"}


@pytest.mark.spec("RFC 6578 3.7", "a limit of nothing, or one that cannot be read, is as if absent")
@pytest.mark.parametrize("text", ["0", "", "many", "-1", "1.5", "9" * 30])
def test_an_unreadable_limit_is_as_if_absent(desk: Desk, text: str) -> None:
    for name in "abc":
        desk.put(f"{BOOK}{name}.vcf", card(name))
    inner = (
        f"<D:sync-token/><D:sync-level>1</D:sync-level><D:limit><D:nresults>{text}</D:nresults></D:limit>"
        "<D:prop><D:getetag/></D:prop>"
    )
    assert len(desk.report(BOOK, "D:sync-collection", inner).rows) == 3


@pytest.mark.spec("RFC 6578 3.7", "a limit that holds everything cuts nothing off")
@pytest.mark.parametrize("limit", [3, 4, 1000])
def test_a_limit_that_suffices_cuts_nothing_off(desk: Desk, limit: int) -> None:
    for name in "abc":
        desk.put(f"{BOOK}{name}.vcf", card(name))
    assert [row.status for row in desk.sync(BOOK, limit=str(limit)).rows] == [None] * 3


# --- 4 the property, 5 the token as a state token ---------------------------------------------------


@pytest.mark.spec("RFC 6578 4", "sync-token is protected and not part of allprop")
def test_the_property_is_protected_and_not_in_allprop(desk: Desk) -> None:
    assert desk.set_(BOOK, "<D:sync-token>urn:x:1</D:sync-token>").only.other == {"D:sync-token": 403}
    assert "D:sync-token" not in desk.ask("PROPFIND", BOOK, depth="0").only.found


@pytest.mark.spec("RFC 6578 5", "a token in the If header is true while the collection is in that state")
def test_the_token_is_a_state_token_of_the_if_header(desk: Desk) -> None:
    desk.put(BOOK + "a.vcf", card("a"))
    token = desk.sync(BOOK).token
    condition = f"<{BOOK}> (<{token}>)"
    assert desk.ask("PUT", BOOK + "b.vcf", card("b"), if_=condition).status == 201
    assert desk.ask("PUT", BOOK + "c.vcf", card("c"), if_=condition).status == 412
    assert desk.ask("DELETE", BOOK + "b.vcf", if_=condition).status == 412
    assert desk.ask("DELETE", BOOK + "b.vcf", if_=f"<{BOOK}> (<{desk.sync(BOOK).token}>)").status == 204


# --- a collection's life ----------------------------------------------------------------------------


@pytest.mark.spec("RFC 6578 3.2", "a token of a deleted collection is refused at the new one of the same address")
def test_a_new_collection_at_a_deleted_ones_address_refuses_the_old_token(desk: Desk) -> None:
    path = "/dav/addressbooks/anna/club/"
    book = "<D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype></D:prop></D:set>"
    assert desk.ask("MKCOL", path, doc("D:mkcol", book)).status == 201
    desk.put(path + "a.vcf", card("a"))
    old = desk.sync(path).token
    assert desk.ask("DELETE", path).status == 204
    assert desk.ask("MKCOL", path, doc("D:mkcol", book)).status == 201
    assert desk.sync(path, old).refusal == (403, "D:valid-sync-token")
