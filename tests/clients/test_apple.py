"""iOS and macOS: accountsd finds the account, dataaccessd and CalendarAgent sync calendars and contacts.

Recordings: the bodies that Apple itself recorded (apple/ccs-calendarserver, contrib/performance/loadtest/request-data,
OS_X_10_11 and iOS_5), the transcripts of emersion/go-webdav PR 150 (iOS 18.1.1) and chrisvel/tududi 1136 (accountsd).
No iPhone or Mac took part.
"""

from __future__ import annotations

import pytest

from tests.clients.replay import (
    Step,
    asks_for_a_password,
    body_is,
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
    hrefs_are_path_only,
    inside,
    lacks,
    lists,
    location,
    replay,
    somewhere_inside,
    status,
    text_of,
    token,
)
from tests.clients.visitor import Visitor
from tests.clients.wire import CARD, CS, ICAL, Answer, C, D
from tests.clients.written import APPLE_CARD, APPLE_EVENT, APPLE_GROUP

ACCOUNTSD = {
    "User-Agent": "iOS/18.1.1 (22B91) accountsd/1.0",
    "Content-Type": "text/xml",
    "Accept": "*/*",
    "Brief": "t",
    "Prefer": "return=minimal",
    "Accept-Language": "ko-KR,ko;q=0.9",
}
DATAACCESSD = {**ACCOUNTSD, "User-Agent": "iOS/18.1.1 (22B91) dataaccessd/1.0"}
CALENDARAGENT = {**ACCOUNTSD, "User-Agent": "macOS/14.7 (23H124) CalendarAgent/1.0"}

WHO = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop>
  <A:current-user-principal/><A:principal-URL/><A:resourcetype/>
</A:prop></A:propfind>"""

PRINCIPAL = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop>
  <B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <A:current-user-principal/><A:displayname/>
  <C:dropbox-home-URL xmlns:C="http://calendarserver.org/ns/"/>
  <C:email-address-set xmlns:C="http://calendarserver.org/ns/"/>
  <C:notification-URL xmlns:C="http://calendarserver.org/ns/"/>
  <A:principal-collection-set/><A:principal-URL/><A:resource-id/>
  <B:schedule-inbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:schedule-outbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <A:supported-report-set/>
</A:prop></A:propfind>"""

CONTACTS_PRINCIPAL = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop>
  <B:addressbook-home-set xmlns:B="urn:ietf:params:xml:ns:carddav"/>
  <B:directory-gateway xmlns:B="urn:ietf:params:xml:ns:carddav"/>
  <A:displayname/>
  <C:email-address-set xmlns:C="http://calendarserver.org/ns/"/>
  <A:principal-collection-set/><A:principal-URL/><A:resource-id/><A:supported-report-set/>
</A:prop></A:propfind>"""

SEARCH_PROPERTIES = """<?xml version="1.0" encoding="UTF-8"?>
<A:principal-search-property-set xmlns:A="DAV:"/>"""

DELEGATES = """<?xml version="1.0" encoding="UTF-8"?>
<A:expand-property xmlns:A="DAV:">
  <A:property name="calendar-proxy-read-for" namespace="http://calendarserver.org/ns/">
    <A:property name="calendar-user-address-set" namespace="urn:ietf:params:xml:ns:caldav"/>
    <A:property name="email-address-set" namespace="http://calendarserver.org/ns/"/>
    <A:property name="displayname"/>
  </A:property>
  <A:property name="calendar-proxy-write-for" namespace="http://calendarserver.org/ns/">
    <A:property name="displayname"/>
  </A:property>
