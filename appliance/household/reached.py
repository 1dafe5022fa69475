"""Which devices have heard of what a batch did: by the tokens that they were given. It writes nothing.

A token names the newest change of its own collection, so each collection is asked for the last row that the batch has
in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from appliance.household import devices
from appliance.household.devices import Device
from appliance.store.batches import Batch
from appliance.store.database import Reading


def reached(reading: Reading, batch: Batch, collections: Iterable[int]) -> list[tuple[Device, bool]]:
    """Return the devices that sync some of these address books or calendars, and whether each knows all of a batch.

    Devices that were shut out, and those that only compare listings, are left out.
    """
    known: dict[int, list[bool]] = defaultdict(list)
    for collection_id in collections:
        last = _last_row(reading, batch, collection_id)
        rows = reading.execute(
            "SELECT device_id, seq FROM synced WHERE collection_id = ? AND seq IS NOT NULL", (collection_id,)
        ).fetchall()
        for row in rows if last is not None else ():
            known[row["device_id"]].append(row["seq"] >= last)
    found = [(devices.device(reading, device_id), all(each)) for device_id, each in sorted(known.items())]
    return [(device, has_it) for device, has_it in found if device is not None and device.revoked_at is None]


def _last_row(reading: Reading, batch: Batch, collection_id: int) -> int | None:
    row = reading.execute(
        "SELECT seq FROM version WHERE collection_id = ? AND seq BETWEEN ? AND ? AND batch_id = ?"
        " ORDER BY seq DESC LIMIT 1",
        (collection_id, batch.first_seq, batch.last_seq, batch.id),
    ).fetchone()
    return None if row is None else int(row["seq"])
