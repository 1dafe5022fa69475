"""A server that was set back to an older state: who is answered what until its owner decides (protocol.md A1 to A4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from appliance.household import held
from appliance.household.release import Part
from appliance.store import hold_rows, queries
from tests.spec.desk import BOOK, CALENDAR, FILES, Answer, Desk, card, event, prop
from tests.spec.set_back import LOST_CALENDAR, SetBack, set_back

HOME, CALENDARS = "/dav/addressbooks/anna/", "/dav/calendars/anna/"
MACOS_TOKEN = "5F2A4E9C-0C2B-4E44-9C1B-7B0B1F4C2D11"  # what macOS sends now and then


@pytest.fixture
def back(desk: Desk) -> Iterator[SetBack]:
    """A server set back to a copy taken while it ran; nobody has asked yet."""
    with set_back(desk) as found:
        yield found


@pytest.fixture
def held_box(back: SetBack) -> SetBack:
    """The same, and anna's phone has shown a token of the lost time."""
    assert back.desk.sync(BOOK, back.tokens[BOOK]).status == 503
    return back


@pytest.fixture
def doubted(desk: Desk) -> Iterator[SetBack]:
    """A server set back to a copy taken after a stop: all that was lost is of an epoch that it never had."""
    with set_back(desk, copied="stopped") as found:
        yield found


def multiget(desk: Desk, *hrefs: str, **headers: str) -> dict[str, int | None]:
    asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    answer = desk.report(BOOK, "CR:addressbook-multiget", prop("D:getetag", "CR:address-data") + asked, **headers)
    return {row.href: row.status for row in answer.rows}


def query(desk: Desk, path: str, **headers: str) -> Answer:
    if path.startswith("/dav/calendars/"):
        inner = '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter>'
        return desk.report(path, "C:calendar-query", prop("D:getetag") + inner, **headers)
    inner = '<CR:filter><CR:prop-filter name="FN"/></CR:filter>'
    return desk.report(path, "CR:addressbook-query", prop("D:getetag") + inner, **headers)


# --- A1: tokens, A3: ETags --------------------------------------------------------------------------


@pytest.mark.spec("Gotgan 7", "a known epoch's number beyond what it wrote here holds the whole box, durably")
def test_a_token_of_a_known_epoch_begins_the_hold(back: SetBack) -> None:
    desk = back.desk
    assert desk.find(HOME, "D:resourcetype", depth="1", by="ben").status in (207, 404)
    assert desk.sync(BOOK, back.tokens[BOOK]).headers["retry-after"] == "900"
    assert desk.find("/dav/addressbooks/ben/", "D:resourcetype", depth="1", by="ben").status == 503
    desk = back.restarted()
    assert desk.find("/dav/calendars/ben/", "D:resourcetype", depth="1", by="ben").status == 503


@pytest.mark.spec("Gotgan 7", "an ETag that somebody made up for a file is a mismatch and holds nothing")
def test_a_made_up_etag_of_a_file_holds_nothing(desk: Desk) -> None:
    """litmus changes the last digit of an ETag, which may then be one that the server has not given out yet."""
    etag = desk.put(f"{FILES}a.txt", "a").headers["etag"]
    ahead = f'{etag.rpartition("-")[0]}-{int(etag.strip(chr(34)).rpartition("-")[2]) + 1000}"'
    assert desk.ask("PUT", f"{FILES}a.txt", "b", if_match=ahead).status == 412
    assert desk.ask("PUT", f"{FILES}a.txt", "b", **{"if": f"([{ahead}])"}).status == 412
    assert desk.find(HOME, "D:resourcetype", depth="1").status == 207


@pytest.mark.spec("Gotgan 7", "it is known again when the ledger has grown past it")
@pytest.mark.parametrize("sign", ["token", "etag"])
def test_a_grown_ledger_still_knows_it(back: SetBack, sign: str) -> None:
    desk = back.desk
    for number in range(40):
        desk.put(f"{BOOK}later-{number}.vcf", card(f"later-{number}"))
    newest = queries.newest_seq(desk.services.ledger.database.connection())
    assert newest > int(back.tokens[CALENDAR].rpartition("-")[2])
    if sign == "token":
        assert desk.sync(BOOK, back.tokens[BOOK]).status == 503
    else:
        desk.ask("GET", f"{BOOK}one.vcf", if_none_match=back.etags["one"])
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 503


