"""A sync that is cut into pages of 1 to 50 while the collection changes between them loses nothing (RFC 6578 3.6).

The follower here knows nothing but what pages told it: rows with their ETag, rows with 404, and the token.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clients.wire import D, Wire
from tests.journeys.killing import make_collections
from tests.journeys.writing import card, event
from tests.newcomers import newcomer
from tests.serving import serving
from tests.soak.conftest import Note

LIMITS = range(1, 51)
MEMBERS = 120
CHANGES = 60  # while one sync is under way, at most one between two pages
ENDINGS = {"addressbooks": "vcf", "calendars": "ics", "files": "bin"}
TYPES = {"vcf": "text/vcard", "ics": "text/calendar", "bin": "application/octet-stream"}


@dataclass
class Household:
    """The others, who add, change, delete, rename and bring back between any two pages."""

    wire: Wire
    collection: str
    ending: str
    chance: random.Random
    names: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def add(self, name: str | None = None) -> None:
        """Add a member, or put a body under an old name."""
        self.count += 1
        named = name or f"{self.count}.{self.ending}"
        uid = self.uids.setdefault(named, named)
        body = {"vcf": card, "ics": event}.get(self.ending, lambda uid, number: f"{uid} {number}".encode())
        headers = {"Content-Type": TYPES[self.ending]}
        answer = self.wire.ask("PUT", self.collection + named, headers=headers, body=body(uid, self.count))
        assert answer.status in (201, 204), answer.body
        if named not in self.names:
            self.names.append(named)

    def change(self) -> None:
        """Do one thing, whatever it is."""
        kind = self.chance.choices(("add", "edit", "delete", "rename", "again"), (3, 3, 2, 1, 1))[0]
        if kind == "add" or len(self.names) < 10:
            self.add()
        elif kind == "edit":
            self.add(self.chance.choice(self.names))
        elif kind == "again" and self.deleted:
            self.add(self.deleted.pop(self.chance.randrange(len(self.deleted))))
        elif kind == "rename":
            self._rename()
        else:
            name = self.names.pop(self.chance.randrange(len(self.names)))
            assert self.wire.ask("DELETE", self.collection + name).status == 204
            self.deleted.append(name)

    def _rename(self) -> None:
        self.count += 1
        name, target = self.names.pop(self.chance.randrange(len(self.names))), f"moved-{self.count}.{self.ending}"
        destination = f"http://{self.wire.host}:{self.wire.port}{self.collection}{target}"
        answer = self.wire.ask("MOVE", self.collection + name, headers={"Destination": destination})
        assert answer.status == 201, answer.body
        self.names.append(target)
        self.uids[target] = self.uids.pop(name)

    def there(self) -> dict[str, str]:
        """Return href to ETag of all members, from a listing."""
        body = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        members = self.wire.ask("PROPFIND", self.collection, headers=headers, body=body).members
        found = {href: each.text(f"{D}getetag") for href, each in members.items() if href != self.collection}
        assert {href.rpartition("/")[2] for href in found} == set(self.names)
        return found


@dataclass
class Follower:
    """A client with the rows of its pages."""

    wire: Wire
    collection: str
    token: str = ""
    known: dict[str, str] = field(default_factory=dict)

    def page(self, limit: int) -> bool:
        """Ask for the next page; return whether it was cut off."""
        body = (
            f'<sync-collection xmlns="DAV:"><sync-token>{self.token}</sync-token><sync-level>1</sync-level>'
            f"<limit><nresults>{limit}</nresults></limit><prop><getetag/></prop></sync-collection>"
        )
        answer = self.wire.ask("REPORT", self.collection, headers={"Content-Type": "application/xml"}, body=body)
        rows = dict(answer.members)
        own = rows.pop(self.collection, None)
        assert own is None or own.status == 507
        assert len(rows) <= limit
        for href, member in rows.items():
            if member.status == 404:
                self.known.pop(href, None)
            else:
                self.known[href] = member.text(f"{D}getetag")
        assert own is None or answer.token != self.token, "a page that was cut off leads nowhere"
        self.token = answer.token
        return own is not None

    def sync(self, limit: int, household: Household) -> int:
        """Follow all pages while others change the collection; return how many pages it took."""
        pages, changes = 1, 0
        while self.page(limit):
            pages += 1
            if changes < CHANGES:
                household.change()
                changes += 1
        return pages


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with serving(tmp_path / "data") as house:
        device = newcomer(house, "anna")
        with Wire(house.url, user=device.user, password=device.password) as made:
            make_collections(made, device.user)
            yield made


@pytest.mark.parametrize("place", ENDINGS)
def test_pages_of_any_size_lose_nothing_while_the_collection_changes(place: str, wire: Wire, note: Note) -> None:
    seed, began, pages = random.randrange(10**6), time.monotonic(), 0
    collection = f"/dav/{place}/anna/kept/"
    household = Household(wire, collection, ENDINGS[place], random.Random(seed))
    for _ in range(MEMBERS):
        household.add()
    old = Follower(wire, collection)
    for limit in LIMITS:
        new = Follower(wire, collection)
        pages += new.sync(limit, household)
        pages += new.sync(limit, household)  # what changed behind the pages that had been read
        pages += old.sync(limit, household)
        while new.page(limit) or old.page(limit):
            pages += 1
        while new.page(limit):
            pages += 1
        there = household.there()
        assert new.known == there, f"limit {limit}, seed {seed}"
        assert old.known == there, f"limit {limit}, seed {seed}, from an old token"
    note(
        f"pages of {place}",
        f"limits {LIMITS[0]}..{LIMITS[-1]}, {len(household.names)} members",
        f"{pages:,} pages and {household.count:,} changes, nothing lost, {time.monotonic() - began:.0f} s",
    )
