"""Who let somebody in or shut somebody out, and when: what an administrator does, and what a code or a link did.

The ledger tells what happened to contents; this tells what happened to people, passwords and keys. Rows are written in
the transaction of what they tell and never change. It refuses to keep passwords, codes and texts that somebody typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from appliance.clock import from_micros, to_micros
from appliance.store.database import Reading, Row, Writing
from appliance.store.ledger import Author

What = Literal[
    "claimed",  # the first visit: the household has an administrator
    "person added",
    "person renamed",
    "administrator made",
    "administrator unmade",
    "person disabled",
    "person enabled",
    "password set",  # by an administrator or on the command line
    "password changed",  # by the person, who knew the one before
    "password chosen",  # through a link
    "invited",
    "invitation revoked",
    "pairing made",
    "pairing revoked",
    "device added",
    "device renamed",
    "device revoked",
    "device lost",
    "device rewound",  # by an administrator, for its person
    "sessions ended",
]
MOST = 200  # a page


@dataclass(frozen=True, slots=True)
class Act:
    """One row. `person_id` and `device_id`: who, with what; None: whoever held a code or a link."""

    id: int
    at: datetime
    person_id: int | None
    device_id: int | None
    what: What
    about_person_id: int | None
    about_device_id: int | None


def record(
    writing: Writing, by: Author | None, what: What, *, at: datetime, person_id: int | None = None,
    device_id: int | None = None,
) -> None:  # fmt: skip
    """Write down what `by` does to a person or a device, in the transaction that does it."""
    writing.execute(
        "INSERT INTO audit (at, person_id, device_id, act, about_person_id, about_device_id) VALUES (?, ?, ?, ?, ?, ?)",
        (
            to_micros(at), None if by is None else by.person_id, None if by is None else by.device_id, what,
            person_id, device_id,
        ),
    )  # fmt: skip


def acts(reading: Reading, *, before: int | None = None, limit: int = MOST) -> list[Act]:
    """Return the newest acts, the newest first; `before` is the id that the page before ended with."""
    rows = reading.execute(
        "SELECT id, at, person_id, device_id, act, about_person_id, about_device_id FROM audit"
        " WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
        (before, limit),
    ).fetchall()
    return [_act(row) for row in rows]


def acts_about(reading: Reading, *, device_id: int) -> list[Act]:
    """Return what was done to one device, the newest first: when it was lost, and who said so."""
    rows = reading.execute(
        "SELECT id, at, person_id, device_id, act, about_person_id, about_device_id FROM audit"
        " WHERE about_device_id = ? ORDER BY id DESC LIMIT ?",
        (device_id, MOST),
    ).fetchall()
    return [_act(row) for row in rows]


def _act(row: Row) -> Act:
    return Act(
        id=row["id"],
        at=from_micros(row["at"]),
        person_id=row["person_id"],
        device_id=row["device_id"],
        what=row["act"],
        about_person_id=row["about_person_id"],
        about_device_id=row["about_device_id"],
    )
