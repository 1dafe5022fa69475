"""One HTTP connection as a client keeps it: raw targets and headers out, parsed answers in.

Refuses to be clever: nothing is encoded, followed, retried or signed in unless the caller says so.
"""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from lxml import etree

D = "{DAV:}"
C = "{urn:ietf:params:xml:ns:caldav}"
CARD = "{urn:ietf:params:xml:ns:carddav}"
CS = "{http://calendarserver.org/ns/}"
ICAL = "{http://apple.com/ns/ical/}"


@dataclass(frozen=True, slots=True)
class Member:
    """One response of a multistatus (RFC 4918 14.24)."""

    href: str
    status: int | None  # None: it has propstats
    found: Mapping[str, etree._Element]  # properties answered with 200
    missing: Mapping[str, int]  # others, with their status
    error: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return a found property's text; a missing one fails."""
        assert name in self.found, f"{self.href} has no {name}: {self.missing.get(name, 'not answered')}"
        return "".join(map(str, self.found[name].itertext()))

    def href_in(self, name: str) -> str:
        """Return the first href inside a found property."""
        assert name in self.found, f"{self.href} has no {name}: {self.missing.get(name, 'not answered')}"
        inside = self.found[name].findtext(f".//{D}href")
        assert inside, f"{name} of {self.href} holds no href"
        return inside.strip()

    def children(self, name: str) -> set[str]:
        """Return the tags of the elements directly inside a found property."""
        assert name in self.found, f"{self.href} has no {name}: {self.missing.get(name, 'not answered')}"
        return {str(child.tag) for child in self.found[name]}


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the values of a header, joined by commas; None: it is not there."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def xml(self) -> etree._Element:
        """The body as XML."""
        return etree.fromstring(self.body, etree.XMLParser(resolve_entities=False, no_network=True))

    @cached_property
    def members(self) -> dict[str, Member]:
        """The responses of a multistatus by href; an href answered twice fails."""
        assert self.status == 207, f"{self.status} instead of 207: {self.body[:500]!r}"
        assert self.xml.tag == f"{D}multistatus"
        found: dict[str, Member] = {}
        for response in self.xml.iterfind(f"{D}response"):
            for member in _members(response):
                assert member.href not in found, f"{member.href} is answered twice"
                found[member.href] = member
        return found

    @property
    def only(self) -> Member:
        """The one response of a multistatus about one resource."""
        (member,) = self.members.values()
        return member

    @property
    def token(self) -> str:
        """The sync token of a sync-collection answer (RFC 6578 6.4)."""
        token = self.xml.findtext(f"{D}sync-token")
        assert token, "the answer carries no sync-token"
        return token

    @property
    def conditions(self) -> set[str]:
        """The tags of the violated conditions in a DAV:error body (RFC 4918 16); none where there is no such body."""
        try:
            root = self.xml
        except etree.XMLSyntaxError:
            return set()
        return {str(child.tag) for child in root} if root.tag == f"{D}error" else set()


def _members(response: etree._Element) -> Iterable[Member]:
    hrefs = [href.text or "" for href in response.iterfind(f"{D}href")]
    status = response.findtext(f"{D}status")
    found: dict[str, etree._Element] = {}
    missing: dict[str, int] = {}
    for propstat in response.iterfind(f"{D}propstat"):
        code = _code(propstat.findtext(f"{D}status") or "")
        for prop in propstat.iterfind(f"{D}prop/*"):
            if code == 200:
                found[str(prop.tag)] = prop
            else:
                missing[str(prop.tag)] = code
    error = tuple(str(child.tag) for child in response.iterfind(f"{D}error/*"))
    for href in hrefs:
        yield Member(href.strip(), None if status is None else _code(status), found, missing, error)


def _code(line: str) -> int:
    return int(line.split()[1])


class Wire:
    """A kept-alive connection to one server; a context manager."""

    def __init__(self, url: str, *, user: str = "", password: str = "", timeout_seconds: float = 60) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.host, self.port = parts.hostname, parts.port or 80
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._connection.close()

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()

    def ask(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        signed: bool = True,
        chunked: bool = False,
    ) -> Answer:
        """Send one request and return its whole answer; a broken connection rises as http.client says it."""
        octets = body.encode() if isinstance(body, str) else body
        connection = self._connection
        connection.putrequest(method, target, skip_accept_encoding=True)
        if signed:
            connection.putheader("Authorization", self.authorization)
        for name, value in (headers or {}).items():
            connection.putheader(name, value.encode() if not value.isascii() else value)
        if chunked:
            connection.putheader("Transfer-Encoding", "Chunked")
        elif octets or method in ("PUT", "POST"):
            connection.putheader("Content-Length", str(len(octets)))
        try:
            connection.endheaders()
            if chunked:
                self._send_chunks(octets)
            elif octets:
                connection.send(octets)
            response = connection.getresponse()
            return Answer(response.status, tuple(response.getheaders()), response.read())
        except BaseException:
            connection.close()
            raise

    def _send_chunks(self, octets: bytes) -> None:
        for start in range(0, len(octets), 65_536):
            piece = octets[start : start + 65_536]
            self._connection.send(f"{len(piece):X}\r\n".encode() + piece + b"\r\n")
        self._connection.send(b"0\r\n\r\n")
