"""A phone that speaks to a running house as phones do: it knocks, looks around, fetches, and writes.

Refuses to know the database: what the house thinks of it is for the pages to say.
"""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import etree

DAV = "{DAV:}"
NAMESPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav"'


@dataclass
class Knocker:
    """A device with its settings. `headers` go with each request: an agent, a date."""

    url: str  # of the house, with the slash
    user: str
    password: str = field(repr=False)
    headers: Mapping[str, str] = field(
        default_factory=lambda: {"User-Agent": "DAVx5/4.5.1 (at.bitfire; okhttp) Android/16"}
    )

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        """Send one request to a path below `/dav/` and return status and body."""
        address = urlsplit(self.url)
        basic = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        connection.request(
            method, f"/dav/{path}", body.encode(), {"Authorization": f"Basic {basic}", **self.headers, **named}
        )
        answer = connection.getresponse()
        octets = answer.read()
        connection.close()
        return answer.status, octets

    def knock(self) -> int:
        """Ask for one's own principal, as every program does first, and return the status."""
        return self.ask("PROPFIND", f"principals/{self.user}/", _propfind("<D:displayname/>"), Depth="0")[0]

    def sync(self, collection: str) -> list[str]:
        """Ask a collection what is in it, with a token, and return the names."""
        status, octets = self.ask(
            "REPORT", collection,
            f"<D:sync-collection {NAMESPACES}><D:sync-token/><D:sync-level>1</D:sync-level>"
            "<D:prop><D:getetag/></D:prop></D:sync-collection>",
        )  # fmt: skip
        assert status == 207, (collection, status)
        hrefs = [element.text or "" for element in etree.fromstring(octets).iter(f"{DAV}href")]
        return [href.rsplit("/", 1)[1] for href in hrefs]

    def fetch(self, collection: str, names: list[str]) -> None:
        """Fetch members of an address book or a calendar in one request."""
        kind, prop = ("CR:addressbook", "CR:address-data") if "addressbooks" in collection else (
            "C:calendar", "C:calendar-data",
        )  # fmt: skip
        hrefs = "".join(f"<D:href>/dav/{collection}{name}</D:href>" for name in names)
        body = f"<{kind}-multiget {NAMESPACES}><D:prop><D:getetag/><{prop}/></D:prop>{hrefs}</{kind}-multiget>"
        status, octets = self.ask("REPORT", collection, body)
        assert status == 207 and len(etree.fromstring(octets).findall(f"{DAV}response")) == len(names)

    def put(self, path: str, body: str, **headers: str) -> int:
        """Write something and return the status."""
        return self.ask("PUT", path, body, **headers)[0]


def _propfind(inner: str) -> str:
    return f"<D:propfind {NAMESPACES}><D:prop>{inner}</D:prop></D:propfind>"
