"""Thunderbird 153 ESR: recorded with the real program, calendars and contacts."""

from __future__ import annotations

from tests.clients.replay import (
    Step,
    asks_for_a_password,
    condition,
    data_of,
    etag,
    every_member_has_an_etag,
    exactly,
    first_with,
    gone,
    has,
    header,
    href_in,
    inside,
    lists,
    location,
    replay,
    somewhere_inside,
    status,
    text,
    text_of,
    token,
)
from tests.clients.visitor import Visitor
from tests.clients.wire import CARD, CS, Answer, C, D
from tests.clients.written import THUNDERBIRD_CARD, THUNDERBIRD_EVENT

THUNDERBIRD = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0",
    "Accept": "text/xml",
    "Accept-Language": "ko-KR,ko;q=0.8,en-US;q=0.5,en;q=0.3",
    "Accept-Charset": "utf-8,*;q=0.1",
    "Content-Type": "text/xml; charset=utf-8",
    "Connection": "keep-alive",
}

DETECTION = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
    'xmlns:cs="http://calendarserver.org/ns/" xmlns:a="http://apple.com/ns/ical/"><d:prop><d:resourcetype/><d:owner/>'
    "<d:displayname/><d:current-user-principal/><d:current-user-privilege-set/><a:calendar-color/>"
    "<c:calendar-home-set/></d:prop></d:propfind>"
)
OPENING = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<D:propfind xmlns:D="DAV:" xmlns:CS="http://calendarserver.org/ns/" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:resourcetype/><D:owner/><D:current-user-principal/>'
    "<D:current-user-privilege-set/><D:supported-report-set/><C:supported-calendar-component-set/><CS:getctag/>"
    "</D:prop></D:propfind>"
)
CHANGES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token>'
    "<sync-level>1</sync-level><prop><getcontenttype/><getetag/></prop></sync-collection>"
)
EVENTS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<C:calendar-multiget xmlns:D="DAV:" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{event}</D:href></C:calendar-multiget>"
)
BOOKS = (
    '<propfind xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:cs="http://calendarserver.org/ns/"><prop>'
    "<resourcetype/><displayname/><current-user-privilege-set/></prop></propfind>"
)
BOOK_CHANGES = (
    '<sync-collection xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><sync-token>{token}</sync-token>'
    "<sync-level>1</sync-level><prop><getetag/><card:address-data/></prop></sync-collection>"
)


def names_a_calendar_type(answer: Answer, memory: dict[str, str]) -> None:
    """Thunderbird skips an item whose getcontenttype does not name text/calendar."""
    for member in answer.members.values():
        assert member.text(f"{D}getcontenttype").split(";")[0] == "text/calendar"


