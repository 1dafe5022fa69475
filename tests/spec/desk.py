"""The whole server without a socket: one household, people with devices, questions as octets, answers parsed.

`Desk.ask` sends one request through the door that real servers use, signed in as `anna` unless told otherwise.
Names of XML elements are written `prefix:local`, with the prefixes of PREFIXES, in questions and in answers. Refuses
to guess: nothing is encoded, followed or repeated.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from lxml import etree

from appliance import app, settings
from appliance.dav.messages import Request, Response
from appliance.dav.server import Dav
from appliance.household import devices, people, secrets
from appliance.store import content
from appliance.store.ledger import Author
from appliance.tree.site import TreeSite
from appliance.tree.visit import Services, Visit

PREFIXES = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CR": "urn:ietf:params:xml:ns:carddav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
    "W": "urn:schemas-microsoft-com:",
    "G": "urn:gotgan:dav",
    "X": "http://example.com/ns/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())
HOST = "box.local:8080"
SETTINGS = """time_zone = "Asia/Seoul"
language = "en"
box_name = "box.local"
refused_reserve_bytes = 65_536
"""

BOOK = "/dav/addressbooks/anna/contacts/"
CALENDAR = "/dav/calendars/anna/calendar/"
TASKS = "/dav/calendars/anna/tasks/"
FILES = "/dav/files/anna/"


def named(tag: str) -> str:
    """Return `prefix:local` of an lxml tag, `{namespace}local` for a namespace without a prefix of ours."""
    namespace, _, local = tag.removeprefix("{").rpartition("}")
    prefix = next((short for short, known in PREFIXES.items() if known == namespace), None)
    return f"{{{namespace}}}{local}" if prefix is None else f"{prefix}:{local}"


def doc(name: str, inner: str = "", attributes: str = "") -> str:
    """Return a document with this root, with all prefixes declared."""
    return f'<?xml version="1.0" encoding="utf-8"?><{name} {DECLARED} {attributes}>{inner}</{name}>'


def prop(*names: str) -> str:
    """Return a `D:prop` with empty elements."""
    return f"<D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop>"


def card(uid: str, *lines: str, name: str = "Anna Kim", version: str = "3.0") -> str:
    """Return a whole vCard with CRLF."""
    inner = [f"VERSION:{version}", f"UID:{uid}", f"FN:{name}", "N:Kim;Anna;;;", *lines]
    return "\r\n".join(["BEGIN:VCARD", *inner, "END:VCARD", ""])


def calendar(*components: str) -> str:
    """Return a whole iCalendar object around components."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *components, "END:VCALENDAR", ""])


def component(kind: str, uid: str, *lines: str) -> str:
    """Return one component."""
    return "\r\n".join([f"BEGIN:{kind}", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, f"END:{kind}"])


def event(uid: str, *lines: str) -> str:
    """Return an iCalendar object with one VEVENT."""
    return calendar(component("VEVENT", uid, *lines))


