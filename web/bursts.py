"""Bursts in words: what a device did all at once, how much it does else, and who may say that it was meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext, ngettext

from appliance.history.actors import who
from appliance.history.phrases import Phrase, sentence
from appliance.store.database import Reading
from appliance.tree.actors import actors
from appliance.tree.bursting import Found
from web.visitor import visitor

TOLD = timedelta(days=7)  # a burst that nobody took back within them was meant


def worth_telling(bursts: Sequence[Found]) -> list[Found]:
    """Return the bursts that are young enough, and that the visitor may take back."""
    return [each for each in bursts if visitor().now - each.began_at < TOLD and may_judge(each)]


def may_judge(found: Found) -> bool:
    """Return whether the visitor may take a burst back, or say that it was meant."""
    return visitor().member.admin or found.device.person_id == visitor().member.id


def deed(found: Found) -> Phrase:
    """Return what a burst did, without who did it."""
    things = tuple(
        Phrase(f"things.{kind}", {"count": count}) for kind, count in found.burst.counts if count
    )  # fmt: skip
    return Phrase(f"run.{found.burst.deed}", {"things": things})


def named(found: Found) -> dict[str, Any]:
    """Return what the addresses of a burst name it by."""
    return {"device_id": found.device.id, "deed": found.burst.deed, "since_seq": found.since_seq}


def said(reading: Reading, found: Found) -> str:
    """Return which device did what, in a sentence."""
    actor = actors(reading)(found.device.id)
    done = Phrase("line", {"who": who(found.device.id, actor), "what": deed(found)})
    return sentence(done, visitor().language)


def usually(found: Found) -> str:
    """Return how much of the kind a device does else, and what of it is there again."""
    usual = round(found.burst.usual)
    if found.burst.deed == "deleted":
        said = ngettext("It usually deletes one in a week.", "It usually deletes about %(num)s in a week.", usual)
        said = said if usual else gettext("It usually deletes hardly anything.")
    else:
        said = ngettext("It usually changes one in a week.", "It usually changes about %(num)s in a week.", usual)
        said = said if usual else gettext("It usually changes hardly anything.")
    back = found.burst.count - found.left
    if back > 0:
        said += " " + ngettext("%(num)s of them is there again.", "%(num)s of them are there again.", back)
    return str(said)