@pytest.mark.spec("Gotgan 7", "a future ETag of our objects' form is proof, in each conditional header")
@pytest.mark.parametrize(
    ("method", "header", "make"),
    [
        ("GET", "if_none_match", "{}"),
        ("GET", "if_match", '"other", {}'),
        ("PUT", "if_match", "{}"),
        ("DELETE", "if_match", "{}"),
        ("DELETE", "if_", "([{}])"),
        ("PROPPATCH", "if_", "(Not [{}])"),
    ],
)
def test_a_future_etag_begins_the_hold(back: SetBack, method: str, header: str, make: str) -> None:
    desk = back.desk
    body = card("one", name="New Kim") if method == "PUT" else ""
    desk.ask(method, f"{BOOK}one.vcf", body, content_type="text/vcard", **{header: make.format(back.etags["one"])})
    assert desk.find(BOOK, "D:getetag", depth="1").status == 503


@pytest.mark.spec("Gotgan 7", "a sync token in If is as good as one in a report (RFC 6578 5)")
def test_a_token_in_if_begins_the_hold(back: SetBack) -> None:
    back.desk.ask("GET", f"{BOOK}one.vcf", if_=f"<{BOOK}> (<{back.tokens[BOOK]}>)")
    assert back.desk.find(BOOK, "D:getetag", depth="1").status == 503


GARBAGE_ETAGS = ['"zzz-1"', 'W/"abcdefgh-99999"', '"abcdefgh"', '"d-0123456789abcdef"', "abcdefgh-1", '"ABCDEFGH-1"']


@pytest.mark.spec("Gotgan 7", "garbage never begins a hold: macOS's bare UUID, other forms, weak and foreign ETags")
@pytest.mark.parametrize("etag", GARBAGE_ETAGS)
def test_garbage_begins_nothing(desk: Desk, etag: str) -> None:
    desk.put(f"{BOOK}one.vcf", card("one"))
    assert desk.sync(BOOK, MACOS_TOKEN).refusal == (403, "D:valid-sync-token")
    assert desk.ask("PUT", f"{BOOK}one.vcf", card("one", name="Other"), if_match=etag).status == 412
    assert hold_rows.every_hold(desk.services.ledger.database.connection()) == []
    assert desk.find(BOOK, "D:getetag", depth="1").status == 207


@pytest.mark.spec("Gotgan 7", "an unknown epoch concerns one device and one collection, and its owner is asked")
def test_an_unknown_epoch_is_a_doubt_about_one_device_and_collection(doubted: SetBack) -> None:
    desk = doubted.desk
    assert desk.sync(BOOK, doubted.tokens[BOOK]).status == 503
    assert desk.find(BOOK, "D:getetag", depth="1").status == 503
    assert query(desk, BOOK).status == 503
    assert desk.ask("DELETE", f"{BOOK}two.vcf").status == 503
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 207
    assert desk.find(CALENDAR, "D:getetag", depth="1").status == 207
    assert desk.find(HOME, "D:resourcetype", depth="1").status == 207
    (report,) = held.reports(desk.services.ledger.database.connection())
    assert (report.hold.address, report.is_open) == ("addressbooks/anna/contacts", True)
    assert [knower.name for knower in report.knowers] == ["phone (Anna Kim)"]


@pytest.mark.spec("Gotgan 7", "an edit under an ETag of an unknown epoch is neither lost nor stored over another")
def test_an_unknown_etag_waits(doubted: SetBack) -> None:
    desk, before = doubted.desk, doubted.desk.get(f"{BOOK}one.vcf")
    answer = desk.ask("PUT", f"{BOOK}one.vcf", card("one", name="Mine"), if_match=doubted.etags["one"])
    assert (answer.status, answer.headers["retry-after"]) == (503, "900")
    assert desk.get(f"{BOOK}one.vcf") == before
    assert desk.put(f"{BOOK}new.vcf", card("new")).status == 201
    assert desk.put(f"{BOOK}one.vcf", card("one", name="Other"), by="anna's tablet").status == 204


