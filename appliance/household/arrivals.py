"""What is known of a phone that comes in and of a device that is in: the facts of its ticks, and what it holds.

Read from rows that requests left behind (`sighted.py`); whoever waits calls `Sightings.write_all` first. Nothing is
judged here (`ticks.py` does) and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.clock import from_micros
from appliance.household import devices, onboarding, sighted
from appliance.household.devices import Device
from appliance.household.onboarding import Pairing
from appliance.household.throttle import network_of
from appliance.household.ticks import Facts, Part, Wrong
from appliance.store.database import Reading


@dataclass(frozen=True, slots=True)
class Holding:
    """What a device holds of one address book or calendar, as far as the server can know.

    `behind`: how many names changed since the token that it has; None: it has none and compares listings.
    """

    collection_id: int
    kind: str  # addressbook | calendar
    first_at: datetime
    last_at: datetime
    behind: int | None
    fetched: int
    total: int


def facts_of_pairing(reading: Reading, pairing_id: int) -> Facts:
    """Return what is known of the phone that a code was made for; raises NotFound when there is no such pairing."""
    found = onboarding.pairing(reading, pairing_id)
    if found is None:
        raise errors.NotFound("This code was forgotten: it was not used in time.")
    device = None if found.device_id is None else devices.device(reading, found.device_id)
    return _facts(reading, found, device)


def facts_of_device(reading: Reading, device_id: int) -> Facts:
    """Return the same for a device, however it came in; raises NotPossible when there is none with a password."""
    device = devices.existing(reading, device_id)
    return _facts(reading, onboarding.pairing_of_device(reading, device_id), device)


def holdings(reading: Reading, device_id: int) -> list[Holding]:
    """Return what a device holds of each address book and calendar that is still there."""
    rows = reading.execute(
        "SELECT s.collection_id, c.kind, s.first_at, s.last_at, s.seq, s.fetched,"
        " (SELECT count(*) FROM member m WHERE m.collection_id = s.collection_id) AS total,"
        " (SELECT count(*) FROM member m WHERE m.collection_id = s.collection_id AND m.seq > s.seq)"
        " + (SELECT count(*) FROM gone g WHERE g.collection_id = s.collection_id AND g.seq > s.seq) AS behind"
        " FROM synced s JOIN collection c ON c.id = s.collection_id"
        " JOIN resource r ON r.id = s.collection_id AND r.alive = 1"
        " WHERE s.device_id = ? AND c.kind IN ('addressbook', 'calendar') ORDER BY c.kind, s.collection_id",
        (device_id,),
    ).fetchall()
    return [
        Holding(
            collection_id=row["collection_id"],
            kind=row["kind"],
            first_at=from_micros(row["first_at"]),
            last_at=from_micros(row["last_at"]),
            behind=None if row["seq"] is None else row["behind"],
            fetched=row["fetched"],
            total=row["total"],
        )
        for row in rows
    ]


def refused_ids(reading: Reading, device_id: int, *, limit: int) -> list[int]:
    """Return the newest edits of a device that were refused and that nobody has settled, the newest first."""
    rows = reading.execute(
        "SELECT id FROM refused INDEXED BY refused_by WHERE device_id = ? AND settled_at IS NULL"
        " ORDER BY id DESC LIMIT ?",
        (device_id, limit),
    ).fetchall()
    return [row["id"] for row in rows]


def _facts(reading: Reading, pairing: Pairing | None, device: Device | None) -> Facts:
    held = [] if device is None else holdings(reading, device.id)
    refused, refused_at = (0, None) if device is None else _refused(reading, device.id)
    made_at = pairing.made_at if pairing is not None else device.created_at if device is not None else None
    assert made_at is not None
    given_at = pairing.given_at if pairing is not None else made_at
    return Facts(
        made_at=made_at,
        expires_at=None if pairing is None else pairing.expires_at,
        closed_at=None if pairing is None else pairing.revoked_at,
        opened_at=None if pairing is None else pairing.opened_at,
        given_at=given_at,
        way=None if pairing is None else pairing.way,
        shut_out_at=None if device is None else device.revoked_at,
        first_seen_at=None if device is None else device.first_seen_at,
        last_seen_at=None if device is None else device.last_seen_at,
        ahead_seconds=None if device is None else device.clock_seconds,
        wrong=_wrong(reading, pairing, device, given_at),
        contacts=_part(reading, device, held, "addressbook"),
        events=_part(reading, device, held, "calendar"),
        refused=refused,
        refused_at=refused_at,
    )


def _wrong(reading: Reading, pairing: Pairing | None, device: Device | None, given_at: datetime | None) -> Wrong | None:
    """Return the newest knock since the settings went over that was this phone's.

    It is its own when its password was nearly right, or when it came from where the code's page was opened.
    """
    if device is None or given_at is None:
        return None
    here = "" if pairing is None or pairing.opened_address is None else network_of(pairing.opened_address)
    found = [
        knock
        for knock in sighted.knocks_at(reading, device.person_id)
        if knock.at >= given_at
        and (knock.device_id == device.id or (knock.device_id is None and here and knock.address == here))
    ]
    return Wrong(found[0].at, found[0].times, found[0].reason) if found else None


def _part(reading: Reading, device: Device | None, held: list[Holding], kind: str) -> Part:
    mine = [holding for holding in held if holding.kind == kind]
    if device is None or not mine:
        return Part()
    row = reading.execute(
        "SELECT min(s.fetched_first_at) AS first_at FROM synced s JOIN collection c ON c.id = s.collection_id"
        " WHERE s.device_id = ? AND c.kind = ?",
        (device.id, kind),
    ).fetchone()
    return Part(
        listed_at=min(holding.first_at for holding in mine),
        fetched=sum(min(holding.fetched, holding.total) for holding in mine),
        fetched_first_at=None if row["first_at"] is None else from_micros(row["first_at"]),
        total=sum(holding.total for holding in mine),
    )


def _refused(reading: Reading, device_id: int) -> tuple[int, datetime | None]:
    row = reading.execute(
        "SELECT count(*) AS times, max(at) AS newest FROM refused WHERE device_id = ? AND settled_at IS NULL",
        (device_id,),
    ).fetchone()
    return row["times"], None if row["newest"] is None else from_micros(row["newest"])
