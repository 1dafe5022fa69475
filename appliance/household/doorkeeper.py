"""Who is at the door: a user name and a device password become a person and a device, or a refusal.

A right password is checked before the throttle is asked, and never touches it: with 120 random bits a guesser gains
nothing by it, and nobody who guesses can lock out a phone that knows its password. A wrong one draws from the buckets.
A revoked device or a disabled person knows a password that was right: refused as well, everywhere and always with
NotSignedIn (protocol A5), but no guess. Nothing here sleeps, logs a password or touches the disk but to read.
"""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from appliance import errors
from appliance.household import devices, secrets
from appliance.household.devices import Device, Keyholder
from appliance.household.people import Person
from appliance.household.sighted import Reason
from appliance.household.sightings import Sightings
from appliance.household.throttle import Throttle
from appliance.store.database import Database

LONGEST_USER = 128


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and with which device."""

    person: Person
    device: Device


@dataclass(frozen=True, slots=True)
class _Refused:
    """Who was not let in, and why: for the owner of a device whose password was nearly right."""

    account: str
    reason: Reason
    device_id: int | None


def _knock_of(user: str, near: Keyholder | None, *, proven: bool) -> _Refused:
    if near is not None and proven:  # the right password with somebody else's name
        return _Refused(near.person.name, "user", near.device.id)
    mine = near is not None and near.person.name == user
    return _Refused(user, "password", near.device.id if near is not None and mine else None)


class _Known(threading.local):
    """The devices that this thread has looked up since anything in the database last changed."""

    state: tuple[object, int] | None = None  # the connection and its data_version: another one counts anew

    def __init__(self) -> None:
        self.by_prefix: dict[str, Keyholder] = {}


class Doorkeeper:
    """Checks device passwords. One per process."""

    def __init__(self, database: Database, key: bytes, throttle: Throttle, sightings: Sightings) -> None:
        self._database = database
        self._key = key
        self._throttle = throttle
        self._sightings = sightings
        self._known = _Known()

    def authenticate(
        self, user: str, password: str, *, address: str, agent: str, told_at: datetime | None = None
    ) -> SignedIn:
        """Return person and device of the credentials that came from `address` with the program `agent`.

        `user` and `password` are decoded text (RFC 7617); the user must be the device's own person, in any case.
        `told_at` is what the device says the time is, None where it does not. Raises NotSignedIn, or TooManyAttempts
        when too many wrong ones came from there or for that user.
        """
        user = unicodedata.normalize("NFC", user[:LONGEST_USER]).lower()
        near, proven = self._looked_up(password)
        if near is None or not proven or near.person.name != user:
            knock = _knock_of(user, near, proven=proven)
            self._sightings.knock(knock.account, address, agent, knock.reason, device_id=knock.device_id)
            self._refuse(address, user)
        elif near.device.revoked_at is not None or not near.person.active:
            self._sightings.knock(near.person.name, address, agent, "shut out", device_id=near.device.id)
            raise errors.NotSignedIn("This device was shut out of the household; it can be added again.")
        else:
            self._sightings.note(near.device.id, address, agent, told_at=told_at)
            return SignedIn(near.person, near.device)
        raise errors.NotSignedIn("The user name or the device's password is wrong.")

    def _looked_up(self, password: str) -> tuple[Keyholder | None, bool]:
        """Return the device whose password begins like this one, and whether it is the whole of it."""
        read = secrets.read_device_password(password)
        if read is None:
            return None, False
        found = self._keyholder(read.prefix)
        stored = found.secret if found is not None else bytes(secrets.KEY_BYTES)
        return found, secrets.digests_match(stored, read.digest(self._key)) and found is not None

    def _keyholder(self, prefix: str) -> Keyholder | None:
        # A phone sends its password with each of its many requests. SQLite tells for 2 µs whether anybody, another
        # process included, has written since the last look, so that a revoked device is refused at once all the same.
        connection, known = self._database.connection(), self._known
        state = (connection, connection.execute("PRAGMA data_version").fetchone()[0])
        if state != known.state:
            known.by_prefix.clear()
            known.state = state
        found = known.by_prefix.get(prefix)
        if found is None:
            found = devices.keyholder(connection, prefix)
            if found is not None:
                known.by_prefix[prefix] = found
        return found

    def _refuse(self, address: str, user: str) -> None:
        wait = self._throttle.wrong(address, user)
        if wait:
            raise errors.TooManyAttempts(
                f"Too many wrong passwords; the next attempt counts in {wait} seconds.", retry_after_seconds=wait
            )
