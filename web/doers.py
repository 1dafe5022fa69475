"""Who did something, as it stands behind "by": a device by its name, a person who did it in the pages."""

from __future__ import annotations

from flask_babel import gettext

from appliance.history.actors import Actor, Actors, who
from appliance.history.phrases import render
from web.visitor import visitor


def doer(device_id: int | None, actor: Actor | None) -> str:
    """Return who it was, in the visitor's language; device None: the disk."""
    if device_id is None:
        return str(gettext("somebody, on the disk itself"))
    if actor is None:
        return str(gettext("a device that is not known any more"))
    if actor.door in ("pages", "shell"):
        return actor.person_shown
    return render(who(device_id, actor), visitor().language)


def doer_of(actors: Actors, device_id: int | None) -> str:
    """Return who it was of a row that names a device only."""
    return doer(device_id, None if device_id is None else actors(device_id))