@dataclass(frozen=True, slots=True)
class Row:
    """One `D:response` of a multistatus (RFC 4918 14.24)."""

    href: str
    status: int | None  # None: it has propstats
    found: Mapping[str, etree._Element]
    other: Mapping[str, int]  # properties that were not answered with 200, and their status
    conditions: Sequence[str] = ()

    def text(self, name: str) -> str:
        """Return the text of a property that was found."""
        assert name in self.found, f"{self.href} has no {name}, but {sorted(self.found)} and {dict(self.other)}"
        return "".join(map(str, self.found[name].itertext()))

    def inside(self, name: str) -> list[str]:
        """Return the names of the elements directly inside a property, in order."""
        return [named(str(element.tag)) for element in self.found[name]]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    octets: bytes

    @cached_property
    def xml(self) -> etree._Element:
        """The root element; the answer has to be well-formed XML that says so."""
        assert self.headers["content-type"].split(";")[0] in ("application/xml", "text/xml"), self.headers
        return etree.fromstring(self.octets)

    @cached_property
    def rows(self) -> list[Row]:
        """The responses of a multistatus in their order."""
        assert self.status == 207, (self.status, self.octets)
        assert named(str(self.xml.tag)) == "D:multistatus"
        return [_row(element) for element in self.xml.iterchildren("{DAV:}response")]

    @property
    def hrefs(self) -> list[str]:
        """The hrefs of a multistatus in their order."""
        return [row.href for row in self.rows]

    @property
    def names(self) -> list[str]:
        """The last segments of the hrefs, sorted: what a query found, whatever the order."""
        return sorted(href.rstrip("/").rpartition("/")[2] for href in self.hrefs)

    @property
    def by_href(self) -> dict[str, Row]:
        """The responses by href; each at most once (RFC 4918 14.24)."""
        assert len(set(self.hrefs)) == len(self.hrefs)
        return {row.href: row for row in self.rows}

    @property
    def only(self) -> Row:
        """The one response."""
        (row,) = self.rows
        return row

    @property
    def condition(self) -> str | None:
        """The pre- or postcondition that failed: the first element of `D:error`; None without such a body."""
        if not self.headers.get("content-type", "").startswith("application/xml"):
            return None
        assert named(str(self.xml.tag)) == "D:error", self.octets
        return named(str(self.xml[0].tag))

    @property
    def refusal(self) -> tuple[int, str | None]:
        """Status and condition in one."""
        return self.status, self.condition

    @property
    def error_hrefs(self) -> list[str]:
        """The hrefs inside the condition."""
        return [str(href.text) for href in self.xml[0].iter("{DAV:}href")]

    @property
    def token(self) -> str:
        """The sync-token of a multistatus."""
        token = self.xml.findtext("{DAV:}sync-token")
        assert token, self.octets
        return token

    @property
    def etag(self) -> str:
        """The ETag header."""
        return self.headers["etag"]


def _row(element: etree._Element) -> Row:
    status = element.findtext("{DAV:}status")
    found: dict[str, etree._Element] = {}
    other: dict[str, int] = {}
    for propstat in element.iterchildren("{DAV:}propstat"):
        code = _code(propstat.findtext("{DAV:}status"))
        for each in propstat.iterfind("{DAV:}prop/*"):
            if code == 200:
                found[named(str(each.tag))] = each
            else:
                other[named(str(each.tag))] = code
    conditions = [named(str(each.tag)) for each in element.iterfind(".//{DAV:}error/*")]
    return Row(
        element.findtext("{DAV:}href") or "", None if status is None else _code(status), found, other, conditions
    )


def _code(status: str | None) -> int:
    assert status is not None and status.startswith("HTTP/1.1 ")
    return int(status.split()[1])


@dataclass
class TurnedClock:
    """Real time, turned ahead by what a test says."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the moment it is said to be."""
        return datetime.now(UTC) + self.ahead


