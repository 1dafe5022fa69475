"""Model clients: a local store each, and the rules by which the real programs upload, download and delete.

Read in their sources (protocol.md A and B): DAVx5 `SyncManager.kt` and `CollectionsWithoutHomeSetRefresher`,
Thunderbird `CalDavRequestHandlers.sys.mjs` and `CardDAVDirectory.sys.mjs`, Evolution `e-cal-backend-caldav.c` and
`e-book-backend-carddav.c`. What matters here is when each of them removes something it has: `removed` remembers that.
Refuses what the programs refuse: a model never guesses that a server meant well.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from lxml import etree

from tests.clients.wire import CARD, CS, Answer, C, D, Member, Wire

SLICE = 10  # members of a multiget, as DAVx5 asks them


class Stopped(Exception):
    """The program shows an error, or waits, and changes nothing more this time."""


@dataclass(slots=True)
class Kept:
    """One object of a local store."""

    body: str
    etag: str | None  # None: never uploaded
    dirty: bool = False
    deleted: bool = False  # by its owner, here, and not yet on the server


@dataclass
class Model:
    """What all of them do alike. `kind` is card or event."""

    wire: Wire
    collection: str
    kind: str
    store: dict[str, Kept] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)  # what a sync took out of the store
    dropped: list[str] = field(default_factory=list)  # local edits given up for the server's state
    fetched: list[str] = field(default_factory=list)  # what a sync downloaded
    agent: ClassVar[str] = ""

    # --- what its owner does ---

    def write(self, name: str, body: str) -> str:
        """Make an object, or edit the one of this name; return its href."""
        href = self.collection + name
        known = self.store.get(href)
        self.store[href] = Kept(body, known.etag if known else None, dirty=True)
        return href

    def delete(self, href: str) -> None:
        """Delete an object locally."""
        self.store[href].deleted = True

    def bodies(self) -> dict[str, str]:
        """Return what its owner sees: href to text."""
        return {href: kept.body for href, kept in self.store.items() if not kept.deleted}

    # --- how it speaks ---

    def ask(self, method: str, target: str, *, depth: str = "", body: str = "", **headers: str) -> Answer:
        """Send one request; a connection that breaks, a refused login and a 5xx stop the sync."""
        sent = {"User-Agent": self.agent, "Content-Type": "application/xml; charset=utf-8"}
        if depth:
            sent["Depth"] = depth
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer = self.wire.ask(method, target, headers=sent, body=body)
        except (OSError, http.client.HTTPException) as broken:
            raise Stopped(f"{method} {target}: {broken!r}") from broken
        if answer.status == 401:
            raise Stopped("the password is not accepted any more")
        return answer

    def propfind(self, target: str, depth: str, *names: str) -> Answer:
        """Ask for properties."""
        return self.ask(
            "PROPFIND", target, depth=depth, body=f'<propfind xmlns="DAV:"><prop>{_empty(names)}</prop></propfind>'
        )

    def changes(self, token: str, *, depth: str, props: Iterable[str], limit: int | None = None) -> Answer:
        """Send a sync-collection report."""
        wanted = f"<limit><nresults>{limit}</nresults></limit>" if limit else ""
        return self.ask(
            "REPORT",
            self.collection,
            depth=depth,
            body=f'<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>{wanted}'
            f"<prop>{_empty(props)}</prop></sync-collection>",
        )

    @property
    def data(self) -> str:
        """The property that holds a body."""
        return f"{CARD}address-data" if self.kind == "card" else f"{C}calendar-data"

    def fetch(self, hrefs: Iterable[str]) -> None:
        """Download by multiget, slice by slice; a 404 removes, anything without its data stops the sync."""
        wanted = list(hrefs)
        report = "addressbook-multiget" if self.kind == "card" else "calendar-multiget"
        space = (CARD if self.kind == "card" else C)[1:-1]
        for start in range(0, len(wanted), SLICE):
            inside = "".join(f"<D:href>{href}</D:href>" for href in wanted[start : start + SLICE])
            answer = self.ask(
                "REPORT",
                self.collection,
                depth="1",
                body=f'<X:{report} xmlns:X="{space}" xmlns:D="DAV:"><D:prop>'
                f"{_empty([f'{D}getetag', self.data])}</D:prop>"
                f"{inside}</X:{report}>",
            )
            if answer.status != 207:
                raise Stopped(f"multiget answered {answer.status}")
            for href, member in self.read(answer).items():
                self._take(href, member)

    def _take(self, href: str, member: Member) -> None:
        if member.status == 404:
            self.forget(href)
        elif self.data not in member.found or f"{D}getetag" not in member.found:
            raise Stopped(f"{href} came without its data")
        else:
            self.take(href, member.text(self.data), member.text(f"{D}getetag"))

    def take(self, href: str, body: str, etag: str) -> None:
        """Store what the server has."""
        known = self.store.get(href)
        if known is not None and (known.dirty or known.deleted) and known.etag != etag:
            self.dropped.append(href)
        self.store[href] = Kept(body, etag)
        self.fetched.append(href)

    def forget(self, href: str) -> None:
        """Remove from the local store because the server says so."""
        if self.store.pop(href, None) is not None:
            self.removed.append(href)

    def read(self, answer: Answer) -> dict[str, Member]:
        """Return the members of a 207; a document that cannot be parsed stops the sync."""
        try:
            return answer.members
        except etree.XMLSyntaxError as error:
            raise Stopped(f"the answer is no XML: {error}") from error

    # --- how it uploads ---

    def push(self) -> bool:
        """Upload deletions, then edits; return whether anything was sent."""
        sent = False
        for href, kept in list(self.store.items()):
            if kept.deleted:
                sent = True
                self.push_deletion(href, kept)
            elif kept.dirty:
                sent = True
                self.push_edit(href, kept)
        return sent

    def push_deletion(self, href: str, kept: Kept) -> None:
        """Send a DELETE; whatever comes back, the copy here is gone."""
        if kept.etag is not None:
            self.ask("DELETE", href, If_Match=kept.etag)
        del self.store[href]

    def push_edit(self, href: str, kept: Kept) -> None:
        """Send a PUT under its condition; a lost one is given up."""
        condition = {"If_None_Match": "*"} if kept.etag is None else {"If_Match": kept.etag}
        answer = self.ask("PUT", href, body=kept.body, Content_Type=self.content_type, **condition)
        self.settle(href, kept, answer)

    def settle(self, href: str, kept: Kept, answer: Answer) -> None:
        """Judge the answer of a PUT."""
        if answer.status in (200, 201, 204):
            kept.etag, kept.dirty = answer.header("ETag"), False
        elif answer.status in (409, 412) or (answer.status == 403 and f"{D}need-privileges" in answer.conditions):
            kept.etag, kept.dirty = None, False  # fetched again, because no ETag here equals the server's
            self.dropped.append(href)
        else:
            raise Stopped(f"PUT {href}: {answer.status}")

    @property
    def content_type(self) -> str:
        """The Content-Type of a body."""
        return "text/vcard; charset=utf-8" if self.kind == "card" else "text/calendar; charset=utf-8"

    def differing(self, listed: dict[str, str]) -> list[str]:
        """Return those of href to ETag that this store does not have like that."""
        return [href for href, etag in listed.items() if href not in self.store or self.store[href].etag != etag]

    def drop_unlisted(self, listed: Iterable[str]) -> None:
        """Remove everything uploaded that a complete listing does not name."""
        there = set(listed)
        for href, kept in list(self.store.items()):
            if href not in there and not (kept.dirty and kept.etag is None):
                self.forget(href)

    def listing(self, answer: Answer) -> dict[str, str]:
        """Return href to ETag of the objects that an answer lists; one without an ETag stops the sync."""
        listed = {}
        for href, member in self.read(answer).items():
            if href.rstrip("/") != self.collection.rstrip("/") and member.status is None:
                if f"{D}getetag" not in member.found:
                    raise Stopped(f"Server didn't provide ETag for {href}")
                listed[href] = member.text(f"{D}getetag")
        return listed


class DavX5(Model):
    """DAVx5 with a server that knows sync-collection."""

    agent = "DAVx5/4.4.4-ose (dav4jvm; okhttp/4.12.0) Android/15"
    token: str | None = None
    limit: int | None = None  # DAVx5 sends none, but follows pages wherever they are cut

    def sync(self) -> None:
        """One synchronisation of one collection."""
        now = self.propfind(self.collection, "0", f"{D}supported-report-set", f"{D}sync-token", f"{CS}getctag")
        if now.status != 207:
            raise Stopped(f"the collection answered {now.status}")
        sent = self.push()
        if sent or self.token is None or self.token != now.only.text(f"{D}sync-token"):
            self.pull(now.only.text(f"{D}sync-token"))

    def pull(self, _: str) -> None:
        """Follow sync-collection page by page; only a complete first walk removes what it did not meet."""
        first = self.token is None
        present: set[str] = set()
        while True:
            answer = self.changes(
                self.token or "", depth="0", props=[f"{D}resourcetype", f"{D}getetag"], limit=self.limit
            )
            if f"{D}valid-sync-token" in answer.conditions:
                if self.token is None:
                    raise Stopped("an empty token is invalid")
                self.token, first = None, True
                present.clear()
                continue
            if answer.status != 207:
                raise Stopped(f"sync-collection answered {answer.status}")
            more = self._page(answer, present)
            self.token = answer.token
            if not more:
                break
        if first:
            self.drop_unlisted(present)

    def _page(self, answer: Answer, present: set[str]) -> bool:
        members = self.read(answer)
        own = next((each for href, each in members.items() if href.rstrip("/") == self.collection.rstrip("/")), None)
        for href, member in members.items():
            if member is not own and member.status == 404:
                self.forget(href)
        listed = self.listing(answer)
        present.update(listed)  # not |=, which would make another set of a dict_keys
        self.fetch(self.differing(listed))
        return own is not None and own.status == 507

    def refresh(self, home: str) -> bool:
        """Look whether the collection is still there; return whether DAVx5 keeps it (and its contents)."""
        listed = self.propfind(home, "1", f"{D}resourcetype")
        if listed.status == 207 and self.collection in self.read(listed):
            return True
        alone = self.propfind(self.collection, "0", f"{D}resourcetype")
        if alone.status in (403, 404, 410):
            for href in list(self.store):
                self.forget(href)
            return False
        return True


class DavX5ByListing(DavX5):
    """DAVx5 with a server without sync-collection: a listing, and what is not on it goes."""

    def pull(self, token: str) -> None:
        answer = self.propfind(self.collection, "1", f"{D}resourcetype", f"{D}getetag")
        if answer.status != 207:
            raise Stopped(f"the listing answered {answer.status}")
        listed = self.listing(answer)
        self.fetch(self.differing(listed))
        self.drop_unlisted(listed)
        self.token = token


class ThunderbirdCalendar(Model):
    """Thunderbird's calendar: any 4xx but 429 costs it its token, and then its cache."""

    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0"
    token: str = ""

    def sync(self) -> None:
        """One refresh."""
        self.push()
        answer = self.changes(self.token, depth="1", props=[f"{D}getcontenttype", f"{D}getetag"])
        if 400 <= answer.status < 500 and answer.status != 429 and self.token:
            self.token = ""
            answer = self.changes("", depth="1", props=[f"{D}getcontenttype", f"{D}getetag"])
        if answer.status != 207:
            raise Stopped(f"sync-collection answered {answer.status}")
        members = self.read(answer)
        for href, member in members.items():
            if member.status == 404:
                self.forget(href)
        listed = {href: etag for href, etag in self.listing(answer).items() if _is_calendar(members[href])}
        if not self.token:
            self.drop_unlisted(listed)
        self.fetch(self.differing(listed))
        self.token = answer.token

    def read(self, answer: Answer) -> dict[str, Member]:
        """A document that ends early counts as one without responses: with an empty token that deletes all."""
        try:
            return answer.members
        except etree.XMLSyntaxError:
            return {}


