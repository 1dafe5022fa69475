"""The moments that a device may be rewound to: just before it began to do something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.clock import from_micros
from appliance.history.sittings import Sitting, sittings
from appliance.store import touched
from appliance.store.database import Reading
from web.visitor import visitor

ROWS = 5000  # of a device, among which moments are looked for


@dataclass(frozen=True, slots=True)
class Offered:
    """A moment that is offered."""

    text: str  # as a page asks for it
    began_at: datetime
    sitting: Sitting


def offered(reading: Reading, device_id: int) -> list[Offered]:
    """Return the moments just before a device began to do something, the newest first."""
    zone = visitor().zone
    found = []
    for sitting in sittings(touched.newest_by(reading, device_id, ROWS)):
        began_at = from_micros(sitting.began_at)
        before = (began_at - timedelta(microseconds=1)).astimezone(zone)
        found.append(Offered(before.isoformat(timespec="microseconds"), began_at, sitting))
    return found
