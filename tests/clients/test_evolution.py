"""Evolution and what stands on evolution-data-server 3.46 (GNOME Calendar, Contacts, Online Accounts): recorded.

It never sends a sync token: it compares the ctag, lists with Depth 0 queries, and removes what is not listed.
"""

from __future__ import annotations

from tests.clients.replay import (
    Step,
    asks_for_a_password,
    data_of,
    etag,
    every_member_has_an_etag,
    exactly,
    first_with,
    has,
    header,
    href_in,
    lists,
    location,
    replay,
    status,
    text,
)
from tests.clients.visitor import Visitor
from tests.clients.wire import CARD, CS, Answer, C, D
from tests.clients.written import DAVX5_CARD, DAVX5_EVENT

EVOLUTION = {
    "User-Agent": "Evolution/3.46.4",
    "Accept-Language": "ko-KR, ko;q=0.9, en;q=0.8",
    "Content-Type": 'application/xml; charset="utf-8"',
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}

WHO = (
    '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:A="urn:ietf:params:xml:ns:carddav"><prop><resourcetype/><current-user-principal/><principal-URL/>'
    "<C:calendar-home-set/><A:addressbook-home-set/></prop></propfind>"
)
MEMBERS_OF_HOME = (
    '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:A="urn:ietf:params:xml:ns:carddav" xmlns:I="http://apple.com/ns/ical/"><prop><resourcetype/><displayname/>'
    "<C:calendar-description/><C:supported-calendar-component-set/><A:addressbook-description/><I:calendar-color/>"
    "<I:calendar-order/></prop></propfind>"
)
CTAG = (
    '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:" xmlns:CS="http://calendarserver.org/ns/"><prop>'
    "<CS:getctag/></prop></propfind>"
)
EVENTS = (
    '<?xml version="1.0" encoding="utf-8"?>\n<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    '<D:prop><D:getetag/><C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/></C:comp>'
    '</C:comp></C:calendar-data></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/>'
    "</C:comp-filter></C:filter></C:calendar-query>"
)
EVENT = (
    '<?xml version="1.0" encoding="utf-8"?>\n<C:calendar-multiget xmlns:D="DAV:" '
    'xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{calendar}evo-1.ics</D:href></C:calendar-multiget>"
)
CARDS = (
    '<?xml version="1.0" encoding="utf-8"?>\n<A:addressbook-query xmlns:D="DAV:" '
    'xmlns:A="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/><A:address-data><A:prop name="UID"/></A:address-data>'
    '</D:prop><A:filter><A:prop-filter name="UID"/></A:filter></A:addressbook-query>'
)
LISTING = (
    '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
)
NEW_CALENDAR = (
    '<?xml version="1.0" encoding="utf-8"?>\n<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:I="http://apple.com/ns/ical/"><set><prop><displayname>할 일</displayname><I:calendar-color>#3584e4'
    '</I:calendar-color><C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    "</prop></set></C:mkcalendar>"
)


def carries_uid_and_nothing_else(answer: Answer, memory: dict[str, str]) -> None:
    """A partial calendar-data keeps its envelope and the UID that was asked for, and loses the rest."""
    written = answer.members[memory["calendar"] + "evo-1.ics"].text(f"{C}calendar-data")
    names = [line.partition(":")[0] for line in written.splitlines() if line]
    assert names == ["BEGIN", "BEGIN", "UID", "END", "END"], written


FINDING = (
    Step("the typed address, without a login", "PROPFIND", "/", {**EVOLUTION, "Depth": "0"}, WHO, signed=False,
         needs=[asks_for_a_password]),
    Step("the typed address", "PROPFIND", "/", {**EVOLUTION, "Depth": "0"}, WHO,
         needs=[status(207)], keeps={"principal": href_in(f"{D}current-user-principal")}),
    Step("the principal's options", "OPTIONS", "{principal}", EVOLUTION,
         needs=[status(200), header("DAV", "calendar-access", "addressbook")]),
    Step("the principal", "PROPFIND", "{principal}", {**EVOLUTION, "Depth": "0"}, WHO,
         needs=[has(f"{C}calendar-home-set", f"{CARD}addressbook-home-set")],
         keeps={"calendars": href_in(f"{C}calendar-home-set"), "books": href_in(f"{CARD}addressbook-home-set")}),
    Step("and always the well-known address, too", "PROPFIND", "/.well-known/caldav", {**EVOLUTION, "Depth": "0"}, WHO,
         signed=False, needs=[status(301, 302, 307, 308)], keeps={"root": location}),
    Step("where it leads", "PROPFIND", "{root}", {**EVOLUTION, "Depth": "0"}, WHO, needs=[status(207)]),
)  # fmt: skip

