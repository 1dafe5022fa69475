"""A collection on a server, filled, and what it must hold: every row works on such a place."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.bench import answers
from tests.bench.almanac import Almanac
from tests.bench.answers import Wrong, expect, multistatus
from tests.bench.figures import Block
from tests.bench.servers import Kind, Server
from tests.bench.wire import Answer, Connection, Request, in_parallel
from tests.household import CalendarObject, Contact, contacts, events

Object = Contact | CalendarObject
FILL_CONNECTIONS = 8
FILL_BY_PUT_UP_TO = 100
SETTLE_S = 0.002
"""so long a server may still tidy up after an answer before its CPU time is read"""
FEWEST, MOST = 1, 400


@dataclass(frozen=True)
class Limits:
    """How long one row may take on one server in one round, and the large file that goes up and down."""

    budget_s: float
    large: Path


@dataclass
class Place:
    """One collection: where it is, what it holds (name to object; for files to None), and fresh objects to add."""

    server: Server
    kind: Kind
    href: str
    limits: Limits
    members: dict[str, Object | None]
    fresh: Iterator[Object]
    almanac: Almanac
    rounds: int = 0
    notes: dict[str, str] = field(default_factory=dict)
    """what a row remembers from one round to the next"""

    def contacts(self) -> dict[str, Contact]:
        """Return the members that are cards."""
        return {name: member for name, member in self.members.items() if isinstance(member, Contact)}

    def events(self) -> dict[str, CalendarObject]:
        """Return the members that are calendar objects."""
        return {name: member for name, member in self.members.items() if isinstance(member, CalendarObject)}

    def put_fresh(self) -> Request:
        """Return the PUT of a new member; it counts as one from now on."""
        member = next(self.fresh)
        self.members[member.name] = member
        return put(self, member.name, member.body, "If-None-Match: *\r\n")

    def series(
        self, step: Callable[[Connection], Answer], check: Callable[[Answer], object], most: int = MOST
    ) -> Block:
        """Repeat `step` on one connection for the budget; CPU time is that of the whole series."""
        tree = self.server.tree
        tree.look()
        walls: list[float] = []
        with Connection(self.server.address) as connection:
            connection.opened()
            until = time.perf_counter() + self.limits.budget_s
            before_s = tree.cpu_s()
            while len(walls) < FEWEST or (len(walls) < most and time.perf_counter() < until):
                answer = step(connection)
                walls.append(answer.wall_s)
                check(answer)
            time.sleep(SETTLE_S)
            return Block(walls, tree.cpu_s() - before_s, len(walls))

    def series_after(
        self,
        before: Callable[[Connection], object],
        step: Callable[[Connection], Answer],
        check: Callable[[Answer], object],
    ) -> Block:
        """Repeat `before` and `step`; only `step` is timed and its CPU time counted."""
        tree = self.server.tree
        tree.look()
        walls: list[float] = []
        cpu_s = 0.0
        with Connection(self.server.address) as connection:
            until = time.perf_counter() + self.limits.budget_s
            while len(walls) < FEWEST or (len(walls) < MOST and time.perf_counter() < until):
                before(connection)
                time.sleep(SETTLE_S)
                before_s = tree.cpu_s()
                answer = step(connection)
                time.sleep(SETTLE_S)
                cpu_s += tree.cpu_s() - before_s
                walls.append(answer.wall_s)
                check(answer)
        return Block(walls, cpu_s, len(walls))

    def crowd(self, requests: Iterable[Request], connections: int, check: Callable[[Answer], object]) -> Block:
        """Send requests over several connections at once for the budget; the wall time of one is its share."""
        tree = self.server.tree
        tree.look()
        until = time.perf_counter() + self.limits.budget_s
        before_s = tree.cpu_s()
        started = time.perf_counter()
        count = 0
        for _, answer in in_parallel(self.server.address, _until(until, requests), connections):
            check(answer)
            count += 1
        wall_s = time.perf_counter() - started
        time.sleep(SETTLE_S)
        return Block([wall_s / count], tree.cpu_s() - before_s, count)


def put(place: Place, name: str, body: bytes, headers: str = "") -> Request:
    """Return the PUT of a member below the place."""
    kinds: dict[Kind, str] = {"cards": "text/vcard", "events": "text/calendar", "files": "application/octet-stream"}
    return Request("PUT", f"{place.href}{quote(name)}", body, f"Content-Type: {kinds[place.kind]}\r\n{headers}")


def opened(server: Server, kind: Kind, size: int, seed: int, limits: Limits) -> Place:
    """Return a new collection with `size` members on the server, listed once and counted."""
    name = f"{kind}-{size}"
    place = Place(
        server=server,
        kind=kind,
        href=f"{server.home(kind)}{name}/",
        limits=limits,
        members={},
        fresh=_objects(kind, 1_000_000, seed + 1),
        almanac=Almanac(),
    )
    with Connection(server.address) as connection:
        expect(connection.ask(_making(kind, place.href)), 201)
    if kind == "files":
        _fill(place, [(f"{number:05d}.txt", random.Random(number).randbytes(100)) for number in range(size)])
    else:
        members = list(_objects(kind, size, seed))
        place.members.update((member.name, member) for member in members)
        _fill(place, [(member.name, member.body) for member in members])
    return place


def _objects(kind: Kind, count: int, seed: int) -> Iterator[Object]:
    return iter(contacts(count, seed)) if kind == "cards" else iter(events(count, seed))


def _making(kind: Kind, href: str) -> Request:
    """Return the request that makes a collection of that kind."""
    if kind == "files":
        return Request("MKCOL", href)
    if kind == "events":
        body = f"{answers.OPENING}<C:mkcalendar {answers.SPACES}/>"
        return Request("MKCALENDAR", href, body.encode(), answers.XML)
    kinds = "<set><prop><resourcetype><collection/><A:addressbook/></resourcetype></prop></set>"
    return Request("MKCOL", href, f"{answers.OPENING}<mkcol {answers.SPACES}>{kinds}</mkcol>".encode(), answers.XML)


def _fill(place: Place, members: list[tuple[str, bytes]]) -> None:
    """Put the members there, quickly, and see that all of them are listed."""
    if len(members) <= FILL_BY_PUT_UP_TO or not place.server.fill(place.href, members):
        requests = (put(place, name, body) for name, body in members)
        for _, answer in in_parallel(place.server.address, requests, FILL_CONNECTIONS):
            expect(answer, 200, 201, 204)
    place.members.update((name, place.members.get(name)) for name, _ in members)
    with Connection(place.server.address) as connection:
        listing = answers.OPENING + '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        answer = connection.ask(Request("PROPFIND", place.href, listing.encode(), f"{answers.XML}Depth: 1\r\n"))
    found = len(multistatus(answer).rows) - 1
    if found != len(members):
        raise Wrong(f"{found} of {len(members)} members are listed after the load")


def _until(moment: float, requests: Iterable[Request]) -> Iterator[Request]:
    for request in requests:
        yield request
        if time.perf_counter() > moment:
            return