class ThunderbirdContacts(Model):
    """Thunderbird's address book: it accepts 207 and 400, and takes the data from the sync report itself."""

    agent = ThunderbirdCalendar.agent
    token: str = ""

    def sync(self) -> None:
        """The first listing, or one refresh."""
        self.push()
        if not self.token:
            self.fetch_all()
            return
        answer = self.changes(self.token, depth="1", props=[f"{D}getetag", self.data])
        if answer.status == 400:
            self.fetch_all()
            return
        if answer.status != 207:
            raise Stopped(f"sync-collection answered {answer.status}")
        for href, member in self.read(answer).items():
            if member.status == 404:
                self.forget(href)
            elif self.data in member.found:
                self.take(href, member.text(self.data), member.text(f"{D}getetag"))
        self.token = answer.token

    def fetch_all(self) -> None:
        """List, fetch what differs, remove what is not listed, and only then ask for the token."""
        answer = self.propfind(self.collection, "1", f"{D}resourcetype", f"{D}getetag", f"{CS}getctag")
        if answer.status != 207:
            raise Stopped(f"the listing answered {answer.status}")
        listed = self.listing(answer)
        self.fetch(self.differing(listed))
        self.drop_unlisted(listed)
        token = self.propfind(self.collection, "0", f"{D}displayname", f"{CS}getctag", f"{D}sync-token")
        if token.status != 207:
            raise Stopped(f"the token answered {token.status}")
        self.token = token.only.text(f"{D}sync-token")

    def push_edit(self, href: str, kept: Kept) -> None:
        """Send a PUT without any condition."""
        self.settle(href, kept, self.ask("PUT", href, body=kept.body, Content_Type="text/vcard"))

    def push_deletion(self, href: str, kept: Kept) -> None:
        """Send a DELETE without any condition."""
        self.ask("DELETE", href)
        del self.store[href]


