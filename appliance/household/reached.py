"""Which devices have heard of a change: by the tokens that they were given. It writes nothing."""

from __future__ import annotations

from appliance.household import devices
from appliance.household.devices import Device
from appliance.store.database import Reading


def reached(reading: Reading, collection_id: int, seq: int) -> list[tuple[Device, bool]]:
    """Return the devices that sync an address book or calendar, and whether each has been told of all up to `seq`.

    Devices that were shut out, and those that only compare listings, are left out.
    """
    rows = reading.execute(
        "SELECT device_id, seq FROM synced WHERE collection_id = ? AND seq IS NOT NULL ORDER BY device_id",
        (collection_id,),
    ).fetchall()
    found = [(devices.device(reading, row["device_id"]), row["seq"] >= seq) for row in rows]
    return [(device, has_it) for device, has_it in found if device is not None and device.revoked_at is None]
