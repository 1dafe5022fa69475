"""Ends a hold as its owner chose (protocol A4): the decision, an epoch, and what phones asked for, in one transaction.

`keep`: phones keep what only they have. `accept`: they drop what is not here. Either may be said of one device or one
collection alone, and later differently: the newest decision counts. It refuses to guess a choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance import errors
from appliance.household import held, homes
from appliance.household.held import Report
from appliance.store import collections, epochs, hold_rows, queries, witness
from appliance.store.holds import Choice, Decision, Sign
from appliance.store.ledger import Author, Ledger, Page, member_at


@dataclass(frozen=True, slots=True)
class Part:
    """What of the holds is meant: one device's, one collection's, one address that is not here; all None: everything.

    Doubts are only ended by name: whoever can read a book could have forged one.
    """

    device_id: int | None = None
    collection_id: int | None = None
    missing: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing was named."""
        return self == Part()


@dataclass(frozen=True, slots=True)
class Released:
    """What was done. `anew` are the addresses of collections that were made again, empty."""

    holds: int
    doubts: int
    anew: tuple[str, ...]


def release(ledger: Ledger, author: Author, choice: Choice, part: Part, *, mark: Path | None = None) -> Released:
    """End what `part` means, and return what was done; NotPossible where nothing waits or waited.

    `mark` is the witness's file: what it says is noted first, so that a start in between begins no second hold.
    """
    with ledger.database.read() as reading:
        found = _meant(held.reports(reading), part)
    if not found:
        with ledger.database.read() as reading:
            raise errors.NotPossible(_waiting_otherwise(held.reports(reading), choice))
    for report in found:
        if report.hold.device_id is None:
            witness.acknowledge(ledger, mark, report.hold.id)
    with ledger.write(author) as page:
        anew = _settle_missing(page, found, choice, part)
        seq = queries.newest_seq(page.writing.connection)
        at = ledger.now_micros()
        for report in found if part.missing is None else ():
            hold_rows.decide(page.writing, _decision(report, part, choice, at, seq))
        epochs.open_epoch(page.writing, first_seq=seq + 1, opened_at=at, reason="released")
    proven = sum(1 for report in found if report.hold.device_id is None)
    return Released(proven, len(found) - proven, anew)


def _waiting_otherwise(reports: Sequence[Report], choice: Choice) -> str:
    """Return what is said where nothing was meant: what waits, and how that is released."""
    waiting = [report.hold for report in reports if report.is_open]
    if not waiting:
        return "Nothing is on hold."
    said = [
        "everything (gotgan doctor --release lists the choices)"
        if hold.device_id is None
        else f"a doubt of one device about {hold.address}, which is released by name:"
        f" gotgan doctor --release {choice} --device {hold.device_id}"
        for hold in waiting
    ]
    return f"Nothing like that is on hold. What is: {'; '.join(said)}."


def _meant(reports: Sequence[Report], part: Part) -> list[Report]:
    """Return the holds that are meant: of proven ones those that wait, else the newest; of doubts those named.

    A device that is named is let go by an earlier hold as well, where it still waits for that.
    """
    proven = [report for report in reports if report.hold.device_id is None]
    if part.missing is not None:
        return [report for report in proven if any(sign.address == part.missing for sign in report.missing)][:1]
    waiting = [report for report in proven if report.is_open]
    doubts = [report for report in reports if report.hold.device_id is not None and _is_named(report, part)]
    braking = [report for report in proven[1:] if any(one.device_id == part.device_id for one in report.waiting)]
    return [*(waiting or [*proven[:1], *braking]), *doubts]


def _is_named(report: Report, part: Part) -> bool:
    if part.is_all:
        return False
    return part.device_id in (None, report.hold.device_id) and part.collection_id in (None, report.hold.collection_id)


def _decision(report: Report, part: Part, choice: Choice, at: int, seq: int) -> Decision:
    hold = report.hold
    if hold.device_id is not None:
        return Decision(hold.id, hold.device_id, hold.collection_id, choice, at, seq)
    return Decision(hold.id, part.device_id, part.collection_id, choice, at, seq)


def _settle_missing(page: Page, found: Sequence[Report], choice: Choice, part: Part) -> tuple[str, ...]:
    """Make anew what phones asked for, so that they keep what they have in it; return the addresses.

    Where the loss of one is accepted it is made and ended: from then on its name means a collection that is gone.
    """
    signs = {sign.address: sign for report in found for sign in report.missing if part.missing in (None, sign.address)}
    if not (part.is_all and choice == "keep") and part.missing is None:
        return ()
    for sign in signs.values():
        _make(page, sign)
        if choice == "accept":
            member = member_at(page.writing, sign.home_id or 0, held.name_of(sign.address))
            if member is not None:
                collections.remove(page, member)
    return tuple(signs) if choice == "keep" else ()


def _make(page: Page, sign: Sign) -> None:
    """Make an empty collection at an address; a calendar keeps events and tasks, for nobody knows what it kept."""
    home_id = sign.home_id or 0
    home = collections.row_of(page.writing, home_id)
    is_calendar = sign.address.startswith("calendars/")
    collections.create(
        page,
        home_id,
        held.name_of(sign.address),
        "calendar" if is_calendar else "addressbook",
        owner_id=None if home is None else home.owner_id,
        stored=[homes.keeps("VEVENT", "VTODO")] if is_calendar else [],
    )
