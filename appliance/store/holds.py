"""Holds: signs that this box was set back to an older state, and what its owner decided (protocol A1 to A4).

A state that this database never had (`epochs.Lost`) is a sign. Of an epoch that ended earlier here it is proof, and a
hold on all address books and calendars; of an unknown epoch, which anyone who reads the book could forge, it is a
doubt about one device in one collection. What to do about a lost state is decided here, by pure functions over the
rows that concern one device; they are read and written in `hold_rows.py`. What a hold means for a request is not
known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from appliance.store.epochs import Lost

Choice = Literal["keep", "accept"]
"""`keep`: what only phones have stays on them (protocol A4, the default). `accept`: they drop what is not here."""
Kind = Literal["mark", "token", "etag", "missing", "listing"]

WITNESS = 0  # the device of a sign that no device gave


@dataclass(frozen=True, slots=True)
class Hold:
    """One row. `device_id` None: proven, and box-wide; `common_seq` is the last seq that both histories have."""

    id: int
    device_id: int | None
    collection_id: int | None
    address: str
    since_at: int
    common_seq: int
    newest_device: int


@dataclass(frozen=True, slots=True)
class Decision:
    """How its owner ended a hold, for one device or all (None), in one collection or all."""

    hold_id: int
    device_id: int | None
    collection_id: int | None
    choice: Choice
    at: int
    seq: int


@dataclass(frozen=True, slots=True)
class Sign:
    """What showed a lost state, for the owner to read."""

    hold_id: int
    device_id: int
    address: str
    epoch: str
    kind: Kind
    seq: int
    home_id: int | None
    first_at: int
    last_at: int


class Verdict(StrEnum):
    """What is done about a lost state."""

    NEW = "new"  # nobody has heard of it: it begins a hold or a doubt
    HELD = "held"  # its owner has not decided yet
    KEPT = "kept"  # tell the difference, and no removal that may be unjust
    ACCEPTED = "accepted"  # as if it had never been given out


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict on a lost state, and by which hold.

    Of KEPT: `common_seq` is the last seq that both histories have, as far as that can be told. `parted_at` is the same
    where it is certain; None: what is here is all told, and no end, for it might be that of something newer there.
    """

    verdict: Verdict
    hold: Hold | None = None
    common_seq: int = 0
    parted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """All holds that concern one device, and the decisions on them, the newest of each first; read once a request."""

    device_id: int
    rows: tuple[Hold, ...]
    decisions: tuple[Decision, ...]

    @property
    def of_box(self) -> tuple[Hold, ...]:
        """The proven ones, the newest first."""
        return tuple(hold for hold in self.rows if hold.device_id is None)

    def _here(self, collection_id: int | None) -> tuple[Hold, ...]:
        return tuple(hold for hold in self.rows if hold.device_id is not None and hold.collection_id == collection_id)

    def decision(self, hold: Hold, collection_id: int | None) -> Decision | None:
        """Return what was decided for this device in a collection; None for a home or what is not here."""
        for each in self.decisions:
            fits = each.device_id in (None, self.device_id) and each.collection_id in (None, collection_id)
            if each.hold_id == hold.id and fits:
                return each
        return None

    def held(self, collection_id: int | None) -> Hold | None:
        """Return the open hold on a collection; None as collection: on homes, and on what is not here."""
        concerned = self.of_box if collection_id is None else (*self.of_box, *self._here(collection_id))
        return next((hold for hold in concerned if self.decision(hold, collection_id) is None), None)

    @property
    def doubted(self) -> bool:
        """Whether anything that this device showed is an open doubt."""
        own = [hold for hold in self.rows if hold.device_id is not None]
        return any(self.decision(hold, hold.collection_id) is None for hold in own)

    def kept(self, collection_id: int | None) -> Decision | None:
        """Return the decision by which this device may hold more of a collection than is here; None: it does not."""
        concerned = self.of_box if collection_id is None else (*self.of_box, *self._here(collection_id))
        for hold in concerned:
            decided = self.decision(hold, collection_id)
            if decided is not None and decided.choice == "keep" and self.device_id <= hold.newest_device:
                return decided
        return None

    def judge(self, lost: Lost, collection_id: int | None, *, was_signed: Callable[[Hold, str], bool]) -> Ruling:
        """Return what is done about a state that this device showed in a collection (None: in one that is not here).

        A later set-back is not covered by what was decided about an earlier one: a known epoch must have ended by
        then, and the loss of an unknown one is only accepted where that very one had been shown (`was_signed`).
        """
        if lost.end_seq is not None:
            return self._proven(lost.end_seq, collection_id)
        candidates = [hold for hold in self.of_box if hold.common_seq < lost.seq]
        open_one = next((hold for hold in candidates if self.decision(hold, collection_id) is None), None)
        if open_one is not None:
            return Ruling(Verdict.HELD, open_one)
        for hold in candidates:
            decided = self.decision(hold, collection_id)
            assert decided is not None
            if decided.choice == "keep":
                return Ruling(Verdict.KEPT, hold, min(each.common_seq for each in candidates))
            if was_signed(hold, lost.epoch):
                return Ruling(Verdict.ACCEPTED, hold)
        return self._doubted(lost, collection_id, was_signed)

    def _proven(self, end_seq: int, collection_id: int | None) -> Ruling:
        covering = next((hold for hold in self.of_box if hold.common_seq >= end_seq), None)
        if covering is None:
            return Ruling(Verdict.NEW)
        decided = self.decision(covering, collection_id)
        if decided is None:
            return Ruling(Verdict.HELD, covering)
        if decided.choice == "accept":
            return Ruling(Verdict.ACCEPTED, covering)
        return Ruling(Verdict.KEPT, covering, end_seq, end_seq)

    def _doubted(
        self, lost: Lost, collection_id: int | None, was_signed: Callable[[Hold, str], bool]
    ) -> Ruling:  # fmt: skip
        for hold in self._here(collection_id):
            decided = self.decision(hold, collection_id)
            if decided is None:
                return Ruling(Verdict.HELD, hold)
            if decided.choice == "keep":
                return Ruling(Verdict.KEPT, hold)
            if was_signed(hold, lost.epoch):
                return Ruling(Verdict.ACCEPTED, hold)
        return Ruling(Verdict.NEW)
