"""Making one resource be so: the one write behind restore, rewind, undo and import of a past.

A `Wanted` says where a resource is to be, with which body, properties and mount; nothing else about it changes. What
cards, events, books, calendars and mounts have in common with files and folders is here: how a resource stands inside
the transaction, whether it is as wanted already, and whether the place is free. The writes are `placing_objects.py`
and `placing_files.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors
from appliance.store import collections, mounts, properties
from appliance.store.database import Reading, Writing
from appliance.store.ledger import Member, Page, find_member, member_of
from appliance.store.mounts import Access

_HELD_IN = {  # kind: below which node, and in which kinds of collection
    "card": ("addressbooks", ("addressbook",)),
    "addressbook": ("addressbooks", ("home",)),
    "event": ("calendars", ("calendar",)),
    "calendar": ("calendars", ("home",)),
    "file": ("files", ("folder", "home")),
    "folder": ("files", ("folder", "home")),
}


@dataclass(frozen=True, slots=True)
class Home:
    """An address: a collection and a name in it."""

    collection_id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewBody:
    """Octets for a resource: a content that the ledger has, or `octets` that somebody merged."""

    content_id: int | None = None
    octets: bytes | None = None
    modified_at: int | None = None  # files: the date they had; microseconds since 1970


@dataclass(frozen=True, slots=True)
class Shown:
    """What a mount is to show, and with which right."""

    target_id: int
    access: Access


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one resource is to be. What is None, or empty, stays as it is.

    `seen_seq` is the resource's newest row as the plan saw it. `is_alive` False: it is to end, recoverably; True and
    dead: it comes back under its old id at `home`, with the body of `body` (None: its last one), its properties those
    still open, changed by `properties`. What ended lost its properties with it, so there they are all it gets; those of
    an address book, calendar, folder or mount stay open while it is dead.
    """

    resource_id: int
    kind: str
    seen_seq: int
    is_alive: bool
    home: Home | None = None  # None: where it is
    body: NewBody | None = None
    properties: tuple[tuple[str, str | None], ...] = ()  # in order; None removes
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What a step did: the seq of its last row, and the name that the resource has now (None: it ended)."""

    seq: int
    name: str | None


# --- what the writes have in common -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a resource stands: its newest row, where it lives, and who wrote that."""

    seq: int
    before: Member | None  # None: it ended
    home: Home  # where it is, or was last
    device_id: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """What a check judges before anything is written. `size_bytes` is what the resource holds afterwards."""

    wanted: Wanted
    standing: Standing
    to: Home
    size_bytes: int

    @property
    def comes(self) -> bool:
        """Whether it appears at `to`, from the past or from elsewhere."""
        return self.wanted.is_alive and (self.standing.before is None or self.standing.home != self.to)

    @property
    def goes(self) -> bool:
        """Whether it disappears from where it is."""
        return self.standing.before is not None and (not self.wanted.is_alive or self.standing.home != self.to)


Check = Callable[[Reading | Writing, Step], None]
"""Raises what forbids the step: privileges, locks, room."""


def standing_of(reading: Reading | Writing, resource_id: int) -> Standing:
    """Return how a resource stands; NotFound for what never was."""
    row = reading.execute(
        "SELECT seq, collection_id, name, device_id FROM version WHERE resource_id = ? ORDER BY seq DESC LIMIT 1",
        (resource_id,),
    ).fetchone()
    if row is None:
        raise errors.NotFound("There has never been such an entry.")
    home = Home(row["collection_id"], row["name"])
    return Standing(row["seq"], member_of(reading, resource_id), home, row["device_id"])


def step_of(wanted: Wanted, standing: Standing, size_bytes: int) -> Step:
    """Return what a check judges."""
    to = standing.home if wanted.home is None or not wanted.is_alive else wanted.home
    return Step(wanted, standing, to, size_bytes)


def require_unchanged(wanted: Wanted, standing: Standing) -> None:
    """Raise ChangedSince when somebody wrote after the plan was made."""
    if standing.seq != wanted.seen_seq:
        raise errors.ChangedSince("It was changed meanwhile, so it stays as it is; look at the plan again.")


def is_so(reading: Reading | Writing, wanted: Wanted, standing: Standing, content_id: int | None) -> bool:
    """Return whether everything is as wanted already; `content_id` is that of the wanted body, None: any."""
    before = standing.before
    if before is None or not wanted.is_alive:
        return before is None and not wanted.is_alive
    if wanted.home not in (None, standing.home) or content_id not in (None, before.content_id):
        return False
    stored = properties.of(reading, wanted.resource_id)
    if any(stored.get(name) != value for name, value in dict(wanted.properties).items()):
        return False
    return wanted.shown is None or is_shown(reading, wanted)


def is_shown(reading: Reading | Writing, wanted: Wanted) -> bool:
    """Return whether a mount shows what it is wanted to show."""
    mount = mounts.of(reading, wanted.resource_id)
    return mount is not None and wanted.shown is not None and Shown(mount.target_id, mount.access) == wanted.shown


def require_home(reading: Reading | Writing, step: Step) -> None:
    """Raise NoParent unless the collection at `step.to` lives with all above it, WrongPlace unless it holds this kind.

    A home can have properties, but neither end nor move.
    """
    row = collections.row_of(reading, step.standing.home.collection_id)
    if row is not None and row.kind in ("root", "node") and (step.comes or step.goes):
        raise errors.WrongPlace("A home stays where it is.")
    if not step.wanted.is_alive:
        return
    row = collections.row_of(reading, step.to.collection_id)
    node = node_above(reading, step.to.collection_id)
    if row is None or node is None:
        raise errors.NoParent("What held it is gone; bring that back first.")
    below, kinds = _HELD_IN.get(step.wanted.kind, (node, ("home", "folder")))  # a mount: in any home
    if step.comes and (node != below or row.kind not in kinds):
        raise errors.WrongPlace("This kind of entry cannot be kept there.")


def node_above(reading: Reading | Writing, collection_id: int) -> str | None:
    """Return the name of the root's node that a collection is below, None unless it lives with all above it."""
    current: int | None = collection_id
    while current is not None:
        row = reading.execute(
            "SELECT c.parent_id, c.kind, r.alive, m.name FROM collection c JOIN resource r ON r.id = c.id"
            " LEFT JOIN member m ON m.resource_id = c.id WHERE c.id = ?",
            (current,),
        ).fetchone()
        if row is None or not row["alive"]:
            return None
        if row["kind"] == "node":
            name: str = row["name"]
            return name
        current = row["parent_id"]
    return None


def require_free(reading: Reading | Writing, wanted: Wanted, home: Home) -> None:
    """Raise NameTaken when something else has the name, in any canonically equal form."""
    there = find_member(reading, home.collection_id, home.name)
    if there is not None and there.resource_id != wanted.resource_id:
        raise errors.NameTaken(
            errors.said("Something else is called %(name)s there now; choose another name.", name=there.name)
        )


def last_body(reading: Reading | Writing, resource_id: int) -> NewBody | None:
    """Return the body that a resource had last."""
    row = reading.execute(
        "SELECT content_id, modified_at FROM version WHERE resource_id = ? AND content_id IS NOT NULL"
        " ORDER BY seq DESC LIMIT 1",
        (resource_id,),
    ).fetchone()
    return None if row is None else NewBody(row["content_id"], None, row["modified_at"])


def set_properties(page: Page, wanted: Wanted, seq: int) -> None:
    """Set and remove properties as of the row `seq` of the resource."""
    properties.change(page.writing, wanted.resource_id, seq, wanted.properties)
