"""One resource's rows as a ledger would have them, written by naming who does what; and the plainest replay of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from appliance import errors
from appliance.history.taking_back import Decision, decide
from appliance.store.placing import Home
from appliance.store.touched import Touched, Written

PHONE, TABLET, LAPTOP, DISK = 1, 2, 3, None
RESOURCE = 77
Act = tuple[int | None, str, str]
"""Who, what (`put`, `move`, `delete`, `set NAME`) and with what: octets, a name, a value; "" removes."""


@dataclass(frozen=True)
class Shelf:
    """Octets by content id: one id for each different body; some may be thinned."""

    bodies: Mapping[int, bytes]
    thinned: frozenset[int] = frozenset()

    def whole(self, content_id: int) -> bytes:
        self.require(content_id)
        return self.bodies[content_id]

    def require(self, content_id: int | None) -> None:
        if content_id in self.thinned:
            raise errors.ContentThinned("It was thinned.")


@dataclass(frozen=True)
class Stands:
    """How the resource is: None as body: it does not live."""

    body: str | None = None
    name: str = "a"
    properties: Mapping[str, str] = field(default_factory=dict)

    def after(self, what: str, value: str) -> Stands | None:
        """How it is after an act; None where that cannot be done."""
        if what == "put":
            return replace(self, body=value, properties=self.properties if self.body is not None else {})
        if self.body is None:
            return None
        if what == "delete":
            return replace(self, body=None, properties={})
        if what == "move":
            return replace(self, name=value)
        name = what.removeprefix("set ")
        kept = {key: said for key, said in self.properties.items() if key != name}
        return replace(self, properties=kept | {name: value} if value else kept)


@dataclass
class Told:
    """Acts turned into rows. What cannot be done, or changes nothing, is left out."""

    base: Stands
    kind: str = "file"
    now: Stands = field(init=False)
    rows: list[Written] = field(default_factory=list)
    writes: list[tuple[int, str, str | None]] = field(default_factory=list)
    contents: dict[str, int] = field(default_factory=dict)
    done: list[Act] = field(default_factory=list)
    _lived: list[bool] = field(default_factory=list)
    seq: int = 10

    def __post_init__(self) -> None:
        self.now = self.base
        self._before = None if self.base.body is None else self._row(5, "put", self.base, TABLET)

    def tell(self, acts: Iterable[Act]) -> Told:
        for who, what, value in acts:
            then = self.now.after(what, value)
            if then not in (None, self.now):
                assert then is not None
                self._write(who, what, then)
                self.done.append((who, what, value))
                self._lived.append(self.now.body is not None)
                self.now = then
        return self

    def _write(self, who: int | None, what: str, then: Stands) -> None:
        self.seq += 1
        if what == "move":
            self.rows.append(self._row(self.seq, "leave", replace(self.now, body=None), who))
            self.seq += 1
        self.rows.append(self._row(self.seq, what.partition(" ")[0], then, who, self.now.body))
        for name in self.now.properties.keys() | then.properties.keys():
            if self.now.properties.get(name) != then.properties.get(name):
                self.writes.append((self.seq, name, then.properties.get(name)))

    def _row(self, seq: int, op: str, how: Stands, who: int | None, last: str | None = None) -> Written:
        said = how.body if how.body is not None else last
        content_id = None if said is None else self.contents.setdefault(said, len(self.contents) + 1)
        return Written(seq, op, int(how.body is not None), 1, how.name, seq,
                       content_id if how.body is not None else None, None, who, None)  # fmt: skip

    def without(self, device: int | None) -> Stands | None:
        """How it would be had a device done nothing; None where others went on with what only that device had made."""
        now = self.base
        for (who, what, value), lived in zip(self.done, self._lived, strict=True):
            if who != device:
                then = now.after(what, value)
                if then is None or (lived and now.body is None):
                    return None
                now = then
        return now

    @property
    def touched(self) -> Touched:
        return Touched(
            RESOURCE, self.kind, self._before, tuple(self.rows), dict(self.base.properties), tuple(self.writes)
        )

    @property
    def shelf(self) -> Shelf:
        return Shelf({content_id: said.encode() for said, content_id in self.contents.items()})

    def decided(self, mine: Callable[[Written], bool], *, overturn: bool = False) -> Decision | None:
        return decide(self.touched, mine, self.shelf, overturn=overturn)

    def with_it(self, decision: Decision | None) -> Stands:
        """How it is when the decision has been carried out."""
        if decision is None or decision.wanted is None:
            return self.now
        wanted = decision.wanted
        if not wanted.is_alive:
            return self.now.after("delete", "") or self.now
        body = self.now.body if self.now.body is not None else self._last_body()
        if wanted.body is not None:
            octets = wanted.body.octets or self.shelf.bodies[wanted.body.content_id or 0]
            body = octets.decode()
        properties = dict(self.now.properties)
        for name, value in wanted.properties:
            properties.pop(name, None)
            if value is not None:
                properties[name] = value
        home = wanted.home or Home(1, self.now.name)
        return Stands(body, home.name, properties)

    def _last_body(self) -> str | None:
        said = {content_id: body for body, content_id in self.contents.items()}
        last = next((row for row in reversed(self.rows) if row.content_id is not None), self._before)
        return None if last is None else said[last.content_id or 0]


def by(device: int | None) -> Callable[[Written], bool]:
    """Rows of one device; None: the disk."""
    return lambda row: row.device_id == device


def everybody(_row: Written) -> bool:
    """Every row."""
    return True
