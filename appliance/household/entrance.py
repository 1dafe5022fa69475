"""What lets people and phones in, built once: the pages are handed this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.household.claiming import FirstVisit
from appliance.household.drafts import Drafts
from appliance.household.onboarding import Onboarding
from appliance.household.opening import Household
from appliance.household.passwords import Passwords
from appliance.household.sightings import Sightings
from appliance.household.throttle import Rate, Throttle
from appliance.settings import Settings
from appliance.store.file_moves import FileMover
from appliance.store.ledger import Ledger

CODES_OF_ALL = Rate(burst=100, every_seconds=3.0)  # wide: a stranger's guesses must not keep a phone waiting


@dataclass(frozen=True, slots=True)
class Entrance:
    """The first visit, passwords, the codes of phones, and who notes what devices do."""

    passwords: Passwords
    first_visit: FirstVisit
    drafts: Drafts  # of the first visit
    onboarding: Onboarding
    sightings: Sightings


def make_entrance(
    ledger: Ledger, settings: Settings, household: Household, *, key: bytes, mover: FileMover, sightings: Sightings,
    seconds: Callable[[], float],
) -> Entrance:  # fmt: skip
    """Build it. `seconds` never runs backwards. Each kind of secret has a throttle of its own."""
    passwords = Passwords(ledger.database, Throttle(seconds))
    first_visit = FirstVisit(
        ledger, settings, household, key=key, throttle=Throttle(seconds), passwords=passwords, mover=mover
    )
    onboarding = Onboarding(ledger.database, key, Throttle(seconds, per_account=CODES_OF_ALL))
    return Entrance(passwords, first_visit, Drafts(), onboarding, sightings)