@pytest.mark.spec(
    "protocol A1", "a calendar that is not here is 503 for a device in doubt, not the 404 that deletes it"
)
def test_a_missing_calendar_is_in_doubt_too(doubted: SetBack) -> None:
    desk = doubted.desk
    assert desk.sync(BOOK, doubted.tokens[BOOK]).status == 503
    assert desk.find(LOST_CALENDAR, "D:resourcetype").status == 503
    assert desk.find(LOST_CALENDAR, "D:resourcetype", by="anna's tablet").status == 404


def test_a_forger_fills_no_disk(desk: Desk) -> None:
    desk.put(f"{BOOK}one.vcf", card("one"))
    token = desk.sync(BOOK).token
    for number in range(300):
        name = "".join("abcdefghij"[int(digit)] for digit in f"{number:08}")
        shown = token.replace(token.rpartition(":")[2].partition("-")[0], name)
        assert desk.sync(f"/dav/addressbooks/anna/none-{number}/", shown).status == 503
    reading = desk.services.ledger.database.connection()
    assert len(hold_rows.every_hold(reading)) <= hold_rows.DOUBTS_A_DEVICE
    assert len(hold_rows.signs(reading)) <= hold_rows.SIGNS_A_DEVICE
    assert desk.sync(BOOK, by="anna's tablet").status == 207


# --- A2: the table, line by line --------------------------------------------------------------------

STOPPED: dict[str, Callable[[Desk], Answer]] = {
    "PROPFIND 1 on a home": lambda desk: desk.find(HOME, "D:resourcetype", depth="1"),
    "PROPFIND 1 on the calendar home": lambda desk: desk.find(CALENDARS, "CS:getctag", depth="1"),
    "PROPFIND without Depth on a home": lambda desk: desk.ask("PROPFIND", HOME),
    "PROPFIND infinity on a book": lambda desk: desk.find(BOOK, "D:getetag", depth="infinity"),
    "PROPFIND 1 on a book": lambda desk: desk.find(BOOK, "D:getetag", depth="1"),
    "PROPFIND 1 on a calendar": lambda desk: desk.find(CALENDAR, "D:getetag", depth="1"),
    "PROPFIND 1,noroot on a calendar": lambda desk: desk.find(CALENDAR, "D:getetag", depth="1,noroot"),
    "sync-collection, empty token": lambda desk: desk.sync(BOOK),
    "sync-collection, own token": lambda desk: desk.sync(BOOK, desk.value(BOOK, "D:sync-token")),
    "sync-collection, garbage": lambda desk: desk.sync(BOOK, MACOS_TOKEN),
    "calendar-query": lambda desk: query(desk, CALENDAR),
    "calendar-query on the home": lambda desk: query(desk, CALENDARS),
    "addressbook-query": lambda desk: query(desk, BOOK),
    "free-busy": lambda desk: desk.report(
        CALENDAR, "C:free-busy-query", '<C:time-range start="20261101T000000Z" end="20261201T000000Z"/>'
    ),
    "principal-match on a home": lambda desk: desk.report(
        HOME, "D:principal-match", f"<D:principal-property><D:owner/></D:principal-property>{prop('D:owner')}"
    ),
    "MOVE": lambda desk: desk.ask("MOVE", f"{BOOK}one.vcf", destination=f"{BOOK}moved.vcf"),
    "MOVE of a collection": lambda desk: desk.ask("MOVE", BOOK, destination=f"{HOME}moved/"),
    "COPY": lambda desk: desk.ask("COPY", f"{BOOK}one.vcf", destination=f"{BOOK}copy.vcf"),
    "COPY of a file into a book": lambda desk: desk.ask("COPY", f"{FILES}card.vcf", destination=f"{BOOK}file.vcf"),
    "DELETE": lambda desk: desk.ask("DELETE", f"{BOOK}one.vcf"),
    "DELETE of a collection": lambda desk: desk.ask("DELETE", CALENDAR),
    "DELETE of what is not here": lambda desk: desk.ask("DELETE", f"{BOOK}born.vcf"),
    "MKCOL": lambda desk: desk.ask("MKCOL", f"{HOME}new/"),
    "MKCALENDAR": lambda desk: desk.ask("MKCALENDAR", f"{CALENDARS}new/"),
    "GET of what is not here": lambda desk: desk.ask("GET", f"{BOOK}born.vcf"),
    "HEAD of what is not here": lambda desk: desk.ask("HEAD", f"{BOOK}born.vcf"),
    "PROPFIND 0 of what is not here": lambda desk: desk.find(f"{BOOK}born.vcf", "D:getetag"),
    "PROPFIND 0 of a calendar that is not here": lambda desk: desk.find(LOST_CALENDAR, "D:resourcetype"),
    "a report on a calendar that is not here": lambda desk: desk.sync(LOST_CALENDAR),
    "PROPPATCH of what is not here": lambda desk: desk.set_(
        LOST_CALENDAR, "<A:calendar-color>#FF0000FF</A:calendar-color>"
    ),
    "PUT into a calendar that is not here": lambda desk: desk.ask(
        "PUT", f"{LOST_CALENDAR}y.ics", event("y", "DTSTART:20261124T100000Z"), content_type="text/calendar"
    ),
}