</A:expand-property>"""

HOME = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop>
  <A:add-member/>
  <C:allowed-sharing-modes xmlns:C="http://calendarserver.org/ns/"/>
  <D:autoprovisioned xmlns:D="http://apple.com/ns/ical/"/>
  <E:bulk-requests xmlns:E="http://me.com/_namespace/"/>
  <B:calendar-alarm xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <D:calendar-color xmlns:D="http://apple.com/ns/ical/"/>
  <B:calendar-description xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:calendar-free-busy-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <D:calendar-order xmlns:D="http://apple.com/ns/ical/"/>
  <B:calendar-timezone xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <A:current-user-privilege-set/>
  <B:default-alarm-vevent-date xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:default-alarm-vevent-datetime xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <A:displayname/>
  <C:getctag xmlns:C="http://calendarserver.org/ns/"/>
  <C:invite xmlns:C="http://calendarserver.org/ns/"/>
  <D:language-code xmlns:D="http://apple.com/ns/ical/"/>
  <D:location-code xmlns:D="http://apple.com/ns/ical/"/>
  <A:owner/>
  <C:pre-publish-url xmlns:C="http://calendarserver.org/ns/"/>
  <C:publish-url xmlns:C="http://calendarserver.org/ns/"/>
  <C:push-transports xmlns:C="http://calendarserver.org/ns/"/>
  <C:pushkey xmlns:C="http://calendarserver.org/ns/"/>
  <A:quota-available-bytes/><A:quota-used-bytes/>
  <D:refreshrate xmlns:D="http://apple.com/ns/ical/"/>
  <A:resource-id/><A:resourcetype/>
  <B:schedule-calendar-transp xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:schedule-default-calendar-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <C:source xmlns:C="http://calendarserver.org/ns/"/>
  <C:subscribed-strip-alarms xmlns:C="http://calendarserver.org/ns/"/>
  <C:subscribed-strip-attachments xmlns:C="http://calendarserver.org/ns/"/>
  <C:subscribed-strip-todos xmlns:C="http://calendarserver.org/ns/"/>
  <B:supported-calendar-component-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <B:supported-calendar-component-sets xmlns:B="urn:ietf:params:xml:ns:caldav"/>
  <A:supported-report-set/><A:sync-token/>
  <C:xmpp-server xmlns:C="http://calendarserver.org/ns/"/>
  <C:xmpp-uri xmlns:C="http://calendarserver.org/ns/"/>
</A:prop></A:propfind>"""

CONTACTS_HOME = """<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:"><A:prop>
  <A:add-member/>
  <E:bulk-requests xmlns:E="http://me.com/_namespace/"/>
  <A:current-user-privilege-set/><A:displayname/>
  <B:max-image-size xmlns:B="urn:ietf:params:xml:ns:carddav"/>
  <B:max-resource-size xmlns:B="urn:ietf:params:xml:ns:carddav"/>
  <C:me-card xmlns:C="http://calendarserver.org/ns/"/>
  <A:owner/>
  <C:push-transports xmlns:C="http://calendarserver.org/ns/"/>
  <C:pushkey xmlns:C="http://calendarserver.org/ns/"/>
  <A:quota-available-bytes/><A:quota-used-bytes/><A:resource-id/><A:resourcetype/>
  <A:supported-report-set/><A:sync-token/>
</A:prop></A:propfind>"""

ORDER_AND_COLOUR = """<?xml version="1.0" encoding="UTF-8"?>
<A:propertyupdate xmlns:A="DAV:"><A:set><A:prop>
  <D:calendar-order xmlns:D="http://apple.com/ns/ical/">3</D:calendar-order>
  <D:calendar-color xmlns:D="http://apple.com/ns/ical/" symbolic-color="custom">#1BADF8FF</D:calendar-color>
</A:prop></A:set></A:propertyupdate>"""

DEFAULT_ALARM = """<?xml version="1.0" encoding="UTF-8"?>
<A:propertyupdate xmlns:A="DAV:"><A:set><A:prop>
  <B:default-alarm-vevent-date xmlns:B="urn:ietf:params:xml:ns:caldav">BEGIN:VALARM
X-WR-ALARMUID:D9D5A1F2-0000-4000-8000-000000000001
TRIGGER:-PT15H
ACTION:NONE
END:VALARM
</B:default-alarm-vevent-date>
</A:prop></A:set></A:propertyupdate>"""

