"""A lost phone: one act that shuts it out everywhere, at once, and leaves everything it wrote where it is.

Its key is dead at its next request. Its browser may be signed in as well, and nothing tells whose browser a session is
unless the phone said so: so all sessions of its person end but the one in which *lost* was pressed and those that are
known to be another phone's. Codes of that person that wait are ended, too. What it changed is `history`'s to take back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.household import audit, devices, onboarding, people
from appliance.household.devices import Device
from appliance.store.database import Database
from appliance.store.ledger import Author


@dataclass(frozen=True, slots=True)
class Lost:
    """The device, shut out, and how many browsers were signed out with it."""

    device: Device
    sessions_ended: int


def lose(database: Database, device_id: int, *, by: Author, at: datetime, but: int | None = None) -> Lost:
    """Shut a lost device out, with everything that may be signed in on it; `but` is the session of who says so.

    Its locks go with it. Pressed twice, the sessions that began meanwhile end as well. Raises NotPossible when there
    is no such device, NotPermitted unless it is said by its person or an administrator.
    """
    with database.write() as writing:
        found = devices.existing(writing, device_id)
        people.require_may_act_for(writing, by, found.person_id)
        devices.shut_out(writing, found, at=at)
        ended = writing.execute(
            "DELETE FROM session WHERE person_id = ?1 AND id IS NOT ?2 AND (phone_id IS NULL OR phone_id = ?3)",
            (found.person_id, but, device_id),
        ).rowcount
        onboarding.revoke_rows(writing, found.person_id, at=at)
        writing.execute("DELETE FROM lock WHERE device_id = ?", (device_id,))
        audit.record(writing, by, "device lost", at=at, person_id=found.person_id, device_id=device_id)
        shut = devices.device(writing, device_id)
    if shut is None:
        raise errors.NotPossible(f"There is no device {device_id}; gotgan device list shows them.")
    return Lost(shut, ended)
