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

from appliance import errors
from appliance.household import devices, secrets
from appliance.household.devices import Device, Keyholder
from appliance.household.people import Person
from appliance.household.sightings import Sightings
from appliance.household.throttle import Throttle
from appliance.store.database import Database

LONGEST_USER = 128


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, and with which device."""

    person: Person
    device: Device


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

    def authenticate(self, user: str, password: str, *, address: str, agent: str) -> SignedIn:
        """Return person and device of the credentials that came from `address` with the program `agent`.

        `user` and `password` are decoded text (RFC 7617); the user must be the device's own person, in any case.
        Raises NotSignedIn, or TooManyAttempts when too many wrong ones came from there or for that user.
        """
        user = unicodedata.normalize("NFC", user[:LONGEST_USER]).lower()
        found = self._proven(password)
        if found is None or found.person.name != user:
            self._refuse(address, user)
        elif found.device.revoked_at is not None or not found.person.active:
            raise errors.NotSignedIn("This device was shut out of the household; it can be added again.")
        else:
            self._sightings.note(found.device.id, address, agent)
            return SignedIn(found.person, found.device)
        raise errors.NotSignedIn("The user name or the device's password is wrong.")

    def _proven(self, password: str) -> Keyholder | None:
        read = secrets.read_device_password(password)
        if read is None:
            return None
        found = self._keyholder(read.prefix)
        stored = found.secret if found is not None else bytes(secrets.KEY_BYTES)
        matching = secrets.digests_match(stored, read.digest(self._key))
        return found if matching else None

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