@pytest.mark.spec("Gotgan 7", "what lists, ends or moves members, and what is missing, is 503 for 15 minutes")
def test_what_is_stopped_on_hold(held_box: SetBack) -> None:
    desk = held_box.desk
    desk.put(f"{FILES}card.vcf", card("file"))
    newest = queries.newest_seq(desk.services.ledger.database.connection())
    for said, ask in STOPPED.items():
        answer = ask(desk)
        assert (answer.status, answer.headers.get("retry-after")) == (503, "900"), said
    assert queries.newest_seq(desk.services.ledger.database.connection()) == newest


@pytest.mark.spec("Gotgan 7", "a multiget answers what is here, and 503 instead of 404 for what is missing")
def test_a_multiget_on_hold(held_box: SetBack) -> None:
    found = multiget(held_box.desk, f"{BOOK}one.vcf", f"{BOOK}born.vcf", f"{HOME}lost/x.vcf")
    assert found == {f"{BOOK}one.vcf": None, f"{BOOK}born.vcf": 503, f"{HOME}lost/x.vcf": 503}


@pytest.mark.spec("Gotgan 7", "GET, HEAD and PROPFIND 0 of what is here are as always; a collection tells its token")
def test_what_is_here_is_answered_on_hold(held_box: SetBack) -> None:
    desk = held_box.desk
    assert b"FN:Anna Kim" in desk.get(f"{BOOK}one.vcf")
    assert desk.ask("HEAD", f"{BOOK}one.vcf").status == 200
    assert desk.value(f"{BOOK}one.vcf", "D:getetag") == desk.ask("GET", f"{BOOK}one.vcf").etag
    assert desk.value(BOOK, "D:sync-token") == desk.value(BOOK, "CS:getctag")
    assert desk.find(HOME, "D:displayname").status == 207
    colour = desk.set_(CALENDAR, "<A:calendar-color>#FF0000FF</A:calendar-color>")
    assert colour.status == 207


@pytest.mark.spec("Gotgan 7", "OPTIONS, principals, login and files are as always")
def test_the_rest_is_normal_on_hold(held_box: SetBack) -> None:
    desk = held_box.desk
    assert desk.ask("OPTIONS", BOOK).status == 200
    assert desk.ask("OPTIONS", LOST_CALENDAR).status == 200
    assert desk.find("/dav/", "D:current-user-principal").status == 207
    assert desk.find("/dav/", "D:resourcetype", depth="1").status == 207
    assert desk.find("/dav/principals/anna/", "C:calendar-home-set").status == 207
    assert desk.ask("PROPFIND", BOOK, depth="0", by="").status == 401
    assert desk.put(f"{FILES}a.txt", "a").status == 201
    assert desk.find(FILES, "D:getetag", depth="1").status == 207
    assert desk.sync(FILES).status == 207
    assert desk.ask("MKCOL", f"{FILES}folder/").status == 201
    assert desk.ask("MOVE", f"{FILES}a.txt", destination=f"{FILES}folder/a.txt").status == 201
    assert desk.ask("DELETE", f"{FILES}folder/").status == 204
    assert desk.ask("GET", f"{FILES}none.txt").status == 404


@pytest.mark.spec("Gotgan 7", "looking into the past is not concerned")
def test_the_past_is_not_on_hold(held_box: SetBack) -> None:
    moment = f"seq-{queries.newest_seq(held_box.desk.services.ledger.database.connection())}"
    past = f"/dav/at/{moment}/addressbooks/anna/contacts/"
    assert held_box.desk.find(past, "D:getetag", depth="1").status == 207