class Evolution(Model):
    """Evolution: no tokens; a ctag, and when that cannot be had, a listing all the same."""

    agent = "Evolution/3.46.4"
    ctag: str = ""

    def sync(self) -> None:
        """One refresh."""
        self.push()
        answer = self.propfind(self.collection, "0", f"{CS}getctag")
        now = answer.only.found.get(f"{CS}getctag") if answer.status == 207 else None
        ctag = (now.text or "") if now is not None else ""
        if ctag and ctag == self.ctag:
            return
        listing = self.query() if self.kind == "event" else self.propfind(self.collection, "1", f"{D}getetag")
        if listing.status != 207:
            raise Stopped(f"the listing answered {listing.status}")
        listed = self.listing(listing)
        self.drop_unlisted(listed)
        self.fetch(self.differing(listed))
        self.ctag = ctag

    def query(self) -> Answer:
        """List a calendar as Evolution does: Depth 0, and the UIDs alone."""
        return self.ask(
            "REPORT",
            self.collection,
            depth="0",
            body='<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
            '<C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/></C:comp></C:comp>'
            '</C:calendar-data></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/>'
            "</C:comp-filter></C:filter></C:calendar-query>",
        )


Anyone = DavX5 | DavX5ByListing | ThunderbirdCalendar | ThunderbirdContacts | Evolution


def _empty(names: Iterable[str]) -> str:
    parts = (name[1:].split("}") for name in names)
    return "".join(f'<x:{local} xmlns:x="{space}"/>' for space, local in parts)


def _is_calendar(member: Member) -> bool:
    kind = member.found.get(f"{D}getcontenttype")
    return kind is not None and (kind.text or "").split(";")[0] == "text/calendar"
