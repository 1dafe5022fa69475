"""What changed below a folder since a seq: one level, or all levels in one walk (ledger Q8).

Only folders in which something changed are entered. A folder that is newly mapped is reported with everything below
it; where its name was another folder before, what vanished from under the name is reported as well, or a client would
keep the old one's files below the new one's address. A removed folder is one change, nothing below it. A mount is there
as long as what it shows, which its owner may delete and bring back without a row in this home.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store import mounts, past, queries
from appliance.store.database import Reading
from appliance.store.ledger import Member, member_of
from appliance.store.queries import Gone

FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Change:
    """A name, relative to the folder asked about, that is new, changed or gone."""

    seq: int
    names: tuple[str, ...]
    is_gone: bool
    is_folder: bool


def members_since(reading: Reading, folder_id: int, since: int, *, with_gone: bool) -> list[Change]:
    """Return the changes of direct members (RFC 6578 3.3, level 1)."""
    rows = queries.changes(reading, folder_id, since, None, with_gone=with_gone)
    return [_change(row, ()) for row in rows]


def everything_since(reading: Reading, folder_id: int, since: int, *, with_gone: bool) -> list[Change]:
    """Return the changes at all levels (level infinite)."""
    found: list[Change] = []
    _walk(reading, folder_id, (), since, found, with_gone=with_gone)
    return found


def mounts_turned(reading: Reading, home_id: int) -> list[Change]:
    """Return for each mount of a home when what it shows was there, or not there, as it is now."""
    turned: list[Change] = []
    for resource_id, mount in mounts.of_home(reading, home_id).items():
        member = member_of(reading, resource_id)
        if member is not None:
            seq = past.turned_at(reading, mount.target_id)
            turned.append(Change(seq, (member.name,), is_gone=False, is_folder=True))
    return turned


def _change(row: Member | Gone, above: tuple[str, ...]) -> Change:
    if isinstance(row, Gone):
        return Change(row.seq, (*above, row.name), is_gone=True, is_folder=False)
    return Change(row.seq, (*above, row.name), is_gone=False, is_folder=row.kind == FOLDER)


def _walk(
    reading: Reading, folder_id: int, above: tuple[str, ...], since: int, found: list[Change], *, with_gone: bool
) -> None:
    newly_mapped: set[int] = set()
    for row in queries.changes(reading, folder_id, since, None, with_gone=with_gone):
        found.append(_change(row, above))
        if isinstance(row, Member) and row.kind == FOLDER:
            newly_mapped.add(row.resource_id)
            names = (*above, row.name)
            _everything_below(reading, row.resource_id, names, row.seq, found)
            if with_gone:
                _vanished(reading, folder_id, row, names, since, found)
    names_of = {
        member.resource_id: member.name for member in queries.members_named(reading, folder_id) if member.kind == FOLDER
    }
    for inner_id in queries.folders_changed(reading, folder_id, since):
        if inner_id in names_of and inner_id not in newly_mapped:
            _walk(reading, inner_id, (*above, names_of[inner_id]), since, found, with_gone=with_gone)


def _everything_below(reading: Reading, folder_id: int, above: tuple[str, ...], seq: int, found: list[Change]) -> None:
    for member in queries.members_named(reading, folder_id):
        found.append(Change(seq, (*above, member.name), is_gone=False, is_folder=member.kind == FOLDER))
        if member.kind == FOLDER:
            _everything_below(reading, member.resource_id, (*above, member.name), seq, found)


def _vanished(
    reading: Reading, parent_id: int, now: Member, names: tuple[str, ...], since: int, found: list[Change]
) -> None:
    for then in queries.state_at(reading, parent_id, since):
        if then.name == now.name and then.kind == FOLDER:
            _compare(reading, then.resource_id, now.resource_id, names, since, now.seq, found)


def _compare(
    reading: Reading, then_id: int, now_id: int, above: tuple[str, ...], since: int, seq: int, found: list[Change]
) -> None:
    """Report each topmost name that was below `then_id` at `since` and is not below `now_id` now."""
    present = {member.name: member for member in queries.members_named(reading, now_id)}
    for old in queries.state_at(reading, then_id, since):
        new = present.get(old.name)
        if new is None:
            found.append(Change(seq, (*above, old.name), is_gone=True, is_folder=old.kind == FOLDER))
        elif old.kind == FOLDER and new.kind == FOLDER:
            _compare(reading, old.resource_id, new.resource_id, (*above, old.name), since, seq, found)
