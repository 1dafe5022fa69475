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
from fnmatch import translate

from appliance.clock import from_micros
from appliance.dav.contracts import Address
from appliance.store import ended, former
from appliance.store.database import Reading
from appliance.store.ended import Ended
from appliance.store.former import Below
from appliance.tree.actors import actors
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode
from appliance.tree.listing import Named, Node, names_in, nodes_of
from web.doers import doer_of
from web.endings import icon_of
from web.rooms import rooms
from web.visitor import visitor

WINDOW = 200  # rows of one page
SOON = timedelta(hours=1)  # what was written since may be taken into the store any moment
_DIGITS = re.compile(r"(\d+)")


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
    """Return a part of a folder as it is now. All are put in order; rows are made of those that are shown."""
    is_hidden = _hiding(rooms().services.settings.hidden_files)
    gone = [each for each in _gone(reading, folder) if not is_hidden(each.name)] if wish.deleted else []
    named = names_in(folder, with_dates=wish.order is not Order.NAME)
    living = [each for each in named if not is_hidden(each.name)]
    below = _sizes_below(reading, folder, living) if wish.order is Order.SIZE else {}
    found: list[Named | Ended] = [*living, *gone]
    found.sort(key=_key(wish.order, below))
    first = _first(found, wish)
    shown = found[first : first + WINDOW]
    nodes = nodes_of(folder, [each for each in shown if isinstance(each, Named)])
    rows = [
        _deleted(folder, each) if isinstance(each, Ended) else _row(folder, nodes[each.name])
        for each in shown
        if isinstance(each, Ended) or each.name in nodes  # else it went while it was looked at
    ]
    return Shelf(_told(reading, rows), first, len(found), len(gone))


def _hiding(patterns: Sequence[str]) -> Callable[[str], object]:
    """Return what tells temporary and hidden files of editors and systems: nobody looks for those."""
    return re.compile("|".join(map(translate, patterns)) if patterns else r"(?!)").match


def _is_folder(each: Named | Ended) -> bool:
    return each.is_folder if isinstance(each, Named) else each.kind == "folder"


def _sizes_below(reading: Reading, folder: FolderNode, living: Sequence[Named]) -> dict[str, Below]:
    """Return what lies below the folders among some members, by name."""
    ids = {
        name: node.resource_id
        for name, node in nodes_of(folder, [each for each in living if each.is_folder]).items()
        if node.resource_id is not None
    }
    found = former.below(reading, list(ids.values()))
    return {name: found[id_] for name, id_ in ids.items() if id_ in found}


def _gone(reading: Reading, folder: FolderNode) -> list[Ended]:
    if folder.resource_id is None:
        return []
    found = ended.ended_in(reading, folder.resource_id)
    if visitor().may_look(folder.resource_id):
        return found
    return [each for each in found if each.kind == "folder" and visitor().may_look(each.resource_id)]


def _row(folder: FolderNode, each: Node) -> Row:
    if isinstance(each, FileNode):
        name, address = each.entry.name, (*folder.address, each.entry.name)
        return Row(name, address, icon_of(name), False, each.resource_id, each.size_bytes, each.modified_at)
    shared = each.mount is not None
    icon = "people" if shared else "folder"
    return Row(
        each.address[-1], each.address, icon, True, each.resource_id, None, each.modified_at, is_shared=shared
    )  # fmt: skip


def _deleted(folder: FolderNode, each: Ended) -> Row:
    icon = "folder" if each.kind == "folder" else icon_of(each.name)
    address, at = (*folder.address, each.name), from_micros(each.at)
    return Row(each.name, address, icon, each.kind == "folder", each.resource_id, each.size, at, ended=each)


def natural(name: str) -> list[str | int]:
    """Return what names are sorted by: as people count, without regard to letter case, composed or not."""
    folded = (name if name.isascii() else unicodedata.normalize("NFC", name)).casefold()
    parts: list[str | int] = list(_DIGITS.split(folded))
    parts[1::2] = map(int, parts[1::2])  # what was split at stands between what was split
    return parts


def _key(order: Order, below: dict[str, Below]) -> Callable[[Named | Ended], tuple[object, ...]]:
    if order is Order.DATE:
        return lambda each: (not _is_folder(each), -_date_of(each), natural(each.name))
    if order is Order.SIZE:
        return lambda each: (not _is_folder(each), -_size_of(each, below), natural(each.name))
    return lambda each: (not _is_folder(each), natural(each.name))


def _date_of(each: Named | Ended) -> int:
    """Return when something changed last, or was deleted, in microseconds."""
    return each.modified if isinstance(each, Named) else each.at


def _size_of(each: Named | Ended, below: dict[str, Below]) -> int:
    if isinstance(each, Ended):
        return each.size or 0
    if not each.is_folder:
        return each.size_bytes
    return below[each.name].size_bytes if each.name in below else 0


def _first(found: Sequence[Named | Ended], wish: Wish) -> int:
    place = None
    if wish.holding is not None:
        place = next((number for number, each in enumerate(found) if each.name == wish.holding), None)
    asked = wish.first if place is None else place
    return max(0, min(asked, len(found) - 1)) // WINDOW * WINDOW if found else 0


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
