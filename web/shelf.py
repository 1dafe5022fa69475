"""A folder as a page lists it: what is in it now, and in their places what was deleted.

The names of all are put in order, everything else is asked for those that are shown. It refuses to know how a row
looks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from appliance.clock import from_micros
from appliance.dav.contracts import Address
from appliance.store import ended, former
from appliance.store.database import Reading
from appliance.store.ended import Ended
from appliance.tree.actors import actors
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from web.doers import doer_of
from web.endings import icon_of
from web.rooms import rooms
from web.visitor import visitor

WINDOW = 200  # rows of one page
SOON = timedelta(hours=1)  # what was written since may be taken into the store any moment
_DIGITS = re.compile(r"(\d+)")

Node = FileNode | FolderNode


class Order(StrEnum):
    """How a folder is sorted; folders come first in each."""

    NAME = "name"
    DATE = "date"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a folder. `ended`: it was deleted. What the ledger does not know yet has no id."""

    name: str
    address: Address
    icon: str
    is_folder: bool
    resource_id: int | None
    size_bytes: int | None
    at: datetime | None
    who: str = ""
    earlier: int = 0  # how many former bodies there are
    is_bare: bool = False  # its octets are nowhere else: a change behind our back would lose them
    is_shared: bool = False  # somebody else's, shown here
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A part of a folder: rows from the `first` of `total`; `ended` of them all were deleted."""

    rows: Sequence[Row]
    first: int
    total: int
    ended: int

    @property
    def last(self) -> int:
        """The number behind the last row."""
        return self.first + len(self.rows)


@dataclass(frozen=True, slots=True)
class Wish:
    """What of a folder is to be shown. `holding` is a name that must be among the rows."""

    order: Order = Order.NAME
    deleted: bool = True
    first: int = 0
    holding: str | None = None


def shelf(reading: Reading, folder: FolderNode, wish: Wish) -> Shelf:
    """Return a part of a folder as it is now."""
    gone = _gone(reading, folder) if wish.deleted else []
    hidden = rooms().services.settings.hidden_files
    living = [_living(folder, node) for node in folder.members() if not _is_hidden(node.address[-1], hidden)]
    rows = [*living, *(_deleted(folder, each) for each in gone if not _is_hidden(each.name, hidden))]
    if wish.order is Order.SIZE:
        rows = _with_sizes(reading, rows)
    rows.sort(key=_key(wish.order))
    first = _first(rows, wish)
    return Shelf(_told(reading, rows[first : first + WINDOW]), first, len(rows), len(gone))


def _is_hidden(name: str, patterns: Sequence[str]) -> bool:
    """Return whether a name is one of the temporary and hidden files of editors and systems: nobody looks for those."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _gone(reading: Reading, folder: FolderNode) -> list[Ended]:
    if folder.resource_id is None:
        return []
    found = ended.ended_in(reading, folder.resource_id)
    if visitor().may_look(folder.resource_id):
        return found
    return [each for each in found if each.kind == "folder" and visitor().may_look(each.resource_id)]


def _living(folder: FolderNode, node: object) -> Row:
    assert isinstance(node, (FileNode, FolderNode))  # nothing else lies in a folder
    if isinstance(node, FileNode):
        name = node.entry.name
        return Row(
            name, (*folder.address, name), icon_of(name), False, node.resource_id, node.size_bytes, node.modified_at
        )
    name = node.address[-1]
    shared = node.mount is not None
    icon = "people" if shared else "folder"
    return Row(name, node.address, icon, True, node.resource_id, None, node.modified_at, is_shared=shared)


def _deleted(folder: FolderNode, each: Ended) -> Row:
    is_folder = each.kind == "folder"
    icon = "folder" if is_folder else icon_of(each.name)
    at = from_micros(each.at)
    return Row(
        each.name, (*folder.address, each.name), icon, is_folder, each.resource_id, each.size, at, ended=each
    )  # fmt: skip


def natural(name: str) -> list[str | int]:
    """Return what names are sorted by: as people count, without regard to letter case, composed or not."""
    folded = (name if name.isascii() else unicodedata.normalize("NFC", name)).casefold()
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split(folded)]


def _key(order: Order) -> Callable[[Row], tuple[object, ...]]:
    if order is Order.DATE:
        return lambda row: (not row.is_folder, -(row.at.timestamp() if row.at else 0.0), natural(row.name))
    if order is Order.SIZE:
        return lambda row: (not row.is_folder, -(row.size_bytes or 0), natural(row.name))
    return lambda row: (not row.is_folder, natural(row.name))


def _first(rows: Sequence[Row], wish: Wish) -> int:
    place = next((number for number, row in enumerate(rows) if row.name == wish.holding), None)
    asked = wish.first if place is None else place
    return max(0, min(asked, len(rows) - 1)) // WINDOW * WINDOW if rows else 0


def _with_sizes(reading: Reading, rows: Sequence[Row]) -> list[Row]:
    below = former.below(reading, [row.resource_id for row in rows if row.is_folder and row.resource_id is not None])
    return [
        replace(row, size_bytes=below[row.resource_id].size_bytes)
        if row.resource_id in below and not row.ended
        else row
        for row in rows
    ]


def _told(reading: Reading, rows: Sequence[Row]) -> list[Row]:
    """Return rows with what is asked for those only that are shown."""
    ids = [row.resource_id for row in rows if row.resource_id is not None and not row.is_folder]
    written, bare = former.written(reading, ids), former.uncovered(reading, ids)
    known = actors(reading)
    told = []
    for row in _with_sizes(reading, rows):
        if row.ended is not None:
            told.append(replace(row, who=doer_of(known, row.ended.device_id)))
            continue
        by = written.get(row.resource_id or 0)
        told.append(replace(
            row, who="" if by is None else doer_of(known, by.device_id), earlier=0 if by is None else by.bodies - 1,
            is_bare=row.resource_id in bare and _stays_bare(row),
        ))  # fmt: skip
    return told


def _stays_bare(row: Row) -> bool:
    """Return whether a file will not be taken into the store by itself within the next minutes."""
    limit = rooms().services.settings.covered_file_limit_bytes
    return (row.size_bytes or 0) > limit or (row.at is not None and visitor().now - row.at > SOON)
