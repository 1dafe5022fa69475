"""One house for each test, and the same questions to an address book, a calendar and a folder.

Everything is built as for a real start, and asked as one signed-in device asks; there is no HTTP here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from appliance import settings
from appliance.app import House, furnish
from appliance.clock import SystemClock
from appliance.dav import contracts
from appliance.dav.contracts import Address, Changes, Conditions, Resource, SyncCollection, Upload, Written
from appliance.household import people, shares
from appliance.household.people import Person
from appliance.store.ledger import Author
from appliance.tree.site import TreeSite
from appliance.tree.visit import Visit
from tests.store.shelves import quick_folder

ANNAS_PHONE, ANNAS_TABLET, BENS_PHONE = 11, 12, 21

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{text}\r\nN:{text};;;;\r\nEND:VCARD\r\n"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261124T090000Z\r\n"
    "DTSTART:20261125T090000Z\r\nDTEND:20261125T100000Z\r\nSUMMARY:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
FILE = "{uid} {text}"


@dataclass(frozen=True)
class Kind:
    """What differs between the kinds of collection, as far as their common promises go."""

    name: str
    address: Address
    beside: Address  # another collection of the kind
    suffix: str
    template: str
    body_read_first: bool  # a refused body is read, and so kept (protocol B5)
    owner: str = "anna"


ADDRESS_BOOK = Kind(
    "address book", ("addressbooks", "anna", "contacts"), ("addressbooks", "anna", "second"), ".vcf", CARD, True
)
CALENDAR = Kind("calendar", ("calendars", "anna", "calendar"), ("calendars", "anna", "second"), ".ics", EVENT, True)
FOLDER = Kind("folder", ("files", "anna", "folder"), ("files", "anna", "second"), ".txt", FILE, False)
KINDS = (ADDRESS_BOOK, CALENDAR, FOLDER)


def shown(kind: Kind) -> Kind:
    """Return the same kind, of which another person has two, and shows both to the one who asks."""
    address, beside = ((kind.address[0], "anna", name) for name in ("bens", "second"))
    return replace(kind, name=f"shared {kind.name}", address=address, beside=beside, owner="ben")


SHOWN = tuple(map(shown, KINDS))


@dataclass
class Shelf:
    """A collection of one kind, as a device of Anna's sees it. Each question is a request of its own."""

    house: House
    anna: Person
    kind: Kind
    device: int = ANNAS_PHONE

    def by(self, device: int) -> Shelf:
        return Shelf(self.house, self.anna, self.kind, device)

    def site(self) -> TreeSite:
        return TreeSite(Visit(self.house.services, self.anna, self.device), lambda: None)

    def collection(self, address: Address | None = None) -> SyncCollection:
        return cast("SyncCollection", self.site().find(address or self.kind.address))

    def name(self, stem: str) -> str:
        return stem + self.kind.suffix

    def body(self, stem: str, text: str) -> bytes:
        """Octets that this kind takes; the stem is the UID as well."""
        return self.kind.template.format(uid=stem, text=text).encode()

    def put(
        self, stem: str, text: str, *, if_match: str | None = None, if_none_match: str | None = None,
        where: Address | None = None,
    ) -> Written:  # fmt: skip
        body = self.body(stem, text)
        conditions = Conditions(if_match=if_match, if_none_match=if_none_match)
        return self.collection(where).put(self.name(stem), Upload(io.BytesIO(body), len(body)), conditions)

    def member(self, stem: str) -> Resource:
        return self.site().find((*self.kind.address, self.name(stem)))

    def read(self, stem: str, *, if_none_match: str | None = None) -> tuple[str, bytes]:
        """The ETag and the octets of a GET."""
        content = self.member(stem).read(Conditions(if_none_match=if_none_match))
        return content.etag, b"".join(content.chunks(0, content.size_bytes))

    def delete(self, stem: str, *, if_match: str | None = None) -> None:
        self.member(stem).delete(Conditions(if_match=if_match))

    def changes(self, token: str, limit: int | None = None) -> Changes:
        return self.collection().changes(token, infinite=False, limit=limit)

    def since(self, token: str) -> tuple[set[str], set[str]]:
        """The names that changed and those that are gone."""
        answer = self.changes(token)
        assert not answer.truncated
        return {one.address[-1] for one in answer.changed}, {href.rpartition("/")[2] for href in answer.removed}

    @property
    def token(self) -> str:
        return self.collection().sync_token

    def listing(self) -> dict[str, str | None]:
        return {one.address[-1]: one.etag for one in self.collection().members()}

    def refused(self) -> list[tuple[str, str, int, bytes | None]]:
        """(name, method, status, octets) of what was refused here."""
        reading = self.house.services.ledger.database.connection()
        rows = reading.execute(
            "SELECT r.name, r.method, r.status, c.body FROM refused r LEFT JOIN content c ON c.id = r.content_id"
            " ORDER BY r.id"
        ).fetchall()
        return [(row["name"], row["method"], row["status"], row["body"]) for row in rows]


def second_of(kind: Kind, site: TreeSite) -> list[Resource]:
    """Make the other collection of the kind, and the first one where no founding did; return them."""
    made = {
        "addressbooks": contracts.Kind.ADDRESSBOOK,
        "calendars": contracts.Kind.CALENDAR,
        "files": contracts.Kind.FOLDER,
    }[kind.address[0]]
    addresses = [kind.beside] if kind in (ADDRESS_BOOK, CALENDAR) else [kind.address, kind.beside]
    theirs = [(root, kind.owner, name) for root, _, name in addresses]
    for address in theirs:
        holder, name = site.place(address)
        holder.make(name, contracts.NewCollection(made), Conditions())
    return [site.find(address) for address in theirs]


def show(house: House, owner: Person, receiver: Person, found: list[Resource]) -> None:
    """Share with the one who asks, to be written."""
    for one in found:
        assert one.resource_id is not None
        wanted = shares.NewShare(one.resource_id, receiver, "write")
        services = house.services
        assert shares.share(services.ledger, services.settings.data, Author(owner.id, BENS_PHONE), wanted) is not None


@pytest.fixture
def data() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.fixture
def house(data: Path) -> Iterator[House]:
    furnished = furnish(settings.load(data, {}), SystemClock())
    yield furnished
    furnished.services.ledger.database.close()


def join(house: House, data: Path, name: str) -> Person:
    services = house.services
    return people.add(
        services.ledger, data, Author(1, 1), joining=people.NewPerson(name), shared=services.household.shared,
        words=services.household.words,
    )  # fmt: skip


def filled(house: House, data: Path, kind: Kind) -> Shelf:
    """Return a shelf of a kind, whoever owns it."""
    anna = join(house, data, "anna")
    made = Shelf(house, anna, kind)
    if kind.owner == "anna":
        second_of(kind, made.site())
        return made
    owner = join(house, data, kind.owner)
    show(house, owner, anna, second_of(kind, TreeSite(Visit(house.services, owner, BENS_PHONE), lambda: None)))
    return made


@pytest.fixture(params=[*KINDS, *SHOWN], ids=lambda kind: kind.name)
def shelf(request: pytest.FixtureRequest, house: House, data: Path) -> Shelf:
    """A collection that one may write: one's own, or shown by somebody else."""
    return filled(house, data, request.param)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def own_shelf(request: pytest.FixtureRequest, house: House, data: Path) -> Shelf:
    """One's own collection."""
    return filled(house, data, request.param)
