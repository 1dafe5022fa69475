"""The first visit: whoever can read the code that `gotgan serve` shows makes the household theirs.

A box is unclaimed while nobody administrates it with a password. The code is made of the box's own key, so a restart
and every process tell the same one and nothing has to be written; once the box is claimed it opens nothing. Everything
that was answered is one transaction: of two browsers that claim at once, one wins. It refuses to change names that
somebody may have got used to: default collections follow the language only while nothing is in them.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from appliance import errors
from appliance.clock import from_micros
from appliance.household import codes, devices, homes, passwords, people, slugs
from appliance.household.opening import HOUSEHOLD_ID, Household
from appliance.household.passwords import Passwords
from appliance.household.people import NewPerson, Person, checked_shown_name
from appliance.household.sessions import Proven
from appliance.household.throttle import Throttle
from appliance.settings import LANGUAGES, Settings, is_time_zone
from appliance.store import collections, properties
from appliance.store.database import Reading, Writing
from appliance.store.file_moves import FileMover, FileTransfer
from appliance.store.files import Folder
from appliance.store.ledger import Author, Ledger, Page, member_of

LETTERS = 8  # 40 bits, behind a throttle
GROUP = 4
MOST_OTHERS = 50
ACCOUNT = "the first visit"  # the bucket that all wrong codes draw from


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who lives here. `name` is the slug of addresses and logins; None: proposed from the shown name."""

    display_name: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """What the first visit asks. `password` is for the pages; the others choose theirs by an invitation."""

    language: str  # ko | en
    household_name: str
    time_zone: str
    admin: Newcomer
    password: str = field(repr=False)
    others: tuple[Newcomer, ...] = ()


def is_unclaimed(reading: Reading | Writing) -> bool:
    """Return whether nobody administrates the household with a password yet."""
    row = reading.execute("SELECT 1 FROM person WHERE admin = 1 AND password_hash IS NOT NULL LIMIT 1").fetchone()
    return row is None


def somebody_may_sign_in(reading: Reading | Writing) -> bool:
    """Return whether anybody has a password for the pages, administrator or not."""
    row = reading.execute("SELECT 1 FROM person WHERE password_hash IS NOT NULL AND household = 0 LIMIT 1").fetchone()
    return row is not None


def spelled_code(key: bytes) -> str:
    """Return the code of this box as it is shown and typed: two groups of four."""
    return codes.spelled(_letters(key), GROUP)


def _letters(key: bytes) -> str:
    digest = hmac.digest(key, b"the code of the first visit", hashlib.sha256)
    return codes.of_number(int.from_bytes(digest, "big"), LETTERS)


