"""What the owner is told about holds: what happened, since when, which devices know newer things, what waits.

A report is made of rows and of names; sentences are the command line's and the pages'. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from appliance.household import devices, people
from appliance.store import hold_rows
from appliance.store.database import Reading, Writing
from appliance.store.holds import WITNESS, Decision, Hold, Sign
from appliance.store.ledger import member_at

REFUSED_LISTING = "listing"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Knower:
    """A device and the addresses at which it showed, or missed, something. `name` is for people to read."""

    device_id: int
    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One hold or doubt. Times are microseconds; `common_at` is when the state that is here was written."""

    hold: Hold
    decisions: tuple[Decision, ...]  # the newest first
    by_witness: bool
    common_at: int | None
    knowers: tuple[Knower, ...]  # who showed a state that is not here
    waiting: tuple[Knower, ...]  # who was refused a listing, because it might delete
    missing: tuple[Sign, ...]  # collections that were asked for, and are not here

    @property
    def is_open(self) -> bool:
        """Whether the owner has not decided about all of it."""
        whole = (self.hold.device_id, self.hold.collection_id)
        return not any((each.device_id, each.collection_id) in ((None, None), whole) for each in self.decisions)


def reports(reading: Reading) -> list[Report]:
    """Return every hold and doubt, the newest first."""
    names = _names(reading)
    decided, shown = hold_rows.decisions(reading), hold_rows.signs(reading)
    return [
        _report(
            reading, hold, [each for each in decided if each.hold_id == hold.id],
            [sign for sign in shown if sign.hold_id == hold.id], names,
        )
        for hold in hold_rows.every_hold(reading)
    ]  # fmt: skip


def _report(
    reading: Reading, hold: Hold, decided: Sequence[Decision], shown: Sequence[Sign], names: Mapping[int, str]
) -> Report:
    row = reading.execute("SELECT at FROM version WHERE seq = ?", (hold.common_seq,)).fetchone()
    waiting = [sign for sign in shown if sign.kind == REFUSED_LISTING]
    knowing = [sign for sign in shown if sign.kind not in (REFUSED_LISTING, MISSING) and sign.device_id != WITNESS]
    return Report(
        hold,
        tuple(decided),
        any(sign.device_id == WITNESS for sign in shown),
        None if row is None else int(row["at"]),
        _knowers(knowing, names),
        tuple(each for each in _knowers(waiting, names) if not _is_accepted(hold, decided, each.device_id)),
        still_missing(reading, shown),
    )


def still_missing(reading: Reading | Writing, shown: Sequence[Sign]) -> tuple[Sign, ...]:
    """Return what was asked for and still is not here, each address once."""
    missing = {sign.address: sign for sign in shown if sign.kind == MISSING and sign.home_id is not None}
    return tuple(
        sign
        for address, sign in sorted(missing.items())
        if not hold_rows.was_ever_named(reading, sign.home_id or 0, name_of(address))
        and member_at(reading, sign.home_id or 0, name_of(address)) is None
    )


def name_of(address: str) -> str:
    """Return the name of a collection in its home: what follows the second slash."""
    return address.split("/", 2)[2]


def _is_accepted(hold: Hold, decided: Sequence[Decision], device_id: int) -> bool:
    whole = (None, hold.collection_id)
    newest = next(
        (each for each in decided if each.device_id in (None, device_id) and each.collection_id in whole), None
    )
    return newest is not None and newest.choice == "accept"


def _knowers(shown: Sequence[Sign], names: Mapping[int, str]) -> tuple[Knower, ...]:
    addresses: dict[int, set[str]] = {}
    for sign in shown:
        addresses.setdefault(sign.device_id, set()).add(sign.address)
    return tuple(
        Knower(device_id, names.get(device_id, f"device {device_id}"), tuple(sorted(found)))
        for device_id, found in sorted(addresses.items())
    )


def _names(reading: Reading) -> dict[int, str]:
    """Return what people call each device: its label and whose it is."""
    everybody = {person.id: person.display_name for person in people.people(reading)}
    return {
        device.id: f"{device.label} ({everybody.get(device.person_id, '?')})"
        for device in devices.of_every_kind(reading)
    }
