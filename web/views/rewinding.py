"""Rewinding a device: since when, what that means in three piles, one act, and its receipt.

Only whoever the device belongs to sees what it is about; an administrator sees how much it is, and may do it for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.clock import from_micros
from appliance.history.acts import Act
from appliance.history.plans import Plan
from appliance.history.restore import NOTHING_CHOSEN, Chosen
from appliance.history.sittings import Sitting, sittings
from appliance.household import audit, devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store import touched
from appliance.store.database import Reading
from appliance.store.ledger import Author
from web.asked import Moment, read_moment
from web.carrying import carry_out
from web.piles import chosen, mark, piles, windows
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor

ROWS = 5000  # of a device, among which moments are looked for


@dataclass(frozen=True, slots=True)
class Offered:
    """A moment that is offered: just before a device began to do much."""

    text: str  # as a page asks for it
    began_at: datetime
    sitting: Sitting


@dataclass(frozen=True, slots=True)
class Rewound:
    """The device in question and whose it is."""

    device: Device
    owner: Person

    @property
    def is_mine(self) -> bool:
        """Whether it is the visitor's own."""
        return self.owner.id == visitor().member.id


def show(device_id: int, *, changed: bool = False) -> str:
    """Ask since when, or show what would happen if the device had done nothing since then."""
    wish, since = chosen(request.values), request.values.get("since", "").strip()
    with rooms().services.ledger.database.read() as reading:
        rewound = _rewound(reading, device_id)
        offered = _offered(reading, device_id)
        if not since:
            return render_template("rewinding_when.html", rewound=rewound, offered=offered)
        moment = read_moment(reading, since)
        plan = _plan(reading, rewound, moment, NOTHING_CHOSEN)
        wished = plan if wish == NOTHING_CHOSEN else _plan(reading, rewound, moment, wish)
        told = piles(reading, plan, wished, wish, windows(request.values), named=rewound.is_mine)
    return render_template(
        "rewinding.html", rewound=rewound, offered=offered, moment=moment, piles=told, changed=changed
    )  # fmt: skip


def apply(device_id: int) -> ResponseReturnValue:
    """Undo what the device did, as it was shown."""
    with rooms().services.ledger.database.read() as reading:
        rewound = _rewound(reading, device_id)
        moment = read_moment(reading, request.form.get("since", ""))
        shown = _plan(reading, rewound, moment, NOTHING_CHOSEN)
        wish = chosen(request.form)
        plan = shown if wish == NOTHING_CHOSEN else _plan(reading, rewound, moment, wish)
    if plan.is_empty:
        return redirect(url_for("rewinding.show", device_id=device_id, since=moment.text), 303)
    if request.form.get("seen") != mark(shown):
        return show(device_id, changed=True), 409
    about = Act(device_id=device_id, at=int(moment.at.timestamp() * 1_000_000))
    return carry_out("rewind", plan, about=about, author=_author(rewound))


def _rewound(reading: Reading, device_id: int) -> Rewound:
    """Return the device; NotFound unless it is the visitor's, or the visitor administrates."""
    device = devices.device(reading, device_id)
    owner = None if device is None else people.person(reading, device.person_id)
    here = visitor().member
    if device is None or owner is None or not (owner.id == here.id or (here.admin and device.kind == "phone")):
        raise errors.NotFound("There is no such device.")
    return Rewound(device, owner)


def _plan(reading: Reading, rewound: Rewound, moment: Moment, wish: Chosen) -> Plan:
    return visitor().planner(reading).rewind(rewound.device.id, moment.seq, chosen=wish)


def _offered(reading: Reading, device_id: int) -> list[Offered]:
    zone = visitor().zone
    found = []
    for sitting in sittings(touched.newest_by(reading, device_id, ROWS)):
        began_at = from_micros(sitting.began_at)
        before = (began_at - timedelta(microseconds=1)).astimezone(zone)
        found.append(Offered(before.isoformat(timespec="microseconds"), began_at, sitting))
    return found


def _author(rewound: Rewound) -> Author:
    """Return who signs: the visitor; for somebody else's device with that person's rights, and it is written down."""
    here = visitor()
    if rewound.is_mine:
        return here.author
    with rooms().services.ledger.database.write() as writing:
        audit.record(
            writing, here.author, "device rewound", at=here.now, person_id=rewound.owner.id, device_id=rewound.device.id
        )
    return Author(rewound.owner.id, here.author.device_id)


ROUTES = (
    Route("/rewind/<int:device_id>", show),
    Route("/rewind/<int:device_id>", apply, ("POST",)),
)
