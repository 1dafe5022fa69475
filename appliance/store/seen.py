"""What a look at the disk found: states that the ledger does not know, and members that no name stands for any more.

Values only. Looking is `observe.py`, recording `recording.py`, telling a rename from a new file `renames.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.store.database import Reading, Writing
from appliance.store.disk import Signature
from appliance.store.file_rows import FileState
from appliance.store.ledger import Member


@dataclass(frozen=True, slots=True)
class Seen:
    """One name as a look found it: a file in a state, a folder, or nothing at all."""

    folder: tuple[str, ...]  # the path, below `files/`, of the folder that the name is in
    name: str
    state: FileState | None = None
    directory: Signature | None = None

    @property
    def is_folder(self) -> bool:
        """A directory is there."""
        return self.directory is not None

    @property
    def is_absent(self) -> bool:
        """Nothing is there."""
        return self.state is None and self.directory is None

    @property
    def path(self) -> tuple[str, ...]:
        """The whole path below `files/`."""
        return (*self.folder, self.name)


@dataclass(slots=True)
class Missing:
    """The members that one look at the disk missed: where what appeared may have come from, and what may end."""

    keeps_inodes: bool = True
    members: dict[tuple[int, str], int] = field(default_factory=dict)  # resources by place: 100,000 may be gone
    folders: list[int] = field(default_factory=list)
    by_content: dict[int, list[int]] = field(default_factory=dict)  # files with a body, by content id

    def add(self, reading: Reading, member: Member) -> None:
        """Remember a member. Where no inode tells, the files below a folder may be anywhere by now."""
        if (member.collection_id, member.name) in self.members:
            return
        self.members[member.collection_id, member.name] = member.resource_id
        if member.kind == "folder":
            self.folders.append(member.resource_id)
            if not self.keeps_inodes:
                for resource_id, content_id in files_below(reading, member.resource_id):
                    self._by_content(resource_id, content_id)
        elif member.size:  # empty files are all alike
            self._by_content(member.resource_id, member.content_id)

    def _by_content(self, resource_id: int, content_id: int | None) -> None:
        if content_id is not None:
            self.by_content.setdefault(content_id, []).append(resource_id)


def files_below(reading: Reading | Writing, folder_id: int) -> Iterator[tuple[int, int | None]]:
    """Yield (resource id, content id) of every live file below a folder, however deep."""
    rows = reading.execute(
        "WITH RECURSIVE below (id) AS (SELECT ?1 UNION ALL SELECT m.resource_id FROM below"
        " JOIN member m ON m.collection_id = below.id WHERE m.kind = 'folder')"
        " SELECT m.resource_id, m.content_id FROM below JOIN member m ON m.collection_id = below.id"
        " WHERE m.kind = 'file'",
        (folder_id,),
    )
    for row in rows:
        yield row[0], row[1]


def count_files(reading: Reading | Writing, resource_id: int) -> int:
    """Return how many live files a folder holds; 1 for a file."""
    row = reading.execute("SELECT 1 FROM collection WHERE id = ?", (resource_id,)).fetchone()
    return 1 if row is None else sum(1 for _ in files_below(reading, resource_id))