class FirstVisit:
    """Takes the answers of the first visit. One per process; it tells `household` what was chosen."""

    def __init__(
        self, ledger: Ledger, settings: Settings, household: Household, *, key: bytes, throttle: Throttle,
        passwords: Passwords, mover: FileMover,
    ) -> None:  # fmt: skip
        self._ledger = ledger
        self._settings = settings
        self._household = household
        self._key = key
        self._throttle = throttle
        self._passwords = passwords
        self._mover = mover

    def is_open(self) -> bool:
        """Return whether the box waits for its first visit."""
        return is_unclaimed(self._ledger.database.connection())

    def require_code(self, code: str, *, address: str) -> None:
        """Return when the code is the one that is shown, in any case and grouping, and the box still waits.

        Raises NotPossible when it was claimed, NotSignedIn for a wrong code, TooManyAttempts for too many of them.
        """
        _require_unclaimed(self._ledger.database.connection())
        wait = self._throttle.wait_seconds(address, ACCOUNT)
        if not wait and hmac.compare_digest(codes.typed(code, LETTERS), _letters(self._key)):
            return
        wait = wait or self._throttle.wrong(address, ACCOUNT)
        if wait:
            raise errors.TooManyAttempts(
                f"Too many wrong codes; the next attempt counts in {wait} seconds.", retry_after_seconds=wait
            )
        raise errors.NotSignedIn("This is not the code that Gotgan showed when it started.")

    def claim(self, code: str, answers: Answers, *, address: str) -> Proven:
        """Make the household that of the one who knows the code, with everybody who was named; return the first one.

        A member without a password who is named by the slug becomes the administrator instead of being added. Raises
        what `require_code` raises, and WrongCall for an answer that cannot be used: then nothing has changed.
        """
        self.require_code(code, address=address)
        newcomers = self._named(answers)
        kept = self._passwords.hashed(answers.password, newcomers[0].name or "", newcomers[0].display_name)
        for newcomer in newcomers:
            homes.make_directory(self._settings.data, newcomer.name or "")
        author = self._author(answers.language)
        with self._ledger.write(author) as page:
            _require_unclaimed(page.writing)
            self._choose(page, answers)
            words = homes.WORDS[answers.language]
            proven = self._settle(page, newcomers[0], kept, words)
            for newcomer in newcomers[1:]:
                self._join(page, newcomer, words)
        self._household.refresh(self._ledger.database.connection())
        self._rename_folder(author, homes.WORDS[answers.language].family)
        return proven

    def _named(self, answers: Answers) -> list[Newcomer]:
        """Return everybody with a slug, the administrator first; WrongCall for what cannot be used."""
        if answers.language not in LANGUAGES:
            raise errors.WrongCall("Gotgan speaks Korean and English.")
        if not is_time_zone(answers.time_zone):
            raise errors.WrongCall('There is no such time zone; an example is "Asia/Seoul".')
        if len(answers.others) > MOST_OTHERS:
            raise errors.WrongCall(f"At most {MOST_OTHERS} people can be added at once; the others can join later.")
        checked_shown_name(answers.household_name)
        taken = {person.name for person in people.people(self._ledger.database.connection())}
        chosen = [newcomer.name for newcomer in (answers.admin, *answers.others) if newcomer.name is not None]
        if len(set(chosen)) < len(chosen):
            raise errors.WrongCall("Two people cannot have the same name for addresses and logins.")
        taken.update(chosen)
        named = []
        for newcomer in (answers.admin, *answers.others):
            shown = checked_shown_name(newcomer.display_name)
            slug = people.checked_slug(newcomer.name) if newcomer.name is not None else slugs.propose(shown, taken)
            taken.add(slug)
            named.append(Newcomer(shown, slug))
        return named

    def _author(self, language: str) -> Author:
        label = homes.WORDS[language].pages
        return devices.own_author(
            self._ledger.database, HOUSEHOLD_ID, "pages", label=label, at=self._ledger.clock.now()
        )

    def _settle(self, page: Page, admin: Newcomer, kept: str, words: homes.Words) -> Proven:
        found = people.person_named(page.writing, admin.name or "")
        if found is None or found.household:
            found = self._join(page, admin, words)
        elif found.has_password or not found.active:
            raise errors.NotPossible(errors.said('There is somebody called "%(name)s" already.', name=found.name))
        page.writing.execute(
            "UPDATE person SET admin = 1, display_name = ? WHERE id = ?", (admin.display_name, found.id)
        )
        return passwords.replace(page.writing, found.id, kept, by=page.author, what="claimed", at=from_micros(page.at))

    def _join(self, page: Page, newcomer: Newcomer, words: homes.Words) -> Person:
        joining = NewPerson(newcomer.name or "", newcomer.display_name, quota_bytes=self._settings.quota_bytes)
        shared = self._household.shared
        there = homes.Shared(shared.addressbook_id, shared.calendar_id, shared.folder_id, words.family)
        return people.join(page, self._settings.data, joining, shared=there, words=words)

    def _choose(self, page: Page, answers: Answers) -> None:
        """Write the household's name, language and time zone, and let what is empty follow."""
        before, after = self._household.words, homes.WORDS[answers.language]
        chosen = {
            "language": answers.language,
            "time_zone": answers.time_zone,
            "shared_folder_name": after.family,
        }
        page.writing.executemany(
            "UPDATE setting SET value = ? WHERE name = ?", [(value, name) for name, value in chosen.items()]
        )
        page.writing.execute(
            "UPDATE person SET display_name = ? WHERE id = ?",
            (checked_shown_name(answers.household_name), HOUSEHOLD_ID),
        )
        page.writing.execute(
            "UPDATE device SET label = ? WHERE person_id = ? AND kind = 'shell' AND label = ?",
            (after.shell, HOUSEHOLD_ID, before.shell),
        )
        for collection_id in (self._household.shared.addressbook_id, self._household.shared.calendar_id):
            _follow(page, collection_id, before.family, after.family)

    def _rename_folder(self, author: Author, name: str) -> None:
        """Call the shared folder on disk by its word in the chosen language while it is empty.

        After everything else, because nothing depends on it: what goes wrong here leaves the name it had.
        """
        reading = self._ledger.database.connection()
        folder = member_of(reading, self._household.shared.folder_id)
        if folder is None or folder.name == name or not _is_empty(reading, folder.resource_id):
            return
        home = Folder((people.HOUSEHOLD_SLUG,), self._household.person.files_home_id)
        with contextlib.suppress(errors.GotganError, OSError):
            if not _is_empty_on_disk(self._settings.data / "files" / people.HOUSEHOLD_SLUG / folder.name):
                return
            transfer = FileTransfer(home, folder.name, home, name, overwrite=False)
            self._mover.move(author, transfer, check=lambda *_looked_at: None)


def _require_unclaimed(reading: Reading | Writing) -> None:
    if not is_unclaimed(reading):
        raise errors.NotPossible("This household has somebody who looks after it already; please sign in.")


def _follow(page: Page, collection_id: int, before: str, after: str) -> None:
    """Show an empty shared collection, and its mounts, under the word of another language."""
    if before == after or not _is_empty(page.writing, collection_id):
        return
    for resource_id in (collection_id, *_mounts_of(page.writing, collection_id)):
        member = member_of(page.writing, resource_id)
        stored = properties.of(page.writing, resource_id)
        if member is not None and stored.get(homes.DISPLAYNAME) == homes.shown_as(before)[1]:
            collections.set_properties(page, member, [homes.shown_as(after)])


def _mounts_of(writing: Writing, collection_id: int) -> Iterator[int]:
    rows = writing.execute(
        "SELECT resource_id FROM mount WHERE target_id = ? AND until_seq IS NULL", (collection_id,)
    ).fetchall()
    return (row["resource_id"] for row in rows)


def _is_empty(reading: Reading | Writing, collection_id: int) -> bool:
    return reading.execute("SELECT 1 FROM member WHERE collection_id = ? LIMIT 1", (collection_id,)).fetchone() is None


def _is_empty_on_disk(path: Path) -> bool:
    return not any(path.iterdir())
