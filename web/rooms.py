"""What the roof hands to the pages, once, and how a view comes by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from appliance.history.rereading import Rereader
from appliance.household.entrance import Entrance
from appliance.tree.archive import Turns
from appliance.tree.carrying import Carrier
from appliance.tree.hall import Hall
from appliance.tree.visit import Services
from web.looks import Looks

NAME = "gotgan"  # of the rooms among the application's extensions


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms that pages call."""

    hall: Hall  # the household's things, as a person may see and change them
    entrance: Entrance  # passwords, the first visit, the codes of phones
    carrier: Carrier  # carries out what is brought back
    rereader: Rereader  # reads everything again
    zips: Turns = field(default_factory=Turns)  # how many folders may be on their way as zips
    looks: Looks = field(default_factory=Looks)  # what was found about files that may be brought in

    @property
    def services(self) -> Services:
        """Ledger, household, files, settings, clock."""
        return self.hall.services


def rooms() -> Rooms:
    """Return the rooms of the application that answers this request."""
    return cast(Rooms, current_app.extensions[NAME])