class Desk:
    """A server on a data folder; `close` it."""

    def __init__(self, data: Path, clock: TurnedClock) -> None:
        self.data = data
        self.clock = clock
        self.house = app.furnish(settings.load(data, {}), self.clock)
        self.logins: dict[str, str] = {}
        self.free_bytes: int | None = None  # what the disk has room for from now on, None: what it really has
        self._dav = Dav()
        self._ids: dict[str, tuple[str, int]] = {}

    @property
    def services(self) -> Services:
        """What the tree is built from."""
        return self.house.services

    def close(self) -> None:
        """Stop it."""
        self.house.close()

    def knows(self, other: Desk) -> None:
        """Sign in with the passwords of another desk, whose data folder was copied."""
        self.logins.update(other.logins)
        self._ids.update(other._ids)

    def join(self, name: str, display_name: str | None = None, *, quota_bytes: int | None = None) -> None:
        """Add a person with a phone, who may be named in `ask` from now on."""
        shared, words = self.services.household.shared, self.services.household.words
        joining = people.NewPerson(name, display_name, quota_bytes=quota_bytes)
        people.add(self.services.ledger, self.data, Author(1, 1), joining=joining, shared=shared, words=words)
        self.equip(name, "phone", login=name)

    def equip(self, name: str, label: str, *, login: str) -> int:
        """Add a device of a person under a name of its own for `ask`; return its id."""
        database = self.services.ledger.database
        person = people.existing(database.connection(), name)
        key = secrets.device_key(self.data, expected=devices.passwords_exist(database.connection()))
        added = devices.add(database, key, person, label, at=self.clock.now())
        self.logins[login] = "Basic " + base64.b64encode(f"{name}:{added.password}".encode()).decode()
        self._ids[login] = (name, added.device.id)
        return added.device.id

    def ask(
        self,
        method: str,
        path: str,
        body: str | bytes = b"",
        *,
        by: str = "anna",
        **headers: str,
    ) -> Answer:
        """Send a request. Headers are keywords: `if_match='"x"'`, `depth="1"`; `by=""` is without a login,
        and `transfer_encoding="chunked"` without a length."""
        octets = body.encode() if isinstance(body, str) else body
        sent = {name.rstrip("_").replace("_", "-"): value for name, value in headers.items()}
        if by:
            sent["authorization"] = self.logins[by]
        chunked = "transfer-encoding" in sent
        length = None if chunked or (not octets and method not in ("PUT", "POST")) else len(octets)
        request = Request(
            method, path, sent, io.BytesIO(octets), length_bytes=length, chunked=chunked, host=HOST,
            remote_address="192.168.0.7",
        )  # fmt: skip
        response = self.house.door.respond(request) if self.free_bytes is None else self._cramped(request, by)
        given = response.body if isinstance(response.body, bytes) else b"".join(response.body)
        told = {name.lower(): value for name, value in response.headers}
        return Answer(response.status, told, given)

    def put(self, path: str, body: str | bytes, content_type: str | None = None, **headers: str) -> Answer:
        """PUT with the Content-Type that the address suggests; it has to succeed."""
        kind = {"addressbooks": "text/vcard", "calendars": "text/calendar"}.get(path.split("/")[2], "text/plain")
        answer = self.ask("PUT", path, body, content_type=content_type or f"{kind}; charset=utf-8", **headers)
        assert answer.status in (201, 204), (answer.status, answer.octets)
        return answer

    def get(self, path: str, **headers: str) -> bytes:
        """Return the octets of a resource."""
        answer = self.ask("GET", path, **headers)
        assert answer.status == 200, (answer.status, answer.octets)
        return answer.octets

    def find(self, path: str, *names: str, depth: str = "0", **headers: str) -> Answer:
        """PROPFIND of these properties."""
        return self.ask("PROPFIND", path, doc("D:propfind", prop(*names)), depth=depth, **headers)

    def value(self, path: str, name: str, **headers: str) -> str:
        """Return the text of one property."""
        return self.find(path, name, **headers).only.text(name)

    def patch(self, path: str, changes: str, **headers: str) -> Answer:
        """PROPPATCH with these set and remove elements."""
        return self.ask("PROPPATCH", path, doc("D:propertyupdate", changes), **headers)

    def set_(self, path: str, *elements: str, **headers: str) -> Answer:
        """PROPPATCH that sets these properties, each as a whole element."""
        return self.patch(path, f"<D:set><D:prop>{''.join(elements)}</D:prop></D:set>", **headers)

    def report(self, path: str, name: str, inner: str, **headers: str) -> Answer:
        """Send a report."""
        return self.ask("REPORT", path, doc(name, inner), **headers)

    def sync(
        self, path: str, token: str = "", *names: str, level: str = "1", limit: str = "", **headers: str
    ) -> Answer:
        """Send a sync-collection."""
        cut = "" if not limit else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
        inner = f"<D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>{cut}"
        return self.report(path, "D:sync-collection", inner + prop(*(names or ("D:getetag",))), **headers)

    def refused(self) -> list[tuple[str, str, int, bytes | None]]:
        """Return (name, method, status, body) of all refused edits, oldest first."""
        found = []
        rows = self.services.ledger.database.connection().execute(
            "SELECT r.name, r.method, r.status, r.content_id FROM refused r ORDER BY r.id"
        )
        for row in rows.fetchall():
            body = None if row["content_id"] is None else self._content(row["content_id"])
            found.append((row["name"], row["method"], row["status"], body))
        return found

    def _content(self, content_id: int) -> bytes:
        reading = self.services.ledger.database.connection()
        inline = content.inline_body(reading, content_id)
        if inline is not None:
            return inline
        row = content.row_of(reading, content_id)
        assert row is not None and row.blob_name is not None
        return b"".join(self.services.blobs.chunks(row.blob_name, 0, row.size))

    def _cramped(self, request: Request, by: str) -> Response:
        """Answer as if the disk had room for `free_bytes`: behind the door, for the login says nothing here."""
        name, device_id = self._ids[by]
        room = self.free_bytes or 0
        services = replace(self.services, free_bytes=lambda path: room)
        person = people.existing(services.ledger.database.connection(), name)
        return self._dav.respond(request, TreeSite(Visit(services, person, device_id), lambda: None))