NEW_CALENDAR = """<?xml version="1.0" encoding="UTF-8"?>
<B:mkcalendar xmlns:B="urn:ietf:params:xml:ns:caldav"><A:set xmlns:A="DAV:"><A:prop>
  <B:supported-calendar-component-set><B:comp name="VEVENT"/></B:supported-calendar-component-set>
  <A:displayname>가족 여행</A:displayname>
  <D:calendar-order xmlns:D="http://apple.com/ns/ical/">4</D:calendar-order>
  <B:schedule-calendar-transp><B:transparent/></B:schedule-calendar-transp>
  <B:calendar-timezone>BEGIN:VCALENDAR&#13;
VERSION:2.0&#13;
PRODID:-//Apple Inc.//macOS 14.7//EN&#13;
CALSCALE:GREGORIAN&#13;
BEGIN:VTIMEZONE&#13;
TZID:Asia/Seoul&#13;
BEGIN:STANDARD&#13;
TZOFFSETFROM:+0830&#13;
DTSTART:19610810T000000&#13;
TZNAME:GMT+9&#13;
TZOFFSETTO:+0900&#13;
END:STANDARD&#13;
END:VTIMEZONE&#13;
END:VCALENDAR&#13;
</B:calendar-timezone>
  <D:calendar-color xmlns:D="http://apple.com/ns/ical/" symbolic-color="green">#63DA38FF</D:calendar-color>
</A:prop></A:set></B:mkcalendar>"""

CHANGES = """<?xml version="1.0" encoding="UTF-8"?>
<A:sync-collection xmlns:A="DAV:"><A:sync-token>{token}</A:sync-token><A:sync-level>1</A:sync-level>
<A:prop><A:getcontenttype/><A:getetag/></A:prop></A:sync-collection>"""
FIRST_CHANGES = CHANGES.replace("{token}", "")
CHANGES_OF_10_7 = CHANGES.replace("<A:sync-level>1</A:sync-level>", "")
CHANGES_WITH_A_BARE_UUID = CHANGES.replace("{token}", "5F2A4E9C-0C2B-4E44-9C1B-7B0B1F4C2D11")

FROM_NOW_ON = """<?xml version="1.0" encoding="UTF-8"?>
<B:calendar-query xmlns:B="urn:ietf:params:xml:ns:caldav">
<A:prop xmlns:A="DAV:"><A:getetag/><A:getcontenttype/></A:prop>
<B:filter><B:comp-filter name="VCALENDAR"><B:comp-filter name="VEVENT"><B:time-range start="20261024T000000Z"/>
</B:comp-filter></B:comp-filter></B:filter></B:calendar-query>"""

EVENTS = """<?xml version="1.0" encoding="UTF-8"?>
<B:calendar-multiget xmlns:B="urn:ietf:params:xml:ns:caldav"><A:prop xmlns:A="DAV:"><A:getetag/><B:calendar-data/>
<B:schedule-tag/><C:created-by xmlns:C="http://calendarserver.org/ns/"/><C:updated-by xmlns:C="http://calendarserver.org/ns/"/>
</A:prop><A:href xmlns:A="DAV:">{event}</A:href><A:href xmlns:A="DAV:">{calendar}GONE-0000.ics</A:href>
</B:calendar-multiget>"""

CARDS = """<?xml version="1.0" encoding="UTF-8"?>
<B:addressbook-multiget xmlns:B="urn:ietf:params:xml:ns:carddav">
<A:prop xmlns:A="DAV:"><A:getetag/><B:address-data/></A:prop>
<A:href xmlns:A="DAV:">{card}</A:href><A:href xmlns:A="DAV:">{group}</A:href></B:addressbook-multiget>"""


def settled(answer: Answer, memory: dict[str, str]) -> None:
    """Nothing was refused: a 207 without a failed propstat, or with `return=minimal` no body (RFC 8144 2.2)."""
    if answer.status == 207:
        assert answer.only.missing == {}
    else:
        assert (answer.status, answer.body) in {(200, b""), (204, b"")}


