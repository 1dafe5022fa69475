"""Devices: a key each. The list of them, the page of one, its name, and what to do when it is lost.

A member sees their own, an administrator everybody's: when they came by and how much they hold, never the contents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from appliance import errors
from appliance.household import arrivals, devices, lost, onboarding, people, ticks
from appliance.household.devices import Device
from appliance.household.people import Person
from web import kept_aside, status_of, ticking
from web.offers import Offered, offered
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

MOST_REFUSED = 10
COMPUTERS = (
    "Macintosh",
    "macOS",
    "Mac OS X",
    "Windows",
    "Thunderbird",
    "Evolution",
    "rclone",
    "davfs",
    "gvfs",
    "WebDAV",
)


@dataclass(frozen=True, slots=True)
class Known:
    """A device and whose it is."""

    device: Device
    person: Person

    @property
    def icon(self) -> str:
        """What its program runs on, as far as it says."""
        return icon_of(self.device.last_agent or "")

    @property
    def clock_off(self) -> bool:
        """Whether appointments would move on it."""
        return abs(self.device.clock_seconds or 0) >= ticks.CLOCK_OFF.total_seconds()

    @property
    def clock_said(self) -> str:
        """By how much its clock is off."""
        return ticking.clock_said(self.device.clock_seconds or 0)

    def last_had(self, offered: Sequence[Offered]) -> str:
        """Return a guess as a form's field has it: when it last began to do something, or was seen, or shut out."""
        moment = self.device.last_seen_at or self.device.revoked_at or visitor().now
        moment = offered[0].began_at if offered else moment
        return moment.astimezone(visitor().zone).strftime("%Y-%m-%dT%H:%M")

    @property
    def quiet_days(self) -> int:
        """For how many days it has not come by, 0: less than one, or never."""
        seen = self.device.last_seen_at
        return 0 if seen is None else (visitor().now - seen).days


def icon_of(agent: str) -> str:
    """Return the icon of what a program runs on: a laptop where it says so, else a phone."""
    is_phone = any(name in agent for name in ("iPhone", "iOS", "Android", "DAVx5"))
    return "laptop" if not is_phone and any(name in agent for name in COMPUTERS) else "phone"


def show() -> ResponseReturnValue:
    """Show the devices: one's own, and to an administrator everybody's."""
    here, reading = visitor().member, visitor().reading
    owners = {each.id: each for each in people.people(reading)}
    found = devices.devices(reading, None if here.admin else here.id)
    known = [Known(each, owners[each.person_id]) for each in found]
    return render_template(
        "devices.html",
        alive=sorted((each for each in known if each.device.revoked_at is None), key=_mine_first),
        codes=[
            (each, owners[each.person_id])
            for each in onboarding.waiting(reading, at=visitor().now, person_id=None if here.admin else here.id)
        ],
        gone=sorted((each for each in known if each.device.revoked_at is not None), key=_mine_first),
    )


def _mine_first(known: Known) -> tuple[bool, str, int]:
    return known.person.id != visitor().member.id, known.person.display_name, known.device.id


def end_code(pairing_id: int) -> ResponseReturnValue:
    """End a code that waits for a phone, also where its page is not open any more."""
    onboarding.revoke(rooms().services.ledger.database, pairing_id, by=visitor().author, at=visitor().now)
    return redirect(url_for("devices.show"), 303)


def one(device_id: int) -> ResponseReturnValue:
    """Show one device: its steps, what it holds, what was not taken over from it, and whether it is shut out."""
    return _page(_known(device_id))


def rename(device_id: int) -> ResponseReturnValue:
    """Call a device something else."""
    known = _known(device_id)
    try:
        devices.rename(
            rooms().services.ledger.database, device_id, request.form.get("label", ""), by=visitor().author,
            at=visitor().now,
        )  # fmt: skip
    except errors.WrongCall as error:
        return _page(known, trouble=said(error)), status_of(error)
    return redirect(url_for("devices.one", device_id=device_id), 303)


def ask_lost(device_id: int) -> ResponseReturnValue:
    """Say what happens when a device is shut out, and what does not, before it is."""
    return render_template("device_lost.html", known=_known(device_id))


def lose(device_id: int) -> ResponseReturnValue:
    """Shut a lost device out, with the browsers that may be signed in on it."""
    _known(device_id)
    here = visitor().visit
    lost.lose(rooms().services.ledger.database, device_id, by=here.author, at=visitor().now, but=here.id)
    return redirect(url_for("devices.one", device_id=device_id), 303)


def _page(known: Known, trouble: str = "") -> str:
    """Return the page of a device; its reasons and names are for its person's eyes only."""
    reading, device = visitor().reading, known.device
    ticking.look_again(rooms())
    is_mine = known.person.id == visitor().member.id
    ids = arrivals.refused_ids(reading, device.id, limit=MOST_REFUSED) if is_mine else []
    found = ticks.ticks(arrivals.facts_of_device(reading, device.id), visitor().now)
    return render_template(
        "device.html", known=known, steps=ticking.steps(found, user=known.person.name), held=_held(device.id),
        refused=[kept_aside.one(reading, each) for each in ids], is_mine=is_mine, trouble=trouble,
        offered=[] if device.revoked_at is None else offered(reading, device.id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """How much a device holds of one kind, and how far it is behind; None: it compares listings."""

    kind: str
    count: int
    total: int
    behind: int | None


def _held(device_id: int) -> list[Held]:
    found = arrivals.holdings(visitor().reading, device_id)
    held = []
    for kind in ("addressbook", "calendar"):
        mine = [each for each in found if each.kind == kind]
        if mine:
            behind = [each.behind for each in mine if each.behind is not None]
            held.append(
                Held(
                    kind,
                    sum(min(each.fetched, each.total) for each in mine),
                    sum(each.total for each in mine),
                    sum(behind) if len(behind) == len(mine) else None,
                )
            )
    return held


def _known(device_id: int) -> Known:
    """Return a device that this member may see; raises NotFound for any other."""
    found = devices.device(visitor().reading, device_id)
    here = visitor().member
    if found is None or found.kind != "phone" or not (here.admin or found.person_id == here.id):
        raise errors.NotFound("There is no such device in this house.")
    owner = people.person(visitor().reading, found.person_id)
    assert owner is not None
    return Known(found, owner)


ROUTES = (
    Route("/devices", show),
    Route("/devices/codes/<int:pairing_id>/end", end_code, ("POST",)),
    Route("/devices/<int:device_id>", one),
    Route("/devices/<int:device_id>", rename, ("POST",)),
    Route("/devices/<int:device_id>/lost", ask_lost),
    Route("/devices/<int:device_id>/lost", lose, ("POST",)),
)
