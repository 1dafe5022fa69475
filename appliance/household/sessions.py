"""Who is signed in to the pages, and with which browser: a random token in a cookie, of which only a hash is kept.

All browsers of a person sign with the person's one device of kind `pages`, so that history says "Mina, in the browser".
A session ends 30 days after it was last used, when it is ended, when the password changes and when its person is shut
out; each request looks, so that an ended one is out at its next. It refuses to tell tokens, and to judge passwords:
`Proven` is what `passwords` hands over for one that was right.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance import errors
from appliance.clock import MICROSECOND, from_micros, to_micros
from appliance.household import audit, devices, people
from appliance.household.people import Person
from appliance.household.sighted import LONGEST_ADDRESS, LONGEST_AGENT, printable
from appliance.store.database import Database, Reading, Row, Writing
from appliance.store.ledger import Author

LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)  # how often "last used" is written
CONFIRMED_FOR = timedelta(minutes=10)
TOKEN_BYTES = 32
LONGEST_TOKEN = 100
MOST_EACH = 50  # sessions of one person: the one unused for longest ends

_SESSIONS = "SELECT id, person_id, device_id, phone_id, created_at, confirmed_at, seen_at, address, agent FROM session"


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody whose password was right just now; `mark` is what was compared, so that a change since is noticed."""

    person: Person
    mark: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one person. `phone_id`: the phone whose browser it is, None where that is not known."""

    id: int
    person: Person
    device_id: int  # of kind pages
    phone_id: int | None
    created_at: datetime
    confirmed_at: datetime
    seen_at: datetime
    address: str
    agent: str

    @property
    def author(self) -> Author:
        """Who signs what this browser changes."""
        return Author(self.person.id, self.device_id)

    @property
    def ends_at(self) -> datetime:
        """When it ends if it is not used again."""
        return self.seen_at + LIFE

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the password was typed within ten minutes: asked before what shuts others out or lets them in."""
        return timedelta(0) <= now - self.confirmed_at < CONFIRMED_FOR


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session and the token for its cookie, which is told now and never again."""

    session: Session
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a browser is and what it calls itself."""

    address: str
    agent: str


def begin(
    database: Database, proven: Proven, visitor: Visitor, *, label: str, at: datetime, phone_id: int | None = None
) -> Begun:
    """Sign a person in and return the session with its token. `label` names the person's device in the browser.

    Raises NotSignedIn when the person was shut out or the password changed since it was looked at.
    """
    author = devices.own_author(database, proven.person.id, "pages", label=label, at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = to_micros(at)
    with database.write() as writing:
        _require_unchanged(writing, proven)
        _forget_ended(writing, proven.person.id, now)
        cursor = writing.execute(
            "INSERT INTO session (digest, person_id, device_id, phone_id, created_at, confirmed_at, seen_at, address,"
            " agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                _digest(token), proven.person.id, author.device_id, phone_id, now, now, now,
                printable(visitor.address, LONGEST_ADDRESS), printable(visitor.agent, LONGEST_AGENT),
            ),
        )  # fmt: skip
        row = writing.execute(_SESSIONS + " WHERE id = ?", (cursor.lastrowid,)).fetchone()
        session = _session(row, proven.person)
    return Begun(session, token)


def current(database: Database, token: str, *, at: datetime) -> Session | None:
    """Return the session of a cookie's token, None when there is none, it ended or its person is shut out.

    "Last used" is written at most every five minutes; a disk that refuses that keeps nobody out.
    """
    if not token or len(token) > LONGEST_TOKEN:
        return None
    reading = database.connection()
    row = reading.execute(_SESSIONS + " WHERE digest = ?", (_digest(token),)).fetchone()
    if row is None:
        return None
    person = people.person(reading, row["person_id"])
    if person is None or not person.active:
        return None
    session = _session(row, person)
    if at >= session.ends_at:
        return None
    if abs(at - session.seen_at) >= SEEN_EVERY:  # a clock set back is written as well
        with contextlib.suppress(errors.GotganError), database.write() as writing:
            writing.execute("UPDATE session SET seen_at = ? WHERE id = ?", (to_micros(at), session.id))
    return session


