"""Which device a browser runs on, as far as it says: to offer what fits and to propose a name, nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

System = Literal["ios", "mac", "android", "windows", "linux", "other"]

_MODEL = re.compile(r"Android [0-9.]+; (?P<model>[^;)]{2,40}?)(?: Build/[^)]*)?\)")
_SYSTEMS: tuple[tuple[str, System, str], ...] = (
    ("iPhone", "ios", "iPhone"),
    ("iPad", "ios", "iPad"),
    ("Android", "android", "Android"),
    ("Macintosh", "mac", "Mac"),  # an iPad that asks for desktop pages says so, too
    ("Windows", "windows", "Windows"),
    ("Linux", "linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Phone:
    """What a browser runs on. `label` is a name to propose: `iPhone`, `SM-S928N`; empty where nothing is known."""

    system: System
    label: str


def recognised(agent: str) -> Phone:
    """Return what a User-Agent says of the device."""
    for marker, system, label in _SYSTEMS:
        if marker in agent:
            model = _MODEL.search(agent) if system == "android" else None
            return Phone(system, model["model"].strip() if model else label)
    return Phone("other", "")
