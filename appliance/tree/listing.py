"""A folder by its names first: whoever shows a part of it makes resources of that part only.

The same things as `FolderNode.members`, in two steps. It refuses to know in which order anybody wants them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from appliance.clock import to_micros
from appliance.tree.file import FileNode
from appliance.tree.folder import FolderNode

Node = FileNode | FolderNode


class Named(NamedTuple):
    """What is known of a member by its name. Size and date, microseconds since 1970, are 0 where not asked for."""

    name: str
    is_folder: bool
    size_bytes: int = 0
    modified: int = 0
    node: Node | None = None  # where it had to be made anyway


def names_in(folder: FolderNode, *, with_dates: bool = False) -> list[Named]:
    """Return what is in a folder now, as the reader may see it; `with_dates`: sizes of files, and dates, as well."""
    if folder.hides_some:
        return [_named(node) for node in folder.members() if isinstance(node, (FileNode, FolderNode))]
    mounted = [_named(node) for node in folder.mounted()]
    taken = {each.name for each in mounted}
    found = folder.visit.services.files.names(folder.folder, with_status=with_dates)
    return mounted + [
        Named(name, is_folder)
        if status is None
        else Named(name, is_folder, 0 if is_folder else status.st_size, status.st_mtime_ns // 1000)
        for name, is_folder, status in found
        if name not in taken
    ]


def nodes_of(folder: FolderNode, some: Sequence[Named]) -> dict[str, Node]:
    """Return some of what `names_in` returned as resources by name, without what has gone meanwhile."""
    found = {each.name: each.node for each in some if each.node is not None}
    names = [each.name for each in some if each.node is None]
    for entry in folder.visit.services.files.entries_of(folder.folder, names):
        found[entry.name] = folder.member(entry)
    return found


def _named(node: Node) -> Named:
    if isinstance(node, FileNode):
        return Named(node.entry.name, False, node.entry.size, node.entry.modified_ns // 1000, node)
    return Named(node.address[-1], True, 0, 0 if node.modified_at is None else to_micros(node.modified_at), node)