@pytest.mark.spec("Gotgan 7", "a PUT on hold is a version, also under an ETag that this box never issued")
@pytest.mark.parametrize("name", ["one", "born"], ids=["over the older", "new here"])
def test_a_put_on_hold_is_taken(held_box: SetBack, name: str) -> None:
    desk = held_box.desk
    mine = card(name, name="Edited on the phone")
    answer = desk.put(f"{BOOK}{name}.vcf", mine, if_match=held_box.etags[name])
    assert answer.status == (204 if name == "one" else 201)
    assert desk.get(f"{BOOK}{name}.vcf") == mine.encode()
    again = desk.put(f"{BOOK}{name}.vcf", card(name, name="And again"), if_match=answer.etag)
    assert again.status == 204


@pytest.mark.spec("Gotgan 7", "also under a lost ETag in If")
def test_a_put_on_hold_under_if_is_taken(held_box: SetBack) -> None:
    answer = held_box.desk.put(f"{BOOK}one.vcf", card("one", name="Edited"), if_=f"([{held_box.etags['one']}])")
    assert answer.status == 204


@pytest.mark.spec("Gotgan 7", "it never goes over another device's newer version without keeping that one visible")
@pytest.mark.parametrize("second", ["lost etag", "no condition"])
def test_a_put_on_hold_keeps_what_it_goes_over(held_box: SetBack, second: str) -> None:
    desk, tablet = held_box.desk, card("one", name="From the tablet")
    desk.put(f"{BOOK}one.vcf", tablet, if_match=held_box.etags["one"], by="anna's tablet")
    headers = {"if_match": held_box.etags["one"]} if second == "lost etag" else {}
    assert desk.put(f"{BOOK}one.vcf", card("one", name="From the phone"), **headers).status == 204
    assert desk.refused() == [("one.vcf", "PUT", 409, tablet.encode())]
    assert desk.put(f"{BOOK}one.vcf", card("one", name="Again"), **headers).status == 204
    assert len(desk.refused()) == 1, "one's own edit is no other's"


@pytest.mark.spec("Gotgan 7", "an ETag that this box did issue is a conflict as always, and what lost is kept")
def test_a_true_conflict_on_hold_stays_one(held_box: SetBack) -> None:
    desk = held_box.desk
    old = desk.value(f"{BOOK}two.vcf", "D:getetag")
    desk.put(f"{BOOK}two.vcf", card("two", name="From the tablet"), by="anna's tablet")
    mine = card("two", name="From the phone")
    assert desk.ask("PUT", f"{BOOK}two.vcf", mine, if_match=old, content_type="text/vcard").status == 412
    assert desk.refused() == [("two.vcf", "PUT", 412, mine.encode())]
    assert desk.ask("PUT", f"{BOOK}two.vcf", mine, if_none_match="*", content_type="text/vcard").status == 412


# --- A4: how it ends --------------------------------------------------------------------------------


@pytest.mark.spec("Gotgan 7", "keep: the difference since the histories parted, and no removal of what was lost")
def test_keep_tells_the_difference(held_box: SetBack) -> None:
    desk = held_box.desk
    desk.put(f"{BOOK}fresh.vcf", card("fresh"), by="anna's tablet")
    done = held_box.release("keep")
    assert (done.holds, done.doubts) == (1, 0)
    answer = desk.sync(BOOK, held_box.tokens[BOOK])
    assert [(row.href, row.status) for row in answer.rows] == [(f"{BOOK}fresh.vcf", None)]
    assert desk.sync(BOOK, answer.token).rows == []
    assert desk.sync(CALENDAR, held_box.tokens[CALENDAR]).rows == []
    assert desk.ask("DELETE", f"{BOOK}two.vcf", by="anna's tablet").status == 204
    assert [(row.href, row.status) for row in desk.sync(BOOK, answer.token).rows] == [(f"{BOOK}two.vcf", 404)]


