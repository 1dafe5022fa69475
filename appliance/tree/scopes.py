"""What a history may be asked of: an address, a person, a device, the whole house; in words that a person types.

- `addressbooks/anna/contacts/9F3C.vcf`: one thing, or the last there; a collection: with all below and its shares
- `anna`: what happened in the three homes of a person
- `person:anna`: what a person did, through all devices
- `device:7` or `device:Mina's Galaxy`: what one device did
- nothing, or `household`: everything
"""

from __future__ import annotations

from appliance import errors
from appliance.household import devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.store import mounts, past
from appliance.store.database import Reading
from appliance.store.ledger import COLLECTION_KINDS
from appliance.store.timelines import Scope

EVERYTHING = frozenset({"", "household"})


def read_scope(reading: Reading, text: str) -> Scope:
    """Return what `text` names; NotFound, WrongCall when several devices have the label."""
    said = text.strip().strip("/")
    if said in EVERYTHING:
        return Scope()
    word, _, rest = said.partition(":")
    if word == "device" and rest:
        return Scope(devices=(read_device(reading, rest).id,))
    if word == "person" and rest:
        owner = _person(reading, rest)
        return Scope(devices=tuple(each.id for each in devices.of_every_kind(reading) if each.person_id == owner.id))
    owner_of_all = people.person_named(reading, said)
    if owner_of_all is not None:
        homes = owner_of_all.home_ids()
        return Scope(collections=(homes.addressbook_id, homes.calendar_id, homes.files_id))
    return _at(reading, said)


def read_device(reading: Reading, text: str) -> Device:
    """Return the device with this id or this label, `device:` before it or not; NotFound, WrongCall for several."""
    text = text.strip().removeprefix("device:")
    everybody = devices.of_every_kind(reading)
    found = [each for each in everybody if text.isascii() and text.isdigit() and each.id == int(text)]
    found = found or [each for each in everybody if each.label.casefold() == text.casefold()]
    if not found:
        raise errors.NotFound(f'There is no device "{text}"; gotgan device list shows them.')
    if len(found) > 1:
        ids = ", ".join(f"device:{each.id}" for each in found)
        raise errors.WrongCall(f'Several devices are called "{text}": {ids}.')
    return found[0]


def _person(reading: Reading, slug: str) -> Person:
    found = people.person_named(reading, slug)
    if found is None:
        raise errors.NotFound(f'There is nobody called "{slug}"; gotgan person list shows everybody.')
    return found


def _at(reading: Reading, address: str) -> Scope:
    member = past.last_at(reading, [segment for segment in address.split("/") if segment])
    if member.kind in COLLECTION_KINDS or member.kind == "node":
        return Scope(resources=mounts.ever_of(reading, member.resource_id), collections=(member.resource_id,))
    shown = mounts.of(reading, member.resource_id) if member.kind == "mount" else None
    if shown is not None:  # its own rows, and what happens in what it shows
        return Scope(resources=(member.resource_id,), collections=(shown.target_id,))
    return Scope(resources=(member.resource_id,))