def confirm(database: Database, session: Session, proven: Proven, *, at: datetime) -> None:
    """Note that the person of a session typed the password again just now; raises NotSignedIn when it is another's."""
    if proven.person.id != session.person.id:
        raise errors.NotSignedIn("This is somebody else's password.")
    with database.write() as writing:
        _require_unchanged(writing, proven)
        writing.execute("UPDATE session SET confirmed_at = ? WHERE id = ?", (to_micros(at), session.id))


def belongs_to_phone(database: Database, session: Session, phone_id: int) -> None:
    """Note that the browser of a session is that phone's: it ends when the phone is lost.

    Raises NotPossible when the phone is not the person's own.
    """
    with database.write() as writing:
        phone = devices.device(writing, phone_id)
        if phone is None or phone.kind != "phone" or phone.person_id != session.person.id:
            raise errors.NotPossible("This phone belongs to somebody else.")
        writing.execute("UPDATE session SET phone_id = ? WHERE id = ?", (phone_id, session.id))


def of_person(reading: Reading, person_id: int, *, at: datetime) -> list[Session]:
    """Return the sessions of a person that have not ended, the last used first."""
    person = people.person(reading, person_id)
    if person is None or not person.active:
        return []
    rows = reading.execute(
        _SESSIONS + " WHERE person_id = ? AND seen_at > ? ORDER BY seen_at DESC, id DESC",
        (person_id, to_micros(at - LIFE)),
    ).fetchall()
    return [_session(row, person) for row in rows]


def end(database: Database, person_id: int, session_id: int) -> bool:
    """Sign one browser of a person out; return whether there was such a session."""
    with database.write() as writing:
        cursor = writing.execute("DELETE FROM session WHERE id = ? AND person_id = ?", (session_id, person_id))
        return cursor.rowcount > 0


def end_all(database: Database, person_id: int, *, by: Author, at: datetime, but: int | None = None) -> int:
    """Sign a person out everywhere, but for the session with the id `but`; return how many sessions ended."""
    with database.write() as writing:
        ended = end_rows(writing, person_id, but=but)
        audit.record(writing, by, "sessions ended", at=at, person_id=person_id)
    return ended


def end_rows(writing: Writing, person_id: int, *, but: int | None = None) -> int:
    """End the sessions of a person within a transaction that shuts them out; return how many."""
    cursor = writing.execute("DELETE FROM session WHERE person_id = ?1 AND id IS NOT ?2", (person_id, but))
    return cursor.rowcount


def form_token(token: str) -> str:
    """Return what a form of this session carries, so that a stranger's page cannot send it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def form_token_fits(token: str, presented: str) -> bool:
    """Return whether a form was made for this session, in constant time."""
    return hmac.compare_digest(form_token(token).encode(), presented.encode("utf-8", "replace"))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _require_unchanged(writing: Writing, proven: Proven) -> None:
    row = writing.execute("SELECT password_hash, disabled_at FROM person WHERE id = ?", (proven.person.id,)).fetchone()
    if row is None or row["disabled_at"] is not None or row["password_hash"] != proven.mark:
        raise errors.NotSignedIn("Something changed meanwhile; please sign in again.")


def _forget_ended(writing: Writing, person_id: int, now: int) -> None:
    writing.execute("DELETE FROM session WHERE seen_at <= ?", (now - LIFE // MICROSECOND,))
    writing.execute(
        "DELETE FROM session WHERE id IN"
        " (SELECT id FROM session WHERE person_id = ? ORDER BY seen_at DESC, id DESC LIMIT -1 OFFSET ?)",
        (person_id, MOST_EACH - 1),
    )


def _session(row: Row, person: Person) -> Session:
    return Session(
        id=row["id"],
        person=person,
        device_id=row["device_id"],
        phone_id=row["phone_id"],
        created_at=from_micros(row["created_at"]),
        confirmed_at=from_micros(row["confirmed_at"]),
        seen_at=from_micros(row["seen_at"]),
        address=row["address"],
        agent=row["agent"],
    )
