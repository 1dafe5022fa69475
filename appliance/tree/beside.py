"""A copy of something as it was, under another name beside what is there now: a restore that replaces nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from appliance import errors
from appliance.dav.contracts import Address, Conditions, Kind, NewCollection, PropertyChange, Upload
from appliance.store import past
from appliance.store.bodies import Bodies
from appliance.store.database import Reading
from appliance.store.ledger import Member
from appliance.tree.site import TreeSite

_MADE = {"folder": Kind.FOLDER, "addressbook": Kind.ADDRESSBOOK, "calendar": Kind.CALENDAR}
_WHOLE = Conditions(if_none_match="*")


class Pieces(io.RawIOBase):
    """Octets that come in pieces, to be read like a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` octets, b"" at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        if size < 0:
            given, self._rest = self._rest + b"".join(self._pieces), b""
            return given
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def put_beside(site: TreeSite, bodies: Bodies, was: Member, seq: int, target: Address) -> int:
    """Copy what `was` at `seq` to the free address `target`, with everything below; return how many there are.

    Raises AlreadyThere or PreconditionFailed when something has the name, UidTaken for a contact or event whose
    collection has it still, and what a PUT or MKCOL there would raise. What is refused is no lost edit: it is a copy.
    """
    quiet = TreeSite(replace(site.visit, keeps_refused=False), site.swept_later)
    return _put_beside(quiet, bodies, was, seq, target)


def _put_beside(site: TreeSite, bodies: Bodies, was: Member, seq: int, target: Address) -> int:
    reading = site.visit.reading
    if was.kind in _MADE:
        holder, name = site.place(target)
        stored = [PropertyChange(*one) for one in past.properties_at(reading, was.resource_id, seq).items()]
        holder.make(name, NewCollection(_MADE[was.kind], tuple(stored)), Conditions())
        below = past.members_at(reading, was.resource_id, seq)
        return 1 + sum(_put_beside(site, bodies, one, seq, (*target, one.name)) for one in below)
    if was.content_id is None:
        raise errors.NotPossible("Only files, contacts, events, and collections of them can be put beside.")
    _put(site, bodies, reading, was, target)
    return 1


def _put(site: TreeSite, bodies: Bodies, reading: Reading, was: Member, target: Address) -> None:
    holder, name = site.place(target)
    pieces = Pieces(bodies.read(reading, was.content_id or 0, of=was.resource_id))
    holder.put(name, Upload(pieces, was.size), _WHOLE)