def looking_for_the_account(service: str, offered: str) -> tuple[Step, ...]:
    """What accountsd does when only a host name was typed, first without a login."""
    path = f"/.well-known/{service}"
    ask = {**ACCOUNTSD, "Depth": "0"}
    return (
        Step("the well-known address, without a login", "PROPFIND", path, ask, WHO, signed=False,
             needs=[status(301, 302, 307, 308)], keeps={"root": location}),
        Step("where it leads, without a login", "PROPFIND", "{root}", ask, WHO, signed=False,
             needs=[asks_for_a_password]),
        Step("the same, signed in", "PROPFIND", "{root}", ask, WHO,
             needs=[status(207), has(f"{D}current-user-principal", f"{D}resourcetype"), hrefs_are_path_only],
             keeps={"principal": href_in(f"{D}current-user-principal")}),
        Step("what the principal can do", "OPTIONS", "{principal}", ACCOUNTSD,
             needs=[status(200), header("DAV", "1", "3", "access-control", offered), header("Allow", "PROPFIND")]),
    )  # fmt: skip


CALENDARS = (
    *looking_for_the_account("caldav", "calendar-access"),
    Step("the principal", "PROPFIND", "{principal}", {**ACCOUNTSD, "Depth": "0"}, PRINCIPAL,
         needs=[status(207), has(f"{C}calendar-home-set", f"{C}calendar-user-address-set", f"{D}displayname",
                                 f"{D}principal-URL", f"{D}principal-collection-set", f"{D}supported-report-set"),
                hrefs_are_path_only],
         keeps={"home": href_in(f"{C}calendar-home-set"), "people": href_in(f"{D}principal-collection-set")}),
    Step("what principals can be searched by", "REPORT", "{people}", {**ACCOUNTSD, "Depth": "0"}, SEARCH_PROPERTIES,
         needs=[status(200, 400, 403, 501)]),
    Step("delegates", "REPORT", "{principal}", {**ACCOUNTSD, "Depth": "0"}, DELEGATES,
         needs=[status(207, 400, 403, 501)]),
    Step("the home, with forty properties", "PROPFIND", "{home}", {**DATAACCESSD, "Depth": "1"}, HOME,
         needs=[status(207), lists("{home}"), hrefs_are_path_only], keeps={"calendar": first_with(f"{C}calendar")}),
    Step("one calendar, what it is and what may be done", "PROPFIND", "{calendar}", {"Depth": "0"}, HOME,
         needs=[status(207),
                has(f"{D}displayname", f"{CS}getctag", f"{D}sync-token", f"{D}owner",
                    f"{C}supported-calendar-component-set"),
                inside(f"{D}resourcetype", f"{D}collection", f"{C}calendar"),
                somewhere_inside(f"{D}current-user-privilege-set", f"{D}write", f"{D}write-content", f"{D}bind",
                                 f"{D}unbind", f"{D}write-properties", f"{D}read"),
                somewhere_inside(f"{D}supported-report-set", f"{D}sync-collection", f"{C}calendar-query",
                                 f"{C}calendar-multiget"),
                lacks(f"{CS}xmpp-uri", f"{CS}pushkey")]),
    Step("order and colour", "PROPPATCH", "{calendar}", DATAACCESSD, ORDER_AND_COLOUR,
         needs=[settled]),
    Step("the default alarm of the home", "PROPPATCH", "{home}", DATAACCESSD, DEFAULT_ALARM, needs=[settled]),
    Step("order and colour are kept", "PROPFIND", "{calendar}", {**DATAACCESSD, "Depth": "0"}, HOME,
         needs=[status(207), text_of(f"{ICAL}calendar-color", "#1BADF8FF"), text_of(f"{ICAL}calendar-order", "3")]),
    Step("a new calendar", "MKCALENDAR", "{home}7C2B5E5A-6D0E-4D0C-9E5C-1B2C3D4E5F60/", CALENDARAGENT, NEW_CALENDAR,
         needs=[status(201)]),
    Step("the home lists it", "PROPFIND", "{home}", {**DATAACCESSD, "Depth": "1"}, HOME,
         needs=[lists("{home}7C2B5E5A-6D0E-4D0C-9E5C-1B2C3D4E5F60/"),
                text_of(f"{D}displayname", "가족 여행", of="{home}7C2B5E5A-6D0E-4D0C-9E5C-1B2C3D4E5F60/"),
                text_of(f"{ICAL}calendar-color", "#63DA38FF", of="{home}7C2B5E5A-6D0E-4D0C-9E5C-1B2C3D4E5F60/"),
                inside(f"{C}schedule-calendar-transp", f"{C}transparent",
                       of="{home}7C2B5E5A-6D0E-4D0C-9E5C-1B2C3D4E5F60/")]),
    Step("the first sync, no Depth", "REPORT", "{calendar}", DATAACCESSD, FIRST_CHANGES,
         needs=[status(207), every_member_has_an_etag], keeps={"token": token}),
    Step("an event", "PUT", "{calendar}0B5A1C6E-6A7B-4B6D-9D3C-4E1F2A3B4C5D.ics",
         {**DATAACCESSD, "Content-Type": "text/calendar", "If-None-Match": "*"}, APPLE_EVENT,
         needs=[status(201)], keeps={"etag": etag}),
    Step("the same again is refused", "PUT", "{calendar}0B5A1C6E-6A7B-4B6D-9D3C-4E1F2A3B4C5D.ics",
         {**DATAACCESSD, "Content-Type": "text/calendar", "If-None-Match": "*"}, APPLE_EVENT, needs=[status(412)]),
    Step("what changed", "REPORT", "{calendar}", DATAACCESSD, CHANGES,
         needs=[status(207), exactly("{calendar}0B5A1C6E-6A7B-4B6D-9D3C-4E1F2A3B4C5D.ics"), every_member_has_an_etag],
         keeps={"event": lambda answer: answer.only.href, "since": token}),
    Step("what changed, as macOS 10.7 asks", "REPORT", "{calendar}", DATAACCESSD, CHANGES_OF_10_7,
         needs=[status(207), exactly("{event}")]),
    Step("a listing with nothing but a start", "REPORT", "{calendar}", {**DATAACCESSD, "Depth": "1"}, FROM_NOW_ON,
         needs=[status(207), lists("{event}"), every_member_has_an_etag]),
    Step("the event, beside one that is gone", "REPORT", "{calendar}", {**DATAACCESSD, "Depth": "1"}, EVENTS,
         needs=[status(207), data_of("{event}", APPLE_EVENT), text_of(f"{D}getetag", "{etag}", of="{event}"),
                gone("{calendar}GONE-0000.ics")]),
    Step("an edit", "PUT", "{event}", {**DATAACCESSD, "Content-Type": "text/calendar", "If-Match": "{etag}"},
         APPLE_EVENT.replace("치과 예약", "치과 (옮김)"), needs=[status(200, 204)], keeps={"newer": etag}),
    Step("an edit of what was edited meanwhile", "PUT", "{event}",
         {**DATAACCESSD, "Content-Type": "text/calendar", "If-Match": "{etag}"}, APPLE_EVENT, needs=[status(412)]),
    Step("a deletion", "DELETE", "{event}", {**DATAACCESSD, "If-Match": "{newer}"}, needs=[status(204)]),
    Step("the deletion is heard of", "REPORT", "{calendar}",
         DATAACCESSD, CHANGES.replace("{token}", "{since}"), needs=[status(207), gone("{event}")]),
    Step("a token of another server's making", "REPORT", "{calendar}", CALENDARAGENT, CHANGES_WITH_A_BARE_UUID,
         needs=[status(403), condition(f"{D}valid-sync-token")]),
)  # fmt: skip

