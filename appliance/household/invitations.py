"""Links by which somebody chooses a password for the pages: one that joins, and one that forgot.

An administrator makes the link; it is told once, works once, for seven days, and only its hash is kept. A newer one
for the same person takes the place of the older. It refuses to say more about a link that is dead than that it is.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.household import audit, passwords, people
from appliance.household.passwords import Passwords
from appliance.household.people import Person
from appliance.household.sessions import Proven
from appliance.store.database import Database, Reading, Row, Writing
from appliance.store.ledger import Author

LIFE = timedelta(days=7)
TOKEN_BYTES = 32
LONGEST_TOKEN = 100

_INVITATIONS = "SELECT id, person_id, made_by, made_at, expires_at FROM invitation"
_WORKING = _INVITATIONS + " WHERE used_at IS NULL AND revoked_at IS NULL AND expires_at > :now"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that works. `made_by` is the administrator's device; `person.has_password`: it replaces a password."""

    id: int
    person: Person
    made_by: int
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """A new link: the token is told now and never again."""

    invitation: Invitation
    token: str = field(repr=False)


def invite(database: Database, person: Person, *, by: Author, at: datetime) -> Invited:
    """Make the link by which a person chooses a password; earlier ones of that person are dead.

    Raises NotPermitted unless an administrator makes it, NotPossible when the person is shut out.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with database.write() as writing:
        people.require_administrator(writing, by)
        found = people.person(writing, person.id)
        if found is None or not found.active:
            raise errors.NotPossible(f"{person.display_name} is disabled: gotgan person enable {person.name}.")
        writing.execute(
            "UPDATE invitation SET revoked_at = ? WHERE person_id = ? AND used_at IS NULL AND revoked_at IS NULL",
            (to_micros(at), person.id),
        )
        cursor = writing.execute(
            "INSERT INTO invitation (digest, person_id, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            (_digest(token), person.id, by.device_id, to_micros(at), to_micros(at + LIFE)),
        )
        audit.record(writing, by, "invited", at=at, person_id=person.id)
        row = writing.execute(_INVITATIONS + " WHERE id = ?", (cursor.lastrowid,)).fetchone()
        made = _invitation(row, found)
    return Invited(made, token)


def look(reading: Reading | Writing, token: str, *, at: datetime) -> Invitation:
    """Return what a link is for, without using it; raises NotFound when it does not work, or not any more."""
    row = None
    if 0 < len(token) <= LONGEST_TOKEN:
        asked = {"now": to_micros(at), "digest": _digest(token)}
        row = reading.execute(_WORKING + " AND digest = :digest", asked).fetchone()
    person = None if row is None else people.person(reading, row["person_id"])
    if row is None or person is None or not person.active:
        raise errors.NotFound("This link does not work any more: it was used, replaced, or is older than a week.")
    return _invitation(row, person)


def use(database: Database, passwords_of: Passwords, token: str, password: str, *, at: datetime) -> Proven:
    """Set the password that was chosen, end the link and all sessions of the person, and return the person.

    Raises NotFound for a dead link, WrongCall for a password that cannot be used (the link goes on working).
    """
    person = look(database.connection(), token, at=at).person
    kept = passwords_of.hashed(password, person.name, person.display_name)
    with database.write() as writing:
        found = look(writing, token, at=at)  # somebody else may have been quicker
        writing.execute("UPDATE invitation SET used_at = ? WHERE id = ?", (to_micros(at), found.id))
        return passwords.replace(writing, found.person.id, kept, by=None, what="password chosen", at=at)


def waiting(reading: Reading, *, at: datetime, person_id: int | None = None) -> list[Invitation]:
    """Return the links that work, of one person or of all, the newest first."""
    rows = reading.execute(
        _WORKING + " AND (:person IS NULL OR person_id = :person) ORDER BY id DESC",
        {"now": to_micros(at), "person": person_id},
    ).fetchall()
    owners = ((row, people.person(reading, row["person_id"])) for row in rows)
    return [_invitation(row, owner) for row, owner in owners if owner is not None and owner.active]


def revoke(database: Database, invitation_id: int, *, by: Author, at: datetime) -> bool:
    """End a link before it is used; return whether it still worked. Raises NotPermitted."""
    with database.write() as writing:
        people.require_administrator(writing, by)
        row = writing.execute(
            "SELECT person_id FROM invitation WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL", (invitation_id,)
        ).fetchone()
        if row is None:
            return False
        writing.execute("UPDATE invitation SET revoked_at = ? WHERE id = ?", (to_micros(at), invitation_id))
        audit.record(writing, by, "invitation revoked", at=at, person_id=row["person_id"])
    return True


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _invitation(row: Row, person: Person) -> Invitation:
    return Invitation(
        id=row["id"],
        person=person,
        made_by=row["made_by"],
        made_at=from_micros(row["made_at"]),
        expires_at=from_micros(row["expires_at"]),
    )
