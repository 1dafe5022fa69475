"""DAVx5 (Android), and what else is built on dav4jvm and okhttp.

Read in its source: bitfireAT/davx5-ose `DavResourceFinder.kt`, `ServiceRefresher.kt`, `HomeSetRefresher.kt`,
`SyncManager.kt`, `resource/remote/*.kt`. No Android device took part.
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
    gone,
    has,
    header,
    href_in,
    inside,
    lists,
    location,
    no_header,
    replay,
    somewhere_inside,
    status,
    text,
    text_of,
    token,
)
from tests.clients.visitor import Visitor
from tests.clients.wire import CARD, CS, C, D
from tests.clients.written import DAVX5_CARD, DAVX5_EVENT

DAVX5 = {
    "User-Agent": "DAVx5/4.4.4-ose (dav4jvm; okhttp/4.12.0) Android/15",
    "Accept-Language": "ko-KR, en;q=0.7, *;q=0.5",
    "Accept-Encoding": "identity",
    "Content-Type": "application/xml; charset=utf-8",
}


def propfind(*names: str) -> str:
    """Return a PROPFIND body as dav4jvm writes it, without a line break."""
    properties = "".join(f'<n{number}:{name[1:].split("}")[1]} xmlns:n{number}="{name[1:].split("}")[0]}" />'
                         for number, name in enumerate(names))  # fmt: skip
    return (
        "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" "
        f'xmlns:CARD="urn:ietf:params:xml:ns:carddav"><prop>{properties}</prop></propfind>'
    )


CHANGES = (
    "<?xml version='1.0' encoding='UTF-8' ?><sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token>"
    "<sync-level>1</sync-level><prop><resourcetype /><getetag /></prop></sync-collection>"
)


def finding(service: str, home_set: str, offered: str) -> tuple[Step, ...]:
    """DavResourceFinder: the typed address, well-known, the principal, its options."""
    who = propfind(f"{D}resourcetype", f"{D}displayname", f"{D}current-user-principal", home_set)
    return (
        Step("the typed address, without a login", "PROPFIND", "/", {**DAVX5, "Depth": "0"}, who, signed=False,
             needs=[asks_for_a_password]),
        Step("the typed address", "PROPFIND", "/", {**DAVX5, "Depth": "0"}, who,
             needs=[status(207), has(f"{D}current-user-principal")]),
        Step("the well-known address", "PROPFIND", f"/.well-known/{service}", {**DAVX5, "Depth": "0"}, who,
             needs=[status(301, 302, 307, 308)], keeps={"root": location}),
        Step("where it leads", "PROPFIND", "{root}", {**DAVX5, "Depth": "0"}, who,
             needs=[status(207)], keeps={"principal": href_in(f"{D}current-user-principal")}),
        Step("what the principal offers", "OPTIONS", "{principal}", DAVX5,
             needs=[status(200, 204), header("DAV", offered)]),
        Step("the principal", "PROPFIND", "{principal}", {**DAVX5, "Depth": "0"},
             propfind(f"{C}calendar-user-address-set", f"{D}displayname", f"{D}resourcetype", f"{D}group-membership",
                      home_set, f"{CS}calendar-proxy-read-for", f"{CS}calendar-proxy-write-for"),
             needs=[status(207), has(home_set, f"{C}calendar-user-address-set", f"{D}displayname"),
                    inside(f"{D}resourcetype", f"{D}principal")],
             keeps={"home": href_in(home_set)}),
    )  # fmt: skip


COLLECTION = propfind(f"{D}supported-report-set", f"{CS}getctag", f"{D}sync-token", f"{CARD}max-resource-size",
                      f"{C}max-resource-size", f"{CARD}supported-address-data")  # fmt: skip

CONTACTS = (
    *finding("carddav", f"{CARD}addressbook-home-set", "addressbook"),
    Step("the home", "PROPFIND", "{home}", {**DAVX5, "Depth": "1"},
         propfind(f"{D}resourcetype", f"{D}displayname", f"{D}owner", f"{D}current-user-privilege-set",
                  f"{CARD}addressbook-description", f"{D}sync-token", "{https://bitfire.at/webdav-push}transports"),
         needs=[status(207), lists("{home}")], keeps={"book": first_with(f"{CARD}addressbook")}),
    Step("the book's owner", "PROPFIND", "{principal}", {**DAVX5, "Depth": "0"},
         propfind(f"{D}displayname", f"{D}resourcetype"), needs=[status(207), has(f"{D}displayname")]),
    Step("what the book can do", "PROPFIND", "{book}", {**DAVX5, "Depth": "0"}, COLLECTION,
         needs=[status(207), has(f"{D}supported-report-set", f"{D}sync-token", f"{CS}getctag",
                                 f"{CARD}supported-address-data"),
                somewhere_inside(f"{D}supported-report-set", f"{D}sync-collection", f"{CARD}addressbook-multiget")]),
    Step("the first sync", "REPORT", "{book}", {**DAVX5, "Depth": "0"}, CHANGES.replace("{token}", ""),
         needs=[status(207), every_member_has_an_etag], keeps={"token": token}),
    Step("a new contact", "PUT", "{book}3f6c0c52-5f5a-4b86-9a8e-0d9c6f6f7a01.vcf",
         {**DAVX5, "Content-Type": "text/vcard; version=3.0; charset=utf-8", "If-None-Match": "*"}, DAVX5_CARD,
         needs=[status(201), no_header("Schedule-Tag")], keeps={"etag": etag}),
    Step("its own change comes back with the same ETag", "REPORT", "{book}", {**DAVX5, "Depth": "0"}, CHANGES,
         needs=[status(207), exactly("{book}3f6c0c52-5f5a-4b86-9a8e-0d9c6f6f7a01.vcf")],
         keeps={"card": lambda answer: answer.only.href, "seen": text(f"{D}getetag"), "since": token}),
    Step("the contact, by multiget", "REPORT", "{book}", DAVX5,
         "<?xml version='1.0' encoding='UTF-8' ?><CARD:addressbook-multiget xmlns=\"DAV:\" "
         'xmlns:CARD="urn:ietf:params:xml:ns:carddav"><prop><getcontenttype /><getetag />'
         '<CARD:address-data content-type="text/vcard" version="3.0" /></prop><href>{card}</href>'
         "</CARD:addressbook-multiget>",
         needs=[status(207), data_of("{card}", DAVX5_CARD), text_of(f"{D}getetag", "{etag}", of="{card}"),
                has(f"{D}getcontenttype", of="{card}")]),
    Step("an edit", "PUT", "{card}", {**DAVX5, "Content-Type": "text/vcard; charset=utf-8", "If-Match": "{seen}"},
         DAVX5_CARD.replace("이서준", "이서준 팀장"), needs=[status(200, 204)], keeps={"newer": etag}),
    Step("an edit that lost", "PUT", "{card}", {**DAVX5, "Content-Type": "text/vcard; charset=utf-8",
         "If-Match": "{seen}"}, DAVX5_CARD.replace("이서준", "졌다"), needs=[status(412)]),
    Step("an edit of what another device deleted", "PUT", "{book}gone.vcf",
         {**DAVX5, "Content-Type": "text/vcard; charset=utf-8", "If-Match": '"never-was"'},
         DAVX5_CARD.replace("7a01", "7a02"), needs=[status(404, 410, 412)]),
    Step("a second card with the same UID", "PUT", "{book}copy.vcf",
         {**DAVX5, "Content-Type": "text/vcard; charset=utf-8", "If-None-Match": "*"}, DAVX5_CARD,
         needs=[status(409)]),
    Step("a deletion", "DELETE", "{card}", {**DAVX5, "If-Match": "{newer}"}, needs=[status(200, 204)]),
    Step("the deletion is heard of", "REPORT", "{book}", {**DAVX5, "Depth": "0"}, CHANGES.replace("{token}", "{since}"),
         needs=[status(207), exactly("{card}"), gone("{card}")]),
)  # fmt: skip

CALENDARS = (
    *finding("caldav", f"{C}calendar-home-set", "calendar-access"),
    Step("the home", "PROPFIND", "{home}", {**DAVX5, "Depth": "1"},
         propfind(f"{D}resourcetype", f"{D}displayname", f"{D}owner", f"{D}current-user-privilege-set",
                  "{http://apple.com/ns/ical/}calendar-color", f"{C}calendar-description", f"{C}calendar-timezone",
                  f"{C}calendar-timezone-id", f"{C}supported-calendar-component-set", f"{CS}source"),
         needs=[status(207), lists("{home}")], keeps={"calendar": first_with(f"{C}calendar")}),
    Step("what the calendar can do", "PROPFIND", "{calendar}", {**DAVX5, "Depth": "0"}, COLLECTION,
         needs=[status(207), has(f"{D}supported-report-set", f"{D}sync-token", f"{CS}getctag")]),
    Step("the first sync", "REPORT", "{calendar}", {**DAVX5, "Depth": "0"}, CHANGES.replace("{token}", ""),
         needs=[status(207), every_member_has_an_etag], keeps={"token": token}),
    Step("a new event", "PUT", "{calendar}8e0c9a70-4f57-4f0c-8f5e-7a1b2c3d4e5f.ics",
         {**DAVX5, "Content-Type": "text/calendar; charset=utf-8", "If-None-Match": "*"}, DAVX5_EVENT,
         needs=[status(201), no_header("Schedule-Tag")], keeps={"etag": etag}),
    Step("without sync-collection: a query with a start", "REPORT", "{calendar}", {**DAVX5, "Depth": "1"},
         "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-query xmlns=\"DAV:\" "
         'xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><getetag /></prop><CAL:filter>'
         '<CAL:comp-filter name="VCALENDAR"><CAL:comp-filter name="VEVENT"><CAL:time-range start="20260825T000000Z" />'
         "</CAL:comp-filter></CAL:comp-filter></CAL:filter></CAL:calendar-query>",
         needs=[status(207), lists("{calendar}8e0c9a70-4f57-4f0c-8f5e-7a1b2c3d4e5f.ics"), every_member_has_an_etag]),
    Step("the event, by multiget", "REPORT", "{calendar}", DAVX5,
         "<?xml version='1.0' encoding='UTF-8' ?><CAL:calendar-multiget xmlns=\"DAV:\" "
         'xmlns:CAL="urn:ietf:params:xml:ns:caldav"><prop><getcontenttype /><getetag /><CAL:schedule-tag />'
         '<CAL:calendar-data content-type="text/calendar" version="2.0" /></prop>'
         "<href>{calendar}8e0c9a70-4f57-4f0c-8f5e-7a1b2c3d4e5f.ics</href></CAL:calendar-multiget>",
         needs=[status(207), data_of("{calendar}8e0c9a70-4f57-4f0c-8f5e-7a1b2c3d4e5f.ics", DAVX5_EVENT)]),
    Step("a deletion", "DELETE", "{calendar}8e0c9a70-4f57-4f0c-8f5e-7a1b2c3d4e5f.ics",
         {**DAVX5, "If-Match": "{etag}"}, needs=[status(200, 204)]),
)  # fmt: skip

NEW_BOOK = (
    Step("a book made on the phone", "MKCOL", "{addressbook_home}b1f6c7d8-0000-4000-8000-000000000001/", DAVX5,
         '<?xml version=\'1.0\' encoding=\'UTF-8\' ?><mkcol xmlns="DAV:" xmlns:CARD="urn:ietf:params:xml:ns:carddav">'
         "<set><prop><resourcetype><collection /><CARD:addressbook /></resourcetype><displayname>동호회</displayname>"
         "<CARD:addressbook-description>등산</CARD:addressbook-description></prop></set></mkcol>",
         needs=[status(201)]),
    Step("it is there", "PROPFIND", "{addressbook_home}b1f6c7d8-0000-4000-8000-000000000001/",
         {**DAVX5, "Depth": "0"}, propfind(f"{D}resourcetype", f"{D}displayname", f"{CARD}addressbook-description"),
         needs=[inside(f"{D}resourcetype", f"{D}collection", f"{CARD}addressbook"),
                text_of(f"{D}displayname", "동호회"),
                text_of(f"{CARD}addressbook-description", "등산")]),
    Step("it is deleted on the phone", "DELETE", "{addressbook_home}b1f6c7d8-0000-4000-8000-000000000001/", DAVX5,
         needs=[status(200, 204)]),
    Step("it is gone", "PROPFIND", "{addressbook_home}b1f6c7d8-0000-4000-8000-000000000001/",
         {**DAVX5, "Depth": "0"}, propfind(f"{D}resourcetype"), needs=[status(404)]),
)  # fmt: skip


def test_davx5_finds_its_contacts_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CONTACTS, visitor.known)


def test_davx5_finds_its_calendars_and_keeps_them_in_sync(visitor: Visitor) -> None:
    replay(visitor.wire, CALENDARS, visitor.known)


def test_davx5_makes_and_deletes_an_address_book(visitor: Visitor) -> None:
    replay(visitor.wire, NEW_BOOK, visitor.known)


def test_vcard_4_is_not_announced_until_it_can_be_converted(visitor: Visitor) -> None:
    """DAVx5 writes 4.0 as soon as `supported-address-data` names it (protocol.md B4)."""
    kept = replay(visitor.wire, CONTACTS[:9], visitor.known)
    answer = visitor.wire.ask("PROPFIND", kept["book"], headers={**DAVX5, "Depth": "0"}, body=COLLECTION)
    versions = {each.get("version") for each in answer.only.found[f"{CARD}supported-address-data"]}
    assert versions == {"3.0"}
