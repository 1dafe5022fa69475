"""Passwords that people choose, for the pages only: what is accepted, how they are checked, how they change.

argon2id takes 19 MiB and 15 ms a look, so one looks at a time, and the throttle is asked first: unlike a device's
password a chosen one can be guessed. An unknown name costs the same work as a known one. The throttle here is not that
of the devices: a phone with an old password must not lock its owner out of the pages. DAV never takes these
(invariant 11). It refuses to keep, log or return a password.
"""

from __future__ import annotations

import threading
import unicodedata
from datetime import datetime

from appliance import errors
from appliance.household import audit, people, sessions
from appliance.household.people import Person
from appliance.household.sessions import Proven
from appliance.household.throttle import Throttle
from appliance.store.database import Database, Reading, Writing
from appliance.store.ledger import Author

SHORTEST = 8
LONGEST = 1024
LONGEST_NAME = 128

# Made of 256 random bits that nobody has: what a name that does not exist is compared with.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$W+XI2102KxisNMaaf+YcFw$wcdpx6SSs53VXZbhqeids4cdaDwaM3YGEC8+EJTwFCQ"


class Passwords:
    """Checks and changes what people chose. One per process."""

    def __init__(self, database: Database, throttle: Throttle) -> None:
        self._database = database
        self._throttle = throttle
        self._turn = threading.Semaphore(1)

    def prove(self, name: str, password: str, *, address: str) -> Proven:
        """Return the person of a name, or of a shown name that only one has, whose password this is.

        Raises NotSignedIn, or TooManyAttempts when too many wrong ones came from `address` or for that person.
        """
        typed = unicodedata.normalize("NFC", name[:LONGEST_NAME]).strip().casefold()
        found = _found(self._database.connection(), typed)
        account = typed if found is None else found.person.name
        self._require_patience(address, account)
        with self._turn:
            self._require_patience(address, account)  # the one before may have been wrong as well
            matching = password_matches(_NOBODYS if found is None else found.mark, password)
            if found is None or not matching:
                self._throttle.wrong(address, account)
                raise errors.NotSignedIn("The name or the password is wrong.")
        if not found.person.active:
            raise errors.NotSignedIn(
                errors.said("%(name)s was shut out of the household.", name=found.person.display_name)
            )
        return found

    def hashed(self, password: str, *names: str) -> str:
        """Return the hash to keep of a password that the person with these names chose; WrongCall says why not."""
        checked = checked_password(password, *names)
        with self._turn:
            return hash_password(checked)

    def change(
        self, person: Person, old: str, new: str, *, address: str, by: Author, at: datetime, but: int | None = None
    ) -> Proven:
        """Change one's own password, sign all other browsers out, and return the person with the new one.

        `but` is the id of the session that goes on. Raises what `prove` and `hashed` raise.
        """
        proven = self.prove(person.name, old, address=address)
        if unicodedata.normalize("NFC", old) == unicodedata.normalize("NFC", new):
            raise errors.WrongCall("This is the password that you have already.")
        kept = self.hashed(new, person.name, person.display_name)
        with self._database.write() as writing:
            if _mark(writing, person.id) != proven.mark:
                raise errors.ChangedSince("The password was changed by somebody else meanwhile.")
            return replace(writing, person.id, kept, by=by, what="password changed", at=at, but=but)

    def set(self, person: Person, new: str, *, by: Author, at: datetime) -> Proven:
        """Give a person another password without asking for the one before, and sign all their browsers out.

        Raises WrongCall for one that cannot be used.
        """
        kept = self.hashed(new, person.name, person.display_name)
        with self._database.write() as writing:
            return replace(writing, person.id, kept, by=by, what="password set", at=at)

    def _require_patience(self, address: str, account: str) -> None:
        wait = self._throttle.wait_seconds(address, account)
        if wait:
            raise errors.TooManyAttempts(
                f"Too many wrong passwords; the next attempt counts in {wait} seconds.", retry_after_seconds=wait
            )


def replace(
    writing: Writing, person_id: int, kept: str, *, by: Author | None, what: audit.What, at: datetime,
    but: int | None = None,
) -> Proven:  # fmt: skip
    """Write the hash of a new password, end the person's other sessions and note who did it; return the person."""
    writing.execute("UPDATE person SET password_hash = ? WHERE id = ?", (kept, person_id))
    sessions.end_rows(writing, person_id, but=but)
    audit.record(writing, by, what, at=at, person_id=person_id)
    changed = people.person(writing, person_id)
    if changed is None or changed.household:
        raise errors.NotPossible("There is nobody of this number who could sign in.")
    return Proven(changed, kept)


# --- one password -----------------------------------------------------------------------------------


def checked_password(password: str, *names: str) -> str:
    """Return a password in NFC, as phones and Macs compose Hangul differently; raises WrongCall with the reason."""
    composed = unicodedata.normalize("NFC", password)
    if len(composed) < SHORTEST:
        raise errors.WrongCall(
            errors.said(
                "A password has at least %(count)s characters; three words are easy to remember.", count=SHORTEST
            )
        )
    if len(composed) > LONGEST:
        raise errors.WrongCall(errors.said("A password has at most %(count)s characters.", count=LONGEST))
    plain = composed.strip().casefold()
    if plain in {unicodedata.normalize("NFC", name).casefold() for name in names}:
        raise errors.WrongCall("A name is no password: everybody in the household knows it.")
    if len(set(plain)) < 3:
        raise errors.WrongCall("The same character again and again is no password.")
    return composed


def hash_password(checked: str) -> str:
    """Return the argon2id hash of a checked password: 19 MiB, two passes, one lane (15 ms)."""
    import argon2  # 3 MiB that a server does not need until somebody signs in

    return argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(_octets(checked))


def password_matches(kept: str, password: str) -> bool:
    """Return whether the password is the one that was hashed; the caller asks the throttle first."""
    import argon2

    if len(password) > LONGEST:
        password = ""  # one nobody has: the work is done all the same
    try:
        return argon2.PasswordHasher().verify(kept, _octets(unicodedata.normalize("NFC", password)))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "replace")


def _found(reading: Reading, typed: str) -> Proven | None:
    """Return who is meant and the hash to compare with; None: nobody, or nobody with a password."""
    rows = reading.execute(
        "SELECT id, name, display_name, password_hash FROM person WHERE household = 0 ORDER BY id"
    ).fetchall()
    named = [row for row in rows if row["name"] == typed]
    shown = [row for row in rows if row["display_name"].casefold() == typed]
    meant = named or (shown if len(shown) == 1 else [])
    if not meant or meant[0]["password_hash"] is None:
        return None
    person = people.person(reading, meant[0]["id"])
    return None if person is None else Proven(person, meant[0]["password_hash"])


def _mark(writing: Writing, person_id: int) -> str | None:
    row = writing.execute("SELECT password_hash FROM person WHERE id = ?", (person_id,)).fetchone()
    return None if row is None else row["password_hash"]
