"""The people of the household: who they are, which homes are theirs, how one joins and how one is shut out.

A person is never removed: the ledger names people for good. Disabling one shuts all their devices out at once and
keeps everything. Nothing here knows a password or checks one; the hash of a person's own is `passwords.py`'s.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from appliance import errors
from appliance.clock import from_micros, to_micros
from appliance.household import audit, homes, mounting
from appliance.settings import LANGUAGES
from appliance.store.database import Database, Reading, Row, Writing
from appliance.store.ledger import Author, Ledger, Page

HOUSEHOLD_SLUG = "household"
LONGEST_SLUG = 63
LONGEST_SHOWN = 100
THEMES = ("light", "dark")

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*")
_EVERYBODY = (
    "SELECT p.id, p.name, p.display_name, p.uuid, p.mail, p.household, p.admin,"
    " p.password_hash IS NOT NULL AS has_password, p.quota_bytes,"
    " p.addressbook_home_id, p.calendar_home_id, p.files_home_id, p.created_at, p.disabled_at, p.language, p.theme"
    " FROM person p"
)


@dataclass(frozen=True, slots=True)
class Person:
    """One member, or the household's own principal, which owns what is shared and cannot sign in."""

    id: int
    name: str  # the slug of addresses and logins
    display_name: str
    uuid: str
    mail: str | None
    household: bool
    admin: bool
    has_password: bool  # without one: devices only, no pages
    quota_bytes: int | None  # None: the disk is the limit
    addressbook_home_id: int
    calendar_home_id: int
    files_home_id: int
    created_at: datetime
    disabled_at: datetime | None
    language: str | None = None  # of the pages: ko | en; None: the household's
    theme: str | None = None  # light | dark; None: what the browser prefers

    @property
    def active(self) -> bool:
        """Whether this person may sign in."""
        return self.disabled_at is None and not self.household

    def home_ids(self) -> homes.Homes:
        """Return the ids of the three homes."""
        return homes.Homes(self.addressbook_home_id, self.calendar_home_id, self.files_home_id)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is known of somebody who joins. `display_name` None: the slug."""

    name: str
    display_name: str | None = None
    admin: bool = False
    password_hash: str | None = field(default=None, repr=False)
    quota_bytes: int | None = None


def calendar_user_addresses(person: Person, box_name: str) -> tuple[str, ...]:
    """Return the URIs by which calendars name this person, the preferred one first (protocol E5).

    The mail address when there is one, then the one made of the slug and the box's name at the first start, then
    `urn:uuid:`. They end up as ORGANIZER in events, so none ever changes by itself. The principal's href is the
    caller's to add.
    """
    made = f"mailto:{person.name}@{box_name}"
    own = (f"mailto:{person.mail}", made) if person.mail else (made,)
    return (*own, f"urn:uuid:{person.uuid}")


# --- who is there -----------------------------------------------------------------------------------


def person(reading: Reading | Writing, person_id: int) -> Person | None:
    """Return the person with this id."""
    row = reading.execute(_EVERYBODY + " WHERE p.id = ?", (person_id,)).fetchone()
    return None if row is None else of_row(row)


def person_named(reading: Reading | Writing, slug: str) -> Person | None:
    """Return the person, or the household's principal, with exactly this slug."""
    row = reading.execute(_EVERYBODY + " WHERE p.name = ?", (slug,)).fetchone()
    return None if row is None else of_row(row)


def people(reading: Reading | Writing) -> list[Person]:
    """Return everybody by slug, the household's principal and disabled people included."""
    rows = reading.execute(_EVERYBODY + " ORDER BY p.name").fetchall()
    return [of_row(row) for row in rows]


def of_row(row: Row) -> Person:
    """Return the person of a row of the table with `has_password` for the hash."""
    return Person(
        id=row["id"],
        name=row["name"],
        display_name=row["display_name"],
        uuid=row["uuid"],
        mail=row["mail"],
        household=bool(row["household"]),
        admin=bool(row["admin"]),
        has_password=bool(row["has_password"]),
        quota_bytes=row["quota_bytes"],
        addressbook_home_id=row["addressbook_home_id"],
        calendar_home_id=row["calendar_home_id"],
        files_home_id=row["files_home_id"],
        created_at=from_micros(row["created_at"]),
        disabled_at=None if row["disabled_at"] is None else from_micros(row["disabled_at"]),
        language=row["language"],
        theme=row["theme"],
    )


# --- joining and leaving ----------------------------------------------------------------------------


