"""A small address space in memory, behind the Protocols of `dav/contracts`, for the tests of reports.

It searches with `match` and knows no privileges, no versions and no disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from appliance.dav.contracts import Address, Conditions, Kind, Standing
from appliance.dav.href import spell
from appliance.errors import NotFound
from appliance.match.cards import card_test
from appliance.match.filters import CardFilter, CompFilter
from tests.match.written import component


@dataclass
class Member:
    """A card or an event; `octets` None: it cannot be read."""

    address: Address
    kind: Kind
    octets: bytes | None
    content_type: str = "text/vcard; charset=utf-8"
    modified_at: datetime | None = None
    created_at: datetime | None = None
    resource_id: int | None = None
    displayname: str | None = None
    privileges: frozenset[str] = frozenset()
    owner: Address | None = None
    locks: Sequence[Any] = ()
    lockable: bool = False

    @property
    def href(self) -> str:
        return spell(self.address)

    @property
    def etag(self) -> str:
        return f'"a7kq-{len(self.address[-1])}"'

    @property
    def size_bytes(self) -> int | None:
        return None if self.octets is None else len(self.octets)

    def stored(self) -> Mapping[str, str]:
        return {}


@dataclass
class Shelf:
    """A home, an address book or a calendar."""

    address: Address
    kind: Kind
    within: list[Any] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    max_resource_bytes: int = 1000
    components: frozenset[str] = frozenset({"VTODO", "VEVENT"})
    etag: str | None = None
    displayname: str | None = None
    asked_zone: str | None = None

    @property
    def href(self) -> str:
        return spell(self.address, collection=True)

    def stored(self) -> Mapping[str, str]:
        return self.properties

    def members(self) -> Iterator[Any]:
        return iter(self.within)

    def query(self, wanted: CardFilter | CompFilter, *, timezone: str | None = None) -> Iterator[Member]:
        self.asked_zone = timezone
        if isinstance(wanted, CompFilter):
            names = {comp.name for comp in wanted.comps}
            return (
                member for member in self.within if not names or any(name.encode() in member.octets for name in names)
            )
        holds = card_test(wanted)
        return (member for member in self.within if holds(component((member.octets or b"BEGIN:VCARD").decode())))

    def bodies(self, members: Iterable[Member]) -> Iterator[tuple[Member, bytes | None]]:
        return ((member, member.octets) for member in members)

    def named(self, names: Sequence[str]) -> Iterator[tuple[str, Member | None, bytes | None]]:
        held = {member.address[-1]: member for member in self.within}
        return ((name, held.get(name), held[name].octets if name in held else None) for name in names)

    def zone_name(self) -> str:
        return "Europe/Berlin"

    def free_busy(self, start_at: datetime, end_at: datetime) -> bytes:
        return f"{start_at:%Y%m%dT%H%M%SZ}/{end_at:%Y%m%dT%H%M%SZ}".encode()


@dataclass
class Person:
    """A principal."""

    address: Address = ("principals", "anna")
    kind: Kind = Kind.PRINCIPAL
    mail_addresses: Sequence[str] = ("anna@example.com",)
    uuid: str = "5f0e4f5e-0000-4000-8000-000000000001"
    addressbook_home: Address | None = ("addressbooks", "anna")
    calendar_home: Address | None = ("calendars", "anna")
    is_group: bool = False

    @property
    def href(self) -> str:
        return spell(self.address, collection=True)

    def stored(self) -> Mapping[str, str]:
        return {}


class Site:
    """What one device sees."""

    household_zone = "Asia/Seoul"

    def __init__(self, *shelves: Shelf) -> None:
        self.principal = Person()
        self._shelves = {shelf.address: shelf for shelf in shelves}

    def find(self, address: Address) -> Shelf | Member:
        if address in self._shelves:
            return self._shelves[address]
        for shelf in self._shelves.values():
            for member in shelf.within:
                if member.address == address:
                    return cast("Member", member)
        raise NotFound("There is nothing at this address.")

    def standing(self, address: Address) -> Standing:
        return Standing.NORMAL

    def weigh(self, address: Address, conditions: Conditions) -> None:
        """Nothing was ever lost here."""


def shelf(kind: Kind, path: str, members: Mapping[str, bytes | None]) -> Shelf:
    """Return an address book or calendar at `path` with these members."""
    address = tuple(path.split("/"))
    inner = Kind.CARD if kind is Kind.ADDRESSBOOK else Kind.EVENT
    return Shelf(address, kind, [Member((*address, name), inner, octets) for name, octets in members.items()])
