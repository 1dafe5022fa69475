"""One code, one phone: the page behind it makes a device with a password of its own and hands it out once.

A code is made by the person or an administrator, works for fifteen minutes and for one phone. Opening its page changes
nothing but "reached" (whatever shows previews of links opens pages, too); only `give` makes the device. A browser that
fetches a profile twice gets the same one for two minutes, from memory. Guesses draw from a bucket of their own. It
refuses to keep a code or a password, and to tell one a second time after that.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.household import audit, codes, devices, people
from appliance.household.devices import Device
from appliance.household.people import Person
from appliance.household.sessions import Visitor
from appliance.household.sighted import LONGEST_ADDRESS, LONGEST_AGENT, printable
from appliance.household.throttle import Throttle
from appliance.store.database import Database, Reading, Row, Writing
from appliance.store.ledger import Author

Way = Literal["profile", "davx5", "plain"]
"""How the settings went over: Apple's profile, DAVx5's link, or read and typed."""

LIFE = timedelta(minutes=15)
LETTERS = 6  # 30 bits, for fifteen minutes, behind a throttle
GROUP = 3
HELD_FOR = timedelta(minutes=2)
MOST_HELD = 64
ACCOUNT = "codes of phones"  # the bucket that all wrong codes draw from
LONGEST_TICKET = 100

_PAIRINGS = (
    "SELECT id, person_id, made_by, made_at, expires_at, revoked_at, replaces_id, opened_at, opened_address,"
    " opened_agent, device_id, given_at, way FROM pairing"
)


@dataclass(frozen=True, slots=True)
class Pairing:
    """A phone on its way in. `device_id`, `given_at` and `way` are None until it has its settings."""

    id: int
    person_id: int
    made_by: int  # the device through which the code was made
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    replaces_id: int | None  # the device in whose place it comes
    opened_at: datetime | None
    opened_address: str | None
    opened_agent: str | None
    device_id: int | None
    given_at: datetime | None
    way: Way | None

    def is_waiting(self, now: datetime) -> bool:
        """Whether a phone can still come in by it."""
        return self.given_at is None and self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Paired:
    """A new pairing and its code, as it is shown and typed; told now and never again."""

    pairing: Pairing
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """A device that was made just now, with what it signs in with. `ticket` fetches the same for two minutes more."""

    pairing: Pairing
    person: Person
    device: Device
    password: str = field(repr=False)
    ticket: str = field(repr=False)


class Onboarding:
    """Makes codes and takes them. One per process."""

    def __init__(self, database: Database, key: bytes, throttle: Throttle) -> None:
        self._database = database
        self._key = key
        self._throttle = throttle
        self._guard = threading.Lock()
        self._held: dict[bytes, tuple[Given, datetime]] = {}

    def pair(self, person: Person, *, by: Author, at: datetime, replaces: int | None = None) -> Paired:
        """Make a code for one phone of a person; it takes the place of the device `replaces`, which is shut out then.

        Raises NotPermitted unless it is made by the person or an administrator, NotPossible for somebody shut out.
        """
        letters = codes.new_code(LETTERS)
        with self._database.write() as writing:
            owner = people.person(writing, person.id)
            if owner is None or not owner.active:
                raise errors.NotPossible(f"{person.display_name} is disabled: gotgan person enable {person.name}.")
            people.require_may_act_for(writing, by, person.id)
            if replaces is not None and devices.existing(writing, replaces).person_id != person.id:
                raise errors.NotPossible("A phone can only take the place of one of the same person.")
            writing.execute("DELETE FROM pairing WHERE device_id IS NULL AND expires_at < ?", (to_micros(at),))
            cursor = writing.execute(
                "INSERT INTO pairing (digest, person_id, made_by, made_at, expires_at, replaces_id)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._digest(letters), person.id, by.device_id, to_micros(at), to_micros(at + LIFE), replaces),
            )
            audit.record(writing, by, "pairing made", at=at, person_id=person.id, device_id=replaces)
            made = pairing(writing, int(cursor.lastrowid or 0))
        assert made is not None
        return Paired(made, codes.spelled(letters, GROUP))

    def fits(self, code: str, pairing_id: int) -> bool:
        """Return whether this is the code of a pairing: for the page of who made it, which has it in its address."""
        letters = codes.typed(code, LETTERS)
        row = (
            self._database.connection()
            .execute("SELECT 1 FROM pairing WHERE digest = ? AND id = ?", (self._digest(letters), pairing_id))
            .fetchone()
        )
        return row is not None

    def open(self, code: str, visitor: Visitor, *, at: datetime) -> tuple[Pairing, Person]:
        """Return the pairing of a code and whose it is, and note who reached it first.

        One that was used already is returned as such until its time is over, so that the page can say so. Raises
        NotFound for any other code that does not work, TooManyAttempts for too many of them.
        """
        found = self._found(self._database.connection(), code, visitor, at=at)
        if found.opened_at is None and found.given_at is None:
            with self._database.write() as writing:
                writing.execute(
                    "UPDATE pairing SET opened_at = ?, opened_address = ?, opened_agent = ?"
                    " WHERE id = ? AND opened_at IS NULL",
                    (
                        to_micros(at), printable(visitor.address, LONGEST_ADDRESS),
                        printable(visitor.agent, LONGEST_AGENT), found.id,
                    ),
                )  # fmt: skip
                found = pairing(writing, found.id) or found
        return found, self._owner(self._database.connection(), found)

    def give(self, code: str, way: Way, label: str, visitor: Visitor, *, at: datetime) -> Given:
        """Make the device of a code and return its password: once, of two who ask at once to one.

        The device that it replaces is shut out with the same stroke. Raises what `open` raises, NotPossible when the
        code was used, WrongCall for a label that cannot be read.
        """
        found = self._found(self._database.connection(), code, visitor, at=at)
        ticket = secrets.token_urlsafe(32)
        with self._database.write() as writing:
            now = pairing(writing, found.id)
            if now is None or not now.is_waiting(at):
                raise errors.NotPossible("This code was used already; each code connects one phone. Make a new one.")
            owner = self._owner(writing, now)
            added = devices.insert(writing, self._key, owner, label, by=None, at=at)
            self._replace(writing, now, at)
            writing.execute(
                "UPDATE pairing SET device_id = ?, given_at = ?, way = ?, opened_at = coalesce(opened_at, ?),"
                " opened_address = coalesce(opened_address, ?), opened_agent = coalesce(opened_agent, ?) WHERE id = ?",
                (
                    added.device.id, to_micros(at), way, to_micros(at), printable(visitor.address, LONGEST_ADDRESS),
                    printable(visitor.agent, LONGEST_AGENT), now.id,
                ),
            )  # fmt: skip
            done = pairing(writing, now.id)
        assert done is not None
        given = Given(done, owner, added.device, added.password, ticket)
        self._hold(given, at)
        return given

    def held(self, ticket: str, *, at: datetime) -> Given | None:
        """Return what was given out with this ticket within two minutes; None: too late, or never."""
        if not 0 < len(ticket) <= LONGEST_TICKET:
            return None
        with self._guard:
            found = self._held.get(_ticket_digest(ticket))
        return None if found is None or not timedelta(0) <= at - found[1] < HELD_FOR else found[0]

    def _hold(self, given: Given, at: datetime) -> None:
        with self._guard:
            self._held = {
                digest: (other, since) for digest, (other, since) in self._held.items() if at - since < HELD_FOR
            }
            while len(self._held) >= MOST_HELD:
                del self._held[next(iter(self._held))]
            self._held[_ticket_digest(given.ticket)] = (given, at)

    def _found(self, reading: Reading, code: str, visitor: Visitor, *, at: datetime) -> Pairing:
        wait = self._throttle.wait_seconds(visitor.address, ACCOUNT)
        letters = codes.typed(code, LETTERS)
        row = None
        if letters and not wait:
            row = reading.execute(_PAIRINGS + " WHERE digest = ?", (self._digest(letters),)).fetchone()
        found = None if row is None else _pairing(row)
        if found is not None and found.revoked_at is None and at < found.expires_at:
            return found
        if found is None:
            wait = wait or self._throttle.wrong(visitor.address, ACCOUNT)
        if wait:
            raise errors.TooManyAttempts(
                f"Too many wrong codes; the next attempt counts in {wait} seconds.", retry_after_seconds=wait
            )
        raise errors.NotFound("This code does not work, or not any more: codes work for fifteen minutes.")

    def _owner(self, reading: Reading | Writing, found: Pairing) -> Person:
        owner = people.person(reading, found.person_id)
        if owner is None or not owner.active:
            raise errors.NotFound("This code does not work any more.")
        return owner

    def _replace(self, writing: Writing, found: Pairing, at: datetime) -> None:
        replaced = None if found.replaces_id is None else devices.device(writing, found.replaces_id)
        if replaced is not None and devices.shut_out(writing, replaced, at=at):
            audit.record(writing, None, "device revoked", at=at, person_id=replaced.person_id, device_id=replaced.id)

    def _digest(self, letters: str) -> bytes:
        return hmac.digest(self._key, b"pairing " + letters.encode(), hashlib.sha256)


def pairing(reading: Reading | Writing, pairing_id: int) -> Pairing | None:
    """Return the pairing with this id."""
    row = reading.execute(_PAIRINGS + " WHERE id = ?", (pairing_id,)).fetchone()
    return None if row is None else _pairing(row)


def pairing_of_device(reading: Reading, device_id: int) -> Pairing | None:
    """Return how a device came in; None: on the command line."""
    row = reading.execute(_PAIRINGS + " WHERE device_id = ?", (device_id,)).fetchone()
    return None if row is None else _pairing(row)


def waiting(reading: Reading, *, at: datetime, person_id: int | None = None) -> list[Pairing]:
    """Return the pairings by which a phone can still come in, of one person or of all, the newest first."""
    rows = reading.execute(
        _PAIRINGS + " WHERE given_at IS NULL AND revoked_at IS NULL AND expires_at > ?1"
        " AND (?2 IS NULL OR person_id = ?2) ORDER BY id DESC",
        (to_micros(at), person_id),
    ).fetchall()
    return [_pairing(row) for row in rows]


def revoke(database: Database, pairing_id: int, *, by: Author, at: datetime) -> bool:
    """End a code before a phone comes in by it; return whether it still worked. Raises NotPermitted."""
    with database.write() as writing:
        found = pairing(writing, pairing_id)
        if found is None or not found.is_waiting(at):
            return False
        people.require_may_act_for(writing, by, found.person_id)
        writing.execute("UPDATE pairing SET revoked_at = ? WHERE id = ?", (to_micros(at), pairing_id))
        audit.record(writing, by, "pairing revoked", at=at, person_id=found.person_id)
    return True


def revoke_rows(writing: Writing, person_id: int, *, at: datetime) -> None:
    """End all codes of a person that wait, within a transaction that shuts a phone out."""
    writing.execute(
        "UPDATE pairing SET revoked_at = ? WHERE person_id = ? AND given_at IS NULL AND revoked_at IS NULL",
        (to_micros(at), person_id),
    )


def _ticket_digest(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).digest()


def _pairing(row: Row) -> Pairing:
    return Pairing(
        id=row["id"],
        person_id=row["person_id"],
        made_by=row["made_by"],
        made_at=from_micros(row["made_at"]),
        expires_at=from_micros(row["expires_at"]),
        revoked_at=_moment(row["revoked_at"]),
        replaces_id=row["replaces_id"],
        opened_at=_moment(row["opened_at"]),
        opened_address=row["opened_address"],
        opened_agent=row["opened_agent"],
        device_id=row["device_id"],
        given_at=_moment(row["given_at"]),
        way=row["way"],
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