def add(
    ledger: Ledger, data: Path, author: Author, *, joining: NewPerson, shared: homes.Shared, words: homes.Words
) -> Person:
    """Add a person with homes, collections and what everybody is shown in one transaction, and return them.

    Raises WrongCall for a slug or a name that cannot be used, NotPossible when the slug is taken.
    """
    slug = checked_slug(joining.name)
    with ledger.database.read() as reading:
        _refuse_taken(reading, slug)
    homes.make_directory(data, slug)
    with ledger.write(author) as page:
        return join(page, data, joining, shared=shared, words=words)


def join(page: Page, data: Path, joining: NewPerson, *, shared: homes.Shared, words: homes.Words) -> Person:
    """Add a person whose directory is made already, in the transaction of `page`; raises what `add` raises."""
    slug = checked_slug(joining.name)
    shown = checked_shown_name(joining.display_name if joining.display_name is not None else slug)
    _refuse_taken(page.writing, slug)
    # The id is needed before the row is: homes carry their owner, the row carries its homes. People are never
    # removed, and BEGIN IMMEDIATE keeps everybody else out.
    person_id = page.writing.execute("SELECT coalesce(max(id), 0) + 1 FROM person").fetchone()[0]
    own = homes.make_homes(page, person_id, slug)
    homes.furnish(page, own, person_id, words)
    homes.mount_shared(page, own, shared, words)
    insert(page.writing, person_id, _cleaned(joining, slug, shown), own, created_at=page.at)
    mounting.welcome(page, data, mounting.Receiver(slug, own))
    audit.record(page.writing, page.author, "person added", at=from_micros(page.at), person_id=person_id)
    added = person(page.writing, person_id)
    assert added is not None
    return added


def insert(
    writing: Writing,
    person_id: int,
    joining: NewPerson,
    own: homes.Homes,
    *,
    created_at: int,
    household: bool = False,
) -> None:
    """Write the row of a person whose homes exist; `created_at` in microseconds."""
    writing.execute(
        "INSERT INTO person (id, name, display_name, uuid, household, admin, password_hash, quota_bytes,"
        " addressbook_home_id, calendar_home_id, files_home_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            person_id, joining.name, joining.display_name or joining.name, str(uuid.uuid4()), int(household),
            int(joining.admin), joining.password_hash, joining.quota_bytes,
            own.addressbook_id, own.calendar_id, own.files_id, created_at,
        ),
    )  # fmt: skip


def disable(database: Database, slug: str, *, at: datetime, by: Author | None = None) -> Person:
    """Shut a person out from now on, devices and browsers, keep everything, and return the person. Twice is once.

    Raises NotPossible when there is nobody of this name or it is the household itself.
    """
    return _set_disabled(database, slug, disabled=True, at=at, by=by)


def enable(database: Database, slug: str, *, at: datetime, by: Author | None = None) -> Person:
    """Let a disabled person's devices in again and return the person; browsers have to sign in."""
    return _set_disabled(database, slug, disabled=False, at=at, by=by)


def choose(database: Database, person_id: int, *, language: str | None, theme: str | None) -> None:
    """Keep in which language and which light a person reads the pages; None: the household's, the browser's.

    Raises WrongCall for one that there is not.
    """
    if language not in (None, *LANGUAGES) or theme not in (None, *THEMES):
        raise errors.WrongCall("The pages speak Korean and English, and are light or dark.")
    with database.write() as writing:
        writing.execute("UPDATE person SET language = ?, theme = ? WHERE id = ?", (language, theme, person_id))


def rename(database: Database, person_id: int, shown: str, *, by: Author, at: datetime) -> Person:
    """Call a person, or the household itself, something else; the slug and the login stay. Return the person.

    Raises WrongCall for a name that cannot be read, NotPermitted unless it is the person or an administrator.
    """
    checked = checked_shown_name(shown)
    with database.write() as writing:
        require_may_act_for(writing, by, person_id)
        writing.execute("UPDATE person SET display_name = ? WHERE id = ?", (checked, person_id))
        audit.record(writing, by, "person renamed", at=at, person_id=person_id)
        changed = person(writing, person_id)
    if changed is None:
        raise errors.NotPossible("There is nobody of this number.")
    return changed


def let_administrate(database: Database, slug: str, *, admin: bool, by: Author, at: datetime) -> Person:
    """Make a person an administrator, or none any more, and return the person; sessions go on. Twice is once.

    Raises NotPermitted unless an administrator says so, NotPossible when nobody would be left who looks after the box.
    """
    with database.write() as writing:
        require_administrator(writing, by)
        found = existing(writing, slug)
        if found.admin != admin:
            if not admin:
                _require_another(writing, found)
            writing.execute("UPDATE person SET admin = ? WHERE id = ?", (int(admin), found.id))
            what: audit.What = "administrator made" if admin else "administrator unmade"
            audit.record(writing, by, what, at=at, person_id=found.id)
        changed = person(writing, found.id)
    assert changed is not None
    return changed


