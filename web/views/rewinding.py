"""Rewinding a device: since when, what that means in three piles, one act, and its receipt.

Only whoever the device belongs to sees what it is about; an administrator sees how much it is, and may do it for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.history.acts import Act
from appliance.history.plans import Plan
from appliance.history.restore import NOTHING_CHOSEN, Chosen
from appliance.household import audit, devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store.database import Reading
from appliance.store.ledger import Author
from web.asked import Moment, read_moment
from web.carrying import carry_out
from web.offers import offered
from web.piles import Values, chosen, mark, piles, windows
from web.rooms import rooms
from web.routes import Route
from web.visitor import visitor


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
    """Ask since when, or show what would happen if the device had done nothing since then.

    `had` is when somebody last had a lost device: it is offered like the moments when the device did something.
    """
    since, had = (request.values.get(name, "").strip() for name in ("since", "had"))
    with rooms().services.ledger.database.read() as reading:
        rewound = _rewound(reading, device_id)
        wish, offers = _wish(rewound, request.values), offered(reading, device_id)
        if not (since or had):
            return render_template("rewinding_when.html", rewound=rewound, offered=offers)
        moment, last_had = read_moment(reading, since or had), read_moment(reading, had) if had else None
        plan = _plan(reading, rewound, moment, NOTHING_CHOSEN)
        wished = plan if wish == NOTHING_CHOSEN else _plan(reading, rewound, moment, wish)
        told = piles(reading, plan, wished, wish, windows(request.values), named=rewound.is_mine)
    return render_template(
        "rewinding.html", rewound=rewound, offered=offers, moment=moment, had=last_had, piles=told, changed=changed
    )  # fmt: skip


def apply(device_id: int) -> ResponseReturnValue:
    """Undo what the device did, as it was shown."""
    with rooms().services.ledger.database.read() as reading:
        rewound = _rewound(reading, device_id)
        moment = read_moment(reading, request.form.get("since", ""))
        shown = _plan(reading, rewound, moment, NOTHING_CHOSEN)
        wish = _wish(rewound, request.form)
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


def _wish(rewound: Rewound, values: Values) -> Chosen:
    """Return what was chosen; for somebody else's device nothing is, because nobody chooses what they do not see."""
    return chosen(values) if rewound.is_mine else NOTHING_CHOSEN


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
