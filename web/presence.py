"""Who has arrived: a sentence for each phone and computer, and how full the disk is.

A member reads of their own devices what came today, and of those of others only when they were here last; an
administrator counts everybody's, and learns no names. It refuses to judge what deserves a look.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from appliance.clock import to_micros
from appliance.history.phrases import Phrase, render
from appliance.history.timeline import seq_since
from appliance.household import devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store import queries, tallies
from appliance.store.database import Reading
from appliance.store.tallies import QUARTER, Tally
from appliance.tree.bursting import Found
from web.bursts import deed
from web.chronicle import COUNTED_DAYS
from web.rooms import rooms
from web.subjects import visible
from web.visitor import visitor

QUIET = timedelta(days=3)
KINDS = ("card", "event", "file")
JAR_LINES = 15


@dataclass(frozen=True, slots=True)
class Presence:
    """A device in one sentence. `sign` is well, look or second, with its hidden `word`."""

    device: Device
    sign: str
    word: str
    said: str  # begins with what the device is called
    address: str | None

    @property
    def rest(self) -> str:
        """What is said after the name."""
        return self.said.removeprefix(self.device.label)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person, and the phones and computers of theirs. `add`: where one is added, None: not by this visitor."""

    person: Person
    devices: Sequence[Presence]
    add: str | None


@dataclass(frozen=True, slots=True)
class Disk:
    """How full it is; `lines` of the jar are."""

    used_bytes: int
    total_bytes: int

    @property
    def free_bytes(self) -> int:
        """What is left."""
        return self.total_bytes - self.used_bytes

    @property
    def is_tight(self) -> bool:
        """Whether less than a tenth is left."""
        return 10 * self.free_bytes < self.total_bytes

    @property
    def lines(self) -> int:
        """How many lines of the jar are full: at least one, and all of them only when it is."""
        return max(1, JAR_LINES * self.used_bytes // max(self.total_bytes, 1))


def counted(reading: Reading, until: datetime | None = None) -> list[Tally]:
    """Return what happened in some weeks, up to now where nothing else is said.

    It is what the visitor may see, for an administrator the counts of everybody.
    """
    here = visitor()
    is_past = until is not None and until < here.now
    since = (until if until is not None and is_past else here.now) - timedelta(days=COUNTED_DAYS)
    last = seq_since(reading, until, now=here.now) if until is not None and is_past else queries.newest_seq(reading)
    found = tallies.tallies(reading, after_seq=seq_since(reading, since, now=here.now), last_seq=last)
    if here.member.admin:
        return found
    may_see = visible()
    return [each for each in found if may_see(each.collection_id)]


def arrivals(reading: Reading, found: Sequence[Tally], bursts: Sequence[Found]) -> list[Arrival]:
    """Return everybody, the visitor first, with their devices."""
    here = visitor()
    came = _came_today(found)
    known = [device for device in devices.devices(reading) if device.revoked_at is None]
    everybody = sorted(
        (person for person in people.people(reading) if person.active), key=lambda each: each.id != here.member.id
    )
    return [
        Arrival(
            person,
            [_presence(each, came[each.id], bursts) for each in known if each.person_id == person.id],
            _add(person),
        )
        for person in everybody
    ]


def disk() -> Disk:
    """Return how full the disk of the data is."""
    usage = shutil.disk_usage(rooms().services.settings.data)
    return Disk(usage.total - usage.free, usage.total)


def _came_today(found: Sequence[Tally]) -> dict[int, Counter[str]]:
    here = visitor()
    midnight = datetime.combine(here.now.astimezone(here.zone).date(), time(), here.zone)
    first = to_micros(midnight) // QUARTER
    came: dict[int, Counter[str]] = defaultdict(Counter)
    for each in found:
        if each.alive and each.quarter >= first and each.device_id is not None and each.kind in KINDS:
            came[each.device_id][each.kind] += each.rows
    return came


def _presence(device: Device, came: Counter[str], bursts: Sequence[Found]) -> Presence:
    here = visitor()
    may_count = here.member.admin or device.person_id == here.member.id
    address = url_for("devices.one", device_id=device.id) if may_count else None
    burst = next((each for each in bursts if each.device.id == device.id), None)
    if device.last_seen_at is None:
        said = gettext("%(device)s has not come by yet.", device=device.label)
        return Presence(device, "second", gettext("Quiet"), said, address)
    if burst is not None:
        return Presence(device, "look", gettext("Deserves a look"), _did(device, burst), address)
    quiet = here.now - device.last_seen_at
    if quiet >= QUIET:
        said = ngettext(
            "%(device)s has not come by for %(num)s day; it may be saving its battery.",
            "%(device)s has not come by for %(num)s days; it may be saving its battery.",
            quiet.days, device=device.label,
        )  # fmt: skip
        return Presence(device, "second", gettext("Quiet"), said, address)
    said = _arrived(device, came) if may_count else device.label
    return Presence(device, "well", gettext("Arrived"), said, address)


def _arrived(device: Device, came: Counter[str]) -> str:
    language = visitor().language
    things = ", ".join(
        render(Phrase(f"things.{kind}", {"count": came[kind]}), language) for kind in KINDS if came[kind]
    )
    if not things:
        return str(gettext("%(device)s: everything has arrived, nothing new today.", device=device.label))
    return str(gettext("%(device)s: everything has arrived, %(things)s today.", device=device.label, things=things))


def _did(device: Device, found: Found) -> str:
    here = visitor()
    at = f"{found.began_at.astimezone(here.zone):%H:%M}"
    did = render(deed(found), here.language)
    return str(gettext("%(device)s: %(did)s at %(time)s.", device=device.label, did=did, time=at))


def _add(person: Person) -> str | None:
    here = visitor()
    if person.id != here.member.id and not here.member.admin:
        return None
    return url_for("connecting.add", person=person.name)