@pytest.mark.spec("Gotgan 7", "keep: a lost ETag to an unknown name makes it, DELETE of an unknown name is 204")
def test_keep_takes_what_comes_back(held_box: SetBack) -> None:
    desk = held_box.desk
    held_box.release("keep")
    assert desk.ask("DELETE", f"{BOOK}never.vcf", if_match=held_box.etags["born"]).status == 204
    born = card("born", name="Edited later")
    assert desk.put(f"{BOOK}born.vcf", born, if_match=held_box.etags["born"]).status == 201
    assert desk.put(f"{BOOK}one.vcf", card("one", name="Edited later"), if_match=held_box.etags["one"]).status == 204
    assert desk.ask("GET", f"{BOOK}never.vcf").status == 404


@pytest.mark.spec("Gotgan 7", "keep: a lost ETag to what somebody changed since is a conflict, and is kept")
def test_keep_lets_later_work_win(held_box: SetBack) -> None:
    desk, theirs, mine = held_box.desk, card("one", name="Theirs"), card("one", name="Mine")
    held_box.release("keep")
    desk.put(f"{BOOK}one.vcf", theirs, by="anna's tablet")
    answer = desk.ask("PUT", f"{BOOK}one.vcf", mine, if_match=held_box.etags["one"], content_type="text/vcard")
    assert answer.status == 412
    assert desk.ask("DELETE", f"{BOOK}one.vcf", if_match=held_box.etags["one"]).status == 412
    assert desk.get(f"{BOOK}one.vcf") == theirs.encode()
    assert ("one.vcf", "PUT", 412, mine.encode()) in desk.refused()


@pytest.mark.spec("Gotgan 7", "keep: a listing would delete on what only lists, so it waits until its owner says so")
def test_keep_brakes_listings_of_old_devices(held_box: SetBack) -> None:
    desk = held_box.desk
    held_box.release("keep")
    for path in (BOOK, CALENDAR):
        assert desk.find(path, "D:getetag", depth="1", by="anna's tablet").status == 503
        assert query(desk, path, by="anna's tablet").status == 503
        assert desk.sync(path, by="anna's tablet").status == 207
    assert desk.find(HOME, "CS:getctag", depth="1", by="anna's tablet").status == 207
    (report,) = held.reports(desk.services.ledger.database.connection())
    (waiting,) = report.waiting
    assert (waiting.name, len(waiting.addresses)) == ("tablet (Anna Kim)", 2)
    desk.equip("anna", "new phone", login="new")
    assert desk.find(BOOK, "D:getetag", depth="1", by="new").status == 207
    assert desk.ask("MKCALENDAR", f"{CALENDARS}new/").status == 201
    assert desk.find(f"{CALENDARS}new/", "D:getetag", depth="1").status == 207
    held_box.release("accept", Part(device_id=waiting.device_id))
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 207
    assert desk.find(BOOK, "D:getetag", depth="1").status == 503
    assert desk.sync(BOOK, held_box.tokens[BOOK]).status == 207


@pytest.mark.spec(
    "protocol A4", "accept: valid-sync-token for the tokens of the lost time, and everything is as always"
)
def test_accept_lets_phones_drop_what_is_not_here(held_box: SetBack) -> None:
    desk = held_box.desk
    held_box.release("accept")
    assert desk.sync(BOOK, held_box.tokens[BOOK]).refusal == (403, "D:valid-sync-token")
    assert desk.sync(BOOK).status == 207
    assert desk.find(HOME, "D:resourcetype", depth="1").status == 207
    assert desk.find(LOST_CALENDAR, "D:resourcetype").status == 404
    assert desk.ask("PUT", f"{BOOK}one.vcf", card("one", name="X"), if_match=held_box.etags["one"]).status == 412
    assert desk.ask("DELETE", f"{BOOK}born.vcf").status == 404


@pytest.mark.spec("Gotgan 7", "a part may be released before the rest")
def test_one_collection_is_released_alone(held_box: SetBack) -> None:
    desk = held_box.desk
    book_id = desk.services.ledger.database.connection().execute(
        "SELECT resource_id FROM member WHERE name = 'contacts' AND kind = 'addressbook' ORDER BY resource_id"
    ).fetchall()  # fmt: skip
    mine = next(row[0] for row in book_id if desk.value(BOOK, "D:sync-token").startswith(f"urn:gotgan:sync:{row[0]}:"))
    held_box.release("accept", Part(collection_id=mine))
    assert desk.sync(BOOK).status == 207
    assert desk.sync(CALENDAR).status == 503
    assert desk.find(HOME, "D:resourcetype", depth="1").status == 503
    held_box.release("keep")
    assert desk.sync(CALENDAR).status == 207


