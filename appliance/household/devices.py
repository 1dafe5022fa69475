"""Devices: one password each, shown once, revoked alone (promise 8).

A phone is a device, and so are the pages and the command line, each of them once per person and without a password:
every row of the ledger says who wrote it and how. Rows are never removed. It refuses to give a password out twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.household import audit, people, secrets
from appliance.household.people import Person, checked_shown_name
from appliance.store.database import Database, Reading, Row, Writing
from appliance.store.ledger import Author

Kind = Literal["phone", "pages", "shell"]

_DEVICES = (
    "SELECT d.id, d.person_id, d.label, d.kind, d.prefix, d.created_at, d.revoked_at, d.last_seen_at, d.last_address,"
    " d.last_agent, d.first_seen_at, d.clock_seconds, d.secret FROM device d"
)
_TRIES = 8  # a prefix that is taken: 1 in a million with a thousand devices


@dataclass(frozen=True, slots=True)
class Device:
    """One key to the household. `prefix` is the public part of its password, None where it has none."""

    id: int
    person_id: int
    label: str
    kind: Kind
    prefix: str | None
    created_at: datetime
    revoked_at: datetime | None
    last_seen_at: datetime | None
    last_address: str | None
    last_agent: str | None
    first_seen_at: datetime | None = None
    clock_seconds: int | None = None  # how far its clock was ahead when it last told; None: it never does


@dataclass(frozen=True, slots=True)
class AddedDevice:
    """A new device and its password, which is shown now and never again."""

    device: Device
    password: str = field(repr=False)


def add(
    database: Database, key: bytes, person: Person, label: str, *, at: datetime, by: Author | None = None
) -> AddedDevice:
    """Add a device of a person and return it with its password.

    Raises WrongCall for a label that cannot be read, NotPossible when the person is disabled.
    """
    with database.write() as writing:
        return insert(writing, key, person, label, by=by, at=at)


def insert(writing: Writing, key: bytes, person: Person, label: str, *, by: Author | None, at: datetime) -> AddedDevice:
    """Add a device within a transaction; raises what `add` raises. `by` None: whoever held a code."""
    if not person.active:
        raise errors.NotPossible(f"{person.display_name} is disabled: gotgan person enable {person.name}.")
    password = _unused(writing)
    cursor = writing.execute(
        "INSERT INTO device (person_id, label, kind, prefix, secret, created_at) VALUES (?, ?, 'phone', ?, ?, ?)",
        (person.id, checked_shown_name(label), password.prefix, password.digest(key), to_micros(at)),
    )
    added = device(writing, int(cursor.lastrowid or 0))
    assert added is not None
    audit.record(writing, by, "device added", at=at, person_id=person.id, device_id=added.id)
    return AddedDevice(added, password.spelled())


def _unused(writing: Writing) -> secrets.DevicePassword:
    for _ in range(_TRIES):
        password = secrets.new_device_password()
        if writing.execute("SELECT 1 FROM device WHERE prefix = ?", (password.prefix,)).fetchone() is None:
            return password
    raise errors.NotPossible("No unused password could be made; is the machine's source of random numbers broken?")


def device(reading: Reading | Writing, device_id: int) -> Device | None:
    """Return the device with this id, revoked or not."""
    row = reading.execute(_DEVICES + " WHERE d.id = ?", (device_id,)).fetchone()
    return None if row is None else of_row(row)


def devices(reading: Reading | Writing, person_id: int | None = None) -> list[Device]:
    """Return the devices with a password of one person, or of all: oldest first, revoked ones included."""
    rows = reading.execute(
        _DEVICES + " WHERE d.kind = 'phone' AND (?1 IS NULL OR d.person_id = ?1) ORDER BY d.id",
        (person_id,),
    ).fetchall()
    return [of_row(row) for row in rows]


def of_every_kind(reading: Reading | Writing) -> list[Device]:
    """Return all devices, pages and command lines included, oldest first: whoever may have written a row."""
    return [of_row(row) for row in reading.execute(_DEVICES + " ORDER BY d.id").fetchall()]


def rename(database: Database, device_id: int, label: str, *, by: Author, at: datetime) -> Device:
    """Call a device something else, also in what is told of the past, and return it; its password stays.

    Raises WrongCall for a label that cannot be read, NotPossible when there is no such device, NotPermitted unless it
    is its person or an administrator.
    """
    checked = checked_shown_name(label)
    with database.write() as writing:
        found = existing(writing, device_id)
        people.require_may_act_for(writing, by, found.person_id)
        writing.execute("UPDATE device SET label = ? WHERE id = ?", (checked, device_id))
        audit.record(writing, by, "device renamed", at=at, person_id=found.person_id, device_id=device_id)
        renamed = device(writing, device_id)
    assert renamed is not None
    return renamed


def revoke(database: Database, device_id: int, *, at: datetime, by: Author | None = None) -> Device:
    """Shut one device out at once and return it; what it wrote stays. Twice is once.

    Raises NotPossible when there is no such device or it is the pages or the command line.
    """
    with database.write() as writing:
        found = existing(writing, device_id)
        if shut_out(writing, found, at=at):
            audit.record(writing, by, "device revoked", at=at, person_id=found.person_id, device_id=device_id)
        revoked = device(writing, device_id)
    assert revoked is not None
    return revoked


def existing(reading: Reading | Writing, device_id: int) -> Device:
    """Return the device with a password of this id, revoked or not; raises NotPossible when there is none."""
    found = device(reading, device_id)
    if found is None or found.kind != "phone":
        raise errors.NotPossible(f"There is no device {device_id}; gotgan device list shows them.")
    return found


def shut_out(writing: Writing, found: Device, *, at: datetime) -> bool:
    """Revoke a device within a transaction; return whether it was not revoked before."""
    cursor = writing.execute(
        "UPDATE device SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (to_micros(at), found.id)
    )
    return cursor.rowcount > 0


def is_revoked(reading: Reading | Writing, device_id: int) -> bool:
    """Return whether a device was shut out: asked again inside each write, because a long one may be under way."""
    row = reading.execute("SELECT revoked_at FROM device WHERE id = ?", (device_id,)).fetchone()
    return row is not None and row["revoked_at"] is not None


def passwords_exist(reading: Reading | Writing) -> bool:
    """Return whether a device could sign in: then the box's key must be there, not be made."""
    found = reading.execute("SELECT 1 FROM device WHERE secret IS NOT NULL AND revoked_at IS NULL LIMIT 1").fetchone()
    return found is not None


