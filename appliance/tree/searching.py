"""Finding files and folders by name, in a folder and everything below it, as far as is bearable.

Names are those of the ledger, a folder at a time, so that nothing is asked of the disk; what mounts of a home show is
below it. It stops after so many names and says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from appliance.dav.contracts import Address
from appliance.store import queries
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.tree.access import Access
from appliance.tree.folder import FolderNode

MOST_FOUND = 200
MOST_NAMES = 50_000


@dataclass(frozen=True, slots=True)
class Hit:
    """Something whose name fits, and where it is."""

    address: Address
    member: Member


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. `is_all` False: there may be more."""

    hits: tuple[Hit, ...]
    is_all: bool


def search(
    reading: Reading, folder: FolderNode, fits: Callable[[str], bool], *,
    most_found: int = MOST_FOUND, most_names: int = MOST_NAMES,
) -> Found:  # fmt: skip
    """Return what in a folder and below has a name that fits, what is nearer first."""
    waiting = deque(_beginnings(folder))
    hits: list[Hit] = []
    names = 0
    while waiting:
        address, folder_id = waiting.popleft()
        for member in queries.members_named(reading, folder_id):
            names += 1
            if names > most_names or len(hits) == most_found:
                return Found(tuple(hits), is_all=False)
            inner = (*address, member.name)
            if member.kind == "folder":
                waiting.append((inner, member.resource_id))
            if member.kind in ("file", "folder") and fits(member.name):
                hits.append(Hit(inner, member))
    return Found(tuple(hits), is_all=True)


def _beginnings(folder: FolderNode) -> list[tuple[Address, int]]:
    """Return the folders to begin with: itself, and what others show in it; of the household's home only those."""
    shown = [(node.address, node.resource_id) for node in folder.mounted()]
    if not (folder.is_home and folder.access is Access.READ):
        shown.insert(0, (folder.address, folder.resource_id))
    else:
        shown += [(node.address, node.resource_id) for node in folder.members() if isinstance(node, FolderNode)]
    return [(address, id_) for address, id_ in dict(shown).items() if id_ is not None]