@pytest.mark.spec(
    "protocol A4", "a calendar that phones asked for is made anew, empty, so that they keep what they have"
)
def test_a_lost_calendar_is_made_anew(held_box: SetBack) -> None:
    desk = held_box.desk
    assert desk.find(LOST_CALENDAR, "D:resourcetype").status == 503
    assert held_box.release("keep").anew == ("calendars/anna/holidays",)
    assert LOST_CALENDAR in desk.find(CALENDARS, "D:resourcetype", depth="1").hrefs
    answer = desk.sync(LOST_CALENDAR, held_box.tokens[LOST_CALENDAR])
    assert (answer.status, answer.rows) == (207, [])
    late = event("late", "DTSTART:20261124T100000Z")
    assert desk.put(f"{LOST_CALENDAR}late.ics", late, if_match=held_box.etags["born"]).status == 201


@pytest.mark.spec(
    "protocol A4", "one that is asked for later is still not the 404 that deletes it, until that is chosen"
)
@pytest.mark.parametrize("choice", ["keep", "accept"])
def test_a_lost_calendar_asked_for_later(held_box: SetBack, choice: str) -> None:
    desk = held_box.desk
    held_box.release("keep")
    assert desk.find(LOST_CALENDAR, "D:resourcetype").status == 503
    assert desk.ask("PUT", f"{LOST_CALENDAR}y.ics", event("y"), content_type="text/calendar").status == 503
    assert desk.find(CALENDARS, "D:resourcetype", depth="1").status == 207
    (report,) = held.reports(desk.services.ledger.database.connection())
    assert [sign.address for sign in report.missing] == ["calendars/anna/holidays"]
    held_box.release("keep" if choice == "keep" else "accept", Part(missing="calendars/anna/holidays"))
    assert desk.find(LOST_CALENDAR, "D:resourcetype").status == (207 if choice == "keep" else 404)
    assert desk.ask("MKCALENDAR", f"{CALENDARS}other/").status == 201
    assert desk.ask("DELETE", f"{CALENDARS}other/").status == 204
    assert desk.find(f"{CALENDARS}other/", "D:resourcetype").status == 404


@pytest.mark.spec("Gotgan 7", "a release opens an epoch of its own, and a decided token begins no second hold")
def test_a_release_opens_an_epoch_and_lasts(held_box: SetBack) -> None:
    held_box.release("keep")
    desk = held_box.restarted()
    reasons = [row[0] for row in desk.services.ledger.database.connection().execute("SELECT reason FROM epoch")]
    assert "released" in reasons
    assert desk.sync(BOOK, held_box.tokens[BOOK]).status == 207
    assert len(hold_rows.every_hold(desk.services.ledger.database.connection())) == 1
    etag = desk.put(f"{BOOK}fresh.vcf", card("fresh")).etag
    assert desk.put(f"{BOOK}fresh.vcf", card("fresh", name="B"), if_match=etag).status == 204


@pytest.mark.spec("Gotgan 7", "a doubt is released by name: then its device hears all that is here, and no removal")
def test_a_doubt_is_released_by_name(doubted: SetBack) -> None:
    desk = doubted.desk
    assert desk.ask("DELETE", f"{BOOK}two.vcf", by="anna's tablet").status == 204
    assert desk.sync(BOOK, doubted.tokens[BOOK]).status == 503
    (report,) = held.reports(desk.services.ledger.database.connection())
    doubted.release("keep", Part(device_id=report.hold.device_id))
    answer = desk.sync(BOOK, doubted.tokens[BOOK], limit="1")
    assert [(row.href, row.status) for row in answer.rows] == [(f"{BOOK}one.vcf", None)]
    assert desk.sync(BOOK, answer.token).rows == []
    doubted.release("accept", Part(device_id=report.hold.device_id))
    assert desk.sync(BOOK, doubted.tokens[BOOK]).refusal == (403, "D:valid-sync-token")