def own_author(
    database: Database, person_id: int, kind: Literal["pages", "shell"], *, label: str, at: datetime
) -> Author:
    """Return who writes when this person uses the pages or the command line; the device is made at the first use."""
    found = _own(database.connection(), person_id, kind)
    if found is None:
        with database.write() as writing:
            found = _own(writing, person_id, kind)
            if found is None:
                found = insert_own(writing, person_id, kind, label, created_at=to_micros(at))
    return Author(person_id, found)


def insert_own(
    writing: Writing, person_id: int, kind: Literal["pages", "shell"], label: str, *, created_at: int
) -> int:
    """Add a device without a password and return its id; `created_at` in microseconds."""
    cursor = writing.execute(
        "INSERT INTO device (person_id, label, kind, created_at) VALUES (?, ?, ?, ?)",
        (person_id, label, kind, created_at),
    )
    return int(cursor.lastrowid or 0)


def _own(reading: Reading | Writing, person_id: int, kind: str) -> int | None:
    row = reading.execute(
        "SELECT id FROM device WHERE person_id = ? AND kind = ? ORDER BY id LIMIT 1", (person_id, kind)
    ).fetchone()
    return None if row is None else int(row["id"])


def of_row(row: Row) -> Device:
    """Return the device of a row with the columns of `device`."""
    return Device(
        id=row["id"],
        person_id=row["person_id"],
        label=row["label"],
        kind=row["kind"],
        prefix=row["prefix"],
        created_at=from_micros(row["created_at"]),
        revoked_at=_moment(row["revoked_at"]),
        last_seen_at=_moment(row["last_seen_at"]),
        last_address=row["last_address"],
        last_agent=row["last_agent"],
        first_seen_at=_moment(row["first_seen_at"]),
        clock_seconds=row["clock_seconds"],
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


@dataclass(frozen=True, slots=True)
class Keyholder:
    """A device found by the public part of its password, with its owner and what proves it."""

    person: Person
    device: Device
    secret: bytes = field(repr=False)


def keyholder(reading: Reading, prefix: str) -> Keyholder | None:
    """Return the device whose password begins with `prefix`, revoked or not, and its person: two index lookups."""
    row = reading.execute(_DEVICES + " WHERE d.prefix = ? AND d.secret IS NOT NULL", (prefix,)).fetchone()
    if row is None:
        return None
    owner = people.person(reading, row["person_id"])
    return None if owner is None else Keyholder(owner, of_row(row), row["secret"])
