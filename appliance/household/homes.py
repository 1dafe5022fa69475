"""What a new person finds: three homes, an address book, a calendar, a task list, a folder, and the family's mounts.

Names in addresses are plain words that never change; what a phone shows is a displayname in the household's language,
stored like any other property, so that the person may change it. Directories on disk are made before the rows: a
crash between the two leaves an empty directory and nothing that points nowhere.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from appliance import errors
from appliance.store import collections, mounts, properties
from appliance.store.content import sync_folder
from appliance.store.disk import MARKER
from appliance.store.ledger import Page, member_of

DISPLAYNAME = "{DAV:}displayname"
COMPONENTS = "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set"
FAMILY_NAME = "family"  # the segment of the shared address book and calendar, in every home


@dataclass(frozen=True, slots=True)
class Words:
    """The names that phones show, in one language; NFC, and found by their decomposed form as well (protocol B9)."""

    contacts: str
    calendar: str
    tasks: str
    family: str
    household: str
    shell: str
    pages: str


WORDS = {
    "ko": Words("연락처", "달력", "할 일", "가족", "우리 집", "명령줄", "웹 페이지"),
    "en": Words("Contacts", "Calendar", "Tasks", "Family", "Household", "Command line", "Web pages"),
}


@dataclass(frozen=True, slots=True)
class Homes:
    """The ids of a person's three homes."""

    addressbook_id: int
    calendar_id: int
    files_id: int


@dataclass(frozen=True, slots=True)
class Shared:
    """The ids of what the household shares with everybody, and the folder's name."""

    addressbook_id: int
    calendar_id: int
    folder_id: int
    folder_name: str


def make_directory(data: Path, *segments: str) -> None:
    """Make `files/<segments>` durable before any row names it. Running twice is harmless.

    Raises NotPossible when something else has the name or the disk refuses.
    """
    folder = data
    try:
        for segment in ("files", *segments):
            parent, folder = folder, folder / segment
            folder.mkdir(exist_ok=True)
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise errors.NotPossible(f"{folder} is a link to elsewhere; the files of the household must lie in it.")
            sync_folder(parent)
    except OSError as error:
        raise errors.NotPossible(f"The folder {folder} cannot be made: {error.strerror}.") from error


def mark_files(data: Path) -> None:
    """Leave the marker that tells the household's files from an empty mount point; only the first start does."""
    try:
        (data / "files" / MARKER).touch(mode=0o600)
        sync_folder(data / "files")
    except OSError as error:
        raise errors.NotPossible(f"The files cannot be marked: {error.strerror}.") from error


def make_homes(page: Page, owner_id: int, slug: str) -> Homes:
    """Make the three empty homes of a person and return their ids."""
    books, calendars, files = (collections.node_id(page.writing, name) for name in collections.NODES)
    return Homes(
        collections.create(page, books, slug, "home", owner_id=owner_id),
        collections.create(page, calendars, slug, "home", owner_id=owner_id),
        collections.create(page, files, slug, "folder", owner_id=owner_id),
    )


def furnish(page: Page, homes: Homes, owner_id: int, words: Words) -> None:
    """Put the address book, the calendar and the task list of a new person into the homes.

    Events and tasks are two collections: iOS shows no calendar that announces both (clients.md).
    """
    collections.create(
        page, homes.addressbook_id, "contacts", "addressbook", owner_id=owner_id, stored=[shown_as(words.contacts)]
    )
    for name, shown, component in (("calendar", words.calendar, "VEVENT"), ("tasks", words.tasks, "VTODO")):
        stored = [shown_as(shown), keeps(component)]
        collections.create(page, homes.calendar_id, name, "calendar", owner_id=owner_id, stored=stored)


def make_shared(page: Page, homes: Homes, owner_id: int, words: Words) -> Shared:
    """Make what the household's principal owns and everybody finds in their homes."""
    book = collections.create(
        page, homes.addressbook_id, FAMILY_NAME, "addressbook", owner_id=owner_id, stored=[shown_as(words.family)]
    )
    stored = [shown_as(words.family), keeps("VEVENT")]
    calendar = collections.create(page, homes.calendar_id, FAMILY_NAME, "calendar", owner_id=owner_id, stored=stored)
    folder = collections.create(page, homes.files_id, words.family, "folder", owner_id=owner_id)
    return Shared(book, calendar, folder, words.family)


def mount_shared(page: Page, homes: Homes, shared: Shared, words: Words) -> None:
    """Show the shared collections in a person's homes; what was deleted meanwhile is left out."""
    places = (
        (homes.addressbook_id, FAMILY_NAME, shared.addressbook_id),
        (homes.calendar_id, FAMILY_NAME, shared.calendar_id),
        (homes.files_id, shared.folder_name, shared.folder_id),
    )
    for home_id, name, target_id in places:
        if member_of(page.writing, target_id) is None:
            continue
        mount_id = mounts.add(page, home_id, name, target_id, "write")
        mount = member_of(page.writing, mount_id)
        if mount is not None and home_id != homes.files_id:  # a folder is called what its segment says
            properties.change(page.writing, mount_id, mount.seq, [shown_as(words.family)])


def shown_as(text: str) -> tuple[str, str]:
    """Return the stored property that says what phones show."""
    return DISPLAYNAME, f'<D:displayname xmlns:D="DAV:">{escape(text)}</D:displayname>'


def keeps(*components: str) -> tuple[str, str]:
    """Return the stored property that says which components a calendar keeps."""
    inner = "".join(f'<C:comp name="{component}"/>' for component in components)
    xml = (
        '<C:supported-calendar-component-set xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f"{inner}</C:supported-calendar-component-set>"
    )
    return COMPONENTS, xml
