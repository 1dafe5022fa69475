"""Making one resource be so: the one write behind restore, rewind, undo and import of a past.

A `Wanted` says where a resource is to be, with which body, properties and mount; nothing else about it changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.store.mounts import Access


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
    dead: it comes back under its old id at `home`, with the body of `body` and exactly `properties`.
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