@pytest.mark.spec("Gotgan 7", "a doubt released with keep brakes listings as well, and its owner hears who waits")
def test_a_doubted_device_that_only_lists_is_named(doubted: SetBack) -> None:
    """Seen with a program that had shown a lost state: it got 503 for ever, and the doctor said that all was well."""
    desk = doubted.desk
    assert desk.sync(BOOK, doubted.tokens[BOOK]).status == 503
    (report,) = held.reports(desk.services.ledger.database.connection())
    doubted.release("keep", Part(device_id=report.hold.device_id))
    assert desk.find(BOOK, "D:getetag", depth="1").status == 503
    (report,) = held.reports(desk.services.ledger.database.connection())
    (waiting,) = report.waiting
    assert (waiting.device_id, waiting.addresses) == (report.hold.device_id, ("addressbooks/anna/contacts",))
    doubted.release("accept", Part(device_id=waiting.device_id))
    assert desk.find(BOOK, "D:getetag", depth="1").status == 207
    (report,) = held.reports(desk.services.ledger.database.connection())
    assert report.waiting == ()


@pytest.mark.spec("Gotgan 7", "what an epoch that was not known then remembers waits for a decision of its own")
def test_accepting_one_loss_accepts_no_other(doubted: SetBack) -> None:
    desk = doubted.desk
    assert desk.sync(BOOK, doubted.tokens[BOOK]).status == 503
    (report,) = held.reports(desk.services.ledger.database.connection())
    doubted.release("accept", Part(device_id=report.hold.device_id))
    other = doubted.tokens[BOOK].replace(doubted.tokens[BOOK].rpartition(":")[2].partition("-")[0], "zzzzzzzz")
    assert desk.sync(BOOK, doubted.tokens[BOOK]).refusal == (403, "D:valid-sync-token")
    assert desk.sync(BOOK, other).status == 503
    assert desk.find(BOOK, "D:getetag", depth="1").status == 503


@pytest.mark.spec("Gotgan 7", "where a sign cannot be written down, what was shown is 503 all the same")
def test_a_busy_database_changes_nothing_about_the_answer(held_box: SetBack) -> None:
    desk = held_box.desk
    database = desk.services.ledger.database
    database._writer.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for answer in (
            desk.sync(BOOK, held_box.tokens[CALENDAR], by="anna's tablet"),
            desk.sync(LOST_CALENDAR, held_box.tokens[LOST_CALENDAR]),
            desk.find(LOST_CALENDAR, "D:resourcetype"),
            desk.ask("GET", f"{BOOK}born.vcf", if_match=held_box.etags["born"], by="anna's tablet"),
        ):
            assert (answer.status, answer.headers["retry-after"]) == (503, "900")
    assert desk.put(f"{BOOK}after.vcf", card("after")).status == 201


def test_a_second_set_back_is_a_second_hold(held_box: SetBack) -> None:
    held_box.release("accept")
    desk = held_box.desk
    desk.put(f"{BOOK}fresh.vcf", card("fresh"))
    token = desk.sync(BOOK).token
    beyond = token.rpartition("-")[0] + f"-{int(token.rpartition('-')[2]) + 1000}"
    assert desk.sync(BOOK, beyond).status == 503
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 503
    assert len(hold_rows.every_hold(desk.services.ledger.database.connection())) == 2


@pytest.mark.spec("Gotgan 7", "who waits for an earlier decision is named and let go after a later set-back as well")
def test_a_listing_that_an_earlier_keep_brakes_is_let_go_after_a_second_set_back(held_box: SetBack) -> None:
    """The later hold was accepted for all; what the earlier one still brakes must not wait for ever."""
    held_box.release("keep")
    desk = held_box.desk
    desk.put(f"{BOOK}fresh.vcf", card("fresh"))
    token = desk.sync(BOOK).token
    beyond = token.rpartition("-")[0] + f"-{int(token.rpartition('-')[2]) + 1000}"
    assert desk.sync(BOOK, beyond).status == 503
    held_box.release("accept")
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 503
    waiting = [one for report in held.reports(desk.services.ledger.database.connection()) for one in report.waiting]
    assert [one.name for one in waiting] == ["tablet (Anna Kim)"]
    held_box.release("accept", Part(device_id=waiting[0].device_id))
    assert desk.find(BOOK, "D:getetag", depth="1", by="anna's tablet").status == 207
    assert not any(report.waiting for report in held.reports(desk.services.ledger.database.connection()))