CONTACTS = (
    *looking_for_the_account("carddav", "addressbook"),
    Step("the principal", "PROPFIND", "{principal}", {**ACCOUNTSD, "Depth": "0"}, CONTACTS_PRINCIPAL,
         needs=[status(207), has(f"{CARD}addressbook-home-set", f"{D}displayname", f"{D}principal-URL"),
                hrefs_are_path_only],
         keeps={"home": href_in(f"{CARD}addressbook-home-set")}),
    Step("the home", "PROPFIND", "{home}", {**DATAACCESSD, "Depth": "1"}, CONTACTS_HOME,
         needs=[status(207), lists("{home}")], keeps={"book": first_with(f"{CARD}addressbook")}),
    Step("the book", "PROPFIND", "{book}", {"Depth": "0"}, CONTACTS_HOME,
         needs=[status(207), has(f"{D}sync-token", f"{CARD}max-resource-size", f"{D}displayname"),
                inside(f"{D}resourcetype", f"{D}collection", f"{CARD}addressbook"),
                somewhere_inside(f"{D}current-user-privilege-set", f"{D}write", f"{D}bind", f"{D}unbind"),
                somewhere_inside(f"{D}supported-report-set", f"{D}sync-collection", f"{CARD}addressbook-multiget")]),
    Step("the first sync", "REPORT", "{book}", DATAACCESSD, FIRST_CHANGES, needs=[status(207)], keeps={"token": token}),
    Step("a contact", "PUT", "{book}9F3C2D1E-5B6A-4C7D-8E9F-0A1B2C3D4E5F.vcf",
         {**DATAACCESSD, "Content-Type": "text/vcard", "If-None-Match": "*"}, APPLE_CARD, needs=[status(201)],
         keeps={"etag": etag}),
    Step("a group", "PUT", "{book}1A2B3C4D-0000-4000-8000-00000000B1B2.vcf",
         {**DATAACCESSD, "Content-Type": "text/vcard", "If-None-Match": "*"}, APPLE_GROUP, needs=[status(201)]),
    Step("what changed", "REPORT", "{book}", DATAACCESSD, CHANGES,
         needs=[status(207), every_member_has_an_etag,
                exactly("{book}9F3C2D1E-5B6A-4C7D-8E9F-0A1B2C3D4E5F.vcf",
                        "{book}1A2B3C4D-0000-4000-8000-00000000B1B2.vcf")],
         keeps={"since": token, "card": lambda answer: _ending(answer, "4E5F.vcf"),
                "group": lambda answer: _ending(answer, "B1B2.vcf")}),
    Step("both, octet for octet", "REPORT", "{book}", {**DATAACCESSD, "Depth": "1"}, CARDS,
         needs=[status(207), data_of("{card}", APPLE_CARD), data_of("{group}", APPLE_GROUP)]),
    Step("one by GET", "GET", "{card}", DATAACCESSD, needs=[status(200), body_is(APPLE_CARD)]),
    Step("a deletion", "DELETE", "{card}", {**DATAACCESSD, "If-Match": "{etag}"}, needs=[status(204)]),
    Step("the deletion is heard of", "REPORT", "{book}", DATAACCESSD, CHANGES.replace("{token}", "{since}"),
         needs=[status(207), exactly("{card}"), gone("{card}")], keeps={"now": token}),
    Step("nothing more", "REPORT", "{book}", DATAACCESSD, CHANGES.replace("{token}", "{now}"),
         needs=[status(207), exactly()]),
)  # fmt: skip


