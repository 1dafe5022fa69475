"""Who the devices of the ledger are, in the names that people gave them: for whoever tells a history."""

from __future__ import annotations

from appliance.history.actors import Actor, Actors
from appliance.household import devices, people
from appliance.store.database import Reading


def actors(reading: Reading) -> Actors:
    """Return a function from a device's id to the device and its person; None for one that nobody knows."""
    everybody = {person.id: person for person in people.people(reading)}
    known = {
        each.id: Actor(each.id, each.label, each.kind, owner.name, owner.display_name)
        for each in devices.of_every_kind(reading)
        if (owner := everybody.get(each.person_id)) is not None
    }
    return known.get
