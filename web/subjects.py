"""What a timeline is about: an address, a person, a device or all that the visitor may see, as a request names it.

What cannot be read is said so, and never means everything; what was not shared looks like what is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import url_for

from appliance import errors
from appliance.history.timeline import Window, seq_since
from appliance.household import devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store import mounts, past, summaries
from appliance.store.database import Reading
from appliance.store.happened import Event, Happened
from appliance.store.ledger import Member, member_of
from appliance.store.timelines import NEWEST, Scope, Visible
from appliance.tree.scopes import read_scope
from appliance.tree.whereabouts import Whereabouts
from web.asked import last_there
from web.visitor import visitor

LINES = 40  # of one page
KINDS: Mapping[str, frozenset[str]] = {
    "contacts": frozenset({"card", "addressbook"}),
    "events": frozenset({"event", "calendar"}),
    "files": frozenset({"file", "folder"}),
}
LEAVES = ("addressbook", "calendar")  # collections that hold no others


@dataclass(frozen=True, slots=True)
class Subject:
    """What was asked for. `member` is what is, or was, at the address; `window` where the page begins."""

    scope: Scope
    window: Window
    address: str = ""
    member: Member | None = None
    person: Person | None = None
    device: Device | None = None
    kind: str | None = None
    day: date | None = None
    doers: frozenset[int] | None = None  # the devices that alone are asked about; None: whoever it was
    steps: tuple[tuple[str, str], ...] = field(default=())  # (address, what people call it) down to the member

    @property
    def is_one(self) -> bool:
        """Whether it is a single contact, event or file."""
        return bool(self.scope.resources) and not self.scope.collections

    @property
    def is_narrowed(self) -> bool:
        """Whether only a part of what happened is asked for."""
        return self.person is not None or self.device is not None or self.kind is not None

    @property
    def is_back(self) -> bool:
        """Whether the page begins somewhere in the past."""
        return self.day is not None or self.window.before_seq != NEWEST

    @property
    def name(self) -> str:
        """What people call it; empty for the whole house."""
        return self.steps[-1][1] if self.steps else ""

    def wanted(self, each: Happened) -> bool:
        """Return whether a row is by one of the doers, and of the kind."""
        if self.doers is not None and each.device_id not in self.doers:
            return False
        return self.kind is None or (isinstance(each, Event) and each.kind in KINDS[self.kind])

    def page(self, **other: object) -> str:
        """Return the address of its timeline, with some of it otherwise; None leaves it out."""
        own: dict[str, object] = {
            "address": self.address or None,
            "person": None if self.person is None else self.person.name,
            "device": None if self.device is None else self.device.id,
            "kind": self.kind,
        }
        return url_for("timeline.show", **(own | other))  # type: ignore[arg-type]  # None is left out


def read_subject(reading: Reading, values: Mapping[str, str], where: Whereabouts) -> Subject:
    """Return what a request asks for; NotFound, WrongCall."""
    address = values.get("address", "").strip("/")
    member = last_there(reading, address) if address else None
    device = _device(reading, values.get("device"))
    person = _person(reading, values.get("person"))
    day = _day(values.get("day"))
    doers = _doers(reading, person, device)
    own = doers is not None and not address and doers <= _own(reading)
    return Subject(
        scope=Scope(devices=tuple(sorted(doers or ()))) if own else _scope(reading, address, where),
        window=_window(reading, values, day),
        address=address,
        member=member,
        person=person,
        device=device,
        kind=_kind(values.get("kind")),
        day=day,
        doers=doers,
        steps=_steps(reading, address),
    )


def visible() -> Visible:
    """Return whether the visitor may see what a collection holds; what was asked once is remembered."""
    known: dict[int, bool] = {}

    def ask(collection_id: int) -> bool:
        if collection_id not in known:
            known[collection_id] = visitor().may_look(collection_id)
        return known[collection_id]

    return ask


def inside(reading: Reading, scope: Scope) -> Callable[[int], bool]:
    """Return whether a collection is one of those of a scope, or lies below one."""
    roots = frozenset(scope.collections)
    known: dict[int, bool] = {}

    def ask(collection_id: int) -> bool:
        if collection_id not in known:
            known[collection_id] = any(each.id in roots for each in past.ancestry(reading, collection_id))
        return known[collection_id]

    return ask


def leaf(reading: Reading, subject: Subject) -> int | None:
    """Return the address book or calendar that it is about, None: it is about something else."""
    member = subject.member
    if member is None or member.kind in LEAVES:
        return None if member is None else member.resource_id
    mount = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
    target = None if mount is None else member_of(reading, mount.target_id)
    return target.resource_id if target is not None and target.kind in LEAVES else None


def _scope(reading: Reading, address: str, where: Whereabouts) -> Scope:
    return read_scope(reading, address) if address else Scope(collections=where.open_to())


def _own(reading: Reading) -> frozenset[int]:
    return frozenset(each.id for each in devices.of_every_kind(reading) if each.person_id == visitor().member.id)


def _doers(reading: Reading, person: Person | None, device: Device | None) -> frozenset[int] | None:
    if device is not None:
        return frozenset({device.id})
    if person is None:
        return None
    return frozenset(each.id for each in devices.of_every_kind(reading) if each.person_id == person.id)


def _device(reading: Reading, said: str | None) -> Device | None:
    if said is None:
        return None
    found = devices.device(reading, int(said)) if said.isascii() and said.isdigit() and len(said) < 19 else None
    if found is None:
        raise errors.NotFound("There is no such device.")
    return found


def _person(reading: Reading, said: str | None) -> Person | None:
    found = None if said is None else people.person_named(reading, said)
    if said is not None and found is None:
        raise errors.NotFound("There is nobody of this name.")
    return found


def _kind(said: str | None) -> str | None:
    if said is not None and said not in KINDS:
        raise errors.WrongCall("What kind of things is meant cannot be read.")
    return said


def _day(said: str | None) -> date | None:
    try:
        return None if said is None else date.fromisoformat(said)
    except ValueError as error:
        raise errors.WrongCall("This is no day.") from error


def _window(reading: Reading, values: Mapping[str, str], day: date | None) -> Window:
    before, told = _numbers(values.get("before", "")), _numbers(values.get("told", ""))
    if before:
        return Window(before_seq=before[0], limit=LINES, told=frozenset(told))
    if day is None:
        return Window(limit=LINES)
    now = visitor().now
    end = datetime.combine(day, time(), visitor().zone) + timedelta(days=1)
    return Window(before_seq=NEWEST if end > now else seq_since(reading, end, now=now) + 1, limit=LINES)


def _numbers(said: str) -> list[int]:
    parts = said.split("-") if said else []
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise errors.WrongCall("Where to read on cannot be read.")
    return [int(part) for part in parts]


def _steps(reading: Reading, address: str) -> tuple[tuple[str, str], ...]:
    """Return what people call each step of an address below a home."""
    parts = address.split("/") if address else []
    steps = []
    for length in range(3, len(parts) + 1):
        path = parts[:length] if parts[0] == "files" or length == 3 else [*parts[:3], "/".join(parts[3:])]
        steps.append(("/".join(path), _called(reading, path)))
        if len(path) > length:
            break
    return tuple(steps)


def _called(reading: Reading, path: list[str]) -> str:
    found = past.last_at(reading, path)
    mount = mounts.of(reading, found.resource_id) if found.kind == "mount" else None
    shown = None if mount is None else summaries.called(reading, mount.target_id)
    return summaries.called(reading, found.resource_id) or shown or found.name
