"""Who did something: a device and whose it is, and how people call it. It refuses to look anybody up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from appliance.history.phrases import Phrase

_HANGUL = re.compile("[가-힣]{3}")  # a family's name, and two syllables that people are called by
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Actor:
    """A device and whose it is. `door` is how it comes in: phone, pages or shell."""

    device_id: int
    label: str
    door: str
    person: str  # the slug
    person_shown: str


Actors = Callable[[int], Actor | None]


def who(device_id: int | None, actor: Actor | None) -> Phrase:
    """Return who it was: the device, and the person where its label does not say whose it is. None: the disk."""
    if device_id is None:
        return Phrase("who.disk")
    if actor is None:
        return Phrase("who.unknown")
    if actor.door in ("pages", "shell"):
        return Phrase(f"who.{actor.door}", {"person": actor.person_shown})
    if _names(actor):
        return Phrase("who.device", {"device": actor.label})
    return Phrase("who.device.of", {"device": actor.label, "person": actor.person_shown})


def _names(actor: Actor) -> bool:
    """Return whether a label says whose device it is: `Mina's Galaxy`, `민아 갤럭시` of 김민아."""
    label = actor.label.casefold()
    words = {word.casefold() for word in (actor.person, *actor.person_shown.split())}
    if _HANGUL.fullmatch(actor.person_shown):
        return actor.person_shown in label or actor.person_shown[1:] in label  # particles follow without a space
    return not words.isdisjoint(_WORD.findall(label))