def _require_another(writing: Writing, leaving: Person) -> None:
    row = writing.execute(
        "SELECT 1 FROM person WHERE admin = 1 AND password_hash IS NOT NULL AND disabled_at IS NULL AND id <> ?"
        " LIMIT 1",
        (leaving.id,),
    ).fetchone()
    if row is None:
        raise errors.NotPossible(
            errors.said(
                "Nobody but %(name)s looks after the household; somebody else has to, first.",
                name=leaving.display_name,
            )
        )


def existing(reading: Reading | Writing, slug: str) -> Person:
    """Return the member with this slug; raises NotPossible when there is none."""
    found = person_named(reading, slug)
    if found is None or found.household:
        names = ", ".join(known.name for known in people(reading) if not known.household)
        known_names = f"known are {names}" if names else "nobody was added yet (gotgan person add NAME)"
        raise errors.NotPossible(f'There is nobody called "{slug}" in this household; {known_names}.')
    return found


def require_administrator(reading: Reading | Writing, by: Author) -> None:
    """Return when `by` administrates the household, as its command line does; raises NotPermitted otherwise."""
    who = None if by.person_id is None else person(reading, by.person_id)
    if who is None or not (who.household or (who.admin and who.active)):
        raise errors.NotPermitted("Only somebody who looks after the household can do this.", privilege="all", href="")


def require_may_act_for(reading: Reading | Writing, by: Author, person_id: int) -> None:
    """Return when `by` is this person, or administrates the household; raises NotPermitted otherwise."""
    if by.person_id != person_id:
        require_administrator(reading, by)


def _set_disabled(database: Database, slug: str, *, disabled: bool, at: datetime, by: Author | None) -> Person:
    with database.write() as writing:
        found = existing(writing, slug)
        if (found.disabled_at is not None) != disabled:
            writing.execute(
                "UPDATE person SET disabled_at = ? WHERE id = ?", (to_micros(at) if disabled else None, found.id)
            )
            writing.execute("DELETE FROM session WHERE person_id = ?", (found.id,))
            what: audit.What = "person disabled" if disabled else "person enabled"
            audit.record(writing, by, what, at=at, person_id=found.id)
        changed = person(writing, found.id)
    assert changed is not None
    return changed


def _refuse_taken(reading: Reading | Writing, slug: str) -> None:
    if slug == HOUSEHOLD_SLUG:
        raise errors.WrongCall(f'"{HOUSEHOLD_SLUG}" is the household itself; please choose another name.')
    if person_named(reading, slug) is not None:
        raise errors.NotPossible(errors.said('There is somebody called "%(name)s" already.', name=slug))


def _cleaned(joining: NewPerson, slug: str, shown: str) -> NewPerson:
    return NewPerson(slug, shown, joining.admin, joining.password_hash, joining.quota_bytes)


def checked_slug(name: str) -> str:
    """Return the name if it can stand in addresses and logins (protocol B9); raises WrongCall otherwise.

    No `@`, which iOS takes for a host, and no Korean, which arrives in two forms: that is what the display name is for.
    """
    if _SLUG.fullmatch(name) and len(name) <= LONGEST_SLUG:
        return name
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    proposed = re.sub(r"[^a-z0-9._-]+", "-", letters).strip("-._")[:LONGEST_SLUG]
    hint = f', such as "{proposed}"' if proposed else ""
    raise errors.WrongCall(
        f"A name for addresses and logins consists of a-z, 0-9, dots, - and _, begins with a letter or digit and has"
        f" at most {LONGEST_SLUG} characters{hint}; --display-name may be anything."
    )


def checked_shown_name(text: str) -> str:
    """Return a name for people's eyes in NFC; raises WrongCall when it is empty, too long or unprintable."""
    shown = unicodedata.normalize("NFC", text.strip())
    unprintable = any(unicodedata.category(sign) in ("Cc", "Cs", "Co", "Cn") for sign in shown)
    if unprintable or not 1 <= len(shown) <= LONGEST_SHOWN:
        raise errors.WrongCall(
            errors.said(
                "A name that people read has 1 to %(count)s characters and no control characters among them.",
                count=LONGEST_SHOWN,
            )
        )
    return shown