CALENDARS = (
    *FINDING,
    Step("the home", "PROPFIND", "{calendars}", {**EVOLUTION, "Depth": "1"}, MEMBERS_OF_HOME,
         needs=[status(207), lists("{calendars}")], keeps={"calendar": first_with(f"{C}calendar")}),
    Step("the ctag", "PROPFIND", "{calendar}", {**EVOLUTION, "Depth": "0"}, CTAG, keeps={"ctag": text(f"{CS}getctag")}),
    Step("a new event", "PUT", "{calendar}evo-1.ics", {**EVOLUTION, "If-None-Match": "*",
         "Content-Type": 'text/calendar; charset="utf-8"'}, DAVX5_EVENT, needs=[status(201)], keeps={"etag": etag}),
    Step("the ctag moved", "PROPFIND", "{calendar}", {**EVOLUTION, "Depth": "0"}, CTAG,
         needs=[lambda answer, memory: _differs(answer, memory)]),
    Step("all events, with Depth 0 and their UIDs", "REPORT", "{calendar}", {**EVOLUTION, "Depth": "0"}, EVENTS,
         needs=[status(207), exactly("{calendar}evo-1.ics"), every_member_has_an_etag, carries_uid_and_nothing_else]),
    Step("the same with Depth 1", "REPORT", "{calendar}", {**EVOLUTION, "Depth": "1"}, EVENTS,
         needs=[status(207), exactly("{calendar}evo-1.ics")]),
    Step("the event", "REPORT", "{calendar}", {**EVOLUTION, "Depth": "0"}, EVENT,
         needs=[status(207), data_of("{calendar}evo-1.ics", DAVX5_EVENT)]),
    Step("a deletion", "DELETE", "{calendar}evo-1.ics", {**EVOLUTION, "If-Match": "{etag}"}, needs=[status(200, 204)]),
    Step("nothing is listed any more", "REPORT", "{calendar}", {**EVOLUTION, "Depth": "0"}, EVENTS,
         needs=[status(207), exactly()]),
)  # fmt: skip

CONTACTS = (
    *FINDING,
    Step("the home", "PROPFIND", "{books}", {**EVOLUTION, "Depth": "1"}, MEMBERS_OF_HOME,
         needs=[status(207), lists("{books}")], keeps={"book": first_with(f"{CARD}addressbook")}),
    Step("a new card", "PUT", "{book}evo-1.vcf", {**EVOLUTION, "If-None-Match": "*",
         "Content-Type": 'text/vcard; charset="utf-8"'}, DAVX5_CARD, needs=[status(201)]),
    Step("all cards, by PROPFIND", "PROPFIND", "{book}", {**EVOLUTION, "Depth": "1"}, LISTING,
         needs=[status(207), exactly("{book}", "{book}evo-1.vcf"), every_member_has_an_etag]),
    Step("all cards, by a query with Depth 0", "REPORT", "{book}", {**EVOLUTION, "Depth": "0"}, CARDS,
         needs=[status(207), exactly("{book}evo-1.vcf")]),
)  # fmt: skip

MAKING = (
    *FINDING,
    Step("a task list, without a login first, with its body", "MKCALENDAR", "{calendars}evo-tasks/", EVOLUTION,
         NEW_CALENDAR, signed=False, needs=[asks_for_a_password]),
    Step("the same, signed in, on the same connection", "MKCALENDAR", "{calendars}evo-tasks/", EVOLUTION, NEW_CALENDAR,
         needs=[status(201)]),
    Step("it is there", "PROPFIND", "{calendars}", {**EVOLUTION, "Depth": "1"}, MEMBERS_OF_HOME,
         needs=[lists("{calendars}evo-tasks/")]),
)  # fmt: skip


def _differs(answer: Answer, memory: dict[str, str]) -> None:
    assert answer.only.text(f"{CS}getctag") != memory["ctag"]


def test_evolution_finds_its_calendars_and_lists_them_with_depth_0(visitor: Visitor) -> None:
    replay(visitor.wire, CALENDARS, visitor.known)


def test_evolution_finds_its_contacts_and_lists_them_with_depth_0(visitor: Visitor) -> None:
    replay(visitor.wire, CONTACTS, visitor.known)


def test_evolution_makes_a_task_list_after_it_was_asked_for_a_password(visitor: Visitor) -> None:
    replay(visitor.wire, MAKING, visitor.known)


def test_a_new_person_has_a_calendar_a_task_list_and_an_address_book(visitor: Visitor) -> None:
    kept = replay(visitor.wire, FINDING, visitor.known)
    ask = {**EVOLUTION, "Depth": "1"}
    calendars = visitor.wire.ask("PROPFIND", kept["calendars"], headers=ask, body=MEMBERS_OF_HOME).members
    components: set[str] = set()
    for member in calendars.values():
        if f"{C}calendar" in member.children(f"{D}resourcetype"):
            assert member.text(f"{D}displayname").strip()
            components |= {str(each.get("name")) for each in member.found[f"{C}supported-calendar-component-set"]}
    assert {"VEVENT", "VTODO"} <= components
    books = visitor.wire.ask("PROPFIND", kept["books"], headers=ask, body=MEMBERS_OF_HOME).members
    assert any(f"{CARD}addressbook" in member.children(f"{D}resourcetype") for member in books.values())
