"""Today: one sentence for the whole house, what deserves a look, and who has arrived."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from appliance.household import devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store.database import Reading
from web.routes import Route
from web.visitor import visitor


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person, and the phones and computers of theirs that may come in."""

    person: Person
    devices: tuple[Device, ...]


def show() -> ResponseReturnValue:
    """Show the house as it is now."""
    return render_template("today.html", arrivals=_arrivals(visitor().reading))


def _arrivals(reading: Reading) -> list[Arrival]:
    known = [device for device in devices.devices(reading) if device.revoked_at is None]
    return [
        Arrival(person, tuple(device for device in known if device.person_id == person.id))
        for person in people.people(reading)
        if person.active
    ]


ROUTES = (Route("/", show),)
