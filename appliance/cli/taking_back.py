"""What restore, rewind and undo have in common: the whole house, whose rows, the plan in words, the receipt.

A preview counts before it lists: what comes back, what changes, what is put aside, and what stays and why. Exit 1 when
something that was asked for could not be done.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance import errors

if TYPE_CHECKING:
    from appliance.app import House
    from appliance.history.applying import Receipt
    from appliance.history.plans import Entry, Plan
    from appliance.history.restore import Planner
    from appliance.household.people import Person
    from appliance.store.batches import Batch
    from appliance.store.database import Reading
    from appliance.store.ledger import Author

SHOWN = 40  # lines of a plan; the counts are always complete

_COUNTED = (
    ("bring back", "{} comes back", "{} come back"),
    ("roll back", "{} changes", "{} change"),
    ("put aside", "{} is put aside, recoverably", "{} are put aside, recoverably"),
    ("keep", "{} stays", "{} stay"),
    ("choose", "{} stays unless you choose otherwise", "{} stay unless you choose otherwise"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command is to answer."""

    dry_run: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan and what became of it. `receipt` None: nothing was carried out; `person` None: it is no list of people."""

    plan: Plan
    receipt: Receipt | None
    person: Person | None = None


@contextlib.contextmanager
def whole_house(data: Path) -> Iterator[House]:
    """Give all rooms on a data folder, deleted folders taken in; NotPossible where there is no household."""
    from appliance import settings
    from appliance.app import furnish
    from appliance.cli import folder
    from appliance.cli.house import hand_over
    from appliance.clock import SystemClock
    from appliance.household.opening import clear_errors

    data = folder.checked(data)
    if not (data / settings.DATABASE_NAME).is_file():
        raise errors.NotPossible(f"There is no household in {data} yet; gotgan person add NAME founds one.")
    chosen = settings.load(data, os.environ)
    with clear_errors(chosen.database):
        house = furnish(chosen, SystemClock())
        try:
            house.background.duties.sweeper.sweep()
            yield house
            house.background.duties.sweeper.sweep()
        finally:
            house.services.ledger.database.close()
            hand_over(data)


def seq_of(house: House, reading: Reading, text: str) -> int:
    """Return the state that a moment, or `seq-1234`, names; WrongCall, NotFound."""
    from appliance.history.moments import read_moment
    from appliance.store import moments, queries

    numbered = re.fullmatch(r"seq-(\d{1,18})", text.strip())
    if numbered is not None:
        if not 0 < int(numbered[1]) <= queries.newest_seq(reading):
            raise errors.NotFound(f"There is no {text.strip()} in the ledger.")
        return int(numbered[1])
    now = house.services.clock.now()
    moment = read_moment(text, zone=house.services.household.time_zone, now=now)
    return moments.seq_at(reading, moment, now=now)


def planner(house: House, reading: Reading) -> Planner:
    """Return who makes plans in this snapshot."""
    from appliance.history.restore import Planner

    return Planner(reading, house.bodies)


def shell_of(house: House, person: Person) -> Author:
    """Return the command line as a device of a person."""
    from appliance.household import devices

    services = house.services
    return devices.own_author(
        services.ledger.database, person.id, "shell", label=services.household.words.shell, at=services.clock.now()
    )


def carry_out(house: House, author: Author, kind: str, plan: Plan, *, undoes: int | None = None) -> Receipt | None:
    """Carry out a plan and return the receipt; None where there is nothing to do."""
    from appliance.history import applying

    if plan.is_empty:
        return None
    batch_id = applying.begin(house.services.ledger, author, kind, plan, undoes=undoes)
    return go_on(house, author, batch_id)


def go_on(house: House, author: Author, batch_id: int) -> Receipt:
    """Carry out a planned batch from wherever it is."""
    from appliance.cli.progress import progress
    from appliance.history import applying

    ledger = house.services.ledger
    with progress("Putting back") as told:
        return applying.carry_out(
            ledger, house.writer(author), batch_id, progress=lambda done, all_: told(done / max(1, all_))
        )


def resuming(batch: Batch) -> str:
    """Return what goes on with a batch that was cut off: an import needs what it was made of."""
    return "the same gotgan import" if batch.kind == "import" else f"gotgan undo {batch.id} --resume"


# --- in words ---------------------------------------------------------------------------------------


def tell(house: House, plan: Plan, receipt: Receipt | None, asked: Asked) -> None:
    """Say what would be done, or was; raise NotPossible when something was refused or the batch stopped."""
    tell_each(house, [Outcome(plan, receipt)], asked)


def tell_each(house: House, outcomes: Iterable[Outcome], asked: Asked) -> None:
    """Say it for one after another, as they come; what was refused anywhere is said at the end, as NotPossible.

    For a program: an object, or a list of them where they are people's.
    """
    names = _devices(house)
    rows: list[dict[str, Any]] = []
    receipts: list[Receipt] = []
    for outcome in outcomes:
        if asked.as_json:
            rows.append(_as_json(outcome, names, asked))
        else:
            _say(outcome, names, asked)
        if outcome.receipt is not None:
            receipts.append(outcome.receipt)
    if asked.as_json:
        is_one = len(rows) == 1 and rows[0]["person"] is None
        click.echo(json.dumps(rows[0] if is_one else rows, ensure_ascii=False))
    complaints = [sentence for receipt in receipts for sentence in _complaints(receipt)]
    if complaints:
        raise errors.NotPossible(" ".join(complaints))


def _say(outcome: Outcome, names: dict[int, str], asked: Asked) -> None:
    if outcome.person is not None:
        click.echo(f"{outcome.person.display_name}:")
    _say_plan(outcome.plan, names, would=asked.dry_run)
    if outcome.receipt is not None:
        batch_id = outcome.receipt.batch_id
        click.echo(f"Done as batch {batch_id}; gotgan undo {batch_id} takes it back.")


def _say_plan(plan: Plan, names: dict[int, str], *, would: bool) -> None:
    shown = [entry for entry in plan.entries if not entry.passing]
    if not shown:
        click.echo("Nothing is different; nothing would be done." if would else "Nothing is different.")
        return
    for entry in shown[:SHOWN]:
        click.echo(f"  {line_of(entry, names)}")
    if len(shown) > SHOWN:
        click.echo(f"  … and {len(shown) - SHOWN:,} more")
    click.echo(counted(plan))


def counted(plan: Plan) -> str:
    """Return the counts of a plan as a sentence."""
    counts = {pile.value: number for pile, number in plan.counts().items()}
    said = [
        (one if counts[pile] == 1 else many).format(f"{counts[pile]:,}")
        for pile, one, many in _COUNTED
        if counts.get(pile)
    ]
    return ", ".join(said).capitalize() + "." if said else "Nothing is different."


def line_of(entry: Entry, names: dict[int, str]) -> str:
    """Return one entry in words."""
    said = f"{entry.pile.value}: {entry.address}"
    if entry.renamed_from is not None:
        said += f" (beside what is called {entry.renamed_from} now)"
    if entry.reason is not None:
        by = f" by {names.get(entry.by, 'the disk')}" if entry.by is not None and "by" not in entry.reason else ""
        said += f" – {entry.reason.value}{by}"
    if entry.conflicts and entry.conflicts != ("*",):
        said += f" ({', '.join(entry.conflicts)})"
    return said


def _devices(house: House) -> dict[int, str]:
    from appliance.household import devices

    return {each.id: each.label for each in devices.of_every_kind(house.services.ledger.database.connection())}


def _complaints(receipt: Receipt) -> Iterator[str]:
    if receipt.stopped is not None:
        yield f"{receipt.stopped} {receipt.done} steps are done; gotgan undo {receipt.batch_id} --resume goes on."
    elif receipt.refused:
        first = receipt.refused[0]
        more = f" and {len(receipt.refused) - 1:,} more" if len(receipt.refused) > 1 else ""
        yield f"Left as it is: {first.entry.address}{more}. {first.sentence}"


def _as_json(outcome: Outcome, names: dict[int, str], asked: Asked) -> dict[str, Any]:
    plan, receipt = outcome.plan, outcome.receipt
    refused: Sequence[Any] = () if receipt is None else receipt.refused
    return {
        "person": None if outcome.person is None else outcome.person.name,
        "dry_run": asked.dry_run,
        "batch": None if receipt is None else receipt.batch_id,
        "done": 0 if receipt is None else receipt.done,
        "counts": {pile.value: number for pile, number in plan.counts().items()},
        "entries": [
            {
                "pile": entry.pile.value, "kind": entry.kind, "address": entry.address,
                "reason": None if entry.reason is None else entry.reason.value,
                "by_device": entry.by, "by": None if entry.by is None else names.get(entry.by),
                "conflicts": list(entry.conflicts), "renamed_from": entry.renamed_from,
            }
            for entry in plan.entries
            if not entry.passing
        ],
        "refused": [{"address": one.entry.address, "sentence": one.sentence} for one in refused],
        "stopped": None if receipt is None else receipt.stopped,
    }  # fmt: skip
