"""Who let whom in or shut whom out, as sentences of the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from appliance.household import devices, people
from appliance.household.audit import Act, What
from appliance.household.people import Person
from appliance.store.database import Reading


@dataclass(frozen=True, slots=True)
class Line:
    """One act in words. `person` None: whoever held a code or a link."""

    at: datetime
    person: Person | None
    sentence: str


def lines(reading: Reading, acts: Sequence[Act]) -> list[Line]:
    """Return acts as sentences."""
    persons = {each.id: each for each in people.people(reading)}
    labels = {each.id: each.label for each in devices.of_every_kind(reading)}
    return [_line(act, persons, labels) for act in acts]


def _line(act: Act, persons: Mapping[int, Person], labels: Mapping[int, str]) -> Line:
    who = None if act.person_id is None else persons.get(act.person_id)
    about = None if act.about_person_id is None else persons.get(act.about_person_id)
    said = {
        "who": gettext("Somebody with a link or a code") if who is None else who.display_name,
        "person": gettext("somebody") if about is None else about.display_name,
        "device": labels.get(act.about_device_id or 0, gettext("a device")),
    }
    return Line(act.at, who, _sentence(act.what, said))


def _sentence(what: What, said: Mapping[str, str]) -> str:
    sentences: Mapping[What, str] = {
        "claimed": gettext("%(who)s made the household theirs.", **said),
        "person added": gettext("%(who)s added %(person)s.", **said),
        "person renamed": gettext("%(who)s changed the name of %(person)s.", **said),
        "administrator made": gettext("%(who)s let %(person)s look after the household too.", **said),
        "administrator unmade": gettext("%(who)s took the care of the household from %(person)s.", **said),
        "person disabled": gettext("%(who)s shut out %(person)s.", **said),
        "person enabled": gettext("%(who)s let %(person)s in again.", **said),
        "password set": gettext("%(who)s gave %(person)s a new password.", **said),
        "password changed": gettext("%(person)s changed the password.", **said),
        "password chosen": gettext("%(person)s chose a password by the link.", **said),
        "invited": gettext("%(who)s made a link for %(person)s.", **said),
        "invitation revoked": gettext("%(who)s ended the link for %(person)s.", **said),
        "pairing made": gettext("%(who)s made a code for a phone of %(person)s.", **said),
        "pairing revoked": gettext("%(who)s ended a code for a phone of %(person)s.", **said),
        "device added": gettext("%(device)s of %(person)s was let in.", **said),
        "device renamed": gettext("%(who)s gave %(device)s its name.", **said),
        "device revoked": gettext("%(who)s shut out %(device)s of %(person)s.", **said),
        "device lost": gettext("%(who)s said that %(device)s of %(person)s is lost.", **said),
        "device rewound": gettext("%(who)s took back, for %(person)s, what %(device)s had done.", **said),
        "sessions ended": gettext("%(who)s signed %(person)s out everywhere.", **said),
    }
    return sentences.get(what) or gettext("%(who)s changed something about %(person)s.", **said)
