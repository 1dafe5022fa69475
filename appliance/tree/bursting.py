"""Which devices deleted or changed far more than usual lately, asked of the ledger; `history.bursts` decides.

Only what signs in by itself is asked about: who deletes in the pages has a receipt, and of the disk an alarm tells.
Somebody may say that a burst was meant; that is kept as an alarm which is known, until somebody takes it back or the
burst goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from appliance.clock import from_micros, to_micros
from appliance.history.acts import Act
from appliance.history.bursts import FEWEST, TIMES, WEEK, WEEKS, Burst, Pulse, bursts
from appliance.history.timeline import seq_since
from appliance.household import devices
from appliance.household.devices import Device
from appliance.store import alarms, batches, tallies
from appliance.store.alarms import Alarm
from appliance.store.database import Database, Reading
from appliance.store.tallies import QUARTER, Tally

THINGS = frozenset({"card", "event", "file", "folder"})
QUARTERS = (WEEKS + 1) * WEEK  # how far back is asked: a week, and those before it to compare with
LOOKED_AT = 100  # batches


@dataclass(frozen=True, slots=True)
class Found:
    """A burst and its device. `since_seq` is the state before it; `left` how many are still as it left them.

    `last_seq` ends the quarter of an hour in which it ended, `own_seq` is its own last row.
    """

    burst: Burst
    device: Device
    since_seq: int
    last_seq: int
    own_seq: int
    began_at: datetime
    left: int


def found_in(reading: Reading, counted: Iterable[Tally], *, now: datetime) -> list[Found]:
    """Return the bursts among some counts, the oldest first."""
    phones = {device.id: device for device in devices.devices(reading)}
    pulses = [
        Pulse(each.device_id, "changed" if each.alive else "deleted", each.kind, each.quarter, each.rows)
        for each in counted
        if each.device_id in phones and each.device_id is not None and each.kind in THINGS
    ]
    told = (_found(reading, burst, phones[burst.device_id], now) for burst in bursts(pulses))
    return [each for each in told if each is not None]


def _found(reading: Reading, burst: Burst, device: Device, now: datetime) -> Found | None:
    """Return a burst with its rows; None where most of it was new, which harms nothing."""
    since = seq_since(reading, min(from_micros(burst.first_quarter * QUARTER - 1), now), now=now)
    last = seq_since(reading, min(from_micros((burst.last_quarter + 1) * QUARTER - 1), now), now=now)
    if burst.deed == "changed":
        counts = tuple(
            (kind, tallies.changed_by(reading, device.id, kind, after_seq=since, last_seq=last))
            for kind, _ in burst.counts
        )
        burst = Burst(device.id, "changed", counts, burst.first_quarter, burst.last_quarter, burst.usual)
        if burst.count < max(FEWEST, TIMES * burst.usual):
            return None
    first = tallies.first_by(reading, device.id, after_seq=since, last_seq=last)
    own = tallies.last_by(reading, device.id, alive=burst.deed == "changed", after_seq=since, last_seq=last)
    if first is None or own is None:
        return None
    left = burst.count
    if burst.deed == "deleted":
        left = tallies.still_gone(reading, device.id, after_seq=since, last_seq=last)
    return Found(burst, device, first.seq - 1, last, own, from_micros(first.at), left)


def is_taken_back(reading: Reading, found: Found) -> bool:
    """Return whether nothing of a burst is left, or somebody rewound the device past it."""
    if found.left == 0:
        return True
    began = int(found.began_at.timestamp() * 1_000_000)
    return any(
        act is not None and act.device_id == found.device.id and act.at is not None and act.at <= began
        for batch in batches.recent(reading, LOOKED_AT)
        if batch.kind == "rewind" and batch.at >= began and batches.undone_by(reading, batch.id) is None
        for act in (Act.from_json(batch.about),)
    )


# --- what was meant ---------------------------------------------------------------------------------


def say_meant(database: Database, found: Found, *, at: datetime, device_id: int) -> None:
    """Keep that a burst was meant, and through which device somebody said so; no more is asked about it."""
    sentence = f"Device {found.device.id} {found.burst.deed} {found.burst.count} things, and that was meant."
    alarms.know(
        database, alarms.BURST, _subject(found), sentence, at=to_micros(at), device_id=device_id, about_id=found.own_seq
    )


def ask_again(database: Database, meant: Alarm) -> None:
    """Take back that a burst was meant."""
    alarms.settle(database, meant.kind, meant.subject)


def said_meant(reading: Reading, found: Found) -> Alarm | None:
    """Return who said when that a burst was meant, as far as it had gone by then; None: nobody, or it went on."""
    for said in alarms.of_kind(reading, alarms.BURST):
        device, deed, since = said.subject.split()
        is_it = (int(device), deed) == (found.device.id, found.burst.deed)
        if is_it and int(since) <= found.since_seq and found.own_seq <= (said.about_id or 0):
            return said
    return None


def wants_look(reading: Reading, found: Found) -> bool:
    """Return whether somebody should look at a burst: it was neither taken back nor meant."""
    return not is_taken_back(reading, found) and said_meant(reading, found) is None


def _subject(found: Found) -> str:
    return f"{found.device.id} {found.burst.deed} {found.since_seq}"