def _ending(answer: Answer, ending: str) -> str:
    return next(href for href in answer.members if href.endswith(ending))


def test_ios_finds_its_calendars_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CALENDARS, visitor.known)


def test_ios_finds_its_contacts_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CONTACTS, visitor.known)


@pytest.mark.parametrize("path", ["/", "/principals/", "/calendar/dav/anna/user/", "/dav/principals/"])
def test_no_place_where_accountsd_looks_answers_with_a_fault(visitor: Visitor, path: str) -> None:
    """A 405 or 500 at any of these ends in "cannot verify account" (chrisvel/tududi 1136)."""
    for signed in (False, True):
        answer = visitor.wire.ask("PROPFIND", path, headers={**ACCOUNTSD, "Depth": "0"}, body=WHO, signed=signed)
        assert answer.status in {207, 401, 404}, f"{answer.status}, signed in: {signed}"


def test_the_root_of_the_host_names_the_principal(visitor: Visitor) -> None:
    answer = visitor.wire.ask("PROPFIND", "/", headers={**ACCOUNTSD, "Depth": "0"}, body=WHO)
    assert answer.only.href_in(f"{D}current-user-principal").startswith("/dav/principals/")


def test_brief_leaves_out_what_is_not_there(visitor: Visitor) -> None:
    headers = {**ACCOUNTSD, "Depth": "0"}
    brief = visitor.wire.ask("PROPFIND", visitor.known["principal"], headers=headers, body=PRINCIPAL).only
    assert brief.missing == {}
    full = visitor.wire.ask("PROPFIND", visitor.known["principal"], headers={"Depth": "0"}, body=PRINCIPAL).only
    assert set(full.missing.values()) == {404}
    assert full.found.keys() == brief.found.keys()