CALENDARS = (
    Step("the page's icon", "GET", "/", {"User-Agent": THUNDERBIRD["User-Agent"]}, signed=False,
         needs=[status(200, 204, 301, 302, 303, 401, 403, 404, 405)]),
    Step("the well-known address", "PROPFIND", "/.well-known/caldav", {**THUNDERBIRD, "Depth": "0"}, DETECTION,
         signed=False, needs=[status(301, 302, 307, 308)], keeps={"root": location}),
    Step("where it leads, without a login", "PROPFIND", "{root}", {**THUNDERBIRD, "Depth": "0"}, DETECTION,
         signed=False, needs=[asks_for_a_password]),
    Step("where it leads", "PROPFIND", "{root}", {**THUNDERBIRD, "Depth": "0"}, DETECTION,
         needs=[status(207), has(f"{D}current-user-principal")],
         keeps={"principal": href_in(f"{D}current-user-principal")}),
    Step("the principal", "PROPFIND", "{principal}", {**THUNDERBIRD, "Depth": "0"}, DETECTION,
         needs=[status(207), has(f"{C}calendar-home-set")], keeps={"home": href_in(f"{C}calendar-home-set")}),
    Step("the home", "PROPFIND", "{home}", {**THUNDERBIRD, "Depth": "1"}, DETECTION,
         needs=[status(207), lists("{home}")], keeps={"calendar": first_with(f"{C}calendar")}),
    Step("opening the calendar", "PROPFIND", "{calendar}", {**THUNDERBIRD, "Depth": "0"}, OPENING,
         needs=[status(207), has(f"{CS}getctag", f"{D}owner", f"{D}current-user-principal"),
                inside(f"{D}resourcetype", f"{C}calendar"),
                somewhere_inside(f"{D}supported-report-set", f"{D}sync-collection"),
                somewhere_inside(f"{D}current-user-privilege-set", f"{D}write")]),
    Step("the home's options", "OPTIONS", "{home}", THUNDERBIRD, needs=[status(200), header("DAV", "calendar-access")]),
    Step("the first sync, with Depth 1", "REPORT", "{calendar}", {**THUNDERBIRD, "Depth": "1"},
         CHANGES.replace("<sync-token>{token}</sync-token>", "<sync-token/>"),
         needs=[status(207)], keeps={"token": token}),
    Step("a new event", "PUT", "{calendar}c4f7c5c6-7c4a-4a7e-8d2e-1f0e9d8c7b6a.ics",
         {**THUNDERBIRD, "Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}, THUNDERBIRD_EVENT,
         needs=[status(201)], keeps={"etag": etag}),
    Step("what changed", "REPORT", "{calendar}", {**THUNDERBIRD, "Depth": "1"}, CHANGES,
         needs=[status(207), exactly("{calendar}c4f7c5c6-7c4a-4a7e-8d2e-1f0e9d8c7b6a.ics"), every_member_has_an_etag,
                names_a_calendar_type], keeps={"event": lambda answer: answer.only.href, "since": token}),
    Step("the event", "REPORT", "{calendar}", {**THUNDERBIRD, "Depth": "1"}, EVENTS,
         needs=[status(207), data_of("{event}", THUNDERBIRD_EVENT), text_of(f"{D}getetag", "{etag}")]),
    Step("a deletion", "DELETE", "{event}", {**THUNDERBIRD, "If-Match": "{etag}"}, needs=[status(204)]),
    Step("the deletion is heard of", "REPORT", "{calendar}", {**THUNDERBIRD, "Depth": "1"},
         CHANGES.replace("{token}", "{since}"), needs=[status(207), exactly("{event}"), gone("{event}")]),
    Step("a token that cannot be read", "REPORT", "{calendar}", {**THUNDERBIRD, "Depth": "1"},
         CHANGES.replace("{token}", "nonsense"), needs=[status(400), condition(f"{D}valid-sync-token")]),
)  # fmt: skip

CONTACTS = (
    Step("the well-known address", "PROPFIND", "/.well-known/carddav", {**THUNDERBIRD, "Depth": "0"},
         '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>',
         signed=False, needs=[status(301, 302, 307, 308)], keeps={"root": location}),
    Step("where it leads", "PROPFIND", "{root}", {**THUNDERBIRD, "Depth": "0"},
         '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>',
         needs=[status(207)], keeps={"principal": href_in(f"{D}current-user-principal")}),
    Step("the principal", "PROPFIND", "{principal}", {**THUNDERBIRD, "Depth": "0"},
         '<propfind xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><prop>'
         "<card:addressbook-home-set/></prop></propfind>",
         needs=[status(207)], keeps={"home": href_in(f"{CARD}addressbook-home-set")}),
    Step("the home", "PROPFIND", "{home}", {**THUNDERBIRD, "Depth": "1"}, BOOKS,
         needs=[status(207), lists("{home}")], keeps={"book": first_with(f"{CARD}addressbook")}),
    Step("the first listing", "PROPFIND", "{book}", {**THUNDERBIRD, "Depth": "1"},
         '<propfind xmlns="DAV:" xmlns:cs="http://calendarserver.org/ns/"><prop><resourcetype/><getetag/><cs:getctag/></prop></propfind>',
         needs=[status(207), lists("{book}"), has(f"{CS}getctag", of="{book}"), every_member_has_an_etag]),
    Step("the token to go on from", "PROPFIND", "{book}", {**THUNDERBIRD, "Depth": "0"},
         '<propfind xmlns="DAV:" xmlns:cs="http://calendarserver.org/ns/"><prop><displayname/><cs:getctag/><sync-token/></prop></propfind>',
         needs=[status(207), has(f"{D}displayname", f"{CS}getctag")], keeps={"token": text(f"{D}sync-token")}),
    Step("a new card, vCard 4.0, without a condition", "PUT", "{book}6d1f4c1e-3b60-4b0a-9b6b-6a6a0d0f0c11.vcf",
         {**THUNDERBIRD, "Content-Type": "text/vcard"}, THUNDERBIRD_CARD, needs=[status(201)]),
    Step("what changed, with its data", "REPORT", "{book}", {**THUNDERBIRD, "Depth": "1"}, BOOK_CHANGES,
         needs=[status(207), exactly("{book}6d1f4c1e-3b60-4b0a-9b6b-6a6a0d0f0c11.vcf"),
                data_of("{book}6d1f4c1e-3b60-4b0a-9b6b-6a6a0d0f0c11.vcf", THUNDERBIRD_CARD)],
         keeps={"card": lambda answer: answer.only.href, "since": token}),
    Step("the card, by multiget", "REPORT", "{book}", {**THUNDERBIRD, "Depth": "1"},
         '<card:addressbook-multiget xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><prop><getetag/>'
         "<card:address-data/></prop><href>{card}</href></card:addressbook-multiget>",
         needs=[status(207), data_of("{card}", THUNDERBIRD_CARD)]),
    Step("an edit, without a condition", "PUT", "{card}", {**THUNDERBIRD, "Content-Type": "text/vcard"},
         THUNDERBIRD_CARD.replace("Jörg Müller", "Jörg M."), needs=[status(200, 204)]),
    Step("a deletion, without a condition", "DELETE", "{card}", THUNDERBIRD, needs=[status(200, 204)]),
    Step("the deletion is heard of", "REPORT", "{book}", {**THUNDERBIRD, "Depth": "1"},
         BOOK_CHANGES.replace("{token}", "{since}"), needs=[status(207), exactly("{card}"), gone("{card}")]),
    Step("a token that cannot be read: only 400 makes it start over", "REPORT", "{book}", {**THUNDERBIRD, "Depth": "1"},
         BOOK_CHANGES.replace("{token}", "nonsense"), needs=[status(400), condition(f"{D}valid-sync-token")]),
)  # fmt: skip


def test_thunderbird_finds_its_calendars_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CALENDARS, visitor.known)


def test_thunderbird_finds_its_contacts_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CONTACTS, visitor.known)


def test_the_page_icon_is_never_a_fault(visitor: Visitor) -> None:
    for method in ("HEAD", "GET"):
        for path in ("/", "/favicon.ico"):
            assert visitor.wire.ask(method, path, signed=False).status < 500
