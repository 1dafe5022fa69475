"""Showing a collection in somebody's home: as a mount, under a name that is free there.

Who may show what to whom is `shares.py`. Nothing here touches the collection itself or anything in it.
"""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.household import homes
from appliance.store import mounts, properties
from appliance.store.database import Reading, Writing
from appliance.store.disk import MARKER
from appliance.store.ledger import Member, Page, Place, find_member, member_of
from appliance.store.mounts import Access

LONGEST_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is shown things: the slug, which is the directory's name as well, and the homes."""

    slug: str
    homes: homes.Homes


def home_for(own: homes.Homes, kind: str) -> int:
    """Return the id of the home in which a collection of this kind appears."""
    by_kind = {"addressbook": own.addressbook_id, "calendar": own.calendar_id}
    return by_kind.get(kind, own.files_id)


def shows(reading: Reading | Writing, receiver: Receiver, target: Member, access: Access) -> bool:
    """Return whether the receiver is shown a collection with exactly this right."""
    there = mounts.in_home(reading, home_for(receiver.homes, target.kind), target.resource_id)
    return there is not None and there.access == access


def show(page: Page, data: Path, receiver: Receiver, target: Member, access: Access) -> None:
    """Show `target` in the receiver's home, or change the right there.

    A mount that was there before comes back as it was, under its old name if that is free.
    """
    home_id = home_for(receiver.homes, target.kind)
    there = mounts.in_home(page.writing, home_id, target.resource_id)
    member = None if there is None else member_of(page.writing, there.resource_id)
    if member is None:
        _appear(page, data, receiver, target, access)
    else:
        mounts.change(page, member, target.resource_id, access)


def welcome(page: Page, data: Path, joining: Receiver) -> None:
    """Show somebody who joins what others share with the whole household."""
    row = page.writing.execute(
        "SELECT addressbook_home_id, calendar_home_id, files_home_id FROM person WHERE household = 1"
    ).fetchone()
    for home_id in row or ():
        for mount in mounts.of_home(page.writing, home_id).values():
            target = member_of(page.writing, mount.target_id)
            if target is not None:  # what its owner deleted meanwhile is left out
                show(page, data, joining, target, mount.access)


def _appear(page: Page, data: Path, receiver: Receiver, target: Member, access: Access) -> None:
    home_id, writing = home_for(receiver.homes, target.kind), page.writing
    ended = mounts.ended_in(writing, home_id, target.resource_id)
    wanted = target.name if ended is None else ended.name
    name = _free_name(writing, data, receiver, target, wanted)
    if ended is not None:
        mounts.bring_back(page, Place(home_id, name, ended.resource_id, "mount"), target.resource_id, access)
        return
    mount_id = mounts.add(page, home_id, name, target.resource_id, access)
    member = member_of(writing, mount_id)
    shown = _shown_name(writing, target)
    if member is not None and shown is not None:
        properties.change(writing, mount_id, member.seq, [homes.shown_as(shown)])


def _shown_name(writing: Writing, target: Member) -> str | None:
    """Return what phones show: the owner's name for it, and whose it is; None for a folder, which has its name."""
    if target.kind == "folder":
        return None
    called = properties.text_of(properties.of(writing, target.resource_id).get(homes.DISPLAYNAME)) or target.name
    owner = _owner_of(writing, target)
    return called if owner is None else f"{called} ({owner[1]})"


def _owner_of(reading: Reading | Writing, target: Member) -> tuple[str, str] | None:
    """Return slug and display name of the owner, None for what the household owns."""
    row = reading.execute(
        "SELECT p.name, p.display_name FROM collection c JOIN person p ON p.id = c.owner_id"
        " WHERE c.id = ? AND p.household = 0",
        (target.resource_id,),
    ).fetchone()
    return None if row is None else (row["name"], row["display_name"])


# --- names ------------------------------------------------------------------------------------------


def _free_name(writing: Writing, data: Path, receiver: Receiver, target: Member, wanted: str) -> str:
    """Return `wanted` or the first name made of it that nothing in the home has, on disk neither (protocol C4)."""
    home_id = home_for(receiver.homes, target.kind)
    on_disk = _names_on_disk(data, receiver.slug) if target.kind == "folder" else frozenset()
    for name in _candidates(wanted, target.kind, _owner_of(writing, target)):
        if find_member(writing, home_id, name) is None and _plain(name) not in on_disk:
            return name
    raise AssertionError("the candidates never end")


def _candidates(wanted: str, kind: str, owner: tuple[str, str] | None) -> Iterator[str]:
    """Yield `trip`, `trip (Anna)`, `trip (Anna) 2` for folders, `work`, `work-anna`, `work-anna-2` for the others."""
    yield wanted
    tail, between = "", " " if kind == "folder" else "-"
    if owner is not None:
        slug, shown = owner
        tail = f" ({shown.replace('/', ' ')})" if kind == "folder" else f"-{slug}"
        yield _joined(wanted, tail)
    for number in itertools.count(2):
        yield _joined(wanted, f"{tail}{between}{number}")


def _joined(wanted: str, tail: str) -> str:
    """Return both, with as much of `wanted` as a name has room for."""
    room = LONGEST_NAME_BYTES - len(tail.encode())
    stem = wanted.encode("utf-8", "surrogateescape")[: max(1, room)].decode("utf-8", "ignore")
    return f"{stem}{tail}"


def _names_on_disk(data: Path, slug: str) -> frozenset[str]:
    """Return what a home holds on disk; NotPossible where nobody can look: a mount would hide what has its name."""
    try:
        if not (data / "files" / MARKER).exists():
            raise errors.NotPossible("The disk of the household's files is not there; share when it is back.")
        return frozenset(_plain(name) for name in os.listdir(data / "files" / slug))
    except OSError as error:
        raise errors.NotPossible(f"The files of {slug} cannot be looked at: {error.strerror}.") from error


def _plain(name: str) -> str:
    """Return what two names have in common that a person would take for one."""
    return unicodedata.normalize("NFC", name).casefold()
